# SPDX-License-Identifier: GPL-2.0
# Linux 7.2, Debian unstable, with the compiler and the C library of that
# shellcheck shell=bash
# shellcheck disable=SC2034	# read by whoever sources this

SUITES=(sid)
MAKE_ARGS=()
TOOLCHAIN=gcc-16
