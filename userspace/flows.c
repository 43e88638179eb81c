// SPDX-License-Identifier: GPL-2.0-or-later
/* The cached flows: flows, flush. */
#include <arpa/inet.h>
#include <inttypes.h>
#include <linux/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <libmnl/libmnl.h>
#include <linux/flow41.h>
#include <linux/netlink.h>

#include "args.h"
#include "commands.h"
#include "nl.h"
#include "print.h"

/* How often a dump is made until the table held still meanwhile. */
#define DUMP_TRIES	4

static const struct param filters[] = {
	{ "role", FLOW41_A_ROLE, put_role },
	{ "src", FLOW41_A_SRC, put_ipv6 },
	{ "dst", FLOW41_A_DST, put_ipv6 },
	{ "sport", FLOW41_A_SPORT, put_port },
	{ "dport", FLOW41_A_DPORT, put_port },
	{ "proto", FLOW41_A_PROTO, put_proto },
	{ "dev", FLOW41_A_DEV_IN, put_device },
	{ "tunnel", FLOW41_A_TUNNEL, put_device },
	{ "outer-src", FLOW41_A_OUTER_SRC, put_ipv4 },
	{ "outer-dst", FLOW41_A_OUTER_DST, put_ipv4 },
};

struct flow {
	uint64_t packets;
	uint64_t bytes;
	uint64_t age;
	uint64_t idle;
	struct in6_addr src;
	struct in6_addr dst;
	struct in_addr outer_src;
	struct in_addr outer_dst;
	in_port_t sport;
	in_port_t dport;
	uint8_t role;
	uint8_t proto;
	bool settling;
	char dev_in[IFNAMSIZ];
	char dev_out[IFNAMSIZ];
	char tunnel[IFNAMSIZ];
};

/* One dump, kept until it is known whether the table held still. */
struct flow_list {
	struct flow *flows;
	size_t count;
	size_t space;
};

static struct flow *list_add(struct flow_list *list)
{
	size_t space = list->space ? 2 * list->space : 64;
	struct flow *flows;

	if (list->count == list->space) {
		flows = reallocarray(list->flows, space, sizeof(*flows));
		if (!flows)
			return NULL;
		list->flows = flows;
		list->space = space;
	}
	return memset(&list->flows[list->count++], 0, sizeof(*flows));
}

static void copy_name(char *name, const struct nlattr *attr)
{
	const char *value = nl_str(attr);

	if (value)
		snprintf(name, IFNAMSIZ, "%s", value);
}

static void copy_data(void *to, size_t length, const struct nlattr *attr)
{
	const void *data = nl_data(attr, length);

	if (data)
		memcpy(to, data, length);
}

static int take_flow(const struct nlmsghdr *nlh, void *data)
{
	const struct nlattr *tb[FLOW41_A_MAX + 1];
	struct flow *flow = list_add(data);

	if (!flow)
		return print_error("no memory for the list of flows");
	nl_parse(nlh, tb, FLOW41_A_MAX);
	flow->role = nl_uint(tb[FLOW41_A_ROLE]);
	copy_name(flow->dev_in, tb[FLOW41_A_DEV_IN]);
	copy_name(flow->dev_out, tb[FLOW41_A_DEV_OUT]);
	copy_name(flow->tunnel, tb[FLOW41_A_TUNNEL]);
	copy_data(&flow->outer_src, 4, tb[FLOW41_A_OUTER_SRC]);
	copy_data(&flow->outer_dst, 4, tb[FLOW41_A_OUTER_DST]);
	copy_data(&flow->src, 16, tb[FLOW41_A_SRC]);
	copy_data(&flow->dst, 16, tb[FLOW41_A_DST]);
	flow->proto = nl_uint(tb[FLOW41_A_PROTO]);
	flow->sport = nl_uint(tb[FLOW41_A_SPORT]);
	flow->dport = nl_uint(tb[FLOW41_A_DPORT]);
	flow->packets = nl_uint(tb[FLOW41_A_PACKETS]);
	flow->bytes = nl_uint(tb[FLOW41_A_BYTES]);
	flow->age = nl_uint(tb[FLOW41_A_AGE]);
	flow->idle = nl_uint(tb[FLOW41_A_IDLE]);
	flow->settling = tb[FLOW41_A_SETTLING];
	return 0;
}

