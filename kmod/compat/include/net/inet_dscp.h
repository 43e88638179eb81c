/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _FLOW41_COMPAT_NET_INET_DSCP_H
#define _FLOW41_COMPAT_NET_INET_DSCP_H

#include <linux/version.h>

/*
 * Up to 5.17 routes have no DSCP, but the four bits of TOS in the middle of
 * it; the look-up takes those.
 */
#if LINUX_VERSION_CODE < KERNEL_VERSION(5, 18, 0)
#define INET_DSCP_MASK	0xfc
#else
#include_next <net/inet_dscp.h>
#endif

#endif /* _FLOW41_COMPAT_NET_INET_DSCP_H */
