// SPDX-License-Identifier: GPL-2.0
/*
 * Whatever the words on the command line, parsing them ends in attributes that
 * are well-formed and within the message, or in a usage error.
 *
 * With clang a libFuzzer target; with another compiler a harness of its own,
 * which mutates words that mean something (args_fuzz SECONDS [SEED]).
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <libmnl/libmnl.h>
#include <linux/flow41.h>
#include <linux/genetlink.h>

#include "args.h"
#include "nl.h"

#define MAX_WORDS	32

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
	{ "stalled", 0, NULL },
};

static const int lengths[FLOW41_A_MAX + 1] = {
	[FLOW41_A_ROLE] = 1, [FLOW41_A_SRC] = 16, [FLOW41_A_SPORT] = 2,
	[FLOW41_A_PROTO] = 1, [FLOW41_A_OUTER_SRC] = 4,
	[FLOW41_A_OUTER_DST] = 4, [FLOW41_A_MAX_FLOWS] = 4,
	[FLOW41_A_WATCH] = 1,
};

static void check_name(const struct nlattr *attr)
{
	int length = mnl_attr_get_payload_len(attr);
	const char *name = mnl_attr_get_payload(attr);

	if (length < 2 || length > 16 || (int)strnlen(name, length) != length - 1)
		abort();
}

static void check_names(const struct nlattr *nest)
{
	const struct nlattr *attr;
	int used = 0;

	mnl_attr_for_each_nested(attr, nest) {
		if (mnl_attr_get_type(attr) != FLOW41_A_DEVICE_NAME)
			abort();
		check_name(attr);
		used += MNL_ALIGN(mnl_attr_get_len(attr));
	}
	if (used != mnl_attr_get_payload_len(nest))
		abort();
}

static void check_message(const struct nlmsghdr *nlh)
{
	unsigned int used = NLMSG_HDRLEN + sizeof(struct genlmsghdr);
	const struct nlattr *attr;
	int type;

	if (nlh->nlmsg_len > NL_REQUEST_SIZE)
		abort();
	mnl_attr_for_each(attr, nlh, sizeof(struct genlmsghdr)) {
		type = mnl_attr_get_type(attr);
		if (type == FLOW41_A_DEV_IN)
			check_name(attr);
		else if (type == FLOW41_A_ALLOWED_DEVICES)
			check_names(attr);
		else if (!lengths[type] ||
			 mnl_attr_get_payload_len(attr) != lengths[type])
			abort();
		used += MNL_ALIGN(mnl_attr_get_len(attr));
	}
	if (used != nlh->nlmsg_len)
		abort();
}

/* The words are the input, split at newlines. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *words[MAX_WORDS + 1];
	struct args args = { 0 };
	union nl_request request;
	struct nlmsghdr *nlh;
	char *copy, *rest;
	int ret;

	copy = malloc(size + 1);
	memcpy(copy, data, size);
	copy[size] = 0;
	rest = copy;
	while (rest && args.count < MAX_WORDS)
		words[args.count++] = strsep(&rest, "\n");
	args.words = words;
	memset(&request, 0xa5, sizeof(request));
	nlh = mnl_nlmsg_put_header(request.space);
	mnl_nlmsg_put_extra_header(nlh, sizeof(struct genlmsghdr));
	ret = args_params(&args, nlh, "word", params, ARRAY_SIZE(params));
	if (ret && ret != EXIT_USAGE)
		abort();
	if (!ret)
		check_message(nlh);
	free(copy);
	return 0;
}

#ifndef __clang__

static const char *const seeds[] = {
	"role\nencap", "src\n2001:db8::1", "sport\n65535", "proto\ntcp",
	"dev\nlan", "outer-src\n192.0.2.1", "outer-dst\n255.255.255.255",
	"max-flows\n4294967295", "devices\nlan,wan", "devices\nany",
	"devices\nabcdefghijklmno,a,b,c", "src\n::ffff:192.0.2.1",
	"watch\non", "watch\noff", "stalled",
};

/* One of the seeds, or two of them with a newline between. */
static size_t pick(char *input, size_t space)
{
	const char *one = seeds[rand() % ARRAY_SIZE(seeds)];
	const char *two = seeds[rand() % ARRAY_SIZE(seeds)];

	return snprintf(input, space, rand() & 1 ? "%s" : "%s\n%s", one, two);
}

static size_t mutate(char *input, size_t size, size_t space)
{
	size_t at = size ? rand() % size : 0;
	size_t count = 1 + rand() % 40;
	int n;

	switch (rand() % 5) {
	case 0:		/* change a byte */
		input[at] = rand();
		return size;
	case 1:		/* repeat a byte */
		if (size + count > space)
			return size;
		memmove(input + at + count, input + at, size - at);
		memset(input + at, input[at + count], count);
		return size + count;
	case 2:		/* cut */
		if (count > size - at)
			count = size - at;
		memmove(input + at, input + at + count, size - at - count);
		return size - count;
	case 3:		/* repeat the end, to the message's limit and beyond */
		count = count < size ? count : size;
		n = rand() % 600;
		while (n-- && count && size + count <= space) {
			memcpy(input + size, input + size - count, count);
			size += count;
		}
		return size;
	default:	/* double */
		if (2 * size > space)
			return size;
		memcpy(input + size, input, size);
		return 2 * size;
	}
}

int main(int argc, char **argv)
{
	time_t end = time(NULL) + (argc > 1 ? atoi(argv[1]) : 5);
	unsigned long runs = 0;
	char input[8192] = "";
	size_t size;
	int n;

	stderr = fopen("/dev/null", "w");	/* a sanitizer writes to fd 2 */
	srand(argc > 2 ? atoi(argv[2]) : 41);
	while (time(NULL) < end) {
		size = pick(input, sizeof(input));
		for (n = rand() % 12; n; n--)
			size = mutate(input, size, sizeof(input));
		LLVMFuzzerTestOneInput((uint8_t *)input, size);
		runs++;
	}
	printf("%lu runs\n", runs);
	return 0;
}

#endif /* __clang__ */
