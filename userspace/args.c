// SPDX-License-Identifier: GPL-2.0-or-later
/* From words to attributes; every error names the word that was wrong. */
#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <libmnl/libmnl.h>
#include <linux/flow41.h>
#include <linux/if.h>

#include "args.h"
#include "nl.h"

/**
 * usage_error - say which word of the command line was wrong
 * @fmt: as printf(), without a newline
 *
 * Return: EXIT_USAGE, for the caller to hand on.
 */
int usage_error(const char *fmt, ...)
{
	va_list ap;

	fputs("flow41: ", stderr);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fputc('\n', stderr);
	return EXIT_USAGE;
}

/**
 * args_next - take the next word
 * @args: the words left
 *
 * Return: the word, or NULL when there is none left.
 */
const char *args_next(struct args *args)
{
	if (!args->count)
		return NULL;
	args->count--;
	return *args->words++;
}

/**
 * args_end - refuse words that are left over
 * @args: the words left
 *
 * Return: 0, or EXIT_USAGE with the first of them named.
 */
int args_end(struct args *args)
{
	const char *word = args_next(args);

	return word ? usage_error("unexpected word \"%s\"", word) : 0;
}

static const char *name_at(const char *const *names, size_t stride, size_t i)
{
	return *(const char *const *)((const char *)names + i * stride);
}

/* Say that @word was not understood, and which names begin with @prefix. */
static void list_names(const char *what, const char *word, const char *why,
		       const char *prefix, const char *const *names,
		       size_t count, size_t stride)
{
	const char *separator = "";
	size_t i;

	fprintf(stderr, "flow41: %s \"%s\" %s ", what, word, why);
	for (i = 0; i < count; i++) {
		const char *name = name_at(names, stride, i);

		if (strncmp(name, prefix, strlen(prefix)))
			continue;
		fprintf(stderr, "%s%s", separator, name);
		separator = ", ";
	}
	fputc('\n', stderr);
}

/**
 * args_lookup - find a word, or an unambiguous beginning of one, in a table
 * @what: what the word is, for the error message
 * @word: the word
 * @names: the name in the first entry
 * @count: entries in the table
 * @stride: bytes from one entry's name to the next one's
 *
 * Return: the entry's index, or -1 with the error said.
 */
int args_lookup(const char *what, const char *word, const char *const *names,
		size_t count, size_t stride)
{
	size_t length = strlen(word);
	int found = -1;
	size_t i;

	for (i = 0; i < count; i++) {
		const char *name = name_at(names, stride, i);

		if (!strcmp(name, word))
			return i;
		if (!length || strncmp(name, word, length))
			continue;
		if (found >= 0) {
			list_names(what, word, "is ambiguous:", word, names,
				   count, stride);
			return -1;
		}
		found = i;
	}
	if (found < 0)
		list_names(what, word, "is unknown, use one of:", "", names,
			   count, stride);
	return found;
}

static int put_next(struct args *args, struct nlmsghdr *nlh, const char *what,
		    const struct param *params, size_t count)
{
	const char *word = args_next(args);
	const char *value;
	int i;

	i = args_lookup(what, word, &params->name, count, sizeof(*params));
	if (i < 0)
		return EXIT_USAGE;
	value = params[i].put ? args_next(args) : "";
	if (!value)
		return usage_error("%s: a value is missing", params[i].name);
	if (args->given & 1U << i)
		return usage_error("%s: given twice", params[i].name);
	args->given |= 1U << i;
	return params[i].put ? params[i].put(nlh, &params[i], value) : 0;
}

/**
 * args_params - turn all words left, "NAME VALUE ...", into attributes
 * @args: the words left; which names they were is noted in it
 * @nlh: the request the attributes go to; NULL when no name takes a value
 * @what: what a NAME is, for error messages
 * @params: the names there are
 * @count: how many
 *
 * Return: 0, or EXIT_USAGE with the error said.
 */
int args_params(struct args *args, struct nlmsghdr *nlh, const char *what,
		const struct param *params, size_t count)
{
	int ret = 0;

	args->given = 0;
	while (args->count && !ret)
		ret = put_next(args, nlh, what, params, count);
	return ret;
}

static int put(struct nlmsghdr *nlh, const struct param *param, size_t length,
	       const void *data)
{
	if (mnl_attr_put_check(nlh, NL_REQUEST_SIZE, param->attr, length, data))
		return 0;
	return usage_error("%s: too long", param->name);
}

static int parse_number(const struct param *param, const char *value,
			unsigned long max, unsigned long *number)
{
	char *end;

	if (!isdigit((unsigned char)value[0]))
		return usage_error("%s: \"%s\" is not a number", param->name,
				   value);
	errno = 0;
	*number = strtoul(value, &end, 10);
	if (*end)
		return usage_error("%s: \"%s\" is not a number", param->name,
				   value);
	if (errno || *number > max)
		return usage_error("%s: \"%s\" is more than %lu", param->name,
				   value, max);
	return 0;
}

/**
 * put_u32 - parse and add a number; whether it is in range says the kernel
 * @nlh: the request
 * @param: the parameter
 * @value: the word
 *
 * Return: 0, or EXIT_USAGE with the error said. All other put functions alike.
 */
