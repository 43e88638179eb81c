// SPDX-License-Identifier: GPL-2.0
/*
 * What the software path decided -> flows. The hooks come last in their turn:
 * a packet they see has passed every filter there.
 */
#include <linux/netfilter_ipv4.h>
#include <linux/netfilter_ipv6.h>
#include <net/netfilter/nf_conntrack_helper.h>
#include <net/netfilter/nf_conntrack_seqadj.h>
#include <net/tcp.h>

#include "flow41.h"

static enum flow41_refusal refuse_conntrack(const struct nf_conn *ct,
					    enum ip_conntrack_info info)
{
	unsigned long status;

	if (!ct || nf_ct_is_template(ct))
		return FLOW41_REFUSAL_NO_CONNTRACK;
	status = READ_ONCE(ct->status);
	if (!(status & IPS_CONFIRMED) || status & IPS_DYING ||
	    info == IP_CT_RELATED || info == IP_CT_RELATED_REPLY)
		return FLOW41_REFUSAL_NOT_ESTABLISHED;
	if (status & (IPS_OFFLOAD | IPS_HW_OFFLOAD))
		return FLOW41_REFUSAL_OFFLOADED;
	if (status & (IPS_NAT_MASK | IPS_NAT_CLASH))
		return FLOW41_REFUSAL_NAT;
	if (status & IPS_SEQ_ADJUST || nfct_help(ct) || nfct_seqadj(ct))
		return FLOW41_REFUSAL_HELPER;
	if (nf_ct_protonum(ct) == IPPROTO_TCP &&
	    (ct->proto.tcp.state != TCP_CONNTRACK_ESTABLISHED ||
	     !(status & IPS_ASSURED)))
		return FLOW41_REFUSAL_NOT_ESTABLISHED;
	return FLOW41_REFUSAL_NONE;
}

static enum flow41_refusal refuse_route(const struct sk_buff *skb)
{
	if (dst_xfrm(skb_dst(skb)) || skb_sec_path(skb))
		return FLOW41_REFUSAL_XFRM;
	if (flow41_settle_multipath(skb_dst(skb)))
		return FLOW41_REFUSAL_MULTIPATH;
	return FLOW41_REFUSAL_NONE;
}

static void reverse(struct flow41_key *to, const struct flow41_key *from)
{
	to->src = from->dst;
	to->dst = from->src;
	to->sport = from->dport;
	to->dport = from->sport;
	to->proto = from->proto;
}

/* Fill in both directions, from a packet of either. */
static enum flow41_refusal describe(struct flow41_conn *conn,
				    const struct flow41_key *key, u8 role,
				    int lan, u8 ct_dir)
{
	struct flow41_flow *encap = &conn->flow[FLOW41_ROLE_ENCAP];
	struct flow41_flow *decap = &conn->flow[FLOW41_ROLE_DECAP];
	enum flow41_refusal refusal;

	conn->flow[role].key = *key;
	conn->flow[role].ct_dir = ct_dir;
	reverse(&conn->flow[!role].key, key);
	conn->flow[!role].ct_dir = !ct_dir;

	refusal = flow41_tunnel_ends(conn->tunnel, &decap->key);
	encap->key.iif = lan;
	encap->key.outer_src = 0;
	encap->key.outer_dst = 0;
	encap->outer.saddr = decap->key.outer_dst;
	encap->outer.daddr = decap->key.outer_src;
	return refusal;
}

static enum flow41_refusal publish(struct flow41_conn *conn, u8 role)
{
	struct flow41_net *fn = conn->fn;
	int lan = conn->flow[FLOW41_ROLE_ENCAP].key.iif;
	int wan = conn->flow[FLOW41_ROLE_DECAP].key.iif;

	if (!flow41_port_allowed(fn, lan) || !flow41_port_allowed(fn, wan))
		return FLOW41_REFUSAL_DEVICE;

	switch (flow41_conn_publish(conn, role)) {
	case 0:
		flow41_port_want(fn, lan);
		flow41_port_want(fn, wan);
		return FLOW41_REFUSAL_NONE;
	case -ENOSPC:
		return FLOW41_REFUSAL_TABLE_FULL;
	case -EEXIST:
		return FLOW41_REFUSAL_NOT_ESTABLISHED;
	default:
		return FLOW41_REFUSAL_ADMIT_NO_MEMORY;
	}
}

/* Admit the connection of a packet that passed the filters. */
static enum flow41_refusal admit(struct flow41_net *fn, struct sk_buff *skb,
				 const struct flow41_key *key, u8 role,
				 struct net_device *tunnel, int lan)
{
	enum ip_conntrack_info info;
	struct nf_conn *ct = nf_ct_get(skb, &info);
	enum flow41_refusal refusal;
	struct flow41_conn *conn;

	refusal = refuse_conntrack(ct, info);
	if (refusal == FLOW41_REFUSAL_NONE)
		refusal = refuse_route(skb);
	if (refusal == FLOW41_REFUSAL_NONE)
		refusal = flow41_tunnel_refuse(tunnel);
	if (refusal != FLOW41_REFUSAL_NONE)
		return refusal;

	conn = flow41_conn_make(fn, ct, tunnel);
	if (!conn)
		return FLOW41_REFUSAL_ADMIT_NO_MEMORY;
	refusal = describe(conn, key, role, lan, CTINFO2DIR(info));
	if (refusal == FLOW41_REFUSAL_NONE)
		refusal = publish(conn, role);
	if (refusal != FLOW41_REFUSAL_NONE)
		flow41_conn_free(conn);
	return refusal;
}

