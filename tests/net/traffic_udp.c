// SPDX-License-Identifier: GPL-2.0
/*
 * UDP with sequence numbers: what got lost, what came late, what was changed.
 * The server looks at each sender on its own; it echoes what asks for it and
 * streams back when told to.
 */
#include <endian.h>
#include <err.h>
#include <errno.h>
#include <inttypes.h>
#include <netinet/udp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "traffic.h"

#ifndef IPV6_FLOWINFO		/* not in the C library's headers */
#define IPV6_FLOWINFO	11
#endif
#define MAGIC		0x66343175
#define DATAGRAM_MAX	65000
#define BUFFER		(64 << 20)	/* of a socket: all that a scenario sends */
#define WINDOW		32	/* echoes on their way at once */
#define SENDERS		64

enum what { DATA, DATA_TO_ECHO, ECHO, STREAM_PLEASE };

struct header {			/* big-endian */
	uint32_t magic, what, seq, len;
	uint32_t stream, size, pad[2];
};

/* What came from one sender */
struct tally {
	struct sockaddr_in6 from;
	uint32_t next;			/* sequence number */
	unsigned int received, lost, late, bad;
};

static struct tally tallies[SENDERS];
static unsigned int tally_count;
static uint8_t datagram[DATAGRAM_MAX + 1];

static void report(const char *who, unsigned int sent)
{
	struct tally sum = { 0 };
	unsigned int i;

	for (i = 0; i < tally_count; i++) {
		sum.received += tallies[i].received;
		sum.lost += tallies[i].lost;
		sum.late += tallies[i].late;
		sum.bad += tallies[i].bad;
	}
	printf("%s: senders %u sent %u received %u lost %u late %u bad %u\n",
	       who, tally_count, sent, sum.received, sum.lost, sum.late,
	       sum.bad);
	fflush(stdout);
}

static int open_socket(void)
{
	int fd = socket(AF_INET6, SOCK_DGRAM, 0);

	set_common_options(fd);
	set_option(fd, SOL_SOCKET, SO_RCVBUFFORCE, BUFFER);
	set_option(fd, SOL_SOCKET, SO_SNDBUFFORCE, BUFFER);
	/* As large as the device takes them; the path's MTU is tried anew. */
	set_option(fd, IPPROTO_IPV6, IPV6_MTU_DISCOVER, IPV6_PMTUDISC_PROBE);
	return fd;
}

/* ---- sending */

static void add_field(struct msghdr *msg, int type, int value)
{
	struct cmsghdr *cmsg;

	cmsg = (struct cmsghdr *)((char *)msg->msg_control +
				  msg->msg_controllen);
	cmsg->cmsg_level = IPPROTO_IPV6;
	cmsg->cmsg_type = type;
	cmsg->cmsg_len = CMSG_LEN(sizeof(value));
	memcpy(CMSG_DATA(cmsg), &value, sizeof(value));
	msg->msg_controllen += CMSG_SPACE(sizeof(value));
}

static void send_to(int fd, const struct sockaddr_in6 *to, void *buf,
		    size_t len, unsigned int turn)
{
	union {
		struct cmsghdr align;
		char space[3 * CMSG_SPACE(sizeof(int))];
	} control = { 0 };
	struct iovec iov = { .iov_base = buf, .iov_len = len };
	struct msghdr msg = {
		.msg_name = (void *)to,
		.msg_namelen = sizeof(*to),
		.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = &control,
	};

	if (opt.classes.n)
		add_field(&msg, IPV6_TCLASS, pick(&opt.classes, turn, 0));
	if (opt.hops.n)
		add_field(&msg, IPV6_HOPLIMIT, pick(&opt.hops, turn, 0));
	if (opt.labels.n)
		add_field(&msg, IPV6_FLOWINFO,
			  htonl(pick(&opt.labels, turn, 0) & 0xfffff));
	/* An ICMP error of an earlier datagram is not about this one. */
	while (sendmsg(fd, &msg, 0) < 0)
		if (errno != EHOSTUNREACH && errno != ECONNREFUSED &&
		    errno != ENETUNREACH)
			err(1, "sendmsg");
}

static unsigned int make(uint8_t *buf, enum what what, uint32_t seq,
			 unsigned int len)
{
	struct header header = {
		.magic = htonl(MAGIC),
		.what = htonl(what),
		.seq = htonl(seq),
		.len = htonl(len),
	};

	memcpy(buf, &header, sizeof(header));
	fill(buf + sizeof(header), seq, 0, len - sizeof(header));
	return len;
}

static unsigned int size_of(unsigned int seq)
{
	unsigned int size = pick(&opt.sizes, seq, 100);

	if (size < sizeof(struct header) || size > DATAGRAM_MAX)
		errx(2, "a datagram of %u bytes?", size);
	return size;
}

/* One call, opt.batch datagrams, which have to be of one size then */
static unsigned int send_data(int fd, const struct sockaddr_in6 *to,
			      enum what what, unsigned int seq,
			      unsigned int count)
{
	static uint8_t buf[DATAGRAM_MAX];
	unsigned int n = 0, len = 0, size = size_of(seq);

	do {
		len += make(buf + len, what, seq + n, size);
	} while (++n < opt.batch && n < count && len + size < DATAGRAM_MAX);
	if (opt.batch > 1)
		set_option(fd, SOL_UDP, UDP_SEGMENT, size);
	send_to(fd, to, buf, len, seq);
	if (opt.interval)
		usleep(opt.interval);
	return n;
}

/* ---- receiving */

