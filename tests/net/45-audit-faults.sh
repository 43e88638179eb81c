#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The audit against deliberate faults (a module built with FAULTS=1): each of them is
# found by the first packets that are compared, says in what the cache was wrong, and
# the connection ends up on the software path, where it works.  In transit (transit.sh),
# where all of them are possible.

# shellcheck disable=SC2317	# functions that check calls
. "$(dirname "$0")/lib.sh"
. "$NET_DIR/transit.sh"

FAULTY=/usr/lib/flow41-faults/flow41.ko

fault()	# NAME 0|1
{
	echo "$2" >"/sys/module/flow41/parameters/fault_$1"
}

# A server that speaks first: only if the handshake is through
welcomed()	# PORT
{
	[ "$(sleep 6 | on client timeout 8 ncat -w 6 $HOST6 "$1" | head -1)" = welcome ]
}

server()	# PORT
{
	start "server-$1" on host ncat -k -l $HOST6 "$1" -c "echo welcome; exec cat"
	wait_for 10 listening host tcp "$1"
}

stream()	# PORT
{
	rm -f "$T/until"
	send stream client udp -C 0 -k -w 1 -i 2000 -u 1 -l "$T/until" $HOST6 "$1"
	wait_for 10 carried "$1"
}

stream_end()
{
	: >"$T/until"
	join stream
}

carried()	# PORT
{
	f41 -j flows dport "$1" | jq -e 'any(.[]; .packets >= 20)'
}

told()	# WORD: an event says that in this the cache was wrong
{
	jq -e --arg word "$1" -s 'any(.[]; .event == "audit_mismatched" and
		(.differs | index($word)))' "$T/alerts"
}

audited()	# COUNT
{
	[ "$(stat41 .audit.checked)" -ge "$1" ]
}

mismatched_since()	# COUNT
{
	[ "$(stat41 .audit.mismatched)" -gt "$1" ]
}

found()	# FAULT WORD BEFORE
{
	check "$1: the audit finds it" wait_for 3 mismatched_since "$3"
	check "$1: and says in what ($2)" wait_for 2 told "$2"
	check_num "$1: flows are evicted for it" "$(stat41 .evictions.audit_mismatched)" -gt 0
}

# A stream is carried when the fault begins
in_stream()	# FAULT WORD PORT
{
	local before

	f41 disable && f41 enable
	check "$1: a stream is carried" stream "$3"
	if [ "$1" = stale_hop ]; then
		on inet sysctl -qw net.ipv4.conf.cpe0.arp_notify=1
		ip -n inet link set cpe0 address 02:00:00:00:00:62
	fi
	before=$(stat41 .audit.mismatched)
	fault "$1" 1
	found "$1" "$2" "$before"
	stream_end
	fault "$1" 0
}

# The vendor's cache: TCP cannot connect without the audit
in_handshake()	# FAULT WORD PORT
{
	local before

	f41 disable && f41 enable
	f41 set heal off
	before=$(stat41 .audit.mismatched)
	fault outer_key 1
	[ "$1" = outer_key ] || fault "$1" 1
	check "$1: TCP connects" welcomed "$3"
	found "$1" "$2" "$before"
	fault outer_key 0
	fault "$1" 0
}

need_flow41
rmmod flow41
need "the faulty module loads" insmod $FAULTY
need "topology up" transit_up
need "enable" f41 enable
need "UDP server on host" serve udp host $HOST6 7001
need "UDP server on host" serve udp host $HOST6 7002
for port in 5001 5002; do
	need "server on port $port" server $port
done
start monitor on cpe flow41 -j monitor alerts >"$T/alerts"
check "a stream, without a fault" stream 7001
check "it is audited" wait_for 3 audited 3
check_eq "and as it should be" "$(stat41 .audit.mismatched)" 0
stream_end

in_stream wrong_outer header 7001
in_stream stale_hop next_hop 7002
in_handshake outer_key connection 5001
in_handshake lose_ack lost 5002
stop monitor

f41 disable
check "the faulty module unloads" wait_for 10 unload
need "the normal one loads" modprobe flow41
check_no_leaks
finish
