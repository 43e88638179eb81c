// SPDX-License-Identifier: GPL-2.0
/*
 * One memory allocation fails, each in turn, in whatever the kernel does for a
 * request: for a kernel with failslab (debug.config), in a guest.
 *
 *	netlink_fail load MODULE.ko	the module's loading
 *	netlink_fail netns		a new network namespace
 *	netlink_fail commands		every netlink command, in this namespace
 *
 * A request that fails must have changed nothing, and works once memory is there.
 * Prints "COUNT WHAT" for each: so many allocations were made to fail.
 */
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "netlink_client.h"

#define NEVER	1000000		/* more than there are allocations */
#define LAST	150		/* of those of loading: the module's own come last */
#define SAMPLES	100		/* of those of a namespace: all of its parts, not all of each */

static int mistakes;

static void mistake(const char *what, long nth, const char *how)
{
	printf("# %s, allocation %ld: %s\n", what, nth, how);
	mistakes++;
}

static int nth_file(void)
{
	int fd = open("/proc/thread-self/fail-nth", O_RDWR);

	if (fd < 0)
		err(1, "fail-nth");
	return fd;
}

/* The allocation number @nth from now on fails; 0: none. */
static void arm(int fd, long nth)
{
	char text[16];
	int len = snprintf(text, sizeof(text), "%ld", nth);

	if (pwrite(fd, text, len, 0) != len)
		err(1, "fail-nth");
}

/* Return: how many allocations were still to come. */
static long disarm(int fd)
{
	char text[16] = "";

	if (pread(fd, text, sizeof(text) - 1, 0) <= 0)
		err(1, "fail-nth");
	arm(fd, 0);
	return atol(text);
}

/* ---- loading, network namespaces */

static int load(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	int ret = syscall(SYS_finit_module, fd, "enabled=1", 0);
	int error = errno;

	close(fd);
	errno = error;
	return ret;
}

static int unload(void)
{
	return syscall(SYS_delete_module, "flow41", O_NONBLOCK);
}

static int netns(const char *unused)
{
	(void)unused;
	return unshare(CLONE_NEWNET);
}

/* Return: how many allocations were left over when it was done. */
static long try(int fd, int (*act)(const char *arg), const char *arg,
		const char *what, long nth)
{
	long left;
	int ret;

	arm(fd, nth);
	ret = act(arg);
	left = disarm(fd);
	if (left && ret)
		mistake(what, nth, strerror(errno));
	else if (act == load && !ret && unload())
		mistake(what, nth, "does not unload");
	return left;
}

static void sweep(int (*act)(const char *arg), const char *arg, const char *what)
{
	int fd = nth_file();
	long total = NEVER - try(fd, act, arg, what, NEVER);
	long step = act == netns ? total / SAMPLES + 1 : 1;
	long nth = act == load && total > LAST ? total - LAST : 1;
	long count = 0;

	for (; !try(fd, act, arg, what, nth); nth += step)
		count++;
	printf("%ld %s, of %ld\n", count, what, total);
	close(fd);
}

/* ---- commands */

static struct state before, after;

static struct nl_msg *set_message(const struct state *state)
{
	struct nl_msg *msg = request(FLOW41_CMD_SET, DO);

	nla_put_u8(msg, FLOW41_A_ENABLED, state->enabled);
	nla_put_u32(msg, FLOW41_A_MAX_FLOWS, state->max_flows);
	nla_put_u32(msg, FLOW41_A_IDLE_TIMEOUT, state->idle_timeout);
	nla_put_u8(msg, FLOW41_A_WATCH, state->watch);
	nla_put(msg, FLOW41_A_ALLOWED_DEVICES | NLA_F_NESTED,
		state->devices_len, state->devices);
	return msg;
}

static void name_device(struct state *state)
{
	struct nl_msg *msg = nlmsg_alloc();
	struct nlattr *nest = nla_nest_start(msg, FLOW41_A_ALLOWED_DEVICES);

	nla_put_string(msg, FLOW41_A_DEVICE_NAME, "lan0");
	nla_put_string(msg, FLOW41_A_DEVICE_NAME, "wan0");
	nla_nest_end(msg, nest);
	state->devices_len = nla_len(nest);
	memcpy(state->devices, nla_data(nest), nla_len(nest));
	nlmsg_free(msg);
}

static struct nl_msg *message(int cmd)
{
	return cmd == FLOW41_CMD_SET ? set_message(&after) : flow_request(cmd);
}

/*
 * A setting takes effect with all others, or none does. Where there was no memory for
 * the answer (exchange() says ETIMEDOUT), it is one or the other.
 */
static void check_state(const char *what, long nth, int error)
{
	struct state now = state_get();

	now.flushed = before.flushed;
	if (state_same(&now, error ? &before : &after) ||
	    (error == ETIMEDOUT && state_same(&now, &after)))
		return;
	mistake(what, nth, error ? "refused, but changed something" :
				   "done, but not all of it");
}

static long try_command(int fd, int cmd, const char *what, long nth)
{
	struct nl_msg *msg = message(cmd);
	struct result result;
	long left;

	arm(fd, nth);
	exchange(msg, &result);
	left = disarm(fd);
	if (left && result.error)
		mistake(what, nth, strerror(result.error));
	if (cmd == FLOW41_CMD_SET)
		check_state(what, nth, result.error);
	result_put(&result);
	return left;
}

static void restore(void)
{
	struct nl_msg *msg = set_message(&before);
	struct result result;

	exchange(msg, &result);
	if (result.error)
		mistake("restoring", 0, strerror(result.error));
	result_put(&result);
}

static void sweep_command(int cmd, const char *what)
{
	int fd = nth_file();
	long nth, count = 0;

	for (nth = 1; !try_command(fd, cmd, what, nth); nth++) {
		count++;
		if (cmd == FLOW41_CMD_SET)
			restore();
	}
	if (cmd == FLOW41_CMD_SET)
		restore();
	printf("%ld %s\n", count, what);
	close(fd);
}

static void sweep_settings(int enabled, int watch, const char *what)
{
	before = state_get();
	after = before;
	after.enabled = enabled;
	after.watch = watch;
	after.max_flows = before.max_flows - 2;
	after.idle_timeout = before.idle_timeout + 1;
	name_device(&after);
	before.flushed = 0;
	after.flushed = 0;
	sweep_command(FLOW41_CMD_SET, what);
}

static void sweep_commands(void)
{
	if (client_open() < 0)
		errx(1, "no flow41");
	sweep_command(FLOW41_CMD_GET, "get");
	sweep_command(FLOW41_CMD_STATS_GET, "stats");
	sweep_command(FLOW41_CMD_FLOW_GET, "flows");
	sweep_command(FLOW41_CMD_HANDSHAKE_GET, "handshakes");
	sweep_command(FLOW41_CMD_FLOW_FLUSH, "flush");
	sweep_settings(!state_get().enabled, 1, "set");
	sweep_settings(!state_get().enabled, 0, "set, no watch");
	client_close();
}

int main(int argc, char **argv)
{
	const char *verb = argc > 1 ? argv[1] : "";

	setlinebuf(stdout);
	if (!strcmp(verb, "load") && argc > 2)
		sweep(load, argv[2], "load");
	else if (!strcmp(verb, "netns"))
		sweep(netns, NULL, "netns");
	else if (!strcmp(verb, "commands"))
		sweep_commands();
	else
		errx(1, "usage: netlink_fail load MODULE.ko | netns | commands");
	return mistakes != 0;
}
