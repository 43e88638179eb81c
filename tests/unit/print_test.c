// SPDX-License-Identifier: GPL-2.0
/* print.c: the same calls give text and JSON, and the JSON is always valid. */
#include <arpa/inet.h>

#include "args.h"
#include "print.h"
#include "tap.h"

/* What @fill prints in one mode; ' stands for " in @want. */
static void check(const char *name, bool json, bool pretty,
		  void (*fill)(void), const char *want)
{
	struct capture capture;
	char quoted[256];
	char *got;
	size_t i;

	for (i = 0; want[i] && i < sizeof(quoted) - 1; i++)
		quoted[i] = want[i] == '\'' ? '"' : want[i];
	quoted[i] = 0;
	capture_begin(&capture, &stdout);
	print_init(json, pretty);
	fill();
	got = capture_end(&capture);
	is_str(got, quoted, name);
	free(got);
}

static void values(void)
{
	print_open_object(NULL);
	print_bool("enabled", "enabled", true);
	print_bool("settling", " settling", false);
	print_str("dev_out", " dev-out ", NULL);
	print_u64("hidden", NULL, 0);
	print_text("\n%s", "");
	print_close_object();
}

static void nests(void)
{
	print_open_object(NULL);
	print_open_array("devices");
	print_str(NULL, "devices ", "lan");
	print_str(NULL, ",", "wan");
	print_close_array();
	print_open_object("empty");
	print_close_object();
	print_u64("flows", " flows ", UINT64_MAX);
	print_close_object();
}

static void empty_array(void)
{
	print_open_array(NULL);
	print_close_array();
}

static void array_of_objects(void)
{
	print_open_array(NULL);
	print_open_object(NULL);
	print_u64("a", "a ", 1);
	print_close_object();
	print_open_object(NULL);
	print_u64("a", " a ", 2);
	print_close_object();
	print_close_array();
}

/* JSON lines: no comma between them. */
static void objects(void)
{
	print_open_object(NULL);
	print_u64("a", "a ", 1);
	print_close_object();
	array_of_objects();
	empty_array();
}

static void addresses(void)
{
	const struct in_addr in = { htonl(0xc0000201) };

	print_open_array(NULL);
	print_ip(NULL, "", AF_INET, &in);
	print_ip(NULL, " ", AF_INET6, &in6addr_loopback);
	print_ip(NULL, NULL, AF_INET6, &in6addr_any);
	print_close_array();
}

static void columns(void)
{
	print_open_array(NULL);
	print_column("lan", 5);
	print_column("\x01", 5);
	print_column("\xc3\xbc", 2);
	print_column("longer", 5);
	print_text("|");
	print_close_array();
}

static void test_shapes(void)
{
	check("values, text", false, false, values, "enabled\n");
	check("values, JSON", true, false, values,
	      "{'enabled':true,'settling':false,'dev_out':null,'hidden':0}\n");
	check("nests, text", false, false, nests,
	      "devices lan,wan flows 18446744073709551615");
	check("nests, JSON", true, false, nests,
	      "{'devices':['lan','wan'],'empty':{},'flows':18446744073709551615}\n");
	check("nests, pretty JSON", true, true, nests,
	      "{\n    'devices': [\n        'lan',\n        'wan'\n    ],\n"
	      "    'empty': {},\n    'flows': 18446744073709551615\n}\n");
	check("pretty without JSON is text", false, true, array_of_objects,
	      "a 1 a 2");
	check("empty array", true, false, empty_array, "[]\n");
	check("empty pretty array", true, true, empty_array, "[]\n");
	check("array of objects", true, false, array_of_objects,
	      "[{'a':1},{'a':2}]\n");
	check("one after the other", true, false, objects,
	      "{'a':1}\n[{'a':1},{'a':2}]\n[]\n");
	check("addresses, text", false, false, addresses, "192.0.2.1 ::1");
	check("addresses, JSON", true, false, addresses,
	      "['192.0.2.1','::1','::']\n");
	check("columns", false, false, columns,
	      "lan  \\x01 \xc3\xbc longer|");
	check("columns are text only", true, false, columns, "[]\n");
}

