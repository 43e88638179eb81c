#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The main path (topo.sh) with a userspace that has little: TCP both ways and UDP of
# many sizes, payloads checked; what flow41 counted is what the server's tunnel saw on
# the wire, nearly all of it carried; handshakes are watched; flush, off and on.
# It needs neither nft nor tcpdump.

# shellcheck disable=SC2317	# functions that check calls
. "$(dirname "$0")/lib.sh"

: "${SIZE:=$(fewer $((4 << 20)))}"

# tunnel rx|tx: packets that the server's end of the tunnel has seen
tunnel()
{
	ip -n "${TOPO}server" -j -s link show tun6 | jq ".[0].stats64.$1.packets"
}

mark()
{
	ENCAP=$(fast encap) DECAP=$(fast decap)
	RX=$(tunnel rx) TX=$(tunnel tx)
}

# carried WHAT PERCENT encap|decap: so many of the wire's packets since the mark, and
# never more than there were
carried()
{
	local fast wire

	case $3 in
	encap) wire=$(($(tunnel rx) - RX)) fast=$(($(fast encap) - ENCAP)) ;;
	decap) wire=$(($(tunnel tx) - TX)) fast=$(($(fast decap) - DECAP)) ;;
	esac
	diag "$1: $fast of $wire packets"
	check_num "$1: $3 on the fast path, percent" $((100 * fast / (wire + !wire))) -ge "$2"
	check_num "$1: $3, no more than there were" "$fast" -le "$wire"
}

transfer()	# WHAT PERCENT ROLE COMMAND...
{
	local what=$1

	warm_up >/dev/null
	mark
	check "$what" "${@:4}"
	carried "$what" "$2" "$3"
}

need_flow41
# No merged packets: each is counted as one everywhere
export TOPO_OFFLOAD=0
need "topology up" topo_up
need "enable" f41 enable
need "a first connection" warm_up
need "UDP server on host" serve udp host $HOST6 6000 -C 1 -i 100

transfer "TCP up" 90 encap on client traffic tcp -u "$SIZE" -d 1000 $HOST6 5000
transfer "TCP down" 90 decap on client traffic tcp -u 1000 -d "$SIZE" $HOST6 5000
transfer "TCP both ways" 90 encap \
	on client traffic tcp -c 3 -u "$SIZE" -d "$SIZE" $HOST6 5000
transfer "UDP echo" 90 encap on client traffic udp -C 0 -i 100 -e -u 1000 \
	-s 100,1432,32,33,34,35,1000 -T 0,1,2,3,0xb8 -L 0,1,0xfffff $HOST6 6000
check_num "and back" $(($(fast decap) - DECAP)) -ge 900
check "the TCP server saw no mistake" served 5000
check "the UDP server saw no mistake" served 6000

check_num "handshakes were seen" "$(stat41 .handshakes.completed)" -ge 6
check_eq "none stalled" "$(stat41 .handshakes.dup_synack)" 0
check_num "the ends were seen" "$(stat41 .evictions.tcp_end)" -ge 6
check_eq "nothing was found changed" "$(stat41 .evictions.result)" 0

need "server on host" serve tcp host $HOST6 5001
send open client tcp -b 2 -g "$T/gate" $HOST6 5001
check "a connection" wait_for 20 at_gate 1
check_num "has its flows" "$(flow_count)" -ge 2
check "flush" f41 flush
check_eq "none is left" "$(flow_count)" 0
open_gate 1
check "the connection goes on" wait_for 20 at_gate 2
check "off" f41 disable
check_eq "no device is hooked" "$(f41 -j status | jq '.devices | length')" 0
open_gate 2
check "all of it arrived" join open
check_no_leaks
finish
