# SPDX-License-Identifier: GPL-2.0
# What the bench's scenarios share: routers with ppcost on both sides, and measuring.
# Sourced, after lib.sh, in a guest whose clock counts instructions (boot.sh).
#
#             +------------- cpe -------------+
#  ppcost ====| lan0 (tap)         wan0 (tap) |==== ppcost
#             |        tun6 - - 6in4          |
#             +-------------------------------+
#
# A figure is printed as a line of JSON, "# row {...}". Settings: PACKETS to measure
# with, WARMUP to send before (at least one of each connection), SIZE of the inner
# packets, CONNECTIONS that take turns (each has two flows), FIREWALL=0 for none.
# shellcheck shell=bash

# shellcheck source=/dev/null
. "$NET_DIR/transit.sh"

PACKETS=10000
WARMUP=2000
SIZE=100
CONNECTIONS=1
FIREWALL=1
NS_PER_INSTRUCTION=$(sed -n 's/.*flow41_ns=\([0-9]*\).*/\1/p' /proc/cmdline)
# shellcheck disable=SC2034	# for the scenarios
SPEAKING=$((500 / NS_PER_INSTRUCTION))	# connections at most, of many; then each still speaks every second

exec 3>&1		# "check" keeps what a command prints
SLOT=-1

declare -A SENDER	# "ROLE SIZE": instructions to make a packet that is dropped at once
declare -A COST		# "ROLE PATH": instructions, the sender's share taken off

tap_of()	# ROLE: where it comes in
{
	case $1 in
	encap|*_out) echo lan0 ;;
	*) echo wan0 ;;
	esac
}

# ---- ppcost

meter_up()	# CLIENT4 NEAR4
{
	netns_add cpe || return
	coproc METER { on cpe ppcost lan0 wan0 $CLIENT6 $HOST6 "$1" "$2" $SERVER4; }
	read -r <&"${METER[0]}" || return
	PACKETS=10000 WARMUP=2000 SIZE=100 CONNECTIONS=1
}

tell_meter()	# LINE
{
	echo "$1" >&"${METER[1]}"
}

send()	# ROLE PACKETS: what became of them, in REPLY
{
	tell_meter "$1 $2" && read -r <&"${METER[0]}"
}

intact()	# of REPLY: those that came out whole, while the clock ran
{
	jq '.intact - .late' <<<"$REPLY"
}

# crossed ROLE: a packet of each connection gets through
crossed()
{
	send "$1" $CONNECTIONS && [ "$(jq .intact <<<"$REPLY")" = $CONNECTIONS ]
}

sized()	# BYTES
{
	SIZE=$1
	tell_meter "size $1"
}

# Both directions of so many connections; they start anew
connections()	# NUMBER
{
	CONNECTIONS=$1
	WARMUP=$(($1 > 2000 ? $1 : 2000))
	PACKETS=$(($1 > 10000 ? $1 : 10000))
	tell_meter "flows $1"
}

# ---- routers

# Neighbours that need no asking, devices that do not queue
fixed_up()
{
	setup cpe <<-EOF_
		neigh add $CLIENT6 lladdr 02:00:00:00:00:11 dev lan0 nud permanent
		neigh add $CLIENT4 lladdr 02:00:00:00:00:11 dev lan0 nud permanent
		neigh add 198.51.100.1 lladdr 02:00:00:00:00:22 dev wan0 nud permanent
		neigh add 2001:db8:6::1 lladdr 02:00:00:00:00:22 dev wan0 nud permanent
	EOF_
	on cpe tc qdisc replace dev lan0 root noqueue &&
	on cpe tc qdisc replace dev wan0 root noqueue
}

# router_tunnel: topo.sh's, the tunnel's end
router_tunnel()
{
	meter_up $CLIENT4 $WAN4 && topo_cpe && fixed_up &&
	{ [ "$FIREWALL" = 0 ] || topo_firewall; }
}

# router_transit: transit.sh's; the tunnel's end is behind it (NAT=dmz or none)
router_transit()
{
	local near=$WAN4

	[ "$NAT" != none ] || near=$CLIENT4
	meter_up $CLIENT4 $near && transit_cpe && fixed_up &&
	{ [ "$FIREWALL" = 0 ] || transit_firewall; }
}

# router_ipv6: no tunnel, IPv6 on both sides
router_ipv6()
{
	meter_up $CLIENT4 $WAN4 && topo_cpe && fixed_up &&
	ip -n cpe link del tun6 && setup cpe <<-EOF_ || return
		addr add 2001:db8:6::2/64 dev wan0 nodad
		route add ::/0 via 2001:db8:6::1
	EOF_
	[ "$FIREWALL" = 0 ] || on cpe nft -f - <<-EOF_
		table inet fw4 {
			counter encap { }
			counter decap { }
			chain forward {
				type filter hook forward priority filter; policy drop;
				oifname wan0 counter name encap
				iifname wan0 counter name decap
				ct state vmap { established : accept, related : accept, invalid : drop }
				iifname lan0 accept
			}
		}
	EOF_
}

router_up()	# tunnel|transit|ipv6
{
	topo_defaults
	modprobe -qa tun sch_ingress cls_matchall act_gact act_mirred
	sysctl -qw net.netfilter.nf_conntrack_max=131072 net.netfilter.nf_conntrack_buckets=65536
	"router_$1"
}

