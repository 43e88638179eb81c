#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Segments that the router has merged (GRO) and that the tunnel device does not take whole
# (topo.sh): software cuts them there, and the cache leaves them to it.  Nothing is sent twice.

# shellcheck disable=SC2317	# functions that check calls
export TOPO_OFFLOAD=0
. "$(dirname "$0")/lib.sh"

SIZE=$(fewer $((8 << 20)))

# wire_share: percent of the bytes sent up that were on the wire in packets of full size
full_size()
{
	captured_count up 'ip proto 41 and greater 1400'
}

upload()	# WHAT
{
	mark_counters
	capture up inet cpe0 -Q in ip proto 41 || return
	on client traffic tcp -u "$SIZE" $HOST6 5000 || return
	capture_stop up
}

need_flow41
need "topology up" topo_up
on cpe ethtool -K lan0 gro on
need "enable" f41 enable
need "server" serve tcp host $HOST6 5000
need "a first connection" warm_up

check "upload" upload
check "none is left to software for its size" test "$(punted gso)" = 0
segments=$(full_size)

# What may change a tunnel device: a segment size, a number of bytes
for change in "ethtool -K tun6 tso off" "ip link set tun6 gso_max_size 3000"; do
	check "$change" on cpe $change
	before=$(punted gso)
	warm_up
	check "$change: upload" upload
	check_num "$change: left to software" "$(($(punted gso) - before))" -gt 10
	check_num "$change: as many on the wire, and a few" "$(full_size)" -le $((segments + segments / 50))
	on cpe ethtool -K tun6 tso on
done
check_audits
check_no_leaks
finish
