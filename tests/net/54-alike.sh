#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# One connection in many tunnels (transit.sh): flows that differ in nothing that is hashed.
# A few of them get in, the others are refused.

# shellcheck disable=SC2317	# functions that check calls
. "$(dirname "$0")/lib.sh"
. "$NET_DIR/transit.sh"

TUNNELS=24

# Four packets of the same UDP connection into each of the tunnels
into_all()
{
	local i

	for ((i = 1; i <= TUNNELS; i++)); do
		ip -n client link set tun6 type sit local $CLIENT4 remote 203.0.113.$((100 + i)) || return
		on client traffic udp -k -p 7000 -u 4 -i 20000 $HOST6 7000 >/dev/null || return
	done
}

need_flow41
need "topology up" transit_up
need "enable" f41 enable
need "the first one is still there when the last comes" f41 set idle-timeout 600
refused=$(stat41 .refusals.alike)
check "one connection in $TUNNELS tunnels" into_all
diag "$(f41 -s stats | grep -v ' 0  ')"
there=$(f41 -j flows src $CLIENT6 sport 7000 | jq length)
check_num "some of them are cached" "$there" -ge 2
check_num "no more than eight" "$there" -le 8
check_num "the others were refused, so often" $(($(stat41 .refusals.alike) - refused)) -ge $((TUNNELS - 8))
check_no_leaks
finish
