#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Packets that leave carry the conntrack entry that they have by software (topo.sh): traffic
# control on LAN and WAN lets only those through that have one, and in the right state.

# shellcheck disable=SC2317	# functions that check calls
. "$(dirname "$0")/lib.sh"

# only_tracked DEVICE PROTOCOL ALL STATES: of the packets that ALL matches, only those
# that are in the states leave.  (flower in Linux 5.10 takes 6in4 for IPv6.)
only_tracked()
{
	on cpe tc qdisc add dev "$1" clsact &&
		on cpe tc filter add dev "$1" egress pref 1 protocol all flower ct_state "$4" action pass &&
		on cpe tc filter add dev "$1" egress pref 2 protocol "$2" u32 match "${@:3:1}" "${@:5}" action drop
}

dropped()	# DEVICE
{
	on cpe tc -s filter show dev "$1" egress pref 2 | awk '/Sent/ { n += $4 } END { print n + 0 }'
}

need_flow41
need "topology up" topo_up
# The first packet of all, each way, is not of an established connection yet
need "a first connection" tcp_send client host $HOST6 5001 1000
need "LAN: what is established" only_tracked lan0 ipv6 ip6 +trk+est protocol 6 0xff
need "WAN: what conntrack follows" only_tracked wan0 ip ip +trk+est protocol 41 0xff
need "enable" f41 enable
need "server" serve tcp host $HOST6 5000
for way in "encap -u 2000000 -d 1000" "decap -u 1000 -d 2000000"; do
	role=${way%% *}
	before=$(fast "$role")
	# shellcheck disable=SC2086	# words
	check "$way: all of it arrives" on client timeout 30 traffic tcp ${way#* } $HOST6 5000
	check_num "$way: carried, packets" $(($(fast "$role") - before)) -ge 50
done
check_eq "nothing was without its entry: LAN, WAN" "$(dropped lan0) $(dropped wan0)" "0 0"
check_no_leaks
finish
