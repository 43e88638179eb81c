// SPDX-License-Identifier: GPL-2.0
/*
 * Whatever the bytes, the parser reads no more than it may, leaves them as they
 * are, and what it accepts is what an independent look at the bytes finds.
 *
 * With clang a libFuzzer target; with another compiler a harness of its own,
 * which mutates good packets (parse_fuzz SECONDS [SEED]).
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "parse.h"

static unsigned int get16(const uint8_t *at)
{
	return at[0] << 8 | at[1];
}

static void expect(int good, const char *what)
{
	if (good)
		return;
	fprintf(stderr, "parse_fuzz: %s\n", what);
	abort();
}

/* What has to be true of a packet that was accepted. */
static void verify(const uint8_t *bytes, size_t len, size_t off,
		   const struct flow41_packet *p)
{
	const uint8_t *inner = bytes + off, *l4 = inner + 40;

	if (off) {
		expect(bytes[0] == 0x45 && bytes[9] == 41, "IPv4 header");
		expect(!(get16(bytes + 6) & 0x3fff), "fragment");
		expect(get16(bytes + 2) == len, "IPv4 length");
		expect(!memcmp(&p->key.outer_src, bytes + 12, 4), "outer source");
		expect(!memcmp(&p->key.outer_dst, bytes + 16, 4), "outer dest");
	}
	expect(p->inner_off == off && p->inner_len == len - off, "offsets");
	expect(inner[0] >> 4 == 6 && get16(inner + 4) + 40 + off == len,
	       "IPv6 header");
	expect(inner[6] == p->key.proto && inner[7] == p->hop_limit, "fields");
	expect(!memcmp(&p->key.src, inner + 8, 32), "addresses");
	expect(!memcmp(&p->key.sport, l4, 4), "ports");
	if (p->key.proto == 6)
		expect(p->tcp_flags == l4[13] && p->l4_hlen == l4[12] >> 4 << 2 &&
		       p->l4_hlen >= 20 && p->l4_hlen <= len - off - 40, "TCP");
	else
		expect(p->key.proto == 17 && get16(l4 + 4) == len - off - 40,
		       "UDP");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The first byte says how; then the packet. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct flow41_packet p;
	size_t len, linear;
	uint8_t *copy;
	int punt, ipv4;

	if (size < 2 || size > 70000)
		return 0;
	ipv4 = data[0] & 1;
	len = size - 1;
	linear = len - (len * (data[0] >> 1)) / 256;
	copy = malloc(linear ?: 1);
	memcpy(copy, data + 1, linear);
	if (ipv4)
		punt = flow41_parse_6in4(copy, linear, len, &p);
	else
		punt = flow41_parse_ipv6(copy, linear, len, &p);
	expect(!memcmp(copy, data + 1, linear), "the packet was changed");
	expect(punt >= -1 && punt < FLOW41_PUNT_COUNT, "no such reason");
	if (punt == FLOW41_PUNT_NONE)
		verify(data + 1, len, ipv4 ? 20 : 0, &p);
	free(copy);
	return 0;
}

static void fix(uint8_t *packet, size_t len)
{
	unsigned int sum = 0, i;

	packet[2] = len >> 8;
	packet[3] = len;
	packet[10] = 0;
	packet[11] = 0;
	for (i = 0; i < 20; i += 2)
		sum += get16(packet + i);
	sum = (sum & 0xffff) + (sum >> 16);
	sum = ~((sum & 0xffff) + (sum >> 16));
	packet[10] = sum >> 8;
	packet[11] = sum;
}

/* A good packet, then up to three bytes of it random. */
static size_t invent(uint8_t *data)
{
	size_t payload = rand() % 64, len = 80 + payload;
	uint8_t *packet = data + 1;
	int hits = rand() % 4, tcp = rand() & 1;

	memset(data, rand(), len + 1);
	data[0] = 1 | (rand() % 4 ? 0 : rand());
	packet[0] = 0x45;
	packet[6] = 0;
	packet[7] = 0;
	packet[9] = 41;
	packet[20] = 0x60;
	packet[24] = 0;
	packet[25] = len - 60;
	packet[26] = tcp ? 6 : 17;
	packet[tcp ? 72 : 64] = tcp ? 0x50 : 0;
	packet[tcp ? 73 : 65] = tcp ? 0x10 : len - 60;
	while (hits--)
		packet[rand() % len] = rand();
	if (rand() % 8)
		fix(packet, len);
	if (rand() % 4)
		return len + 1;
	data[20] = data[0] & ~1;	/* the same without IPv4 */
	memmove(data, data + 20, len - 19);
	return len - 19;
}

#ifdef __clang__
size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t max_size);
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size,
			       unsigned int seed);

/* Left alone, it would hardly ever find a header checksum. */
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size,
			       unsigned int seed)
{
	if (max_size < 256 || seed % 4 == 0)
		return LLVMFuzzerMutate(data, size, max_size);
	srand(seed);
	return invent(data);
}
#else
int main(int argc, char **argv)
{
	time_t end = time(NULL) + (argc > 1 ? atoi(argv[1]) : 5);
	unsigned int seed = argc > 2 ? atoi(argv[2]) : time(NULL);
	unsigned long runs = 0;
	uint8_t data[256];

	printf("seed %u\n", seed);
	srand(seed);
	for (; runs % 1024 || time(NULL) < end; runs++)
		LLVMFuzzerTestOneInput(data, invent(data));
	printf("%lu runs\n", runs);
	return 0;
}
#endif
