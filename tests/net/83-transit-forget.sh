#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# What a transit flow rests on goes away under running traffic (transit.sh): the flows
# go with it, traffic recovers by itself and is carried again, TCP too, whose
# handshake is long past.  Its conntrack entry is kept alive by what is carried.

# shellcheck disable=SC2317	# functions that check calls
. "$(dirname "$0")/lib.sh"
. "$NET_DIR/transit.sh"
. "$NET_DIR/talk.sh"

gone()	# WHAT REASON COMMAND...
{
	local what=$1 reason=$2 before

	shift 2
	before=$(evicted "$reason")
	check "$what" "$@"
	check "$what: flows are evicted ($reason)" wait_for 5 evicted_since "$reason" "$before"
	check "$what: traffic goes on, carried again" transit_carried
}

outer_entry()
{
	on cpe conntrack -L -p 41 2>/dev/null | grep -c "dst=$SERVER4"
}

# The entry is gone, and what makes the next one comes from the far end; what was still
# under way may be faster
far_end_first()
{
	asleep udp tcp && wait_for 10 made_by_far_end && awake udp tcp
}

made_by_far_end()
{
	on cpe conntrack -D -p 41 && ping6 host $CLIENT6 &&
		[[ $(on cpe conntrack -L -p 41 2>/dev/null) =~ ^[^=]*src=$SERVER4 ]]
}

# seconds that it has left
outer_timeout()
{
	on cpe conntrack -L -p 41 2>/dev/null | awk '/dst='$SERVER4'/ { print $3 }'
}

need_flow41
need "topology up" transit_up
need "enable" f41 enable
need "UDP goes" talk udp udp client host $HOST6 5001
need "TCP goes" talk tcp tcp client host $HOST6 5002
need "both are carried" transit_carried
check_eq "as transit" "$(flow_roles)" transit

check_eq "one conntrack entry" "$(outer_entry)" 1
on cpe sysctl -qw net.netfilter.nf_conntrack_generic_timeout=900
check "its timeout follows, though nothing goes by software" transit_carried
check_num "its timeout, seconds" "$(outer_timeout)" -ge 890

gone "its conntrack entry is deleted" conntrack on cpe conntrack -D -p 41
gone "it comes back from the other end" conntrack far_end_first
gone "a route changes" route ip -n cpe route add 203.0.113.0/24 via 198.51.100.1
gone "flush" flush f41 flush role transit
gone "the LAN device's MTU changes" device ip -n cpe link set lan0 mtu 1480
gone "wan0 goes down and up" device setup cpe <<-EOF
	link set wan0 down
	link set wan0 up
	route add default via 198.51.100.1
EOF

# Forbidden: the firewall says no, and the flows are flushed
hush tcp
before=$(answered udp)
on cpe nft insert rule ip fw4 forward ip protocol 41 drop
f41 flush
check "what the firewall forbids does not get through" in_vain udp
check_num "it went on until then" "$before" -gt 0
check_eq "nor is it cached" "$(flows41)" 0
on cpe nft flush chain ip fw4 forward
on cpe nft add rule ip fw4 forward accept
hush udp

# A TCP connection whose handshake nobody watched
f41 disable
need "TCP goes" talk tcp tcp client host $HOST6 5002
f41 enable
goes_on tcp 20
check_eq "pickup off: not cached" "$(flows41)" 0
check_num "for this reason" "$(stat41 .refusals.no_handshake)" -gt 0
check "pickup on" f41 set pickup on
goes_on tcp 20
check_eq "then it is" "$(flows41)" 2
check "and carried" transit_carried

check "forwarding off" on cpe sysctl -qw net.ipv4.ip_forward=0
check_eq "nothing was found changed without notice" "$(evicted result)" 0
hush tcp
check_no_leaks
finish
