// SPDX-License-Identifier: GPL-2.0
/*
 * A kernel for the tool to talk to: takes the place of libmnl's sockets.
 *
 * The environment says what it is like today:
 *   FAKE_VERSION=V       version of the module
 *   FAKE_ERROR=NUMBER    refuse everything but reading state with this errno
 *   FAKE_TEXT=TEXT       and with this extended ack, about the last attribute
 *   FAKE_MAX=N           of which 1 to N would have been taken
 *   FAKE_INTERRUPTED=N   the first N dumps are interrupted
 *   FAKE_EMPTY=1         no flow
 *   FAKE_OLD=1           the module is of before transit and the watch
 *   FAKE_FAULTS=NAMES    built with deliberate faults, of which these are on
 *   FAKE_GROUP=GROUP     joining this multicast group gives FAKE_ERROR
 *   FAKE_LOG=FILE        the attributes of every request are appended there
 * and FAKE_HANDSHAKES and FAKE_EVENTS: see fake_watch.c.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <libmnl/libmnl.h>
#include <linux/flow41.h>
#include <linux/genetlink.h>
#include <linux/netlink.h>

#include "fake.h"

struct mnl_socket {
	int unused;
};

static struct mnl_socket fake;
static char answer[16384];
static size_t answered;

/* Interface of libmnl, declared there. */
struct mnl_socket *mnl_socket_open(int bus)
{
	(void)bus;
	return &fake;
}

int mnl_socket_bind(struct mnl_socket *nl, unsigned int groups, pid_t pid)
{
	(void)nl;
	(void)groups;
	(void)pid;
	return 0;
}

int mnl_socket_setsockopt(const struct mnl_socket *nl, int type, void *buf,
			  socklen_t len)
{
	(void)nl;
	(void)len;
	if (type != NETLINK_ADD_MEMBERSHIP)
		return 0;
	return fake_join(*(uint32_t *)buf);
}

int mnl_socket_get_fd(const struct mnl_socket *nl)
{
	(void)nl;
	return fake_fd();
}

int mnl_socket_close(struct mnl_socket *nl)
{
	(void)nl;
	return 0;
}

unsigned long option(const char *name)
{
	const char *value = getenv(name);

	return value ? strtoul(value, NULL, 0) : 0;
}

/* Without @request: an announcement. */
static struct nlmsghdr *message(const struct nlmsghdr *request, int type)
{
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(answer + answered);

	nlh->nlmsg_type = type;
	nlh->nlmsg_seq = request ? request->nlmsg_seq : 0;
	return nlh;
}

struct nlmsghdr *reply(const struct nlmsghdr *request)
{
	struct nlmsghdr *nlh = message(request, FAMILY);

	mnl_nlmsg_put_extra_header(nlh, sizeof(struct genlmsghdr));
	return nlh;
}

void queue(const struct nlmsghdr *nlh)
{
	answered += MNL_ALIGN(nlh->nlmsg_len);
}

static void put_extack(struct nlmsghdr *nlh, const struct nlmsghdr *request)
{
	const struct nlattr *attr;
	struct nlattr *nest;
	size_t offset = 0;

	if (!getenv("FAKE_TEXT"))
		return;
	nlh->nlmsg_flags |= NLM_F_ACK_TLVS;
	mnl_attr_put_strz(nlh, NLMSGERR_ATTR_MSG, getenv("FAKE_TEXT"));
	mnl_attr_for_each(attr, request, sizeof(struct genlmsghdr))
		offset = (const char *)attr - (const char *)request;
	if (offset)
		mnl_attr_put_u32(nlh, NLMSGERR_ATTR_OFFS, offset);
	if (!getenv("FAKE_MAX"))
		return;
	nest = mnl_attr_nest_start(nlh, NLMSGERR_ATTR_POLICY);
	mnl_attr_put_u64(nlh, NL_POLICY_TYPE_ATTR_MIN_VALUE_U, 1);
	mnl_attr_put_u64(nlh, NL_POLICY_TYPE_ATTR_MAX_VALUE_U,
			 option("FAKE_MAX"));
	mnl_attr_nest_end(nlh, nest);
}

