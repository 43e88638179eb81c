// SPDX-License-Identifier: GPL-2.0
/*
 * The ingress hook: the whole path of a packet on one screen. Only here packets are
 * taken to be sent; leave.c takes off the software path what has been sent already.
 */
#include <linux/if_ether.h>
#include <linux/ip.h>
#include <net/tcp.h>

#include "path.h"

/*
 * Where packets are chained (frag_list) the first may be shorter: out of the others nothing
 * is pulled, as between them they are cut again.
 */
static noinline bool pull_some(struct sk_buff *skb, unsigned int want)
{
	want = min(skb->len, want);
	if (skb_has_frag_list(skb))
		want = min(want, skb_pagelen(skb));
	return pskb_may_pull(skb, want);
}

/* Up to @want bytes into the linear part. */
static bool pull(struct sk_buff *skb, unsigned int want)
{
	return likely(skb_headlen(skb) >= want) || pull_some(skb, want);
}

static enum flow41_punt parse_6in4(struct sk_buff *skb, struct flow41_packet *p)
{
	if (!pskb_may_pull(skb, FLOW41_IPV4_HLEN))
		return FLOW41_PUNT_TRUNCATED;
	if (!pull(skb, FLOW41_PARSE_6IN4))
		return FLOW41_PUNT_NO_MEMORY;
	return flow41_parse_6in4(skb->data, skb_headlen(skb), skb->len, p);
}

static enum flow41_punt parse_ipv6(struct sk_buff *skb, struct flow41_packet *p)
{
	if (!pull(skb, FLOW41_PARSE_IPV6))
		return FLOW41_PUNT_NO_MEMORY;
	return flow41_parse_ipv6(skb->data, skb_headlen(skb), skb->len, p);
}

/*
 * Put together from fragments? They were punted at the ingress, and how they are cut
 * again depends on how the pieces lie, which pulling would change (ip6_fragment()).
 */
static bool reassembled(const struct sk_buff *skb)
{
	return skb_has_frag_list(skb) && !skb_is_gso(skb);
}

/**
 * flow41_read_ipv6() - parse a packet on its way through the software path
 * @skb: the packet, at one of netfilter's IPv6 hooks
 * @p: filled in, but for the ingress device
 *
 * Context: softirq. Return: false if no flow could match.
 */
bool flow41_read_ipv6(struct sk_buff *skb, struct flow41_packet *p)
{
	return !reassembled(skb) && parse_ipv6(skb, p) == FLOW41_PUNT_NONE;
}

/**
 * flow41_read_6in4() - parse a packet on its way through the software path
 * @skb: the packet, at one of netfilter's IPv4 hooks
 * @p: filled in, but for the ingress device
 *
 * Context: softirq. Return: false if no flow could match.
 */
bool flow41_read_6in4(struct sk_buff *skb, struct flow41_packet *p)
{
	return !reassembled(skb) && parse_6in4(skb, p) == FLOW41_PUNT_NONE;
}

/* Pulling the headers into the linear part leaves the bytes as they are. */
static enum flow41_punt parse(const struct flow41_port *port,
			      struct sk_buff *skb, struct flow41_packet *p)
{
	enum flow41_punt punt = flow41_check_skb(skb);

	if (punt != FLOW41_PUNT_NONE)
		return punt;
	p->key.iif = port->dev->ifindex;
	if (skb->protocol == htons(ETH_P_IPV6))
		return parse_ipv6(skb, p);
	return parse_6in4(skb, p);
}

/* From here on the packet is another one. */
static void rewrite(struct flow41_conn *conn, struct flow41_flow *flow,
		    struct sk_buff *skb, const struct flow41_packet *p)
{
	switch (flow->role) {
	case FLOW41_ROLE_ENCAP:
		flow41_encap(conn, flow, skb, p);
		break;
	case FLOW41_ROLE_DECAP:
		flow41_decap(conn, flow, skb, p);
		break;
	case FLOW41_ROLE_TRANSIT:
		flow41_transit(conn, flow, skb, p);
		break;
	}
	flow41_xmit_dress(conn, flow, skb);
}

static void carry(struct flow41_conn *conn, struct flow41_flow *flow,
		  struct sk_buff *skb, const struct flow41_packet *p)
{
	int result;

	rewrite(conn, flow, skb, p);
	flow41_account(conn, flow, p);
	result = flow41_xmit(flow, skb);
	if (flow->role == FLOW41_ROLE_ENCAP)
		flow41_account_sent(conn, p, result);
}

static noinline bool
quarantined(struct flow41_conn *conn, struct flow41_flow *flow,
	    const struct flow41_packet *p)
{
	if (!flow41_quarantined(flow, p))
		return false;
	/* It may be another connection's: flows can be told apart badly (fault.h) */
	if (flow->key.proto == p->key.proto)
		flow41_conn_evict(conn, FLOW41_EVICT_QUARANTINED);
	return true;
}

/*
 * The handshake watch has to hear of what it does not see: both ways.
 * Return: false to lose the packet, which only a deliberate fault does.
 */
static noinline bool
note_fast(struct flow41_conn *conn, const struct flow41_flow *flow,
	  const struct flow41_packet *p)
{
	struct flow41_segment segment = {
		.p = p,
		.ifindex = flow->key.iif,
		.fast = true,
	};

	flow41_watch_outer(flow41_conn_passing(conn), flow->ct_dir, segment.outer);
	if (conn->tunnel)
		segment.tunnel = conn->tunnel->ifindex;
	if (!flow41_handshake_in(conn->fn, &segment))
		WRITE_ONCE(conn->watched, flow41_fault(outer_key));
	else if (flow41_fault(lose_ack))
		return false;
	segment.ifindex = flow->dst->dev->ifindex;
	flow41_handshake_out(conn->fn, &segment);
	return true;
}

