// SPDX-License-Identifier: GPL-2.0
/*
 * Where the handshake watch stands: segments come in at PRE_ROUTING, before any
 * filter, and leave at POST_ROUTING, behind all of them. What the fast path takes
 * never gets there: hook.c notes it.
 */
#include <linux/netfilter_bridge.h>
#include <linux/netfilter_ipv4.h>
#include <linux/netfilter_ipv6.h>
#include <linux/rtnetlink.h>
#include <net/addrconf.h>
#include <net/ip6_route.h>
#include <net/netfilter/nf_conntrack_core.h>
#include <net/netfilter/nf_conntrack_zones.h>
#include <net/route.h>
#include <net/tcp.h>

#include "flow41.h"
#include "handshake.h"

#define MARKING	(TCPHDR_SYN | TCPHDR_FIN | TCPHDR_RST)

/**
 * flow41_watch_outer() - the tunnel part of a handshake's identity
 * @ct: conntrack entry of a tunnel that passes through; NULL for one that ends here
 * @dir: direction of the packet in it, IP_CT_DIR_*
 * @outer: filled in: the sender's end of the tunnel, and the other one. Each has the
 *	address that it sends from itself: NAT does not change that, nor does it
 *	matter which end has spoken first since conntrack forgot the tunnel
 *
 * Context: any.
 */
void flow41_watch_outer(const struct nf_conn *ct, u8 dir, __be32 outer[2])
{
	outer[0] = ct ? nf_ct_tuple(ct, dir)->src.u3.ip : 0;
	outer[1] = ct ? nf_ct_tuple(ct, !dir)->src.u3.ip : 0;
}

/* conntrack does not follow this tunnel: nobody translates its addresses. */
static void outer_untracked(const struct flow41_packet *p, __be32 outer[2])
{
	outer[0] = p->key.outer_src;
	outer[1] = p->key.outer_dst;
}

static bool worth_a_look(const struct flow41_net *fn, u8 proto, u8 flags)
{
	return proto == IPPROTO_TCP &&
	       (flags & MARKING || atomic_read(&fn->watches.open));
}

/*
 * Most packets are not, which their first bytes tell. What has its TCP flags elsewhere
 * than right behind headers without options, the parser does not read, either.
 */
static bool worth_parsing(const struct flow41_net *fn,
			  const struct sk_buff *skb, unsigned int inner_off)
{
	const u8 *inner = skb->data + inner_off;

	return skb_headlen(skb) < inner_off + FLOW41_PARSE_IPV6 ||
	       worth_a_look(fn, inner[offsetof(struct ipv6hdr, nexthdr)],
			    inner[FLOW41_IPV6_HLEN + 13]);
}

static bool read_ipv6(struct flow41_net *fn, struct sk_buff *skb,
		      struct flow41_packet *p)
{
	return worth_parsing(fn, skb, 0) && flow41_read_ipv6(skb, p) &&
	       worth_a_look(fn, p->key.proto, p->tcp_flags);
}

static bool read_6in4(struct flow41_net *fn, struct sk_buff *skb,
		      struct flow41_packet *p)
{
	return worth_parsing(fn, skb, FLOW41_IPV4_HLEN) &&
	       flow41_read_6in4(skb, p) &&
	       worth_a_look(fn, p->key.proto, p->tcp_flags);
}

/* Does conntrack translate the inner addresses? It knows from the second SYN on. */
static bool translated(struct net *net, const struct flow41_packet *p)
{
	struct nf_conntrack_tuple tuple = {
		.src.u3.in6 = p->key.src,
		.src.u.tcp.port = p->key.sport,
		.src.l3num = NFPROTO_IPV6,
		.dst.u3.in6 = p->key.dst,
		.dst.u.tcp.port = p->key.dport,
		.dst.protonum = IPPROTO_TCP,
	};
	struct nf_conntrack_tuple_hash *hash;
	struct nf_conn *ct;
	bool nat;

	hash = nf_conntrack_find_get(net, &nf_ct_zone_dflt, &tuple);
	if (!hash)
		return false;
	ct = nf_ct_tuplehash_to_ctrack(hash);
	nat = READ_ONCE(ct->status) & IPS_NAT_MASK;
	nf_ct_put(ct);
	return nat;
}

