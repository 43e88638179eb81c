// SPDX-License-Identifier: GPL-2.0
/* SYNs from made-up neighbours, as many as are asked for, as fast as may be. */
#include <arpa/inet.h>
#include <err.h>
#include <errno.h>
#include <netinet/ip6.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "traffic.h"

struct syn {
	struct ip6_hdr ip6;
	struct tcphdr tcp;
};

static uint16_t checksum(const struct syn *syn)
{
	const uint16_t *half = (const uint16_t *)&syn->ip6.ip6_src;
	uint32_t sum = htons(IPPROTO_TCP) + htons(sizeof(syn->tcp));
	size_t i;

	for (i = 0; i < (32 + sizeof(syn->tcp)) / 2; i++)
		sum += half[i];
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return ~sum;
}

/* The last 64 bits of the source are made up, and its port */
static void make(struct syn *syn, uint64_t number)
{
	uint64_t made_up[2];

	fill(made_up, 41, 16 * number, sizeof(made_up));
	memset(syn, 0, sizeof(*syn));
	syn->ip6.ip6_vfc = 0x60;
	syn->ip6.ip6_plen = htons(sizeof(syn->tcp));
	syn->ip6.ip6_nxt = IPPROTO_TCP;
	syn->ip6.ip6_hlim = 64;
	syn->ip6.ip6_dst = opt.addr.sin6_addr;
	inet_pton(AF_INET6, "2001:db8:1::", &syn->ip6.ip6_src);
	memcpy(&syn->ip6.ip6_src.s6_addr[8], made_up, 8);
	memcpy(&syn->tcp.source, (char *)made_up + 8, 2);
	memcpy(&syn->tcp.seq, (char *)made_up + 10, 4);
	syn->tcp.dest = opt.addr.sin6_port;
	syn->tcp.doff = sizeof(syn->tcp) / 4;
	syn->tcp.syn = 1;
	syn->tcp.window = htons(65535);
	syn->tcp.check = checksum(syn);
}

int flood(void)
{
	int fd = socket(AF_INET6, SOCK_RAW, IPPROTO_RAW);
	struct sockaddr_in6 to = opt.addr;
	struct syn syn;
	uint64_t i;

	if (fd < 0)
		err(2, "raw socket");
	to.sin6_port = 0;
	for (i = 0; i < opt.up && !stopped(); i++) {
		make(&syn, i);
		while (sendto(fd, &syn, sizeof(syn), 0, (void *)&to,
			      sizeof(to)) < 0) {
			if (errno != ENOBUFS && errno != EAGAIN)
				err(1, "send");
			usleep(1000);
		}
	}
	printf("client: flood %llu\n", (unsigned long long)i);
	close(fd);
	return i < opt.up;
}
