#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# What a packet costs by software and with flow41, quickly: encap and decap of one
# connection. Prints a table; all there is to measure: bench.sh.
#
#   usage: run.sh [-j]     -j: JSON instead of the table
#
# The JSON is left in bench.json of the build directory; the guest's log goes to
# stderr if something fails.

set -euo pipefail

# shellcheck source=boot.sh
. "$(dirname "$0")/boot.sh"

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

counted ppcost ppcost
rows ppcost | jq -s --arg kernel "$(release ppcost)" '
	reduce .[] as $r ({}; .[$r.role][$r.path] = $r) |
	{kernel: $kernel, packets: .encap.software.packets, inner_bytes: 100, roles: .}' >"$out/bench.json"
if [ "${1:-}" = -j ]; then
	cat "$out/bench.json"
else
	table <"$out/bench.json"
fi