static struct flowi6 flow_of(const struct flow41_packet *p)
{
	return (struct flowi6){
		.flowi6_proto = IPPROTO_TCP,
		.daddr = p->key.dst,
		.saddr = p->key.src,
		.fl6_sport = p->key.sport,
		.fl6_dport = p->key.dport,
	};
}

/* The sit device that a packet from the LAN will enter; 0 if it will not. */
static int tunnel_ahead(struct net *net, struct sk_buff *skb,
			const struct flow41_packet *p)
{
	struct flowi6 fl6 = flow_of(p);
	struct dst_entry *dst;
	int ifindex = 0;

	fl6.flowi6_iif = skb->dev->ifindex;
	fl6.flowi6_mark = skb->mark;
	fl6.flowlabel = ip6_flowinfo(ipv6_hdr(skb));
	dst = ip6_route_input_lookup(net, skb->dev, &fl6, skb,
				     RT6_LOOKUP_F_HAS_SADDR);
	if (!dst->error && flow41_tunnel_is(dst->dev) &&
	    flow41_tunnel_shows(dst->dev))
		ifindex = dst->dev->ifindex;
	dst_release(dst);
	return ifindex;
}

/*
 * br_netfilter shows what a bridge passes on between its ports as if it came to us; and what
 * does come to us, in a VRF, once more than elsewhere.
 */
static bool bridged(const struct sk_buff *skb)
{
#if IS_ENABLED(CONFIG_BRIDGE_NETFILTER)
	const struct nf_bridge_info *info = nf_bridge_info_get(skb);

	return info && (info->pkt_otherhost || !info->in_prerouting);
#else
	return false;
#endif
}

/* A VRF's packets come by twice: once more with its device. */
static bool from_outside(const struct sk_buff *skb,
			 const struct nf_hook_state *state)
{
	return skb->pkt_type == PACKET_HOST &&
	       !netif_is_l3_master(state->in) && !bridged(skb);
}

static noinline void inner_in(struct flow41_net *fn, struct sk_buff *skb,
			      const struct nf_hook_state *state)
{
	struct flow41_segment segment = { };
	struct flow41_packet p;

	if (!from_outside(skb, state) || !read_ipv6(fn, skb, &p))
		return;
	segment.p = &p;
	segment.ifindex = state->in->ifindex;
	if (p.tcp_flags & TCPHDR_SYN) {
		/* The watch would not know it again when it leaves. */
		if (translated(fn->net, &p))
			return;
		segment.tunnel = tunnel_ahead(fn->net, skb, &p);
		segment.watchable = segment.tunnel;
	}
	flow41_handshake_in(fn, &segment);
}

/* PRE_ROUTING: an IPv6 packet comes in that is not from a tunnel. */
static unsigned int ipv6_in(void *priv, struct sk_buff *skb,
			    const struct nf_hook_state *state)
{
	if (ipv6_hdr(skb)->nexthdr == IPPROTO_TCP &&
	    !flow41_tunnel_is(state->in))
		inner_in(priv, skb, state);
	return NF_ACCEPT;
}

/*
 * Will a segment that comes out of a tunnel of this box be sent on, and be seen then? To an
 * anycast address of the box, by a route that refuses, or without one, it will not. By which
 * tunnel it comes nobody knows here: rules that ask for it may know a route.
 */
static bool goes_on(struct net *net, const struct flow41_packet *p)
{
	struct flowi6 fl6 = flow_of(p);
	struct dst_entry *dst;
	bool seen;

	dst = ip6_route_input_lookup(net, net->loopback_dev, &fl6, NULL,
				     RT6_LOOKUP_F_HAS_SADDR);
	seen = !dst->error &&
	       !(((struct rt6_info *)dst)->rt6i_flags & (RTF_LOCAL | RTF_ANYCAST)) &&
	       (!flow41_tunnel_is(dst->dev) || flow41_tunnel_shows(dst->dev));
	dst_release(dst);
	return seen;
}

/* Of a tunnel of this box: is it the inner packet's end, too, or has it no IPv6 at all? */
static bool ends_here(struct net *net, const struct flow41_packet *p)
{
	return !ipv6_mod_enabled() || ipv6_chk_addr(net, &p->key.dst, NULL, 0);
}

