#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# A processor that cannot load unaligned words, and a kernel that counts how often it
# has to do so for it (MIPS).  Packets that come in as drivers deliver them (topo.sh):
# flow41 makes no such access.  Packets that come in misaligned, out of a GRE tunnel
# for Ethernet frames between client and cpe: carried all the same, payload right.

# shellcheck disable=SC2317	# functions that check calls
. "$(dirname "$0")/lib.sh"

MIPS=/sys/kernel/debug/mips
LIST=100,1400,33,34,35,1000

unaligned()
{
	cat $MIPS/unaligned_instructions
}

# traffic WHAT: how many accesses it took is left in ACCESSES
exercise()
{
	local before

	warm_up >/dev/null
	before=$(unaligned) ENCAP=$(fast encap) DECAP=$(fast decap)
	on client traffic udp -C 0 -i 100 -e -u 2000 -s $LIST $HOST6 6000 &&
		on client traffic tcp -u 1000000 -d 1000000 $HOST6 5000
	RC=$?
	ACCESSES=$(($(unaligned) - before))
	return $RC
}

gre()	# NS DEV LOCAL REMOTE ADDRESS
{
	ip -n "$1" addr del "$5/64" dev "$2"
	setup "$1" <<-EOF_
		link add gre1 type gretap local $3 remote $4
		link set gre1 up
		addr add $5/64 dev gre1 nodad
	EOF_
}

misalign()
{
	modprobe ip_gre
	on cpe ip6tables -I INPUT -i gre1 -j ACCEPT
	on cpe ip6tables -I FORWARD -i gre1 -j ACCEPT
	gre cpe lan0 192.0.2.1 $CLIENT4 $LAN6 &&
		gre client eth0 $CLIENT4 192.0.2.1 $CLIENT6 &&
		ip -n client -6 route replace default via $LAN6 dev gre1 &&
		wait_for 10 ping6 client $HOST6
}

need_flow41
[ -f $MIPS/unaligned_instructions ] || skip_all "this kernel does not count unaligned accesses"
TOPO_OFFLOAD=0
need "topology up" topo_up
need "enable" f41 enable
need "a first connection" warm_up
need "UDP server on host" serve udp host $HOST6 6000 -C 1 -i 100

check "traffic" exercise
check_num "was carried" $(($(fast encap) - ENCAP)) -ge 2000
check_num "and back" $(($(fast decap) - DECAP)) -ge 2000
check_eq "no unaligned access" "$ACCESSES" 0 || {
	echo 2 >$MIPS/unaligned_action	# tell where
	on client traffic udp -C 0 -i 100 -e -u 20 -s $LIST $HOST6 6000
	echo 0 >$MIPS/unaligned_action
	diag "$(dmesg | grep -E 'epc|ra ' | sort | uniq -c | tail -20)"
}
need "packets come in misaligned" misalign
check "traffic, misaligned" exercise
check_num "there were unaligned accesses" "$ACCESSES" -gt 2000
check_num "misaligned: was carried" $(($(fast encap) - ENCAP)) -ge 2000
check_num "misaligned: and back" $(($(fast decap) - DECAP)) -ge 2000
check "the TCP server saw no mistake" served 5000
check "the UDP server saw no mistake" served 6000
check_eq "nothing was found changed" "$(stat41 .evictions.result)" 0
check_no_leaks
finish