/* The flow rests on what it was made of: is this packet still of that? */
static void look_again(struct flow41_flow *flow, struct sk_buff *skb, int lan)
{
	struct flow41_conn *conn = flow41_flow_conn(flow);
	enum ip_conntrack_info info;

	if (conn->flow[FLOW41_ROLE_ENCAP].key.iif != lan)
		flow41_conn_evict(conn, FLOW41_EVICT_REPLACED);
	else if (nf_ct_get(skb, &info) != conn->ct)
		flow41_conn_evict(conn, FLOW41_EVICT_CONNTRACK);
	else if (flow->role == FLOW41_ROLE_ENCAP)
		flow41_settle_through(flow, skb);
}

static bool read_ipv6(struct sk_buff *skb, struct flow41_packet *p)
{
	return pskb_may_pull(skb, min(skb->len, FLOW41_PARSE_IPV6)) &&
	       flow41_parse_ipv6(skb->data, skb_headlen(skb), skb->len, p) ==
	       FLOW41_PUNT_NONE;
}

static __be32 remote_of(const struct net_device *tunnel)
{
	return ((const struct ip_tunnel *)netdev_priv(tunnel))->parms.iph.daddr;
}

/* FORWARD: an IPv6 packet between the LAN and a tunnel device was let through. */
static unsigned int learn_forward(void *priv, struct sk_buff *skb,
				  const struct nf_hook_state *state)
{
	u8 role = flow41_tunnel_is(state->out) ? FLOW41_ROLE_ENCAP :
						 FLOW41_ROLE_DECAP;
	struct net_device *tunnel, *lan;
	enum flow41_refusal refusal;
	struct flow41_net *fn = priv;
	struct flow41_flow *flow;
	struct flow41_packet p;

	if (flow41_tunnel_is(state->out) == flow41_tunnel_is(state->in))
		return NF_ACCEPT;
	tunnel = role == FLOW41_ROLE_ENCAP ? state->out : state->in;
	lan = role == FLOW41_ROLE_ENCAP ? state->in : state->out;
	if (!read_ipv6(skb, &p))
		return NF_ACCEPT;

	if (role == FLOW41_ROLE_DECAP)
		p.key.outer_src = remote_of(tunnel);
	flow = flow41_table_lookup_leaving(fn, &p.key, tunnel);
	if (flow) {
		look_again(flow, skb, lan->ifindex);
		return NF_ACCEPT;
	}
	if (p.tcp_flags & (TCPHDR_SYN | TCPHDR_FIN | TCPHDR_RST))
		refusal = FLOW41_REFUSAL_NOT_ESTABLISHED;
	else
		refusal = admit(fn, skb, &p.key, role, tunnel, lan->ifindex);
	if (refusal != FLOW41_REFUSAL_NONE)
		flow41_count_refusal(fn, refusal);
	return NF_ACCEPT;
}

/* POST_ROUTING: a decapsulated packet leaves for the LAN. */
static unsigned int leave_ipv6(void *priv, struct sk_buff *skb,
			       const struct nf_hook_state *state)
{
	struct flow41_net *fn = priv;
	struct flow41_flow *flow;
	struct flow41_packet p;

	if (!atomic_read(&fn->detours) || !flow41_tunnel_is(state->in) ||
	    !read_ipv6(skb, &p))
		return NF_ACCEPT;
	p.key.outer_src = remote_of(state->in);
	flow = flow41_table_lookup_leaving(fn, &p.key, state->in);
	if (flow)
		flow41_settle_out(flow, skb, &p);
	return NF_ACCEPT;
}

/* POST_ROUTING: an encapsulated packet leaves for the WAN. */
static unsigned int leave_ipv4(void *priv, struct sk_buff *skb,
			       const struct nf_hook_state *state)
{
	struct flow41_net *fn = priv;
	struct flow41_flow *flow;
	struct flow41_packet p;

	if (!atomic_read(&fn->detours) || !flow41_tunnel_is(state->in) ||
	    ip_hdr(skb)->protocol != IPPROTO_IPV6 ||
	    !pskb_may_pull(skb, min(skb->len, FLOW41_PARSE_6IN4)) ||
	    flow41_parse_6in4(skb->data, skb_headlen(skb), skb->len, &p) !=
	    FLOW41_PUNT_NONE)
		return NF_ACCEPT;
	p.key.outer_src = 0;
	flow = flow41_table_lookup_leaving(fn, &p.key, state->in);
	if (flow)
		flow41_settle_out(flow, skb, &p);
	return NF_ACCEPT;
}

static const struct nf_hook_ops templates[] = {
	{
		.hook		= learn_forward,
		.pf		= NFPROTO_IPV6,
		.hooknum	= NF_INET_FORWARD,
		.priority	= NF_IP6_PRI_LAST,
	},
	{
		.hook		= leave_ipv6,
		.pf		= NFPROTO_IPV6,
		.hooknum	= NF_INET_POST_ROUTING,
		.priority	= NF_IP6_PRI_LAST,
	},
	{
		.hook		= leave_ipv4,
		.pf		= NFPROTO_IPV4,
		.hooknum	= NF_INET_POST_ROUTING,
		.priority	= NF_IP_PRI_LAST,
	},
};

/**
 * flow41_learn_init() - prepare the hooks of a network namespace
 * @fn: the network namespace; its hooks are not registered yet
 *
 * Context: any.
 */
void flow41_learn_init(struct flow41_net *fn)
{
	unsigned int i;

	BUILD_BUG_ON(ARRAY_SIZE(templates) != FLOW41_HOOKS);
	for (i = 0; i < FLOW41_HOOKS; i++) {
		fn->hooks[i] = templates[i];
		fn->hooks[i].priv = fn;
	}
}
