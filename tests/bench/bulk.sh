#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Bulk TCP through topo.sh's tunnel (bench.sh): how long a transfer takes in guest time,
# by software and with flow41. Everything on the way is in it, both ends included. With
# super-packets all the way (gso), with segments merged on the router (gro), and with
# every segment for itself (none). The time of an empty transfer is taken off.

# shellcheck source=/dev/null
. "$(dirname "$0")/lib.sh"

SIZE=$((16 << 20))
WAYS="up down"

declare -A NS	# "PATH WAY": of a transfer

now_ns()
{
	echo $((${EPOCHREALTIME/./} * 1000))
}

transfer()	# WAY BYTES: its nanoseconds, in REPLY
{
	local start option=-u other=-d

	[ "$1" = up ] || { option=-d; other=-u; }
	start=$(now_ns)
	on client traffic tcp $option "$2" $other 1 $HOST6 5000 || return
	REPLY=$(($(now_ns) - start))
}

# The quickest of three: in some a delayed ACK's 40 ms go by
timed()	# PATH WAY
{
	local empty i

	transfer "$2" 1 && transfer "$2" 1 && empty=$REPLY || return
	NS[$1 $2]=
	for ((i = 0; i < 3; i++)); do
		transfer "$2" $SIZE || return
		REPLY=$((REPLY - empty))
		[ "${NS[$1 $2]:-$REPLY}" -lt "$REPLY" ] || NS[$1 $2]=$REPLY
	done
}

row()	# MODE WAY
{
	jq -nc --arg mode "$1" --arg way "$2" --argjson bytes $SIZE \
		--argjson software "${NS["software $2"]}" --argjson flow41 "${NS["flow41 $2"]}" \
		'{mode: $mode, way: $way, bytes: $bytes, software_ns: $software, flow41_ns: $flow41}'
}

no_slower()	# WAY
{
	[ "${NS["flow41 $1"]}" -le "${NS["software $1"]}" ]
}

both_paths()	# MODE
{
	local way

	for way in $WAYS; do
		need "$1, $way, software" timed software "$way"
	done
	need "enable" f41 enable
	need "a first connection" warm_up
	mark_counters
	for way in $WAYS; do
		need "$1, $way, flow41" timed flow41 "$way"
	done
	# Ten connections with their handshakes; with super-packets, 2,400 packets in all
	check_fast "$1" 95 encap decap
	for way in $WAYS; do
		echo "# bulk $(row "$1" "$way")"
		check "$1, $way: no slower with flow41" no_slower "$way"
	done
}

mode()	# gso|gro|none
{
	export TOPO_OFFLOAD=1
	[ "$1" = gso ] || TOPO_OFFLOAD=0
	need "$1: topology up" topo_up
	if [ "$1" = gro ]; then
		on cpe ethtool -K lan0 gro on >/dev/null
		on cpe ethtool -K wan0 gro on >/dev/null
	fi
	need "server on host" serve tcp host $HOST6 5000
	both_paths "$1"
	check "the server saw no mistake" served 5000
	topo_down
}

need_flow41
for m in gso gro none; do
	mode $m
done
finish
