#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Boot a guest whose clock counts instructions; have it measure; print a table.
#
#   usage: run.sh [-j]     -j: JSON instead of the table
#
# With "shift=0" one guest instruction is one nanosecond of guest time. It has to
# be QEMU's own emulation and one CPU. The JSON is left in bench.json of the build
# directory; the guest's log goes to stderr if something fails.

set -euo pipefail

BENCH=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
out=$("$BENCH/../qemu/build.sh" -n)

# A "-" is a figure that there is none of, without a module
table()	# of the JSON on stdin
{
	printf '  %-6s | %9s | %9s | %6s | %12s | %s\n' "" software flow41 factor \
		"carried fast" "payloads intact"
	jq -r '.packets as $n | .roles | to_entries[] | .key as $role |
		.value.software as $soft | .value.flow41 as $fast |
		[$role, $soft.instructions] + if $fast then
			[$fast.instructions,
			(10 * $soft.instructions / $fast.instructions | floor / 10),
			$fast.fast, "\($soft.intact)/\($n), \($fast.intact)/\($n)"]
		else ["-", "-", "-", "\($soft.intact)/\($n)"] end | @tsv' |
	while IFS=$'\t' read -r role soft fast factor carried intact; do
		printf '  %-6s | %9s | %9s | %6s | %12s | %s\n' "$role" "$soft" "$fast" \
			"$factor" "$carried" "$intact"
	done
}

if ! ACCEL=tcg SMP=1 QEMU_ARGS="-icount shift=0,sleep=off ${QEMU_ARGS:-}" \
	APPEND="tsc=reliable mitigations=off nokaslr ${APPEND:-}" \
	"$BENCH/../qemu/run.sh" "$out" ppcost >"$out/bench.log"; then
	cat "$out/bench.log" >&2
	exit 1
fi
sed -n 's/^# json //p' "$out/bench.log" | jq . >"$out/bench.json"
if [ "${1:-}" = -j ]; then
	cat "$out/bench.json"
else
	table <"$out/bench.json"
fi
