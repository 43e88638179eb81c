#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Traffic class, flow label and hop limit change from packet to packet of one flow
# (topo.sh): it stays one flow, carried, and what the router sends is the same as
# without flow41.  With the tunnel's own TOS, and with an inherited one.

# shellcheck disable=SC2317	# functions that check calls
. "$(dirname "$0")/lib.sh"
# shellcheck source=offon.sh
. "$NET_DIR/offon.sh"

same_with()	# WHAT
{
	off_and_on "$1" 90 -u 320 -s 100,1000,1432 -T $CLASSES -L $LABELS -H $HOPS
	check_num "$1: many traffic classes and flow labels went down" \
		"$(packets in-on udp | cut -c1-8 | sort -u | wc -l)" -ge $MANY
}

outer_tos()
{
	packets out-on | cut -c3-4 | sort -u | paste -sd' '
}

need_flow41
need "topology up" offon_up
need "server on host" serve udp host $HOST6 7000 -C 1 -T $CLASSES -L $LABELS -H $HOPS

same_with "own TOS"
check_eq "own TOS: with the inner ECN, CE as ECT(0)" "$(outer_tos)" "00 01 02"

need "inherited TOS and TTL" tunnel_is cpe tos inherit ttl inherit
same_with "inherited TOS"
check_eq "inherited TOS: inner ones, CE as ECT(0)" "$(outer_tos)" \
	"00 01 02 28 29 2a 40 41 42 b8 b9 ba"

check_eq "nothing was found changed" "$(stat41 .evictions.result)" 0
check_audits
check_no_leaks
finish
