#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Flows without packets for idle-timeout go, and come back with the next packets
# (topo.sh); packets in one direction now and then keep both.

# shellcheck disable=SC2317	# functions that check calls
. "$(dirname "$0")/lib.sh"

now_ms()
{
	echo $((${EPOCHREALTIME/./} / 1000))
}

admitted_and_idle()
{
	f41 -j stats | jq -r '"\(.roles.encap.flows_admitted) \(.evictions.idle)"'
}

# slow_udp WHAT [options]: 25 datagrams, five a second
slow_udp()
{
	local what=$1 admitted idle now_admitted now_idle

	shift
	read -r admitted idle <<<"$(admitted_and_idle)"
	check "$what, five a second" on client \
		traffic udp -u 25 -i 200000 "$@" $HOST6 6000
	# At once, while it is not yet idle
	read -r now_admitted now_idle <<<"$(admitted_and_idle)"
	check_eq "$what: a single flow all along" $((now_admitted - admitted)) 1
	check_eq "$what: it was never idle" $((now_idle - idle)) 0
	check "$what: but is now" wait_for 10 no_flows
}

ulimit -n 4096
need_flow41
need "topology up" topo_up
need "enable" f41 enable
check "idle-timeout 2" f41 set idle-timeout 2
need "devices hooked" warm_up
need "server on host" serve udp host $HOST6 6000

send quiet client tcp -b 3 -u 2000000 -d 2000000 -g "$T/gate" $HOST6 5000
check "a connection" wait_for 20 at_gate 1
start=$(now_ms)
check_eq "carried" "$(flow_count)" 2
check "idle, then gone" wait_for 10 no_flows
lasted=$(($(now_ms) - start))
check_num "not before its time, ms" $lasted -ge 1500
check_num "for this reason" "$(stat41 .evictions.idle)" -eq 2 ||
	diag "$(f41 stats)"
check "conntrack still has it" test -n \
	"$(on cpe conntrack -L -f ipv6 -p tcp --dport 5000 --state ESTABLISHED 2>/dev/null)"

warm_up >/dev/null
mark_counters
open_gate 1
check "it goes on" wait_for 20 at_gate 2
check_eq "and is back" "$(flow_count)" 2
check_fast "after idling" 90 encap decap
open_gate 2
check "and on" wait_for 20 at_gate 3
open_gate 3
check "all of it arrived" join quiet

# More than one step of the walk over all flows takes at once
check "idle-timeout 60" f41 set idle-timeout 60
crowded=$(fewer 1250)
send crowd client tcp -c $crowded -b 2 -u 3000 -d 3000 -g "$T/crowd" $HOST6 5000
check "$crowded connections" wait_for 60 test -e "$T/crowd.at.1"
crowd=$(flow_count)
idle=$(stat41 .evictions.idle)
check_num "flows of most of them" "$crowd" -gt $((crowded * 5 / 3))
check "idle-timeout 1" f41 set idle-timeout 1
check "all idle, all gone" wait_for 10 no_flows
check_num "for this reason, most of them" $(($(stat41 .evictions.idle) - idle)) -ge $((crowded * 5 / 3))
check "idle-timeout 2" f41 set idle-timeout 2
: >"$T/crowd.1"
check "they go on" wait_for 60 test -e "$T/crowd.at.2"
: >"$T/crowd.2"
check "all of them went well" join crowd

# What software saw sent, and only the cache saw acknowledged, is acknowledged: the entry of
# a connection that falls silent has the full timeout, not that of unacknowledged data
least_timeout()	# seconds, of connections to PORT
{
	on cpe conntrack -L -f ipv6 -p tcp --dport "$1" --state ESTABLISHED 2>/dev/null |
		awk '{ print $3 }' | sort -n | head -1
}

need "server on host" serve tcp host $HOST6 5001
check "every other packet is audited" f41 set audit-rate 2
on host tc qdisc add dev eth0 root netem delay 30ms
for bytes in 3000 5000 9000; do		# which are the last ones, chance says
	send acked client tcp -c 40 -b 2 -u $bytes -d 1 -g "$T/acked-$bytes" $HOST6 5001
	check "forty connections send $bytes bytes" wait_for 60 test -e "$T/acked-$bytes.at.1"
	check "and are silent" wait_for 10 no_flows
	check_num "conntrack's shortest timeout, s" "$(least_timeout 5001)" -gt 86400
	: >"$T/acked-$bytes.1"
	: >"$T/acked-$bytes.2"
	check "all arrived" join acked
done
on host tc qdisc del dev eth0 root
check "audit-rate as it was" f41 set audit-rate 1024

slow_udp "echo" -e
slow_udp "one way"
check "the UDP server saw no mistake" served 6000
check_eq "nor a loss" "$(said serve-6000 lost)" 0
check "the TCP server saw no mistake" served 5000
check_no_leaks
finish