struct escape {
	const char *name;
	const char *value;
	const char *json;
	const char *text;
};

static const struct escape escapes[] = {
	{ "plain", "br-lan.1", "br-lan.1", "br-lan.1" },
	{ "empty", "", "", "" },
	{ "quote", "a\"b", "a\\\"b", "a\"b" },
	{ "backslash", "a\\", "a\\\\", "a\\" },
	{ "newline", "\n", "\\u000a", "\\x0a" },
	{ "escape", "\x1b[2J", "\\u001b[2J", "\\x1b[2J" },
	{ "delete", "\x7f", "\\u007f", "\\x7f" },
	{ "last control", "\x1f", "\\u001f", "\\x1f" },
	{ "two bytes", "\xc3\xbc", "\xc3\xbc", "\xc3\xbc" },
	{ "three bytes", "\xe2\x82\xac", "\xe2\x82\xac", "\xe2\x82\xac" },
	{ "four bytes", "\xf0\x9f\x90\xa7", "\xf0\x9f\x90\xa7",
	  "\xf0\x9f\x90\xa7" },
	{ "lone continuation", "\x80", "\\ufffd", "\\x80" },
	{ "cut short", "\xe2\x82", "\\ufffd\\ufffd", "\\xe2\\x82" },
	{ "cut by ASCII", "\xc3(", "\\ufffd(", "\\xc3(" },
	{ "overlong two", "\xc0\xaf", "\\ufffd\\ufffd", "\\xc0\\xaf" },
	{ "overlong three", "\xe0\x80\x80", "\\ufffd\\ufffd\\ufffd",
	  "\\xe0\\x80\\x80" },
	{ "last overlong three", "\xe0\x9f\xbf", "\\ufffd\\ufffd\\ufffd",
	  "\\xe0\\x9f\\xbf" },
	{ "overlong four", "\xf0\x80\x80\x80",
	  "\\ufffd\\ufffd\\ufffd\\ufffd", "\\xf0\\x80\\x80\\x80" },
	{ "surrogate", "\xed\xa0\x80", "\\ufffd\\ufffd\\ufffd",
	  "\\xed\\xa0\\x80" },
	{ "beyond the last", "\xf4\x90\x80\x80",
	  "\\ufffd\\ufffd\\ufffd\\ufffd", "\\xf4\\x90\\x80\\x80" },
	{ "not a lead", "\xff", "\\ufffd", "\\xff" },
	{ "C1 control", "\xc2\x9b[J", "\\u009b[J", "\\xc2\\x9b[J" },
	{ "behind C1", "\xc2\xa0", "\xc2\xa0", "\xc2\xa0" },
};

static const struct escape *escape;

static void print_escape(void)
{
	print_open_array(NULL);
	print_str(NULL, "", escape->value);
	print_close_array();
}

static void test_escapes(void)
{
	char want[80];
	size_t i;

	for (i = 0; i < ARRAY_SIZE(escapes); i++) {
		escape = &escapes[i];
		snprintf(want, sizeof(want), "[\"%s\"]\n", escape->json);
		check(escape->name, true, false, print_escape, want);
		check(escape->name, false, false, print_escape, escape->text);
	}
}

static void test_error(void)
{
	struct capture capture;
	char *got;
	int ret;

	capture_begin(&capture, &stderr);
	ret = print_error("%s %d", "went wrong", 7);
	got = capture_end(&capture);
	is_str(got, "flow41: went wrong 7\n", "error text");
	ok(ret == 1, "error status");
	free(got);
}

int main(void)
{
	tap_begin();
	test_shapes();
	test_escapes();
	test_error();
	return tap_end();
}
