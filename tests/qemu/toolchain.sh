#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The compiler of a newer Debian, which wants a newer C library than this machine
# has: unpacked with it, and told to use that one. Prints the folder for PATH.
#
#   usage: toolchain.sh [DIR...]    the programs below DIR are told so, too

. "$(dirname "$0")/common.sh"
. "$QEMU_DIR/debs.sh"

[ -n "${TOOLCHAIN:-}" ] || die "Linux $KERNEL has no toolchain of its own"
dir=$CACHE/toolchain/$TOOLCHAIN
triplet=$(dpkg-architecture -qDEB_HOST_GNU_TYPE)
loader=$dir/usr/lib64/ld-linux-x86-64.so.2

# Programs and shared libraries have the new loader, or look for the new libraries
relocate()	# DIR...
{
	find "$@" -type f \( -perm /111 -o -name '*.so*' \) -print0 |
		xargs -0r grep -lzP '\A\x7fELF' 2>/dev/null | while read -r f; do
		readelf -l "$f" | grep -q 'interpreter: /lib' || continue
		patchelf --set-interpreter "$loader" --force-rpath \
			--set-rpath "$dir/usr/lib/$triplet" "$f"
	done
}

lock "toolchain-$TOOLCHAIN"
if [ ! -f "$dir/ready" ]; then
	conf=$("$QEMU_DIR/aptroot.sh" "$(dpkg --print-architecture)" "${SUITES[@]}")
	mapfile -t packages < <(closure "$conf" "$TOOLCHAIN" binutils pahole \
		libelf1t64 libssl3t64 zlib1g libzstd1)
	rm -rf "$dir"
	unpack "$conf" "$dir" "${packages[@]}" || die "cannot fetch $TOOLCHAIN"
	relocate "$dir/usr"
	touch "$dir/ready"
fi
[ $# -eq 0 ] || relocate "$@"
echo "$dir/usr/bin"
