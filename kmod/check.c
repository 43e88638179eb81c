// SPDX-License-Identifier: GPL-2.0
/*
 * May this packet take this flow? All questions are asked here, before the
 * first byte is written, and nothing here changes the packet.
 */
#include <net/addrconf.h>
#include <net/inet_ecn.h>
#include <net/ip.h>
#include <net/ip6_checksum.h>
#include <net/ip6_route.h>
#include <net/tcp.h>
#include <net/netfilter/nf_conntrack_core.h>
#include <net/netfilter/nf_conntrack_l4proto.h>

#include "path.h"

#define CHECK_LASTS	(HZ / 10)	/* all of flow41_reasons_gone() */

/* Segmentation that sit passes on: netdev features and sit_gso_segment(). */
#define GSO_CARRIED	(SKB_GSO_TCPV6 | SKB_GSO_TCP_ECN | SKB_GSO_DODGY | \
			 SKB_GSO_TCP_FIXEDID | SKB_GSO_TCP_ACCECN | \
			 SKB_GSO_UDP_L4)
#define TCP_FLAGS_CARRIED	(TCPHDR_ACK | TCPHDR_PSH | TCPHDR_URG | \
				 TCPHDR_ECE | TCPHDR_CWR)

static bool has_extensions(const struct sk_buff *skb)
{
#ifdef CONFIG_SKB_EXTENSIONS
	return skb->active_extensions;
#else
	return false;
#endif
}

/**
 * flow41_check_skb() - is this a packet fresh from the device, and ours alone?
 * @skb: a packet at the ingress hook
 *
 * What an earlier hook attached (a route, a conntrack entry, an IPsec path, a
 * socket) only the software path knows how to honour.
 *
 * Context: softirq. Return: FLOW41_PUNT_NONE, or why not.
 */
static enum flow41_punt flow41_check_skb(const struct sk_buff *skb)
{
	if (skb->pkt_type != PACKET_HOST)
		return FLOW41_PUNT_NOT_FOR_US;
	if (skb_shared(skb))
		return FLOW41_PUNT_SHARED;
	if (skb_dst(skb) || skb_get_nfct(skb) || has_extensions(skb) ||
	    skb_vlan_tag_present(skb) || skb->ignore_df ||
	    skb_sk_is_prefetched((struct sk_buff *)skb))
		return FLOW41_PUNT_METADATA;
	return FLOW41_PUNT_NONE;
}

/*
 * A RST is true for conntrack where the other end's acknowledgments are, or right behind
 * what its sender has sent last (nf_conntrack_tcp_packet()). The latter is made known, if
 * it was carried.
 */
static void tell_last(struct nf_conn *ct, u8 dir)
{
	spin_lock_bh(&ct->lock);
	ct->proto.tcp.last_dir = dir;
	ct->proto.tcp.last_end = ct->proto.tcp.seen[dir].td_end;
	spin_unlock_bh(&ct->lock);
}

/*
 * SYN, FIN and RST take the software path and end the flow (conntrack judges
 * them); so does what conntrack calls an invalid combination.
 */
static enum flow41_punt check_tcp(struct flow41_conn *conn,
				  struct flow41_flow *flow,
				  const struct flow41_packet *p)
{
	if (p->key.proto != IPPROTO_TCP)
		return FLOW41_PUNT_NONE;
	if (flow41_fault(outer_key) && !conn->tunnel &&
	    p->tcp_flags & (TCPHDR_SYN | TCPHDR_FIN | TCPHDR_RST))
		return FLOW41_PUNT_HANDSHAKE;
	if (p->tcp_flags & TCPHDR_SYN) {
		/* A flow that is stale has not carried the ACK */
		if (p->tcp_flags & TCPHDR_ACK && flow41_reasons_gone(flow) < 0)
			flow41_quarantine_suspect(flow, p);
		flow41_conn_evict(conn, FLOW41_EVICT_TCP_SYN);
		return FLOW41_PUNT_HANDSHAKE;
	}
	if (p->tcp_flags & (TCPHDR_FIN | TCPHDR_RST)) {
		if (p->tcp_flags & TCPHDR_RST && conn->tunnel &&
		    atomic64_read(&flow->packets))
			tell_last(conn->ct, flow->ct_dir);
		flow41_conn_evict(conn, FLOW41_EVICT_TCP_END);
		return FLOW41_PUNT_TEARDOWN;
	}
	if (!(p->tcp_flags & TCPHDR_ACK) ||
	    p->tcp_flags & ~TCP_FLAGS_CARRIED)
		return FLOW41_PUNT_TCP_FLAGS;
	return FLOW41_PUNT_NONE;
}

