#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# 24-order.sh with devices that are polled and hand over what they have in batches.

NAPI=1
. "$(dirname "$0")/24-order.sh"
