#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Build what the guest runs, away from the source tree; print where.
#
#   usage: build.sh [-n]     -n: only say where
#
# Module and tool are copied to the cache and built there, so one checkout can be
# built for several kernels.  OUT/guest is laid over the guest's root.

. "$(dirname "$0")/common.sh"

eval "$("$QEMU_DIR/kernel.sh")"
out=$(build_dir "$RELEASE")
[ "${1:-}" != -n ] || { echo "$out"; exit 0; }

lock "build-${out##*/}"
src=$out/src
guest=$out/guest
mkdir -p "$src"
rm -rf "$guest"
mkdir -p "$guest/usr"

# Sources only; what was built from them stays, and so does its date
copy()	# NAME...
{
	local name from=()

	for name; do
		[ ! -e "$TOP/$name" ] || from+=("$TOP/./$name")
	done
	[ ${#from[@]} -eq 0 ] || rsync -rlptR --delete --filter=':- .gitignore' \
		--exclude='*.o' --exclude='*.d' --exclude='*.o.*' --exclude='*.ko' --exclude='*.mod' \
		--exclude='*.mod.*' --exclude='.*.cmd' --exclude='*.symvers' \
		--exclude='modules.order' --exclude='/userspace/flow41' "${from[@]}" "$src/"
}

quiet()	# LOG COMMAND...: its output only when it fails
{
	local log=$out/$1.log

	shift
	"$@" >"$log" 2>&1 9>&- || { cat "$log" >&2; die "failed: $*"; }
	grep -E 'warning:' "$log" >&2 || :
}

# The kernel's own compiler, where it has one, is for the module only.
kbuild()	# LOG DIR [ARGUMENT...]
{
	local log=$1 dir=$2

	shift 2
	quiet "$log" env PATH="${TOOLS:+$TOOLS:}$PATH" make -C "$KDIR" M="$dir" \
		ARCH="$KARCH" CROSS_COMPILE="${CROSS_COMPILE:-}" \
		"${MAKE_ARGS[@]}" "$@" modules
}

if [ -n "${USERLAND:-}" ]; then
	userland=$("$QEMU_DIR/userland.sh")
	export PKG_CONFIG_SYSROOT_DIR=$userland PKG_CONFIG_ALLOW_SYSTEM_LIBS=1
	export PKG_CONFIG_LIBDIR=$userland/usr/lib/${CROSS_COMPILE%-}/pkgconfig
	export CC=${CROSS_COMPILE}gcc
fi

copy Kbuild Makefile kmod userspace
if [ -f "$TOP/Kbuild" ]; then
	kbuild kmod "$src"
	install -D -m644 "$src/flow41.ko" "$guest/usr/lib/modules/$RELEASE/extra/flow41.ko"
fi
if [ -f "$TOP/kmod/fault.c" ]; then
	rsync -a --delete --exclude='*.o' --exclude='.*.cmd' --exclude='*.ko' --exclude='*.mod*' \
		"$src/Kbuild" "$src/kmod" "$out/faults/"
	kbuild faults "$out/faults" FAULTS=1
	install -D -m644 "$out/faults/flow41.ko" "$guest/usr/lib/flow41-faults/flow41.ko"
fi
tool()
{
	quiet userspace make -C "$src/userspace"
	install -D "$src/userspace/flow41" "$guest/usr/local/sbin/flow41"
}

# Where libmnl is not to be had, a stand-in on libnl-3 (unit/netlink_tool.c)
stand_in()
{
	quiet stand-in unit flow41-nl3
	install -D "$out/unit/flow41-nl3" "$guest/usr/local/sbin/flow41"
}

static=()
pkg_config=pkg-config
if [ -n "${CROSS_STATIC:-}" ]; then
	eval "$("$QEMU_DIR/cross.sh")"
	static=(-static)
	pkg_config="env PKG_CONFIG_LIBDIR=$DEV/lib/pkgconfig pkg-config --static"
fi

unit()	# PROGRAM
{
	make -s -C "$TOP/tests/unit" BUILD="$out/unit" PKG_CONFIG="$pkg_config" \
		CC="${CROSS_COMPILE:-}gcc${static[*]:+ ${static[*]}}" "$1"
}

if [ -n "${CROSS_STATIC:-}" ]; then
	stand_in
elif [ -f "$TOP/userspace/Makefile" ]; then
	tool
fi
program()	# NAME SOURCE...
{
	quiet "$1" "${CROSS_COMPILE:-}gcc" "${static[@]}" -O2 -Wall -Wextra -o "$out/$1" "${@:2}"
	install -D "$out/$1" "$guest/usr/local/bin/$1"
}

unit_program()	# NAME
{
	quiet "$1" unit "$1"
	install -D "$out/unit/$1" "$guest/usr/local/bin/$1"
}

program traffic "$TOP"/tests/net/traffic*.c
program talk "$TOP/tests/net/talk.c"
program hold "$TOP/tests/net/hold.c"
program mroute "$TOP/tests/net/mroute.c"
program sctp "$TOP/tests/net/sctp.c"
program syn41 "$TOP/tests/net/syn41.c"
program replay "$TOP"/tests/diff/*.c
program pppoe "$TOP/tests/net/pppoe.c" "$TOP/tests/diff/ppp.c"
program ppcost "$TOP"/tests/bench/{ppcost,frames}.c
unit_program netlink_policy
unit_program netlink_fail
install -Dt "$guest/tests/net" \
	"$TOP"/tests/bench/{costs,profiled,ppcost,software,flowtable,fast,toll,scale,bulk}.sh \
	"$TOP"/tests/demo/{story,incident,tell}.sh "$TOP/README.md"
install -Dt "$guest/tests/net/openwrt" "$TOP"/openwrt/flow41/files/flow41.{init,config}
"$QEMU_DIR/initramfs.sh" "$out" >/dev/null
echo "$out"
