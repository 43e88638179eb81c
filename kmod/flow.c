// SPDX-License-Identifier: GPL-2.0
/*
 * A connection's life: make, publish, evict, free.
 *
 * Dying has two halves. flow41_conn_evict() takes both flows out of the table
 * and marks the connection dead; a grace period later, when no packet can hold
 * it any more, flow41_conn_free() drops what it owned.
 */
#include <linux/slab.h>
#include <net/netfilter/nf_conntrack_core.h>

#include "flow41.h"

static struct kmem_cache *conn_cache;

/**
 * flow41_flow_init() - make the slab cache
 *
 * Context: may sleep. Return: 0 or -ENOMEM.
 */
int flow41_flow_init(void)
{
	BUILD_BUG_ON(!FLOW41_HAS_FAULTS &&
		     sizeof(struct flow41_flow) > 3 * FLOW41_CACHE_LINE);
	conn_cache = KMEM_CACHE(flow41_conn, 0);
	return conn_cache ? 0 : -ENOMEM;
}

/**
 * flow41_flow_exit() - wait for the last connections and free the slab cache
 *
 * Context: may sleep.
 */
void flow41_flow_exit(void)
{
	rcu_barrier();
	kmem_cache_destroy(conn_cache);
}

/**
 * flow41_flow_size() - bytes of memory that one flow takes
 *
 * Context: any. Return: bytes, a bucket of the table included.
 */
unsigned int flow41_flow_size(void)
{
	return kmem_cache_size(conn_cache) / FLOW41_DIRS + sizeof(void *);
}

static void hold_tunnel(struct flow41_conn *conn, struct net_device *tunnel)
{
	const struct ip_tunnel *params = netdev_priv(tunnel);

	conn->tunnel = tunnel;
	dev_hold(tunnel);
	conn->tunnel_ttl = params->parms.iph.ttl;
	conn->tunnel_tos = params->parms.iph.tos;
	conn->unfixed = !params->parms.iph.daddr;
	conn->embedding = flow41_tunnel_embedding(tunnel);
}

/**
 * flow41_conn_make() - a connection that nobody else sees yet
 * @fn: the network namespace
 * @ct: its conntrack entry; a reference is taken
 * @tunnel: its sit device, or NULL for transit; a reference is taken
 *
 * The caller fills in keys and directions, then publishes or discards it.
 *
 * Context: softirq. Return: the connection, or NULL without memory.
 */
struct flow41_conn *flow41_conn_make(struct flow41_net *fn, struct nf_conn *ct,
				     struct net_device *tunnel)
{
	struct flow41_conn *conn;
	u8 dir;

	conn = kmem_cache_zalloc(conn_cache, GFP_ATOMIC | __GFP_NOWARN);
	if (!conn)
		return NULL;

	conn->fn = fn;
	conn->ct = ct;
	nf_conntrack_get(&ct->ct_general);
	conn->born = jiffies;
	spin_lock_init(&conn->lock);
	for (dir = 0; dir < FLOW41_DIRS; dir++) {
		conn->flow[dir].role = tunnel ? dir : FLOW41_ROLE_TRANSIT;
		conn->flow[dir].dir = dir;
		conn->flow[dir].used = jiffies;
		conn->flow[dir].stage = FLOW41_STAGE_SETTLING;
	}
	if (tunnel)
		hold_tunnel(conn, tunnel);
	return conn;
}

static void release(struct flow41_conn *conn)
{
	u8 dir;

	for (dir = 0; dir < FLOW41_DIRS; dir++) {
		struct flow41_flow *flow = &conn->flow[dir];

		dst_release(flow->dst);
		if (flow->neigh)
			neigh_release(flow->neigh);
		if (flow->outer_ct)
			nf_ct_put(flow->outer_ct);
	}
	dst_release(conn->tunnel_dst);
	if (conn->tunnel)
		dev_put(conn->tunnel);
	nf_ct_put(conn->ct);
	kmem_cache_free(conn_cache, conn);
}

static void release_rcu(struct rcu_head *rcu)
{
	release(container_of(rcu, struct flow41_conn, rcu));
}

/**
 * flow41_conn_free() - give back a connection that is not in the table
 * @conn: the connection; readers may still hold it
 *
 * Context: any.
 */
void flow41_conn_free(struct flow41_conn *conn)
{
	call_rcu(&conn->rcu, release_rcu);
}

/**
 * flow41_conn_discard() - give back a connection that was never published
 * @conn: the connection; nobody else has seen it
 *
 * Context: any.
 */
void flow41_conn_discard(struct flow41_conn *conn)
{
	release(conn);
}

static bool reserve(struct flow41_net *fn)
{
	if (atomic_add_return(FLOW41_DIRS, &fn->flows) <=
	    READ_ONCE(fn->max_flows))
		return true;
	atomic_sub(FLOW41_DIRS, &fn->flows);
	return false;
}

/* An evictor that found it meanwhile comes too late. */
static void withdraw(struct flow41_conn *conn, struct flow41_flow *flow)
{
	conn->dead = true;
	flow41_table_remove(conn->fn, flow);
}

