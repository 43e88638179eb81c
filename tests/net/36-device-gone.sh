#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Devices under running traffic are deleted and made anew, or move to another network
# namespace and back (topo.sh): flow41 lets go of them at once, nothing gets through
# meanwhile, and traffic is carried again afterwards.

. "$(dirname "$0")/lib.sh"
. "$NET_DIR/talk.sh"

# What waits for a reference waits for ever, or until flows are found stale.  HOOKS are
# the hooks right then: later even those may be gone that are only unused
soon()	# COMMAND...
{
	local start=$SECONDS

	"$@" && [ $((SECONDS - start)) -le 5 ] && HOOKS=$(hooks)
}

lan_back()
{
	veth_add client eth0 11 cpe lan0 12 && topo_client && lan_set_up
}

lan_set_up()
{
	setup cpe <<-EOF
		link set lan0 up
		addr add 192.0.2.1/24 dev lan0
		addr add $LAN6/64 dev lan0 nodad
	EOF
}

lan_home()
{
	ip -n inet link set lan0 netns "${TOPO}cpe" && lan_set_up
}

wan_back()
{
	veth_add cpe wan0 21 inet cpe0 22 && wan_set_up && setup inet <<-EOF
		link set cpe0 up
		addr add 198.51.100.1/24 dev cpe0
	EOF
}

wan_set_up()
{
	setup cpe <<-EOF
		link set wan0 up
		addr add $WAN4/24 dev wan0
		route add default via 198.51.100.1
	EOF
}

tunnel_back()
{
	setup cpe <<-EOF
		link add tun6 type sit local $WAN4 remote $SERVER4 ttl 64
		link set tun6 up
		addr add $TUN6_CPE/64 dev tun6 nodad
		route add ::/0 dev tun6
	EOF
}

hooks()
{
	f41 -j status | jq -r '.devices | sort | join(" ")'
}

talk_up

dam "lan0 is deleted" device soon ip -n cpe link del lan0
check_eq "lan0 is deleted: its hook is gone" "$HOOKS" wan0
check_eq "lan0 is deleted: no flow is left" "$(flows41)" 0
heal "a new lan0" lan_back

dam "wan0 is deleted" device soon ip -n cpe link del wan0
check_eq "wan0 is deleted: its hook is gone" "$HOOKS" lan0
heal "a new wan0" wan_back

dam "tun6 is deleted" device soon ip -n cpe link del tun6
heal "a new tun6" tunnel_back

dam "lan0 moves away" device soon ip -n cpe link set lan0 netns inet
check_eq "lan0 moves away: its hook is gone" "$HOOKS" wan0
heal "lan0 comes back" lan_home

dam "the client is unplugged for good" device soon ip -n client link del eth0
heal "and plugged in" lan_back

check_eq "hooked are the new devices" "$(hooks)" "lan0 wan0"
check "nothing waited for a device" \
	not grep -q 'unregister_netdevice: waiting' <(dmesg)
talk_down
