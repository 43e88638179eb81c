// SPDX-License-Identifier: GPL-2.0
/*
 * Traffic that is the same every time and is checked byte for byte, both ways.
 *
 *	traffic tcp-serve ADDRESS PORT
 *	traffic tcp [options] ADDRESS PORT
 *	traffic udp-serve [options] ADDRESS PORT
 *	traffic udp [options] ADDRESS PORT
 *	traffic flood -u SYNS ADDRESS PORT
 *
 * The servers run until SIGTERM and then say what they saw. A client says what
 * it saw at its end; its exit status is 0 only if all of it was right.
 *
 * Lists are taken in turn, one value per datagram or, for TCP, per burst:
 * "64x9,1" is nine times 64, then 1.
 *
 *	-M MARK		skb mark of the socket
 *	-p PORT		the client's own port
 *	-T LIST		traffic class
 *	-H LIST		hop limit
 *	-L LIST		flow label (UDP)
 *	-C CPU		run there only: else packets that the process sends before
 *			and after it moves may overtake each other in the stack
 *	-w SECONDS	patience: how long nothing may happen (30; UDP: 2)
 *	-l FILE		go on with bursts or datagrams until the file exists
 *
 * tcp:
 *	-c N		connections at once (1)
 *	-n N		rounds of that, one after the other (1)
 *	-b N		bursts on each connection (1): so many bytes each way, at
 *			the same time, then the server's verdict
 *	-u BYTES	up, from client to server, in a burst (65536)
 *	-d BYTES	down (65536)
 *	-F BYTES	both up and down, in the first burst only
 *	-x HOW		fin, rst, server-fin or server-rst: who ends it, and how
 *	-g PATH		before burst I, and at last before the end, make PATH.at.I
 *			and wait for PATH.I; the first burst, 0, does not wait
 *
 * udp:
 *	-u N		datagrams up (100)
 *	-d N		after that, so many down, on request
 *	-e		the server echoes each datagram
 *	-s LIST		bytes in a datagram, at least 32 (100)
 *	-i MICROSECONDS	pause after each send (both ways)
 *	-G N		hand over N datagrams at once, for the stack to cut (GSO)
 *	-k		losses are as expected: not an error
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <endian.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "traffic.h"

struct options opt = {
	.conns = 1,
	.rounds = 1,
	.bursts = 1,
	.ending = END_FIN,
	.batch = 1,
	.cpu = -1,
};

static bool stop_asked;

bool stopped(void)
{
	return __atomic_load_n(&stop_asked, __ATOMIC_RELAXED);
}

int pick(const struct list *list, unsigned int i, int otherwise)
{
	return list->n ? list->value[i % list->n] : otherwise;
}

/* splitmix64: any word of the pattern, without those before it */
static uint64_t word(uint64_t seed, uint64_t index)
{
	uint64_t z = seed + (index + 1) * 0x9e3779b97f4a7c15;

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
	z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
	return htole64(z ^ (z >> 31));
}

void fill(void *buf, uint64_t seed, uint64_t off, size_t len)
{
	uint8_t *to = buf;

	while (len) {
		uint64_t w = word(seed, off / 8);
		size_t skip = off % 8;
		size_t n = len < 8 - skip ? len : 8 - skip;

		memcpy(to, (uint8_t *)&w + skip, n);
		to += n;
		off += n;
		len -= n;
	}
}

bool matches(const void *buf, uint64_t seed, uint64_t off, size_t len)
{
	static uint8_t wanted[65536];

	if (len > sizeof(wanted))
		errx(2, "asked to compare %zu bytes", len);
	fill(wanted, seed, off, len);
	return !memcmp(buf, wanted, len);
}

uint64_t now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

static bool exists(const char *path)
{
	return !access(path, F_OK);
}

void wait_at_gate(unsigned int number)
{
	char at[256], gate[256];
	int fd;

	if (!opt.gate || !number)
		return;
	snprintf(at, sizeof(at), "%s.at.%u", opt.gate, number);
	snprintf(gate, sizeof(gate), "%s.%u", opt.gate, number);
	fd = open(at, O_WRONLY | O_CREAT, 0644);
	if (fd < 0)
		err(2, "%s", at);
	close(fd);
	while (!exists(gate) && !stopped())
		usleep(10000);
}

/* With -l: another burst, another datagram? */
bool may_go_on(void)
{
	return opt.until && !stopped() && !exists(opt.until);
}

void set_option(int fd, int level, int name, int value)
{
	if (setsockopt(fd, level, name, &value, sizeof(value)))
		err(2, "setsockopt %d %d %d", level, name, value);
}

void set_common_options(int fd)
{
	set_option(fd, SOL_SOCKET, SO_REUSEADDR, 1);
	if (opt.mark)
		set_option(fd, SOL_SOCKET, SO_MARK, opt.mark);
}

void bind_port(int fd)
{
	struct sockaddr_in6 own = {
		.sin6_family = AF_INET6,
		.sin6_port = htons(opt.port),
	};

	if (opt.port && bind(fd, (struct sockaddr *)&own, sizeof(own)))
		err(2, "bind");
}

static void stay_on_cpu(void)
{
	cpu_set_t set;

	if (opt.cpu == -1U)
		return;
	CPU_ZERO(&set);
	CPU_SET(opt.cpu % sysconf(_SC_NPROCESSORS_ONLN), &set);
	if (sched_setaffinity(0, sizeof(set), &set))
		err(2, "CPU %u", opt.cpu);
}