/* @outer: the ends of its tunnel, the sender's first, as in struct flow41_watch_key. */
static void in_6in4(struct flow41_net *fn, const struct flow41_packet *p,
		    const __be32 outer[2], int ifindex)
{
	struct flow41_segment segment = {
		.p = p,
		.ifindex = ifindex,
		.watchable = p->tcp_flags & TCPHDR_SYN,
	};

	if (inet_addr_type(fn->net, outer[1]) != RTN_LOCAL)
		memcpy(segment.outer, outer, sizeof(segment.outer));
	else if (ends_here(fn->net, p))
		return;
	else if (segment.watchable)	/* what is watched already goes on being so */
		segment.watchable = goes_on(fn->net, p);
	flow41_handshake_in(fn, &segment);
}

static noinline void known_in(struct flow41_net *fn, struct sk_buff *skb,
			      const struct nf_hook_state *state)
{
	struct flow41_packet p;
	struct nf_conn *ct;
	__be32 outer[2];
	u8 dir;

	if (!from_outside(skb, state) || !read_6in4(fn, skb, &p))
		return;
	ct = flow41_tunnel_conntrack(fn->net, p.key.outer_src, p.key.outer_dst,
				     &dir);
	if (!ct)
		return;
	flow41_watch_outer(ct, dir, outer);
	in_6in4(fn, &p, outer, state->in->ifindex);
	nf_ct_put(ct);
}

/* PRE_ROUTING, first: a 6in4 packet of a tunnel that conntrack knows comes in. */
static unsigned int ipv4_in(void *priv, struct sk_buff *skb,
			    const struct nf_hook_state *state)
{
	if (flow41_is_6in4(skb))
		known_in(priv, skb, state);
	return NF_ACCEPT;
}

/* By known_in(), which only looks into the default zone? */
static bool noted_before(const struct nf_conn *ct, enum ip_conntrack_info info)
{
	return nf_ct_is_confirmed(ct) &&
	       nf_ct_zone_equal(ct, &nf_ct_zone_dflt, CTINFO2DIR(info));
}

/* conntrack may have ceased to look at packets of a tunnel that it knows. */
static bool was_known(struct flow41_net *fn, const struct flow41_packet *p)
{
	struct nf_conn *ct;
	u8 dir;

	ct = flow41_tunnel_conntrack(fn->net, p->key.outer_src,
				     p->key.outer_dst, &dir);
	if (ct)
		nf_ct_put(ct);
	return ct;
}

static noinline void new_in(struct flow41_net *fn, struct sk_buff *skb,
			    const struct nf_hook_state *state)
{
	enum ip_conntrack_info info;
	struct flow41_packet p;
	struct nf_conn *ct;
	__be32 outer[2];

	if (!from_outside(skb, state) || !read_6in4(fn, skb, &p))
		return;
	ct = nf_ct_get(skb, &info);
	if (ct ? noted_before(ct, info) : was_known(fn, &p))
		return;
	if (ct)
		flow41_watch_outer(ct, CTINFO2DIR(info), outer);
	else
		outer_untracked(&p, outer);
	in_6in4(fn, &p, outer, state->in->ifindex);
}

/* PRE_ROUTING, behind NAT: the first packet of a tunnel comes in. */
static unsigned int ipv4_in_new(void *priv, struct sk_buff *skb,
				const struct nf_hook_state *state)
{
	if (flow41_is_6in4(skb))
		new_in(priv, skb, state);
	return NF_ACCEPT;
}

static bool none_open(const struct flow41_net *fn)
{
	return !atomic_read(&fn->watches.open);
}

static noinline void inner_out(struct flow41_net *fn, struct sk_buff *skb,
			       const struct nf_hook_state *state)
{
	struct flow41_segment segment = { };
	struct flow41_packet p;

	if (!read_ipv6(fn, skb, &p))
		return;
	segment.p = &p;
	segment.ifindex = state->out->ifindex;
	if (flow41_tunnel_is(state->in))
		segment.tunnel = state->in->ifindex;
	flow41_handshake_out(fn, &segment);
}

/*
 * POST_ROUTING: a decapsulated packet leaves, or one that was thought to enter a tunnel: a
 * rule has sent it elsewhere.
 */
