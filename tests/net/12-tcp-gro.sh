#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# 10-tcp.sh with segments that come in one by one, are merged on the router (GRO)
# and are cut again when they leave it.

export TOPO_OFFLOAD=0
SIZE=$((16 << 20))
CPE_GRO=on
. "$(dirname "$0")/10-tcp.sh"
