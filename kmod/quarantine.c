// SPDX-License-Identifier: GPL-2.0
/*
 * What the handshake watch is good for: connections that stall on the fast path
 * are kept away from it for a while, and transit TCP connections, whose state
 * conntrack does not know, are admitted once their handshake is through.
 */
#include <net/tcp.h>

#include "flow41.h"
#include "handshake.h"

/* The bucket of a packet's connection, to be locked; NULL when there is no table yet. */
static struct flow41_watch_bucket *bucket_of(struct flow41_flow *flow,
					     const struct flow41_packet *p,
					     struct flow41_watch_key *key)
{
	const struct flow41_conn *conn = flow41_flow_conn(flow);
	__be32 outer[2];

	flow41_watch_outer(flow41_conn_passing(conn), flow->ct_dir, outer);
	flow41_watch_key(p, outer, key);
	return flow41_watch_bucket(conn->fn, key);
}

/* An ACK that came in by software is not the cache's to lose. */
static bool suspicious(u16 flags)
{
	return !(flags & FLOW41_W_COMPLETED) &&
	       (flags & FLOW41_W_ACK_FAST || !(flags & FLOW41_W_ACK_IN));
}

/**
 * flow41_quarantine() - keep a connection on the software path for a while
 * @fn: the network namespace
 * @watch: its handshake, stalled, its bucket locked
 *
 * If it completes there, the cache was to blame.
 *
 * Context: any.
 */
void flow41_quarantine(struct flow41_net *fn, struct flow41_watch *watch)
{
	u16 flags = watch->flags;

	if (!READ_ONCE(fn->heal))
		return;
	if (!(flags & FLOW41_W_QUARANTINED))
		flow41_count_handshake(fn, FLOW41_HANDSHAKE_QUARANTINED);
	watch->quarantine_end = jiffies + READ_ONCE(fn->quarantine) * HZ;
	flow41_watch_flag(fn, watch, FLOW41_W_QUARANTINED |
			  (suspicious(flags) ? FLOW41_W_SUSPECT : 0), 0);
}

/**
 * flow41_quarantine_suspect() - a SYN/ACK came in on a cached flow
 * @flow: the flow
 * @p: what the parser read
 *
 * Its handshake is repeated, or a new one whose SYN went by unseen. If it is through, or
 * the ACK had come in by software, then what is repeated was only late.
 *
 * Context: softirq, RCU read side.
 */
void flow41_quarantine_suspect(struct flow41_flow *flow,
			       const struct flow41_packet *p)
{
	struct flow41_watch_bucket *bucket;
	struct flow41_watch_key key;
	struct flow41_watch *watch;

	bucket = bucket_of(flow, p, &key);
	if (!bucket)
		return;
	spin_lock_bh(&bucket->lock);
	watch = flow41_watch_find(bucket, &key);
	if (watch && suspicious(watch->flags))
		flow41_quarantine(flow41_flow_conn(flow)->fn, watch);
	spin_unlock_bh(&bucket->lock);
}

/**
 * flow41_quarantined() - is a packet's connection in quarantine?
 * @flow: the flow that its key matched
 * @p: what the parser read
 *
 * Context: any.
 */
bool flow41_quarantined(struct flow41_flow *flow,
			const struct flow41_packet *p)
{
	struct flow41_watch_bucket *bucket;
	const struct flow41_watch *watch;
	struct flow41_watch_key key;
	bool quarantined;

	if (p->key.proto != IPPROTO_TCP)
		return false;
	bucket = bucket_of(flow, p, &key);
	if (!bucket || !READ_ONCE(bucket->quarantined))
		return false;
	spin_lock_bh(&bucket->lock);
	watch = flow41_watch_find(bucket, &key);
	quarantined = watch && watch->flags & FLOW41_W_QUARANTINED &&
		      time_before(jiffies, watch->quarantine_end);
	spin_unlock_bh(&bucket->lock);
	return quarantined;
}

static enum flow41_refusal admit_transit(struct flow41_conn *conn, u16 flags)
{
	if (flags & (FLOW41_W_ENDED | FLOW41_W_ONE_SIDED))
		return FLOW41_REFUSAL_NOT_ESTABLISHED;
	if (flags & FLOW41_W_COMPLETED)
		return FLOW41_REFUSAL_NONE;
	if (flags & (FLOW41_W_SYN_IN | FLOW41_W_SYNACK_IN))
		return FLOW41_REFUSAL_NOT_ESTABLISHED;
	conn->picked_up = READ_ONCE(conn->fn->pickup);
	return conn->picked_up ? FLOW41_REFUSAL_NONE :
				 FLOW41_REFUSAL_NO_HANDSHAKE;
}

/**
 * flow41_quarantine_admits() - does the watch let a TCP connection be cached?
 * @flow: the packet's flow; its connection, not yet published, is told whether it is
 *	picked up, and whether its handshake is still under way
 * @p: what the parser read
 *
 * Context: softirq, RCU read side. Return: FLOW41_REFUSAL_NONE, or why not.
 */
enum flow41_refusal flow41_quarantine_admits(struct flow41_flow *flow,
					     const struct flow41_packet *p)
{
	struct flow41_conn *conn = flow41_flow_conn(flow);
	struct flow41_watch_bucket *bucket;
	const struct flow41_watch *watch;
	struct flow41_watch_key key;
	u16 flags = 0;

	if (p->key.proto != IPPROTO_TCP)
		return FLOW41_REFUSAL_NONE;
	bucket = bucket_of(flow, p, &key);
	if (bucket) {
		spin_lock_bh(&bucket->lock);
		watch = flow41_watch_find(bucket, &key);
		if (watch)
			flags = watch->flags;
		spin_unlock_bh(&bucket->lock);
	}

	if (flags & FLOW41_W_QUARANTINED)
		return FLOW41_REFUSAL_QUARANTINE;
	conn->watched = flags && !(flags & (FLOW41_W_COMPLETED |
					    FLOW41_W_ENDED));
	if (flow41_fault(outer_key) && !conn->tunnel) {
		conn->watched = true;
		return FLOW41_REFUSAL_NONE;
	}
	return conn->tunnel ? FLOW41_REFUSAL_NONE :
			      admit_transit(conn, flags);
}
