#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# As 84-handshake-verdicts, with the tunnel's end behind the router.
TRANSIT=1
. "$(dirname "$0")/84-handshake-verdicts.sh"
