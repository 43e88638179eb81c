/* SPDX-License-Identifier: GPL-2.0 */
/* A router under test, with all that is around it. */
#ifndef FLOW41_TESTS_DIFF_SIDE_H
#define FLOW41_TESTS_DIFF_SIDE_H

#include <stdint.h>

#include "packet.h"

#define WATCHERS	4
#define FRAMES		512

enum link { PLAIN, VLAN, PPPOE };

/**
 * struct frames - what came out of a device
 * @count: how many
 * @end: end of each in @bytes
 */
struct frames {
	unsigned int count;
	size_t end[FRAMES];
	unsigned char bytes[1 << 20];
};

/**
 * struct side - a router
 * @netns: name of its network namespace
 * @tap: its devices: for LAN and WAN
 * @watchers: packet sockets
 * @counters: its /proc/net/dev
 * @stats: netlink socket for flow41's figures
 * @fences: answers to fences that came
 * @out: what came out of the devices
 */
struct side {
	const char *netns;
	int tap[2];
	int watchers[WATCHERS];
	unsigned int watcher_count;
	int counters;
	int stats;
	unsigned int fences;
	struct frames out[2];
};

/**
 * struct bed - what both sides have in common
 * @name: of the taps
 * @link: what is between the WAN's tap and IPv4
 */
struct bed {
	const char *name[2];
	enum link link;
};

extern struct bed bed;

void side_open(struct side *side, const char *netns);
void side_enter(const struct side *side);
void side_watch(struct side *side, char *names);
int side_put(struct side *side, const struct packet *packet);
void side_collect(struct side *side);
void side_forget(struct side *side);
size_t side_counters(const struct side *side, char *text, size_t size);
void side_await(struct side *side, int ms);

void ppp_open(const char *dev, const unsigned char *peer);

int carried_open(void);
uint64_t carried(int fd);

#endif /* FLOW41_TESTS_DIFF_SIDE_H */
