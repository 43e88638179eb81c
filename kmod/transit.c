// SPDX-License-Identifier: GPL-2.0
/*
 * Rewrite the IPv4 header of a 6in4 packet that passes through; what is inside
 * stays as it came. Agrees with nf_nat_ipv4_manip_pkt() and ip_forward().
 */
#include <net/checksum.h>
#include <net/ip.h>
#include <net/route.h>

#include "path.h"

static void translate(struct iphdr *iph, __be32 *addr, __be32 to)
{
	if (*addr == to)
		return;
	csum_replace4(&iph->check, *addr, to);
	*addr = to;
}

/**
 * flow41_transit() - forward a 6in4 packet
 * @conn: the connection
 * @flow: its flow
 * @skb: the packet, checked, with writable headers
 * @p: what the parser read
 *
 * The checksum is updated as the software path updates it, one step after the
 * other, so it comes out the same even where it has two right values.
 *
 * Context: softirq, RCU read side. Cannot fail.
 */
static void flow41_transit(struct flow41_conn *conn, struct flow41_flow *flow,
			   struct sk_buff *skb, const struct flow41_packet *p)
{
	struct iphdr *iph = ip_hdr(skb);

	translate(iph, &iph->daddr, flow->outer.daddr);
	ip_decrease_ttl(iph);
	translate(iph, &iph->saddr, flow->outer.saddr);
	if (flow41_fault(wrong_outer))
		translate(iph, &iph->saddr, iph->saddr ^ htonl(1));

	skb->priority = rt_tos2priority(iph->tos);
	skb_set_transport_header(skb, FLOW41_IPV4_HLEN);
	skb_forward_csum(skb);
	flow41_clear_cb(skb);
	IPCB(skb)->iif = flow->key.iif;
	IPCB(skb)->flags = IPSKB_FORWARDED;
}
