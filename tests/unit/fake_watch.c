// SPDX-License-Identifier: GPL-2.0
/*
 * The part of fake_kernel.c that watches handshakes and announces events.
 *
 *   FAKE_HANDSHAKES=KIND...   those there are: see kinds[]; else the first two
 *   FAKE_EVENTS=EVENT...      what happens, one after the other: see events[]
 *   FAKE_STAY=1               and then nothing more; else SIGTERM comes
 */
#include <arpa/inet.h>
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <libmnl/libmnl.h>
#include <linux/flow41.h>
#include <linux/genetlink.h>
#include <linux/netlink.h>

#include "args.h"
#include "fake.h"

/* Group numbers */
enum { NOTIFY = 16, FLOWS, ALERTS };

static int fd = -1;
static uint32_t joined;

static void put_segment(struct nlmsghdr *nlh, int kind, uint32_t time,
			const char *out, unsigned int flags)
{
	struct nlattr *nest = mnl_attr_nest_start(nlh, FLOW41_A_SEGMENT);
	bool server = kind == FLOW41_SEGMENT_KIND_SYNACK;

	mnl_attr_put_u8(nlh, FLOW41_A_SEGMENT_KIND, kind);
	mnl_attr_put_u32(nlh, FLOW41_A_SEGMENT_TIME, time);
	mnl_attr_put_strz(nlh, FLOW41_A_SEGMENT_DEV_IN,
			  server ? "wan" : "br-lan");
	if (out)
		mnl_attr_put_strz(nlh, FLOW41_A_SEGMENT_DEV_OUT, out);
	if (flags & 1U << FLOW41_A_SEGMENT_FAST)
		mnl_attr_put(nlh, FLOW41_A_SEGMENT_FAST, 0, NULL);
	if (flags & 1U << FLOW41_A_SEGMENT_REPEATED)
		mnl_attr_put(nlh, FLOW41_A_SEGMENT_REPEATED, 0, NULL);
	mnl_attr_nest_end(nlh, nest);
}

static void put_identity(struct nlmsghdr *nlh, uint64_t age, uint8_t state)
{
	put_addresses(nlh, "2001:db8:1::2", "2001:db8:2::80");
	mnl_attr_put_u16(nlh, FLOW41_A_SPORT, htons(41000));
	mnl_attr_put_u16(nlh, FLOW41_A_DPORT, htons(80));
	mnl_attr_put_u32(nlh, FLOW41_A_OUTER_SRC, inet_addr("192.0.2.2"));
	mnl_attr_put_u32(nlh, FLOW41_A_OUTER_DST, inet_addr("203.0.113.2"));
	mnl_attr_put_u64(nlh, FLOW41_A_AGE, age);
	mnl_attr_put_u8(nlh, FLOW41_A_STATE, state);
}

static void put_underway(struct nlmsghdr *nlh)
{
	put_identity(nlh, 4, FLOW41_HANDSHAKE_STATE_SYNACK);
	mnl_attr_put_strz(nlh, FLOW41_A_TUNNEL, "6in4");
	put_segment(nlh, FLOW41_SEGMENT_KIND_SYN, 0, "wan", 0);
	put_segment(nlh, FLOW41_SEGMENT_KIND_SYNACK, 4, NULL, 0);
}

static void put_ladder(struct nlmsghdr *nlh)
{
	unsigned int repeated = 1U << FLOW41_A_SEGMENT_REPEATED;
	unsigned int fast = 1U << FLOW41_A_SEGMENT_FAST;

	put_segment(nlh, FLOW41_SEGMENT_KIND_SYN, 0, "wan", 0);
	put_segment(nlh, FLOW41_SEGMENT_KIND_SYNACK, 4, "br-lan", 0);
	put_segment(nlh, FLOW41_SEGMENT_KIND_ACK, 6, NULL, fast);
	put_segment(nlh, FLOW41_SEGMENT_KIND_SYNACK, 1021, "br-lan", repeated);
	put_segment(nlh, FLOW41_SEGMENT_KIND_ACK, 65535999, NULL,
		    repeated | fast);
}

