#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Handshakes that are not by the book, and what must not be said of them: a round trip
# longer than TCP's patience; a port used again whose old connection the server still has;
# a server that speaks before it has the ACK (TCP fast open). And one that stalls with
# nothing repeated but data: the server's SYN/ACK was a cookie.

# shellcheck disable=SC2317	# functions that check calls
. "$(dirname "$0")/lib.sh"

lose_acks()	# PORT: of the client, in the router
{
	drop cpe forward "tcp dport $1 tcp flags & syn == 0"
}

# A server that answers each connection's first line
server()	# PORT
{
	start "server-$1" on host ncat -k -l $HOST6 "$1" -c "read -r line; echo \"HTTP/1.0 200 OK\"; echo; echo \"\$line\"; sleep 1"
	wait_for 10 listening host tcp "$1"
}

# says_back WORD OPTIONS...: the server does
says_back()
{
	[[ "$( (echo "$1"; sleep 2) | on client ncat "${@:2}" 2>/dev/null)" == *"$1"* ]]
}

handshakes()	# NAME...: counters
{
	local name

	for name; do
		printf '%s ' "$(stat41 ".handshakes.$name")"
	done
}

verdict()	# PORT
{
	f41 -j handshakes dport "$1" | jq -r '[.[].verdict] | join(" ")'
}

says()	# PORT VERDICT
{
	[ "$(verdict "$1")" = "$2" ]
}

need_flow41
need "topology up" topo_up
need "enable" f41 enable
for port in 5201 5202 5204 5206; do
	need "server on port $port" server $port
done
check "a first connection" says_back hello $HOST6 5201

# ---- a FIN is the first ACK that comes by, and does not arrive

drop client output "tcp dport 5202 tcp flags == ack"
drop host input "tcp dport 5202 tcp flags & syn == 0"
before=$(handshakes ack_lost_inside)
check "capture at the host" capture fins host eth0 "tcp dst port 5202 and ip6[40 + 13] & 1 != 0"
start fin on client ncat --send-only $HOST6 5202 </dev/null 2>/dev/null
repeated()	# CAPTURE COUNT
{
	[ "$(captured_count "$1")" -ge "$2" ]
}
check "the FIN reaches the host, again and again" wait_for 20 repeated fins 5	# the last ones a second later
check_eq "so it was not lost inside" "$(handshakes ack_lost_inside)" "$before"
diag "$(f41 handshakes dport 5202)"
stop fin
capture_stop fins
undrop client
undrop host

# ---- a long round trip

serve tcp host $HOST6 5200
on host tc qdisc add dev eth0 root netem delay 1400ms
check "1.4 s away: it all arrives" on client traffic tcp -u 60000 -d 1000 $HOST6 5200
check_num "the SYN/ACK was repeated" "$(stat41 .handshakes.dup_synack)" -ge 1
check_eq "nothing of it was the cache's: healed, quarantined" "$(handshakes healed quarantined)" "0 0 "
on host tc qdisc del dev eth0 root

# ---- an old connection in the way

# The client is gone, and its last words are lost; its kernel keeps no orphans
forgotten()
{
	local max

	max=$(sysctl -n net.ipv4.tcp_max_orphans)
	drop client output "tcp sport 4444" && sysctl -qw net.ipv4.tcp_max_orphans=0 &&
		stop old && wait_for 20 forgets && undrop client &&
		sysctl -qw net.ipv4.tcp_max_orphans="$max"
}

forgets()
{
	[ -z "$(on client ss -Htan "sport 4444")" ]
}

half_open()
{
	[ -n "$(on host ss -Htn state established "dport 4444")" ]
}

start old on client ncat -p 4444 --recv-only $HOST6 5202 2>/dev/null
check "a connection" wait_for 10 half_open
need "its client is forgotten" forgotten
check "its server does not know" half_open
before=$(handshakes synack_never_seen synack_lost_inside syn_lost_inside)
check "another one from the same port" says_back again -p 4444 $HOST6 5202
diag "$(f41 handshakes dport 5202)"
check_eq "nothing has stalled (synack_never_seen synack_lost_inside syn_lost_inside)" \
	"$(handshakes synack_never_seen synack_lost_inside syn_lost_inside)" "$before"

# ---- the server speaks first

# Whose answer is on its way before the client's ACK. A listener asks the setting once
on client tc qdisc add dev eth0 root netem delay 300ms
on client sysctl -qw net.ipv4.tcp_fastopen=0x607
on host sysctl -qw net.ipv4.tcp_fastopen=0x607
need "server on port 5203" server 5203
fast_opens()	# that the host took
{
	# shellcheck disable=SC2016	# awk's
	on host awk '/^TcpExt/ {
		for (i = 1; i <= NF; i++) {
			if (name[i] == "TCPFastOpenPassive") print $i
			name[i] = $i
		}
	}' /proc/net/netstat
}

