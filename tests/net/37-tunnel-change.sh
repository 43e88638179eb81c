#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The tunnel's parameters change under running traffic (topo.sh): outer header fields,
# then its two ends.  The next packet has the new ones already, no later one the old
# ones, and everything is carried again.

. "$(dirname "$0")/lib.sh"
. "$NET_DIR/talk.sh"

# What outer headers say, for sed
TTL='s/.*(tos [^)]*, ttl \([0-9]*\),.*proto IPv6.*/\1/p'
TOS='s/.*(tos \(0x[0-9a-f]*\)[,)].*proto IPv6.*/\1/p'
FLAGS='s/.*flags \[\([^]]*\)\], proto IPv6.*/\1/p'
ENDS='s/.* \([0-9.]* > [0-9.]*\): (.*next-header.*/\1/p'

OTHER_SERVER4=203.0.113.7
OTHER_WAN4=198.51.100.7

# Masquerading would make the first address of the second one
more_addresses()
{
	ip -n server addr add $OTHER_SERVER4/24 dev wan0 &&
		ip -n cpe addr add $OTHER_WAN4/24 dev wan0 &&
		on cpe nft insert rule inet fw4 srcnat ip saddr $OTHER_WAN4 accept
}

on_wan()	# NAME: what leaves the router
{
	capture "$1" inet cpe0 ip proto 41 and ether src 02:00:00:00:00:21
}

# change COMMAND...: from here on, "after" has all that leaves
change()
{
	"$@" && on_wan after
}

# changes WHAT SED-EXPRESSION OLD NEW COMMAND...: after the command, each packet has
# NEW where it had OLD
changes()
{
	local what=$1 port

	on_wan both
	event "$what" tunnel change "${@:5}"
	capture_stop both
	capture_stop after
	for port in 5001 5002; do
		check_eq "$what: port $port, the old one, then the new one" \
			"$(in_turn both $port "$2")" "$3 $4"
		check_eq "$what: port $port, at once" "$(in_turn after $port "$2")" "$4"
	done
}

other_server()
{
	tunnel_is server local $OTHER_SERVER4 && tunnel_is cpe remote $OTHER_SERVER4
}

other_router()
{
	tunnel_is server remote $OTHER_WAN4 && tunnel_is cpe local $OTHER_WAN4
}

TALK_OVER=more_addresses talk_up

changes "ttl" "$TTL" 64 33 tunnel_is cpe ttl 33
changes "ttl, told by ioctl" "$TTL" 33 99 ip -n cpe tunnel change tun6 mode sit ttl 99
changes "ttl inherit" "$TTL" 99 63 tunnel_is cpe ttl inherit
changes "tos" "$TOS" 0x0 0x10 tunnel_is cpe tos 0x10
changes "tos inherit" "$TOS" 0x10 0x0 tunnel_is cpe tos inherit
changes "nopmtudisc" "$FLAGS" DF none tunnel_is cpe nopmtudisc
changes "pmtudisc" "$FLAGS" none DF tunnel_is cpe pmtudisc
changes "remote" "$ENDS" "$WAN4 > $SERVER4" "$WAN4 > $OTHER_SERVER4" other_server
changes "local" "$ENDS" "$WAN4 > $OTHER_SERVER4" "$OTHER_WAN4 > $OTHER_SERVER4" other_router
check_eq "flows have the new ends" \
	"$(f41 -j flows role encap | jq -r '.[] | .outer_src + " " + .outer_dst' | uniq)" \
	"$OTHER_WAN4 $OTHER_SERVER4"

# ---- a tunnel that nobody answers on

dam "a wrong remote" tunnel tunnel_is cpe remote 203.0.113.99
heal "the right one" tunnel_is cpe remote $OTHER_SERVER4

talk_down
