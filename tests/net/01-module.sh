#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The module loads, is switched on and off on the CPE (topo.sh), and unloads.

. "$(dirname "$0")/lib.sh"

have_flow41 || skip_all "no flow41 in this guest"

need "module loads" modprobe flow41
need "topology up" topo_up
check_eq "off at first" "$(f41 -j status | jq .enabled)" false
check "enable" f41 enable
check_eq "now on" "$(f41 -j status | jq .enabled)" true
check "ping with flow41 on" ping6 client $HOST6
check "upload, 1 MiB" tcp_send client host $HOST6 5001 1048576
check "disable" f41 disable
check_eq "off again" "$(f41 -j status | jq .enabled)" false
check "ping with flow41 off" ping6 client $HOST6
check "enable again" f41 enable
check_no_leaks
finish
