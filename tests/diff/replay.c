// SPDX-License-Identifier: GPL-2.0
/*
 * The same packets through two routers, one with flow41 and one without; all that
 * comes out of both is compared at once, frame by frame, byte by byte.
 *
 *	usage: replay NAME=VALUE...
 *
 *	off=NETNS on=NETNS		the routers
 *	lan=DEV wan=DEV			their taps, made and held here
 *	link=plain|vlan|pppoe		what is between the WAN's tap and IPv4
 *	role=tunnel|transit		where the tunnel ends
 *	pieces=1			taps that hand over packets in pieces
 *	gro=1				a WAN tap that hands over many packets at once
 *	narrow=1			ICMP says that the IPv4 path has become narrow
 *	watch=DEV,...			packet sockets on these devices
 *	near4= far4=A,B client4= near6= far6=A,B router6= mtu=	see struct path
 *	seed=NUMBER count=PACKETS
 *
 * Says "ready" once the taps are there, and waits for a line while the routers are
 * set up. Then says what was sent and carried of each kind, or what the first
 * difference was, then "end", and waits for another line: until then the devices
 * are there.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <err.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "side.h"

#define KINDS		64
#define FENCE_MS	5000
#define COUNTERS_EACH	64	/* bursts */

enum { OFF, ON, SIDES };

static struct side sides[SIDES];
static struct packet packet, fence;
static struct { uint64_t sent, counted, carried, audits; } tally[KINDS];
static unsigned long sent;
static unsigned long frames;

/* ---- what is asked for */

static char *value(char **args, const char *name, const char *otherwise)
{
	size_t len = strlen(name);

	for (; *args; args++)
		if (!strncmp(*args, name, len) && (*args)[len] == '=')
			return *args + len + 1;
	return (char *)otherwise;
}

static void address(char **args, const char *name, int family, void *to, int count)
{
	char *list = value(args, name, NULL), *one;

	while (list && count-- && (one = strsep(&list, ","))) {
		if (inet_pton(family, one, to) != 1)
			errx(2, "%s: %s?", name, one);
		to = (char *)to + (family == AF_INET ? 4 : 16);
	}
}

static void read_args(char **args)
{
	const char *link = value(args, "link", "plain");

	bed.name[UP] = value(args, "lan", "lan0");
	bed.name[DOWN] = value(args, "wan", "wan0");
	bed.link = *link == 'v' ? VLAN : strcmp(link, "pppoe") ? PLAIN : PPPOE;
	path.transit = !strcmp(value(args, "role", "tunnel"), "transit");
	path.pieces = atoi(value(args, "pieces", "0"));
	path.gro = atoi(value(args, "gro", "0"));
	path.narrow = atoi(value(args, "narrow", "0"));
	path.mtu = atoi(value(args, "mtu", "1480"));
	address(args, "near4", AF_INET, path.near4, 1);
	address(args, "client4", AF_INET, path.client4, 1);
	address(args, "far4", AF_INET, path.far4, PEERS);
	address(args, "near6", AF_INET6, path.near6, 1);
	address(args, "router6", AF_INET6, path.router6, 1);
	address(args, "far6", AF_INET6, path.far6, PEERS);
}

/* ---- comparing */

static void show(const char *what, const unsigned char *bytes, size_t len)
{
	size_t i;

	printf("  %s, %zu bytes: ", what, len);
	for (i = 0; i < len && i < 300; i++)
		printf("%02x", bytes[i]);
	puts(len > 300 ? "..." : "");
}

static void show_frames(const struct side *side, enum dir dir)
{
	const struct frames *out = &side->out[dir];
	size_t begin = 0;
	unsigned int i;
	char what[64];

	for (i = 0; i < out->count; begin = out->end[i++]) {
		snprintf(what, sizeof(what), "%s %s", side->netns, bed.name[dir]);
		show(what, out->bytes + begin, out->end[i] - begin);
	}
}

static void show_first(const struct frames *a, const struct frames *b)
{
	size_t i, begin = 0, end = a->count ? a->end[a->count - 1] : 0;
	unsigned int frame = 0;

	for (i = 0; i < end && a->bytes[i] == b->bytes[i]; i++)
		if (i + 1 == a->end[frame])
			begin = a->end[frame++];
	printf("  first difference: frame %u, byte %zu\n", frame, i - begin);
}

