// SPDX-License-Identifier: GPL-2.0
/*
 * The flow hash: insert, look up, walk.
 *
 * An rhashtable: it grows and shrinks with use, and readers need only RCU.
 * The hash is NH (Black et al., UMAC, CRYPTO 1999; RFC 4418) with random keys: nobody
 * outside, who sees none of its values, can choose flows that fall into one bucket,
 * and it takes a sixth of what hsiphash() takes.
 */
#include <linux/random.h>
#include <linux/sched.h>
#include <net/ipv6.h>

#include "flow41.h"

#define WALK_BURST	64	/* flows visited between two looks at the scheduler */
#define ALIKE_MAX	8	/* flows that hash alike whatever the secrets */

/*
 * A packet on its way out: its ingress device is unknown, and so is its IPv4
 * destination if it came through a tunnel of this box.
 */
struct leaving {
	struct flow41_key key;
	const struct net_device *tunnel;
};

#define WORDS	(FLOW41_KEY_HASHED / sizeof(u32))

/* One for each word, and an odd one to spread the sum over the bits that count. */
static u32 secrets[WORDS] __read_mostly;
static u64 spread __read_mostly;

static u64 hash_pair(const u32 *word, unsigned int i)
{
	return (u64)(word[i] + secrets[i]) * (word[i + 1] + secrets[i + 1]);
}

static u32 hash_key(const void *key, u32 len, u32 seed)
{
	u64 sum = seed;

	BUILD_BUG_ON(WORDS != 10);
	sum += hash_pair(key, 0);
	sum += hash_pair(key, 2);
	sum += hash_pair(key, 4);
	sum += hash_pair(key, 6);
	sum += hash_pair(key, 8);
	return sum * spread >> 32;
}

/**
 * flow41_table_hash() - a hash that nobody outside can guess
 * @key: all of it counts but the outer destination and the device
 *
 * Context: any.
 */
u32 flow41_table_hash(const struct flow41_key *key)
{
	return hash_key(key, FLOW41_KEY_HASHED, 0);
}

static bool connection_equal(const struct flow41_key *a,
			     const struct flow41_key *b)
{
	return ipv6_addr_equal(&a->src, &b->src) &&
	       ipv6_addr_equal(&a->dst, &b->dst) &&
	       a->sport == b->sport && a->dport == b->dport &&
	       a->outer_src == b->outer_src && a->proto == b->proto;
}

static int differs_coming(struct rhashtable_compare_arg *arg, const void *obj)
{
	const struct flow41_flow *flow = obj;
	const struct flow41_key *key = arg->key;

	return !(connection_equal(&flow->key, key) &&
		 flow->key.outer_dst == key->outer_dst &&
		 flow->key.iif == key->iif);
}

static int differs_leaving(struct rhashtable_compare_arg *arg, const void *obj)
{
	const struct leaving *leaving = arg->key;
	struct flow41_flow *flow = (struct flow41_flow *)obj;

	return !(connection_equal(&flow->key, &leaving->key) &&
		 flow41_flow_conn(flow)->tunnel == leaving->tunnel &&
		 (leaving->tunnel ||
		  flow->key.outer_dst == leaving->key.outer_dst));
}

static int differs_roaming(struct rhashtable_compare_arg *arg, const void *obj)
{
	const struct leaving *leaving = arg->key;
	struct flow41_flow *flow = (struct flow41_flow *)obj;
	const struct flow41_conn *conn = flow41_flow_conn(flow);

	return !(connection_equal(&flow->key, &leaving->key) && conn->roams &&
		 flow->role == FLOW41_ROLE_ENCAP &&
		 (!leaving->tunnel || conn->tunnel == leaving->tunnel));
}

/* Flows that differ from a new one only in what is not hashed. */
struct alike {
	struct flow41_key key;
	unsigned int count;
};

static int counts_alike(struct rhashtable_compare_arg *arg, const void *obj)
{
	struct alike *alike = (struct alike *)arg->key;
	const struct flow41_flow *flow = obj;

	alike->count += !memcmp(&flow->key, &alike->key, FLOW41_KEY_HASHED);
	return 1;
}

