// SPDX-License-Identifier: GPL-2.0
/* Packets as they are every day: what the fast path has to carry. */
#include <string.h>

#include "craft.h"

void good_plain(struct packet *p, struct connection *c)
{
	(void)p;
	(void)c;
}

/* A connection uses few DSCPs, and once in a while any; each with all of ECN */
static unsigned int some_class(void)
{
	static const unsigned char dscps[] = { 0, 10, 46, 34 };
	unsigned int dscp = below(40) ? dscps[below(4)] : below(64);

	return dscp << 2 | below(4);
}

static void set_class(struct packet *p, unsigned int class)
{
	unsigned char *ip6 = INNER(p);

	ip6[0] = 0x60 | class >> 4;
	ip6[1] = (class << 4 & 0xf0) | (ip6[1] & 15);
}

static void set_label(struct packet *p, uint32_t label)
{
	unsigned char *ip6 = INNER(p);

	ip6[1] = (ip6[1] & 0xf0) | (label >> 16 & 15);
	put16(ip6 + 2, label & 0xffff);
}

/* What may change from packet to packet of any flow: nothing that is dropped */
void good_varied(struct packet *p, struct connection *c)
{
	unsigned int class = some_class();

	if (c->proto == TCP) {
		L4(p)[13] |= below(4) << 6;	/* ECE, CWR */
		craft_l4_sum(p, false);
	}
	if (p->dir == DOWN && !path.transit && !(class & 3))
		class |= 2;
	set_class(p, class);
	set_label(p, craft_random());
	INNER(p)[7] = 2 + below(254);
	if (!HAS_OUTER(p))
		return;
	p->bytes[1] = some_class();
	p->bytes[6] = below(2) ? 0x40 : 0;
	p->bytes[8] = 2 + below(254);
	craft_outer_sum(p);
}

/* All sixteen of outer and inner ECN, but for the one that is dropped (odd_ecn) */
void good_ecn(struct packet *p, struct connection *c)
{
	unsigned int inner = p->step & 3, outer = p->step >> 2 & 3;

	(void)c;
	if (p->dir == DOWN && !path.transit && !inner && outer == 3)
		inner = 3;
	set_class(p, inner);
	if (!HAS_OUTER(p))
		return;
	p->bytes[1] = outer;
	craft_outer_sum(p);
}

void good_hop_limit(struct packet *p, struct connection *c)
{
	(void)c;
	INNER(p)[7] = p->step ? 2 + below(254) : 255 - below(2) * 253;
	if (!HAS_OUTER(p))
		return;
	p->bytes[8] = 2 + below(254);
	craft_outer_sum(p);
}

/* Up to the last byte that the way out takes */
void good_full_size(struct packet *p, struct connection *c)
{
	size_t headers = c->proto == TCP ? 60 : 48;

	craft(p, c, p->dir, ACK | PSH, path.mtu - headers - (p->step & 3 ? below(9) : 0));
}

void good_no_udp_sum(struct packet *p, struct connection *c)
{
	(void)c;
	put16(L4(p) + 6, 0);
}

/* The checksum from byte @start of the packet on is the device's to fill in */
static void craft_partial(struct packet *p, size_t start, size_t offset)
{
	p->vnet.flags = VIRTIO_NET_HDR_F_NEEDS_CSUM;
	p->vnet.csum_start = 14 + start;
	p->vnet.csum_offset = offset;
}

void good_partial(struct packet *p, struct connection *c)
{
	craft_l4_sum(p, true);
	craft_partial(p, p->inner + 40, c->proto == TCP ? 16 : 6);
}

/* Anywhere, the outer header too; and now and then from the right place on */
void odd_partial(struct packet *p, struct connection *c)
{
	good_partial(p, c);
	if (below(4))
		craft_partial(p, below(p->inner + 60), 2 * below(10));
}

static void make_super(struct packet *p, struct connection *c, size_t segment)
{
	craft(p, c, UP, ACK | (below(2) ? PSH : 0), 1500 + below(12000));
	craft_l4_sum(p, true);
	craft_partial(p, 40, 16);
	p->vnet.gso_type = VIRTIO_NET_HDR_GSO_TCPV6;
	p->vnet.gso_size = segment;
	p->vnet.hdr_len = 14 + 60;
}

/* What a driver with segmentation offload hands over */
void good_super(struct packet *p, struct connection *c)
{
	static const int sizes[] = { 500, 1200, 1219, 1220 };

	make_super(p, c, sizes[below(4)]);
	if (below(2))
		set_label(p, 0x12345);
}

/* Segments may be too long for the way out, or be of another family's kind */
void odd_super(struct packet *p, struct connection *c)
{
	size_t fits = path.mtu - 60;

	make_super(p, c, fits - 2 + below(5));
	if (!below(8))
		p->vnet.gso_type = VIRTIO_NET_HDR_GSO_TCPV4;
	else if (!below(8))
		p->vnet.gso_type |= VIRTIO_NET_HDR_GSO_ECN;
	else if (!below(8))
		p->vnet.gso_size = below(3) * 64;
}

/* Segments that follow each other, as in a bulk transfer: GRO looks at them, and may join them */
void good_row(struct packet *p, struct connection *c)
{
	static struct connection *train;
	static enum dir dir;
	static unsigned int cars, id;
	static size_t segment;

	if (!cars || !p->step) {
		cars = 2 + below(8);
		train = c;
		dir = p->dir;
		segment = 800 + below(path.mtu - 60 - 800 + 1);
	}
	cars--;
	craft(p, train, dir, cars ? ACK : ACK | PSH, cars ? segment : 1 + below(segment));
	if (!HAS_OUTER(p))
		return;
	p->more = path.gro && p->dir == DOWN && cars;
	put16(p->bytes + 4, id++);
	craft_outer_sum(p);
}
