# SPDX-License-Identifier: GPL-2.0
# Linux 7.2, Debian unstable, with the compiler and the C library of that
# shellcheck shell=bash
# shellcheck disable=SC2034	# read by whoever sources this

SUITES=(sid)
MAKE_ARGS=()
TOOLCHAIN=gcc-16
# One thread for all CPUs: with one each the guest died three times of "Oops: int3" where a static
# key is switched under load, as if a CPU still ran the breakpoint that is there for a moment
ACCEL=${ACCEL:-tcg,thread=single}
