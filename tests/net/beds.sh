# SPDX-License-Identifier: GPL-2.0
# The routers that bed.sh compares: how they are set up has a name, and bed_NAME sets
# what differs from bed_plain.  Sourced by bed.sh.
# shellcheck shell=bash
# shellcheck disable=SC2034,SC2153,SC2154,SC2317	# called and set by name

ALL_BEDS="plain inherit tos nopmtudisc hops mtu1280 mtu_route mtu_device narrow"
ALL_BEDS+=" vlan pppoe bridge taps pieces gro marks notrack vrf"
ALL_BEDS+=" sixrd sixto4 masquerade dmz nonat pieces_through gro_through"
have_nft || ALL_BEDS=${ALL_BEDS/ marks notrack vrf/}
have_pppoe || ALL_BEDS=${ALL_BEDS/ pppoe/}
if ! veth_merges; then
	ALL_BEDS=${ALL_BEDS/ gro_through/}
	ALL_BEDS=${ALL_BEDS/ gro/}
fi
PEER4=203.0.113.9	# another far end
PEER6=2001:db8:2:9::2	# and a host behind it

bed_plain()
{
	BED_TUN="local $WAN4 remote $SERVER4 ttl 64"
	BED_MTU=1480
	BED_ROUTER=tunnel_router	# makes the router
	BED_BELOW=:			# before that, its devices
	BED_TOO=:			# after that
	BED_DSCP_RULES=1		# 2: every other DSCP is treated by rules
	BED_FLOOR=100			# percent of the floors; 0: nothing is carried
	BED_UDP=1			# 0: of UDP nothing is
	BED_JOINED=0			# 1: the tunnel sees super-packets
	BED_ARGS=()
	BED_FAR4=$SERVER4,$SERVER4
	BED_NEAR4=$WAN4
}

bed_inherit()
{
	BED_TUN="local $WAN4 remote $SERVER4 ttl inherit tos inherit"
}

bed_tos()
{
	BED_TUN="remote $SERVER4 ttl 7 tos 0xb9"
}

bed_nopmtudisc()
{
	BED_TUN="local $WAN4 remote $SERVER4 ttl inherit tos 0x10 nopmtudisc"
}

# No remote address: the routes know
bed_hops()
{
	BED_TUN="local $WAN4 ttl 64"
	BED_FAR4=$SERVER4,$PEER4
	BED_TOO=by_hops
}

by_hops()
{
	setup cpe <<-EOF_
		route replace ::/0 via ::$SERVER4 dev tun6 onlink
		route add $PEER6/128 via ::$PEER4 dev tun6 onlink
	EOF_
	from_anywhere
}

bed_mtu1280()
{
	BED_MTU=1280
	BED_TOO=short_tunnel
}

short_tunnel()
{
	ip -n "${TOPO}cpe" link set tun6 mtu 1280
}

# What a route says of the MTU holds as well as what its device says, in both directions;
# here the one is smaller, there the other
bed_mtu_route()
{
	BED_MTU=1350
	BED_TOO="mtus 1450 1350 1350 1450"
}

bed_mtu_device()
{
	BED_MTU=1350
	BED_TOO="mtus 1350 1450 1450 1350"
}

mtus()	# TUNNEL ITS-ROUTE LAN ITS-ROUTE
{
	setup cpe <<-EOF_
		link set tun6 mtu $1
		route replace ::/0 dev tun6 mtu $2
		link set lan0 mtu $3
		route del ${LAN6%::*}::/64 dev lan0
		route add ${LAN6%::*}::/64 dev lan0 mtu $4
	EOF_
}

# ICMP says so, again and again, and each time the flows are forgotten
bed_narrow()
{
	BED_MTU=1280
	BED_ARGS=(narrow=1)
	BED_FLOOR=60
}

bed_vlan()
{
	BED_TUN="local $WAN4 remote $SERVER4 ttl inherit tos inherit"
	BED_BELOW=over_vlan
	BED_ARGS=(wan=port0 link=vlan)
}

over_vlan()
{
	ip -n "${TOPO}cpe" link add link port0 name wan0 type vlan id 7
}

bed_pppoe()
{
	BED_MTU=1472
	BED_BELOW=over_pppoe
	BED_ARGS=(wan=port0 link=pppoe)
}

over_pppoe()
{
	ip -n "${TOPO}cpe" link set ppp0 name wan0 mtu 1492
}

bed_bridge()
{
	BED_BELOW=bridged
	BED_ARGS=(lan=port1)
}

bridged()
{
	setup cpe <<-EOF_
		link add lan0 address 02:00:00:00:00:12 type bridge
		link set port1 master lan0
	EOF_
}

# LAN and tunnel are one world, the WAN is another.  Nothing is carried
bed_vrf()
{
	BED_FLOOR=0
	BED_TOO=in_vrf
}

in_vrf()
{
	modprobe -q vrf
	setup cpe <<-EOF_
		link add red type vrf table 100
		link set red up
		link set lan0 master red
		link set tun6 master red
		addr add $LAN6/64 dev lan0 nodad
		addr add $TUN6_CPE/64 dev tun6 nodad
		route add ::/0 dev tun6 table 100
	EOF_
	on cpe nft -f - <<-EOF_
		insert rule inet fw4 input iifname red accept
		insert rule inet fw4 forward iifname red oifname tun6 accept
		insert rule inet fw4 forward iifname red ct state established accept
	EOF_
}

# The firewall lets what conntrack has not seen through.  Only TCP is carried
bed_notrack()
{
	BED_FLOOR=45			# half of the packets are UDP
	BED_UDP=0
	BED_TOO=untracked
}

