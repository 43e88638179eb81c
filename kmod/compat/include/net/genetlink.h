/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _FLOW41_COMPAT_NET_GENETLINK_H
#define _FLOW41_COMPAT_NET_GENETLINK_H

#include_next <net/genetlink.h>
#include <linux/version.h>

/* Groups used to be protected with the flag of commands (5.10.204). */
#ifndef GENL_MCAST_CAP_NET_ADMIN
#define GENL_MCAST_CAP_NET_ADMIN	GENL_UNS_ADMIN_PERM
#endif

/* Up to 6.5 the attributes of a dump are in a struct of its own. */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 6, 0)
#define genl_info_dump	genl_dumpit_info
#endif

#endif /* _FLOW41_COMPAT_NET_GENETLINK_H */
