// SPDX-License-Identifier: GPL-2.0
/*
 * What leaves the box by software, behind the last filter: settle.c learns from it, and
 * audit.c compares it with what the cache made of it.
 */
#include "flow41.h"

/* Is anything known of packets on the software path? */
static bool nothing_out(const struct flow41_net *fn)
{
	return !atomic_read(&fn->detours) && !atomic_read(&fn->audits.open);
}

/*
 * A copy that a rule sends elsewhere (nf_dup_ipv4(), nf_dup_ipv6())? Those have no
 * conntrack entry; what is cached has one, but not on its way out of a tunnel of this box.
 */
static bool is_copy(const struct sk_buff *skb, const struct nf_hook_state *state)
{
	enum ip_conntrack_info info;

	return !nf_ct_get(skb, &info) && !flow41_tunnel_is(state->in);
}

static noinline unsigned int leave_inner(struct flow41_net *fn,
					 struct sk_buff *skb,
					 const struct nf_hook_state *state)
{
	struct flow41_flow *flow;
	struct flow41_packet p;

	if (is_copy(skb, state) || !flow41_read_ipv6(skb, &p))
		return NF_ACCEPT;
	if (atomic_read(&fn->audits.open) &&
	    flow41_audit_leave(fn, skb, &p, state->in) == NF_STOLEN)
		return NF_STOLEN;
	if (!flow41_tunnel_is(state->in))
		return NF_ACCEPT;
	flow = flow41_learn_decap(fn, &p, state->in);
	if (flow)
		flow41_settle_out(flow, skb, &p);
	return NF_ACCEPT;
}

/**
 * flow41_leave_ipv6() - POST_ROUTING: a decapsulated packet leaves for the LAN
 * @priv: the network namespace
 * @skb: the packet
 * @state: where it came from, and where it goes
 *
 * Of other packets only the audit wants to know, if they should have taken a tunnel.
 *
 * Context: softirq, RCU read side. Return: NF_ACCEPT, or NF_STOLEN if the cache has
 * sent it already.
 */
unsigned int flow41_leave_ipv6(void *priv, struct sk_buff *skb,
			       const struct nf_hook_state *state)
{
	if (nothing_out(priv) || !state->in || flow41_tunnel_is(state->out))
		return NF_ACCEPT;
	return leave_inner(priv, skb, state);
}

static noinline unsigned int leave_outer(struct flow41_net *fn,
					 struct sk_buff *skb,
					 const struct nf_hook_state *state)
{
	struct net_device *tunnel = NULL;
	struct flow41_flow *flow;
	struct flow41_packet p;

	if (is_copy(skb, state) || !flow41_read_6in4(skb, &p))
		return NF_ACCEPT;
	if (flow41_tunnel_is(state->in)) {
		tunnel = state->in;
		p.key.outer_src = 0;
	} else {
		flow41_learn_outer(skb, &p.key);
	}
	if (atomic_read(&fn->audits.open) &&
	    flow41_audit_leave(fn, skb, &p, state->in) == NF_STOLEN)
		return NF_STOLEN;
	flow = flow41_table_lookup_leaving(fn, &p.key, tunnel);
	if (flow)
		flow41_settle_out(flow, skb, &p);
	return NF_ACCEPT;
}

/**
 * flow41_leave_ipv4() - POST_ROUTING: a 6in4 packet leaves, made here or passing through
 * @priv: the network namespace
 * @skb: the packet
 * @state: where it came from, and where it goes
 *
 * Context: softirq, RCU read side. Return: NF_ACCEPT, or NF_STOLEN if the cache has
 * sent it already.
 */
unsigned int flow41_leave_ipv4(void *priv, struct sk_buff *skb,
			       const struct nf_hook_state *state)
{
	if (!flow41_is_6in4(skb) || nothing_out(priv) || !state->in)
		return NF_ACCEPT;
	return leave_outer(priv, skb, state);
}
