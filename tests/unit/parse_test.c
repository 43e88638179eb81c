// SPDX-License-Identifier: GPL-2.0
/* kmod/parse.c in userspace: what it reads, and what it refuses by which name. */
#include <arpa/inet.h>

#include "parse.h"
#include "tap.h"

#define INNER	(FLOW41_IPV4_HLEN)
#define L4	(FLOW41_IPV4_HLEN + FLOW41_IPV6_HLEN)
#define TCP_LEN	(L4 + 20 + 4)	/* four bytes of payload */
#define UDP_LEN	(L4 + 8 + 4)

/*
 * 192.0.2.1 > 203.0.113.2, DF; 2001:db8::1 > 2001:db8::2; port 0x1234 > 443.
 * Written out by hand: nothing here shares code with the parser.
 */
static const unsigned char outer[] = {
	0x45, 0xb8, 0x00, 0x00, 0xab, 0xcd, 0x40, 0x00, 0x40, 0x29, 0, 0,
	192, 0, 2, 1, 203, 0, 113, 2,
};

static const unsigned char inner[] = {
	0x6a, 0xb1, 0x23, 0x45, 0, 0, 0, 0x3f,
	0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1,
	0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2,
};

static const unsigned char tcp[] = {
	0x12, 0x34, 0x01, 0xbb, 0, 0, 0, 1, 0, 0, 0, 2,
	0x50, 0x18, 0xff, 0xff, 0xde, 0xad, 0, 0,
};

static const unsigned char udp[] = {
	0x12, 0x34, 0x01, 0xbb, 0, 12, 0xbe, 0xef,
};

static void put16(unsigned char *at, unsigned int value)
{
	at[0] = value >> 8;
	at[1] = value;
}

/* RFC 1071, over the IPv4 header as it stands. */
static void fix_sum(unsigned char *packet)
{
	unsigned int sum = 0, i, words = (packet[0] & 15) * 2;

	put16(packet + 10, 0);
	for (i = 0; i < words; i++)
		sum += packet[2 * i] << 8 | packet[2 * i + 1];
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	put16(packet + 10, ~sum & 0xffff);
}

static unsigned int make(unsigned char *packet, unsigned char proto)
{
	unsigned int len = proto == 6 ? TCP_LEN : UDP_LEN;

	memset(packet, 0x55, 200);
	memcpy(packet, outer, sizeof(outer));
	memcpy(packet + INNER, inner, sizeof(inner));
	packet[INNER + 6] = proto;
	if (proto == 6)
		memcpy(packet + L4, tcp, sizeof(tcp));
	else
		memcpy(packet + L4, udp, sizeof(udp));
	put16(packet + 2, len);
	put16(packet + INNER + 4, len - L4);
	fix_sum(packet);
	return len;
}

/* A copy of exactly @linear bytes: AddressSanitizer guards the end. */
static int parse(const unsigned char *packet, unsigned int off,
		 unsigned int linear, unsigned int len, struct flow41_packet *p)
{
	unsigned char *copy = malloc(linear ?: 1);
	int punt;

	memcpy(copy, packet + off, linear);
	memset(p, 0xee, sizeof(*p));
	if (off)
		punt = flow41_parse_ipv6(copy, linear, len, p);
	else
		punt = flow41_parse_6in4(copy, linear, len, p);
	free(copy);
	return punt;
}

static void reads_tcp(void)
{
	unsigned char packet[200];
	unsigned int len = make(packet, 6);
	struct flow41_packet p;

	ok(parse(packet, 0, len, len, &p) == FLOW41_PUNT_NONE, "6in4 TCP");
	ok(!memcmp(&p.key.src, inner + 8, 16), "inner source");
	ok(!memcmp(&p.key.dst, inner + 24, 16), "inner destination");
	ok(ntohs(p.key.sport) == 0x1234 && ntohs(p.key.dport) == 443, "ports");
	ok(ntohl(p.key.outer_src) == 0xc0000201, "outer source");
	ok(ntohl(p.key.outer_dst) == 0xcb007102, "outer destination");
	ok(p.key.proto == 6, "protocol");
	ok(p.inner_len == len - 20 && p.inner_off == 20, "inner length");
	ok(p.l4_hlen == 20 && p.tcp_flags == 0x18, "TCP header");
	ok(p.dsfield == 0xab && p.hop_limit == 0x3f, "IPv6 header");
	ok(p.outer_tos == 0xb8, "TOS");
}

static void reads_udp(void)
{
	unsigned char packet[200];
	unsigned int len = make(packet, 17);
	struct flow41_packet p;

	ok(parse(packet, INNER, len - INNER, len - INNER, &p) ==
	   FLOW41_PUNT_NONE, "plain UDP");
	ok(!p.key.outer_src && !p.key.outer_dst, "no outer addresses");
	ok(p.inner_off == 0 && p.inner_len == len - INNER, "whole length");
	ok(p.l4_hlen == 8 && !p.tcp_flags && !p.outer_tos, "nothing left over");
	ok(parse(packet, INNER, 48, len - INNER, &p) == FLOW41_PUNT_NONE,
	   "payload outside of the linear part");
}

