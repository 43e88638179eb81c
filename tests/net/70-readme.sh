#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# What the README tells people to type on a router works there, on the CPE of
# topo.sh: each line of its code blocks that starts with flow41 or modprobe.

. "$(dirname "$0")/lib.sh"

README=$NET_DIR/README.md

commands()	# WORD: without the comments behind them
{
	awk '/^```/ { code = !code; next } code' "$README" |
		sed -n "s/   .*//; s/^$1\>/&/p"
}

ready()	# a bit in its set of blocked signals stands for SIGTERM: it waits for that
{
	local blocked

	blocked=$(awk '/^SigBlk/ { print $2 }' "/proc/${PIDS[monitor]}/status")
	[ $((0x$blocked >> 14 & 1)) = 1 ]
}

# What runs until it is told to end: it does, and says all was well
monitored()	# ARGUMENTS
{
	start monitor on cpe flow41 "$@"
	wait_for 5 ready || return 1
	kill "${PIDS[monitor]}"
	join monitor
}

need_flow41
need "topology up" topo_up
check_num "commands in the README" "$(commands flow41 | wc -l)" -ge 6
while read -r _ arguments; do
	command=f41
	[[ $arguments != monitor* ]] || command=monitored
	# shellcheck disable=SC2086	# words, as a shell would see them
	check "flow41 $arguments" $command $arguments
done < <(commands flow41)
check_no_leaks
while read -r command; do
	# shellcheck disable=SC2086
	check "$command" $command
	check "rmmod flow41" rmmod flow41
done < <(commands modprobe)
finish
