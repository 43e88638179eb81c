#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The end of a TCP connection (topo.sh), by FIN and by RST, from either end: its flows
# go at once, and both ends and conntrack see it close.

# shellcheck disable=SC2317	# functions that check calls
. "$(dirname "$0")/lib.sh"

# Sockets of either end that still wait for something
open_sockets()
{
	on client ss -Htn state connected exclude time-wait dport = :5000
	on host ss -Htn state connected exclude time-wait sport = :5000
}

all_closed()
{
	[ -z "$(open_sockets)" ]
}

conntrack_state()	# of the connection from PORT
{
	on cpe conntrack -L -f ipv6 -p tcp --sport "$1" 2>/dev/null | awk '{ print $4 }'
}

ends_by()	# HOW STATE...: of conntrack
{
	local how=$1 ended port=$((10000 + TESTS)) state

	shift
	rm -f "$T"/gate.*
	warm_up >/dev/null
	wait_for 5 no_flows
	ended=$(stat41 .evictions.tcp_end)
	send "$how" client tcp -x "$how" -p $port -g "$T/gate" $HOST6 5000
	check "$how: a connection" wait_for 20 at_gate 1
	check_eq "$how: carried" "$(flow_count)" 2
	check_eq "$how: established" "$(conntrack_state $port)" ESTABLISHED
	open_gate 1
	check "$how: the client was content" join "$how"
	check_eq "$how: no flow is left" "$(flow_count)" 0
	check_eq "$how: both for this reason" \
		$(($(stat41 .evictions.tcp_end) - ended)) 2
	check "$how: closed at both ends" wait_for 2 all_closed
	state=$(conntrack_state $port)
	check "$how: conntrack saw it: $state" grep -qw "$state" <<<"$*"
}

need_flow41
need "topology up" topo_up
need "enable" f41 enable

ends_by fin TIME_WAIT
check_eq "fin: the server answered with its own" "$(said fin fin)" 1
ends_by server-fin TIME_WAIT
check_eq "server-fin: the client saw it" "$(said server-fin fin)" 1
ends_by rst CLOSE
ends_by server-rst CLOSE
check_eq "server-rst: the client saw it" "$(said server-rst rst)" 1

# ---- a RST that only pretends: neither the client nor conntrack believes it

forge_rst()
{
	on server nft -f - <<-EOF
		table ip6 forge {
			chain forward {
				type filter hook forward priority 0;
				tcp sport 5000 tcp flags & rst != 0 tcp sequence set 12345 counter
			}
		}
	EOF
}

forged()
{
	on server nft list table ip6 forge | grep -q 'counter packets [1-9]'
}

forge_rst
rm -f "$T"/gate.*
send forged client tcp -x server-rst -p 20000 -g "$T/gate" $HOST6 5000
check "forged: a connection" wait_for 20 at_gate 1
check_eq "forged: carried" "$(flow_count)" 2
open_gate 1
check "forged: a RST with a wrong number" wait_for 20 forged
check "forged: no flow is left" wait_for 5 no_flows
check_eq "forged: conntrack did not believe it" "$(conntrack_state 20000)" ESTABLISHED
on server nft delete table ip6 forge
stop forged

# ---- as that, but first an acknowledgment with that wrong number, far ahead

# What the client last acknowledged: with that number the server goes on
next_of_server()
{
	tcpdump -Z root -nSr "$T/acks.pcap" 2>/dev/null |
		sed -n 's/.* ack \([0-9]*\),.*/\1/p' | tail -1
}

forge_acks()	# NUMBER
{
	on server nft -f - <<-EOF
		table ip6 forge {
			counter rst { }
			counter ack { }

			chain forward {
				type filter hook forward priority 0;
				tcp sport 5000 tcp flags & rst != 0 tcp sequence set $1 counter name rst
				tcp sport 5000 tcp flags == ack tcp sequence set $1 counter name ack
			}
		}
	EOF
}

forged_some()	# COUNTER
{
	on server nft list counter ip6 forge "$1" | grep -q 'packets [1-9]'
}

decap_packets()
{
	f41 -j -s flows role decap | jq '[.[].packets] | add // 0'
}

rm -f "$T"/gate.*
send forged client tcp -x server-rst -p 20001 -b 5 -u 8000 -d 1 -g "$T/gate" $HOST6 5000
check "forged ahead: a connection" wait_for 20 at_gate 1
check "forged ahead: capture" capture acks client eth0 "src $CLIENT6 and tcp dst port 5000"
open_gate 1
check "forged ahead: it goes on" wait_for 20 at_gate 2
check "forged ahead: captured" capture_stop acks
number=$(next_of_server)
check "forged ahead: the server's number: $number" [ -n "$number" ]
forge_acks $(((number + (1 << 30)) % (1 << 32)))
before=$(decap_packets)
for i in 2 3 4; do
	open_gate $i
	wait_for 20 at_gate $((i + 1))
done
check_num "forged ahead: carried" $(($(decap_packets) - before)) -ge 6
check "forged ahead: acknowledgments" forged_some ack
open_gate 5
check "forged ahead: no flow is left" wait_for 5 no_flows
check "forged ahead: the RST, too" wait_for 20 forged_some rst
check_eq "forged ahead: conntrack did not believe it" "$(conntrack_state 20001)" ESTABLISHED
on server nft delete table ip6 forge
stop forged

check "the server saw no mistake" served 5000
check_eq "it saw one reset" "$(said serve-5000 rst)" 1

# netcat's listener sends its FIN at once and reads on: nothing to be cached
before=$(stat41 .refusals.not_established)
check "half-closed from the start, 1 MiB" tcp_send client host $HOST6 5001 1048576
check_num "was not cached" $(($(stat41 .refusals.not_established) - before)) -ge 10
check_no_leaks
finish
