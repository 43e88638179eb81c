# SPDX-License-Identifier: GPL-2.0
# Captures: what is on the wire, byte for byte.
# Sourced by lib.sh.
# shellcheck shell=bash

# ---- captures

# capture NAME NS DEV [FILTER]: runs once it really captures; with PROMISCUOUS set
# the device is, too
capture()
{
	local name=$1 ns=$2 dev=$3 mode=-p

	shift 3
	[ -z "${PROMISCUOUS:-}" ] || mode=
	# Slots of 2 kB: the default has room for eight packets only
	start "tcpdump-$name" on "$ns" tcpdump -Z root -n $mode --immediate-mode -U \
		-s 2000 -B 8192 -i "$dev" -w "$T/$name.pcap" "$@" 2>"$T/$name.tcpdump"
	wait_for 10 grep -q 'listening on' "$T/$name.tcpdump"
}

capture_stop()	# NAME: false if it missed some
{
	stop "tcpdump-$1"
	! grep '[1-9].* dropped by kernel' "$T/$1.tcpdump"
}

captured()	# NAME [FILTER]: the packets, one a line
{
	local name=$1

	shift
	tcpdump -Z root -n -t -r "$T/$name.pcap" "$@" 2>/dev/null
}

captured_count()	# NAME [FILTER]
{
	captured "$@" | wc -l
}

captured_some()	# NAME COUNT [FILTER]: at least so many
{
	local name=$1 n=$2

	shift 2
	[ "$(captured_count "$name" "$@")" -ge "$n" ]
}

written_no_more()	# FILE...: nothing was added for half a second
{
	local before

	before=$(stat -c %s "$@")
	sleep 0.5
	[ "$before" = "$(stat -c %s "$@")" ]
}

# same_bytes A B [FILTER]: two captures of the same traffic hold the same packets,
# byte for byte, but for the outer IPv4 ID and checksum, which are blanked
same_bytes()
{
	local a=$1 b=$2

	shift 2
	packets "$a" "$@" >"$T/$a.hex"
	packets "$b" "$@" >"$T/$b.hex"
	[ -s "$T/$a.hex" ] || { echo "nothing was captured"; return 1; }
	diff "$T/$a.hex" "$T/$b.hex" >"$T/same_bytes" && return
	cut -c1-200 "$T/same_bytes" | head -20
	return 1
}

# packets NAME [FILTER]: each a line of hex digits, from the IP header on
packets()
{
	local name=$1

	shift
	tcpdump -Z root -n -t -x -r "$T/$name.pcap" "$@" 2>/dev/null | awk '
		function out() {
			if (hex ~ /^4/)
				hex = substr(hex, 1, 8) "...." substr(hex, 13, 8) "...." substr(hex, 25)
			if (hex)
				print hex
			hex = ""
		}
		/^\t0x/ { $1 = ""; gsub(/ /, ""); hex = hex $0; next }
		{ out() }
		END { out() }'
}
