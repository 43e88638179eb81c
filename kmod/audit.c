// SPDX-License-Identifier: GPL-2.0
/*
 * The audit: now and then a packet that the cache would carry takes the software
 * path, and what comes out there is compared with what the cache made of its twin,
 * a copy, by the very code that carries packets.
 *
 * Nothing is carried on a proof older than FLOW41_PROOF_LASTS. Where the last one is fresh,
 * the twin is sent at once, so that no other packet has to wait, and the packet itself
 * is taken off the software path behind all filters, as the last thing: all that
 * counts there has counted it, once. Where the proof is old (a quiet flow, or
 * audit-rate 1), the packet is sent by software, and the flow's next packets stay
 * behind it (settle.c).
 */
#include <linux/delay.h>
#include <net/ip.h>

#include "flow41.h"

#define RENEW_AFTER	(HZ / 2)
#define LOST_AFTER	(HZ / 4 + 1)

static void close_slot(struct flow41_audits *audits, struct flow41_audit *slot)
{
	lockdep_assert_held(&audits->lock);

	if (slot->open)
		atomic_dec(&audits->open);
	WRITE_ONCE(slot->open, false);
}

/* What has been out for so many jiffies is given up. */
static void close_older(struct flow41_audits *audits, u32 limit)
{
	struct flow41_audit *slot = audits->slot;
	unsigned int i;

	spin_lock_bh(&audits->lock);
	for (i = 0; i < FLOW41_AUDIT_SLOTS; i++, slot++)
		if (slot->open && flow41_elapsed(slot->came) >= limit)
			close_slot(audits, slot);
	spin_unlock_bh(&audits->lock);
}

/**
 * flow41_audits_init() - make room for audits, once; no audit is open then
 * @fn: the network namespace; its hooks at POST_ROUTING are not registered
 *
 * Context: RTNL, may sleep. Return: 0 or -ENOMEM.
 */
int flow41_audits_init(struct flow41_net *fn)
{
	struct flow41_audits *audits = &fn->audits;

	if (audits->slot) {
		close_older(audits, 0);
		return 0;
	}
	audits->pin = kvcalloc(FLOW41_PINS, sizeof(*audits->pin),
			       GFP_KERNEL_ACCOUNT);
	if (!audits->pin)
		return -ENOMEM;
	audits->slot = kvcalloc(FLOW41_AUDIT_SLOTS, sizeof(*audits->slot),
				GFP_KERNEL_ACCOUNT);
	if (audits->slot)
		return 0;
	kvfree(audits->pin);
	audits->pin = NULL;
	return -ENOMEM;
}

/**
 * flow41_audits_exit() - free it
 * @fn: the network namespace; no packet is in any hook
 *
 * Context: may sleep.
 */
void flow41_audits_exit(struct flow41_net *fn)
{
	kvfree(fn->audits.slot);
	kvfree(fn->audits.pin);
}

/**
 * flow41_audits_drain() - wait for the packets that are still out
 * @fn: the network namespace; none of its devices is hooked
 *
 * Nobody takes them off the software path once the other hooks are gone, and they
 * would be sent twice. For a second at most: what has not come out by then, and counts as
 * lost long since, is taken for dropped. So is all of a namespace that goes: its devices
 * are gone, or about to.
 *
 * Context: may sleep.
 */
void flow41_audits_drain(struct flow41_net *fn)
{
	u32 began = jiffies;

	while (check_net(fn->net) && atomic_read(&fn->audits.open) &&
	       (u32)jiffies - began <= FLOW41_PROOF_LASTS)
		usleep_range(1000, 2000);
}

/**
 * flow41_audits_tick() - once a second: give up what never came out
 * @fn: the network namespace
 *
 * Context: may sleep.
 */
void flow41_audits_tick(struct flow41_net *fn)
{
	if (atomic_read(&fn->audits.open))
		close_older(&fn->audits, FLOW41_PROOF_LASTS);
}

/**
 * flow41_audit_renew() - see to it that a busy flow's proof does not grow old
 * @flow: a live flow
 *
 * Context: softirq, RCU read side; called once a jiffy.
 */
void flow41_audit_renew(struct flow41_flow *flow)
{
	if (flow41_elapsed(READ_ONCE(flow->audited)) >= RENEW_AFTER &&
	    !READ_ONCE(flow41_flow_detour(flow)->audit_out))
		WRITE_ONCE(flow->audit_left, 0);
}

