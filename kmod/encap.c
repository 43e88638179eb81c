// SPDX-License-Identifier: GPL-2.0
/*
 * Put the IPv4 header in front. Agrees with ip6_forward(), ipip6_tunnel_xmit(),
 * iptunnel_xmit() and __ip_local_out(). Twin of decap.c.
 */
#include <net/inet_ecn.h>
#include <net/ip.h>

#include "path.h"

/**
 * flow41_encap_tos() - the TOS byte of the new IPv4 header
 * @conn: the connection, for its tunnel's parameters
 * @dsfield: traffic class of the inner packet
 *
 * RFC 6040 section 4.1 would copy CE; Linux makes it ECT(0), and so do we.
 *
 * Context: any. Return: the byte.
 */
u8 flow41_encap_tos(const struct flow41_conn *conn, u8 dsfield)
{
	u8 tos = conn->tunnel_tos;

	if (tos == 1)
		tos = dsfield;
	return INET_ECN_encapsulate(tos, dsfield);
}

/*
 * With DF the ID is free (RFC 6864): a counter does. Without, it has to be
 * unique among fragments, and the kernel's generator knows how.
 */
static void select_id(struct flow41_net *fn, struct flow41_flow *flow,
		      struct iphdr *iph, unsigned int segments)
{
	if (!(iph->frag_off & htons(IP_DF))) {
		__ip_select_ident(fn->net, iph, segments);
		return;
	}
	iph->id = htons(flow->outer.id);
	flow->outer.id += segments;
}

static void push_header(struct flow41_conn *conn, struct flow41_flow *flow,
			struct sk_buff *skb, const struct flow41_packet *p,
			unsigned int segments)
{
	struct iphdr *iph = __skb_push(skb, sizeof(*iph));

	skb_reset_network_header(skb);
	iph->version = 4;
	iph->ihl = FLOW41_IPV4_HLEN / 4;
	iph->tos = flow41_encap_tos(conn, p->dsfield);
	iph->tot_len = htons(skb->len);
	iph->frag_off = flow->outer.frag_off;
	iph->ttl = conn->tunnel_ttl ?: p->hop_limit - 1;
	iph->protocol = IPPROTO_IPV6;
	iph->saddr = flow->outer.saddr;
	iph->daddr = flow->outer.daddr;
	if (flow41_fault(wrong_outer))
		iph->saddr ^= htonl(1);
	select_id(conn->fn, flow, iph, segments);
	iph->check = 0;
	iph->check = ip_fast_csum(iph, FLOW41_IPV4_HLEN / 4);
}

/*
 * iptunnel_handle_offloads(), which does no more where the device has none to do.
 * Return: how many packets it will be.
 */
static unsigned int handle_offloads(struct sk_buff *skb, const struct flow41_packet *p)
{
	if (skb_is_gso(skb) || skb->ip_summed == CHECKSUM_PARTIAL) {
		/* The headers are private by now: there is nothing to fail. */
		iptunnel_handle_offloads(skb, SKB_GSO_IPXIP4);
		/* The tunnel device counts those of an unknown source (tcp_gso_segment()). */
		if (skb_is_gso(skb) && skb_shinfo(skb)->gso_type & SKB_GSO_DODGY)
			skb_shinfo(skb)->gso_segs = flow41_segments(skb, p);
		return skb_shinfo(skb)->gso_segs ?: 1;
	}
	skb_reset_inner_headers(skb);
	skb->ip_summed = CHECKSUM_NONE;
	skb->encapsulation = 0;
	return 1;
}

/**
 * flow41_encap() - make a 6in4 packet of an IPv6 packet
 * @conn: the connection
 * @flow: its flow
 * @skb: the packet, checked, with writable headers and room in front
 * @p: what the parser read
 *
 * Context: softirq, RCU read side. Cannot fail.
 */
static void flow41_encap(struct flow41_conn *conn, struct flow41_flow *flow,
			 struct sk_buff *skb, const struct flow41_packet *p)
{
	unsigned int segments;

	ipv6_hdr(skb)->hop_limit--;
	skb_set_transport_header(skb, FLOW41_IPV6_HLEN);
	segments = handle_offloads(skb, p);
	skb_set_inner_ipproto(skb, IPPROTO_IPV6);

	flow41_scrub(skb);
	skb_set_queue_mapping(skb, 0);	/* the tunnel device has one */
	skb_clear_hash_if_not_l4(skb);
	push_header(conn, flow, skb, p, segments);
	flow41_clear_cb(skb);
	skb->protocol = htons(ETH_P_IP);
}