static void ack(const struct nlmsghdr *request, int error)
{
	struct nlmsghdr *nlh = message(request, NLMSG_ERROR);
	struct nlmsgerr *err;

	nlh->nlmsg_flags = NLM_F_CAPPED;
	err = mnl_nlmsg_put_extra_header(nlh, sizeof(*err));
	err->error = -error;
	err->msg = *request;
	if (error)
		put_extack(nlh, request);
	queue(nlh);
}

static void put_devices(struct nlmsghdr *nlh, int type, const char *one,
			const char *two)
{
	struct nlattr *nest = mnl_attr_nest_start(nlh, type);

	if (one)
		mnl_attr_put_strz(nlh, FLOW41_A_DEVICE_NAME, one);
	if (two)
		mnl_attr_put_strz(nlh, FLOW41_A_DEVICE_NAME, two);
	mnl_attr_nest_end(nlh, nest);
}

static void answer_get(const struct nlmsghdr *request)
{
	const char *version = getenv("FAKE_VERSION");
	struct nlmsghdr *nlh = reply(request);

	if (version)
		mnl_attr_put_strz(nlh, FLOW41_A_VERSION, version);
	mnl_attr_put_u8(nlh, FLOW41_A_ENABLED, 1);
	mnl_attr_put_u32(nlh, FLOW41_A_FLOWS, 2);
	mnl_attr_put_u32(nlh, FLOW41_A_MAX_FLOWS, 65536);
	mnl_attr_put_u32(nlh, FLOW41_A_IDLE_TIMEOUT, 30);
	put_devices(nlh, FLOW41_A_DEVICES, "lan", "w\"n\x01");
	put_devices(nlh, FLOW41_A_ALLOWED_DEVICES, NULL, NULL);
	mnl_attr_put_u32(nlh, FLOW41_A_FLOW_SIZE, 256);
	if (!option("FAKE_OLD")) {
		mnl_attr_put_u8(nlh, FLOW41_A_WATCH, 1);
		mnl_attr_put_u8(nlh, FLOW41_A_HEAL, 1);
		mnl_attr_put_u8(nlh, FLOW41_A_PICKUP, 0);
		mnl_attr_put_u32(nlh, FLOW41_A_QUARANTINE, 60);
	}
	if (getenv("FAKE_FAULTS"))
		mnl_attr_put_strz(nlh, FLOW41_A_FAULTS, getenv("FAKE_FAULTS"));
	queue(nlh);
}

void put_addresses(struct nlmsghdr *nlh, const char *src, const char *dst)
{
	struct in6_addr address;

	inet_pton(AF_INET6, src, &address);
	mnl_attr_put(nlh, FLOW41_A_SRC, sizeof(address), &address);
	inet_pton(AF_INET6, dst, &address);
	mnl_attr_put(nlh, FLOW41_A_DST, sizeof(address), &address);
}

/* What both directions of a flow have in common. */
static struct nlmsghdr *begin_flow(const struct nlmsghdr *request,
				   bool interrupted, int role,
				   const char *dev_in)
{
	struct nlmsghdr *nlh = reply(request);

	nlh->nlmsg_flags = NLM_F_MULTI;
	if (interrupted)
		nlh->nlmsg_flags |= NLM_F_DUMP_INTR;
	mnl_attr_put_u8(nlh, FLOW41_A_ROLE, role);
	mnl_attr_put_strz(nlh, FLOW41_A_DEV_IN, dev_in);
	if (role != FLOW41_ROLE_TRANSIT)
		mnl_attr_put_strz(nlh, FLOW41_A_TUNNEL, "6in4");
	mnl_attr_put_u64(nlh, FLOW41_A_PACKETS, UINT64_MAX);
	mnl_attr_put_u64(nlh, FLOW41_A_BYTES, 5000000000);
	mnl_attr_put_u64(nlh, FLOW41_A_AGE, 60000);
	mnl_attr_put_u64(nlh, FLOW41_A_IDLE, 7);
	return nlh;
}

