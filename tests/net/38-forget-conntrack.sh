#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Conntrack entries go away under running traffic (topo.sh): the inner one or the
# outer one is deleted, all are flushed, one expires.  Cached packets do not outlive
# what let them through: the next one is judged by the firewall again.

. "$(dirname "$0")/lib.sh"
. "$NET_DIR/talk.sh"

# forget FAMILY [conntrack's options]: deletes entries; one at least
forget()
{
	on cpe conntrack -D -f "$@"
}

# Only what conntrack knows goes on
only_established()
{
	on cpe nft -f - <<-EOF
		table inet guard {
			chain forward {
				type filter hook forward priority -1;
				ct state new drop
			}
		}
	EOF
}

# What goes out through the tunnel
untracked()
{
	on cpe nft -f - <<-EOF
		table ip raw41 {
			chain output {
				type filter hook output priority raw;
				ip protocol ipv6 notrack
			}
		}
	EOF
}

none_expires()
{
	on cpe sysctl -qw net.netfilter.nf_conntrack_udp_timeout=30 \
		net.netfilter.nf_conntrack_udp_timeout_stream=120
}

talk_up

event "the UDP entry is deleted" conntrack forget ipv6 -p udp --dport 5001
event "the TCP entry is deleted" conntrack forget ipv6 -p tcp --dport 5002
event "the tunnel's entry is deleted" conntrack forget ipv4 -p 41
event "all are flushed" conntrack on cpe conntrack -F

event "the tunnel is not tracked any more" result untracked
event "and is again" result on cpe nft delete table ip raw41
NOTICED=$(evicted result)

# ---- what would not be let through again

check "new connections are forbidden" only_established
check "those there are go on, carried" carried
dam "the UDP entry is deleted, too" conntrack forget ipv6 -p udp --dport 5001
heal "they are allowed again" on cpe nft delete table inet guard

# ---- expiry: nobody says so, and nothing comes that would find out

before=$(evicted conntrack)
check "UDP entries last three seconds" on cpe sysctl -qw \
	net.netfilter.nf_conntrack_udp_timeout=3 \
	net.netfilter.nf_conntrack_udp_timeout_stream=3
check "UDP goes on, carried" carried
check_eq "packets of the cache keep its entry" "$(evicted conntrack)" "$before"
check "UDP falls silent" asleep udp
check "its entry expires, flows are evicted (conntrack)" \
	wait_for 10 evicted_since conntrack "$before"
check_eq "both of them" "$(flows41 proto udp)" 0
check "UDP speaks again" awake udp
check "and is carried again" carried
check "UDP entries last" none_expires

talk_down
