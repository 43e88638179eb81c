// SPDX-License-Identifier: GPL-2.0-or-later
/* The watched handshakes, the stalled ones with a ladder: handshakes. */
#include <arpa/inet.h>
#include <inttypes.h>

#include <libmnl/libmnl.h>
#include <linux/flow41.h>
#include <linux/genetlink.h>
#include <linux/netlink.h>

#include "args.h"
#include "commands.h"
#include "handshake.h"
#include "nl.h"
#include "print.h"
#include "reasons.h"

/* Segments that come before those that were skipped. */
#define FIRST_SEGMENTS	4

static const struct param filters[] = {
	{ "stalled", 0, NULL },
	{ "src", FLOW41_A_SRC, put_ipv6 },
	{ "dst", FLOW41_A_DST, put_ipv6 },
	{ "sport", FLOW41_A_SPORT, put_port },
	{ "dport", FLOW41_A_DPORT, put_port },
};

#define ONLY_STALLED	1U	/* the first filter: the kernel has none for it */

struct state {
	const char *name;
	const char *stalled;	/* the same, after a segment was repeated */
};

static const struct state states[] = {
	[FLOW41_HANDSHAKE_STATE_SYN] = { "syn", "stalled" },
	[FLOW41_HANDSHAKE_STATE_SYNACK] = { "synack", "stalled" },
	[FLOW41_HANDSHAKE_STATE_ACK] = { "ack", "stalled" },
	[FLOW41_HANDSHAKE_STATE_COMPLETED] = { "completed",
					       "completed after a stall" },
	[FLOW41_HANDSHAKE_STATE_ENDED] = { "ended", "ended after a stall" },
};

struct kind {
	const char *name;
	const char *from;
	const char *arrow;	/* the client is on the left */
};

static const struct kind kinds[] = {
	[FLOW41_SEGMENT_KIND_SYN] = { "SYN", "client", "-->" },
	[FLOW41_SEGMENT_KIND_SYNACK] = { "SYN/ACK", "server", "<--" },
	[FLOW41_SEGMENT_KIND_ACK] = { "ACK", "client", "-->" },
};

static const struct kind unknown_kind = { "", "", "---" };

/* How wide the ladder's columns are. */
struct columns {
	unsigned int dev_in;
	unsigned int dev_out;
};

static const char *text_of(const struct nlattr *attr)
{
	const char *text = nl_str(attr);

	return text ? text : "";
}

/* Return: NULL when there is none, or one that this tool does not know. */
static const struct state *state_of(const struct nlattr **tb)
{
	uint64_t state = nl_uint(tb[FLOW41_A_STATE]);

	if (!tb[FLOW41_A_STATE] || state >= ARRAY_SIZE(states))
		return NULL;
	return &states[state];
}

static bool is_stalled(const struct nlattr **tb)
{
	return tb[FLOW41_A_VERDICT] || nl_uint(tb[FLOW41_A_REPEATS]);
}

/**
 * handshake_stalled - was a segment of a handshake repeated?
 * @nlh: a message about the handshake
 *
 * Return: true when it was, even if the handshake went on since.
 */
bool handshake_stalled(const struct nlmsghdr *nlh)
{
	const struct nlattr *tb[FLOW41_A_MAX + 1];

	nl_parse(nlh, tb, FLOW41_A_MAX);
	return is_stalled(tb);
}

/* An address; "" in JSON and nothing in text when it is missing. */
static void print_address(const char *key, const char *label, int family,
			  const struct nlattr *attr)
{
	const void *address = nl_data(attr, family == AF_INET ? 4 : 16);

	if (address)
		print_ip(key, label, family, address);
	else
		print_str(key, label, "");
}

static void print_identity(const struct nlattr **tb)
{
	const char *tunnel = text_of(tb[FLOW41_A_TUNNEL]);
	bool outer = !*tunnel && tb[FLOW41_A_OUTER_SRC];

	print_address("src", "[", AF_INET6, tb[FLOW41_A_SRC]);
	print_u64("sport", "]:", ntohs(nl_uint(tb[FLOW41_A_SPORT])));
	print_address("dst", " > [", AF_INET6, tb[FLOW41_A_DST]);
	print_u64("dport", "]:", ntohs(nl_uint(tb[FLOW41_A_DPORT])));
	print_str("tunnel", *tunnel ? "  via " : NULL, tunnel);
	print_address("outer_src", outer ? "  outer " : NULL, AF_INET,
		      tb[FLOW41_A_OUTER_SRC]);
	print_address("outer_dst", outer ? " > " : NULL, AF_INET,
		      tb[FLOW41_A_OUTER_DST]);
}

