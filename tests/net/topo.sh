# SPDX-License-Identifier: GPL-2.0
# The topology: a home router with a 6in4 tunnel, in network namespaces.
#
#   client            cpe                     inet            server          host
#  +------+   LAN   +------+       WAN       +------+       +------+        +------+
#  | eth0 +---------+ lan0 |                 |      |       | lan0 +--------+ eth0 |
#  |      |         | wan0 +-----------------+ cpe0 |       |      |        |      |
#  |      |         |      |                 | srv0 +-------+ wan0 |        |      |
#  |      |         | tun6 + - - - - - 6in4 (proto 41) - - -+ tun6 |        |      |
#  +------+         +------+                 +------+       +------+        +------+
#
#  LAN      192.0.2.0/24     2001:db8:1::/64   cpe .1 ::1     client .2 ::2
#  WAN      198.51.100.0/24                    inet .1        cpe .2
#  server   203.0.113.0/24                     inet .1        server .2
#  tunnel                    2001:db8:6::/64   server ::1     cpe ::2
#  far LAN                   2001:db8:2::/64   server ::1     host ::2
#
#  inet knows no IPv6 at all.  cpe has the firewall of a home router: nothing comes
#  in that was not asked for; IPv4 is masqueraded on wan0.
#
# TOPO is put before every namespace's name, so two topologies can stand side by
# side.  Settings: TOPO_TUN what follows "type sit" on cpe, TOPO_FIREWALL=0 for no
# firewall and no conntrack, TOPO_OFFLOAD=0 for no segmentation offloads.
# shellcheck shell=bash
# shellcheck disable=SC2034	# the addresses are for the scenarios

CLIENT6=2001:db8:1::2
LAN6=2001:db8:1::1
HOST6=2001:db8:2::2
TUN6_CPE=2001:db8:6::2
TUN6_SERVER=2001:db8:6::1
CLIENT4=192.0.2.2
WAN4=198.51.100.2
SERVER4=203.0.113.2

TOPO_UP=""

# The same every time: no DAD, no router solicitations, no random addresses.  New
# namespaces take these from the first one.  UDP's sockets may hold what slow readers
# leave in them, 160 MB in all.  Modules all at once: on demand, one
# after the other, takes seconds.
topo_defaults()
{
	modprobe -qa crc32c_generic sit veth nft_ct nft_chain_nat nft_masq nft_objref
	have_nft || tables_modules
	sysctl -qw net.core.devconf_inherit_init_net=1 \
		net.ipv6.conf.{all,default}.accept_dad=0 \
		net.ipv6.conf.{all,default}.dad_transmits=0 \
		net.ipv6.conf.{all,default}.router_solicitations=0 \
		net.ipv6.conf.{all,default}.accept_ra=0 \
		net.ipv6.conf.{all,default}.use_tempaddr=0 \
		net.ipv4.udp_mem="40000 40000 40000"
	keep_ingress
}

# An ingress hook that stays: the first one to come and the last one to go have the
# kernel patch its receive path, and QEMU before 8.1 may go on to run the breakpoint
# that is there meanwhile, for ever, if another CPU uses that code just then
keep_ingress()
{
	have_nft || return 0
	nft -f - <<-EOF
		table netdev keep {
			chain ingress {
				type filter hook ingress device lo priority 0;
			}
		}
	EOF
}

netns_add()	# NAME...
{
	local ns

	for ns; do
		ip netns add "$TOPO$ns" || return 1
		TOPO_UP+=" $TOPO$ns"
		ip -n "$TOPO$ns" link set lo up
	done
}

# GRO without XDP takes NAPI by threads on veth: Linux 5.12
veth_merges()
{
	[ -e /sys/class/net/lo/threaded ]
}

veth_add()	# NS DEV MAC NS DEV MAC
{
	ip link add "$2" netns "$TOPO$1" address "02:00:00:00:00:$3" type veth \
		peer name "$5" netns "$TOPO$4" address "02:00:00:00:00:$6" || return 1
	if [ "${TOPO_OFFLOAD:-1}" = 0 ]; then
		on "$1" ethtool -K "$2" tso off gso off tx-checksum-ip-generic off
		on "$4" ethtool -K "$5" tso off gso off tx-checksum-ip-generic off
	fi >/dev/null
}

# setup NS: "ip" commands from stdin
setup()
{
	ip -n "$TOPO$1" -batch -
}

topo_client()
{
	setup client <<-EOF
		link set eth0 up
		addr add $CLIENT4/24 dev eth0
		addr add $CLIENT6/64 dev eth0 nodad
		route add default via 192.0.2.1
		route add default via $LAN6
	EOF
}

topo_cpe()
{
	on cpe sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1
	setup cpe <<-EOF
		link set lan0 up
		link set wan0 up
		addr add 192.0.2.1/24 dev lan0
		addr add $LAN6/64 dev lan0 nodad
		addr add $WAN4/24 dev wan0
		route add default via 198.51.100.1
		link add tun6 type sit ${TOPO_TUN:-local $WAN4 remote $SERVER4 ttl 64}
		link set tun6 up
		addr add $TUN6_CPE/64 dev tun6 nodad
		route add ::/0 dev tun6
	EOF
}

