#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Instructions per packet through the CPE, by software and with flow41: encap and
# decap, one connection, 100 bytes (run.sh). With any clock but one that counts
# instructions these are just nanoseconds.

# shellcheck source=/dev/null
. "$(dirname "$0")/lib.sh"
. "$NET_DIR/costs.sh"

ROLES="encap decap"

assured()
{
	on cpe conntrack -L -f ipv6 -p udp 2>/dev/null | grep -q ASSURED
}

# While flow41 is off, the firewall sees them all
check_firewall()	# ROLE
{
	local before

	before=$(soft "$1")
	send "$1" 2000
	check_eq "$1, software: all through the firewall" $(($(soft "$1") - before)) 2000
}

need "router up" router_up tunnel
need "a flow both ways" established encap decap
need "conntrack has it assured" assured
for role in $ROLES; do
	check_firewall "$role"
done
need "no more counting in the firewall" stop_counting
for role in $ROLES; do
	cost_software "$role"
done
if have_flow41; then
	need_flow41
	need "enable" f41 enable
	need "a flow both ways, with flow41" established encap decap
	for role in $ROLES; do
		cost_flow41 "$role"
	done
fi
router_down
finish
