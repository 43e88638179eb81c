// SPDX-License-Identifier: GPL-2.0
/*
 * Packet bytes -> key, or the reason why not. Read-only; also built in
 * userspace, for unit tests and fuzzing: no kernel function but the checksum.
 */
#include <asm/byteorder.h>
#include <linux/in.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/tcp.h>
#include <linux/udp.h>
#ifdef __KERNEL__
#include <net/ip.h>
#else
#include <string.h>
#endif

#include "parse.h"

#define IP_FRAGMENT_BITS	0x3fff	/* more-fragments and the offset */

#ifdef __KERNEL__
static bool header_sum_ok(const struct iphdr *iph)
{
	return !ip_fast_csum((const u8 *)iph, FLOW41_IPV4_HLEN / 4);
}
#else
static int header_sum_ok(const struct iphdr *iph)
{
	const __u8 *byte = (const __u8 *)iph;
	unsigned int i;
	__u32 sum = 0;

	for (i = 0; i < FLOW41_IPV4_HLEN; i += 2)
		sum += byte[i] << 8 | byte[i + 1];
	sum = (sum & 0xffff) + (sum >> 16);
	return ((sum + (sum >> 16)) & 0xffff) == 0xffff;
}
#endif

static enum flow41_punt parse_tcp(const struct tcphdr *th, unsigned int linear,
				  unsigned int len, struct flow41_packet *p)
{
	if (linear < sizeof(*th))
		return FLOW41_PUNT_TRUNCATED;
	p->l4_hlen = th->doff * 4;
	if (p->l4_hlen < sizeof(*th))
		return FLOW41_PUNT_BAD_HEADER;
	if (p->l4_hlen > len)
		return FLOW41_PUNT_BAD_LENGTH;

	p->key.sport = th->source;
	p->key.dport = th->dest;
	p->tcp_flags = ((const __u8 *)th)[13];
	p->tcp_seq = __be32_to_cpu(th->seq);
	p->tcp_ack = __be32_to_cpu(th->ack_seq);
	p->tcp_window = __be16_to_cpu(th->window);
	return FLOW41_PUNT_NONE;
}

static enum flow41_punt parse_udp(const struct udphdr *uh, unsigned int linear,
				  unsigned int len, struct flow41_packet *p)
{
	if (linear < sizeof(*uh))
		return FLOW41_PUNT_TRUNCATED;
	if (__be16_to_cpu(uh->len) != len)
		return FLOW41_PUNT_BAD_LENGTH;

	p->l4_hlen = sizeof(*uh);
	p->key.sport = uh->source;
	p->key.dport = uh->dest;
	p->tcp_flags = 0;
	return FLOW41_PUNT_NONE;
}

/* RFC 7045 and the IANA registry: what may stand before TCP or UDP. */
static enum flow41_punt name_next_header(__u8 nexthdr)
{
	switch (nexthdr) {
	case 44:	/* fragment */
		return FLOW41_PUNT_INNER_FRAGMENT;
	case 0:		/* hop-by-hop options */
	case 43:	/* routing */
	case 50:	/* ESP */
	case 51:	/* AH */
	case 60:	/* destination options */
	case 135:	/* mobility */
	case 139:	/* HIP */
	case 140:	/* Shim6 */
	case 253:	/* experiments */
	case 254:
		return FLOW41_PUNT_EXTENSION_HEADER;
	default:
		return FLOW41_PUNT_NEXT_HEADER;
	}
}

