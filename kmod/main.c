// SPDX-License-Identifier: GPL-2.0
/* The init ladder and its mirror; the state of each network namespace. */
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/rtnetlink.h>
#include <net/genetlink.h>
#include <net/net_namespace.h>
#include <net/netns/generic.h>

#include "flow41.h"
#include "version.h"

#define IDLE_TIMEOUT	30		/* seconds */
#define QUARANTINE	60		/* seconds */
#define FLOWS_MIN	1024U
#define BYTES_PER_FLOW	16384		/* of main memory, for the default */

static bool enabled;
module_param(enabled, bool, 0444);
MODULE_PARM_DESC(enabled, "switch the cache on in every network namespace (default off)");

static unsigned int net_id __read_mostly;

/**
 * flow41_net() - the cache of a network namespace
 * @net: the namespace
 *
 * Context: any. Return: never NULL while the module is loaded.
 */
struct flow41_net *flow41_net(const struct net *net)
{
	return net_generic(net, net_id);
}

/* When the hooks are unregistered; packets may still be inside one. */
static void forget_all(struct flow41_net *fn)
{
	struct flow41_filter all = { .role = -1 };

	synchronize_net();
	while (flow41_forget(fn, &all, FLOW41_EVICT_DISABLED))
		;
}

/**
 * flow41_enable() - start learning
 * @fn: the network namespace
 *
 * Context: RTNL. Return: 0 or a negative error; 0 also when it was on.
 */
int flow41_enable(struct flow41_net *fn)
{
	int err;

	ASSERT_RTNL();
	if (fn->enabled)
		return 0;

	err = flow41_audits_init(fn);
	if (err)
		return err;
	err = nf_register_net_hooks(fn->net, fn->hooks, FLOW41_HOOKS);
	if (err) {
		/* Some of them were at work, if not for long */
		forget_all(fn);
		return err;
	}
	WRITE_ONCE(fn->enabled, true);
	err = flow41_apply_watch(fn);
	if (err) {
		flow41_disable(fn);
		return err;
	}
	queue_delayed_work(system_power_efficient_wq, &fn->tick, HZ);
	return 0;
}

/**
 * flow41_disable() - stop learning, forget everything
 * @fn: the network namespace
 *
 * Context: RTNL. On return no hook, no flow and no reference is left, or will
 * be once a grace period has passed.
 */
void flow41_disable(struct flow41_net *fn)
{
	ASSERT_RTNL();
	if (!fn->enabled)
		return;

	WRITE_ONCE(fn->enabled, false);
	flow41_port_release(fn, NULL);
	/* No packet is in the ingress hook any more: nothing new is audited. */
	synchronize_net();
	flow41_audits_drain(fn);
	nf_unregister_net_hooks(fn->net, fn->hooks, FLOW41_HOOKS);
	forget_all(fn);
	flow41_apply_watch(fn);
}

/**
 * flow41_apply_watch() - watch handshakes, or not, as the settings say now
 * @fn: the network namespace
 *
 * Context: RTNL. Return: 0 or a negative error; stopping never fails.
 */
int flow41_apply_watch(struct flow41_net *fn)
{
	bool on = fn->watch == FLOW41_WATCH_ON ||
		  (fn->watch == FLOW41_WATCH_IF_ENABLED && fn->enabled);

	if (on)
		return flow41_watch_start(fn);
	flow41_watch_stop(fn);
	return 0;
}

/* One flow for every 16 KiB of memory: 4,096 on the smallest routers. */
static u32 default_max_flows(void)
{
	unsigned long pages_per_flow = BYTES_PER_FLOW / 1024;
	unsigned long flows = totalram_pages() * (PAGE_SIZE / 1024) /
			      pages_per_flow;

	return clamp_t(unsigned long, flows, FLOWS_MIN, FLOW41_MAX_FLOWS_LIMIT);
}

