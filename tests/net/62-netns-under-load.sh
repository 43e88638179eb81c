#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The router's network namespace is deleted while it carries traffic (topo.sh),
# again and again, then together with the module.

. "$(dirname "$0")/lib.sh"
. "$NET_DIR/talk.sh"

load_up()
{
	topo_up && f41 enable && serve tcp host $HOST6 5000 || return 1
	send bulk client tcp -c 4 -u 131072 -d 131072 -l "$T/enough" $HOST6 5000
	talk udp udp client host $HOST6 5001 && carried_bulk
}

carried_bulk()
{
	wait_for 10 beyond fast encap 200 && wait_for 10 beyond fast decap 200
}

gone()	# the router, its devices and those at the other ends of their cables
{
	[ ! -e /run/netns/cpe ] && ! ip -n client link show eth0 &&
		! ip -n inet link show cpe0
}

need_flow41
for round in 1 2 3; do
	need "$round: topology and load" load_up
	check "$round: the router is deleted" ip netns del cpe
	check "$round: its devices go, nothing holds them" wait_for 20 gone
	hush udp
	topo_down
	check "$round: all namespaces go" wait_for 20 netns_gone
done

need "topology and load" load_up
ip netns del cpe &
check "the module is unloaded at the same time" wait_for 20 unload
wait $!
check "its devices go, nothing holds them" wait_for 20 gone
hush udp
topo_down
check "all namespaces go" wait_for 20 netns_gone
finish