/* One field at a time. Offsets count from the IPv4 header. */
static const struct {
	const char *name;
	int want;
	unsigned char proto, at, value;
	unsigned char keep_sum;
} mutations[] = {
	{ "ICMP in IPv4", FLOW41_PUNT_OTHER_PROTOCOL, 6, 9, 1 },
	{ "IPv4 version 5", FLOW41_PUNT_BAD_HEADER, 6, 0, 0x55 },
	{ "IPv4 header of 16 bytes", FLOW41_PUNT_BAD_HEADER, 6, 0, 0x44, 1 },
	{ "IPv4 options", FLOW41_PUNT_OUTER_OPTIONS, 6, 0, 0x46 },
	{ "first fragment", FLOW41_PUNT_OUTER_FRAGMENT, 6, 6, 0x20 },
	{ "last fragment", FLOW41_PUNT_OUTER_FRAGMENT, 6, 7, 0x01 },
	{ "reserved flag", FLOW41_PUNT_NONE, 6, 6, 0xc0 },
	{ "no DF", FLOW41_PUNT_NONE, 6, 6, 0x00 },
	{ "IPv4 length too small", FLOW41_PUNT_BAD_LENGTH, 6, 3, TCP_LEN - 1 },
	{ "IPv4 length too large", FLOW41_PUNT_BAD_LENGTH, 6, 3, TCP_LEN + 1 },
	{ "header checksum", FLOW41_PUNT_OUTER_CHECKSUM, 6, 11, 0x99, 1 },
	{ "IPv6 version 4", FLOW41_PUNT_BAD_HEADER, 6, INNER, 0x4a },
	{ "hop-by-hop options", FLOW41_PUNT_EXTENSION_HEADER, 6, INNER + 6, 0 },
	{ "routing header", FLOW41_PUNT_EXTENSION_HEADER, 6, INNER + 6, 43 },
	{ "destination options", FLOW41_PUNT_EXTENSION_HEADER, 6, INNER + 6, 60 },
	{ "AH", FLOW41_PUNT_EXTENSION_HEADER, 6, INNER + 6, 51 },
	{ "fragment header", FLOW41_PUNT_INNER_FRAGMENT, 6, INNER + 6, 44 },
	{ "ICMPv6", FLOW41_PUNT_NEXT_HEADER, 6, INNER + 6, 58 },
	{ "no next header", FLOW41_PUNT_NEXT_HEADER, 6, INNER + 6, 59 },
	{ "payload length too small", FLOW41_PUNT_BAD_LENGTH, 6, INNER + 5, 23 },
	{ "payload length too large", FLOW41_PUNT_BAD_LENGTH, 6, INNER + 5, 25 },
	{ "payload length 0", FLOW41_PUNT_BAD_LENGTH, 6, INNER + 5, 0 },
	{ "hop limit 0 is not the parser's", FLOW41_PUNT_NONE, 6, INNER + 7, 0 },
	{ "TCP header of 16 bytes", FLOW41_PUNT_BAD_HEADER, 6, L4 + 12, 0x40 },
	{ "TCP options that fit", FLOW41_PUNT_NONE, 6, L4 + 12, 0x60 },
	{ "TCP options that do not", FLOW41_PUNT_BAD_LENGTH, 6, L4 + 12, 0x70 },
	{ "UDP length too small", FLOW41_PUNT_BAD_LENGTH, 17, L4 + 5, 11 },
	{ "UDP length too large", FLOW41_PUNT_BAD_LENGTH, 17, L4 + 5, 13 },
	{ "UDP length 0", FLOW41_PUNT_BAD_LENGTH, 17, L4 + 5, 0 },
};

static void names_what_is_wrong(void)
{
	unsigned char packet[200];
	struct flow41_packet p;
	unsigned int i, len;
	int got;

	for (i = 0; i < sizeof(mutations) / sizeof(*mutations); i++) {
		len = make(packet, mutations[i].proto);
		packet[mutations[i].at] = mutations[i].value;
		if (!mutations[i].keep_sum)
			fix_sum(packet);
		got = parse(packet, 0, len, len, &p);
		ok(got == mutations[i].want, "%s: %d, wanted %d",
		   mutations[i].name, got, mutations[i].want);
	}
}

/* However little is linear, nothing behind it is read. */
static void stops_at_the_end(void)
{
	unsigned char packet[200];
	unsigned int len = make(packet, 6), linear, refused = 0;
	struct flow41_packet p;

	for (linear = 0; linear < L4 + 20; linear++)
		refused += parse(packet, 0, linear, len, &p) ==
			   FLOW41_PUNT_TRUNCATED;
	ok(refused == L4 + 20, "truncated at any byte: %u", refused);
	for (refused = 0, linear = 0; linear < L4 - INNER + 20; linear++)
		refused += parse(packet, INNER, linear, len - INNER, &p) ==
			   FLOW41_PUNT_TRUNCATED;
	ok(refused == L4 - INNER + 20, "the same without IPv4: %u", refused);
}

int main(void)
{
	tap_begin();
	reads_tcp();
	reads_udp();
	names_what_is_wrong();
	stops_at_the_end();
	return tap_end();
}
