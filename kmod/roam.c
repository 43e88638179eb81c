// SPDX-License-Identifier: GPL-2.0
/*
 * Connections that roam: nothing ties the far end's packets to an IPv4 source.
 * 6to4 and 6rd take a packet from outside of their prefix from whatever relay it
 * chose (RFC 3056 section 5.3), a tunnel without prefix and remote address takes
 * any, and once decapsulated a packet no longer shows where it came from.
 *
 * So the decap flow starts with a guess: where our own packets go. What comes in
 * with other outer addresses strays: it goes by software, but as a packet of the
 * flow, whose other packets stay behind it (settle.c). When a few in a row came,
 * and left, with the same ones, the connection moves there (learn.c).
 */
#include "flow41.h"

#define STRAYS	3	/* in a row: two relays in turn move nothing */

static bool same_stray(const struct flow41_stray *stray,
		       const struct flow41_key *key)
{
	return stray->outer_src == key->outer_src &&
	       stray->outer_dst == key->outer_dst && stray->iif == key->iif;
}

static bool own_packet(const struct flow41_flow *flow,
		       const struct flow41_key *key)
{
	return flow->key.outer_src == key->outer_src &&
	       flow->key.outer_dst == key->outer_dst &&
	       flow->key.iif == key->iif;
}

/**
 * flow41_roam_in() - a packet goes to the software path: from where did it come?
 * @flow: a flow of a connection that roams; its lock is held
 * @p: what the parser read
 *
 * Context: softirq.
 */
void flow41_roam_in(struct flow41_flow *flow, const struct flow41_packet *p)
{
	struct flow41_conn *conn = flow41_flow_conn(flow);
	u16 carried = atomic64_read(&flow->packets);
	struct flow41_stray *stray = &conn->stray;

	lockdep_assert_held(&conn->lock);

	if (flow->role != FLOW41_ROLE_DECAP)
		return;
	if (stray->carried != carried || !same_stray(stray, &p->key))
		stray->count = 0;
	if (own_packet(flow, &p->key)) {
		stray->count = 0;
		return;
	}
	stray->outer_src = p->key.outer_src;
	stray->outer_dst = p->key.outer_dst;
	stray->iif = p->key.iif;
	stray->carried = carried;
	if (stray->count < STRAYS)
		stray->count++;
}

/**
 * flow41_roam_strayed() - did the packet that came in last stray?
 * @flow: a flow; its connection's lock is held
 *
 * Context: softirq.
 */
bool flow41_roam_strayed(struct flow41_flow *flow)
{
	return flow->role == FLOW41_ROLE_DECAP &&
	       flow41_flow_conn(flow)->stray.count;
}

/**
 * flow41_roam_moved() - have enough of them strayed to the same place?
 * @flow: a flow; its connection's lock is held
 *
 * Context: softirq.
 */
bool flow41_roam_moved(struct flow41_flow *flow)
{
	return flow->role == FLOW41_ROLE_DECAP &&
	       flow41_flow_conn(flow)->stray.count >= STRAYS;
}
