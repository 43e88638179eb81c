// SPDX-License-Identifier: GPL-2.0
/*
 * Generic netlink: the family and its settings. Together with the other
 * netlink_*.c the only place that sees attributes.
 */
#include <linux/rtnetlink.h>
#include <net/genetlink.h>

#include "flow41.h"
#include "netlink.h"
#include "version.h"

/* The family is about to go, or gone. */
static bool mute;

#define SETTINGS	(BIT_OF(ENABLED) | BIT_OF(MAX_FLOWS) | \
			 BIT_OF(IDLE_TIMEOUT) | BIT_OF(ALLOWED_DEVICES) | \
			 BIT_OF(WATCH) | BIT_OF(HEAL) | BIT_OF(PICKUP) | \
			 BIT_OF(QUARANTINE) | BIT_OF(AUDIT_RATE))

/**
 * flow41_nl_check() - one policy serves all commands: is this one's all known?
 * @attrs: the attributes, indexed by type; may be NULL
 * @known: bits of the attributes that mean something to the command
 * @extack: says what was wrong
 *
 * Context: any. Return: 0 or -EINVAL.
 */
int flow41_nl_check(struct nlattr * const *attrs, u64 known,
		    struct netlink_ext_ack *extack)
{
	unsigned int i;

	for (i = 1; attrs && i < ARRAY_SIZE(flow41_nl_policy); i++)
		if (attrs[i] && !(known & BIT_ULL(i))) {
			NL_SET_ERR_MSG_ATTR(extack, attrs[i],
					    "attribute has no meaning for this command");
			return -EINVAL;
		}
	return 0;
}

/**
 * flow41_nl_reply() - start the reply to a command
 * @info: the command
 * @size: room for attributes, in bytes
 * @header: filled in, for flow41_nl_send()
 *
 * Context: may sleep. Return: the message, or NULL without memory.
 */
struct sk_buff *flow41_nl_reply(struct genl_info *info, size_t size,
				void **header)
{
	struct sk_buff *msg = genlmsg_new(size, GFP_KERNEL);

	if (msg) {
		*header = genlmsg_put_reply(msg, info, &flow41_nl_family, 0,
					    info->genlhdr->cmd);
		if (*header)
			return msg;
		nlmsg_free(msg);
	}
	NL_SET_ERR_MSG(info->extack, "no memory for the reply");
	return NULL;
}

/**
 * flow41_nl_send() - send the reply to a command
 * @msg: from flow41_nl_reply(); consumed
 * @header: likewise
 * @err: what filling it in said; then it is not sent
 * @info: the command
 *
 * Context: may sleep. Return: 0 or a negative error.
 */
int flow41_nl_send(struct sk_buff *msg, void *header, int err,
		   struct genl_info *info)
{
	if (err) {
		nlmsg_free(msg);
		if (err == -EMSGSIZE)
			NL_SET_ERR_MSG(info->extack, "the reply does not fit into a message");
		else
			NL_SET_ERR_MSG(info->extack, "no memory for the reply");
		return err;
	}
	genlmsg_end(msg, header);
	return genlmsg_reply(msg, info);
}

/**
 * flow41_nl_event() - start an event
 * @net: the network namespace
 * @cmd: what happened
 * @group: who wants to hear of it
 * @header: filled in, for flow41_nl_publish()
 *
 * Context: any, RCU read side, until it is published.
 * Return: the message, or NULL when nobody listens or without memory.
 */
struct sk_buff *flow41_nl_event(struct net *net, u8 cmd, unsigned int group,
				void **header)
{
	struct sk_buff *msg;

	if (READ_ONCE(mute) || !genl_has_listeners(&flow41_nl_family, net, group))
		return NULL;
	msg = genlmsg_new(NLMSG_DEFAULT_SIZE, GFP_ATOMIC);
	if (!msg)
		return NULL;
	*header = genlmsg_put(msg, 0, 0, &flow41_nl_family, 0, cmd);
	if (*header)
		return msg;
	nlmsg_free(msg);
	return NULL;
}

