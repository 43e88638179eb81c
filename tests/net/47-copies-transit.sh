#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# As 46-copies, of a tunnel that passes through.
# shellcheck disable=SC2034	# for transit.sh
TRANSIT=1 NAT=none
. "$(dirname "$0")/46-copies.sh"
