/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _FLOW41_COMPAT_NET_IP6_ROUTE_H
#define _FLOW41_COMPAT_NET_IP6_ROUTE_H

#include_next <net/ip6_route.h>
#include <linux/version.h>

/* Up to 5.13 the two cases have two names. */
#if LINUX_VERSION_CODE < KERNEL_VERSION(5, 14, 0)
static inline unsigned int
ip6_dst_mtu_maybe_forward(const struct dst_entry *dst, bool forwarding)
{
	return forwarding ? ip6_dst_mtu_forward(dst) : dst_mtu(dst);
}
#endif

#endif /* _FLOW41_COMPAT_NET_IP6_ROUTE_H */
