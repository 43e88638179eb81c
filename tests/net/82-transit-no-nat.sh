#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# As 80-transit, behind a router that does not translate.
NAT=none
. "$(dirname "$0")/80-transit.sh"
