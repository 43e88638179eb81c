// SPDX-License-Identifier: GPL-2.0-or-later
/* Events as they happen: monitor. */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <libmnl/libmnl.h>
#include <linux/flow41.h>
#include <linux/genetlink.h>
#include <linux/netlink.h>

#include "args.h"
#include "audit.h"
#include "commands.h"
#include "flow.h"
#include "handshake.h"
#include "nl.h"
#include "print.h"
#include "reasons.h"

#define RECEIVE_SPACE	1048576	/* for a burst of events */
#define EVENT_SPACE	16384	/* for one that is printed: written in end_event() only */

static const struct param groups[] = {
	{ FLOW41_MCGRP_FLOWS, 0, NULL },
	{ FLOW41_MCGRP_ALERTS, 0, NULL },
};

/* How much an event matters: word in JSON, and in text. */
struct level {
	const char *name;
	const char *text;
};

static const struct level info = { "info", "" };
static const struct level warning = { "warning", "WARNING " };
static const struct level critical = { "critical", "CRITICAL " };

/* Nobody reads the output any more. */
static bool unread;

/* What ends the program: held back, and readable from @asked. */
static sigset_t ends;
static int asked;

static void print_time(void)
{
	struct timespec now;
	struct tm tm;
	char text[32];
	char full[40];

	clock_gettime(CLOCK_REALTIME, &now);
	strftime(text, sizeof(text), "%FT%T", gmtime_r(&now.tv_sec, &tm));
	snprintf(full, sizeof(full), "%s.%03dZ", text,
		 (int)(now.tv_nsec / 1000000));
	print_str("time", NULL, full);
	strftime(text, sizeof(text), "%T", localtime_r(&now.tv_sec, &tm));
	print_text("%s.%03d ", text, (int)(now.tv_nsec / 1000000));
}

static void begin_event(const char *name, const struct level *level)
{
	print_open_object(NULL);
	print_time();
	print_str("event", NULL, name);
	print_str("level", NULL, level->name);
	print_text("%s", level->text);
}

/* A reader may take its time. Who asks for the end meanwhile gets it, at once. */
static void wait_for_reader(void)
{
	struct pollfd fds[] = {
		{ .fd = STDOUT_FILENO, .events = POLLOUT },
		{ .fd = asked, .events = POLLIN },
	};

	while (poll(fds, ARRAY_SIZE(fds), -1) < 0 && errno == EINTR)
		;
	if (!fds[0].revents)
		sigprocmask(SIG_UNBLOCK, &ends, NULL);
}

/* Whoever reads may have seen enough: that is no failure. */
static int end_event(void)
{
	print_close_object();
	wait_for_reader();
	if (!print_flush())
		return 0;
	if (errno != EPIPE || !freopen("/dev/null", "w", stdout))
		return EXIT_FAILURE;
	unread = true;
	return 0;
}

static int say(const char *name, const struct level *level,
	       const char *sentence)
{
	begin_event(name, level);
	print_str("sentence", "", sentence);
	print_text("\n");
	return end_event();
}

static int say_admitted(const struct nlmsghdr *nlh)
{
	begin_event("flow_admitted", &info);
	print_text("flow admitted: ");
	flow_print_key(nlh);
	flow_print_counters(nlh, NULL);
	print_text("\n");
	return end_event();
}

static int say_evicted(const struct nlmsghdr *nlh)
{
	const struct nlattr *tb[FLOW41_A_MAX + 1];
	const char *sentence;
	const char *reason;

	nl_parse(nlh, tb, FLOW41_A_MAX);
	reason = nl_str(tb[FLOW41_A_REASON]);
	reason = reason ? reason : "";
	sentence = reason_sentence(REASON_EVICTION, reason);
	begin_event("flow_evicted", &info);
	print_text("flow evicted");
	print_str("reason", *reason ? " (" : NULL, reason);
	print_str("sentence", *sentence ? ": " : NULL, sentence);
	print_text(*reason ? "): " : ": ");
	flow_print_key(nlh);
	flow_print_counters(nlh, " ");
	print_text("\n");
	return end_event();
}

static int say_handshake(const char *name, const struct level *level,
			 const struct nlmsghdr *nlh)
{
	begin_event(name, level);
	print_text("handshake ");
	handshake_print(nlh, show_statistics);
	return end_event();
}

static int say_audit(const char *name, const struct level *level,
		     const struct nlmsghdr *nlh)
{
	begin_event(name, level);
	print_str("sentence", "", reason_sentence(REASON_EVICTION, name));
	print_text(": ");
	flow_print_key(nlh);
	audit_print(nlh);
	return end_event();
}

static int say_alert(const struct nlmsghdr *nlh)
{
	const struct nlattr *tb[FLOW41_A_MAX + 1];
	const struct nlattr *alert;

	nl_parse(nlh, tb, FLOW41_A_MAX);
	alert = tb[FLOW41_A_ALERT];
	if (alert && nl_uint(alert) == FLOW41_ALERT_HEALED)
		return say_handshake("healed", &critical, nlh);
	if (alert && nl_uint(alert) == FLOW41_ALERT_STALLED)
		return say_handshake("stalled", &warning, nlh);
	if (alert && nl_uint(alert) == FLOW41_ALERT_AUDIT_MISMATCHED)
		return say_audit("audit_mismatched", &critical, nlh);
	if (alert && nl_uint(alert) == FLOW41_ALERT_AUDIT_LOST)
		return say_audit("audit_lost", &warning, nlh);
	if (alert && nl_uint(alert) == FLOW41_ALERT_TABLE_FULL)
		return say("table_full", &warning,
			   "the table holds max-flows flows: more connections use the software path");
	return say("unknown", &warning,
		   "an alert that this tool does not know: it is older than the module");
}

