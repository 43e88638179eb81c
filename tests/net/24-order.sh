#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# No packet overtakes another (topo.sh).  Four UDP streams at once, up, down and echoed,
# some of whose packets are left to the software path (too big, hop limit used up);
# meanwhile captures come and go, flows are flushed and have to be learnt again,
# flow41 is switched off and on.  Sequence numbers tell what came late.
#
# Variant: NAPI=1, the router polls its devices, as it would network cards.

# shellcheck disable=SC2317	# functions that check calls
. "$(dirname "$0")/lib.sh"

# Ends that stay on their CPU: when one moves, its own packets may overtake each other
# in the kernel's queues, flow41 or not
NEAR="-C 0"
FAR="-C 1"

# shellcheck disable=SC2086	# two words each
servers_start()
{
	serve udp host $HOST6 6000 $FAR && serve udp host $HOST6 6001 $FAR -G 20 -i 100
}

# Twenty datagrams sent at once, cut before they come to the router, are a batch there
batches()
{
	on client ethtool -K eth0 tx-udp-segmentation off &&
		on host ethtool -K eth0 tx-udp-segmentation off || return
	[ -n "${NAPI:-}" ] || return 0
	# veth polls if GRO is on, and only for senders without TSO
	on client ethtool -K eth0 tso off && on cpe ethtool -K lan0 gro on &&
		on inet ethtool -K cpe0 tso off && on cpe ethtool -K wan0 gro on
}

# What a machine that is too slow for all this loses: the backlogs of CPUs, the rings of
# cables and sockets were full, or what memory UDP may have; echoes came when the client
# had given them up
# shellcheck disable=SC2016	# awk's
queue_drops()
{
	local ns

	{
		awk '{ print strtonum("0x" $2) }' /proc/net/softnet_stat
		for ns in client cpe inet server host; do
			on $ns awk '/^Udp6(NoPorts|RcvbufErrors|MemErrors)/ { print $2 }' /proc/net/snmp6
			ip -n $ns -s -j link show type veth | jq '.[].stats64.tx.dropped'
		done
	} | awk '{ sum += $1 } END { print sum + 0 }'
}

# Echoes that come when the client has gone, from a server that is behind, come no more
echoes_over()
{
	local before

	before=$(echoes) && sleep 1 && [ "$(echoes)" = "$before" ]
}

# shellcheck disable=SC2016	# awk's
echoes()
{
	on client awk '/^Udp6(InDatagrams|NoPorts)/ { n += $2 } END { print n }' /proc/net/snmp6
}

# What waits for a neighbour's answer may be overtaken when it comes, flow41 or not; on a
# busy machine answers come late, and neighbours are given up
neighbours_stay()
{
	local ns neighbour

	for ns in client cpe inet server host; do
		while read -ra neighbour; do
			ip -n $ns neigh replace "${neighbour[@]:0:5}" nud permanent || return
		done < <(ip -n $ns neigh show | grep lladdr)
	done
}

# shellcheck disable=SC2086
streams_start()	# DATAGRAMS
{
	rm -f "$T/enough"
	DROPS=$(queue_drops)
	send plain client udp $NEAR -e -k -l "$T/enough" -s 100,1432 $HOST6 6000
	send odd client udp $NEAR -e -k -l "$T/enough" -s 100x30,1433,200x20 -H 64x40,1 $HOST6 6000
	send up client udp $NEAR -k -l "$T/enough" -i 1000 -G 20 $HOST6 6000
	send down client udp $NEAR -k -u 1 -d "$1" $HOST6 6001
}

streams_stop()	# WHAT
{
	local what=$1 name

	: >"$T/enough"
	for name in plain odd up down; do
		check "$what: $name, in order" join $name
		diag "$(cat "$T/$name")"
	done
	check "$what: all echoes are there" wait_for 120 echoes_over
	check_num "$what: plain: no more was lost than full queues dropped" \
		"$(said plain lost)" -le $(($(queue_drops) - DROPS))
}

# Everything that makes packets change from one path to the other
disturb()
{
	local dev turn

	for dev in lan0 wan0 tun6; do
		capture "$dev" cpe "$dev" udp || return
		f41 flush
		stop "tcpdump-$dev"
	done
	f41 disable
	f41 enable
	for ((turn = 0; turn < 30; turn++)); do
		f41 flush
	done
}

# carried_again ENCAP DECAP: a thousand packets more than those
carried_again()
{
	[ "$(fast encap)" -ge $(($1 + 1000)) ] && [ "$(fast decap)" -ge $(($2 + 1000)) ]
}

need_flow41
need "topology up" topo_up
need "batches" batches
need "queues long enough" sysctl -qw net.core.netdev_max_backlog=20000
need "servers on host" servers_start
need "all have spoken" wait_for 10 ping6 client $HOST6
need "neighbours stay what they are" neighbours_stay
streams_start 4000
check "without flow41" wait_for 30 not running down
streams_stop "without flow41"

need "enable" f41 enable
need "devices hooked" warm_up
streams_start 60000
mark_counters
check "disturbances" disturb
check "they go on" running plain
check "carried again, both ways" wait_for 30 carried_again "$(fast encap)" "$(fast decap)"
wait_for 60 not running down
streams_stop "with flow41"
# Where the router polls, or hands packets to other CPUs, no share can be asked for: how many wait
# behind those left to software is the machine's business, which has the next batch before the
# last one has left. So it is for what comes out of the tunnel in any case: the sender and what
# waits behind the tunnel device share a CPU
[ -n "${NAPI:-}$(spread)" ] || check_fast "with flow41" 30 encap
check_num "some were too big" "$(punted too_big)" -gt 0
check_num "some had no hops left" "$(punted hop_limit)" -gt 0

mark_counters
# shellcheck disable=SC2086
check "afterwards: echoes" on client traffic udp $NEAR -e -u 500 -i 2000 $HOST6 6000
check_fast "afterwards" 90 encap decap
check "at the server, too" served 6000
check_eq "none was late there" "$(said serve-6000 late)" 0
sysctl -qw net.core.netdev_max_backlog=1000
check_no_leaks
finish