static void net_setup(struct flow41_net *fn, struct net *net)
{
	fn->net = net;
	fn->max_flows_default = default_max_flows();
	fn->max_flows = fn->max_flows_default;
	fn->quarantine = QUARANTINE;
	fn->heal = true;
	fn->full_alert = jiffies - HZ;
	fn->idle_timeout = IDLE_TIMEOUT;
	fn->audits.rate = FLOW41_AUDIT_RATE;
	spin_lock_init(&fn->audits.lock);
	INIT_LIST_HEAD(&fn->ports);
	spin_lock_init(&fn->wanted_lock);
	spin_lock_init(&fn->insert_lock);
	INIT_WORK(&fn->attach, flow41_port_attach_work);
	INIT_DELAYED_WORK(&fn->tick, flow41_forget_tick);
	flow41_learn_init(fn);
}

/* Disabled and unwatched, but perhaps not for long. */
static void net_quiesce(struct flow41_net *fn)
{
	/* In this order: the first one queues the second. */
	cancel_delayed_work_sync(&fn->tick);
	cancel_work_sync(&fn->attach);
	/* The last references to conntrack entries go with these callbacks. */
	rcu_barrier();
	/* No packet is in a hook of the watch any more. */
	synchronize_net();
}

static void __net_exit net_exit(struct net *net)
{
	struct flow41_net *fn = flow41_net(net);

	if (fn->audits.slot || fn->watches.bucket)	/* it was on once */
		net_quiesce(fn);
	flow41_table_exit(fn);
	flow41_watches_exit(fn);
	flow41_audits_exit(fn);
	kfree(rcu_access_pointer(fn->allowed));
	free_percpu(fn->stats);
}

static int __net_init net_init(struct net *net)
{
	struct flow41_net *fn = flow41_net(net);
	int err;

	net_setup(fn, net);
	fn->stats = netdev_alloc_pcpu_stats(struct flow41_stats);
	if (!fn->stats)
		return -ENOMEM;
	err = flow41_table_init(fn);
	if (err)
		free_percpu(fn->stats);
	return err;
}

/* A namespace without the cache is better than none. */
static int __net_init net_switch_on(struct net *net)
{
	int err;

	rtnl_lock();
	err = enabled ? flow41_enable(flow41_net(net)) : 0;
	rtnl_unlock();
	if (err)
		pr_warn("flow41: not enabled in namespace %u, no memory or no hooks: error %d; say \"flow41 enable\" there later\n",
			net->ns.inum, -err);
	return 0;
}

static void __net_exit net_switch_off(struct net *net)
{
	struct flow41_net *fn = flow41_net(net);

	rtnl_lock();
	flow41_disable(fn);
	flow41_watch_stop(fn);
	rtnl_unlock();
}

/* Registered after conntrack's, so left before: it waits for our references. */
static struct pernet_operations net_ops = {
	.init = net_init,
	.exit = net_exit,
	.id = &net_id,
	.size = sizeof(struct flow41_net),
};

/* While devices tell us when they go: no hook is in place before, or after that. */
static struct pernet_operations switch_ops = {
	.init = net_switch_on,
	.exit = net_switch_off,
};

static int __init flow41_init(void)
{
	int err;

	if (FLOW41_HAS_FAULTS)
		flow41_fault_warn();
	err = flow41_flow_init();
	if (err)
		return err;
	err = register_pernet_subsys(&net_ops);
	if (err)
		goto exit_flow;
	err = flow41_forget_init();
	if (err)
		goto exit_net;
	err = flow41_netlink_init();
	if (err)
		goto exit_forget;
	err = register_pernet_subsys(&switch_ops);
	if (err)
		goto exit_netlink;
	return 0;

exit_netlink:
	flow41_netlink_exit();
exit_forget:
	flow41_forget_exit();
exit_net:
	unregister_pernet_subsys(&net_ops);
exit_flow:
	flow41_flow_exit();
	return err;
}

static void __exit flow41_exit(void)
{
	flow41_netlink_exit();
	unregister_pernet_subsys(&switch_ops);
	flow41_forget_exit();
	unregister_pernet_subsys(&net_ops);
	flow41_flow_exit();
}

module_init(flow41_init);
module_exit(flow41_exit);

MODULE_DESCRIPTION("flow cache for 6in4, 6rd and 6to4 tunnels");
MODULE_AUTHOR("the flow41 project");
MODULE_LICENSE("GPL");
MODULE_VERSION(FLOW41_VERSION);
MODULE_ALIAS_GENL_FAMILY(FLOW41_FAMILY_NAME);
