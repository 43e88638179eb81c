#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# As many flows as there can be (bench.sh): admitted at 10,000 connections a second, then
# all of them idle at once. Nobody is held up for long meanwhile; and what a flow takes.

# shellcheck source=/dev/null
. "$(dirname "$0")/lib.sh"
. "$NET_DIR/costs.sh"

MAX_NS=1000000
RATE=10000
# malta's clock makes it a slower machine, on which software manages a thousand
[ "$NS_PER_INSTRUCTION" = 1 ] || RATE=$((5000 / NS_PER_INSTRUCTION))
MAX_BYTES=256
# An address of the kernel's has 16 digits on 64 bits
[ "$(awk 'NR == 1 { print length($1) }' /proc/kallsyms)" = 16 ] || MAX_BYTES=192

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

flow_size()	# in bytes, of one direction
{
	f41 -s -j status | jq '.flow_size // 0'
}

# Growing tables and clearing pages, which counts each byte, are not flow41's alone
no_worse()	# WHAT NS SOFTWARE-NS ALLOWED-NS
{
	check_num "$1: ns, $3 by software, and $4 more at most" "$2" -le $(($3 + $4))
}

paced()	# PATH
{
	need "$1: 32,768 connections at $RATE a second" open_all
	echo "# scale $(jq -c --arg path "$1" '{"\($path)_write_worst_ns": .write_worst_ns,
		"\($path)_late_worst_ns": .late_worst_ns, "\($path)_open_ns": .ns}' <<<"$REPLY")"
}

need_flow41
need "router up" router_up tunnel
connections 32768
tell_meter "port 9000"
paced software
soft_write=$(said_by_meter write_worst_ns)
soft_late=$(said_by_meter late_worst_ns)

connections 1
tell_meter "port 5000"
need "enable" f41 enable
need "max-flows" f41 set max-flows 65536
need "packets both ways" established encap decap
need "how late processes are while nothing happens" ask "latency 2000"
quiet=$(said_by_meter worst_ns)

connections 32768
paced flow41
check_num "in no more time than that, and a tenth" "$(said_by_meter ns)" -le \
	$((32768 * 1100000000 / RATE))
no_worse "the packet that took longest" "$(said_by_meter write_worst_ns)" "$soft_write" $MAX_NS
no_worse "the connection that came latest" "$(said_by_meter late_worst_ns)" "$soft_late" $MAX_NS
need "again, two seconds later" established encap decap
check_num "flows" "$(flow_count)" -ge 65536
size=$(flow_size)
check_num "bytes of memory for a flow, 256 at most" "$size" -le "$MAX_BYTES"
check_num "and some" "$size" -gt 0
need "all become idle" latency_of_expiry
check_eq "none is left" "$(flow_count)" 0
check_num "nobody was held up for longer than 1 ms, in ns; while nothing happens: $quiet" \
	"$(said_by_meter worst_ns)" -le $MAX_NS
echo "# scale $(jq -nc --argjson worst "$(said_by_meter worst_ns)" --argjson quiet "$quiet" \
	--argjson size "$size" \
	'{expiry_worst_ns: $worst, quiet_worst_ns: $quiet, flow_bytes: $size}')"
router_down
finish
