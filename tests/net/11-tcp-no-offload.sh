#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# 10-tcp.sh with every segment a packet of its own.

export TOPO_OFFLOAD=0
SIZE=$((8 << 20))
. "$(dirname "$0")/10-tcp.sh"
