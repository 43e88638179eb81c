#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# A packet of a carried flow that is too big for what follows (topo.sh: the tunnel
# takes 1480 bytes, later the LAN 1400) is answered by the router with the right
# ICMPv6 packet-too-big, as without flow41; UDP loses it alone, TCP recovers.

# shellcheck disable=SC2317	# functions that check calls
. "$(dirname "$0")/lib.sh"

SIZE=$((8 << 20))

too_big()	# CAPTURE MTU: how many packet-too-big messages with that MTU
{
	captured "$1" | grep -c "packet too big, mtu $2,"
}

told()	# CAPTURE MTU TIMES
{
	[ "$(too_big "$1" "$2")" -ge "$3" ]
}

# Both ends: the MTU they know is in the MSS they tell each other, too
forget_path()
{
	on client ip -6 route del default && on host ip -6 route del default &&
		on client ip -6 route add default via $LAN6 &&
		on host ip -6 route add default via 2001:db8:2::1
}

# A carried connection, small bursts only, then a big one
tcp_grows()	# NAME [traffic's options]
{
	local name=$1

	shift
	rm -f "$T"/gate.*
	send "$name" client tcp -b 2 -F 1000 -g "$T/gate" "$@" $HOST6 5000
	wait_for 20 at_gate 1 && [ "$(flow_count)" = 2 ] || return 1
	mark_counters
	open_gate 1
	wait_for 60 at_gate 2
}

tcp_ends()	# NAME
{
	open_gate 2
	join "$1" && wait_for 5 no_flows
}

need_flow41
need "topology up" topo_up
need "enable" f41 enable
need "a first connection" warm_up
need "server on host" serve udp host $HOST6 6000 -C 1
watch_wire
need "capture at the client" capture client client eth0 "icmp6 and ip6[40] == 2"
need "capture at the host" capture host host eth0 "icmp6 and ip6[40] == 2"

# 1432 bytes fill the tunnel, 1433 are one too many: three times in 90 datagrams
mark_counters
before=$(punted too_big)
check "UDP, some datagrams too big" on client \
	traffic udp -C 0 -e -k -u 90 -s 1432x29,1433 -i 2000 $HOST6 6000
check_num "each was left to the software path" $(($(punted too_big) - before)) -eq 3
check "each was answered: 1480" wait_for 5 told client 1480 3
check_fast "UDP" 85 encap decap
take_counters
check_eq "none went out" "$(since_mark wire encap)" 87
check "the rest arrived, in order" served 6000
check "flush" f41 flush
check_eq "all of it" "$(said serve-6000 received)" 87

need "client and host forget the path's MTU" forget_path
sent=$(too_big client 1480)
before=$(punted too_big)
check "TCP upload grows too big and recovers" tcp_grows up -u $SIZE -d 1000
check_num "too big for the fast path" $(($(punted too_big) - before)) -ge 1
check_num "the client was told again: 1480" "$(too_big client 1480)" -gt "$sent"
check_fast "TCP upload" 90 encap
check_wire "TCP upload" 0 encap decap
check "the upload is right" tcp_ends up

check_eq "the client was told nothing else" \
	"$(captured_count client)" "$(too_big client 1480)"

# Downwards, the LAN is the narrow place
need "the LAN's MTU" on cpe sysctl -qw net.ipv6.conf.lan0.mtu=1400
need "devices hooked" warm_up
need "client and host forget the path's MTU" forget_path
check "TCP download grows too big and recovers" tcp_grows down -d $SIZE -u 1000
check "the host was told by the tunnel server: 1480" told host 1480 1
check "and by the router: 1400" told host 1400 1
check_fast "TCP download" 90 decap
check_wire "TCP download" 30 encap decap
check "the download is right" tcp_ends down

check "the server saw no mistake" served 5000
check_no_leaks
finish
