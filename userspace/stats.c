// SPDX-License-Identifier: GPL-2.0-or-later
/* The counters: stats. */
#include <inttypes.h>

#include <libmnl/libmnl.h>
#include <linux/flow41.h>
#include <linux/genetlink.h>
#include <linux/netlink.h>

#include "args.h"
#include "commands.h"
#include "nl.h"
#include "print.h"
#include "reasons.h"

/* Attributes of one kind, each with a reason's name and its count. */
struct counters {
	const char *key;
	uint16_t attr;
	enum reason_list reasons;
};

static const struct counters counters[] = {
	{ "punts", FLOW41_A_PUNT, REASON_PUNT },
	{ "refusals", FLOW41_A_REFUSAL, REASON_REFUSAL },
	{ "evictions", FLOW41_A_EVICTION, REASON_EVICTION },
	{ "handshakes", FLOW41_A_HANDSHAKE, REASON_HANDSHAKE },
	{ "audit", FLOW41_A_AUDIT, REASON_AUDIT },
};

static void print_role(const struct nlattr *role_stats)
{
	const struct nlattr *tb[FLOW41_A_ROLE_STATS_MAX + 1];
	const char *name;

	nl_parse_nested(role_stats, tb, FLOW41_A_ROLE_STATS_MAX);
	name = role_name(nl_uint(tb[FLOW41_A_ROLE_STATS_ROLE]));
	if (!name)
		return;
	print_open_object(name);
	print_text("%s", name);
	print_u64("packets", " packets ",
		  nl_uint(tb[FLOW41_A_ROLE_STATS_PACKETS]));
	print_u64("bytes", " bytes ", nl_uint(tb[FLOW41_A_ROLE_STATS_BYTES]));
	print_u64("flows_admitted", " flows-admitted ",
		  nl_uint(tb[FLOW41_A_ROLE_STATS_FLOWS_ADMITTED]));
	print_u64("both_paths", NULL,
		  nl_uint(tb[FLOW41_A_ROLE_STATS_BOTH_PATHS]));
	print_text("\n");
	print_close_object();
}

static void print_roles(const struct nlmsghdr *nlh)
{
	const struct nlattr *attr;

	print_open_object("roles");
	mnl_attr_for_each(attr, nlh, sizeof(struct genlmsghdr))
		if (mnl_attr_get_type(attr) == FLOW41_A_ROLE_STATS)
			print_role(attr);
	print_close_object();
}

static void print_counter(const struct counters *kind,
			  const struct nlattr *counter)
{
	const struct nlattr *tb[FLOW41_A_COUNTER_MAX + 1];
	const char *name;
	uint64_t count;

	nl_parse_nested(counter, tb, FLOW41_A_COUNTER_MAX);
	name = nl_str(tb[FLOW41_A_COUNTER_NAME]);
	count = nl_uint(tb[FLOW41_A_COUNTER_COUNT]);
	if (!name)
		return;
	print_u64(name, NULL, count);
	if (show_statistics)
		print_text("    %-18s %12" PRIu64 "  %s\n", name, count,
			   reason_sentence(kind->reasons, name));
	else if (count)
		print_text("    %s %" PRIu64 "\n", name, count);
}

static void print_counters(const struct nlmsghdr *nlh,
			   const struct counters *kind)
{
	const struct nlattr *attr;

	print_text("%s\n", kind->key);
	print_open_object(kind->key);
	mnl_attr_for_each(attr, nlh, sizeof(struct genlmsghdr))
		if (mnl_attr_get_type(attr) == kind->attr)
			print_counter(kind, attr);
	print_close_object();
}

static int print_stats(const struct nlmsghdr *nlh, void *data)
{
	size_t i;

	(void)data;
	print_open_object(NULL);
	print_roles(nlh);
	for (i = 0; i < ARRAY_SIZE(counters); i++)
		print_counters(nlh, &counters[i]);
	print_close_object();
	return 0;
}

/** cmd_stats - what was carried, and why the rest was not */
int cmd_stats(struct args *args)
{
	union nl_request request;
	int ret = args_end(args);

	if (ret)
		return ret;
	return nl_once(nl_request(&request, FLOW41_CMD_STATS_GET, NLM_F_ACK),
		       print_stats, NULL);
}
