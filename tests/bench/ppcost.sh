#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Instructions per packet through the CPE, in a guest whose clock counts
# instructions (run.sh); with any other clock these are just nanoseconds.
#
#             +------------- cpe -------------+
#  ppcost ====| lan0 (tap)         wan0 (tap) |==== ppcost
#             |        tun6 - - 6in4          |
#             +-------------------------------+
#
# The CPE of topo.sh with its firewall; in place of all others, ppcost.
# encap: IPv6 into lan0, 6in4 out of wan0. decap: the other way.

# shellcheck source=/dev/null
. "$(dirname "$0")/lib.sh"

ROLES="encap decap"
PACKETS=10000
WARMUP=2000

declare -A IN=([encap]=lan0 [decap]=wan0)
declare -A COST		# "ROLE path": instructions per packet
declare -A INTACT	# "ROLE path": packets that came out as they should
declare -A CARRIED	# ROLE: by the fast path
declare -A AUDITED	# ROLE: sent the software way by the audit

# The cpe's devices and neighbours are ppcost's
router_up()
{
	topo_defaults
	modprobe -qa tun sch_ingress cls_matchall act_gact
	netns_add cpe || return
	coproc METER { on cpe ppcost lan0 wan0 $CLIENT6 $HOST6 $WAN4 $SERVER4; }
	read -r <&"${METER[0]}" || return
	topo_cpe && topo_firewall && setup cpe <<-EOF
		neigh add $CLIENT6 lladdr 02:00:00:00:00:11 dev lan0 nud permanent
		neigh add 198.51.100.1 lladdr 02:00:00:00:00:22 dev wan0 nud permanent
	EOF
	on cpe tc qdisc replace dev lan0 root noqueue
	on cpe tc qdisc replace dev wan0 root noqueue
}

send()	# ROLE PACKETS: what became of them, in REPLY
{
	echo "$1 $2" >&"${METER[1]}" && read -r <&"${METER[0]}"
}

intact()	# of REPLY: those that came out whole, while the clock ran
{
	jq '.intact - .late' <<<"$REPLY"
}

crossed()	# ROLE: one packet gets through
{
	send "$1" 1 && [ "$(intact)" = 1 ]
}

# For conntrack a UDP flow is assured once it has seen it answered for two seconds
established()
{
	crossed encap && crossed decap && sleep 2.2 && crossed encap && crossed decap
}

assured()
{
	on cpe conntrack -L -f ipv6 -p udp 2>/dev/null | grep -q ASSURED
}

measure()	# ROLE PATH: into COST and INTACT
{
	send "$1" $PACKETS || return
	COST[$1 $2]=$(jq "(.ns / .packets) - ${COST[$1 sender]:-0} | round" <<<"$REPLY")
	INTACT[$1 $2]=$(intact)
}

# What it costs to make a packet and have it dropped where it comes in
measure_sender()	# ROLE
{
	on cpe tc qdisc add dev "${IN[$1]}" clsact &&
	on cpe tc filter add dev "${IN[$1]}" ingress matchall action drop &&
	send "$1" $WARMUP && measure "$1" sender &&
	on cpe tc qdisc del dev "${IN[$1]}" clsact
}

# While flow41 is off, the firewall sees them all
check_firewall()	# ROLE
{
	local before

	before=$(soft "$1")
	send "$1" $WARMUP
	check_eq "$1, software: all through the firewall" \
		$(($(soft "$1") - before)) $WARMUP
}

# What the scenarios count with is not in a home router's firewall
stop_counting()
{
	local handle

	on cpe nft -a list chain inet fw4 forward |
		sed -n 's/.*counter name.*# handle //p' | while read -r handle; do
		on cpe nft delete rule inet fw4 forward handle "$handle"
	done
	not counting
}

counting()
{
	on cpe nft list chain inet fw4 forward | grep -q counter
}

measure_software()	# ROLE
{
	send "$1" $WARMUP
	measure "$1" software
	check_eq "$1, software: all came out intact" "${INTACT[$1 software]}" $PACKETS
}

audited()
{
	stat41 .audit.checked
}

measure_flow41()	# ROLE
{
	local carried audited

	send "$1" $WARMUP
	carried=$(fast "$1")
	audited=$(audited)
	measure "$1" flow41
	CARRIED[$1]=$(($(fast "$1") - carried))
	AUDITED[$1]=$(($(audited) - audited))
	check_eq "$1, flow41: all on the fast path, but for audits" \
		$((CARRIED[$1] + AUDITED[$1])) $PACKETS
	check_num "$1, flow41: audits are one in a hundred at most" \
		$((AUDITED[$1] * 100)) -le $PACKETS
	check_eq "$1, flow41: all came out intact" "${INTACT[$1 flow41]}" $PACKETS
}

row()	# ROLE PATH, as JSON
{
	jq -nc --arg role "$1" --arg path "$2" --argjson cost "${COST[$1 $2]}" \
		--argjson intact "${INTACT[$1 $2]}" '{role: $role, path: $path,
		figures: {instructions: $cost, intact: $intact}}'
}

row_flow41()	# ROLE
{
	row "$1" flow41 | jq -c --argjson fast "${CARRIED[$1]}" \
		--argjson audited "${AUDITED[$1]}" '.figures += {fast: $fast, audited: $audited}'
}

rows()
{
	local role

	for role in $ROLES; do
		row "$role" sender
		row "$role" software
		[ -z "${CARRIED[$role]:-}" ] || row_flow41 "$role"
	done
}

report()
{
	rows | jq -sc --arg kernel "$(uname -r)" --argjson packets $PACKETS '
		reduce .[] as $r ({}; .[$r.role][$r.path] = $r.figures) |
		{kernel: $kernel, packets: $packets, inner_bytes: 100, roles: .}'
}

need "router up" router_up
need "a flow both ways" established
need "conntrack has it assured" assured
for role in $ROLES; do
	check "$role: the sender's own share" measure_sender "$role"
	check_eq "$role: what is dropped does not come out" "${INTACT[$role sender]}" 0
done
for role in $ROLES; do
	check_firewall "$role"
done
need "no more counting in the firewall" stop_counting
for role in $ROLES; do
	measure_software "$role"
done
if have_flow41; then
	need_flow41
	need "enable" f41 enable
	need "a flow both ways, with flow41" established
	for role in $ROLES; do
		measure_flow41 "$role"
	done
fi
echo "# json $(report)"
finish
