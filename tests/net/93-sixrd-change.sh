#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# 6rd parameters, tunnel parameters and routes change under traffic (sixrd.sh): the
# next packet already goes by the new ones.

# shellcheck disable=SC2317	# functions that check calls
. "$(dirname "$0")/lib.sh"
. "$NET_DIR/talk.sh"
. "$NET_DIR/sixrd.sh"

OTHER4=203.0.113.3

# A second relay, which is the same machine
second_relay()
{
	setup server <<-EOF
		addr add $OTHER4/24 dev wan0
		link add other6 type sit local $OTHER4 ttl 64 6rd-prefix $PREFIX 6rd-relay_prefix $RELAY
		link set other6 up
	EOF
}

customers()
{
	talk tocustomer udp client ce2 $CE2_6 5003
}

sixrd()	# [the words behind it]
{
	ip -n cpe tunnel 6rd dev tun6 "$@"
}

original()
{
	sixrd 6rd-prefix $PREFIX 6rd-relay_prefix $RELAY
}

# cut_off WHAT COMMAND...: nothing gets to ce2 any more, from the next packet on
cut_off()
{
	local what=$1 before

	shift
	goes_on tocustomer
	before=$(evicted tunnel)
	check "capture" capture cut inet two0 ip proto 41 and dst $CE2_4
	check "$what" "$@"
	written=$(captured_count cut)
	check "$what: no answers" in_vain tocustomer
	capture_stop cut
	check_num "$what: nothing leaves for the customer" \
		"$(captured_count cut)" -le $((written + 1))
	check "$what: flows are evicted (tunnel)" evicted_since tunnel "$before"
}

back()
{
	check "as it was" original
	check "carried again" carried
}

reset_where_ours_is_not()
{
	ip -n cpe tunnel 6rd dev tun6 6rd-reset
}

# seen SED-EXPRESSION [FILTER]: in turn, what it makes of the packets that left
seen()
{
	captured out -v "${@:2}" | sed -n "$1" | uniq | paste -sd' '
}

leaving()
{
	capture out inet cpe0 ip proto 41 and src $WAN4 and "ip[57] != 59"
}

SIXRD_TOO=second_relay TALK_OVER=customers talk_up

# ---- 6rd parameters

cut_off "another prefix" sixrd 6rd-prefix 3fff:700::/32
back
cut_off "another relay prefix" sixrd 6rd-prefix $PREFIX 6rd-relay_prefix 10.0.0.0/8
back
cut_off "6to4's, of which the kernel tells nobody" reset_where_ours_is_not
back

# ---- the tunnel's

check "capture" leaving
event "another TTL" tunnel ip -n cpe tunnel change tun6 mode sit ttl 33
check "all goes on" all_go_on
capture_stop out
check_eq "first the one, then the other" \
	"$(seen 's/.* ttl \([0-9]*\), .*/\1/p')" "64 33"
event "an entry of the router list" tunnel \
	ip -n cpe tunnel prl prl-default 203.0.113.9 dev tun6
event "and it goes" tunnel ip -n cpe tunnel prl prl-delete 203.0.113.9 dev tun6
event "the local address, as it is" tunnel ip -n cpe tunnel change tun6 mode sit local $WAN4

# ---- the way out

check "capture" leaving
event "another relay" route ip -n cpe route replace ::/0 via ::$OTHER4 dev tun6 onlink
check "all goes on" all_go_on
capture_stop out
check_eq "to the one, then to the other" "$(captured out dst net 203.0.113.0/24 |
	sed 's/.* > \(203[0-9.]*\): .*/\1/' | uniq | paste -sd' ')" "$SERVER4 $OTHER4"
check_eq "the customer's stay direct" "$(outer_pairs role encap dport 5003)" \
	"encap $WAN4>$CE2_4"

check_eq "nothing was found changed" "$(evicted result)" 0
talk_down
