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

/* A packet that was let through. */
struct passage {
	struct flow41_packet p;		/* its key is as it came in */
	struct net_device *tunnel;	/* NULL for transit */
	int in;				/* where the flow of each direction ... */
	int out;			/* ... comes in */
	u8 dir;				/* index in the connection's flow[] */
};

static enum flow41_refusal refuse_conntrack(const struct nf_conn *ct,
					    enum ip_conntrack_info info,
					    bool transit)
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
	if (status & IPS_NAT_CLASH || (status & IPS_NAT_MASK && !transit))
		return FLOW41_REFUSAL_NAT;
	if (nf_ct_tuple_equal(nf_ct_tuple(ct, IP_CT_DIR_ORIGINAL),
			      nf_ct_tuple(ct, IP_CT_DIR_REPLY)))
		return FLOW41_REFUSAL_SAME_ENDS;
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
	if (skb->protocol == htons(ETH_P_IPV6) &&
	    flow41_settle_multipath(skb_dst(skb)))
		return FLOW41_REFUSAL_MULTIPATH;
	return FLOW41_REFUSAL_NONE;
}

/*
 * The tunnel's far end. That packets go there, and come from there, is proven
 * before any is carried (settle.c): nothing hangs on a wrong guess.
 */
static __be32 find_remote(const struct flow41_conn *conn,
			  const struct sk_buff *skb, u8 dir)
{
	const struct in6_addr *far = &conn->flow[FLOW41_ROLE_ENCAP].key.dst;

	if (dir == FLOW41_ROLE_ENCAP)
		return flow41_tunnel_destination(conn->tunnel, skb_dst(skb),
						 far);
	return flow41_tunnel_guess(conn->tunnel, far);
}

/* This box encapsulates and decapsulates. */
static enum flow41_refusal describe_tunnel(struct flow41_conn *conn,
					   const struct sk_buff *skb,
					   const struct passage *passage)
{
	struct flow41_flow *encap = &conn->flow[FLOW41_ROLE_ENCAP];
	struct flow41_flow *decap = &conn->flow[FLOW41_ROLE_DECAP];
	enum flow41_refusal refusal;
	__be32 certain;

	refusal = flow41_tunnel_ends(conn->tunnel,
				     find_remote(conn, skb, passage->dir),
				     &decap->key);
	conn->roams = !flow41_tunnel_source(conn->tunnel, &decap->key.src,
					    &certain);
	encap->key.iif = passage->dir == FLOW41_ROLE_ENCAP ? passage->in :
							     passage->out;
	encap->key.outer_src = 0;
	encap->key.outer_dst = 0;
	encap->outer.saddr = decap->key.outer_dst;
	encap->outer.daddr = decap->key.outer_src;
	return refusal;
}

/* This box passes on, and translates: conntrack has both ends' addresses. */
static void describe_transit(struct flow41_conn *conn,
			     const struct passage *passage)
{
	u8 dir;

	for (dir = 0; dir < FLOW41_DIRS; dir++) {
		struct flow41_flow *flow = &conn->flow[dir];
		const struct nf_conntrack_tuple *comes, *answers;

		comes = nf_ct_tuple(conn->ct, flow->ct_dir);
		answers = nf_ct_tuple(conn->ct, !flow->ct_dir);
		flow->key.outer_src = comes->src.u3.ip;
		flow->key.outer_dst = comes->dst.u3.ip;
		flow->key.iif = dir == passage->dir ? passage->in :
						      passage->out;
		if (flow41_fault(outer_key))
			flow41_fault_forget_inner(&flow->key);
		flow->outer.saddr = answers->dst.u3.ip;
		flow->outer.daddr = answers->src.u3.ip;
	}
}

/* Fill in both directions, from a packet of either. */
static enum flow41_refusal describe(struct flow41_conn *conn,
				    const struct sk_buff *skb,
				    const struct passage *passage, u8 ct_dir)
{
	u8 dir = passage->dir;

	conn->flow[dir].key = passage->p.key;
	conn->flow[dir].ct_dir = ct_dir;
	flow41_key_reverse(&conn->flow[!dir].key, &passage->p.key);
	conn->flow[!dir].ct_dir = !ct_dir;

	if (conn->tunnel)
		return describe_tunnel(conn, skb, passage);
	describe_transit(conn, passage);
	return FLOW41_REFUSAL_NONE;
}

