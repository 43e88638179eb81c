#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# TCP both ways through the tunnel (topo.sh): files over HTTP up and down, then a
# pattern in both directions at once.  All of it arrives, nearly all of it on the
# fast path; what the wire carried is what both paths counted.
#
# Variants: SIZE bytes each way, TOPO_OFFLOAD, CPE_GRO=on.

# shellcheck disable=SC2317	# functions that check calls
. "$(dirname "$0")/lib.sh"

: "${SIZE:=$(fewer $((16 << 20)))}"

# Takes what is posted to it
upload_cgi()
{
	mkdir -p "$T/cgi-bin"
	cat >"$T/cgi-bin/put" <<-EOF
		#!/bin/bash
		cat >$T/got.put
		printf 'Content-Type: text/plain\r\n\r\nthanks\n'
	EOF
	chmod +x "$T/cgi-bin/put"
}

http_put()	# FILE
{
	[ "$(on client curl -sS -g --max-time 60 --data-binary "@$1" \
		-H Expect: "http://[$HOST6]:80/cgi-bin/put")" = thanks ] &&
		same "$1" "$T/got.put"
}

check_merged()	# WHAT ROLE...
{
	local what=$1 role

	shift
	for role; do
		check_num "$what: $role, fewer packets in the router than on the wire" \
			"$(since_mark fast "$role")" -lt $(($(since_mark wire "$role") * 3 / 4))
	done
}

# Up to 5.12 a veth claims GRO from the start, but merges only what an XDP program
# has passed; later ones merge, when they are told to.
can_merge()
{
	local able=1

	ip link add gro0 type veth peer name gro1
	ethtool -k gro0 | grep -q '^generic-receive-offload: off' && able=0
	ip link del gro0
	return $able
}

transfer()	# WHAT ROLES COMMAND...
{
	local what=$1 roles

	read -ra roles <<<"$2"
	shift 2
	warm_up
	mark_counters
	check "$what, $((SIZE >> 20)) MiB" "$@"
	check_fast "$what" 99 "${roles[@]}"
	if [ "${CPE_GRO:-}" = on ] && ! can_merge; then
		skip "$what: merged in the router" "this kernel's veth does not"
	elif [ "${CPE_GRO:-}" = on ]; then
		check_merged "$what" "${roles[@]}"
	else
		check_wire "$what" 12 encap decap
	fi
}

need_flow41
need "topology up" topo_up
need "enable" f41 enable
if [ "${CPE_GRO:-}" = on ]; then
	on cpe ethtool -K lan0 gro on
	on cpe ethtool -K wan0 gro on
fi
upload_cgi
file=$(payload "$SIZE")
need "web server on host" http_serve host $HOST6 80
watch_wire

transfer upload encap http_put "$file"
transfer download decap http_get client $HOST6 80 "$SIZE"
transfer "both ways at once" "encap decap" \
	on client traffic tcp -u "$SIZE" -d "$SIZE" $HOST6 5000
check "the server saw no mistake" served 5000
check_eq "nothing was found changed" "$(stat41 .evictions.result)" 0
check_audits
check_no_leaks
finish
