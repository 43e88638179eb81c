// SPDX-License-Identifier: GPL-2.0
/*
 * Routes IPv6 multicast until it is stopped: what SOURCE sends to GROUP and comes in on
 * the first device leaves by all others.
 *
 *	usage: mroute SOURCE GROUP IN OUT...
 */
#include <arpa/inet.h>
#include <err.h>
#include <linux/mroute6.h>
#include <net/if.h>
#include <netinet/in.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

static int fd;

static void tell(int option, const void *value, socklen_t size)
{
	if (setsockopt(fd, IPPROTO_IPV6, option, value, size))
		err(1, "option %d of IPv6 multicast routing", option);
}

static void add_device(mifi_t number, const char *name)
{
	struct mif6ctl mif = {
		.mif6c_mifi = number,
		.vifc_threshold = 1,
		.mif6c_pifi = if_nametoindex(name),
	};

	if (!mif.mif6c_pifi)
		err(1, "%s", name);
	tell(MRT6_ADD_MIF, &mif, sizeof(mif));
}

int main(int argc, char **argv)
{
	struct mf6cctl route = {
		.mf6cc_origin.sin6_family = AF_INET6,
		.mf6cc_mcastgrp.sin6_family = AF_INET6,
	};
	int on = 1, i;

	if (argc < 5 ||
	    inet_pton(AF_INET6, argv[1], &route.mf6cc_origin.sin6_addr) != 1 ||
	    inet_pton(AF_INET6, argv[2], &route.mf6cc_mcastgrp.sin6_addr) != 1)
		errx(2, "usage: mroute SOURCE GROUP IN OUT...");
	fd = socket(AF_INET6, SOCK_RAW, IPPROTO_ICMPV6);
	if (fd < 0)
		err(1, "socket");
	tell(MRT6_INIT, &on, sizeof(on));
	for (i = 3; i < argc; i++) {
		add_device(i - 3, argv[i]);
		if (i > 3)
			IF_SET(i - 3, &route.mf6cc_ifset);
	}
	tell(MRT6_ADD_MFC, &route, sizeof(route));
	puts("ready");
	fflush(stdout);
	pause();
	return 0;
}
