# SPDX-License-Identifier: GPL-2.0
# Two routers that are alike, with flow41 in one of them.  diff/replay is everything
# around both at once: it sends each packet to both and compares what comes out.
#
#               +-------- offcpe -------+
#     ,---------| lan0 (tap) wan0 (tap) |---------.
#     |         |        tun6 - - 6in4  |         |
#   replay      +-----------------------+       replay
#     |         +--------- oncpe -------+         |
#     '---------| lan0 (tap) wan0 (tap) |---------'
#               |        tun6 - - 6in4  |
#               +-----------------------+
#
# How they are set up has a name: see beds.sh.  Sourced after lib.sh.
# shellcheck shell=bash
# shellcheck disable=SC2034,SC2153,SC2154,SC2317	# called and set by name

# shellcheck source=sixrd.sh
. "$NET_DIR/sixrd.sh"
# shellcheck source=transit.sh
. "$NET_DIR/transit.sh"
# shellcheck source=egress.sh
. "$NET_DIR/egress.sh"
# shellcheck source=beds.sh
. "$NET_DIR/beds.sh"

# ---- both routers

bed_addresses()
{
	CLIENT6=2001:db8:1::2 LAN6=2001:db8:1::1 HOST6=2001:db8:2::2
	TUN6_CPE=2001:db8:6::2 CE2_6=$PEER6 WAN4=198.51.100.2
}

# What would happen by the clock happens after the end; the window check is switched
# off for cached flows: so for both
bed_sysctls()
{
	# shellcheck disable=SC2016	# its own
	on cpe bash -c 'for f in /proc/sys/net/netfilter/nf_conntrack_*timeout*; do
			echo 3600 >$f
		done'
	on cpe sysctl -qw net.ipv6.icmp.ratelimit=0 net.ipv4.icmp_ratelimit=0 \
		net.ipv4.conf.{all,default,lan0,wan0}.send_redirects=0 \
		net.netfilter.nf_conntrack_acct=1 net.netfilter.nf_conntrack_tcp_be_liberal=1 \
		net.ipv4.ipfrag_time=3600 net.ipv6.ip6frag_time=3600 \
		net.ipv4.ipfrag_high_thresh=16000000 net.ipv6.ip6frag_high_thresh=16000000 || return
	# Linux 5.10 lets nobody have more than it has of itself, 4 MB
	on cpe sysctl -qw net.netfilter.nf_conntrack_frag6_high_thresh=16000000 || :
}

bed_neighbours()
{
	setup cpe <<-EOF_
		neigh add $CLIENT6 lladdr 02:00:00:00:00:11 dev lan0 nud permanent
		neigh add $CLIENT4 lladdr 02:00:00:00:00:11 dev lan0 nud permanent
	EOF_
	[ "$BED_BELOW" = over_pppoe ] ||
		ip -n "${TOPO}cpe" neigh add 198.51.100.1 lladdr 02:00:00:00:00:22 dev wan0 nud permanent
}

# Nor is anything said by the clock
bed_quiet()
{
	have_nft || { tables_quiet; return; }
	on cpe nft -f - <<-EOF_
		table inet quiet {
			counter quiet4 { }
			counter quiet6 { }
			chain output {
				type filter hook output priority -500;
				ip protocol igmp counter name quiet4 drop
				icmpv6 type { 131, 132, 133, 143 } counter name quiet6 drop
			}
		}
	EOF_
}

bed_router()	# off|on
{
	local TOPO=$1

	$BED_BELOW && $BED_ROUTER && $BED_TOO && bed_neighbours &&
		bed_sysctls && wait_for 10 links_ready cpe
}

bed_answer()	# TEXT: what replay says when it is ready for the next step
{
	local line

	while read -r line <&"${REPLAY[0]}"; do
		[ "$line" != "$1" ] || return 0
		echo "$line" >>"$T/said"
	done
	cat "$T/said"
	return 1
}

