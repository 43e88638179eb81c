// SPDX-License-Identifier: GPL-2.0
/* sit devices: which ones the cache can stand in for, and where they end. */
#include <linux/hash.h>
#include <linux/if_arp.h>
#include <linux/if_tunnel.h>
#include <net/inet_dscp.h>
#include <net/ip6_route.h>
#include <net/ip_tunnels.h>
#include <net/netfilter/nf_conntrack_core.h>
#include <net/netfilter/nf_conntrack_zones.h>
#include <net/route.h>
#include <net/rtnetlink.h>
#include <net/sch_generic.h>
#include <net/sock.h>

#include "flow41.h"

/* The sit driver's, only ever compared with a device's; no device's until one was seen. */
const struct rtnl_link_ops *flow41_tunnel_ops __read_mostly = (void *)-ENODEV;

/**
 * flow41_tunnel_register() - a device was registered: by it sit devices may be known
 * @dev: any device
 *
 * Context: RTNL.
 */
void flow41_tunnel_register(const struct net_device *dev)
{
	const struct rtnl_link_ops *ops = dev->rtnl_link_ops;

	if (dev->type == ARPHRD_SIT && ops && !strcmp(ops->kind, "sit"))
		WRITE_ONCE(flow41_tunnel_ops, ops);
}

/* A queue, a classifier or a hook on the device itself would be skipped. */
static bool has_own_queue(const struct net_device *dev)
{
	/* "noqueue" is the one that cannot enqueue. */
	if (rcu_dereference(netdev_get_tx_queue(dev, 0)->qdisc)->enqueue)
		return true;
#ifdef CONFIG_NET_XGRESS
	if (rcu_access_pointer(dev->tcx_ingress) ||
	    rcu_access_pointer(dev->tcx_egress))
		return true;
#endif
#ifdef CONFIG_NETFILTER_EGRESS
	if (rcu_access_pointer(dev->nf_hooks_egress))
		return true;
#endif
	return rcu_access_pointer(dev->xdp_prog) ||
	       rcu_access_pointer(dev->nf_hooks_ingress) ||
	       rcu_access_pointer(dev->rx_handler);
}

/**
 * flow41_tunnel_refuse() - can the cache stand in for this tunnel?
 * @dev: a sit device
 *
 * Context: softirq, RCU read side.
 * Return: FLOW41_REFUSAL_NONE, or why not.
 */
enum flow41_refusal flow41_tunnel_refuse(const struct net_device *dev)
{
	const struct ip_tunnel *tunnel = netdev_priv(dev);
	u8 protocol = tunnel->parms.iph.protocol;

	if (dev->priv_flags & IFF_ISATAP)
		return FLOW41_REFUSAL_ISATAP;
	if (tunnel->encap.type != TUNNEL_ENCAP_NONE)
		return FLOW41_REFUSAL_FOU;
	if (protocol != IPPROTO_IPV6 && protocol != 0)
		return FLOW41_REFUSAL_TUNNEL_MODE;
	if (ipv4_is_multicast(tunnel->parms.iph.daddr))
		return FLOW41_REFUSAL_NO_REMOTE;
	if (!net_eq(tunnel->net, dev_net(dev)))
		return FLOW41_REFUSAL_NETNS;
	if (has_own_queue(dev))
		return FLOW41_REFUSAL_TUNNEL_QUEUE;
	return FLOW41_REFUSAL_NONE;
}

/**
 * struct sixrd - which inner addresses embed an IPv4 address (RFC 5969)
 * @prefix: the 6rd prefix; 2002::/16 is 6to4's (RFC 3056)
 * @relay_prefix: the bits that all of the domain's IPv4 addresses begin with
 * @prefixlen: bits of @prefix
 * @relay_prefixlen: bits of @relay_prefix
 */
struct sixrd {
	struct in6_addr prefix;
	__be32 relay_prefix;
	u16 prefixlen;
	u16 relay_prefixlen;
};

/*
 * Without CONFIG_IPV6_SIT_6RD the kernel knows 6to4 only. The parameters may be changing:
 * see flow41_tunnel_changed().
 */
static void read_sixrd(const struct net_device *dev, struct sixrd *sixrd)
{
#ifdef CONFIG_IPV6_SIT_6RD
	const struct ip_tunnel *tunnel = netdev_priv(dev);

	sixrd->prefix = tunnel->ip6rd.prefix;
	sixrd->relay_prefix = tunnel->ip6rd.relay_prefix;
	sixrd->prefixlen = READ_ONCE(tunnel->ip6rd.prefixlen);
	sixrd->relay_prefixlen = READ_ONCE(tunnel->ip6rd.relay_prefixlen);
#else
	ipv6_addr_set(&sixrd->prefix, htonl(0x20020000), 0, 0, 0);
	sixrd->relay_prefix = 0;
	sixrd->prefixlen = 16;
	sixrd->relay_prefixlen = 0;
#endif
}

