# SPDX-License-Identifier: GPL-2.0
# What the scenarios share: TAP, waiting, processes, traffic; with counters.sh
# and captures.sh.  The topology and its drawing are in topo.sh.  Sourced, inside
# the guest only.
#
# A scenario prints one "ok" or "not ok" for each thing it checks, and ends with
# "finish".  A variant of a scenario sets some variables and sources it.
# shellcheck shell=bash

grep -q flow41_token /proc/cmdline || {
	echo "Bail out! this changes the machine's network: for the test guest only"
	exit 99
}

NET_DIR=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
NAME=$(basename "$0" .sh)
T=$(mktemp -d "/tmp/$NAME.XXXXXX")
TESTS=0
FAILED=0
CHECKING=

# How many times slower than a stock kernel this one is (SLOW of tests/qemu/run.sh):
# there is less traffic then, and more patience; what is checked stays the same
SLOW=$(sed -n 's/.*flow41_slow=\([0-9]*\).*/\1/p' /proc/cmdline)

fewer()	# NUMBER: packets or bytes, as many as take the time on a slow kernel
{
	echo $(($1 / ${SLOW:-1}))
}

kernel_since()	# VERSION: this one is not older
{
	[ "$(printf '%s\n' "$1" "$(uname -r)" | sort -V | head -1)" = "$1" ]
}

# ---- TAP

diag()
{
	printf '%s\n' "$*" | sed 's/^/# /'
}

pass()	# WHAT
{
	echo "ok $((++TESTS)) - $NAME: $*"
}

fail()	# WHAT
{
	FAILED=$((FAILED + 1))
	echo "not ok $((++TESTS)) - $NAME: $*"
}

skip()	# WHAT WHY
{
	echo "ok $((++TESTS)) - $NAME: $1 # SKIP $2"
}

# check WHAT COMMAND...: ok if it succeeds; what it printed is shown if not.  After a
# mistake in an expression the shell goes on behind the scenario's line: see finish
check()
{
	local what=$1 rc=0

	shift
	CHECKING=$what
	"$@" >"$T/check" 2>&1 || rc=$?
	CHECKING=
	if [ $rc -eq 0 ]; then
		pass "$what"
		return 0
	fi
	fail "$what"
	diag "exit status $rc: $*"
	tail -40 "$T/check" | sed 's/^/#   /'
	return 1
}

# need WHAT COMMAND...: as check, but without it there is no point in going on
need()
{
	check "$@" && return
	show_state
	finish
}

# refuse WHAT COMMAND...: ok if it fails
refuse()
{
	local what=$1

	shift
	check "$what" not "$@"
}

not()
{
	! "$@"
}

# check_num WHAT LEFT OP RIGHT, with the operators of [ ]
check_num()
{
	if test "$2" "$3" "$4"; then
		pass "$1 ($2)"
		return 0
	fi
	fail "$1"
	diag "expected $2 $3 $4"
	return 1
}

# check_eq WHAT GOT WANTED
check_eq()
{
	if [ "$2" = "$3" ]; then
		pass "$1"
		return 0
	fi
	fail "$1"
	diag "got:    $2"
	diag "wanted: $3"
	return 1
}

skip_all()	# WHY
{
	trap - EXIT
	echo "1..0 # SKIP $NAME: $*"
	cleanup
	exit 0
}

finish()
{
	trap - EXIT
	if [ -n "$CHECKING" ]; then
		fail "$CHECKING: broken off"
		sed 's/^/#   /' "$T/check"
	fi
	cleanup
	echo "1..$TESTS"
	exit $((FAILED > 0))
}

ended_early()
{
	fail "ended early"
	show_state
	cleanup
	exit 1
}

cleanup()
{
	topo_down
	rm -rf "$T"
}

# What someone who has only the log wants to see
show_state()
{
	local ns

	for ns in $TOPO_UP; do
		ip -n "$ns" -j -s link | jq -r --arg ns "$ns" '.[] |
			select(.stats64.rx.packets + .stats64.tx.packets > 0) |
			"# \($ns) \(.ifname) \(.operstate) mtu \(.mtu)" +
			" rx \(.stats64.rx.packets) err \(.stats64.rx.errors) drop \(.stats64.rx.dropped)" +
			" tx \(.stats64.tx.packets) err \(.stats64.tx.errors) drop \(.stats64.tx.dropped)"'
	done
	[ ! -d /sys/module/flow41 ] || f41 stats 2>&1 | sed 's/^/# /'
}

trap ended_early EXIT
trap 'exit 124' TERM

# ---- waiting

# wait_for SECONDS COMMAND...: until it succeeds
wait_for()
{
	local end=$((SECONDS + $1 * (SLOW > 1 ? 4 : 1)))

	shift
	until "$@" >/dev/null 2>&1; do
		[ $SECONDS -lt $end ] || return 1
		sleep 0.05
	done
}

# ---- processes: started with a name, stopped by it or at the end

declare -A PIDS

# start NAME COMMAND...; "on NS" in front is welcome: the process is the program
# itself, not a shell that waits for it
start()
{
	local name=$1

	shift
	if [ "$1" = on ]; then
		set -- nsenter --net="/run/netns/${TOPO:-}$2" "${@:3}"
	fi
	"$@" &
	PIDS[$name]=$!
}

running()	# NAME
{
	[ -n "${PIDS[$1]:-}" ] && kill -0 "${PIDS[$1]}" 2>/dev/null
}

join()	# NAME: wait for its end; its exit status
{
	local pid=${PIDS[$1]}

	wait_for 60 not running "$1" || return 1
	unset "PIDS[$1]"
	wait "$pid"
}

