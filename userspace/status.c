// SPDX-License-Identifier: GPL-2.0-or-later
/* State and settings: status, enable, disable, set. */
#include <stdio.h>
#include <string.h>

#include <libmnl/libmnl.h>
#include <linux/flow41.h>
#include <linux/netlink.h>

#include "args.h"
#include "commands.h"
#include "nl.h"
#include "print.h"

static void print_devices(const char *key, const char *title,
			  const char *none, const struct nlattr *list)
{
	const char *label = " ";
	const struct nlattr *attr;
	bool empty = true;

	print_text("    %s", title);
	print_open_array(key);
	if (list) {
		mnl_attr_for_each_nested(attr, list) {
			if (!nl_str(attr))
				continue;
			print_str(NULL, label, nl_str(attr));
			label = ",";
			empty = false;
		}
	}
	print_close_array();
	print_text("%s\n", empty ? none : "");
}

static void print_switch(const char *name, const struct nlattr *attr)
{
	bool on = nl_uint(attr);

	if (!attr)
		return;
	print_bool(name, NULL, on);
	print_text(" %s %s", name, on ? "on" : "off");
}

/* A module that is older than these settings does not send them. */
static void print_watch(const struct nlattr **tb)
{
	if (!tb[FLOW41_A_WATCH])
		return;
	print_text("   ");
	print_switch("watch", tb[FLOW41_A_WATCH]);
	print_switch("heal", tb[FLOW41_A_HEAL]);
	print_switch("pickup", tb[FLOW41_A_PICKUP]);
	print_u64("quarantine", " quarantine ",
		  nl_uint(tb[FLOW41_A_QUARANTINE]));
	if (tb[FLOW41_A_AUDIT_RATE])
		print_u64("audit_rate", " audit-rate ",
			  nl_uint(tb[FLOW41_A_AUDIT_RATE]));
	print_text("\n");
}

/* Names with blanks or commas between them. */
static void print_names(const char *names)
{
	const char *label = " ";
	char name[64];
	size_t length;

	for (; *names; names += length + strspn(names + length, " ,")) {
		length = strcspn(names, " ,");
		if (!length)
			continue;
		snprintf(name, sizeof(name), "%.*s", (int)length, names);
		print_str(NULL, label, name);
		label = ", ";
	}
}

/* Only a module built for a demonstration or for tests has any. */
static void print_faults(const struct nlattr *attr)
{
	const char *names = nl_str(attr);

	if (!names)
		return;
	print_text("    BUILT WITH DELIBERATE FAULTS:");
	print_open_array("faults");
	print_names(names);
	print_close_array();
	print_text("%s\n", names[strspn(names, " ,")] ? "" : " none on");
}

static void print_memory(const struct nlattr **tb)
{
	uint64_t size = nl_uint(tb[FLOW41_A_FLOW_SIZE]);

	print_u64("flow_size", "    flow-size ", size);
	print_u64("memory", " memory ", size * nl_uint(tb[FLOW41_A_FLOWS]));
	print_text("\n");
}

static int print_status(const struct nlmsghdr *nlh, void *data)
{
	const struct nlattr *tb[FLOW41_A_MAX + 1];
	bool enabled;

	(void)data;
	nl_parse(nlh, tb, FLOW41_A_MAX);
	enabled = nl_uint(tb[FLOW41_A_ENABLED]);
	print_open_object(NULL);
	print_bool("enabled", "enabled", enabled);
	print_text(enabled ? "" : "disabled");
	print_u64("flows", " flows ", nl_uint(tb[FLOW41_A_FLOWS]));
	print_u64("max_flows", " max-flows ", nl_uint(tb[FLOW41_A_MAX_FLOWS]));
	print_u64("idle_timeout", " idle-timeout ",
		  nl_uint(tb[FLOW41_A_IDLE_TIMEOUT]));
	print_str("version", " version ", nl_str(tb[FLOW41_A_VERSION]));
	print_text("\n");
	print_devices("devices", "hooked", " none", tb[FLOW41_A_DEVICES]);
	print_devices("allowed_devices", "devices", " any",
		      tb[FLOW41_A_ALLOWED_DEVICES]);
	print_watch(tb);
	print_faults(tb[FLOW41_A_FAULTS]);
	if (show_statistics)
		print_memory(tb);
	print_close_object();
	return 0;
}

/** cmd_status - is it on, how full is it, how is it set */
int cmd_status(struct args *args)
{
	union nl_request request;
	int ret = args_end(args);

	if (ret)
		return ret;
	return nl_once(nl_request(&request, FLOW41_CMD_GET, NLM_F_ACK),
		       print_status, NULL);
}

static int switch_to(struct args *args, bool enabled)
{
	union nl_request request;
	struct nlmsghdr *nlh;
	int ret;

	ret = args_end(args);
	if (ret)
		return ret;
	nlh = nl_request(&request, FLOW41_CMD_SET, NLM_F_ACK);
	mnl_attr_put_u8(nlh, FLOW41_A_ENABLED, enabled);
	return nl_once(nlh, NULL, NULL);
}

/** cmd_enable - switch the cache on */
int cmd_enable(struct args *args)
{
	return switch_to(args, true);
}

/** cmd_disable - switch it off */
int cmd_disable(struct args *args)
{
	return switch_to(args, false);
}

static const struct param settings[] = {
	{ "max-flows", FLOW41_A_MAX_FLOWS, put_u32 },
	{ "idle-timeout", FLOW41_A_IDLE_TIMEOUT, put_u32 },
	{ "devices", FLOW41_A_ALLOWED_DEVICES, put_devices },
	{ "watch", FLOW41_A_WATCH, put_switch },
	{ "heal", FLOW41_A_HEAL, put_switch },
	{ "pickup", FLOW41_A_PICKUP, put_switch },
	{ "quarantine", FLOW41_A_QUARANTINE, put_u32 },
	{ "audit-rate", FLOW41_A_AUDIT_RATE, put_u32 },
};

/** cmd_set - change settings, all of them or none */
int cmd_set(struct args *args)
{
	union nl_request request;
	struct nlmsghdr *nlh;
	int ret;

	if (!args->count)
		return usage_error("set: NAME VALUE is missing");
	nlh = nl_request(&request, FLOW41_CMD_SET, NLM_F_ACK);
	ret = args_params(args, nlh, "setting", settings,
			  ARRAY_SIZE(settings));
	return ret ? ret : nl_once(nlh, NULL, NULL);
}
