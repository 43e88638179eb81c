#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The IPv4 internet below a running tunnel changes: routes, addresses, the way to the
# provider.  To topo.sh comes a second line between cpe and inet:
#
#    cpe                                       inet
#   | wan0 +---- 198.51.100.2 -- 198.51.100.1 --+ cpe0 |
#   | wan1 +---- 192.0.2.130 --- 192.0.2.129 ---+ cpe1 |

. "$(dirname "$0")/lib.sh"
. "$NET_DIR/talk.sh"

servers=203.0.113.0/24

second_line()
{
	veth_add cpe wan1 51 inet cpe1 52 &&
	setup cpe <<-EOF &&
		link set wan1 up
		addr add 192.0.2.130/30 dev wan1
	EOF
	setup inet <<-EOF
		link set cpe1 up
		addr add 192.0.2.129/30 dev cpe1
	EOF
}

by_device()	# the devices that flows come in on and leave by
{
	f41 -j flows | jq -r '.[] | "\(.dev_in)>\(.dev_out)"' | sort -u | paste -sd' '
}

TALK_OVER=second_line talk_up

dam "the servers go to a blackhole" route \
	ip -n cpe route add blackhole $servers
heal "and back" ip -n cpe route del blackhole $servers

dam "a rule forbids the way to the server" route \
	ip -n cpe rule add to $SERVER4 prohibit
heal "the rule goes" ip -n cpe rule del to $SERVER4 prohibit

# ---- the other line, out first, then in

check_eq "in and out by wan0" "$(by_device)" "lan0>wan0 wan0>lan0"
check "capture what leaves by the old line" capture old cpe wan0 \
	ip proto 41 and src $WAN4
before=$(evicted route)
check "out by the other line, in by the old one" \
	ip -n cpe route add $servers via 192.0.2.129 dev wan1
check "flows are evicted (route)" wait_for 5 evicted_since route $before
check "all goes on" all_go_on
capture_stop old
check "capture again" capture old cpe wan0 ip proto 41
check "all goes on" all_go_on
capture_stop old
check_eq "nothing leaves by the old line any more" \
	"$(captured old src $WAN4 | head -3)" ""
check_num "all comes in by it" "$(captured_count old)" -ge 20

check "in by the other line, too" \
	ip -n inet route add $WAN4 via 192.0.2.130 dev cpe1
check "carried again" carried
check_eq "in and out by wan1" "$(by_device)" "lan0>wan1 wan1>lan0"
check "the far side goes back" ip -n inet route del $WAN4
heal "and the near side" ip -n cpe route del $servers

# ---- addresses

event "wan0 gets another address" route \
	ip -n cpe addr add 198.51.100.77/24 dev wan0
event "and loses it" route \
	ip -n cpe addr del 198.51.100.77/24 dev wan0

before=$(($(evicted route) + $(evicted conntrack)))
check "wan0 loses the tunnel's address" ip -n cpe addr del $WAN4/24 dev wan0
check "capture" capture dam cpe wan0 ip proto 41
check "no answers" in_vain udp
capture_stop dam
check_eq "nothing leaves" "$(captured dam src $WAN4 | head -3)" ""
check_num "flows are evicted" \
	"$(($(evicted route) + $(evicted conntrack)))" -gt $before
check_eq "and none is left" "$(flows41)" 0
heal "address and default route come back" setup cpe <<-EOF
	addr add $WAN4/24 dev wan0
	route add default via 198.51.100.1
EOF

talk_down
