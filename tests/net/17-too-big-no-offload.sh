#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# 16-too-big.sh with every segment a packet of its own.

export TOPO_OFFLOAD=0
. "$(dirname "$0")/16-too-big.sh"
