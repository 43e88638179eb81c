// SPDX-License-Identifier: GPL-2.0
/*
 * Forgetting: the only place with notifiers and timers. Routes, neighbours and
 * conntrack entries need none: each packet looks at them (reasons.c), and the
 * tick looks for flows without packets.
 */
#include <linux/netdevice.h>
#include <linux/rtnetlink.h>

#include "flow41.h"

#define ROUND		HZ	/* so often each flow is visited ... */
#define SLICES		16	/* ... and if there are many, in so many steps ... */
#define SLICE_MIN	1024	/* ... of so many flows at least */
#define PASSES_MAX	16	/* a walk may miss flows: see flow41_table_walk() */

struct forget {
	const struct flow41_filter *filter;
	enum flow41_evict reason;
	unsigned int evicted;
};

static bool addresses_match(const struct flow41_filter *filter,
			    const struct flow41_flow *flow)
{
	const struct flow41_key *key = &flow->key;
	__be32 outer_src = key->outer_src, outer_dst = key->outer_dst;

	if (flow->role == FLOW41_ROLE_ENCAP) {
		outer_src = flow->outer.saddr;
		outer_dst = flow->outer.daddr;
	}
	return (!filter->src || ipv6_addr_equal(filter->src, &key->src)) &&
	       (!filter->dst || ipv6_addr_equal(filter->dst, &key->dst)) &&
	       (!filter->sport || *filter->sport == key->sport) &&
	       (!filter->dport || *filter->dport == key->dport) &&
	       (!filter->proto || filter->proto == key->proto) &&
	       (!filter->outer_src || *filter->outer_src == outer_src) &&
	       (!filter->outer_dst || *filter->outer_dst == outer_dst);
}

static bool devices_match(const struct flow41_filter *filter,
			  struct flow41_flow *flow)
{
	const struct net_device *dev = flow41_flow_conn(flow)->tunnel;
	int in = flow->key.iif, out = 0, tunnel = dev ? dev->ifindex : 0;

	if (flow41_flow_settled(flow))
		out = flow->dst->dev->ifindex;
	return (!filter->dev_in || filter->dev_in == in) &&
	       (!filter->dev_out || filter->dev_out == out) &&
	       (!filter->tunnel || filter->tunnel == tunnel) &&
	       (!filter->any_dev || filter->any_dev == in ||
		filter->any_dev == out || filter->any_dev == tunnel);
}

/**
 * flow41_filter_match() - does a flow have all that a filter asks for?
 * @filter: the filter
 * @flow: the flow
 *
 * Context: RCU read side.
 */
bool flow41_filter_match(const struct flow41_filter *filter,
			 struct flow41_flow *flow)
{
	return (filter->role < 0 || filter->role == flow->role) &&
	       addresses_match(filter, flow) && devices_match(filter, flow);
}

static void forget_flow(struct flow41_flow *flow, void *arg)
{
	struct flow41_conn *conn = flow41_flow_conn(flow);
	struct forget *forget = arg;

	if (flow41_filter_match(forget->filter, flow))
		forget->evicted += flow41_conn_evict(conn, forget->reason);
}

/**
 * flow41_forget() - evict the connections of all flows that match
 * @fn: the network namespace
 * @filter: which flows
 * @reason: what for
 *
 * Context: may sleep. Return: how many flows went, the other directions of
 * the matching ones included.
 */
unsigned int flow41_forget(struct flow41_net *fn,
			   const struct flow41_filter *filter,
			   enum flow41_evict reason)
{
	struct forget forget = { .filter = filter, .reason = reason };
	unsigned int passes = 0, before;

	do {
		before = forget.evicted;
		if (!atomic_read(&fn->flows))
			break;
		flow41_table_walk(fn, forget_flow, &forget);
	} while (forget.evicted != before && ++passes < PASSES_MAX);
	return forget.evicted;
}

static bool idle(const struct flow41_conn *conn)
{
	u32 limit = READ_ONCE(conn->fn->idle_timeout) * HZ;
	u8 dir;

	for (dir = 0; dir < FLOW41_DIRS; dir++)
		if (flow41_elapsed(READ_ONCE(conn->flow[dir].used)) < limit)
			return false;
	return true;
}

/*
 * Packets came in by the software path, and none has left the box as the cache would have
 * sent it: they are dropped, or go where nobody looks for them.
 */
static bool astray(const struct flow41_conn *conn)
{
	u32 limit = READ_ONCE(conn->fn->idle_timeout) * HZ;
	const struct flow41_flow *flow = conn->flow;
	u8 dir;

	for (dir = 0; dir < FLOW41_DIRS; dir++, flow++)
		if (READ_ONCE(flow->stage) == FLOW41_STAGE_DETOUR &&
		    READ_ONCE(conn->detour[dir].inside) > 0 &&
		    flow41_elapsed(READ_ONCE(flow->audited)) >= limit)
			return true;
	return false;
}

