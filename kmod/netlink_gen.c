// SPDX-License-Identifier: GPL-2.0
/* Do not edit directly, auto-generated from: */
/*	kmod/specs/flow41.yaml */
/* YNL-GEN kernel source */

#include <net/netlink.h>
#include <net/genetlink.h>

#include "netlink_gen.h"

#include <linux/flow41.h>

/* Common nested types */
const struct nla_policy flow41_device_list_nl_policy[FLOW41_A_DEVICE_NAME + 1] = {
	[FLOW41_A_DEVICE_NAME] = { .type = NLA_STRING, .len = 15, },
};

/* Global operation policy for flow41 */
const struct nla_policy flow41_nl_policy[FLOW41_A_AUDIT_RATE + 1] = {
	[FLOW41_A_ENABLED] = NLA_POLICY_MAX(NLA_U8, 1),
	[FLOW41_A_MAX_FLOWS] = NLA_POLICY_MIN(NLA_U32, 2),
	[FLOW41_A_IDLE_TIMEOUT] = NLA_POLICY_RANGE(NLA_U32, 1, FLOW41_IDLE_TIMEOUT_LIMIT),
	[FLOW41_A_ALLOWED_DEVICES] = NLA_POLICY_NESTED(flow41_device_list_nl_policy),
	[FLOW41_A_ROLE] = NLA_POLICY_MAX(NLA_U8, 2),
	[FLOW41_A_DEV_IN] = { .type = NLA_NUL_STRING, .len = 15, },
	[FLOW41_A_DEV_OUT] = { .type = NLA_NUL_STRING, .len = 15, },
	[FLOW41_A_TUNNEL] = { .type = NLA_NUL_STRING, .len = 15, },
	[FLOW41_A_OUTER_SRC] = { .type = NLA_U32, },
	[FLOW41_A_OUTER_DST] = { .type = NLA_U32, },
	[FLOW41_A_SRC] = NLA_POLICY_EXACT_LEN(16),
	[FLOW41_A_DST] = NLA_POLICY_EXACT_LEN(16),
	[FLOW41_A_PROTO] = { .type = NLA_U8, },
	[FLOW41_A_SPORT] = { .type = NLA_U16, },
	[FLOW41_A_DPORT] = { .type = NLA_U16, },
	[FLOW41_A_WATCH] = NLA_POLICY_MAX(NLA_U8, 1),
	[FLOW41_A_HEAL] = NLA_POLICY_MAX(NLA_U8, 1),
	[FLOW41_A_PICKUP] = NLA_POLICY_MAX(NLA_U8, 1),
	[FLOW41_A_QUARANTINE] = NLA_POLICY_RANGE(NLA_U32, 1, FLOW41_QUARANTINE_LIMIT),
	[FLOW41_A_AUDIT_RATE] = NLA_POLICY_RANGE(NLA_U32, 1, FLOW41_AUDIT_RATE_LIMIT),
};

/* Ops table for flow41 */
const struct genl_small_ops flow41_nl_ops[6] = {
	{
		.cmd	= FLOW41_CMD_GET,
		.doit	= flow41_nl_get_doit,
	},
	{
		.cmd	= FLOW41_CMD_SET,
		.doit	= flow41_nl_set_doit,
		.flags	= GENL_UNS_ADMIN_PERM,
	},
	{
		.cmd	= FLOW41_CMD_FLOW_GET,
		.dumpit	= flow41_nl_flow_get_dumpit,
		.flags	= GENL_UNS_ADMIN_PERM,
	},
	{
		.cmd	= FLOW41_CMD_FLOW_FLUSH,
		.doit	= flow41_nl_flow_flush_doit,
		.flags	= GENL_UNS_ADMIN_PERM,
	},
	{
		.cmd	= FLOW41_CMD_STATS_GET,
		.doit	= flow41_nl_stats_get_doit,
	},
	{
		.cmd	= FLOW41_CMD_HANDSHAKE_GET,
		.dumpit	= flow41_nl_handshake_get_dumpit,
		.flags	= GENL_UNS_ADMIN_PERM,
	},
};