/*
 * As check_6rd(). Of the IPv4 address the inner one has, behind the prefix, the
 * bits that the domain does not have in common. All in the first 64, or the
 * parameters are being changed.
 */
static bool embeds(const struct net_device *dev, const struct in6_addr *inner,
		   __be32 *outer)
{
	u64 high = (u64)ntohl(inner->s6_addr32[0]) << 32 |
		   ntohl(inner->s6_addr32[1]);
	struct sixrd sixrd;
	unsigned int bits;

	read_sixrd(dev, &sixrd);
	bits = 32 - min_t(u16, sixrd.relay_prefixlen, 32);
	if (sixrd.prefixlen + bits > 64 ||
	    !ipv6_prefix_equal(inner, &sixrd.prefix, sixrd.prefixlen))
		return false;
	*outer = sixrd.relay_prefix;
	if (bits)
		*outer |= htonl(high << sixrd.prefixlen >> (64 - bits));
	return true;
}

/* ::a.b.c.d (RFC 4291 section 2.5.5.1), but neither :: nor ::1 */
static __be32 compatible(const struct in6_addr *addr)
{
	if (addr->s6_addr32[0] | addr->s6_addr32[1] | addr->s6_addr32[2] ||
	    addr->s6_addr32[3] == htonl(1))
		return 0;
	return addr->s6_addr32[3];
}

static __be32 fixed_remote(const struct net_device *dev)
{
	return ((const struct ip_tunnel *)netdev_priv(dev))->parms.iph.daddr;
}

/**
 * flow41_tunnel_source() - where do decapsulated packets come from?
 * @dev: a sit device
 * @inner: their IPv6 source
 * @outer: the only IPv4 source that the tunnel takes them from
 *
 * Agrees with ipip6_tunnel_lookup() and packet_is_spoofed().
 *
 * Context: any. Return: false when it takes them from any: @outer is as before.
 */
bool flow41_tunnel_source(const struct net_device *dev,
			  const struct in6_addr *inner, __be32 *outer)
{
	__be32 remote = fixed_remote(dev);

	if (!remote)
		return embeds(dev, inner, outer);
	*outer = remote;
	return true;
}

/**
 * flow41_tunnel_destination() - where do packets into the tunnel go?
 * @dev: a sit device
 * @dst: their IPv6 route, through @dev
 * @inner: their IPv6 destination
 *
 * As ipip6_tunnel_xmit(): the remote address, else the embedded one, else that of
 * the next hop (RFC 4213 section 2.2: ::a.b.c.d).
 *
 * Context: RCU read side. Return: the IPv4 address, or 0 for none.
 */
__be32 flow41_tunnel_destination(const struct net_device *dev,
				 const struct dst_entry *dst,
				 const struct in6_addr *inner)
{
	__be32 outer = fixed_remote(dev);

	if (outer)
		return outer;
	if (embeds(dev, inner, &outer) && outer)
		return outer;
	return compatible(rt6_nexthop((const struct rt6_info *)dst, inner));
}

/**
 * flow41_tunnel_guess() - where would packets into the tunnel go?
 * @dev: a sit device
 * @inner: their IPv6 destination
 *
 * Routing rules may know better: for what is proven later.
 *
 * Context: softirq, RCU read side. Return: the IPv4 address, or 0 for none.
 */
__be32 flow41_tunnel_guess(const struct net_device *dev,
			   const struct in6_addr *inner)
{
	__be32 outer = fixed_remote(dev);
	struct rt6_info *rt;

	if (outer)
		return outer;
	rt = rt6_lookup(dev_net(dev), inner, NULL, dev->ifindex, NULL, 0);
	if (!rt)
		return 0;
	outer = flow41_tunnel_destination(dev, &rt->dst, inner);
	ip6_rt_put(rt);
	return outer;
}

/**
 * flow41_tunnel_conntrack() - conntrack's entry of 6in4 packets
 * @net: the network namespace
 * @src: their IPv4 source as they come in
 * @dst: their IPv4 destination
 * @dir: their direction in the entry, filled in if there is one
 *
 * Context: softirq. Return: the entry, owned by the caller, or NULL.
 */