static struct tally *tally_of(const struct sockaddr_in6 *from)
{
	unsigned int i;

	for (i = 0; i < tally_count; i++)
		if (tallies[i].from.sin6_port == from->sin6_port &&
		    !memcmp(&tallies[i].from.sin6_addr, &from->sin6_addr, 16))
			return &tallies[i];
	if (tally_count == SENDERS)
		errx(2, "too many senders");
	tallies[i].from = *from;
	tally_count++;
	return &tallies[i];
}

static void judge(struct tally *tally, const struct header *header, size_t n)
{
	uint32_t seq = ntohl(header->seq);

	tally->received++;
	if (n != ntohl(header->len) ||
	    !matches(datagram + sizeof(*header), seq, 0, n - sizeof(*header)))
		tally->bad++;
	if ((int32_t)(seq - tally->next) < 0) {
		tally->late++;
		tally->lost -= tally->lost > 0;
		return;
	}
	tally->lost += seq - tally->next;
	tally->next = seq + 1;
}

/* Return: its length, 0 if it is not of ours, or -1 if none came in time. */
static ssize_t receive(int fd, int timeout_ms, struct sockaddr_in6 *from,
		       struct header *header)
{
	struct pollfd pfd = { .fd = fd, .events = POLLIN };
	socklen_t len = sizeof(*from);
	ssize_t n;

	if (poll(&pfd, 1, timeout_ms) <= 0)
		return -1;
	n = recvfrom(fd, datagram, sizeof(datagram), 0, (void *)from, &len);
	if (n < (ssize_t)sizeof(*header))
		return 0;
	memcpy(header, datagram, sizeof(*header));
	return header->magic == htonl(MAGIC) ? n : 0;
}

/* ---- the server */

static void serve(int fd, const struct sockaddr_in6 *from,
		  struct header *header, size_t n)
{
	unsigned int seq, count = ntohl(header->stream);

	switch (ntohl(header->what)) {
	case DATA_TO_ECHO:
		header->what = htonl(ECHO);
		memcpy(datagram, header, sizeof(*header));
		send_to(fd, from, datagram, n, ntohl(header->seq));
		break;
	case STREAM_PLEASE:
		for (seq = 0; seq < count && !stopped();)
			seq += send_data(fd, from, DATA, seq, count - seq);
		break;
	}
}

int udp_serve(void)
{
	struct sockaddr_in6 from;
	struct header header;
	int fd = open_socket();
	unsigned int i, bad = 0;
	ssize_t n;

	if (bind(fd, (struct sockaddr *)&opt.addr, sizeof(opt.addr)))
		err(2, "bind");
	/* When stopped, first take what is still there. */
	do {
		n = receive(fd, stopped() ? 200 : 1000, &from, &header);
		if (n > 0 && ntohl(header.what) != STREAM_PLEASE)
			judge(tally_of(&from), &header, n);
		if (n > 0)
			serve(fd, &from, &header, n);
	} while (n >= 0 || !stopped());

	report("server", 0);
	for (i = 0; i < tally_count; i++)
		bad += tallies[i].bad + tallies[i].late;
	return bad ? 1 : 0;
}

/* ---- the client */

static void take_answers(int fd, int timeout_ms)
{
	struct sockaddr_in6 from;
	struct header header;
	ssize_t n = receive(fd, timeout_ms, &from, &header);

	if (n > 0)
		judge(tally_of(&from), &header, n);
}

static unsigned int unanswered(unsigned int sent)
{
	return sent - tally_of(&opt.addr)->next;
}

/* Send, and with -e wait for the echoes, so many of them at most on their way */
static unsigned int go_up(int fd)
{
	uint64_t quiet_at = now_ms() + opt.patience * 1000;
	unsigned int sent = 0, before = 0;

	while (sent < opt.up || may_go_on()) {
		sent += send_data(fd, &opt.addr, opt.echo ? DATA_TO_ECHO : DATA,
				  sent, opt.until ? opt.batch : opt.up - sent);
		while (opt.echo && unanswered(sent) >= WINDOW &&
		       now_ms() < quiet_at) {
			take_answers(fd, 100);
			if (tallies[0].received != before)
				quiet_at = now_ms() + opt.patience * 1000;
			before = tallies[0].received;
		}
	}
	quiet_at = now_ms() + opt.patience * 1000;
	while (opt.echo && unanswered(sent) && now_ms() < quiet_at)
		take_answers(fd, 100);
	if (opt.echo)
		tallies[0].lost += unanswered(sent);
	return sent;
}

/* The request may get lost as well, but then all is. */
static void go_down(int fd)
{
	uint64_t quiet_at = now_ms() + opt.patience * 1000;
	struct tally *tally = tally_of(&opt.addr);
	struct header *header = (void *)datagram;
	unsigned int before = 0;

	tally->next = 0;
	make(datagram, STREAM_PLEASE, 0, 100);
	header->stream = htonl(opt.down);
	send_to(fd, &opt.addr, datagram, 100, 0);
	while (tally->next < opt.down && now_ms() < quiet_at) {
		take_answers(fd, 100);
		if (tally->received != before)
			quiet_at = now_ms() + opt.patience * 1000;
		before = tally->received;
	}
	tally->lost += opt.down - tally->next;
}

int udp_client(void)
{
	int fd = open_socket();
	unsigned int sent;

	bind_port(fd);
	sent = go_up(fd);
	if (opt.down)
		go_down(fd);
	report("client", sent);
	if (!tally_count)
		return 0;
	return tallies[0].bad || tallies[0].late ||
		(tallies[0].lost && !opt.lossy);
}
