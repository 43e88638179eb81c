#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Tunnels and connections that the cache cannot stand in for (topo.sh): their
# traffic goes by software, whole, and the refusal is counted by its name.
# shellcheck disable=SC2317	# functions that check calls

. "$(dirname "$0")/lib.sh"

refusals()	# NAME
{
	stat41 ".refusals.$1"
}

# refused_as NAME: a transfer arrives, none of it fast, and NAME is why
refused_as()
{
	local name=$1 before fast

	before=$(refusals "$name")
	fast=$(($(fast encap) + $(fast decap)))
	check "$name: a download arrives" http_get client $HOST6 8000 65536
	check_num "$name: counted" "$(refusals "$name")" -gt "$before"
	check_eq "$name: none was carried" \
		$(($(fast encap) + $(fast decap))) "$fast"
}

# Packets from outside come by twice: as the device's, and as the VRF's
wan_in_vrf()
{
	modprobe -q vrf
	ip -n cpe link del tun6
	setup cpe <<-EOF
		link add red type vrf table 100
		link set red up
		link set wan0 master red
		route add default via 198.51.100.1 table 100
		link add tun6 type sit local $WAN4 remote $SERVER4 ttl 64 dev red
		link set tun6 up
		addr add $TUN6_CPE/64 dev tun6 nodad
		route add ::/0 dev tun6
	EOF
	on cpe nft insert rule inet fw4 input iifname red accept
}

wan_alone()
{
	setup cpe <<-EOF
		link del red
		route add default via 198.51.100.1
	EOF
}

# The server is the one router on the link, and has a name that says its address
isatap()
{
	ip -n cpe link del tun6
	setup cpe <<-EOF
		tunnel add tun6 mode isatap local $WAN4 ttl 64
		link set tun6 up
		addr add $TUN6_CPE/64 dev tun6 nodad
		route add ::/0 via fe80::5efe:$SERVER4 dev tun6 onlink
		tunnel prl prl-default $SERVER4 dev tun6
	EOF
}

# A reserved address as the far end's: software sends to it, or to nobody
multicast()
{
	ip -n cpe link del tun6
	setup cpe <<-EOF
		link add tun6 type sit local $WAN4 remote 224.0.0.41 ttl 64 dev wan0
		link set tun6 up
		route add ::/0 dev tun6
	EOF
}

sends_udp()
{
	on client traffic udp -k -w 1 -u 5 -s 100 $HOST6 9999
	return 0
}

need_flow41
need "topology up" topo_up
need "enable" f41 enable
payload 65536 >/dev/null
need "web server" http_serve host $HOST6 8000

check "a queue on the tunnel device" on cpe tc qdisc add dev tun6 root pfifo
refused_as tunnel_queue
on cpe tc qdisc del dev tun6 root

on cpe nft -f - <<-EOF
	table ip6 nat66 {
		chain srcnat {
			type nat hook postrouting priority srcnat;
			oifname tun6 snat to $TUN6_CPE
		}
	}
EOF
refused_as nat
on cpe nft delete table ip6 nat66

check "the WAN is in a VRF, the tunnel is not" wan_in_vrf
refused_as vrf
check "the WAN is alone again" wan_alone

check "an ISATAP interface" isatap
refused_as isatap

check "a tunnel to a multicast group" multicast
before=$(refusals no_remote)
check "no_remote: packets are sent" sends_udp
check_num "no_remote: counted" "$(refusals no_remote)" -gt "$before"
check_eq "no_remote: none was cached" "$(flow_count)" 0

check_no_leaks
finish
