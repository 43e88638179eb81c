// SPDX-License-Identifier: GPL-2.0
/*
 * TCP. A client sends a request and "up" bytes, the server sends "down" bytes
 * and, once it has all of "up", a verdict of one byte: a burst. Then the next
 * one, or a request that only says who ends the connection.
 */
#define _GNU_SOURCE
#include <endian.h>
#include <err.h>
#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "traffic.h"

#define CHUNK		65536
#define CONNS_MAX	4096
#define MAGIC		0x666c6f7734310000
#define GOOD		'+'
#define BAD		'-'
#define DOWN_SEED(seed)	(~(seed))

struct request {
	uint64_t magic;		/* all big-endian; the ending in its low byte */
	uint64_t up, down, seed;
};

/* What goes out, or is to come in: a head, the pattern, a tail */
struct half {
	uint64_t head, body, tail;	/* bytes left of each */
	uint64_t off;			/* into the pattern */
};

struct conn {
	int fd;
	bool server;
	bool bad, fin, reset;		/* what went wrong; how the peer ended it */
	unsigned int burst;
	struct request req;
	struct half out, in;
	uint64_t seed;
	char verdict;
};

static struct conn *conns[CONNS_MAX];
static unsigned int conn_count;
static struct {
	unsigned int connections, bursts, bad, fin, reset, failed;
	uint64_t sent, received;
} sum;

static void report(const char *who)
{
	printf("%s: connections %u bursts %u bad %u fin %u rst %u failed %u",
	       who, sum.connections, sum.bursts, sum.bad, sum.fin, sum.reset,
	       sum.failed);
	printf(" sent %" PRIu64 " received %" PRIu64 "\n", sum.sent,
	       sum.received);
	fflush(stdout);
}

static struct conn *conn_add(int fd, bool server)
{
	struct conn *conn = calloc(1, sizeof(*conn));

	if (!conn || conn_count == CONNS_MAX)
		errx(2, "too many connections");
	conn->fd = fd;
	conn->server = server;
	if (server)
		conn->in.head = sizeof(conn->req);
	conns[conn_count++] = conn;
	return conn;
}

static void conn_end(struct conn *conn, bool rst)
{
	struct linger linger = { .l_onoff = 1 };
	unsigned int i;

	if (rst)
		setsockopt(conn->fd, SOL_SOCKET, SO_LINGER, &linger,
			   sizeof(linger));
	close(conn->fd);
	sum.bad += conn->bad;
	sum.fin += conn->fin;
	sum.reset += conn->reset;
	for (i = 0; conns[i] != conn; i++)
		;
	conns[i] = conns[--conn_count];
	free(conn);
}

static bool half_done(const struct half *half)
{
	return !half->head && !half->body && !half->tail;
}

/* ---- sending */

static ssize_t next_bytes(struct conn *conn, uint8_t *buf)
{
	struct half *out = &conn->out;
	size_t n = out->body < CHUNK ? out->body : CHUNK;

	if (out->head) {
		memcpy(buf, (uint8_t *)(&conn->req + 1) - out->head, out->head);
		return out->head;
	}
	if (out->body) {
		fill(buf, conn->server ? DOWN_SEED(conn->seed) : conn->seed,
		     out->off, n);
		return n;
	}
	*buf = conn->verdict;
	return 1;
}

static void advance(struct half *half, size_t n)
{
	if (half->head) {
		half->head -= n;
	} else if (half->body) {
		half->body -= n;
		half->off += n;
	} else {
		half->tail -= n;
	}
}

static bool wants_to_send(const struct conn *conn)
{
	if (conn->out.head || conn->out.body)
		return true;
	/* The verdict waits for all that it judges. */
	return conn->out.tail && half_done(&conn->in);
}

static void conn_send(struct conn *conn)
{
	uint8_t buf[CHUNK];

	while (wants_to_send(conn)) {
		ssize_t n = send(conn->fd, buf, next_bytes(conn, buf), 0);

		if (n < 0) {
			conn->reset |= errno != EAGAIN;
			return;
		}
		sum.sent += n;
		advance(&conn->out, n);
	}
	if (conn->server && half_done(&conn->out) && half_done(&conn->in)) {
		sum.bursts++;
		conn->in.head = sizeof(conn->req);
	}
}

