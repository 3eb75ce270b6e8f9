#!/usr/bin/env bash
# Sets up, builds and runs every test; ends with "N passed, N failed, N skipped".
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
bash samples/Shared/setup.sh
dotnet build MoCo.sln -c Release -v quiet -nologo -clp:NoSummary
results=$(mktemp -d)
trap 'rm -rf "$results"' EXIT
status=0
dotnet test tests/MoCo.Tests -c Release --no-build -v quiet -nologo --logger "trx;LogFileName=tests.trx" --results-directory "$results" "$@" || status=$?
[ -f "$results/tests.trx" ] || { echo "tests/run.sh: the test run left no result" >&2; exit 1; }
counter() { grep -o '<Counters [^>]*' "$results/tests.trx" | grep -o " $1=\"[0-9]*\"" | grep -o '[0-9]*'; }
total=$(counter total); passed=$(counter passed); failed=$(counter failed)
printf '%d passed, %d failed, %d skipped\n' "$passed" "$failed" "$((total - passed - failed))"
exit "$status"
