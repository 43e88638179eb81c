#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Taps on the router's devices (topo.sh), promiscuous or not, come, stay and go under
# running traffic: the same packets are carried, none more is left to the software path,
# and what is sent has the same bytes.  A tap sees each cached packet come in on one
# device and leave on another; on the tunnel device only those that are audited.

. "$(dirname "$0")/lib.sh"
. "$NET_DIR/talk.sh"
# shellcheck source=offon.sh
. "$NET_DIR/offon.sh"

DEVICES="lan0 wan0 tun6"

taps()	# [promiscuous]
{
	local dev

	for dev in $DEVICES; do
		PROMISCUOUS=${1:-} capture $dev cpe $dev || return
	done
}

taps_stop()
{
	local dev

	for dev in $DEVICES; do
		capture_stop $dev || return
	done
}

# A UDP stream becomes one for conntrack when it is two seconds old: one packet of it
# has to be seen by software
assured()
{
	on cpe conntrack -L -f ipv6 -p udp --dport 5001 | grep -q ASSURED
}

# Where a second passes without a packet, on a machine that is too slow, the next one is
# audited by software, and others wait behind it
waited()
{
	stat41 '.punts.audit + .punts.settling'
}

# none_by_software COMMAND...: meanwhile not a packet goes the software way, but for those
none_by_software()
{
	local software waited

	waited=$(waited)
	mark_counters
	"$@" && all_go_on 30 || return
	take_counters
	software=$(($(since_mark soft encap) + $(since_mark soft decap)))
	waited=$(($(waited) - waited))
	diag "fast: $(since_mark fast encap) encap, $(since_mark fast decap) decap;" \
		"by software: $software, audited there or behind those: $waited"
	[ $((software - waited)) -le 0 ] &&
		[ "$(since_mark fast encap)" -ge 60 ] && [ "$(since_mark fast decap)" -ge 60 ]
}

come_and_go()
{
	local turn

	for ((turn = 0; turn < 3; turn++)); do
		taps promiscuous && all_go_on 5 && taps_stop || return
	done
}

# check_seen TAP COUNT HOW FILTER...: so many packets at least
check_seen()
{
	check_num "the tap on $1 sees what is carried $3" \
		"$(captured_count "$1" "${@:4}")" -ge "$2"
}

offon_up_and_serve()
{
	on cpe sysctl -qw net.ipv6.icmp.ratelimit=0
	serve udp host $HOST6 7000 -C 1
}

talk_up
need "conntrack knows the UDP stream" wait_for 10 assured
check "without a tap: all is carried" none_by_software true

audits=$(stat41 .audit.checked)
check "three taps start: none is left to software" none_by_software taps
mark_counters
check "all goes on" all_go_on 30
take_counters
out=$(since_mark fast encap) in=$(since_mark fast decap)
check_num "carried meanwhile" "$out" -ge 60
check "three taps stop: none is left to software" none_by_software taps_stop
mac=ether\ src\ 02:00:00:00:00
check_seen lan0 $out "come in" $mac:11 and src $CLIENT6
check_seen lan0 $in "leave" $mac:12 and dst $CLIENT6
check_seen wan0 $in "come in" $mac:22 and ip proto 41 and src $SERVER4
check_seen wan0 $out "leave" $mac:21 and ip proto 41 and src $WAN4
check_num "the tap on tun6 sees none of it but what is audited" \
	"$(captured_count tun6 udp or tcp)" -le $(($(stat41 .audit.checked) - audits))

check "promiscuous taps start" none_by_software taps promiscuous
check_eq "lan0 is promiscuous" "$(on cpe ip -d -j link show lan0 | jq '.[0].promiscuity')" 1
check "promiscuous taps stop" none_by_software taps_stop
check "taps come and go: none is left to software" none_by_software come_and_go
check "a tap on both ends, too" none_by_software capture host host eth0
capture_stop host
# shellcheck disable=SC2046	# one word each
hush $(talks)

# ---- byte for byte

datagrams="-u 400 -i 500 -s 100,1000,1432 -T $CLASSES"
need "server on host" offon_up_and_serve
off_and_on "untapped" 95 $datagrams
carried=$(($(since_mark fast encap) + $(since_mark fast decap)))
check "taps on, promiscuous" taps promiscuous
f41 flush >/dev/null
mark_counters
check "tapped" run_once tapped $datagrams
take_counters
check "taps off" taps_stop
# But for some that are audited now and then
check_num "tapped: as many packets are carried, untapped $carried" \
	"$(($(since_mark fast encap) + $(since_mark fast decap)))" -ge $((carried - 5))
check "tapped: the tunnel's packets are the same" same_bytes out-off out-tapped
check "tapped: what the client got is the same" same_bytes in-off in-tapped udp

talk_down
