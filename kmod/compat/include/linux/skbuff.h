/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _FLOW41_COMPAT_LINUX_SKBUFF_H
#define _FLOW41_COMPAT_LINUX_SKBUFF_H

#include_next <linux/skbuff.h>
#include <linux/version.h>

/* Up to 5.17 a time stamp is never one of delivery: ip_forward() clears it. */
#if LINUX_VERSION_CODE < KERNEL_VERSION(5, 18, 0)
static inline void skb_clear_tstamp(struct sk_buff *skb)
{
	skb->tstamp = 0;
}

static inline void skb_clear_delivery_time(struct sk_buff *skb)
{
}
#endif

/* Up to 6.15 what GRO has merged with CWR is but SKB_GSO_TCP_ECN. */
#ifndef NETIF_F_GSO_ACCECN
#define SKB_GSO_TCP_ACCECN	0
#endif

#endif /* _FLOW41_COMPAT_LINUX_SKBUFF_H */
