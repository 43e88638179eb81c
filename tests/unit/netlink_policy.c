// SPDX-License-Identifier: GPL-2.0
/*
 * Every netlink command with every attribute done wrong: each time there is an
 * error, an extended-ack message and no change of state. Changes settings and
 * needs the module: to be run as root in a test guest.
 */
#include <errno.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "netlink_attrs.h"
#include "netlink_client.h"
#include "tap.h"

#define ARRAY_SIZE(array)	(sizeof(array) / sizeof((array)[0]))
#define STORM			3000

struct command {
	int cmd;
	const char *name;
	unsigned int uses;
};

static const struct command commands[] = {
	{ FLOW41_CMD_GET, "get", NOWHERE },
	{ FLOW41_CMD_SET, "set", SETTING },
	{ FLOW41_CMD_FLOW_GET, "flow-get", FILTER },
	{ FLOW41_CMD_FLOW_FLUSH, "flow-flush", FILTER },
	{ FLOW41_CMD_STATS_GET, "stats-get", NOWHERE },
	{ FLOW41_CMD_HANDSHAKE_GET, "handshake-get", IDENTITY },
};

/* @msg is refused, with words, and nothing changes. */
static void refused(struct nl_msg *msg, bool words, const char *command,
		    const char *what, const char *how)
{
	struct state before = state_get();
	struct result result;
	struct state after;

	exchange(msg, &result);
	result_put(&result);
	after = state_get();
	if (ok(result.error && result.error != ETIMEDOUT && !result.replies &&
	       (*result.text || !words) && state_same(&before, &after),
	       "%s: %s %s: %s", command, what, how, result.text))
		return;
	fprintf(tap, "# error %d, %u replies, message \"%s\", state %s\n",
		result.error, result.replies, result.text,
		state_same(&before, &after) ? "kept" : "changed");
}

static void put_variant(struct nl_msg *msg, const struct attr *attr,
			const struct variant *variant)
{
	char bytes[32] = "";

	memcpy(bytes, attr->good, attr->length);
	if (variant->data)
		memcpy(bytes, variant->data, variant->length);
	nla_put(msg, attr->type | variant->flag, variant->data ?
		variant->length : attr->length + variant->grow, bytes);
}

static void put_good(struct nl_msg *msg, const struct attr *attr)
{
	nla_put(msg, attr->type | (attr->kind == LIST ? NLA_F_NESTED : 0),
		attr->length, attr->good);
}

static void test_variants(const struct command *command,
			  const struct attr *attr)
{
	struct nl_msg *msg;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(variants); i++) {
		if (!(variants[i].kinds & attr->kind))
			continue;
		msg = flow_request(command->cmd);
		put_variant(msg, attr, &variants[i]);
		refused(msg, true, command->name, attr->name,
			variants[i].name);
	}
}

static void test_attributes(const struct command *command)
{
	struct nl_msg *msg;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(attrs); i++) {
		if (command->uses & attrs[i].uses) {
			test_variants(command, &attrs[i]);
			continue;
		}
		msg = flow_request(command->cmd);
		put_good(msg, &attrs[i]);
		refused(msg, true, command->name, attrs[i].name,
			"has no meaning");
	}
}

static const struct attr *attr_of(int type)
{
	size_t i;

	for (i = 0; attrs[i].type != type;)
		i++;
	return &attrs[i];
}

static void test_ranges(void)
{
	const struct value *v = out_of_range;
	struct nl_msg *msg;
	char how[16];

	for (; v < out_of_range + ARRAY_SIZE(out_of_range); v++) {
		msg = flow_request(v->cmd);
		if (v->length == 1)
			nla_put_u8(msg, v->type, v->value);
		else
			nla_put_u32(msg, v->type, v->value);
		snprintf(how, sizeof(how), "%u", v->value);
		refused(msg, true, commands[v->cmd - 1].name,
			attr_of(v->type)->name, how);
	}
}

static struct nl_msg *with_tail(int cmd, const char *tail, int length)
{
	struct nl_msg *msg = flow_request(cmd);

	memcpy(nlmsg_reserve(msg, length, 1), tail, length);
	nlmsg_hdr(msg)->nlmsg_len = NLMSG_HDRLEN + GENL_HDRLEN + length;
	return msg;
}