static enum flow41_punt parse_inner(const void *data, unsigned int linear,
				    unsigned int len, struct flow41_packet *p)
{
	const struct ipv6hdr *ip6h = data;
	const __u8 *byte = data;

	if (linear < FLOW41_IPV6_HLEN)
		return FLOW41_PUNT_TRUNCATED;
	if (byte[0] >> 4 != 6)
		return FLOW41_PUNT_BAD_HEADER;
	if (ip6h->nexthdr != IPPROTO_TCP && ip6h->nexthdr != IPPROTO_UDP)
		return name_next_header(ip6h->nexthdr);
	if (__be16_to_cpu(ip6h->payload_len) + FLOW41_IPV6_HLEN != len)
		return FLOW41_PUNT_BAD_LENGTH;

	p->inner_len = len;
	p->dsfield = byte[0] << 4 | byte[1] >> 4;
	p->hop_limit = ip6h->hop_limit;
	p->key.src = ip6h->saddr;
	p->key.dst = ip6h->daddr;
	p->key.proto = ip6h->nexthdr;

	data += FLOW41_IPV6_HLEN;
	linear -= FLOW41_IPV6_HLEN;
	len -= FLOW41_IPV6_HLEN;
	if (p->key.proto == IPPROTO_TCP)
		return parse_tcp(data, linear, len, p);
	return parse_udp(data, linear, len, p);
}

/**
 * flow41_parse_ipv6() - read a packet that starts with an IPv6 header
 * @data: the packet, from its IPv6 header on
 * @linear: how many bytes at @data may be read
 * @len: length of the whole packet in bytes, @linear or more
 * @p: filled in, but for the ingress device; undefined after a punt
 *
 * Agrees with ip6_rcv_core() on what is well-formed; stricter where a wrong
 * guess would matter (RFC 8200: only TCP or UDP right behind the header, and
 * a payload length that is exactly the packet's).
 *
 * Context: any. Return: FLOW41_PUNT_NONE, or why the packet is not for us.
 */
enum flow41_punt flow41_parse_ipv6(const void *data, unsigned int linear,
				   unsigned int len, struct flow41_packet *p)
{
	p->inner_off = 0;
	p->outer_tos = 0;
	p->outer_ttl = 0;
	p->key.outer_src = 0;
	p->key.outer_dst = 0;
	return parse_inner(data, linear, len, p);
}

/**
 * flow41_parse_6in4() - read a packet that starts with an IPv4 header
 * @data: the packet, from its IPv4 header on
 * @linear: how many bytes at @data may be read
 * @len: length of the whole packet in bytes, @linear or more
 * @p: filled in, but for the ingress device; undefined after a punt
 *
 * Agrees with ip_rcv_core() on what is well-formed; options, fragments and
 * trailing bytes are left to it (RFC 4213 section 3.6).
 *
 * Context: any. Return: FLOW41_PUNT_NONE, or why the packet is not for us.
 */
enum flow41_punt flow41_parse_6in4(const void *data, unsigned int linear,
				   unsigned int len, struct flow41_packet *p)
{
	const struct iphdr *iph = data;

	if (linear < FLOW41_IPV4_HLEN)
		return FLOW41_PUNT_TRUNCATED;
	if (iph->protocol != IPPROTO_IPV6)
		return FLOW41_PUNT_OTHER_PROTOCOL;
	if (iph->version != 4 || iph->ihl < 5)
		return FLOW41_PUNT_BAD_HEADER;
	if (iph->ihl > 5)
		return FLOW41_PUNT_OUTER_OPTIONS;
	if (iph->frag_off & __cpu_to_be16(IP_FRAGMENT_BITS))
		return FLOW41_PUNT_OUTER_FRAGMENT;
	if (__be16_to_cpu(iph->tot_len) != len)
		return FLOW41_PUNT_BAD_LENGTH;
	if (!header_sum_ok(iph))
		return FLOW41_PUNT_OUTER_CHECKSUM;

	p->inner_off = FLOW41_IPV4_HLEN;
	p->outer_tos = iph->tos;
	p->outer_ttl = iph->ttl;
	p->key.outer_src = iph->saddr;
	p->key.outer_dst = iph->daddr;
	return parse_inner(data + FLOW41_IPV4_HLEN, linear - FLOW41_IPV4_HLEN,
			   len - FLOW41_IPV4_HLEN, p);
}