/* Once a second is often enough to hear of it. */
static void alert_full(struct flow41_net *fn)
{
	unsigned long last = READ_ONCE(fn->full_alert);

	if (jiffies - last < HZ ||
	    cmpxchg(&fn->full_alert, last, jiffies) != last)
		return;
	flow41_netlink_alert(fn, FLOW41_ALERT_TABLE_FULL, NULL);
}

/* Packets come by twice there: by their device, and as the VRF's. */
static bool in_vrf(const struct flow41_conn *conn, u8 dir)
{
	const struct net_device *dev;

	dev = dev_get_by_index_rcu(conn->fn->net, conn->flow[dir].key.iif);
	return dev && (netif_is_l3_slave(dev) || netif_is_l3_master(dev));
}

static enum flow41_refusal refuse_devices(const struct flow41_conn *conn)
{
	u8 dir;

	for (dir = 0; dir < FLOW41_DIRS; dir++) {
		if (in_vrf(conn, dir))
			return FLOW41_REFUSAL_VRF;
		if (!flow41_port_allowed(conn->fn, conn->flow[dir].key.iif))
			return FLOW41_REFUSAL_DEVICE;
	}
	return FLOW41_REFUSAL_NONE;
}

static enum flow41_refusal publish(struct flow41_conn *conn, u8 dir)
{
	struct flow41_net *fn = conn->fn;

	switch (flow41_conn_publish(conn, dir)) {
	case 0:
		flow41_port_want(fn, conn->flow[0].key.iif);
		flow41_port_want(fn, conn->flow[1].key.iif);
		return FLOW41_REFUSAL_NONE;
	case -ENOSPC:
		alert_full(fn);
		return FLOW41_REFUSAL_TABLE_FULL;
	case -EMLINK:
		return FLOW41_REFUSAL_ALIKE;
	case -EEXIST:
		return FLOW41_REFUSAL_NOT_ESTABLISHED;
	case -EXDEV:
		return FLOW41_REFUSAL_OTHER_WAY;
	default:
		return FLOW41_REFUSAL_ADMIT_NO_MEMORY;
	}
}

static enum flow41_refusal refuse_passage(const struct passage *passage)
{
	bool admit_syn = flow41_fault(outer_key) && !passage->tunnel;

	if (passage->p.tcp_flags & (TCPHDR_SYN | TCPHDR_FIN | TCPHDR_RST) &&
	    !admit_syn)
		return FLOW41_REFUSAL_NOT_ESTABLISHED;
	if (ipv6_addr_is_multicast(&passage->p.key.dst))
		return FLOW41_REFUSAL_MULTICAST;
	if (!passage->tunnel)
		return passage->in == passage->out ?
		       FLOW41_REFUSAL_SAME_DEVICE : FLOW41_REFUSAL_NONE;
	return flow41_tunnel_refuse(passage->tunnel);
}

/* Before anything is made; flow41_conn_publish() has the last word. */
static enum flow41_refusal refuse_full(struct flow41_net *fn)
{
	if (likely(atomic_read(&fn->flows) + FLOW41_DIRS <=
		   READ_ONCE(fn->max_flows)))
		return FLOW41_REFUSAL_NONE;
	alert_full(fn);
	return FLOW41_REFUSAL_TABLE_FULL;
}