stop()	# NAME [SIGNAL]
{
	local pid=${PIDS[$1]:-}

	[ -n "$pid" ] || return 0
	unset "PIDS[$1]"
	kill "-${2:-TERM}" "$pid" 2>/dev/null
	wait "$pid" 2>/dev/null
	return 0
}

stop_all()
{
	local name

	for name in "${!PIDS[@]}"; do
		stop "$name" KILL
	done
}

# ---- namespaces

# on NS COMMAND...: a program (not a shell function) in a namespace
on()
{
	local ns=${TOPO:-}$1

	shift
	nsenter --net="/run/netns/$ns" "$@"
}

listening()	# NS tcp|udp PORT
{
	[ -n "$(on "$1" ss -Hln "--$2" "sport = :$3")" ]
}

# ---- traffic

# payload BYTES: a file of that many random bytes, the same all through a scenario
payload()
{
	local f=$T/payload.$1

	[ -f "$f" ] || head -c "$1" /dev/urandom >"$f"
	echo "$f"
}

sum()	# FILE
{
	sha256sum <"$1" | cut -d' ' -f1
}

same()	# FILE FILE: same bytes, told by their checksums
{
	[ "$(sum "$1")" = "$(sum "$2")" ] && return
	ls -l "$1" "$2"
	return 1
}

# tcp_send FROM TO ADDRESS PORT BYTES: over netcat; true if the checksum is right
tcp_send()
{
	local from=$1 to=$2 addr=$3 port=$4 file got=$T/got.$4

	file=$(payload "$5")
	start "ncat-$port" on "$to" ncat -l "$addr" "$port" --recv-only >"$got"
	wait_for 10 listening "$to" tcp "$port" || return 1
	on "$from" timeout 60 ncat --send-only "$addr" "$port" <"$file" || return 1
	wait_for 10 not kill -0 "${PIDS[ncat-$port]}"
	stop "ncat-$port"
	same "$file" "$got"
}

# http_serve NS ADDRESS PORT: serves the payloads
http_serve()
{
	start "httpd-$3" on "$1" busybox httpd -f -p "[$2]:$3" -h "$T"
	wait_for 10 listening "$1" tcp "$3"
}

# http_get NS ADDRESS PORT BYTES: true if the checksum is right
http_get()
{
	local got=$T/got.http.$BASHPID

	on "$1" curl -sS -g --max-time "${HTTP_TIME:-60}" -o "$got" \
		"http://[$2]:$3/payload.$4" || return 1
	same "$T/payload.$4" "$got"
}

# serve tcp|udp NS ADDRESS PORT [options]: the server half of traffic.c
serve()
{
	local kind=$1 ns=$2 addr=$3 port=$4

	shift 4
	start "serve-$port" on "$ns" traffic "$kind-serve" "$@" "$addr" "$port" \
		>"$T/serve-$port"
	wait_for 10 listening "$ns" "$kind" "$port"
}

# served PORT: the server ends and says what it saw; false if it saw mistakes
served()
{
	kill "${PIDS[serve-$1]}"
	join "serve-$1" && cat "$T/serve-$1"
}

# send NAME NS tcp|udp [options] ADDRESS PORT: the client half, in the background
send()
{
	start "$1" on "$2" traffic "${@:3}" >"$T/$1"
}

# A client with -g "$T/gate" has come to a gate, and may go on
at_gate()	# NUMBER
{
	[ -e "$T/gate.at.$1" ]
}

open_gate()	# NUMBER
{
	: >"$T/gate.$1"
}

# said NAME WORD: the figure after that word in what a client or server said
said()
{
	local words

	read -ra words <"$T/$1"
	for ((i = 0; i < ${#words[@]}; i++)); do
		[ "${words[i]}" != "$2" ] || echo "${words[i + 1]}"
	done
}

ping6()	# NS ADDRESS [ping's options]
{
	local ns=$1 addr=$2

	shift 2
	on "$ns" ping -6 -n -q -c 1 -W 2 "$@" "$addr"
}

# ---- flow41

have_flow41()
{
	modinfo flow41 >/dev/null 2>&1 && type -P flow41 >/dev/null
}

have_pppoe()	# s390x's kernel has not
{
	modinfo pppoe >/dev/null 2>&1
}

need_flow41()
{
	have_flow41 || skip_all "no flow41 in this guest"
	need "the module loads" modprobe flow41
}

f41()	# the tool, on the CPE
{
	flow41 -n "${TOPO:-}cpe" "$@"
}

unload()
{
	rmmod flow41 && [ ! -d /sys/module/flow41 ]
}

# check_no_leaks: with the topology still up or already gone, flow41 goes away
# and takes everything along.  Where the software path was made to do otherwise, or the
# cache, on purpose, OTHERWISE=1
check_no_leaks()
{
	have_flow41 || return 0
	if [ -e "/run/netns/${TOPO:-}cpe" ]; then
		[ -n "${OTHERWISE:-}" ] ||
			check_eq "no audit found anything otherwise" "$(stat41 .audit.mismatched)" 0
		f41 disable 2>/dev/null
	fi
	check "the module unloads" wait_for 10 unload
	topo_down
	check "the namespaces are gone, nothing holds a device" wait_for 10 netns_gone
}

# Dead namespaces are cleaned up by a kernel thread; a reference left behind
# keeps their devices and makes the kernel say so
netns_gone()
{
	[ -z "$(ip netns list)" ] &&
		! dmesg | grep -q 'unregister_netdevice: waiting'
}

# shellcheck source=tables.sh
. "$NET_DIR/tables.sh"
# shellcheck source=counters.sh
. "$NET_DIR/counters.sh"
# shellcheck source=captures.sh
. "$NET_DIR/captures.sh"
# shellcheck source=topo.sh
. "$NET_DIR/topo.sh"
