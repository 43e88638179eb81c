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
if [ -f "$TOP/userspace/Makefile" ]; then
	quiet userspace make -C "$src/userspace"
	install -D "$src/userspace/flow41" "$guest/usr/local/sbin/flow41"
fi
quiet traffic "${CROSS_COMPILE:-}gcc" -O2 -Wall -Wextra -o "$out/traffic" \
	"$TOP"/tests/net/traffic*.c
install -D "$out/traffic" "$guest/usr/local/bin/traffic"
quiet talk "${CROSS_COMPILE:-}gcc" -O2 -Wall -Wextra -o "$out/talk" "$TOP/tests/net/talk.c"
install -D "$out/talk" "$guest/usr/local/bin/talk"
quiet policy make -s -C "$TOP/tests/unit" BUILD="$out/unit" CC="${CROSS_COMPILE:-}gcc" netlink_policy
install -D "$out/unit/netlink_policy" "$guest/usr/local/bin/netlink_policy"
quiet replay "${CROSS_COMPILE:-}gcc" -O2 -Wall -Wextra -o "$out/replay" "$TOP"/tests/diff/*.c
install -D "$out/replay" "$guest/usr/local/bin/replay"
quiet bench "${CROSS_COMPILE:-}gcc" -O2 -Wall -Wextra -o "$out/ppcost" "$TOP/tests/bench/ppcost.c"
install -D "$out/ppcost" "$guest/usr/local/bin/ppcost"
install -Dt "$guest/tests/net" \
	"$TOP/tests/bench/ppcost.sh" "$TOP"/tests/demo/{story,incident,tell}.sh "$TOP/README.md"
"$QEMU_DIR/initramfs.sh" "$out" >/dev/null
echo "$out"