untracked()
{
	on cpe nft -f - <<-EOF_
		table inet untracked {
			chain prerouting {
				type filter hook prerouting priority raw;
				udp dport 1024-40000 notrack
			}
		}
		insert rule inet fw4 forward ct state untracked accept
	EOF_
}

# What a packet leaves with is in its source address for all to see.  Of two DSCPs
# one is rewritten, one marked.
bed_marks()
{
	BED_TUN="local $WAN4 remote $SERVER4 ttl 64 tos inherit"
	BED_TOO=marking
	BED_DSCP_RULES=2
}

marking()
{
	on cpe nft -f - <<-EOF_
		table inet marking {
			chain prerouting {
				type filter hook prerouting priority mangle;
				iifname lan0 meta mark set 0x11
				iifname tun6 meta mark set 0x22
			}
			chain forward {
				type filter hook forward priority mangle;
				oifname tun6 meta mark set meta mark or 0x100 meta priority set 1:11
				iifname tun6 meta priority set 1:22
				ip6 dscp ef meta mark set 0x2e
				ip6 dscp 10 ip6 dscp set 12
			}
			chain postrouting {
				type filter hook postrouting priority mangle;
				oifname wan0 ip protocol 41 meta mark set meta mark or 0x1000
			}
		}
	EOF_
	if egress_hook; then
		show_marks
	else
		show_marks_by_tc
	fi
}

# PRIORITY MARK ADDRESS of what the rules above make
marks()
{
	cat <<-EOF_
		1:11 0x1111 02:11:00:00:11:11
		1:11 0x102e 02:11:00:00:11:2e
		1:22 0x22 02:22:00:00:00:22
		1:22 0x2e 02:22:00:00:00:2e
	EOF_
}

show_marks()
{
	on cpe nft -f - <<-EOF_
		table netdev leaving {
			chain wan {
				type filter hook egress device wan0 priority 0;
				jump show
			}
			chain lan {
				type filter hook egress device lan0 priority 0;
				jump show
			}
			chain show {
				$(marks | sed -E 's/(.*) (.*) (.*)/meta priority \1 meta mark \2 ether saddr set \3/')
			}
		}
	EOF_
}

show_marks_by_tc()
{
	local dev priority mark address n=0

	egress_up cpe wan0 lan0 || return
	while read -r priority mark address; do
		n=$((n + 1))
		for dev in wan0 lan0; do
			egress cpe $dev $n "$(marked_with "$mark" "$priority")" \
				pedit ex munge eth src set "$address" || return
		done
	done < <(marks)
}

# Packet sockets hold what passes
bed_taps()
{
	BED_ARGS=("watch=lan0,wan0,tun6")
	BED_TOO=ingress_chains
}

# Where there is an ingress hook, whosever, a frame of a type that nobody but a tap knows
# counts as dropped
ingress_chains()
{
	have_nft || { ingress_qdiscs; return; }
	on cpe nft -f - <<-EOF_
		table netdev coming {
			chain lan {
				type filter hook ingress device lan0 priority 0;
			}
			chain wan {
				type filter hook ingress device wan0 priority 0;
			}
		}
	EOF_
}

ingress_qdiscs()
{
	modprobe -q sch_ingress
	tc -n "${TOPO}cpe" qdisc add dev lan0 clsact &&
		tc -n "${TOPO}cpe" qdisc add dev wan0 clsact
}

# Devices that hand over packets in pieces (NAPI_FRAGS)
bed_pieces()
{
	sysctl -qw net.core.gro_normal_batch=1
	BED_ARGS=(pieces=1)
}

# A WAN that hands over many packets at once: GRO makes super-packets of what is in the
# tunnel. By threads, one for each router, that run when the sender waits.
bed_gro()
{
	sysctl -qw net.core.gro_normal_batch=1 kernel.sched_rt_runtime_us=-1
	BED_ARGS=(gro=1)
	BED_BELOW=by_threads
	BED_JOINED=1
}

by_threads()
{
	local thread

	ip netns exec "${TOPO}cpe" bash -c 'echo 1 >/sys/class/net/wan0/threaded' || return
	for thread in $(pgrep napi/wan0-); do
		taskset -p 1 "$thread" >/dev/null || return
	done
}

bed_sixrd()
{
	PREFIX=3fff:600::/32 RELAY=0.0.0.0/0
	sixrd_addresses
	BED_FAR4=$SERVER4,$CE2_4
	BED_ROUTER=sixrd_router
}

bed_sixto4()
{
	bed_sixrd
	PREFIX=2002::/16
	sixrd_addresses
}

sixrd_router()
{
	sixrd_cpe && sixrd_firewall
}

bed_masquerade()
{
	BED_TRANSIT=masquerade
	BED_ROUTER=transit_router
	BED_FAR4=$SERVER4,$PEER4
	BED_ARGS=(role=transit)
}

bed_dmz()
{
	bed_masquerade
	BED_TRANSIT=dmz
}

bed_nonat()
{
	bed_masquerade
	BED_TRANSIT=none
	BED_NEAR4=$CLIENT4
}

bed_pieces_through()
{
	bed_pieces
	bed_masquerade
	BED_ARGS=(role=transit pieces=1)
}

bed_gro_through()
{
	bed_gro
	bed_masquerade
	BED_ARGS=(role=transit gro=1)
}

transit_router()
{
	NAT=$BED_TRANSIT
	transit_cpe && transit_firewall
}

tunnel_router()
{
	TOPO_TUN=$BED_TUN topo_cpe && topo_firewall
}
