#!/usr/bin/env bash
# Makes the papers' comparisons again on your images; see `bash samples/lab.sh --help`.
# Sets up what is missing, builds, and hands over to the sample with all arguments.
set -euo pipefail
trap 'exit 130' INT
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
project="$root/samples/Lab"
bash "$root/samples/Shared/setup.sh" >&2
. "$root/samples/Shared/apt.sh"
. "$root/samples/Shared/fashion.sh"
case " $* " in *" --data"*|*" --help "*|*" -h "*) ;; *) bring_fashion_mnist "$root" lab ;; esac
. "$root/samples/Shared/threads.sh"
mkdir -p "$root/artifacts"
if ! dotnet build "$project" -c Release -v quiet --nologo >"$root/artifacts/lab-build.log" 2>&1; then
    cat "$root/artifacts/lab-build.log" >&2
    echo "lab: the build failed (see above)." >&2
    exit 1
fi
# exec: Ctrl-C and SIGTERM reach the sample itself, which saves before it ends.
exec dotnet "$project/bin/Release/net10.0/lab.dll" "$@"
