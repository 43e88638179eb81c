/* SPDX-License-Identifier: GPL-2.0 */
/* The handshake watch: what handshake.c keeps, and what others ask of it. */
#ifndef _FLOW41_HANDSHAKE_H
#define _FLOW41_HANDSHAKE_H

#include <linux/bits.h>
#include <linux/in6.h>
#include <linux/jiffies.h>
#include <linux/spinlock.h>
#include <linux/types.h>
#include <linux/flow41.h>

#include "reason.h"

#define FLOW41_ROWS		12	/* segments kept of a handshake */
#define FLOW41_ROWS_FIRST	4	/* those never given up */
#define FLOW41_WATCH_WAYS	8	/* handshakes in a bucket */

struct flow41_flow;
struct flow41_net;
struct nf_conn;
struct flow41_packet;

/**
 * struct flow41_watch_key - identity of an inner TCP connection
 * @addr: its ends, the smaller one first, whoever is the client
 * @outer: the tunnel's ends, in the order of @addr, each by the address
 *	that it sends from, before NAT; 0 if it ends here
 * @port: its ports, in the order of @addr
 */
struct flow41_watch_key {
	struct in6_addr addr[2];
	__be32 outer[2];
	__be16 port[2];
};

/**
 * struct flow41_segment - a TCP segment that comes in, or leaves
 * @p: what the parser read of it
 * @outer: as in the key, the sender's first
 * @ifindex: the device
 * @tunnel: index of the sit device; 0 for transit, or where it is not known
 * @fast: on the fast path
 * @watchable: a handshake not yet known may be watched from here on
 */
struct flow41_segment {
	const struct flow41_packet *p;
	__be32 outer[2];
	int ifindex;
	int tunnel;
	bool fast;
	bool watchable;
};

/* A row of the ladder: a segment that came in, and whether it left. */
struct flow41_row {
	u32 time;		/* milliseconds since the first one */
	int in;			/* devices */
	int out;
	u8 kind;		/* enum flow41_segment_kind */
	bool left;
	bool fast;
	bool repeated;
};

/* What is known of a handshake; bits of struct flow41_watch.flags. */
#define FLOW41_W_USED		BIT(0)
#define FLOW41_W_SYN_IN		BIT(1)
#define FLOW41_W_SYNACK_IN	BIT(2)
#define FLOW41_W_SYNACK_OUT	BIT(3)
#define FLOW41_W_ACK_IN		BIT(4)
#define FLOW41_W_ACK_OUT	BIT(5)
#define FLOW41_W_ACK_FAST	BIT(6)	/* it took the fast path */
#define FLOW41_W_COMPLETED	BIT(7)	/* the server went on */
#define FLOW41_W_ENDED		BIT(8)	/* FIN or RST */
#define FLOW41_W_QUARANTINED	BIT(9)
#define FLOW41_W_SUSPECT	BIT(10)	/* healed if it completes */
#define FLOW41_W_HEALED		BIT(11)
#define FLOW41_W_SYN_OUT	BIT(12)
#define FLOW41_W_ONE_SIDED	BIT(13)	/* both came in on one device: forged, perhaps */

/**
 * struct flow41_watch - a watched handshake
 * @key: whose it is
 * @born: when its first segment came in, in jiffies
 * @last: when the last one did that took it further, or was repeated, in jiffies
 * @acked: when its first ACK came in, in jiffies, if ACK_IN
 * @told_since: when the first of @told was, in jiffies
 * @quarantine_end: in jiffies, if QUARANTINED
 * @syn_seq: sequence number of the SYN
 * @synack_seq: sequence number of the SYN/ACK
 * @repeats: SYNs and SYN/ACKs that came in again
 * @skipped: rows given up behind the first FLOW41_ROWS_FIRST
 * @tunnel: index of the sit device, if one is known
 * @flags: FLOW41_W_*
 * @verdict: on the last repeat; FLOW41_VERDICT_NONE while there is none
 * @client: which end is the client, an index into the key's addresses
 * @told: verdicts that an alert has told of lately, one bit each
 * @alerts: how many there have been, modulo 256: only ever compared
 * @rows: rows in use
 * @row: the ladder
 *
 * Protected by the lock of its bucket.
 */
