#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Begin to build other guests, with what the machine has to spare; who needs one waits for
# it (make -C tests guest). What they install is installed before.
#
#   usage: ahead.sh SETTING...       e.g. ahead.sh ARCH=mips KERNEL=debug

. "$(dirname "$0")/common.sh"

build()	# SETTING...
{
	local setting

	for setting; do
		env "$setting" make -s -C "$TOP/tests" guest || say "$setting: no guest"
	done
}

for setting; do
	env "$setting" "$QEMU_DIR/deps.sh"
done
mkdir -p "$CACHE"
export -f build say
export TOP
# shellcheck disable=SC2016	# its own
setsid chrt --idle 0 bash -c 'build "$@"' ahead.sh "$@" </dev/null >"$CACHE/ahead.log" 2>&1 &
