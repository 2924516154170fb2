#!/bin/sh
# Sees to it that each program named is there: by Debian's packages as root, else by saying what to install.
# CHROMIUM may name another browser.
set -eu

package_of() { # prints the Debian package of a program, or nothing where the program is there
    case $1 in
    chromium-headless-shell)
        command -v "${CHROMIUM:-chromium-headless-shell}" >/dev/null || echo chromium-headless-shell ;;
    redis-server)
        command -v redis-server >/dev/null || echo redis-server ;;
    haproxy | caddy | debootstrap)
        PATH=$PATH:/usr/sbin command -v "$1" >/dev/null || echo "$1" ;;
    nginx)
        PATH=$PATH:/usr/sbin command -v nginx >/dev/null || echo nginx-light ;;
    postgresql)
        # Debian keeps its programs out of the PATH.
        ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || echo postgresql ;;
    java)
        command -v java >/dev/null || echo default-jre-headless ;;
    npm)
        # Others' Node.js has npm with it; Debian's has not, and npm brings it.
        command -v npm >/dev/null || echo npm ;;
    esac
}

missing=
for program in "$@"; do
    missing="$missing $(package_of "$program")"
done
missing=$(echo $missing) # trims it
[ -n "$missing" ] || exit 0

if [ "$(id -u)" -eq 0 ] && command -v apt-get >/dev/null; then
    echo "Installing $missing" >&2
    export DEBIAN_FRONTEND=noninteractive
    apt-get -qq -o DPkg::Lock::Timeout=120 update >/dev/null || true
    # Debian would start a server of each for all of the machine; the tests start their own.
    RUNLEVEL=1 apt-get -qq -o DPkg::Lock::Timeout=120 install --yes --no-install-recommends $missing >/dev/null
else
    echo "Missing: $missing; run: sudo apt-get install $missing" >&2
    exit 1
fi
