# SPDX-License-Identifier: GPL-2.0
# A second LAN beside lan0 of topo.sh, and a second address to talk to from there:
#
#   client              cpe                             host
#  +------+            +------+                        +------+
#  | eth0 +------------+ lan0 |                        |      |
#  | eth1 +------------+ lan1 |                        | eth0 +
#  +------+            +------+                        +------+
#
#  lan1     2001:db8:4::/64   cpe ::1   client ::2   talks to 2001:db8:2::4
#
# Sourced after lib.sh.
# shellcheck shell=bash
# shellcheck disable=SC2034	# for the scenarios

HOST6_LAN1=2001:db8:2::4

lan1_up()
{
	veth_add client eth1 13 cpe lan1 14 &&
	setup cpe <<-EOF &&
		link set lan1 up
		addr add 2001:db8:4::1/64 dev lan1 nodad
	EOF
	setup client <<-EOF &&
		link set eth1 up
		addr add 2001:db8:4::2/64 dev eth1 nodad
		route add $HOST6_LAN1/128 via 2001:db8:4::1 src 2001:db8:4::2
	EOF
	setup host <<-EOF &&
		addr add $HOST6_LAN1/64 dev eth0 nodad
	EOF
	setup server <<-EOF &&
		route add 2001:db8:4::/64 dev tun6
	EOF
	on cpe nft -f - <<-EOF
		add rule inet fw4 input iifname lan1 accept
		add rule inet fw4 forward iifname lan1 oifname tun6 accept
	EOF
}
