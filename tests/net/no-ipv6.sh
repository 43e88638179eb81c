#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# A router whose IPv6 is switched off when it boots (ipv6.disable=1): flow41 loads, and what
# comes in 6in4, for the box itself or to pass through, does no harm.
#
#	make check SCENARIOS=no-ipv6 APPEND=ipv6.disable=1

. "$(dirname "$0")/lib.sh"

two_boxes()
{
	modprobe -q veth
	ip netns add near && ip netns add cpe && ip netns add far || return
	ip link add eth0 netns near type veth peer name lan0 netns cpe &&
		ip link add eth0 netns far type veth peer name wan0 netns cpe || return
	ip -n near -batch - <<-EOF_ && ip -n far -batch - <<-EOF_ && ip -n cpe -batch - <<-EOF_
		addr add 192.0.2.2/24 dev eth0
		link set eth0 up
		route add default via 192.0.2.1
	EOF_
		addr add 198.51.100.2/24 dev eth0
		link set eth0 up
		route add default via 198.51.100.1
	EOF_
		addr add 192.0.2.1/24 dev lan0
		addr add 198.51.100.1/24 dev wan0
		link set lan0 up
		link set wan0 up
	EOF_
	on cpe sysctl -qw net.ipv4.ip_forward=1
}

six_in_four()	# how many came in
{
	on cpe nft list counter inet seen six | grep -o 'packets [0-9]*'
}

need "no IPv6" not test -e /proc/net/if_inet6
need "the module loads" modprobe flow41
need "two boxes and a router" two_boxes
need "they reach each other" wait_for 10 on near ping -c 1 -W 1 198.51.100.2
on cpe nft -f - <<-EOF
	table inet seen {
		counter six { }
		chain forward {
			type filter hook forward priority 0;
			ct state established accept
		}
		chain prerouting {
			type filter hook prerouting priority 0;
			ip protocol 41 counter name six
		}
	}
EOF
check "enable" f41 enable
check_eq "on, and watching" "$(f41 -j status | jq -c '[.enabled, .watch]')" "[true,true]"
for i in 1 2 3; do
	check "SYN $i for the router" on near syn41 192.0.2.1
	check "SYN $i for the other box" on near syn41 198.51.100.2
	check "SYN $i, the other way" on far syn41 192.0.2.2
done
check_eq "they came in" "$(six_in_four)" "packets 9"
check "the box is well" on near ping -c 1 -W 1 198.51.100.2
check "disable" f41 disable
ip netns del near
ip netns del far
ip netns del cpe
check "unload" wait_for 10 modprobe -r flow41
finish
