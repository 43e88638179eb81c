#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The vendor's cache, on purpose (transit.sh, a module built with FAULTS=1): told by
# the outer header alone and admitted on the SYN, its flows carry the handshake's ACK,
# and lose it, or send it wrong.  ping works, TCP does not, SYN/ACKs are repeated; the
# watch says so, with the numbers that the host's capture has.  With healing on, TCP
# connects, and the cache is named.  The normal module does none of this.

# shellcheck disable=SC2317	# functions that check calls
. "$(dirname "$0")/lib.sh"
. "$NET_DIR/transit.sh"

FAULTY=/usr/lib/flow41-faults/flow41.ko

fault()	# NAME 0|1
{
	echo "$2" >"/sys/module/flow41/parameters/fault_$1"
}

server()	# PORT
{
	start "server-$1" on host ncat -k -l $HOST6 "$1" -c "echo welcome; exec cat"
	wait_for 10 listening host tcp "$1"
}

# A server that speaks first: only if the handshake is through
welcomed()	# PORT SECONDS [MORE]: for slow programs
{
	[ "$(sleep "$2" | on client timeout $(($2 + ${3:-2})) ncat -w "$2" $HOST6 "$1" | head -1)" = welcome ]
}

# SYN/ACKs that the host sent to that port's clients, but for each one's first
repeated()	# PORT
{
	captured host "tcp and src port $1 and ip6[40 + 13] & 2 != 0" |
		sed 's/.*> \([^ ]*\):.*seq \([0-9]*\).*/\1 \2/' | sort | uniq -c |
		awk '{ n += $1 - 1 } END { print n + 0 }'
}

verdicts()
{
	f41 -j stats | jq -r '.handshakes | "\(.dup_synack) \(.ack_never_seen) \(.ack_lost_inside) \(.ack_left)"'
}

path_of_ack()	# PORT
{
	f41 -j handshakes dport "$1" | jq -r '[.[].segments[] | select(.segment == "ACK")][0] |
		"\(.path) \(.left)"'
}

# The first connection has the devices hooked, the tunnel's flow learnt
learn_tunnel()
{
	f41 disable && f41 enable && wait_for 30 welcomed 5000 1 10 && wait_for 10 hooked 2 &&
		wait_for 30 welcomed 5000 1 10
}

# sick FAULT VERDICT LEFT PORT: without healing
sick()
{
	local fault=$1 verdict=$2 left=$3 port=$4 before after repeats

	f41 set heal off
	fault outer_key 1
	check "$fault: the tunnel's flow is learnt" learn_tunnel
	if [ "$fault" = stale_hop ]; then
		on inet sysctl -qw net.ipv4.conf.cpe0.arp_notify=1
		ip -n inet link set cpe0 address 02:00:00:00:00:62
		wait_for 10 ping6 client $HOST6
	fi
	before=$(verdicts)
	capture host host eth0 tcp
	fault "$fault" 1
	check "$fault: ping works" ping6 client $HOST6
	refuse "$fault: TCP does not connect" welcomed "$port" 6
	capture_stop host
	after=$(verdicts)
	repeats=$(repeated "$port")
	check_num "$fault: the host repeated its SYN/ACK" "$repeats" -ge 2
	diag "before: $before after: $after (dup_synack ack_never_seen ack_lost_inside ack_left)"
	check_eq "$fault: $verdict, as often as the host repeated" \
		"$(paste <(tr ' ' '\n' <<<"$before") <(tr ' ' '\n' <<<"$after") | awk '{ printf "%d ", $2 - $1 }')" \
		"$(wanted "$verdict" "$repeats")"
	check_eq "$fault: the ACK's path, and whether it left" "$(path_of_ack "$port")" "fast $left"
	diag "$(f41 handshakes dport "$port")"
}

wanted()	# VERDICT COUNT
{
	local v

	printf '%d ' "$2"
	for v in ack_never_seen ack_lost_inside ack_left; do
		[ $v = "$1" ] && printf '%d ' "$2" || printf '0 ' 
	done
}

healed()	# FAULT PORT
{
	local before

	before=$(stat41 .handshakes.healed)
	f41 set heal on
	check "$1, healing: TCP connects" welcomed "$2" 6
	check_eq "$1, healing: the cache was to blame" "$(stat41 .handshakes.healed)" $((before + 1))
	check_eq "$1, healing: and an alert of the highest level says so" \
		"$(grep -c '"event": *"healed"' "$T/alerts")" $((before + 1))
	check_num "$1, healing: it stays in quarantine, ms" \
		"$(f41 -j handshakes dport "$2" | jq '.[0].quarantine_left_ms')" -ge 30000
	fault "$1" 0
}

need_flow41
check_eq "the normal module has no faults" "$(modinfo flow41 | grep -c fault_)" 0
rmmod flow41
need "the faulty module loads" insmod $FAULTY
check_num "it says so when loaded" "$(dmesg | grep -c 'flow41: built with deliberate faults')" -ge 1
check_eq "modinfo says so" "$(modinfo $FAULTY | grep -c '^faults: ')" 1
need "topology up" transit_up
check_eq "so does the status" "$(f41 -j status | jq -c .faults)" "[]"
fault no_audit 1	# the vendor's cache did not look at itself, either
for port in 5000 5001 5002 5003 5004 5005 5006 5007; do
	need "server on port $port" server $port
done
start monitor on cpe flow41 -j monitor alerts >"$T/alerts"

sick lose_ack ack_lost_inside false 5001
check_eq "the status names the faults" "$(f41 -j status | jq -c .faults)" '["outer_key","lose_ack","no_audit"]'
healed lose_ack 5002
sick wrong_outer ack_left true 5003
healed wrong_outer 5004
sick stale_hop ack_left true 5005
healed stale_hop 5006
stop monitor

# ---- a quarantine ends

released()	# PORT
{
	[ "$(f41 -j handshakes dport "$1" | jq '[.[].quarantined] | any')" = false ]
}

fault lose_ack 1
check "two seconds of quarantine" f41 set quarantine 2
check "healing: TCP connects" welcomed 5007 6
check "and is released" wait_for 5 released 5007
refuse "those of before are not" released 5006
fault lose_ack 0

f41 disable
check "the faulty module unloads" wait_for 10 unload
need "the normal one loads" modprobe flow41
f41 enable
check "a first connection" welcomed 5000 3 10
check "it connects at once" welcomed 5001 3 10
check_eq "nothing was repeated" "$(stat41 .handshakes.dup_synack)" 0
check_no_leaks
finish
