// SPDX-License-Identifier: GPL-2.0-or-later
/* The conversation with the kernel over generic netlink. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <libmnl/libmnl.h>
#include <linux/flow41.h>
#include <linux/genetlink.h>
#include <linux/netlink.h>

#include "extack.h"
#include "nl.h"
#include "print.h"
#include "version.h"

struct table {
	const struct nlattr **tb;
	unsigned int max;
};

static int collect(const struct nlattr *attr, void *data)
{
	const struct table *table = data;

	if (mnl_attr_get_type(attr) <= table->max)
		table->tb[mnl_attr_get_type(attr)] = attr;
	return MNL_CB_OK;
}

/**
 * nl_parse - sort the attributes of a message into a table
 * @nlh: a message of a generic netlink family
 * @tb: the table, @max + 1 entries; NULL where there is no attribute
 * @max: greatest attribute type wanted
 */
void nl_parse(const struct nlmsghdr *nlh, const struct nlattr **tb,
	      unsigned int max)
{
	struct table table = { tb, max };

	memset(tb, 0, (max + 1) * sizeof(*tb));
	mnl_attr_parse(nlh, sizeof(struct genlmsghdr), collect, &table);
}

/**
 * nl_parse_nested - sort the attributes inside one into a table
 * @nest: the attribute
 * @tb: the table, @max + 1 entries; NULL where there is no attribute
 * @max: greatest attribute type wanted
 */
void nl_parse_nested(const struct nlattr *nest, const struct nlattr **tb,
		     unsigned int max)
{
	struct table table = { tb, max };

	memset(tb, 0, (max + 1) * sizeof(*tb));
	mnl_attr_parse_nested(nest, collect, &table);
}

/**
 * nl_uint - the number in an attribute, whatever its width
 * @attr: the attribute or NULL
 *
 * Return: the number, 0 when there is none.
 */
uint64_t nl_uint(const struct nlattr *attr)
{
	switch (attr ? mnl_attr_get_payload_len(attr) : 0) {
	case sizeof(uint8_t):
		return mnl_attr_get_u8(attr);
	case sizeof(uint16_t):
		return mnl_attr_get_u16(attr);
	case sizeof(uint32_t):
		return mnl_attr_get_u32(attr);
	case sizeof(uint64_t):
		return mnl_attr_get_u64(attr);
	}
	return 0;
}

/**
 * nl_str - the string in an attribute
 * @attr: the attribute or NULL
 *
 * Return: the string, inside @attr; NULL when there is none.
 */
const char *nl_str(const struct nlattr *attr)
{
	if (!attr || mnl_attr_validate(attr, MNL_TYPE_NUL_STRING) < 0)
		return NULL;
	return mnl_attr_get_str(attr);
}

/**
 * nl_data - the bytes in an attribute
 * @attr: the attribute or NULL
 * @length: how many are expected
 *
 * Return: the bytes, inside @attr; NULL when there are not that many.
 */
const void *nl_data(const struct nlattr *attr, size_t length)
{
	if (!attr || mnl_attr_get_payload_len(attr) != length)
		return NULL;
	return mnl_attr_get_payload(attr);
}

/**
 * nl_request - begin a request
 * @request: where
 * @cmd: the family's command
 * @flags: NLM_F_ACK or NLM_F_DUMP
 *
 * Return: the message, for attributes to be added to.
 */
struct nlmsghdr *nl_request(union nl_request *request, uint8_t cmd,
			    uint16_t flags)
{
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(request->space);
	struct genlmsghdr *genl;

	nlh->nlmsg_flags = NLM_F_REQUEST | flags;
	genl = mnl_nlmsg_put_extra_header(nlh, sizeof(*genl));
	genl->cmd = cmd;
	genl->version = FLOW41_FAMILY_VERSION;
	return nlh;
}

/* Return: true when nothing follows; then *@status is the exit status. */
static bool handle(struct nl *nl, const struct nlmsghdr *nlh,
		   const struct nlmsghdr *request, nl_reply_fn reply,
		   void *data, int *status)
{
	if (nlh->nlmsg_seq != request->nlmsg_seq)
		return false;
	if (nlh->nlmsg_flags & NLM_F_DUMP_INTR)
		nl->interrupted = true;
	if (nlh->nlmsg_type == NLMSG_ERROR || nlh->nlmsg_type == NLMSG_DONE) {
		*status = extack_report(nlh, request);
		return true;
	}
	if (nlh->nlmsg_type >= NLMSG_MIN_TYPE && reply)
		*status = reply(nlh, data);
	return *status;
}

