# SPDX-License-Identifier: GPL-2.0
# Which path packets took: flow41's own figures, the firewall's, and those of inet,
# which forwards what is on the wire and knows nothing of flow41.  Sourced by lib.sh.
# shellcheck shell=bash

WATCHED=

hooked()	# so many devices are
{
	local names

	names=$(f41 -j status) || return
	names=${names#*\"devices\":[}
	names=${names%%]*}
	names=${names//[!,]/}${names:+,}
	[ ${#names} -eq "$1" ]
}

# warm_up: a first connection has the devices hooked; those after it are carried
# from their beginning.  To be repeated where nothing was carried for a while: unused
# devices are let go.  Its server, which stays, is host's TCP port 5000
warm_up()
{
	running serve-5000 || serve tcp host $HOST6 5000 || return 1
	on client traffic tcp $HOST6 5000 && wait_for 10 hooked 2
}

# ---- flow41's figures

# json_number .NAME[.NAME...] JSON: a number out of what the tool says; missing is 0.
# jq says the same (51-netlink), but takes six times as long to start as the tool does
json_number()
{
	local names json=$2 key name

	IFS=. read -ra names <<<"${1#.}"
	for name in "${names[@]::${#names[@]}-1}"; do
		key="\"$name\":{"
		[[ $json == *"$key"* ]] || json=
		json=${json#*"$key"}
	done
	[ ${#names[@]} -eq 1 ] || json=${json%%\}*}	# no further than this object
	key="\"${names[-1]}\":"
	[[ $json == *"$key"[0-9]* ]] || json=${key}0
	json=${json#*"$key"}
	echo "${json%%[!0-9]*}"
}

# stat41 JQ-FILTER: a figure out of "stats"; missing is 0
stat41()
{
	if [[ $1 =~ ^(\.[a-z0-9_]+)+$ ]]; then
		json_number "$1" "$(f41 -j stats)"
	else
		f41 -j stats | jq -r "($1) // 0"
	fi
}

fast()	# encap|decap|transit: packets on the fast path
{
	stat41 ".roles.$1.packets"
}

flows41()	# [flows' arguments]: how many
{
	f41 -j flows "$@" | jq length
}

flow_count()
{
	json_number .flows "$(f41 -j status)"
}

no_flows()
{
	[ "$(flow_count)" = 0 ]
}

punted()	# REASON
{
	stat41 ".punts.$1"
}

# ---- the firewall's, the wire's

# counter NS NAME: packets of a named counter
counter()
{
	packets_of "$2" "$(list_counters "$1")"
}

list_counters()	# NS
{
	have_nft || { tables_counters "$1"; return; }
	on "$1" nft list counters
}

packets_of()	# COUNTER LIST
{
	[[ $2 =~ counter\ $1\ \{[[:space:]]*packets\ ([0-9]+) ]] &&
		echo "${BASH_REMATCH[1]}"
}

# soft encap|decap: packets that went through the CPE's forward chain and could
# have been on the fast path
soft()
{
	counter cpe "$1"
}

# watch_wire: from now on, inet counts the tunnel's packets that it forwards
watch_wire()
{
	WATCHED=1
	have_nft || { tables_wire; return; }
	on inet nft -f - <<-EOF
		table ip wire {
			counter encap { }
			counter decap { }
			chain forward {
				type filter hook forward priority filter;
				ip protocol 41 iifname cpe0 counter name encap
				ip protocol 41 oifname cpe0 counter name decap
			}
		}
	EOF
}

# wire encap|decap: with watch_wire
wire()
{
	counter inet "$1"
}

# What is carried was compared now and then (if it took half a second), and not once was
# it otherwise
check_audits()
{
	diag "$(stat41 .audit.checked) packets were audited"
	check_eq "audits found nothing otherwise" "$(stat41 .audit.mismatched)" 0
	check_eq "nor lost" "$(stat41 .audit.lost)" 0
}

# ---- all of them

declare -A COUNT MARK

# COUNT[fast|soft|wire.ROLE]: all counters as they are now.  What the cache has sent
# and the firewall saw, too (an audit), is fast.  While traffic runs there may be an
# audit between two looks: "soft" is the least it can be, "most" the most
take_counters()
{
	local firewall wire='' role before after

	before=$(f41 -j stats)
	firewall=$(list_counters cpe)
	after=$(f41 -j stats)
	[ -z "$WATCHED" ] || wire=$(list_counters inet)
	for role in encap decap; do
		COUNT[fast.$role]=$(json_number .roles.$role.packets "$before")
		COUNT[most.$role]=$(($(packets_of $role "$firewall") - $(json_number .roles.$role.both_paths "$before")))
		COUNT[soft.$role]=$(($(packets_of $role "$firewall") - $(json_number .roles.$role.both_paths "$after")))
		COUNT[wire.$role]=$(packets_of $role "$wire")
	done
}

mark_counters()
{
	local which

	take_counters
	for which in "${!COUNT[@]}"; do
		MARK[$which]=${COUNT[$which]}
	done
	MARK[soft.encap]=${COUNT[most.encap]}
	MARK[soft.decap]=${COUNT[most.decap]}
}

# since_mark fast|soft|wire ROLE: what the last take_counters got
since_mark()
{
	echo $((COUNT[$1.$2] - MARK[$1.$2]))
}

# fast_share ROLE: percent of the packets that were on the fast path
fast_share()
{
	local f s

	f=$(since_mark fast "$1")
	s=$(since_mark soft "$1")
	diag "$1: $f fast, $s through the firewall" >&2
	echo $((f + s > 0 ? 100 * f / (f + s) : 0))
}

# check_fast WHAT PERCENT ROLE...: at least so many since mark_counters
check_fast()
{
	local what=$1 percent=$2 role

	shift 2
	take_counters
	for role; do
		check_num "$what: $role on the fast path, percent" \
			"$(fast_share "$role")" -ge "$percent" ||
			diag "$(f41 stats)"
	done
}

# check_wire WHAT REST ROLE...: with watch_wire, since mark_counters.  What both
# paths counted was on the wire, and so were REST packets more at most
# (handshakes, endings, ICMP)
check_wire()
{
	local what=$1 rest=$2 role wire counted

	shift 2
	take_counters
	for role; do
		wire=$(since_mark wire "$role")
		counted=$(($(since_mark fast "$role") + $(since_mark soft "$role")))
		check_num "$what: $role, what was counted was on the wire" \
			"$wire" -ge $counted
		check_num "$what: $role, and hardly more" \
			"$wire" -le $((counted + rest))
	done
}