bed_up()	# NAME COUNT
{
	local name=$1

	TOPO=""
	: >"$T/said"
	topo_defaults
	modprobe -qa tun 8021q bridge pppoe
	echo N >/sys/module/sit/parameters/log_ecn_error
	sysctl -qw net.ipv4.icmp_msgs_per_sec=1000000 net.ipv4.icmp_msgs_burst=1000000
	netns_add offcpe oncpe && TOPO=off bed_quiet && TOPO=on bed_quiet || return
	bed_addresses
	bed_plain
	"bed_$name" || return
	coproc REPLAY { exec replay off=offcpe on=oncpe seed="$SEED" count="$2" \
		near4="$BED_NEAR4" client4="$CLIENT4" far4="$BED_FAR4" \
		near6="$CLIENT6" far6="$HOST6,$CE2_6" router6="$TUN6_CPE" \
		mtu="$BED_MTU" "${BED_ARGS[@]}" 2>&1; }
	bed_answer ready && bed_router off && bed_router on && TOPO=on f41 enable
}

# Sends it all; the routers and their figures are still there
bed_run()
{
	echo >&"${REPLAY[1]}"
	bed_answer end
}

bed_down()
{
	[ -z "${REPLAY_PID:-}" ] || { echo >&"${REPLAY[1]}"; wait "$REPLAY_PID"; } 2>/dev/null
	# What a set-up may have changed outside of its routers
	sysctl -qw net.core.gro_normal_batch=8 kernel.sched_rt_runtime_us=950000
	topo_down
}

# ---- their figures

# bed_same WHAT COMMAND...: says the same of both routers, once neither waits any more
# for neighbours that nobody is
bed_same()
{
	wait_for 6 bed_says_same "$@" && return
	bed_says_same "$@"
}

bed_says_same()
{
	local what=$1 side

	shift
	for side in off on; do
		TOPO=$side "$@" >"$T/$what.$side"
	done
	[ -s "$T/$what.off" ] || { echo "nothing was said"; return 1; }
	diff "$T/$what.off" "$T/$what.on"
}

bed_links()
{
	ip -n "${TOPO}cpe" -s -s -j link show | jq -c '.[] | [.ifname, .stats64]'
}

# Without what conntrack has of each packet's time and of its users
bed_connections()
{
	local family

	if have_nft; then
		for family in ipv4 ipv6; do
			on cpe conntrack -L -f $family -o extended 2>/dev/null
		done
	else
		proc_connections
	fi | sed -E 's/ [0-9]+ (([A-Z_]+ )?src=)/ \1/; s/ use=[0-9]+//' | sort
}

BED_PASSING="InReceives|InDelivers|OutRequests|ForwDatagrams|InOctets|OutOctets"
BED_PASSING+="|NoECTPkts|ECT1Pkts|ECT0Pkts|CEPkts|OutTransmits"

# All but what counts every packet: "What is not the same as software" in README.md
bed_errors()
{
	# shellcheck disable=SC2016	# awk's
	on cpe awk -v quiet4="$(counter cpe quiet4)" -v quiet6="$(counter cpe quiet6)" '
		/^Ip6OutDiscards/ { $2 -= quiet6 }
		FILENAME ~ /snmp6/ { print; next }
		!($1 in names) { names[$1] = $0; next }
		{
			n = split(names[$1], name)
			for (i = 2; i <= n; i++)
				print $1 name[i], $i - ($1 name[i] == "Ip:OutDiscards") * quiet4
		}
	' /proc/net/snmp6 /proc/net/snmp /proc/net/netstat |
		grep -vE "($BED_PASSING) " |
		grep -v -e Mcast -e MLDv2 -e OutType143 -e Icmp6OutMsgs
	have_nft || { proc_conntrack_errors; return; }
	on cpe conntrack -S | awk '
		{
			for (i = 2; i <= NF; i++) {
				split($i, f, "=")
				sum[f[1]] += f[2]
			}
		}
		END { print "invalid", sum["invalid"], "drop", sum["drop"], "error", sum["error"] }'
}
