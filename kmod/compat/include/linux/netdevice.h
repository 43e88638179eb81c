/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _FLOW41_COMPAT_LINUX_NETDEVICE_H
#define _FLOW41_COMPAT_LINUX_NETDEVICE_H

#include_next <linux/netdevice.h>
#include <linux/version.h>

/* Up to 6.5 only clsact and ingress qdiscs look at a device's packets there. */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 6, 0) && defined(CONFIG_NET_CLS_ACT)
#define CONFIG_NET_XGRESS	1
#define tcx_ingress	miniq_ingress
#define tcx_egress	miniq_egress
#endif

#if LINUX_VERSION_CODE < KERNEL_VERSION(5, 11, 0)
static inline void dev_sw_netstats_tx_add(struct net_device *dev,
					  unsigned int packets,
					  unsigned int len)
{
	struct pcpu_sw_netstats *tstats = this_cpu_ptr(dev->tstats);

	u64_stats_update_begin(&tstats->syncp);
	tstats->tx_bytes += len;
	tstats->tx_packets += packets;
	u64_stats_update_end(&tstats->syncp);
}
#endif

#endif /* _FLOW41_COMPAT_LINUX_NETDEVICE_H */
