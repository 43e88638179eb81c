#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Seven handshakes at once through the router, each with one segment lost at another
# place: each gets the verdict that names the place, once for each repeat that was on
# the wire at the client's (SYN) or the host's (SYN/ACK).  The cache is off, the
# watch alone is on.
#
# Variants: TRANSIT=1, with the tunnel's end behind the router (transit.sh).

# shellcheck disable=SC2317	# functions that check calls
. "$(dirname "$0")/lib.sh"
TRANSIT=${TRANSIT:-}
[ -z "$TRANSIT" ] || . "$NET_DIR/transit.sh"

declare -A PORT=([ack_never_seen]=5101 [ack_lost_inside]=5102 [ack_left]=5103
	[synack_never_seen]=5104 [synack_lost_inside]=5105 [synack_left]=5106
	[syn_lost_inside]=5107)

# Inside 6in4: the inner ports, and the inner TCP flags
IN_SPORT=@th,320,16
IN_DPORT=@th,336,16
IN_FLAGS=@th,424,8

lose()
{
	local lost_ack="tcp dport 5102 tcp flags & syn == 0"
	local lost_synack="tcp sport 5105 tcp flags & syn != 0"
	local lost_syn="tcp dport 5107 tcp flags & syn != 0"

	if [ -n "$TRANSIT" ]; then
		lost_ack="ip protocol 41 $IN_DPORT 5102 $IN_FLAGS & 2 == 0"
		lost_synack="ip protocol 41 $IN_SPORT 5105 $IN_FLAGS & 2 == 2"
		lost_syn="ip protocol 41 $IN_DPORT 5107 $IN_FLAGS & 2 == 2"
	fi
	drop client output "tcp dport 5101 tcp flags & syn == 0" &&
		drop client input "tcp sport 5106 tcp flags & syn != 0" &&
		drop cpe forward "$lost_ack" &&
		drop cpe forward "$lost_synack" &&
		drop cpe forward "$lost_syn" &&
		drop inet forward "ip protocol 41 $IN_DPORT 5103 $IN_FLAGS & 2 == 0" &&
		drop host input "tcp dport 5104 tcp flags & syn != 0"
}

connect()	# VERDICT: a connection over which nothing is said
{
	local port=${PORT[$1]}

	start "server-$1" on host ncat -l $HOST6 "$port" --recv-only
	wait_for 10 listening host tcp "$port" || return 1
	start "client-$1" on client bash -c "sleep 60 | ncat -w 60 $HOST6 $port" 2>/dev/null
}

# SYNs at the client, SYN/ACKs at the host, but for the first one of each
repeats()	# VERDICT client|host
{
	local way=src n

	[ "$2" = host ] || way=dst
	n=$(captured_count "$2" "tcp and $way port ${PORT[$1]} and ip6[40 + 13] & 2 != 0")
	echo $((n > 0 ? n - 1 : 0))
}

repeated_twice()
{
	local verdict

	for verdict in "${!PORT[@]}"; do
		[ $(($(repeats "$verdict" client) + $(repeats "$verdict" host))) -ge 2 ] || return 1
	done
}

# As the watch saw them when the last had been repeated: it forgets
handshake()	# VERDICT JQ-FILTER
{
	jq -r ".[] | select(.dport == ${PORT[$1]}) | $2" "$T/handshakes"
}

row()	# VERDICT SEGMENT: the first such row of its ladder
{
	handshake "$1" "[.segments[] | select(.segment == \"$2\")][0] | \"\(.dev_in)>\(.dev_out) \(.left) \(.path)\""
}

alerts()	# VERDICT
{
	grep -c "\"verdict\": *\"$1\"" "$T/alerts"
}

# check_verdict VERDICT EXPECTED: what the client and the host repeated got it. A server
# that gets the SYN again repeats its SYN/ACK right away, and for itself: one alert tells both
check_verdict()
{
	check_eq "$1: counted, as on the wire ($2)" "$(stat41 ".handshakes.$1")" "$2"
	check_num "$1: alerts" "$(alerts "$1")" -ge 1
	alerts=$((alerts + $(alerts "$1")))
	verdicts=$((verdicts + $2))
}

need_flow41
if [ -n "$TRANSIT" ]; then
	need "topology up" transit_up
	dev=tun6
else
	need "topology up" topo_up
	dev=eth0
fi
check_eq "nothing is watched at first" "$(f41 -j status | jq .watch)" false
check "watch on" f41 set watch on
check_eq "the cache is still off" \
	"$(f41 -j status | jq -r '"\(.enabled) \(.watch)"')" "false true"
need "losses" lose
start monitor on cpe flow41 -j monitor alerts >"$T/alerts"
check "capture at the client" capture client client $dev tcp
check "capture at the host" capture host host eth0 tcp
for verdict in "${!PORT[@]}"; do
	check "$verdict: connect" connect "$verdict"
done
check "every one is repeated twice" wait_for 20 repeated_twice
for port in "${PORT[@]}"; do	# no more of them from here on
	drop host output "tcp sport $port"
	drop client output "tcp dport $port"
done
wait_for 5 written_no_more "$T/client.pcap" "$T/host.pcap" "$T/alerts"
f41 -j handshakes >"$T/handshakes"
diag "$(f41 handshakes dport 5102)"
capture_stop client
capture_stop host

declare -A SYN SYNACK
syn=0 synack=0 alerts=0 verdicts=0
for verdict in "${!PORT[@]}"; do
	SYN[$verdict]=$(repeats "$verdict" client)
	SYNACK[$verdict]=$(repeats "$verdict" host)
	syn=$((syn + SYN[$verdict]))
	synack=$((synack + SYNACK[$verdict]))
	check_eq "$verdict: repeats, as on the wire" "$(handshake "$verdict" .repeats)" \
		$((SYN[$verdict] + SYNACK[$verdict]))
done
check_eq "SYNs that came again" "$(stat41 .handshakes.dup_syn)" $syn
check_eq "SYN/ACKs that came again" "$(stat41 .handshakes.dup_synack)" $synack
for verdict in syn_lost_inside synack_never_seen ack_lost_inside ack_left; do
	check_eq "$verdict: the verdict" "$(handshake $verdict .verdict)" $verdict
	check_verdict $verdict $((SYN[$verdict] + SYNACK[$verdict]))
done
# A server whose SYN/ACK is not answered repeats it, too: the reason is the same
check_verdict synack_lost_inside \
	$((SYN[synack_lost_inside] + SYNACK[synack_lost_inside]))
check_verdict synack_left "${SYN[synack_left]}"
check_verdict ack_never_seen $((SYNACK[ack_never_seen] + SYNACK[synack_left]))
check_eq "each was told, or counted as not" $((alerts + $(stat41 .handshakes.untold))) $verdicts
check_eq "none was healed, as none was the cache's" "$(stat41 .handshakes.healed)" 0

check_eq "the lost ACK came in and did not leave" "$(row ack_lost_inside ACK)" "lan0> false software"
check_eq "so did the lost SYN" "$(row syn_lost_inside SYN)" "lan0> false software"
check_eq "the other one left" "$(row ack_left ACK)" "lan0>wan0 true software"
check_eq "and so did the SYN/ACK before it" "$(row ack_left SYN/ACK)" "wan0>lan0 true software"
check "watch off" f41 set watch off
check_no_leaks
finish
