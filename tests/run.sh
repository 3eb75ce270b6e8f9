#!/usr/bin/env bash
# Sets up, builds and runs every test; ends with "N passed, N failed, N skipped".
#
#   tests/run.sh [--no-peers] [further arguments of 'dotnet test']
#
# On Debian, as root, the programs that tests compare with are installed first; --no-peers does without them and lets the
# tests that need them be skipped. Else a skipped test is a failure, unless its reason begins like one of these: it mounts a disk of
# its own to fill, which containers may not; it runs on a GPU.
may_skip='^(no rights to |no GPU )'
# PyTorch and torchvision read and write our files (with OpenBLAS, else their matrix products take minutes), PIL decodes
# images, onnx checks models, Chromium opens reports, Open MPI and MPICH start ranks.
peers=(python3-torch python3-torchvision python3-numpy python3-pil python3-onnx libopenblas0-pthread libturbojpeg0 chromium
    openmpi-bin libopenmpi3 mpich libmpich12)

set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
. samples/Shared/apt.sh

with_peers=1
arguments=()
for argument in "$@"; do
    if [ "$argument" = --no-peers ]; then with_peers=0; else arguments+=("$argument"); fi
done
if [ "$with_peers" -eq 1 ]; then install_missing "${peers[@]}" || echo "tests/run.sh: not every peer could be installed (as root on Debian they are): ${peers[*]}" >&2; fi

# The tests' networks are too small to share among threads, whose barriers cost minutes where a neighbour has a core.
export OMP_NUM_THREADS="${OMP_NUM_THREADS:-1}"

bash samples/Shared/setup.sh
dotnet build MoCo.sln -c Release -v quiet -nologo -clp:NoSummary
results=$(mktemp -d)
trap 'rm -rf "$results"' EXIT
status=0
dotnet test tests/MoCo.Tests -c Release --no-build -v quiet -nologo --logger "trx;LogFileName=tests.trx" --results-directory "$results" "${arguments[@]}" || status=$?
trx=$results/tests.trx
[ -f "$trx" ] || { echo "tests/run.sh: the test run left no result" >&2; exit 1; }

counter() { grep -o '<Counters [^>]*' "$trx" | grep -o " $1=\"[0-9]*\"" | grep -o '[0-9]*'; }

# A line "name<tab>reason" for each skipped test.
skipped() {
    awk -v RS='<UnitTestResult ' '
        NR > 1 && /^[^>]* outcome="NotExecuted"/ {
            name = reason = $0
            sub(/.*[ \n]testName="/, "", name); sub(/".*/, "", name)
            if (sub(/.*<Message>/, "", reason)) sub(/<\/Message>.*/, "", reason); else reason = "no reason given"
            print name "\t" reason
        }' "$trx" | sed "s/&quot;/\"/g; s/&lt;/</g; s/&gt;/>/g; s/&apos;/'/g; s/&amp;/\&/g"
}

while IFS=$'\t' read -r name reason; do
    if [[ $reason != "no GPU "* ]]; then printf 'skipped: %s: %s\n' "$name" "$reason"; fi
    if [ "$with_peers" -eq 1 ] && [[ ! $reason =~ $may_skip ]]; then
        echo "tests/run.sh: this test may not be skipped (--no-peers allows it)" >&2
        [ "$status" -ne 0 ] || status=1
    fi
done < <(skipped)

total=$(counter total); passed=$(counter passed); failed=$(counter failed)
printf '%d passed, %d failed, %d skipped\n' "$passed" "$failed" "$((total - passed - failed))"
exit "$status"
