#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Firewall rules give packets a mark and a priority (topo.sh): cached packets leave
# with the same ones as by software, which filters at the egress of wan0 and lan0 count.
# Rules that rewrite a header field the cache does not rewrite keep the packets off
# the fast path: the same bytes leave.

. "$(dirname "$0")/lib.sh"
# shellcheck source=offon.sh
. "$NET_DIR/offon.sh"
# shellcheck source=egress.sh
. "$NET_DIR/egress.sh"

DATAGRAMS=200

# Marks in the places where routers give them: as packets come in, between, as they
# leave; another for each direction
marking()
{
	on cpe nft -f - <<-EOF
		table inet marking {
			chain prerouting {
				type filter hook prerouting priority mangle;
				iifname lan0 meta mark set 0x11
				iifname tun6 meta mark set 0x22
			}
			chain forward {
				type filter hook forward priority mangle;
				oifname tun6 meta mark set meta mark or 0x100 meta priority set 1:11
				iifname tun6 meta priority set 1:22
			}
			chain postrouting {
				type filter hook postrouting priority mangle;
				oifname wan0 ip protocol 41 meta mark set meta mark or 0x1000
			}
		}
	EOF
}

# What leaves with the connection's port, first all of it, then with that mark and priority
counted()	# DEVICE PROTOCOL-OFFSET PORT-OFFSET MARK PRIORITY
{
	local port

	port=$(udp_port "$2" "$3" 7000)
	egress cpe "$1" 1 "$port" continue &&
	egress cpe "$1" 2 "$port and $(marked_with "$4" "$5")" continue
}

# On wan0 there are an IPv4 and an IPv6 header before the port, on lan0 an IPv6 header
counting()	# WAN-MARK WAN-PRIORITY LAN-MARK LAN-PRIORITY
{
	egress_up cpe wan0 lan0 && counted wan0 26 62 "$1" "$2" && counted lan0 6 40 "$3" "$4"
}

# Of both runs, off and on
check_marks()	# WHAT
{
	local dev

	for dev in wan0 lan0; do
		check_eq "$1: all that left by $dev was counted" \
			"$(egress_count cpe $dev 1)" $((2 * DATAGRAMS))
		check_eq "$1: it had mark and priority" \
			"$(egress_count cpe $dev 2)" $((2 * DATAGRAMS))
	done
	egress_down cpe wan0 lan0
}

rewriting()	# HOOK RULE
{
	on cpe nft -f - <<-EOF
		table inet rewriting {
			chain rewrite {
				type filter hook $1 priority mangle;
				$2
			}
		}
	EOF
}

# What comes in on the LAN has a mark before flow41 sees it
early()
{
	on cpe nft -f - <<-EOF
		table netdev coming {
			chain lan {
				type filter hook ingress device lan0 priority 0;
				meta mark set 0x33
			}
		}
	EOF
}

# check_rewritten WHAT HOOK RULE CAPTURE COLUMNS HEX: with the rule from the start,
# those digits of all packets are as it says
check_rewritten()
{
	local what=$1 before

	check "$what" rewriting "$2" "$3"
	before=$(punted result)
	off_and_on "$what" 0 -u $DATAGRAMS
	check_num "$what: left to the software path" $(($(punted result) - before)) -ge 100
	check_eq "$what: the rule had its way" \
		"$(packets "$4" ip or udp | cut -c$5 | sort -u)" "$6"
	on cpe nft delete table inet rewriting
	f41 flush >/dev/null
}

need_flow41
need "topology up" offon_up
need "server on host" serve udp host $HOST6 7000 -C 1

check "counting" counting 0 0:0 0 0:0
off_and_on "no rule" 95 -u $DATAGRAMS
check_marks "no rule"

check "rules that mark" marking
check "counting" counting 0x1111 1:11 0x22 1:22
off_and_on "marked" 95 -u $DATAGRAMS
check_marks "marked"
on cpe nft delete table inet marking

check "a rule at the ingress" early
check "counting" counting 0x33 0:0 0 0:0
off_and_on "marked before flow41" 95 -u $DATAGRAMS
check_marks "marked before flow41"
on cpe nft delete table netdev coming

check_rewritten "traffic class on the way out" forward \
	"oifname tun6 ip6 dscp set ef" out-on 41-43 6b8
check_rewritten "traffic class on the way in" forward \
	"iifname tun6 ip6 dscp set ef" in-on 1-3 6b8
check_rewritten "hop limit" forward \
	"oifname tun6 ip6 hoplimit set 9" out-on 55-56 09
check_rewritten "outer TOS" output \
	"oifname wan0 ip dscp set cs1" out-on 3-4 20
check_eq "nothing was found changed" "$(stat41 .evictions.result)" 0
check_no_leaks
finish