static void print_state(const struct nlattr **tb)
{
	const struct state *state = state_of(tb);
	uint64_t age = nl_uint(tb[FLOW41_A_AGE]);
	bool stalled = is_stalled(tb);
	const char *text;

	text = stalled ? "stalled" : "watched";
	if (state)
		text = stalled ? state->stalled : state->name;
	print_text("  %s, %" PRIu64 ".%" PRIu64 " s", text, age / 1000,
		   age % 1000 / 100);
	print_str("state", NULL, state ? state->name : NULL);
	print_u64("age_ms", NULL, age);
	print_bool("stalled", NULL, stalled);
}

static const struct kind *kind_of(const struct nlattr **tb)
{
	uint64_t kind = nl_uint(tb[FLOW41_A_SEGMENT_KIND]);

	if (!tb[FLOW41_A_SEGMENT_KIND] || kind >= ARRAY_SIZE(kinds))
		return &unknown_kind;
	return &kinds[kind];
}

static const char *dev_out_of(const struct nlattr **tb)
{
	const char *name = nl_str(tb[FLOW41_A_SEGMENT_DEV_OUT]);

	return name ? name : "nowhere";
}

static void widen(unsigned int *width, const char *value)
{
	if (print_width(value) > *width)
		*width = print_width(value);
}

static struct columns measure(const struct nlmsghdr *nlh)
{
	const struct nlattr *tb[FLOW41_A_SEGMENT_MAX + 1];
	struct columns columns = { 0 };
	const struct nlattr *attr;

	mnl_attr_for_each(attr, nlh, sizeof(struct genlmsghdr)) {
		if (mnl_attr_get_type(attr) != FLOW41_A_SEGMENT)
			continue;
		nl_parse_nested(attr, tb, FLOW41_A_SEGMENT_MAX);
		widen(&columns.dev_in,
		      text_of(tb[FLOW41_A_SEGMENT_DEV_IN]));
		widen(&columns.dev_out, dev_out_of(tb));
	}
	return columns;
}

static void print_segment(const struct nlattr **tb)
{
	const struct kind *kind = kind_of(tb);

	print_open_object(NULL);
	print_u64("time_ms", NULL, nl_uint(tb[FLOW41_A_SEGMENT_TIME]));
	print_str("segment", NULL, kind->name);
	print_str("from", NULL, kind->from);
	print_str("dev_in", NULL, text_of(tb[FLOW41_A_SEGMENT_DEV_IN]));
	print_str("dev_out", NULL, text_of(tb[FLOW41_A_SEGMENT_DEV_OUT]));
	print_bool("left", NULL, tb[FLOW41_A_SEGMENT_DEV_OUT]);
	print_str("path", NULL,
		  tb[FLOW41_A_SEGMENT_FAST] ? "fast" : "software");
	print_bool("repeated", NULL, tb[FLOW41_A_SEGMENT_REPEATED]);
	print_close_object();
}

/* TIME  SEGMENT  DIRECTION  DEV-IN -> DEV-OUT  PATH  REPEATED */
static void print_rung(const struct nlattr **tb, struct columns columns)
{
	unsigned int time = nl_uint(tb[FLOW41_A_SEGMENT_TIME]);
	const struct kind *kind = kind_of(tb);
	bool repeated = tb[FLOW41_A_SEGMENT_REPEATED];

	print_text("\n    %5u.%03u  %-7s  %s  ", time / 1000, time % 1000,
		   kind->name, kind->arrow);
	print_column(text_of(tb[FLOW41_A_SEGMENT_DEV_IN]), columns.dev_in);
	print_text(" -> ");
	print_column(dev_out_of(tb), columns.dev_out);
	print_text("  %s", tb[FLOW41_A_SEGMENT_FAST] ? "fast" : "software");
	if (repeated)
		print_text("%s  repeated",
			   tb[FLOW41_A_SEGMENT_FAST] ? "    " : "");
}

