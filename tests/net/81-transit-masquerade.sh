#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# As 80-transit, behind plain masquerading.
NAT=masquerade
. "$(dirname "$0")/80-transit.sh"