# flow41_rps=MASK on the kernel's command line: the router spreads flows over CPUs
spread()
{
	sed -n 's/.*\<flow41_rps=\([^ ]*\).*/\1/p' /proc/cmdline
}

# Called once its devices are there
topo_spread()
{
	local mask

	mask=$(spread)
	[ -n "$mask" ] || return 0
	ip netns exec "${TOPO}cpe" bash -c "for q in /sys/class/net/*/queues/rx-*/rps_cpus
		do
			echo $mask >\$q || exit
		done"
}

topo_inet()
{
	on inet sysctl -qw net.ipv4.ip_forward=1
	setup inet <<-EOF
		link set cpe0 up
		link set srv0 up
		addr add 198.51.100.1/24 dev cpe0
		addr add 203.0.113.1/24 dev srv0
	EOF
}

topo_server()
{
	on server sysctl -qw net.ipv6.conf.all.forwarding=1
	setup server <<-EOF
		link set wan0 up
		link set lan0 up
		addr add $SERVER4/24 dev wan0
		addr add 2001:db8:2::1/64 dev lan0 nodad
		route add default via 203.0.113.1
		link add tun6 type sit local $SERVER4 remote $WAN4 ttl 64
		link set tun6 up
		addr add $TUN6_SERVER/64 dev tun6 nodad
		route add 2001:db8:1::/64 dev tun6
	EOF
}

tunnel_is()	# cpe|server [parameters]: changes them
{
	ip -n "$TOPO$1" link set tun6 type sit "${@:2}"
}

topo_host()
{
	setup host <<-EOF
		link set eth0 up
		addr add $HOST6/64 dev eth0 nodad
		route add default via 2001:db8:2::1
	EOF
}

# The shape of OpenWrt's fw4.  The two counters see what the software path
# forwards through the tunnel although the fast path might have.
topo_firewall()
{
	have_nft || { tables_firewall; return; }
	on cpe nft -f - <<-EOF
		table inet fw4 {
			counter encap { }
			counter decap { }

			chain input {
				type filter hook input priority filter; policy drop;
				iifname lo accept
				ct state vmap { established : accept, related : accept, invalid : drop }
				iifname lan0 accept
				iifname wan0 ip saddr $SERVER4 ip protocol ipv6 accept
				iifname { wan0, tun6 } meta l4proto { icmp, ipv6-icmp } accept
			}

			chain forward {
				type filter hook forward priority filter; policy drop;
				oifname tun6 meta l4proto udp counter name encap
				iifname tun6 meta l4proto udp counter name decap
				oifname tun6 ct state established tcp flags & (syn | fin | rst) == 0 counter name encap
				iifname tun6 ct state established tcp flags & (syn | fin | rst) == 0 counter name decap
				ct state vmap { established : accept, related : accept, invalid : drop }
				iifname lan0 oifname { wan0, tun6 } accept
				iifname tun6 icmpv6 type { destination-unreachable, packet-too-big,
					time-exceeded, parameter-problem } accept
			}

			chain output {
				type filter hook output priority filter; policy accept;
				oifname lo accept
				ct state vmap { established : accept, related : accept, invalid : drop }
			}

			chain srcnat {
				type nat hook postrouting priority srcnat; policy accept;
				oifname wan0 meta nfproto ipv4 masquerade
			}
		}
	EOF
}

# drop NS HOOK RULE: from now on, behind the firewall, until undrop NS
drop()
{
	on "$1" nft -f - <<-EOF
		table inet lossy {
			chain $2 {
				type filter hook $2 priority 10;
				$3 drop
			}
		}
	EOF
}

undrop()
{
	on "$1" nft delete table inet lossy
}

# links_ready NS...: the kernel has told everybody that the cables are plugged in;
# it does so up to a second late, and flow41 takes it for a change, which it is. Until
# then a new cable is "UNKNOWN"
links_ready()
{
	local ns links

	for ns; do
		links=$(ip -n "$TOPO$ns" -br link show up type veth) || return
		[ -z "$links" ] || ! grep -vE "^[^ ]+ +UP " <<<"$links" || return
	done
}

topo_cables()
{
	TOPO=${TOPO:-}
	topo_defaults &&
	netns_add client cpe inet server host &&
	veth_add client eth0 11 cpe lan0 12 &&
	veth_add cpe wan0 21 inet cpe0 22 &&
	veth_add inet srv0 31 server wan0 32 &&
	veth_add server lan0 41 host eth0 42
}

topo_up()
{
	topo_cables &&
	topo_client && topo_cpe && topo_spread && topo_inet && topo_server && topo_host &&
	{ [ "${TOPO_FIREWALL:-1}" = 0 ] || topo_firewall; } &&
	wait_for 10 links_ready client cpe inet server host &&
	wait_for 10 ping6 client $HOST6
}

topo_down()
{
	local ns

	stop_all
	for ns in $TOPO_UP; do
		ip netns pids "$ns" 2>/dev/null | xargs -r kill -9 2>/dev/null
		ip netns del "$ns" 2>/dev/null
	done
	TOPO_UP=""
}