/*
 * What ip6_forward() allows, the device's MTU or a locked one of the route, but never less
 * than IPv6's minimum; and then __ip6_finish_output(), the route's, locked or not.
 */
static u32 ipv6_mtu(const struct dst_entry *dst)
{
	u32 mtu = max_t(u32, ip6_dst_mtu_maybe_forward(dst, true), IPV6_MIN_MTU);
	u32 route = dst_metric_raw(dst, RTAX_MTU);

	return route ? min(mtu, route) : mtu;
}

/**
 * flow41_check_mtu() - the largest packet that a route takes whole
 * @flow: a flow
 * @dst: the route of its packets, as they leave or, IPv6, on their way into the tunnel
 *
 * Context: softirq, RCU read side. Return: bytes.
 */
u32 flow41_check_mtu(const struct flow41_flow *flow, const struct dst_entry *dst)
{
	if (dst->ops->family == AF_INET6)
		return ipv6_mtu(dst);
	return min_t(u32, IP_MAX_MTU,
		     ip_dst_mtu_maybe_forward(dst, flow->role == FLOW41_ROLE_TRANSIT));
}

/*
 * Largest inner packet that goes out whole and without an error. Encap: also
 * what ipip6_tunnel_xmit() and ip_finish_output() allow behind the new header.
 * Transit: what ip_forward() allows.
 */
static u32 path_mtu(const struct flow41_flow *flow)
{
	u32 outer = flow41_check_mtu(flow, flow->dst);

	if (flow->role == FLOW41_ROLE_DECAP)
		return outer;
	if (outer < IPV4_MIN_MTU + FLOW41_IPV4_HLEN)
		return 0;
	outer -= FLOW41_IPV4_HLEN;
	if (flow->role == FLOW41_ROLE_TRANSIT)
		return outer;
	return min(flow41_check_mtu(flow, flow41_flow_conn(flow)->tunnel_dst), outer);
}

/*
 * All reasons, and what they do not tell of: the timeouts that conntrack grants; and that an
 * IPv6 route was added which now comes before the flow's, in a table that is asked earlier.
 */
static enum flow41_punt check_anew(struct flow41_flow *flow)
{
	struct flow41_conn *conn = flow41_flow_conn(flow);
	const struct net *net = conn->fn->net;
	u32 now = jiffies, sernum = atomic_read(&net->ipv6.fib6_sernum);
	int reason;

	smp_rmb();	/* the number first: a route that is added meanwhile has another */
	reason = flow41_reasons_gone(flow);
	if (reason >= 0) {
		flow41_conn_evict(conn, reason);
		return FLOW41_PUNT_STALE;
	}
	if (!flow41_flow_settled(flow))
		return READ_ONCE(flow41_flow_detour(flow)->odd) ?
		       FLOW41_PUNT_RESULT : FLOW41_PUNT_SETTLING;
	flow41_account_timeouts(flow);
	WRITE_ONCE(flow->checked, now);
	if (flow->role != FLOW41_ROLE_TRANSIT && READ_ONCE(flow->sernum) != sernum)
		return FLOW41_PUNT_ROUTE;
	return FLOW41_PUNT_NONE;
}

/* What changes without notice, once a jiffy. */
static noinline enum flow41_punt renew(struct flow41_flow *flow, bool holds)
{
	enum flow41_punt punt = FLOW41_PUNT_NONE;
	u32 now = jiffies;

	if (!holds || now - READ_ONCE(flow->checked) >= CHECK_LASTS ||
	    flow41_audit_overdue(flow))
		punt = check_anew(flow);
	if (punt != FLOW41_PUNT_NONE)
		return punt;
	flow->mtu = path_mtu(flow);
	flow41_audit_renew(flow);
	WRITE_ONCE(flow->renewed, now);
	return FLOW41_PUNT_NONE;
}

/* RFC 8200 length of the largest segment the packet will be cut into. */
static u32 segment_len(const struct sk_buff *skb, const struct flow41_packet *p)
{
	if (!skb_is_gso(skb))
		return p->inner_len;
	return min_t(u32, p->inner_len, FLOW41_IPV6_HLEN + p->l4_hlen +
		     skb_shinfo(skb)->gso_size);
}

