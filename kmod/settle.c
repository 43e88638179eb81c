// SPDX-License-Identifier: GPL-2.0
/*
 * A flow's packets on the software path: seen to come in, seen to leave.
 *
 * This is how a flow learns its rewrite: from a packet that the software path
 * has really sent, header, route, mark, priority and all. And it is how order
 * is kept: after a packet went the software way (the first ones, or one that
 * was punted later), the flow's next packets follow it there until none is
 * left inside, be it in a NAPI batch, the backlog behind the tunnel device, or
 * a queue.
 *
 * "None is left inside" is told by counting, and by the packet that came in
 * last, known by the fingerprint of its TCP or UDP header and payload: packets of
 * a flow leave in the order they came. What the software path dropped makes the count
 * too high; so if the last one leaves twice, and no fewer are missing the second time,
 * those are gone for good. If none is missing, but the last one was not known again (a
 * rule has changed it, or cut it), the flow is clear when nothing has come for a while.
 */
#include <net/ip6_fib.h>
#include <net/netfilter/nf_conntrack.h>
#include <net/route.h>

#include "flow41.h"

#define QUIET		(HZ / 20 + 1)
#define ONE_WAY_PACKETS	3	/* packets of a one-way stream before it counts */

/**
 * flow41_settle_in() - a packet of the flow goes to the software path
 * @flow: the flow
 * @skb: the packet, at the ingress hook
 * @p: what the parser read
 *
 * Context: softirq, RCU read side.
 */
void flow41_settle_in(struct flow41_flow *flow, const struct sk_buff *skb,
		      const struct flow41_packet *p)
{
	struct flow41_conn *conn = flow41_flow_conn(flow);
	struct flow41_detour *detour = flow41_flow_detour(flow);

	spin_lock_bh(&conn->lock);
	if (conn->dead)
		goto unlock;
	if (flow->stage == FLOW41_STAGE_LIVE) {
		atomic_inc(&conn->fn->detours);
		detour->inside = 0;
		detour->missing = 0;
		/* astray() counts from here on */
		if (flow41_elapsed(flow->audited) > FLOW41_PROOF_LASTS)
			WRITE_ONCE(flow->audited, (u32)jiffies - FLOW41_PROOF_LASTS);
		WRITE_ONCE(flow->stage, FLOW41_STAGE_DETOUR);
	} else if (flow->stage == FLOW41_STAGE_SETTLING) {
		flow->mark_in = skb->mark;
		flow->priority_in = skb->priority;
		flow->genid = rt_genid_ipv4(conn->fn->net);
	}
	/*
	 * What is changed from here on, this packet may not have met. Pairs with the acquire
	 * in routes_hold(): whoever sees it sees the stage, too.
	 */
	smp_store_release(&flow->sernum,
			  atomic_read(&conn->fn->net->ipv6.fib6_sernum));
	if (unlikely(conn->roams))
		flow41_roam_in(flow, p);
	flow41_expect(flow, skb, p);
	detour->tag = flow41_expect_tag(skb, p);
	detour->dscp = flow41_flow_dscp(flow, p);
	detour->marked = skb->mark == flow->mark_in &&
			 skb->priority == flow->priority_in;
	detour->came = true;
	/* A rule that queues a packet of many segments may let them out one by one. */
	detour->inside += flow41_segments(skb, p);
	WRITE_ONCE(flow->used, (u32)jiffies);
unlock:
	spin_unlock_bh(&conn->lock);
}

static void go_live(struct flow41_flow *flow)
{
	lockdep_assert_held(&flow41_flow_conn(flow)->lock);

	/* Pairs with the acquire in flow41_flow_settled(). */
	smp_store_release(&flow->stage, FLOW41_STAGE_LIVE);
	atomic_dec(&flow41_flow_conn(flow)->fn->detours);
}

