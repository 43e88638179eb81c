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

need_flow41
need "topology up" topo_up
check_num "commands in the README" "$(commands flow41 | wc -l)" -ge 6
while read -r _ arguments; do
	# shellcheck disable=SC2086	# words, as a shell would see them
	check "flow41 $arguments" f41 $arguments
done < <(commands flow41)
check_no_leaks
while read -r command; do
	# shellcheck disable=SC2086
	check "$command" $command
	check "rmmod flow41" rmmod flow41
done < <(commands modprobe)
finish
