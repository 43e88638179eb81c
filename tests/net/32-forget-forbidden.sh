#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The firewall is told to forbid what is cached, and flow41 to forget (topo.sh): nothing
# gets through from then on, until the firewall lets it.  IPv6 forwarding switched off
# stops cached traffic without being told.

. "$(dirname "$0")/lib.sh"
. "$NET_DIR/talk.sh"

forbid()	# RULE
{
	on cpe nft -f - <<-EOF && f41 flush
		table inet guard {
			chain forward {
				type filter hook forward priority -1;
				$1
			}
		}
	EOF
}

allow()
{
	on cpe nft delete table inet guard
}

reload()
{
	on cpe nft flush ruleset && topo_firewall && f41 flush
}

# An answer that was under way makes flows of both directions again; one of them carries
# nothing before a packet has gone its way by software
carrying()	# ROLE: protocols
{
	f41 -j flows role "$1" | jq -r '.[] | select(.settling | not) | .proto' | sort -u
}

forwarding()	# 0|1
{
	on cpe sysctl -qw net.ipv6.conf.all.forwarding="$1"
}

talk_up

dam "what goes out is forbidden, flush" flush forbid "oifname tun6 drop"
check_eq "what goes out is forbidden: nothing would carry it" "$(carrying encap)" ""
heal "it is allowed" allow

dam "the host is forbidden, flush" flush \
	forbid "ip6 daddr $HOST6 reject with icmpv6 admin-prohibited"
heal "it is allowed" allow

mute "what comes in is forbidden, flush" flush forbid "iifname tun6 drop"
heal "it is allowed" allow

before=$(evicted flush)
check "only one port is forbidden, flush" forbid "udp dport 5001 drop"
check_num "flows are evicted (flush)" "$(evicted flush)" -gt "$before"
check "no answers over UDP" in_vain udp
check "TCP goes on" goes_on tcp
check_eq "only TCP would be carried" "$(carrying encap)" tcp
heal "it is allowed" allow

# Without a rule that asks for it conntrack rests, and what leaves then has no entry
event "the whole firewall is loaded anew, flush" flush reload
NOTICED=$(evicted result)

# ---- forwarding

# shellcheck disable=SC2046	# one word each
asleep $(talks tcp)
check "UDP goes on" goes_on udp
before=$(stat41 '.punts.forwarding_off + .punts.stale')
check "IPv6 forwarding is switched off" forwarding 0
check "capture" capture dam host eth0 ip6 dst $HOST6 and udp
check "no answers" in_vain udp
capture_stop dam
check_eq "nothing reaches the host" "$(captured dam | head -3)" ""
check_num "packets were left to the software path" \
	"$(stat41 '.punts.forwarding_off + .punts.stale')" -gt "$before"

# Linux 6.17 and later can be told to forward from some devices all the same
force=/proc/sys/net/ipv6/conf/lan0/force_forwarding
force_forwarding()	# 0|1
{
	on cpe sysctl -qw net.ipv6.conf.lan0.force_forwarding="$1" \
		net.ipv6.conf.tun6.force_forwarding="$1"
}
if on cpe test -e $force; then
	heal "but from these devices on" force_forwarding 1
	check_eq "both are carried" "$(carrying encap | paste -sd' ')" "tcp udp"
	check "not from these, either" force_forwarding 0
fi
heal "and on" forwarding 1

talk_down
