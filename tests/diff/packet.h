/* SPDX-License-Identifier: GPL-2.0 */
/* Packets of a few connections, from a seed. */
#ifndef FLOW41_TESTS_DIFF_PACKET_H
#define FLOW41_TESTS_DIFF_PACKET_H

#include <linux/virtio_net.h>
#include <stdbool.h>
#include <stddef.h>

enum dir { UP, DOWN };	/* LAN to tunnel, tunnel to LAN */

struct packet {
	enum dir dir;
	const char *what;		/* how it was made */
	struct virtio_net_hdr vnet;
	size_t len;
	unsigned char bytes[66000];	/* IPv6; for DOWN, IPv4 in front */
};

void packet_seed(unsigned long seed);
bool packet_handshake(struct packet *packet, unsigned long step);
void packet_random(struct packet *packet);
void packet_fence(struct packet *packet);
bool packet_is_fence(const unsigned char *frame, size_t len);

#endif /* FLOW41_TESTS_DIFF_PACKET_H */
