#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# ping and traceroute through the tunnel (topo.sh) while flow41 carries a TCP
# connection: same answers as without it, and none of their packets is carried.

# shellcheck disable=SC2317	# functions that check calls
. "$(dirname "$0")/lib.sh"

# The routers on the way, one a line
hops()	# [traceroute's options]
{
	on client traceroute -6 -n -q 1 -w 2 "$@" $HOST6 | awk 'NR > 1 { print $2 }'
}

ping_sizes()
{
	local size

	for size in 0 56 1432; do
		on client ping -6 -n -q -c 20 -i 0.01 -s $size -W 2 $HOST6 |
			tee /dev/stderr | grep -q ' 0% packet loss' || return 1
	done
}

need_flow41
need "topology up" topo_up
way=$(printf '%s\n' $LAN6 $TUN6_SERVER $HOST6)
check_eq "traceroute without flow41" "$(hops)" "$way"

need "enable" f41 enable
need "a first connection" warm_up
watch_wire
send open client tcp -u 300000 -d 300000 -g "$T/gate" $HOST6 5000
need "a connection that stays" wait_for 20 at_gate 1
check_eq "it is carried" "$(flow_count)" 2

mark_counters
check "ping, 60 of three sizes" ping_sizes
take_counters
check_eq "they went out" "$(since_mark wire encap)" 60
check_eq "and came back" "$(since_mark wire decap)" 60
check_eq "none out by the fast path" "$(since_mark fast encap)" 0
check_eq "none back by the fast path" "$(since_mark fast decap)" 0
check "ping from outside is still refused" not ping6 host $CLIENT6 -W 1

mark_counters
check_eq "traceroute, UDP" "$(hops)" "$way"
check_eq "traceroute, ICMP" "$(hops -I)" "$way"
check_eq "traceroute, TCP SYN" "$(hops -T -p 5000)" "$way"
take_counters
check_num "probes went out" "$(since_mark wire encap)" -ge 6
check_eq "none out by the fast path" "$(since_mark fast encap)" 0
check_eq "none back by the fast path" "$(since_mark fast decap)" 0

mark_counters
open_gate 1
check "the connection was none the worse for it" join open
check "nor at the server" served 5000
check_no_leaks
finish
