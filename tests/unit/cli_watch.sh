#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# flow41 handshakes and flow41 monitor, with the kernel that fake_kernel.c and
# fake_watch.c play.
#
#   cli_watch.sh BUILD
set -u

# shellcheck source=tests/unit/cli_lib.sh
. ./cli_lib.sh "$@"

who='[2001:db8:1::2]:41000 > [2001:db8:2::80]:80'
outer='outer 192.0.2.2 > 203.0.113.2'
lost='ack_lost_inside: the ACK came in but did not leave: this box lost it'
left='quarantined to the software path for another'
blame='healed: it completed on the software path; the cache was to blame'
ladder='        0.000  SYN      -->  br-lan -> wan      software
        0.004  SYN/ACK  <--  wan    -> br-lan   software
        0.006  ACK      -->  br-lan -> nowhere  fast
        1.021  SYN/ACK  <--  wan    -> br-lan   software  repeated
          ...  3 more
    65535.999  ACK      -->  br-lan -> nowhere  fast      repeated
    '$lost'
    '$left' 58 s'

json_who='"src":"2001:db8:1::2","sport":41000,"dst":"2001:db8:2::80","dport":80'
json_outer='"outer_src":"192.0.2.2","outer_dst":"203.0.113.2"'
json_syn='{"time_ms":0,"segment":"SYN","from":"client","dev_in":"br-lan","dev_out":"wan","left":true,"path":"software","repeated":false}'
json_underway='{'$json_who',"tunnel":"6in4",'$json_outer',"state":"synack","age_ms":4,"stalled":false,"segments":['$json_syn',{"time_ms":4,"segment":"SYN/ACK","from":"server","dev_in":"wan","dev_out":"","left":false,"path":"software","repeated":false}],"skipped":0,"verdict":"","sentence":"","repeats":0,"quarantined":false,"quarantine_left_ms":0,"healed":false}'
stalled_keys=$json_who',"tunnel":"",'$json_outer',"state":"ack","age_ms":3180,"stalled":true,"segments":['$json_syn',{"time_ms":4,"segment":"SYN/ACK","from":"server","dev_in":"wan","dev_out":"br-lan","left":true,"path":"software","repeated":false},{"time_ms":6,"segment":"ACK","from":"client","dev_in":"br-lan","dev_out":"","left":false,"path":"fast","repeated":false},{"time_ms":1021,"segment":"SYN/ACK","from":"server","dev_in":"wan","dev_out":"br-lan","left":true,"path":"software","repeated":true},{"time_ms":65535999,"segment":"ACK","from":"client","dev_in":"br-lan","dev_out":"","left":false,"path":"fast","repeated":true}],"skipped":3,"verdict":"ack_lost_inside","sentence":"the ACK came in but did not leave: this box lost it","repeats":5,"quarantined":true,"quarantine_left_ms":57001,"healed":false'
healed_keys=$json_who',"tunnel":"",'$json_outer',"state":"completed","age_ms":4000,"stalled":true,"segments":['$json_syn'],"skipped":7,"verdict":"from_the_future","sentence":"","repeats":1,"quarantined":true,"quarantine_left_ms":1000,"healed":true'
nothing_keys='"src":"","sport":0,"dst":"","dport":0,"tunnel":"","outer_src":"","outer_dst":"","state":null,"age_ms":0,"stalled":false,"segments":[],"skipped":0,"verdict":"","sentence":"","repeats":0,"quarantined":false,"quarantine_left_ms":0,"healed":false'

test_handshakes() {
	gives 0 "$who  via 6in4  synack, 0.0 s
$who  $outer  stalled, 3.1 s
$ladder" "" handshakes
	gives 0 "$who  $outer  stalled, 3.1 s
$ladder" "" handshakes stalled
	gives 0 "[$json_underway,{$stalled_keys}]" "" -j handshakes
	gives 0 "[{$stalled_keys}]" "" -j handshakes stalled
	FAKE_HANDSHAKES=underway gives 0 "$who  via 6in4  synack, 0.0 s
        0.000  SYN      -->  br-lan -> wan      software
        0.004  SYN/ACK  <--  wan    -> nowhere  software" "" -s handshakes
	FAKE_HANDSHAKES=underway gives 0 "" "" handshakes stalled
	FAKE_HANDSHAKES=underway gives 0 "[]" "" -j handshakes stalled
	FAKE_HANDSHAKES=healed gives 0 \
		"$who  $outer  completed after a stall, 4.0 s
        0.000  SYN      -->  br-lan -> wan  software
          ...  7 more
    from_the_future
    $left 1 s
    $blame" "" handshakes
	FAKE_HANDSHAKES=healed gives 0 "[{$healed_keys}]" "" -j handshakes
}

# A kernel that is newer, older or mistaken.
test_strange_handshakes() {
	FAKE_HANDSHAKES=nothing gives 0 "[]:0 > []:0  watched, 0.0 s" "" \
		handshakes
	FAKE_HANDSHAKES=nothing gives 0 "[{$nothing_keys}]" "" -j handshakes
	FAKE_HANDSHAKES=strange gives 0 '[]:0 > []:0  stalled, 0.0 s
        0.000           ---          -> nowhere  software
        0.000           ---  w"n\x01 -> nowhere  software' "" handshakes
	FAKE_HANDSHAKES=none gives 0 "" "" handshakes
	FAKE_HANDSHAKES=none gives 0 "[]" "" -j handshakes
}