static bool same(const struct frames *a, const struct frames *b)
{
	return a->count == b->count &&
	       !memcmp(a->end, b->end, a->count * sizeof(*a->end)) &&
	       (!a->count || !memcmp(a->bytes, b->bytes, a->end[a->count - 1]));
}

static bool all_same(void)
{
	return same(&sides[OFF].out[UP], &sides[ON].out[UP]) &&
	       same(&sides[OFF].out[DOWN], &sides[ON].out[DOWN]);
}

static void different(void)
{
	int dir;

	printf("different: packet %lu, %s, step %u\n", sent,
	       packet_kind(packet.kind)->name, packet.step);
	show(packet.dir == UP ? "from the LAN" : "from the WAN", packet.bytes, packet.len);
	for (dir = 0; dir < 2; dir++) {
		if (same(&sides[OFF].out[dir], &sides[ON].out[dir]))
			continue;
		show_frames(&sides[OFF], dir);
		show_frames(&sides[ON], dir);
		show_first(&sides[OFF].out[dir], &sides[ON].out[dir]);
	}
}

/* ---- sending */

/*
 * The router has done its work before write() ends, but for what waits in a queue
 * for a busy CPU, as what a tunnel device has received may: behind it, so does the
 * ping that comes after it. In transit nothing waits, but in front of GRO.
 */
static void await_fence(struct side *side)
{
	unsigned int before = side->fences, ms;

	if (path.transit && !path.gro) {
		side_await(side, 20);
		return;
	}
	side_put(side, &fence);
	side_collect(side);
	for (ms = 0; side->fences == before; ms += 20) {
		if (ms > FENCE_MS)
			errx(1, "%s does not answer any more", side->netns);
		side_await(side, 20);
	}
}

/*
 * The device's thread runs once this one waits, takes all that has been put there, and
 * GRO lets go of what it holds behind the last of it. So: behind the first ping.
 */
static void await_batch(struct side *side)
{
	await_fence(side);
	await_fence(side);
}

static bool nothing_out(void)
{
	return !sides[OFF].out[UP].count && !sides[OFF].out[DOWN].count;
}

/* Return: false if the two make something different of it. */
static bool transmit(const struct packet *p)
{
	int off = side_put(&sides[OFF], p), on = side_put(&sides[ON], p);
	bool fine;

	if (off != on) {
		printf("different: the device says %d, %d\n", off, on);
		return false;
	}
	if (p->more)
		return true;
	if (path.gro && p->dir == DOWN) {
		await_batch(&sides[OFF]);
		await_batch(&sides[ON]);
	}
	side_collect(&sides[OFF]);
	side_collect(&sides[ON]);
	if (!all_same() || (p->dir == DOWN && nothing_out())) {
		await_fence(&sides[OFF]);
		await_fence(&sides[ON]);
	}
	fine = all_same();
	if (!fine)
		different();
	frames += sides[OFF].out[UP].count + sides[OFF].out[DOWN].count;
	side_forget(&sides[OFF]);
	side_forget(&sides[ON]);
	return fine;
}

/* The devices' own figures; what is sent by the clock may be out of step for a while */
static bool counters_same(void)
{
	static char text[SIDES][16384];
	int tries;

	for (tries = 0; tries < 50; tries++) {
		if (tries)
			usleep(100000);
		side_counters(&sides[OFF], text[OFF], sizeof(text[OFF]));
		side_counters(&sides[ON], text[ON], sizeof(text[ON]));
		if (!strcmp(text[OFF], text[ON]))
			return true;
	}
	printf("different: the devices' counters before packet %lu\n%s%s", sent,
	       text[OFF], text[ON]);
	return false;
}

/* One packet of each flow and second may be sent by software, to see what it does */
static bool audit_due(const struct packet *p)
{
	static double last[FLOWS];
	struct timespec now;
	double time;

	clock_gettime(CLOCK_MONOTONIC, &now);
	time = now.tv_sec + now.tv_nsec / 1e9;
	if (time < last[p->flow] + 1)
		return false;
	last[p->flow] = time;
	return true;
}

