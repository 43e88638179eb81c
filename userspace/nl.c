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

static uint64_t buffer[NL_REPLY_SIZE / sizeof(uint64_t)];

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
	uint16_t *family = data;

	nl_parse(nlh, tb, CTRL_ATTR_MAX);
	*family = nl_uint(tb[CTRL_ATTR_FAMILY_ID]);
	return 0;
}

/* Ask the controller of generic netlink about the family @name. */
static int ask_family(const struct nl *nl, const char *name,
		      nl_reply_fn reply, void *data)
{
	struct nl controller = { nl->socket, GENL_ID_CTRL, false };
	union nl_request request;
	struct nlmsghdr *nlh;

	nlh = nl_request(&request, CTRL_CMD_GETFAMILY, NLM_F_ACK);
	mnl_attr_put_strz(nlh, CTRL_ATTR_FAMILY_NAME, name);
	return nl_talk(&controller, nlh, reply, data);
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
	nl->family = 0;
	ret = ask_family(nl, FLOW41_FAMILY_NAME, take_family, &nl->family);
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

struct group {
	const char *name;
	uint32_t id;
};

static int take_group(const struct nlmsghdr *nlh, void *data)
{
	const struct nlattr *tb[CTRL_ATTR_MAX + 1];
	const struct nlattr *member[CTRL_ATTR_MCAST_GRP_MAX + 1];
	const struct nlattr *attr;
	struct group *group = data;
	const char *name;

	nl_parse(nlh, tb, CTRL_ATTR_MAX);
	if (!tb[CTRL_ATTR_MCAST_GROUPS])
		return 0;
	mnl_attr_for_each_nested(attr, tb[CTRL_ATTR_MCAST_GROUPS]) {
		nl_parse_nested(attr, member, CTRL_ATTR_MCAST_GRP_MAX);
		name = nl_str(member[CTRL_ATTR_MCAST_GRP_NAME]);
		if (name && !strcmp(name, group->name))
			group->id = nl_uint(member[CTRL_ATTR_MCAST_GRP_ID]);
	}
	return 0;
}

/**
 * nl_group - find a multicast group
 * @nl: open socket, not joined to any group yet
 * @family: name of the generic netlink family it belongs to
 * @name: its name
 * @id: set to what nl_join() wants
 *
 * Return: 0, or EXIT_FAILURE with the error said.
 */
int nl_group(struct nl *nl, const char *family, const char *name, uint32_t *id)
{
	struct group group = { name, 0 };
	int ret;

	ret = ask_family(nl, family, take_group, &group);
	if (ret)
		return ret;
	if (!group.id)
		return print_error("the module does not announce %s: load the one of version %s",
				   name, FLOW41_VERSION);
	*id = group.id;
	return 0;
}

/**
 * nl_join - have the messages of a multicast group come in
 * @nl: open socket; requests make no sense any more
 * @group: from nl_group()
 *
 * Return: 0, or EXIT_FAILURE with the error said.
 */
int nl_join(struct nl *nl, uint32_t group)
{
	if (mnl_socket_setsockopt(nl->socket, NETLINK_ADD_MEMBERSHIP, &group,
				  sizeof(group)) >= 0)
		return 0;
	if (errno == EPERM)
		return print_error("permission denied: this needs CAP_NET_ADMIN");
	return print_error("netlink: joining a group: %s", strerror(errno));
}

/**
 * nl_listen - take in what was announced
 * @nl: socket that joined groups
 * @event: called for each message
 * @data: handed to @event
 *
 * Blocks until there is something.
 *
 * Return: 0, what @event returned when not 0, or a negative errno; -ENOBUFS:
 * there was more than the socket could hold.
 */
int nl_listen(struct nl *nl, nl_reply_fn event, void *data)
{
	const struct nlmsghdr *nlh;
	int ret = 0;
	ssize_t got;
	int left;

	got = mnl_socket_recvfrom(nl->socket, buffer, sizeof(buffer));
	if (got < 0)
		return -errno;
	left = got;
	nlh = (const void *)buffer;
	for (; !ret && mnl_nlmsg_ok(nlh, left);
	     nlh = mnl_nlmsg_next(nlh, &left))
		ret = event(nlh, data);
	return ret;
}

/**
 * nl_fd - what to poll() for
 * @nl: open socket
 *
 * Return: the file descriptor, which stays @nl's.
 */
int nl_fd(const struct nl *nl)
{
	return mnl_socket_get_fd(nl->socket);
}
