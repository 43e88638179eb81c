/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _FLOW41_COMPAT_NET_INET_DSCP_H
#define _FLOW41_COMPAT_NET_INET_DSCP_H

/*
 * Up to 5.17 routes have no DSCP, but the four bits of TOS in the middle of
 * it; the look-up takes those.
 */
#if __has_include_next(<net/inet_dscp.h>)
#include_next <net/inet_dscp.h>
#else
#define INET_DSCP_MASK	0xfc
#endif

#endif /* _FLOW41_COMPAT_NET_INET_DSCP_H */
