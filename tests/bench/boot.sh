# SPDX-License-Identifier: GPL-2.0
# Boot a guest whose clock counts instructions. Sourced, on the host.
#
# With "shift=0" one guest instruction is one nanosecond of guest time. It has to be
# QEMU's own emulation and one CPU. malta calibrates against its RTC, and does not
# boot with so short an instruction: there it is 8 ns long.
# shellcheck shell=bash

BENCH=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
out=$("$BENCH/../qemu/build.sh" -n)

case ${ARCH:-x86_64} in
mips)
	ICOUNT="-icount shift=3 -rtc clock=vm,base=2026-01-01"
	NS_PER_INSTRUCTION=8
	COUNTING=
	;;
*)
	ICOUNT="-icount shift=0,sleep=off"
	NS_PER_INSTRUCTION=1
	COUNTING="tsc=reliable mitigations=off nokaslr"
	;;
esac

# counted LOG SCENARIO...: what the guest says goes to LOG, and to stderr if it fails
counted()
{
	local log=$out/$1.log

	if ! LOGDIR=$out/log-$1 ACCEL=tcg SMP=1 QEMU_ARGS="$ICOUNT ${QEMU_ARGS:-}" \
		APPEND="$COUNTING flow41_ns=$NS_PER_INSTRUCTION ${APPEND:-}" \
		"$BENCH/../qemu/run.sh" "$out" "${@:2}" >"$log"; then
		cat "$log" >&2
		return 1
	fi
}

rows()	# LOG: the figures, one JSON object a line
{
	sed -n 's/^# row //p' "$out/$1.log"
}

release()	# LOG: the guest's kernel
{
	sed -n 's/^# flow41 up \([^ ]*\) .*/\1/p' "$out/$1.log"
}
