#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Devices go down, up, and get other names under running traffic (topo.sh).

. "$(dirname "$0")/lib.sh"
. "$NET_DIR/talk.sh"

hooked_devices()
{
	f41 -j status | jq -r '.devices | sort | join(" ")'
}

talk_up
check_eq "hooked: where flows come in" "$(hooked_devices)" "lan0 wan0"

dam "lan0 goes down" device ip -n cpe link set lan0 down
check_eq "no flow is left" "$(flows41)" 0
heal "and up" setup cpe <<-EOF
	link set lan0 up
	addr add $LAN6/64 dev lan0 nodad
EOF

dam "wan0 goes down" device ip -n cpe link set wan0 down
heal "and up" setup cpe <<-EOF
	link set wan0 up
	route add default via 198.51.100.1
EOF

dam "tun6 goes down" device ip -n cpe link set tun6 down
heal "and up" setup cpe <<-EOF
	link set tun6 up
	addr add $TUN6_CPE/64 dev tun6 nodad
	route add ::/0 dev tun6
EOF

dam "the client's cable is pulled" device ip -n client link set eth0 down
heal "and plugged in" setup client <<-EOF
	link set eth0 up
	addr add $CLIENT6/64 dev eth0 nodad
	route add default via $LAN6
EOF

# The firewall goes by names: it is told the new ones beforehand
on cpe nft -f - <<-EOF
	insert rule inet fw4 input iifname lan9 accept
	insert rule inet fw4 forward iifname lan9 oifname { tun6, tun9 } accept
	insert rule inet fw4 forward oifname tun9 counter name encap
	insert rule inet fw4 forward iifname tun9 counter name decap
EOF

event "lan0 is renamed" device setup cpe <<-EOF
	link set lan0 down
	link set lan0 name lan9
	link set lan9 up
	addr add $LAN6/64 dev lan9 nodad
EOF
check_eq "flows say so" \
	"$(f41 -j flows role encap | jq -r '.[].dev_in' | uniq)" lan9
check_eq "the status says so" "$(hooked_devices)" "lan9 wan0"

event "tun6 is renamed" device setup cpe <<-EOF
	link set tun6 down
	link set tun6 name tun9
	link set tun9 up
	addr add $TUN6_CPE/64 dev tun9 nodad
	route add ::/0 dev tun9
EOF
check_eq "flows say so" "$(f41 -j flows | jq -r '.[].tunnel' | uniq)" tun9

talk_down
