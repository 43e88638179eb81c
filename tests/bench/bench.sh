#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# All there is to measure (README.md): tables, and bench-all.json in the build directory.
#
#   usage: bench.sh [-j]     -j: JSON instead of the tables
#
# Six guests, two at a time: what else the machine does is nothing to them. Fails, after
# the tables, if one of them did.

set -euo pipefail

# shellcheck source=boot.sh
. "$(dirname "$0")/boot.sh"

PARTS="fast software flowtable toll scale bulk"

# What goes wrong is told, the figures are taken all the same
part()	# NAME
{
	counted "$1" "$1" 2>/dev/null || grep '^not ok\|^# expected' "$out/$1.log" >&2
}

all_parts()
{
	# shellcheck disable=SC2086	# words
	export -f part counted && export out BENCH ICOUNT COUNTING NS_PER_INSTRUCTION &&
		printf '%s\n' $PARTS | xargs -P "${JOBS:-2}" -I PART bash -c 'part PART'
}

said()	# KIND: what the guests said of it, one JSON array
{
	local part

	for part in $PARTS; do
		sed -n "s/^# $1 //p" "$out/$part.log"
	done | jq -s .
}

collect()
{
	jq -n --arg kernel "$(release fast)" --arg arch "${ARCH:-x86_64}" \
		--argjson rows "$(said row)" --argjson toll "$(said toll)" \
		--argjson bulk "$(said bulk)" --argjson scale "$(said scale)" \
		'{kernel: $kernel, arch: $arch, rows: $rows, toll: $toll, bulk: $bulk,
		scale: ($scale | add)}'
}

failures()
{
	local part

	for part in $PARTS; do
		grep -h '^not ok' "$out/$part.log" || [ -s "$out/$part.log" ] ||
			echo "not ok - $part: it said nothing"
	done
}

# Tables of the JSON on stdin; "-" is where there is no figure
costs_table()
{
	jq -r '["", "bytes", "flows", "software", "bare", "flowtable", "mirred", "flow41", "factor"],
		(.rows | map(select(.path | IN("software", "bare", "flowtable", "floor", "flow41"))) |
		group_by([.role, .nat, .bytes, .flows])[] |
		(map({(.path): .instructions}) | add) as $i |
		[.[0].role + (if .[0].nat then " NAT " + .[0].nat else "" end), .[0].bytes, .[0].flows,
		($i | .software, .bare, .flowtable, .floor, .flow41 | . // "-"),
		(if $i.flow41 and $i.software then 10 * $i.software / $i.flow41 | floor / 10
		else "-" end)]) | @tsv'
}

toll_table()
{
	jq -r '["paid for flow41 being there", "where", "instructions"],
		(.toll[] | [.role, .path, .instructions]) | @tsv'
}

bulk_table()
{
	jq -r '["bulk TCP, ms of guest time", "way", "MiB", "software", "flow41"],
		(.bulk[] | [.mode, .way, .bytes / 1048576,
		(.software_ns, .flow41_ns | . / 100000 | round / 10)]) | @tsv'
}

scale_table()
{
	jq -r '.scale // {} | to_entries[] | [.key, .value] | @tsv'
}

all_parts || :
collect >"$out/bench-all.json"
if [ "${1:-}" = -j ]; then
	cat "$out/bench-all.json"
else
	jq -r '"Instructions per packet, Linux \(.kernel), \(.arch)"' "$out/bench-all.json"
	for table in costs toll bulk scale; do
		"${table}_table" <"$out/bench-all.json" | column -t -s $'\t'
		echo
	done
fi
failures >&2
[ -z "$(failures)" ]
