#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# What packets cost with the best that Linux has without flow41 (bench.sh): through the
# tunnel with nf_flow_table, tunnel device and all; as plain IPv6 with nf_flow_table;
# and, the floor, sent on by "tc mirred" as they came.

# shellcheck source=/dev/null
. "$(dirname "$0")/lib.sh"
. "$NET_DIR/costs.sh"

# flowtable DEVICE...: established connections go into it
flowtable()
{
	local devices

	modprobe -qa nft_flow_offload nf_flow_table_inet nf_flow_table_ipv4 nf_flow_table_ipv6
	devices=$(IFS=,; echo "$*")
	on cpe nft -f - <<-EOF_
		table inet fw4 {
			flowtable ft {
				hook ingress priority 0
				devices = { $devices }
			}
		}
		insert rule inet fw4 forward ct state established meta l4proto udp flow add @ft
	EOF_
}

offloaded()	# connections
{
	on cpe conntrack -L -f ipv6 -p udp 2>/dev/null | grep -c OFFLOAD
}

# What the table takes, the forward chain does not see
cost_flowtable()	# ROLE encap|decap
{
	local before

	send "$1" $WARMUP
	before=$(soft "$2")
	WARMUP=0 cost "$1" flowtable
	row "$1" flowtable intact "$(intact)"
	check_eq "$1, flowtable: none through the forward chain" $(($(soft "$2") - before)) 0
	check_num "$1, flowtable: all connections in it" "$(offloaded)" -ge $CONNECTIONS
}

costs()	# SIZES ROLE-OUT ROLE-IN
{
	local size

	for size in $1; do
		sized "$size"
		cost_flowtable "$2" encap
		cost_flowtable "$3" decap
	done
}

redirect()	# FROM TO
{
	on cpe tc qdisc add dev "$1" clsact &&
	on cpe tc filter add dev "$1" ingress matchall action mirred egress redirect dev "$2"
}

# The sender's share has to be known before: it is measured by the same means
cost_floor()
{
	local size role

	connections 1
	for size in 1400 100; do
		sized $size
		need_sender floor_out
		need_sender floor_in
	done
	need "redirect" redirect lan0 wan0
	need "and back" redirect wan0 lan0
	for size in 1400 100; do
		sized $size
		for role in floor_out floor_in; do
			cost $role floor
			row $role floor intact "$(intact)"
		done
	done
}

through_tunnel()
{
	need "tunnel router up" router_up tunnel
	need "flow table" flowtable lan0 wan0 tun6
	need "packets both ways" established encap decap
	costs "1400 100" encap decap
	router_down
}

plain_ipv6()
{
	local n

	need "flow table" flowtable lan0 wan0
	need "packets both ways" established ipv6_out ipv6_in
	costs "1400 100" ipv6_out ipv6_in
	for n in 500 32768; do
		connections $n
		need "$n connections" established ipv6_out ipv6_in
		costs 100 ipv6_out ipv6_in
	done
}

# Without nft there is only the floor
if have_nft; then
	through_tunnel
else
	# shellcheck disable=SC2034	# for costs.sh
	FIREWALL=0
fi
need "IPv6 router up" router_up ipv6
! have_nft || plain_ipv6
cost_floor
router_down
finish
