// SPDX-License-Identifier: GPL-2.0-or-later
/* What the kernel says about a request: its own words, shown. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <libmnl/libmnl.h>
#include <linux/flow41.h>
#include <linux/genetlink.h>
#include <linux/netlink.h>

#include "args.h"
#include "extack.h"
#include "nl.h"
#include "print.h"

/* The words of the command line, by the attribute they become. */
static const char *const attr_names[] = {
	[FLOW41_A_ENABLED] = "enabled",
	[FLOW41_A_MAX_FLOWS] = "max-flows",
	[FLOW41_A_IDLE_TIMEOUT] = "idle-timeout",
	[FLOW41_A_ALLOWED_DEVICES] = "devices",
	[FLOW41_A_ROLE] = "role",
	[FLOW41_A_DEV_IN] = "dev",
	[FLOW41_A_DEV_OUT] = "dev-out",
	[FLOW41_A_TUNNEL] = "tunnel",
	[FLOW41_A_OUTER_SRC] = "outer-src",
	[FLOW41_A_OUTER_DST] = "outer-dst",
	[FLOW41_A_SRC] = "src",
	[FLOW41_A_DST] = "dst",
	[FLOW41_A_PROTO] = "proto",
	[FLOW41_A_SPORT] = "sport",
	[FLOW41_A_DPORT] = "dport",
	[FLOW41_A_WATCH] = "watch",
	[FLOW41_A_HEAL] = "heal",
	[FLOW41_A_PICKUP] = "pickup",
	[FLOW41_A_QUARANTINE] = "quarantine",
	[FLOW41_A_AUDIT_RATE] = "audit-rate",
};

/* Where the error code and the attributes after it lie in an ack. */
struct ack {
	int error;
	unsigned int offset;
};

static struct ack open_ack(const struct nlmsghdr *nlh)
{
	const void *payload = mnl_nlmsg_get_payload(nlh);
	const struct nlmsgerr *err = payload;
	struct ack ack = { 0 };

	if (mnl_nlmsg_get_payload_len(nlh) < sizeof(ack.error))
		return ack;
	memcpy(&ack.error, payload, sizeof(ack.error));
	ack.offset = sizeof(ack.error);
	if (nlh->nlmsg_type != NLMSG_ERROR)
		return ack;
	ack.offset = sizeof(*err);
	if (mnl_nlmsg_get_payload_len(nlh) < sizeof(*err))
		ack.offset = mnl_nlmsg_get_payload_len(nlh);
	else if (!(nlh->nlmsg_flags & NLM_F_CAPPED))
		ack.offset += mnl_nlmsg_get_payload_len(&err->msg);
	return ack;
}

static int collect(const struct nlattr *attr, void *data)
{
	const struct nlattr **tb = data;

	if (mnl_attr_get_type(attr) <= NLMSGERR_ATTR_MAX)
		tb[mnl_attr_get_type(attr)] = attr;
	return MNL_CB_OK;
}

/* The word of the command line that lies @offset bytes into @request. */
static const char *word_at(const struct nlmsghdr *request, uint64_t offset)
{
	const struct nlattr *attr;

	if (request->nlmsg_type == GENL_ID_CTRL)
		return NULL;
	mnl_attr_for_each(attr, request, sizeof(struct genlmsghdr)) {
		size_t start = (const char *)attr - (const char *)request;

		if (offset < start || offset >= start + attr->nla_len)
			continue;
		if (mnl_attr_get_type(attr) >= ARRAY_SIZE(attr_names))
			return NULL;
		return attr_names[mnl_attr_get_type(attr)];
	}
	return NULL;
}

/* " (MIN to MAX)" when the kernel said what its policy takes. */
static void format_range(char *text, size_t size, const struct nlattr *policy)
{
	const struct nlattr *tb[NL_POLICY_TYPE_ATTR_MAX + 1];
	uint64_t min, max;

	if (!policy)
		return;
	nl_parse_nested(policy, tb, NL_POLICY_TYPE_ATTR_MAX);
	if (!tb[NL_POLICY_TYPE_ATTR_MAX_VALUE_U])
		return;
	min = nl_uint(tb[NL_POLICY_TYPE_ATTR_MIN_VALUE_U]);
	max = nl_uint(tb[NL_POLICY_TYPE_ATTR_MAX_VALUE_U]);
	if (max == UINT32_MAX)	/* all that the attribute can hold */
		snprintf(text, size, " (%" PRIu64 " at least)", min);
	else
		snprintf(text, size, " (%" PRIu64 " to %" PRIu64 ")", min,
			 max);
}

static int say_refused(const struct nlattr **tb, int error,
		       const struct nlmsghdr *request)
{
	const char *text = nl_str(tb[NLMSGERR_ATTR_MSG]);
	const char *word = NULL;
	char range[64] = "";

	if (tb[NLMSGERR_ATTR_OFFS])
		word = word_at(request, nl_uint(tb[NLMSGERR_ATTR_OFFS]));
	format_range(range, sizeof(range), tb[NLMSGERR_ATTR_POLICY]);
	return print_error("the kernel refused%s%s: %s%s", word ? " " : "",
			   word ? word : "", text ? text : strerror(error),
			   range);
}

/**
 * extack_report - say what an ack says: nothing, a warning or an error
 * @ack: an NLMSG_ERROR or NLMSG_DONE message
 * @request: the request it answers, as it was sent
 *
 * Return: 0, or EXIT_FAILURE when the kernel refused.
 */
int extack_report(const struct nlmsghdr *ack, const struct nlmsghdr *request)
{
	const struct nlattr *tb[NLMSGERR_ATTR_MAX + 1] = { NULL };
	struct ack opened = open_ack(ack);
	int error = -opened.error;

	if (ack->nlmsg_flags & NLM_F_ACK_TLVS)
		mnl_attr_parse(ack, opened.offset, collect, tb);
	if (!error) {
		if (nl_str(tb[NLMSGERR_ATTR_MSG]))
			print_error("the kernel warns: %s",
				    nl_str(tb[NLMSGERR_ATTR_MSG]));
		return 0;
	}
	if (error == ENOENT && request->nlmsg_type == GENL_ID_CTRL)
		return print_error("the flow41 module is not loaded: modprobe flow41");
	if (error == EPERM && !tb[NLMSGERR_ATTR_MSG])
		return print_error("permission denied: this needs CAP_NET_ADMIN");
	return say_refused(tb, error, request);
}
