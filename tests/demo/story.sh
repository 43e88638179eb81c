#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The demonstration's second part, in the topology of topo.sh: files go through the
# router's own tunnel on the software path, then with flow41. run.sh shows what is
# told here.

# shellcheck source=/dev/null
. "$(dirname "$0")/lib.sh"
. "$NET_DIR/tell.sh"

declare -A CARRIED	# ROLE: packets, on the fast path
declare -A SHARE	# ROLE: percent of all packets

count_carried()
{
	local role

	take_counters
	for role in encap decap; do
		SHARE[$role]=$(fast_share "$role")
		CARRIED[$role]=$(since_mark fast "$role")
	done
}

tell_carried()
{
	tell "" "  carried by flow41: ${CARRIED[encap]} packets out (${SHARE[encap]}%)," \
		"                     ${CARRIED[decap]} packets in (${SHARE[decap]}%)"
}

report()
{
	jq -nc --arg kernel "$(uname -r)" --arg up "${SUM[upload]}" --arg down "${SUM[download]}" \
		--argjson bytes $BYTES \
		--argjson encap "${CARRIED[encap]}" --argjson decap "${CARRIED[decap]}" \
		'{kernel: $kernel, bytes: $bytes,
		encap: {fast: $encap, sha256: $up}, decap: {fast: $decap, sha256: $down}}'
}

need_flow41
need "topology up" topo_up
ready_to_send
tell "" "== 5. A home router with an IPv6 tunnel of its own" ""
sed -n '/^#   client/,/^$/{/^#  LAN/,$d;s/^#//p}' "$NET_DIR/topo.sh" | tell
tell "  Now the router (cpe) is the tunnel's end: it puts IPv6 into IPv4 and takes it" \
	"  out again." \
	"" "  A file of $((BYTES >> 20)) MiB will go each way over TCP. Its sha256 is" "    $(sum "$FILE")"

tell "" "== 6. The software path: flow41 is off"
both_ways "software"
count_carried
tell_carried
check_eq "software: flow41 carried nothing" "${CARRIED[encap]} ${CARRIED[decap]}" "0 0"
hang_up

tell "" "== 7. The same with flow41 on"
show flow41 enable
show flow41 status
both_ways "flow41"
tell "" "  Both connections are still open; this is what the cache knows of them:"
show flow41 flows
count_carried
hang_up
check_eq "when the connections end, so do the flows" "$(flows41)" 0
tell "" "  Now the connections are closed, and the flows are gone with them:"
show flow41 stats
tell_carried
for role in encap decap; do
	check_num "$role: carried by flow41, percent" "${SHARE[$role]}" -ge 95
done
echo "# json $(report)"
check_no_leaks
finish
