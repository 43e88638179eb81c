// SPDX-License-Identifier: GPL-2.0
/*
 * The same packets for the same seed, and all that comes out of them.
 *
 *	usage: replay LAN WAN SEED COUNT
 *
 * LAN and WAN are tap devices of a router with a 6in4 tunnel, made and held
 * here. After a line on stdin, connections are made through the router, as
 * their client and as their server at once; after another line, COUNT packets
 * of them are sent, good, odd and hostile ones. Each packet is a line on stdout,
 * each frame that comes out before the next one is sent is an indented line
 * after it, with IPv4 IDs and header checksums left out.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if_tun.h>
#include <linux/virtio_net.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <net/if_arp.h>
#include <poll.h>
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "packet.h"

#define VNET	((ssize_t)sizeof(struct virtio_net_hdr))

struct tap {
	const char *name;
	int fd;
	unsigned char mac[6], peer[6];
};

static struct tap taps[2] = {
	[UP] = {
		.mac = { 2, 0, 0, 0, 0, 0x12 }, .peer = { 2, 0, 0, 0, 0, 0x11 },
	},
	[DOWN] = {
		.mac = { 2, 0, 0, 0, 0, 0x21 }, .peer = { 2, 0, 0, 0, 0, 0x22 },
	},
};

static void tap_open(struct tap *tap, const char *name)
{
	struct ifreq ifr = {
		.ifr_flags = IFF_TAP | IFF_NO_PI | IFF_VNET_HDR,
	};

	tap->name = name;
	tap->fd = open("/dev/net/tun", O_RDWR | O_NONBLOCK);
	if (tap->fd < 0)
		err(1, "/dev/net/tun");
	strncpy(ifr.ifr_name, name, IFNAMSIZ - 1);
	if (ioctl(tap->fd, TUNSETIFF, &ifr))
		err(1, "%s", name);
	ifr.ifr_hwaddr.sa_family = ARPHRD_ETHER;
	memcpy(ifr.ifr_hwaddr.sa_data, tap->mac, 6);
	if (ioctl(tap->fd, SIOCSIFHWADDR, &ifr))
		err(1, "%s: address", name);
}

/* What the router may choose freely, or differently each time. */
static void forget_ids(unsigned char *frame, ssize_t len)
{
	if (len < 34 || frame[12] != 8 || frame[13] != 0)
		return;
	memset(frame + 18, 0, 2);
	memset(frame + 24, 0, 2);
}

static void show(const struct tap *tap, unsigned char *frame, ssize_t len,
		 FILE *to)
{
	ssize_t i;

	forget_ids(frame, len);
	fprintf(to, "  %s ", tap->name);
	for (i = 0; i < len; i++)
		fprintf(to, "%02x", frame[i]);
	putc('\n', to);
}

/* Everything that is there. Return: whether a fence was among it. */
static bool drain(struct tap *tap, FILE *to)
{
	unsigned char buffer[70000], *frame = buffer + VNET;
	bool fence = false;
	ssize_t len;

	while ((len = read(tap->fd, buffer, sizeof(buffer)) - VNET) > 0) {
		if (packet_is_fence(frame, len))
			fence = true;
		else
			show(tap, frame, len, to);
	}
	if (len < 0 && errno != EAGAIN)
		err(1, "read %s", tap->name);
	return fence;
}

static void put(const struct packet *packet)
{
	struct tap *tap = &taps[packet->dir];
	static unsigned char buffer[70000];
	unsigned char *frame = buffer + sizeof(packet->vnet);
	size_t len = sizeof(packet->vnet) + 14 + packet->len;

	memcpy(buffer, &packet->vnet, sizeof(packet->vnet));
	memcpy(frame, tap->mac, 6);
	memcpy(frame + 6, tap->peer, 6);
	frame[12] = packet->dir == UP ? 0x86 : 0x08;
	frame[13] = packet->dir == UP ? 0xdd : 0x00;
	memcpy(frame + 14, packet->bytes, packet->len);
	if (write(tap->fd, buffer, len) != (ssize_t)len)
		err(1, "write %s", tap->name);
}

/*
 * The router has done its work before write() ends, but for what a tunnel device
 * has received: that waits in a queue, as does the ping that comes after it.
 */
static void await_fence(FILE *to)
{
	struct pollfd fd = { .fd = taps[DOWN].fd, .events = POLLIN };
	static struct packet fence;

	packet_fence(&fence);
	put(&fence);
	while (!drain(&taps[DOWN], to))
		if (poll(&fd, 1, 5000) <= 0)
			errx(1, "the router does not answer any more");
}

static void transmit(const struct packet *packet)
{
	static char later[1 << 20];
	FILE *to = fmemopen(later, sizeof(later), "w");

	put(packet);
	if (packet->dir == DOWN)
		await_fence(to);
	else
		drain(&taps[DOWN], to);
	fclose(to);
	drain(&taps[UP], stdout);
	fputs(later, stdout);
	later[0] = '\0';
}

static void await_line(const char *ready)
{
	char line[16];

	puts(ready);
	fflush(stdout);
	if (!fgets(line, sizeof(line), stdin))
		exit(0);
}

/* What comes out by itself: router solicitations, MLD and the like */
static void settle(void)
{
	struct pollfd fds[2] = {
		{ .fd = taps[UP].fd, .events = POLLIN },
		{ .fd = taps[DOWN].fd, .events = POLLIN },
	};
	unsigned char buffer[70000];
	int i;

	while (poll(fds, 2, 300) > 0)
		for (i = 0; i < 2; i++)
			while (read(fds[i].fd, buffer, sizeof(buffer)) > 0)
				;
}

/* What is queued on one CPU stays in order. */
static void stay_on_cpu(void)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(0, &set);
	if (sched_setaffinity(0, sizeof(set), &set))
		err(1, "sched_setaffinity");
}

int main(int argc, char **argv)
{
	struct packet packet;
	unsigned long i, count;

	if (argc != 5)
		errx(2, "usage: replay LAN WAN SEED COUNT");
	stay_on_cpu();
	tap_open(&taps[UP], argv[1]);
	tap_open(&taps[DOWN], argv[2]);
	packet_seed(strtoul(argv[3], NULL, 0));
	count = strtoul(argv[4], NULL, 0);

	await_line("ready");
	settle();
	for (i = 0; packet_handshake(&packet, i); i++) {
		printf("handshake %lu\n", i);
		transmit(&packet);
	}
	await_line("established");
	settle();
	for (i = 0; i < count; i++) {
		packet_random(&packet);
		printf("%lu %s %s\n", i, packet.dir == UP ? "up" : "down",
		       packet.what);
		transmit(&packet);
	}
	await_line("end");
	return 0;
}
