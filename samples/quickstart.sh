#!/usr/bin/env bash
# Pretrains a small encoder on Fashion-MNIST without labels; see `bash samples/quickstart.sh --help`.
# Sets up what is missing, builds, and hands over to the sample with all arguments.
set -euo pipefail
# Ctrl-C during the set-up is no failure of it.
trap 'exit 130' INT
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
project="$root/samples/Quickstart"

asks_for_help=false
has_folder=false
previous=""
for argument in "$@"; do
    case "$argument" in
        -h|--help) asks_for_help=true ;;
        -*) ;;
        *) case "$previous" in --minutes|--epochs|--out|--seed|--size|--threads|--resume) ;; *) has_folder=true ;; esac ;;
    esac
    previous="$argument"
done

bash "$root/samples/Shared/setup.sh"
. "$root/samples/Shared/apt.sh"
. "$root/samples/Shared/fashion.sh"
$asks_for_help || $has_folder || bring_fashion_mnist "$root" quickstart

. "$root/samples/Shared/threads.sh"

mkdir -p "$root/artifacts"
if ! dotnet build "$project" -c Release -v quiet --nologo >"$root/artifacts/quickstart-build.log" 2>&1; then
    cat "$root/artifacts/quickstart-build.log" >&2
    echo "quickstart: the build failed (see above)." >&2
    exit 1
fi

# exec: Ctrl-C and SIGTERM reach the sample itself, which saves before it ends.
exec dotnet "$project/bin/Release/net10.0/Quickstart.dll" "$@"
