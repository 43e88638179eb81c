# SPDX-License-Identifier: GPL-2.0
# The topology of topo.sh with 6rd or 6to4 in place of the fixed tunnel: tun6 has no
# remote end anywhere, and there is a second customer.
#
#   client            cpe                     inet            server          host
#  +------+   LAN   +------+       WAN       +------+       +------+        +------+
#  | eth0 +---------+ lan0 |                 |      |       | lan0 +--------+ eth0 |
#  |      |         | wan0 +-----------------+ cpe0 |       |      |        |      |
#  |      |         |      |                 | srv0 +-------+ wan0 |        |      |
#  |      |         | tun6 + - - - - - 6in4 (proto 41) - - -+ tun6 |        |      |
#  +------+         |      |                 | two0 +       +------+        +------+
#                   |      + - - 6in4 - - -  +------+--+
#                   +------+              \            | ce2
#                                          \         +-+----+
#                                           - - - - -+ wan0 | tun6, and an address
#                                                    +------+ of its own prefix
#
#  Inside of the prefix the tunnels' ends find each other; for all else the client's
#  cpe, and ce2, have the server as border relay (::SERVER4 as next hop).
#
# Settings: PREFIX and RELAY, as in "6rd-prefix" and "6rd-relay_prefix"; WAN_NET and
# TWO_NET, the first three bytes of the two customers' networks; EMBED4, what the
# cpe's address embeds, if not its own; SIDE=relay makes the cpe the relay, with a
# native LAN, and the server the customer; NEXTHOP=1 are tunnels
# that know no prefix, only the routes' next hops.
#
# Sourced after lib.sh.  It has topo_up, and the same names as topo.sh; in addition
# CE2_4 and CE2_6.
# shellcheck shell=bash
# shellcheck disable=SC2034	# the addresses are for the scenarios

: "${PREFIX:=3fff:600::/32}" "${RELAY:=0.0.0.0/0}"
: "${WAN_NET:=198.51.100}" "${TWO_NET:=198.18.0}"
: "${SIDE:=customer}"

number4()	# IPV4: as one number
{
	local a b c d

	IFS=. read -r a b c d <<<"$1"
	echo $((a << 24 | b << 16 | c << 8 | d))
}

