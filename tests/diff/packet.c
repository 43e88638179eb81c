// SPDX-License-Identifier: GPL-2.0
/* Packets of a few connections, from a seed: good, odd and hostile. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "packet.h"

#define CONNECTIONS	6	/* the first half is TCP */
#define TCP		6
#define UDP		17
#define FIN		1
#define SYN		2
#define RST		4
#define PSH		8
#define ACK		16
#define URG		32

#define INNER(p)	((p)->bytes + ((p)->dir == DOWN ? 20 : 0))
#define L4(p)		(INNER(p) + 40)

static const unsigned char addresses[2][16] = {
	[UP] = { 0x20, 1, 0xd, 0xb8, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2 },
	[DOWN] = { 0x20, 1, 0xd, 0xb8, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2 },
};

static const unsigned char near4[4] = { 198, 51, 100, 2 };
static const unsigned char far4[4] = { 203, 0, 113, 2 };

static struct connection {
	int proto;
	uint32_t seq[2];	/* next byte of each direction */
} connections[CONNECTIONS];

#define DSCPS	4
static unsigned int dscps[DSCPS];

static uint64_t state;

static uint32_t next(void)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return state >> 16;
}

static uint32_t below(uint32_t limit)
{
	return next() % limit;
}

static void put16(unsigned char *at, unsigned int value)
{
	at[0] = value >> 8;
	at[1] = value;
}

static void put32(unsigned char *at, uint32_t value)
{
	put16(at, value >> 16);
	put16(at + 2, value & 0xffff);
}

static unsigned int get16(const unsigned char *at)
{
	return at[0] << 8 | at[1];
}

static uint32_t add(uint32_t sum, const unsigned char *bytes, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++)
		sum += i & 1 ? bytes[i] : bytes[i] << 8;
	return sum;
}

static unsigned int fold(uint32_t sum)
{
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return sum;
}

void packet_seed(unsigned long seed)
{
	int i;

	state = seed * 0x9e3779b97f4a7c15ULL + 1;
	for (i = 0; i < DSCPS; i++)
		dscps[i] = below(64);
	for (i = 0; i < CONNECTIONS; i++) {
		connections[i].proto = i < CONNECTIONS / 2 ? TCP : UDP;
		connections[i].seq[UP] = next();
		connections[i].seq[DOWN] = next();
	}
}

/* ---- good packets */

static void outer_sum(struct packet *p)
{
	unsigned int words = p->bytes[0] & 15;

	put16(p->bytes + 10, 0);
	put16(p->bytes + 10, ~fold(add(0, p->bytes, words * 4)) & 0xffff);
}

static void make_outer(struct packet *p)
{
	unsigned char *ip = p->bytes;

	memset(ip, 0, 20);
	ip[0] = 0x45;
	put16(ip + 2, p->len);
	put16(ip + 4, next() & 0xffff);
	ip[6] = 0x40;
	ip[8] = 60;
	ip[9] = 41;
	memcpy(ip + 12, far4, 4);
	memcpy(ip + 16, near4, 4);
	outer_sum(p);
}

/* The pseudo-header sum alone is what CHECKSUM_PARTIAL wants. */
static void l4_sum(struct packet *p, bool partial)
{
	unsigned char *ip6 = INNER(p), *l4 = L4(p);
	size_t len = get16(ip6 + 4), at = ip6[6] == TCP ? 16 : 6;
	uint32_t sum = add(len + ip6[6], ip6 + 8, 32);

	put16(l4 + at, 0);
	if (partial) {
		put16(l4 + at, fold(sum));
		return;
	}
	sum = fold(add(sum, l4, len));
	put16(l4 + at, sum == 0xffff && ip6[6] == UDP ? 0xffff : ~sum & 0xffff);
}

static void make_l4(struct packet *p, const struct connection *c,
		    unsigned int flags, size_t payload)
{
	unsigned char *l4 = L4(p);
	unsigned int number = c - connections, i;
	size_t hlen = c->proto == TCP ? 20 : 8;

	memset(l4, 0, hlen);
	put16(l4 + (p->dir == UP ? 0 : 2), 1000 + number);
	put16(l4 + (p->dir == UP ? 2 : 0), 2000 + number);
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
		l4[hlen + i] = i * 7 + number;
}

static void make(struct packet *p, struct connection *c, enum dir dir,
		 unsigned int flags, size_t payload)
{
	unsigned char *ip6;
	size_t len = payload + (c->proto == TCP ? 20 : 8);

	memset(&p->vnet, 0, sizeof(p->vnet));
	p->dir = dir;
	p->what = "plain";
	p->len = len + 40 + (dir == DOWN ? 20 : 0);
	ip6 = INNER(p);
	memset(ip6, 0, 8);
	ip6[0] = 0x60;
	put16(ip6 + 4, len);
	ip6[6] = c->proto;
	ip6[7] = 64;
	memcpy(ip6 + 8, addresses[dir], 16);
	memcpy(ip6 + 24, addresses[!dir], 16);
	make_l4(p, c, flags, payload);
	l4_sum(p, false);
	if (dir == DOWN)
		make_outer(p);
	if (c->proto == TCP)
		c->seq[dir] += payload + !!(flags & (SYN | FIN));
}