/*
 * validate_xmit_skb() on the tunnel device: does it get such a packet whole? One of an
 * unknown source it does, too, if there is more than one segment in it (tcp_gso_segment(),
 * __udp_gso_segment()).
 */
static bool tunnel_takes_gso(const struct net_device *tunnel,
			     const struct sk_buff *skb, const struct flow41_packet *p)
{
	netdev_features_t features = tunnel->features | NETIF_F_GSO_ROBUST;

	return flow41_payload(p) > skb_shinfo(skb)->gso_size &&
	       !netif_needs_gso((struct sk_buff *)skb, features) &&
	       skb->len < READ_ONCE(tunnel->gso_max_size) &&
	       skb_shinfo(skb)->gso_segs <= READ_ONCE(tunnel->gso_max_segs);
}

/* Segments to be: of a kind that the software path passes on whole, as the cache does? */
static bool gso_carried(const struct flow41_flow *flow,
			const struct sk_buff *skb, const struct flow41_packet *p)
{
	unsigned int type = skb_shinfo(skb)->gso_type, carried = GSO_CARRIED;

	if (flow->role == FLOW41_ROLE_ENCAP) {
		if (!tunnel_takes_gso(flow41_flow_conn(flow)->tunnel, skb, p))
			return false;
	} else {
		carried |= SKB_GSO_IPXIP4;
		if (!(type & SKB_GSO_IPXIP4))
			return false;
	}
	/* No type at all is LRO, which must not be forwarded. */
	return !(type & ~carried) && type & (SKB_GSO_TCPV6 | SKB_GSO_UDP_L4);
}

static enum flow41_punt check_size(const struct flow41_flow *flow,
				   const struct sk_buff *skb,
				   const struct flow41_packet *p)
{
	if (skb_is_gso(skb) && !gso_carried(flow, skb, p))
		return FLOW41_PUNT_GSO;
	if (segment_len(skb, p) > flow->mtu ||
	    p->inner_len > IP_MAX_MTU - FLOW41_IPV4_HLEN)
		return FLOW41_PUNT_TOO_BIG;
	return FLOW41_PUNT_NONE;
}

/*
 * conntrack sets a UDP stream ASSURED on the first packet two seconds after
 * the start that it sees itself (nf_conntrack_udp_packet()).
 */
static bool conntrack_wants_it(const struct nf_conn *ct)
{
	unsigned long status = READ_ONCE(ct->status);

	return nf_ct_protonum(ct) == IPPROTO_UDP &&
	       status & IPS_SEEN_REPLY && !(status & IPS_ASSURED) &&
	       time_after(jiffies, ct->proto.udp.stream_ts);
}

/*
 * The sum is left to the device: that of the TCP or UDP header, as GRO and senders on this
 * machine leave it? One that begins elsewhere, perhaps in the outer header, or lies in a
 * tunnel inside of this one, is the software path's to make sense of.
 */
static bool partial_ok(const struct flow41_flow *flow, const struct sk_buff *skb,
		       unsigned int l4)
{
	return skb_checksum_start_offset(skb) == l4 &&
	       (flow->role != FLOW41_ROLE_ENCAP || !skb->encapsulation);
}

/* As nf_ip6_checksum() in PREROUTING, without its writes to the skb. */
static bool checksum_ok(const struct net *net, const struct flow41_flow *flow,
			const struct sk_buff *skb, const struct flow41_packet *p)
{
	unsigned int l4 = p->inner_off + FLOW41_IPV6_HLEN;
	unsigned int len = p->inner_len - FLOW41_IPV6_HLEN;
	__wsum sum;

	if (skb->ip_summed == CHECKSUM_PARTIAL)
		return partial_ok(flow, skb, l4);
	if (skb->ip_summed == CHECKSUM_UNNECESSARY || !net->ct.sysctl_checksum)
		return true;
	if (p->key.proto == IPPROTO_UDP &&
	    !((const struct udphdr *)(skb->data + l4))->check)
		return true;
	if (skb_is_nonlinear(skb))
		sum = skb_checksum(skb, l4, len, 0);
	else
		sum = csum_partial(skb->data + l4, len, 0);
	return !csum_ipv6_magic(&p->key.src, &p->key.dst, len, p->key.proto,
				sum);
}

