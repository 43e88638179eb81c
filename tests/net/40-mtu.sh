#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The way gets narrower under running traffic, and wide again (topo.sh): the MTU of the
# tunnel, of the WAN, of the LAN, of a route.  What is too big for it is answered with
# an ICMPv6 packet-too-big that has the right MTU, from the next packet on; TCP
# recovers, and what fits is carried.

. "$(dirname "$0")/lib.sh"
. "$NET_DIR/talk.sh"

told()	# MTU: the sender was, and nothing else
{
	captured_some told 1 && [ "$(captured told |
		sed -n 's/.*packet too big, mtu \([0-9]*\),.*/\1/p' | sort -u)" = "$1" ]
}

# What MTU the path has: the server's way below the tunnel first, or else it learns again
forget_path()
{
	local ns

	setup server <<-EOF || return
		route del default via 203.0.113.1
		route add default via 203.0.113.1
	EOF
	for ns in server cpe client host; do
		on $ns ip -6 route flush cache || return
	done
}

# A cable's MTU, at both ends: what is too big for the other end gets lost
lan_mtu()
{
	ip -n cpe link set lan0 mtu "$1" && ip -n client link set eth0 mtu "$1"
}

wan_mtu()
{
	ip -n cpe link set wan0 mtu "$1" && ip -n inet link set cpe0 mtu "$1"
}

load_up()
{
	rm -f "$T/enough"
	send bulk client tcp -u 65536 -d 65536 -l "$T/enough" $HOST6 5000
	talk big udp -s 1400 client host $HOST6 5001 && carried
}

load_down()
{
	: >"$T/enough"
	join bulk
}

# Nearly all of TCP in both directions on the fast path
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

# narrows WHAT MTU NS COMMAND...: then the sender at NS is told
narrows()
{
	local what=$1 mtu=$2 ns=$3 before

	shift 3
	check "$what: traffic that fills the path is carried" load_up
	check "$what: capture" capture told $ns eth0 "icmp6 and ip6[40] == 2"
	before=$(stat41 '.evictions | .device + .route')
	check "$what" "$@"
	check "$what: the sender is told: $mtu" wait_for 10 told $mtu
	check_num "$what: flows are evicted (device or route)" \
		"$(stat41 '.evictions | .device + .route')" -gt "$before"
	check "$what: big datagrams go on, in fragments" goes_on big
	capture_stop told
	hush big
	check "$what: TCP is carried again" wait_for 20 bulk_carried
	check "$what: so is what is small" wait_for 20 carried
	check "$what: TCP brought all over" load_down
}

widens()	# WHAT COMMAND...
{
	check "$@"
	check "$1: the path is forgotten" forget_path
	check "$1: all goes on, carried" carried
}

need_flow41
need "topology up" topo_up
need "enable" f41 enable
need "TCP server" serve tcp host $HOST6 5000
need "UDP goes" talk udp udp client host $HOST6 5001

narrows "tunnel to 1400" 1400 client ip -n cpe link set tun6 mtu 1400
widens "tunnel to 1480" ip -n cpe link set tun6 mtu 1480

narrows "WAN to 1420" 1400 client wan_mtu 1420
widens "WAN to 1500" wan_mtu 1500

narrows "LAN to 1300" 1300 host lan_mtu 1300
widens "LAN to 1500" lan_mtu 1500

narrows "route to 1350, locked" 1350 client \
	ip -n cpe -6 route replace ::/0 dev tun6 mtu lock 1350
widens "route as before" ip -n cpe -6 route replace ::/0 dev tun6

check "traffic that fills the path is carried" load_up
check "and arrived" load_down
check "the server saw no mistake" served 5000
talk_down
