// SPDX-License-Identifier: GPL-2.0
/* Generic netlink: what the audit has found. */
#include <net/genetlink.h>

#include "flow41.h"
#include "netlink.h"

#define NAME_OF(id, name, text)	name,
static const char * const differ_names[] = { FLOW41_DIFFERS(NAME_OF) };

static int put_result(struct sk_buff *msg, int attr, struct net *net,
		      const struct flow41_result *result)
{
	const struct net_device *dev;
	struct nlattr *nest;

	if (!result)
		return 0;
	dev = dev_get_by_index_rcu(net, result->ifindex);
	nest = nla_nest_start(msg, attr);
	if (!nest ||
	    nla_put(msg, FLOW41_A_RESULT_HEADER, result->header_len,
		    result->header) ||
	    nla_put_u32(msg, FLOW41_A_RESULT_LENGTH, result->len) ||
	    (dev && nla_put_string(msg, FLOW41_A_RESULT_DEV, dev->name)) ||
	    nla_put_u32(msg, FLOW41_A_RESULT_MARK, result->mark) ||
	    nla_put_u32(msg, FLOW41_A_RESULT_PRIORITY, result->priority))
		return -EMSGSIZE;
	nla_nest_end(msg, nest);
	return 0;
}

static int put_differs(struct sk_buff *msg, unsigned long differ)
{
	char words[96] = "";
	unsigned int bit, len = 0;

	for_each_set_bit(bit, &differ, FLOW41_DIFFER_COUNT)
		len += scnprintf(words + len, sizeof(words) - len, "%s%s",
				 len ? " " : "", differ_names[bit]);
	return *words ? nla_put_string(msg, FLOW41_A_DIFFERS, words) : 0;
}

static int put_audit(struct sk_buff *msg, struct flow41_flow *flow,
		     enum flow41_alert alert,
		     const struct flow41_result *cached,
		     const struct flow41_result *software, unsigned long differ)
{
	struct net *net = flow41_flow_conn(flow)->fn->net;

	if (nla_put_u8(msg, FLOW41_A_ALERT, alert))
		return -EMSGSIZE;
	return flow41_nl_put_flow(msg, flow) ?:
	       put_differs(msg, differ) ?:
	       put_result(msg, FLOW41_A_CACHED, net, cached) ?:
	       put_result(msg, FLOW41_A_SOFTWARE, net, software);
}

/**
 * flow41_netlink_audit() - tell the "alerts" group of an audit that failed
 * @flow: the audited packet's flow, evicted
 * @alert: FLOW41_ALERT_AUDIT_*
 * @cached: what the cache made of the packet, or NULL
 * @software: how it left by software, or NULL
 * @differ: bits of enum flow41_differ
 *
 * Context: any, RCU read side.
 */
void flow41_netlink_audit(struct flow41_flow *flow, enum flow41_alert alert,
			  const struct flow41_result *cached,
			  const struct flow41_result *software,
			  unsigned long differ)
{
	struct net *net = flow41_flow_conn(flow)->fn->net;
	struct sk_buff *msg;
	void *header;

	msg = flow41_nl_event(net, FLOW41_CMD_ALERT_NTF, FLOW41_NLGRP_ALERTS,
			      &header);
	if (msg)
		flow41_nl_publish(msg, header,
				  put_audit(msg, flow, alert, cached, software,
					    differ),
				  net, FLOW41_NLGRP_ALERTS);
}
