#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Two routers with the same addresses, each in network namespaces of its own (topo.sh
# twice, a and b): both are carried, and flows, counters, limits, settings and the
# switch of one are nothing to the other.

. "$(dirname "$0")/lib.sh"
. "$NET_DIR/talk.sh"

router_up()
{
	topo_up && f41 enable &&
		talk udp udp client host $HOST6 5001 &&
		talk tcp tcp client host $HOST6 5002
}

at()	# TOPO COMMAND...
{
	local TOPO=$1

	shift
	"$@"
}

identities()	# all that flows are known by but the client's ports
{
	f41 -j flows | jq -c '[.[] | [.role, .dev_in, .dev_out, .tunnel, .outer_src,
		.outer_dst, .src, .dst, .proto]] | sort'
}

all_stats()
{
	f41 -j stats | jq -c '[.roles, .evictions, .refusals]'
}

evictions()	# reasons and counts
{
	f41 -j stats | jq -c '.evictions | with_entries(select(.value > 0))'
}

limit()
{
	f41 -j status | jq -c '[.max_flows, .idle_timeout, .allowed_devices]'
}

# unmoved WHAT COMMAND...: done at a; at b nothing is evicted, all stays carried
unmoved()
{
	local before what=$1

	shift
	before=$(at b evictions)
	check "$what" at a "$@"
	check "$what: b stays carried" at b round_is_fast
	check_eq "$what: b evicts nothing" "$(at b evictions)" "$before"
}

need_flow41
for TOPO in a b; do
	need "$TOPO: topology and conversations" router_up
done
for TOPO in a b; do
	need "$TOPO: carried" carried
done
TOPO=
check_eq "the same flows in both" "$(at a identities)" "$(at b identities)"

# shellcheck disable=SC2046	# one word each
at b asleep $(at b talks)
check "b falls silent" wait_for 5 at b silent
settled=$(at b all_stats)
check "a is carried while b is silent" at a carried
check_eq "b counts nothing of it" "$(at b all_stats)" "$settled"
# shellcheck disable=SC2046
at b awake $(at b talks)
check "b is carried" at b carried

limits=$(at b limit)
unmoved "a may have two flows, and waits longer" f41 set max-flows 2 idle-timeout 40
unmoved "a is flushed" f41 flush
check "a goes on" at a all_go_on
check_num "a keeps to its limit" "$(at a flow_count)" -le 2
check_num "what was too much was refused" "$(at a stat41 .refusals.table_full)" -gt 0
unmoved "a takes from wan0 only" f41 set devices wan0
check_eq "b's settings are its own" "$(at b limit)" "$limits"
check "a has its old ones again" at a f41 set max-flows 4096 devices any
check "a is carried again" at a carried

unmoved "a is switched off" f41 disable
check "a goes on by software" at a not_carried
check_eq "b is on" "$(at b f41 -j status | jq .enabled)" true
unmoved "a is switched on" f41 enable
check "a is carried again" at a carried

# shellcheck disable=SC2046
at a hush $(at a talks)
unmoved "a's router is deleted" ip netns del acpe
check "b is carried" at b carried
check_eq "nothing was found changed without notice" "$(at b evicted result)" 0

# shellcheck disable=SC2046
at b hush $(at b talks)
check_no_leaks
finish
