/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _FLOW41_COMPAT_NET_CHECKSUM_H
#define _FLOW41_COMPAT_NET_CHECKSUM_H

/* From 6.10 on it needs ror32(), and does not say so. */
#include <linux/bitops.h>
#include_next <net/checksum.h>

#endif /* _FLOW41_COMPAT_NET_CHECKSUM_H */
