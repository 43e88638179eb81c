# SPDX-License-Identifier: GPL-2.0
# ARM64: stock Debian kernels and programs
# shellcheck shell=bash
# shellcheck disable=SC2034	# read by whoever sources this

DEB_ARCH=arm64
DEB_FLAVOUR=arm64
KARCH=arm64
USERLAND=1
CROSS_COMPILE=aarch64-linux-gnu-
QEMU=qemu-system-aarch64
HOST_DEPS=(qemu-system-arm gcc-aarch64-linux-gnu gcc-12-aarch64-linux-gnu libc6-dev-arm64-cross)
QEMU_MACHINE=(-M virt -cpu cortex-a53)
KERNEL_ARGS=kpti=off	# which address space randomization asks for, and costs as much again
CONSOLE=ttyAMA0
RESULTS=ttyS0
QEMU_RESULTS=(-chardev "stdio,id=results" -device "pci-serial,chardev=results")
BOOT_IMAGE=vmlinuz
