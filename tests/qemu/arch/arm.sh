# SPDX-License-Identifier: GPL-2.0
# ARMv7: stock Debian kernels and programs (armhf)
# shellcheck shell=bash
# shellcheck disable=SC2034	# read by whoever sources this

DEB_ARCH=armhf
DEB_FLAVOUR=armmp
KARCH=arm
USERLAND=1
CROSS_COMPILE=arm-linux-gnueabihf-
QEMU=qemu-system-arm
HOST_DEPS=(qemu-system-arm gcc-arm-linux-gnueabihf gcc-12-arm-linux-gnueabihf
	libc6-dev-armhf-cross)
QEMU_MACHINE=(-M "virt,highmem=off" -cpu cortex-a15)
CONSOLE=ttyAMA0
RESULTS=ttyS0
QEMU_RESULTS=(-chardev "stdio,id=results" -device "pci-serial,chardev=results")
CMDLINE_MAX=900	# Linux has room for 1,023
BOOT_IMAGE=vmlinuz
