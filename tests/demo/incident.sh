#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The demonstration's first part: the incident flow41 was made after, in the topology
# of transit.sh. The router's cache (a module built with FAULTS=1) loses the ACK of
# every handshake; the watch says where; healing cures it; the real module has nothing
# to cure. run.sh shows what is told here.

# shellcheck source=/dev/null
. "$(dirname "$0")/lib.sh"
. "$NET_DIR/transit.sh"
. "$NET_DIR/tell.sh"

PORT=22

# A server that speaks first, as ssh does
serve_welcome()
{
	start server on host ncat -k -l $HOST6 $PORT -c "echo welcome; exec cat"
	wait_for 10 listening host tcp $PORT
}

# welcomed SECONDS: the client connects, and is told so in that time
welcomed()
{
	[ "$(sleep "$1" | on client timeout $(($1 + 2)) ncat -w "$1" $HOST6 $PORT | head -1)" = welcome ]
}

say_ping()
{
	check "$1: ping works" ping6 client $HOST6
	tell "" "  client# ping $HOST6" "  1 packets transmitted, 1 received"
}

say_connected()	# WHAT SECONDS
{
	check "$1: TCP connects" welcomed "$2"
	tell "  client# ncat $HOST6 $PORT" "  welcome"
}

handshakes()
{
	f41 -j stats | jq -r ".handshakes.$1"
}

fault()	# NAME
{
	echo 1 >"/sys/module/flow41/parameters/fault_$1"
}

# The vendor's cache, warm: its devices are hooked, the tunnel's flow is learnt
fall_ill()
{
	insmod /usr/lib/flow41-faults/flow41.ko && fault no_audit && fault outer_key && f41 enable &&
		f41 set heal off && welcomed 1 && wait_for 10 hooked 2 && welcomed 1 &&
		fault lose_ack
}

get_well()
{
	f41 disable && wait_for 10 unload && modprobe flow41 && f41 enable && welcomed 1 &&
		wait_for 10 hooked 2
}

have_flow41 || skip_all "no flow41 in this guest"
need "topology up" transit_up
need "server" serve_welcome
ready_to_send
tell "== 1. An IPv6 tunnel behind a home router" ""
sed -n '/^#   client/,/^$/{/^#  CLIENT6/,$d;s/^#//p}' "$NET_DIR/transit.sh" | tell
tell "  In one virtual machine, on a stock Linux $(uname -r): a client at home with an IPv6" \
	"  tunnel (IPv6 inside IPv4, 6in4), the router (cpe), which only translates the outer" \
	"  addresses, an internet that knows only IPv4, a tunnel server, and an IPv6 host." \
	"" "  The software path: the router has no cache."
say_ping "software"
say_connected "software" 1

tell "" "== 2. A vendor's cache" "" \
	"  flow41, built with deliberate faults, does what a vendor's flow cache did: it tells" \
	"  flows by their outer header alone, and loses the ACK of every handshake in them."
need "the vendor's cache" fall_ill
show flow41 status
say_ping "ill"
refuse "ill: TCP does not connect" welcomed 4
tell "  client# ncat $HOST6 $PORT" "  (nothing, for 4 seconds)"
tell "" "  What took engineers days to find, the router's own watch tells:"
show flow41 handshakes stalled
check_num "ill: SYN/ACKs were repeated" "$(handshakes dup_synack)" -ge 2
check_eq "ill: each for the same reason" "$(handshakes ack_lost_inside)" "$(handshakes dup_synack)"

tell "" "== 3. Healing" "" \
	"  The same faulty cache; but a connection that stalls on the fast path is now taken" \
	"  off it. If it then completes, the cache was to blame."
show flow41 set heal on
say_connected "healing" 4
show flow41 handshakes
check_eq "healing: healed" "$(handshakes healed)" 1

tell "" "== 4. flow41 proper" "" \
	"  Without the faults. The file of $((BYTES >> 20)) MiB goes each way; its sha256 is" "    $(sum "$FILE")"
need "flow41 proper" get_well
transit_mark
need "transit: upload" upload
need "transit: download" download
tell ""
tell_sum upload client host
tell_sum download host client
check_eq "transit: the upload's checksum" "${SUM[upload]}" "$(sum "$FILE")"
check_eq "transit: the download's checksum" "${SUM[download]}" "$(sum "$FILE")"
tell "" "  Both connections are still open; this is what the cache knows of them:"
show flow41 flows
share=$(transit_share)
carried=$(($(transit_fast) - TRANSIT_FAST))
hang_up
tell "" "  carried by flow41: $carried packets ($share%)"
check_num "transit: carried by flow41, percent" "$share" -ge 90
check_eq "transit: no handshake stalled" "$(handshakes dup_synack)" 0
check_no_leaks
finish
