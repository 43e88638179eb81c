// SPDX-License-Identifier: GPL-2.0
/*
 * Ports: the devices whose ingress is hooked. A device is hooked when the first
 * flow that comes in on it is learnt, and stays so.
 */
#include <linux/netfilter_netdev.h>
#include <linux/rtnetlink.h>

#include "flow41.h"

#define UNUSED_AFTER	(10 * HZ)

static struct flow41_port *find(struct flow41_net *fn, int ifindex)
{
	struct flow41_port *port;

	list_for_each_entry_rcu(port, &fn->ports, list,
				lockdep_rtnl_is_held())
		if (port->dev->ifindex == ifindex)
			return port;
	return NULL;
}

static bool name_listed(const struct flow41_names *names, const char *name)
{
	unsigned int i;

	for (i = 0; names && i < names->count; i++)
		if (!strcmp(names->name[i], name))
			return true;
	return !names;
}

static bool device_allowed(struct flow41_net *fn, const struct net_device *dev)
{
	bool allowed;

	rcu_read_lock();
	allowed = name_listed(rcu_dereference(fn->allowed), dev->name);
	rcu_read_unlock();
	return allowed;
}

/**
 * flow41_port_allowed() - may flows come in on this device?
 * @fn: the network namespace
 * @ifindex: the device
 *
 * Context: RCU read side. Return: what the operator said of its name.
 */
bool flow41_port_allowed(struct flow41_net *fn, int ifindex)
{
	const struct net_device *dev;

	if (!rcu_access_pointer(fn->allowed))
		return true;
	dev = dev_get_by_index_rcu(fn->net, ifindex);
	return dev && device_allowed(fn, dev);
}

/**
 * flow41_port_want() - a flow comes in on a device: see to it that it is hooked
 * @fn: the network namespace
 * @ifindex: the device
 *
 * Hooking needs process context: a worker does it. When it has no room for
 * another wish, the device waits for the next connection.
 *
 * Context: softirq, RCU read side.
 */
void flow41_port_want(struct flow41_net *fn, int ifindex)
{
	unsigned int i, slot = ARRAY_SIZE(fn->wanted);
	struct flow41_port *port = find(fn, ifindex);

	if (port) {
		WRITE_ONCE(port->used, jiffies);
		return;
	}

	spin_lock_bh(&fn->wanted_lock);
	for (i = 0; i < ARRAY_SIZE(fn->wanted); i++) {
		if (fn->wanted[i] == ifindex)
			break;
		if (!fn->wanted[i])
			slot = i;
	}
	if (i == ARRAY_SIZE(fn->wanted) && slot < i)
		fn->wanted[slot] = ifindex;
	spin_unlock_bh(&fn->wanted_lock);
	schedule_work(&fn->attach);
}

static int next_wish(struct flow41_net *fn)
{
	int ifindex = 0;
	unsigned int i;

	spin_lock_bh(&fn->wanted_lock);
	for (i = 0; i < ARRAY_SIZE(fn->wanted) && !ifindex; i++)
		swap(fn->wanted[i], ifindex);
	spin_unlock_bh(&fn->wanted_lock);
	return ifindex;
}

static struct flow41_port *make(struct flow41_net *fn, struct net_device *dev)
{
	struct flow41_port *port = kzalloc(sizeof(*port), GFP_KERNEL);

	if (!port)
		return NULL;
	port->fn = fn;
	port->dev = dev;
	port->used = jiffies;
	port->ops.hook = flow41_hook_ingress;
	port->ops.priv = port;
	port->ops.dev = dev;
	port->ops.pf = NFPROTO_NETDEV;
	port->ops.hooknum = NF_NETDEV_INGRESS;
	/* Whatever filters at the ingress has its say before. */
	port->ops.priority = INT_MAX;
	return port;
}

static void detach(struct flow41_port *port)
{
	ASSERT_RTNL();
	nf_unregister_net_hook(port->fn->net, &port->ops);
	list_del_rcu(&port->list);
	port->fn->port_count--;
	/* A packet may still be in the hook. */
	kfree_rcu(port, rcu);
}

/*
 * Devices stay hooked: when a hook goes, the kernel drops what waits for a program's verdict
 * anywhere in the namespace (nf_queue_nf_hook_drop()). Where there is no room for another
 * one, those go that no flow has come in on lately.
 */
static bool room(struct flow41_net *fn)
{
	struct flow41_port *port, *next;

	if (fn->port_count < FLOW41_PORTS_MAX)
		return true;
	list_for_each_entry_safe(port, next, &fn->ports, list)
		if (time_after(jiffies, READ_ONCE(port->used) + UNUSED_AFTER))
			detach(port);
	return fn->port_count < FLOW41_PORTS_MAX;
}

static void attach(struct flow41_net *fn, int ifindex)
{
	struct net_device *dev = __dev_get_by_index(fn->net, ifindex);
	struct flow41_port *port;

	ASSERT_RTNL();
	if (!fn->enabled || !dev || dev->reg_state != NETREG_REGISTERED ||
	    find(fn, ifindex) || !device_allowed(fn, dev) || !room(fn))
		return;

	port = make(fn, dev);
	if (!port)
		return;
	if (nf_register_net_hook(fn->net, &port->ops)) {
		kfree(port);
		return;
	}
	list_add_tail_rcu(&port->list, &fn->ports);
	fn->port_count++;
}

/**
 * flow41_port_attach_work() - hook the devices that were asked for
 * @work: the namespace's @attach
 *
 * Context: may sleep; takes RTNL, so that no device goes away meanwhile.
 */
void flow41_port_attach_work(struct work_struct *work)
{
	struct flow41_net *fn = container_of(work, struct flow41_net, attach);
	int ifindex;

	rtnl_lock();
	while ((ifindex = next_wish(fn)))
		attach(fn, ifindex);
	rtnl_unlock();
}

/**
 * flow41_port_release() - unhook
 * @fn: the network namespace
 * @dev: this device, or NULL for all
 *
 * Context: RTNL. The hook may run until a grace period has passed.
 */
void flow41_port_release(struct flow41_net *fn, const struct net_device *dev)
{
	struct flow41_port *port, *next;

	list_for_each_entry_safe(port, next, &fn->ports, list)
		if (!dev || port->dev == dev)
			detach(port);
}

/* In the same order: to take the same list for another costs some flows, no more. */
static bool same_names(const struct flow41_names *a, const struct flow41_names *b)
{
	if (!a || !b)
		return a == b;
	return a->count == b->count && !memcmp(a->name, b->name, sizeof(a->name));
}

/**
 * flow41_port_allow() - restrict the devices that flows may come in on
 * @fn: the network namespace
 * @names: their names, now owned by @fn, or NULL for any
 *
 * Context: RTNL. If that is a change all flows end; those that are still allowed come back.
 */
void flow41_port_allow(struct flow41_net *fn, struct flow41_names *names)
{
	struct flow41_filter all = { .role = -1 };
	struct flow41_port *port, *next;
	struct flow41_names *old;

	if (same_names(rtnl_dereference(fn->allowed), names)) {
		kfree(names);
		return;
	}
	old = rcu_replace_pointer(fn->allowed, names, lockdep_rtnl_is_held());
	if (old)
		kfree_rcu(old, rcu);
	list_for_each_entry_safe(port, next, &fn->ports, list)
		if (!device_allowed(fn, port->dev))
			detach(port);
	/* Nobody admits by the old list any more. */
	synchronize_net();
	flow41_forget(fn, &all, FLOW41_EVICT_SETTING);
}