/* Messages that are wrong as such; generic netlink refuses some wordlessly. */
static void test_messages(const struct command *command)
{
	struct nl_msg *msg;

	refused(with_tail(command->cmd, "abc", 3), true, command->name,
		"message", "with three bytes behind it");
	refused(with_tail(command->cmd, "\xff\x7f\1\0abcd", 8), true,
		command->name, "attribute", "longer than the message");
	refused(with_tail(command->cmd, "\0\0\1\0", 4), true, command->name,
		"attribute", "of length 0");
	msg = flow_request(command->cmd);
	nlmsg_hdr(msg)->nlmsg_len = NLMSG_HDRLEN + 2;
	refused(msg, false, command->name, "message", "cut short");
	msg = request(command->cmd,
		      is_dump(command->cmd) ? DO : NLM_F_DUMP);
	refused(msg, false, command->name, "request",
		"with the other kind of flag");
}

static void test_commands(void)
{
	static const int unknown[] = {
		0, FLOW41_CMD_FLOW_ADD_NTF, FLOW41_CMD_FLOW_DEL_NTF,
		FLOW41_CMD_ALERT_NTF, FLOW41_CMD_MAX + 1, 255,
	};
	char number[8];
	size_t i;

	for (i = 0; i < ARRAY_SIZE(unknown); i++) {
		snprintf(number, sizeof(number), "%d", unknown[i]);
		refused(request(unknown[i], DO), false, "command", number,
			"is unknown");
		refused(request(unknown[i], NLM_F_DUMP), false, "dump", number,
			"is unknown");
	}
	refused(request(FLOW41_CMD_SET, DO), true, "set", "nothing", "at all");
}

static void put_names(struct nl_msg *msg, unsigned int count,
		      const char *last)
{
	struct nlattr *nest;
	char name[16];

	nest = nla_nest_start(msg, FLOW41_A_ALLOWED_DEVICES | NLA_F_NESTED);
	while (count--) {
		snprintf(name, sizeof(name), "test%u", count);
		nla_put_string(msg, FLOW41_A_DEVICE_NAME, name);
	}
	if (last)
		nla_put_string(msg, FLOW41_A_DEVICE_NAME, last);
	nla_nest_end_keep_empty(msg, nest);
}

/* One bad setting among good ones: none is taken, whatever the order. */
static void test_all_or_nothing(void)
{
	struct state now = state_get();
	struct nl_msg *msg;

	msg = request(FLOW41_CMD_SET, DO);
	nla_put_u8(msg, FLOW41_A_ENABLED, !now.enabled);
	nla_put_u32(msg, FLOW41_A_MAX_FLOWS, now.max_flows - 1);
	put_names(msg, 1, NULL);
	nla_put_u32(msg, FLOW41_A_IDLE_TIMEOUT, 0);
	refused(msg, true, "set", "bad idle-timeout", "behind good ones");

	msg = request(FLOW41_CMD_SET, DO);
	nla_put_u32(msg, FLOW41_A_MAX_FLOWS, UINT32_MAX);
	nla_put_u8(msg, FLOW41_A_ENABLED, !now.enabled);
	nla_put_u32(msg, FLOW41_A_IDLE_TIMEOUT, now.idle_timeout + 1);
	refused(msg, true, "set", "bad max-flows", "before good ones");

	msg = request(FLOW41_CMD_SET, DO);
	nla_put_u8(msg, FLOW41_A_ENABLED, !now.enabled);
	nla_put_u32(msg, FLOW41_A_IDLE_TIMEOUT, now.idle_timeout + 1);
	nla_put_u32(msg, FLOW41_A_MAX_FLOWS, now.max_flows - 1);
	put_names(msg, 1, "a/b");
	refused(msg, true, "set", "bad device name", "behind good ones");

	msg = request(FLOW41_CMD_SET, DO);
	nla_put_u8(msg, FLOW41_A_WATCH, !now.watch);
	nla_put_u8(msg, FLOW41_A_HEAL, !now.heal);
	nla_put_u8(msg, FLOW41_A_PICKUP, !now.pickup);
	nla_put_u32(msg, FLOW41_A_QUARANTINE, FLOW41_QUARANTINE_LIMIT + 1);
	refused(msg, true, "set", "bad quarantine", "behind good ones");

	msg = request(FLOW41_CMD_SET, DO);
	nla_put_u8(msg, FLOW41_A_WATCH, !now.watch);
	nla_put_u32(msg, FLOW41_A_QUARANTINE, now.quarantine % 2 + 1);
	nla_put_u32(msg, FLOW41_A_AUDIT_RATE, now.audit_rate % 2 + 1);
	put_names(msg, 1, "a/b");
	refused(msg, true, "set", "bad device name", "behind watch");

	msg = request(FLOW41_CMD_SET, DO);
	nla_put_u32(msg, FLOW41_A_IDLE_TIMEOUT, now.idle_timeout + 1);
	put_names(msg, FLOW41_DEVICES_LIMIT + 1, NULL);
	refused(msg, true, "set", "devices", "more than the limit");

	msg = request(FLOW41_CMD_SET, DO);
	nla_put_u32(msg, FLOW41_A_IDLE_TIMEOUT, now.idle_timeout + 1);
	nla_put_u16(msg, FLOW41_A_SPORT, 1);
	refused(msg, true, "set", "a filter", "among the settings");
}

