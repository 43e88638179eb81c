#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Many TCP connections through the tunnel (topo.sh), 200 at once, then 300 one after
# the other: each has its two flows while it lasts, none afterwards.

# shellcheck disable=SC2317	# functions that check calls
. "$(dirname "$0")/lib.sh"

AT_ONCE=200
IN_TURN=300

# Each connection's own port, from both ends of it
distinct_ports()
{
	[ "$(f41 -j flows role encap dport 5000 | jq '[.[].sport] | unique | length')" = $AT_ONCE ] &&
	[ "$(f41 -j flows role decap sport 5000 | jq '[.[].dport] | unique | length')" = $AT_ONCE ]
}


# All had been silent for a while: of each flow the first packet is audited, and what comes
# before that has left waits behind it, which are some more on a slow machine
check_first_audited()	# ROLE...
{
	local role soft=0 fast=0 audited settling

	audited=$(($(punted audit) - AUDITED))
	settling=$(($(punted settling) - SETTLING))
	take_counters
	for role; do
		soft=$((soft + $(since_mark soft $role)))
		fast=$((fast + $(since_mark fast $role)))
		check_num "$AT_ONCE at once: $role, the rest carried" \
			"$(since_mark fast $role)" -ge $((4 * AT_ONCE))
	done
	check_num "$AT_ONCE at once: by software only the audited and what waits" \
		"$soft" -le $((audited + settling + fast / 100))
	check_num "$AT_ONCE at once: audited" $audited -ge $AT_ONCE
}

check_ended()	# WHAT FLOWS
{
	check "$1: no flow is left" wait_for 5 no_flows
	check_eq "$1: all ended by FIN" \
		"$(($(stat41 .evictions.tcp_end) - ENDED))" "$2"
	check_num "$1: none for another reason" \
		"$(stat41 '.evictions | add')" -eq "$(stat41 .evictions.tcp_end)" ||
		diag "$(f41 stats)"
}

need_flow41
need "topology up" topo_up
need "enable" f41 enable
need "a first connection" warm_up
watch_wire

ENDED=$(stat41 .evictions.tcp_end)
send many client tcp -c $AT_ONCE -b 2 -u 30000 -d 30000 -g "$T/gate" $HOST6 5000
check "$AT_ONCE at once, open" wait_for 60 at_gate 1
check_eq "two flows each" "$(flow_count)" $((2 * AT_ONCE))
check "each has its own" distinct_ports
mark_counters
# What all of them send at once has room on the way
sysctl -qw net.core.netdev_max_backlog=20000
AUDITED=$(punted audit)
SETTLING=$(punted settling)
sleep 1.2	# of silence: see check_first_audited
open_gate 1
check "again 30000 bytes each way on each" wait_for 60 at_gate 2
sleep 0.5	# for the last ACKs
check_first_audited encap decap
check_wire "$AT_ONCE at once" 0 encap decap
open_gate 2
check "all went well at the client" join many
check_ended "$AT_ONCE at once" $((2 * AT_ONCE))

need "devices still hooked" warm_up
ENDED=$(stat41 .evictions.tcp_end)
mark_counters
check "$IN_TURN one after the other" \
	on client traffic tcp -n $IN_TURN -u 30000 -d 30000 $HOST6 5000
check_fast "one after the other" 50 encap decap
check_wire "one after the other" $((4 * IN_TURN)) encap decap
check_ended "one after the other" $((2 * IN_TURN))

check "all went well at the server" served 5000
check_eq "the server saw them all" "$(said serve-5000 connections)" \
	$((AT_ONCE + IN_TURN + 2))
sysctl -qw net.core.netdev_max_backlog=1000
check_no_leaks
finish
