#!/usr/bin/env bash
# Decides once per checkout whether the package feed has TorchSharp and ImageSharp, and prepares the stand-ins where it has not.
# Safe to run again; prints one line. LIBTORCH=/path builds TorchSharp's shim against another libtorch;
# STANDINS=1 or STANDINS=0 decides without asking the feed.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../.." && pwd)
decision="$root/.standins.props"
torch_shim="$here/TorchSharp/native"
image_shim="$here/ImageSharp/native"

fail() { printf 'setup: %s\n' "$*" >&2; exit 1; }

command -v dotnet >/dev/null || fail "the .NET 10 SDK is needed: 'dotnet' is not on PATH."

version_of() { sed -n "s/.*Include=\"$1\" Version=\"\([^\"]*\)\".*/\1/p" "$root/Directory.Packages.props"; }

# Asks the feed by restoring a project that wants nothing but the two; both must be there.
feed_has_packages() {
    local probe log
    probe=$(mktemp -d)
    cat >"$probe/probe.csproj" <<EOF
<Project Sdk="Microsoft.NET.Sdk">
  <PropertyGroup><TargetFramework>net10.0</TargetFramework></PropertyGroup>
  <ItemGroup>
    <PackageReference Include="TorchSharp" Version="$(version_of TorchSharp)" />
    <PackageReference Include="SixLabors.ImageSharp" Version="$(version_of SixLabors.ImageSharp)" />
  </ItemGroup>
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
        *) printf '%s\n' "$log" >&2; fail "the package feed could not be asked for TorchSharp and ImageSharp (see above); set STANDINS=1 or STANDINS=0 to decide without it." ;;
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
    ! feed_has_packages
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

# build_shim <folder> <what it is part of> <options for CMake>
build_shim() {
    local shim=$1 of=$2 log="$1/build/build.log"
    shift 2
    mkdir -p "$shim/build"
    { cmake -S "$shim" -B "$shim/build" -DCMAKE_BUILD_TYPE=Release "$@" \
        && cmake --build "$shim/build" --parallel; } >"$log" 2>&1 || { tail -40 "$log" >&2; fail "the $of stand-in's native part did not build."; }
}

if use_stand_ins; then
    install g++ cmake make libjpeg62-turbo-dev libturbojpeg0 libspng-dev libwebp-dev libtiff-dev libgif-dev
    if [ -z "${LIBTORCH:-}" ]; then install libtorch-dev libopenblas0-pthread; fi
    build_shim "$torch_shim" TorchSharp -DLIBTORCH="${LIBTORCH:-}"
    build_shim "$image_shim" ImageSharp
    write_decision true
    printf 'setup: the package feed lacks TorchSharp or ImageSharp; using the stand-ins over libtorch %s and the image codecs of the system.\n' "$(cat "$torch_shim/build/libtorch-version" 2>/dev/null || echo '(unknown)')"
else
    write_decision false
    printf 'setup: using the TorchSharp and ImageSharp packages.\n'
fi
