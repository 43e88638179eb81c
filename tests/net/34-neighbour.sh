#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Neighbours move or vanish under running traffic (topo.sh): the cache follows the
# neighbour table from one packet to the next, and its packets keep the table going
# as the software path's do.

. "$(dirname "$0")/lib.sh"
. "$NET_DIR/talk.sh"

to_mac='s/.* > \(02:[0-9a-f:]*\), ethertype.*/\1/p'
solicited='icmp6 and ip6[40] == 135'
mac=02:00:00:00:00

on_lan()	# what leaves the cpe for the client
{
	capture lan cpe lan0 ether src $mac:12 and "(udp or tcp or ($solicited))"
}

# in_turn by source port: what comes from the host
from_host()	# CAPTURE PORT SED-EXPRESSION
{
	captured "$1" -e "src port $2" | sed -n "$3" | uniq | paste -sd' '
}

# How long a neighbour is trusted, short
short_trust()
{
	on cpe sysctl -qw net.ipv6.neigh.lan0.base_reachable_time_ms=500 \
		net.ipv6.neigh.lan0.delay_first_probe_time=1 \
		net.ipv6.neigh.lan0.retrans_time_ms=200
}

TALK_OVER=short_trust talk_up

# ---- the client

check "capture on the LAN" on_lan
check "the client gets another MAC" ip -n client link set eth0 address $mac:61
check "all goes on" all_go_on
check "carried again" carried
capture_stop lan
for port in 5001 5002; do
	check_eq "port $port: to the old MAC, then to the new one" \
		"$(from_host lan $port "$to_mac")" "$mac:11 $mac:61"
done

check "capture on the LAN" on_lan
check "the client's entry is deleted" ip -n cpe neigh del $CLIENT6 dev lan0
check "all goes on" all_go_on
check "carried again" carried
capture_stop lan
check_num "the cpe asked who the client is" \
	"$(captured_count lan "$solicited")" -ge 1

# A wrong entry, as a roaming client leaves behind: nobody says so, the kernel has
# to find out by the packets it sends.
check "capture on the LAN" on_lan
check "the client's entry goes wrong" ip -n cpe neigh replace $CLIENT6 \
	lladdr $mac:99 dev lan0 nud reachable
check "traffic recovers" all_go_on
check "carried again" carried
capture_stop lan
check_eq "to the wrong MAC meanwhile, then to the right one" \
	"$(from_host lan 5001 "$to_mac")" "$mac:61 $mac:99 $mac:61"

# ---- nobody

# Whom nobody knows, the cache does not hold in the neighbour table
nobody=${LAN6%::*}::dead
held=$(fast decap)
on cpe nft insert rule inet fw4 forward iifname tun6 udp dport 9 accept
check "datagrams for nobody" on host bash -c "exec 3>/dev/udp/$nobody/9
	for i in {1..20}; do echo $i >&3; sleep 0.05; done"
given_up()
{
	ip -n cpe neigh show $nobody dev lan0 | grep -q FAILED
}
check "nobody answers" wait_for 10 given_up
check_num "they came to the router" \
	"$(f41 -j flows dport 9 | jq '[.[] | select(.role == "decap")] | length')" -eq 1
diag "$(f41 flows dport 9)"
check_eq "none was carried" \
	"$(f41 -j flows dport 9 | jq '[.[].packets] | add')" 0
check_num "others were" "$(fast decap)" -gt "$held"
check "its entry can be thrown away" ip -n cpe neigh flush dev lan0 nud failed
check_eq "and is" "$(ip -n cpe neigh show $nobody dev lan0)" ""

# ---- the provider's router

on inet sysctl -qw net.ipv4.conf.cpe0.arp_notify=1
check "capture on the WAN" capture wan cpe wan0 ip proto 41 and src $WAN4
check "the next hop gets another MAC" ip -n inet link set cpe0 address $mac:62
check "all goes on" all_go_on
check "carried again" carried
capture_stop wan
for port in 5001 5002; do
	check_eq "port $port: to the old MAC, then to the new one" \
		"$(in_turn wan $port "$to_mac")" "$mac:22 $mac:62"
done

check "capture on the WAN" capture wan cpe wan0 arp
check "the next hop's entry is deleted" \
	ip -n cpe neigh del 198.51.100.1 dev wan0
check "all goes on" all_go_on
check "carried again" carried
capture_stop wan
check_num "the cpe asked who the next hop is" "$(captured_count wan)" -ge 1

# Gone and back within a tick: the entry that flows hold is dead then
event "wan0 forgets all its neighbours" device \
	ip -n cpe -batch - <<-EOF
	link set wan0 arp off
	link set wan0 arp on
EOF

talk_down
