# SPDX-License-Identifier: GPL-2.0
# Conversations: traffic that goes on while things happen to it (talk.c).
# Each message and each answer is one packet; both are compared byte for byte.
# Sourced after lib.sh.  With TOPO set, a conversation's name begins with it, and
# "all" are those of that topology.
# shellcheck shell=bash

declare -A TALKS

talks()	# [tcp|udp]: the names of all
{
	local name

	for name in "${!TALKS[@]}"; do
		[[ $name == "${TOPO:-}"* && ${TALKS[$name]} == "${1:-}"* ]] && echo "$name"
	done
	return 0
}

# talk NAME tcp|udp [options] FROM TO ADDRESS PORT: starts one, true once it goes
talk()
{
	local name=${TOPO:-}$1 proto=$2 from=${*: -4:1} to=${*: -3:1} addr=${*: -2:1} port=${*: -1}

	if [ -z "${PIDS[echo-${TOPO:-}$to-$addr-$port]:-}" ]; then
		start "echo-${TOPO:-}$to-$addr-$port" on "$to" talk serve "$addr" "$port"
		wait_for 10 answering "$to" "$addr" "$port" || return 1
	fi
	TALKS[$name]=$proto
	rm -f "$T/talk.$name"
	start "talk-$name" on "$from" talk "${@:2:$#-5}" "$addr" "$port" \
		"$T/talk.$name" 2>"$T/talk.$name.err"
	goes_on "$name" 5
}

answering()	# NS ADDRESS PORT
{
	[ -n "$(on "$1" ss -Hltn "src [$2]:$3")" ]
}

hush()	# NAME...: ends them
{
	local name

	for name; do
		stop "talk-$name"
		unset "TALKS[$name]"
	done
}

# asleep, awake NAME...: the asking side stops to ask, asks again
asleep()
{
	local name

	for name; do
		kill -STOP "${PIDS[talk-$name]}" || return 1
	done
}

# silent: with all asleep, nothing is on its way any more, however slow the other side
silent()
{
	[ "$(f41 -j flows | jq 'all(.[]; .idle_ms > 1000)')" = true ]
}

awake()
{
	local name

	for name; do
		kill -CONT "${PIDS[talk-$name]}" || return 1
	done
}

sent()	# NAME
{
	local figures

	read -ra figures <"$T/talk.$1"
	echo "${figures[0]:-0}"
}

answered()	# NAME
{
	local figures

	read -ra figures <"$T/talk.$1"
	echo "${figures[1]:-0}"
}

beyond()	# sent|answered NAME COUNT
{
	[ "$($1 "$2")" -ge "$3" ]
}

# goes_on NAME [COUNT]: so many more answers come
goes_on()
{
	local from=0

	[ ! -s "$T/talk.$1" ] || from=$(answered "$1")
	wait_for 20 beyond answered "$1" $((from + ${2:-10})) && return
	echo "$1: $(answered "$1") answered, was $from"
	cat "$T/talk.$1.err"
	return 1
}

# all_go_on [COUNT]
all_go_on()
{
	local name

	for name in $(talks); do
		goes_on "$name" "${1:-10}" || return 1
	done
}

# in_vain NAME [COUNT]: so many more messages are sent and not one is answered;
# those that were on their way may be.  UDP only.
in_vain()
{
	local from before

	from=$(sent "$1")
	wait_for 10 beyond sent "$1" $((from + 2)) || return 1
	from=$(sent "$1")
	before=$(answered "$1")
	wait_for 20 beyond sent "$1" $((from + ${2:-5})) || return 1
	[ "$(answered "$1")" -eq "$before" ] && return
	echo "$1: answered although nothing should come through"
	return 1
}

# One round of all conversations, all of it on the fast path?  The firewall's
# counters have to agree.  What is counted encloses what was answered.
round_is_fast()
{
	local e d s n

	mark_counters
	n=$(total_answered)
	all_go_on || return 1
	n=$(($(total_answered) - n))
	take_counters
	e=$(since_mark fast encap)
	d=$(since_mark fast decap)
	s=$(($(since_mark soft encap) + $(since_mark soft decap)))
	echo "$n answered; fast: $e encap, $d decap; through the firewall: $s"
	[ $e -ge $n ] && [ $d -ge $n ] && [ $s -le $((n / 10)) ]
}

