#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# As 19-fields.sh, downwards, through a network that marks packets as congested
# (inet, topo.sh): what knows ECN comes out marked, what does not is dropped, as
# without flow41.

# shellcheck disable=SC2317	# functions that check calls
. "$(dirname "$0")/lib.sh"
# shellcheck source=offon.sh
. "$NET_DIR/offon.sh"

# DSCP 46 and 10: congestion experienced; 16: ECT(1)
congestion()
{
	on inet nft -f - <<-EOF
		table ip congestion {
			chain forward {
				type filter hook forward priority mangle;
				ip protocol 41 oifname cpe0 ip dscp { 46, 10 } ip ecn set ce
				ip protocol 41 oifname cpe0 ip dscp 16 ip ecn set ect1
			}
		}
	EOF
}

# Traffic classes that come in at the client
classes()
{
	packets in-on udp | cut -c2-3 | sort -u | paste -sd' '
}

need_flow41
need "topology up" offon_up
need "inherited TOS at the server" tunnel_is server tos inherit
need "congestion" congestion
need "server on host" serve udp host $HOST6 7000 -C 1 -T $CLASSES -L $LABELS -H $HOPS

off_and_on "congestion" 30 -u 320 -s 100,1000
check_eq "ECN came out as RFC 6040 says" "$(classes)" \
	"00 01 02 03 2b 40 41 43 bb"
# On a slow machine one may be behind an audited packet, and is left to it for that
check_num "what does not know ECN was left to the software path" "$(punted ecn)" -ge 30
check_num "nothing else was" "$(punted ecn)" -le 40
check_eq "all of it was dropped there" "$(said client-on lost)" 40
check_eq "nothing was found changed" "$(stat41 .evictions.result)" 0
check_no_leaks
finish
