#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Where the instructions of flow41's fast path go, by function.
#
#   usage: profile.sh [ROLE...]     encap decap transit_out transit_in; floor_out, by mirred
#
# "make -s -C tests guest" first. A guest runs with QEMU's plugin insns.so, which
# counts what is executed while ppcost sends; the same with the packets dropped where
# they come in is the sender's share. Columns: the difference, which adds up to what a
# packet costs (README.md), the role, the sender.

set -euo pipefail

# shellcheck source=boot.sh
. "$(dirname "$0")/boot.sh"

gcc -O2 -Wall -Wextra -Wno-unused-parameter -shared -fPIC -o "$out/insns.so" "$BENCH/insns.c"
QEMU_ARGS="-plugin $out/insns.so,out=$out/insns" counted profile profiled
sed -n 's/^# symbols //p' "$out/profile.log" | base64 -d | gzip -d | LC_ALL=C sort >"$out/symbols"

# The blocks of a slot, each with the function it lies in: the last symbol before it
functions()	# SLOT: "INSTRUCTIONS FUNCTION"
{
	awk -v slot="$1" '$1 == slot { print $2, "~", $3 }' "$out/insns" |
		LC_ALL=C sort - "$out/symbols" | awk '
		$2 == "~" {
			sum[$1 < "8" ? "(user)" : name] += $3
			next
		}
		{ name = $2 }
		END { for (n in sum) print sum[n], n }'
}

slot()	# ROLE PATH
{
	sed -n "s/^# slot \([0-9]*\) $1 $2 .*/\1/p" "$out/profile.log"
}

profile()	# ROLE
{
	local packets

	packets=$(sed -n "s/^# slot [0-9]* $1 flow41 //p" "$out/profile.log")
	printf '\n%s: instructions per packet\n%s\n' "$1" "  differs   flow41   sender  function"
	{
		functions "$(slot "${1/floor_out/encap}" sender)" | sed 's/^/sender /'
		functions "$(slot "$1" flow41)" | sed 's/^/flow41 /'
	} | awk -v n="$packets" '
		{ sum[$1, $3] += $2 / n; sum[$1, "(all)"] += $2 / n; names[$3]; names["(all)"] }
		END {
			for (name in names) {
				f = sum["flow41", name]
				s = sum["sender", name]
				printf "%9.1f%9.1f%9.1f  %s\n", f - s, f, s, name
			}
		}' | sort -rn | awk -v top="${TOP:-60}" 'NR <= top'
}

[ $# -gt 0 ] || set -- encap decap transit_out transit_in floor_out
for role; do
	profile "$role"
done
