/* SPDX-License-Identifier: GPL-2.0 */
/* A connection and its flows. */
#ifndef _FLOW41_FLOW_H
#define _FLOW41_FLOW_H

#include <linux/netdevice.h>
#include <linux/rhashtable.h>
#include <net/dst.h>
#include <net/neighbour.h>
#include <net/netfilter/nf_conntrack.h>
#include <linux/flow41.h>

#include "parse.h"
#include "tunnel.h"

#define FLOW41_DIRS	2	/* of a connection */
#define FLOW41_CACHE_LINE	64	/* bytes, on most machines */

/*
 * A connection and its two flows
 * ------------------------------
 * A connection is made whole (both directions) and dies whole. Who may hold
 * one: the table, until flow41_conn_evict() takes it out; after that only RCU
 * readers, until flow41_conn_free() runs a grace period later. There is no
 * reference count.
 */

/*
 * SETTLING: admitted, never yet seen to leave the box. Packets are punted.
 * LIVE: packets are carried. DETOUR: was live; a packet is out on the software
 * path, and its followers go the same way until it has left.
 */
enum flow41_stage {
	FLOW41_STAGE_SETTLING,
	FLOW41_STAGE_LIVE,
	FLOW41_STAGE_DETOUR,
};

/**
 * struct flow41_detour - a flow's packets that are out on the software path
 * @expect: hash of the header that the packet that came in last has to leave with
 * @tag: fingerprint of that packet
 * @inside: packets that came in, less those that left, since the detour began; less
 *	than 0 if some left that had come in before. Of what is to be cut, segments.
 *	Wraps beyond 32,767
 * @missing: @inside when the last one to come in was last seen to leave
 * @confirmed: how often a packet was seen to leave as expected
 * @came: one came in: @expect, @tag, @dscp and @marked are told from it
 * @marked: it came in with the flow's mark and priority, and entered the tunnel by a route
 *	with its MTU
 * @dscp: its DSCP
 * @odd: the software path's result cannot be had from the cache
 * @audit_out: the audit waits for a packet
 *
 * Protected by the connection's lock, but for the last two.
 */
struct flow41_detour {
	u32 expect;
	u32 tag;
	s16 inside;
	s16 missing;
	u8 confirmed;
	u8 came:1;
	u8 marked:1;
	u8 dscp:6;
	bool odd;
	bool audit_out;
};

/**
 * struct flow41_outer - what the flow's IPv4 headers do not have of the packet itself
 * @saddr: source
 * @daddr: destination
 * @frag_off: encap: IP_DF or nothing, in network order
 * @id: encap: next IPv4 ID where DF makes it free (RFC 6864)
 */
struct flow41_outer {
	__be32 saddr;
	__be32 daddr;
	__be16 frag_off;
	u16 id;
};

/**
 * struct flow41_flow - one direction
 * @node: in the table
 * @key: what packets match
 * @role: FLOW41_ROLE_*
 * @stage: enum flow41_stage; LIVE is published with release semantics, after
 *	everything below it, and the connection's @tunnel_dst
 * @dir: index in the connection's flow[]: 0 for encap, 1 for decap; for transit
 *	0 is the direction seen first
 * @ct_dir: direction in the inner conntrack entry
 * @outer_dir: direction in the outer conntrack entry
 * @skip_hh: the neighbour is of another family than the packet
 * @absent: not in the table: another connection has the key
 * @untracked: encap: a rule says that conntrack is not to follow the outer packets
 * @dst: route of the packet that leaves; owned
 * @neigh: its next hop; owned
 * @outer_ct: conntrack entry of the outer packets or NULL; owned
 * @dscp_seen: for each DSCP, whether a packet of it was seen to leave by
 *	software as the cache would have sent it
 * @mark_in: skb mark that packets have to come in with
 * @mark_out: skb mark that they leave with
 * @priority_in: skb priority that packets have to come in with
 * @priority_out: skb priority that they leave with; transit: by their TOS
 * @cookie: of the IPv6 route: @dst for decap, the connection's tunnel_dst for encap
 * @genid: decap, transit: IPv4 routing generation in which the outer packet was accepted
 * @sernum: generation of all IPv6 routes when the last packet took the software path
 * @mtu: largest inner packet the path takes whole
 * @packets: packets carried
 * @bytes: bytes carried, inner header included
 * @renewed: when @mtu was last computed, in jiffies
 * @checked: when all reasons were last checked, in jiffies; the timeouts were
 *	computed then, too
 * @ct_timeout: inner conntrack timeout, in jiffies
 * @outer_timeout: outer conntrack timeout, in jiffies
 * @outer: encap: of the IPv4 header to put in front; transit: the addresses to write
 * @used: when the last packet was carried or punted, in jiffies
 * @audit_left: packets until the next audit
 * @audited: when the last packet came in that was seen to leave by software as the
 *	cache would have sent it, in jiffies
 * @audit_sent: when the first packet came in that the audit waits for, in jiffies
 * @audits: packets that were compared
 *
 * Three cache lines, where pointers have 64 bits (or four, see struct flow41_conn): what a
 * lookup reads; what every packet reads; what packets write, and what goes with that.
 *
 * While the flow settles nothing is carried: @mark_in, @priority_in and @genid are those
 * of the packet that came in last, and @used is when that was. So it is in a detour, but
 * for a packet that another CPU is carrying just then.
 */
