#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# A rule hands packets to a program, which keeps each for 150 ms (topo.sh).  While one of
# a flow is there, its next ones, 60 ms apart, go the same way: none overtakes it.

# shellcheck disable=SC2317	# functions that check calls
. "$(dirname "$0")/lib.sh"

HELD_MS=150
CLASSES=0x4,8,0x4,16,0x4,24,0x4,32,0x4,40,0x4,48,0x4,56,0x4,64,0x4,72,0x4,80,0x4,88,0x4,96,0x4,104

queue()
{
	on cpe nft -f - <<-EOF_
		table ip6 held {
			chain forward {
				type filter hook forward priority 10;
				meta l4proto udp queue num 0
			}
		}
	EOF_
}

holder_ready()
{
	on cpe grep -qE '^ *0 ' /proc/net/netfilter/nfnetlink_queue
}

carried_since()	# PACKETS COUNT: so many more than that
{
	[ "$(fast encap)" -ge $(($1 + $2)) ]
}

punted_since()	# PACKETS COUNT: for their DSCP
{
	[ "$(punted dscp)" -ge $(($1 + $2)) ]
}

need_flow41
modprobe -qa nfnetlink_queue nft_queue
need "topology up" topo_up
need "UDP server on host" serve udp host $HOST6 7000
need "enable" f41 enable
need "devices hooked" warm_up
start hold on cpe hold $HELD_MS >"$T/hold"
need "a program that keeps packets" wait_for 10 holder_ready
send stream client udp -k -T $CLASSES -l "$T/enough" -i 60000 $HOST6 7000
need "a stream is carried" wait_for 30 carried_since "$(fast encap)" 3

need "the rule" queue
check "packets of another DSCP take the software path" \
	wait_for 30 punted_since "$(punted dscp)" 1
sleep 3
: >"$T/enough"
check "the sender is done" join stream
stop hold
check_num "packets were held" "$(said hold held)" -gt 5
check "the server saw no mistake" served 7000
check_eq "none overtook another" "$(said serve-7000 late)" 0
check_eq "none was lost" "$(said serve-7000 lost)" 0
check_no_leaks
finish