/* TCP: SYN, SYN/ACK, ACK, then data both ways; UDP: both ways, often enough */
bool packet_handshake(struct packet *p, unsigned long step)
{
	static const unsigned char flags[] = { SYN, SYN | ACK, ACK };
	struct connection *c = &connections[step % CONNECTIONS];
	unsigned long round = step / CONNECTIONS;
	enum dir dir = round & 1 ? DOWN : UP;

	if (round >= 8)
		return false;
	if (c->proto == TCP && round < 3)
		make(p, c, dir, flags[round], 0);
	else
		make(p, c, dir, ACK, 100 + round);
	return true;
}

/* ---- odd ones */

static void odd_size(struct packet *p, struct connection *c)
{
	static const int edges[] = { 1280, 1452, 1460, 1480, 1492, 1500, 1514 };
	size_t headers = c->proto == TCP ? 60 : 48;
	int size = edges[below(7)] - 3 + (int)below(7);

	make(p, c, p->dir, ACK, size - headers);
	p->what = "size at an edge";
}

static void odd_hop_limit(struct packet *p, struct connection *c)
{
	static const unsigned char limits[] = { 0, 1, 2, 3, 255 };

	(void)c;
	INNER(p)[7] = limits[below(5)];
	p->what = "hop limit";
}

static void odd_l4_sum(struct packet *p, struct connection *c)
{
	unsigned char *sum = L4(p) + (c->proto == TCP ? 16 : 6);

	sum[below(2)] ^= 1 << below(8);
	p->what = "bad TCP or UDP checksum";
}

static void odd_udp_zero_sum(struct packet *p, struct connection *c)
{
	if (c->proto == UDP)
		put16(L4(p) + 6, 0);
	p->what = "no UDP checksum";
}

static void odd_payload_len(struct packet *p, struct connection *c)
{
	unsigned int len = get16(INNER(p) + 4);

	(void)c;
	put16(INNER(p) + 4, below(4) ? len + below(9) - 4 : 0);
	p->what = "payload length";
}

static void odd_trailer(struct packet *p, struct connection *c)
{
	size_t more = 1 + below(20);

	(void)c;
	memset(p->bytes + p->len, 0xaa, more);
	p->len += more;
	p->what = "trailing bytes";
}

static void odd_truncated(struct packet *p, struct connection *c)
{
	(void)c;
	p->len -= 1 + below(below(2) ? 8 : p->len - 1);
	p->what = "cut short";
}

static void odd_extension(struct packet *p, struct connection *c)
{
	static const unsigned char headers[] = { 0, 43, 44, 60, 51, 135, 59 };
	unsigned char *ip6 = INNER(p);
	size_t len = get16(ip6 + 4);

	(void)c;
	memmove(ip6 + 48, ip6 + 40, len);
	memset(ip6 + 40, 0, 8);
	ip6[40] = ip6[6];
	ip6[42] = 1;
	ip6[43] = 4;
	ip6[6] = headers[below(7)];
	if (ip6[6] == 44)	/* atomic, first, middle or last */
		put16(ip6 + 42, below(2) * (8 * (1 + below(4))) + below(2));
	put16(ip6 + 4, len + 8);
	p->len += 8;
	if (p->dir == DOWN)
		make_outer(p);
	p->what = "extension header";
}

static void odd_next_header(struct packet *p, struct connection *c)
{
	(void)c;
	INNER(p)[6] = below(256);
	p->what = "next header";
}

static void odd_version(struct packet *p, struct connection *c)
{
	(void)c;
	INNER(p)[0] ^= 0x10 << below(4);
	p->what = "IPv6 version";
}

static void odd_address(struct packet *p, struct connection *c)
{
	static const unsigned char prefixes[][2] = {
		{ 0xff, 0x02 }, { 0xfe, 0x80 }, { 0, 0 }, { 0x20, 2 }, { 0xfc, 0 },
	};

	memcpy(INNER(p) + 8 + 16 * below(2), prefixes[below(5)], 2);
	if (c->proto == UDP || below(2))
		l4_sum(p, false);
	p->what = "address";
}

static void odd_tcp_flags(struct packet *p, struct connection *c)
{
	/* No FIN, RST or SYN alone: the connection is still needed. */
	static const unsigned char flags[] = {
		0, URG, ACK | URG, PSH, ACK | PSH | URG, SYN | FIN, SYN | RST,
		0x3f, 0xd0,
	};

	if (c->proto != TCP)
		return;
	L4(p)[13] = flags[below(9)];
	l4_sum(p, false);
	p->what = "TCP flags";
}

static void odd_l4_length(struct packet *p, struct connection *c)
{
	if (c->proto == TCP)
		L4(p)[12] = below(16) << 4 | below(16);
	else
		put16(L4(p) + 4, get16(L4(p) + 4) + below(9) - 4);
	l4_sum(p, false);
	p->what = "TCP or UDP length";
}

/* ---- odd outer headers */