struct flow41_flow {
	struct rhash_head node;
	struct flow41_key key;
	u8 role;
	u8 stage;
	u8 dir;
	u8 ct_dir:1;
	u8 outer_dir:1;
	u8 skip_hh:1;
	u8 absent:1;
	u8 untracked:1;

	struct dst_entry *dst;
	struct neighbour *neigh;
	struct nf_conn *outer_ct;
	u64 dscp_seen;
	u32 mark_in;
	u32 mark_out;
	u32 priority_in;
	u32 priority_out;
	u32 cookie;
	u32 genid;
	u32 sernum;
	u32 mtu;

	atomic64_t packets;
	atomic64_t bytes;
	u32 renewed;
	u32 checked;
	u32 ct_timeout;
	u32 outer_timeout;
	struct flow41_outer outer;
	u32 used;
	s32 audit_left;
	u32 audited;
	u32 audit_sent;
	u32 audits;
#ifdef FLOW41_FAULTS
	u8 stale_ha[MAX_ADDR_LEN];
#endif
};

/**
 * struct flow41_conn - a connection
 * @flow: its directions
 * @fn: the network namespace
 * @ct: inner conntrack entry; for transit the outer one, which all connections
 *	of the tunnel share; owned
 * @tunnel: the sit device, NULL for transit; owned
 * @tunnel_dst: IPv6 route of the encap flow through @tunnel; owned
 * @lock: protects @dead, @stray, @detour, and the flows' change of stage
 * @embedding: @unfixed: what the tunnel took for embedded addresses
 * @tunnel_ttl: its ttl parameter, 0 inherits
 * @tunnel_tos: its tos parameter, 1 inherits
 * @unfixed: the tunnel has no remote address
 * @roams: nothing ties the far end's packets to an IPv4 source (roam.c)
 * @picked_up: admitted without a handshake: both directions have to be seen
 * @dead: taken out of the table; set once. The bits beside it stay as they were when it
 *	was published
 * @watched: its handshake is under way: the watch has to hear of its packets
 * @born: in jiffies; wraps, after 49 days with HZ=1000
 * @stray: @roams: packets that came in from elsewhere; gone when it is @dead
 * @rcu: for flow41_conn_free()
 * @detour: of each flow, packets out on the software path
 *
 * In all 480 bytes, where pointers have 64 bits: aligned to whole cache lines it would
 * take 512. So every second one begins in the middle of a line.
 */
struct flow41_conn {
	struct flow41_flow flow[FLOW41_DIRS];
	struct flow41_net *fn;
	struct nf_conn *ct;
	struct net_device *tunnel;
	struct dst_entry *tunnel_dst;
	spinlock_t lock;	/* dead, stray, detour, and stage of both flows */
	u32 embedding;
	u8 tunnel_ttl;
	u8 tunnel_tos;
	u8 unfixed:1;
	u8 roams:1;
	u8 picked_up:1;
	u8 dead:1;
	bool watched;
	u32 born;
	union {
		struct flow41_stray stray;
		struct rcu_head rcu;
	};
	struct flow41_detour detour[FLOW41_DIRS];
} __aligned(FLOW41_CACHE_LINE / 2);

#endif /* _FLOW41_FLOW_H */
