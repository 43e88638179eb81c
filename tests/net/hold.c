// SPDX-License-Identifier: GPL-2.0
/*
 * Keeps the packets that a rule queues (nft's queue, number 0) for a while, then lets
 * them go on, in the order they came; says how many when it is stopped.
 *
 *	usage: hold MILLISECONDS
 */
#include <arpa/inet.h>
#include <err.h>
#include <errno.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_queue.h>
#include <linux/netlink.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define ROOM	1024	/* packets kept at once; the kernel queues no more, either */

static struct {
	uint64_t due;	/* milliseconds */
	uint32_t id;	/* big-endian */
} kept[ROOM];
static unsigned int first, last;	/* in kept[], modulo ROOM */
static int stopped;

static void stop(int sig)
{
	(void)sig;
	__atomic_store_n(&stopped, 1, __ATOMIC_RELAXED);
}

static uint64_t now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000ULL + ts.tv_nsec / 1000000;
}

/* One message of one attribute to queue 0 */
static void tell(int fd, int type, int attr, const void *data, size_t len)
{
	struct {
		struct nlmsghdr nlh;
		struct nfgenmsg nfg;
		struct nlattr nla;
		uint8_t data[16];
	} msg = {
		.nlh.nlmsg_type = NFNL_SUBSYS_QUEUE << 8 | type,
		.nlh.nlmsg_flags = NLM_F_REQUEST,
		.nla.nla_type = attr,
		.nla.nla_len = NLA_HDRLEN + len,
	};

	memcpy(msg.data, data, len);
	msg.nlh.nlmsg_len = NLMSG_LENGTH(sizeof(msg.nfg)) + NLA_ALIGN(msg.nla.nla_len);
	if (send(fd, &msg, msg.nlh.nlmsg_len, 0) < 0)
		err(1, "netlink");
}

static int open_queue(void)
{
	struct nfqnl_msg_config_cmd bind = { .command = NFQNL_CFG_CMD_BIND };
	struct nfqnl_msg_config_params params = { .copy_mode = NFQNL_COPY_META };
	int fd = socket(AF_NETLINK, SOCK_RAW, NETLINK_NETFILTER);

	if (fd < 0)
		err(1, "socket");
	tell(fd, NFQNL_MSG_CONFIG, NFQA_CFG_CMD, &bind, sizeof(bind));
	tell(fd, NFQNL_MSG_CONFIG, NFQA_CFG_PARAMS, &params, sizeof(params));
	return fd;
}

static void keep(const struct nlmsghdr *nlh, unsigned int ms)
{
	const struct nlattr *nla = (void *)((char *)NLMSG_DATA(nlh) +
					    NLMSG_ALIGN(sizeof(struct nfgenmsg)));

	/* The packet's header is the first attribute. */
	if ((nla->nla_type & NLA_TYPE_MASK) != NFQA_PACKET_HDR)
		errx(1, "no packet");
	memcpy(&kept[last % ROOM].id, nla + 1, sizeof(kept->id));
	kept[last++ % ROOM].due = now_ms() + ms;
}

static void refused(const struct nlmsgerr *answer)
{
	errno = -answer->error;
	err(1, "message of type 0x%x", answer->msg.nlmsg_type);
}

static void take(int fd, unsigned int ms)
{
	static uint8_t buf[65536] __attribute__((aligned(NLMSG_ALIGNTO)));
	ssize_t len = recv(fd, buf, sizeof(buf), 0);
	const struct nlmsghdr *nlh = (void *)buf;

	if (len < 0 && errno != EINTR)
		err(1, "recv");
	for (; len > 0 && NLMSG_OK(nlh, (size_t)len); nlh = NLMSG_NEXT(nlh, len)) {
		if (nlh->nlmsg_type == (NFNL_SUBSYS_QUEUE << 8 | NFQNL_MSG_PACKET))
			keep(nlh, ms);
		else if (nlh->nlmsg_type == NLMSG_ERROR)
			refused(NLMSG_DATA(nlh));
	}
}

static void let_go(int fd)
{
	struct nfqnl_msg_verdict_hdr verdict = {
		.verdict = htonl(NF_ACCEPT),
		.id = kept[first++ % ROOM].id,
	};

	tell(fd, NFQNL_MSG_VERDICT, NFQA_VERDICT_HDR, &verdict, sizeof(verdict));
}

int main(int argc, char **argv)
{
	unsigned int ms = argc == 2 ? atoi(argv[1]) : 0;
	struct pollfd pfd = { .fd = open_queue(), .events = POLLIN };

	if (!ms)
		errx(2, "usage: hold MILLISECONDS");
	signal(SIGTERM, stop);
	while (!__atomic_load_n(&stopped, __ATOMIC_RELAXED)) {
		if (poll(&pfd, 1, 1) > 0)
			take(pfd.fd, ms);
		while (first != last && kept[first % ROOM].due <= now_ms())
			let_go(pfd.fd);
	}
	printf("held %u\n", last);
	return 0;
}
