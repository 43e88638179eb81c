# SPDX-License-Identifier: GPL-2.0
# x86-64: stock Debian kernels, booted by their PVH note
# shellcheck shell=bash
# shellcheck disable=SC2034	# read by whoever sources this

DEB_ARCH=amd64
DEB_FLAVOUR=amd64
KARCH=x86
QEMU=qemu-system-x86_64
HOST_DEPS=(qemu-system-x86)
QEMU_MACHINE=(-M pc -cpu max)
CONSOLE=ttyS0
RESULTS=ttyS1
BOOT_IMAGE=vmlinux
