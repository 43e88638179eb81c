#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# What profile.sh counts: each role with its packets dropped where they come in, and
# carried by flow41; and what comes in on one device sent out of the other by mirred.

# shellcheck source=/dev/null
. "$(dirname "$0")/lib.sh"
. "$NET_DIR/costs.sh"

ALL=$(sed -n 's/.*flow41_connections=\([0-9]*\).*/\1/p' /proc/cmdline)

profile()	# ROLE
{
	need_sender "$1"
	cost "$1" flow41
	diag "$1: ${COST["$1 flow41"]} instructions by the clock"
}

profiles()	# ROUTER ROLE ROLE
{
	need "$1 router up" router_up "$1"
	need "enable" f41 enable
	need "max-flows 65536" f41 set max-flows 65536
	connections "$ALL"
	need "$1: flows both ways" established "$2" "$3"
	connections $((ALL < SPEAKING ? ALL : SPEAKING))
	profile "$2"
	profile "$3"
	[ "$1" != tunnel ] || floor
	router_down
}

floor()
{
	need_sender floor_out
	on cpe tc qdisc add dev lan0 clsact
	on cpe tc filter add dev lan0 ingress matchall action mirred egress redirect dev wan0
	cost floor_out floor
}

need_flow41
profiles tunnel encap decap
NAT=dmz profiles transit transit_out transit_in
finish