# Modules' functions are in there, too
symbols()
{
	awk '$2 ~ /[tTwW]/ { print $1, $3 }' /proc/kallsyms | busybox gzip -9 |
		busybox base64 | sed 's/^/# symbols /'
}

# With flow41_profile=1 on the kernel's command line: for profile.sh
router_down()
{
	local fd=${METER[1]:-}

	if grep -q flow41_profile=1 /proc/cmdline && [ -z "${SYMBOLS:-}" ]; then
		SYMBOLS=1
		symbols
	fi
	[ -z "$fd" ] || exec {fd}>&-
	wait "${METER_PID:-}" 2>/dev/null
	topo_down
}

# What the scenarios count with is not in a home router's firewall; iptables counts anyway
stop_counting()
{
	local table handle

	have_nft || return 0
	table=$(on cpe nft list tables | awk '/fw4/ { print $2, $3 }')
	# shellcheck disable=SC2086	# two words
	on cpe nft -a list chain $table forward |
		sed -n 's/.*counter name.*# handle //p' | while read -r handle; do
		on cpe nft delete rule $table forward handle "$handle"
	done
	not counting
}

counting()
{
	on cpe nft list ruleset | grep -q 'counter name'
}

# For conntrack a UDP flow is assured once it has seen it answered for two seconds
established()	# ROLE-OUT ROLE-IN
{
	crossed "$1" && crossed "$2" && sleep 2.2 && crossed "$1" && crossed "$2"
}

# Nothing is dropped for want of a route, a neighbour or a rule
reachable()	# ROLE-OUT ROLE-IN
{
	crossed "$1" && crossed "$2"
}

# ---- measuring

# measured_send ROLE PATH: PACKETS of them, in a slot of insns.c of their own, an odd one
measured_send()
{
	tell_meter next && send "$1" "$PACKETS" && tell_meter next
	echo "# slot $((SLOT += 2)) $1 $2 $PACKETS" >&3
}

instructions()	# per packet, of REPLY
{
	jq ".ns / .packets / $NS_PER_INSTRUCTION" <<<"$REPLY"
}

# What it costs to make a packet and have it dropped where it comes in
measure_sender()	# ROLE
{
	local tap

	tap=$(tap_of "$1")
	on cpe tc qdisc add dev "$tap" clsact &&
	on cpe tc filter add dev "$tap" ingress matchall action drop &&
	send "$1" 2000 && measured_send "$1" sender &&
	on cpe tc qdisc del dev "$tap" clsact &&
	[ "$(jq '.intact + .damaged' <<<"$REPLY")" = 0 ] &&
	SENDER[$1 $SIZE]=$(instructions)
}

need_sender()	# ROLE
{
	[ -n "${SENDER[$1 $SIZE]:-}" ] ||
		need "$1, $SIZE bytes: the sender's own share" measure_sender "$1"
}

# row ROLE PATH [NAME VALUE...]: the figure in COST, with what else is to be said
row()
{
	local role=$1 path=$2

	shift 2
	echo "# row $(jq -nc --arg role "$role" --arg path "$path" --arg nat "${NAT_ROW:-}" \
		--argjson flows "${FLOWS:-$((CONNECTIONS * 2))}" --argjson bytes "$SIZE" \
		--argjson cost "${COST[$role $path]}" --argjson packets "$PACKETS" '
		{role: $role, path: $path, flows: $flows, bytes: $bytes, instructions: $cost,
		packets: $packets} + if $nat != "" then {nat: $nat} else {} end +
		([$ARGS.positional | _nwise(2) | {(.[0]): (.[1] | tonumber)}] | add // {})' \
		--args -- "$@")"
}

# cost ROLE PATH: measured, all came out intact
cost()
{
	local role=$1 path=$2

	need_sender "$role"
	send "$role" "$WARMUP"
	measured_send "$role" "$path"
	COST[$role $path]=$(jq -n "$(instructions) - ${SENDER[$role $SIZE]} | round")
	check_eq "$role, $path, $((CONNECTIONS * 2)) flows, $SIZE bytes: all came out intact" \
		"$(intact)" "$PACKETS"
}

# While flow41 is off, the firewall sees them all
cost_software()	# ROLE [PATH]
{
	cost "$1" "${2:-software}"
	row "$1" "${2:-software}" intact "$(intact)"
}

flow41_role()	# ROLE: as flow41 calls it
{
	echo "${1%%_*}"
}

# Most audited packets are carried, too; those that the software path has sent are not.
# A flow that was silent for a second has its next packet audited: that is the warm-up's
cost_flow41()	# ROLE
{
	local role carried audited by_software intact

	role=$(flow41_role "$1")
	need_sender "$1"
	send "$1" "$CONNECTIONS"	# whatever was still to settle
	carried=$(fast "$role")
	audited=$(stat41 .audit.checked)
	by_software=$(punted audit)
	cost "$1" flow41
	intact=$(intact)
	carried=$(($(fast "$role") - carried))
	audited=$(($(stat41 .audit.checked) - audited))
	by_software=$(($(punted audit) - by_software))
	check_eq "$1, flow41: all on the fast path, but for audits" \
		$((carried + by_software)) $((PACKETS + WARMUP))
	check_num "$1, flow41: audits are one in a hundred at most" \
		$(((audited - CONNECTIONS) * 100)) -le "$PACKETS"
	row "$1" flow41 intact "$intact" fast "$carried" audited "$audited"
}
