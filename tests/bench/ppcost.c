// SPDX-License-Identifier: GPL-2.0
/*
 * What a packet costs on its way through a router.
 *
 *	usage: ppcost LAN WAN CLIENT6 HOST6 CLIENT4 NEAR4 FAR4
 *
 * LAN and WAN are tap devices, made here and held until the end: what is written
 * to one is a packet that comes in there, what is read from it one that leaves.
 * The router knows CLIENT6 and CLIENT4 behind LAN by the address 02:00:00:00:00:11,
 * and the next hop to everything behind WAN by 02:00:00:00:00:22. 6in4 tunnels, the
 * router's and those that pass through it, run from NEAR4 to FAR4; HOST6 is reached
 * through them. To passing through, CLIENT4 is translated to NEAR4, or is NEAR4.
 *
 * Lines of the standard input:
 *
 *	size BYTES, flows NUMBER, port NUMBER	of what is sent from now on (ppcost.h)
 *	next		marks that what follows is to be counted apart (mark.h)
 *	ROLE PACKETS	sends, in batches; answered with a line of JSON, as are
 *	open RATE	starts all connections through the tunnel, so many a second
 *	latency MS	watches that long how late a process runs
 *
 * Only the writes are timed. Everything that comes out is compared with what has to
 * come out.
 */
#include <arpa/inet.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <poll.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include "mark.h"
#include "ppcost.h"

#define ARRAY_SIZE(array)	(sizeof(array) / sizeof((array)[0]))

#define NS_PER_S	UINT64_C(1000000000)
#define BATCH		200
#define HOPS		64
#define PATIENCE_MS	20	/* until what has not come out never will */

struct tap {
	int fd;
	uint8_t own[ETH_ALEN];
	uint8_t peer[ETH_ALEN];
};

struct result {
	uint64_t ns;
	unsigned int packets;
	unsigned int intact;
	unsigned int damaged;
	unsigned int late;
};

static struct tap lan = { .peer = { 2, 0, 0, 0, 0, 0x11 } };
static struct tap wan = { .peer = { 2, 0, 0, 0, 0, 0x22 } };
static struct in6_addr client6, host6;
static in_addr_t client4, near4, far4;
static struct stream stream = { .size = 100, .flows = 1, .port = 5000 };

/* ---- the ways through the router */

/* A role goes out, from the LAN to the WAN, or in. */
struct role {
	const char *name;
	bool out;
	enum form before, after;
	bool unchanged;		/* as it came, Ethernet header and all */
};

static const struct role roles[] = {
	{ "encap",		true,	FORM_IPV6,	FORM_TUNNEL,	false },
	{ "decap",		false,	FORM_TUNNEL,	FORM_IPV6,	false },
	{ "transit_out",	true,	FORM_TUNNEL,	FORM_TUNNEL,	false },
	{ "transit_in",		false,	FORM_TUNNEL,	FORM_TUNNEL,	false },
	{ "ipv6_out",		true,	FORM_IPV6,	FORM_IPV6,	false },
	{ "ipv6_in",		false,	FORM_IPV6,	FORM_IPV6,	false },
	{ "ipv4_out",		true,	FORM_IPV4,	FORM_IPV4,	false },
	{ "ipv4_in",		false,	FORM_IPV4,	FORM_IPV4,	false },
	{ "floor_out",		true,	FORM_IPV6,	FORM_IPV6,	true },
	{ "floor_in",		false,	FORM_TUNNEL,	FORM_TUNNEL,	true },
};

static const struct tap *tap_in(const struct role *role)
{
	return role->out ? &lan : &wan;
}

static const struct tap *tap_out(const struct role *role)
{
	return role->out ? &wan : &lan;
}

/* On the LAN, the near end of what is only passed on is CLIENT4. */
static in_addr_t near_end(const struct role *role, const struct tap *where)
{
	bool passes = role->before == role->after && !role->unchanged;

	return where == &lan && passes ? client4 : near4;
}

static void turn(struct shape *shape)
{
	struct in6_addr addr6 = shape->saddr6;
	in_addr_t addr = shape->saddr;

	shape->saddr6 = shape->daddr6;
	shape->daddr6 = addr6;
	shape->saddr = shape->daddr;
	shape->daddr = addr;
}

static struct shape shape_before(const struct role *role)
{
	const struct tap *tap = tap_in(role);
	struct shape shape = {
		.form = role->before,
		.saddr = near_end(role, tap),
		.daddr = far4,
		.saddr6 = client6,
		.daddr6 = host6,
		.ttl = HOPS,
		.hops = HOPS,
		.back = !role->out,
	};

	if (!role->out)
		turn(&shape);
	memcpy(shape.to, tap->own, ETH_ALEN);
	memcpy(shape.from, tap->peer, ETH_ALEN);
	return shape;
}