/* Admit the connection of a packet that passed the filters. */
static enum flow41_refusal admit(struct flow41_net *fn, struct sk_buff *skb,
				 const struct passage *passage)
{
	enum ip_conntrack_info info;
	struct nf_conn *ct = nf_ct_get(skb, &info);
	enum flow41_refusal refusal;
	struct flow41_conn *conn;

	refusal = refuse_passage(passage);
	if (refusal == FLOW41_REFUSAL_NONE)
		refusal = refuse_conntrack(ct, info, !passage->tunnel);
	if (refusal == FLOW41_REFUSAL_NONE)
		refusal = refuse_route(skb);
	if (refusal == FLOW41_REFUSAL_NONE)
		refusal = refuse_full(fn);
	if (refusal != FLOW41_REFUSAL_NONE)
		return refusal;

	conn = flow41_conn_make(fn, ct, passage->tunnel);
	if (!conn)
		return FLOW41_REFUSAL_ADMIT_NO_MEMORY;
	refusal = describe(conn, skb, passage, CTINFO2DIR(info));
	if (refusal == FLOW41_REFUSAL_NONE)
		refusal = refuse_devices(conn);
	if (refusal == FLOW41_REFUSAL_NONE)
		refusal = flow41_quarantine_admits(&conn->flow[passage->dir], &passage->p);
	if (refusal == FLOW41_REFUSAL_NONE && flow41_pinned(conn))
		refusal = FLOW41_REFUSAL_PINNED;
	if (refusal != FLOW41_REFUSAL_NONE) {
		flow41_conn_discard(conn);
		return refusal;
	}
	refusal = publish(conn, passage->dir);
	if (refusal != FLOW41_REFUSAL_NONE)
		flow41_conn_free(conn);
	return refusal;
}

/*
 * As @old, but for where the decapsulated packets come from.
 * Return: false if it has ended, and nobody knows any more.
 */
static bool describe_moved(struct flow41_conn *conn, struct flow41_conn *old)
{
	struct flow41_key *key = &conn->flow[FLOW41_ROLE_DECAP].key;
	bool ended;
	u8 dir;

	for (dir = 0; dir < FLOW41_DIRS; dir++) {
		conn->flow[dir].key = old->flow[dir].key;
		conn->flow[dir].ct_dir = old->flow[dir].ct_dir;
	}
	conn->roams = true;
	conn->watched = READ_ONCE(old->watched);
	spin_lock_bh(&old->lock);
	conn->flow[FLOW41_ROLE_ENCAP].outer =
		old->flow[FLOW41_ROLE_ENCAP].outer;
	key->outer_src = old->stray.outer_src;
	key->outer_dst = old->stray.outer_dst;
	key->iif = old->stray.iif;
	ended = old->dead;
	spin_unlock_bh(&old->lock);
	return !ended;
}

/**
 * flow41_learn_move() - a connection's packets come in from elsewhere now
 * @old: a connection that roams; one with the new addresses takes its place
 *
 * Context: softirq, RCU read side.
 */
void flow41_learn_move(struct flow41_conn *old)
{
	enum flow41_refusal refusal;
	struct flow41_conn *conn;

	conn = flow41_conn_make(old->fn, old->ct, old->tunnel);
	if (!conn)
		return;
	if (!describe_moved(conn, old) ||
	    !flow41_conn_evict(old, FLOW41_EVICT_MOVED)) {
		flow41_conn_discard(conn);
		return;
	}
	refusal = refuse_devices(conn);
	if (refusal == FLOW41_REFUSAL_NONE)
		refusal = publish(conn, FLOW41_ROLE_DECAP);
	if (refusal == FLOW41_REFUSAL_NONE)
		return;
	flow41_count_refusal(conn->fn, refusal);
	flow41_conn_free(conn);
}

/* The flow rests on what it was made of: is this packet still of that? */
static void look_again(struct flow41_flow *flow, struct sk_buff *skb,
		       const struct passage *passage)
{
	struct flow41_conn *conn = flow41_flow_conn(flow);
	enum ip_conntrack_info info;
	bool moved;

	if (flow->role == FLOW41_ROLE_DECAP)
		moved = conn->flow[FLOW41_ROLE_ENCAP].key.iif != passage->out;
	else
		moved = flow->key.iif != passage->in;

	if (moved)
		flow41_conn_evict(conn, FLOW41_EVICT_REPLACED);
	else if (nf_ct_get(skb, &info) != conn->ct)
		flow41_conn_evict(conn, FLOW41_EVICT_CONNTRACK);
	else if (flow->role == FLOW41_ROLE_ENCAP)
		flow41_settle_through(flow, skb);
}

static void learn(struct flow41_net *fn, struct sk_buff *skb,
		  struct flow41_flow *flow, const struct passage *passage)
{
	enum flow41_refusal refusal;

	if (flow) {
		look_again(flow, skb, passage);
		return;
	}
	refusal = admit(fn, skb, passage);
	if (refusal != FLOW41_REFUSAL_NONE)
		flow41_count_refusal(fn, refusal);
}

