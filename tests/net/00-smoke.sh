#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The topology (topo.sh) works on the software path alone, flow41 not loaded.

. "$(dirname "$0")/lib.sh"

need "topology up" topo_up
check "client pings host through the tunnel" ping6 client $HOST6
check "cpe pings the tunnel server" ping6 cpe $TUN6_SERVER
check "client reaches the IPv4 internet by NAT" \
	on client ping -n -q -c 1 -W 2 $SERVER4
refuse "host does not reach client unasked" ping6 host $CLIENT6 -W 1

check "upload, 1 MiB" tcp_send client host $HOST6 5001 1048576
payload 1048576 >/dev/null
check "web server on host" http_serve host $HOST6 80
check "download, 1 MiB" http_get client $HOST6 80 1048576

check "capture on the WAN side" capture wan cpe wan0 ip proto 41
check "ping while capturing" ping6 client $HOST6
check "both directions captured" wait_for 5 captured_some wan 2
capture_stop wan

check_num "the firewall counted what went out" "$(soft encap)" -gt 20
check_num "the firewall counted what came in" "$(soft decap)" -gt 20
topo_down
check "the namespaces are gone, nothing holds a device" wait_for 10 netns_gone
finish
