// SPDX-License-Identifier: GPL-2.0
/*
 * The table of watched handshakes: buckets of a few, never more. A new one takes
 * the place of the one that matters least in its bucket, so that a flood of SYNs
 * pushes out what has not been answered, and of what is through the oldest.
 */
#include <linux/mm.h>
#include <linux/random.h>
#include <linux/siphash.h>
#include <net/ipv6.h>

#include "flow41.h"
#include "handshake.h"

#define FORGET_AFTER	(75 * HZ)	/* TCP has given a handshake up by then */
#define FLOWS_PER_WATCH	2	/* as many as there may be connections */
#define COMPLETED_MAX	6	/* in a bucket: the rest is for those under way */
#define BUCKETS_MIN	16U

static siphash_key_t secret __read_mostly;

/**
 * flow41_watches_init() - allocate the table, once
 * @fn: the network namespace
 *
 * Context: RTNL, may sleep. Return: 0 or -ENOMEM.
 */
int flow41_watches_init(struct flow41_net *fn)
{
	struct flow41_watches *watches = &fn->watches;
	struct flow41_watch_bucket *bucket;
	u32 buckets, i;

	BUILD_BUG_ON(sizeof(struct flow41_watch_key) != 44);
	if (watches->bucket)
		return 0;

	buckets = fn->max_flows_default / FLOWS_PER_WATCH / FLOW41_WATCH_WAYS + 1;
	buckets = max_t(u32, BUCKETS_MIN, rounddown_pow_of_two(buckets));
	bucket = kvcalloc(buckets, sizeof(*bucket), GFP_KERNEL_ACCOUNT);
	if (!bucket)
		return -ENOMEM;
	get_random_once(&secret, sizeof(secret));
	for (i = 0; i < buckets; i++)
		spin_lock_init(&bucket[i].lock);
	watches->buckets = buckets;
	/* Pairs with the acquire in flow41_watch_bucket(). */
	smp_store_release(&watches->bucket, bucket);
	return 0;
}

/**
 * flow41_watches_exit() - free the table
 * @fn: the network namespace; nobody looks at it any more
 *
 * Context: may sleep.
 */
void flow41_watches_exit(struct flow41_net *fn)
{
	kvfree(fn->watches.bucket);
}

/**
 * flow41_watch_key() - the identity of a packet's connection
 * @p: what the parser read
 * @outer: the tunnel's ends, the sender's first
 * @key: filled in
 *
 * Context: any. Return: which of its two ends has sent the packet.
 */
u8 flow41_watch_key(const struct flow41_packet *p, const __be32 outer[2],
		    struct flow41_watch_key *key)
{
	int order = ipv6_addr_cmp(&p->key.src, &p->key.dst);
	u8 from = order > 0 ||
		  (!order && ntohs(p->key.sport) > ntohs(p->key.dport));

	key->addr[from] = p->key.src;
	key->port[from] = p->key.sport;
	key->addr[!from] = p->key.dst;
	key->port[!from] = p->key.dport;
	key->outer[from] = outer[0];
	key->outer[!from] = outer[1];
	return from;
}

/**
 * flow41_watch_bucket() - the bucket that a key belongs to
 * @fn: the network namespace
 * @key: the key
 *
 * Context: any. Return: the bucket, to be locked; NULL when there is no table yet.
 */
struct flow41_watch_bucket *
flow41_watch_bucket(struct flow41_net *fn, const struct flow41_watch_key *key)
{
	struct flow41_watch_bucket *bucket;

	/* Pairs with the release in flow41_watches_init(). */
	bucket = smp_load_acquire(&fn->watches.bucket);
	if (!bucket)
		return NULL;
	return bucket + (siphash(key, sizeof(*key), &secret) &
			 (fn->watches.buckets - 1));
}

/**
 * flow41_watch_find() - look for a handshake
 * @bucket: its bucket, locked
 * @key: its key
 *
 * Context: any. Return: NULL if it is not there.
 */
struct flow41_watch *flow41_watch_find(struct flow41_watch_bucket *bucket,
				       const struct flow41_watch_key *key)
{
	struct flow41_watch *watch = bucket->way;
	unsigned int i;

	lockdep_assert_held(&bucket->lock);

	for (i = 0; i < FLOW41_WATCH_WAYS; i++, watch++)
		if (watch->flags & FLOW41_W_USED &&
		    !memcmp(&watch->key, key, sizeof(*key)))
			return watch;
	return NULL;
}

static bool is_open(u16 flags)
{
	return flags & FLOW41_W_USED &&
	       !(flags & (FLOW41_W_COMPLETED | FLOW41_W_ENDED));
}

static struct flow41_watch_bucket *bucket_of(struct flow41_net *fn,
					     const struct flow41_watch *watch)
{
	struct flow41_watch_bucket *bucket = fn->watches.bucket;

	return bucket + ((const char *)watch - (const char *)bucket) /
			sizeof(*bucket);
}

static void count_quarantined(struct flow41_net *fn,
			      struct flow41_watch_bucket *bucket, int more)
{
	WRITE_ONCE(bucket->quarantined, bucket->quarantined + more);
	atomic_add(more, &fn->watches.quarantined);
}

/**
 * flow41_watch_flag() - change what is known of a handshake
 * @fn: the network namespace
 * @watch: the handshake, its bucket locked
 * @set: flags to set
 * @clear: flags to clear
 *
 * Context: any.
 */
void flow41_watch_flag(struct flow41_net *fn, struct flow41_watch *watch,
		       u16 set, u16 clear)
{
	u16 before = watch->flags, after = (before & ~clear) | set;

	watch->flags = after;
	atomic_add(is_open(after) - is_open(before), &fn->watches.open);
	if ((after ^ before) & FLOW41_W_USED)
		atomic_inc(&fn->watches.generation);
	if ((after ^ before) & FLOW41_W_QUARANTINED)
		count_quarantined(fn, bucket_of(fn, watch),
				  after & FLOW41_W_QUARANTINED ? 1 : -1);
}

