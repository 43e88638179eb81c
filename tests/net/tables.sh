# SPDX-License-Identifier: GPL-2.0
# The firewalls of the topologies for a userspace that has no nft: with iptables.  The
# same rules, but for the order of counting.  Sourced by lib.sh; what has a name that
# begins with "tables" is called where nft would be.
# shellcheck shell=bash
# shellcheck disable=SC2317	# called by other files

have_nft()
{
	type -P nft >/dev/null
}

tables_modules()
{
	modprobe -qa iptable_filter iptable_nat ip6table_filter xt_tcpudp xt_conntrack \
		xt_comment xt_nat xt_MASQUERADE
}

# Named counters are comments.  They are said as "nft list counters" does, each name
# once, however many rules count for it
tables_counters()	# NS
{
	{ on "$1" iptables -L -v -x -n && on "$1" ip6tables -L -v -x -n; } | awk '
		match($0, /\/\* [a-z0-9]+ \*\//) {
			sum[substr($0, RSTART + 3, RLENGTH - 6)] += $1
		}
		END { for (name in sum) print "counter", name, "{ packets", sum[name] }'
}

# What the connection says
tables_state()	# CHAIN
{
	cat <<-EOF
		-A $1 -m conntrack --ctstate ESTABLISHED,RELATED -j ACCEPT
		-A $1 -m conntrack --ctstate INVALID -j DROP
	EOF
}

# What is the same for IPv4 and IPv6
tables_home()
{
	cat <<-EOF
		*filter
		:INPUT DROP
		:FORWARD DROP
		:OUTPUT ACCEPT
		-A INPUT -i lo -j ACCEPT
		$(tables_state INPUT)
		-A INPUT -i lan0 -j ACCEPT
		-A OUTPUT -o lo -j ACCEPT
		$(tables_state OUTPUT)
	EOF
}

tables_firewall4()
{
	on cpe iptables-restore --noflush <<-EOF
		$(tables_home)
		-A INPUT -i wan0 -s $SERVER4 -p 41 -j ACCEPT
		-A INPUT -i wan0 -p icmp -j ACCEPT
		$(tables_state FORWARD)
		-A FORWARD -i lan0 -o wan0 -j ACCEPT
		COMMIT
		*nat
		-A POSTROUTING -o wan0 -j MASQUERADE
		COMMIT
	EOF
}

tables_firewall6()
{
	local tcp="-p tcp -m conntrack --ctstate ESTABLISHED -m tcp --tcp-flags SYN,FIN,RST NONE"

	on cpe ip6tables-restore --noflush <<-EOF
		$(tables_home)
		-A INPUT -i tun6 -p icmpv6 -j ACCEPT
		-A FORWARD -o tun6 -p udp -m comment --comment encap
		-A FORWARD -i tun6 -p udp -m comment --comment decap
		-A FORWARD -o tun6 $tcp -m comment --comment encap
		-A FORWARD -i tun6 $tcp -m comment --comment decap
		$(tables_state FORWARD)
		-A FORWARD -i lan0 -o tun6 -j ACCEPT
		$(printf -- '-A FORWARD -i tun6 -p icmpv6 --icmpv6-type %s -j ACCEPT\n' 1 2 3 4)
		COMMIT
	EOF
}

# As topo_firewall
tables_firewall()
{
	tables_firewall4 && tables_firewall6
}

# As transit_firewall
tables_transit()
{
	local masquerade='' dmz=''

	[ "$NAT" = none ] || masquerade="-A POSTROUTING -o wan0 -j MASQUERADE"
	[ "$NAT" != dmz ] || dmz="-A PREROUTING -i wan0 -p 41 -j DNAT --to-destination $CLIENT4"
	on cpe iptables-restore --noflush <<-EOF
		*filter
		:FORWARD DROP
		-A FORWARD -p 41 -o wan0 -m comment --comment encap
		-A FORWARD -p 41 -i wan0 -m comment --comment decap
		$(tables_state FORWARD)
		-A FORWARD -i lan0 -j ACCEPT
		-A FORWARD -i wan0 -p 41 -d $CLIENT4 -j ACCEPT
		COMMIT
		*nat
		$dmz
		$masquerade
		COMMIT
	EOF
}

# As watch_wire
tables_wire()
{
	on inet iptables-restore --noflush <<-EOF
		*filter
		-A FORWARD -p 41 -i cpe0 -m comment --comment encap
		-A FORWARD -p 41 -o cpe0 -m comment --comment decap
		COMMIT
	EOF
}

# 6in4 may come from anywhere
tables_from_anywhere()
{
	on cpe iptables -I INPUT -i wan0 -p 41 -j ACCEPT
}

# As bed_quiet
tables_quiet()
{
	local type

	on cpe iptables -A OUTPUT -p igmp -m comment --comment quiet4 -j DROP
	for type in 131 132 133 143; do
		on cpe ip6tables -A OUTPUT -p icmpv6 --icmpv6-type $type \
			-m comment --comment quiet6 -j DROP
	done
}

# As "conntrack -L -o extended" and "conntrack -S", so much of it as bed.sh compares
proc_connections()
{
	on cpe cat /proc/net/nf_conntrack
}

proc_conntrack_errors()
{
	local names values i
	local -A sum

	{
		read -ra names
		while read -ra values; do
			for i in "${!names[@]}"; do
				sum[${names[i]}]=$((${sum[${names[i]}]:-0} + 16#${values[i]}))
			done
		done
	} < <(on cpe cat /proc/net/stat/nf_conntrack)
	echo "invalid ${sum[invalid]} drop ${sum[drop]} error ${sum[icmp_error]}"
}
