#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Pack the guest's root file system; print where it is.
#
#   usage: initramfs.sh OUTDIR
#
# Two cpio archives, one after the other: the host's programs and the kernel's
# modules, packed once and kept in the cache; and what changes from run to run:
# /init, the scenarios, whatever lies in OUTDIR/guest (laid out as in the guest).

. "$(dirname "$0")/common.sh"

[ $# = 1 ] || die "usage: initramfs.sh OUTDIR"
out=$1
eval "$("$QEMU_DIR/kernel.sh")"

# Where the guest's programs come from: this machine, or one like the guest
from=
[ -z "${USERLAND:-}" ] || from=$("$QEMU_DIR/userland.sh")

find_program()	# NAME: its path below $from
{
	local dir

	[ -n "$from" ] || { type -P "$1"; return; }
	for dir in /usr/bin /usr/sbin; do
		[ ! -e "$from$dir/$1" ] || { echo "$dir/$1"; return; }
	done
	return 1
}

# Libraries that a program is linked against, the loader among them: their paths
# below $from. What is not for this machine cannot be asked itself.
linked()	# FILE
{
	[ -n "$from" ] || { ldd "$1" 2>/dev/null | grep -oE '/[^ ]+'; return; }
	local todo=("$1") f name lib seen=" "

	while [ ${#todo[@]} -gt 0 ]; do
		f=${todo[0]}
		todo=("${todo[@]:1}")
		while read -r name; do
			[[ $seen != *" $name "* ]] || continue
			seen+="$name "
			for lib in "/usr/lib/${CROSS_COMPILE%-}/$name" "/usr/lib/$name" "$name"; do
				[ -e "$from$lib" ] || continue
				echo "$lib"
				todo+=("$(readlink -f "$from$lib")")
				break
			done
		done < <(LC_ALL=C readelf -ld "$f" 2>/dev/null | sed -nE \
			-e 's/.*\(NEEDED\).*\[(.*)\]/\1/p' -e 's/.*interpreter: (.*)\]/\1/p')
	done
}

pack()	# DIR
{
	(cd "$1" && find . -print0 | LC_ALL=C sort -z |
		cpio -0 -o -H newc -R 0:0 --quiet)
}

# A program under its own name, with what it is linked against
add_program()	# ROOT FILE
{
	local real lib

	real=$(readlink -f "$from$2")
	install -D "$real" "$1$2"
	while read -r lib; do
		[ -e "$1$lib" ] || install -D "$from$lib" "$1$lib"
	done < <(linked "$real" | sort -u)
}

skeleton()	# ROOT
{
	local d

	mkdir -p "$1"/{dev,proc,sys,run,tmp,root,etc,var,usr/{bin,sbin,lib,lib64}}
	for d in bin sbin lib lib64; do
		ln -s "usr/$d" "$1/$d"
	done
	echo 'root:x:0:0:root:/root:/bin/bash' >"$1/etc/passwd"
	echo 'nobody:x:65534:65534:nobody:/:/bin/false' >>"$1/etc/passwd"
	printf 'root:x:0:\nnogroup:x:65534:\n' >"$1/etc/group"
	echo '127.0.0.1 localhost' >"$1/etc/hosts"
	echo 'hosts: files' >"$1/etc/nsswitch.conf"
	ln -s /proc/mounts "$1/etc/mtab"
	cp /etc/protocols /etc/services "$1/etc/" 2>/dev/null || :
	[ ! -d /etc/iproute2 ] || cp -r /etc/iproute2 "$1/etc/"
}

programs()	# ROOT
{
	local name path

	# The fragment may know better: where Debian has no packages
	! declare -F guest_programs >/dev/null || { guest_programs "$1"; return; }
	for name in $(words bin); do
		path=$(find_program "$name") || { say "no program $name"; continue; }
		add_program "$1" "/usr/${path#"${path%/*/*}"/}"
	done
	for name in modprobe insmod rmmod lsmod modinfo depmod; do
		ln -sfn ../bin/kmod "$1/usr/sbin/$name"
	done
	ln -sfn bash "$1/usr/bin/sh"
	ln -sfn gawk "$1/usr/bin/awk"
}

# Modules and, by modules.dep, what they need; all that there are of a kernel that was
# configured for this guest
wanted_modules()	# DIR
{
	if declare -F fetch_kernel >/dev/null; then
		sed 's/:.*//' "$1/modules.dep"
		return
	fi
	words mod | tr _ - | awk '
		function base(p) { sub(/.*\//, "", p); sub(/\.ko$/, "", p); gsub(/_/, "-", p); return p }
		NR == FNR { want[$1]; next }
		{ f = $1; sub(/:$/, "", f)
		  if (base(f) in want) { print f; for (i = 2; i <= NF; i++) print $i } }
	' - "$1/modules.dep" | sort -u
}

modules()	# ROOT
{
	local from=$MODDIR/lib/modules/$RELEASE to=$1/lib/modules/$RELEASE

	mkdir -p "$to"
	wanted_modules "$from" | (cd "$from" && cpio -pdm --quiet "$to")
	cp "$from"/modules.{builtin,builtin.modinfo,order} "$to"
	depmod -b "$1" "$RELEASE"
}

# The base depends on the list, the kernel, and the versions of the programs
base_key()
{
	{
		cat "$QEMU_DIR/guest.list" "$0"
		words bin | while read -r name; do
			path=$(find_program "$name") && stat -Lc '%n %s %Y' "$from$path"
		done
		stat -c '%Y' "$MODDIR/ready"
		[ -z "${CROSS_STATIC:-}" ] || ls "$CACHE/cross/$ARCH"
	} | sha256sum | cut -c1-16
}

lock "initramfs-$KERNEL-$ARCH"
base=$CACHE/initramfs/$RELEASE-$(base_key)
if [ ! -f "$base.cpio" ]; then
	say "packing the guest's programs"
	rm -rf "$CACHE/initramfs/$RELEASE"-*
	mkdir -p "$base"
	skeleton "$base"
	programs "$base"
	modules "$base"
	pack "$base" >"$base.tmp"
	mv "$base.tmp" "$base.cpio"
fi

# Libraries that what was put in needs and the base has not got
libraries()	# SMALL
{
	local f lib

	[ -d "$1/usr" ] || return 0
	find "$1/usr" -type f -perm /111 | while read -r f; do
		linked "$f" || :
	done | sort -u | while read -r lib; do
		[ -e "$base$lib" ] || install -D "$from$lib" "$1/usr/${lib#/usr/}"
	done
}

# Modules of our own are found by modprobe only if depmod has seen all of them
own_modules()	# SMALL
{
	local own=$1/usr/lib/modules/$RELEASE all=$out/depmod.d

	[ -d "$own" ] || return 0
	rm -rf "$all"
	mkdir -p "$all/lib/modules"
	cp -r "$base/lib/modules/$RELEASE" "$all/lib/modules/"
	cp -r "$own/." "$all/lib/modules/$RELEASE/"
	depmod -b "$all" "$RELEASE"
	cp "$all/lib/modules/$RELEASE"/modules.* "$own/"
	rm -r "$all"
}

small=$out/initramfs.d
rm -rf "$small"
mkdir -p "$small/tests" "$out/guest"
install "$QEMU_DIR/init" "$small/init"
cp -r "$TOP/tests/net" "$small/tests/net"
cp -r "$out/guest/." "$small/"
libraries "$small"
own_modules "$small"
{
	cat "$base.cpio"
	pack "$small"
} >"$out/initramfs.tmp"
mv "$out/initramfs.tmp" "$out/initramfs.cpio"
echo "$out/initramfs.cpio"