static void odd_outer(struct packet *p, struct connection *c)
{
	unsigned char *ip = p->bytes;
	unsigned int kind;

	(void)c;
	p->what = "outer field";
	if (p->dir == UP)
		return;
	kind = below(9);
	if (kind == 0)
		ip[0] = 0x40 | below(16);
	else if (kind == 1)
		put16(ip + 2, get16(ip + 2) + below(9) - 4);
	else if (kind < 6)	/* flags, offset, TTL, protocol */
		ip[4 + kind] = kind == 4 ? below(3) : below(256);
	else if (kind < 8)	/* an address */
		ip[4 * kind - 12 + below(4)] ^= 1 << below(8);
	else
		ip[10] ^= 1 << below(8);
	if (kind == 8)		/* the checksum: it stays wrong */
		return;
	if (ip[0] >= 0x45)
		outer_sum(p);
}

static void odd_outer_options(struct packet *p, struct connection *c)
{
	unsigned char *ip = p->bytes;

	(void)c;
	p->what = "outer options";
	if (p->dir == UP)
		return;
	memmove(ip + 24, ip + 20, p->len - 20);
	memset(ip + 20, 1, 4);
	ip[0] = 0x46;
	p->len += 4;
	put16(ip + 2, p->len);
	outer_sum(p);
}

/* What a driver with segmentation offload, or GRO, hands over */
static void odd_gso(struct packet *p, struct connection *c)
{
	static const int sizes[] = { 500, 1200, 1400, 1419, 1420, 1421, 1440 };

	p->what = "super-packet";
	if (c->proto != TCP || p->dir != UP)
		return;
	make(p, c, UP, ACK | (below(2) ? PSH : 0), 1500 + below(12000));
	l4_sum(p, true);
	p->vnet.flags = VIRTIO_NET_HDR_F_NEEDS_CSUM;
	p->vnet.gso_type = VIRTIO_NET_HDR_GSO_TCPV6;
	p->vnet.gso_size = sizes[below(7)];
	p->vnet.hdr_len = 14 + 60;
	p->vnet.csum_start = 14 + 40;
	p->vnet.csum_offset = 16;
}

static void (*const odd[])(struct packet *, struct connection *) = {
	odd_size, odd_size, odd_hop_limit, odd_l4_sum, odd_udp_zero_sum,
	odd_payload_len, odd_trailer, odd_truncated, odd_extension,
	odd_next_header, odd_version, odd_address, odd_tcp_flags,
	odd_l4_length, odd_outer, odd_outer, odd_outer_options, odd_gso,
};

/* What may change from packet to packet of any flow */
/* A connection uses few DSCPs, and once in a while any; each with all of ECN */
static unsigned int some_class(void)
{
	unsigned int dscp = below(16) ? dscps[below(DSCPS)] : below(64);

	return dscp << 2 | below(4);
}

static void vary(struct packet *p)
{
	unsigned char *ip6 = INNER(p);
	unsigned int class = some_class();
	uint32_t label = next();

	ip6[0] = 0x60 | class >> 4;
	ip6[1] = class << 4 | (label >> 16 & 15);
	ip6[2] = label >> 8;
	ip6[3] = label;
	ip6[7] = 2 + below(254);
	if (p->dir == DOWN) {
		p->bytes[1] = below(256);
		p->bytes[6] = below(2) ? 0x40 : 0;
		outer_sum(p);
	}
}

void packet_random(struct packet *p)
{
	struct connection *c = &connections[below(CONNECTIONS)];
	unsigned int kind = below(4);

	make(p, c, below(2), ACK, below(8) ? below(1200) : 0);
	if (kind) {
		vary(p);
		p->what = "varied";
	}
	if (!kind || kind == 1)
		odd[below(sizeof(odd) / sizeof(*odd))](p, c);
}

/* ---- a ping of the router through the tunnel: what came before it is done */

static const unsigned char router[16] = {
	0x20, 1, 0xd, 0xb8, 0, 6, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2
};

void packet_fence(struct packet *p)
{
	unsigned char *ip6 = p->bytes + 20, *icmp = ip6 + 40;

	memset(p, 0, sizeof(*p) - sizeof(p->bytes));
	p->dir = DOWN;
	p->len = 20 + 40 + 8;
	memset(ip6, 0, 48);
	ip6[0] = 0x60;
	ip6[5] = 8;
	ip6[6] = 58;
	ip6[7] = 64;
	memcpy(ip6 + 8, addresses[DOWN], 16);
	memcpy(ip6 + 24, router, 16);
	icmp[0] = 128;
	put16(icmp + 2, ~fold(add(8 + 58, ip6 + 8, 32 + 8)) & 0xffff);
	make_outer(p);
}

/* An Ethernet frame with the answer to it, in IPv6 in IPv4 */
bool packet_is_fence(const unsigned char *frame, size_t len)
{
	return len == 14 + 20 + 40 + 8 && frame[14 + 9] == 41 &&
	       frame[34 + 6] == 58 && frame[34 + 40] == 129 &&
	       !memcmp(frame + 34 + 8, router, 16);
}
