// SPDX-License-Identifier: GPL-2.0
/*
 * What a flow rests on: conntrack entries, routes, a neighbour, the tunnel. Does all of it
 * still hold? Asked in full now and then, by forget.c, too; in short for each packet.
 */
#include <net/ip6_route.h>
#include <net/route.h>
#include <net/netfilter/nf_conntrack_core.h>

#include "path.h"

static int check_conntrack(const struct nf_conn *ct)
{
	unsigned long status = READ_ONCE(ct->status);

	if (status & IPS_DYING || nf_ct_is_expired(ct))
		return FLOW41_EVICT_CONNTRACK;
	if (status & (IPS_OFFLOAD | IPS_HW_OFFLOAD))
		return FLOW41_EVICT_OFFLOADED;
	if (nf_ct_protonum(ct) == IPPROTO_TCP &&
	    READ_ONCE(ct->proto.tcp.state) != TCP_CONNTRACK_ESTABLISHED)
		return FLOW41_EVICT_TCP_END;
	return -1;
}

/* Both routes, the next hop, and that the outer packet would be accepted. */
static int check_path(struct flow41_flow *flow, const struct flow41_conn *conn)
{
	if (conn->tunnel && !(READ_ONCE(conn->tunnel->flags) & IFF_UP))
		return FLOW41_EVICT_DEVICE;
	if (!dst_check(flow->dst, flow->cookie))
		return FLOW41_EVICT_ROUTE;
	if (flow->role == FLOW41_ROLE_ENCAP &&
	    !dst_check(conn->tunnel_dst, flow->cookie))
		return FLOW41_EVICT_ROUTE;
	if (flow->role != FLOW41_ROLE_ENCAP &&
	    flow->genid != rt_genid_ipv4(conn->fn->net))
		return FLOW41_EVICT_ROUTE;
	/* One that does not answer the kernel can only forget when nobody holds it. */
	if (READ_ONCE(flow->neigh->dead) ||
	    READ_ONCE(flow->neigh->nud_state) & NUD_FAILED)
		return FLOW41_EVICT_NEIGHBOUR;
	return -1;
}

/*
 * conntrack may begin to follow the tunnel when its connections are long cached. A decap
 * flow looked for the entry in the same way when it settled.
 */
static bool tracked_by_now(const struct flow41_flow *flow)
{
	struct nf_conn *ct;
	u8 dir;

	if (flow->role != FLOW41_ROLE_DECAP || flow->outer_ct)
		return false;
	ct = flow41_tunnel_conntrack(flow41_flow_conn(flow)->fn->net,
				     flow->key.outer_src, flow->key.outer_dst,
				     &dir);
	if (ct)
		nf_ct_put(ct);
	return ct;
}

/**
 * flow41_reasons_gone() - has something gone that the flow rests on?
 * @flow: the flow
 *
 * Context: softirq or process, RCU read side.
 * Return: -1 if all is there, else enum flow41_evict.
 */
int flow41_reasons_gone(struct flow41_flow *flow)
{
	struct flow41_conn *conn = flow41_flow_conn(flow);
	int reason = check_conntrack(conn->ct);

	if (reason >= 0)
		return reason;
	if (unlikely(conn->unfixed) && flow41_tunnel_changed(conn))
		return FLOW41_EVICT_TUNNEL;
	if (!flow41_flow_settled(flow))
		return -1;
	if (unlikely(flow41_audit_overdue(flow)))
		return FLOW41_EVICT_AUDIT_LOST;
	if (tracked_by_now(flow))
		return FLOW41_EVICT_CONNTRACK;
	if (flow->outer_ct) {
		reason = check_conntrack(flow->outer_ct);
		if (reason >= 0)
			return reason;
	}
	return check_path(flow, conn);
}

/* check_conntrack(), where it does not matter why not. */
static bool conntrack_holds(const struct nf_conn *ct)
{
	return !(READ_ONCE(ct->status) &
		 (IPS_DYING | IPS_OFFLOAD | IPS_HW_OFFLOAD)) &&
	       !nf_ct_is_expired(ct) &&
	       (nf_ct_protonum(ct) != IPPROTO_TCP ||
		READ_ONCE(ct->proto.tcp.state) == TCP_CONNTRACK_ESTABLISHED);
}

/* ipv4_dst_check() */
static bool ipv4_route_holds(const struct dst_entry *dst, const struct net *net)
{
	const struct rtable *rt = container_of(dst, struct rtable, dst);

	return READ_ONCE(dst->obsolete) == DST_OBSOLETE_FORCE_CHK &&
	       rt->rt_genid == rt_genid_ipv4(net);
}

/* rt6_check_expired() */
static bool ipv6_route_expired(const struct rt6_info *rt,
			       const struct fib6_info *from)
{
	return (rt->rt6i_flags & RTF_EXPIRES &&
		time_after(jiffies, READ_ONCE(rt->dst.expires))) ||
	       fib6_check_expired(from);
}

/*
 * ip6_dst_check(), where no IPv6 route was added or changed since it was last asked
 * (then @sernum is another one).
 */
static bool ipv6_route_holds(const struct dst_entry *dst, const struct net *net,
			     u32 sernum)
{
	const struct rt6_info *rt = container_of(dst, struct rt6_info, dst);
	const struct fib6_info *from = rcu_dereference(rt->from);

	return READ_ONCE(dst->obsolete) == DST_OBSOLETE_FORCE_CHK &&
	       atomic_read(&net->ipv6.fib6_sernum) == sernum && !rt->sernum &&
	       from && rcu_access_pointer(from->fib6_node) &&
	       !ipv6_route_expired(rt, from);
}

static bool routes_hold(const struct flow41_flow *flow,
			const struct flow41_conn *conn)
{
	const struct net *net = conn->fn->net;
	const struct dst_entry *inner = NULL;

	if (flow->role == FLOW41_ROLE_ENCAP)
		inner = conn->tunnel_dst;
	if (flow->role == FLOW41_ROLE_DECAP)
		inner = flow->dst;
	else if (!ipv4_route_holds(flow->dst, net))
		return false;
	if (flow->role != FLOW41_ROLE_ENCAP &&
	    flow->genid != rt_genid_ipv4(net))
		return false;
	/* Pairs with the release in flow41_settle_in(). */
	return !inner || ipv6_route_holds(inner, net, smp_load_acquire(&flow->sernum));
}

/*
 * flow41_reasons_gone() found nothing. Has nothing happened since? Return: false if it
 * has to be asked again.
 */
static bool flow41_reasons_hold(const struct flow41_flow *flow,
				const struct flow41_conn *conn)
{
	return flow41_flow_settled(flow) &&
	       likely(!conn->unfixed || !flow41_tunnel_changed(conn)) &&
	       conntrack_holds(conn->ct) &&
	       (!flow->outer_ct || conntrack_holds(flow->outer_ct)) &&
	       routes_hold(flow, conn) &&
	       !READ_ONCE(flow->neigh->dead);
}
