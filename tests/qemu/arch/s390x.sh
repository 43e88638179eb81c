# SPDX-License-Identifier: GPL-2.0
# s390x, big-endian, 64 bits: stock Debian kernels and programs
# shellcheck shell=bash
# shellcheck disable=SC2034	# read by whoever sources this

DEB_ARCH=s390x
DEB_FLAVOUR=s390x
KARCH=s390
USERLAND=1
CROSS_COMPILE=s390x-linux-gnu-
QEMU=qemu-system-s390x
HOST_DEPS=(qemu-system-misc gcc-s390x-linux-gnu gcc-12-s390x-linux-gnu libc6-dev-s390x-cross)
QEMU_MACHINE=(-M s390-ccw-virtio -cpu max)
CONSOLE=ttyS0
CONSOLE_DEVICE=sclplmconsole
KERNEL_ARGS=conmode=sclp
RESULTS=ttysclp0
BOOT_IMAGE=vmlinuz
