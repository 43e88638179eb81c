#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The tunnel's end is behind the router (transit.sh, no NAT): as 94-plain, with a
# userspace that has little.

# shellcheck disable=SC2034,SC2317	# for transit.sh; functions that check calls
. "$(dirname "$0")/lib.sh"
NAT=none
. "$NET_DIR/transit.sh"

: "${SIZE:=$(fewer $((4 << 20)))}"

# Both directions of the tunnel, as the server has seen them
wire()
{
	ip -n "${TOPO}server" -j -s link show tun6 |
		jq '.[0].stats64 | .rx.packets + .tx.packets'
}

transfer()	# WHAT COMMAND...
{
	local what=$1 fast wire

	shift
	fast=$(fast transit) wire=$(wire)
	check "$what" "$@"
	fast=$(($(fast transit) - fast)) wire=$(($(wire) - wire))
	diag "$what: $fast of $wire packets"
	check_num "$what: on the fast path, percent" $((100 * fast / (wire + !wire))) -ge 90
	check_num "$what: no more than there were" $fast -le $wire
}

need_flow41
TOPO_OFFLOAD=0
need "topology up" transit_up
need "enable" f41 enable
need "a first connection" warm_up
need "UDP server on host" serve udp host $HOST6 6000 -C 1 -i 100

transfer "TCP up" on client traffic tcp -u "$SIZE" -d 1000 $HOST6 5000
transfer "TCP down" on client traffic tcp -u 1000 -d "$SIZE" $HOST6 5000
transfer "UDP echo" on client traffic udp -C 0 -i 100 -e -u 1000 -s 100,1412,32,33,34,35 \
	-T 0,1,2,3,0xb8 -L 0,1,0xfffff -H 64,255,17 $HOST6 6000
check "the TCP server saw no mistake" served 5000
check "the UDP server saw no mistake" served 6000
check_num "handshakes were seen" "$(stat41 .handshakes.completed)" -ge 3
check_eq "none stalled" "$(stat41 .handshakes.dup_synack)" 0
check_eq "nothing was found changed" "$(stat41 .evictions.result)" 0
check_no_leaks
finish
