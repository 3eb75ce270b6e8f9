#!/usr/bin/env bash
# Packs the library and its project template into a folder, of the same version.
#
#   src/pack.sh [FOLDER] [further arguments of 'dotnet pack']
#
# FOLDER is artifacts/packages where none is given. What the packages are called and where they say they come from is set in
# Directory.Build.props, or here: -p:MoCoPackageId=… -p:MoCoRepositoryUrl=… -p:MoCoProjectUrl=… -p:Version=…
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
folder=$root/artifacts/packages
if [ $# -gt 0 ] && [[ $1 != -* ]]; then folder=$1; shift; fi
for project in MoCo MoCo.Templates; do
    dotnet pack "$root/src/$project" -c Release -o "$folder" -v quiet -nologo "$@"
done
for package in "$folder"/*.nupkg; do echo "$package"; done
