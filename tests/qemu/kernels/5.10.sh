# SPDX-License-Identifier: GPL-2.0
# Linux 5.10, Debian 11; its own compiler, gcc 10, is not in Debian 12
# shellcheck shell=bash
# shellcheck disable=SC2034	# read by whoever sources this

SUITES=(bullseye-security)
MAKE_ARGS=(CC="${CROSS_COMPILE:-}gcc-12")