/* What is set is read back, and nothing else moves. */
static void round_trip(struct state want, const char *what)
{
	struct result result;
	struct state got;

	state_set(&want, &result);
	got = state_get();
	want.flushed = got.flushed;
	if (ok(!result.error && state_same(&want, &got), "round trip: %s",
	       what))
		return;
	fprintf(tap, "# error %d, message \"%s\", max-flows %u, idle-timeout %u\n",
		result.error, result.text, got.max_flows, got.idle_timeout);
}

static void test_watch_round_trips(void)
{
	struct state state = state_get();

	state.watch = !state.watch;
	round_trip(state, "watch");
	state.heal = !state.heal;
	round_trip(state, "heal");
	state.pickup = !state.pickup;
	round_trip(state, "pickup");
	state.quarantine = 1;
	round_trip(state, "quarantine, least");
	state.quarantine = FLOW41_QUARANTINE_LIMIT;
	round_trip(state, "quarantine, most");
	state.audit_rate = 1;
	round_trip(state, "audit-rate, least");
	state.audit_rate = FLOW41_AUDIT_RATE_LIMIT;
	round_trip(state, "audit-rate, most");
}

static void test_round_trips(void)
{
	struct state state = state_get();
	struct nl_msg *msg = nlmsg_alloc();
	struct nlattr *nest;

	state.enabled = 1;
	round_trip(state, "enabled");
	state.enabled = 0;
	round_trip(state, "disabled");
	state.max_flows = 2;
	round_trip(state, "max-flows, least");
	state.max_flows = FLOW41_MAX_FLOWS_LIMIT;
	round_trip(state, "max-flows, most");
	state.idle_timeout = 1;
	round_trip(state, "idle-timeout, least");
	state.idle_timeout = FLOW41_IDLE_TIMEOUT_LIMIT;
	round_trip(state, "idle-timeout, most");
	put_names(msg, FLOW41_DEVICES_LIMIT - 1, "fifteen_letters");
	nest = nlmsg_find_attr(nlmsg_hdr(msg), 0, FLOW41_A_ALLOWED_DEVICES);
	state.devices_len = nla_len(nest);
	memcpy(state.devices, nla_data(nest), nla_len(nest));
	round_trip(state, "as many devices as there may be");
	state.devices_len = 0;
	round_trip(state, "any device");
	nlmsg_free(msg);
}

static void answers(struct nl_msg *msg, int error, const char *what)
{
	struct result result;

	exchange(msg, &result);
	ok(result.error == error, "%s: %s", what, strerror(result.error));
	result_put(&result);
}

static struct nl_msg *set_idle_timeout(unsigned int seconds)
{
	struct nl_msg *msg = request(FLOW41_CMD_SET, DO);

	nla_put_u32(msg, FLOW41_A_IDLE_TIMEOUT, seconds);
	return msg;
}

