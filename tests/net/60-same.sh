#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The same packets twice through the same router, flow41 off and on: what comes
# out is the same, frame by frame, byte by byte (IPv4 IDs aside), and so are the
# tunnel device's counters. diff/replay is everything around the router:
#
#             +------------- cpe -------------+
#   replay ===| lan0 (tap)         wan0 (tap) |=== replay
#             |        tun6 - - 6in4          |
#             +-------------------------------+
#
# Settings: SEED, COUNT packets, TUNNELS to try. A seed that fails is printed.
# shellcheck disable=SC2153,SC2154,SC2317	# set by lib.sh; called by check

. "$(dirname "$0")/lib.sh"

: "${SEED:=$SRANDOM}" "${COUNT:=2000}"
DEFAULT="local $WAN4 remote $SERVER4"
: "${TUNNELS:=$DEFAULT ttl 64,$DEFAULT ttl inherit tos inherit,$DEFAULT ttl inherit tos 0x10 nopmtudisc,local $WAN4 ttl 64}"
FLOOR=40	# percent of the packets that the fast path has to carry

answer()	# TEXT: what replay says when it is ready for the next step
{
	local line

	while read -r line <&"${REPLAY[0]}"; do
		[ "$line" != "$1" ] || return 0
		echo "$line" >>"$T/handshakes"
	done
	return 1
}

proceed()
{
	echo >&"${REPLAY[1]}"
}

router_up()	# TUNNEL
{
	topo_defaults
	modprobe -qa tun
	echo N >/sys/module/sit/parameters/log_ecn_error
	netns_add cpe || return
	on cpe sysctl -qw net.ipv6.icmp.ratelimit=0 net.ipv4.icmp_ratelimit=0 \
		net.ipv4.icmp_msgs_per_sec=100000 net.ipv4.icmp_msgs_burst=100000
	coproc REPLAY { on cpe replay lan0 wan0 "$SEED" "$COUNT"; }
	answer ready || return
	TOPO_TUN=$1 topo_cpe && topo_firewall && setup cpe <<-EOF
		neigh add $CLIENT6 lladdr 02:00:00:00:00:11 dev lan0 nud permanent
		neigh add $CLIENT4 lladdr 02:00:00:00:00:11 dev lan0 nud permanent
		neigh add 198.51.100.1 lladdr 02:00:00:00:00:22 dev wan0 nud permanent
	EOF
	[[ $1 == *remote* ]] || ip -n cpe route replace ::/0 via ::$SERVER4 dev tun6 onlink
	wait_for 10 links_ready cpe || return
	# The window check is switched off for cached flows: so for both. What
	# happens by the clock would be different each time.
	on cpe sysctl -qw net.netfilter.nf_conntrack_tcp_be_liberal=1 \
		net.netfilter.nf_conntrack_udp_timeout=3600 \
		net.netfilter.nf_conntrack_frag6_timeout=3600 \
		net.ipv4.ipfrag_time=3600 net.ipv6.ip6frag_time=3600
}

tunnel_counters()
{
	ip -n "${TOPO}cpe" -j -s link show tun6 | jq -c '.[0].stats64'
}

# All that came out, and the tunnel's counters
run()	# off|on TUNNEL
{
	router_up "$2" || return
	[ "$1" = off ] || f41 enable || return
	proceed
	answer established || return
	sleep 2.2	# until conntrack calls UDP streams assured
	proceed
	sed -u '/^end$/q' <&"${REPLAY[0]}" >"$T/$1"
	tunnel_counters >>"$T/$1"
	FAST=$(($(fast encap) + $(fast decap)))
	proceed
	wait "$REPLAY_PID"
	topo_down
}

# The first difference, with the packet it belongs to
same_frames()
{
	cmp -s "$T/off" "$T/on" && return
	echo "replay with SEED=$SEED COUNT=$COUNT TUNNELS=\"$tunnel\""
	diff -U3 "$T/off" "$T/on" | cut -c1-200 | head -30
	return 1
}

need_flow41
IFS=, read -ra tunnels <<<"$TUNNELS"
for tunnel in "${tunnels[@]}"; do
	need "$tunnel: by software" run off "$tunnel"
	need "$tunnel: with flow41" run on "$tunnel"
	check "$tunnel: the same frames and counters, seed $SEED" same_frames
	check_num "$tunnel: some frames" "$(grep -c '^ ' "$T/on")" -ge $((COUNT / 2))
	check_num "$tunnel: percent by the fast path" $((FAST * 100 / COUNT)) -ge $FLOOR
done
check_no_leaks
finish
