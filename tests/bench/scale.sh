#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# As many flows as there can be (bench.sh): admitted at 10,000 connections a second, then
# all of them idle at once. Nobody is held up for long meanwhile; and what a flow takes.

# shellcheck source=/dev/null
. "$(dirname "$0")/lib.sh"
. "$NET_DIR/costs.sh"

MAX_NS=1000000
RATE=10000

# ask LINE: ppcost's answer, in REPLY
ask()
{
	tell_meter "$1" && read -r <&"${METER[0]}"
}

said_by_meter()	# NAME
{
	jq ".$1" <<<"$REPLY"
}

open_all()
{
	ask "open $RATE" && [ "$(said_by_meter intact)" = $((4 * CONNECTIONS)) ]
}

# A second longer than the idle flows need to be found, and some
latency_of_expiry()
{
	f41 set idle-timeout 1 && ask "latency 5000"
}

bytes_per_flow()
{
	f41 -s -j status | jq '.bytes_per_flow // .memory.bytes_per_flow // 0'
}

need_flow41
need "router up" router_up tunnel
need "enable" f41 enable
need "max-flows" f41 set max-flows 65536
need "packets both ways" established encap decap
need "how late processes are while nothing happens" ask "latency 2000"
quiet=$(said_by_meter worst_ns)

connections 32768
need "32,768 connections at $RATE a second" open_all
echo "# scale $(jq -c '. + {connections: 32768}' <<<"$REPLY")"
check_num "in no more time than that, and a tenth" "$(said_by_meter ns)" -le \
	$((32768 * 1100000000 / RATE))
check_num "no packet took longer than 1 ms, in ns" "$(said_by_meter write_worst_ns)" -le $MAX_NS
check_num "no connection came 5 ms late, in ns" "$(said_by_meter late_worst_ns)" -le 5000000
need "again, two seconds later" established encap decap
check_num "flows" "$(flow_count)" -ge 65536
diag "$(f41 -s status)"
need "all become idle" latency_of_expiry
check_eq "none is left" "$(flow_count)" 0
check_num "nobody was held up for longer than 1 ms, in ns; while nothing happens: $quiet" \
	"$(said_by_meter worst_ns)" -le $MAX_NS
echo "# scale $(jq -nc --argjson worst "$(said_by_meter worst_ns)" --argjson quiet "$quiet" \
	'{expiry_worst_ns: $worst, quiet_worst_ns: $quiet}')"
router_down
finish