#define TABLE_PARAMS(cmpfn) {						\
	.head_offset = offsetof(struct flow41_flow, node),		\
	.key_offset = offsetof(struct flow41_flow, key),		\
	.key_len = FLOW41_KEY_HASHED,					\
	.hashfn = hash_key,						\
	.obj_cmpfn = cmpfn,						\
	.automatic_shrinking = true,					\
}

static const struct rhashtable_params coming_params =
	TABLE_PARAMS(differs_coming);
static const struct rhashtable_params leaving_params =
	TABLE_PARAMS(differs_leaving);
static const struct rhashtable_params roaming_params =
	TABLE_PARAMS(differs_roaming);
static const struct rhashtable_params alike_params =
	TABLE_PARAMS(counts_alike);

/**
 * flow41_table_init() - make an empty table
 * @fn: the network namespace
 *
 * Context: may sleep. Return: 0 or -ENOMEM.
 */
int flow41_table_init(struct flow41_net *fn)
{
	BUILD_BUG_ON(offsetof(struct flow41_key, outer_dst) !=
		     FLOW41_KEY_HASHED);

	get_random_once(secrets, sizeof(secrets));
	get_random_once(&spread, sizeof(spread));
	spread |= 1;
	return rhashtable_init(&fn->table, &coming_params);
}

/**
 * flow41_table_exit() - free the table, which has to be empty
 * @fn: the network namespace
 *
 * Context: may sleep.
 */
void flow41_table_exit(struct flow41_net *fn)
{
	WARN_ON_ONCE(atomic_read(&fn->flows));
	if (fn->in_round)
		rhashtable_walk_exit(&fn->round);
	rhashtable_destroy(&fn->table);
}

/**
 * flow41_table_lookup() - the flow of a packet that came in
 * @fn: the network namespace
 * @key: the packet's key, complete
 *
 * Context: RCU read side. Return: the flow, good until the end of the RCU
 * section, or NULL.
 */
struct flow41_flow *flow41_table_lookup(struct flow41_net *fn,
					const struct flow41_key *key)
{
	struct flow41_flow *flow = rhashtable_lookup(&fn->table, key,
						     coming_params);
	struct flow41_key outer = *key;

	if (!flow41_fault(outer_key) || flow)
		return flow;
	flow41_fault_forget_inner(&outer);
	return rhashtable_lookup(&fn->table, &outer, coming_params);
}

/**
 * flow41_table_lookup_leaving() - the flow of a packet on the software path
 * @fn: the network namespace
 * @key: the packet's key as it came in; the ingress device does not matter, nor
 *	does the IPv4 destination if there is a @tunnel
 * @tunnel: the sit device the packet goes, or went, through; NULL for transit
 *
 * Context: RCU read side. Return: the flow, good until the end of the RCU
 * section, or NULL.
 */
struct flow41_flow *flow41_table_lookup_leaving(struct flow41_net *fn,
						const struct flow41_key *key,
						const struct net_device *tunnel)
{
	struct leaving leaving = { .key = *key, .tunnel = tunnel };

	if (flow41_fault(outer_key) && !tunnel)
		flow41_fault_forget_inner(&leaving.key);
	return rhashtable_lookup(&fn->table, &leaving, leaving_params);
}

/**
 * flow41_table_lookup_roaming() - the decap flow of a connection that roams
 * @fn: the network namespace
 * @key: a packet's key as it came in, or comes out; its outer part does not matter
 * @tunnel: the sit device it came through, or NULL where that is unknown
 *
 * Found by the flow of the other direction, whose key has no outer part.
 *
 * Context: RCU read side. Return: the flow, good until the end of the RCU
 * section, or NULL.
 */
struct flow41_flow *flow41_table_lookup_roaming(struct flow41_net *fn,
						const struct flow41_key *key,
						const struct net_device *tunnel)
{
	struct leaving leaving = { .tunnel = tunnel };
	struct flow41_flow *encap, *decap;

	if (!atomic_read(&fn->roaming))
		return NULL;
	flow41_key_reverse(&leaving.key, key);
	encap = rhashtable_lookup(&fn->table, &leaving, roaming_params);
	if (!encap)
		return NULL;
	decap = &flow41_flow_conn(encap)->flow[FLOW41_ROLE_DECAP];
	return decap->absent ? NULL : decap;
}

