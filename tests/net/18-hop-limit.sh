#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Packets of one flow with all kinds of hop limits (topo.sh).  With 1 left, the router
# answers and sends nothing on; with more, what it sends on has one less, and the outer
# TTL is the tunnel's own or, where the tunnel inherits it, the same as that.

# shellcheck disable=SC2317	# functions that check calls
. "$(dirname "$0")/lib.sh"
# shellcheck source=offon.sh
. "$NET_DIR/offon.sh"

HOPS=64x40,2,64x9,3,1,255x9,4

# Inner hop limits (first word of the inner header's second half) and outer TTLs
hop_limits()	# CAPTURE
{
	packets "$1" | cut -c55-56 | sort -u | paste -sd' '
}

outer_ttls()	# CAPTURE
{
	packets "$1" | cut -c17-18 | sort -u | paste -sd' '
}

need_flow41
need "topology up" offon_up
need "server on host" serve udp host $HOST6 7000 -C 1 -H 64x20,5,255x20,6

for ttl in 64 inherit; do
	need "ttl $ttl" tunnel_is cpe ttl $ttl
	before=$(punted hop_limit)
	off_and_on "ttl $ttl" 90 -u 310 -H $HOPS
	check_num "ttl $ttl: 1 was left to the software path" \
		$(($(punted hop_limit) - before)) -eq 5
	check "ttl $ttl: and answered, the same way" \
		same_bytes in-off in-on "icmp6 and src $LAN6"
	check_eq "ttl $ttl: so many times" \
		"$(captured_count in-on "icmp6 and src $LAN6 and ip6[40] == 3")" 5
	check_eq "ttl $ttl: inner hop limits on the wire" \
		"$(hop_limits out-on)" "01 02 03 3f fe"
	# 2 at the router is 1 further on: at the tunnel server, which answers, or
	# with the outer TTL already at inet, whose answer is for the tunnel
	[ $ttl = 64 ] && ttls=40 answers=5 || ttls="01 02 03 3f fe" answers=0
	check_eq "ttl $ttl: outer TTLs on the wire" "$(outer_ttls out-on)" "$ttls"
	check_eq "ttl $ttl: the server answered the last of 2" \
		"$(captured_count in-on "icmp6 and src $TUN6_SERVER and ip6[40] == 3")" $answers
done
check_no_leaks
finish
