#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Super-packets of a protocol that the cache does not carry (topo.sh): SCTP's, each of
# whose packets is a piece of its own. They come to the router whole, on devices where it
# looks at everything, and go on as they came.

# shellcheck disable=SC2317	# functions that check calls
. "$(dirname "$0")/lib.sh"

sent()	# DEVICE-OF-THE-CPE: packets and bytes that came in
{
	ip -n "${TOPO}cpe" -s -j link show "$1" | jq -r '.[0].stats64.rx | "\(.packets) \(.bytes)"'
}

listens()
{
	on host grep -qw 7041 /proc/net/sctp/eps
}

upload()
{
	start sctp-server on host sctp serve take $HOST6 7041 >"$T/up"
	wait_for 10 listens && on client timeout 60 sctp send $HOST6 7041 <"$data" &&
		join sctp-server && same "$data" "$T/up"
}

download()
{
	start sctp-server on host bash -c "exec sctp serve send $HOST6 7041 <$data"
	wait_for 10 listens && on client timeout 60 sctp take $HOST6 7041 >"$T/down" &&
		join sctp-server && same "$data" "$T/down"
}

# transfer upload|download DEVICE: it arrives as it was, in super-packets
transfer()
{
	local packets bytes more_packets more_bytes

	read -r packets bytes < <(sent "$2")
	check "$1" "$1"
	read -r more_packets more_bytes < <(sent "$2")
	check_num "$1: bytes in a packet" \
		$(((more_bytes - bytes) / (more_packets - packets))) -gt 1500
}

modprobe -q sctp || skip_all "no SCTP in this kernel"
need_flow41
need "topology up" topo_up
data=$(payload 2000000)
transfer upload lan0
transfer download wan0
need "enable" f41 enable
need "devices hooked" warm_up
before=$(punted next_header)
transfer upload lan0
transfer download wan0
check_num "flow41 looked at them" "$(punted next_header)" -gt $((before + 10))
check_no_leaks
finish
