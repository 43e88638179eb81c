#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# What packets cost on the software path (bench.sh): with a home router's firewall, and
# bare, with neither rules nor conntrack.

# shellcheck source=/dev/null
. "$(dirname "$0")/lib.sh"
. "$NET_DIR/costs.sh"

# The firewall sees what passes through it
check_firewall()	# ROLE encap|decap
{
	local before

	before=$(soft "$2")
	send "$1" 2000
	check_eq "$1: all through the firewall" $(($(soft "$2") - before)) 2000
}

ready()	# ROUTER ROLE-OUT ROLE-IN
{
	need "$1 router up, firewall $FIREWALL ${NAT_ROW:-}" router_up "$1"
	need "$1: packets both ways" established "$2" "$3"
	[ "$FIREWALL" = 1 ] || return
	check_firewall "$2" encap
	check_firewall "$3" decap
	need "no more counting in the firewall" stop_counting
}

costs()	# SIZES ROLE...
{
	local size role

	for size in $1; do
		sized "$size"
		for role in "${@:2}"; do
			cost_software "$role" "$AS"
		done
	done
}

many()	# CONNECTIONS ROLE-OUT ROLE-IN
{
	connections "$1"
	need "$1 connections" established "$2" "$3"
	costs 100 "$2" "$3"
}

AS=software
ready tunnel encap decap
costs "1400 100" encap decap
for n in 500 32768; do
	many $n encap decap
done
router_down

FIREWALL=0
AS=bare
ready tunnel encap decap
costs "1400 100" encap decap
router_down

FIREWALL=1
AS=software
for NAT in dmz none; do
	NAT_ROW=$NAT
	ready transit transit_out transit_in
	costs "1400 100" transit_out transit_in
	router_down
done
NAT_ROW=
# To be compared with nf_flow_table, which takes nft
if have_nft; then
	ready ipv6 ipv6_out ipv6_in
	costs "1400 100" ipv6_out ipv6_in
	router_down
fi
finish
