#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The flow41 tool without the module: help, usage, exit status, and, with a
# kernel that is played by fake_kernel.c, its text and JSON.
#
#   cli.sh BUILD
set -u

# shellcheck source=tests/unit/cli_lib.sh
. ./cli_lib.sh "$@"

test_help() {
	local option

	for option in -h --help help he hel; do
		run "$option"
		is "flow41 $option: exit status" "$status" 0
		has "flow41 $option: output" "$out" "Usage: flow41"
	done
	for option in -V --version; do
		run "$option"
		is "flow41 $option: exit status" "$status" 0
		is "flow41 $option: output" "$out" "flow41 $version"
	done
}

test_usage() {
	local all="status, enable, disable, set, flows, flush, stats,"
	all="$all handshakes, monitor, help"
	local filters="role, src, dst, sport, dport, proto, dev, dev-out, tunnel,"
	filters="$filters outer-src, outer-dst"

	usage "command \"frob\" is unknown, use one of: $all" frob
	usage "command \"\" is unknown, use one of: $all" ""
	usage "command \"statusx\" is unknown, use one of: $all" statusx
	usage 'command "s" is ambiguous: status, set, stats' s
	usage 'command "stat" is ambiguous: status, stats' stat
	usage 'command "h" is ambiguous: handshakes, help' h
	usage 'command "fl" is ambiguous: flows, flush' fl
	usage 'option "-x" is unknown' -x
	usage 'option "-x" is unknown' -jx status
	usage 'option "--frob" is unknown' --frob
	usage '"-5": a number cannot be negative' set max-flows -5
	usage 'option "--json=1": it takes no value' --json=1
	usage 'option "-n": a value is missing' -n
	usage 'option "--netns": a value is missing' --netns
	usage 'unexpected word "frob"' status frob
	usage 'unexpected word "now"' enable now
	usage 'unexpected word "now"' disable now
	usage 'unexpected word "all"' stats all
	usage 'set: NAME VALUE is missing' set
	usage 'max-flows: a value is missing' set max-flows
	usage 'max-flows: "lots" is not a number' set max-flows lots
	usage 'setting "speed" is unknown, use one of: max-flows, idle-timeout, devices, watch, heal, pickup, quarantine, audit-rate' set speed 9
	usage 'max-flows: given twice' set max-flows 1 max 2
	usage 'devices: "any" and device names exclude each other' set devices any,wan
	usage 'devices: "any" and device names exclude each other' set devices wan,any
	usage 'watch "maybe" is unknown, use one of: on, off' set watch maybe
	usage 'heal "1" is unknown, use one of: on, off' set watch on heal 1
	usage 'pickup "o" is ambiguous: on, off' set pickup o
	usage 'pickup: a value is missing' set pickup
	usage 'quarantine: "1m" is not a number' set quarantine 1m
	usage 'devices: a device name is empty' set devices lan,
	usage "filter \"frob\" is unknown, use one of: $filters" flows frob
	usage "filter \"outer\" is ambiguous: outer-src, outer-dst" flush outer x
	usage 'src: "2001:db8::/48" is a prefix, only one exact address can be matched' flows src 2001:db8::/48
	usage 'dst: "192.0.2.1" is not an IPv6 address' flush dst 192.0.2.1
	usage 'sport: "70000" is more than 65535' flows sport 70000
	usage 'proto "icmp" is unknown, use one of: tcp, udp' flows proto icmp
	usage 'role "nat" is unknown, use one of: encap, decap, transit' flows role nat
	usage 'dev: a value is missing' flows role encap dev
	usage 'filter "dev" is unknown, use one of: stalled, src, dst, sport, dport' handshakes dev lan
	usage 'stalled: given twice' handshakes stalled stalled
	usage 'filter "s" is ambiguous: stalled, src, sport' handshakes s
	usage 'src: a value is missing' handshakes stalled src
	usage 'kind of event "frob" is unknown, use one of: flows, alerts' monitor frob
	usage 'flows: given twice' monitor flows flows
	usage '"a/b" is no name of a network namespace' -n a/b status
	usage '".." is no name of a network namespace' -n .. status
}

test_netns() {
	gives 1 "" 'flow41: there is no network namespace "flow41-none"' \
		-n flow41-none status
}

