#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# More connections than max-flows allows (topo.sh): there are never more flows than
# that, the rest works by software, and the refusals are counted.

# shellcheck disable=SC2317	# functions that check calls
. "$(dirname "$0")/lib.sh"

# Most flows seen while the client NAME runs
most_flows()
{
	local most=0 n

	while running "$1"; do
		n=$(flow_count)
		[ "$n" -le $most ] || most=$n
	done
	echo $most
}

need_flow41
need "topology up" topo_up
need "enable" f41 enable
need "devices hooked" warm_up
wait_for 5 no_flows

check "max-flows 4" f41 set max-flows 4
send many client tcp -c 50 -b 2 -u 100000 -d 100000 -g "$T/gate" $HOST6 5000
check "50 connections" wait_for 60 at_gate 1
check_eq "as many flows as allowed" "$(flow_count)" 4
check_eq "of two connections" "$(f41 -j flows role encap | jq length)" 2
check_num "the others were refused" "$(stat41 .refusals.table_full)" -ge 48
mark_counters
open_gate 1
check "more on all of them" wait_for 60 at_gate 2
take_counters
check_num "some of it was carried" "$(since_mark fast encap)" -gt 0
check_num "most of it went by software" "$(since_mark soft encap)" \
	-gt "$(since_mark fast encap)"
open_gate 2
check "all of them went well" join many
check "no flow is left" wait_for 5 no_flows

# An odd number leaves no room for half a connection
check "max-flows 5" f41 set max-flows 5
send turn client tcp -c 5 -n 40 -u 10000 -d 10000 $HOST6 5000
check_num "200 connections, five at a time: flows never above the limit" \
	"$(most_flows turn)" -le 4
check "all of them went well" join turn
check "no flow is left" wait_for 5 no_flows

check "max-flows 100" f41 set max-flows 100
check "a connection" warm_up
mark_counters
check "another" on client traffic tcp -u 1000000 -d 1000000 $HOST6 5000
check_fast "carried again" 80 encap decap
check "the server saw no mistake" served 5000
check_no_leaks
finish
