/* SPDX-License-Identifier: GPL-2.0 */
/* sit devices: where their packets go, and where they come from. */
#ifndef _FLOW41_TUNNEL_H
#define _FLOW41_TUNNEL_H

#include <linux/if_arp.h>
#include <linux/in6.h>
#include <linux/netdevice.h>

#include "parse.h"
#include "reason.h"

struct dst_entry;
struct flow41_conn;
struct flow41_flow;
struct net;
struct nf_conn;

/**
 * struct flow41_stray - outer addresses that are not the decap flow's
 * @outer_src: where the connection's last packet came from
 * @outer_dst: what it was addressed to
 * @iif: where it came in
 * @carried: how many the flow had carried then; wraps
 * @count: so many in a row came like that; 0 if the last one was the flow's own
 *
 * Protected by the connection's lock.
 */
struct flow41_stray {
	__be32 outer_src;
	__be32 outer_dst;
	u32 iif;
	u16 carried;
	u8 count;
};

/* tunnel.c */
extern const struct rtnl_link_ops *flow41_tunnel_ops;

/* Other devices may have that type, too: bond takes it over, tun has any it is told. */
static inline bool flow41_tunnel_is(const struct net_device *dev)
{
	return dev && dev->type == ARPHRD_SIT &&
	       dev->rtnl_link_ops == READ_ONCE(flow41_tunnel_ops);
}

void flow41_tunnel_register(const struct net_device *dev);

enum flow41_refusal flow41_tunnel_refuse(const struct net_device *dev);
enum flow41_refusal flow41_tunnel_ends(const struct net_device *dev,
				       __be32 remote,
				       struct flow41_key *decap_key);
u32 flow41_tunnel_embedding(const struct net_device *dev);
bool flow41_tunnel_source(const struct net_device *dev,
			  const struct in6_addr *inner, __be32 *outer);
__be32 flow41_tunnel_destination(const struct net_device *dev,
				 const struct dst_entry *dst,
				 const struct in6_addr *inner);
__be32 flow41_tunnel_guess(const struct net_device *dev,
			   const struct in6_addr *inner);
struct nf_conn *flow41_tunnel_conntrack(struct net *net, __be32 src,
					__be32 dst, u8 *dir);
bool flow41_tunnel_shows(const struct net_device *dev);
bool flow41_tunnel_zone_plain(const struct nf_conn *ct);
bool flow41_tunnel_changed(const struct flow41_conn *conn);

/* roam.c */
void flow41_roam_in(struct flow41_flow *flow, const struct flow41_packet *p);
bool flow41_roam_strayed(struct flow41_flow *flow);
bool flow41_roam_moved(struct flow41_flow *flow);

#endif /* _FLOW41_TUNNEL_H */