static void put_stalled(struct nlmsghdr *nlh)
{
	put_identity(nlh, 3180, FLOW41_HANDSHAKE_STATE_ACK);
	put_ladder(nlh);
	mnl_attr_put_u32(nlh, FLOW41_A_SKIPPED, 3);
	mnl_attr_put_u32(nlh, FLOW41_A_REPEATS, 5);
	mnl_attr_put_strz(nlh, FLOW41_A_VERDICT, "ack_lost_inside");
	mnl_attr_put_u32(nlh, FLOW41_A_QUARANTINE_LEFT, 57001);
}

static void put_healed(struct nlmsghdr *nlh)
{
	put_identity(nlh, 4000, FLOW41_HANDSHAKE_STATE_COMPLETED);
	put_segment(nlh, FLOW41_SEGMENT_KIND_SYN, 0, "wan", 0);
	mnl_attr_put_u32(nlh, FLOW41_A_SKIPPED, 7);
	mnl_attr_put_u32(nlh, FLOW41_A_REPEATS, 1);
	mnl_attr_put_strz(nlh, FLOW41_A_VERDICT, "from_the_future");
	mnl_attr_put_u32(nlh, FLOW41_A_QUARANTINE_LEFT, 1000);
	mnl_attr_put(nlh, FLOW41_A_HEALED, 0, NULL);
}

/* Hardly an attribute, and those of unexpected kinds. */
static void put_strange(struct nlmsghdr *nlh)
{
	struct nlattr *nest;

	mnl_attr_put_u8(nlh, FLOW41_A_SRC, 1);
	mnl_attr_put_u8(nlh, FLOW41_A_STATE, 99);
	mnl_attr_put_u32(nlh, FLOW41_A_REPEATS, 1);
	mnl_attr_put(nlh, FLOW41_A_VERDICT, 3, "abc");
	nest = mnl_attr_nest_start(nlh, FLOW41_A_SEGMENT);
	mnl_attr_nest_end(nlh, nest);
	nest = mnl_attr_nest_start(nlh, FLOW41_A_SEGMENT);
	mnl_attr_put_u8(nlh, FLOW41_A_SEGMENT_KIND, 99);
	mnl_attr_put_strz(nlh, FLOW41_A_SEGMENT_DEV_IN, "w\"n\x01");
	mnl_attr_nest_end(nlh, nest);
}

static void put_nothing(struct nlmsghdr *nlh)
{
	(void)nlh;
}

static const struct {
	const char *name;
	void (*put)(struct nlmsghdr *nlh);
} kinds[] = {
	{ "underway", put_underway },
	{ "stalled", put_stalled },
	{ "healed", put_healed },
	{ "strange", put_strange },
	{ "nothing", put_nothing },
};

void answer_handshakes(const struct nlmsghdr *request, bool interrupted)
{
	const char *wanted = getenv("FAKE_HANDSHAKES");
	struct nlmsghdr *nlh;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(kinds); i++) {
		if (wanted ? !strstr(wanted, kinds[i].name) : i > 1)
			continue;
		nlh = reply(request);
		nlh->nlmsg_flags = NLM_F_MULTI |
				   (interrupted ? NLM_F_DUMP_INTR : 0);
		kinds[i].put(nlh);
		queue(nlh);
	}
}

static void put_group(struct nlmsghdr *nlh, const char *name, uint32_t id)
{
	struct nlattr *nest = mnl_attr_nest_start(nlh, id);

	mnl_attr_put_u32(nlh, CTRL_ATTR_MCAST_GRP_ID, id);
	mnl_attr_put_strz(nlh, CTRL_ATTR_MCAST_GRP_NAME, name);
	mnl_attr_nest_end(nlh, nest);
}

/* The groups of the family that was asked for. */
void put_groups(const struct nlmsghdr *request, struct nlmsghdr *nlh)
{
	const struct nlattr *name = mnl_nlmsg_get_payload_offset(request,
					sizeof(struct genlmsghdr));
	struct nlattr *nest = mnl_attr_nest_start(nlh, CTRL_ATTR_MCAST_GROUPS);

	if (!strcmp(mnl_attr_get_str(name), "nlctrl")) {
		put_group(nlh, "notify", NOTIFY);
	} else {
		put_group(nlh, FLOW41_MCGRP_FLOWS, FLOWS);
		if (!option("FAKE_OLD"))
			put_group(nlh, FLOW41_MCGRP_ALERTS, ALERTS);
	}
	mnl_attr_nest_end(nlh, nest);
}

