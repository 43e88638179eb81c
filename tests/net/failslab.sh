#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Memory allocations fail (topo.sh): each one in turn while the module is loaded, a
# network namespace made, and for every netlink command (unit/netlink_fail.c); some at
# random while connections are admitted, and again for commands.  What is refused
# changes nothing; afterwards all works and nothing was lost.
#
# For kernels that have failslab: the debug cell.

# shellcheck disable=SC2317	# functions that check calls
. "$(dirname "$0")/lib.sh"
. "$NET_DIR/talk.sh"

FAILSLAB=/sys/kernel/debug/failslab

# every KIND: of allocation, of all tasks or only of those that ask for it, fails with
# a probability in percent
at_random()	# atomic|any FILTER PERCENT
{
	local ignore=N

	[ "$1" != atomic ] || ignore=Y
	echo 0 >$FAILSLAB/probability
	echo $ignore >$FAILSLAB/ignore-gfp-wait
	echo "$2" >$FAILSLAB/task-filter
	echo -1 >$FAILSLAB/times
	echo 1 >$FAILSLAB/interval
	echo "$3" >$FAILSLAB/probability
}

by_count()
{
	at_random any N 0
}

# New connections, short ones, until some were refused for want of memory
connections()
{
	local i

	for ((i = 0; i < 40; i++)); do
		[ "$(stat41 .refusals.no_memory)" -lt 5 ] || return 0
		on client timeout 20 traffic tcp -c 4 -u 20000 -d 20000 -w 15 $HOST6 5000
		on client timeout 20 traffic udp -C 0 -e -k -w 1 -u 20 $HOST6 6000
	done >/dev/null 2>&1
	return 1
}

# The command's own process may die of it; that is all that may happen
unlucky()	# COMMAND...
{
	bash -c 'echo 1 >/proc/self/make-it-fail && exec "$@"' - "$@" >/dev/null 2>&1
	return 0
}

unlucky_commands()
{
	local i command

	for ((i = 0; i < $1; i++)); do
		for command in status "-s stats" flows handshakes flush "set max-flows 500" \
			"set devices lan0,wan0" "set devices any" disable enable; do
			# shellcheck disable=SC2086	# words
			unlucky flow41 -n cpe $command
		done
	done
}

have_flow41 || skip_all "no flow41 in this guest"
[ -d $FAILSLAB ] || skip_all "this kernel has no failslab"
# Not on the console: run.sh would take each trace for a complaint.  A panic is shown;
# all else is looked for in the kernel's log when the scenario has ended
echo 1 >/proc/sys/kernel/printk
echo 0 >$FAILSLAB/verbose
echo N >$FAILSLAB/cache-filter
by_count

need "modules that flow41 needs" modprobe nf_conntrack
ip netns add second	# what the module did for one namespace is undone for another
check "loading, each allocation fails in turn" netlink_fail load "$(modinfo -n flow41)"
ip netns del second
sed 's/^/# /' "$T/check"
need "the module loads" modprobe flow41
check "a network namespace, allocations fail all along" netlink_fail netns
sed 's/^/# /' "$T/check"
need "topology up" topo_up
need "enable" f41 enable
need "servers" serve tcp host $HOST6 5000
need "servers" serve udp host $HOST6 6000 -C 1
need "a conversation" talk udp udp client host $HOST6 5001
need "is carried" carried
check "each command, each allocation fails in turn" on cpe netlink_fail commands
sed 's/^/# /' "$T/check"
check "enabled as before" f41 enable
check "carried as before" carried

at_random atomic N 10
check "some connections find no memory for their flows" connections
at_random any Y 5
check "commands, with luck or without" unlucky_commands 6
at_random any N 0
echo 5 >/proc/sys/kernel/printk
diag "$(f41 stats)"
# A connection may be pinned: packets were lost while they were audited
check "settings as before" f41 set max-flows 4096 devices any quarantine 1
check "enabled as before" f41 enable
check "carried as before" carried
check "TCP as before" on client traffic tcp -u 100000 -d 100000 $HOST6 5000
talk_down
