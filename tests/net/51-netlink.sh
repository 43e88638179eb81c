#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The netlink family and the tool against the live module, on the CPE of topo.sh:
# every command with every attribute wrong, by a client that shares no code with
# ours; what the unprivileged may and may not do; JSON with all its keys.
# shellcheck disable=SC2317	# functions that check calls

. "$(dirname "$0")/lib.sh"

# Its TAP lines become lines of this scenario
policy()
{
	local line

	on cpe netlink_policy >"$T/policy" 2>&1
	while read -r line; do
		case $line in
		ok*) pass "netlink: ${line#*- }" ;;
		"not ok"*) fail "netlink: ${line#*- }" ;;
		1..*) ;;
		*) diag "$line" ;;
		esac
	done <"$T/policy"
	check_num "netlink: cases" "$(grep -c '^ok' "$T/policy")" -ge 300
}

as_nobody()	# COMMAND...: without privilege, in the CPE's namespace
{
	on cpe setpriv --reuid=65534 --regid=65534 --clear-groups "$@"
}

refused()	# COMMAND...: exit status 1, and a message that says what is missing
{
	local rc=0

	as_nobody "$@" >"$T/refused" 2>&1 || rc=$?
	cat "$T/refused"
	[ $rc -eq 1 ] && grep -qi 'CAP_NET_ADMIN\|permi' "$T/refused"
}

# json COMMAND... -- FILTER: jq's filter is true of what the command prints
json()
{
	local words=()

	while [ "$1" != -- ]; do
		words+=("$1")
		shift
	done
	f41 -j "${words[@]}" | tee "$T/json" | jq -e "$2" && return
	cat "$T/json"
	return 1
}

# figures_agree COMMAND COUNT: json_number and jq say the same of each figure, so many at
# least, when no two are alike, and of what only another object has
figures_agree()
{
	local json path number count=0

	json=$(f41 -j "$1" | jq -c '[paths(type == "number")] as $p |
		reduce range($p | length) as $i (.; setpath($p[$i]; $i + 1))')
	while read -r path number; do
		count=$((count + 1))
		[ "$(json_number "$path" "$json")" = "$number" ] && continue
		echo "$path: not $number in $json"
		return 1
	done < <(jq -r 'paths(type == "number") as $p | select(all($p[]; type == "string")) |
		"." + ($p | join(".")) + " " + (getpath($p) | tostring)' <<<"$json")
	[ $count -ge "$2" ] && [ "$(json_number .roles.encap.not_established "$json")" = 0 ]
}

status_keys='.enabled == true and (.flows | type == "number") and
	(.max_flows | type == "number") and (.version | type == "string") and
	(.devices | sort == ["lan0", "wan0"])'
flow_keys='length >= 2 and all(.[];
	(.role | IN("encap", "decap")) and (.dev_in | IN("lan0", "wan0")) and
	has("dev_out") and .tunnel == "tun6" and
	all(.outer_src, .outer_dst, .src, .dst, .proto; type == "string") and
	all(.sport, .dport, .packets, .bytes, .age_ms, .idle_ms, .audits;
		type == "number"))'
stats_keys='([.roles.encap, .roles.decap][] |
	all(.packets, .bytes, .flows_admitted; type == "number")) and
	(.punts | length > 20 and all(type == "number")) and
	(.evictions | length > 10 and all(type == "number")) and
	([.audit.checked, .audit.mismatched, .audit.lost] | all(type == "number")) and
	(.handshakes | [.seen, .completed, .dup_synack, .ack_never_seen,
		.ack_lost_inside, .ack_left, .quarantined, .healed] |
		all(type == "number"))'

need_flow41
need "topology up" topo_up
policy
check "enable" f41 enable
payload 65536 >/dev/null
need "web server" http_serve host $HOST6 8000
check "a download" http_get client $HOST6 8000 65536
check "the devices are hooked" wait_for 5 json status -- "$status_keys"

start keep on client bash -c "exec 3<>/dev/tcp/$HOST6/8000; read -r -t 60 <&3"
check "a connection stays" wait_for 10 json flows -- 'length >= 2'
check "keys of status" json status -- "$status_keys"
check "keys of flows" json flows -- "$flow_keys"
check "keys of stats" json stats -- "$stats_keys"
check "the scenarios' reader of figures agrees with jq: stats" figures_agree stats 30
check "and of status" figures_agree status 5
check_eq "pretty JSON is the same JSON" "$(f41 -j -p status | jq -cS 'del(.flows)')" \
	"$(f41 -j status | jq -cS 'del(.flows)')"

check "nobody may see the status" as_nobody flow41 status
check "nobody may see the counters" as_nobody flow41 -j stats
for command in flows flush enable disable "set max-flows 10"; do
	# shellcheck disable=SC2086
	check "nobody may not: $command" refused flow41 $command
done
check_eq "still on" "$(f41 -j status | jq .enabled)" true

# Kernels before 5.10.204 let anybody join
start nobody on cpe setpriv --reuid=65534 --regid=65534 --clear-groups \
	flow41 monitor >"$T/nobody" 2>/dev/null
start admin on cpe flow41 monitor >"$T/admin"
heard()
{
	http_get client $HOST6 8000 65536 && [ -s "$T/admin" ]
}
check "who may hears of a connection" wait_for 10 heard
check_eq "and nobody of none" "$(cat "$T/nobody")" ""
stop nobody
stop admin
stop keep KILL
check_no_leaks

check "the parameter switches it on" modprobe flow41 enabled=1
ip netns add fresh
check_eq "also in a new namespace" "$(flow41 -n fresh -j status | jq .enabled)" true
ip netns del fresh
check "unload" wait_for 10 unload
check "the tool brings the module along" flow41 status
check_eq "which is off then" "$(flow41 -j status | jq .enabled)" false
check "unload again" wait_for 10 unload
finish
