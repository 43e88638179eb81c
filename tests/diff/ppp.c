// SPDX-License-Identifier: GPL-2.0
/* A PPPoE session that is simply there: no daemon, no negotiation. */
#include <arpa/inet.h>
#include <err.h>
#include <fcntl.h>
#include <net/if.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <linux/if_pppox.h>
#include <linux/ppp-ioctl.h>

#include "side.h"

#define SESSION	7

/**
 * ppp_open() - make ppp0, which lives as long as this process
 * @dev: the Ethernet device below it, up
 * @peer: the other end's address
 */
void ppp_open(const char *dev, const unsigned char *peer)
{
	struct sockaddr_pppox addr = { .sa_family = AF_PPPOX, .sa_protocol = PX_PROTO_OE };
	const void *where = &addr;
	struct npioctl npi = { .protocol = PPP_IP, .mode = NPMODE_PASS };
	int session = socket(AF_PPPOX, SOCK_STREAM, PX_PROTO_OE);
	int channel = open("/dev/ppp", O_RDWR), unit = open("/dev/ppp", O_RDWR);
	int number, ppp = 0;

	addr.sa_addr.pppoe.sid = htons(SESSION);
	memcpy(addr.sa_addr.pppoe.remote, peer, 6);
	strncpy(addr.sa_addr.pppoe.dev, dev, IFNAMSIZ - 1);
	if (session < 0 || connect(session, where, sizeof(addr)))
		err(1, "PPPoE on %s", dev);
	if (channel < 0 || ioctl(session, PPPIOCGCHAN, &number) ||
	    ioctl(channel, PPPIOCATTCHAN, &number))
		err(1, "PPP channel");
	if (unit < 0 || ioctl(unit, PPPIOCNEWUNIT, &ppp) ||
	    ioctl(channel, PPPIOCCONNECT, &ppp) || ioctl(unit, PPPIOCSNPMODE, &npi))
		err(1, "PPP unit");
}
