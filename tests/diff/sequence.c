// SPDX-License-Identifier: GPL-2.0
/*
 * The sequence of packets: bursts of one kind each, from one seed.
 *
 * What has to be carried uses connections of its own: a packet that takes the
 * software path has those behind it take it, too.
 */
#include <string.h>

#include "craft.h"

#define CLEAN(c)	((c)->number % 4 >= 2)

enum {
	TCP_ONLY = 1,
	UDP_ONLY = 2,
	UP_ONLY = 4,
	TUNNEL_ONLY = 8,
	ROWS_ONLY = 16,		/* pieces or GRO */
	NO_PIECES = 32,
	DOOMED = 64,		/* may end the connection's flows */
};

static const struct {
	struct kind kind;
	make_fn *make;
	unsigned int weight;
	unsigned int how;
} kinds[] = {
	{ { "plain", 90 }, good_plain, 12, 0 },
	{ { "class, label, hop limit, outer fields", 90 }, good_varied, 12, 0 },
	{ { "ECN", 90 }, good_ecn, 6, 0 },
	{ { "hop limits", 90 }, good_hop_limit, 4, 0 },
	{ { "full size", 90 }, good_full_size, 6, 0 },
	{ { "no UDP checksum", 90 }, good_no_udp_sum, 3, UDP_ONLY },
	{ { "checksums left to the device", 90 }, good_partial, 4, 0 },
	{ { "super-packets", 90 }, good_super, 5, TCP_ONLY | UP_ONLY | TUNNEL_ONLY | NO_PIECES },
	{ { "segments in a row", 90 }, good_row, 12, TCP_ONLY | ROWS_ONLY },
	{ { "plain among odd ones", 0 }, good_plain, 10, 0 },
	{ { "varied among odd ones", 0 }, good_varied, 6, 0 },
	{ { "sizes at the edges", 0 }, odd_size, 5, 0 },
	{ { "hop limits that end", 0 }, odd_hop_limit, 2, 0 },
	{ { "odd super-packets", 0 }, odd_super, 2,
		TCP_ONLY | UP_ONLY | TUNNEL_ONLY | NO_PIECES },
	{ { "odd ones in a row", 0 }, odd_row, 8, TCP_ONLY | ROWS_ONLY },
	{ { "ECN that is dropped", 0 }, odd_ecn, 2, 0 },
	{ { "bad TCP and UDP checksums", 0 }, odd_l4_sum, 2, 0 },
	{ { "checksums left to the device, oddly", 0 }, odd_partial, 3, 0 },
	{ { "payload lengths", 0 }, odd_payload_len, 3, 0 },
	{ { "trailing bytes", 0 }, odd_trailer, 2, 0 },
	{ { "cut short", 0 }, odd_truncated, 3, 0 },
	{ { "extension headers", 0 }, odd_extensions, 5, 0 },
	{ { "fragments", 0 }, odd_fragments, 5, 0 },
	{ { "next headers", 0 }, odd_next_header, 2, 0 },
	{ { "IP versions", 0 }, odd_version, 1, 0 },
	{ { "inner addresses", 0 }, odd_address, 4, 0 },
	{ { "TCP flags", 0 }, odd_tcp_flags, 2, TCP_ONLY | DOOMED },
	{ { "TCP and UDP lengths", 0 }, odd_l4_length, 2, 0 },
	{ { "ICMPv6", 0 }, odd_icmp6, 4, 0 },
	{ { "outer fields", 0 }, odd_outer, 4, 0 },
	{ { "outer options", 0 }, odd_outer_options, 2, 0 },
	{ { "outer addresses", 0 }, odd_outer_address, 3, 0 },
	{ { "outer fragments", 0 }, odd_outer_fragments, 3, 0 },
	{ { "ICMP about the tunnel", 0 }, odd_outer_icmp, 1, 0 },
	{ { "Ethernet", 0 }, odd_ethernet, 1, 0 },
};

struct path path;

static struct connection connections[CONNECTIONS];
static unsigned int burst_kind, burst_step;

void packet_seed(unsigned long seed)
{
	unsigned int i;

	craft_seed(seed * 0x9e3779b97f4a7c15ULL + 1);
	for (i = 0; i < CONNECTIONS; i++) {
		connections[i].number = i;
		connections[i].peer = i % PEERS;
		connections[i].proto = i < CONNECTIONS / 2 ? TCP : UDP;
		connections[i].seq[UP] = craft_random();
		connections[i].seq[DOWN] = craft_random();
	}
}

