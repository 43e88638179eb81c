#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Build the Debian packages from the files that git knows, and leave them in DIR.
# What that needs is installed with apt.
#
#   usage: deb.sh DIR
set -euo pipefail

out=$(realpath -m "${1:?usage: deb.sh DIR}")
cd "$(dirname "$0")/../.."
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

install_build_depends()
{
	local sudo=

	[ "$(id -u)" = 0 ] || sudo=sudo
	$sudo apt-get -qq update
	$sudo env DEBIAN_FRONTEND=noninteractive apt-get -qq -y --no-install-recommends \
		-o Dpkg::Use-Pty=0 -o DPkg::Lock::Timeout=600 build-dep . >/dev/null
}

command -v dpkg-buildpackage >/dev/null || {
	echo "deb.sh: dpkg-buildpackage is missing: install dpkg-dev" >&2
	exit 1
}
dpkg-checkbuilddeps 2>/dev/null || install_build_depends

mkdir -p "$work/flow41" "$out"
git ls-files -z | xargs -0 cp --parents -t "$work/flow41"
cd "$work/flow41"
# Not what the caller's make was told: CFLAGS and the like are dpkg's business
env -u MAKEFLAGS -u MAKEOVERRIDES -u MFLAGS -u DESTDIR -u PREFIX \
	dpkg-buildpackage -us -uc >"$work/log" 2>&1 || { tail -40 "$work/log" >&2; exit 1; }
mv "$work"/flow41*_* "$out"
ls "$out"/*.deb
