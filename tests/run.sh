#!/usr/bin/env bash
# Sets up, builds and runs every test; ends with "N passed, N failed, N skipped".
#
#   tests/run.sh [--no-peers] [--filter EXPRESSION of 'dotnet test'] [further arguments of xUnit's own runner]
#
# On Debian, as root, the programs that tests compare with are installed first; --no-peers does without them and lets the
# tests that need them be skipped. Else a skipped test is a failure, unless its reason begins like one of these: it mounts a disk of
# its own to fill, which containers may not; it runs on a GPU, or only without one, or is of code for AVX-512.
may_skip='^(no rights to |no GPU |a GPU is there|no AVX-512 )'
# PyTorch and torchvision read and write our files (with OpenBLAS, else their matrix products take minutes), PIL decodes
# images, onnx checks models, Chromium opens reports, Open MPI and MPICH start ranks.
peers=(python3-torch python3-torchvision python3-numpy python3-pil python3-onnx libopenblas0-pthread libturbojpeg0 chromium
    openmpi-bin libopenmpi3 mpich libmpich12)

set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
. samples/Shared/apt.sh

with_peers=1
only=
arguments=()
while [ $# -gt 0 ]; do
    case $1 in
        --no-peers) with_peers=0 ;;
        --filter) only="&($2)"; shift ;;
        *) arguments+=("$1") ;;
    esac
    shift
done
if [ "$with_peers" -eq 1 ]; then install_missing "${peers[@]}" || echo "tests/run.sh: not every peer could be installed (as root on Debian they are): ${peers[*]}" >&2; fi

# The tests' networks are too small to share among threads, whose barriers cost minutes where a neighbour has a core.
export OMP_NUM_THREADS="${OMP_NUM_THREADS:-1}"
# Profiles of running code (PGO) cost processes that live for seconds more than they gain.
export DOTNET_TieredPGO="${DOTNET_TieredPGO:-0}"

bash samples/Shared/setup.sh
dotnet build MoCo.sln -c Release -v quiet -nologo -clp:NoSummary
bash tests/ahead.sh || echo "tests/run.sh: programs could not be compiled ahead and start a little slower" >&2
results=$(mktemp -d)
# A program that a test calls in its own process may take SIGTERM for itself.
end() {
    local groups
    mapfile -t groups < <(jobs -p | sed s/^/-/)
    if [ ${#groups[@]} -gt 0 ]; then { kill -- "${groups[@]}"; sleep 1; kill -KILL -- "${groups[@]}"; } 2> /dev/null || true; fi
    rm -rf "$results"
}
trap end EXIT

# Tests watch what belongs to a whole process (live tensors, memory, the working folder) and run one after the other in it, and many
# wait for programs: four processes share them, for two cores.
ranks=(.Distributed. .ManyProcesses .JobScript .BannedSymbols)
files=(.Encoders. .Imaging. .Interop. .Packaging. .Tensors.)
programs=(.Samples. MoCo.Tests.Data. .MemoryPlanTests. .Reporting.)
any() { printf '|FullyQualifiedName~%s' "$@" | cut -c 2-; }
none() { printf '&FullyQualifiedName!~%s' "$@" | cut -c 2-; }

# Tests send SIGINT to programs, and what a shell that is itself in the background starts ignores it.
listening=()
if env --default-signal=INT true 2> /dev/null; then listening=(env --default-signal=INT); fi

# By xUnit's own runner, which costs each part six seconds less of a core than 'dotnet test'. What else programs say is no news.
part() {
    local begun=$SECONDS code=0
    "${listening[@]}" dotnet tests/MoCo.Tests/bin/Release/net10.0/MoCo.Tests.dll -noLogo -noColor -reporter quiet \
        -filterVSTest "($2)$only" -result-trx "$results/$1.trx" "${arguments[@]}" 2> "$results/$1.errors" \
        | sed -u -n '/ \[FAIL\]$/p' || code=$?
    if [ ! -f "$results/$1.trx" ]; then
        cat "$results/$1.errors" >&2
        echo "tests/run.sh: the part '$1' of the tests ended before its last" >&2
    fi
    echo "$1: $((SECONDS - begun)) s"
    return "$code"
}

status=0
set -m # jobs would ignore SIGINT, and so would the programs that tests send it
part ranks "$(any "${ranks[@]}")" &
part files "($(any "${files[@]}"))&$(none "${ranks[@]}")" &
part programs "($(any "${programs[@]}"))&$(none "${ranks[@]}" "${files[@]}")" &
part library "$(none "${ranks[@]}" "${files[@]}" "${programs[@]}")" &
for job in $(jobs -p); do wait "$job" || status=$?; done
set +m
found=("$results"/*.trx)
[ -f "${found[0]}" ] || exit 1

counter() {
    cat "${found[@]}" | grep -o '<Counters [^>]*' | grep -o " $1=\"[0-9]*\"" | grep -o '[0-9]*' | awk '{ sum += $1 } END { print sum + 0 }'
}

# A line "name<tab>message" for each test that ended so, the message behind an element's name, and lines of where it failed.
ended() {
    awk -v RS='<UnitTestResult ' -v outcome="outcome=\"$1\"" -v before="$2" '
        FNR > 1 {
            name = substr($0, 1, index($0, ">"))
            if (!index(name, outcome)) next
            sub(/.*testName="/, "", name); sub(/".*/, "", name)
            start = index($0, before)
            message = trace = start ? substr($0, start + length(before)) : "no reason given"
            sub(/<\/.*/, "", message)
            gsub(/\r?\n|&#xD;|&#xA;/, " | ", message)
            print name "\t" message
            if (sub(/.*<StackTrace>/, "", trace)) { sub(/<\/.*/, "", trace); print trace }
        }' "${found[@]}" | sed "s/&quot;/\"/g; s/&lt;/</g; s/&gt;/>/g; s/&apos;/'/g; s/&amp;/\&/g"
}

while IFS=$'\t' read -r name reason; do
    if [[ $reason != "no GPU "* ]]; then printf 'skipped: %s: %s\n' "$name" "$reason"; fi
    if [ "$with_peers" -eq 1 ] && [[ ! $reason =~ $may_skip ]]; then
        echo "tests/run.sh: this test may not be skipped (--no-peers allows it)" >&2
        [ "$status" -ne 0 ] || status=1
    fi
done < <(ended NotExecuted '<StdOut>')
ended Failed '<ErrorInfo><Message>' | sed $'/\t/ { s/^/failed: /; s/\t/: / }'

total=$(counter total); passed=$(counter passed); failed=$(counter failed)
printf '%d passed, %d failed, %d skipped\n' "$passed" "$failed" "$((total - passed - failed))"
exit "$status"
