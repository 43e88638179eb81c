// SPDX-License-Identifier: GPL-2.0
/* IPv4 headers that are out of the ordinary, and ICMP errors about good ones. */
#include <string.h>

#include "craft.h"

/* Any field of the header may have any value */
void odd_outer(struct packet *p, struct connection *c)
{
	unsigned char *ip = p->bytes;
	unsigned int kind = below(9);

	(void)c;
	if (!HAS_OUTER(p))
		return;
	if (kind == 0)
		ip[0] = 0x40 | below(16);
	else if (kind == 1)
		put16(ip + 2, get16(ip + 2) + below(9) - 4);
	else if (kind < 6)	/* flags, offset, TTL, protocol */
		ip[4 + kind] = kind == 4 ? below(3) : below(256);
	else if (kind < 8)	/* an address, but not that of an unknown neighbour */
		ip[4 * kind - 12 + below(4 - path.transit)] ^= 1 << below(8);
	else
		ip[10 + below(2)] ^= 1 << below(8);
	if (kind == 8)		/* the checksum: it stays wrong */
		return;
	if (ip[0] >= 0x45)
		craft_outer_sum(p);
}

void odd_outer_options(struct packet *p, struct connection *c)
{
	static const unsigned char options[][8] = {
		{ 1, 1, 1, 1 },
		{ 0 },
		{ 7, 7, 4 },			/* record route */
		{ 68, 8, 9 },			/* timestamp, and no room: or it would tell */
		{ 131, 7, 4, 198, 51, 100, 2 },	/* loose source route */
		{ 137, 7, 4, 203, 0, 113, 1 },	/* strict */
		{ 148, 4, 0, 0 },		/* router alert */
		{ 130, 8 },
		{ 7, 99, 4 },
		{ 200, 1 },
	};
	unsigned char *ip = p->bytes;

	(void)c;
	if (!HAS_OUTER(p))
		return;
	memmove(ip + 28, ip + 20, p->len - 20);
	memcpy(ip + 20, options[below(ARRAY_SIZE(options))], 8);
	ip[0] = 0x47;
	p->inner += 8;
	p->len += 8;
	craft_outer_len(p);
}

/* From another far end, from nobody, to everybody */
void odd_outer_address(struct packet *p, struct connection *c)
{
	static const unsigned char addresses[][4] = {
		{ 0, 0, 0, 0 }, { 127, 0, 0, 1 }, { 255, 255, 255, 255 },
		{ 224, 0, 0, 1 }, { 240, 0, 0, 1 }, { 10, 1, 2, 3 },
		{ 198, 51, 100, 255 }, { 203, 0, 113, 99 }, { 192, 0, 2, 2 },
		{ 192, 0, 2, 1 }, { 198, 51, 100, 1 }, { 192, 88, 99, 1 },
	};
	unsigned int which = below(ARRAY_SIZE(addresses) + 3);
	bool source = below(3);

	if (!HAS_OUTER(p))
		return;
	if (which < ARRAY_SIZE(addresses))
		memcpy(p->bytes + (source ? 12 : 16), addresses[which], 4);
	else if (which == ARRAY_SIZE(addresses))
		memcpy(p->bytes + 12, path.near4, 4);
	else
		memcpy(p->bytes + 12, path.far4[!c->peer], 4);
	craft_outer_sum(p);
}

/* A router on the way answers a packet of the tunnel */
void odd_outer_icmp(struct packet *p, struct connection *c)
{
	static const unsigned char router4[] = { 198, 51, 100, 1 };
	static const unsigned char kinds[][2] = {
		{ 3, 0 }, { 3, 1 }, { 3, 2 }, { 3, 3 }, { 3, 5 }, { 3, 9 },
		{ 3, 13 }, { 11, 0 }, { 11, 1 }, { 12, 0 }, { 4, 0 }, { 3, 4 },
	};
	bool narrow = path.transit || path.narrow;
	const unsigned char *kind = kinds[below(ARRAY_SIZE(kinds) - !narrow)];
	unsigned char quoted[200], *ip = p->bytes, *icmp = ip + 20;
	size_t len = 28 + below(160);

	craft(p, c, UP, ACK, below(400));
	memcpy(quoted + 20, INNER(p), sizeof(quoted) - 20);
	p->dir = DOWN;
	p->type = 0x0800;
	p->counts = false;
	p->inner = 20;
	p->len = 28 + len;
	craft_outer(p, c->peer);
	memcpy(quoted, ip, 20);
	memcpy(quoted + 12, path.near4, 4);
	memcpy(quoted + 16, path.far4[c->peer], 4);
	quoted[10] = 0;
	quoted[11] = 0;
	put16(quoted + 10, ~craft_fold(craft_add(0, quoted, 20)) & 0xffff);

	ip[9] = 1;
	if (below(2))
		memcpy(ip + 12, router4, 4);
	memset(icmp, 0, 8);
	icmp[0] = kind[0];
	icmp[1] = kind[1];
	if (kind[0] == 3 && kind[1] == 4)
		put16(icmp + 6, 1300 + below(201));
	memcpy(icmp + 8, quoted, len);
	put16(icmp + 2, ~craft_fold(craft_add(0, icmp, 8 + len)) & 0xffff);
	craft_outer_sum(p);
}
