/* SPDX-License-Identifier: GPL-2.0 */
/* Packets of a few connections through a router with a 6in4 tunnel, from a seed. */
#ifndef FLOW41_TESTS_DIFF_PACKET_H
#define FLOW41_TESTS_DIFF_PACKET_H

#include <linux/virtio_net.h>
#include <stdbool.h>
#include <stddef.h>

#define PEERS	2	/* far ends */
#define FLOWS	16	/* connections have two each */

enum dir { UP, DOWN };	/* from the LAN, from the WAN */

/**
 * struct path - what the packets have to fit to
 * @transit: the tunnel's near end is behind the router
 * @pieces: the devices hand over packets in pieces
 * @gro: the WAN's device hands over many at once, for GRO to join
 * @narrow: ICMP may say that the IPv4 path has become narrow
 * @mtu: largest inner packet that the way out takes
 * @client4: the near end of a tunnel in transit, as the LAN knows it
 * @near4: the near end, as the far ends know it
 * @far4: the far ends
 * @near6: the host on the LAN
 * @far6: hosts behind the far ends
 * @router6: the router itself, in the tunnel
 */
struct path {
	bool transit;
	bool pieces;
	bool gro;
	bool narrow;
	unsigned int mtu;
	unsigned char client4[4];
	unsigned char near4[4];
	unsigned char far4[PEERS][4];
	unsigned char near6[16];
	unsigned char far6[PEERS][16];
	unsigned char router6[16];
};

extern struct path path;

struct packet {
	enum dir dir;
	unsigned int kind;		/* what it is, see packet_kind() */
	unsigned int step;		/* number in its burst */
	unsigned int flow;		/* below FLOWS */
	bool more;			/* the next one comes with it */
	bool counts;			/* the fast path could carry it */
	unsigned int type;		/* Ethernet's */
	unsigned char host;		/* last byte of the destination's MAC address, 0: right */
	struct virtio_net_hdr vnet;
	size_t inner;			/* where the IPv6 header is */
	size_t len;
	unsigned char bytes[66000];	/* from the IP header on */
};

/**
 * struct kind - a class of packets
 * @name: for people
 * @floor: percent of them that the fast path has to carry
 */
struct kind {
	const char *name;
	unsigned int floor;
};

void packet_seed(unsigned long seed);
bool packet_handshake(struct packet *packet, unsigned long step);
unsigned int packet_burst(void);
void packet_next(struct packet *packet);
const struct kind *packet_kind(unsigned int number);
void packet_fence(struct packet *packet);
bool packet_is_fence(const unsigned char *ip, size_t len);

#endif /* FLOW41_TESTS_DIFF_PACKET_H */
