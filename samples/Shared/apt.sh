# Sourced by the set-up scripts: Debian packages, where this machine has apt-get and lets us use it.

# install_missing PACKAGE…: brings the packages that are absent, by one quiet apt-get call; its log is shown if it fails.
# Fails too, and says nothing, where there is no apt-get or no right to use it.
install_missing() {
    local package log sudo=""
    local missing=()
    command -v apt-get >/dev/null && command -v dpkg-query >/dev/null || return 1
    for package in "$@"; do
        [ "$(dpkg-query -W -f '${db:Status-Abbrev}' "$package" 2>/dev/null)" = "ii " ] || missing+=("$package")
    done
    [ "${#missing[@]}" -gt 0 ] || return 0
    # A user's own sudo, where it asks for no password.
    if [ "$(id -u)" -ne 0 ]; then sudo="sudo -n"; $sudo true 2>/dev/null || return 1; fi
    echo "setup: installing ${missing[*]}"
    log=$(mktemp)
    if { $sudo apt-get update -qq && $sudo env DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=300 install -y -qq --no-install-recommends "${missing[@]}"; } >"$log" 2>&1; then
        rm -f "$log"
    else
        cat "$log" >&2
        rm -f "$log"
        return 1
    fi
}
