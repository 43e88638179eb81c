#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The WAN is PPPoE (topo.sh, with a session between wan0 and cpe0): 1492 bytes, so 1472
# for the tunnel's, whatever MTU the tunnel says it has.  With DF what is larger is
# answered with the right MTU; without, it leaves in fragments, by software.  What fits is
# carried, up to the last byte; TCP brings everything over.

# shellcheck disable=SC2317	# functions that check calls
. "$(dirname "$0")/lib.sh"

SIZE=$((2 << 20))

# As topo_cables, but for the WAN
topo_cables()
{
	TOPO=${TOPO:-}
	topo_defaults &&
	modprobe -qa pppoe &&
	netns_add client cpe inet server host &&
	veth_add client eth0 11 cpe lan0 12 &&
	veth_add cpe port0 21 inet port0 22 &&
	veth_add inet srv0 31 server wan0 32 &&
	veth_add server lan0 41 host eth0 42 &&
	session cpe wan0 02:00:00:00:00:22 && session inet cpe0 02:00:00:00:00:21
}

session()	# NS NAME PEER
{
	ip -n $1 link set port0 up &&
	start "pppoe-$1" on $1 pppoe port0 $3 &&
	wait_for 10 ip -n $1 link show ppp0 &&
	ip -n $1 link set ppp0 name $2 mtu 1492
}

# A new tunnel: what was learnt about the way to the old one is forgotten
tunnel_new()	# MTU parameters
{
	local mtu=$1

	shift
	tunnel_is cpe local $WAN4 remote $SERVER4 "$@" &&
		ip -n cpe link set tun6 mtu $mtu && forget_path
}

forget_path()
{
	local ns

	for ns in cpe server; do
		ip -n $ns route flush cache || return
	done
	for ns in client cpe server host; do
		ip -n $ns -6 route flush cache || return
	done
}

told()	# MTU TIMES
{
	[ "$(captured client | grep -c "packet too big, mtu $1,")" -ge "$2" ]
}

# check_edge WHAT INNER ANSWERED: 29 of 30 datagrams are as long as fits, the others
# one byte longer; with ANSWERED those are answered and lost, else they arrive
check_edge()
{
	local what=$1 inner=$2 answered=$3 before arrive=90

	[ -z "$answered" ] || arrive=87
	serve udp host $HOST6 6000 -C 1
	check "$what: capture" capture client client eth0 "icmp6 and ip6[40] == 2"
	mark_counters
	before=$(punted too_big)
	check "$what: datagrams of $inner bytes, some longer" on client \
		traffic udp -C 0 -e -k -u 90 -s $((inner - 48))x29,$((inner - 47)) -i 2000 $HOST6 6000
	check_num "$what: the long ones were left to the software path" \
		$(($(punted too_big) - before)) -eq 3
	check_fast "$what: the rest" 80 encap
	if [ -n "$answered" ]; then
		check "$what: the client was told: $inner" wait_for 5 told $inner 3
	fi
	capture_stop client
	check_eq "$what: and nothing else" "$(captured_count client)" $((90 - arrive))
	check "$what: arrived" served 6000
	check_eq "$what: as many as fit" "$(said serve-6000 received)" $arrive
}

tcp_both()	# WHAT PERCENT
{
	check "$1: devices hooked" warm_up
	check "$1: all forget the path" forget_path
	mark_counters
	check "$1: TCP both ways" on client traffic tcp -u $SIZE -d $SIZE $HOST6 5000
	check_fast "$1: TCP" $2 encap decap
}

have_pppoe || skip_all "no PPPoE in this kernel"
need_flow41
need "topology up" topo_up
need "enable" f41 enable
need "devices hooked" warm_up
check_eq "the tunnel's MTU is the path's" \
	"$(ip -n cpe -j link show tun6 | jq '.[0].mtu')" 1472

check_edge "by default" 1472 answered
tcp_both "by default" 90

check "1480" tunnel_new 1480 ttl 64
check_edge "1480" 1472 answered
tcp_both "1480" 90

check "1280" tunnel_new 1280 ttl 64
check_edge "1280" 1280 answered
tcp_both "1280" 90

check "1280, nopmtudisc" tunnel_new 1280 ttl inherit nopmtudisc
check_edge "1280, nopmtudisc" 1280 answered
tcp_both "1280, nopmtudisc" 90

# Full segments are 1480 bytes long and leave in two pieces each
check "1480, nopmtudisc" tunnel_new 1480 ttl inherit nopmtudisc
check_edge "1480, nopmtudisc" 1472 ""
tcp_both "1480, nopmtudisc" 0

check "the server saw no mistake" served 5000
check_no_leaks
finish
