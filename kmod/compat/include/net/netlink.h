/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _FLOW41_COMPAT_NET_NETLINK_H
#define _FLOW41_COMPAT_NET_NETLINK_H

#include_next <net/netlink.h>
#include <linux/version.h>

/* They differ in what they return when the string is too long. */
#if LINUX_VERSION_CODE < KERNEL_VERSION(5, 11, 0)
#define nla_strscpy	nla_strlcpy
#endif

#endif /* _FLOW41_COMPAT_NET_NETLINK_H */
