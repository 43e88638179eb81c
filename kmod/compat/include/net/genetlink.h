/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _FLOW41_COMPAT_NET_GENETLINK_H
#define _FLOW41_COMPAT_NET_GENETLINK_H

#include_next <net/genetlink.h>
#include <linux/version.h>

/* Groups used to be protected with the flag of commands (5.10.204, 5.12). */
#ifndef GENL_MCAST_CAP_NET_ADMIN
#define GENL_MCAST_CAP_NET_ADMIN	GENL_UNS_ADMIN_PERM
#endif

/* And before not at all: whoever has joined one without the right to it gets nothing. */
#if LINUX_VERSION_CODE < KERNEL_VERSION(5, 10, 204) || \
	(LINUX_VERSION_CODE >= KERNEL_VERSION(5, 11, 0) && \
	 LINUX_VERSION_CODE < KERNEL_VERSION(5, 12, 0))
#include <linux/capability.h>
#include <linux/net.h>
#include <net/sock.h>

#define GENL_MCAST_GROUP(title, bits)	{ .name = title }

/* A socket leaves its groups before it loses its file: netlink_release() */
static inline int flow41_may_not_hear(struct sock *sk, struct sk_buff *skb, void *net)
{
	const struct file *file = sk->sk_socket ? sk->sk_socket->file : NULL;

	return !file || !file_ns_capable(file, ((struct net *)net)->user_ns, CAP_NET_ADMIN);
}

static inline int flow41_multicast(const struct genl_family *family, struct net *net,
				   struct sk_buff *skb, u32 portid, unsigned int group,
				   gfp_t flags)
{
	group += family->mcgrp_offset;
	NETLINK_CB(skb).dst_group = group;
	return netlink_broadcast_filtered(net->genl_sock, skb, portid, group, flags,
					  flow41_may_not_hear, net);
}

#define genlmsg_multicast_netns	flow41_multicast
#else
#define GENL_MCAST_GROUP(title, bits)	{ .name = title, .flags = bits }
#endif

/* Up to 6.5 the attributes of a dump are in a struct of its own. */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 6, 0)
#define genl_info_dump	genl_dumpit_info
#endif

#endif /* _FLOW41_COMPAT_NET_GENETLINK_H */
