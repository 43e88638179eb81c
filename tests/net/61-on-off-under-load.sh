#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# flow41 is switched off and on, unloaded and loaded, again and again while TCP and UDP
# run through it in both directions (topo.sh).  Off is off: traffic goes by software
# at once.  On, it is carried again.  At the end every byte has arrived.

. "$(dirname "$0")/lib.sh"

# UDP's ends stay on their CPU: when one moves, its own packets may change their order
loads_start()
{
	serve tcp host $HOST6 5000 && serve udp host $HOST6 6000 -C 1 || return
	send bulk client tcp -c 4 -u 131072 -d 131072 -l "$T/enough" $HOST6 5000
	send echo client udp -C 0 -e -k -l "$T/enough" -s 100,1432 $HOST6 6000
}

carried_since_mark()	# 100 packets more, both ways
{
	take_counters
	[ "$(since_mark fast encap)" -ge 100 ] && [ "$(since_mark fast decap)" -ge 100 ]
}

by_software_since()	# COUNT
{
	[ "$(soft encap)" -ge $(($1 + 50)) ]
}

no_hooks()
{
	hooked 0 && no_flows
}

loaded()
{
	modprobe flow41 && f41 enable
}

check_carried()	# WHAT
{
	mark_counters
	check "$1" wait_for 20 carried_since_mark
}

# Two who do not agree, for a while
quarrel()
{
	local turn

	for ((turn = 0; turn < 15; turn++)); do
		f41 disable &
		f41 enable
		wait $! || return
	done
	f41 enable
}

need_flow41
need "topology up" topo_up
need "enable" f41 enable
need "load" loads_start
for round in $(seq "$(fewer 6)"); do
	check_carried "$round: carried"
	check "$round: off" f41 disable
	check "$round: nothing is left" no_hooks
	check "$round: traffic goes on" wait_for 10 by_software_since "$(soft encap)"
	check "$round: on" f41 enable
	check_carried "$round: carried again"
	check "$round: on and off at once" quarrel
	check "$round: unloaded" unload
	check "$round: traffic goes on" wait_for 10 by_software_since "$(soft encap)"
	check "$round: loaded" loaded
done
check_carried "at the end: carried"
: >"$T/enough"
check "TCP: all of it arrived" join bulk
check "UDP: all that arrived was right, and in order" join echo
diag "$(cat "$T/bulk" "$T/echo")"
check "TCP: at the server, too" served 5000
check "UDP: at the server, too" served 6000
check_num "UDP: hardly a loss" "$(said echo lost)" -le 10
check_no_leaks
finish
