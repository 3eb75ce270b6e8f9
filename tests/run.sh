#!/usr/bin/env bash
# Sets up, builds and runs every test; ends with "N passed, N failed, N skipped".
#
#   tests/run.sh [--no-peers] [further arguments of 'dotnet test']
#
# On Debian, as root, the programs that tests compare with are installed first; --no-peers does without them and lets the
# tests that need them be skipped. Else a skipped test is a failure, unless it is one of these, each with its reason:
may_skip='
MoCo.Tests.Training.FullDiskTests.A_full_disk_stops_training_with_an_error_that_says_so_and_the_old_checkpoint_stands  mounts a tmpfs, which containers may not
MoCo.Tests.Training.FullDiskTests.Told_to_go_on_training_does_and_saves_again_when_there_is_space  mounts a tmpfs
MoCo.Tests.Training.FullDiskTests.A_disk_that_can_only_be_read_is_refused_before_training  mounts a tmpfs
'
# PyTorch and torchvision read and write our files (with OpenBLAS, else their matrix products take minutes), PIL decodes
# images, onnx checks models, Chromium opens reports.
peers=(python3-torch python3-torchvision python3-numpy python3-pil python3-onnx libopenblas0-pthread libturbojpeg0 chromium)

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
    printf 'skipped: %s: %s\n' "$name" "$reason"
    if [ "$with_peers" -eq 1 ] && ! grep -qF "${name%%(*}  " <<<"$may_skip"; then
        echo "tests/run.sh: this test may not be skipped (--no-peers allows it)" >&2
        [ "$status" -ne 0 ] || status=1
    fi
done < <(skipped)

total=$(counter total); passed=$(counter passed); failed=$(counter failed)
printf '%d passed, %d failed, %d skipped\n' "$passed" "$failed" "$((total - passed - failed))"
exit "$status"
