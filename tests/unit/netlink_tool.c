// SPDX-License-Identifier: GPL-2.0
/*
 * Stands in for the tool in a guest whose userspace has no libmnl: so much of it
 * as the scenarios there need, and its JSON.
 *
 *	flow41-nl3 [-n NETNS] [-j] [-s] [status] | stats | enable | disable
 *	flow41-nl3 [-n NETNS] [-j] flows | flush [role|sport|dport VALUE]...
 *	flow41-nl3 [-n NETNS] set max-flows|idle-timeout|quarantine|audit-rate NUMBER
 */
#include <arpa/inet.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "netlink_client.h"

static const char * const roles[] = { "encap", "decap", "transit" };
static const char *comma = "";

static void enter(const char *netns)
{
	char path[64];
	int fd;

	snprintf(path, sizeof(path), "/run/netns/%s", netns);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || setns(fd, CLONE_NEWNET))
		err(1, "%s", path);
	close(fd);
}

static void number(const char *name, const struct nlattr *attr)
{
	uint64_t value = 0;

	switch (attr ? nla_len(attr) : 0) {
	case 1:
		value = nla_get_u8(attr);
		break;
	case 4:
		value = nla_get_u32(attr);
		break;
	case 8:
		value = nla_get_u64(attr);
		break;
	}
	printf("%s\"%s\":%" PRIu64, comma, name, value);
	comma = ",";
}

static void text(const char *name, const struct nlattr *attr)
{
	if (!attr)
		return;
	printf("%s\"%s\":\"%s\"", comma, name, nla_get_string((void *)attr));
	comma = ",";
}

static void address(const char *name, int family, const struct nlattr *attr)
{
	char string[INET6_ADDRSTRLEN];

	if (!attr || !inet_ntop(family, nla_data(attr), string, sizeof(string)))
		return;
	printf("%s\"%s\":\"%s\"", comma, name, string);
	comma = ",";
}

static void port(const char *name, const struct nlattr *attr)
{
	printf("%s\"%s\":%u", comma, name, ntohs(nla_get_u16(attr)));
	comma = ",";
}

static void open_in(const char *name, char bracket)
{
	printf("%s\"%s\":%c", comma, name, bracket);
	comma = "";
}

static void close_in(char bracket)
{
	putchar(bracket);
	comma = ",";
}

static void print_status(struct nlmsghdr *nlh)
{
	struct nlattr *tb[FLOW41_A_MAX + 1], *attr;
	int left;

	if (genlmsg_parse(nlh, 0, tb, FLOW41_A_MAX, NULL))
		errx(1, "cannot be parsed");
	printf("{\"enabled\":%s",
	       nla_get_u8(tb[FLOW41_A_ENABLED]) ? "true" : "false");
	comma = ",";
	number("flows", tb[FLOW41_A_FLOWS]);
	number("max_flows", tb[FLOW41_A_MAX_FLOWS]);
	number("idle_timeout", tb[FLOW41_A_IDLE_TIMEOUT]);
	number("flow_size", tb[FLOW41_A_FLOW_SIZE]);
	text("version", tb[FLOW41_A_VERSION]);
	open_in("devices", '[');
	nla_for_each_nested(attr, tb[FLOW41_A_DEVICES], left) {
		printf("%s\"%s\"", comma, nla_get_string(attr));
		comma = ",";
	}
	printf("]}\n");
}

static void print_flow(struct nlmsghdr *nlh)
{
	struct nlattr *tb[FLOW41_A_MAX + 1];

	if (genlmsg_parse(nlh, 0, tb, FLOW41_A_MAX, NULL))
		errx(1, "cannot be parsed");
	printf("%s{\"role\":\"%s\"", comma, roles[nla_get_u8(tb[FLOW41_A_ROLE])]);
	comma = ",";
	text("dev_in", tb[FLOW41_A_DEV_IN]);
	text("dev_out", tb[FLOW41_A_DEV_OUT]);
	address("outer_src", AF_INET, tb[FLOW41_A_OUTER_SRC]);
	address("outer_dst", AF_INET, tb[FLOW41_A_OUTER_DST]);
	address("src", AF_INET6, tb[FLOW41_A_SRC]);
	address("dst", AF_INET6, tb[FLOW41_A_DST]);
	port("sport", tb[FLOW41_A_SPORT]);
	port("dport", tb[FLOW41_A_DPORT]);
	number("packets", tb[FLOW41_A_PACKETS]);
	number("bytes", tb[FLOW41_A_BYTES]);
	number("age_ms", tb[FLOW41_A_AGE]);
	number("idle_ms", tb[FLOW41_A_IDLE]);
	number("audits", tb[FLOW41_A_AUDITS]);
	close_in('}');
}

static void print_role(struct nlattr *nest)
{
	struct nlattr *tb[FLOW41_A_ROLE_STATS_MAX + 1];

	nla_parse_nested(tb, FLOW41_A_ROLE_STATS_MAX, nest, NULL);
	open_in(roles[nla_get_u8(tb[FLOW41_A_ROLE_STATS_ROLE])], '{');
	number("packets", tb[FLOW41_A_ROLE_STATS_PACKETS]);
	number("bytes", tb[FLOW41_A_ROLE_STATS_BYTES]);
	number("flows_admitted", tb[FLOW41_A_ROLE_STATS_FLOWS_ADMITTED]);
	number("both_paths", tb[FLOW41_A_ROLE_STATS_BOTH_PATHS]);
	close_in('}');
}

