#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The same packets through two routers, flow41 in one of them (bed.sh): what comes
# out is the same, frame by frame, byte by byte (IPv4 IDs aside), and so are the
# devices' counters, conntrack's entries and the counters of what was dropped. And
# what ought to be carried is.
#
# Settings: SEED; DIFF_PACKETS, how many packets in all; BEDS to try. A seed that
# fails is printed with what replays it.

. "$(dirname "$0")/lib.sh"
# shellcheck source=bed.sh
. "$NET_DIR/bed.sh"

: "${SEED:=41}" "${DIFF_PACKETS:=100000}" "${BEDS:=$ALL_BEDS}"

# The first difference, with the packet it belongs to
same_frames()
{
	grep -qx same "$T/said" && return
	echo "make -s -C tests check SCENARIOS=60 APPEND=\"SEED=$SEED BEDS=$bed DIFF_PACKETS=$count\""
	grep -A40 different "$T/said"
	return 1
}

# Each kind of packet that has a floor; a packet of each flow and second may be audited. Where the
# bed says that there is nothing to carry, nothing is
all_carried()
{
	local floor sent counts carried audits name low=0 any=""

	while read -r _ floor sent counts carried audits name; do
		any=1
		[[ $name != class* ]] || floor=$((floor / BED_DSCP_RULES))
		floor=$((floor * BED_FLOOR / 100))
		[[ $name != *UDP* ]] || floor=$((floor * BED_UDP))
		echo "$name: $sent sent, $carried of $counts carried, $audits may be audited, wanted $floor %"
		[ $(((carried + audits) * 100)) -ge $((counts * floor)) ] || low=1
		[ $floor -gt 0 ] || [ "$carried" -eq 0 ] || low=1
	done < <(grep '^kind [1-9]' "$T/said")
	[ -n "$any" ] || return 1
	return $low
}

# Where GRO joins a row, one packet is carried, not many
all_joined()
{
	local sent counts carried

	read -r _ _ sent counts carried _ < <(grep 'segments in a row' "$T/said")
	echo "$sent segments make $counts packets, $carried were carried"
	[ "$counts" -lt $((sent * 3 / 4)) ] && [ "$carried" -le $((counts + counts / 50)) ]
}

kinds()
{
	sed -n 's/^kind [1-9][0-9]* [0-9]* \([0-9]*\) \([0-9]*\) [0-9]* \(.*\)/\3 \2 of \1;/p' \
		"$T/said" | paste -sd' '
}

sum_up()
{
	local sent out

	diag "$bed: $(grep '^sent' "$T/said"), up $(cut -d. -f1 /proc/uptime) s"
	diag "$bed: carried: $(kinds)"
	read -r _ sent _ out < <(grep '^sent' "$T/said")
	packets=$((packets + sent))
	frames=$((frames + out))
}

alike()
{
	same_frames && bed_same links bed_links &&
		bed_same connections bed_connections && bed_same errors bed_errors
}

# A difference that the packets make is there again with the same seed; one that the
# clock makes (a neighbour is probed in one of the routers) is not: what counts is the
# second run.
run_again_if_different()	# BED COUNT
{
	alike >"$T/first" 2>&1 && return
	diag "$1: different; once more with the same seed"
	head -60 "$T/first" | sed 's/^/#   /'
	bed_down
	bed_up "$1" "$2" >"$T/again" 2>&1 && bed_run >>"$T/again" 2>&1 && return
	fail "$1: once more"
	tail -20 "$T/again" | sed 's/^/#   /'
	return 1
}

need_flow41
IFS=', ' read -ra beds <<<"$BEDS"
count=$(((DIFF_PACKETS + ${#beds[@]} - 1) / ${#beds[@]}))
packets=0
frames=0
for bed in "${beds[@]}"; do
	if ! check "$bed: both routers" bed_up "$bed" $count ||
	   ! check "$bed: packets sent, seed $SEED" bed_run; then
		show_state
		bed_down
		continue
	fi
	run_again_if_different "$bed" $count || { bed_down; continue; }
	check "$bed: the same frames and devices' counters" same_frames
	check "$bed: the same counters by ip" bed_same links bed_links
	check "$bed: the same connections in conntrack" bed_same connections bed_connections
	check "$bed: the same counters of errors and drops" bed_same errors bed_errors
	check "$bed: what ought to be carried is" all_carried
	[ $BED_JOINED = 0 ] || check "$bed: GRO joined what came in a row" all_joined
	sum_up
	bed_down
done
check_num "packets in all" $packets -ge "$DIFF_PACKETS"
check_num "frames compared in all" $frames -ge $((DIFF_PACKETS / 2))
check_no_leaks
finish
