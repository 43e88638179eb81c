#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# What profile.sh counts: each role with its packets dropped where they come in, and
# carried by flow41; and what comes in on one device sent out of the other by mirred.

# shellcheck source=/dev/null
. "$(dirname "$0")/lib.sh"
. "$NET_DIR/costs.sh"

SLOT=-1

slot()	# ROLE PATH: the packets sent last were counted in
{
	echo "# slot $((SLOT += 2)) $1 $2 $PACKETS"
}

profile()	# ROLE
{
	need "$1: the sender's share" measure_sender "$1"
	slot "$1" sender
	send "$1" "$WARMUP"
	measured_send "$1"
	check_eq "$1: all came out intact" "$(intact)" "$PACKETS"
	slot "$1" flow41
	diag "$1: $(jq -n "$(instructions) - ${SENDER[$1 $SIZE]}") instructions by the clock"
}

profiles()	# ROUTER ROLE ROLE
{
	need "$1 router up" router_up "$1"
	need "enable" f41 enable
	need "$1: a flow both ways" established "$2" "$3"
	profile "$2"
	profile "$3"
	[ "$1" != tunnel ] || profile_floor
	router_down
}

profile_floor()
{
	on cpe tc qdisc add dev lan0 clsact
	on cpe tc filter add dev lan0 ingress matchall action mirred egress redirect dev wan0
	send floor_out "$WARMUP"
	measured_send floor_out
	check_eq "floor: all came out intact" "$(intact)" "$PACKETS"
	slot floor_out flow41
}

# Modules' functions are in there, too
symbols()
{
	awk '$2 ~ /[tTwW]/ { print $1, $3 }' /proc/kallsyms | busybox gzip -9 |
		busybox base64 | sed 's/^/# symbols /'
}

need_flow41
profiles tunnel encap decap
NAT=dmz profiles transit transit_out transit_in
symbols
finish