total_answered()
{
	local name sum=0

	for name in $(talks); do
		sum=$((sum + $(answered "$name")))
	done
	echo $sum
}

# carried: all conversations are on the fast path, soon
carried()
{
	local end=$((SECONDS + 20))

	all_go_on 5 || return 1
	until round_is_fast; do
		[ $SECONDS -lt $end ] || return 1
	done
}

# not_carried: none is, although all go on
not_carried()
{
	local role

	mark_counters
	all_go_on || return 1
	take_counters
	for role in encap decap; do
		[ "$(since_mark fast $role)" = 0 ] &&
			[ "$(since_mark soft $role)" -gt 0 ] || return 1
	done
}

evicted()	# REASON, or any
{
	case $1 in
	any) stat41 ".evictions | add" ;;
	*) stat41 ".evictions.$1" ;;
	esac
}

evicted_since()	# REASON COUNT
{
	[ "$(evicted "$1")" -gt "$2" ]
}

# event WHAT REASON COMMAND...: something happens to the conversations that makes
# flow41 forget their flows for that reason; all goes on and is cached again
event()
{
	local what=$1 reason=$2 before

	shift 2
	before=$(evicted $reason)
	check "$what" "$@"
	check "$what: flows are evicted ($reason)" wait_for 5 evicted_since $reason $before
	check "$what: traffic goes on, carried again" carried
}

# strike WHAT REASON COMMAND...: something happens that gets in the way of the
# conversations; flows are evicted for that reason.  Over TCP nobody says anything
# from here on to "heal": it would wait for ever longer.
strike()
{
	local what=$1 reason=$2 before

	shift 2
	# shellcheck disable=SC2046	# one word each
	asleep $(talks tcp)
	goes_on "${TOPO:-}udp" || echo "# udp does not go on"
	before=$(evicted $reason)
	check "$what" "$@"
	check "$what: flows are evicted ($reason)" wait_for 5 evicted_since $reason $before
}

# mute WHAT REASON COMMAND...: a strike after which there are no answers any more
mute()
{
	strike "$@"
	check "$1: no answers" in_vain "${TOPO:-}udp"
}

# dam WHAT REASON COMMAND...: a strike after which nothing may get through to the
# host any more
dam()
{
	strike "$@"
	check "$1: capture" capture dam host eth0 ip6 dst $HOST6 and '(udp or tcp)'
	check "$1: no answers" in_vain "${TOPO:-}udp"
	capture_stop dam
	check_eq "$1: nothing reaches the host" "$(captured dam | head -3)" ""
}

# heal WHAT COMMAND...: what was in the way goes; traffic recovers by itself
heal()
{
	check "$@"
	# shellcheck disable=SC2046	# one word each
	awake $(talks tcp)
	check "$1: traffic recovers, carried again" carried
}

# in_turn CAPTURE PORT SED-EXPRESSION: what it makes of the packets to that port,
# each as tcpdump -ev has it but in one line, in their order, repeats left out
in_turn()
{
	captured "$1" -ev | sed -e ':a' -e '$!N' -e 's/\n  */ /;ta' -e 'P;D' |
		grep "[.]$2: " | sed -n "$3" | uniq | paste -sd' '
}

# talk_up: the usual opening: the topology, with what the command TALK_OVER adds to
# it, one UDP and one TCP conversation from client to host, both carried
talk_up()
{
	need_flow41
	need "topology up" topo_up
	[ -z "${TALK_OVER:-}" ] || need "$TALK_OVER" "$TALK_OVER"
	need "enable" f41 enable
	need "UDP goes" talk udp udp client host $HOST6 5001
	need "TCP goes" talk tcp tcp client host $HOST6 5002
	need "both are carried" carried
}

# talk_down: and the usual end, where NOTICED flows were found changed on purpose
talk_down()
{
	check_eq "nothing was found changed without notice" "$(evicted result)" "${NOTICED:-0}"
	# shellcheck disable=SC2046	# one word each
	hush $(talks)
	check_no_leaks
	finish
}
