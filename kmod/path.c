// SPDX-License-Identifier: GPL-2.0
/*
 * The packet's path in one compilation unit, so that the compiler sees the one function
 * that it is: flow41_hook_ingress(), the last one here, calls all others, in this order.
 */
#include "parse.c"
#include "table.c"
#include "reasons.c"
#include "check.c"
#include "encap.c"
#include "decap.c"
#include "transit.c"
#include "account.c"
#include "xmit.c"
#include "stats.c"
#include "hook.c"
