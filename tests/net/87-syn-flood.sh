#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# 100,000 SYNs from as many made-up addresses through the router (transit.sh), while
# real connections come and go: those are still watched, admitted and carried, and
# the flood costs no more than the watch's table.

# shellcheck disable=SC2317	# functions that check calls
. "$(dirname "$0")/lib.sh"
. "$NET_DIR/transit.sh"

: "${SYNS:=$(fewer 100000)}"
FORGOTTEN_AFTER=75	# seconds (kmod/watches.c)

slab_kb()
{
	awk '/^Slab:/ { print $2 }' /proc/meminfo
}

need_flow41
need "topology up" transit_up
need "enable" f41 enable
need "server on host" serve tcp host $HOST6 5000
need "devices hooked" on client traffic tcp -u 100000 $HOST6 5000
check "both devices are hooked" wait_for 10 hooked 2
# They die behind the router
on inet nft -f - <<-EOF
	table ip flood {
		chain pre {
			type filter hook prerouting priority raw;
			ip protocol 41 @th,336,16 9 drop
		}
	}
EOF
# A connection of before, which is still there afterwards
send old client tcp -b 2 -u 300000 -d 300000 -g "$T/gate" $HOST6 5000
check "a connection" wait_for 20 at_gate 1

before=$(slab_kb)
seen=$(stat41 .handshakes.seen)
began=$SECONDS
start flood on client traffic flood -u "$SYNS" $HOST6 9
transit_mark
rounds=0
while running flood; do
	on client traffic tcp -u 100000 -d 100000 $HOST6 5000 >/dev/null || break
	rounds=$((rounds + 1))
done
check "the flood is over" join flood
took=$((SECONDS - began))
check_num "real connections meanwhile" $rounds -ge 3
diag "$(f41 stats)"
check_num "all SYNs were seen" $(($(stat41 .handshakes.seen) - seen)) -eq $((SYNS + rounds))
check_num "the real ones completed" "$(stat41 .handshakes.completed)" -ge $rounds
check_num "and were carried, packets each" $((($(transit_fast) - TRANSIT_FAST) / (rounds + 1))) -ge 10
room=$(($(f41 -j status | jq .max_flows) / 2))
if [ $took -lt $FORGOTTEN_AFTER ]; then
	check_num "it forgot the others, and counted them" "$(stat41 .handshakes.displaced)" -ge $((SYNS - room))
else
	diag "$took s: a flood this slow need not push anything out before it is forgotten"
fi
check_num "the watch holds so many handshakes at most" "$(f41 -j handshakes | jq length)" -le $room
check_num "memory grew by so much, kB" $(($(slab_kb) - before)) -le 20000
check "its flows are flushed" f41 flush
check_eq "no flow is left" "$(flows41)" 0
transit_mark
open_gate 1
check "the old connection goes on" wait_for 20 at_gate 2
check_transit "the old connection" 80
open_gate 2
check "all of it arrived" join old
check_no_leaks
finish
