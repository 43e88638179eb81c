// SPDX-License-Identifier: GPL-2.0-or-later
/* Named network namespaces, as "ip netns" makes them. */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "args.h"
#include "commands.h"
#include "print.h"

#define NETNS_DIR	"/run/netns/"

static int enter(int fd, const char *name)
{
	if (!setns(fd, CLONE_NEWNET))
		return 0;
	if (errno == EPERM)
		return print_error("network namespace \"%s\": entering it needs CAP_SYS_ADMIN",
				   name);
	return print_error("network namespace \"%s\": %s", name,
			   strerror(errno));
}

/**
 * netns_enter - make a named network namespace that of this process
 * @name: its name in /run/netns
 *
 * Return: an exit status.
 */
int netns_enter(const char *name)
{
	char path[sizeof(NETNS_DIR) + 255];
	int ret;
	int fd;

	if (!*name || strchr(name, '/') || !strcmp(name, ".") ||
	    !strcmp(name, "..") || strlen(name) > 255)
		return usage_error("\"%s\" is no name of a network namespace",
				   name);
	snprintf(path, sizeof(path), NETNS_DIR "%s", name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 && errno == ENOENT)
		return print_error("there is no network namespace \"%s\"",
				   name);
	if (fd < 0)
		return print_error("network namespace \"%s\": %s", name,
				   strerror(errno));
	ret = enter(fd, name);
	close(fd);
	return ret;
}
