// SPDX-License-Identifier: GPL-2.0
/* args.c: words become attributes, and what is wrong is named. */
#include <arpa/inet.h>

#include <libmnl/libmnl.h>
#include <linux/flow41.h>
#include <linux/genetlink.h>

#include "args.h"
#include "nl.h"
#include "tap.h"

static const struct param params[] = {
	{ "role", FLOW41_A_ROLE, put_role },
	{ "src", FLOW41_A_SRC, put_ipv6 },
	{ "sport", FLOW41_A_SPORT, put_port },
	{ "proto", FLOW41_A_PROTO, put_proto },
	{ "dev", FLOW41_A_DEV_IN, put_device },
	{ "outer-src", FLOW41_A_OUTER_SRC, put_ipv4 },
	{ "outer-dst", FLOW41_A_OUTER_DST, put_ipv4 },
	{ "max-flows", FLOW41_A_MAX_FLOWS, put_u32 },
	{ "devices", FLOW41_A_ALLOWED_DEVICES, put_devices },
	{ "watch", FLOW41_A_WATCH, put_switch },
	{ "bare", 0, NULL },
};

static uint32_t given;
static union nl_request request;
static struct nlmsghdr *nlh;

/* Parse @line, split at blanks, into nlh. */
static int parse(const char *line)
{
	struct args args = { .given = UINT32_MAX };
	char *copy = strdup(line);
	char *words[64];
	char *save;
	int ret;

	words[0] = strtok_r(copy, " ", &save);
	while (words[args.count])
		words[++args.count] = strtok_r(NULL, " ", &save);
	args.words = words;
	nlh = mnl_nlmsg_put_header(memset(&request, 0, sizeof(request)));
	mnl_nlmsg_put_extra_header(nlh, sizeof(struct genlmsghdr));
	ret = args_params(&args, nlh, "filter", params, ARRAY_SIZE(params));
	given = args.given;
	free(copy);
	return ret;
}

static const struct nlattr *find(unsigned int type)
{
	const struct nlattr *attr;

	mnl_attr_for_each(attr, nlh, sizeof(struct genlmsghdr))
		if (mnl_attr_get_type(attr) == type)
			return attr;
	return NULL;
}

static void taken(const char *line, unsigned int type, const void *want,
		  size_t length)
{
	const struct nlattr *attr;
	int ret = parse(line);

	attr = find(type);
	ok(!ret && attr && mnl_attr_get_payload_len(attr) == length &&
	   !memcmp(mnl_attr_get_payload(attr), want, length),
	   "takes: %s", line);
}

static void refused(const char *line, const char *why)
{
	struct capture capture;
	char *got;
	int ret;

	capture_begin(&capture, &stderr);
	ret = parse(line);
	got = capture_end(&capture);
	ok(ret == EXIT_USAGE, "refuses: %.60s", line);
	is_str(got, why, "  and says why");
	free(got);
}

static void test_numbers(void)
{
	uint32_t u32;

	u32 = 0;
	taken("max-flows 0", FLOW41_A_MAX_FLOWS, &u32, 4);
	u32 = UINT32_MAX;
	taken("max-flows 4294967295", FLOW41_A_MAX_FLOWS, &u32, 4);
	u32 = 10;
	taken("max-flows 010", FLOW41_A_MAX_FLOWS, &u32, 4);
	refused("max-flows 4294967296",
		"flow41: max-flows: \"4294967296\" is more than 4294967295\n");
	refused("max-flows 99999999999999999999999",
		"flow41: max-flows: \"99999999999999999999999\" is more than 4294967295\n");
	refused("max-flows -1",
		"flow41: max-flows: \"-1\" is not a number\n");
	refused("max-flows +1",
		"flow41: max-flows: \"+1\" is not a number\n");
	refused("max-flows 1k",
		"flow41: max-flows: \"1k\" is not a number\n");
	refused("max-flows 0x10",
		"flow41: max-flows: \"0x10\" is not a number\n");
	taken("sport 65535", FLOW41_A_SPORT, "\xff\xff", 2);
	taken("sport 443", FLOW41_A_SPORT, "\x01\xbb", 2);
	refused("sport 65536",
		"flow41: sport: \"65536\" is more than 65535\n");
	refused("sport http",
		"flow41: sport: \"http\" is not a number\n");
}