/* ---- receiving */

static void server_burst(struct conn *conn)
{
	struct request *req = &conn->req;
	uint64_t magic = be64toh(req->magic);

	if ((magic & ~0xffULL) != MAGIC) {
		conn->bad = true;
		return;
	}
	if (magic & 0xff) {
		conn_end(conn, (magic & 0xff) == END_SERVER_RST);
		return;
	}
	conn->seed = be64toh(req->seed);
	conn->verdict = GOOD;
	conn->in = (struct half){ .body = be64toh(req->up) };
	conn->out = (struct half){ .body = be64toh(req->down), .tail = 1 };
}

static void take_body(struct conn *conn, const uint8_t *buf, size_t n)
{
	uint64_t seed = conn->server ? conn->seed : DOWN_SEED(conn->seed);

	if (matches(buf, seed, conn->in.off, n))
		return;
	conn->bad = true;
	conn->verdict = BAD;
}

static void take(struct conn *conn, const uint8_t *buf, size_t n)
{
	struct half *in = &conn->in;

	if (in->head) {
		memcpy((uint8_t *)(&conn->req + 1) - in->head, buf, n);
		in->head -= n;
		if (!in->head)
			server_burst(conn);
		return;
	}
	if (in->body)
		take_body(conn, buf, n);
	else
		conn->bad |= *buf != GOOD;
	advance(in, n);
}

static void conn_receive(struct conn *conn)
{
	uint8_t buf[CHUNK];
	struct half *in = &conn->in;
	size_t want = in->head ?: in->body ?: in->tail ?: 1;
	ssize_t n;

	n = recv(conn->fd, buf, want < CHUNK ? want : CHUNK, 0);
	if (n < 0) {
		conn->reset |= errno != EAGAIN;
	} else if (!n) {
		conn->fin = true;
	} else {
		sum.received += n;
		if (half_done(in))
			conn->bad = true;
		else
			take(conn, buf, n);
	}
}

/* ---- both */

static void set_fields(int fd, unsigned int burst)
{
	if (opt.classes.n)
		set_option(fd, IPPROTO_IPV6, IPV6_TCLASS,
			   pick(&opt.classes, burst, 0));
	if (opt.hops.n)
		set_option(fd, IPPROTO_IPV6, IPV6_UNICAST_HOPS,
			   pick(&opt.hops, burst, 64));
}

/* Let every connection do what it can. Return: false if nothing could be done. */
static bool turn(int listener, int timeout, void (*serve)(struct conn *conn))
{
	struct pollfd pfd[CONNS_MAX + 1];
	struct conn *now[CONNS_MAX];
	unsigned int i, n = conn_count;

	memcpy(now, conns, n * sizeof(*now));
	for (i = 0; i < n; i++) {
		pfd[i].fd = now[i]->fd;
		pfd[i].events = POLLIN | (wants_to_send(now[i]) ? POLLOUT : 0);
	}
	pfd[n].fd = listener;
	pfd[n].events = POLLIN;
	if (poll(pfd, n + 1, timeout) <= 0)
		return false;

	if (pfd[n].revents & POLLIN) {
		int fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK);

		if (fd >= 0) {
			conn_add(fd, true);
			sum.connections++;
		}
	}
	for (i = 0; i < n; i++) {
		if (pfd[i].revents & POLLOUT)
			conn_send(now[i]);
		if (pfd[i].revents & (POLLIN | POLLERR | POLLHUP))
			serve(now[i]);
	}
	return true;
}

static void serve_server(struct conn *conn)
{
	unsigned int before = conn_count;

	conn_receive(conn);
	if (conn_count == before && (conn->fin || conn->reset))
		conn_end(conn, false);
}