/* Does the router forward what comes in like this packet, or out of the tunnel, behind it? */
static bool forwards(const struct net *net, const struct net_device *tunnel,
		     const struct flow41_flow *flow, const struct sk_buff *skb)
{
	return likely(READ_ONCE(net->ipv6.devconf_all->forwarding)) ||
	       flow41_forces_forwarding(flow->role == FLOW41_ROLE_DECAP ? tunnel : skb->dev);
}

/* The router's own tunnel: two IP stacks look at the packet. */
static enum flow41_punt check_inner(const struct flow41_conn *conn,
				    const struct flow41_flow *flow,
				    const struct sk_buff *skb,
				    const struct flow41_packet *p)
{
	const struct ip_tunnel *tunnel = netdev_priv(conn->tunnel);
	const struct net *net = conn->fn->net;

	if (!forwards(net, conn->tunnel, flow, skb))
		return FLOW41_PUNT_FORWARDING_OFF;
	if (p->hop_limit <= 1)
		return FLOW41_PUNT_HOP_LIMIT;
	if (flow->role == FLOW41_ROLE_ENCAP && READ_ONCE(tunnel->err_count) > 0)
		return FLOW41_PUNT_TUNNEL_ERROR;
	if (flow->role == FLOW41_ROLE_DECAP &&
	    INET_ECN_is_ce(p->outer_tos) && INET_ECN_is_not_ect(p->dsfield))
		return FLOW41_PUNT_ECN;
	if (conntrack_wants_it(conn->ct))
		return FLOW41_PUNT_CONNTRACK;
	if (!checksum_ok(net, flow, skb, p))
		return FLOW41_PUNT_INNER_CHECKSUM;
	return FLOW41_PUNT_NONE;
}

/* Whatever the software path would answer, drop or treat in its own way. */
static enum flow41_punt check_packet(const struct flow41_conn *conn,
				     const struct flow41_flow *flow,
				     const struct sk_buff *skb,
				     const struct flow41_packet *p)
{
	enum flow41_punt punt = FLOW41_PUNT_NONE;

	if (skb->mark != flow->mark_in || skb->priority != flow->priority_in)
		return FLOW41_PUNT_MARK;
	if (flow->role != FLOW41_ROLE_TRANSIT)
		punt = check_inner(conn, flow, skb, p);
	else if (p->outer_ttl <= 1)
		punt = FLOW41_PUNT_HOP_LIMIT;
	return punt != FLOW41_PUNT_NONE ? punt : check_size(flow, skb, p);
}

/* With audit-rate 1 none is carried: one need not wait for another. */
static bool audited_all(struct flow41_flow *flow)
{
	if (READ_ONCE(flow->stage) != FLOW41_STAGE_DETOUR ||
	    READ_ONCE(flow41_flow_conn(flow)->fn->audits.rate) != 1)
		return false;
	WRITE_ONCE(flow->audit_left, 0);
	return true;
}

/**
 * flow41_check() - may this packet take this flow?
 * @conn: the connection; evicted when it is found stale
 * @flow: its flow that the packet's key matched
 * @skb: the packet
 * @p: what the parser read
 *
 * Agrees with ip6_forward(), ipip6_tunnel_xmit(), ipip6_rcv() and ip_forward()
 * on what goes through unremarked.
 *
 * Context: softirq, RCU read side. Return: FLOW41_PUNT_NONE, or why not.
 */
static enum flow41_punt flow41_check(struct flow41_conn *conn,
				     struct flow41_flow *flow,
				     struct sk_buff *skb,
				     const struct flow41_packet *p)
{
	enum flow41_punt punt;
	bool holds;

	punt = check_tcp(conn, flow, p);
	if (punt != FLOW41_PUNT_NONE)
		return punt;
	holds = flow41_reasons_hold(flow, conn);
	if (unlikely(!holds || READ_ONCE(flow->renewed) != (u32)jiffies))
		punt = renew(flow, holds);
	if (punt != FLOW41_PUNT_NONE)
		return punt;
	punt = check_packet(conn, flow, skb, p);
	if (punt != FLOW41_PUNT_NONE)
		return punt;
	if (unlikely(READ_ONCE(flow->stage) != FLOW41_STAGE_LIVE) &&
	    !flow41_settle_overdue(flow) && !audited_all(flow))
		return FLOW41_PUNT_SETTLING;
	if (unlikely(!(flow->dscp_seen >> flow41_flow_dscp(flow, p) & 1)))
		return FLOW41_PUNT_DSCP;
	return FLOW41_PUNT_NONE;
}
