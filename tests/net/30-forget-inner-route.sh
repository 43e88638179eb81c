#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The router's IPv6 routes and addresses change under running traffic (topo.sh): what
# the software path would refuse, send elsewhere or keep for itself, the cache does
# not send on; what works again is carried again.  An IPv6 rule, of which the kernel
# tells nobody, takes a flush.  A route in a table that is asked earlier does not: not
# even with a module that does not audit (FAULTS=1).

. "$(dirname "$0")/lib.sh"
. "$NET_DIR/talk.sh"

FAULTY=/usr/lib/flow41-faults/flow41.ko

elsewhere()
{
	setup cpe <<-EOF
		link add dummy0 type dummy
		link set dummy0 up
	EOF
}

went_elsewhere()	# COUNT: packets, so many at least
{
	[ "$(ip -n cpe -j -s link show dummy0 | jq '.[0].stats64.tx.packets')" -ge "$1" ]
}

rule_and_flush()
{
	ip -n cpe -6 rule add to $HOST6 prohibit && f41 flush
}

TALK_OVER=elsewhere talk_up

# ---- the way out

dam "the far LAN becomes unreachable" route \
	ip -n cpe -6 route add unreachable 2001:db8:2::/64
heal "and reachable" ip -n cpe -6 route del unreachable 2001:db8:2::/64

dam "the host goes to a blackhole" route \
	ip -n cpe -6 route add blackhole $HOST6/128
heal "and comes back" ip -n cpe -6 route del blackhole $HOST6/128

dam "the host is elsewhere" route ip -n cpe -6 route add $HOST6/128 dev dummy0
check "packets for it go there" went_elsewhere 5
heal "and back" ip -n cpe -6 route del $HOST6/128 dev dummy0

dam "the default route is deleted" route ip -n cpe -6 route del ::/0 dev tun6
heal "and added" ip -n cpe -6 route add ::/0 dev tun6

dam "the router takes the host's address" route \
	ip -n cpe addr add $HOST6/128 dev dummy0 nodad
heal "and gives it up" ip -n cpe addr del $HOST6/128 dev dummy0

# The next packet may meet the rule before the flush does its work
dam "a rule forbids the host, and a flush" any rule_and_flush
heal "the rule goes" ip -n cpe -6 rule del to $HOST6 prohibit

# ---- the way back

mute "the client is elsewhere" route ip -n cpe -6 route add $CLIENT6/128 dev dummy0
check "packets for it go there" went_elsewhere 10
heal "and back" ip -n cpe -6 route del $CLIENT6/128 dev dummy0

mute "the router takes the client's address" route \
	ip -n cpe addr add $CLIENT6/128 dev dummy0 nodad
heal "and gives it up" ip -n cpe addr del $CLIENT6/128 dev dummy0

mute "lan0 loses its address, and its route with it" route \
	ip -n cpe addr del $LAN6/64 dev lan0
heal "and gets it back" ip -n cpe addr add $LAN6/64 dev lan0 nodad

# ---- the same way, told differently

event "the default route is replaced" route \
	ip -n cpe -6 route replace ::/0 via ::$SERVER4 dev tun6 onlink
event "a route of the host's own" route ip -n cpe -6 route add $HOST6/128 dev tun6

# ---- a route in a table that is asked first, which leaves the flow's own as it is

need "the module without audits instead" eval "unload && insmod $FAULTY fault_no_audit=1"
need "it is enabled" f41 enable
check "a table that is asked first, and empty" ip -n cpe -6 rule add to $HOST6 lookup 100
check "all go on, carried" carried
# shellcheck disable=SC2046	# one word each
asleep $(talks tcp)
before=$(punted route)
check "a blackhole in that table" ip -n cpe -6 route add blackhole $HOST6/128 table 100
check "a blackhole: capture" capture dam host eth0 ip6 dst $HOST6 and udp
check "a blackhole: no answers" in_vain udp
capture_stop dam
check_eq "a blackhole: nothing reaches the host" "$(captured dam | head -3)" ""
check_num "a blackhole: left to software (route)" "$(punted route)" -gt "$before"
heal "the table is empty again" ip -n cpe -6 route del blackhole $HOST6/128 table 100

talk_down
