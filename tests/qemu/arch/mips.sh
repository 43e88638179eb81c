# SPDX-License-Identifier: GPL-2.0
# MIPS32 big-endian, the class of many a home router's processor.  Debian has
# neither kernel nor packages for it: both are built from source (compile.sh,
# cross.sh), and the scenarios are those that do with less (CELL_SCENARIOS).
# shellcheck shell=bash
# shellcheck disable=SC2034	# read by whoever sources this

KARCH=mips
CROSS_COMPILE=mips-linux-gnu-
QEMU=qemu-system-mips
QEMU_MACHINE=(-M malta -cpu 24Kf)
CONSOLE=ttyS0
RESULTS=ttyS1
CMDLINE_MAX=200	# QEMU's malta has room for 255
BOOT_IMAGE=vmlinuz
HOST_DEPS=(qemu-system-mips gcc-mips-linux-gnu gcc-12-mips-linux-gnu
	libc6-dev-mips-cross autoconf automake libtool)
MEM=${MEM:-256}
SMP=${SMP:-1}
CROSS_STATIC=1
CELL_SCENARIOS=${CELL_SCENARIOS:-"94 95 13 14 19 60 80 81 82 90 alignment"}
export CROSS_COMPILE
# shellcheck source=../compile.sh
. "$QEMU_DIR/compile.sh"

# There is no nft: the firewalls are made with iptables (tests/net/tables.sh)
guest_programs()	# ROOT
{
	eval "$("$QEMU_DIR/cross.sh")"
	# shellcheck disable=SC2153	# by cross.sh
	cp -a "$ROOT/." "$1/"
	ln -s ../bin/busybox "$1/usr/sbin/modprobe"
}

fetch_kernel()
{
	compile_kernel malta "$QEMU_DIR/arch/mips.config" mips "$CROSS_COMPILE" vmlinux vmlinux
}
