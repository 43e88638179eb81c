#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# "flow41 set devices" restricts the devices that flows come in on (topo.sh, lan1.sh):
# traffic of the others goes by software, refused by name, their hooks are gone; what
# is allowed, or allowed again, is carried.

. "$(dirname "$0")/lib.sh"
. "$NET_DIR/talk.sh"
. "$NET_DIR/lan1.sh"

hooks()
{
	f41 -j status | jq -r '.devices | sort | join(" ")'
}

lans()	# whose flows there are
{
	f41 -j flows role encap | jq -r '[.[].dev_in] | unique | join(" ")'
}

# takes WHAT DEVICES: set; all flows end
takes()
{
	local before

	before=$(evicted setting)
	check "$1" f41 set devices "$2"
	check_num "$1: flows end (setting)" "$(evicted setting)" -gt "$before"
	check_eq "$1: the status says so" "$(f41 -j status |
		jq -r '.allowed_devices | if . == [] then "any" else join(",") end')" "$2"
}

carried_of_lan0()
{
	f41 -j flows role encap dev lan0 | jq '[.[].packets] | add // 0'
}

# All go on, those of lan0 carried, no others
only_lan0()
{
	local before

	before=$(carried_of_lan0)
	all_go_on && [ "$(lans)" = lan0 ] && [ "$(carried_of_lan0)" -ge $((before + 20)) ]
}

refused_since()	# COUNT
{
	[ "$(stat41 .refusals.device)" -gt "$1" ]
}

TALK_OVER=lan1_up talk_up
need "UDP from the other LAN" talk lan1 udp client host $HOST6_LAN1 5001
need "all are carried" carried
check_eq "both LANs have flows" "$(lans)" "lan0 lan1"

refused=$(stat41 .refusals.device)
takes "only lan0 and wan0" lan0,wan0
check "only lan0 and wan0: all go on, those of lan0 carried" wait_for 20 only_lan0
check "only lan0 and wan0: lan1 is refused" wait_for 5 refused_since "$refused"
check_eq "only lan0 and wan0: hooks" "$(hooks)" "lan0 wan0"

before=$(evicted setting)
check "the same list again" f41 set devices lan0,wan0
check_eq "the same list again: no flow ends" "$(evicted setting)" "$before"

takes "any" any
check "any: all are carried" carried
check_eq "any: hooks" "$(hooks)" "lan0 lan1 wan0"

# A connection needs both its devices
takes "only wan0" wan0
check "only wan0: all go on, none carried" not_carried
check_eq "only wan0: no flows" "$(flows41)" 0
check "only wan0: no hook on a LAN" not grep lan <<<"$(hooks)"

check "all by name, and one that is not there" f41 set devices br-lan,wan0,lan1,lan0
check "all by name: all are carried" carried
takes "none that there is" br-lan
check "none that there is: all go on, none carried" not_carried
check_eq "none that there is: hooks" "$(hooks)" ""

check "any again" f41 set devices any
check "any again: all are carried" carried
before=$(evicted setting)
check "any once more" f41 set devices any
check_eq "any once more: no flow ends" "$(evicted setting)" "$before"
talk_down
