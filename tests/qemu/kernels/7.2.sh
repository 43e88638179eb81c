# SPDX-License-Identifier: GPL-2.0
# Linux 7.2, Debian unstable, with the compiler and the C library of that
# shellcheck shell=bash
# shellcheck disable=SC2034	# read by whoever sources this

SUITES=(sid)
MAKE_ARGS=()
TOOLCHAIN=gcc-16
# One thread for all CPUs: where this kernel patches its own code (a static key that is switched
# under load), those that QEMU gives a thread each now and then still run the breakpoint that was
# there for a moment: "Oops: int3"
ACCEL=${ACCEL:-tcg,thread=single}