static void visit_flow(struct flow41_flow *flow, void *arg)
{
	struct flow41_conn *conn = flow41_flow_conn(flow);
	int reason = flow41_reasons_gone(flow);

	flow41_port_want(arg, flow->key.iif);
	if (reason >= 0)
		flow41_conn_evict(conn, reason);
	else if (idle(conn))
		flow41_conn_evict(conn, FLOW41_EVICT_IDLE);
	else if (astray(conn))
		flow41_conn_evict(conn, FLOW41_EVICT_RESULT);
	else if (conn->tunnel &&
		 flow41_tunnel_refuse(conn->tunnel) != FLOW41_REFUSAL_NONE)
		flow41_conn_evict(conn, FLOW41_EVICT_TUNNEL);
}

static bool visit_flows(struct flow41_net *fn)
{
	unsigned int flows = atomic_read(&fn->flows);

	if (!fn->in_round)
		fn->round_began = jiffies;
	if (!flows && !fn->in_round)
		return true;
	/* Two slices less: a round that flows are added to ends, too. */
	return flow41_table_walk_on(fn, max_t(unsigned int, SLICE_MIN,
					      flows / (SLICES - 2)),
				    visit_flow, fn);
}

static unsigned long until_next_round(const struct flow41_net *fn)
{
	long left = fn->round_began + ROUND - jiffies;

	return max(left, 1L);
}

/**
 * flow41_forget_tick() - once a second: what is idle or stale goes
 * @work: the namespace's @tick
 *
 * Context: may sleep.
 */
void flow41_forget_tick(struct work_struct *work)
{
	struct flow41_net *fn = container_of(to_delayed_work(work),
					     struct flow41_net, tick);

	if (!READ_ONCE(fn->enabled) && !READ_ONCE(fn->watching))
		return;
	if (!visit_flows(fn)) {
		queue_delayed_work(system_power_efficient_wq, &fn->tick,
				   ROUND / SLICES);
		return;
	}
	if (READ_ONCE(fn->watches.bucket))
		flow41_watches_tick(fn);
	flow41_audits_tick(fn);
	queue_delayed_work(system_power_efficient_wq, &fn->tick,
			   until_next_round(fn));
}

/* Another tunnel may now be the one that takes a packet, or give it up. */
static void forget_tunnels(struct flow41_net *fn)
{
	struct flow41_filter all = { .role = -1 };

	flow41_forget(fn, &all, FLOW41_EVICT_TUNNEL);
}

static void forget_device(struct flow41_net *fn, const struct net_device *dev)
{
	struct flow41_filter filter = {
		.any_dev = dev->ifindex,
		.role = -1,
	};

	flow41_forget(fn, &filter, FLOW41_EVICT_DEVICE);
}

static int device_event(struct notifier_block *nb, unsigned long event,
			void *info)
{
	struct net_device *dev = netdev_notifier_info_to_dev(info);
	struct flow41_net *fn = flow41_net(dev_net(dev));

	if (event == NETDEV_REGISTER)
		flow41_tunnel_register(dev);
	switch (event) {
	case NETDEV_REGISTER:
	case NETDEV_UP:
	case NETDEV_CHANGE:
		if (flow41_tunnel_is(dev))
			forget_tunnels(fn);
		else if (event == NETDEV_CHANGE)
			forget_device(fn, dev);
		break;
	case NETDEV_GOING_DOWN:
	case NETDEV_DOWN:
	case NETDEV_CHANGEMTU:
	case NETDEV_CHANGENAME:
	case NETDEV_CHANGEADDR:
	case NETDEV_CHANGEUPPER:
	case NETDEV_FEAT_CHANGE:
		forget_device(fn, dev);
		break;
	case NETDEV_UNREGISTER:
		flow41_port_release(fn, dev);
		forget_device(fn, dev);
		break;
	}
	return NOTIFY_DONE;
}

static struct notifier_block device_notifier = {
	.notifier_call = device_event,
};

/**
 * flow41_forget_init() - listen to device events of all network namespaces
 *
 * Context: may sleep. Return: 0 or a negative error.
 */
int flow41_forget_init(void)
{
	return register_netdevice_notifier(&device_notifier);
}

/**
 * flow41_forget_exit() - listen no more
 *
 * Context: may sleep.
 */
void flow41_forget_exit(void)
{
	unregister_netdevice_notifier(&device_notifier);
}
