/* SPDX-License-Identifier: GPL-2.0 */
/* The audit: the cache compared with the software path. */
#ifndef _FLOW41_AUDIT_H
#define _FLOW41_AUDIT_H

#include <linux/spinlock.h>
#include <linux/types.h>

#include "parse.h"
#include "reason.h"

#define FLOW41_AUDIT_SLOTS	128	/* audits under way at once in a netns */
#define FLOW41_AUDIT_HEADER	(FLOW41_IPV4_HLEN + FLOW41_IPV6_HLEN + 20)
#define FLOW41_AUDIT_RATE	1024	/* one packet in so many, if nobody sets it */
#define FLOW41_PROOF_LASTS	HZ	/* nothing is carried on an older one */
#define FLOW41_PINS		512	/* connections whose failures are remembered */

struct flow41_conn;
struct flow41_flow;
struct flow41_net;
struct neighbour;
struct net_device;
struct sk_buff;

/**
 * struct flow41_result - how a packet leaves the box
 * @header: its first bytes; IPv4 ID and checksum blank if this box made the header
 * @header_len: how many
 * @len: length of the packet in bytes; 0 if it does not leave at all
 * @mark: skb mark
 * @priority: skb priority
 * @gso_size: payload of a segment, 0 for a plain packet
 * @gso_type: SKB_GSO_*
 * @ifindex: device
 * @neigh: next hop; only ever compared
 */
struct flow41_result {
	u8 header[FLOW41_AUDIT_HEADER];
	u8 header_len;
	u32 len;
	u32 mark;
	u32 priority;
	u32 gso_size;
	u32 gso_type;
	int ifindex;
	const struct neighbour *neigh;
};

/**
 * struct flow41_audit - a packet that is out on the software path, to be compared
 * @key: its key as it came in
 * @flow: its flow; only ever compared
 * @skb: the packet; only ever compared
 * @tag: its fingerprint, by which it is known again when it leaves
 * @came: when it came in, in jiffies
 * @tunnel: index of the sit device, 0 for transit
 * @role: FLOW41_ROLE_*
 * @open: in use
 * @ahead: the cache has sent it already: the software path's goes no further
 * @cached: what the cache made of it
 */
struct flow41_audit {
	struct flow41_key key;
	struct flow41_flow *flow;
	const struct sk_buff *skb;
	u32 tag;
	u32 came;
	int tunnel;
	u8 role;
	bool open;
	bool ahead;
	struct flow41_result cached;
};

/**
 * struct flow41_pin - a connection whose audits failed
 * @hash: of the connection, the same for both directions
 * @last: when one failed last, in jiffies
 * @failures: how many, while they came in time
 */
struct flow41_pin {
	u32 hash;
	u32 last;
	u8 failures;
};

/**
 * struct flow41_audits - the audits of a network namespace
 * @lock: protects @slot and @pin
 * @slot: those under way, each where its tag says; allocated when first enabled
 * @pin: where the hash says; allocated with @slot
 * @open: slots in use
 * @rate: one packet of a flow in so many is audited
 */
struct flow41_audits {
	spinlock_t lock;	/* slot[] and pin[] */
	struct flow41_audit *slot;
	struct flow41_pin *pin;
	atomic_t open;
	u32 rate;
};

/* How an audited packet and its twin, the cache's, go about it. */
enum flow41_audit_way {
	FLOW41_AUDIT_NOT,	/* carried like any other */
	FLOW41_AUDIT_AHEAD,	/* the twin is sent, the packet stops at the end */
	FLOW41_AUDIT_ITSELF,	/* the packet is sent, the twin is not */
};

/* audit.c */
int flow41_audits_init(struct flow41_net *fn);
void flow41_audits_exit(struct flow41_net *fn);
void flow41_audits_drain(struct flow41_net *fn);
void flow41_audits_tick(struct flow41_net *fn);
void flow41_audit_renew(struct flow41_flow *flow);
enum flow41_audit_way flow41_audit_way(struct flow41_flow *flow);
bool flow41_audit_open(struct flow41_flow *flow, const struct sk_buff *skb,
		       const struct sk_buff *twin,
		       const struct flow41_packet *p, bool ahead);
unsigned int flow41_audit_leave(struct flow41_net *fn, struct sk_buff *skb,
				const struct flow41_packet *p,
				const struct net_device *in);
bool flow41_audit_overdue(const struct flow41_flow *flow);
void flow41_audit_passed(struct flow41_flow *flow, u32 came);
void flow41_audit_lost(struct flow41_conn *conn);

/* pin.c */
void flow41_pin_note(struct flow41_conn *conn);
bool flow41_pinned(struct flow41_conn *conn);

#endif /* _FLOW41_AUDIT_H */
