// SPDX-License-Identifier: GPL-2.0-or-later
/* Dumps, kept until it is known whether what they show held still. */
#include <stdlib.h>
#include <string.h>

#include <libmnl/libmnl.h>
#include <linux/netlink.h>

#include "nl.h"
#include "print.h"

/* How often a dump is made until the table held still meanwhile. */
#define DUMP_TRIES	4
#define DUMP_SPACE	512	/* at first */

static int make_room(struct nl_dump *dump, size_t length)
{
	size_t space = dump->space ? dump->space : DUMP_SPACE;
	char *messages;

	while (dump->used + length > space)
		space *= 2;
	if (space == dump->space)
		return 0;
	messages = realloc(dump->messages, space);
	if (!messages)
		return print_error("no memory for all that the kernel has to tell");
	dump->messages = messages;
	dump->space = space;
	return 0;
}

static int keep(const struct nlmsghdr *nlh, void *data)
{
	size_t length = MNL_ALIGN(nlh->nlmsg_len);
	struct nl_dump *dump = data;
	int ret;

	ret = make_room(dump, length);
	if (ret)
		return ret;
	memset(dump->messages + dump->used, 0, length);
	memcpy(dump->messages + dump->used, nlh, nlh->nlmsg_len);
	dump->used += length;
	return 0;
}

static int talk(struct nl *nl, struct nlmsghdr *nlh, const char *what,
		struct nl_dump *dump)
{
	int tries = DUMP_TRIES;
	int ret;

	do {
		dump->used = 0;
		ret = nl_talk(nl, nlh, keep, dump);
	} while (!ret && nl->interrupted && --tries);
	if (!ret && nl->interrupted)
		print_error("warning: the table kept changing: %s may be missing or doubled",
			    what);
	return ret;
}

/**
 * nl_dump_make - open, dump all there is of something, close
 * @dump: what is kept; to be freed with nl_dump_free() whatever happens
 * @nlh: the request
 * @what: what it asks for, for the warning that a consistent dump was not to
 *	be had
 *
 * Return: an exit status, as nl_talk() does.
 */
int nl_dump_make(struct nl_dump *dump, struct nlmsghdr *nlh, const char *what)
{
	struct nl nl;
	int ret;

	memset(dump, 0, sizeof(*dump));
	ret = nl_open(&nl);
	if (ret)
		return ret;
	ret = talk(&nl, nlh, what, dump);
	nl_close(&nl);
	return ret;
}

/**
 * nl_dump_each - hand on all messages of a dump
 * @dump: the dump
 * @print: gets them, one after the other
 */
void nl_dump_each(const struct nl_dump *dump,
		  void (*print)(const struct nlmsghdr *nlh))
{
	const struct nlmsghdr *nlh;
	size_t at;

	for (at = 0; at < dump->used; at += MNL_ALIGN(nlh->nlmsg_len)) {
		nlh = (const void *)(dump->messages + at);
		print(nlh);
	}
}

/**
 * nl_dump_free - forget a dump
 * @dump: the dump
 */
void nl_dump_free(struct nl_dump *dump)
{
	free(dump->messages);
}
