#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# IPv6 multicast that the router forwards into the tunnel and out of another device, too
# (topo.sh): both get every packet, with flow41 as without. The LAN hands it over in
# frames for the router alone, as a point-to-point link would.

# shellcheck disable=SC2317	# functions that check calls
. "$(dirname "$0")/lib.sh"

GROUP=ff3e::41
DATAGRAMS=100

frames_for_the_router()
{
	local mac

	mac=$(ip -n "${TOPO}cpe" -j link show lan0 | jq -r '.[0].address') &&
	modprobe -qa sch_ingress cls_matchall act_pedit &&
	on client tc qdisc add dev eth0 clsact &&
	on client tc filter add dev eth0 egress protocol ipv6 matchall \
		action pedit ex munge eth dst set "$mac" &&
	on client nft -f - <<-EOF
		table ip6 far {
			chain out {
				type filter hook postrouting priority 0;
				ip6 daddr $GROUP ip6 hoplimit set 64
			}
		}
	EOF
}

multicast_routing()
{
	modprobe -q dummy
	setup cpe <<-EOF || return
		link add lan2 type dummy
		link set lan2 up
	EOF
	on cpe nft insert rule inet fw4 forward ip6 daddr $GROUP accept &&
	start mroute on cpe mroute $CLIENT6 $GROUP lan0 tun6 lan2 >"$T/mroute" &&
	wait_for 5 grep -q ready "$T/mroute"
}

datagrams()
{
	# shellcheck disable=SC2016
	on client bash -c 'exec 3>/dev/udp/$0/7000 || exit
		for ((i = 0; i < $1; i++)); do
			echo $i >&3
			sleep 0.01
		done' $GROUP $DATAGRAMS
}

[ -e /proc/net/ip6_mr_vif ] || skip_all "no IPv6 multicast routing in this kernel"
need_flow41
need "topology up" topo_up
need "enable" f41 enable
need "frames for the router" frames_for_the_router
need "multicast routing" multicast_routing

check "capture" capture lan cpe lan2 "ip6 dst $GROUP"
check "capture" capture wan inet cpe0 "ip proto 41 and ip[44:4] == 0xff3e0000"
check "datagrams" datagrams
check "by the other device: all" wait_for 5 captured_some lan $DATAGRAMS
check "through the tunnel: all" wait_for 5 captured_some wan $DATAGRAMS
check "captured" capture_stop lan
check "captured" capture_stop wan
check_eq "by the other device: once each" "$(captured_count lan)" $DATAGRAMS
check_eq "through the tunnel: once each" "$(captured_count wan)" $DATAGRAMS
# On 5.10 the FORWARD hook is told that they came in by the device that they go out of:
# there is nothing to be learnt of them, nor refused
! kernel_since 5.11 || check_num "refused as multicast" "$(stat41 .refusals.multicast)" -gt 0
check_eq "no flow" "$(flows41)" 0
stop mroute
check_no_leaks
finish
