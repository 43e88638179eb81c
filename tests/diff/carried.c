// SPDX-License-Identifier: GPL-2.0
/* How many packets the fast path has carried: flow41's own figure. */
#include <err.h>
#include <linux/genetlink.h>
#include <linux/netlink.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "../../kmod/include/uapi/linux/flow41.h"
#include "side.h"

static unsigned short family;
static char answer[65536];

struct request {
	struct nlmsghdr nlh;
	struct genlmsghdr genl;
	struct nlattr name;
	char value[8];
};

static const void *data(const struct nlattr *attr)
{
	return (const char *)attr + NLA_HDRLEN;
}

/* The attribute of that type behind @after, or the first one */
static const struct nlattr *find(const void *from, size_t len, unsigned int type,
				 const struct nlattr *after)
{
	const char *at = from, *end = at + len;
	const struct nlattr *attr;

	if (after)
		at = (const char *)after + NLA_ALIGN(after->nla_len);
	for (; at + NLA_HDRLEN <= end; at += NLA_ALIGN(attr->nla_len)) {
		attr = (const struct nlattr *)at;
		if ((attr->nla_type & NLA_TYPE_MASK) == type)
			return attr;
	}
	return NULL;
}

/* Return: the answer's attributes, *len bytes */
static const void *ask(int fd, struct request *request, size_t *len)
{
	const struct nlmsghdr *nlh = (const struct nlmsghdr *)answer;
	ssize_t got;

	request->nlh.nlmsg_flags = NLM_F_REQUEST;
	if (send(fd, request, request->nlh.nlmsg_len, 0) < 0)
		err(1, "netlink");
	got = recv(fd, answer, sizeof(answer), 0);
	if (got < (ssize_t)sizeof(*nlh) || nlh->nlmsg_type == NLMSG_ERROR)
		errx(1, "netlink: no answer");
	*len = nlh->nlmsg_len - NLMSG_HDRLEN - GENL_HDRLEN;
	return answer + NLMSG_HDRLEN + GENL_HDRLEN;
}

int carried_open(void)
{
	struct request request = {
		.nlh = { .nlmsg_len = sizeof(request), .nlmsg_type = GENL_ID_CTRL },
		.genl = { .cmd = CTRL_CMD_GETFAMILY, .version = 1 },
		.name = { .nla_len = NLA_HDRLEN + 7, .nla_type = CTRL_ATTR_FAMILY_NAME },
		.value = FLOW41_FAMILY_NAME,
	};
	int fd = socket(AF_NETLINK, SOCK_RAW, NETLINK_GENERIC);
	const struct nlattr *id;
	const void *attrs;
	size_t len;

	if (fd < 0)
		err(1, "netlink");
	attrs = ask(fd, &request, &len);
	id = find(attrs, len, CTRL_ATTR_FAMILY_ID, NULL);
	if (!id)
		errx(1, "no flow41");
	memcpy(&family, data(id), sizeof(family));
	return fd;
}

/**
 * carried() - packets the fast path has carried so far, in all roles
 * @fd: of carried_open()
 */
uint64_t carried(int fd)
{
	struct request request = {
		.nlh = { .nlmsg_len = NLMSG_HDRLEN + GENL_HDRLEN, .nlmsg_type = family },
		.genl = { .cmd = FLOW41_CMD_STATS_GET, .version = FLOW41_FAMILY_VERSION },
	};
	const struct nlattr *role = NULL, *packets;
	uint64_t sum = 0, one;
	const void *attrs;
	size_t len;

	attrs = ask(fd, &request, &len);
	while ((role = find(attrs, len, FLOW41_A_ROLE_STATS, role))) {
		packets = find(data(role), role->nla_len - NLA_HDRLEN,
			       FLOW41_A_ROLE_STATS_PACKETS, NULL);
		if (!packets)
			errx(1, "no packets in the statistics");
		memcpy(&one, data(packets), sizeof(one));
		sum += one;
	}
	return sum;
}
