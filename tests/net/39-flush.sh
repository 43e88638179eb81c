#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# "flow41 flush" with each of its filters ends the connections that match, both
# directions of them, says how many flows that were, and ends no other; traffic goes
# on and is carried again.  Four conversations differ in protocol, LAN and tunnel
# (topo.sh, tun7.sh, lan1.sh).

. "$(dirname "$0")/lib.sh"
. "$NET_DIR/talk.sh"
. "$NET_DIR/tun7.sh"
. "$NET_DIR/lan1.sh"

ALL="tun6-lan0-tcp tun6-lan0-udp tun6-lan1-udp tun7-lan0-udp"
VIA_TUN6="tun6-lan0-tcp tun6-lan0-udp tun6-lan1-udp"

more_ways()
{
	tun7_up && lan1_up
}

connections()	# that have flows
{
	f41 -j flows role encap |
		jq -r '[.[] | "\(.tunnel)-\(.dev_in)-\(.proto)"] | sort | join(" ")'
}

port_of()	# FILTER...: the client's, of the connection that matches
{
	f41 -j flows role encap "$@" | jq '.[0].sport'
}

all_are_silent()
{
	# shellcheck disable=SC2046	# one word each
	asleep $(talks) && wait_for 5 silent && [ "$(connections)" = "$ALL" ]
}

# leaves "CONNECTION..." FILTER VALUE ...: flush ends all but those, says so, counts so
leaves()
{
	local what="flush ${*:2}" was rest gone before

	was=$(flows41)
	read -ra rest <<<"$1"
	gone=$((was - 2 * ${#rest[@]}))
	before=$(evicted flush)
	check_eq "$what: says how many" "$(f41 -j flush "${@:2}" | jq .flushed)" $gone
	check_eq "$what: counted" $(($(evicted flush) - before)) $gone
	check_eq "$what: ends those and no others" "$(connections)" "$1"
	check_eq "$what: both directions" "$(flows41)" $((was - gone))
}

recover()
{
	# shellcheck disable=SC2046	# one word each
	awake $(talks)
	check "all go on, carried again" carried
	need "all have their flows, and are silent" all_are_silent
}

TALK_OVER=more_ways talk_up
need "nobody who is silent is idle" f41 set idle-timeout 3600
need "UDP through the other tunnel" talk udp7 udp client host $HOST6_7 5001
need "UDP from the other LAN" talk lan1 udp client host $HOST6_LAN1 5001
recover

leaves "$ALL" role encap dev wan0
leaves "$ALL" dst $HOST6 tunnel tun7
leaves "$ALL" proto tcp dport 5001
leaves "$ALL" dev lo
leaves "tun6-lan0-udp tun6-lan1-udp tun7-lan0-udp" dport 5002
leaves "tun6-lan0-udp tun7-lan0-udp" dev-out lan1
leaves "tun6-lan0-udp" tunnel tun7
leaves "" proto udp
recover

leaves "tun6-lan0-tcp tun6-lan1-udp tun7-lan0-udp" \
	sport "$(port_of dst $HOST6 proto udp)"
leaves "tun6-lan0-tcp tun6-lan1-udp" dst $HOST6_7
leaves "tun6-lan1-udp" src $CLIENT6
leaves "" outer-src $WAN4
recover

leaves "$VIA_TUN6" outer-src $SERVER4_7
leaves "tun6-lan0-tcp tun6-lan0-udp" src $HOST6_LAN1
leaves "tun6-lan0-udp" role encap src $CLIENT6 dst $HOST6 proto tcp dport 5002 \
	dev lan0 tunnel tun6 outer-src $WAN4 outer-dst $SERVER4
leaves "" role decap
recover

leaves "$VIA_TUN6" outer-dst $SERVER4_7
leaves "" dev wan0
recover

leaves ""
# shellcheck disable=SC2046	# one word each
awake $(talks)
check "all go on, carried again" carried
talk_down
