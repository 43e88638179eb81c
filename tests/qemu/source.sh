#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Fetch and unpack a Debian kernel source tree; print where it is.
#
#   usage: source.sh [VERSION [SUITE...]]
#   e.g.   source.sh 6.1                                    checkpatch
#          source.sh 6.12 trixie trixie-security            tools/net/ynl

. "$(dirname "$0")/common.sh"
. "$QEMU_DIR/debs.sh"

version=${1:-$KERNEL}
shift $(($# ? 1 : 0))
[ $# -gt 0 ] || set -- "${SUITES[@]}"
dir=$CACHE/source-$version

lock "source-$version"
if [ ! -f "$dir/.flow41-ready" ]; then
	conf=$("$QEMU_DIR/aptroot.sh" "$(dpkg --print-architecture)" "$@")
	rm -rf "$dir" "$dir.deb"
	unpack "$conf" "$dir.deb" "linux-source-$version" ||
		die "cannot fetch linux-source-$version from $*"
	mkdir -p "$dir"
	tar -xJf "$dir.deb/usr/src/linux-source-$version.tar.xz" -C "$dir" \
		--strip-components=1
	rm -r "$dir.deb"
	touch "$dir/.flow41-ready"
fi
echo "$dir"
