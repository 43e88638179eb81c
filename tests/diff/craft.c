// SPDX-License-Identifier: GPL-2.0
/* A packet as it ought to be, and what it takes to make another of it. */
#include <string.h>

#include "craft.h"

static uint64_t state;

void craft_seed(uint64_t seed)
{
	state = seed;
}

uint32_t craft_random(void)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return state >> 16;
}

uint32_t below(uint32_t limit)
{
	return craft_random() % limit;
}

void put16(unsigned char *at, unsigned int value)
{
	at[0] = value >> 8;
	at[1] = value;
}

void put32(unsigned char *at, uint32_t value)
{
	put16(at, value >> 16);
	put16(at + 2, value & 0xffff);
}

unsigned int get16(const unsigned char *at)
{
	return at[0] << 8 | at[1];
}

uint32_t craft_add(uint32_t sum, const unsigned char *bytes, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++)
		sum += i & 1 ? bytes[i] : bytes[i] << 8;
	return sum;
}

unsigned int craft_fold(uint32_t sum)
{
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return sum;
}

void craft_outer_sum(struct packet *p)
{
	unsigned int words = p->bytes[0] & 15;

	put16(p->bytes + 10, 0);
	put16(p->bytes + 10, ~craft_fold(craft_add(0, p->bytes, words * 4)) & 0xffff);
}

/* After the packet has another length */
void craft_outer_len(struct packet *p)
{
	if (!HAS_OUTER(p))
		return;
	put16(p->bytes + 2, p->len);
	craft_outer_sum(p);
}

void craft_outer(struct packet *p, unsigned int peer)
{
	unsigned char *ip = p->bytes;
	bool down = p->dir == DOWN;

	memset(ip, 0, 20);
	ip[0] = 0x45;
	put16(ip + 2, p->len);
	put16(ip + 4, craft_random() & 0xffff);
	ip[6] = 0x40;
	ip[8] = 60;
	ip[9] = 41;
	memcpy(ip + 12, down ? path.far4[peer] : path.client4, 4);
	memcpy(ip + 16, down ? path.near4 : path.far4[peer], 4);
	craft_outer_sum(p);
}

/* The sum of what is behind the IPv6 header, at offset @at from there */
void craft_sum(unsigned char *ip6, size_t at)
{
	size_t len = get16(ip6 + 4);
	uint32_t sum = craft_add(len + ip6[6], ip6 + 8, 32);

	put16(ip6 + 40 + at, 0);
	sum = craft_fold(craft_add(sum, ip6 + 40, len));
	put16(ip6 + 40 + at, sum == 0xffff && ip6[6] == UDP ? 0xffff : ~sum & 0xffff);
}

/* The pseudo-header sum alone is what CHECKSUM_PARTIAL wants. */
void craft_l4_sum(struct packet *p, bool partial)
{
	unsigned char *ip6 = INNER(p);
	size_t at = ip6[6] == TCP ? 16 : 6;

	if (partial)
		put16(L4(p) + at, craft_fold(craft_add(get16(ip6 + 4) + ip6[6], ip6 + 8, 32)));
	else
		craft_sum(ip6, at);
}

static void craft_l4(struct packet *p, const struct connection *c,
		     unsigned int flags, size_t payload)
{
	size_t hlen = c->proto == TCP ? 20 : 8, i;
	unsigned char *l4 = L4(p);

	memset(l4, 0, hlen);
	put16(l4 + (p->dir == UP ? 0 : 2), 1000 + c->number);
	put16(l4 + (p->dir == UP ? 2 : 0), 2000 + c->number);
	if (c->proto == UDP) {
		put16(l4 + 4, hlen + payload);
	} else {
		put32(l4 + 4, c->seq[p->dir]);
		put32(l4 + 8, flags & ACK ? c->seq[!p->dir] : 0);
		l4[12] = 0x50;
		l4[13] = flags;
		put16(l4 + 14, 65535);
	}
	for (i = 0; i < payload; i++)
		l4[hlen + i] = i * 7 + c->number;
}

/**
 * craft() - a packet of a connection, with nothing odd about it
 * @p: filled in, but for its kind and step
 * @c: the connection
 * @dir: the packet's direction
 * @flags: TCP's
 * @payload: how many bytes
 */
void craft(struct packet *p, struct connection *c, enum dir dir,
	   unsigned int flags, size_t payload)
{
	size_t len = payload + (c->proto == TCP ? 20 : 8);
	unsigned char *ip6;

	memset(&p->vnet, 0, sizeof(p->vnet));
	p->dir = dir;
	p->counts = true;
	p->host = 0;
	p->more = false;
	p->inner = dir == DOWN || path.transit ? 20 : 0;
	p->type = p->inner ? 0x0800 : 0x86dd;
	p->len = len + 40 + p->inner;
	ip6 = INNER(p);
	memset(ip6, 0, 8);
	ip6[0] = 0x60;
	put16(ip6 + 4, len);
	ip6[6] = c->proto;
	ip6[7] = 64;
	memcpy(ip6 + 8, dir == UP ? path.near6 : path.far6[c->peer], 16);
	memcpy(ip6 + 24, dir == UP ? path.far6[c->peer] : path.near6, 16);
	craft_l4(p, c, flags, payload);
	craft_l4_sum(p, false);
	if (HAS_OUTER(p))
		craft_outer(p, c->peer);
	if (c->proto == TCP)
		c->seq[dir] += payload + !!(flags & (SYN | FIN));
}
