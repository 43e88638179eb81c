#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Has the fast path grown slower? Each role's instructions per packet, on x86-64 and
# Linux 6.1, are compared with record.json: a figure that is more than 3% above its
# record fails, and so does one that is more than 3% below, for then the record no longer
# guards anything. Prints TAP.
#
#   usage: gate.sh [-u]     -u: write what was measured to record.json instead
#
# A change that is meant to move a figure goes into one commit with the new record.

set -euo pipefail

export ARCH=x86_64 KERNEL=6.1
PERCENT=3

# shellcheck source=boot.sh
. "$(dirname "$0")/boot.sh"
record=$BENCH/record.json
got=$out/gate.json

# The roles' names carry what NAT is at work
figures()
{
	rows gate | jq -s --arg kernel "$(release gate)" '{kernel: $kernel, instructions:
		map({("\(.role)\(if .nat then " \(.nat)" else "" end)"): .instructions}) | add}'
}

# Roles that are only in one of the two fail, too
compare()
{
	jq -rn --argjson percent $PERCENT --slurpfile got "$got" --slurpfile record "$record" '
		$got[0].instructions as $got | $record[0].instructions as $record |
		[$got + $record | keys_unsorted[]] | to_entries[] | (.key + 1) as $i | .value |
		($got[.] // 0) as $is | ($record[.] // 0) as $was |
		(if $is * 100 > $was * (100 + $percent) then "grown"
		elif $is * 100 < $was * (100 - $percent) then "record is stale: less"
		else null end) as $bad |
		"\(if $bad then "not ok" else "ok" end) \($i) - gate: \(.)",
		"# \(.): \($is) instructions per packet, the record says \($was)\(
			if $bad then ": \($bad) by more than \($percent)%" else "" end)"'
}

APPEND="flow41_only=1 ${APPEND:-}" counted gate fast
figures >"$got"
if [ "${1:-}" = -u ]; then
	cp "$got" "$record"
	exec cat "$record"
fi
compare | tee "$out/gate.tap"
echo "1..$(grep -c '^\(not \)\?ok' "$out/gate.tap")"
! grep -q '^not ok' "$out/gate.tap"
