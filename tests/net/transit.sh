# SPDX-License-Identifier: GPL-2.0
# The topology of topo.sh with the tunnel's near end behind the router, which only
# passes the 6in4 packets on.  Sourced after lib.sh; transit_up instead of topo_up.
#
#   client            cpe                     inet            server          host
#  +------+   LAN   +------+       WAN       +------+       +------+        +------+
#  | eth0 +---------+ lan0 |                 |      |       | lan0 +--------+ eth0 |
#  |      |         | wan0 +-----------------+ cpe0 |       |      |        |      |
#  |      |         |  NAT |                 | srv0 +-------+ wan0 |        |      |
#  | tun6 + - - - - - - - - - - - - - 6in4 (proto 41) - - - + tun6 |        |      |
#  +------+         +------+                 +------+       +------+        +------+
#
#  CLIENT6 is on the client's tun6.  NAT: masquerade (the client speaks first), dmz
#  (masqueraded, and what comes in for protocol 41 goes to the client), none (the
#  internet has a route to the LAN).
# shellcheck shell=bash
# shellcheck disable=SC2034

NAT=${NAT:-dmz}
UNDER="$CLIENT4"	# the address the server sends the tunnel's packets to
[ "$NAT" = none ] || UNDER=$WAN4

transit_client()
{
	setup client <<-EOF_
		link set eth0 up
		addr add $CLIENT4/24 dev eth0
		route add default via 192.0.2.1
		link add tun6 type sit local $CLIENT4 remote $SERVER4 ttl 64
		link set tun6 up
		addr add $CLIENT6/64 dev tun6 nodad
		route add ::/0 dev tun6
	EOF_
}

transit_cpe()
{
	on cpe sysctl -qw net.ipv4.ip_forward=1
	setup cpe <<-EOF_
		link set lan0 up
		link set wan0 up
		addr add 192.0.2.1/24 dev lan0
		addr add $WAN4/24 dev wan0
		route add default via 198.51.100.1
	EOF_
}

transit_inet()
{
	topo_inet || return
	[ "$NAT" != none ] || ip -n "${TOPO}inet" route add 192.0.2.0/24 via $WAN4
}

transit_server()
{
	topo_server && ip -n "${TOPO}server" link set tun6 type sit \
		local $SERVER4 remote $UNDER ttl 64
}

# The counters are of what the software path forwards of the tunnel
transit_firewall()
{
	local masquerade='' dmz=''

	have_nft || { tables_transit; return; }
	[ "$NAT" = none ] || masquerade="oifname wan0 masquerade"
	[ "$NAT" != dmz ] || dmz="iifname wan0 ip protocol 41 dnat to $CLIENT4"
	on cpe nft -f - <<-EOF_
		table ip fw4 {
			counter encap { }
			counter decap { }
			chain forward {
				type filter hook forward priority filter; policy drop;
				ip protocol 41 oifname wan0 counter name encap
				ip protocol 41 iifname wan0 counter name decap
				ct state vmap { established : accept, related : accept, invalid : drop }
				iifname lan0 accept
				iifname wan0 ip protocol 41 ip daddr $CLIENT4 accept
			}
			chain dstnat {
				type nat hook prerouting priority dstnat; policy accept;
				$dmz
			}
			chain srcnat {
				type nat hook postrouting priority srcnat; policy accept;
				$masquerade
			}
		}
	EOF_
}

transit_up()
{
	topo_cables &&
	transit_client && transit_cpe && transit_inet && transit_server && topo_host &&
	transit_firewall &&
	wait_for 10 links_ready client cpe inet server host &&
	wait_for 10 ping6 client $HOST6
}

# ---- figures: flow41 counts both directions as one role

transit_fast()
{
	fast transit
}

soft_both()
{
	echo $(($(soft encap) + $(soft decap) - $(stat41 .roles.transit.both_paths)))
}

# Packets that are not meant to be carried: audited after a silence, SYN, FIN and RST
# (which the counters of topo.sh's firewall leave out themselves)
unmeant()
{
	stat41 ".punts | .audit + .handshake + .teardown"
}

# transit_mark, then transit_share: percent of the packets since then that were on
# the fast path, those aside that were not meant to be
transit_mark()
{
	TRANSIT_UNMEANT=$(unmeant)
	TRANSIT_FAST=$(transit_fast)
	TRANSIT_SOFT=$(soft_both)
}

transit_share()
{
	local f s a

	f=$(($(transit_fast) - TRANSIT_FAST))
	a=$(($(unmeant) - TRANSIT_UNMEANT))
	s=$(($(soft_both) - TRANSIT_SOFT - a))
	diag "transit: $f fast, $s by software, $a audited there or not to be carried" >&2
	echo $((f + s > 0 ? 100 * f / (f + s) : 0))
}

check_transit()	# WHAT PERCENT
{
	check_num "$1: on the fast path, percent" "$(transit_share)" -ge "$2" ||
		diag "$(f41 stats)"
}

# All conversations (talk.sh) are on the fast path, soon
transit_carried()
{
	local end=$((SECONDS + 20)) fast soft n

	until
		fast=$(transit_fast) soft=$(soft_both) n=$(total_answered)
		all_go_on || return 1
		n=$(($(total_answered) - n))
		fast=$(($(transit_fast) - fast)) soft=$(($(soft_both) - soft))
		echo "$n answered; fast: $fast; by software: $soft"
		[ $fast -ge $((2 * n - 4)) ] && [ $soft -le $((n / 5)) ]
	do
		[ $SECONDS -lt $end ] && continue
		f41 flows
		f41 stats
		return 1
	done
}

flow_roles()
{
	f41 -j flows | jq -r '[.[].role] | unique | join(" ")'
}