/**
 * flow41_settle_overdue() - has a detour been quiet for long enough to be over?
 * @flow: a flow that is not live; made live if so
 *
 * While a packet has not left (a rule may have queued it), not before the flow's proof is
 * too old: then the next one is sent by software, too (audit.c). The detour of one that the
 * audit waits for is over when it leaves, or with the flow.
 *
 * Context: softirq, RCU read side. Return: true if the flow is live now.
 */
bool flow41_settle_overdue(struct flow41_flow *flow)
{
	struct flow41_conn *conn = flow41_flow_conn(flow);
	struct flow41_detour *detour = flow41_flow_detour(flow);
	bool over;
	u32 quiet;

	if (READ_ONCE(flow->stage) != FLOW41_STAGE_DETOUR ||
	    READ_ONCE(detour->odd) || READ_ONCE(detour->audit_out) ||
	    flow41_elapsed(READ_ONCE(flow->used)) < QUIET)
		return false;

	spin_lock_bh(&conn->lock);
	quiet = flow41_elapsed(flow->used);
	over = !conn->dead && quiet >= (detour->inside <= 0 ? QUIET : FLOW41_PROOF_LASTS);
	if (over && flow->stage == FLOW41_STAGE_DETOUR)
		go_live(flow);
	spin_unlock_bh(&conn->lock);
	return over;
}

/* Is every packet that came in also out, or gone? */
static bool none_inside(struct flow41_detour *detour)
{
	if (detour->inside <= 0 ||
	    (detour->missing && detour->inside >= detour->missing))
		return true;
	detour->missing = detour->inside;
	return false;
}

/**
 * flow41_settle_multipath() - has an IPv6 route several next hops?
 * @dst: the route
 *
 * Then the choice may hang on the packet's flow label (rt6_multipath_hash()),
 * and one of them is not the answer for all packets of a flow.
 *
 * Context: RCU read side.
 */
bool flow41_settle_multipath(const struct dst_entry *dst)
{
	const struct rt6_info *rt = (const struct rt6_info *)dst;
	const struct fib6_info *from = rcu_dereference(rt->from);

	return from && (from->fib6_nsiblings ||
			(from->nh && nexthop_is_multipath(from->nh)));
}

/* A route that leads straight to one device, with nothing in between. */
static bool route_plain(const struct dst_entry *dst)
{
	if (dst->error || dst->lwtstate || dst_xfrm(dst) ||
	    dst_feature(dst, RTAX_FEATURE_ALLFRAG))
		return false;
	if (dst->ops->family == AF_INET)
		return ((const struct rtable *)dst)->rt_type == RTN_UNICAST;
	return !flow41_settle_multipath(dst) &&
	       !(((const struct rt6_info *)dst)->rt6i_flags &
		 (RTF_LOCAL | RTF_ANYCAST | RTF_REJECT));
}

/* The entry of the outer packets, held, or NULL. */
static struct nf_conn *find_outer(struct flow41_flow *flow,
				  const struct sk_buff *skb, u8 *dir)
{
	enum ip_conntrack_info info;
	struct nf_conn *ct;

	if (flow->role != FLOW41_ROLE_ENCAP)
		return flow41_tunnel_conntrack(flow41_flow_conn(flow)->fn->net,
					       flow->key.outer_src,
					       flow->key.outer_dst, dir);
	ct = nf_ct_get(skb, &info);
	flow->untracked = !ct && info == IP_CT_UNTRACKED;
	if (ct) {
		*dir = CTINFO2DIR(info);
		nf_conntrack_get(&ct->ct_general);
	}
	return ct;
}

/* Return: false if the outer entry is one that the cache cannot stand in for. */
static bool adopt_outer(struct flow41_flow *flow, const struct sk_buff *skb)
{
	u8 dir = 0;
	struct nf_conn *ct = find_outer(flow, skb, &dir);

	if (ct && (!nf_ct_is_confirmed(ct) || !flow41_tunnel_zone_plain(ct) ||
		   READ_ONCE(ct->status) & (IPS_NAT_MASK | IPS_DYING |
					    IPS_OFFLOAD | IPS_HW_OFFLOAD))) {
		nf_ct_put(ct);
		return false;
	}
	flow->outer_ct = ct;
	flow->outer_dir = dir;
	return true;
}