/**
 * flow41_learn_decap() - the flow of a packet that came out of a tunnel
 * @fn: the network namespace
 * @p: what the parser read of it now; its outer source is filled in, if it is known
 * @tunnel: the sit device
 *
 * Context: softirq, RCU read side. Return: the flow, good until the end of the RCU
 * section, or NULL.
 */
struct flow41_flow *flow41_learn_decap(struct flow41_net *fn,
				       struct flow41_packet *p,
				       const struct net_device *tunnel)
{
	if (!flow41_tunnel_source(tunnel, &p->key.src, &p->key.outer_src))
		return flow41_table_lookup_roaming(fn, &p->key, tunnel);
	return flow41_table_lookup_leaving(fn, &p->key, tunnel);
}

static noinline void learn_inner(struct flow41_net *fn, struct sk_buff *skb,
				 const struct nf_hook_state *state)
{
	bool encap = flow41_tunnel_is(state->out);
	struct passage passage = {
		.tunnel = encap ? state->out : state->in,
		.in = state->in->ifindex,
		.out = state->out->ifindex,
		.dir = encap ? FLOW41_ROLE_ENCAP : FLOW41_ROLE_DECAP,
	};
	struct flow41_flow *flow;

	if (!flow41_read_ipv6(skb, &passage.p))
		return;
	if (encap)
		flow = flow41_table_lookup_leaving(fn, &passage.p.key,
						   passage.tunnel);
	else
		flow = flow41_learn_decap(fn, &passage.p, passage.tunnel);
	learn(fn, skb, flow, &passage);
}

/* FORWARD: an IPv6 packet between the LAN and a tunnel device was let through. */
static unsigned int learn_ipv6(void *priv, struct sk_buff *skb,
			       const struct nf_hook_state *state)
{
	if (flow41_tunnel_is(state->out) != flow41_tunnel_is(state->in))
		learn_inner(priv, skb, state);
	return NF_ACCEPT;
}

/**
 * flow41_learn_outer() - undo NAT: which addresses did a packet come in with?
 * @skb: a 6in4 packet that passes through, on its way out
 * @key: its key; the outer addresses are corrected
 *
 * Context: softirq.
 */
void flow41_learn_outer(const struct sk_buff *skb, struct flow41_key *key)
{
	const struct nf_conntrack_tuple *tuple;
	enum ip_conntrack_info info;
	struct nf_conn *ct = nf_ct_get(skb, &info);

	if (!ct)
		return;
	tuple = nf_ct_tuple(ct, CTINFO2DIR(info));
	key->outer_src = tuple->src.u3.ip;
	key->outer_dst = tuple->dst.u3.ip;
}

static noinline void learn_outer(struct flow41_net *fn, struct sk_buff *skb,
				 const struct nf_hook_state *state)
{
	struct passage passage = {
		.in = state->in->ifindex,
		.out = state->out->ifindex,
	};

	if (!flow41_read_6in4(skb, &passage.p))
		return;
	flow41_learn_outer(skb, &passage.p.key);
	learn(fn, skb, flow41_table_lookup_leaving(fn, &passage.p.key, NULL),
	      &passage);
}

/* FORWARD: a 6in4 packet that passes through was let through. */
static unsigned int learn_ipv4(void *priv, struct sk_buff *skb,
			       const struct nf_hook_state *state)
{
	if (flow41_is_6in4(skb))
		learn_outer(priv, skb, state);
	return NF_ACCEPT;
}

static const struct nf_hook_ops templates[] = {
	{
		.hook		= learn_ipv6,
		.pf		= NFPROTO_IPV6,
		.hooknum	= NF_INET_FORWARD,
		.priority	= NF_IP6_PRI_LAST,
	},
	{
		.hook		= learn_ipv4,
		.pf		= NFPROTO_IPV4,
		.hooknum	= NF_INET_FORWARD,
		.priority	= NF_IP_PRI_LAST,
	},
	{
		.hook		= flow41_leave_ipv6,
		.pf		= NFPROTO_IPV6,
		.hooknum	= NF_INET_POST_ROUTING,
		.priority	= NF_IP6_PRI_LAST,
	},
	{
		.hook		= flow41_leave_ipv4,
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
