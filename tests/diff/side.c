// SPDX-License-Identifier: GPL-2.0
/* A router's devices: what is put into them, and what comes out. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if_packet.h>
#include <linux/if_tun.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <net/if_arp.h>
#include <poll.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/uio.h>
#include <unistd.h>

#include "side.h"

#define VNET		sizeof(struct virtio_net_hdr)
#define PAGE		4096
#define VLAN_ID		7
#define SESSION		7	/* of PPPoE */

struct bed bed = { .name = { "lan0", "wan0" } };

static const unsigned char own[2][6] = {
	[UP] = { 2, 0, 0, 0, 0, 0x12 }, [DOWN] = { 2, 0, 0, 0, 0, 0x21 },
};

static const unsigned char peer[2][6] = {
	[UP] = { 2, 0, 0, 0, 0, 0x11 }, [DOWN] = { 2, 0, 0, 0, 0, 0x22 },
};

static void set_up(const char *name, short flags, const unsigned char *mac)
{
	struct ifreq ifr = {};
	int fd = socket(AF_INET, SOCK_DGRAM, 0);

	strncpy(ifr.ifr_name, name, IFNAMSIZ - 1);
	ifr.ifr_hwaddr.sa_family = ARPHRD_ETHER;
	memcpy(ifr.ifr_hwaddr.sa_data, mac, 6);
	if (ioctl(fd, SIOCSIFHWADDR, &ifr))
		err(1, "%s: address", name);
	ifr.ifr_flags = flags;
	if (ioctl(fd, SIOCSIFFLAGS, &ifr))
		err(1, "%s: up", name);
	close(fd);
}

static int tap_open(const char *name, enum dir dir)
{
	struct ifreq ifr = { .ifr_flags = IFF_TAP | IFF_NO_PI | IFF_VNET_HDR };
	int fd = open("/dev/net/tun", O_RDWR | O_NONBLOCK);

	if (fd < 0)
		err(1, "/dev/net/tun");
	if (path.pieces)
		ifr.ifr_flags |= IFF_NAPI | IFF_NAPI_FRAGS;
	else if (path.gro && dir == DOWN)
		ifr.ifr_flags |= IFF_NAPI;
	strncpy(ifr.ifr_name, name, IFNAMSIZ - 1);
	if (ioctl(fd, TUNSETIFF, &ifr))
		err(1, "%s", name);
	set_up(name, IFF_UP, own[dir]);
	return fd;
}

void side_enter(const struct side *side)
{
	char file[64];
	int fd;

	snprintf(file, sizeof(file), "/run/netns/%s", side->netns);
	fd = open(file, O_RDONLY);
	if (fd < 0 || setns(fd, CLONE_NEWNET))
		err(1, "%s", file);
	close(fd);
}

void side_open(struct side *side, const char *netns)
{
	int dir;

	side->netns = netns;
	side_enter(side);
	for (dir = 0; dir < 2; dir++)
		side->tap[dir] = tap_open(bed.name[dir], dir);
	if (bed.link == PPPOE)
		ppp_open(bed.name[DOWN], peer[DOWN]);
	side->counters = open("/proc/thread-self/net/dev", O_RDONLY);
	if (side->counters < 0)
		err(1, "/proc/net/dev");
}

/* Taps on devices, comma-separated: what passes is shared with them */
void side_watch(struct side *side, char *names)
{
	struct sockaddr_ll addr = { .sll_family = AF_PACKET, .sll_protocol = htons(ETH_P_ALL) };
	char *name, *rest = names;
	int fd;

	side_enter(side);
	while ((name = strsep(&rest, ","))) {
		fd = socket(AF_PACKET, SOCK_RAW | SOCK_NONBLOCK, 0);
		addr.sll_ifindex = if_nametoindex(name);
		if (fd < 0 || bind(fd, (struct sockaddr *)&addr, sizeof(addr)))
			err(1, "packet socket on %s", name);
		side->watchers[side->watcher_count++] = fd;
		if (rest)
			rest[-1] = ',';
	}
}

/* ---- in */

static size_t put_link(const struct packet *p, unsigned char *frame)
{
	enum link link = p->dir == DOWN ? bed.link : PLAIN;
	unsigned char *end = frame + 14;

	memcpy(frame, own[p->dir], 6);
	memcpy(frame + 6, peer[p->dir], 6);
	if (p->host)
		frame[p->host & 1 ? 5 : 0] = p->host;
	if (link == VLAN) {
		memcpy(end - 2, (unsigned char[]){ 0x81, 0, (p->bytes[1] & 7) << 5,
		       VLAN_ID }, 4);
		end += 4;
	} else if (link == PPPOE) {
		memcpy(end - 2, (unsigned char[]){ 0x88, 0x64, 0x11, 0, 0, SESSION,
		       (p->len + 2) >> 8, p->len + 2, 0, 0x21 }, 10);
		return 22;
	}
	end[-2] = p->type >> 8;
	end[-1] = p->type;
	return end - frame;
}

/* With fragments, each piece of the vector becomes one of the skb. */
static ssize_t write_pieces(int fd, unsigned char *buffer, size_t len)
{
	struct iovec iov[40];
	size_t at = 0, piece = VNET + 14 + 66;
	int n;

	for (n = 0; at < len && n < 40; n++) {
		if (piece > len - at)
			piece = len - at;
		iov[n].iov_base = buffer + at;
		iov[n].iov_len = piece;
		at += piece;
		piece = n ? PAGE / 2 : 500;
	}
	return writev(fd, iov, n);
}

/**
 * side_put() - a packet comes in
 * Return: 0, or the device's reason not to take it.
 */
