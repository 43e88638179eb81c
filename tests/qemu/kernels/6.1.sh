# SPDX-License-Identifier: GPL-2.0
# Linux 6.1, Debian 12
# shellcheck shell=bash
# shellcheck disable=SC2034	# read by whoever sources this

SUITES=(bookworm bookworm-security)
MAKE_ARGS=()