struct flow41_watch {
	struct flow41_watch_key key;
	unsigned long born;
	unsigned long last;
	unsigned long acked;
	unsigned long told_since;
	unsigned long quarantine_end;
	u32 syn_seq;
	u32 synack_seq;
	u32 repeats;
	u32 skipped;
	int tunnel;
	u16 flags;
	s8 verdict;
	u8 client;
	u8 told;
	u8 alerts;
	u8 rows;
	struct flow41_row row[FLOW41_ROWS];
};

/* Handshakes whose keys hash alike: a new one takes the place of the least. */
struct flow41_watch_bucket {
	spinlock_t lock;	/* all of it */
	u8 quarantined;		/* so many of them; 0 is also believed without the lock */
	struct flow41_watch way[FLOW41_WATCH_WAYS];
};

/**
 * struct flow41_watches - the handshakes of a network namespace
 * @bucket: all there is, allocated when the watch first starts; never NULL then
 * @buckets: how many, a power of two
 * @open: handshakes under way; while 0, only SYN, FIN and RST are looked at
 * @quarantined: connections in quarantine
 * @generation: changes when one comes or goes, for consistent dumps
 * @stalls: alerts of stalled handshakes in the last second, about
 * @stalls_since: when that began, in jiffies
 */
struct flow41_watches {
	struct flow41_watch_bucket *bucket;
	u32 buckets;
	atomic_t open;
	atomic_t quarantined;
	atomic_t generation;
	atomic_t stalls;
	unsigned long stalls_since;
};

/* watches.c: the bounded table */
int flow41_watches_init(struct flow41_net *fn);
void flow41_watches_exit(struct flow41_net *fn);
u8 flow41_watch_key(const struct flow41_packet *p, const __be32 outer[2],
		    struct flow41_watch_key *key);
struct flow41_watch_bucket *
flow41_watch_bucket(struct flow41_net *fn, const struct flow41_watch_key *key);
struct flow41_watch *flow41_watch_find(struct flow41_watch_bucket *bucket,
				       const struct flow41_watch_key *key);
struct flow41_watch *flow41_watch_make(struct flow41_net *fn,
				       struct flow41_watch_bucket *bucket,
				       const struct flow41_watch_key *key);
void flow41_watch_flag(struct flow41_net *fn, struct flow41_watch *watch,
		       u16 set, u16 clear);
void flow41_watches_tick(struct flow41_net *fn);
bool flow41_watch_copy(struct flow41_net *fn, u32 index,
		       struct flow41_watch *to);

/* handshake.c: the verdicts */
bool flow41_handshake_in(struct flow41_net *fn,
			 const struct flow41_segment *segment);
bool flow41_handshake_overdue(struct flow41_net *fn, struct flow41_watch *watch);
void flow41_handshake_tell(struct flow41_net *fn, const struct flow41_watch *watch);
void flow41_handshake_out(struct flow41_net *fn,
			  const struct flow41_segment *segment);

/* quarantine.c: what the verdicts are good for */
void flow41_quarantine(struct flow41_net *fn, struct flow41_watch *watch);
void flow41_quarantine_suspect(struct flow41_flow *flow,
			       const struct flow41_packet *p);
bool flow41_quarantined(struct flow41_flow *flow,
			const struct flow41_packet *p);
enum flow41_refusal flow41_quarantine_admits(struct flow41_flow *flow,
					     const struct flow41_packet *p);

/* watch.c: the places where segments come in and leave */
int flow41_watch_start(struct flow41_net *fn);
void flow41_watch_stop(struct flow41_net *fn);
void flow41_watch_outer(const struct nf_conn *ct, u8 dir, __be32 outer[2]);

#endif /* _FLOW41_HANDSHAKE_H */
