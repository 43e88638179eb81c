// SPDX-License-Identifier: GPL-2.0
/*
 * What has to come out of the software path: told from the packet that goes in,
 * for a flow that does not know its rewrite yet.
 */
#include <linux/jhash.h>
#include <net/inet_ecn.h>

#include "flow41.h"

#define FINGERPRINT	64	/* bytes from the TCP or UDP header on */

/**
 * flow41_expect_tag() - a fingerprint that the software path does not change
 * @skb: a packet, with skb->data at its outermost IP header
 * @p: what the parser read of it
 *
 * The TCP or UDP header and the start of the payload: with its checksum left to
 * the device, a UDP header alone is the same for all packets of a size.
 *
 * Context: any. Return: the fingerprint.
 */
u32 flow41_expect_tag(const struct sk_buff *skb, const struct flow41_packet *p)
{
	u8 bytes[FINGERPRINT] = {};
	unsigned int len = min_t(unsigned int, sizeof(bytes),
				 p->inner_len - FLOW41_IPV6_HLEN);

	if (skb_copy_bits(skb, p->inner_off + FLOW41_IPV6_HLEN, bytes, len))
		return 0;
	return jhash(bytes, sizeof(bytes), p->inner_len);
}

/* RFC 6040 section 4.2, as INET_ECN_decapsulate() */
static u8 decap_dsfield(u8 dsfield, u8 outer_tos)
{
	u8 outer = outer_tos & INET_ECN_MASK;

	if (INET_ECN_is_not_ect(dsfield))
		return dsfield;
	if (outer == INET_ECN_CE)
		return dsfield | INET_ECN_CE;
	if (outer == INET_ECN_ECT_1 &&
	    (dsfield & INET_ECN_MASK) == INET_ECN_ECT_0)
		return (dsfield & ~INET_ECN_MASK) | INET_ECN_ECT_1;
	return dsfield;
}

/* An IPv4 header without addresses and checksum, the TTL less by @hops. */
static void ipv4_words(const void *header, unsigned int hops, __be32 words[3])
{
	memcpy(words, header, 3 * sizeof(*words));
	words[2] &= htonl(0xffff0000);
	words[2] = htonl(ntohl(words[2]) - (hops << 24));
}

/* A header as it leaves: of the inner one 8 bytes, in transit 12 of the outer one, too. */
union leaving {
	struct {
		__be32 inner[2];
		__be32 outer[3];
	};
	u32 word[5];
};

static u32 hash_leaving(const union leaving *header)
{
	return jhash2(header->word, ARRAY_SIZE(header->word), 0);
}

/* The first 8 bytes of the IPv6 header as the fast path would send them. */
static void expect_inner(const struct flow41_flow *flow,
			 const struct sk_buff *skb,
			 const struct flow41_packet *p, __be32 expect[2])
{
	const __be32 *header = (__be32 *)(skb->data + p->inner_off);
	u8 dsfield = p->dsfield;

	if (flow->role == FLOW41_ROLE_DECAP)
		dsfield = decap_dsfield(dsfield, p->outer_tos);
	expect[0] = (header[0] & htonl(0xf00fffff)) | htonl(dsfield << 20);
	expect[1] = htonl(ntohl(header[1]) - 1);	/* the hop limit */
}

/**
 * flow41_expect() - note what has to come out for a packet that goes in
 * @flow: its flow, the connection locked
 * @skb: the packet, at the ingress hook
 * @p: what the parser read
 *
 * Context: softirq.
 */
void flow41_expect(struct flow41_flow *flow, const struct sk_buff *skb,
		   const struct flow41_packet *p)
{
	union leaving header = {};

	if (flow->role == FLOW41_ROLE_TRANSIT) {
		memcpy(header.inner, skb->data + p->inner_off,
		       sizeof(header.inner));
		ipv4_words(skb->data, 1, header.outer);
	} else {
		expect_inner(flow, skb, p, header.inner);
	}
	flow41_flow_detour(flow)->expect = hash_leaving(&header);
}

/**
 * flow41_expect_met() - is the header that leaves the one that was expected?
 * @flow: the flow, the connection locked
 * @skb: the packet that came in last, at the last POST_ROUTING hook
 * @p: what the parser read of it now
 *
 * Context: softirq.
 */
bool flow41_expect_met(struct flow41_flow *flow, const struct sk_buff *skb,
		       const struct flow41_packet *p)
{
	const struct flow41_conn *conn = flow41_flow_conn(flow);
	const struct iphdr *iph = ip_hdr(skb);
	union leaving header = {};

	memcpy(header.inner, skb->data + p->inner_off, sizeof(header.inner));
	if (flow->role == FLOW41_ROLE_TRANSIT)
		ipv4_words(iph, 0, header.outer);
	if (hash_leaving(&header) != flow41_flow_detour(flow)->expect)
		return false;
	if (flow->role == FLOW41_ROLE_DECAP)
		return true;
	if (iph->saddr != flow->outer.saddr || iph->daddr != flow->outer.daddr)
		return false;
	return flow->role == FLOW41_ROLE_TRANSIT ||
	       (iph->ttl == (conn->tunnel_ttl ?: p->hop_limit) &&
		iph->tos == flow41_encap_tos(conn, p->dsfield));
}
