// SPDX-License-Identifier: GPL-2.0-or-later
/* The cached flows: flows, flush. */
#include <arpa/inet.h>
#include <stdio.h>

#include <libmnl/libmnl.h>
#include <linux/flow41.h>
#include <linux/netlink.h>

#include "args.h"
#include "commands.h"
#include "flow.h"
#include "nl.h"
#include "print.h"

static const struct param filters[] = {
	{ "role", FLOW41_A_ROLE, put_role },
	{ "src", FLOW41_A_SRC, put_ipv6 },
	{ "dst", FLOW41_A_DST, put_ipv6 },
	{ "sport", FLOW41_A_SPORT, put_port },
	{ "dport", FLOW41_A_DPORT, put_port },
	{ "proto", FLOW41_A_PROTO, put_proto },
	{ "dev", FLOW41_A_DEV_IN, put_device },
	{ "dev-out", FLOW41_A_DEV_OUT, put_device },
	{ "tunnel", FLOW41_A_TUNNEL, put_device },
	{ "outer-src", FLOW41_A_OUTER_SRC, put_ipv4 },
	{ "outer-dst", FLOW41_A_OUTER_DST, put_ipv4 },
};

/* An address, or one of zeros when it is missing. */
static void print_address(const char *key, const char *label, int family,
			  const struct nlattr *attr)
{
	static const struct in6_addr zeros;
	const void *address = nl_data(attr, family == AF_INET ? 4 : 16);

	print_ip(key, label, family, address ? address : &zeros);
}

/* A name that every flow has. */
static void print_name(const char *key, const char *label,
		       const struct nlattr *attr)
{
	const char *name = nl_str(attr);

	print_str(key, label, name ? name : "");
}

static void print_proto(uint8_t proto)
{
	char number[4];

	snprintf(number, sizeof(number), "%u", proto);
	print_str("proto", " proto ", proto == IPPROTO_TCP ? "tcp" :
		  proto == IPPROTO_UDP ? "udp" : number);
}

/**
 * flow_print_key - print which flow it is
 * @nlh: a message about the flow
 */
void flow_print_key(const struct nlmsghdr *nlh)
{
	const struct nlattr *tb[FLOW41_A_MAX + 1];

	nl_parse(nlh, tb, FLOW41_A_MAX);
	print_str("role", "role ", role_name(nl_uint(tb[FLOW41_A_ROLE])));
	print_name("dev_in", " dev ", tb[FLOW41_A_DEV_IN]);
	print_str("dev_out", " dev-out ", nl_str(tb[FLOW41_A_DEV_OUT]));
	print_name("tunnel", tb[FLOW41_A_TUNNEL] ? " tunnel " : NULL,
		   tb[FLOW41_A_TUNNEL]);
	print_address("outer_src", " outer-src ", AF_INET,
		      tb[FLOW41_A_OUTER_SRC]);
	print_address("outer_dst", " outer-dst ", AF_INET,
		      tb[FLOW41_A_OUTER_DST]);
	print_address("src", " src ", AF_INET6, tb[FLOW41_A_SRC]);
	print_address("dst", " dst ", AF_INET6, tb[FLOW41_A_DST]);
	print_proto(nl_uint(tb[FLOW41_A_PROTO]));
	print_u64("sport", " sport ", ntohs(nl_uint(tb[FLOW41_A_SPORT])));
	print_u64("dport", " dport ", ntohs(nl_uint(tb[FLOW41_A_DPORT])));
	print_bool("settling", " settling", tb[FLOW41_A_SETTLING]);
}

/**
 * flow_print_counters - print what a flow carried, and its times
 * @nlh: a message about the flow
 * @label: text that goes before them; NULL: JSON only
 */
void flow_print_counters(const struct nlmsghdr *nlh, const char *label)
{
	const struct nlattr *tb[FLOW41_A_MAX + 1];

	nl_parse(nlh, tb, FLOW41_A_MAX);
	print_text("%s", label ? label : "");
	print_u64("packets", label ? "packets " : NULL,
		  nl_uint(tb[FLOW41_A_PACKETS]));
	print_u64("bytes", label ? " bytes " : NULL,
		  nl_uint(tb[FLOW41_A_BYTES]));
	print_u64("age_ms", label ? " age-ms " : NULL,
		  nl_uint(tb[FLOW41_A_AGE]));
	print_u64("idle_ms", label ? " idle-ms " : NULL,
		  nl_uint(tb[FLOW41_A_IDLE]));
	print_u64("audits", label ? " audits " : NULL,
		  nl_uint(tb[FLOW41_A_AUDITS]));
}

static void print_flow(const struct nlmsghdr *nlh)
{
	print_open_object(NULL);
	flow_print_key(nlh);
	flow_print_counters(nlh, show_statistics ? "\n    " : NULL);
	print_text("\n");
	print_close_object();
}

/** cmd_flows - list the flows that match */
int cmd_flows(struct args *args)
{
	union nl_request request;
	struct nlmsghdr *nlh;
	struct nl_dump dump;
	int ret;

	nlh = nl_request(&request, FLOW41_CMD_FLOW_GET, NLM_F_DUMP);
	ret = args_params(args, nlh, "filter", filters, ARRAY_SIZE(filters));
	if (ret)
		return ret;
	ret = nl_dump_make(&dump, nlh, "flows");
	if (!ret) {
		print_open_array(NULL);
		nl_dump_each(&dump, print_flow);
		print_close_array();
	}
	nl_dump_free(&dump);
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