static void stop(int sig)
{
	(void)sig;
	__atomic_store_n(&stop_asked, true, __ATOMIC_RELAXED);
}

static uint64_t read_number(const char *text, uint64_t max)
{
	char *end;
	uint64_t n = strtoull(text, &end, 0);

	if (end == text || *end || n > max)
		errx(2, "%s: not a number, or too large", text);
	return n;
}

static void read_list(struct list *list, const char *text)
{
	while (*text) {
		char *end;
		long value = strtol(text, &end, 0), times = 1;

		if (*end == 'x')
			times = strtol(end + 1, &end, 10);
		if (end == text || (*end && *end != ',') || times < 1 ||
		    list->n + times > LIST_MAX)
			errx(2, "%s: bad or too long", text);
		while (times--)
			list->value[list->n++] = value;
		text = *end ? end + 1 : end;
	}
}

static enum ending read_ending(const char *name)
{
	static const char * const names[] = {
		[END_FIN] = "fin", [END_RST] = "rst",
		[END_SERVER_FIN] = "server-fin", [END_SERVER_RST] = "server-rst",
	};
	unsigned int i;

	for (i = END_FIN; i <= END_SERVER_RST; i++)
		if (!strcmp(name, names[i]))
			return i;
	errx(2, "%s: no way to end a connection", name);
}

static const struct param {
	char letter;
	enum { NUMBER, BYTES, FLAG, TEXT, LIST, ENDING } kind;
	void *to;
	uint64_t max;
} params[] = {
	{ 'M', NUMBER, &opt.mark, UINT32_MAX },
	{ 'p', NUMBER, &opt.port, 65535 },
	{ 'C', NUMBER, &opt.cpu, 1023 },
	{ 'T', LIST, &opt.classes, 0 },
	{ 'H', LIST, &opt.hops, 0 },
	{ 'L', LIST, &opt.labels, 0 },
	{ 'w', NUMBER, &opt.patience, 3600 },
	{ 'l', TEXT, &opt.until, 0 },
	{ 'c', NUMBER, &opt.conns, 4000 },
	{ 'n', NUMBER, &opt.rounds, 1000000 },
	{ 'b', NUMBER, &opt.bursts, 1000000 },
	{ 'u', BYTES, &opt.up, UINT64_MAX },
	{ 'd', BYTES, &opt.down, UINT64_MAX },
	{ 'F', BYTES, &opt.first, UINT64_MAX },
	{ 'x', ENDING, &opt.ending, 0 },
	{ 'g', TEXT, &opt.gate, 0 },
	{ 'e', FLAG, &opt.echo, 0 },
	{ 's', LIST, &opt.sizes, 0 },
	{ 'i', NUMBER, &opt.interval, 10000000 },
	{ 'G', NUMBER, &opt.batch, 64 },
	{ 'k', FLAG, &opt.lossy, 0 },
};

static void set_param(const struct param *param, const char *arg)
{
	switch (param->kind) {
	case NUMBER:
		*(unsigned int *)param->to = read_number(arg, param->max);
		break;
	case BYTES:
		*(uint64_t *)param->to = read_number(arg, param->max);
		break;
	case FLAG:
		*(bool *)param->to = true;
		break;
	case TEXT:
		*(const char **)param->to = arg;
		break;
	case LIST:
		read_list(param->to, arg);
		break;
	case ENDING:
		*(unsigned int *)param->to = read_ending(arg);
		break;
	}
}

static void read_params(int argc, char **argv)
{
	unsigned int i;
	int c;

	while ((c = getopt(argc, argv, "M:p:C:T:H:L:w:l:c:n:b:u:d:F:x:g:es:i:G:k")) != -1) {
		if (c == '?')
			exit(2);
		for (i = 0; params[i].letter != c; i++)
			;
		set_param(&params[i], optarg);
	}
	if (argc - optind != 2)
		errx(2, "an address and a port, please");
}

static void read_address(const char *addr, const char *port)
{
	opt.addr.sin6_family = AF_INET6;
	opt.addr.sin6_port = htons(read_number(port, 65535));
	if (inet_pton(AF_INET6, addr, &opt.addr.sin6_addr) != 1)
		errx(2, "%s: not an IPv6 address", addr);
}

int main(int argc, char **argv)
{
	static const struct {
		const char *name;
		int (*run)(void);
		unsigned int amount, patience;
	} modes[] = {
		{ "tcp-serve", tcp_serve, 0, 0 },
		{ "tcp", tcp_client, 65536, 30 },
		{ "udp-serve", udp_serve, 0, 0 },
		{ "udp", udp_client, 100, 2 },
		{ "flood", flood, 1000, 0 },
	};
	struct sigaction action = { .sa_handler = stop };
	unsigned int i;

	for (i = 0; i < 5 && argc > 1 && strcmp(argv[1], modes[i].name); i++)
		;
	if (i == 5 || argc < 2)
		errx(2, "usage: traffic tcp-serve|tcp|udp-serve|udp|flood [options] ADDRESS PORT");
	opt.up = modes[i].amount;
	opt.down = modes[i].run == tcp_client ? modes[i].amount : 0;
	opt.patience = modes[i].patience;

	argc--;
	argv++;
	read_params(argc, argv);
	read_address(argv[optind], argv[optind + 1]);

	stay_on_cpu();
	signal(SIGPIPE, SIG_IGN);
	sigaction(SIGTERM, &action, NULL);
	sigaction(SIGINT, &action, NULL);
	return modes[i].run();
}
