// SPDX-License-Identifier: GPL-2.0
/*
 * A conversation: one message, its answer, the next one, for ever.
 *
 *	talk serve ADDRESS PORT
 *	talk tcp|udp [-i MICROSECONDS] [-s BYTES] [-T CLASS] ADDRESS PORT FILE
 *
 * The server sends back what it gets, over TCP and UDP. The other side says
 * something that it never said before, and compares. FILE always holds two
 * numbers: messages sent, messages answered. Over UDP, a message that is not
 * answered in time is followed by the next one; over TCP, never.
 *
 *	-i	pause after an answer (20000)
 *	-s	length of a message (200)
 *	-T	traffic class
 */
#include <arpa/inet.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define MAX		8192
#define CLIENTS		64
#define UDP_PATIENCE	200	/* milliseconds */
#define TCP_PATIENCE	60000

static unsigned int pause_us = 20000, size = 200;
static int class = -1;
static uint64_t sent, answered;

static struct sockaddr_in6 address(const char *addr, const char *port)
{
	struct sockaddr_in6 sin6 = {
		.sin6_family = AF_INET6,
		.sin6_port = htons(atoi(port)),
	};

	if (inet_pton(AF_INET6, addr, &sin6.sin6_addr) != 1)
		errx(2, "not an IPv6 address: %s", addr);
	return sin6;
}

static void set(int fd, int level, int name, int value)
{
	if (setsockopt(fd, level, name, &value, sizeof(value)))
		err(2, "setsockopt %d %d", level, name);
}

/* ---- the server */

static int serving(int type, const struct sockaddr_in6 *at)
{
	int fd = socket(AF_INET6, type, 0);

	set(fd, SOL_SOCKET, SO_REUSEADDR, 1);
	if (bind(fd, (void *)at, sizeof(*at)) ||
	    (type == SOCK_STREAM && listen(fd, 8)))
		err(1, "cannot serve");
	return fd;
}

static void echo_datagram(int fd)
{
	struct sockaddr_in6 from;
	socklen_t len = sizeof(from);
	uint8_t buf[MAX];
	ssize_t n;

	n = recvfrom(fd, buf, sizeof(buf), 0, (void *)&from, &len);
	if (n >= 0)
		sendto(fd, buf, n, 0, (void *)&from, len);
}

/* Return: false at its end. */
static bool echo_bytes(int fd)
{
	uint8_t buf[MAX];
	ssize_t n = read(fd, buf, sizeof(buf));

	return n > 0 && write(fd, buf, n) == n;
}

static void serve(const struct sockaddr_in6 *at)
{
	struct pollfd pfd[2 + CLIENTS] = {
		{ .fd = serving(SOCK_DGRAM, at), .events = POLLIN },
		{ .fd = serving(SOCK_STREAM, at), .events = POLLIN },
	};
	unsigned int i, n = 2;

	while (poll(pfd, n, -1) >= 0) {
		if (pfd[0].revents)
			echo_datagram(pfd[0].fd);
		for (i = 2; i < n; i++) {
			if (!pfd[i].revents || echo_bytes(pfd[i].fd))
				continue;
			close(pfd[i].fd);
			pfd[i--] = pfd[--n];
		}
		if (pfd[1].revents && n < 2 + CLIENTS) {
			pfd[n].fd = accept(pfd[1].fd, NULL, NULL);
			set(pfd[n].fd, IPPROTO_TCP, TCP_NODELAY, 1);
			pfd[n].revents = 0;
			pfd[n++].events = POLLIN;
		}
	}
}

/* ---- the other side */

static void report(int file)
{
	char text[48];

	snprintf(text, sizeof(text), "%-19llu %-19llu\n",
		 (unsigned long long)sent, (unsigned long long)answered);
	if (pwrite(file, text, strlen(text), 0) < 0)
		err(2, "report");
}

static void make(uint8_t *message)
{
	uint64_t word = sent * 0x9e3779b97f4a7c15;
	unsigned int i;

	memcpy(message, &sent, sizeof(sent));
	for (i = sizeof(sent); i < size; i++) {
		word = word * 6364136223846793005 + 1442695040888963407;
		message[i] = word >> 56;
	}
}

/* Over TCP an answer may come in pieces. Return: bytes, 0 for none in time. */
static unsigned int get(int fd, bool tcp, uint8_t *buf)
{
	struct pollfd pfd = { .fd = fd, .events = POLLIN };
	unsigned int got = 0;
	ssize_t n;

	do {
		if (poll(&pfd, 1, tcp ? TCP_PATIENCE : UDP_PATIENCE) <= 0)
			return 0;
		n = recv(fd, buf + got, MAX - got, 0);
		if (n <= 0 && tcp)
			err(1, "the connection ended");
		if (n < 0)
			return 0;
		got += n;
	} while (tcp && got < size);
	return got;
}

/* Return: is the answer to the last message there? Older ones may come before. */
static bool answer(int fd, bool tcp, const uint8_t *message)
{
	uint8_t buf[MAX];
	uint64_t number;

	while (get(fd, tcp, buf) == size) {
		if (!memcmp(buf, message, size))
			return true;
		memcpy(&number, buf, sizeof(number));
		if (tcp || number >= sent)
			errx(1, "wrong answer to message %llu",
			     (unsigned long long)sent);
	}
	return false;
}

static void talk(bool tcp, const struct sockaddr_in6 *to, int file)
{
	int fd = socket(AF_INET6, tcp ? SOCK_STREAM : SOCK_DGRAM, 0);
	uint8_t message[MAX];

	if (class >= 0)
		set(fd, IPPROTO_IPV6, IPV6_TCLASS, class);
	if (connect(fd, (void *)to, sizeof(*to)))
		err(1, "connect");
	if (tcp)
		set(fd, IPPROTO_TCP, TCP_NODELAY, 1);
	for (;;) {
		sent++;
		report(file);
		make(message);
		if (send(fd, message, size, MSG_NOSIGNAL) < 0 && tcp)
			err(1, "send");
		if (answer(fd, tcp, message)) {
			answered++;
			report(file);
		} else if (tcp) {
			errx(1, "no answer");
		} else {
			usleep(20000);	/* what is refused fails at once */
		}
		usleep(pause_us);
	}
}

int main(int argc, char **argv)
{
	struct sockaddr_in6 at;
	bool tcp;
	int c;

	if (argc < 4)
		errx(2, "usage: talk serve|tcp|udp [options] ADDRESS PORT [FILE]");
	tcp = !strcmp(argv[1], "tcp");
	if (!strcmp(argv[1], "serve")) {
		at = address(argv[2], argv[3]);
		serve(&at);
		return 1;
	}
	argc--;
	argv++;
	while ((c = getopt(argc, argv, "i:s:T:")) != -1) {
		if (c == 'i')
			pause_us = atoi(optarg);
		else if (c == 's')
			size = atoi(optarg);
		else if (c == 'T')
			class = strtol(optarg, NULL, 0);
		else
			return 2;
	}
	if (argc - optind != 3 || size < sizeof(sent) || size > MAX)
		errx(2, "ADDRESS PORT FILE, please");
	at = address(argv[optind], argv[optind + 1]);
	talk(tcp, &at, open(argv[optind + 2], O_WRONLY | O_CREAT, 0644));
}
