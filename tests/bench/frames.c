// SPDX-License-Identifier: GPL-2.0
/* Make packets, and tell whether one is as it has to be. */
#include <arpa/inet.h>
#include <string.h>

#include "ppcost.h"

#define SOURCE_PORTS	16384

static uint32_t sum_words(const void *data, size_t len, uint32_t sum)
{
	const uint8_t *p = data;
	size_t i;

	for (i = 0; i + 1 < len; i += 2)
		sum += p[i] << 8 | p[i + 1];
	return sum;
}

static uint16_t fold(uint32_t sum)
{
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return htons(~sum);
}

/* The bytes of a packet follow from its number: no two are alike. */
static void fill_data(uint8_t *data, size_t len, uint32_t number)
{
	uint32_t x = number * 2654435761u + 1;
	size_t i;

	number = htonl(number);
	memcpy(data, &number, sizeof(number));
	for (i = sizeof(number); i + sizeof(x) <= len; i += sizeof(x)) {
		x ^= x << 13;
		x ^= x >> 17;
		x ^= x << 5;
		memcpy(data + i, &x, sizeof(x));
	}
	memset(data + i, x, len - i);
}

static void fill_udp(uint8_t *at, size_t len, const struct shape *shape,
		     const struct stream *stream, uint32_t number,
		     const void *addresses, size_t addresses_len)
{
	unsigned int flow = number % stream->flows;
	uint32_t sum = IPPROTO_UDP + len;
	uint16_t near = htons(1024 + flow % SOURCE_PORTS);
	uint16_t far = htons(stream->port + flow / SOURCE_PORTS);
	struct udphdr udp = {
		.source = shape->back ? far : near,
		.dest = shape->back ? near : far,
		.len = htons(len),
	};

	fill_data(at + sizeof(udp), len - sizeof(udp), number);
	memcpy(at, &udp, sizeof(udp));
	sum = sum_words(addresses, addresses_len, sum);
	sum = sum_words(at, len, sum);
	udp.check = fold(sum) ?: 0xffff;
	memcpy(at, &udp, sizeof(udp));
}

static void fill_ipv6(uint8_t *at, const struct shape *shape,
		      const struct stream *stream, uint32_t number)
{
	struct ip6_hdr ip6 = {
		.ip6_flow = htonl(6 << 28),
		.ip6_plen = htons(stream->size - sizeof(ip6)),
		.ip6_nxt = IPPROTO_UDP,
		.ip6_hlim = shape->hops,
		.ip6_src = shape->saddr6,
		.ip6_dst = shape->daddr6,
	};

	memcpy(at, &ip6, sizeof(ip6));
	fill_udp(at + sizeof(ip6), stream->size - sizeof(ip6), shape, stream, number,
		 &ip6.ip6_src, 2 * sizeof(ip6.ip6_src));
}

static void fill_ipv4(uint8_t *at, const struct shape *shape, uint8_t protocol,
		      size_t len, uint16_t id)
{
	struct iphdr ip = {
		.version = 4,
		.ihl = 5,
		.tot_len = htons(len),
		.id = htons(id),
		.frag_off = htons(IP_DF),
		.ttl = shape->ttl,
		.protocol = protocol,
		.saddr = shape->saddr,
		.daddr = shape->daddr,
	};

	ip.check = fold(sum_words(&ip, sizeof(ip), 0));
	memcpy(at, &ip, sizeof(ip));
}

/* Returns its length */
size_t frame_make(union frame *frame, const struct shape *shape,
		  const struct stream *stream, uint32_t number)
{
	size_t size = stream->size, ipv4 = sizeof(struct iphdr);
	uint8_t *at = frame->bytes + sizeof(frame->eth);

	memcpy(frame->eth.ether_dhost, shape->to, ETH_ALEN);
	memcpy(frame->eth.ether_shost, shape->from, ETH_ALEN);
	frame->eth.ether_type = htons(shape->form == FORM_IPV6 ? ETHERTYPE_IPV6 :
							       ETHERTYPE_IP);
	switch (shape->form) {
	case FORM_IPV6:
		fill_ipv6(at, shape, stream, number);
		break;
	case FORM_TUNNEL:
		fill_ipv4(at, shape, IPPROTO_IPV6, ipv4 + size, number);
		fill_ipv6(at + ipv4, shape, stream, number);
		size += ipv4;
		break;
	case FORM_IPV4:
		fill_ipv4(at, shape, IPPROTO_UDP, size, number);
		fill_udp(at + ipv4, size - ipv4, shape, stream, number, &shape->saddr,
			 2 * sizeof(shape->saddr));
		break;
	}
	return sizeof(frame->eth) + size;
}

/* The router's own packets, neighbour discovery and the like, are not ours. */
bool frame_is_ours(const union frame *frame, size_t len, enum form form)
{
	static const struct {
		uint16_t type;
		uint8_t protocol_at, protocol;
	} forms[] = {
		[FORM_IPV6] = { ETHERTYPE_IPV6, 6, IPPROTO_UDP },
		[FORM_TUNNEL] = { ETHERTYPE_IP, 9, IPPROTO_IPV6 },
		[FORM_IPV4] = { ETHERTYPE_IP, 9, IPPROTO_UDP },
	};
	const uint8_t *ip = frame->bytes + sizeof(frame->eth);
	const struct ip6_hdr *inner = (const void *)(ip + sizeof(struct iphdr));

	if (len < sizeof(frame->eth) + PACKET_MIN ||
	    frame->eth.ether_type != htons(forms[form].type) ||
	    ip[forms[form].protocol_at] != forms[form].protocol)
		return false;
	return form != FORM_TUNNEL || inner->ip6_nxt == IPPROTO_UDP;
}

static struct iphdr *find_ipv4(union frame *frame)
{
	return (struct iphdr *)(frame->bytes + sizeof(frame->eth));
}

/* The IPv4 header's ID, and the checksum with it, is the router's to choose. */
static void copy_id(union frame *to, const union frame *from)
{
	struct iphdr *ip = find_ipv4(to);

	ip->id = find_ipv4((union frame *)from)->id;
	ip->check = 0;
	ip->check = fold(sum_words(ip, sizeof(*ip), 0));
}

/* Every byte of the frame, Ethernet addresses and all */
bool frame_same(const union frame *want, const union frame *got, size_t len,
		enum form form)
{
	union frame same;

	memcpy(&same, want, len);
	if (form != FORM_IPV6)
		copy_id(&same, got);
	return !memcmp(&same, got, len);
}
