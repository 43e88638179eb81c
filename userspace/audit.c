// SPDX-License-Identifier: GPL-2.0-or-later
/* What an audit found: part of its alert. */
#include <stdio.h>
#include <string.h>

#include <libmnl/libmnl.h>
#include <linux/flow41.h>
#include <linux/netlink.h>

#include "audit.h"
#include "nl.h"
#include "print.h"
#include "reasons.h"

#define HEADER_MAX	128	/* bytes; more than any module sends */

/* Words with a blank between them, each a name of the list of differences. */
static void print_differs(const char *words)
{
	char name[32];
	size_t length;

	print_open_array("differs");
	for (; words && *words; words += length + strspn(words + length, " ")) {
		length = strcspn(words, " ");
		snprintf(name, sizeof(name), "%.*s", (int)length, words);
		print_str(NULL, "\n    differs ", name);
		print_text(": %s", reason_sentence(REASON_DIFFER, name));
	}
	print_close_array();
}

static void print_header(const struct nlattr *attr)
{
	char hex[2 * HEADER_MAX + 1] = "";
	const unsigned char *bytes;
	size_t i, length;

	if (attr) {
		bytes = mnl_attr_get_payload(attr);
		length = mnl_attr_get_payload_len(attr);
		for (i = 0; i < length && i < HEADER_MAX; i++)
			sprintf(hex + 2 * i, "%02x", bytes[i]);
	}
	print_str("header", " ", hex);
}

static void print_result(const char *key, const struct nlattr *attr)
{
	const struct nlattr *tb[FLOW41_A_RESULT_MAX + 1];
	const char *dev;

	if (!attr)
		return;
	nl_parse_nested(attr, tb, FLOW41_A_RESULT_MAX);
	dev = nl_str(tb[FLOW41_A_RESULT_DEV]);
	print_text("\n    %s", key);
	print_open_object(key);
	print_u64("length", " length ", nl_uint(tb[FLOW41_A_RESULT_LENGTH]));
	print_str("dev", " dev ", dev ? dev : "");
	print_u64("mark", " mark ", nl_uint(tb[FLOW41_A_RESULT_MARK]));
	print_u64("priority", " priority ",
		  nl_uint(tb[FLOW41_A_RESULT_PRIORITY]));
	print_header(tb[FLOW41_A_RESULT_HEADER]);
	print_close_object();
}

/**
 * audit_print - print in what a packet differs, and both results
 * @nlh: an alert about it; one about a lost packet has only the cached one
 */
void audit_print(const struct nlmsghdr *nlh)
{
	const struct nlattr *tb[FLOW41_A_MAX + 1];

	nl_parse(nlh, tb, FLOW41_A_MAX);
	print_differs(nl_str(tb[FLOW41_A_DIFFERS]));
	print_result("cached", tb[FLOW41_A_CACHED]);
	print_result("software", tb[FLOW41_A_SOFTWARE]);
	print_text("\n");
}