# On a machine that has the module these would load it.
test_not_loaded() {
	local error='flow41: the flow41 module is not loaded: modprobe flow41'

	if [ -e /sys/module/flow41 ] || modinfo flow41 >/dev/null 2>&1; then
		result 0 "module not loaded # SKIP there is a module"
		return
	fi
	gives 1 "" "$error"
	gives 1 "" "$error" status
	gives 1 "" "$error" -j flows
	gives 1 "" "$error" en
	gives 1 "" "$error" handshakes stalled
	gives 1 "" "$error" -j monitor alerts
	gives 1 "" "$error" set max-flows 5 devices any
	gives 1 "" "$error" -- flush dev lan
}

test_full_disk() {
	local option

	for option in "help" "-V" "-j status"; do
		# shellcheck disable=SC2086 # words
		FAKE_VERSION=$version "$build/flow41-fake" $option \
			>/dev/full 2>"$work/err"
		is "flow41 $option: exit status, disk full" $? 1
		has "flow41 $option: error, disk full" "$(cat "$work/err")" \
			"cannot write the output: No space left on device"
	done
}

test_status() {
	gives 0 'enabled flows 2 max-flows 65536 idle-timeout 30 version '"$version"'
    hooked lan,w"n\x01
    devices any
    watch on heal on pickup off quarantine 60' ""
	gives 0 'enabled flows 2 max-flows 65536 idle-timeout 30 version '"$version"'
    hooked lan,w"n\x01
    devices any
    watch on heal on pickup off quarantine 60
    flow-size 256 memory 512' "" -s status
	gives 0 '{"enabled":true,"flows":2,"max_flows":65536,"idle_timeout":30,"version":"'"$version"'","devices":["lan","w\"n\u0001"],"allowed_devices":[],"watch":true,"heal":true,"pickup":false,"quarantine":60}' "" -j
	gives 0 '{"enabled":true,"flows":2,"max_flows":65536,"idle_timeout":30,"version":"'"$version"'","devices":["lan","w\"n\u0001"],"allowed_devices":[],"watch":true,"heal":true,"pickup":false,"quarantine":60,"flow_size":256,"memory":512}' "" -js status
	FAKE_VERSION=9.9 gives 0 '{"flushed":12}' \
		"flow41: warning: this tool is version $version, the module 9.9" \
		-j flush
	FAKE_OLD=1 gives 0 '{"enabled":true,"flows":2,"max_flows":65536,"idle_timeout":30,"version":"'"$version"'","devices":["lan","w\"n\u0001"],"allowed_devices":[]}' "" -j
}

faults() { # $1 = what the module says, $2 = text wanted, $3 = JSON wanted
	export FAKE_FAULTS=$1
	run
	has "faults \"$1\": text" "$out" "
    BUILT WITH DELIBERATE FAULTS: $2"
	run -j
	has "faults \"$1\": JSON" "$out" "\"quarantine\":60,\"faults\":$3}"
	unset FAKE_FAULTS
}

test_faults() {
	faults "" "none on" "[]"
	faults drop_ack "drop_ack" '["drop_ack"]'
	faults "drop_ack stale_route" "drop_ack, stale_route" \
		'["drop_ack","stale_route"]'
	faults ",drop_ack, stale_route" "drop_ack, stale_route" \
		'["drop_ack","stale_route"]'
}

encap='role encap dev lan dev-out wan tunnel 6in4 outer-src 192.0.2.1 outer-dst 198.51.100.1 src 2001:db8:1::2 dst 2001:db8:2::80 proto tcp sport 40000 dport 443'
decap='role decap dev wan tunnel 6in4 outer-src 198.51.100.1 outer-dst 192.0.2.1 src 2001:db8:2::53 dst 2001:db8:1::2 proto udp sport 53 dport 5353 settling'
transit='role transit dev lan dev-out wan outer-src 0.0.0.0 outer-dst 0.0.0.0 src 2001:db8:1::2 dst 2001:db8:2::80 proto 132 sport 0 dport 0'
counters='    packets 18446744073709551615 bytes 5000000000 age-ms 60000 idle-ms 7 audits 0'
json_flows='[{"role":"encap","dev_in":"lan","dev_out":"wan","tunnel":"6in4","outer_src":"192.0.2.1","outer_dst":"198.51.100.1","src":"2001:db8:1::2","dst":"2001:db8:2::80","proto":"tcp","sport":40000,"dport":443,"settling":false,"packets":18446744073709551615,"bytes":5000000000,"age_ms":60000,"idle_ms":7,"audits":0},{"role":"decap","dev_in":"wan","dev_out":null,"tunnel":"6in4","outer_src":"198.51.100.1","outer_dst":"192.0.2.1","src":"2001:db8:2::53","dst":"2001:db8:1::2","proto":"udp","sport":53,"dport":5353,"settling":true,"packets":18446744073709551615,"bytes":5000000000,"age_ms":60000,"idle_ms":7,"audits":0},{"role":"transit","dev_in":"lan","dev_out":"wan","tunnel":"","outer_src":"0.0.0.0","outer_dst":"0.0.0.0","src":"2001:db8:1::2","dst":"2001:db8:2::80","proto":"132","sport":0,"dport":0,"settling":false,"packets":18446744073709551615,"bytes":5000000000,"age_ms":60000,"idle_ms":7,"audits":0}]'