/* The router takes a hop off the header it forwards by; a new one is full. */
static struct shape shape_after(const struct role *role)
{
	struct shape shape = shape_before(role);
	const struct tap *tap = tap_out(role);

	if (role->unchanged)
		return shape;
	if (role->out)
		shape.saddr = near_end(role, tap);
	else
		shape.daddr = near_end(role, tap);
	if (role->before == role->after && role->before != FORM_IPV6)
		shape.ttl--;
	else
		shape.hops--;
	shape.form = role->after;
	memcpy(shape.to, tap->peer, ETH_ALEN);
	memcpy(shape.from, tap->own, ETH_ALEN);
	return shape;
}

/* ---- sending */

struct batch {
	union frame before[BATCH], after[BATCH];
	size_t len_before, len_after;
	unsigned int count;
	unsigned int next;	/* the one that has to come out next */
};

static void make_batch(const struct role *role, struct batch *batch,
		       unsigned int count)
{
	const struct shape before = shape_before(role), after = shape_after(role);
	static uint32_t number;
	unsigned int i;

	for (i = 0; i < count; i++, number++) {
		batch->len_before = frame_make(&batch->before[i], &before, &stream, number);
		batch->len_after = frame_make(&batch->after[i], &after, &stream, number);
	}
	batch->count = count;
	batch->next = 0;
}

static uint64_t now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * NS_PER_S + ts.tv_nsec;
}

/* The only part that is timed */
static uint64_t send_batch(const struct role *role, const struct batch *batch)
{
	uint64_t start = now_ns();
	int fd = tap_in(role)->fd;
	unsigned int i;

	mark(MARK_ON);
	for (i = 0; i < batch->count; i++)
		if (write(fd, &batch->before[i], batch->len_before) < 0)
			err(1, "sending to the %s device", role->name);
	mark(MARK_OFF);
	return now_ns() - start;
}

/* In order, and the bytes that have to come out */
static bool is_next(const struct role *role, struct batch *batch,
		    const union frame *frame, size_t len)
{
	unsigned int i = batch->next;

	if (i == batch->count)
		return false;
	batch->next++;
	return len == batch->len_after &&
	       frame_same(&batch->after[i], frame, len, role->after);
}

static unsigned int drain(const struct role *role, struct batch *batch,
			  struct result *result)
{
	unsigned int ours = 0;
	union frame frame;
	ssize_t len;

	while ((len = read(tap_out(role)->fd, &frame, sizeof(frame))) > 0) {
		if (!frame_is_ours(&frame, len, role->after))
			continue;
		ours++;
		if (is_next(role, batch, &frame, len))
			result->intact++;
		else
			result->damaged++;
	}
	if (len < 0 && errno != EAGAIN)
		err(1, "reading what %s let out", role->name);
	return ours;
}

/* What comes after the writes have returned was not paid for while timed. */
static void drain_late(const struct role *role, struct batch *batch,
		       struct result *result)
{
	struct pollfd pfd = { .fd = tap_out(role)->fd, .events = POLLIN };

	while (batch->next < batch->count && poll(&pfd, 1, PATIENCE_MS) > 0)
		result->late += drain(role, batch, result);
}

static struct result measure(const struct role *role, unsigned int packets)
{
	struct result result = { .packets = packets };
	static struct batch batch;
	unsigned int count;

	for (; packets; packets -= count) {
		count = packets < BATCH ? packets : BATCH;
		make_batch(role, &batch, count);
		result.ns += send_batch(role, &batch);
		drain(role, &batch, &result);
		drain_late(role, &batch, &result);
	}
	return result;
}

/* ---- how long things take that are not to take long */

static void at_most_ago(uint64_t then, uint64_t *worst)
{
	uint64_t ago = now_ns() - then;

	if (ago > *worst)
		*worst = ago;
}

static void sleep_until(uint64_t ns)
{
	struct timespec ts = {
		.tv_sec = ns / NS_PER_S,
		.tv_nsec = ns % NS_PER_S,
	};

	clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &ts, NULL);
}

/* What holds it up then: an interrupt, a softirq, a thread that does not let go of the CPU */
static void be_first(bool first)
{
	struct sched_param param = { .sched_priority = first ? 50 : 0 };

	if (sched_setscheduler(0, first ? SCHED_FIFO : SCHED_OTHER, &param))
		err(1, "sched_setscheduler");
}

/* Return: whether it came out whole */
static bool send_one(const struct role *role, uint32_t number, uint64_t *worst)
{
	const struct shape before = shape_before(role), after = shape_after(role);
	static struct batch batch;
	struct result result = {};
	uint64_t start;

	batch.len_before = frame_make(&batch.before[0], &before, &stream, number);
	batch.len_after = frame_make(&batch.after[0], &after, &stream, number);
	batch.count = 1;
	batch.next = 0;
	start = now_ns();
	if (write(tap_in(role)->fd, &batch.before[0], batch.len_before) < 0)
		err(1, "sending to the %s device", role->name);
	at_most_ago(start, worst);
	drain(role, &batch, &result);
	drain_late(role, &batch, &result);
	return result.intact == 1;
}