static void test_addresses(void)
{
	struct in6_addr in6;

	inet_pton(AF_INET6, "2001:db8::1", &in6);
	taken("src 2001:db8::1", FLOW41_A_SRC, &in6, 16);
	taken("src 2001:0DB8:0:0:0:0:0:1", FLOW41_A_SRC, &in6, 16);
	taken("outer-src 192.0.2.1", FLOW41_A_OUTER_SRC, "\xc0\0\2\1", 4);
	refused("src 2001:db8::/32",
		"flow41: src: \"2001:db8::/32\" is a prefix, only one exact address can be matched\n");
	refused("outer-src 192.0.2.1/32",
		"flow41: outer-src: \"192.0.2.1/32\" is a prefix, only one exact address can be matched\n");
	refused("src 192.0.2.1",
		"flow41: src: \"192.0.2.1\" is not an IPv6 address\n");
	refused("outer-src ::1",
		"flow41: outer-src: \"::1\" is not an IPv4 address\n");
	refused("outer-src 192.0.2",
		"flow41: outer-src: \"192.0.2\" is not an IPv4 address\n");
	refused("src fe80::1%eth0",
		"flow41: src: \"fe80::1%eth0\" is not an IPv6 address\n");
}

static void test_words(void)
{
	taken("role encap", FLOW41_A_ROLE, "\0", 1);
	taken("role decap", FLOW41_A_ROLE, "\1", 1);
	taken("proto tcp", FLOW41_A_PROTO, "\6", 1);
	taken("proto udp", FLOW41_A_PROTO, "\21", 1);
	taken("r d", FLOW41_A_ROLE, "\1", 1);
	taken("role transit", FLOW41_A_ROLE, "\2", 1);
	refused("role nat",
		"flow41: role \"nat\" is unknown, use one of: encap, decap, transit\n");
	refused("proto 6",
		"flow41: proto \"6\" is unknown, use one of: tcp, udp\n");
	refused("outer- 192.0.2.1",
		"flow41: filter \"outer-\" is ambiguous: outer-src, outer-dst\n");
	refused("s x", "flow41: filter \"s\" is ambiguous: src, sport\n");
	taken("dev lan", FLOW41_A_DEV_IN, "lan", 4);
	refused("colour blue",
		"flow41: filter \"colour\" is unknown, use one of: role, src, sport, proto, dev, outer-src, outer-dst, max-flows, devices, watch, bare\n");
	refused("src", "flow41: src: a value is missing\n");
	refused("sport 1 sport 2", "flow41: sport: given twice\n");
	ok(!strcmp(role_name(FLOW41_ROLE_DECAP), "decap"), "name of a role");
	ok(!strcmp(role_name(FLOW41_ROLE_TRANSIT), "transit"),
	   "name of another role");
	ok(!role_name(200), "no name for a role that is not known");
}

static void test_switches(void)
{
	taken("watch on", FLOW41_A_WATCH, "\1", 1);
	taken("watch off", FLOW41_A_WATCH, "\0", 1);
	taken("watch of", FLOW41_A_WATCH, "\0", 1);
	refused("watch 1",
		"flow41: watch \"1\" is unknown, use one of: on, off\n");
	refused("watch", "flow41: watch: a value is missing\n");
	refused("watch on watch off", "flow41: watch: given twice\n");
}

