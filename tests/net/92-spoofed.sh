#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# 6in4 packets whose inner and outer addresses do not fit (sixrd.sh): the tunnel drops
# and counts them, with flow41 on as with flow41 off; also those that look, inside,
# like packets of a connection that is being carried.
#
# They come from the server and from ce2, out of tunnels with a fixed remote end,
# which take anything.  Everything else of a packet is right.

# shellcheck disable=SC2317	# functions that check calls
. "$(dirname "$0")/lib.sh"
. "$NET_DIR/talk.sh"
. "$NET_DIR/sixrd.sh"

LIES=40
THIRD6=$(embed 192.0.2.99)::2	# inside of the prefix, and nobody's
NATIVE6=2001:db8:77::2		# outside
OTHER6=$(embed 192.0.2.98)::2	# inside, and not the cpe's

liars()
{
	local ns

	for ns in server ce2; do
		setup $ns <<-EOF || return
			link add liar6 type sit local $([ $ns = ce2 ] && echo $CE2_4 || echo $SERVER4) remote $WAN4 ttl 64
			link set liar6 up
			$([ $ns = ce2 ] || echo "addr add $CE2_6/128 dev liar6 nodad")
			addr add $HOST6/128 dev lo nodad
			addr add $THIRD6/128 dev liar6 nodad
			addr add $NATIVE6/128 dev liar6 nodad
		EOF
	done
	ip -n server addr del $HOST6/128 dev lo
	# What goes through nevertheless must not be stopped by the firewall
	on cpe nft insert rule inet fw4 forward udp dport 9999 accept &&
		ip -n cpe route add $OTHER6/128 via $CLIENT6 dev lan0 &&
		ip -n client addr add $OTHER6/128 dev eth0 nodad preferred_lft 0
}

errors()
{
	ip -n cpe -j -s link show tun6 | jq '.[0].stats64.rx | "\(.errors) \(.dropped)"' -r
}

# lie NS SOURCE DESTINATION [SOURCE-PORT PORT]
lie()
{
	on "$1" ip route replace "$3/128" dev liar6 src "$2" &&
		on "$1" traffic udp -k -w 1 -p "${4:-7999}" -u $LIES -s 77 "$3" "${5:-9999}"
	on "$1" ip route del "$3/128" dev liar6
}

# told WHAT GETS-THROUGH NS SOURCE DESTINATION [PORTS]: tun6's errors and what came
# in at the client, by what the packets are like
told()
{
	local what=$1 through=$2 errors

	shift 2
	errors=$(errors)
	check "$what: capture" capture lies client eth0 \
		"udp and ip6[4:2] == 85 and ip6 src $2"
	lie "$@" >/dev/null 2>&1
	wait_for 2 captured_some lies $through
	capture_stop lies
	check_eq "$what: come through" "$(captured_count lies)" "$through"
	check_eq "$what: tun6's errors" "$(errors)" \
		"$((${errors% *} + LIES - through)) ${errors#* }"
}

all_lies()	# off|on
{
	told "$1: a customer's address, from the relay" 0 \
		server $CE2_6 $CLIENT6
	told "$1: a third one's, from a customer" 0 ce2 $THIRD6 $CLIENT6
	told "$1: to another customer's address" 0 ce2 $CE2_6 $OTHER6
	told "$1: from outside, to another customer's address" 0 \
		server $NATIVE6 $OTHER6
	told "$1: a customer's own" $LIES ce2 $CE2_6 $CLIENT6
	told "$1: from outside, by another customer" $LIES \
		ce2 $NATIVE6 $CLIENT6
}

own_port()	# TALK: of the client's end
{
	on client ss -Hun "dport = :$1" | awk '{ sub(/.*:/, "", $3); print $3 }'
}

# As above, but with the ports of a conversation that is carried.  The client may
# say that it did not ask for that; what counts is what the router did.
on_cached_flows()
{
	local port

	port=$(own_port 5001)
	told "as if of a carried connection: from the relay" 0 \
		server $CE2_6 $CLIENT6 5001 "$port"
	check "it is carried still" carried

	# Nothing forbids that one: 6rd knows no address outside of its prefix
	port=$(own_port 5002)
	asleep udp2
	told "as if of a carried connection by the relay: from a customer" $LIES \
		ce2 $HOST6 $CLIENT6 5002 "$port"
	check_num "they strayed" "$(punted stray)" -ge 1
	awake udp2
	check "and all is carried again" carried
}

need_flow41
need "topology up" topo_up
need "tunnels that lie" liars
need "flow41 off" f41 disable
all_lies off
need "flow41 on" f41 enable
need "UDP goes to ce2" talk udp udp client ce2 $CE2_6 5001
need "UDP goes by the relay" talk udp2 udp client host $HOST6 5002
need "both are carried" carried
all_lies on
check "both are carried still" carried
on_cached_flows
check_eq "nothing was found changed" "$(evicted result)" 0

# ---- behind a NAT: a destination that is not the cpe's, and forgiven

f41 disable
stop_all
TALKS=()
topo_down
EMBED4=192.0.2.77 PREFIX=2002::/16

nat_before_us()
{
	on inet nft -f - <<-EOF_
		table ip before {
			chain dstnat {
				type nat hook prerouting priority dstnat;
				ip daddr $EMBED4 ip protocol 41 dnat to $WAN4
			}
			chain srcnat {
				type nat hook postrouting priority srcnat;
				iifname cpe0 ip protocol 41 snat to $EMBED4
			}
		}
	EOF_
}

SIXRD_TOO=nat_before_us
need "behind a NAT: topology up" topo_up
need "enable" f41 enable
need "UDP goes" talk udp udp client host $HOST6 5001
need "UDP goes to ce2" talk udp2 udp client ce2 $CE2_6 5002
check "both are carried" carried
errors=$(errors)
check "the tunnel loses its address" ip -n cpe addr del $TUN6_CPE/128 dev tun6
check "no answers" in_vain udp
check "no answers" in_vain udp2
check_num "flows were evicted (route)" "$(evicted route)" -ge 1
check_num "tun6 counts them" "$(errors | cut -d' ' -f1)" -gt "${errors% *}"
check "the address comes back" ip -n cpe addr add $TUN6_CPE/128 dev tun6 nodad
check "all is carried again" carried

talk_down
