#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Fetch and unpack a stock Debian kernel with its headers, ready to boot and to
# build modules against.  Prints shell assignments:
#
#   RELEASE  as uname -r says     KDIR    what make -C wants
#   IMAGE    what QEMU boots      MODDIR  root with lib/modules/RELEASE below
#
# Once there, a kernel stays; KERNEL_REFRESH=1 looks for a newer one.

. "$(dirname "$0")/common.sh"
. "$QEMU_DIR/debs.sh"

# The payload of a bzImage (Documentation/x86/boot.rst: setup_sects,
# payload_offset, payload_length) is the compressed vmlinux and its length.
extract_vmlinux()	# BZIMAGE VMLINUX
{
	local sects off len skip=$1

	sects=$(od -An -tu1 -j $((0x1f1)) -N1 "$1")
	off=$(od -An -tu4 -j $((0x248)) -N4 "$1")
	len=$(od -An -tu4 -j $((0x24c)) -N4 "$1")
	skip=$(((sects + 1) * 512 + off + 1))
	tail -c +$skip "$1" | head -c $((len - 4)) >"$2.z"
	case $(od -An -tx1 -N4 "$2.z" | tr -d ' ') in
	fd377a58) xz -dc <"$2.z" >"$2" ;;
	28b52ffd) zstd -qdc <"$2.z" >"$2" ;;
	1f8b*) gzip -dc <"$2.z" >"$2" ;;
	*) die "$1: unknown compression" ;;
	esac
	rm "$2.z"
}

# Headers are made to live in /usr: let them live anywhere.
relocate()	# ROOT RELEASE
{
	local hdr=$1/usr/src/linux-headers-$2

	grep -rlE '/usr/(src|lib)/linux-' "$hdr" --include=Makefile \
		--include=.kernelvariables |
		xargs -r sed -Ei "s,(^|[ =])/usr/(src|lib)/linux-,\1$1/usr/\2/linux-,g"
	ln -sfn "../../../usr/src/linux-headers-$2" "$1/lib/modules/$2/build"
	rm -f "$1/lib/modules/$2/source"
}

# Stock modules may come compressed; the guest's loader gets them plain.
plain_modules()	# DIR
{
	find "$1" -name '*.ko.xz' -print0 | xargs -0r -P2 -n64 xz -d
	find "$1" -name '*.ko.zst' -print0 | xargs -0r -P2 -n64 zstd -qd --rm
}

fetch()
{
	local conf image headers common root

	conf=$("$QEMU_DIR/aptroot.sh" "$DEB_ARCH" "${SUITES[@]}")
	image=$(deps_of "$conf" "linux-image-$DEB_FLAVOUR" '^linux-image-[0-9]')
	headers=$(deps_of "$conf" "linux-headers-$DEB_FLAVOUR" '^linux-headers-[0-9]')
	[ -n "$image" ] && [ -n "$headers" ] || return 1
	RELEASE=${image#linux-image-}
	root=$CACHE/kernel/$RELEASE
	[ -f "$root/ready" ] && return

	mapfile -t common < <(deps_of "$conf" "$headers" '^linux-(headers|kbuild)-')
	rm -rf "$root"
	unpack "$conf" "$root" "$image" "$headers" "${common[@]}" || return 1
	relocate "$root" "$RELEASE"
	plain_modules "$root/lib/modules/$RELEASE"
	depmod -b "$root" "$RELEASE"
	[ "$BOOT_IMAGE" != vmlinux ] ||
		extract_vmlinux "$root/boot/vmlinuz-$RELEASE" "$root/vmlinux"
	touch "$root/ready"
}

lock "kernel-$KERNEL-$ARCH"
link=$CACHE/kernel/$KERNEL-$ARCH
if declare -F fetch_kernel >/dev/null; then
	# The fragment knows better: it compiles its own, if it has to
	mkdir -p "$CACHE/kernel"
	fetch_kernel || die "cannot make Linux $KERNEL for $ARCH"
	ln -sfn "$RELEASE" "$link"
elif [ ! -f "$link/ready" ] || [ -n "${KERNEL_REFRESH:-}" ]; then
	mkdir -p "$CACHE/kernel"
	# Lists that are too old name packages that are gone: once more
	fetch || APT_REFRESH=1 fetch || die "cannot fetch Linux $KERNEL for $ARCH"
	ln -sfn "$RELEASE" "$link"
fi

RELEASE=$(readlink "$link")
root=$CACHE/kernel/$RELEASE
image=$root/vmlinux
[ "$BOOT_IMAGE" = vmlinux ] || image=$root/boot/vmlinuz-$RELEASE
printf '%s=%q\n' RELEASE "$RELEASE" KDIR "$root/usr/src/linux-headers-$RELEASE" \
	IMAGE "$image" MODDIR "$root"
