#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Fetch and unpack a stock Debian kernel with its headers, ready to boot and to
# build modules against.  Prints shell assignments:
#
#   RELEASE  as uname -r says     KDIR    what make -C wants
#   IMAGE    what QEMU boots      MODDIR  root with lib/modules/RELEASE below
#   TOOLS    the kernel's own compiler, for PATH, where it is not this machine's
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

vmlinuz()	# ROOT RELEASE
{
	local f=$1/boot/vmlinuz-$2

	[ -f "$f" ] || f=$1/usr/lib/modules/$2/vmlinuz
	echo "$f"
}

# Stock modules may come compressed; the guest's loader gets them plain.
plain_modules()	# DIR
{
	find "$1" -name '*.ko.xz' -print0 | xargs -0r -P2 -n64 xz -d
	find "$1" -name '*.ko.zst' -print0 | xargs -0r -P2 -n64 zstd -qd --rm
}

# Packages of the kernel, with their names' endings changing from suite to suite:
# what the two meta packages depend on, as far as it is called linux-something.
packages()	# CONF
{
	local todo=("linux-image-$DEB_FLAVOUR" "linux-headers-$DEB_FLAVOUR") next

	while [ ${#todo[@]} -gt 0 ]; do
		next=$(deps_of "$1" "${todo[0]}" '^linux-(base|image|headers|binary|modules|kbuild)-' |
			grep -v -e '-unsigned$' || :)
		todo=("${todo[@]:1}")
		[ -z "$next" ] || mapfile -t -O ${#todo[@]} todo <<<"$next"
		[ -z "$next" ] || echo "$next"
	done | grep '[0-9]' | sort -u
}

# For a machine that builds for another one, the build tools are its own.
kbuild()	# ROOT PACKAGE
{
	local host

	[ -n "$2" ] || return 0
	host=$(dpkg --print-architecture)
	[ "$host" != "$DEB_ARCH" ] || return 0
	unpack "$("$QEMU_DIR/aptroot.sh" "$host" "${SUITES[@]}")" "$1" "$2"
}

fetch()
{
	local conf root all tools

	conf=$("$QEMU_DIR/aptroot.sh" "$DEB_ARCH" "${SUITES[@]}")
	all=$(packages "$conf")
	RELEASE=$(sed -n "s/^linux-headers-\([0-9].*-$DEB_FLAVOUR\)$/\1/p" <<<"$all")
	[ -n "$RELEASE" ] || return 1
	root=$CACHE/kernel/$RELEASE
	[ -f "$root/ready" ] && return

	tools=$(grep '^linux-kbuild-' <<<"$all" || :)
	rm -rf "$root"
	# shellcheck disable=SC2086
	unpack "$conf" "$root" $all || return 1
	kbuild "$root" "$tools" || return 1
	relocate "$root" "$RELEASE"
	[ -z "${TOOLCHAIN:-}" ] ||
		"$QEMU_DIR/toolchain.sh" "$root/usr/lib" >/dev/null || return 1
	plain_modules "$root/lib/modules/$RELEASE"
	depmod -b "$root" "$RELEASE"
	[ "$BOOT_IMAGE" != vmlinux ] ||
		extract_vmlinux "$(vmlinuz "$root" "$RELEASE")" "$root/vmlinux"
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
[ "$BOOT_IMAGE" = vmlinux ] || image=$(vmlinuz "$root" "$RELEASE")
tools=
[ -z "${TOOLCHAIN:-}" ] || tools=$("$QEMU_DIR/toolchain.sh")
printf '%s=%q\n' TOOLS "$tools" RELEASE "$RELEASE" KDIR "$root/usr/src/linux-headers-$RELEASE" \
	IMAGE "$image" MODDIR "$root"
