// SPDX-License-Identifier: GPL-2.0
/* sit devices: which ones the cache can stand in for, and where they end. */
#include <linux/if_arp.h>
#include <linux/if_tunnel.h>
#include <net/ip_tunnels.h>
#include <net/route.h>
#include <net/sch_generic.h>

#include "flow41.h"

/* A queue, a classifier or a hook on the device itself would be skipped. */
static bool has_own_queue(const struct net_device *dev)
{
	/* "noqueue" is the one that cannot enqueue. */
	if (rcu_dereference(netdev_get_tx_queue(dev, 0)->qdisc)->enqueue)
		return true;
#ifdef CONFIG_NET_CLS_ACT
	if (rcu_access_pointer(dev->miniq_ingress) ||
	    rcu_access_pointer(dev->miniq_egress))
		return true;
#endif
#ifdef CONFIG_NETFILTER_EGRESS
	if (rcu_access_pointer(dev->nf_hooks_egress))
		return true;
#endif
	return rcu_access_pointer(dev->nf_hooks_ingress) ||
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
	if (!tunnel->parms.iph.daddr ||
	    ipv4_is_multicast(tunnel->parms.iph.daddr))
		return FLOW41_REFUSAL_NO_REMOTE;
	if (!net_eq(tunnel->net, dev_net(dev)))
		return FLOW41_REFUSAL_NETNS;
	if (has_own_queue(dev))
		return FLOW41_REFUSAL_TUNNEL_QUEUE;
	return FLOW41_REFUSAL_NONE;
}

/**
 * flow41_tunnel_ends() - how the tunnel's packets come in from outside
 * @dev: a sit device that flow41_tunnel_refuse() lets pass
 * @key: outer addresses and ingress device are filled in
 *
 * The same route look-up as ipip6_tunnel_xmit(). That packets really come in
 * on that device is proven before any is carried: see settle.c.
 *
 * Context: softirq, RCU read side.
 * Return: FLOW41_REFUSAL_NONE, or why there is no way.
 */
enum flow41_refusal flow41_tunnel_ends(const struct net_device *dev,
				       struct flow41_key *key)
{
	const struct ip_tunnel *tunnel = netdev_priv(dev);
	const struct iphdr *iph = &tunnel->parms.iph;
	struct flowi4 fl4 = {
		.flowi4_oif = tunnel->parms.link,
		.flowi4_mark = tunnel->fwmark,
		.flowi4_tos = RT_TOS(iph->tos == 1 ? 0 : iph->tos),
		.flowi4_proto = IPPROTO_IPV6,
		.daddr = iph->daddr,
		.saddr = iph->saddr,
	};
	struct rtable *rt = ip_route_output_key(tunnel->net, &fl4);

	if (IS_ERR(rt))
		return FLOW41_REFUSAL_NO_TUNNEL_ROUTE;
	key->outer_src = iph->daddr;
	key->outer_dst = fl4.saddr;
	key->iif = rt->dst.dev->ifindex;
	ip_rt_put(rt);
	return FLOW41_REFUSAL_NONE;
}