int tcp_serve(void)
{
	int fd = socket(AF_INET6, SOCK_STREAM | SOCK_NONBLOCK, 0);

	set_common_options(fd);
	set_fields(fd, 0);
	if (bind(fd, (struct sockaddr *)&opt.addr, sizeof(opt.addr)) ||
	    listen(fd, 4096))
		err(2, "listen");
	while (!stopped())
		turn(fd, 1000, serve_server);
	report("server");
	return sum.bad ? 1 : 0;
}

/* ---- the client */

static void client_burst(struct conn *conn)
{
	uint64_t up = conn->burst || !opt.first ? opt.up : opt.first;
	uint64_t down = conn->burst || !opt.first ? opt.down : opt.first;
	static uint64_t seed = 41;

	conn->seed = seed++;
	conn->req = (struct request){
		.magic = htobe64(MAGIC),
		.up = htobe64(up),
		.down = htobe64(down),
		.seed = htobe64(conn->seed),
	};
	conn->out = (struct half){ .head = sizeof(conn->req), .body = up };
	conn->in = (struct half){ .body = down, .tail = 1 };
	set_fields(conn->fd, conn->burst++);
}

static void client_connect(void)
{
	int fd = socket(AF_INET6, SOCK_STREAM | SOCK_NONBLOCK, 0);
	struct conn *conn = conn_add(fd, false);

	set_common_options(fd);
	bind_port(fd);
	if (connect(fd, (struct sockaddr *)&opt.addr, sizeof(opt.addr)) &&
	    errno != EINPROGRESS)
		err(1, "connect");
	sum.connections++;
	client_burst(conn);
}

static void serve_client(struct conn *conn)
{
	conn_receive(conn);
}

/* Until each connection has had its burst, or nothing moves any more */
static void finish_burst(void)
{
	unsigned int i, busy;

	do {
		for (i = busy = 0; i < conn_count; i++)
			busy += !(half_done(&conns[i]->in) &&
				  half_done(&conns[i]->out)) &&
				!conns[i]->fin && !conns[i]->reset;
	} while (busy && turn(-1, opt.patience * 1000, serve_client));

	for (i = 0; i < conn_count; i++) {
		if (half_done(&conns[i]->in) && half_done(&conns[i]->out)) {
			sum.bursts++;
			continue;
		}
		conns[i]->bad = true;
		sum.failed++;
	}
}

/* Say goodbye; true if the server has the last word. */
static bool say_goodbye(struct conn *conn)
{
	if (opt.ending == END_FIN) {
		shutdown(conn->fd, SHUT_WR);
		return true;
	}
	if (opt.ending == END_RST)
		return false;
	conn->req = (struct request){ .magic = htobe64(MAGIC | opt.ending) };
	conn->out.head = sizeof(conn->req);
	conn_send(conn);
	return true;
}

static void end_all(void)
{
	uint64_t deadline = now_ms() + opt.patience * 1000;
	unsigned int i, open;

	for (i = open = 0; i < conn_count; i++)
		open += say_goodbye(conns[i]);
	while (open && now_ms() < deadline) {
		struct conn *conn = NULL;

		for (i = open = 0; i < conn_count; i++) {
			open += !conns[i]->fin && !conns[i]->reset;
			conn = conns[i]->fin || conns[i]->reset ? conns[i] : conn;
		}
		if (conn)
			conn_end(conn, false);
		else
			turn(-1, 100, serve_client);
	}
	while (conn_count)
		conn_end(conns[0], opt.ending == END_RST);
}

static void one_round(void)
{
	unsigned int i, burst = 0;

	for (i = 0; i < opt.conns; i++)
		client_connect();
	finish_burst();
	while (!sum.failed && (++burst < opt.bursts || may_go_on())) {
		wait_at_gate(burst);
		for (i = 0; i < conn_count; i++)
			client_burst(conns[i]);
		finish_burst();
	}
	wait_at_gate(burst);
	end_all();
}

int tcp_client(void)
{
	unsigned int wanted = opt.conns * opt.rounds;
	unsigned int i;

	for (i = 0; i < opt.rounds && !sum.failed; i++)
		one_round();
	report("client");
	if (opt.ending != END_RST && sum.fin + sum.reset != wanted)
		return 1;
	return sum.bad || sum.failed || sum.connections != wanted;
}
