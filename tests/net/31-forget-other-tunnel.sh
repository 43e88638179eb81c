#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The way to the host moves to another tunnel under running traffic (topo.sh, tun7.sh),
# out first, then back in: packets follow at once, flows with them.  With a route over
# both tunnels the way in is carried, the way out is left to software.

. "$(dirname "$0")/lib.sh"
. "$NET_DIR/talk.sh"
. "$NET_DIR/tun7.sh"

REMOTE='s/.* > \(203[0-9.]*\): (.*next-header.*/\1/p'

tunnels()	# that packets use: out, then in
{
	f41 -j flows | jq -r '[.[] | select(.packets > 0 and .idle_ms < 1000) |
		"\(.role):\(.tunnel)"] | unique | reverse | join(" ")'
}

by_tunnels()	# TUNNELS
{
	[ "$(tunnels)" = "$1" ]
}

on_wan()	# NAME
{
	capture "$1" inet cpe0 ip proto 41 and src $WAN4
}

over_both()
{
	ip -n cpe -6 route add $HOST6/128 \
		nexthop via ::$SERVER4 dev tun6 onlink \
		nexthop via ::$SERVER4_7 dev tun7 onlink
}

over_group()
{
	setup cpe <<-EOF
		nexthop add id 6 via ::$SERVER4 dev tun6 onlink
		nexthop add id 7 via ::$SERVER4_7 dev tun7 onlink
		nexthop add id 67 group 6/7
		route add $HOST6/128 nhid 67
	EOF
}

# All goes on; the way in is carried, the way out is not
only_in()
{
	mark_counters
	all_go_on 10 || return
	take_counters
	[ "$(since_mark fast encap)" = 0 ] && [ "$(since_mark soft encap)" -ge 20 ] &&
		[ "$(since_mark fast decap)" -ge 20 ]
}

TALK_OVER=tun7_up talk_up

check_eq "out and in by tun6" "$(tunnels)" "encap:tun6 decap:tun6"
check "capture" on_wan move
event "out by tun7" route ip -n cpe -6 route add $HOST6/128 dev tun7
capture_stop move
for port in 5001 5002; do
	check_eq "port $port: to the one server, then to the other" \
		"$(in_turn move $port "$REMOTE")" "$SERVER4 $SERVER4_7"
done
check_eq "out by tun7, in by tun6" "$(tunnels)" "encap:tun7 decap:tun6"

check "in by tun7, too" ip -n server -6 route add $CLIENT6/128 dev tun7
check "all goes on, carried again" carried
check "flows of the old way rest" wait_for 5 by_tunnels "encap:tun7 decap:tun7"

check "capture" on_wan move
event "out by tun6 again" route ip -n cpe -6 route del $HOST6/128 dev tun7
capture_stop move
for port in 5001 5002; do
	check_eq "port $port: to the other server, then to the one" \
		"$(in_turn move $port "$REMOTE")" "$SERVER4_7 $SERVER4"
done
# Who is first to come by then, the client or the host, is left to chance
on host tc qdisc add dev eth0 root netem delay 10ms
for i in 1 2 3 4; do
	event "out by one, in by the other: flush $i" flush f41 flush
done
on host tc qdisc del dev eth0 root
check "in by tun6, too" ip -n server -6 route del $CLIENT6/128 dev tun7
check "all goes on, carried again" carried

# ---- two next hops: which one it is hangs on the packet

for route in over_both over_group; do
	before=$(stat41 '.punts.result + .refusals.multipath')
	check "a route over both tunnels ($route)" $route
	check "the way out is left to software, the way in is carried" wait_for 10 only_in
	check_num "punts and refusals say why" \
		"$(stat41 '.punts.result + .refusals.multipath')" -gt "$before"
	check "a new conversation" talk new udp client host $HOST6 5001
	check "the way out is left to software, the way in is carried" wait_for 10 only_in
	hush new
	heal "a route over one" ip -n cpe -6 route del $HOST6/128
done

talk_down