static void print_skipped(uint64_t skipped)
{
	if (skipped)
		print_text("\n%13s  %" PRIu64 " more", "...", skipped);
}

static void print_segments(const struct nlmsghdr *nlh, bool ladder,
			   uint64_t skipped)
{
	const struct nlattr *tb[FLOW41_A_SEGMENT_MAX + 1];
	struct columns columns = measure(nlh);
	const struct nlattr *attr;
	unsigned int n = 0;

	print_open_array("segments");
	mnl_attr_for_each(attr, nlh, sizeof(struct genlmsghdr)) {
		if (mnl_attr_get_type(attr) != FLOW41_A_SEGMENT)
			continue;
		nl_parse_nested(attr, tb, FLOW41_A_SEGMENT_MAX);
		print_segment(tb);
		if (!ladder)
			continue;
		print_rung(tb, columns);
		if (++n == FIRST_SEGMENTS)
			print_skipped(skipped);
	}
	print_close_array();
	if (ladder && n < FIRST_SEGMENTS)
		print_skipped(skipped);
}

static void print_verdict(const struct nlattr **tb, const char *separator)
{
	const char *verdict = text_of(tb[FLOW41_A_VERDICT]);
	const char *sentence = reason_sentence(REASON_VERDICT, verdict);

	print_str("verdict", *verdict ? separator : NULL, verdict);
	print_str("sentence", *sentence ? ": " : NULL, sentence);
	print_u64("repeats", NULL, nl_uint(tb[FLOW41_A_REPEATS]));
}

static void print_quarantine(const struct nlattr **tb, const char *separator)
{
	uint64_t left = nl_uint(tb[FLOW41_A_QUARANTINE_LEFT]);
	bool quarantined = tb[FLOW41_A_QUARANTINE_LEFT];

	if (quarantined)
		print_text("%squarantined to the software path for another %" PRIu64 " s",
			   separator, (left + 999) / 1000);
	print_bool("quarantined", NULL, quarantined);
	print_u64("quarantine_left_ms", NULL, left);
	if (tb[FLOW41_A_HEALED])
		print_text("%shealed: it completed on the software path; the cache was to blame",
			   separator);
	print_bool("healed", NULL, tb[FLOW41_A_HEALED]);
}

/**
 * handshake_print - print all that is known about a handshake
 * @nlh: a message about it
 * @ladder: in text, a line for each segment and each thing that is said about
 *	them; else all goes onto one line
 *
 * JSON has the same keys in any case; the object around them is the caller's.
 */
void handshake_print(const struct nlmsghdr *nlh, bool ladder)
{
	const char *separator = ladder ? "\n    " : "; ";
	const struct nlattr *tb[FLOW41_A_MAX + 1];
	uint64_t skipped;

	nl_parse(nlh, tb, FLOW41_A_MAX);
	skipped = nl_uint(tb[FLOW41_A_SKIPPED]);
	print_identity(tb);
	print_state(tb);
	print_segments(nlh, ladder, skipped);
	print_u64("skipped", NULL, skipped);
	print_verdict(tb, separator);
	print_quarantine(tb, separator);
	print_text("\n");
}

static void print_one(const struct nlmsghdr *nlh)
{
	print_open_object(NULL);
	handshake_print(nlh, handshake_stalled(nlh) || show_statistics);
	print_close_object();
}

static void print_stalled(const struct nlmsghdr *nlh)
{
	if (handshake_stalled(nlh))
		print_one(nlh);
}

/** cmd_handshakes - list the watched handshakes that match */
int cmd_handshakes(struct args *args)
{
	union nl_request request;
	struct nlmsghdr *nlh;
	struct nl_dump dump;
	int ret;

	nlh = nl_request(&request, FLOW41_CMD_HANDSHAKE_GET, NLM_F_DUMP);
	ret = args_params(args, nlh, "filter", filters, ARRAY_SIZE(filters));
	if (ret)
		return ret;
	ret = nl_dump_make(&dump, nlh, "handshakes");
	if (!ret) {
		print_open_array(NULL);
		nl_dump_each(&dump, args->given & ONLY_STALLED ?
			     print_stalled : print_one);
		print_close_array();
	}
	nl_dump_free(&dump);
	return ret;
}