# embed IPV4: the /64 that has it embedded, without its "::"
embed()
{
	local words bits=$((32 - ${RELAY#*/})) len=${PREFIX#*/} high

	IFS=: read -ra words <<<"${PREFIX%%::*}"
	high=$((0x${words[0]:-0} << 48 | 0x${words[1]:-0} << 32 | 0x${words[2]:-0} << 16))
	high=$((high | ($(number4 "$1") & ((1 << bits) - 1)) << (64 - len - bits)))
	printf '%x:%x:%x:%x' $((high >> 48 & 0xffff)) $((high >> 32 & 0xffff)) \
		$((high >> 16 & 0xffff)) $((high & 0xffff))
}

sixrd_addresses()
{
	local near far

	WAN4=$WAN_NET.2
	CE2_4=$TWO_NET.2
	CE2_6=$(embed $CE2_4)::2
	near=$(embed "${EMBED4:-$WAN4}")
	far=2001:db8:2:0
	if [ "$SIDE" = relay ]; then
		near=2001:db8:1:0
		far=$(embed $SERVER4)
	fi
	LAN6=$near::1
	CLIENT6=$near::2
	TUN6_CPE=$near::6
	FAR_LAN6=$far::1
	HOST6=$far::2
}

# sixrd_tunnel LOCAL: tun6, what is inside of the prefix routed into it
sixrd_tunnel()
{
	local sixrd="6rd-prefix $PREFIX 6rd-relay_prefix $RELAY"

	[[ $PREFIX != 2002::/16 && -z ${NEXTHOP:-} ]] || sixrd=''
	cat <<-EOF
		link add tun6 type sit local $1 ttl 64 $sixrd
		link set tun6 up
	EOF
	[ -n "${NEXTHOP:-}" ] || echo "route add $PREFIX dev tun6"
}

# by_hop PREFIX IPV4: instead of that
by_hop()
{
	[ -z "${NEXTHOP:-}" ] || echo "route add $1 via ::$2 dev tun6 onlink"
}

by_relay()	# IPV4: all else
{
	echo "route add ::/0 via ::$1 dev tun6 onlink"
}

sixrd_cpe()
{
	on cpe sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1
	setup cpe <<-EOF
		link set lan0 up
		link set wan0 up
		addr add 192.0.2.1/24 dev lan0
		addr add $LAN6/64 dev lan0 nodad
		addr add $WAN4/24 dev wan0
		route add default via $WAN_NET.1
		$(sixrd_tunnel $WAN4)
		addr add $TUN6_CPE/128 dev tun6 nodad
		$(by_hop $CE2_6/128 $CE2_4)
		$([ "$SIDE" = relay ] || by_relay $SERVER4)
	EOF
}

sixrd_inet()
{
	on inet sysctl -qw net.ipv4.ip_forward=1
	setup inet <<-EOF
		link set cpe0 up
		link set srv0 up
		link set two0 up
		addr add $WAN_NET.1/24 dev cpe0
		addr add 203.0.113.1/24 dev srv0
		addr add $TWO_NET.1/24 dev two0
	EOF
}

sixrd_server()
{
	on server sysctl -qw net.ipv6.conf.all.forwarding=1
	setup server <<-EOF
		link set wan0 up
		link set lan0 up
		addr add $SERVER4/24 dev wan0
		addr add $FAR_LAN6/64 dev lan0 nodad
		route add default via 203.0.113.1
		$(sixrd_tunnel $SERVER4)
		$([ "$SIDE" != relay ] || by_relay $WAN4)
		$(by_hop $CLIENT6/128 $WAN4)
	EOF
}

sixrd_ce2()
{
	local relay=$SERVER4

	[ "$SIDE" != relay ] || relay=$WAN4
	setup ce2 <<-EOF
		link set wan0 up
		addr add $CE2_4/24 dev wan0
		route add default via $TWO_NET.1
		$(sixrd_tunnel $CE2_4)
		addr add $CE2_6/128 dev tun6 nodad
		$(by_hop $CLIENT6/128 $WAN4)
		$(by_relay $relay)
	EOF
}

sixrd_host()
{
	setup host <<-EOF
		link set eth0 up
		addr add $HOST6/64 dev eth0 nodad
		route add default via $FAR_LAN6
	EOF
}

from_anywhere()
{
	have_nft || { tables_from_anywhere; return; }
	on cpe nft insert rule inet fw4 input iifname wan0 ip protocol ipv6 accept
}

# 6in4 comes from anywhere
sixrd_firewall()
{
	topo_firewall && from_anywhere
}

topo_up()
{
	TOPO=${TOPO:-}
	sixrd_addresses
	topo_defaults &&
	netns_add client cpe inet server host ce2 &&
	veth_add client eth0 11 cpe lan0 12 &&
	veth_add cpe wan0 21 inet cpe0 22 &&
	veth_add inet srv0 31 server wan0 32 &&
	veth_add server lan0 41 host eth0 42 &&
	veth_add inet two0 71 ce2 wan0 72 &&
	topo_client && sixrd_cpe && sixrd_inet && sixrd_server && sixrd_host &&
	sixrd_ce2 && sixrd_firewall &&
	{ [ -z "${SIXRD_TOO:-}" ] || "$SIXRD_TOO"; } &&
	wait_for 10 links_ready client cpe inet server host ce2 &&
	wait_for 10 ping6 client $HOST6 &&
	wait_for 10 ping6 client $CE2_6
}

# outer_pairs [flows' arguments]: role, outer source and destination of what is cached
outer_pairs()
{
	f41 -j flows "$@" | jq -r '.[] | "\(.role) \(.outer_src)>\(.outer_dst)"' |
		sort -u | paste -sd' '
}
