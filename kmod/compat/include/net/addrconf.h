/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _FLOW41_COMPAT_NET_ADDRCONF_H
#define _FLOW41_COMPAT_NET_ADDRCONF_H

#include_next <net/addrconf.h>
#include <linux/version.h>

/* From 6.17 on a device may have its packets forwarded where else none are: ip6_forward() */
static inline bool flow41_forces_forwarding(const struct net_device *dev)
{
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 17, 0)
	const struct inet6_dev *idev = __in6_dev_get(dev);

	return idev && READ_ONCE(idev->cnf.force_forwarding);
#else
	return false;
#endif
}

#endif /* _FLOW41_COMPAT_NET_ADDRCONF_H */