/* From now on something can be received. */
int fake_join(uint32_t group)
{
	uint64_t one = 1;

	if (option("FAKE_GROUP") == group) {
		errno = option("FAKE_ERROR");
		return -1;
	}
	joined |= 1U << group;
	return write(fake_fd(), &one, sizeof(one)) < 0 ? -1 : 0;
}

int fake_fd(void)
{
	if (fd < 0)
		fd = eventfd(0, EFD_NONBLOCK);
	return fd;
}

static void announce(uint8_t cmd, void (*put)(struct nlmsghdr *nlh))
{
	struct nlmsghdr *nlh = reply(NULL);

	((struct genlmsghdr *)mnl_nlmsg_get_payload(nlh))->cmd = cmd;
	put(nlh);
	queue(nlh);
}

static void alert_stalled(struct nlmsghdr *nlh)
{
	mnl_attr_put_u8(nlh, FLOW41_A_ALERT, FLOW41_ALERT_STALLED);
	put_stalled(nlh);
}

static void alert_healed(struct nlmsghdr *nlh)
{
	mnl_attr_put_u8(nlh, FLOW41_A_ALERT, FLOW41_ALERT_HEALED);
	put_healed(nlh);
}

static void alert_full(struct nlmsghdr *nlh)
{
	mnl_attr_put_u8(nlh, FLOW41_A_ALERT, FLOW41_ALERT_TABLE_FULL);
}

static void put_result(struct nlmsghdr *nlh, uint16_t attr, const char *dev,
		       uint32_t mark)
{
	struct nlattr *nest = mnl_attr_nest_start(nlh, attr);

	mnl_attr_put(nlh, FLOW41_A_RESULT_HEADER, 4, "\x60\x00\xab\x07");
	mnl_attr_put_u32(nlh, FLOW41_A_RESULT_LENGTH, 1480);
	mnl_attr_put_strz(nlh, FLOW41_A_RESULT_DEV, dev);
	mnl_attr_put_u32(nlh, FLOW41_A_RESULT_MARK, mark);
	mnl_attr_put_u32(nlh, FLOW41_A_RESULT_PRIORITY, 0);
	mnl_attr_nest_end(nlh, nest);
}

static void put_flow(struct nlmsghdr *nlh);

static void alert_mismatched(struct nlmsghdr *nlh)
{
	mnl_attr_put_u8(nlh, FLOW41_A_ALERT, FLOW41_ALERT_AUDIT_MISMATCHED);
	put_flow(nlh);
	mnl_attr_put_strz(nlh, FLOW41_A_DIFFERS, "device mark from_the_future");
	put_result(nlh, FLOW41_A_CACHED, "lan", 0);
	put_result(nlh, FLOW41_A_SOFTWARE, "dmz", 7);
}

static void alert_lost(struct nlmsghdr *nlh)
{
	mnl_attr_put_u8(nlh, FLOW41_A_ALERT, FLOW41_ALERT_AUDIT_LOST);
	put_flow(nlh);
}

static void alert_strange(struct nlmsghdr *nlh)
{
	mnl_attr_put_u8(nlh, FLOW41_A_ALERT, 99);
}

static void put_flow(struct nlmsghdr *nlh)
{
	mnl_attr_put_u8(nlh, FLOW41_A_ROLE, FLOW41_ROLE_DECAP);
	mnl_attr_put_strz(nlh, FLOW41_A_DEV_IN, "wan");
	mnl_attr_put_strz(nlh, FLOW41_A_TUNNEL, "6in4");
	mnl_attr_put_u32(nlh, FLOW41_A_OUTER_SRC, inet_addr("198.51.100.1"));
	mnl_attr_put_u32(nlh, FLOW41_A_OUTER_DST, inet_addr("192.0.2.1"));
	put_addresses(nlh, "2001:db8:2::80", "2001:db8:1::2");
	mnl_attr_put_u8(nlh, FLOW41_A_PROTO, IPPROTO_TCP);
	mnl_attr_put_u16(nlh, FLOW41_A_SPORT, htons(443));
	mnl_attr_put_u16(nlh, FLOW41_A_DPORT, htons(40000));
}