/* A word that stands alone becomes no attribute, but is noted. */
static void test_bare(void)
{
	const uint32_t role = 1U << 0;
	const uint32_t bare = 1U << (ARRAY_SIZE(params) - 1);

	taken("bare role decap", FLOW41_A_ROLE, "\1", 1);
	ok(given == (role | bare), "both words are noted");
	taken("role decap ba", FLOW41_A_ROLE, "\1", 1);
	ok(given == (role | bare), "both words are noted, the other way round");
	ok(!parse("bare") && given == bare &&
	   mnl_nlmsg_get_payload_len(nlh) == sizeof(struct genlmsghdr),
	   "a word alone, and no attribute");
	ok(!parse("") && !given, "no word, none noted");
	refused("bare bare", "flow41: bare: given twice\n");
	refused("bare on",
		"flow41: filter \"on\" is unknown, use one of: role, src, sport, proto, dev, outer-src, outer-dst, max-flows, devices, watch, bare\n");
}

static void test_device(void)
{
	taken("dev abcdefghijklmno", FLOW41_A_DEV_IN, "abcdefghijklmno", 16);
	taken("dev a,b", FLOW41_A_DEV_IN, "a,b", 4);
	refused("dev abcdefghijklmnop",
		"flow41: dev: \"abcdefghijklmnop\" is longer than a device name can be (15)\n");
}

/* The names in the nest, each with a bar behind it. */
static const char *device_list(void)
{
	static char text[NL_REQUEST_SIZE];
	const struct nlattr *attr;

	text[0] = 0;
	if (!find(FLOW41_A_ALLOWED_DEVICES))
		return "no attribute";
	mnl_attr_for_each_nested(attr, find(FLOW41_A_ALLOWED_DEVICES)) {
		if (mnl_attr_get_type(attr) != FLOW41_A_DEVICE_NAME)
			return "wrong attribute";
		strcat(text, mnl_attr_get_str(attr));
		strcat(text, "|");
	}
	return text;
}

static void lists(const char *line, const char *want)
{
	int ret = parse(line);

	ok(!ret, "takes: %s", line);
	is_str(device_list(), want, "  as devices");
}

static void test_devices(void)
{
	char many[4000] = "devices a";

	lists("devices any", "");
	lists("devices lan", "lan|");
	lists("devices lan,wan,abcdefghijklmno", "lan|wan|abcdefghijklmno|");
	lists("devices lan,eth1 max-flows 5", "lan|eth1|");
	ok(find(FLOW41_A_MAX_FLOWS), "a setting after a list of devices");
	refused("devices lan,,wan",
		"flow41: devices: a device name is empty\n");
	refused("devices lan,",
		"flow41: devices: a device name is empty\n");
	refused("devices ,", "flow41: devices: a device name is empty\n");
	refused("devices lan,abcdefghijklmnop,x",
		"flow41: devices: \"abcdefghijklmnop\" is longer than a device name can be (15)\n");
	refused("devices lan,wan:1", "flow41: devices: \"wan:1\" is no name of a device\n");
	refused("dev ..", "flow41: dev: \"..\" is no name of a device\n");
	while (strlen(many) < sizeof(many) - 3)
		strcat(many, ",a");
	refused(many, "flow41: devices: too long\n");
}

static void test_cursor(void)
{
	char one[] = "one", two[] = "two";
	char *words[2] = { one, two };
	struct args args = { 2, words };
	struct capture capture;
	char *got;

	is_str(args_next(&args), "one", "first word");
	capture_begin(&capture, &stderr);
	ok(args_end(&args) == EXIT_USAGE, "a word left over is refused");
	got = capture_end(&capture);
	is_str(got, "flow41: unexpected word \"two\"\n", "  and named");
	free(got);
	ok(!args_next(&args), "no word after the last");
	ok(!args_end(&args), "nothing left over");
}

int main(void)
{
	tap_begin();
	test_numbers();
	test_addresses();
	test_words();
	test_switches();
	test_bare();
	test_device();
	test_devices();
	test_cursor();
	return tap_end();
}
