#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Where the instructions of flow41's fast path go, by function.
#
#   usage: profile.sh [-c CONNECTIONS] [-s SCENARIO] [ROLE[:PATH:PATH]...]
#
# "make -s -C tests guest" first. A guest runs the scenario (profiled) with QEMU's plugin
# insns.so, which counts what is executed while ppcost sends. For each role, two paths
# are compared: sender and flow41 if none are named, where sender is the same with the
# packets dropped where they come in. The differences add up to what a packet costs
# (README.md). With more CONNECTIONS than one, 500 of them speak. TOP=60 lines are shown.
# What packets pay that flow41 does not carry:
#
#	profile.sh -s toll ipv4_out:software:hooked encap:software:hooked

set -euo pipefail

# shellcheck source=boot.sh
. "$(dirname "$0")/boot.sh"

scenario=profiled
connections=1
while getopts c:s: option; do
	case $option in
	c) connections=$OPTARG ;;
	s) scenario=$OPTARG ;;
	*) exit 2 ;;
	esac
done
shift $((OPTIND - 1))
gcc -O2 -Wall -Wextra -Wno-unused-parameter -shared -fPIC -o "$out/insns.so" "$BENCH/insns.c"
QEMU_ARGS="-plugin $out/insns.so,out=$out/insns" APPEND="flow41_profile=1 flow41_connections=$connections" \
	counted profile "$scenario" || echo "profile.sh: the scenario failed; this is what it did:" >&2
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

slot()	# ROLE PATH: the first of that name
{
	sed -n "s/^# slot \([0-9]*\) $1 $2 .*/\1/p" "$out/profile.log" | head -1
}

profile()	# ROLE PATH PATH
{
	local packets

	packets=$(sed -n "s/^# slot [0-9]* $1 $3 //p" "$out/profile.log" | head -1)
	printf '\n%s: instructions per packet\n%9s%9s%9s  %s\n' "$1" differs "$3" "$2" function
	{
		functions "$(slot "$1" "$2")" | sed 's/^/0 /'
		functions "$(slot "$1" "$3")" | sed 's/^/1 /'
	} | awk -v n="$packets" '
		{ sum[$1, $3] += $2 / n; sum[$1, "(all)"] += $2 / n; names[$3]; names["(all)"] }
		END {
			for (name in names)
				printf "%9.1f%9.1f%9.1f  %s\n", sum[1, name] - sum[0, name],
					sum[1, name], sum[0, name], name
		}' | sort -rn | awk -v top="${TOP:-60}" 'NR <= top'
}

[ $# -gt 0 ] || set -- encap decap transit_out transit_in floor_out:sender:floor
for what; do
	IFS=: read -r role from to <<<"$what"
	profile "$role" "${from:-sender}" "${to:-flow41}"
done
