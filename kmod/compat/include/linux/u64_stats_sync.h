/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _FLOW41_COMPAT_LINUX_U64_STATS_SYNC_H
#define _FLOW41_COMPAT_LINUX_U64_STATS_SYNC_H

#include_next <linux/u64_stats_sync.h>
#include <linux/version.h>

/*
 * Up to 6.0 a reader on 32 bits without SMP is safe from softirqs only with
 * interrupts off.
 */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 1, 0)
#define u64_stats_fetch_begin	u64_stats_fetch_begin_irq
#define u64_stats_fetch_retry	u64_stats_fetch_retry_irq
#endif

#endif /* _FLOW41_COMPAT_LINUX_U64_STATS_SYNC_H */
