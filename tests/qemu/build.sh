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

copy Kbuild Makefile kmod userspace
if [ -f "$TOP/Kbuild" ]; then
	quiet kmod make -C "$KDIR" M="$src" "${MAKE_ARGS[@]}" modules
	install -D -m644 "$src/flow41.ko" "$guest/usr/lib/modules/$RELEASE/extra/flow41.ko"
fi
if [ -f "$TOP/kmod/fault.c" ]; then
	rsync -a --delete --exclude='*.o' --exclude='.*.cmd' --exclude='*.ko' --exclude='*.mod*' \
		"$src/Kbuild" "$src/kmod" "$out/faults/"
	quiet faults make -C "$KDIR" M="$out/faults" "${MAKE_ARGS[@]}" FAULTS=1 modules
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
quiet bench "${CROSS_COMPILE:-}gcc" -O2 -Wall -Wextra -o "$out/ppcost" "$TOP"/tests/bench/{ppcost,frames}.c
install -D "$out/ppcost" "$guest/usr/local/bin/ppcost"
install -Dt "$guest/tests/net" \
	"$TOP"/tests/bench/{costs,profiled,ppcost,software,flowtable,fast,toll,scale,bulk}.sh "$TOP"/tests/demo/{story,incident,tell}.sh "$TOP/README.md"
"$QEMU_DIR/initramfs.sh" "$out" >/dev/null
echo "$out"
