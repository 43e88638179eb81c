# SPDX-License-Identifier: GPL-2.0
# A second tunnel beside tun6 of topo.sh, and a second network behind it:
#
#    cpe                            server             host
#   +------+                       +------+           +------+
#   | tun6 + - 198.51.100.2 ------ + tun6 |           |      |
#   |      |     - 203.0.113.2     | lan0 +-----------+ eth0 |
#   | tun7 + - 198.51.100.2 ------ + tun7 |           |      |
#   +------+     - 203.0.113.3     +------+           +------+
#
#   2001:db8:3::/64 (host ::2) and, on the way back, client's second address
#   2001:db8:1::3 go by tun7.  Sourced after lib.sh.
# shellcheck shell=bash
# shellcheck disable=SC2034	# for the scenarios

SERVER4_7=203.0.113.3
CLIENT6_7=2001:db8:1::3
HOST6_7=2001:db8:3::2

tun7_up()
{
	setup cpe <<-EOF &&
		link add tun7 type sit local $WAN4 remote $SERVER4_7 ttl 64
		link set tun7 up
		route add 2001:db8:3::/64 dev tun7
	EOF
	setup server <<-EOF &&
		addr add $SERVER4_7/24 dev wan0
		addr add 2001:db8:3::1/64 dev lan0 nodad
		link add tun7 type sit local $SERVER4_7 remote $WAN4 ttl 64
		link set tun7 up
		route add $CLIENT6_7/128 dev tun7
	EOF
	setup host <<-EOF &&
		addr add $HOST6_7/64 dev eth0 nodad
	EOF
	setup client <<-EOF &&
		addr add $CLIENT6_7/64 dev eth0 nodad preferred_lft 0
		route add 2001:db8:3::/64 via $LAN6 src $CLIENT6_7
	EOF
	on cpe nft -f - <<-EOF
		insert rule inet fw4 input iifname wan0 ip saddr $SERVER4_7 ip protocol ipv6 accept
		insert rule inet fw4 forward iifname lan0 oifname tun7 accept
		insert rule inet fw4 forward oifname tun7 counter name encap
		insert rule inet fw4 forward iifname tun7 counter name decap
	EOF
}
