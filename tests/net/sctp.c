// SPDX-License-Identifier: GPL-2.0
/*
 * A file over SCTP, in messages that are longer than a packet.
 *
 *	usage: sctp send|take ADDRESS PORT <FILE >FILE
 *	       sctp serve send|take ADDRESS PORT <FILE >FILE
 *
 * The server serves one client.
 */
#include <arpa/inet.h>
#include <err.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static char message[20000];

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

static int serve(int fd, const struct sockaddr_in6 *at)
{
	int client;

	if (bind(fd, (const struct sockaddr *)at, sizeof(*at)) || listen(fd, 1))
		err(1, "listen");
	client = accept(fd, NULL, NULL);
	if (client < 0)
		err(1, "accept");
	return client;
}

static void copy(int from, int to)
{
	ssize_t length;

	while ((length = read(from, message, sizeof(message))) > 0)
		if (write(to, message, length) != length)
			err(1, "write");
	if (length < 0)
		err(1, "read");
}

int main(int argc, char **argv)
{
	int server = argc > 1 && !strcmp(argv[1], "serve");
	struct sockaddr_in6 at;
	int fd;

	argv += server;
	if (argc - server != 4)
		errx(2, "usage: sctp [serve] send|take ADDRESS PORT");
	at = address(argv[2], argv[3]);
	fd = socket(AF_INET6, SOCK_STREAM, IPPROTO_SCTP);
	if (fd < 0)
		err(1, "socket");
	if (server)
		fd = serve(fd, &at);
	else if (connect(fd, (const struct sockaddr *)&at, sizeof(at)))
		err(1, "connect");
	if (strcmp(argv[1], "send"))
		copy(fd, STDOUT_FILENO);
	else
		copy(STDIN_FILENO, fd);
	return 0;
}