const struct kind *packet_kind(unsigned int number)
{
	return number < ARRAY_SIZE(kinds) ? &kinds[number].kind : NULL;
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
		craft(p, c, dir, flags[round], 0);
	else
		craft(p, c, dir, ACK | PSH, 100 + round);
	return true;
}

static bool possible(unsigned int how)
{
	if (path.pieces)
		return !(how & NO_PIECES);
	return (path.gro || !(how & ROWS_ONLY)) && !(path.transit && how & TUNNEL_ONLY);
}

static unsigned int pick_kind(void)
{
	unsigned int total = 0, i, left;

	for (i = 0; i < ARRAY_SIZE(kinds); i++)
		total += possible(kinds[i].how) * kinds[i].weight;
	left = below(total);
	for (i = 0; ; i++) {
		if (!possible(kinds[i].how))
			continue;
		if (left < kinds[i].weight)
			return i;
		left -= kinds[i].weight;
	}
}

static struct connection *pick_connection(void)
{
	unsigned int how = kinds[burst_kind].how;
	struct connection *c;

	for (;;) {
		c = &connections[below(CONNECTIONS)];
		if (CLEAN(c) != !!kinds[burst_kind].kind.floor ||
		    (how & TCP_ONLY && c->proto != TCP) ||
		    (how & UDP_ONLY && c->proto != UDP) ||
		    (how & DOOMED && c->number))
			continue;
		return c;
	}
}

/**
 * packet_burst() - begin a new burst
 * Return: how many packets of it packet_next() is to be asked for.
 */
unsigned int packet_burst(void)
{
	burst_kind = pick_kind();
	burst_step = 0;
	return 1 + below(32);
}

void packet_next(struct packet *p)
{
	struct connection *c = pick_connection();
	enum dir dir = kinds[burst_kind].how & UP_ONLY ? UP : below(2);
	/* With PSH, GRO waits for no more to join. */
	unsigned int flags = ACK | (path.pieces || path.gro || below(2) ? PSH : 0);
	uint32_t seq = c->seq[dir];

	p->kind = burst_kind;
	p->step = burst_step++;
	craft(p, c, dir, flags, below(8) ? below(1200) : 0);
	if (kinds[burst_kind].how & ROWS_ONLY)
		c->seq[dir] = seq;	/* that one is not sent */
	kinds[burst_kind].make(p, c);
	p->kind = burst_kind;
	p->flow = 2 * c->number + p->dir;
}

/* ---- a ping of the router, through the tunnel if it has one: what came before is done */

#define FENCE_ID	0xfe9c

static void fence4(struct packet *p)
{
	unsigned char *icmp = p->bytes + 20;

	p->len = 20 + 8;
	craft_outer(p, 0);
	p->bytes[9] = 1;
	craft_outer_sum(p);
	memset(icmp, 0, 8);
	icmp[0] = 8;
	put16(icmp + 4, FENCE_ID);
	put16(icmp + 2, ~craft_fold(craft_add(0, icmp, 8)) & 0xffff);
}

static void fence6(struct packet *p)
{
	unsigned char *ip6 = p->bytes + 20, *icmp = ip6 + 40;

	p->inner = 20;
	p->len = 20 + 40 + 8;
	memset(ip6, 0, 48);
	ip6[0] = 0x60;
	ip6[5] = 8;
	ip6[6] = ICMP6;
	ip6[7] = 64;
	memcpy(ip6 + 8, path.far6[0], 16);
	memcpy(ip6 + 24, path.router6, 16);
	icmp[0] = 128;
	put16(icmp + 4, FENCE_ID);
	craft_sum(ip6, 2);
	craft_outer(p, 0);
}

void packet_fence(struct packet *p)
{
	memset(p, 0, sizeof(*p) - sizeof(p->bytes));
	p->dir = DOWN;
	p->type = 0x0800;
	if (path.transit)
		fence4(p);
	else
		fence6(p);
}

/* An IPv4 packet that is the answer to it, or has it inside */
bool packet_is_fence(const unsigned char *ip, size_t len)
{
	if (len == 20 + 8 && ip[9] == 1)
		return ip[20] == 0 && get16(ip + 24) == FENCE_ID;
	return len == 20 + 40 + 8 && ip[9] == 41 && ip[26] == ICMP6 &&
	       ip[60] == 129 && get16(ip + 64) == FENCE_ID;
}