static unsigned int ipv6_out(void *priv, struct sk_buff *skb,
			     const struct nf_hook_state *state)
{
	if (ipv6_hdr(skb)->nexthdr == IPPROTO_TCP && !none_open(priv) &&
	    state->in && !flow41_tunnel_is(state->out))
		inner_out(priv, skb, state);
	return NF_ACCEPT;
}

static noinline void outer_out(struct flow41_net *fn, struct sk_buff *skb,
			       const struct nf_hook_state *state)
{
	struct flow41_segment segment = { };
	enum ip_conntrack_info info;
	struct flow41_packet p;
	struct nf_conn *ct;

	if (!read_6in4(fn, skb, &p))
		return;
	segment.p = &p;
	segment.ifindex = state->out->ifindex;
	ct = nf_ct_get(skb, &info);
	if (flow41_tunnel_is(state->in))
		segment.tunnel = state->in->ifindex;
	else if (ct)
		flow41_watch_outer(ct, CTINFO2DIR(info), segment.outer);
	else if (state->in != state->out)
		outer_untracked(&p, segment.outer);
	else
		return;		/* a copy: nf_dup_ipv4() */
	flow41_handshake_out(fn, &segment);
}

/* POST_ROUTING: a 6in4 packet leaves, encapsulated here or passing through. */
static unsigned int ipv4_out(void *priv, struct sk_buff *skb,
			     const struct nf_hook_state *state)
{
	if (flow41_is_6in4(skb) && !none_open(priv) && state->in)
		outer_out(priv, skb, state);
	return NF_ACCEPT;
}

/*
 * A bridge under br_netfilter has its packets go through PRE_ROUTING itself, and when
 * they come by a second time, ip_sabotage_in() takes them out, at the first place.
 */
#define BEHIND_BRIDGE	(INT_MIN + 1)

static const struct nf_hook_ops templates[] = {
	{
		.hook		= ipv6_in,
		.pf		= NFPROTO_IPV6,
		.hooknum	= NF_INET_PRE_ROUTING,
		.priority	= BEHIND_BRIDGE,
	},
	{
		.hook		= ipv4_in,
		.pf		= NFPROTO_IPV4,
		.hooknum	= NF_INET_PRE_ROUTING,
		.priority	= BEHIND_BRIDGE,
	},
	{
		.hook		= ipv4_in_new,
		.pf		= NFPROTO_IPV4,
		.hooknum	= NF_INET_PRE_ROUTING,
		.priority	= NF_IP_PRI_NAT_DST + 1,
	},
	{
		.hook		= ipv6_out,
		.pf		= NFPROTO_IPV6,
		.hooknum	= NF_INET_POST_ROUTING,
		.priority	= NF_IP6_PRI_LAST,
	},
	{
		.hook		= ipv4_out,
		.pf		= NFPROTO_IPV4,
		.hooknum	= NF_INET_POST_ROUTING,
		.priority	= NF_IP_PRI_LAST,
	},
};

/**
 * flow41_watch_start() - watch handshakes from now on
 * @fn: the network namespace
 *
 * Context: RTNL, may sleep. Return: 0, also when it was on, or a negative error.
 */
int flow41_watch_start(struct flow41_net *fn)
{
	unsigned int i;
	int err;

	ASSERT_RTNL();
	BUILD_BUG_ON(ARRAY_SIZE(templates) != FLOW41_WATCH_HOOKS);
	if (fn->watching)
		return 0;
	err = flow41_watches_init(fn);
	if (err)
		return err;
	for (i = 0; i < FLOW41_WATCH_HOOKS; i++) {
		fn->watch_hooks[i] = templates[i];
		fn->watch_hooks[i].priv = fn;
	}
	err = nf_register_net_hooks(fn->net, fn->watch_hooks,
				    FLOW41_WATCH_HOOKS);
	if (err)
		return err;
	WRITE_ONCE(fn->watching, true);
	queue_delayed_work(system_power_efficient_wq, &fn->tick, HZ);
	return 0;
}

/**
 * flow41_watch_stop() - watch no more; what was seen stays
 * @fn: the network namespace
 *
 * Context: RTNL, may sleep.
 */
void flow41_watch_stop(struct flow41_net *fn)
{
	ASSERT_RTNL();
	if (!fn->watching)
		return;
	WRITE_ONCE(fn->watching, false);
	nf_unregister_net_hooks(fn->net, fn->watch_hooks, FLOW41_WATCH_HOOKS);
}
