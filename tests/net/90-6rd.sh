#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# 6rd (sixrd.sh): from customer to customer directly, and to the rest of the world by
# the border relay, with several lengths of the prefixes.  All arrives, nearly all
# on the fast path, in both directions, and what leaves the router is the same as
# without flow41.

# shellcheck disable=SC2317	# functions that check calls
. "$(dirname "$0")/lib.sh"
. "$NET_DIR/talk.sh"
. "$NET_DIR/offon.sh"
. "$NET_DIR/sixrd.sh"

# Ends stay on their CPU, or their own packets might overtake each other
servers()
{
	serve udp host $HOST6 6000 -C 1 && serve tcp ce2 $CE2_6 5001 &&
		serve udp ce2 $CE2_6 6001 -C 1
}

# carries WAY ADDRESS TCP-PORT UDP-PORT
carries()
{
	local what="$PREFIX $RELAY, $1"

	warm_up
	mark_counters
	check "$what: UDP" on client traffic udp -C 0 -e -u 4000 -s 100,1432,32 "$2" "$4"
	check_fast "$what: UDP" 99 encap decap
	warm_up
	mark_counters
	check "$what: TCP" on client traffic tcp -u 4194304 -d 4194304 "$2" "$3"
	check_fast "$what: TCP" 97 encap decap
}

# goes_to ADDRESS PORT IPV4: flows of that conversation have it as the far end
goes_to()
{
	[ "$(outer_pairs dport "$2") $(outer_pairs sport "$2")" = \
		"encap $WAN4>$3 decap $3>$WAN4" ] || { f41 flows; return 1; }
}

variant()	# PREFIX RELAY WAN_NET TWO_NET
{
	PREFIX=$1 RELAY=$2 WAN_NET=$3 TWO_NET=$4
	need "$PREFIX $RELAY: topology up" topo_up
	need "enable" f41 enable
	need "a first connection" warm_up
	need "servers" servers
	carries "by the relay" $HOST6 5000 6000
	carries "directly" $CE2_6 5001 6001
	check "$PREFIX $RELAY: UDP by the relay" talk udp udp client host $HOST6 5011
	check "$PREFIX $RELAY: TCP to the customer" talk tcp tcp client ce2 $CE2_6 5012
	check "$PREFIX $RELAY: both are carried" carried
	check "$PREFIX $RELAY: the relay's address" goes_to $HOST6 5011 $SERVER4
	check "$PREFIX $RELAY: the customer's address" goes_to $CE2_6 5012 $CE2_4
	# shellcheck disable=SC2046	# one word each
	hush $(talks)
	for port in 5000 5001 6000 6001; do
		[ $port = 5000 ] || check "port $port saw no mistake" served $port
	done
	check_eq "nothing was found changed" "$(evicted result)" 0
}

again()
{
	f41 disable
	stop_all
	topo_down
}

need_flow41
variant 3fff:600::/32 0.0.0.0/0 198.51.100 198.18.0
again
variant 3fff:6400::/27 10.0.0.0/8 10.1.2 10.200.4
again
variant 3fff:608::/29 10.1.128.0/17 10.1.129 10.1.200
again
variant 3fff:600:1230::/44 172.16.0.0/12 172.18.52 172.31.255

# ---- byte for byte

need "server on host" serve udp host $HOST6 7000 -C 1 -T $CLASSES -L $LABELS -H $HOPS
off_and_on "by the relay" 90 -u 320 -s 100,1000,1432 -T $CLASSES -L $LABELS -H $HOPS
stop serve-7000
stop serve-5000
HOST6=$CE2_6
need "servers on ce2" serve udp ce2 $CE2_6 7000 -C 1 -T $CLASSES -L $LABELS -H $HOPS
need "servers on ce2" serve tcp ce2 $CE2_6 5000
off_and_on "directly" 90 -u 320 -s 100,1000,1432 -T $CLASSES -L $LABELS -H $HOPS

check_audits
check_no_leaks
finish
