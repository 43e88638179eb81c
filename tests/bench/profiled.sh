#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# What profile.sh counts: each role with its packets dropped where they come in, and
# carried by flow41.

# shellcheck source=/dev/null
. "$(dirname "$0")/lib.sh"
. "$NET_DIR/transit.sh"
. "$NET_DIR/costs.sh"

SLOT=-1

# For conntrack a UDP flow is assured once it has seen it answered for two seconds
established()	# ROLE ROLE
{
	crossed "$1" && crossed "$2" && sleep 2.2 && crossed "$1" && crossed "$2"
}

profile()	# ROLE
{
	need "$1: the sender's share" measure_sender "$1"
	echo "# slot $((SLOT += 2)) $1 sender $PACKETS"
	send "$1" $WARMUP
	counted_send "$1"
	check_eq "$1: all came out intact" "$(intact)" "$PACKETS"
	echo "# slot $((SLOT += 2)) $1 flow41 $PACKETS"
	diag "$1: $(jq ".ns / .packets - ${SENDER[$1]}" <<<"$REPLY") instructions by the clock"
}

profiles()	# ROUTER ROLE ROLE
{
	need "$1 router up" router_up "$1"
	need "enable" f41 enable
	need "$1: a flow both ways" established "$2" "$3"
	for role in "$2" "$3"; do
		profile "$role"
	done
	f41 -s -j stats | sed 's/^/# /'
	router_down
}

# Modules' functions are in there, too
symbols()
{
	awk '$2 ~ /[tTwW]/ { print $1, $3 }' /proc/kallsyms | busybox gzip -9 |
		busybox base64 | sed 's/^/# symbols /'
}

need_flow41
profiles tunnel encap decap
NAT=dmz profiles transit transit_out transit_in
modprobe -qa nf_flow_table
symbols
finish