/**
 * flow41_audit_way() - how is a flow's next packet to be audited?
 * @flow: the flow, due for an audit
 *
 * Context: softirq, RCU read side.
 */
enum flow41_audit_way flow41_audit_way(struct flow41_flow *flow)
{
	u32 rate = READ_ONCE(flow41_flow_conn(flow)->fn->audits.rate);

	if (flow41_fault(no_audit))
		return FLOW41_AUDIT_NOT;
	WRITE_ONCE(flow->audit_left, rate - 1);
	if (rate == 1 ||
	    flow41_elapsed(READ_ONCE(flow->audited)) >= FLOW41_PROOF_LASTS)
		return FLOW41_AUDIT_ITSELF;
	return READ_ONCE(flow41_flow_detour(flow)->audit_out) ?
	       FLOW41_AUDIT_NOT : FLOW41_AUDIT_AHEAD;
}

/*
 * A header that this box made has an ID of its own choice, and a checksum over
 * it: blank, unless it is wrong.
 */
static void blank_id(u8 *header)
{
	struct iphdr *iph = (struct iphdr *)header;

	if (!ip_fast_csum(header, FLOW41_IPV4_HLEN / 4))
		iph->check = 0;
	iph->id = 0;
}

static void note_result(struct flow41_result *result, const struct sk_buff *skb,
			const struct net_device *dev, bool made_here)
{
	const struct skb_shared_info *shinfo = skb_shinfo(skb);
	unsigned int len = min_t(unsigned int, skb->len, FLOW41_AUDIT_HEADER);

	memset(result, 0, sizeof(*result));
	if (skb_copy_bits(skb, 0, result->header, len))
		return;
	result->header_len = len;
	result->len = skb->len;
	result->mark = skb->mark;
	result->priority = skb->priority;
	result->gso_size = shinfo->gso_size;
	result->gso_type = shinfo->gso_size ? shinfo->gso_type : 0;
	result->ifindex = dev->ifindex;
	if (made_here && result->header[0] >> 4 == 4)
		blank_id(result->header);
}

static void note_cached(struct flow41_audit *audit, struct flow41_flow *flow,
			const struct sk_buff *twin)
{
	struct flow41_result *cached = &audit->cached;

	note_result(cached, twin, twin->dev, flow->role == FLOW41_ROLE_ENCAP);
	cached->neigh = flow->neigh;
	if (FLOW41_HAS_FAULTS)
		flow41_fault_confess(flow, cached);
}

/**
 * flow41_audit_open() - a packet goes to the software path, to be compared
 * @flow: its flow
 * @skb: the packet, as it came in
 * @twin: what the cache made of a copy, ready to be sent
 * @p: what the parser read of @skb
 * @ahead: @twin will be sent
 *
 * Context: softirq, RCU read side.
 * Return: false if its place is taken by another audit.
 */
bool flow41_audit_open(struct flow41_flow *flow, const struct sk_buff *skb,
		       const struct sk_buff *twin,
		       const struct flow41_packet *p, bool ahead)
{
	const struct flow41_conn *conn = flow41_flow_conn(flow);
	struct flow41_audits *audits = &conn->fn->audits;
	u32 tag = flow41_expect_tag(skb, p), now;
	struct flow41_detour *detour = flow41_flow_detour(flow);
	struct flow41_audit *slot;

	slot = &audits->slot[tag % FLOW41_AUDIT_SLOTS];
	spin_lock_bh(&audits->lock);
	/* Not before: it would be older than what another CPU has put there since */
	now = jiffies;
	/* Lost it may be, but not gone: it would leave a second time */
	if (slot->open && now - slot->came < FLOW41_PROOF_LASTS) {
		spin_unlock_bh(&audits->lock);
		return false;
	}
	close_slot(audits, slot);
	slot->key = p->key;
	slot->flow = flow;
	slot->skb = skb;
	slot->tag = tag;
	slot->came = now;
	slot->ahead = ahead;
	slot->role = flow->role;
	slot->tunnel = conn->tunnel ? conn->tunnel->ifindex : 0;
	note_cached(slot, flow, twin);
	WRITE_ONCE(slot->open, true);
	atomic_inc(&audits->open);
	if (!detour->audit_out) {
		flow->audit_sent = now;
		/* Pairs with the acquire in flow41_audit_overdue(). */
		smp_store_release(&detour->audit_out, true);
	}
	spin_unlock_bh(&audits->lock);
	return true;
}