/* ip_forward() sets the priority, by each packet's TOS; a rule may set another. */
static bool priority_plain(const struct flow41_flow *flow,
			   const struct sk_buff *skb)
{
	return flow->role != FLOW41_ROLE_TRANSIT ||
	       skb->priority == rt_tos2priority(ip_hdr(skb)->tos);
}

/* What the packet shows of the rewrite; both references are the flow's by now. */
static void take_over(struct flow41_flow *flow, const struct sk_buff *skb)
{
	if (flow->dst->ops->family == AF_INET) {
		flow->outer.saddr = ip_hdr(skb)->saddr;
		flow->outer.daddr = ip_hdr(skb)->daddr;
		flow->outer.frag_off = ip_hdr(skb)->frag_off;
		flow->outer.id = ntohs(ip_hdr(skb)->id) + 1;
		flow->skip_hh = ((struct rtable *)flow->dst)->rt_gw_family ==
				AF_INET6;
	} else {
		flow->cookie = rt6_get_cookie((struct rt6_info *)flow->dst);
	}
	flow->mark_out = skb->mark;
	flow->priority_out = skb->priority;
	flow->dscp_seen = BIT_ULL(flow41_flow_detour(flow)->dscp);
	flow->audited = flow->used;
	flow->audit_left = flow41_flow_conn(flow)->fn->audits.rate - 1;
	flow->renewed = (u32)jiffies - 1;
	flow->checked = flow->renewed - HZ;
}

/* The software path's result becomes the flow's rewrite. Nobody reads it yet. */
static bool adopt(struct flow41_flow *flow, struct sk_buff *skb)
{
	struct dst_entry *dst = skb_dst(skb);
	struct neighbour *neigh;

	if (!route_plain(dst) || !priority_plain(flow, skb))
		return false;
	neigh = flow41_xmit_next_hop(skb);
	if (!neigh)
		return false;
	/* One that has not answered yet is not held: its table may need the room */
	if (!(READ_ONCE(neigh->nud_state) & NUD_VALID))
		goto release_neigh;
	if (flow->role != FLOW41_ROLE_TRANSIT && !adopt_outer(flow, skb))
		goto release_neigh;
	/* The packet does not own its route, which may be going away. */
	if (!dst_hold_safe(dst))
		goto put_outer;

	flow->dst = dst;
	flow->neigh = neigh;
	take_over(flow, skb);
	if (FLOW41_HAS_FAULTS)
		flow41_fault_learn_hop(flow);
	return true;

put_outer:
	if (flow->outer_ct)
		nf_ct_put(flow->outer_ct);
	flow->outer_ct = NULL;
release_neigh:
	neigh_release(neigh);
	return false;
}

/**
 * flow41_settle_same_outer() - does conntrack still have the same entry for what leaves?
 * @flow: a flow that has settled
 * @skb: a packet of it, at the last POST_ROUTING hook
 *
 * A rule may say notrack by now, or not any more.
 *
 * Context: softirq, RCU read side.
 */
bool flow41_settle_same_outer(const struct flow41_flow *flow, const struct sk_buff *skb)
{
	enum ip_conntrack_info info;

	return flow->role != FLOW41_ROLE_ENCAP || nf_ct_get(skb, &info) == flow->outer_ct;
}

/* Does the software path still do what the cache does? */
static bool same_result(struct flow41_flow *flow, struct sk_buff *skb)
{
	struct dst_entry *dst = skb_dst(skb);
	struct neighbour *neigh = flow41_xmit_next_hop(skb);
	bool same = neigh == flow->neigh;

	if (neigh)
		neigh_release(neigh);
	if (flow41_flow_detour(flow)->marked)
		same &= skb->mark == flow->mark_out &&
			(flow->role == FLOW41_ROLE_TRANSIT ||
			 skb->priority == flow->priority_out);
	same &= priority_plain(flow, skb);
	same &= flow41_settle_same_outer(flow, skb);
	return same && route_plain(dst) && dst->dev == flow->dst->dev &&
	       flow41_check_mtu(flow, dst) == flow41_check_mtu(flow, flow->dst);
}

