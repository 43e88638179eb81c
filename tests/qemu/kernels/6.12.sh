# SPDX-License-Identifier: GPL-2.0
# Linux 6.12, Debian 13, with the compiler and the C library of that
# shellcheck shell=bash
# shellcheck disable=SC2034	# read by whoever sources this

SUITES=(trixie trixie-security)
MAKE_ARGS=()
TOOLCHAIN=gcc-14
