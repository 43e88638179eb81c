# SPDX-License-Identifier: GPL-2.0
# What the demonstration's parts share: telling, and files that go both ways through
# the tunnel.  Sourced after lib.sh.
# shellcheck shell=bash

BYTES=$((8 << 20))
UP_PORT=5001
DOWN_PORT=5002

declare -A SUM		# upload|download: of what arrived

# ready_to_send: the file, and what keeps a connection open after it
ready_to_send()
{
	FILE=$(payload $BYTES)
	mkfifo "$T/hold"
}

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
