// SPDX-License-Identifier: GPL-2.0
/* ICMPv6 inside of the tunnel: pings, errors about a connection, neighbours. */
#include <string.h>

#include "craft.h"

static void finish(struct packet *p, size_t len)
{
	unsigned char *ip6 = INNER(p);

	ip6[6] = ICMP6;
	put16(ip6 + 4, len);
	p->len = p->inner + 40 + len;
	craft_sum(ip6, 2);
	craft_outer_len(p);
}

static void ping(struct packet *p)
{
	unsigned char *icmp = L4(p);

	icmp[0] = 128 + below(2);
	icmp[1] = 0;
	put16(icmp + 4, 77);
	put16(icmp + 6, p->step);
	if (!below(4))
		memcpy(INNER(p) + 24, path.router6, 16);
	finish(p, 8 + below(1400));
}

/* As the other end, or a router behind it, has it about what was sent */
static void error(struct packet *p, struct connection *c)
{
	static const unsigned char kinds[][2] = {
		{ 1, 0 }, { 1, 1 }, { 1, 3 }, { 1, 4 }, { 2, 0 }, { 3, 0 },
		{ 3, 1 }, { 4, 0 }, { 4, 1 }, { 4, 2 }, { 100, 0 },
	};
	const unsigned char *kind = kinds[below(ARRAY_SIZE(kinds))];
	unsigned char quoted[1232], *icmp = L4(p);
	size_t len = 40 + below(1100);
	enum dir dir = p->dir;

	craft(p, c, !dir, ACK, 1100);
	memcpy(quoted, INNER(p), 1140);
	craft(p, c, dir, ACK, 0);
	p->counts = false;
	if (below(2))	/* a router's */
		INNER(p)[8 + 15] = 0x99;
	icmp[0] = kind[0];
	icmp[1] = kind[1];
	put32(icmp + 4, kind[0] == 2 ? below(3) ? 1280 + below(200) : below(1280) : 0);
	memcpy(icmp + 8, quoted, len);
	finish(p, 8 + len);
}

/* Neighbours and routers ask and tell; nobody here listens */
static void neighbour(struct packet *p)
{
	unsigned char *ip6 = INNER(p), *icmp = ip6 + 40;

	memset(icmp, 0, 32);
	icmp[0] = 133 + below(5);
	memcpy(icmp + 8, ip6 + 24, 16);
	if (below(2)) {
		ip6[7] = 255;
		if (HAS_OUTER(p))
			p->bytes[8] = 255;
	}
	finish(p, icmp[0] < 135 ? 16 : icmp[0] == 137 ? 40 : 24);
}

void odd_icmp6(struct packet *p, struct connection *c)
{
	unsigned int which = below(8);

	if (which < 3)
		ping(p);
	else if (which < 6)
		error(p, c);
	else if (which == 6)
		neighbour(p);
	else
		finish(p, 8 + below(100));
	if (!below(8))
		L4(p)[2] ^= 1 << below(8);
}
