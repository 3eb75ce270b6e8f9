#!/usr/bin/env bash
# Decides once per checkout whether the package feed has TorchSharp, and prepares the stand-in where it has not.
# Safe to run again; prints one line. LIBTORCH=/path builds the shim against another libtorch;
# STANDINS=1 or STANDINS=0 decides without asking the feed.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../.." && pwd)
decision="$root/.standins.props"
shim="$here/TorchSharp/native"

fail() { printf 'setup: %s\n' "$*" >&2; exit 1; }

command -v dotnet >/dev/null || fail "the .NET 10 SDK is needed: 'dotnet' is not on PATH."

# Asks the feed by restoring a project that wants nothing but TorchSharp.
feed_has_torchsharp() {
    local version probe log
    version=$(sed -n 's/.*Include="TorchSharp" Version="\([^"]*\)".*/\1/p' "$root/Directory.Packages.props")
    probe=$(mktemp -d)
    cat >"$probe/probe.csproj" <<EOF
<Project Sdk="Microsoft.NET.Sdk">
  <PropertyGroup><TargetFramework>net10.0</TargetFramework></PropertyGroup>
  <ItemGroup><PackageReference Include="TorchSharp" Version="$version" /></ItemGroup>
</Project>
EOF
    # the checkout's own package sources decide, if it has any
    for config in NuGet.Config nuget.config NuGet.config; do
        [ -f "$root/$config" ] && cp "$root/$config" "$probe/"
    done
    if log=$(dotnet restore "$probe/probe.csproj" 2>&1); then rm -rf "$probe"; return 0; fi
    rm -rf "$probe"
    case "$log" in
        *NU1101*|*NU1102*|*NU1103*) return 1 ;;
        *) printf '%s\n' "$log" >&2; fail "the package feed could not be asked for TorchSharp (see above); set STANDINS=1 or STANDINS=0 to decide without it." ;;
    esac
}

use_stand_ins() {
    case "${STANDINS:-}" in
        1) return 0 ;;
        0) return 1 ;;
        "") ;;
        *) fail "STANDINS is '$STANDINS'; expected 1, 0 or nothing." ;;
    esac
    if [ -f "$decision" ]; then grep -q '<UseStandIns>true' "$decision"; return; fi
    ! feed_has_torchsharp
}

write_decision() {
    printf '<Project>\n  <PropertyGroup><UseStandIns>%s</UseStandIns></PropertyGroup>\n</Project>\n' "$1" >"$decision.new"
    if cmp -s "$decision.new" "$decision"; then rm "$decision.new"; else mv "$decision.new" "$decision"; fi
}

# Installs the Debian packages given that are missing.
install() {
    local missing=() package
    for package in "$@"; do
        dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q 'install ok installed' || missing+=("$package")
    done
    [ ${#missing[@]} -eq 0 ] && return
    command -v apt-get >/dev/null || fail "these are needed and this system has no apt-get to install them: ${missing[*]}"
    local sudo=""
    [ "$(id -u)" -eq 0 ] || sudo="sudo"
    printf 'setup: installing %s\n' "${missing[*]}"
    { $sudo apt-get update -qq && DEBIAN_FRONTEND=noninteractive $sudo apt-get install -y -qq --no-install-recommends "${missing[@]}"; } >/dev/null 2>"$here/.apt.log" \
        || { cat "$here/.apt.log" >&2; rm -f "$here/.apt.log"; fail "apt-get could not install: ${missing[*]}"; }
    rm -f "$here/.apt.log"
}

build_shim() {
    local log="$shim/build/build.log"
    mkdir -p "$shim/build"
    { cmake -S "$shim" -B "$shim/build" -DCMAKE_BUILD_TYPE=Release -DLIBTORCH="${LIBTORCH:-}" \
        && cmake --build "$shim/build" --parallel; } >"$log" 2>&1 || { tail -40 "$log" >&2; fail "the TorchSharp stand-in's native part did not build."; }
}

if use_stand_ins; then
    if [ -n "${LIBTORCH:-}" ]; then install g++ cmake make; else install g++ cmake make libtorch-dev libopenblas0-pthread; fi
    build_shim
    write_decision true
    printf 'setup: the package feed has no TorchSharp; using the stand-in over libtorch %s.\n' "$(cat "$shim/build/libtorch-version" 2>/dev/null || echo '(unknown)')"
else
    write_decision false
    printf 'setup: using the TorchSharp package.\n'
fi
