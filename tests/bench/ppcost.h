/* SPDX-License-Identifier: GPL-2.0 */
/* Packets that go into the router, and as they have to come out */
#ifndef _FLOW41_BENCH_PPCOST_H
#define _FLOW41_BENCH_PPCOST_H

#include <net/ethernet.h>
#include <netinet/in.h>
#include <netinet/ip.h>
#include <netinet/ip6.h>
#include <netinet/udp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PACKET_MIN	80	/* of an IP packet, without a tunnel's IPv4 header */
#define PACKET_MAX	1480
#define FLOWS_MAX	65536

/* Behind the Ethernet header */
enum form {
	FORM_IPV6,
	FORM_TUNNEL,	/* IPv6 in IPv4 */
	FORM_IPV4,
};

union frame {
	struct ether_header eth;
	uint8_t bytes[sizeof(struct ether_header) + sizeof(struct iphdr) + PACKET_MAX];
};

/**
 * struct shape - what all packets at one place have in common
 * @form: what is behind the Ethernet header
 * @to, @from: Ethernet addresses
 * @saddr, @daddr: of the IPv4 header in front
 * @saddr6, @daddr6: of the IPv6 header
 * @ttl: of the IPv4 header
 * @hops: of the IPv6 header
 * @back: an answer: the stream's ports are the other way round
 */
struct shape {
	enum form form;
	uint8_t to[ETH_ALEN], from[ETH_ALEN];
	in_addr_t saddr, daddr;
	struct in6_addr saddr6, daddr6;
	uint8_t ttl, hops;
	bool back;
};

/**
 * struct stream - the packets that are sent
 * @size: of the IP packet, without a tunnel's IPv4 header
 * @flows: that take turns, told apart by their UDP ports
 * @port: destination port of the first ones
 */
struct stream {
	unsigned int size;
	unsigned int flows;
	uint16_t port;
};

size_t frame_make(union frame *frame, const struct shape *shape,
		  const struct stream *stream, uint32_t number);
bool frame_is_ours(const union frame *frame, size_t len, enum form form);
bool frame_same(const union frame *want, const union frame *got, size_t len,
		enum form form);

#endif /* _FLOW41_BENCH_PPCOST_H */