static void answer_encap(const struct nlmsghdr *request, bool interrupted)
{
	struct nlmsghdr *nlh = begin_flow(request, interrupted,
					  FLOW41_ROLE_ENCAP, "lan");

	mnl_attr_put_strz(nlh, FLOW41_A_DEV_OUT, "wan");
	mnl_attr_put_u32(nlh, FLOW41_A_OUTER_SRC, inet_addr("192.0.2.1"));
	mnl_attr_put_u32(nlh, FLOW41_A_OUTER_DST, inet_addr("198.51.100.1"));
	put_addresses(nlh, "2001:db8:1::2", "2001:db8:2::80");
	mnl_attr_put_u8(nlh, FLOW41_A_PROTO, IPPROTO_TCP);
	mnl_attr_put_u16(nlh, FLOW41_A_SPORT, htons(40000));
	mnl_attr_put_u16(nlh, FLOW41_A_DPORT, htons(443));
	queue(nlh);
}

/* One that has lost some of its attributes on the way, too. */
static void answer_transit(const struct nlmsghdr *request, bool interrupted)
{
	struct nlmsghdr *nlh = begin_flow(request, interrupted,
					  FLOW41_ROLE_TRANSIT, "lan");

	mnl_attr_put_strz(nlh, FLOW41_A_DEV_OUT, "wan");
	put_addresses(nlh, "2001:db8:1::2", "2001:db8:2::80");
	mnl_attr_put_u8(nlh, FLOW41_A_PROTO, 132);
	queue(nlh);
}

static void answer_decap(const struct nlmsghdr *request, bool interrupted)
{
	struct nlmsghdr *nlh = begin_flow(request, interrupted,
					  FLOW41_ROLE_DECAP, "wan");

	mnl_attr_put_u32(nlh, FLOW41_A_OUTER_SRC, inet_addr("198.51.100.1"));
	mnl_attr_put_u32(nlh, FLOW41_A_OUTER_DST, inet_addr("192.0.2.1"));
	put_addresses(nlh, "2001:db8:2::53", "2001:db8:1::2");
	mnl_attr_put_u8(nlh, FLOW41_A_PROTO, IPPROTO_UDP);
	mnl_attr_put_u16(nlh, FLOW41_A_SPORT, htons(53));
	mnl_attr_put_u16(nlh, FLOW41_A_DPORT, htons(5353));
	mnl_attr_put(nlh, FLOW41_A_SETTLING, 0, NULL);
	queue(nlh);
}

static void answer_dump(const struct nlmsghdr *request, int cmd)
{
	static unsigned long dumps;
	bool interrupted = dumps++ < option("FAKE_INTERRUPTED");
	struct nlmsghdr *nlh;

	if (cmd == FLOW41_CMD_HANDSHAKE_GET) {
		answer_handshakes(request, interrupted);
	} else if (!option("FAKE_EMPTY")) {
		answer_encap(request, interrupted);
		answer_decap(request, interrupted);
		if (!option("FAKE_OLD"))
			answer_transit(request, interrupted);
	}
	nlh = message(request, NLMSG_DONE);
	*(int *)mnl_nlmsg_put_extra_header(nlh, sizeof(int)) = 0;
	queue(nlh);
}

static void put_counter(struct nlmsghdr *nlh, int type, const char *name,
			uint64_t count)
{
	struct nlattr *nest = mnl_attr_nest_start(nlh, type);

	mnl_attr_put_strz(nlh, FLOW41_A_COUNTER_NAME, name);
	mnl_attr_put_u64(nlh, FLOW41_A_COUNTER_COUNT, count);
	mnl_attr_nest_end(nlh, nest);
}

static void put_role_stats(struct nlmsghdr *nlh, int role, uint64_t packets)
{
	struct nlattr *nest = mnl_attr_nest_start(nlh, FLOW41_A_ROLE_STATS);

	mnl_attr_put_u8(nlh, FLOW41_A_ROLE_STATS_ROLE, role);
	mnl_attr_put_u64(nlh, FLOW41_A_ROLE_STATS_PACKETS, packets);
	mnl_attr_put_u64(nlh, FLOW41_A_ROLE_STATS_BYTES, 100 * packets);
	mnl_attr_put_u64(nlh, FLOW41_A_ROLE_STATS_FLOWS_ADMITTED, 1);
	mnl_attr_nest_end(nlh, nest);
}

