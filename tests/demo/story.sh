#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The demonstration's story, in the topology of topo.sh: files go through the
# tunnel on the software path, then with flow41. run.sh shows what is told here.

# shellcheck source=/dev/null
. "$(dirname "$0")/lib.sh"

BYTES=$((8 << 20))
UP_PORT=5001
DOWN_PORT=5002

declare -A CARRIED	# ROLE: packets, on the fast path
declare -A SHARE	# ROLE: percent of all packets
declare -A SUM		# upload|download: of what arrived

tell()	# [LINE...]: to whoever watches; with no arguments, what is on stdin
{
	if [ $# -gt 0 ]; then
		printf '%s\n' "$@"
	else
		cat
	fi | sed 's/^/# | /'
}

show()	# COMMAND...: on the cpe, with what it prints
{
	tell "" "  cpe# $*"
	f41 "${@:2}" 2>&1 | sed 's/^/  /' | tell
}

# The file, then nothing more; but the connection stays open until hang_up
feed()
{
	cat "$FILE" && read -r <"$T/hold"
}

send_to()	# NS NCAT-ARGUMENT...
{
	feed | on "$1" ncat --send-only "${@:2}"
}

arrived()	# FILE
{
	[ "$(stat -c %s "$1")" = $BYTES ]
}

# Without --no-shutdown the server ends its half of the connection at once, and a
# connection that is ending is the software path's
upload()
{
	start "upload" on host ncat -l $HOST6 $UP_PORT --recv-only --no-shutdown >"$T/upload"
	wait_for 10 listening host tcp $UP_PORT || return
	start "uploader" send_to client $HOST6 $UP_PORT
	wait_for 60 arrived "$T/upload"
}

download()
{
	start "downloader" send_to host -l $HOST6 $DOWN_PORT
	wait_for 10 listening host tcp $DOWN_PORT || return
	start "download" on client ncat --recv-only $HOST6 $DOWN_PORT >"$T/download"
	wait_for 60 arrived "$T/download"
}

hang_up()
{
	: >"$T/hold"
	wait "${PIDS[uploader]}" "${PIDS[upload]}" "${PIDS[downloader]}" "${PIDS[download]}"
}

tell_sum()	# upload|download FROM TO
{
	SUM[$1]=$(sum "$T/$1")
	tell "  $1, $2 -> $3: $((BYTES >> 20)) MiB, sha256 of what arrived" "    ${SUM[$1]}"
}

# Both connections are open when this returns
both_ways()	# WHAT
{
	mark_counters
	need "$1: upload" upload
	need "$1: download" download
	tell ""
	tell_sum upload client host
	tell_sum download host client
	check_eq "$1: the upload's checksum" "${SUM[upload]}" "$(sum "$FILE")"
	check_eq "$1: the download's checksum" "${SUM[download]}" "$(sum "$FILE")"
}

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
FILE=$(payload $BYTES)
mkfifo "$T/hold"
tell "== 1. A home router with an IPv6 tunnel" ""
sed -n '/^#   client/,/^$/{/^#  LAN/,$d;s/^#//p}' "$NET_DIR/topo.sh" | tell
tell "  In one virtual machine, on a stock Linux $(uname -r): a client at home, the router" \
	"  (cpe) with a firewall, an internet that knows only IPv4, and a tunnel server" \
	"  with an IPv6 host behind it. IPv6 crosses the internet inside IPv4 (6in4)." \
	"" "  A file of $((BYTES >> 20)) MiB will go each way over TCP. Its sha256 is" "    $(sum "$FILE")"

tell "" "== 2. The software path: flow41 is off"
both_ways "software"
count_carried
tell_carried
check_eq "software: flow41 carried nothing" "${CARRIED[encap]} ${CARRIED[decap]}" "0 0"
hang_up

tell "" "== 3. The same with flow41 on"
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
