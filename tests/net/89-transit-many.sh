#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Two thousand TCP connections at once inside one tunnel that passes through (transit.sh):
# one conntrack entry, two flows each, every byte where it belongs.

# shellcheck disable=SC2317	# functions that check calls
. "$(dirname "$0")/lib.sh"
. "$NET_DIR/transit.sh"

: "${CONNECTIONS:=2000}"

entries()
{
	on cpe conntrack -L -p 41 2>/dev/null | wc -l
}

need_flow41
ulimit -n 8192
need "topology up" transit_up
need "enable" f41 enable
need "flows that wait for a slow machine stay" f41 set idle-timeout 600
need "server on host" serve tcp host $HOST6 5000
need "devices hooked" on client traffic tcp $HOST6 5000
check "both devices are hooked" wait_for 10 hooked 2

# A SYN that the busy server did not take comes again after 31 seconds, and 63
send many client tcp -w 150 -c $CONNECTIONS -b 2 -u 3000 -d 3000 -g "$T/gate" $HOST6 5000
check "$CONNECTIONS connections" wait_for 300 at_gate 1
check_eq "one conntrack entry" "$(entries)" 1
# The watch's table is bounded: of so many handshakes at once it may lose a few
flows=$(flow_count)
check_num "two flows each, but for one connection in a hundred" "$flows" -ge $((2 * CONNECTIONS * 99 / 100))
check_eq "each has its own" \
	"$(f41 -j flows dport 5000 | jq '[.[].sport] | unique | length')" $((flows / 2))
transit_mark
open_gate 1
check "again on all of them" wait_for 300 at_gate 2
check_transit "again" 95
open_gate 2
check "each got its own bytes at the client" join many
check "and at the server" served 5000
check "no flow is left" wait_for 10 no_flows
check_eq "nothing was found changed" "$(stat41 .evictions.result)" 0
check_no_leaks
finish