struct nf_conn *flow41_tunnel_conntrack(struct net *net, __be32 src,
					__be32 dst, u8 *dir)
{
	struct nf_conntrack_tuple_hash *hash;
	struct nf_conntrack_tuple tuple;

	/* All of the unions, which compilers need not initialize */
	memset(&tuple, 0, sizeof(tuple));
	tuple.src.u3.ip = src;
	tuple.src.l3num = NFPROTO_IPV4;
	tuple.dst.u3.ip = dst;
	tuple.dst.protonum = IPPROTO_IPV6;
	hash = nf_conntrack_find_get(net, &nf_ct_zone_dflt, &tuple);
	if (!hash)
		return NULL;
	*dir = NF_CT_DIRECTION(hash);
	return nf_ct_tuplehash_to_ctrack(hash);
}

/**
 * flow41_tunnel_shows() - do a tunnel's packets leave as 6in4, and here?
 * @dev: a sit device
 *
 * Context: any.
 */
bool flow41_tunnel_shows(const struct net_device *dev)
{
	const struct ip_tunnel *tunnel = netdev_priv(dev);

	return tunnel->encap.type == TUNNEL_ENCAP_NONE &&
	       net_eq(tunnel->net, dev_net(dev));
}

/**
 * flow41_tunnel_zone_plain() - would flow41_tunnel_conntrack() find it?
 * @ct: conntrack entry of a tunnel, confirmed
 *
 * Context: any.
 */
bool flow41_tunnel_zone_plain(const struct nf_conn *ct)
{
	return nf_ct_zone_equal_any(ct, &nf_ct_zone_dflt);
}

/**
 * flow41_tunnel_embedding() - what does a tunnel take for embedded addresses?
 * @dev: a sit device
 *
 * Context: any. Return: a hash of its 6rd parameters.
 */
u32 flow41_tunnel_embedding(const struct net_device *dev)
{
	u64 word[3], sum = 0;
	struct sixrd sixrd;
	unsigned int i;

	BUILD_BUG_ON(sizeof(word) != sizeof(sixrd));	/* no padding */
	read_sixrd(dev, &sixrd);
	memcpy(word, &sixrd, sizeof(word));
	for (i = 0; i < ARRAY_SIZE(word); i++)
		sum = (sum ^ sum >> 32 ^ word[i]) * GOLDEN_RATIO_64;
	return sum >> 32;
}

/**
 * flow41_tunnel_changed() - is the 6rd prefix another one by now?
 * @conn: a connection whose tunnel has no remote address
 *
 * "ip tunnel 6rd ... 6rd-reset" tells nobody. While it is the same, so is what
 * packet_is_spoofed() says of a flow's packets. The tunnel device's addresses,
 * which count for a router behind a NAT, are no concern: when one goes, so do
 * all IPv6 routes that are cached (rt_genid_bump_ipv6()).
 *
 * Context: any.
 */
bool flow41_tunnel_changed(const struct flow41_conn *conn)
{
	return flow41_tunnel_embedding(conn->tunnel) != conn->embedding;
}

/**
 * flow41_tunnel_ends() - how the tunnel's packets come in from outside
 * @dev: a sit device that flow41_tunnel_refuse() lets pass
 * @remote: where its packets go, 0 for nobody knows
 * @key: outer addresses and ingress device are filled in
 *
 * The same route look-up as ipip6_tunnel_xmit(). That packets really come in
 * on that device is proven before any is carried: see settle.c.
 *
 * Context: softirq, RCU read side.
 * Return: FLOW41_REFUSAL_NONE, or why there is no way.
 */
enum flow41_refusal flow41_tunnel_ends(const struct net_device *dev,
				       __be32 remote, struct flow41_key *key)
{
	const struct ip_tunnel *tunnel = netdev_priv(dev);
	const struct iphdr *iph = &tunnel->parms.iph;
	u8 tos = iph->tos == 1 ? 0 : iph->tos;
	struct flowi4 fl4 = {};
	struct rtable *rt;

	if (!remote)
		return FLOW41_REFUSAL_NO_REMOTE;
	flowi4_init_output(&fl4, tunnel->parms.link, tunnel->fwmark,
			   tos & INET_DSCP_MASK, RT_SCOPE_UNIVERSE,
			   IPPROTO_IPV6, 0, remote, iph->saddr, 0, 0,
			   sock_net_uid(tunnel->net, NULL));
	rt = ip_route_output_key(tunnel->net, &fl4);
	if (IS_ERR(rt))
		return FLOW41_REFUSAL_NO_TUNNEL_ROUTE;
	key->outer_src = remote;
	key->outer_dst = fl4.saddr;
	key->iif = rt->dst.dev->ifindex;
	ip_rt_put(rt);
	return FLOW41_REFUSAL_NONE;
}