/**
 * flow41_nl_publish() - send an event
 * @msg: from flow41_nl_event(); consumed
 * @header: likewise
 * @err: what filling it in said; then it is not sent
 * @net: the network namespace
 * @group: who wants to hear of it
 *
 * Context: any.
 */
void flow41_nl_publish(struct sk_buff *msg, void *header, int err,
		       struct net *net, unsigned int group)
{
	if (err) {
		nlmsg_free(msg);
		return;
	}
	genlmsg_end(msg, header);
	genlmsg_multicast_netns(&flow41_nl_family, net, msg, 0, group,
				GFP_ATOMIC);
}

static int put_ports(struct sk_buff *msg, const struct flow41_net *fn)
{
	struct nlattr *nest = nla_nest_start(msg, FLOW41_A_DEVICES);
	const struct flow41_port *port;

	if (!nest)
		return -EMSGSIZE;
	list_for_each_entry(port, &fn->ports, list)
		if (nla_put_string(msg, FLOW41_A_DEVICE_NAME, port->dev->name))
			return -EMSGSIZE;
	nla_nest_end(msg, nest);
	return 0;
}

static int put_allowed(struct sk_buff *msg, const struct flow41_net *fn)
{
	struct nlattr *nest = nla_nest_start(msg, FLOW41_A_ALLOWED_DEVICES);
	const struct flow41_names *names = rtnl_dereference(fn->allowed);
	unsigned int i;

	if (!nest)
		return -EMSGSIZE;
	for (i = 0; names && i < names->count; i++)
		if (nla_put_string(msg, FLOW41_A_DEVICE_NAME, names->name[i]))
			return -EMSGSIZE;
	nla_nest_end(msg, nest);
	return 0;
}

static int put_faults(struct sk_buff *msg)
{
	char names[64];

	if (!FLOW41_HAS_FAULTS)
		return 0;
	flow41_fault_names(names, sizeof(names));
	return nla_put_string(msg, FLOW41_A_FAULTS, names);
}

static int put_status(struct sk_buff *msg, const struct flow41_net *fn)
{
	if (nla_put_string(msg, FLOW41_A_VERSION, FLOW41_VERSION) ||
	    nla_put_u8(msg, FLOW41_A_ENABLED, fn->enabled) ||
	    nla_put_u32(msg, FLOW41_A_FLOWS, atomic_read(&fn->flows)) ||
	    nla_put_u32(msg, FLOW41_A_MAX_FLOWS, fn->max_flows) ||
	    nla_put_u32(msg, FLOW41_A_IDLE_TIMEOUT, fn->idle_timeout) ||
	    nla_put_u32(msg, FLOW41_A_FLOW_SIZE, flow41_flow_size()) ||
	    nla_put_u8(msg, FLOW41_A_WATCH, fn->watching) ||
	    nla_put_u8(msg, FLOW41_A_HEAL, fn->heal) ||
	    nla_put_u8(msg, FLOW41_A_PICKUP, fn->pickup) ||
	    nla_put_u32(msg, FLOW41_A_QUARANTINE, fn->quarantine) ||
	    nla_put_u32(msg, FLOW41_A_AUDIT_RATE, fn->audits.rate))
		return -EMSGSIZE;
	return put_faults(msg) ?: put_ports(msg, fn) ?: put_allowed(msg, fn);
}

int flow41_nl_get_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct flow41_net *fn = flow41_net(genl_info_net(info));
	struct sk_buff *msg;
	void *header;
	int err;

	err = flow41_nl_check(info->attrs, 0, info->extack);
	if (err)
		return err;
	msg = flow41_nl_reply(info, NLMSG_DEFAULT_SIZE, &header);
	if (!msg)
		return -ENOMEM;
	rtnl_lock();
	err = put_status(msg, fn);
	rtnl_unlock();
	return flow41_nl_send(msg, header, err, info);
}

