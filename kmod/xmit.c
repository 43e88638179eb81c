// SPDX-License-Identifier: GPL-2.0
/* Room for the headers before the rewrite; the next hop after it. */
#include <net/dst.h>
#include <net/ip_tunnels.h>
#include <net/neighbour.h>

#include "path.h"

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
static bool flow41_xmit_prepare(struct flow41_flow *flow, struct sk_buff *skb)
{
	unsigned int room = LL_RESERVED_SPACE(flow->dst->dev);

	if (flow->role == FLOW41_ROLE_ENCAP)
		room += FLOW41_IPV4_HLEN;
	if (skb_cow_head(skb, room))
		return false;
	/* The segmentation state lies behind the data: private only if all is. */
	return !skb_is_gso(skb) || !skb_unclone(skb, GFP_ATOMIC);
}

/**
 * flow41_xmit_next_hop() - where the software path is about to send a packet
 * @skb: the packet, routed, with skb->data at its network header
 *
 * Context: softirq, RCU read side.
 * Return: the neighbour, owned by the caller, or NULL.
 */
struct neighbour *flow41_xmit_next_hop(struct sk_buff *skb)
{
	const struct dst_entry *dst = skb_dst(skb);
	struct neighbour *neigh;

	if (dst->ops->family == AF_INET)
		neigh = dst_neigh_lookup(dst, &ip_hdr(skb)->daddr);
	else
		neigh = dst_neigh_lookup(dst, &ipv6_hdr(skb)->daddr);
	return IS_ERR(neigh) ? NULL : neigh;
}

/* resolve_normal_ct() */
static enum ip_conntrack_info info_of(const struct nf_conn *ct, u8 dir)
{
	unsigned long status = READ_ONCE(ct->status);

	if (dir == IP_CT_DIR_REPLY)
		return IP_CT_ESTABLISHED_REPLY;
	if (status & IPS_SEEN_REPLY)
		return IP_CT_ESTABLISHED;
	return status & IPS_EXPECTED ? IP_CT_RELATED : IP_CT_NEW;
}

/* A bridge's filters and traffic control look at it, and CAKE for the hosts behind NAT. */
static void attach_conntrack(const struct flow41_conn *conn,
			     const struct flow41_flow *flow, struct sk_buff *skb)
{
	struct nf_conn *ct = conn->ct;
	u8 dir = flow->ct_dir;

	if (flow->role == FLOW41_ROLE_ENCAP) {
		ct = flow->outer_ct;
		dir = flow->outer_dir;
	}
	if (!ct) {
		if (flow->untracked)
			nf_ct_set(skb, NULL, IP_CT_UNTRACKED);
		return;
	}
	nf_conntrack_get(&ct->ct_general);
	nf_ct_set(skb, ct, info_of(ct, dir));
}

/**
 * flow41_xmit_dress() - give a rewritten packet all it leaves with but its next hop
 * @conn: its connection
 * @flow: its flow
 * @skb: the packet
 *
 * Context: softirq, RCU read side.
 */
static void flow41_xmit_dress(struct flow41_conn *conn, struct flow41_flow *flow,
			      struct sk_buff *skb)
{
	struct dst_entry *dst = flow->dst;

	skb_orphan(skb);
	skb_clear_tstamp(skb);
	skb_reset_redirect(skb);
	attach_conntrack(conn, flow, skb);
	skb->mark = flow->mark_out;
	if (flow->role != FLOW41_ROLE_TRANSIT)
		skb->priority = flow->priority_out;
	skb->dev = dst->dev;
	if (dst)	/* never NULL; that the compiler is told so saves a dozen instructions */
		skb_dst_set_noref(skb, dst);
}

/**
 * flow41_xmit() - hand a packet to its next hop
 * @flow: its flow
 * @skb: the packet, rewritten and dressed; consumed
 *
 * Agrees with ip_finish_output2() and ip6_finish_output2(): the neighbour
 * decides by its state whether to send, queue or probe.
 *
 * Context: softirq, RCU read side. Return: as dev_queue_xmit().
 */
static int flow41_xmit(struct flow41_flow *flow, struct sk_buff *skb)
{
	if (flow41_fault(stale_hop))
		return flow41_fault_xmit(flow, skb);
	return neigh_output(flow->neigh, skb, flow->skip_hh);
}
