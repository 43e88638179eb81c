#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The same UDP traffic with flow41 off, then on (topo.sh): tunnel and LAN and WAN
# devices count the same, and so does conntrack, for the inner connection and for the
# tunnel, whose timeouts stay fresh while all packets are cached ones.

. "$(dirname "$0")/lib.sh"
. "$NET_DIR/talk.sh"

DATAGRAMS=500
NOISE=6		# packets that the LAN and the WAN may have of their own

# What would be counted besides: multicast listener reports, neighbour discovery
quiet_up()
{
	sysctl -qw net.ipv6.conf.default.mldv2_unsolicited_report_interval=1
	topo_up || return
	sysctl -qw net.ipv6.conf.default.mldv2_unsolicited_report_interval=1000
	# Entries there are do not count any more
	on cpe sysctl -qw net.netfilter.nf_conntrack_acct=1
	on cpe conntrack -F && ping6 client $HOST6 || return
	setup client <<-EOF &&
		neigh replace $LAN6 lladdr 02:00:00:00:00:12 dev eth0 nud permanent
	EOF
	setup inet <<-EOF &&
		neigh replace $WAN4 lladdr 02:00:00:00:00:21 dev cpe0 nud permanent
	EOF
	setup cpe <<-EOF
		neigh replace $CLIENT6 lladdr 02:00:00:00:00:11 dev lan0 nud permanent
		neigh replace 198.51.100.1 lladdr 02:00:00:00:00:22 dev wan0 nud permanent
	EOF
}

# DEV: rx packets, rx bytes, tx packets, tx bytes, errors and drops
device()
{
	ip -n cpe -j -s link show "$1" | jq -r '.[0].stats64 |
		"\(.rx.packets) \(.rx.bytes) \(.tx.packets) \(.tx.bytes)" +
		" \(.rx.errors + .tx.errors + .rx.dropped + .tx.dropped)"'
}

entry()	# inner|outer
{
	case $1 in
	inner) on cpe conntrack -L -f ipv6 -p udp --sport 7777 ;;
	outer) on cpe conntrack -L -f ipv4 -p 41 ;;
	esac 2>/dev/null
}

# inner|outer: packets and bytes of the original direction, then of the reply
accounted()
{
	entry "$1" | grep -o '\(packets\|bytes\)=[0-9]*' | cut -d= -f2 | paste -sd' '
}

left()	# inner|outer: seconds until the entry expires
{
	entry "$1" | awk '{ print $3 }'
}

difference()	# "A..." "B...": B - A, number by number
{
	local -a a b
	local i

	read -ra a <<<"$1"
	read -ra b <<<"$2"
	for ((i = 0; i < ${#b[@]}; i++)); do
		echo $((b[i] - ${a[i]:-0}))
	done | paste -sd' '
}

# run_counted off|on: COUNTED[what] is what was added
declare -A COUNTED
run_counted()
{
	local what
	local -A before

	on cpe conntrack -D -f ipv6 -p udp --sport 7777
	for what in lan0 wan0 tun6; do
		before[$what]=$(device $what)
	done
	before[outer]=$(accounted outer)
	on client traffic udp -C 0 -e -p 7777 -u $DATAGRAMS -i 5000 -s 100,1000,1432 $HOST6 7000 || return
	for what in lan0 wan0 tun6; do
		COUNTED[$1.$what]=$(difference "${before[$what]}" "$(device $what)")
	done
	COUNTED[$1.inner]=$(accounted inner)
	COUNTED[$1.outer]=$(difference "${before[outer]}" "$(accounted outer)")
	COUNTED[$1.left]="$(left inner) $(left outer)"
	for what in lan0 wan0 tun6 inner outer left; do
		echo "$what: ${COUNTED[$1.$what]}"
	done
}

# check_near WHAT: on and off differ by NOISE packets of less than 200 bytes at most
check_near()
{
	local -a off on
	local i max

	read -ra off <<<"${COUNTED[off.$1]}"
	read -ra on <<<"${COUNTED[on.$1]}"
	for i in 0 1 2 3; do
		max=$((i % 2 ? NOISE * 200 : NOISE))
		check_num "$1: figure $i as by software, but for $max" \
			$((off[i] > on[i] ? off[i] - on[i] : on[i] - off[i])) -le $max
	done
	check_eq "$1: no errors, no drops" "${on[4]}" 0
}

# Both entries are the ones of the beginning: their numbers
entries()
{
	on cpe conntrack -L -f ipv6 -p udp --dport 5001 -o id
	on cpe conntrack -L -f ipv4 -p 41 -o id
}

entry_ids()
{
	entries 2>/dev/null | grep -o ' id=[0-9]*' | paste -sd' '
}

aged()	# MILLISECONDS: the flows of the conversation are that old
{
	[ "$(f41 -j flows | jq --argjson ms "$1" 'length == 2 and all(.[]; .age_ms > $ms)')" = true ]
}

need_flow41
need "topology up" quiet_up
need "server on host" serve udp host $HOST6 7000 -C 1

check "by software" run_counted off
diag "$(tail -6 "$T/check")"
check "enable" f41 enable
warm_up >/dev/null
stop serve-5000
mark_counters
check "with flow41" run_counted on
diag "$(tail -6 "$T/check")"
check_fast "with flow41" 95 encap decap
for what in tun6 inner outer; do
	check_eq "$what: as by software" "${COUNTED[on.$what]}" "${COUNTED[off.$what]}"
done
check_near lan0
check_near wan0
for what in inner outer; do
	check_eq "$what: each datagram, both ways" \
		"$(cut -d' ' -f1,3 <<<"${COUNTED[on.$what]}")" "$DATAGRAMS $DATAGRAMS"
done
read -ra off <<<"${COUNTED[off.left]}"
read -ra on <<<"${COUNTED[on.left]}"
for i in 0 1; do	# a slow guest takes its time to look
	check_num "timeout $i: hardly less than by software" "${on[i]}" -ge $((off[i] - 6))
	check_num "timeout $i: nor more" "${on[i]}" -le $((off[i] + 6))
done

# ---- nobody but the cache sees the packets: entries live on, by their settings

check "entries last two seconds" on cpe sysctl -qw net.netfilter.nf_conntrack_udp_timeout=2 \
	net.netfilter.nf_conntrack_udp_timeout_stream=2 net.netfilter.nf_conntrack_generic_timeout=2
f41 flush >/dev/null
need "UDP goes" talk udp udp client host $HOST6 5001
need "carried" carried
went=$(evicted conntrack)
check "carried for a second" wait_for 20 aged 1000
ids=$(entry_ids)
check "carried for six seconds on end" wait_for 20 aged 7000
check_eq "the same entries all along" "$(entry_ids)" "$ids"
check_num "with two seconds at most" "$(entries 2>/dev/null | awk '$3 > 2' | wc -l)" -eq 0
check_eq "no flow went" "$(evicted conntrack)" "$went"

talk_down