/*
 * One connection in many tunnels, which a host can make up, would be one long chain in
 * the table, for each look-up to walk; and rhashtable does so with interrupts off.
 */
static bool crowded(struct flow41_net *fn, const struct flow41_key *key)
{
	struct alike alike = { .key = *key };

	rhashtable_lookup(&fn->table, &alike, alike_params);
	return alike.count >= ALIKE_MAX;
}

/**
 * flow41_table_insert() - make a flow visible to lookups
 * @fn: the network namespace
 * @flow: the flow, complete
 *
 * Context: any, RCU read side. Return: NULL, the flow that already has this
 * key, or an ERR_PTR(): -EMLINK where too many are alike.
 */
struct flow41_flow *flow41_table_insert(struct flow41_net *fn,
					struct flow41_flow *flow)
{
	struct flow41_flow *other;

	if (crowded(fn, &flow->key))
		return ERR_PTR(-EMLINK);
	other = rhashtable_lookup_get_insert_fast(&fn->table, &flow->node,
						  coming_params);
	if (!other)
		atomic_inc(&fn->generation);
	return other;
}

/**
 * flow41_table_remove() - hide a flow from lookups
 * @fn: the network namespace
 * @flow: a flow that may or may not be in the table
 *
 * Context: any. Readers may hold the flow until a grace period has passed.
 */
void flow41_table_remove(struct flow41_net *fn, struct flow41_flow *flow)
{
	if (!rhashtable_remove_fast(&fn->table, &flow->node, coming_params))
		atomic_inc(&fn->generation);
}

/* Return: was that the last one? */
static bool walk_burst(struct rhashtable_iter *iter,
		       void (*visit)(struct flow41_flow *flow, void *arg),
		       void *arg)
{
	unsigned int count = WALK_BURST;
	struct flow41_flow *flow = NULL;

	rhashtable_walk_start(iter);
	while (count-- && (flow = rhashtable_walk_next(iter)))
		if (!IS_ERR(flow))	/* resized: it starts again */
			visit(flow, arg);
	rhashtable_walk_stop(iter);
	cond_resched();
	return !flow;
}

/**
 * flow41_table_walk() - visit every flow that is there all the time
 * @fn: the network namespace
 * @visit: called for each flow, in an RCU read section; it may evict it
 * @arg: handed to @visit
 *
 * A flow may be visited twice, and one that shares its bucket with an evicted
 * one may be missed: a caller that needs all of them walks until nothing is left to do.
 *
 * Context: may sleep.
 */
void flow41_table_walk(struct flow41_net *fn,
		       void (*visit)(struct flow41_flow *flow, void *arg),
		       void *arg)
{
	struct rhashtable_iter iter;

	rhashtable_walk_enter(&fn->table, &iter);
	while (!walk_burst(&iter, visit, arg))
		;
	rhashtable_walk_exit(&iter);
}

/**
 * flow41_table_walk_on() - visit some of the flows, next time the next ones
 * @fn: the network namespace
 * @count: about so many
 * @visit: called for each flow, in an RCU read section; it may evict it
 * @arg: handed to @visit
 *
 * Once it returns true, all flows have been visited that flow41_table_walk() would
 * have visited.
 *
 * Context: may sleep; for flow41_forget_tick() only. Return: is the round over?
 */
bool flow41_table_walk_on(struct flow41_net *fn, unsigned int count,
			  void (*visit)(struct flow41_flow *flow, void *arg),
			  void *arg)
{
	unsigned int bursts = count / WALK_BURST;

	if (!fn->in_round)
		rhashtable_walk_enter(&fn->table, &fn->round);
	do {
		fn->in_round = !walk_burst(&fn->round, visit, arg);
	} while (fn->in_round && bursts--);
	if (!fn->in_round)
		rhashtable_walk_exit(&fn->round);
	return !fn->in_round;
}