static bool same_connection(const struct flow41_key *a,
			    const struct flow41_key *b)
{
	return ipv6_addr_equal(&a->src, &b->src) &&
	       ipv6_addr_equal(&a->dst, &b->dst) && a->proto == b->proto &&
	       a->sport == b->sport && a->dport == b->dport;
}

/*
 * Two tunnels may carry connections that are alike inside. One that is encapsulated
 * here may have been sent into another tunnel by now, or into none.
 */
static bool same_tunnel(const struct flow41_audit *slot,
			const struct flow41_packet *p,
			const struct net_device *in)
{
	switch (slot->role) {
	case FLOW41_ROLE_DECAP:
		return in->ifindex == slot->tunnel;
	case FLOW41_ROLE_TRANSIT:
		return slot->key.outer_src == p->key.outer_src &&
		       slot->key.outer_dst == p->key.outer_dst;
	default:
		return true;
	}
}

/*
 * One that is alike may follow a packet that was dropped. It does not do so before the
 * flow is given up for that; later on only the very packet will do.
 */
static bool same_packet(const struct flow41_audit *slot,
			const struct sk_buff *skb)
{
	return (u32)jiffies - slot->came <= LOST_AFTER || slot->skb == skb;
}

/* The audit that a packet about to leave belongs to; then it is over. */
static bool take(struct flow41_audits *audits, const struct sk_buff *skb,
		 const struct flow41_packet *p, const struct net_device *in,
		 struct flow41_audit *audit)
{
	u32 tag = flow41_expect_tag(skb, p);
	struct flow41_audit *slot = &audits->slot[tag % FLOW41_AUDIT_SLOTS];
	bool found;

	if (!READ_ONCE(slot->open))
		return false;
	spin_lock_bh(&audits->lock);
	found = slot->open && slot->tag == tag &&
		same_packet(slot, skb) &&
		same_connection(&slot->key, &p->key) &&
		same_tunnel(slot, p, in);
	if (found) {
		*audit = *slot;
		close_slot(audits, slot);
	}
	spin_unlock_bh(&audits->lock);
	return found;
}

static unsigned long compare(const struct flow41_result *cached,
			     const struct flow41_result *software)
{
	unsigned long differ = 0;

	if (!cached->len)
		return BIT(FLOW41_DIFFER_LOST);
	if (cached->len != software->len)
		__set_bit(FLOW41_DIFFER_LENGTH, &differ);
	if (memcmp(cached->header, software->header, sizeof(cached->header)))
		__set_bit(FLOW41_DIFFER_HEADER, &differ);
	if (cached->ifindex != software->ifindex)
		__set_bit(FLOW41_DIFFER_DEVICE, &differ);
	if (cached->neigh != software->neigh)
		__set_bit(FLOW41_DIFFER_NEXT_HOP, &differ);
	if (cached->mark != software->mark)
		__set_bit(FLOW41_DIFFER_MARK, &differ);
	if (cached->priority != software->priority)
		__set_bit(FLOW41_DIFFER_PRIORITY, &differ);
	if (cached->gso_size != software->gso_size ||
	    cached->gso_type != software->gso_type)
		__set_bit(FLOW41_DIFFER_SEGMENTS, &differ);
	return differ;
}

static void mismatched(struct flow41_flow *flow,
		       const struct flow41_audit *audit,
		       const struct flow41_result *software,
		       unsigned long differ)
{
	struct flow41_conn *conn = flow41_flow_conn(flow);

	flow41_count_audit(conn->fn, FLOW41_AUDIT_MISMATCHED);
	if (!flow41_conn_evict(conn, FLOW41_EVICT_AUDIT_MISMATCHED))
		return;
	flow41_netlink_audit(flow, FLOW41_ALERT_AUDIT_MISMATCHED,
			     &audit->cached, software, differ);
	flow41_pin_note(conn);
}

static void judge(struct flow41_flow *flow, const struct flow41_audit *audit,
		  struct sk_buff *skb)
{
	struct flow41_result software;
	struct neighbour *neigh;
	unsigned long differ;