static int add_name(struct flow41_names *names, const struct nlattr *attr,
		    struct netlink_ext_ack *extack)
{
	char *name = names->name[names->count];

	if (names->count == FLOW41_DEVICES_LIMIT) {
		NL_SET_ERR_MSG_ATTR(extack, attr, "at most 16 devices can be named");
		return -E2BIG;
	}
	nla_strscpy(name, attr, IFNAMSIZ);
	if (!dev_valid_name(name)) {
		NL_SET_ERR_MSG_ATTR(extack, attr, "not a valid device name");
		return -EINVAL;
	}
	names->count++;
	return 0;
}

/* An empty list means any device: NULL. */
static struct flow41_names *read_names(const struct nlattr *nest,
				       struct netlink_ext_ack *extack)
{
	struct flow41_names *names;
	const struct nlattr *attr;
	int err, left;

	if (!nla_len(nest))
		return NULL;
	names = kzalloc(sizeof(*names), GFP_KERNEL);
	if (!names) {
		NL_SET_ERR_MSG(extack, "no memory for the names of the devices");
		return ERR_PTR(-ENOMEM);
	}
	nla_for_each_nested(attr, nest, left) {
		err = add_name(names, attr, extack);
		if (err) {
			kfree(names);
			return ERR_PTR(err);
		}
	}
	return names;
}

static int switch_on(struct flow41_net *fn, struct netlink_ext_ack *extack)
{
	int err = flow41_enable(fn);

	if (err == -ENOMEM)
		NL_SET_ERR_MSG(extack, "no memory for the tables or the hooks");
	else if (err)
		NL_SET_ERR_MSG(extack, "too many netfilter hooks in this namespace");
	return err;
}

static int switch_watch(struct flow41_net *fn, bool on,
			struct netlink_ext_ack *extack)
{
	u8 before = fn->watch;
	int err;

	fn->watch = on ? FLOW41_WATCH_ON : FLOW41_WATCH_OFF;
	err = flow41_apply_watch(fn);
	if (!err)
		return 0;
	fn->watch = before;
	if (err == -ENOMEM)
		NL_SET_ERR_MSG(extack, "no memory for the handshake watch or its hooks");
	else
		NL_SET_ERR_MSG(extack, "too many netfilter hooks in this namespace");
	return err;
}

static void apply_healing(struct flow41_net *fn, struct nlattr **attrs)
{
	if (attrs[FLOW41_A_HEAL])
		WRITE_ONCE(fn->heal, nla_get_u8(attrs[FLOW41_A_HEAL]));
	if (attrs[FLOW41_A_PICKUP])
		WRITE_ONCE(fn->pickup, nla_get_u8(attrs[FLOW41_A_PICKUP]));
	if (attrs[FLOW41_A_QUARANTINE])
		WRITE_ONCE(fn->quarantine,
			   nla_get_u32(attrs[FLOW41_A_QUARANTINE]));
	if (attrs[FLOW41_A_AUDIT_RATE])
		WRITE_ONCE(fn->audits.rate,
			   nla_get_u32(attrs[FLOW41_A_AUDIT_RATE]));
}

/* What may fail comes first: all settings change, or none. */
static int apply(struct flow41_net *fn, struct nlattr **attrs,
		 struct flow41_names *names, struct netlink_ext_ack *extack)
{
	const struct nlattr *enabled = attrs[FLOW41_A_ENABLED];
	struct flow41_filter all = { .role = -1 };
	bool was_enabled = fn->enabled;
	int err = 0;

