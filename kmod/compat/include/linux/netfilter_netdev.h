/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _FLOW41_COMPAT_LINUX_NETFILTER_NETDEV_H
#define _FLOW41_COMPAT_LINUX_NETFILTER_NETDEV_H

#include <linux/version.h>

/* Up to 5.15 there is but the ingress, in a header of its own. */
#if LINUX_VERSION_CODE < KERNEL_VERSION(5, 16, 0)
#include <linux/netfilter_ingress.h>
#else
#include_next <linux/netfilter_netdev.h>
#endif

#endif /* _FLOW41_COMPAT_LINUX_NETFILTER_NETDEV_H */
