/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _FLOW41_COMPAT_LINUX_NETFILTER_NETDEV_H
#define _FLOW41_COMPAT_LINUX_NETFILTER_NETDEV_H

/* Up to 5.16 there is but the ingress, in a header of its own. */
#if __has_include_next(<linux/netfilter_netdev.h>)
#include_next <linux/netfilter_netdev.h>
#else
#include <linux/netfilter_ingress.h>
#endif

#endif /* _FLOW41_COMPAT_LINUX_NETFILTER_NETDEV_H */
