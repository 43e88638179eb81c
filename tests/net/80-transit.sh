#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The tunnel's end is behind the router (transit.sh): TCP and UDP both ways through
# NAT, nearly all of it on the fast path, payloads right; on the wire, the outer
# addresses are those of software, and so is every byte behind them.
#
# Variants: NAT.

# shellcheck disable=SC2317	# functions that check calls
. "$(dirname "$0")/lib.sh"
. "$NET_DIR/transit.sh"

: "${SIZE:=$(fewer $((8 << 20)))}"

# The same bytes with flow41 off and on: the ports are always the same
run_once()	# off|on
{
	local rc

	capture "out-$1" inet cpe0 "ip proto 41 and dst $SERVER4" &&
		capture "in-$1" client eth0 "ip proto 41 and dst $CLIENT4" || return
	on client traffic udp -C 0 -e -k -w 1 -p 7777 -s 100x5,1412,60 -T 0,1,2,3,0xb8,0x28 \
		-L 0,1,0xfffff -H 64,255,2,1 -u 300 -i 500 $HOST6 7000 >"$T/client-$1"
	rc=$?
	wait_for 5 captured_some "out-$1" 600 udp
	capture_stop "out-$1" && capture_stop "in-$1" || return
	return $rc
}

need_flow41
need "topology up, NAT: $NAT" transit_up
on server sysctl -qw net.ipv6.icmp.ratelimit=0
need "UDP server on host" serve udp host $HOST6 7000 -C 1
check "UDP by software" run_once off

need "enable" f41 enable
need "TCP server on host" serve tcp host $HOST6 5000
need "a first connection" on client traffic tcp -u 100000 -d 100000 $HOST6 5000
check "both devices are hooked" wait_for 10 hooked 2

check "UDP with flow41" run_once on
check "what goes out is the same" same_bytes out-off out-on
check "what comes in is the same" same_bytes in-off in-on "ip[26] == 17"
check_num "UDP was carried" "$(transit_fast)" -ge 200 || diag "$(f41 stats)"

for way in "-u $SIZE" "-d $SIZE"; do
	transit_mark
	# shellcheck disable=SC2086	# two words
	check "TCP $way" on client traffic tcp $way $HOST6 5000
	check_transit "TCP $way" 90
done
transit_mark
check "both ways at once" on client traffic tcp -c 4 -u "$SIZE" -d "$SIZE" $HOST6 5000
check_transit "both ways" 98
check "the server saw no mistake" served 5000

check_eq "nothing was found changed" "$(stat41 .evictions.result)" 0
check_num "handshakes were seen" "$(stat41 .handshakes.completed)" -ge 7
check_eq "and none stalled" "$(stat41 .handshakes.dup_synack)" 0
check_audits
check_no_leaks
finish
