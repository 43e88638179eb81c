#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# UDP through the tunnel (topo.sh): echoed, one way up, one way down, and in
# super-packets (GSO).  Nothing lost, late or changed; nearly all on the fast path.

. "$(dirname "$0")/lib.sh"

need_flow41
need "topology up" topo_up
need "enable" f41 enable
need "a first connection" warm_up
need "server on host" serve udp host $HOST6 6000 -C 1 -i 100
watch_wire

# Ends stay on their CPU, or their own packets might overtake each other; with no pause,
# a burst at the start waits behind the packets that the flow learns from
mark_counters
check "echo, 4000 datagrams of all sizes" \
	on client traffic udp -C 0 -e -u 4000 -s 100,1432,32,1000 $HOST6 6000
check_fast echo 99 encap decap
check_wire echo 0 encap decap

# Never an answer: conntrack keeps it as unreplied
mark_counters
check "one way up" on client traffic udp -C 0 -i 100 -u 4000 -s 100,1400 $HOST6 6000
check_fast "one way up" 99 encap
check_wire "one way up" 0 encap decap
check_eq "one way up: no packet came back" "$(since_mark wire decap)" 0

mark_counters
check "one way down" on client traffic udp -C 0 -u 1 -d 4000 -s 100 $HOST6 6000
check_fast "one way down" 99 decap
check_wire "one way down" 0 encap decap
check_num "one way down: hardly a packet went out" "$(since_mark wire encap)" -le 2

# 20 datagrams in each packet that the router sees. Up to 5.11 a veth does not take
# such packets (NETIF_F_GSO_UDP_L4): the sender cuts them, and the backlog is short.
whole=1000
pause=0
if on client ethtool -k eth0 | grep -q '^tx-udp-segmentation: off'; then
	whole=20000
	pause=2000
fi
mark_counters
check "super-packets" \
	on client traffic udp -C 0 -i $pause -u 20000 -G 20 -s 1000 $HOST6 6000
check_fast super-packets 98 encap
check_wire super-packets 0 encap
check_eq "super-packets: whole on the wire, as far as the sender's device takes them" \
	"$(since_mark wire encap)" $whole

check "the server saw no mistake" served 6000
diag "$(cat "$T/serve-6000")"
check_eq "all datagrams arrived" "$(said serve-6000 received)" 28001
check_eq "none was lost" "$(said serve-6000 lost)" 0
check_audits
check_no_leaks
finish