	note_result(&software, skb, skb_dst(skb)->dev,
		    flow->role == FLOW41_ROLE_ENCAP);
	neigh = flow41_xmit_next_hop(skb);
	software.neigh = neigh;
	differ = compare(&audit->cached, &software);
	if (!same_connection(&flow->key, &audit->key))
		__set_bit(FLOW41_DIFFER_CONNECTION, &differ);
	if (neigh)
		neigh_release(neigh);

	flow41_count_audit(flow41_flow_conn(flow)->fn, FLOW41_AUDIT_CHECKED);
	if (differ)
		mismatched(flow, audit, &software, differ);
	else if (!flow41_settle_same_outer(flow, skb))
		flow41_conn_evict(flow41_flow_conn(flow), FLOW41_EVICT_RESULT);
	else
		flow41_audit_passed(flow, audit->came);
}

/**
 * flow41_audit_leave() - a packet is about to leave by software: is it an audit's?
 * @fn: the network namespace
 * @skb: the packet, at the last POST_ROUTING hook; consumed if taken
 * @p: what the parser read of it now; transit: with the outer addresses it came with
 * @in: the device it came from, as netfilter says
 *
 * Known by its fingerprint and its connection, not by its flow, which may be gone.
 * Should the very same packet be out a second time, either of them will do.
 *
 * Context: softirq, RCU read side.
 * Return: NF_STOLEN if the cache has sent it already, else NF_ACCEPT.
 */
unsigned int flow41_audit_leave(struct flow41_net *fn, struct sk_buff *skb,
				const struct flow41_packet *p,
				const struct net_device *in)
{
	struct flow41_audit audit;
	struct flow41_flow *flow;

	if (!take(&fn->audits, skb, p, in, &audit))
		return NF_ACCEPT;
	flow = flow41_table_lookup(fn, &audit.key);
	if (flow && flow == audit.flow)
		judge(flow, &audit, skb);
	if (!audit.ahead)
		return NF_ACCEPT;
	consume_skb(skb);
	return NF_STOLEN;
}

/**
 * flow41_audit_overdue() - did an audited packet never come out?
 * @flow: the flow
 *
 * Context: any, RCU read side.
 */
bool flow41_audit_overdue(const struct flow41_flow *flow)
{
	/* Pairs with the release in flow41_audit_open(). */
	return smp_load_acquire(&flow41_flow_detour(flow)->audit_out) &&
	       flow41_elapsed(READ_ONCE(flow->audit_sent)) > LOST_AFTER;
}

/**
 * flow41_audit_passed() - a packet left by software as the cache would send it
 * @flow: its flow
 * @came: when it had come in, in jiffies
 *
 * Context: softirq, RCU read side.
 */
void flow41_audit_passed(struct flow41_flow *flow, u32 came)
{
	WRITE_ONCE(flow->audited, came);
	WRITE_ONCE(flow->audits, flow->audits + 1);
	WRITE_ONCE(flow41_flow_detour(flow)->audit_out, false);
}

/* Return: false if its place has been given to another one's by now. */
static bool cached_of(struct flow41_audits *audits,
		      const struct flow41_flow *flow,
		      struct flow41_result *cached)
{
	const struct flow41_audit *slot = audits->slot;
	bool found = false;
	unsigned int i;

	spin_lock_bh(&audits->lock);
	for (i = 0; !found && i < FLOW41_AUDIT_SLOTS; i++, slot++) {
		found = slot->open && slot->flow == flow;
		if (found)
			*cached = slot->cached;
	}
	spin_unlock_bh(&audits->lock);
	return found;
}

/**
 * flow41_audit_lost() - a connection was evicted: its packet never came out
 * @conn: the connection
 *
 * Context: any, RCU read side.
 */
void flow41_audit_lost(struct flow41_conn *conn)
{
	struct flow41_flow *flow = &conn->flow[0];
	struct flow41_result cached;
	bool found;

	if (!flow41_audit_overdue(flow))
		flow++;
	found = cached_of(&conn->fn->audits, flow, &cached);
	flow41_count_audit(conn->fn, FLOW41_AUDIT_LOST);
	flow41_netlink_audit(flow, FLOW41_ALERT_AUDIT_LOST,
			     found ? &cached : NULL, NULL, 0);
	flow41_pin_note(conn);
}