static enum flow41_punt name_unknown(const struct flow41_packet *p)
{
	if (p->tcp_flags & TCPHDR_SYN)
		return FLOW41_PUNT_HANDSHAKE;
	if (p->tcp_flags & (TCPHDR_FIN | TCPHDR_RST))
		return FLOW41_PUNT_TEARDOWN;
	return FLOW41_PUNT_NO_FLOW;
}

/*
 * The packet stays as it came. If the software path may send it on, the flow's
 * next packets have to wait behind it.
 */
static noinline unsigned int
punt_flow(struct flow41_flow *flow, struct sk_buff *skb,
	  const struct flow41_packet *p, enum flow41_punt reason)
{
	struct flow41_net *fn = flow41_flow_conn(flow)->fn;

	if (reason != FLOW41_PUNT_HOP_LIMIT)
		flow41_settle_in(flow, skb, p);
	flow41_count_punt(fn, reason);
	return NF_ACCEPT;
}

/*
 * The packet takes the software path, and will be compared with its twin, which the
 * cache has rewritten and may have sent. Both have been made ready to be sent, with the
 * same room in front: ipip6_tunnel_xmit() need not make another skb for want of it, and
 * the audit knows the packet by its address in the end.
 * Return: false if it is to be carried after all.
 */
static noinline bool audit(struct flow41_conn *conn, struct flow41_flow *flow,
			   struct sk_buff *skb, const struct flow41_packet *p)
{
	enum flow41_audit_way way = flow41_audit_way(flow);
	bool ahead = way == FLOW41_AUDIT_AHEAD, open = false;
	struct sk_buff *twin;

	if (way == FLOW41_AUDIT_NOT)
		return false;
	twin = pskb_copy(skb, GFP_ATOMIC | __GFP_NOWARN);
	if (twin) {
		rewrite(conn, flow, twin, p);
		open = flow41_audit_open(flow, skb, twin, p, ahead);
	}
	if (ahead && open) {
		flow41_account_twin(conn, flow, p);
		flow41_xmit(flow, twin);
		return true;
	}
	consume_skb(twin);
	if (ahead)
		return false;
	punt_flow(flow, skb, p, FLOW41_PUNT_AUDIT);
	return true;
}

/* Known but for the IPv4 addresses it came in with? It is to be followed, too. */
static noinline unsigned int
punt_unknown(struct flow41_net *fn, struct sk_buff *skb,
	     const struct flow41_packet *p)
{
	struct flow41_flow *flow = NULL;

	if (skb->protocol == htons(ETH_P_IP))
		flow = flow41_table_lookup_roaming(fn, &p->key, NULL);
	if (flow)
		return punt_flow(flow, skb, p, FLOW41_PUNT_STRAY);
	flow41_count_punt(fn, name_unknown(p));
	return NF_ACCEPT;
}

/* What else comes in on the device should not even pay for a stack frame. */
static bool may_be_ours(const struct sk_buff *skb)
{
	const struct iphdr *iph = (const struct iphdr *)skb->data;

	if (skb->protocol == htons(ETH_P_IPV6))
		return true;
	return skb->protocol == htons(ETH_P_IP) &&
	       (skb_headlen(skb) < sizeof(*iph) ||
		iph->protocol == IPPROTO_IPV6);
}

static noinline __flatten unsigned int path(struct flow41_port *port,
					    struct sk_buff *skb)
{
	struct flow41_conn *conn;
	struct flow41_flow *flow;
	struct flow41_packet p __uninitialized;	/* the parser's to fill in */
	enum flow41_punt punt;

	punt = parse(port, skb, &p);
	if (punt != FLOW41_PUNT_NONE)
		goto leave;

	flow = flow41_table_lookup(port->fn, &p.key);
	if (!flow)
		return punt_unknown(port->fn, skb, &p);

	conn = flow41_flow_conn(flow);
	if (unlikely(atomic_read(&port->fn->watches.quarantined)) &&
	    quarantined(conn, flow, &p)) {
		punt = FLOW41_PUNT_QUARANTINED;
		goto leave;
	}
	punt = flow41_check(conn, flow, skb, &p);
	if (punt != FLOW41_PUNT_NONE)
		return punt_flow(flow, skb, &p, punt);
	if (!flow41_xmit_prepare(flow, skb))
		return punt_flow(flow, skb, &p, FLOW41_PUNT_NO_MEMORY);
	if (flow41_audit_due(flow) && audit(conn, flow, skb, &p))
		return NF_ACCEPT;

	if (unlikely(READ_ONCE(conn->watched)) &&
	    !note_fast(conn, flow, &p)) {
		kfree_skb(skb);
		return NF_STOLEN;
	}
	carry(conn, flow, skb, &p);
	return NF_STOLEN;

leave:
	flow41_count_punt(port->fn, punt);
	return NF_ACCEPT;
}

/**
 * flow41_hook_ingress() - where the path of a packet begins
 * @priv: the struct flow41_port of the device
 * @skb: a packet that came in, with skb->data at its network header
 * @state: unused
 *
 * Context: softirq, RCU read side. Return: NF_STOLEN when the packet was sent,
 * NF_ACCEPT when the software path has it, bit for bit as it came.
 */
unsigned int flow41_hook_ingress(void *priv, struct sk_buff *skb,
				 const struct nf_hook_state *state)
{
	struct flow41_port *port = priv;

	if (may_be_ours(skb))
		return path(port, skb);
	flow41_count_punt(port->fn, FLOW41_PUNT_OTHER_PROTOCOL);
	return NF_ACCEPT;
}
