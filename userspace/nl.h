/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef FLOW41_NL_H
#define FLOW41_NL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define NL_REQUEST_SIZE	4096
#define NL_REPLY_SIZE	32768	/* what the kernel fills at most in a dump */

struct mnl_socket;
struct nlattr;
struct nlmsghdr;

/* A request in the making; the rest of the space is for its attributes. */
union nl_request {
	char space[NL_REQUEST_SIZE];
	uint64_t align;
};

struct nl {
	struct mnl_socket *socket;
	uint16_t family;
	bool interrupted;	/* the last dump is perhaps not consistent */
};

/* The messages of a dump, one behind the other. */
struct nl_dump {
	char *messages;
	size_t used;
	size_t space;
};

/* Called for each message that answers a request. Return: an exit status. */
typedef int (*nl_reply_fn)(const struct nlmsghdr *nlh, void *data);

struct nlmsghdr *nl_request(union nl_request *request, uint8_t cmd,
			    uint16_t flags);
int nl_open(struct nl *nl);
void nl_close(struct nl *nl);
int nl_talk(struct nl *nl, struct nlmsghdr *nlh, nl_reply_fn reply,
	    void *data);
int nl_once(struct nlmsghdr *nlh, nl_reply_fn reply, void *data);

int nl_dump_make(struct nl_dump *dump, struct nlmsghdr *nlh,
		 const char *what);
void nl_dump_each(const struct nl_dump *dump,
		  void (*print)(const struct nlmsghdr *nlh));
void nl_dump_free(struct nl_dump *dump);

int nl_group(struct nl *nl, const char *family, const char *name,
	     uint32_t *id);
int nl_join(struct nl *nl, uint32_t group);
int nl_listen(struct nl *nl, nl_reply_fn event, void *data);
int nl_fd(const struct nl *nl);

void nl_parse(const struct nlmsghdr *nlh, const struct nlattr **tb,
	      unsigned int max);
void nl_parse_nested(const struct nlattr *nest, const struct nlattr **tb,
		     unsigned int max);
uint64_t nl_uint(const struct nlattr *attr);
const char *nl_str(const struct nlattr *attr);
const void *nl_data(const struct nlattr *attr, size_t length);

#endif /* FLOW41_NL_H */
