#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# A rule hands packets to a program, which keeps each for 150 ms (topo.sh).  While one of
# a flow is there, its next ones, 60 ms apart, go the same way: none overtakes it.  Nor
# if packets come in as super-packets, which the rule cuts; the audit, whose packets
# would then leave twice, is off for that (a module built with FAULTS=1).  Nor does any
# leave twice that is being audited, and waits in the tunnel's queue, when flow41 is
# switched off.

# shellcheck disable=SC2317,SC2086	# functions that check calls; two words each
. "$(dirname "$0")/lib.sh"

FAULTY=/usr/lib/flow41-faults/flow41.ko
HELD_MS=150
QUEUED_MS=800
CLASSES=0,0,0,0,32
# Ends stay on their CPU: when one moves, its own packets may overtake each other
NEAR="-C 0"
FAR="-C 1"

# Packets of DSCP 8 have a mark that the flow has not: they are left to software
mark()
{
	on cpe nft -f - <<-EOF_
		table netdev marked {
			chain ingress {
				type filter hook ingress device lan0 priority 0;
				ip6 dscp 8 meta mark set 1
			}
		}
	EOF_
}

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

# shellcheck disable=SC2016	# awk's
none_held()	# the third figure is how many wait
{
	on cpe awk '$1 == 0 { n = $3 } END { exit n != 0 }' /proc/net/netfilter/nfnetlink_queue
}

none_queued()
{
	on cpe tc -s -j qdisc show dev tun6 | jq -e '.[0].qlen == 0' >/dev/null
}

carried_since()	# PACKETS COUNT: so many more than that
{
	[ "$(fast encap)" -ge $(($1 + $2)) ]
}

waiting_since()	# PACKETS COUNT: punted behind others
{
	[ "$(punted settling)" -ge $(($1 + $2)) ]
}

# stream WHAT PORT [options of the sender]
stream()
{
	local what=$1 port=$2

	shift 2
	need "$what: UDP server on host" serve udp host $HOST6 "$port" $FAR
	start hold on cpe hold $HELD_MS >"$T/hold"
	need "$what: a program that keeps packets" wait_for 10 holder_ready
	rm -f "$T/enough"
	send stream client udp -k -T $CLASSES -l "$T/enough" -i 60000 $NEAR "$@" $HOST6 "$port"
	need "$what: a stream is carried" wait_for 30 carried_since "$(fast encap)" 3

	need "$what: the rule" queue
	check "$what: packets wait behind others" wait_for 30 waiting_since "$(punted settling)" 3
	sleep 3
	: >"$T/enough"
	check "$what: the sender is done" join stream
	check "$what: those held go on" wait_for 10 none_held
	stop hold
	check_num "$what: packets were held" "$(said hold held)" -gt 5
	check "$what: the server saw no mistake" served "$port"
	check_eq "$what: none overtook another" "$(said "serve-$port" late)" 0
	check_eq "$what: none was lost" "$(said "serve-$port" lost)" 0
	on cpe nft delete table ip6 held
}

# Every other packet is sent by the cache and audited, but not before the last one is back:
# that waits for the tunnel when disable begins, and for longer than one that is lost would.
# Return: false if none was out
disable_behind_queue()
{
	local began

	f41 enable && wait_for 20 carried_since "$(fast encap)" 50 &&
		on cpe tc qdisc add dev tun6 root netem delay ${QUEUED_MS}ms || return
	began=${EPOCHREALTIME/./}
	f41 disable
	[ $((${EPOCHREALTIME/./} - began)) -gt 400000 ] && return
	wait_for 10 none_queued
	on cpe tc qdisc del dev tun6 root
	return 1
}

stop_while_queued()	# PORT
{
	local what="switched off"

	need "$what: UDP server on host" serve udp host $HOST6 "$1" $FAR
	need "$what: every other packet is audited" f41 set audit-rate 2
	rm -f "$T/enough"
	send stream client udp -k -l "$T/enough" -i 2000 $NEAR $HOST6 "$1"
	check "$what: disable waits for the audited packet" wait_for 60 disable_behind_queue
	: >"$T/enough"
	check "$what: the sender is done" join stream
	check "$what: those queued go on" wait_for 10 none_queued
	check "$what: the server saw no mistake" served "$1"
	diag "$(cat "$T/serve-$1")"
	check_eq "$what: none left twice, or behind others" "$(said "serve-$1" late)" 0
	check_eq "$what: none was lost" "$(said "serve-$1" lost)" 0
	need "$what: no queue any more" on cpe tc qdisc del dev tun6 root
}

need_flow41
modprobe -qa nfnetlink_queue nft_queue
need "topology up" topo_up
need "some packets are left to software" mark
need "enable" f41 enable
need "devices hooked" warm_up
stream packets 7000
stop_while_queued 7002
need "the faulty module instead" eval "unload && insmod $FAULTY fault_no_audit=1"
need "it is enabled" f41 enable
stream super-packets 7001 -G 4
check_no_leaks
finish
