// SPDX-License-Identifier: GPL-2.0
/* Packets that are out of the ordinary, from Ethernet to TCP and UDP. */
#include <string.h>

#include "craft.h"

/* Around each MTU there may be, on either side of the tunnel */
void odd_size(struct packet *p, struct connection *c)
{
	static const int edges[] = {
		1260, 1280, 1300, 1452, 1460, 1472, 1480, 1492, 1500, 1514, 1520,
	};
	size_t headers = c->proto == TCP ? 60 : 48;
	int size = edges[below(ARRAY_SIZE(edges))] - 3 + (int)below(7);

	if (!below(3))
		size = path.mtu - 3 + (int)below(7);
	craft(p, c, p->dir, ACK, size - headers);
	if (HAS_OUTER(p) && below(2)) {
		p->bytes[6] = 0;
		craft_outer_sum(p);
	}
}

void odd_hop_limit(struct packet *p, struct connection *c)
{
	(void)c;
	INNER(p)[7] = below(4);
	if (!HAS_OUTER(p))
		return;
	p->bytes[8] = below(2) ? below(4) : 60;
	craft_outer_sum(p);
}

/* Congestion on a packet that does not know ECN */
void odd_ecn(struct packet *p, struct connection *c)
{
	(void)c;
	if (!HAS_OUTER(p))
		return;
	p->bytes[1] = below(64) << 2 | 3;
	craft_outer_sum(p);
}

void odd_l4_sum(struct packet *p, struct connection *c)
{
	unsigned char *sum = L4(p) + (c->proto == TCP ? 16 : 6);

	sum[below(2)] ^= 1 << below(8);
}

void odd_payload_len(struct packet *p, struct connection *c)
{
	unsigned int len = get16(INNER(p) + 4);
	unsigned int kind = below(8);

	(void)c;
	if (kind == 0)
		len = 0;
	else if (kind == 1)
		len = 65535 - below(40);
	else
		len += below(9) - 4;
	put16(INNER(p) + 4, len);
}

/* Behind the IPv6 packet, inside of the IPv4 packet or behind it */
void odd_trailer(struct packet *p, struct connection *c)
{
	size_t more = 1 + below(20);

	(void)c;
	memset(p->bytes + p->len, 0xaa, more);
	p->len += more;
	if (below(2))
		craft_outer_len(p);
}

void odd_truncated(struct packet *p, struct connection *c)
{
	(void)c;
	p->len -= 1 + below(below(2) ? 8 : p->len - 1);
	if (below(2) && p->len >= 20)
		craft_outer_len(p);
}

void odd_next_header(struct packet *p, struct connection *c)
{
	(void)c;
	INNER(p)[6] = below(256);
}

void odd_version(struct packet *p, struct connection *c)
{
	(void)c;
	INNER(p)[0] ^= 0x10 << below(4);
}

/*
 * Nobody's, somebody else's, everybody's.  Not those of unknown neighbours, nor the
 * way back to the LAN: how the router asks for the ones and redirects to the other
 * depends on the time.
 */
static const unsigned char addresses[][16] = {
	{ 0 },
	{ [15] = 1 },
	{ 0xff, 2, [15] = 1 },
	{ 0xff, 2, [15] = 2 },
	{ 0xff, 1, [15] = 1 },
	{ 0xff, 5, [15] = 3 },
	{ 0xff, 0xe, [15] = 9 },
	{ 0xfe, 0x80, [15] = 1 },
	{ 0xfe, 0xc0, [15] = 1 },
	{ 0xfc, 0, [15] = 1 },
	{ [10] = 0xff, 0xff, 192, 0, 2, 2 },
	{ [10] = 0xff, 0xff, 127, 0, 0, 1 },
	{ [12] = 203, 0, 113, 2 },
	{ 0, 0x64, 0xff, 0x9b, [12] = 192, 0, 2, 2 },
	{ 0x20, 2, 203, 0, 113, 2, [15] = 1 },
	{ 0x20, 2, 127, 0, 0, 1, [15] = 1 },
	{ 0x20, 2, 198, 51, 100, 2, 0xff, [15] = 1 },
	{ 0x20, 1, 0xd, 0xb8, 0, 0x77, [15] = 2 },
	{ 0x3f, 0xff, 6, 0, 203, 0, 113, 2, [15] = 1 },
};

void odd_address(struct packet *p, struct connection *c)
{
	unsigned char *ip6 = INNER(p);
	unsigned int which = below(ARRAY_SIZE(addresses) + 3);
	bool source = below(2);

	if (which < ARRAY_SIZE(addresses))
		memcpy(ip6 + (source ? 8 : 24), addresses[which], 16);
	else if (which == ARRAY_SIZE(addresses))
		memcpy(ip6 + (source ? 8 : 24), path.router6, 16);
	else if (which == ARRAY_SIZE(addresses) + 1)
		memcpy(ip6 + 8, p->dir == UP ? path.far6[c->peer] : path.near6, 16);
	else
		memcpy(ip6 + 8, path.far6[!c->peer], 16);
	if (c->proto == UDP || below(4))
		craft_l4_sum(p, false);
}

void odd_tcp_flags(struct packet *p, struct connection *c)
{
	/* No FIN, RST or SYN alone: the connection is still needed. */
	static const unsigned char flags[] = {
		0, URG, ACK | URG, PSH, ACK | PSH | URG, SYN | FIN, SYN | RST,
		0x3f, 0xd0,
	};

	(void)c;
	L4(p)[13] = flags[below(ARRAY_SIZE(flags))];
	craft_l4_sum(p, false);
}

void odd_l4_length(struct packet *p, struct connection *c)
{
	if (c->proto == TCP)
		L4(p)[12] = below(16) << 4 | below(16);
	else
		put16(L4(p) + 4, get16(L4(p) + 4) + below(9) - 4);
	craft_l4_sum(p, false);
}

static void change_bit(unsigned char *at)
{
	*at ^= 1 << below(8);
}

/* Segments in a row of which now and then one is not like the others, so GRO may not join it */
void odd_row(struct packet *p, struct connection *c)
{
	static const unsigned char flags[] = { ACK | URG, ACK | 0x40, ACK | 0x80, PSH, 0 };
	static const unsigned char outer[] = { 1, 4, 5, 6, 8 };

	good_row(p, c);
	switch (below(12)) {
	case 0:		/* traffic class, flow label */
		change_bit(INNER(p) + 1 + below(3));
		break;
	case 1:
		INNER(p)[7] = 1 + below(64);
		break;
	case 2:
		L4(p)[13] = flags[below(ARRAY_SIZE(flags))];
		craft_l4_sum(p, false);
		break;
	case 3:		/* sequence, acknowledgment, header length; or a bad checksum */
		change_bit(L4(p) + 4 + below(9));
		if (below(2))
			craft_l4_sum(p, false);
		break;
	case 4:
		if (!HAS_OUTER(p))
			break;
		change_bit(p->bytes + outer[below(ARRAY_SIZE(outer))]);
		if (below(4))
			craft_outer_sum(p);
		break;
	}
}

/* For another host, or called something else than it is */
void odd_ethernet(struct packet *p, struct connection *c)
{
	static const unsigned int types[] = {
		0x0800, 0x86dd, 0x0806, 0x88b5, 0x8864, 46,
	};

	(void)c;
	if (below(2))
		p->host = 0x77;
	else
		p->type = types[below(ARRAY_SIZE(types))];
}