static int receive(struct nl *nl, const struct nlmsghdr *request,
		   nl_reply_fn reply, void *data)
{
	static uint64_t buffer[NL_REPLY_SIZE / sizeof(uint64_t)];
	const struct nlmsghdr *nlh;
	int status = 0;
	ssize_t got;
	int left;

	for (;;) {
		got = mnl_socket_recvfrom(nl->socket, buffer, sizeof(buffer));
		if (got < 0)
			return print_error("netlink: %s", strerror(errno));
		left = got;
		nlh = (const void *)buffer;
		for (; mnl_nlmsg_ok(nlh, left);
		     nlh = mnl_nlmsg_next(nlh, &left))
			if (handle(nl, nlh, request, reply, data, &status))
				return status;
	}
}

/**
 * nl_talk - send a request and take in all that answers it
 * @nl: open socket
 * @nlh: the request; may be sent again
 * @reply: called for each message that answers, or NULL
 * @data: handed to @reply
 *
 * Return: an exit status: 0, what @reply returned when not 0, or EXIT_FAILURE
 * with the kernel's refusal said.
 */
int nl_talk(struct nl *nl, struct nlmsghdr *nlh, nl_reply_fn reply,
	    void *data)
{
	static uint32_t sequence;

	nl->interrupted = false;
	nlh->nlmsg_type = nl->family;
	nlh->nlmsg_seq = ++sequence;
	if (mnl_socket_sendto(nl->socket, nlh, nlh->nlmsg_len) < 0)
		return print_error("netlink: %s", strerror(errno));
	return receive(nl, nlh, reply, data);
}

static int take_family(const struct nlmsghdr *nlh, void *data)
{
	const struct nlattr *tb[CTRL_ATTR_MAX + 1];
	struct nl *nl = data;

	nl_parse(nlh, tb, CTRL_ATTR_MAX);
	nl->family = nl_uint(tb[CTRL_ATTR_FAMILY_ID]);
	return 0;
}

static int find_family(struct nl *nl)
{
	union nl_request request;
	struct nlmsghdr *nlh;

	nl->family = GENL_ID_CTRL;
	nlh = nl_request(&request, CTRL_CMD_GETFAMILY, NLM_F_ACK);
	mnl_attr_put_strz(nlh, CTRL_ATTR_FAMILY_NAME, FLOW41_FAMILY_NAME);
	return nl_talk(nl, nlh, take_family, nl);
}

static int compare_version(const struct nlmsghdr *nlh, void *data)
{
	const struct nlattr *tb[FLOW41_A_MAX + 1];
	const char *version;

	(void)data;
	nl_parse(nlh, tb, FLOW41_A_MAX);
	version = nl_str(tb[FLOW41_A_VERSION]);
	if (version && strcmp(version, FLOW41_VERSION))
		print_error("warning: this tool is version %s, the module %s",
			    FLOW41_VERSION, version);
	return 0;
}

static int check_version(struct nl *nl)
{
	union nl_request request;

	return nl_talk(nl, nl_request(&request, FLOW41_CMD_GET, NLM_F_ACK),
		       compare_version, NULL);
}

static int open_socket(struct nl *nl)
{
	int on = 1;

	nl->socket = mnl_socket_open(NETLINK_GENERIC);
	if (!nl->socket)
		return print_error("generic netlink: %s", strerror(errno));
	mnl_socket_setsockopt(nl->socket, NETLINK_CAP_ACK, &on, sizeof(on));
	mnl_socket_setsockopt(nl->socket, NETLINK_EXT_ACK, &on, sizeof(on));
	if (mnl_socket_bind(nl->socket, 0, MNL_SOCKET_AUTOPID) < 0) {
		print_error("generic netlink: %s", strerror(errno));
		mnl_socket_close(nl->socket);
		return EXIT_FAILURE;
	}
	return 0;
}

/**
 * nl_open - open a socket to the module of this network namespace
 * @nl: the socket, to be closed with nl_close() on success
 *
 * Warns when the module's version is not the tool's.
 *
 * Return: 0, or EXIT_FAILURE with the error said.
 */
int nl_open(struct nl *nl)
{
	int ret;

	ret = open_socket(nl);
	if (ret)
		return ret;
	ret = find_family(nl);
	if (!ret)
		ret = check_version(nl);
	if (ret)
		nl_close(nl);
	return ret;
}

/**
 * nl_close - close the socket
 * @nl: what nl_open() opened
 */
void nl_close(struct nl *nl)
{
	mnl_socket_close(nl->socket);
}

/**
 * nl_once - open, make one request, close
 * @nlh: the request
 * @reply: called for each message that answers, or NULL
 * @data: handed to @reply
 *
 * Return: an exit status, as nl_talk() does.
 */
int nl_once(struct nlmsghdr *nlh, nl_reply_fn reply, void *data)
{
	struct nl nl;
	int ret;

	ret = nl_open(&nl);
	if (ret)
		return ret;
	ret = nl_talk(&nl, nlh, reply, data);
	nl_close(&nl);
	return ret;
}
