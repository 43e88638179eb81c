// SPDX-License-Identifier: GPL-2.0
/*
 * One 6in4 packet: a TCP SYN from 2001:db8::1 to 2001:db8::2.
 *
 *	usage: syn41 IPV4-ADDRESS
 */
#include <arpa/inet.h>
#include <err.h>
#include <netinet/in.h>
#include <netinet/ip6.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

static struct {
	struct ip6_hdr ip6;
	struct tcphdr tcp;
} packet;

int main(int argc, char **argv)
{
	struct sockaddr_in to = { .sin_family = AF_INET };
	int fd;

	if (argc != 2 || inet_pton(AF_INET, argv[1], &to.sin_addr) != 1)
		errx(2, "usage: syn41 IPV4-ADDRESS");
	packet.ip6.ip6_vfc = 6 << 4;
	packet.ip6.ip6_plen = htons(sizeof(packet.tcp));
	packet.ip6.ip6_nxt = IPPROTO_TCP;
	packet.ip6.ip6_hlim = 64;
	inet_pton(AF_INET6, "2001:db8::1", &packet.ip6.ip6_src);
	inet_pton(AF_INET6, "2001:db8::2", &packet.ip6.ip6_dst);
	packet.tcp.th_sport = htons(1024);
	packet.tcp.th_dport = htons(80);
	packet.tcp.th_off = sizeof(packet.tcp) / 4;
	packet.tcp.th_flags = TH_SYN;
	fd = socket(AF_INET, SOCK_RAW, IPPROTO_IPV6);
	if (fd < 0)
		err(1, "socket");
	if (sendto(fd, &packet, sizeof(packet), 0, (struct sockaddr *)&to, sizeof(to)) < 0)
		err(1, "sendto");
	return 0;
}
