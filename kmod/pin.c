// SPDX-License-Identifier: GPL-2.0
/*
 * Connections whose audits keep failing are pinned to the software path for a while:
 * it treats their packets in a way that the cache cannot learn.
 */
#include "flow41.h"

#define PIN_AFTER	3	/* failures, each within a quarantine of the one before */

/* The same for both directions, and for whoever admits it next time. */
static u32 hash_of(struct flow41_conn *conn)
{
	struct flow41_key key[FLOW41_DIRS];
	u8 dir;

	for (dir = 0; dir < FLOW41_DIRS; dir++) {
		key[dir] = conn->flow[dir].key;
		key[dir].outer_src = 0;
	}
	return flow41_table_hash(&key[0]) ^ flow41_table_hash(&key[1]) ^
	       conn->flow[0].key.proto;
}

static bool recent(const struct flow41_net *fn, const struct flow41_pin *pin)
{
	return (u32)jiffies - pin->last < READ_ONCE(fn->quarantine) * HZ;
}

static bool pins(const struct flow41_net *fn, const struct flow41_pin *pin)
{
	return pin->failures >= PIN_AFTER && recent(fn, pin);
}

/* Return: whether this failure is the one that pins it. */
static bool note(const struct flow41_net *fn, struct flow41_pin *pin, u32 hash)
{
	if (pin->hash != hash) {
		if (pins(fn, pin))
			return false;
		pin->hash = hash;
		pin->failures = 0;
	}
	if (!recent(fn, pin))
		pin->failures = 0;
	pin->last = jiffies;
	if (pin->failures < PIN_AFTER)
		pin->failures++;
	return pin->failures == PIN_AFTER;
}

/**
 * flow41_pin_note() - a connection's audit failed
 * @conn: the connection
 *
 * A place that a pinned connection has is not given to another one.
 *
 * Context: any.
 */
void flow41_pin_note(struct flow41_conn *conn)
{
	struct flow41_net *fn = conn->fn;
	u32 hash = hash_of(conn);
	bool pinned;

	spin_lock_bh(&fn->audits.lock);
	pinned = note(fn, &fn->audits.pin[hash % FLOW41_PINS], hash);
	spin_unlock_bh(&fn->audits.lock);
	if (pinned)
		flow41_count_audit(fn, FLOW41_AUDIT_PINNED);
}

/**
 * flow41_pinned() - is a connection pinned to the software path?
 * @conn: the connection, not yet in the table
 *
 * Context: any.
 */
bool flow41_pinned(struct flow41_conn *conn)
{
	struct flow41_net *fn = conn->fn;
	u32 hash = hash_of(conn);
	const struct flow41_pin *pin;
	bool pinned;

	spin_lock_bh(&fn->audits.lock);
	pin = &fn->audits.pin[hash % FLOW41_PINS];
	pinned = pin->hash == hash && pins(fn, pin);
	spin_unlock_bh(&fn->audits.lock);
	return pinned;
}