static void answer_stats(const struct nlmsghdr *request)
{
	struct nlmsghdr *nlh = reply(request);

	put_role_stats(nlh, FLOW41_ROLE_ENCAP, 10);
	put_role_stats(nlh, FLOW41_ROLE_DECAP, 20);
	if (!option("FAKE_OLD"))
		put_role_stats(nlh, FLOW41_ROLE_TRANSIT, 30);
	put_counter(nlh, FLOW41_A_PUNT, "no_flow", 34);
	put_counter(nlh, FLOW41_A_PUNT, "handshake", 0);
	put_counter(nlh, FLOW41_A_PUNT, "from_the_future", 1);
	put_counter(nlh, FLOW41_A_REFUSAL, "nat", 0);
	put_counter(nlh, FLOW41_A_EVICTION, "idle", 3);
	if (!option("FAKE_OLD")) {
		put_counter(nlh, FLOW41_A_HANDSHAKE, "seen", 5);
		put_counter(nlh, FLOW41_A_HANDSHAKE, "healed", 0);
		put_counter(nlh, FLOW41_A_HANDSHAKE, "synack_lost_inside", 1);
		put_counter(nlh, FLOW41_A_AUDIT, "checked", 7);
		put_counter(nlh, FLOW41_A_AUDIT, "lost", 0);
	}
	queue(nlh);
}

static void answer_flush(const struct nlmsghdr *request)
{
	struct nlmsghdr *nlh = reply(request);

	mnl_attr_put_u32(nlh, FLOW41_A_FLOWS, 12);
	queue(nlh);
}

static void answer_family(const struct nlmsghdr *request)
{
	struct nlmsghdr *nlh = reply(request);

	mnl_attr_put_u16(nlh, CTRL_ATTR_FAMILY_ID, FAMILY);
	put_groups(request, nlh);
	queue(nlh);
}

static void log_request(const struct nlmsghdr *request, int cmd)
{
	const char *name = getenv("FAKE_LOG");
	FILE *log = name ? fopen(name, "a") : NULL;
	const struct nlattr *attr;

	if (!log)
		return;
	fprintf(log, "cmd %d", cmd);
	mnl_attr_for_each(attr, request, sizeof(struct genlmsghdr))
		fprintf(log, " %d:%d", mnl_attr_get_type(attr),
			mnl_attr_get_payload_len(attr));
	fputc('\n', log);
	fclose(log);
}

static void answer_command(const struct nlmsghdr *request, int cmd)
{
	if (cmd == FLOW41_CMD_GET)
		answer_get(request);
	else if (cmd == FLOW41_CMD_STATS_GET)
		answer_stats(request);
	else if (option("FAKE_ERROR"))
		return ack(request, option("FAKE_ERROR"));
	else if (cmd == FLOW41_CMD_FLOW_GET || cmd == FLOW41_CMD_HANDSHAKE_GET)
		return answer_dump(request, cmd);
	else if (cmd == FLOW41_CMD_FLOW_FLUSH)
		answer_flush(request);
	ack(request, 0);
}

ssize_t mnl_socket_sendto(const struct mnl_socket *nl, const void *buf,
			  size_t len)
{
	const struct nlmsghdr *request = buf;
	const struct genlmsghdr *genl = mnl_nlmsg_get_payload(request);

	(void)nl;
	answered = 0;
	if (request->nlmsg_type == GENL_ID_CTRL) {
		answer_family(request);
		ack(request, 0);
		return len;
	}
	log_request(request, genl->cmd);
	answer_command(request, genl->cmd);
	return len;
}

ssize_t mnl_socket_recvfrom(const struct mnl_socket *nl, void *buf,
			    size_t bufsiz)
{
	size_t length;

	(void)nl;
	if (!answered && !fake_event())
		return -1;
	length = answered;
	if (!length || length > bufsiz) {
		errno = EIO;
		return -1;
	}
	memcpy(buf, answer, length);
	answered = 0;
	return length;
}
