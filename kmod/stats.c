// SPDX-License-Identifier: GPL-2.0
/* Per-CPU counters, all 64 bits wide. */
#include <linux/percpu.h>

#include "path.h"

/*
 * The packet path counts in softirq, evictions also in process context: bottom
 * halves are kept out, so that on 32 bits no writer meets another one.
 */
static struct flow41_stats *begin(struct flow41_net *fn)
{
	struct flow41_stats *stats;

	local_bh_disable();
	stats = this_cpu_ptr(fn->stats);
	u64_stats_update_begin(&stats->syncp);
	return stats;
}

static void end(struct flow41_stats *stats)
{
	u64_stats_update_end(&stats->syncp);
	local_bh_enable();
}

/**
 * flow41_count_carried() - one packet took the fast path
 * @fn: the network namespace
 * @role: FLOW41_ROLE_*
 * @bytes: length of the inner packet
 *
 * Context: softirq.
 */
static void flow41_count_carried(struct flow41_net *fn, u8 role,
				 unsigned int bytes)
{
	struct flow41_stats *stats = this_cpu_ptr(fn->stats);

	u64_stats_update_begin(&stats->syncp);
	u64_stats_inc(&stats->packets[role]);
	u64_stats_add(&stats->bytes[role], bytes);
	u64_stats_update_end(&stats->syncp);
}

/**
 * flow41_count_both() - a packet that was counted as carried takes the other path, too
 * @fn: the network namespace
 * @role: FLOW41_ROLE_*
 *
 * Context: softirq.
 */
static void flow41_count_both(struct flow41_net *fn, u8 role)
{
	struct flow41_stats *stats = this_cpu_ptr(fn->stats);

	u64_stats_update_begin(&stats->syncp);
	u64_stats_inc(&stats->both[role]);
	u64_stats_update_end(&stats->syncp);
}

/**
 * flow41_count_punt() - one packet was left to the software path
 * @fn: the network namespace
 * @reason: why
 *
 * Context: softirq.
 */
void flow41_count_punt(struct flow41_net *fn, enum flow41_punt reason)
{
	struct flow41_stats *stats = this_cpu_ptr(fn->stats);

	u64_stats_update_begin(&stats->syncp);
	u64_stats_inc(&stats->punts[reason]);
	u64_stats_update_end(&stats->syncp);
}

/**
 * flow41_count_admitted() - a flow was admitted
 * @fn: the network namespace
 * @role: FLOW41_ROLE_*
 *
 * Context: any.
 */
void flow41_count_admitted(struct flow41_net *fn, u8 role)
{
	struct flow41_stats *stats = begin(fn);

	u64_stats_inc(&stats->admitted[role]);
	end(stats);
}

/**
 * flow41_count_refusal() - a packet's connection was not admitted
 * @fn: the network namespace
 * @reason: why
 *
 * Context: any.
 */
void flow41_count_refusal(struct flow41_net *fn, enum flow41_refusal reason)
{
	struct flow41_stats *stats = begin(fn);

	u64_stats_inc(&stats->refusals[reason]);
	end(stats);
}

/**
 * flow41_count_eviction() - a flow ended
 * @fn: the network namespace
 * @reason: why
 *
 * Context: any.
 */
void flow41_count_eviction(struct flow41_net *fn, enum flow41_evict reason)
{
	struct flow41_stats *stats = begin(fn);

	u64_stats_inc(&stats->evictions[reason]);
	end(stats);
}

/**
 * flow41_count_handshake() - the handshake watch has something to count
 * @fn: the network namespace
 * @counter: what
 *
 * Context: any.
 */
void flow41_count_handshake(struct flow41_net *fn,
			    enum flow41_handshake_counter counter)
{
	struct flow41_stats *stats = begin(fn);

	u64_stats_inc(&stats->handshakes[counter]);
	end(stats);
}

/**
 * flow41_count_audit() - the audit has something to count
 * @fn: the network namespace
 * @counter: what
 *
 * Context: any.
 */
void flow41_count_audit(struct flow41_net *fn, enum flow41_audit_counter counter)
{
	struct flow41_stats *stats = begin(fn);

	u64_stats_inc(&stats->audit[counter]);
	end(stats);
}

static void copy(u64 *to, const u64_stats_t *from, unsigned int count)
{
	unsigned int i;

	for (i = 0; i < count; i++)
		to[i] = u64_stats_read(&from[i]);
}

static void add(u64 *to, const u64 *from, unsigned int count)
{
	unsigned int i;

	for (i = 0; i < count; i++)
		to[i] += from[i];
}

/*
 * A copy of one CPU's counters that no update tore. Linux 5.10 on 32 bits without SMP
 * has no sequence count: a packet between the halves of a counter would go unnoticed,
 * so none may come.
 */
static void snapshot(const struct flow41_stats *stats,
		     struct flow41_totals *one)
{
	unsigned int start;

	local_bh_disable();
	do {
		start = u64_stats_fetch_begin(&stats->syncp);
		copy(one->packets, stats->packets, FLOW41_ROLES);
		copy(one->bytes, stats->bytes, FLOW41_ROLES);
		copy(one->admitted, stats->admitted, FLOW41_ROLES);
		copy(one->both, stats->both, FLOW41_ROLES);
		copy(one->punts, stats->punts, FLOW41_PUNT_COUNT);
		copy(one->refusals, stats->refusals, FLOW41_REFUSAL_COUNT);
		copy(one->evictions, stats->evictions, FLOW41_EVICT_COUNT);
		copy(one->handshakes, stats->handshakes,
		     FLOW41_HANDSHAKE_COUNT);
		copy(one->audit, stats->audit, FLOW41_AUDIT_COUNT);
	} while (u64_stats_fetch_retry(&stats->syncp, start));
	local_bh_enable();
}

/**
 * flow41_stats_sum() - the counters of all CPUs together
 * @fn: the network namespace
 * @totals: filled in
 * @one: room for one CPU's counters; too large for the stack
 *
 * Context: any.
 */
void flow41_stats_sum(const struct flow41_net *fn,
		      struct flow41_totals *totals, struct flow41_totals *one)
{
	int cpu;

	memset(totals, 0, sizeof(*totals));
	for_each_possible_cpu(cpu) {
		snapshot(per_cpu_ptr(fn->stats, cpu), one);
		/* Nothing but u64 in there. */
		add((u64 *)totals, (u64 *)one, sizeof(*one) / sizeof(u64));
	}
}
