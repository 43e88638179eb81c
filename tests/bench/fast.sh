#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# What packets cost with flow41 (bench.sh, gate.sh). ONLY=1, on the kernel's command
# line as flow41_only=1: one connection and 100 bytes.

# shellcheck source=/dev/null
. "$(dirname "$0")/lib.sh"
. "$NET_DIR/costs.sh"

# Packets that take about one: walk, audits and checks come in their share
SECOND=$((200000 / NS_PER_INSTRUCTION))
ONLY=$(sed -n 's/.*flow41_only=\([0-9]*\).*/\1/p' /proc/cmdline)

ready()	# ROUTER ROLE-OUT ROLE-IN
{
	need "$1 router up ${NAT_ROW:-}" router_up "$1"
	need "enable" f41 enable
	need "max-flows 65536" f41 set max-flows 65536
	need "packets both ways" established "$2" "$3"
	need "no more counting in the firewall" stop_counting
}

costs()	# SIZES ROLE...
{
	local size role

	for size in $1; do
		sized "$size"
		for role in "${@:2}"; do
			cost_flow41 "$role"
		done
	done
}

all_flows()
{
	[ "$(flow_count)" -ge $((CONNECTIONS * 2)) ]
}

many()	# CONNECTIONS ROLE-OUT ROLE-IN
{
	local flows

	connections "$1"
	need "flush" f41 flush
	need "$1 connections" established "$2" "$3"
	check "all of them have flows" all_flows
	flows=$((CONNECTIONS * 2))
	# Few enough that no second goes by between two packets of a flow
	connections $(($1 < SPEAKING ? $1 : SPEAKING))
	# shellcheck disable=SC2034	# for costs.sh
	PACKETS=$SECOND
	FLOWS=$flows costs 100 "$2" "$3"
}

measure()	# ROUTER ROLE-OUT ROLE-IN
{
	ready "$@"
	if [ -n "$ONLY" ]; then
		costs 100 "$2" "$3"
	else
		costs "1400 100" "$2" "$3"
		many 500 "$2" "$3"
		many 32768 "$2" "$3"
	fi
	router_down
}

need_flow41
measure tunnel encap decap
NAT=dmz NAT_ROW=dmz
measure transit transit_out transit_in
# shellcheck disable=SC2034	# for router_transit
NAT=none NAT_ROW=none ONLY=1
measure transit transit_out transit_in
finish
