// SPDX-License-Identifier: GPL-2.0
/* Extension headers of every kind, in any order; fragments of every kind. */
#include <string.h>

#include "craft.h"

#define FRAGMENT	44

/* Put a header of @len bytes right behind the IPv6 header. */
static unsigned char *insert(struct packet *p, unsigned int type, size_t len)
{
	unsigned char *ip6 = INNER(p), *ext = ip6 + 40;
	size_t behind = p->len - p->inner - 40;

	memmove(ext + len, ext, behind);
	memset(ext, 0, len);
	ext[0] = ip6[6];
	ext[1] = len / 8 - 1;
	ip6[6] = type;
	put16(ip6 + 4, get16(ip6 + 4) + len);
	p->len += len;
	craft_outer_len(p);
	return ext;
}

/* Hop-by-hop and destination options: padding, known ones, unknown ones */
static void fill_options(unsigned char *ext, size_t len)
{
	static const unsigned char types[] = {
		0x05, 0xc2, 0xc9, 0x26, 0x1e, 0x5e, 0x9e, 0xde, 0x8a, 0x04,
	};
	size_t at = 2;

	if (below(2)) {
		ext[at] = types[below(ARRAY_SIZE(types))];
		ext[at + 1] = ext[at] == 5 ? 2 : 4;
		if (below(2))
			put32(ext + at + 2, below(2) ? 65536 + below(9) : craft_random());
		if (ext[at] == 5)
			put16(ext + at + 2, below(3));
		at += 2 + ext[at + 1];
	}
	if (at + 2 <= len) {
		ext[at] = 1;
		ext[at + 1] = len - at - 2;
	}
}

static void fill_fragment(unsigned char *ext)
{
	/* atomic, first, middle or last */
	put16(ext + 2, below(2) * (8 * (1 + below(4))) + below(2));
	put32(ext + 4, craft_random());
}

static void one_extension(struct packet *p)
{
	static const unsigned char types[] = {
		0, 60, 43, FRAGMENT, 51, 50, 135, 139, 140, 59, 253, 254,
	};
	unsigned int type = types[below(ARRAY_SIZE(types))];
	size_t len = type == FRAGMENT ? 8 : 8 * (1 + below(3));
	unsigned char *ext = insert(p, type, len);

	if (type == 0 || type == 60)
		fill_options(ext, len);
	else if (type == 43)
		put16(ext + 2, (below(5) << 8) | below(3));	/* type, segments left */
	else if (type == FRAGMENT)
		fill_fragment(ext);
	else if (type == 51)
		ext[1] = len / 4 - 2;
	if (!below(8))
		ext[1] = below(40);
}

void odd_extensions(struct packet *p, struct connection *c)
{
	unsigned int count = 1 + below(4);

	(void)c;
	while (count--)
		one_extension(p);
}

/* ---- fragments of one packet, in any order, a step each */

#define PIECES	12

static struct pieces {
	struct packet whole;
	unsigned int id;
	unsigned int count;
	unsigned int at;
	struct { unsigned int offset, len; bool more; } piece[PIECES];
} pieces;

static void cut(struct pieces *all, unsigned int len)
{
	unsigned int offset = 0, size;

	for (all->count = 0; all->count < PIECES - 2 && offset < len; all->count++) {
		size = below(3) ? 8 * (1 + below(80)) : 8;
		if (!below(10) && offset)
			offset -= 8;			/* overlaps */
		if (offset + size >= len || all->count == PIECES - 3)
			size = len - offset;
		all->piece[all->count].offset = offset;
		all->piece[all->count].len = size;
		offset += size;
		all->piece[all->count].more = offset < len;
	}
}

static void disturb(struct pieces *all)
{
	unsigned int a = below(all->count), b = below(all->count);

	if (below(2)) {
		all->piece[PIECES - 1] = all->piece[a];
		all->piece[a] = all->piece[b];
		all->piece[b] = all->piece[PIECES - 1];
	}
	if (!below(8))
		all->piece[all->count++] = all->piece[b];	/* twice */
	if (!below(8))
		all->piece[a].more ^= 1;
	if (!below(8) && all->piece[a].len > 8)
		all->piece[a].len -= 1 + below(7);		/* not a multiple of 8 */
}

static void begin(struct pieces *all, const struct packet *p, size_t behind)
{
	all->whole = *p;
	all->id = craft_random();
	all->at = 0;
	cut(all, p->len - behind);
	if (below(2))
		disturb(all);
}

/* The next piece of an IPv6 packet */
void odd_fragments(struct packet *p, struct connection *c)
{
	unsigned char *ext;
	unsigned int i;

	if (!p->step || pieces.at >= pieces.count) {
		craft(p, c, p->dir, ACK, below(4) ? below(1400) : below(3000));
		begin(&pieces, p, p->inner + 40);
	}
	i = pieces.at++;
	*p = pieces.whole;
	memmove(L4(p), L4(p) + pieces.piece[i].offset, pieces.piece[i].len);
	p->len = p->inner + 40 + pieces.piece[i].len;
	put16(INNER(p) + 4, pieces.piece[i].len);
	ext = insert(p, FRAGMENT, 8);
	ext[1] = 0;
	put16(ext + 2, pieces.piece[i].offset | pieces.piece[i].more);
	put32(ext + 4, pieces.id);
}

/* The next piece of an IPv4 packet */
void odd_outer_fragments(struct packet *p, struct connection *c)
{
	static struct pieces outer;
	unsigned int i;

	if (!p->step || outer.at >= outer.count) {
		craft(p, c, path.transit ? p->dir : DOWN, ACK,
		      below(4) ? below(1400) : below(3000));
		begin(&outer, p, 20);
	}
	i = outer.at++;
	*p = outer.whole;
	memmove(p->bytes + 20, p->bytes + 20 + outer.piece[i].offset, outer.piece[i].len);
	p->len = 20 + outer.piece[i].len;
	put16(p->bytes + 4, outer.id & 0xffff);
	put16(p->bytes + 6, outer.piece[i].offset / 8 | (outer.piece[i].more ? 0x2000 : 0));
	craft_outer_len(p);
}
