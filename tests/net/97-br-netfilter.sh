#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# A bridge in the LAN whose packets netfilter sees twice (br_netfilter): a handshake is one
# handshake, and those that the bridge passes on between its own ports are none of ours.

# shellcheck disable=SC2317	# functions that check calls
. "$(dirname "$0")/lib.sh"

PEER4=192.0.2.3

bridge_lan()
{
	netns_add peer && veth_add cpe lan1 15 peer eth0 25 && setup cpe <<-EOF || return
		link set lan0 down
		addr flush dev lan0
		link set lan0 name port0
		link add lan0 address 02:00:00:00:00:12 type bridge
		link set lan0 up
		link set port0 up master lan0
		link set lan1 up master lan0
		addr add 192.0.2.1/24 dev lan0
		addr add $LAN6/64 dev lan0 nodad
	EOF
	setup peer <<-EOF
		link set eth0 up
		addr add $PEER4/24 dev eth0
		link add tun6 type sit local $PEER4 remote $CLIENT4
		link set tun6 up
		addr add 2001:db8:9::3/64 dev tun6 nodad
	EOF
	setup client <<-EOF
		link add tun9 type sit local $CLIENT4 remote $PEER4
		link set tun9 up
		addr add 2001:db8:9::2/64 dev tun9 nodad
	EOF
}

modprobe -qa bridge br_netfilter || skip_all "no br_netfilter"
need_flow41
need "topology up" topo_up
need "the LAN is a bridge" bridge_lan
on cpe nft insert rule inet fw4 forward iifname lan0 oifname lan0 accept
on cpe sysctl -qw net.bridge.bridge-nf-call-iptables=1 net.bridge.bridge-nf-call-ip6tables=1
check "the far host answers" wait_for 20 ping6 client $HOST6
need "enable" f41 enable
need "server" serve tcp host $HOST6 5000
check "a connection through the tunnel" on client traffic tcp -u 30000 -d 30000 $HOST6 5000
check_eq "one handshake, complete, nothing repeated" \
	"$(f41 -j stats | jq -c '.handshakes | [.seen, .completed, .dup_syn, .dup_synack]')" "[1,1,0,0]"
need "server in the LAN" serve tcp peer 2001:db8:9::3 5000
check "6in4 between two ports of the bridge" on client traffic tcp -u 30000 -d 30000 2001:db8:9::3 5000
check_eq "none of ours" "$(stat41 .handshakes.seen)" 1
diag "$(f41 -s stats)"
check_no_leaks
finish
