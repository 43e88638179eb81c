#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# How much memory the module's code takes, and all that is loaded of it, in bytes:
#
#	usage: sizes.sh [FLOW41.KO...]     all that this checkout was built for, by default
#	       sizes.sh -f FLOW41.KO [N]   its N largest functions

. "$(dirname "$0")/../qemu/common.sh"

# Sections that are loaded (A), those of them that are code (X), and of that what is gone
# once the module is up
sections()	# FILE
{
	LC_ALL=C readelf -SW "$1" | sed -nE 's/^ *\[ *[0-9]+\] //p' | awk '
		$7 !~ /A/ { next }
		{ size = strtonum("0x" $5); all += size }
		$7 ~ /X/ { if ($1 ~ /^\.init/) once += size; else code += size }
		$1 ~ /^\.rodata/ { constant += size }
		END { printf "%7d %7d %7d %7d", code, once, constant, all }'
}

if [ "${1:-}" = -f ]; then
	LC_ALL=C readelf -sW "$2" | awk '$4 == "FUNC" && $3 > 0 { printf "%7d %s\n", $3, $8 }' |
		sort -rn | head -"${3:-25}"
	exit
fi
if [ $# -eq 0 ]; then
	shopt -s nullglob
	set -- "$(build_dir '*')"
	# shellcheck disable=SC2048,SC2086	# a pattern
	set -- $*/src/flow41.ko
	[ $# -gt 0 ] || die "nothing was built: make -C tests guest, with ARCH and KERNEL"
fi
printf '%7s %7s %7s %7s  %s\n' code init rodata loaded module
for ko; do
	echo "$(sections "$ko")  $(modinfo -F vermagic "$ko" | cut -d' ' -f1)" \
		"$(LC_ALL=C readelf -h "$ko" | sed -nE 's/^ *Machine: *//p')"
done
