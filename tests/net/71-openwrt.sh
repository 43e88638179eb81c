#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# OpenWrt's configuration is applied to the module, by the init script of openwrt/, run by
# busybox's shell, with a stand-in for OpenWrt's rc.common (openwrt/rc.common here): on the
# CPE of topo.sh. A device that is named and comes later (lan1.sh) is served.

. "$(dirname "$0")/lib.sh"
. "$NET_DIR/talk.sh"
. "$NET_DIR/lan1.sh"

OPENWRT=$NET_DIR/openwrt
mkdir "$T/uci"

init()	# ACTION
{
	: >"$T/said"
	UCI_CONFIG_DIR=$T/uci SAID=$T/said on cpe \
		busybox sh "$OPENWRT/rc.common" "$OPENWRT/flow41.init" "$1"
}

configure()	# the configuration, from standard input
{
	cat >"$T/uci/flow41"
}

said()	# OPTION: what was complained of it
{
	sed -n "s,^/etc/config/flow41: $1: ,,p" "$T/said"
}

settings()
{
	f41 -j status | jq -c '[.enabled, .max_flows, .idle_timeout, .audit_rate, .quarantine,
		.heal, .pickup, .watch, (.allowed_devices | join(" "))]'
}

quiet()
{
	cat "$T/said"
	[ ! -s "$T/said" ]
}

hooked()	# DEVICE
{
	f41 -j status | jq -e --arg dev "$1" '.devices | index($dev)'
}

have_flow41 || skip_all "no flow41 in this guest"
need "topology up" topo_up

configure <"$OPENWRT/flow41.config"
check "start, as it is installed" init start
check "start, as it is installed: no complaint" quiet
check_eq "procd is told" "$(init start | paste -sd,)" \
	"open flow41.init,reload on flow41,close set"
check_eq "it is on, for any device" "$(settings | jq -c '[.[0], .[8]]')" '[true,""]'
check "stop" init stop
check "stop: the module is gone" [ ! -d /sys/module/flow41 ]

configure <<-EOF
	config flow41 'main'
		option enabled 'yes'
		option max_flows '512'
		option idle_timeout '45'
		option audit_rate '77'
		option quarantine '33'
		option heal '0'
		option pickup '1'
		option watch 'off'
		list devices 'lan0'
		list devices 'wan0'
		list devices 'lan1'
EOF
check "start, everything set" init start
check "start, everything set: no complaint" quiet
check_eq "start, everything set: the module has it" "$(settings)" \
	'[true,512,45,77,33,false,true,false,"lan0 wan0 lan1"]'

need "UDP goes" talk udp udp client host $HOST6 5001
need "it is carried" carried
check "a device that comes later" lan1_up
need "UDP from there goes" talk lan1 udp client host $HOST6_LAN1 5001
check "both are carried" carried
check "the late device is hooked" hooked lan1
before=$(evicted setting)
check "reload, nothing is changed" init reload
check_eq "reload, nothing is changed: no flow ends" "$(evicted setting)" "$before"

configure <<-EOF
	config flow41
		option enabled '1'
		option max_flows 'many'
		option idle_timeout '0'
		option audit_rate '99'
		option quarantine '44'
		option heal 'perhaps'
		option pickup '0'
		option devices 'lan0 a-name-that-is-too-long'
EOF
check "reload, some of it wrong" init reload
check_eq "reload: the rest is applied" "$(settings)" \
	'[true,512,45,99,44,false,false,false,"lan0 wan0 lan1"]'
check_eq "reload: five complaints" "$(wc -l <"$T/said")" 5
check_eq "max_flows" "$(said max_flows)" 'max-flows: "many" is not a number'
check "idle_timeout" grep "^the kernel refused idle-timeout: " <<<"$(said idle_timeout)"
check_eq "heal" "$(said heal)" "'perhaps' is neither 1 nor 0"
check_eq "devices" "$(said devices)" \
	'devices: "a-name-that-is-too-long" is longer than a device name can be (15)'
check_eq "enabled" "$(said enabled)" "left as it is, because devices is wrong"
check "reload: traffic goes on, carried" carried
check "restart, and devices is wrong" init restart
check_eq "it is not switched on, the rest is applied" "$(settings | jq -c '[.[0], .[4]]')" \
	'[false,44]'

configure <<-EOF
	config flow41 'main'
		option enabled 'maybe'
EOF
check "reload, and it is not clear whether it should be on" init reload
check_eq "it is off, for any device" "$(settings | jq -c '[.[0], .[8]]')" '[false,""]'
check_eq "enabled" "$(said enabled)" "'maybe' is neither 1 nor 0"
check "off: all go on, none carried" not_carried

configure <<-EOF
	config flow41 'main'
		option enabled '1'
EOF
defaults='.[1:8]'
before=$(settings | jq -c "$defaults")
check "restart" init restart
check_eq "restart: on again" "$(settings | jq -c '.[0]')" true
check "restart: what was taken out is forgotten" [ "$(settings | jq -c "$defaults")" != "$before" ]
check "restart: all are carried" carried

rm "$T/uci/flow41"
check "restart, with no configuration" init restart
check_eq "it is off" "$(settings | jq -c '.[0]')" false
talk_down
