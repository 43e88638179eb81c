#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The IPv4 path below the tunnel gets narrower while traffic runs (topo.sh): inet's cable
# to the server takes 1400 bytes only, and inet says so, by ICMP.  From then on nothing
# larger leaves the router; senders are told by ICMPv6, and TCP goes on, carried.  So it
# does where the router may hardly say anything.

# shellcheck disable=SC2317	# functions that check calls
TOPO_OFFLOAD=0	# a capture shows what is on the wire
. "$(dirname "$0")/lib.sh"

NARROW=1400
INNER=$((NARROW - 20))
OTHER6=2001:db8:2::3	# nobody
SETTLED=0.2		# seconds from the ICMP error on until no packet is on its way

far_mtu()	# MTU
{
	ip -n inet link set srv0 mtu $1 && ip -n server link set wan0 mtu $1
}

# The routers' memory of the path; the ends' follows
forget_path()
{
	ip -n cpe route flush cache && ip -n server route flush cache &&
		on client ip -6 route flush cache && on host ip -6 route flush cache &&
		on cpe ip -6 route flush cache && on server ip -6 route flush cache
}

bulk_carried()
{
	mark_counters
	wait_for 10 more_fast || return
	[ "$(fast_share encap)" -ge 80 ] && [ "$(fast_share decap)" -ge 80 ]
}

more_fast()
{
	take_counters
	[ "$(since_mark fast encap)" -ge 200 ] && [ "$(since_mark fast decap)" -ge 200 ]
}

narrow_told()	# the router, by inet
{
	captured_some path 1 "icmp[0] == 3 and icmp[1] == 4"
}

client_told()	# MTU
{
	captured client | grep -q "packet too big, mtu $1,"
}

# Of the capture, which has nothing but those that inet has to refuse, and its ICMP:
# what was sent after it said so
late_and_long()
{
	tcpdump -Z root -n -tt -v -r "$T/path.pcap" 2>/dev/null |
		awk -v settled=$SETTLED '
			/^[0-9]/ { now = $1 }
			/need to frag/ && !since { since = now }
			/^[0-9].*proto IPv6 / && since && now > since + settled'
}

watch_path()
{
	capture path inet cpe0 \
		"(ip proto 41 and src $WAN4 and greater $((14 + NARROW + 1))) or icmp" &&
		capture client client eth0 "icmp6 and ip6[40] == 2"
}

check_path()	# WHAT
{
	check "$1: the capture is whole" capture_stop path
	capture_stop client
	check_num "$1: it has what was refused" \
		"$(captured_count path "ip proto 41")" -ge 1
	check_eq "$1: nothing too long for it leaves any more" "$(late_and_long | head -3)" ""
}

load_up()
{
	rm -f "$T/enough"
	send bulk client tcp -u 65536 -d 65536 -l "$T/enough" $HOST6 5000
}

load_down()
{
	: >"$T/enough"
	join bulk
}

# One in thirty datagrams is one byte too long
check_edge()	# WHAT
{
	local before

	serve udp host $HOST6 6000 -C 1
	mark_counters
	before=$(punted too_big)
	check "$1: datagrams up to the last byte" on client \
		traffic udp -C 0 -e -k -u 90 -s $((INNER - 48))x29,$((INNER - 47)) -i 2000 $HOST6 6000
	check_num "$1: those too big were left to the software path" \
		$(($(punted too_big) - before)) -eq 3
	check_fast "$1: the rest" 80 encap
	check "$1: arrived" served 6000
	check_eq "$1: all of it" "$(said serve-6000 received)" 87
}

# Of what the router may say to the client, one message a second, most is said about
# somebody else; which of TCP's packets gets a word in is chance
say_little()
{
	on cpe sysctl -qw net.ipv6.icmp.ratemask=0-127 net.ipv6.icmp.ratelimit=1000
	send chatter client udp -k -w 1 -l "$T/quiet" -s 1452 -i 900000 $OTHER6 6001
	wait_for 30 captured_some client 5
}

say_all()
{
	: >"$T/quiet"
	join chatter
	on cpe sysctl -qw net.ipv6.icmp.ratelimit=1000 net.ipv6.icmp.ratemask=0-1,3-127
}

narrows()	# WHAT
{
	check "$1" far_mtu $NARROW
	check "$1: inet tells the router" wait_for 10 narrow_told
	check "$1: the client is told $INNER" wait_for 60 client_told $INNER
	check "$1: TCP goes on, carried" wait_for 60 bulk_carried
}

need_flow41
need "topology up" topo_up
need "enable" f41 enable
need "TCP server" serve tcp host $HOST6 5000

check "TCP load" load_up
check "carried" wait_for 20 bulk_carried
check "capture" watch_path
before=$(stat41 .evictions.route)
narrows "a narrow path"
check_num "a narrow path: flows were evicted for their route" \
	"$(stat41 .evictions.route)" -gt "$before"
check "all of TCP arrived" load_down
check_edge "a narrow path"
check_path "a narrow path"

check "wide again" far_mtu 1500
check "all forget" forget_path
check "TCP load" load_up
check "carried" wait_for 20 bulk_carried
check "capture" watch_path
check "the router may say little" say_little
narrows "narrow, little said"
check "narrow, little said: all of TCP arrived" load_down
check "the router may say more" say_all
check_path "narrow, little said"

check "the server saw no mistake" served 5000
check_no_leaks
finish
