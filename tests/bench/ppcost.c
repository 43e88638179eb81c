// SPDX-License-Identifier: GPL-2.0
/*
 * What a packet costs on its way through a router with a 6in4 tunnel.
 *
 *	usage: ppcost LAN WAN CLIENT6 HOST6 NEAR4 FAR4
 *
 * LAN and WAN are tap devices, made here and held until the end: what is written
 * to one is a packet that comes in there, what is read from it one that leaves.
 * The router knows CLIENT6 behind LAN by the address 02:00:00:00:00:11, and the
 * next hop to FAR4 behind WAN by 02:00:00:00:00:22; its tunnel runs from NEAR4 to
 * FAR4; HOST6 is reached through it.
 *
 * Each line of the standard input, "ROLE PACKETS", has that many packets of one
 * UDP flow sent in batches and is answered with a line of JSON. Only the writes
 * are timed. Everything that comes out is compared with what has to come out.
 */
#include <arpa/inet.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <linux/if_tun.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <netinet/ip.h>
#include <netinet/ip6.h>
#include <netinet/udp.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#define ARRAY_SIZE(array)	(sizeof(array) / sizeof((array)[0]))

#define BATCH		200
#define INNER_LEN	100
#define HOPS		64
#define PATIENCE_MS	20	/* until what has not come out never will */

struct inner {
	struct ip6_hdr ip6;
	struct udphdr udp;
	uint8_t data[INNER_LEN - sizeof(struct ip6_hdr) - sizeof(struct udphdr)];
} __attribute__((packed));

struct ipv6_frame {
	struct ether_header eth;
	struct inner inner;
} __attribute__((packed));

struct tunnel_frame {
	struct ether_header eth;
	struct iphdr outer;
	struct inner inner;
} __attribute__((packed));

union frame {
	struct ether_header eth;
	struct ipv6_frame ipv6;
	struct tunnel_frame tunnel;
	uint8_t bytes[2048];
};

struct tap {
	int fd;
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
static in_addr_t near4, far4;

/* ---- the packets */

static uint32_t sum_words(const void *data, size_t len, uint32_t sum)
{
	const uint8_t *p = data;
	size_t i;

	for (i = 0; i + 1 < len; i += 2)
		sum += p[i] << 8 | p[i + 1];
	return sum;
}

static uint16_t fold(uint32_t sum)
{
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return htons(~sum);
}

static uint16_t udp_checksum(const struct inner *inner)
{
	uint32_t sum = IPPROTO_UDP + INNER_LEN - sizeof(inner->ip6);

	sum = sum_words(&inner->ip6.ip6_src, 2 * sizeof(struct in6_addr), sum);
	sum = sum_words(&inner->udp, INNER_LEN - sizeof(inner->ip6), sum);
	return fold(sum) ?: 0xffff;
}

/* The bytes of a packet follow from its number: no two are alike. */
static void fill_data(struct inner *inner, uint32_t number)
{
	uint32_t x = number * 2654435761u + 1;
	size_t i;

	for (i = 0; i < sizeof(inner->data); i++) {
		x ^= x << 13;
		x ^= x >> 17;
		x ^= x << 5;
		inner->data[i] = x;
	}
	number = htonl(number);
	memcpy(inner->data, &number, sizeof(number));
}

static void fill_inner(struct inner *inner, bool from_client, uint32_t number)
{
	uint16_t port = htons(5000);

	*inner = (struct inner) {
		.ip6.ip6_flow = htonl(6 << 28),
		.ip6.ip6_plen = htons(INNER_LEN - sizeof(inner->ip6)),
		.ip6.ip6_nxt = IPPROTO_UDP,
		.ip6.ip6_hlim = HOPS,
		.ip6.ip6_src = from_client ? client6 : host6,
		.ip6.ip6_dst = from_client ? host6 : client6,
		.udp.source = port,
		.udp.dest = port,
		.udp.len = htons(INNER_LEN - sizeof(inner->ip6)),
	};
	fill_data(inner, number);
	inner->udp.check = udp_checksum(inner);
}

static void fill_eth(struct ether_header *eth, const struct tap *from,
		     uint16_t type)
{
	struct ifreq ifr = {};

	if (ioctl(from->fd, SIOCGIFHWADDR, &ifr))
		err(1, "SIOCGIFHWADDR");
	memcpy(eth->ether_dhost, ifr.ifr_hwaddr.sa_data, ETH_ALEN);
	memcpy(eth->ether_shost, from->peer, ETH_ALEN);
	eth->ether_type = htons(type);
}

static size_t make_ipv6(union frame *frame, uint32_t number)
{
	fill_eth(&frame->eth, &lan, ETHERTYPE_IPV6);
	fill_inner(&frame->ipv6.inner, true, number);
	return sizeof(frame->ipv6);
}

static size_t make_tunnel(union frame *frame, uint32_t number)
{
	struct iphdr outer = {
		.version = 4,
		.ihl = 5,
		.tot_len = htons(sizeof(outer) + INNER_LEN),
		.id = htons(number),
		.frag_off = htons(IP_DF),
		.ttl = HOPS,
		.protocol = IPPROTO_IPV6,
		.saddr = far4,
		.daddr = near4,
	};

	fill_eth(&frame->eth, &wan, ETHERTYPE_IP);
	outer.check = fold(sum_words(&outer, sizeof(outer), 0));
	frame->tunnel.outer = outer;
	fill_inner(&frame->tunnel.inner, false, number);
	return sizeof(frame->tunnel);
}

static bool to_peer(const union frame *frame, const struct tap *tap)
{
	return !memcmp(frame->eth.ether_dhost, tap->peer, ETH_ALEN);
}

/* The router's own packets, neighbour discovery and the like, are not ours. */
static const struct inner *find_ipv6(const union frame *frame, size_t len)
{
	const struct inner *inner = &frame->ipv6.inner;

	if (len < sizeof(frame->ipv6) ||
	    frame->eth.ether_type != htons(ETHERTYPE_IPV6) ||
	    inner->ip6.ip6_nxt != IPPROTO_UDP)
		return NULL;
	return inner;
}

static const struct inner *find_tunnel(const union frame *frame, size_t len)
{
	const struct inner *inner = &frame->tunnel.inner;

	if (len < sizeof(frame->tunnel) ||
	    frame->eth.ether_type != htons(ETHERTYPE_IP) ||
	    frame->tunnel.outer.protocol != IPPROTO_IPV6 ||
	    inner->ip6.ip6_nxt != IPPROTO_UDP)
		return NULL;
	return inner;
}

static bool good_ipv6(const union frame *frame, size_t len)
{
	return len == sizeof(frame->ipv6) && to_peer(frame, &lan);
}

static bool good_tunnel(const union frame *frame, size_t len)
{
	const struct iphdr outer = frame->tunnel.outer;

	return len == sizeof(frame->tunnel) && to_peer(frame, &wan) &&
	       outer.version == 4 && outer.ihl == 5 &&
	       outer.tot_len == htons(sizeof(outer) + INNER_LEN) &&
	       outer.saddr == near4 && outer.daddr == far4 &&
	       !fold(sum_words(&outer, sizeof(outer), 0));
}

/* ---- the ways through the router */

struct role {
	const char *name;
	const struct tap *in;
	const struct tap *out;
	size_t (*make)(union frame *frame, uint32_t number);
	const struct inner *(*made)(const union frame *frame, size_t len);
	const struct inner *(*find)(const union frame *frame, size_t len);
	bool (*good)(const union frame *frame, size_t len);
};

static const struct role roles[] = {
	{ "encap", &lan, &wan, make_ipv6, find_ipv6, find_tunnel, good_tunnel },
	{ "decap", &wan, &lan, make_tunnel, find_tunnel, find_ipv6, good_ipv6 },
};

struct batch {
	union frame frame[BATCH];
	size_t len[BATCH];
	unsigned int count;
	unsigned int next;	/* the one that has to come out next */
};

static void make_batch(const struct role *role, struct batch *batch,
		       unsigned int count)
{
	static uint32_t number;
	unsigned int i;

	for (i = 0; i < count; i++)
		batch->len[i] = role->make(&batch->frame[i], number++);
	batch->count = count;
	batch->next = 0;
}

static uint64_t now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * UINT64_C(1000000000) + ts.tv_nsec;
}