static void print_count(struct nlattr *nest)
{
	struct nlattr *tb[FLOW41_A_COUNTER_MAX + 1];

	nla_parse_nested(tb, FLOW41_A_COUNTER_MAX, nest, NULL);
	number(nla_get_string(tb[FLOW41_A_COUNTER_NAME]),
	       tb[FLOW41_A_COUNTER_COUNT]);
}

static void print_kind(struct nlmsghdr *nlh, const char *name, int type,
		       void (*print)(struct nlattr *nest))
{
	struct nlattr *attr;
	int left;

	open_in(name, '{');
	nlmsg_for_each_attr(attr, nlh, GENL_HDRLEN, left)
		if (nla_type(attr) == type)
			print(attr);
	close_in('}');
}

static void print_stats(struct nlmsghdr *nlh)
{
	putchar('{');
	print_kind(nlh, "roles", FLOW41_A_ROLE_STATS, print_role);
	print_kind(nlh, "punts", FLOW41_A_PUNT, print_count);
	print_kind(nlh, "refusals", FLOW41_A_REFUSAL, print_count);
	print_kind(nlh, "evictions", FLOW41_A_EVICTION, print_count);
	print_kind(nlh, "handshakes", FLOW41_A_HANDSHAKE, print_count);
	print_kind(nlh, "audit", FLOW41_A_AUDIT, print_count);
	printf("}\n");
}

static int talk(struct nl_msg *msg, void (*each)(struct nlmsghdr *nlh))
{
	struct result result;

	client_each = each;
	exchange(msg, &result);
	if (result.error)
		warnx("%s%s%s", strerror(result.error), *result.text ? ": " : "",
		      result.text);
	result_put(&result);
	return result.error != 0;
}

static int set(int attr, int size, unsigned int value)
{
	struct nl_msg *msg = request(FLOW41_CMD_SET, DO);

	if (size == 1)
		nla_put_u8(msg, attr, value);
	else
		nla_put_u32(msg, attr, value);
	return talk(msg, NULL);
}

/* Return: the number of @word among @count @words. */
static int which(const char *word, const char * const words[], int count)
{
	int i;

	for (i = 0; i < count; i++)
		if (word && !strcmp(word, words[i]))
			return i;
	errx(1, "%s: not in this stand-in", word ? word : "nothing");
}

static void put_filters(struct nl_msg *msg, char **arg)
{
	static const char * const names[] = { "role", "sport", "dport" };
	static const int attrs[] = {
		FLOW41_A_ROLE, FLOW41_A_SPORT, FLOW41_A_DPORT
	};
	int filter;

	for (; arg[0] && arg[1]; arg += 2) {
		filter = which(arg[0], names, 3);
		if (!filter)
			nla_put_u8(msg, attrs[filter], which(arg[1], roles, 3));
		else
			nla_put_u16(msg, attrs[filter], htons(atoi(arg[1])));
	}
}

static int show_flows(char **filters)
{
	struct nl_msg *msg = request(FLOW41_CMD_FLOW_GET, NLM_F_DUMP);
	int ret;

	put_filters(msg, filters);
	putchar('[');
	ret = talk(msg, print_flow);
	printf("]\n");
	return ret;
}

static void print_flushed(struct nlmsghdr *nlh)
{
	struct nlattr *tb[FLOW41_A_MAX + 1];

	if (genlmsg_parse(nlh, 0, tb, FLOW41_A_MAX, NULL))
		errx(1, "cannot be parsed");
	putchar('{');
	number("flushed", tb[FLOW41_A_FLOWS]);
	printf("}\n");
}

static int flush(char **filters)
{
	struct nl_msg *msg = request(FLOW41_CMD_FLOW_FLUSH, DO);

	put_filters(msg, filters);
	return talk(msg, print_flushed);
}

static int set_number(char **arg)
{
	static const char * const names[] = {
		"max-flows", "idle-timeout", "quarantine", "audit-rate"
	};
	static const int attrs[] = {
		FLOW41_A_MAX_FLOWS, FLOW41_A_IDLE_TIMEOUT,
		FLOW41_A_QUARANTINE, FLOW41_A_AUDIT_RATE
	};
	int attr = attrs[which(arg[0], names, 4)];

	return set(attr, 4, atoi(arg[1] ? arg[1] : ""));
}

static int run(char **arg)
{
	const char *verb = arg[0] ? arg[0] : "status";

	if (!strcmp(verb, "status"))
		return talk(request(FLOW41_CMD_GET, DO), print_status);
	if (!strcmp(verb, "stats"))
		return talk(request(FLOW41_CMD_STATS_GET, DO), print_stats);
	if (!strcmp(verb, "flows"))
		return show_flows(arg + 1);
	if (!strcmp(verb, "flush"))
		return flush(arg + 1);
	if (!strcmp(verb, "enable") || !strcmp(verb, "disable"))
		return set(FLOW41_A_ENABLED, 1, *verb == 'e');
	if (!strcmp(verb, "set"))
		return set_number(arg + 1);
	errx(1, "%s: not in this stand-in", verb);
}

int main(int argc, char **argv)
{
	int c, ret;

	while ((c = getopt(argc, argv, "+jsn:")) != -1)
		if (c == 'n')
			enter(optarg);
		else if (c != 'j' && c != 's')
			return 1;
	ret = client_open();
	if (ret < 0)
		errx(1, "%s", nl_geterror(ret));
	ret = run(argv + optind);
	client_close();
	return ret;
}
