#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Two tunnels through one router that translates both to one address, each to a server
# of its own, and in both the same inner addresses and ports: nothing gets mixed up.
# To transit.sh come a second client and a second server with their host:
#
#    client2  eth0 --- lan1  cpe            inet  srv1 --- wan0  server2  lan0 --- host2
#             192.0.3.2    192.0.3.1              203.0.114.1   203.0.114.2

# shellcheck disable=SC2317	# functions that check calls
. "$(dirname "$0")/lib.sh"
NAT=masquerade
. "$NET_DIR/transit.sh"

twins_up()
{
	netns_add client2 server2 host2 &&
	veth_add client2 eth0 71 cpe lan1 72 &&
	veth_add inet srv1 73 server2 wan0 74 &&
	veth_add server2 lan0 75 host2 eth0 76 &&
	setup client2 <<-EOF_ &&
		link set eth0 up
		addr add 192.0.3.2/24 dev eth0
		route add default via 192.0.3.1
		link add tun6 type sit local 192.0.3.2 remote 203.0.114.2 ttl 64
		link set tun6 up
		addr add $CLIENT6/64 dev tun6 nodad
		route add ::/0 dev tun6
	EOF_
	setup cpe <<-EOF_ &&
		link set lan1 up
		addr add 192.0.3.1/24 dev lan1
	EOF_
	setup inet <<-EOF_ &&
		link set srv1 up
		addr add 203.0.114.1/24 dev srv1
	EOF_
	on server2 sysctl -qw net.ipv6.conf.all.forwarding=1 &&
	setup server2 <<-EOF_ &&
		link set wan0 up
		link set lan0 up
		addr add 203.0.114.2/24 dev wan0
		addr add 2001:db8:2::1/64 dev lan0 nodad
		route add default via 203.0.114.1
		link add tun6 type sit local 203.0.114.2 remote $WAN4 ttl 64
		link set tun6 up
		route add 2001:db8:1::/64 dev tun6
	EOF_
	setup host2 <<-EOF_ &&
		link set eth0 up
		addr add $HOST6/64 dev eth0 nodad
		route add default via 2001:db8:2::1
	EOF_
	on cpe nft insert rule ip fw4 forward iifname lan1 accept &&
	wait_for 10 links_ready client2 cpe inet server2 host2 &&
	wait_for 10 ping6 client2 $HOST6
}

four_flows()
{
	[ "$(flow_count)" = 4 ]
}

# Each host has a file of its own, sent slowly enough for both to overlap
serve_file()	# NS FILE
{
	start "httpd-$1" on "$1" busybox httpd -f -p "[$HOST6]:80" -h "$T/$1"
	wait_for 10 listening "$1" tcp 80
}

fetch()	# NS
{
	start "fetch-$1" on "$1" curl -sS -g --max-time 60 --local-port 7000 --limit-rate 6M \
		-o "$T/got.$1" "http://[$HOST6]:80/file"
}

repeated()	# COUNT: so often at least
{
	[ "$(stat41 .handshakes.dup_synack)" -ge "$1" ]
}

need_flow41
need "topology up" transit_up
need "the twins are up" twins_up
need "enable" f41 enable
for ns in host host2; do
	mkdir "$T/$ns"
	head -c 24000000 /dev/urandom >"$T/$ns/file"
	need "web server on $ns" serve_file $ns
done
for round in 1 2; do
	fetch client
	fetch client2
	check "$round: the same connection twice, in two tunnels" wait_for 10 four_flows
	check_eq "$round: inner addresses and ports are the same" \
		"$(f41 -j flows src $CLIENT6 | jq -c '[.[] | [.src, .sport, .dst, .dport]] | unique | length')" 1
	check_eq "$round: the outer ones are not" \
		"$(f41 -j flows src $CLIENT6 | jq -r '[.[].outer_dst] | sort | join(" ")')" "203.0.113.2 203.0.114.2"
	check "$round: client is through" join fetch-client
	check "$round: client2 is through" join fetch-client2
	check "$round: client has its host's file" same "$T/host/file" "$T/got.client"
	check "$round: client2 has its own's" same "$T/host2/file" "$T/got.client2"
	wait_for 5 no_flows
done
check_eq "four handshakes" "$(stat41 .handshakes.completed)" 4
check_eq "none repeated" "$(stat41 .handshakes.dup_synack)" 0

# One of them stalls, the other does not
on inet nft -f - <<-EOF
	table ip lossy {
		chain forward {
			type filter hook forward priority 10;
			ip protocol 41 ip daddr $SERVER4 @th,336,16 80 @th,424,8 & 2 == 0 drop
		}
	}
EOF
completed=$(stat41 .handshakes.completed)
fetch client
fetch client2
check "the healthy one is through" join fetch-client2
check "the other one's server has repeated itself" wait_for 10 repeated 1
check_eq "one handshake stalls: whose" "$(f41 -j handshakes stalled | jq -r '.[] | .outer_dst')" $SERVER4
check_eq "and why" "$(f41 -j handshakes stalled | jq -r '.[] | .verdict')" ack_left
check_eq "the other one completed" "$(stat41 .handshakes.completed)" $((completed + 1))
stop fetch-client

check_num "carried" "$(transit_fast)" -ge 500
check_no_leaks
finish
