// SPDX-License-Identifier: GPL-2.0
/*
 * One end of a PPPoE session that is simply there: ppp0, until this process ends.
 *
 *	usage: pppoe DEV PEER
 *
 * DEV is the Ethernet device below it, up; PEER the other end's MAC address.
 */
#include <err.h>
#include <net/ethernet.h>
#include <netinet/ether.h>
#include <unistd.h>

#include "../diff/side.h"

int main(int argc, char **argv)
{
	struct ether_addr *peer;

	if (argc != 3)
		errx(2, "usage: pppoe DEV PEER");
	peer = ether_aton(argv[2]);
	if (!peer)
		errx(2, "%s?", argv[2]);
	ppp_open(argv[1], peer->ether_addr_octet);
	for (;;)
		pause();
}
