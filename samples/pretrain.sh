#!/usr/bin/env bash
# Pretrains an encoder on your own images; see `bash samples/pretrain.sh --help`.
# Sets up what is missing, builds, and hands over to the sample with all arguments.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
project="$root/samples/Pretrain"
bash "$root/samples/Shared/setup.sh" >&2
. "$root/samples/Shared/threads.sh"
mkdir -p "$root/artifacts"
if ! dotnet build "$project" -c Release -v quiet --nologo >"$root/artifacts/pretrain-build.log" 2>&1; then
    cat "$root/artifacts/pretrain-build.log" >&2
    echo "pretrain: the build failed (see above)." >&2
    exit 1
fi
# exec: Ctrl-C and SIGTERM reach the sample itself, which saves before it ends.
exec dotnet "$project/bin/Release/net10.0/pretrain.dll" "$@"