test_flows() {
	local warning="flow41: warning: the table kept changing:"
	warning="$warning flows may be missing or doubled"

	gives 0 "$encap
$decap
$transit" "" flows
	gives 0 "$encap
$counters
$decap
$counters
$transit
$counters" "" -s flows
	FAKE_OLD=1 gives 0 "$encap
$decap" "" flows
	gives 0 "$json_flows" "" -j flows
	FAKE_EMPTY=1 gives 0 "[]" "" -j flows
	FAKE_EMPTY=1 gives 0 "" "" flows
	FAKE_INTERRUPTED=3 gives 0 "$json_flows" "" -j flows
	FAKE_INTERRUPTED=9 gives 0 "$json_flows" "$warning" -j flows
	gives 0 "flushed 12" "" flush
}

test_stats() {
	gives 0 'encap packets 10 bytes 1000 flows-admitted 1
decap packets 20 bytes 2000 flows-admitted 1
transit packets 30 bytes 3000 flows-admitted 1
punts
    no_flow 34
    from_the_future 1
refusals
evictions
    idle 3
handshakes
    seen 5
    synack_lost_inside 1
audit
    checked 7' "" stats
	run -s stats
	has "flow41 -s stats: a zero with its sentence" "$out" \
		"handshake                     0  a TCP SYN: handshakes take the"
	has "flow41 -s stats: an unknown reason" "$out" \
		"from_the_future               1"
	has "flow41 -s stats: a verdict" "$out" \
		"synack_lost_inside            1  the SYN/ACK came in but did"
	gives 0 '{"roles":{"encap":{"packets":10,"bytes":1000,"flows_admitted":1,"both_paths":0},"decap":{"packets":20,"bytes":2000,"flows_admitted":1,"both_paths":0},"transit":{"packets":30,"bytes":3000,"flows_admitted":1,"both_paths":0}},"punts":{"no_flow":34,"handshake":0,"from_the_future":1},"refusals":{"nat":0},"evictions":{"idle":3},"handshakes":{"seen":5,"healed":0,"synack_lost_inside":1},"audit":{"checked":7,"lost":0}}' "" -j stats
	FAKE_OLD=1 gives 0 '{"roles":{"encap":{"packets":10,"bytes":1000,"flows_admitted":1,"both_paths":0},"decap":{"packets":20,"bytes":2000,"flows_admitted":1,"both_paths":0}},"punts":{"no_flow":34,"handshake":0,"from_the_future":1},"refusals":{"nat":0},"evictions":{"idle":3},"handshakes":{},"audit":{}}' "" -j stats
}

test_refused() {
	local refused="flow41: the kernel refused"
	local eperm="flow41: permission denied: this needs CAP_NET_ADMIN"

	FAKE_ERROR=1 gives 1 "" "$eperm" flows
	FAKE_ERROR=1 gives 1 "" "$eperm" -j flush
	FAKE_ERROR=1 gives 1 "" "$eperm" enable
	FAKE_ERROR=1 gives 1 "" "$eperm" handshakes
	FAKE_ERROR=34 FAKE_TEXT="integer out of range" FAKE_MAX=3600 gives 1 \
		"" "$refused quarantine: integer out of range (1 to 3600)" \
		set watch on quarantine 0
	FAKE_ERROR=34 FAKE_TEXT="integer out of range" FAKE_MAX=65536 gives 1 \
		"" "$refused max-flows: integer out of range (1 to 65536)" \
		set devices any max-flows 0
	FAKE_ERROR=34 FAKE_TEXT="integer out of range" FAKE_MAX=32767 gives 1 \
		"" "$refused audit-rate: integer out of range (1 to 32767)" \
		set quarantine 60 audit-rate 0
	FAKE_ERROR=34 FAKE_TEXT="out of range" FAKE_MAX=4294967295 gives 1 \
		"" "$refused max-flows: out of range (1 at least)" \
		set max-flows 0
	FAKE_ERROR=22 FAKE_TEXT="no such device" gives 1 "" \
		"$refused devices: no such device" set devices lan,wan
	FAKE_ERROR=22 FAKE_TEXT="not now" gives 1 "" "$refused: not now" flush
	FAKE_ERROR=16 gives 1 "" "$refused: Device or resource busy" disable
}