/*
 * Where the way back is another one than the way there (two tunnels), each has
 * a connection of its own here, with the reverse direction absent. One that
 * roams is found by its encap flow (flow41_table_lookup_roaming()).
 */
static int insert_flows(struct flow41_conn *conn, u8 dir,
			struct flow41_flow **other)
{
	struct flow41_flow *flow = &conn->flow[dir];
	struct flow41_flow *reverse = &conn->flow[!dir];

	*other = flow41_table_insert(conn->fn, flow);
	if (IS_ERR(*other))
		return PTR_ERR(*other);
	if (*other)
		return -EEXIST;

	reverse->absent = !!flow41_table_insert(conn->fn, reverse);
	if (conn->roams && conn->flow[FLOW41_ROLE_ENCAP].absent) {
		withdraw(conn, flow);
		return -EXDEV;
	}
	atomic_add(reverse->absent ? 1 : 2, &conn->fn->detours);
	atomic_sub(reverse->absent ? 1 : 0, &conn->fn->flows);
	atomic_add(conn->roams, &conn->fn->roaming);
	return 0;
}

/* Two CPUs may learn the two directions at once: the first one has it. */
static bool same_connection(const struct flow41_conn *conn,
			    struct flow41_flow *flow)
{
	const struct flow41_conn *other = flow41_flow_conn(flow);

	return other->ct == conn->ct && other->tunnel == conn->tunnel;
}

static void announce(struct flow41_flow *flow)
{
	if (flow->absent)
		return;
	flow41_count_admitted(flow41_flow_conn(flow)->fn, flow->role);
	flow41_netlink_notify(flow, -1);
}

/*
 * An evictor has to wait until both are in; and so has another CPU that has learnt the
 * other direction.
 */
static int insert(struct flow41_conn *conn, u8 dir, struct flow41_flow **other)
{
	struct flow41_net *fn = conn->fn;
	int err;

	spin_lock_bh(&fn->insert_lock);
	spin_lock(&conn->lock);
	err = insert_flows(conn, dir, other);
	spin_unlock(&conn->lock);
	spin_unlock_bh(&fn->insert_lock);
	return err;
}

/**
 * flow41_conn_publish() - put a connection's flows into the table
 * @conn: the connection, complete; on success it belongs to the table
 * @dir: the direction that was seen
 *
 * A connection in the table that has the key of that direction is evicted: the
 * packets go another way now. Not with the next packet only: that may be an answer
 * which comes another way, too, and would bring the old one back.
 *
 * Context: softirq, RCU read side.
 * Return: 0; -ENOSPC at the limit; -EMLINK; -EEXIST; -EXDEV if it roams, and another has
 * its encap flow; -ENOMEM or what rhashtable says.
 */
int flow41_conn_publish(struct flow41_conn *conn, u8 dir)
{
	struct flow41_net *fn = conn->fn;
	struct flow41_flow *other;
	int err;

	if (!reserve(fn))
		return -ENOSPC;

	err = insert(conn, dir, &other);
	if (err == -EEXIST && !same_connection(conn, other)) {
		flow41_conn_evict(flow41_flow_conn(other), FLOW41_EVICT_REPLACED);
		err = insert(conn, dir, &other);
	}
	if (err) {
		atomic_sub(FLOW41_DIRS, &fn->flows);
		return err;
	}
	announce(&conn->flow[dir]);
	announce(&conn->flow[!dir]);
	return 0;
}

/* Return: how many flows there were; 0 when it had ended before. */
static unsigned int remove_flows(struct flow41_conn *conn)
{
	unsigned int count = 0;
	u8 dir;

	lockdep_assert_held(&conn->lock);

	if (conn->dead)
		return 0;
	conn->dead = true;
	for (dir = 0; dir < FLOW41_DIRS; dir++) {
		if (conn->flow[dir].absent)
			continue;
		flow41_table_remove(conn->fn, &conn->flow[dir]);
		if (conn->flow[dir].stage != FLOW41_STAGE_LIVE)
			atomic_dec(&conn->fn->detours);
		count++;
	}
	atomic_sub(conn->roams, &conn->fn->roaming);
	return count;
}

/**
 * flow41_conn_evict() - end a connection: all its flows, once
 * @conn: a connection that is or was in the table
 * @reason: what for; the first one counts
 *
 * Context: any, RCU read side.
 * Return: how many flows went; 0 when it had ended before.
 */
unsigned int flow41_conn_evict(struct flow41_conn *conn,
			       enum flow41_evict reason)
{
	struct flow41_net *fn = conn->fn;
	unsigned int count;
	u8 dir;

	spin_lock_bh(&conn->lock);
	count = remove_flows(conn);
	spin_unlock_bh(&conn->lock);
	if (!count)
		return 0;

	if (reason == FLOW41_EVICT_AUDIT_LOST)
		flow41_audit_lost(conn);
	for (dir = 0; dir < FLOW41_DIRS; dir++) {
		if (conn->flow[dir].absent)
			continue;
		flow41_count_eviction(fn, reason);
		flow41_netlink_notify(&conn->flow[dir], reason);
	}
	atomic_sub(count, &fn->flows);
	flow41_conn_free(conn);
	return count;
}
