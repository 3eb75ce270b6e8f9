#!/usr/bin/env bash
# Checks for the .NET SDK and brings libturbojpeg, which decodes JPEGs two to three times as fast as the packages do, where apt-get may.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/apt.sh"
command -v dotnet >/dev/null || { echo "setup: the .NET 10 SDK is needed: 'dotnet' is not on PATH." >&2; exit 1; }
# Debian leaves /sbin out of the PATH of users.
if ! PATH="$PATH:/usr/sbin:/sbin" ldconfig -p 2>/dev/null | grep 'libturbojpeg\.so\.0' >/dev/null; then
    install_missing libturbojpeg0 || echo "setup: libturbojpeg0 is not there; JPEGs are decoded without it."
fi