/* The controller of generic netlink announces families that come and go. */
static int check_gone(const struct nlmsghdr *nlh, const struct nl *nl)
{
	const struct genlmsghdr *genl = mnl_nlmsg_get_payload(nlh);
	const struct nlattr *tb[CTRL_ATTR_MAX + 1];

	nl_parse(nlh, tb, CTRL_ATTR_MAX);
	if (genl->cmd != CTRL_CMD_DELFAMILY ||
	    nl_uint(tb[CTRL_ATTR_FAMILY_ID]) != nl->family)
		return 0;
	return print_error("the flow41 module was unloaded: no more events");
}

static int take_event(const struct nlmsghdr *nlh, void *data)
{
	const struct genlmsghdr *genl = mnl_nlmsg_get_payload(nlh);
	const struct nl *nl = data;

	if (mnl_nlmsg_get_payload_len(nlh) < sizeof(*genl) || unread)
		return 0;
	if (nlh->nlmsg_type == GENL_ID_CTRL)
		return check_gone(nlh, nl);
	if (nlh->nlmsg_type != nl->family)
		return 0;
	if (genl->cmd == FLOW41_CMD_FLOW_ADD_NTF)
		return say_admitted(nlh);
	if (genl->cmd == FLOW41_CMD_FLOW_DEL_NTF)
		return say_evicted(nlh);
	if (genl->cmd == FLOW41_CMD_ALERT_NTF)
		return say_alert(nlh);
	return 0;
}

static int receive(struct nl *nl)
{
	int ret = nl_listen(nl, take_event, nl);

	if (ret == -ENOBUFS)
		return say("overrun", &warning,
			   "events came faster than they could be read: some are missing");
	if (ret == -EINTR || ret == -EAGAIN)
		return 0;
	if (ret < 0)
		return print_error("netlink: %s", strerror(-ret));
	return ret;
}

/* Until somebody asks for the end. */
static int loop(struct nl *nl)
{
	struct pollfd fds[] = {
		{ .fd = nl_fd(nl), .events = POLLIN },
		{ .fd = asked, .events = POLLIN },
		{ .fd = STDOUT_FILENO },	/* a pipe that is closed */
	};
	int ret = 0;

	while (!ret && !unread) {
		if (poll(fds, ARRAY_SIZE(fds), -1) < 0) {
			if (errno == EINTR)
				continue;
			return print_error("poll: %s", strerror(errno));
		}
		if (fds[1].revents || fds[2].revents)
			break;
		ret = receive(nl);
	}
	return ret;
}

static int catch_signals(void)
{
	signal(SIGPIPE, SIG_IGN);
	sigemptyset(&ends);
	sigaddset(&ends, SIGINT);
	sigaddset(&ends, SIGTERM);
	sigprocmask(SIG_BLOCK, &ends, NULL);
	asked = signalfd(-1, &ends, SFD_CLOEXEC);
	return asked < 0 ? print_error("signalfd: %s", strerror(errno)) : 0;
}

static void make_room(const struct nl *nl)
{
	int size = RECEIVE_SPACE;

	if (setsockopt(nl_fd(nl), SOL_SOCKET, SO_RCVBUFFORCE, &size,
		       sizeof(size)))
		setsockopt(nl_fd(nl), SOL_SOCKET, SO_RCVBUF, &size,
			   sizeof(size));
}

/* All groups are looked up before the first is joined: then events come. */
static int join(struct nl *nl, uint32_t wanted)
{
	uint32_t ids[ARRAY_SIZE(groups) + 1];
	size_t count = 1;
	size_t i;
	int ret;

	ret = nl_group(nl, "nlctrl", "notify", &ids[0]);
	for (i = 0; !ret && i < ARRAY_SIZE(groups); i++)
		if (!wanted || wanted & 1U << i)
			ret = nl_group(nl, FLOW41_FAMILY_NAME, groups[i].name,
				       &ids[count++]);
	for (i = 0; !ret && i < count; i++)
		ret = nl_join(nl, ids[i]);
	return ret;
}

static int print_events(uint32_t wanted)
{
	struct nl nl;
	int ret;

	ret = nl_open(&nl);
	if (ret)
		return ret;
	make_room(&nl);
	ret = join(&nl, wanted);
	if (!ret)
		ret = loop(&nl);
	nl_close(&nl);
	return ret;
}

/** cmd_monitor - print events until a signal, or as long as somebody reads */
int cmd_monitor(struct args *args)
{
	static char space[EVENT_SPACE];
	int ret;

	ret = args_params(args, NULL, "kind of event", groups,
			  ARRAY_SIZE(groups));
	if (!ret)
		ret = catch_signals();
	if (ret)
		return ret;
	setvbuf(stdout, space, _IOFBF, sizeof(space));
	ret = print_events(args->given);
	close(asked);
	return ret;
}
