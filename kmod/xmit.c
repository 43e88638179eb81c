// SPDX-License-Identifier: GPL-2.0
/* Room for the headers before the rewrite; the next hop after it. */
#include <net/dst.h>
#include <net/ip_tunnels.h>
#include <net/neighbour.h>

#include "flow41.h"

/**
 * flow41_xmit_prepare() - make the headers writable, with room in front
 * @flow: the packet's flow
 * @skb: the packet; its bytes stay as they are, whatever is returned
 *
 * Copies only where somebody shares the headers (a packet socket), or where
 * the driver left less room than the egress device needs; so does skb_cow()
 * on the software path.
 *
 * Context: softirq, RCU read side. Return: false without memory.
 */
bool flow41_xmit_prepare(struct flow41_flow *flow, struct sk_buff *skb)
{
	unsigned int room = LL_RESERVED_SPACE(flow->dst->dev);

	if (flow->role == FLOW41_ROLE_ENCAP)
		room += FLOW41_IPV4_HLEN;
	if (skb_cow_head(skb, room))
		return false;
	/* The segmentation state lies behind the data: private only if all is. */
	return !skb_is_gso(skb) || !skb_unclone(skb, GFP_ATOMIC);
}

/* ipip6_tunnel_xmit(): a packet its queue dropped is none the tunnel sent. */
static void count_tunnel(struct net_device *tunnel, int result,
			 unsigned int len)
{
	iptunnel_xmit_stats(tunnel, unlikely(net_xmit_eval(result)) ? 0 : len);
}

/**
 * flow41_xmit() - hand a rewritten packet to its next hop
 * @flow: its flow
 * @skb: the packet; consumed
 * @inner_len: length of the inner packet, for the tunnel's counters
 *
 * Agrees with ip_finish_output2() and ip6_finish_output2(): the neighbour
 * decides by its state whether to send, queue or probe.
 *
 * Context: softirq, RCU read side.
 */
void flow41_xmit(struct flow41_flow *flow, struct sk_buff *skb,
		 unsigned int inner_len)
{
	int result;

	skb_orphan(skb);
	skb_clear_tstamp(skb);
	skb->mark = flow->mark_out;
	if (flow->role != FLOW41_ROLE_TRANSIT)
		skb->priority = flow->priority_out;
	skb->dev = flow->dst->dev;
	skb_dst_set_noref(skb, flow->dst);
	if (flow41_fault(stale_hop))
		result = flow41_fault_xmit(flow, skb);
	else
		result = neigh_output(flow->neigh, skb, flow->skip_hh);
	if (flow->role == FLOW41_ROLE_ENCAP)
		count_tunnel(flow41_flow_conn(flow)->tunnel, result, inner_len);
}
