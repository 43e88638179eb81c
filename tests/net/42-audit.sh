#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The audit (topo.sh): packets of running conversations take the software path now and
# then, and come out as the cache would have sent them.  What the operator changes and
# the kernel tells nobody of is obeyed within a second, with nobody flushing: a ruleset
# that forbids, routes chosen by a rule, fields rewritten by a rule.

# shellcheck disable=SC2317	# functions that check calls
. "$(dirname "$0")/lib.sh"
. "$NET_DIR/talk.sh"
. "$NET_DIR/tun7.sh"

SECOND=1.0	# what the rule has to be obeyed within
OTHERWISE=1	# the audits are to find something

audit()	# checked|mismatched|lost
{
	stat41 ".audit.$1"
}

grown()	# FIGURE COUNT
{
	[ "$(stat41 "$1")" -gt "$2" ]
}

# A stream that never pauses, whatever becomes of it
stream()	# NAME
{
	rm -f "$T/$1.until"
	send "$1" client udp -C 0 -k -w 5 -i 2000 -u 1 -l "$T/$1.until" $HOST6 7000
}

stream_carried()
{
	wait_for 10 stream_packets 200
}

stream_packets()	# COUNT: its flow has carried so many
{
	f41 -j flows role encap dport 7000 | jq -e "any(.[]; .packets >= $1)"
}

# From a second after COMMAND on, for another second: what FILTER matches on the wire
a_second_after()	# FILTER COMMAND...
{
	local filter=$1

	shift
	"$@" || return
	sleep $SECOND
	capture late inet cpe0 "ip proto 41 and src $WAN4"
	sleep 1
	capture_stop late || return
	captured_count late "$filter"
}

guard()	# RULE: as a reload of the firewall would bring it
{
	on cpe nft -f - <<-EOF
		table inet guard {
			chain forward {
				type filter hook forward priority -150;
				$1
			}
		}
	EOF
}

unguard()
{
	on cpe nft delete table inet guard
}

reload()
{
	on cpe nft -f - <<-EOF
		flush chain inet fw4 forward
		add rule inet fw4 forward udp dport 7000 drop
		add rule inet fw4 forward accept
	EOF
}

restore()
{
	on cpe nft flush ruleset && topo_firewall && on cpe nft -f - <<-EOF
		insert rule inet fw4 input iifname wan0 ip saddr $SERVER4_7 ip protocol ipv6 accept
		insert rule inet fw4 forward iifname lan0 oifname tun7 accept
	EOF
}

by_tun7()
{
	ip -n cpe -6 rule add from $CLIENT6 lookup 100
}

by_tun6()
{
	ip -n cpe -6 rule del from $CLIENT6 lookup 100
}

refused_as_pinned()
{
	[ "$(stat41 .refusals.pinned)" -gt 0 ]
}

# obeyed WHAT FIGURE FILTER COUNT COMMAND...: a second later nothing that FILTER
# matches leaves any more, and COUNT packets at least do leave
obeyed()
{
	local what=$1 figure=$2 filter=$3 count=$4 before left

	shift 4
	check "$what: carried before" stream_carried
	before=$(stat41 "$figure")
	left=$(a_second_after "$filter" "$@")
	check_eq "$what: obeyed within a second, packets that left all the same" "$left" 0
	check_num "$what: other packets" "$(captured_count late)" -ge "$count"
	check "$what: it was noticed ($figure)" wait_for 2 grown "$figure" "$before"
}

# Sent up to then and never seen: 7000 is the stream's port
OUT="ip6 and udp and dst port 7000"

TALK_OVER=tun7_up talk_up
need "UDP server on host" serve udp host $HOST6 7000 -C 1

# ---- packets are audited, and as they should be

mark_counters
before=$(audit checked)
check "all goes on" all_go_on 60
check_num "conversations are audited" "$(audit checked)" -gt "$before"
check_num "at least once a second each, both ways" \
	"$(f41 -j flows | jq '[.[] | .audits * 1000 - .age_ms / 2] | min | floor')" -ge 0
check_eq "all of them are as the cache would have sent them" "$(audit mismatched)" 0
check_eq "none is lost" "$(audit lost)" 0
check_eq "nothing is found changed" "$(evicted result)" 0
stream stream
check "a stream is carried" stream_carried

# ---- what nobody tells of

# Three failures soon after one another would pin the stream
check "a short quarantine" f41 set quarantine 1
obeyed "a ruleset that forbids" .audit.lost "$OUT" 0 guard "oifname tun6 udp dport 7000 drop"
check "the talks over other ports go on" goes_on udp
check "it is allowed again" unguard
obeyed "a ruleset that rejects" .audit.lost "$OUT" 0 \
	guard "oifname tun6 udp dport 7000 reject with icmpv6 admin-prohibited"
check "it is allowed again" unguard
obeyed "a reload" .audit.lost "$OUT" 0 reload
check "the firewall as before" restore
check "a table of routes that no rule is for" ip -n cpe -6 route add default dev tun7 table 100
obeyed "a route chosen by a rule" '.evictions | add' "dst $SERVER4" 100 by_tun7
check "carried by the other tunnel" stream_carried
check "the rule goes" by_tun6

obeyed "a DSCP that a rule rewrites" .audit.mismatched "$OUT and ip6[0:2] & 0xfc0 != 0xb80" 100 \
	guard "oifname tun6 udp dport 7000 ip6 dscp set ef"
check "the rule goes" unguard
obeyed "a hop limit that a rule rewrites" .audit.mismatched "$OUT and ip6[7] != 33" 100 \
	guard "oifname tun6 udp dport 7000 ip6 hoplimit set 33"
check "the rule goes" unguard

# ---- all of them

check "audit-rate 1" f41 set audit-rate 1
check_eq "the status says so" "$(f41 -j status | jq .audit_rate)" 1
sleep 1
# What had changed, a packet that used the software path anyway may have told
NOTICED=$(evicted result)
before=$(audit checked)
mark_counters
check "all goes on" all_go_on 20
take_counters
check_eq "none is carried" $(($(since_mark fast encap) + $(since_mark fast decap))) 0
check_num "all are audited" $(($(audit checked) - before)) -ge \
	$((($(since_mark soft encap) + $(since_mark soft decap)) * 9 / 10))
check "audit-rate 1024" f41 set audit-rate 1024
check "the stream is carried again" stream_carried

# ---- a rule that lets through only some

check "quarantine" f41 set quarantine 60
start monitor on cpe flow41 -j monitor alerts >"$T/alerts"
before=$(audit pinned)
check "a rule that drops every other packet" guard "oifname tun6 udp dport 7000 numgen random mod 2 0 drop"
check "the stream is pinned to the software path" wait_for 30 grown .audit.pinned "$before"
check "refusals say so" wait_for 5 refused_as_pinned
check "the rule goes" unguard
check "events say lost" grep -q '"event": *"audit_lost"' "$T/alerts"
check_num "and what the cache had made of it, bytes" \
	"$(grep '"event": *"audit_lost"' "$T/alerts" | head -1 | jq '.cached.length // 0')" -ge 40
stop monitor
: >"$T/stream.until"
join stream
check_eq "none came out damaged" "$(said stream bad)" 0

talk_down