/* The first packet of a flow and DSCP is sent by software: rules may know the DSCP */
static bool new_dscp(const struct packet *p)
{
	static uint64_t seen[FLOWS];
	const unsigned char *ip6 = p->bytes + p->inner;
	unsigned int class = (ip6[0] << 4 & 0xf0) | ip6[1] >> 4;
	uint64_t bit = 1ULL << ((path.transit ? p->bytes[1] : class) >> 2);
	bool before = seen[p->flow] & bit;

	seen[p->flow] |= bit;
	return !before;
}

static bool one_burst(void)
{
	uint64_t before = carried(sides[ON].stats);
	unsigned int left = packet_burst();

	while (left--) {
		packet_next(&packet);
		packet.more &= left > 0;
		packet.counts &= !packet.more;	/* they become one */
		tally[packet.kind].sent++;
		if (packet.counts && new_dscp(&packet))
			packet.counts = false;
		tally[packet.kind].counted += packet.counts;
		tally[packet.kind].audits += audit_due(&packet);
		if (!transmit(&packet))
			return false;
		sent++;
	}
	tally[packet.kind].carried += carried(sides[ON].stats) - before;
	return true;
}

static bool replay(unsigned long count)
{
	unsigned long bursts;

	for (bursts = 1; sent < count; bursts++) {
		if (!one_burst())
			return false;
		if (bursts % COUNTERS_EACH == 0 && !counters_same())
			return false;
	}
	return counters_same();
}

/* ---- around it */

/* What comes out by itself: router solicitations, MLD and the like */
static void settle(void)
{
	struct timespec pause = { .tv_nsec = 200000000 };
	int i;

	for (i = 0; i < 2; i++) {
		nanosleep(&pause, NULL);
		side_collect(&sides[OFF]);
		side_collect(&sides[ON]);
		side_forget(&sides[OFF]);
		side_forget(&sides[ON]);
	}
}

static bool handshakes(void)
{
	unsigned long i;

	for (i = 0; packet_handshake(&packet, i); i++)
		if (!transmit(&packet))
			return false;
	sleep(1);	/* conntrack calls UDP streams assured after two */
	usleep(1200000);
	settle();
	return true;
}

/*
 * What is queued on one CPU stays in order. A device's thread there does not run before
 * this one waits.
 */
static void stay_on_cpu(void)
{
	struct sched_param first = { .sched_priority = 1 };
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(0, &set);
	if (sched_setaffinity(0, sizeof(set), &set))
		err(1, "sched_setaffinity");
	if (path.gro && sched_setscheduler(0, SCHED_FIFO, &first))
		err(1, "sched_setscheduler");
}

static void await_line(const char *ready)
{
	char line[16];

	puts(ready);
	fflush(stdout);
	if (!fgets(line, sizeof(line), stdin))
		exit(0);
}

static void report(void)
{
	const struct kind *kind;
	unsigned int i;

	for (i = 0; (kind = packet_kind(i)); i++)
		if (tally[i].sent)
			printf("kind %u %llu %llu %llu %llu %s\n", kind->floor,
			       (unsigned long long)tally[i].sent,
			       (unsigned long long)tally[i].counted,
			       (unsigned long long)tally[i].carried,
			       (unsigned long long)tally[i].audits, kind->name);
	printf("sent %lu frames %lu\n", sent, frames);
}

int main(int argc, char **argv)
{
	unsigned long seed, count;
	char *watch = value(argv, "watch", NULL);

	if (argc < 2)
		errx(2, "usage: replay NAME=VALUE...");
	read_args(argv);
	seed = strtoul(value(argv, "seed", "1"), NULL, 0);
	count = strtoul(value(argv, "count", "10000"), NULL, 0);
	stay_on_cpu();
	packet_seed(seed);
	side_open(&sides[OFF], value(argv, "off", "offcpe"));
	side_open(&sides[ON], value(argv, "on", "oncpe"));
	packet_fence(&fence);
	await_line("ready");
	if (watch) {
		side_watch(&sides[OFF], watch);
		side_watch(&sides[ON], watch);
	}
	side_enter(&sides[ON]);
	sides[ON].stats = carried_open();
	settle();
	if (handshakes() && replay(count))
		puts("same");
	report();
	await_line("end");
	return 0;
}
