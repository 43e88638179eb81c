/* SPDX-License-Identifier: GPL-2.0 */
/* What packets are made of, and made with. */
#ifndef FLOW41_TESTS_DIFF_CRAFT_H
#define FLOW41_TESTS_DIFF_CRAFT_H

#include <stdint.h>

#include "packet.h"

#define ARRAY_SIZE(array)	(sizeof(array) / sizeof((array)[0]))

#define CONNECTIONS	(FLOWS / 2)	/* the first half is TCP */
#define TCP		6
#define UDP		17
#define ICMP6		58
#define FIN		1
#define SYN		2
#define RST		4
#define PSH		8
#define ACK		16
#define URG		32

#define HAS_OUTER(p)	((p)->inner > 0)
#define INNER(p)	((p)->bytes + (p)->inner)
#define L4(p)		(INNER(p) + 40)

struct connection {
	int proto;
	unsigned int number;
	unsigned int peer;
	uint32_t seq[2];	/* next byte of each direction */
};

typedef void make_fn(struct packet *p, struct connection *c);

uint32_t craft_random(void);
uint32_t below(uint32_t limit);
void craft_seed(uint64_t seed);

void put16(unsigned char *at, unsigned int value);
void put32(unsigned char *at, uint32_t value);
unsigned int get16(const unsigned char *at);
uint32_t craft_add(uint32_t sum, const unsigned char *bytes, size_t len);
unsigned int craft_fold(uint32_t sum);

void craft(struct packet *p, struct connection *c, enum dir dir,
	   unsigned int flags, size_t payload);
void craft_outer(struct packet *p, unsigned int peer);
void craft_outer_len(struct packet *p);
void craft_outer_sum(struct packet *p);
void craft_l4_sum(struct packet *p, bool partial);
void craft_sum(unsigned char *ip6, size_t at);

make_fn good_plain, good_varied, good_ecn, good_hop_limit, good_full_size,
	good_no_udp_sum, good_partial, good_super, good_row;
make_fn odd_size, odd_hop_limit, odd_ecn, odd_l4_sum, odd_payload_len, odd_trailer,
	odd_truncated, odd_next_header, odd_version, odd_address,
	odd_tcp_flags, odd_l4_length, odd_partial, odd_super, odd_row, odd_ethernet;
make_fn odd_extensions, odd_fragments;
make_fn odd_icmp6;
make_fn odd_outer, odd_outer_options, odd_outer_fragments, odd_outer_address,
	odd_outer_icmp;

#endif /* FLOW41_TESTS_DIFF_CRAFT_H */
