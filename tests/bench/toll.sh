#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# What packets pay for flow41 being there that it does not carry (bench.sh): IPv4 that
# is not 6in4, IPv6 and 6in4 without a flow; and where no device has a flow.

# shellcheck source=/dev/null
. "$(dirname "$0")/lib.sh"
. "$NET_DIR/costs.sh"

ROLES="ipv4_out ipv4_in encap decap"

# Another connection than the one that holds the table's only room
elsewhere()
{
	tell_meter "port 7000" && established encap decap && established ipv4_out ipv4_in
}

costs()	# PATH
{
	local role

	for role in $ROLES; do
		cost "$role" "$1"
		row "$role" "$1" intact "$(intact)"
	done
}

toll()	# ROLE PATH MAX
{
	local with=${COST["$1 $2"]} without=${COST["$1 software"]} paid

	paid=$((with - without))

	echo "# toll $(jq -nc --arg role "$1" --arg path "$2" --argjson paid "$paid" \
		'{role: $role, path: $path, instructions: $paid}')"
	check_num "$1, $2: instructions paid, $3 at most" "$paid" -le "$3"
}

carries_nothing()
{
	[ "$(fast encap) $(fast decap)" = "$1" ]
}

need_flow41
need "router up" router_up tunnel
need "packets both ways" elsewhere
need "no more counting in the firewall" stop_counting
costs software

need "enable" f41 enable
need "no device is hooked" hooked 0
ROLES="ipv4_out ipv4_in" costs unhooked
toll ipv4_out unhooked 10
toll ipv4_in unhooked 10

need "room for one connection" f41 set max-flows 2
need "which it keeps" f41 set idle-timeout 600
tell_meter "port 5000"
need "it gets it" established encap decap
need "two devices are hooked" hooked 2
before="$(fast encap) $(fast decap)"
elsewhere
costs hooked
check "flow41 carried nothing of it" carries_nothing "$before"
toll ipv4_out hooked 100
toll ipv4_in hooked 100
toll encap hooked 350
toll decap hooked 350
router_down
finish