static void print_ip(const char *key, const char *label, int family,
		     const void *address)
{
	char text[INET6_ADDRSTRLEN];

	print_str(key, label, inet_ntop(family, address, text, sizeof(text)));
}

static void print_proto(uint8_t proto)
{
	char number[4];

	snprintf(number, sizeof(number), "%u", proto);
	print_str("proto", " proto ", proto == IPPROTO_TCP ? "tcp" :
		  proto == IPPROTO_UDP ? "udp" : number);
}

static void print_key(const struct flow *flow)
{
	print_str("role", "role ", role_name(flow->role));
	print_str("dev_in", " dev ", flow->dev_in);
	print_str("dev_out", " dev-out ", *flow->dev_out ? flow->dev_out : NULL);
	print_str("tunnel", " tunnel ", flow->tunnel);
	print_ip("outer_src", " outer-src ", AF_INET, &flow->outer_src);
	print_ip("outer_dst", " outer-dst ", AF_INET, &flow->outer_dst);
	print_ip("src", " src ", AF_INET6, &flow->src);
	print_ip("dst", " dst ", AF_INET6, &flow->dst);
	print_proto(flow->proto);
	print_u64("sport", " sport ", ntohs(flow->sport));
	print_u64("dport", " dport ", ntohs(flow->dport));
	print_bool("settling", " settling", flow->settling);
	print_text("\n");
}

static const char *when_asked(const char *label)
{
	return show_statistics ? label : NULL;
}

static void print_counters(const struct flow *flow)
{
	print_u64("packets", when_asked("    packets "), flow->packets);
	print_u64("bytes", when_asked(" bytes "), flow->bytes);
	print_u64("age_ms", when_asked(" age-ms "), flow->age);
	print_u64("idle_ms", when_asked(" idle-ms "), flow->idle);
	print_u64("audits", NULL, 0);
	print_text("%s", show_statistics ? "\n" : "");
}

static void print_flows(const struct flow_list *list)
{
	size_t i;

	print_open_array(NULL);
	for (i = 0; i < list->count; i++) {
		print_open_object(NULL);
		print_key(&list->flows[i]);
		print_counters(&list->flows[i]);
		print_close_object();
	}
	print_close_array();
}

static int dump(struct nl *nl, struct nlmsghdr *nlh, struct flow_list *list)
{
	int tries = DUMP_TRIES;
	int ret;

	do {
		list->count = 0;
		ret = nl_talk(nl, nlh, take_flow, list);
	} while (!ret && nl->interrupted && --tries);
	if (!ret && nl->interrupted)
		print_error("warning: the table kept changing: flows may be missing or doubled");
	return ret;
}

/** cmd_flows - list the flows that match */
int cmd_flows(struct args *args)
{
	struct flow_list list = { 0 };
	union nl_request request;
	struct nlmsghdr *nlh;
	struct nl nl;
	int ret;

	nlh = nl_request(&request, FLOW41_CMD_FLOW_GET, NLM_F_DUMP);
	ret = args_params(args, nlh, "filter", filters, ARRAY_SIZE(filters));
	if (!ret)
		ret = nl_open(&nl);
	if (ret)
		return ret;
	ret = dump(&nl, nlh, &list);
	nl_close(&nl);
	if (!ret)
		print_flows(&list);
	free(list.flows);
	return ret;
}

static int print_flushed(const struct nlmsghdr *nlh, void *data)
{
	const struct nlattr *tb[FLOW41_A_MAX + 1];

	(void)data;
	nl_parse(nlh, tb, FLOW41_A_MAX);
	print_open_object(NULL);
	print_u64("flushed", "flushed ", nl_uint(tb[FLOW41_A_FLOWS]));
	print_text("\n");
	print_close_object();
	return 0;
}

/** cmd_flush - evict the flows that match */
int cmd_flush(struct args *args)
{
	union nl_request request;
	struct nlmsghdr *nlh;
	int ret;

	nlh = nl_request(&request, FLOW41_CMD_FLOW_FLUSH, NLM_F_ACK);
	ret = args_params(args, nlh, "filter", filters, ARRAY_SIZE(filters));
	return ret ? ret : nl_once(nlh, print_flushed, NULL);
}
