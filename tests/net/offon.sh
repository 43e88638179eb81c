# SPDX-License-Identifier: GPL-2.0
# The same UDP traffic with flow41 off, then on: what the router sends has to be the
# same, byte for byte, on both sides.  Sourced by scenarios, after lib.sh.
#
# Captured are the tunnel's packets at inet, and what comes in at the client.
# shellcheck shell=bash
# shellcheck disable=SC2034,SC2317	# constants for the scenarios; functions that check calls

# What came in at the client without having been asked for
NEIGHBOURS="icmp6 and (ip6[40] == 135 or ip6[40] == 136)"

# DSCP 0, 46, 10, 16 with each of the four values of ECN
CLASSES=0,1,2,3,0xb8,0xb9,0xba,0xbb,0x28,0x29,0x2a,0x2b,0x40,0x41,0x42,0x43
LABELS=0,1,0xfffff,0x12345x4
MANY=32		# classes and labels together
# Where flows are spread over CPUs, packets of several labels are on several CPUs
[ -z "$(spread)" ] || LABELS=0x12345 MANY=16
HOPS=64x3,255,17

offon_up()
{
	topo_up && on cpe sysctl -qw net.ipv6.icmp.ratelimit=0 &&
		on server sysctl -qw net.ipv6.icmp.ratelimit=0
}

# run_once off|on [options]: always the same ports, so the same bytes; both ends stay
# on their CPU, or their own packets might overtake each other, and pause in between, or
# they would wait in a queue behind the packets that the flow learns from
run_once()
{
	local which=$1 rc

	shift
	capture "out-$which" inet cpe0 "ip proto 41 and src $WAN4" &&
		capture "in-$which" client eth0 \
			"ip6 and dst $CLIENT6 and not ($NEIGHBOURS)" || return
	on client traffic udp -C 0 -i 500 -e -k -w 1 -p 7777 "$@" $HOST6 7000 >"$T/client-$which"
	rc=$?
	wait_for 5 written_no_more "$T/out-$which.pcap" "$T/in-$which.pcap"
	capture_stop "out-$which" && capture_stop "in-$which" || return
	cat "$T/client-$which"
	return $rc
}

# off_and_on WHAT PERCENT [options of traffic udp]
off_and_on()
{
	local what=$1 percent=$2 admitted

	shift 2
	f41 disable
	check "$what: flow41 off" run_once off "$@"
	f41 enable
	warm_up >/dev/null
	mark_counters
	admitted=$(stat41 .roles.encap.flows_admitted)
	check "$what: flow41 on" run_once on "$@"
	check_eq "$what: a single flow all along" \
		"$(stat41 .roles.encap.flows_admitted)" $((admitted + 1))
	check_fast "$what" "$percent" encap decap
	diag "$(cat "$T/client-on")"
	check "$what: the tunnel's packets are the same" same_bytes out-off out-on
	check "$what: what the client got is the same" same_bytes in-off in-on udp
	check_eq "$what: and so are its sums" \
		"$(cat "$T/client-off")" "$(cat "$T/client-on")"
}
