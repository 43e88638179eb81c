#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Segments that the router has merged (GRO) and that the tunnel device does not take whole
# (topo.sh): software cuts them there, and the cache leaves them to it, and no audit gets lost.

# shellcheck disable=SC2317	# functions that check calls
. "$(dirname "$0")/lib.sh"

# Else they come whole from the client
! veth_merges || export TOPO_OFFLOAD=0

SIZE=$(fewer $((8 << 20)))

need_flow41
need "topology up" topo_up
on cpe ethtool -K lan0 gro on
need "enable" f41 enable
need "server" serve tcp host $HOST6 5000
need "a first connection" warm_up

check "upload" on client traffic tcp -u "$SIZE" $HOST6 5000
check_eq "none is left to software for its size" "$(punted gso)" 0

# It does not cut at all for others, or only what is longer
for change in "ethtool -K tun6 tso off" "ip link set tun6 gso_max_size 3000"; do
	check "$change" on cpe $change
	before=$(punted gso)
	warm_up
	check "$change: upload" on client traffic tcp -u "$SIZE" $HOST6 5000
	check_num "$change: left to software" "$(($(punted gso) - before))" -gt 10
	on cpe ethtool -K tun6 tso on
done
check "the server saw no mistake" served 5000
check_audits
check_no_leaks
finish
