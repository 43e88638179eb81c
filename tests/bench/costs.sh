# SPDX-License-Identifier: GPL-2.0
# What the bench's scenarios share: routers with ppcost on both sides, and measuring.
# Sourced, after lib.sh, in a guest whose clock counts instructions (boot.sh).
#
#             +------------- cpe -------------+
#  ppcost ====| lan0 (tap)         wan0 (tap) |==== ppcost
#             |        tun6 - - 6in4          |
#             +-------------------------------+
# shellcheck shell=bash

: "${PACKETS:=10000}" "${WARMUP:=2000}"
ROUTER=

declare -A SENDER	# ROLE: instructions to make a packet that is dropped at once

tap_of()	# ROLE: where it comes in
{
	case $1 in
	encap|*_out) echo lan0 ;;
	*) echo wan0 ;;
	esac
}

# ---- ppcost

meter_up()	# CLIENT4 NEAR4
{
	netns_add cpe || return
	coproc METER { on cpe ppcost lan0 wan0 $CLIENT6 $HOST6 "$1" "$2" $SERVER4; }
	read -r <&"${METER[0]}" || return
	tell_meter "size ${SIZE:-100}"
}

tell_meter()	# LINE
{
	echo "$1" >&"${METER[1]}"
}

send()	# ROLE PACKETS: what became of them, in REPLY
{
	tell_meter "$1 $2" && read -r <&"${METER[0]}"
}

intact()	# of REPLY: those that came out whole, while the clock ran
{
	jq '.intact - .late' <<<"$REPLY"
}

# crossed ROLE [PACKETS]: so many packets get through
crossed()
{
	send "$1" "${2:-1}" && [ "$(jq .intact <<<"$REPLY")" = "${2:-1}" ]
}

# ---- routers

# Neighbours that need no asking, devices that do not queue
fixed_up()
{
	setup cpe <<-EOF_
		neigh add $CLIENT6 lladdr 02:00:00:00:00:11 dev lan0 nud permanent
		neigh add $CLIENT4 lladdr 02:00:00:00:00:11 dev lan0 nud permanent
		neigh add 198.51.100.1 lladdr 02:00:00:00:00:22 dev wan0 nud permanent
		neigh add 2001:db8:6::1 lladdr 02:00:00:00:00:22 dev wan0 nud permanent
	EOF_
	on cpe tc qdisc replace dev lan0 root noqueue &&
	on cpe tc qdisc replace dev wan0 root noqueue
}

# router_tunnel: topo.sh's, the tunnel's end
router_tunnel()
{
	meter_up "$WAN4" "$WAN4" && topo_cpe && fixed_up &&
	{ [ "${FIREWALL:-1}" = 0 ] || topo_firewall; }
}

# router_transit: transit.sh's; it is behind it (NAT=dmz or none)
router_transit()
{
	local near=$WAN4

	[ "$NAT" != none ] || near=$CLIENT4
	meter_up "$CLIENT4" "$near" && transit_cpe && fixed_up && transit_firewall
}

# router_ipv6: no tunnel, IPv6 on both sides; IPv4 is masqueraded
router_ipv6()
{
	meter_up "$CLIENT4" "$WAN4" && topo_cpe && fixed_up &&
	ip -n cpe link del tun6 && setup cpe <<-EOF_ &&
		addr add 2001:db8:6::2/64 dev wan0 nodad
		route add ::/0 via 2001:db8:6::1
	EOF_
	{ [ "${FIREWALL:-1}" = 0 ] || topo_firewall; }
}

router_up()	# tunnel|transit|ipv6
{
	ROUTER=$1
	topo_defaults
	modprobe -qa tun sch_ingress cls_matchall act_gact act_mirred
	"router_$1"
}

router_down()
{
	local fd=${METER[1]:-}

	[ -z "$fd" ] || exec {fd}>&-
	wait "${METER_PID:-}" 2>/dev/null
	topo_down
}

# ---- measuring

# counted_send ROLE: PACKETS of them, in a slot of insns.c of their own, an odd one
counted_send()
{
	tell_meter next && send "$1" "$PACKETS" && tell_meter next
}

# What it costs to make a packet and have it dropped where it comes in
measure_sender()	# ROLE
{
	local tap

	tap=$(tap_of "$1")
	on cpe tc qdisc add dev "$tap" clsact &&
	on cpe tc filter add dev "$tap" ingress matchall action drop &&
	send "$1" "$WARMUP" && counted_send "$1" &&
	on cpe tc qdisc del dev "$tap" clsact &&
	SENDER[$1]=$(jq '.ns / .packets' <<<"$REPLY")
}
