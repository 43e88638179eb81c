# SPDX-License-Identifier: GPL-2.0
# Compile a small kernel from Debian's source; the result lies where kernel.sh
# would have unpacked a stock one.  Sourced by the fragments of such kernels.
#
# A kernel is known by what it was made from: version, configuration, compiler.
# shellcheck shell=bash

SOURCE_VERSION=6.1
SOURCE_SUITES=(bookworm bookworm-security)

# Where the source is unpacked
kernel_source()
{
	"$QEMU_DIR/source.sh" "$SOURCE_VERSION" "${SOURCE_SUITES[@]}"
}

compile_key()	# SOURCE CONFIG CROSS_COMPILE
{
	{
		head -5 "$1/Makefile"
		cat "$2"
		"$3gcc" -v 2>&1 | tail -1
	} | sha256sum | cut -c1-8
}

# What was asked for and is not there has something missing that it depends on
config_holds()	# FRAGMENT CONFIG
{
	local line bad=0

	while read -r line; do
		grep -qxF -- "$line" "$2" && continue
		say "${1##*/} asks for $line, in vain"
		bad=1
	done < <(grep -E '^CONFIG_[A-Z0-9_]+=[^n]' "$1")
	return $bad
}

# Sets RELEASE.  TARGET is what make calls the image, FILE where it is then; what an
# interrupted compilation has left is used.
compile_kernel()	# NAME FRAGMENT KARCH CROSS_COMPILE TARGET FILE
{
	local name=$1 fragment=$2 target=$5 file=$6 source root build log

	source=$(kernel_source)
	RELEASE=$(make -s --no-print-directory -C "$source" kernelversion)-$name
	RELEASE+=-$(compile_key "$source" "$fragment" "$4")
	root=$CACHE/kernel/$RELEASE
	[ ! -f "$root/ready" ] || return 0

	build=$root/usr/src/linux-headers-$RELEASE
	log=$root/log
	mkdir -p "$build" "$root/boot"
	local make=(nice -n 1 make -C "$source" O="$build" ARCH="$3" CROSS_COMPILE="$4"
		LOCALVERSION="-${RELEASE#*-}")
	say "compiling Linux $RELEASE: some ten minutes (log: $log)"
	{
		"${make[@]}" KCONFIG_ALLCONFIG="$fragment" allnoconfig &&
		config_holds "$fragment" "$build/.config" &&
		"${make[@]}" -j"$(nproc)" "$target" modules &&
		"${make[@]}" INSTALL_MOD_PATH="$root" DEPMOD=true modules_install
	} >"$log" 2>&1 9>&- || { tail -30 "$log" >&2; return 1; }
	cp "$build/$file" "$root/boot/vmlinuz-$RELEASE"
	find "$build" \( -name '*.o' -o -name '*.a' -o -name '.*.o.cmd' -o -name 'vmlinux*' \) \
		! -path '*/scripts/*' ! -path '*/tools/*' -delete
	depmod -b "$root" "$RELEASE"
	touch "$root/ready"
}