# The attributes that are sent; types as in <linux/flow41.h>
sends() { # $1 = what the last request looks like, rest = arguments
	local want=$1
	shift

	rm -f "$work/log"
	FAKE_LOG=$work/log run "$@"
	is "flow41 $*: exit status" "$status" 0
	is "flow41 $*: request" "$(tail -n 1 "$work/log")" "$want"
}

test_requests() {
	sends "cmd 2 3:1" enable
	sends "cmd 2 5:4 6:4 8:16" set max-flows 9 idle-timeout 7 devices lan,x
	sends "cmd 2 8:0" set dev any
	sends "cmd 2 31:1 32:1 33:1 34:4" set watch on heal off pickup on \
		quarantine 60
	sends "cmd 3" flows
	sends "cmd 3 10:1" flows role transit
	sends "cmd 8" handshakes
	sends "cmd 8" handshakes stalled
	sends "cmd 8 16:16 19:2 17:16 20:2" handshakes src ::1 sport 1 \
		stalled dst ::2 dport 2
	sends "cmd 3 10:1 16:16 17:16 19:2 20:2 18:1" flows role encap \
		src ::1 dst ::2 sport 1 dport 2 proto tcp
	sends "cmd 4 11:4 13:5 14:4 15:4" flush dev lan tunnel 6in4 \
		outer-src 192.0.2.1 outer-dst 192.0.2.2
}

test_valid_json() {
	local options

	if ! command -v python3 >/dev/null; then
		result 0 "valid JSON # SKIP no python3"
		return
	fi
	for options in -j -js -jp -jps; do
		for command in status flows stats flush handshakes; do
			run $options $command
			python3 -m json.tool <<<"$out" >/dev/null
			result $? "flow41 $options $command: valid JSON"
		done
	done
}

completes() { # $1 = wanted, rest = words, the last one unfinished
	local want=$1
	shift

	COMP_WORDS=("$@")
	COMP_CWORD=$(($# - 1))
	COMPREPLY=()
	_flow41
	is "completion of: $*" "${COMPREPLY[*]}" "$want"
}

test_completion() {
	# shellcheck source=/dev/null
	. ../../userspace/flow41.bash-completion
	completes "flows flush" flow41 fl
	completes "status set stats" flow41 -j s
	completes "--pretty" flow41 --p
	completes "stats" flow41 -n status stats
	completes "sport" flow41 flows sp
	completes "outer-src outer-dst" flow41 -s flush role encap outer
	completes "encap decap transit" flow41 flows role ""
	completes "handshakes help" flow41 h
	completes "stalled" flow41 handshakes st
	completes "dport" flow41 handshakes stalled dp
	completes "" flow41 handshakes src ""
	completes "flows alerts" flow41 monitor ""
	completes "alerts" flow41 -j monitor flows a
	completes "on off" flow41 set watch ""
	completes "on off" flow41 set watch on heal o
	completes "" flow41 set quarantine ""
	completes "udp" flow41 flush proto u
	completes "" flow41 flows sport ""
	completes "dev dev-out" flow41 flows src 2001 : db8 :: 1 de
	completes "lo" flow41 flush dev-out l
	completes "idle-timeout" flow41 set max-flows 5 idle
	completes "lo" flow41 flows dev lo
	completes "any" flow41 set devices an
	completes "any,lo" flow41 set devices any,lo
	completes "" flow41 status ""
	# shellcheck disable=SC2016 # what the shell must not run
	is "a name that a shell would run is not offered" "$(_flow41_plain '$(reboot)')" ""
	is "a device's name is" "$(_flow41_plain br-lan.7@x_0)" "br-lan.7@x_0"
}

# Words of the completion and of the help are those that the tool takes.
test_words_agree() {
	local kind words

	# shellcheck source=/dev/null
	. ../../userspace/flow41.bash-completion
	for kind in "" set flows handshakes monitor; do
		words=$(_flow41_words "$kind")
		# shellcheck disable=SC2086 # words
		run $kind "?" x
		is "words of the completion: ${kind:-commands}" \
			"${err##*: }" "${words// /, }"
	done
}

echo "TAP version 13"
test_help
test_usage
test_netns
test_not_loaded
test_full_disk
test_completion
test_words_agree
tool=$build/flow41-fake
export FAKE_VERSION=$version
test_status
test_faults
test_flows
test_stats
test_refused
test_requests
test_valid_json
plan