static void as_nobody(void)
{
	if (setgid(65534) || setuid(65534) || client_open()) {
		ok(false, "unprivileged: client");
		return;
	}
	answers(request(FLOW41_CMD_GET, DO), 0, "unprivileged: get");
	answers(request(FLOW41_CMD_STATS_GET, DO), 0,
		"unprivileged: stats-get");
	answers(set_idle_timeout(5), EPERM, "unprivileged: set");
	answers(flow_request(FLOW41_CMD_FLOW_GET), EPERM,
		"unprivileged: flow-get");
	answers(flow_request(FLOW41_CMD_FLOW_FLUSH), EPERM,
		"unprivileged: flow-flush");
	answers(flow_request(FLOW41_CMD_HANDSHAKE_GET), EPERM,
		"unprivileged: handshake-get");
	ok(client_join(FLOW41_MCGRP_FLOWS) == -NLE_PERM,
	   "unprivileged: group of flows");
	ok(client_join(FLOW41_MCGRP_ALERTS) == -NLE_PERM,
	   "unprivileged: group of alerts");
}

/* Root of its own user namespace rules its own network namespace. */
static void own_namespace(void)
{
	if (setgid(65534) || setuid(65534) ||
	    unshare(CLONE_NEWUSER | CLONE_NEWNET) || client_open()) {
		ok(true, "own namespace # SKIP not allowed here");
		return;
	}
	answers(set_idle_timeout(5), 0, "own namespace: set");
	ok(state_get().idle_timeout == 5, "own namespace: is set");
	answers(flow_request(FLOW41_CMD_FLOW_GET), 0,
		"own namespace: flow-get");
	answers(flow_request(FLOW41_CMD_FLOW_FLUSH), 0,
		"own namespace: flow-flush");
	answers(flow_request(FLOW41_CMD_HANDSHAKE_GET), 0,
		"own namespace: handshake-get");
}

/* Run @test in a process of its own, which keeps the count. */
static void in_child(void (*test)(void))
{
	struct state before = state_get();
	struct state after;
	unsigned int *counts;
	pid_t pid;

	counts = mmap(NULL, sizeof(*counts) * 2, PROT_READ | PROT_WRITE,
		      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	fflush(tap);
	pid = fork();
	if (!pid) {
		test();
		counts[0] = tap_count;
		counts[1] = tap_failed;
		fflush(tap);
		_exit(0);
	}
	waitpid(pid, NULL, 0);
	tap_count = counts[0] ? counts[0] : tap_count;
	tap_failed = counts[0] ? counts[1] : tap_failed + 1;
	after = state_get();
	ok(state_same(&before, &after), "  no setting has changed");
}

/* Whatever is sent, the module lives and its settings are within bounds. */
static void test_storm(void)
{
	unsigned int seed = 41;
	struct nl_msg *msg;
	struct state state;
	char bytes[24];
	unsigned int n;
	size_t i;
	int k;

	for (n = 0; n < STORM; n++) {
		msg = flow_request(commands[rand_r(&seed) %
					    ARRAY_SIZE(commands)].cmd);
		for (k = rand_r(&seed) % 4; k >= 0; k--) {
			for (i = 0; i < sizeof(bytes); i++)
				bytes[i] = rand_r(&seed) >> 8;
			nla_put(msg, rand_r(&seed) % (FLOW41_A_MAX + 2) |
				(rand_r(&seed) & 8 ? NLA_F_NESTED : 0),
				rand_r(&seed) % sizeof(bytes), bytes);
		}
		send_request(msg);
	}
	state = state_get();
	ok(state.enabled <= 1 && state.max_flows &&
	   state.max_flows <= FLOW41_MAX_FLOWS_LIMIT && state.idle_timeout &&
	   state.idle_timeout <= FLOW41_IDLE_TIMEOUT_LIMIT &&
	   state.watch <= 1 && state.heal <= 1 && state.pickup <= 1 &&
	   state.quarantine && state.quarantine <= FLOW41_QUARANTINE_LIMIT &&
	   state.audit_rate && state.audit_rate <= FLOW41_AUDIT_RATE_LIMIT,
	   "%d messages of random attributes", STORM);
}

int main(void)
{
	struct result result;
	struct state before;
	size_t i;

	tap_begin();
	if (client_open()) {
		fputs("Bail out! the flow41 module is not loaded\n", tap);
		return 1;
	}
	before = state_get();
	for (i = 0; i < ARRAY_SIZE(commands); i++) {
		test_attributes(&commands[i]);
		test_messages(&commands[i]);
	}
	test_ranges();
	test_commands();
	test_all_or_nothing();
	test_round_trips();
	test_watch_round_trips();
	in_child(as_nobody);
	in_child(own_namespace);
	test_storm();
	state_set(&before, &result);
	ok(!result.error, "settings as they were");
	client_close();
	return tap_end();
}