	ASSERT_RTNL();
	if (enabled && nla_get_u8(enabled))
		err = switch_on(fn, extack);
	if (!err && attrs[FLOW41_A_WATCH]) {
		err = switch_watch(fn, nla_get_u8(attrs[FLOW41_A_WATCH]),
				   extack);
		if (err && !was_enabled)
			flow41_disable(fn);
	}
	if (err)
		return err;
	if (enabled && !nla_get_u8(enabled))
		flow41_disable(fn);
	apply_healing(fn, attrs);
	if (attrs[FLOW41_A_IDLE_TIMEOUT])
		WRITE_ONCE(fn->idle_timeout,
			   nla_get_u32(attrs[FLOW41_A_IDLE_TIMEOUT]));
	if (attrs[FLOW41_A_MAX_FLOWS])
		WRITE_ONCE(fn->max_flows,
			   nla_get_u32(attrs[FLOW41_A_MAX_FLOWS]));
	if (atomic_read(&fn->flows) > fn->max_flows)
		flow41_forget(fn, &all, FLOW41_EVICT_SETTING);
	if (attrs[FLOW41_A_ALLOWED_DEVICES])
		flow41_port_allow(fn, names);
	return 0;
}

static int check_settings(struct nlattr * const *attrs,
			  struct netlink_ext_ack *extack)
{
	const struct nlattr *max_flows = attrs[FLOW41_A_MAX_FLOWS];
	bool any = false;
	unsigned int i;

	for (i = 1; i < ARRAY_SIZE(flow41_nl_policy); i++)
		any |= attrs[i] && SETTINGS & BIT_ULL(i);
	if (!any) {
		NL_SET_ERR_MSG(extack, "no setting given");
		return -EINVAL;
	}
	if (max_flows && nla_get_u32(max_flows) > FLOW41_MAX_FLOWS_LIMIT) {
		NL_SET_ERR_MSG_ATTR(extack, max_flows,
				    "max-flows can be 65536 at most");
		return -ERANGE;
	}
	return flow41_nl_check(attrs, SETTINGS, extack);
}

int flow41_nl_set_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct flow41_net *fn = flow41_net(genl_info_net(info));
	struct nlattr **attrs = info->attrs;
	struct flow41_names *names = NULL;
	int err;

	err = check_settings(attrs, info->extack);
	if (err)
		return err;
	if (attrs[FLOW41_A_ALLOWED_DEVICES])
		names = read_names(attrs[FLOW41_A_ALLOWED_DEVICES],
				   info->extack);
	if (IS_ERR(names))
		return PTR_ERR(names);

	rtnl_lock();
	err = apply(fn, attrs, names, info->extack);
	rtnl_unlock();
	if (err)
		kfree(names);
	return err;
}

static const struct genl_multicast_group groups[] = {
	[FLOW41_NLGRP_FLOWS] = GENL_MCAST_GROUP(FLOW41_MCGRP_FLOWS, GENL_MCAST_CAP_NET_ADMIN),
	[FLOW41_NLGRP_ALERTS] = GENL_MCAST_GROUP(FLOW41_MCGRP_ALERTS, GENL_MCAST_CAP_NET_ADMIN),
};

struct genl_family flow41_nl_family __ro_after_init = {
	.name		= FLOW41_FAMILY_NAME,
	.version	= FLOW41_FAMILY_VERSION,
	.module		= THIS_MODULE,
	.netnsok	= true,
	.policy		= flow41_nl_policy,
	.maxattr	= ARRAY_SIZE(flow41_nl_policy) - 1,
	.small_ops	= flow41_nl_ops,
	.n_small_ops	= ARRAY_SIZE(flow41_nl_ops),
	.mcgrps		= groups,
	.n_mcgrps	= ARRAY_SIZE(groups),
};

/**
 * flow41_netlink_init() - answer to the tool
 *
 * Context: may sleep. Return: 0 or a negative error.
 */
int __init flow41_netlink_init(void)
{
	return genl_register_family(&flow41_nl_family);
}

/**
 * flow41_netlink_exit() - answer no more
 *
 * Context: may sleep. On return no command is under way.
 */
void flow41_netlink_exit(void)
{
	/* What ends from now on ends in silence: the groups may be another family's soon */
	WRITE_ONCE(mute, true);
	synchronize_net();
	genl_unregister_family(&flow41_nl_family);
}