int put_u32(struct nlmsghdr *nlh, const struct param *param, const char *value)
{
	unsigned long number;
	uint32_t u32;
	int ret;

	ret = parse_number(param, value, UINT32_MAX, &number);
	u32 = number;
	return ret ? ret : put(nlh, param, sizeof(u32), &u32);
}

/** put_port - a port number, in network byte order */
int put_port(struct nlmsghdr *nlh, const struct param *param,
	     const char *value)
{
	unsigned long number;
	uint16_t be16;
	int ret;

	ret = parse_number(param, value, UINT16_MAX, &number);
	be16 = htons(number);
	return ret ? ret : put(nlh, param, sizeof(be16), &be16);
}

static int put_address(struct nlmsghdr *nlh, const struct param *param,
		       const char *value, int family, size_t length)
{
	unsigned char address[sizeof(struct in6_addr)];

	if (strchr(value, '/'))
		return usage_error("%s: \"%s\" is a prefix, only one exact address can be matched",
				   param->name, value);
	if (inet_pton(family, value, address) != 1)
		return usage_error("%s: \"%s\" is not an IPv%c address",
				   param->name, value,
				   family == AF_INET ? '4' : '6');
	return put(nlh, param, length, address);
}

/** put_ipv4 - an IPv4 address */
int put_ipv4(struct nlmsghdr *nlh, const struct param *param,
	     const char *value)
{
	return put_address(nlh, param, value, AF_INET, sizeof(struct in_addr));
}

/** put_ipv6 - an IPv6 address */
int put_ipv6(struct nlmsghdr *nlh, const struct param *param,
	     const char *value)
{
	return put_address(nlh, param, value, AF_INET6,
			   sizeof(struct in6_addr));
}

struct value {
	const char *name;
	uint8_t value;
};

static const struct value roles[] = {
	{ "encap", FLOW41_ROLE_ENCAP },
	{ "decap", FLOW41_ROLE_DECAP },
	{ "transit", FLOW41_ROLE_TRANSIT },
};

static const struct value switches[] = {
	{ "on", 1 },
	{ "off", 0 },
};

static const struct value protocols[] = {
	{ "tcp", IPPROTO_TCP },
	{ "udp", IPPROTO_UDP },
};

/**
 * role_name - the word for a role
 * @role: an enum flow41_role, as the kernel sent it
 *
 * Return: the word, NULL for a role this tool does not know.
 */
const char *role_name(unsigned int role)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(roles); i++)
		if (roles[i].value == role)
			return roles[i].name;
	return NULL;
}

/** put_role - a role by its name */
int put_role(struct nlmsghdr *nlh, const struct param *param,
	     const char *value)
{
	int i = args_match(param->name, value, roles);

	return i < 0 ? EXIT_USAGE : put(nlh, param, 1, &roles[i].value);
}

/** put_proto - an inner protocol by its name */
int put_proto(struct nlmsghdr *nlh, const struct param *param,
	      const char *value)
{
	int i = args_match(param->name, value, protocols);

	return i < 0 ? EXIT_USAGE : put(nlh, param, 1, &protocols[i].value);
}

/** put_switch - "on" or "off" */
int put_switch(struct nlmsghdr *nlh, const struct param *param,
	       const char *value)
{
	int i = args_match(param->name, value, switches);

	return i < 0 ? EXIT_USAGE : put(nlh, param, 1, &switches[i].value);
}

static int put_name(struct nlmsghdr *nlh, const struct param *param,
		    const char *name, size_t length)
{
	char device[IFNAMSIZ] = "";

	if (!length)
		return usage_error("%s: a device name is empty", param->name);
	if (length >= sizeof(device))
		return usage_error("%s: \"%.*s\" is longer than a device name can be (%zu)",
				   param->name, (int)length, name,
				   sizeof(device) - 1);
	memcpy(device, name, length);
	/* as dev_valid_name() */
	if (strpbrk(device, "/: \t\n\v\f\r") || !strcmp(device, ".") || !strcmp(device, ".."))
		return usage_error("%s: \"%s\" is no name of a device", param->name,
				   device);
	return put(nlh, param, length + 1, device);
}

/** put_device - a device name */
int put_device(struct nlmsghdr *nlh, const struct param *param,
	       const char *value)
{
	return put_name(nlh, param, value, strlen(value));
}

/** put_devices - "any", or device names with commas between them */
int put_devices(struct nlmsghdr *nlh, const struct param *param,
		const char *value)
{
	const struct param name = { param->name, FLOW41_A_DEVICE_NAME, NULL };
	struct nlattr *nest;
	size_t length;
	int ret = 0;

	nest = mnl_attr_nest_start_check(nlh, NL_REQUEST_SIZE, param->attr);
	if (!nest)
		return usage_error("%s: too long", param->name);
	if (!strcmp(value, "any"))
		value = NULL;
	while (value && !ret) {
		length = strcspn(value, ",");
		if (length == 3 && !strncmp(value, "any", length))
			return usage_error("%s: \"any\" and device names exclude each other",
					   param->name);
		ret = put_name(nlh, &name, value, length);
		value = value[length] ? value + length + 1 : NULL;
	}
	mnl_attr_nest_end(nlh, nest);
	return ret;
}
