/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef FLOW41_ARGS_H
#define FLOW41_ARGS_H

#include <stddef.h>
#include <stdint.h>

#define EXIT_USAGE	2

#define ARRAY_SIZE(array)	(sizeof(array) / sizeof((array)[0]))

struct nlmsghdr;

/* The words of the command line not yet looked at. */
struct args {
	int count;
	char **words;
	uint32_t given;		/* bits of the params that args_params() met */
};

/*
 * A word that takes a value, and the attribute the value becomes; without
 * @put the word stands alone and becomes nothing.
 */
struct param {
	const char *name;
	uint16_t attr;
	int (*put)(struct nlmsghdr *nlh, const struct param *param,
		   const char *value);
};

__attribute__((format(printf, 1, 2)))
int usage_error(const char *fmt, ...);

const char *args_next(struct args *args);
int args_end(struct args *args);
int args_params(struct args *args, struct nlmsghdr *nlh, const char *what,
		const struct param *params, size_t count);

int args_lookup(const char *what, const char *word, const char *const *names,
		size_t count, size_t stride);

/* Look @word up in a table of structs whose first member is the name. */
#define args_match(what, word, table)					\
	args_lookup(what, word, &(table)[0].name, ARRAY_SIZE(table),	\
		    sizeof((table)[0]))

const char *role_name(unsigned int role);

int put_role(struct nlmsghdr *nlh, const struct param *param,
	     const char *value);
int put_proto(struct nlmsghdr *nlh, const struct param *param,
	      const char *value);
int put_switch(struct nlmsghdr *nlh, const struct param *param,
	       const char *value);
int put_u32(struct nlmsghdr *nlh, const struct param *param,
	    const char *value);
int put_port(struct nlmsghdr *nlh, const struct param *param,
	     const char *value);
int put_ipv4(struct nlmsghdr *nlh, const struct param *param,
	     const char *value);
int put_ipv6(struct nlmsghdr *nlh, const struct param *param,
	     const char *value);
int put_device(struct nlmsghdr *nlh, const struct param *param,
	       const char *value);
int put_devices(struct nlmsghdr *nlh, const struct param *param,
		const char *value);

#endif /* FLOW41_ARGS_H */