/* The only part that is timed */
static uint64_t send_batch(const struct role *role, const struct batch *batch)
{
	uint64_t start = now_ns();
	unsigned int i;

	for (i = 0; i < batch->count; i++)
		if (write(role->in->fd, &batch->frame[i], batch->len[i]) < 0)
			err(1, "sending to the %s device", role->name);
	return now_ns() - start;
}

/* In order, and the same bytes but for the hop the router took off */
static bool is_next(const struct role *role, struct batch *batch,
		    const struct inner *inner)
{
	struct inner want;
	unsigned int i = batch->next;

	if (i == batch->count)
		return false;
	batch->next++;
	want = *role->made(&batch->frame[i], batch->len[i]);
	want.ip6.ip6_hlim--;
	return !memcmp(&want, inner, sizeof(want));
}

static unsigned int drain(const struct role *role, struct batch *batch,
			  struct result *result)
{
	unsigned int ours = 0;
	const struct inner *inner;
	union frame frame;
	ssize_t len;

	while ((len = read(role->out->fd, &frame, sizeof(frame))) > 0) {
		inner = role->find(&frame, len);
		if (!inner)
			continue;
		ours++;
		if (is_next(role, batch, inner) && role->good(&frame, len))
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
	struct pollfd pfd = { .fd = role->out->fd, .events = POLLIN };

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

/* ---- devices, arguments, the lines */

static void open_tap(struct tap *tap, const char *name)
{
	struct ifreq ifr = { .ifr_flags = IFF_TAP | IFF_NO_PI };

	snprintf(ifr.ifr_name, sizeof(ifr.ifr_name), "%s", name);
	tap->fd = open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);
	if (tap->fd < 0 || ioctl(tap->fd, TUNSETIFF, &ifr))
		err(1, "tap device %s", name);
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

int main(int argc, char **argv)
{
	unsigned int packets;
	char line[64], name[16];

	if (argc != 7)
		errx(2, "usage: ppcost LAN WAN CLIENT6 HOST6 NEAR4 FAR4");
	open_tap(&lan, argv[1]);
	open_tap(&wan, argv[2]);
	parse_address(AF_INET6, argv[3], &client6);
	parse_address(AF_INET6, argv[4], &host6);
	parse_address(AF_INET, argv[5], &near4);
	parse_address(AF_INET, argv[6], &far4);

	setvbuf(stdout, NULL, _IOLBF, 0);
	puts("{\"ready\":true}");
	while (fgets(line, sizeof(line), stdin)) {
		if (sscanf(line, "%15s %u", name, &packets) != 2)
			errx(2, "ROLE PACKETS, not: %s", line);
		answer(find_role(name), packets);
	}
	return 0;
}