/*
 * All connections of the stream, so many a second: a packet out, one in, and again.
 * Says how long a packet took at worst, and how late a connection began. With real-time
 * priority: a softirq does not wait for threads, either.
 */
static void open_at_pace(const struct role *out, const struct role *in,
			 unsigned int per_second)
{
	uint64_t start = now_ns(), due = start, write_worst = 0, late_worst = 0;
	unsigned int i, intact = 0;

	be_first(true);
	for (i = 0; i < stream.flows; i++) {
		due = start + i * NS_PER_S / per_second;
		sleep_until(due);
		at_most_ago(due, &late_worst);
		intact += send_one(out, i, &write_worst);
		intact += send_one(in, i, &write_worst);
		intact += send_one(out, i, &write_worst);
		intact += send_one(in, i, &write_worst);
	}
	be_first(false);
	printf("{\"ns\":%" PRIu64 ",\"intact\":%u,\"write_worst_ns\":%" PRIu64
	       ",\"late_worst_ns\":%" PRIu64 "}\n", now_ns() - start, intact, write_worst,
	       late_worst);
}

/* A process with real-time priority wants to run every 100 us: how late is it at worst? */
static void watch_latency(unsigned int ms)
{
	uint64_t due = now_ns(), end = due + ms * (NS_PER_S / 1000), worst = 0;

	be_first(true);
	while (due < end) {
		due = now_ns() + NS_PER_S / 10000;
		sleep_until(due);
		at_most_ago(due, &worst);
	}
	be_first(false);
	printf("{\"worst_ns\":%" PRIu64 "}\n", worst);
}

/* ---- devices, arguments, the lines */

static void open_tap(struct tap *tap, const char *name)
{
	struct ifreq ifr = { .ifr_flags = IFF_TAP | IFF_NO_PI };

	snprintf(ifr.ifr_name, sizeof(ifr.ifr_name), "%s", name);
	tap->fd = open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);
	if (tap->fd < 0 || ioctl(tap->fd, TUNSETIFF, &ifr) ||
	    ioctl(tap->fd, SIOCGIFHWADDR, &ifr))
		err(1, "tap device %s", name);
	memcpy(tap->own, ifr.ifr_hwaddr.sa_data, ETH_ALEN);
}

static void parse_address(int family, const char *text, void *address)
{
	if (inet_pton(family, text, address) != 1)
		errx(2, "not an address: %s", text);
}

static const struct role *find_role(const char *name)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(roles); i++)
		if (!strcmp(roles[i].name, name))
			return &roles[i];
	errx(2, "no such role: %s", name);
}

static void answer(const struct role *role, unsigned int packets)
{
	struct result r = measure(role, packets);

	printf("{\"role\":\"%s\",\"packets\":%u,\"ns\":%" PRIu64
	       ",\"intact\":%u,\"damaged\":%u,\"late\":%u}\n", role->name,
	       r.packets, r.ns, r.intact, r.damaged, r.late);
}

static unsigned int within(unsigned int n, unsigned int min, unsigned int max)
{
	if (n < min || n > max)
		errx(2, "from %u to %u, not %u", min, max, n);
	return n;
}

static void obey(const char *name, unsigned int n)
{
	if (!strcmp(name, "size"))
		stream.size = within(n, PACKET_MIN, PACKET_MAX);
	else if (!strcmp(name, "flows"))
		stream.flows = within(n, 1, FLOWS_MAX);
	else if (!strcmp(name, "port"))
		stream.port = within(n, 1, 60000);
	else if (!strcmp(name, "next"))
		mark(MARK_NEXT);
	else if (!strcmp(name, "open"))
		open_at_pace(find_role("encap"), find_role("decap"), n);
	else if (!strcmp(name, "latency"))
		watch_latency(n);
	else
		answer(find_role(name), n);
}

int main(int argc, char **argv)
{
	unsigned int n;
	char line[64], name[16];

	if (argc != 8)
		errx(2, "usage: ppcost LAN WAN CLIENT6 HOST6 CLIENT4 NEAR4 FAR4");
	open_tap(&lan, argv[1]);
	open_tap(&wan, argv[2]);
	parse_address(AF_INET6, argv[3], &client6);
	parse_address(AF_INET6, argv[4], &host6);
	parse_address(AF_INET, argv[5], &client4);
	parse_address(AF_INET, argv[6], &near4);
	parse_address(AF_INET, argv[7], &far4);

	setvbuf(stdout, NULL, _IOLBF, 0);
	puts("{\"ready\":true}");
	while (fgets(line, sizeof(line), stdin)) {
		n = 0;
		if (sscanf(line, "%15s %u", name, &n) < 1)
			errx(2, "not a line: %s", line);
		obey(name, n);
	}
	return 0;
}
