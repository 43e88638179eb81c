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

tunnel()	# the words after "ip tunnel add tun6": made anew
{
	f41 flush >/dev/null
	ip -n "${TOPO}cpe" link del tun6
	setup cpe <<-EOF
		link add tun6 type sit $*
		link set tun6 up
		addr add $TUN6_CPE/64 dev tun6 nodad
		route add ::/0 via ::$SERVER4 dev tun6 onlink
	EOF
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

check "a tunnel without a remote end" tunnel local $WAN4 ttl 64
refused_as no_remote

check_no_leaks
finish
