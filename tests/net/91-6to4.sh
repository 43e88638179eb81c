#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# 6to4 (sixrd.sh with 2002::/16), and a tunnel that only has next hops: the router as
# the customer, with the relay's answers from the relay, from another address, from
# two in turn; and as the relay, with 2002::/16 alone routed into the tunnel.

# shellcheck disable=SC2317	# functions that check calls
. "$(dirname "$0")/lib.sh"
. "$NET_DIR/talk.sh"
PREFIX=2002::/16
. "$NET_DIR/sixrd.sh"

OTHER4=203.0.113.3

setting()	# WHAT: everything anew
{
	what=$1
	f41 disable 2>/dev/null
	stop_all
	TALKS=()
	topo_down
	need "$what: topology up" topo_up
	need "$what: enable" f41 enable
}

conversations()
{
	talk udp udp client host $HOST6 5001 && talk tcp tcp client host $HOST6 5002 &&
		talk udp2 udp client ce2 $CE2_6 5003 &&
		talk tcp2 tcp client ce2 $CE2_6 5004
}

transfers()
{
	need "$what: server" warm_up
	mark_counters
	check "$what: TCP" on client traffic tcp -u 4194304 -d 4194304 $HOST6 5000
	check_fast "$what: TCP" 97 encap decap
}

# One way only, from the far side: nothing but the first packet shows the way back.
# Paced: what is in the queue with the first one goes by software, too
comes_down()
{
	need "$what: UDP server" serve udp host $HOST6 6000 -C 0 -i 50
	mark_counters
	check "$what: UDP, one way down" \
		on client traffic udp -u 1 -d 4000 -s 100 -C 1 $HOST6 6000
	check_fast "$what: UDP, one way down" 98 decap
}

all_carried()
{
	need "$what: conversations" conversations
	check "$what: all are carried" carried
}

# The server has another tunnel, from another address
two_addresses()
{
	setup server <<-EOF
		addr add $OTHER4/24 dev wan0
		link add other6 type sit local $OTHER4 ttl 64
		link set other6 up
	EOF
}

answers_by()	# tun6|other6
{
	ip -n server route replace $CLIENT6/128 dev "$1"
}

need_flow41

setting customer
all_carried
check_eq "$what: the far ends" "$(outer_pairs role encap)" \
	"encap $WAN4>$CE2_4 encap $WAN4>$SERVER4"
comes_down
transfers
check_eq "$what: nothing was found changed" "$(evicted result)" 0

# ---- answers from elsewhere

SIXRD_TOO=two_addresses
setting "two addresses"
all_carried
before=$(evicted moved)
check "the relay answers from its other address" answers_by other6
check "all goes on" all_go_on
check "carried again" carried
check_num "connections moved" "$(evicted moved)" -gt "$before"
check_eq "packets come from there" "$(outer_pairs role decap sport 5001)" \
	"decap $OTHER4>$WAN4"
check_eq "ours go where they went" "$(outer_pairs role encap dport 5001)" \
	"encap $WAN4>$SERVER4"
check_eq "ce2 is where it was" "$(outer_pairs role decap sport 5003)" \
	"decap $CE2_4>$WAN4"
comes_down
transfers

turns()	# from one address and the other, as fast as it goes
{
	while answers_by tun6 && answers_by other6; do
		:
	done
}

start turns turns
check "from both in turn: all goes on" all_go_on 200
stop turns
check_num "from both in turn: packets strayed" "$(punted stray)" -ge 10
check "from one address again" answers_by tun6
check "all is carried again" carried
check_eq "$what: nothing was found changed" "$(evicted result)" 0
SIXRD_TOO=

# ---- the router as the relay

SIDE=relay
setting relay
all_carried
check_eq "$what: the far ends" "$(outer_pairs role decap)" \
	"decap $CE2_4>$WAN4 decap $SERVER4>$WAN4"
comes_down
transfers
check_eq "$what: no packet strayed" "$(punted stray)" 0
check_eq "$what: nothing was found changed" "$(evicted result)" 0

# ---- no prefix at all

SIDE=customer PREFIX=3fff:600::/32 NEXTHOP=1
setting "next hops"
all_carried
check_eq "$what: the far ends" "$(outer_pairs role encap)" \
	"encap $WAN4>$CE2_4 encap $WAN4>$SERVER4"
transfers
check_eq "$what: no packet strayed" "$(punted stray)" 0

talk_down
