// SPDX-License-Identifier: GPL-2.0-or-later
/* flow41 - watch and steer the 6in4 flow cache: options, command table. */
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "args.h"
#include "commands.h"
#include "print.h"
#include "version.h"

bool show_statistics;

struct command {
	const char *name;
	int (*run)(struct args *args);
};

static int cmd_help(struct args *args)
{
	(void)args;
	fputs("Usage: flow41 [ OPTIONS ] [ COMMAND ]\n"
	      "\n"
	      "  status                  is it on, how full, how set (the default)\n"
	      "  enable | disable        switch the cache on or off\n"
	      "  set NAME VALUE ...      max-flows N, idle-timeout SECONDS,\n"
	      "                          devices { any | NAME[,NAME...] },\n"
	      "                          watch, heal, pickup { on | off },\n"
	      "                          quarantine SECONDS, audit-rate N\n"
	      "  flows [ FILTER ... ]    list the cached flows\n"
	      "  flush [ FILTER ... ]    evict them\n"
	      "  stats                   packets carried; punts, refusals and\n"
	      "                          evictions by reason; handshakes; audit\n"
	      "  handshakes [ stalled ] [ src IPV6 ] [ dst IPV6 ] [ sport PORT ] [ dport PORT ]\n"
	      "                          watched TCP handshakes; why some stalled\n"
	      "  monitor [ flows ] [ alerts ]\n"
	      "                          print events as they happen\n"
	      "  help                    show this text\n"
	      "\n"
	      "FILTER := { role { encap | decap | transit } | src IPV6 | dst IPV6 |\n"
	      "            sport PORT | dport PORT | proto { tcp | udp } | dev NAME |\n"
	      "            dev-out NAME | tunnel NAME | outer-src IPV4 |\n"
	      "            outer-dst IPV4 }\n"
	      "OPTIONS := { -j | --json | -p | --pretty | -s | --statistics |\n"
	      "             -n | --netns NAME | -V | --version | -h | --help }\n",
	      stdout);
	return 0;
}

static const struct command commands[] = {
	{ "status", cmd_status },
	{ "enable", cmd_enable },
	{ "disable", cmd_disable },
	{ "set", cmd_set },
	{ "flows", cmd_flows },
	{ "flush", cmd_flush },
	{ "stats", cmd_stats },
	{ "handshakes", cmd_handshakes },
	{ "monitor", cmd_monitor },
	{ "help", cmd_help },
};

struct options {
	bool json;
	bool pretty;
	const char *netns;
	int (*run)(struct args *args);	/* instead of a command */
};

static int print_version(struct args *args)
{
	(void)args;
	puts("flow41 " FLOW41_VERSION);
	return 0;
}

static const struct option long_options[] = {
	{ "json", no_argument, NULL, 'j' },
	{ "pretty", no_argument, NULL, 'p' },
	{ "statistics", no_argument, NULL, 's' },
	{ "netns", required_argument, NULL, 'n' },
	{ "version", no_argument, NULL, 'V' },
	{ "help", no_argument, NULL, 'h' },
	{ NULL, 0, NULL, 0 },
};

static int bad_option(int c, char **argv)
{
	if (c == ':')
		return usage_error("option \"%s\": a value is missing",
				   argv[optind - 1]);
	if (isdigit(optopt))
		return usage_error("\"-%c\": a number cannot be negative", optopt);
	if (optopt && !strchr("jpsVh", optopt))
		return usage_error("option \"-%c\" is unknown", optopt);
	if (optopt)
		return usage_error("option \"%s\": it takes no value",
				   argv[optind - 1]);
	return usage_error("option \"%s\" is unknown", argv[optind - 1]);
}

static int parse_options(int argc, char **argv, struct options *options)
{
	int c;

	opterr = 0;
	while ((c = getopt_long(argc, argv, ":jpsn:Vh", long_options,
				NULL)) != -1) {
		switch (c) {
		case 'j':
			options->json = true;
			break;
		case 'p':
			options->pretty = true;
			break;
		case 's':
			show_statistics = true;
			break;
		case 'n':
			options->netns = optarg;
			break;
		case 'V':
			options->run = print_version;
			break;
		case 'h':
			options->run = cmd_help;
			break;
		default:
			return bad_option(c, argv);
		}
	}
	return 0;
}

static int run(const struct options *options, struct args *args)
{
	const char *word;
	int ret;
	int i;

	if (options->run)
		return options->run(args);
	word = args_next(args);
	i = word ? args_match("command", word, commands) : 0;
	if (i < 0)
		return EXIT_USAGE;
	if (options->netns) {
		ret = netns_enter(options->netns);
		if (ret)
			return ret;
	}
	print_init(options->json, options->pretty);
	return commands[i].run(args);
}

/* A full disk must not look like success. */
static int close_output(void)
{
	int error = ferror(stdout);

	if (fclose(stdout) || error)
		return print_error("cannot write the output: %s",
				   strerror(errno));
	return 0;
}

/* Where a standard stream was closed, no other descriptor takes its number. To be written
 * to is not what stands there instead: output that is lost is reported.
 */
static void keep_standard_streams(void)
{
	int fd;

	do
		fd = open("/dev/null", O_RDONLY);
	while (fd >= 0 && fd <= STDERR_FILENO);
	if (fd >= 0)
		close(fd);
}

int main(int argc, char **argv)
{
	struct options options = { 0 };
	struct args args;
	int written;
	int ret;

	keep_standard_streams();
	ret = parse_options(argc, argv, &options);
	if (ret)
		return ret;
	args.count = argc - optind;
	args.words = argv + optind;
	ret = run(&options, &args);
	written = close_output();
	return ret ? ret : written;
}