/* Was a packet of the other direction seen? conntrack has no inner entry to ask. */
static bool transit_answered(struct flow41_flow *flow)
{
	const struct flow41_conn *conn = flow41_flow_conn(flow);
	const struct flow41_flow *reverse = &conn->flow[!flow->dir];

	return conn->detour[!flow->dir].confirmed || reverse->stage != FLOW41_STAGE_SETTLING;
}

/* A stream in one direction only has to show that it is one. */
static bool stream_shown(const struct flow41_conn *conn,
			 struct flow41_flow *flow)
{
	bool enough = conn->detour[flow->dir].confirmed >= ONE_WAY_PACKETS;

	if (flow->role != FLOW41_ROLE_TRANSIT)
		return test_bit(IPS_SEEN_REPLY_BIT, &conn->ct->status) || enough;
	if (flow->key.proto == IPPROTO_UDP)
		return transit_answered(flow) || enough;
	return !conn->picked_up || transit_answered(flow);
}

/* nf_flow_table does the same: the window is no longer followed. */
static void relax_windows(struct nf_conn *ct)
{
	if (nf_ct_protonum(ct) != IPPROTO_TCP)
		return;
	spin_lock_bh(&ct->lock);
	ct->proto.tcp.seen[0].flags |= IP_CT_TCP_FLAG_BE_LIBERAL;
	ct->proto.tcp.seen[1].flags |= IP_CT_TCP_FLAG_BE_LIBERAL;
	spin_unlock_bh(&ct->lock);
}

/*
 * Does the packet leave as the cache would have sent it? If not, and none of its
 * DSCP ever did, a rule treats that differently: it stays with the software path.
 * Return: false if the software path has changed its mind.
 */
static bool same_as_before(struct flow41_flow *flow, struct sk_buff *skb,
			   const struct flow41_packet *p)
{
	u64 dscp = BIT_ULL(flow41_flow_detour(flow)->dscp);

	if (!flow41_expect_met(flow, skb, p) || !same_result(flow, skb))
		return !(flow->dscp_seen & dscp);
	/* What the cache would not have carried proves nothing of what it does carry. */
	if (!flow41_flow_detour(flow)->marked || flow41_roam_strayed(flow))
		return true;
	flow->dscp_seen |= dscp;
	WRITE_ONCE(flow->audited, flow->used);
	return true;
}

enum outcome {
	STAYS,
	CHANGED,	/* not as the cache would have done it */
	MOVED,		/* packets come in from elsewhere */
};

/* The packet that came in last leaves. */
static enum outcome last_one_leaves(struct flow41_flow *flow,
				    struct sk_buff *skb,
				    const struct flow41_packet *p)
{
	struct flow41_conn *conn = flow41_flow_conn(flow);
	struct flow41_detour *detour = flow41_flow_detour(flow);

	if (flow->stage == FLOW41_STAGE_DETOUR) {
		if (!same_as_before(flow, skb, p))
			return CHANGED;
		if (none_inside(detour))
			go_live(flow);
		return flow41_roam_moved(flow) ? MOVED : STAYS;
	}

	if (!flow41_expect_met(flow, skb, p)) {
		detour->odd = true;
		return STAYS;
	}
	if (flow41_roam_strayed(flow))
		return flow41_roam_moved(flow) ? MOVED : STAYS;
	if (detour->confirmed < ONE_WAY_PACKETS)
		detour->confirmed++;
	if (!none_inside(detour) || !stream_shown(conn, flow) ||
	    (flow->role == FLOW41_ROLE_ENCAP && !conn->tunnel_dst))
		return STAYS;
	detour->odd = !adopt(flow, skb);
	if (!detour->odd) {
		relax_windows(conn->ct);
		go_live(flow);
	}
	return STAYS;
}

