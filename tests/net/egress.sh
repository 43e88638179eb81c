# SPDX-License-Identifier: GPL-2.0
# What leaves a device, looked at behind everything but the driver. By tc: netfilter's
# hook there is not older than Linux 5.16.  Sourced, after lib.sh.
# shellcheck shell=bash

egress_hook()
{
	kernel_since 5.16
}

egress_up()	# NETNS DEVICE...
{
	local ns=$1 dev

	modprobe -qa sch_ingress cls_basic em_cmp em_meta act_gact act_pedit
	for dev in "${@:2}"; do
		on "$ns" tc qdisc add dev "$dev" clsact || return
	done
}

egress_down()	# NETNS DEVICE...
{
	local ns=$1 dev

	for dev in "${@:2}"; do
		on "$ns" tc qdisc del dev "$dev" clsact || return
	done
}

# egress NETNS DEVICE NUMBER MATCH ACTION...: what is to be done with such packets
egress()
{
	local ns=$1 dev=$2 pref=$3 match=$4

	shift 4
	on "$ns" tc filter add dev "$dev" egress pref "$pref" protocol all \
		basic match "$match" action "$@"
}

# What tc calls a mark and a priority: MAJOR:MINOR in hexadecimal digits
marked_with()	# MARK PRIORITY
{
	echo "meta(fwmark eq $1) and meta(priority eq $((16#${2%:*} << 16 | 16#${2#*:})))"
}

# IPv4 with IPv6 in it, or IPv6: the offset of UDP's PORT tells which
udp_port()	# PROTOCOL-OFFSET PORT-OFFSET PORT
{
	echo "cmp(u8 at $1 layer 1 eq 17) and cmp(u16 at $2 layer 1 eq $3)"
}

egress_count()	# NETNS DEVICE NUMBER: how many packets it took
{
	on "$1" tc -s filter show dev "$2" egress pref "$3" | awk '/Sent/ { n += $4 } END { print n + 0 }'
}