int side_put(struct side *side, const struct packet *packet)
{
	static unsigned char buffer[70000];
	unsigned char *frame = buffer + VNET;
	struct virtio_net_hdr vnet = packet->vnet;
	ssize_t done;
	size_t len;

	len = put_link(packet, frame);
	if (vnet.flags & VIRTIO_NET_HDR_F_NEEDS_CSUM)
		vnet.csum_start += len - 14;
	memcpy(buffer, &vnet, VNET);
	memcpy(frame + len, packet->bytes, packet->len);
	len += VNET + packet->len;
	if (path.pieces)
		done = write_pieces(side->tap[packet->dir], buffer, len);
	else
		done = write(side->tap[packet->dir], buffer, len);
	return done < 0 ? errno : 0;
}

/* ---- out */

/* Where the IP header is, 0: there is none */
static size_t ip_offset(const unsigned char *frame, size_t len)
{
	size_t at = 14;
	unsigned int type;

	if (len < 14 + 20)
		return 0;
	type = frame[12] << 8 | frame[13];
	if (type == 0x8100) {
		at += 4;
		type = frame[16] << 8 | frame[17];
	} else if (type == 0x8864) {
		at += 8;
		type = frame[21] == 0x21 ? 0x0800 : 0;
	}
	return (type == 0x0800 || type == 0x86dd) && len >= at + 20 ? at : 0;
}

static bool sum_ok(const unsigned char *ip)
{
	unsigned int sum = 0, i;

	for (i = 0; i < 20; i += 2)
		sum += ip[i] << 8 | ip[i + 1];
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return sum == 0xffff;
}

/*
 * The ID of a packet that the router made is its own affair, and so is what the
 * checksum is then, as long as it is right.
 */
static void forget_ids(unsigned char *ip)
{
	if (ip[0] != 0x45 || (path.transit && ip[9] == 41))
		return;
	ip[11] = sum_ok(ip);
	ip[10] = 0;
	memset(ip + 4, 0, 2);
}

/* conntrack puts fragments together; those it makes then have a random ID */
static void forget_fragment(unsigned char *ip6, size_t len)
{
	unsigned int type = ip6[6];
	size_t at = 40;

	if (len < at + 8 || ip6[0] >> 4 != 6)
		return;
	while (type == 0 || type == 43 || type == 60) {
		type = ip6[at];
		at += 8 + ip6[at + 1] * 8;
		if (at + 8 > len)
			return;
	}
	if (type == 44)
		memset(ip6 + at + 4, 0, 4);
}

static void forget(unsigned char *ip, size_t len)
{
	if (ip[0] >> 4 == 6)
		forget_fragment(ip, len);
	else if (ip[9] == 41 && ip[0] == 0x45 && len > 20 && !path.transit)
		forget_fragment(ip + 20, len - 20);
	forget_ids(ip);
}

/* What is sent by the clock, not because of a packet: ARP, neighbours, MLD, PPPoE */
static bool by_itself(const unsigned char *frame, size_t len)
{
	const unsigned char *ip6 = frame + 14;
	unsigned int type;

	if (len < 14 + 42)
		return len >= 14 && frame[12] == 8 && frame[13] == 6;
	type = frame[12] << 8 | frame[13];
	if (type == 0x8864)
		return frame[21] != 0x21;
	if (type == 0x86dd && ip6[7] == 255)
		return ip6[6] == 58 && ip6[40] == 135;
	if (type == 0x86dd && ip6[7] == 1)
		return ip6[6] == 0 && ip6[40] == 58;
	return type == 0x0806 || type == 0x8863;
}

static void keep(struct frames *out, unsigned char *frame, size_t len)
{
	size_t begin = out->count ? out->end[out->count - 1] : 0;

	if (out->count == FRAMES || begin + len > sizeof(out->bytes))
		errx(1, "too many frames");
	memcpy(out->bytes + begin, frame, len);
	out->end[out->count++] = begin + len;
}

static void take(struct side *side, enum dir dir, unsigned char *frame, size_t len)
{
	size_t at = ip_offset(frame, len);

	if (at && dir == DOWN && packet_is_fence(frame + at, len - at)) {
		side->fences++;
		return;
	}
	if (at)
		forget(frame + at, len - at);
	if (!by_itself(frame, len))
		keep(&side->out[dir], frame, len);
}

/* Everything that is there */
void side_collect(struct side *side)
{
	static unsigned char buffer[70000];
	unsigned int i;
	ssize_t len;
	int dir;

	for (dir = 0; dir < 2; dir++) {
		while ((len = read(side->tap[dir], buffer, sizeof(buffer))) > 0)
			take(side, dir, buffer + VNET, len - VNET);
		if (len < 0 && errno != EAGAIN)
			err(1, "read %s", bed.name[dir]);
	}
	for (i = 0; i < side->watcher_count; i++)
		while (recv(side->watchers[i], buffer, 64, MSG_DONTWAIT) > 0)
			;
}

void side_forget(struct side *side)
{
	side->out[UP].count = 0;
	side->out[DOWN].count = 0;
}

/* Until something comes out, or not */
void side_await(struct side *side, int ms)
{
	struct pollfd fds[2] = {
		{ .fd = side->tap[UP], .events = POLLIN },
		{ .fd = side->tap[DOWN], .events = POLLIN },
	};

	poll(fds, 2, ms);
	side_collect(side);
}

size_t side_counters(const struct side *side, char *text, size_t size)
{
	ssize_t len, all = 0;

	lseek(side->counters, 0, SEEK_SET);
	while ((len = read(side->counters, text + all, size - 1 - all)) > 0)
		all += len;
	text[all] = '\0';
	return all;
}
