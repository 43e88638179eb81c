// SPDX-License-Identifier: GPL-2.0
/*
 * Take the IPv4 header off. Agrees with ip_local_deliver_finish(), ipip6_rcv(),
 * __iptunnel_pull_header(), ip6_rcv_core() and ip6_forward(). Twin of encap.c.
 */
#include <net/inet_ecn.h>
#include <net/ipv6.h>

#include "path.h"

static void pull_header(struct sk_buff *skb)
{
	__skb_pull(skb, FLOW41_IPV4_HLEN);
	skb_reset_network_header(skb);
	skb_reset_mac_header(skb);
	skb_set_transport_header(skb, FLOW41_IPV6_HLEN);
	skb_forward_csum(skb);
}

/**
 * flow41_decap() - make an IPv6 packet of a 6in4 packet
 * @conn: the connection
 * @flow: its flow
 * @skb: the packet, checked, with writable headers and its GSO state private
 * @p: what the parser read
 *
 * The checksum state ends as skb_forward_csum() leaves it, so nothing has to
 * be subtracted from a complete checksum.
 *
 * Context: softirq, RCU read side. Cannot fail.
 */
static void flow41_decap(struct flow41_conn *conn, struct flow41_flow *flow,
			 struct sk_buff *skb, const struct flow41_packet *p)
{
	pull_header(skb);
	skb->protocol = htons(ETH_P_IPV6);
	skb_clear_hash_if_not_l4(skb);
	skb_set_queue_mapping(skb, 0);
	flow41_scrub(skb);
	skb_clear_delivery_time(skb);
	skb->skb_iif = conn->tunnel->ifindex;
	/* Also clears the encapsulation bits; its unclone was done before. */
	iptunnel_pull_offloads(skb);

	INET_ECN_decapsulate(skb, p->outer_tos, p->dsfield);
	ipv6_hdr(skb)->hop_limit--;
	flow41_clear_cb(skb);
	IP6CB(skb)->iif = conn->tunnel->ifindex;
}