#define WEIGHT_COMPLETED	4

/* How much a handshake matters; of those that matter alike, the oldest goes. */
static unsigned int weight(const struct flow41_watch *watch)
{
	if (!(watch->flags & FLOW41_W_USED))
		return 0;
	if (watch->flags & FLOW41_W_QUARANTINED)
		return 5;
	if (watch->flags & FLOW41_W_ENDED)
		return 1;
	if (watch->flags & FLOW41_W_ONE_SIDED)
		return 2;
	if (watch->flags & FLOW41_W_COMPLETED)
		return WEIGHT_COMPLETED;
	return watch->flags & FLOW41_W_SYNACK_IN ? 3 : 2;
}

static bool less(const struct flow41_watch *a, const struct flow41_watch *b)
{
	if (!b || weight(a) != weight(b))
		return !b || weight(a) < weight(b);
	return time_before(a->last, b->last);
}

static struct flow41_watch *least(struct flow41_watch_bucket *bucket)
{
	struct flow41_watch *watch, *victim = NULL, *completed = NULL;
	unsigned int count = 0;

	for (watch = bucket->way; watch < bucket->way + FLOW41_WATCH_WAYS;
	     watch++) {
		if (less(watch, victim))
			victim = watch;
		if (weight(watch) != WEIGHT_COMPLETED)
			continue;
		count++;
		if (less(watch, completed))
			completed = watch;
	}
	return count > COMPLETED_MAX ? completed : victim;
}

/**
 * flow41_watch_make() - make room for a handshake
 * @fn: the network namespace
 * @bucket: its bucket, locked
 * @key: its key, which is not there yet
 *
 * Context: any. Return: a watch that knows nothing but its key; never NULL.
 */
struct flow41_watch *flow41_watch_make(struct flow41_net *fn,
				       struct flow41_watch_bucket *bucket,
				       const struct flow41_watch_key *key)
{
	struct flow41_watch *watch = least(bucket);

	lockdep_assert_held(&bucket->lock);

	if (watch->flags && !(watch->flags & FLOW41_W_ENDED))
		flow41_count_handshake(fn, FLOW41_HANDSHAKE_DISPLACED);
	flow41_watch_flag(fn, watch, 0, ~0);
	memset(watch, 0, sizeof(*watch));
	watch->key = *key;
	watch->born = jiffies;
	watch->last = jiffies;
	watch->verdict = FLOW41_VERDICT_NONE;
	flow41_watch_flag(fn, watch, FLOW41_W_USED, 0);
	return watch;
}

/*
 * What nobody waits for any more goes. A completed handshake stays: by it a transit
 * connection comes back after its flows were evicted.
 */
static void expire(struct flow41_net *fn, struct flow41_watch *watch)
{
	if (watch->flags & FLOW41_W_QUARANTINED &&
	    time_after(jiffies, watch->quarantine_end))
		flow41_watch_flag(fn, watch, 0, FLOW41_W_QUARANTINED |
						FLOW41_W_SUSPECT);
	if (!(watch->flags & (FLOW41_W_COMPLETED | FLOW41_W_QUARANTINED)) &&
	    time_after(jiffies, watch->last + FORGET_AFTER))
		flow41_watch_flag(fn, watch, 0, ~0);
}

static void visit(struct flow41_net *fn, struct flow41_watch_bucket *bucket,
		  struct flow41_watch *watch)
{
	struct flow41_watch copy;
	bool tell;

	spin_lock_bh(&bucket->lock);
	expire(fn, watch);
	tell = flow41_handshake_overdue(fn, watch);
	if (tell)
		copy = *watch;
	spin_unlock_bh(&bucket->lock);
	if (!tell)
		return;
	rcu_read_lock();
	flow41_handshake_tell(fn, &copy);
	rcu_read_unlock();
}

/**
 * flow41_watches_tick() - once a second: forget what is old, tell of what nobody repeats
 * @fn: the network namespace
 *
 * Context: may sleep.
 */
void flow41_watches_tick(struct flow41_net *fn)
{
	struct flow41_watches *watches = &fn->watches;
	struct flow41_watch_bucket *bucket = watches->bucket;
	u32 i, way;

	if (!atomic_read(&watches->open) && !atomic_read(&watches->quarantined))
		return;
	for (i = 0; i < watches->buckets; i++, bucket++) {
		for (way = 0; way < FLOW41_WATCH_WAYS; way++)
			if (READ_ONCE(bucket->way[way].flags))
				visit(fn, bucket, &bucket->way[way]);
		cond_resched();
	}
}

/**
 * flow41_watch_copy() - for a walk over all handshakes
 * @fn: the network namespace
 * @index: which one, from 0 on
 * @to: filled in; its flags are 0 where the place is free
 *
 * Context: any. Return: false behind the last one.
 */
bool flow41_watch_copy(struct flow41_net *fn, u32 index,
		       struct flow41_watch *to)
{
	struct flow41_watch_bucket *bucket;

	/* Pairs with the release in flow41_watches_init(). */
	bucket = smp_load_acquire(&fn->watches.bucket);
	if (!bucket || index / FLOW41_WATCH_WAYS >= fn->watches.buckets)
		return false;
	bucket += index / FLOW41_WATCH_WAYS;
	spin_lock_bh(&bucket->lock);
	*to = bucket->way[index % FLOW41_WATCH_WAYS];
	spin_unlock_bh(&bucket->lock);
	return true;
}