completed()	# COUNT
{
	[ "$(stat41 .handshakes.completed)" -ge "$1" ]
}

early()
{
	on client curl -s --tcp-fastopen -m 5 "http://[$HOST6]:5203/"
}

before=$(handshakes completed)
check "fast open" early
check_num "the server took it" "$(fast_opens)" -ge 1
check "it completed" wait_for 5 completed $((before + 1))
lose_acks 5203
before=$(handshakes completed)
start early early
check "fast open, the ACK is lost: where" wait_for 10 says 5203 ack_lost_inside
join early
diag "$(f41 handshakes dport 5203)"
check_eq "and it has not completed" "$(handshakes completed)" "$before"
on client tc qdisc del dev eth0 root

# ---- the server repeats nothing

on host sysctl -qw net.ipv4.tcp_syncookies=2
lose_acks 5204
start silent on client bash -c "(echo data; sleep 20) | ncat $HOST6 5204" 2>/dev/null
check "a cookie, the ACK is lost: where" wait_for 10 says 5204 ack_lost_inside
diag "$(f41 handshakes dport 5204)"
check_eq "though no SYN and no SYN/ACK came twice" "$(f41 -j handshakes dport 5204 | jq .[0].repeats)" 0
stop silent
lose_acks 5206
start waiting on client bash -c "sleep 20 | ncat $HOST6 5206" 2>/dev/null
check "and the client waits for the server to speak: where" wait_for 10 says 5206 ack_lost_inside
check_eq "nothing at all came twice" "$(f41 -j handshakes dport 5206 | jq .[0].repeats)" 0
stop waiting
on host sysctl -qw net.ipv4.tcp_syncookies=1

# ---- inner addresses that are translated: what leaves is not what came in

on cpe nft -f - <<-EOF
	table ip6 nat6 {
		chain postrouting {
			type nat hook postrouting priority srcnat;
			oifname tun6 tcp dport 5205 masquerade
		}
	}
EOF
drop host input "tcp dport 5205"
before=$(handshakes syn_lost_inside)
check "capture at the host" capture host host eth0 "tcp dst port 5205"
start translated on client ncat -w 20 $HOST6 5205 2>/dev/null
check "masqueraded SYNs reach the host" wait_for 20 repeated host 3
check_eq "so none was lost inside" "$(handshakes syn_lost_inside)" "$before"
stop translated
capture_stop host

# ---- from outside, and never to go on: to an anycast address of the router, to a prefix that
# is not in use

check "a route that refuses" ip -n cpe -6 route add blackhole ${LAN6%::*}:0:77::/80
for address in ${LAN6%::*}:: ${LAN6%::*}:0:77::1; do
	before=$(handshakes seen syn_lost_inside)
	check "$address: capture" capture wan cpe wan0 \
		"ip proto 41 and ip[20 + 6] == 6 and ip[20 + 40 + 2:2] == 5207"
	start stranger on host ncat -w 20 "$address" 5207 2>/dev/null
	check "$address: SYNs come to the router" wait_for 20 repeated wan 3
	check_eq "$address: none was to leave, none was lost (seen syn_lost_inside)" \
		"$(handshakes seen syn_lost_inside)" "$before"
	stop stranger
	capture_stop wan
done

# ---- refused, and the refusal is lost

refuse_all()
{
	on client nft -f - <<-EOF
		table ip6 refuse {
			chain input {
				type filter hook input priority 0;
				tcp sport 5202 reject with tcp reset
			}
		}
	EOF
}

need "a client that refuses" refuse_all
drop host input "tcp dport 5202 tcp flags & rst != 0"
before=$(handshakes ack_never_seen)
check "capture at the host" capture host host eth0 "tcp port 5202"
start refused on client ncat $HOST6 5202 2>/dev/null
check "it tries" wait_for 20 repeated host 1
stop refused
asked_again()
{
	[ "$(captured_count host "src port 5202 and ip6[40 + 13] & 2 != 0")" -ge 3 ]
}
check "the host asks again" wait_for 20 asked_again
check_num "the client has answered" "$(captured_count host "dst port 5202 and ip6[40 + 13] & 4 != 0")" -ge 2
check_eq "and nobody says that it has not" "$(handshakes ack_never_seen)" "$before"
diag "$(f41 handshakes dport 5202)"
capture_stop host
on client nft delete table ip6 refuse
undrop host
check_no_leaks
finish