static void put_evicted(struct nlmsghdr *nlh)
{
	put_flow(nlh);
	mnl_attr_put_u64(nlh, FLOW41_A_PACKETS, 12);
	mnl_attr_put_u64(nlh, FLOW41_A_BYTES, 3456);
	mnl_attr_put_strz(nlh, FLOW41_A_REASON, "idle");
}

/* Whoever read the tool's output leaves at this moment. */
static void put_hangup(struct nlmsghdr *nlh)
{
	int ends[2];

	if (pipe(ends) || close(ends[0]) || dup2(ends[1], STDOUT_FILENO) < 0)
		abort();
	put_flow(nlh);
}

static void put_other(struct nlmsghdr *nlh)
{
	nlh->nlmsg_type = GENL_ID_CTRL;
	mnl_attr_put_u16(nlh, CTRL_ATTR_FAMILY_ID, FAMILY + 1);
}

static void put_family(struct nlmsghdr *nlh)
{
	nlh->nlmsg_type = GENL_ID_CTRL;
	mnl_attr_put_u16(nlh, CTRL_ATTR_FAMILY_ID, FAMILY);
}

static const struct {
	const char *name;
	uint32_t group;
	uint8_t cmd;
	void (*put)(struct nlmsghdr *nlh);
} events[] = {
	{ "admitted", FLOWS, FLOW41_CMD_FLOW_ADD_NTF, put_flow },
	{ "evicted", FLOWS, FLOW41_CMD_FLOW_DEL_NTF, put_evicted },
	{ "hangup", FLOWS, FLOW41_CMD_FLOW_ADD_NTF, put_hangup },
	{ "bare", FLOWS, FLOW41_CMD_FLOW_DEL_NTF, put_nothing },
	{ "news", FLOWS, 99, put_nothing },
	{ "stalled", ALERTS, FLOW41_CMD_ALERT_NTF, alert_stalled },
	{ "healed", ALERTS, FLOW41_CMD_ALERT_NTF, alert_healed },
	{ "full", ALERTS, FLOW41_CMD_ALERT_NTF, alert_full },
	{ "mismatched", ALERTS, FLOW41_CMD_ALERT_NTF, alert_mismatched },
	{ "lost", ALERTS, FLOW41_CMD_ALERT_NTF, alert_lost },
	{ "strange", ALERTS, FLOW41_CMD_ALERT_NTF, alert_strange },
	{ "other", NOTIFY, CTRL_CMD_DELFAMILY, put_other },
	{ "loaded", NOTIFY, CTRL_CMD_NEWFAMILY, put_family },
	{ "unloaded", NOTIFY, CTRL_CMD_DELFAMILY, put_family },
};

static bool happen(const char *event)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(events); i++) {
		if (strcmp(event, events[i].name) ||
		    !(joined & 1U << events[i].group))
			continue;
		announce(events[i].cmd, events[i].put);
		return true;
	}
	errno = strcmp(event, "overrun") ? EAGAIN : ENOBUFS;
	return false;
}

/* Return: false when there is none, with errno set. */
bool fake_event(void)
{
	static char text[256];
	static char *rest;
	uint64_t count;
	char *event;

	if (!joined) {
		errno = EIO;
		return false;
	}
	if (!rest)
		rest = strncpy(text, getenv("FAKE_EVENTS") ?: "",
			       sizeof(text) - 1);
	event = strsep(&rest, " ");
	if (!rest)
		rest = text + sizeof(text) - 1;
	if (*event)
		return happen(event);
	if (read(fd, &count, sizeof(count)) < 0)	/* not readable any more */
		abort();
	if (!option("FAKE_STAY"))
		raise(SIGTERM);
	errno = EAGAIN;
	return false;
}
