/* SPDX-License-Identifier: GPL-2.0 */
/* Do not edit directly, auto-generated from: */
/*	kmod/specs/flow41.yaml */
/* YNL-GEN kernel header */

#ifndef _LINUX_FLOW41_GEN_H
#define _LINUX_FLOW41_GEN_H

#include <net/netlink.h>
#include <net/genetlink.h>

#include <linux/flow41.h>

/* Common nested types */
extern const struct nla_policy flow41_device_list_nl_policy[FLOW41_A_DEVICE_NAME + 1];

/* Global operation policy for flow41 */
extern const struct nla_policy flow41_nl_policy[FLOW41_A_AUDIT_RATE + 1];

/* Ops table for flow41 */
extern const struct genl_small_ops flow41_nl_ops[6];

int flow41_nl_get_doit(struct sk_buff *skb, struct genl_info *info);
int flow41_nl_set_doit(struct sk_buff *skb, struct genl_info *info);
int flow41_nl_flow_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb);
int flow41_nl_flow_flush_doit(struct sk_buff *skb, struct genl_info *info);
int flow41_nl_stats_get_doit(struct sk_buff *skb, struct genl_info *info);
int flow41_nl_handshake_get_dumpit(struct sk_buff *skb,
				   struct netlink_callback *cb);

enum {
	FLOW41_NLGRP_FLOWS,
	FLOW41_NLGRP_ALERTS,
};

#endif /* _LINUX_FLOW41_GEN_H */
