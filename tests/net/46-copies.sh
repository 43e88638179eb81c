#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Rules that send copies elsewhere (nft's dup), of packets on their way through the
# router whose tunnel it is (topo.sh), before it and behind it: copies leave the box
# before the packet itself, and are not taken for it.
#
# Variant: TRANSIT=1, of a tunnel that passes through (transit.sh, NAT=none).

# shellcheck disable=SC2317	# functions that check calls
. "$(dirname "$0")/lib.sh"
. "$NET_DIR/transit.sh"
. "$NET_DIR/talk.sh"

MIRROR=02:00:00:00:00:99
MIRROR4=198.51.100.9
MIRROR6=2001:db8:1::9

mirrors_up()
{
	setup cpe <<-EOF_
		neigh add $MIRROR4 lladdr $MIRROR dev wan0 nud permanent
		neigh add $MIRROR6 lladdr $MIRROR dev lan0 nud permanent
	EOF_
}

copy_transit()
{
	on cpe nft -f - <<-EOF_
		table ip mirror {
			chain pre {
				type filter hook prerouting priority -150;
				ip protocol 41 dup to $MIRROR4 device wan0
			}
		}
	EOF_
}

copy_tunnel()
{
	on cpe nft -f - <<-EOF_
		table ip6 mirror {
			chain forward {
				type filter hook forward priority -150;
				meta l4proto { tcp, udp } dup to $MIRROR6 device lan0
			}
		}
		table ip mirror {
			chain output {
				type filter hook output priority -150;
				ip protocol 41 dup to $MIRROR4 device wan0
			}
		}
	EOF_
}

audited_since()	# CHECKED COUNT: more than then
{
	[ "$(stat41 .audit.checked)" -ge $(($1 + $2)) ]
}

up=topo_up copy=copy_tunnel is_carried=carried
[ -z "${TRANSIT:-}" ] || up=transit_up copy=copy_transit is_carried=transit_carried

need_flow41
need "topology up" $up
need "mirrors" mirrors_up
need "enable" f41 enable
need "UDP goes" talk udp udp client host $HOST6 5001
need "TCP goes" talk tcp tcp client host $HOST6 5002
need "both are carried" $is_carried

check "capture" capture copies inet cpe0 ether dst $MIRROR
check "copies are made" $copy
check "all goes on" all_go_on 30
check "carried as before" $is_carried
check "flush" f41 flush
check "all goes on from the beginning" all_go_on 30
check "carried again" $is_carried
audits=$(stat41 .audit.checked)
check "they are audited" wait_for 10 audited_since "$audits" 8
check "all goes on still" all_go_on 30
capture_stop copies
check_num "the mirror gets copies" "$(captured_count copies)" -gt 0
check_eq "nothing was found changed" "$(evicted result)" 0
check_audits
hush udp tcp
check_no_leaks
finish
