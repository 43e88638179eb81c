// SPDX-License-Identifier: GPL-2.0
/* Deliberate faults: only in a module built with "make FAULTS=1". */
#include <linux/etherdevice.h>
#include <linux/module.h>
#include <linux/moduleparam.h>

#include "flow41.h"

bool flow41_fault_outer_key;
module_param_named(fault_outer_key, flow41_fault_outer_key, bool, 0644);
MODULE_PARM_DESC(fault_outer_key, "deliberate fault: tell transit flows by the outer header alone, admit on the SYN");

bool flow41_fault_lose_ack;
module_param_named(fault_lose_ack, flow41_fault_lose_ack, bool, 0644);
MODULE_PARM_DESC(fault_lose_ack, "deliberate fault: lose the handshake's ACK on the fast path");

bool flow41_fault_stale_hop;
module_param_named(fault_stale_hop, flow41_fault_stale_hop, bool, 0644);
MODULE_PARM_DESC(fault_stale_hop, "deliberate fault: send to the hardware address the next hop had when learnt");

bool flow41_fault_wrong_outer;
module_param_named(fault_wrong_outer, flow41_fault_wrong_outer, bool, 0644);
MODULE_PARM_DESC(fault_wrong_outer, "deliberate fault: send with a wrong IPv4 source address");

bool flow41_fault_no_audit;
module_param_named(fault_no_audit, flow41_fault_no_audit, bool, 0644);
MODULE_PARM_DESC(fault_no_audit, "deliberate fault: do not compare the cache with the software path");

static const struct {
	const char *name;
	const bool *on;
} faults[] = {
	{ "outer_key", &flow41_fault_outer_key },
	{ "lose_ack", &flow41_fault_lose_ack },
	{ "stale_hop", &flow41_fault_stale_hop },
	{ "wrong_outer", &flow41_fault_wrong_outer },
	{ "no_audit", &flow41_fault_no_audit },
};

MODULE_INFO(faults, "built with deliberate faults: never for use");

/**
 * flow41_fault_warn() - nobody shall load this by mistake
 *
 * Context: any.
 */
void flow41_fault_warn(void)
{
	pr_warn("flow41: built with deliberate faults (FAULTS=1): for tests only\n");
}

/**
 * flow41_fault_names() - which faults are on?
 * @names: filled in, with blanks between
 * @size: room there, in bytes
 *
 * Context: any.
 */
void flow41_fault_names(char *names, size_t size)
{
	unsigned int i;

	*names = '\0';
	for (i = 0; i < ARRAY_SIZE(faults); i++) {
		if (!READ_ONCE(*faults[i].on))
			continue;
		if (*names)
			strlcat(names, " ", size);
		strlcat(names, faults[i].name, size);
	}
}

/**
 * flow41_fault_forget_inner() - all connections of a tunnel become one
 * @key: a key; only the outer addresses and the device are left
 *
 * Context: any.
 */
void flow41_fault_forget_inner(struct flow41_key *key)
{
	memset(&key->src, 0, sizeof(key->src));
	memset(&key->dst, 0, sizeof(key->dst));
	key->sport = 0;
	key->dport = 0;
	key->proto = 0;
}

/**
 * flow41_fault_learn_hop() - note the next hop's hardware address
 * @flow: a flow that has just learnt its next hop
 *
 * Context: softirq.
 */
void flow41_fault_learn_hop(struct flow41_flow *flow)
{
	neigh_ha_snapshot(flow->stale_ha, flow->neigh, flow->neigh->dev);
}

static bool hop_is_stale(const struct flow41_flow *flow)
{
	u8 ha[MAX_ADDR_LEN];

	neigh_ha_snapshot(ha, flow->neigh, flow->neigh->dev);
	return memcmp(ha, flow->stale_ha, flow->neigh->dev->addr_len);
}

/**
 * flow41_fault_confess() - what the faults that act behind the rewrite will do to it
 * @flow: the flow of a packet that is audited
 * @result: what the cache made of it; changed
 *
 * Context: softirq.
 */
void flow41_fault_confess(const struct flow41_flow *flow,
			  struct flow41_result *result)
{
	const struct flow41_conn *conn;

	conn = flow41_flow_conn((struct flow41_flow *)flow);
	if (flow41_fault(stale_hop) && hop_is_stale(flow))
		result->neigh = NULL;
	if (flow41_fault(lose_ack) && READ_ONCE(conn->watched))
		result->len = 0;
}

/**
 * flow41_fault_xmit() - send to where the next hop once was
 * @flow: the flow
 * @skb: the packet; consumed
 *
 * Context: softirq. Return: as dev_queue_xmit().
 */
int flow41_fault_xmit(struct flow41_flow *flow, struct sk_buff *skb)
{
	if (dev_hard_header(skb, skb->dev, ntohs(skb->protocol), flow->stale_ha,
			    NULL, skb->len) < 0) {
		kfree_skb(skb);
		return NET_XMIT_DROP;
	}
	return dev_queue_xmit(skb);
}