/**
 * flow41_settle_out() - a packet of the flow leaves the box by software
 * @flow: the flow
 * @skb: the packet, at the last POST_ROUTING hook
 * @p: what the parser read of it now
 *
 * Context: softirq, or the process that gave a verdict on a queued packet; RCU read side.
 */
void flow41_settle_out(struct flow41_flow *flow, struct sk_buff *skb,
		       const struct flow41_packet *p)
{
	struct flow41_conn *conn = flow41_flow_conn(flow);
	struct flow41_detour *detour = flow41_flow_detour(flow);
	enum outcome outcome = STAYS;
	/* In a process, which gives a verdict, others get in before the packet has left. */
	bool last = in_softirq();

	spin_lock_bh(&conn->lock);
	if (flow->stage == FLOW41_STAGE_LIVE || conn->dead)
		goto unlock;
	detour->inside -= flow41_segments(skb, p);
	/* flow41_settle_overdue() gives it time to; nothing that came later is out */
	if (!last && detour->inside <= 0)
		WRITE_ONCE(flow->used, (u32)jiffies);
	if (flow41_fault(outer_key) && !conn->tunnel &&
	    flow->stage == FLOW41_STAGE_SETTLING) {
		flow->genid = rt_genid_ipv4(conn->fn->net);
		if (adopt(flow, skb))
			go_live(flow);
		flow->audited = (u32)jiffies - FLOW41_PROOF_LASTS;
		flow->dscp_seen = ~0ULL;
		goto unlock;
	}
	if (last && detour->came && flow41_expect_tag(skb, p) == detour->tag)
		outcome = last_one_leaves(flow, skb, p);
unlock:
	spin_unlock_bh(&conn->lock);
	if (outcome == CHANGED)
		flow41_conn_evict(conn, FLOW41_EVICT_RESULT);
	else if (outcome == MOVED)
		flow41_learn_move(conn);
}

/* A rule may choose the route by DSCP; one with another MTU is not the flow's. */
static void other_way_in(struct flow41_flow *flow, const struct dst_entry *dst)
{
	struct flow41_conn *conn = flow41_flow_conn(flow);

	spin_lock_bh(&conn->lock);
	if (flow41_check_mtu(flow, dst) !=
	    flow41_check_mtu(flow, conn->tunnel_dst))
		flow41_flow_detour(flow)->marked = false;
	spin_unlock_bh(&conn->lock);
}

/**
 * flow41_settle_through() - a packet of an encap flow enters the tunnel device
 * @flow: the flow
 * @skb: the packet, at the FORWARD hook: its route is the inner one
 *
 * Context: softirq, RCU read side.
 */
void flow41_settle_through(struct flow41_flow *flow, const struct sk_buff *skb)
{
	struct flow41_conn *conn = flow41_flow_conn(flow);
	struct dst_entry *dst = skb_dst(skb);

	if (READ_ONCE(flow->stage) == FLOW41_STAGE_DETOUR)
		other_way_in(flow, dst);
	if (READ_ONCE(flow->stage) != FLOW41_STAGE_SETTLING)
		return;
	if (!route_plain(dst)) {
		WRITE_ONCE(flow41_flow_detour(flow)->odd, true);
		return;
	}

	spin_lock_bh(&conn->lock);
	if (flow->stage == FLOW41_STAGE_SETTLING &&
	    conn->tunnel_dst != dst && !conn->dead && dst_hold_safe(dst)) {
		dst_release(conn->tunnel_dst);
		conn->tunnel_dst = dst;
		flow->outer.daddr = flow41_tunnel_destination(conn->tunnel, dst,
							      &flow->key.dst);
		flow->cookie = rt6_get_cookie((struct rt6_info *)dst);
	}
	spin_unlock_bh(&conn->lock);
}
