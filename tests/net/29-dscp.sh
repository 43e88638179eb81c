#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Rules that treat the packets of one connection by their DSCP (topo.sh): marks and
# header fields of each are what software makes of them; what no rule is about is
# carried.

# shellcheck disable=SC2317	# functions that check calls
. "$(dirname "$0")/lib.sh"
# shellcheck source=offon.sh
. "$NET_DIR/offon.sh"
# shellcheck source=egress.sh
. "$NET_DIR/egress.sh"

DATAGRAMS=320

# CLASSES has these two, and 0 and 16
by_dscp()
{
	on cpe nft -f - <<-EOF
		table inet qos {
			chain forward {
				type filter hook forward priority mangle;
				ip6 dscp ef meta mark set 0x2e
				ip6 dscp 10 ip6 dscp set 12
			}
		}
	EOF
}

counting()
{
	egress_up cpe wan0 && egress cpe wan0 1 "meta(fwmark eq 0x2e)" continue
}

marked()
{
	egress_count cpe wan0 1
}

need_flow41
need "topology up" offon_up
need "UDP server on host" serve udp host $HOST6 7000 -C 1
need "rules" by_dscp
need "counting" counting
before=$(marked)
off_and_on "by DSCP" 30 -u $DATAGRAMS -i 2000 -T $CLASSES -s 100,1000
check_eq "as many packets are marked as without flow41: EF, in both runs" \
	$(($(marked) - before)) $((2 * DATAGRAMS / 4))
check_num "others were left to software for their DSCP" "$(punted dscp)" -ge $((DATAGRAMS / 4))
check_eq "nothing was found changed" "$(stat41 .evictions.result)" 0
check_no_leaks
finish