test_interrupted() {
	local warning="flow41: warning: the table kept changing:"
	warning="$warning handshakes may be missing or doubled"

	FAKE_INTERRUPTED=3 gives 0 "[{$stalled_keys}]" "" -j handshakes stalled
	FAKE_INTERRUPTED=4 gives 0 "[{$stalled_keys}]" "$warning" \
		-j handshakes stalled
}

# As gives, with a time of day at the start of lines made TIME
reports() {
	local status out err want=$1 want_out=$2 want_err=$3
	shift 3

	run "$@"
	out=$(sed -E 's/^[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{3} /TIME /
		s/"time":"20[0-9]{2}-[01][0-9]-[0-3][0-9]T[0-9:]{8}\.[0-9]{3}Z"/TIME/' \
		"$work/out")
	is "$FAKE_EVENTS: flow41 $*: exit status" "$status" "$want"
	is "$FAKE_EVENTS: flow41 $*: output" "$out" "$want_out"
	is "$FAKE_EVENTS: flow41 $*: error" "$err" "$want_err"
}

flow='dev wan tunnel 6in4 outer-src 198.51.100.1 outer-dst 192.0.2.1 src 2001:db8:2::80 dst 2001:db8:1::2 proto tcp sport 443 dport 40000'
json_flow='"dev_in":"wan","dev_out":null,"tunnel":"6in4","outer_src":"198.51.100.1","outer_dst":"192.0.2.1","src":"2001:db8:2::80","dst":"2001:db8:1::2","proto":"tcp","sport":443,"dport":40000,"settling":false'
admitted="TIME flow admitted: role decap $flow"
evicted="TIME flow evicted (idle: no packet in either direction for idle-timeout): role decap $flow packets 12 bytes 3456 age-ms 0 idle-ms 0 audits 0"
stalled="TIME WARNING handshake $who  $outer  stalled, 3.1 s; $lost; $left 58 s"
healed="TIME CRITICAL handshake $who  $outer  completed after a stall, 4.0 s; from_the_future; $left 1 s; $blame"
full='the table holds max-flows flows: more connections use the software path'
overrun='events came faster than they could be read: some are missing'
unknown='an alert that this tool does not know: it is older than the module'

test_monitor() {
	export FAKE_EVENTS="admitted stalled evicted healed full overrun strange"

	reports 0 "$admitted
$stalled
$evicted
$healed
TIME WARNING $full
TIME WARNING $overrun
TIME WARNING $unknown" "" monitor
	reports 0 "$admitted
$evicted
TIME WARNING $overrun" "" monitor flows
	reports 0 "$stalled
$healed
TIME WARNING $full
TIME WARNING $overrun
TIME WARNING $unknown" "" monitor alerts
	reports 0 '{TIME,"event":"flow_admitted","level":"info","role":"decap",'"$json_flow"',"packets":0,"bytes":0,"age_ms":0,"idle_ms":0,"audits":0}
{TIME,"event":"stalled","level":"warning",'"$stalled_keys"'}
{TIME,"event":"flow_evicted","level":"info","reason":"idle","sentence":"no packet in either direction for idle-timeout","role":"decap",'"$json_flow"',"packets":12,"bytes":3456,"age_ms":0,"idle_ms":0,"audits":0}
{TIME,"event":"healed","level":"critical",'"$healed_keys"'}
{TIME,"event":"table_full","level":"warning","sentence":"'"$full"'"}
{TIME,"event":"overrun","level":"warning","sentence":"'"$overrun"'"}
{TIME,"event":"unknown","level":"warning","sentence":"'"$unknown"'"}' \
		"" -j monitor flows alerts
	FAKE_EVENTS=stalled reports 0 \
		"TIME WARNING handshake $who  $outer  stalled, 3.1 s
$ladder" "" -s monitor
	FAKE_EVENTS="bare news" reports 0 "TIME flow evicted: role encap dev  outer-src 0.0.0.0 outer-dst 0.0.0.0 src :: dst :: proto 0 sport 0 dport 0 packets 0 bytes 0 age-ms 0 idle-ms 0 audits 0" "" monitor
	FAKE_EVENTS="" reports 0 "" "" monitor
}

mismatched='a packet left by software in another way than the cache would have sent it'
dropped='the software path did not let through what the cache would have sent'

test_audit() {
	local flow=${admitted#*admitted: }

	FAKE_EVENTS="mismatched lost" reports 0 "TIME CRITICAL $mismatched: $flow
    differs device: the device it leaves by
    differs mark: the mark
    differs from_the_future: 
    cached length 1480 dev lan mark 0 priority 0 6000ab07
    software length 1480 dev dmz mark 7 priority 0 6000ab07
TIME WARNING $dropped: $flow" "" monitor alerts
	FAKE_EVENTS="mismatched lost" reports 0 '{TIME,"event":"audit_mismatched","level":"critical","sentence":"'"$mismatched"'","role":"decap",'"$json_flow"',"differs":["device","mark","from_the_future"],"cached":{"length":1480,"dev":"lan","mark":0,"priority":0,"header":"6000ab07"},"software":{"length":1480,"dev":"dmz","mark":7,"priority":0,"header":"6000ab07"}}
{TIME,"event":"audit_lost","level":"warning","sentence":"'"$dropped"'","role":"decap",'"$json_flow"',"differs":[]}' "" -j monitor alerts
}

test_unloaded() {
	local gone="flow41: the flow41 module was unloaded: no more events"

	FAKE_EVENTS="admitted unloaded stalled" reports 1 "$admitted" "$gone" \
		monitor
	FAKE_EVENTS="other loaded stalled" reports 0 "$stalled" "" monitor
}

test_join() {
	local eperm="flow41: permission denied: this needs CAP_NET_ADMIN"
	local old="flow41: the module does not announce alerts:"

	export FAKE_EVENTS=admitted
	FAKE_GROUP=17 FAKE_ERROR=1 reports 1 "" "$eperm" monitor
	FAKE_GROUP=18 FAKE_ERROR=1 reports 1 "" "$eperm" -j monitor alerts
	FAKE_GROUP=18 FAKE_ERROR=1 reports 0 "$admitted" "" monitor flows
	FAKE_GROUP=17 FAKE_ERROR=2 reports 1 "" \
		"flow41: netlink: joining a group: No such file or directory" \
		monitor
	FAKE_OLD=1 reports 1 "" "$old load the one of version $version" monitor
	FAKE_OLD=1 reports 0 "$admitted" "" monitor flows
}

ends() { # $1 = name, $2 = wanted exit status, rest = command
	local name=$1 want=$2
	shift 2

	timeout 20 "$@" 2>"$work/err"
	is "$name: exit status" $? "$want"
	is "$name: error" "$(cat "$work/err")" ""
}

until_soon() { # a command succeeds
	local tries=200

	until "$@" || [ $((tries -= 1)) = 0 ]; do
		sleep 0.05
	done
}

sleeps_with() { # $1 = process, $2 = the signals it blocks
	grep -qs "^State:.S" "/proc/$1/status" &&
		grep -qs "^SigBlk:.*$2\$" "/proc/$1/status"
}

# A reader that takes no more, but does not leave either
test_stuck() {
	local pid

	mkfifo "$work/stuck"
	exec 9<>"$work/stuck"
	dd if=/dev/zero of="$work/stuck" oflag=nonblock bs=4096 2>/dev/null
	"$tool" monitor flows >"$work/stuck" 2>"$work/err" 9<&- &
	pid=$!
	until_soon sleeps_with $pid 4002
	kill -TERM $pid
	until_soon grep -qs "^State:.Z" /proc/$pid/status
	kill -KILL $pid 2>/dev/null
	wait $pid 2>/dev/null
	is "the reader is stuck: SIGTERM ends it" $? 143
	exec 9<&-
}

# A reader that leaves, at once or later, and signals
test_end() {
	local signal pid

	export FAKE_EVENTS="admitted stalled evicted" FAKE_STAY=1
	# shellcheck disable=SC2016 # bash -c
	ends "a reader that takes one line" 0 bash -c \
		'set -o pipefail; "$0" -j monitor | head -n 1 >/dev/null' "$tool"
	# shellcheck disable=SC2016
	ends "a reader that takes none" 0 bash -c \
		'set -o pipefail; FAKE_EVENTS= "$0" monitor | true' "$tool"
	FAKE_EVENTS=hangup ends "a reader that leaves just before a line" 0 \
		"$tool" monitor
	FAKE_EVENTS=admitted
	for signal in INT TERM; do
		rm "$work/out"
		"$tool" monitor flows >"$work/out" 2>"$work/err" &
		pid=$!
		until_soon [ -s "$work/out" ]
		kill -$signal $pid
		wait $pid
		is "SIG$signal: exit status" $? 0
		is "SIG$signal: the line was out at once" \
			"$(wc -l <"$work/out")" 1
	done
	test_stuck
	unset FAKE_STAY
	"$tool" monitor >/dev/full 2>"$work/err"
	is "monitor, disk full: exit status" $? 1
	has "monitor, disk full: error" "$(cat "$work/err")" \
		"cannot write the output: No space left on device"
}

test_valid_lines() {
	if ! command -v python3 >/dev/null; then
		result 0 "valid JSON lines # SKIP no python3"
		return
	fi
	export FAKE_EVENTS="admitted stalled evicted bare healed full overrun"
	"$tool" -j monitor | python3 -c \
		'import json, sys; n = [json.loads(line) for line in sys.stdin]
sys.exit(len(n) != 7)'
	result $? "flow41 -j monitor: a valid JSON object in each line"
}

echo "TAP version 13"
tool=$build/flow41-fake
export FAKE_VERSION=$version
test_handshakes
test_strange_handshakes
test_interrupted
test_monitor
test_audit
test_unloaded
test_join
test_end
test_valid_lines
plan
