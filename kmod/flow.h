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
 * @expect: first 8 bytes of the inner header as @tag's packet has to leave;
 *	transit: of the outer one, too, and the word with its TTL
 * @tag: fingerprint of the packet that came in last
 * @mark: its skb mark as it came in
 * @priority: its skb priority as it came in
 * @genid: IPv4 routing generation as it came in
 * @last: when it came in, in jiffies
 * @in: packets that came in since the detour began
 * @out: packets that left since the detour began
 * @missing: @in - @out when the last one to come in was last seen to leave
 * @dscp: of the packet that came in last
 * @confirmed: how often a packet was seen to leave as expected
 *
 * Protected by the connection's lock; the counters wrap.
 */
struct flow41_detour {
	__be32 expect[5];
	u32 tag;
	u32 mark;
	u32 priority;
	u32 genid;
	u32 last;
	u16 in;
	u16 out;
	u16 missing;
	u8 confirmed;
	u8 dscp;
};

/**
 * struct flow41_outer - what the flow's IPv4 headers do not have of the packet itself
 * @saddr: source
 * @daddr: destination
 * @frag_off: encap: IP_DF or nothing, in network order
 */
struct flow41_outer {
	__be32 saddr;
	__be32 daddr;
	__be16 frag_off;
};

/**
 * struct flow41_flow - one direction
 * @node: in the table
 * @conn: the connection that it is a part of
 * @key: what packets match
 * @role: FLOW41_ROLE_*
 * @dir: index in the connection's flow[]: 0 for encap, 1 for decap; for transit
 *	0 is the direction seen first
 * @stage: enum flow41_stage; LIVE is published with release semantics, after
 *	everything below it
 * @ct_dir: direction in the inner conntrack entry
 * @outer_dir: direction in the outer conntrack entry
 * @skip_hh: the neighbour is of another family than the packet
 * @absent: not in the table: another connection has the key
 * @result_odd: the software path's result cannot be had from the cache
 * @mark_in: skb mark that packets have to come in with
 * @mark_out: skb mark that they leave with
 * @priority_in: skb priority that packets have to come in with
 * @priority_out: skb priority that they leave with; transit: by their TOS
 * @dst: route of the packet that leaves; owned
 * @neigh: its next hop; owned
 * @tunnel_dst: encap: IPv6 route through the tunnel device; owned
 * @tunnel_cookie: its cookie
 * @cookie: cookie of @dst; the IPv4 routing generation for encap and decap
 *	is in @genid
 * @genid: decap: IPv4 routing generation the outer packet was accepted in
 * @sernum: generation of all IPv6 routes in which the IPv6 one was last checked
 * @mtu: largest inner packet the path takes whole
 * @checked: when all reasons were last checked, in jiffies; the timeouts were
 *	computed then, too
 * @renewed: when @mtu was last computed, in jiffies
 * @ct_timeout: inner conntrack timeout, in jiffies
 * @outer_timeout: outer conntrack timeout, in jiffies
 * @outer_ct: conntrack entry of the outer packets or NULL; owned
 * @outer: encap: of the IPv4 header to put in front; transit: the addresses to write
 * @ip_id: encap: next IPv4 ID where DF makes it free (RFC 6864)
 * @used: when the last packet was carried or punted, in jiffies
 * @audited: when the last packet came in that was seen to leave by software as the
 *	cache would have sent it, in jiffies
 * @audit_left: packets until the next audit
 * @audit_sent: when the first packet came in that the audit waits for, in jiffies
 * @audits: packets that were compared
 * @audit_out: the audit waits for one
 * @packets: packets carried
 * @bytes: bytes carried, inner header included
 * @dscp_seen: for each DSCP, whether a packet of it was seen to leave by
 *	software as the cache would have sent it
 * @detour: packets out on the software path
 */
struct flow41_flow {
	struct rhash_head node;
	struct flow41_conn *conn;
	struct flow41_key key;
	u8 role;
	u8 dir;
	u8 stage;
	u8 ct_dir;
	u8 outer_dir;
	bool skip_hh;
	bool absent;
	bool result_odd;
	u32 mark_in;
	u32 mark_out;
	u32 priority_in;
	u32 priority_out;
	struct dst_entry *dst;
	struct neighbour *neigh;
	struct dst_entry *tunnel_dst;
	u32 tunnel_cookie;
	u32 cookie;
	u32 genid;
	u32 sernum;
	u32 mtu;
	u32 checked;
	u32 renewed;
	u32 ct_timeout;
	u32 outer_timeout;
	struct nf_conn *outer_ct;
	struct flow41_outer outer;
	u16 ip_id;
	u32 used;
	u32 audited;
	s32 audit_left;
	u32 audit_sent;
	u32 audits;
	bool audit_out;
	atomic64_t packets;
	atomic64_t bytes;
	u64 dscp_seen;
	struct flow41_detour detour;
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
 * @tunnel_ttl: its ttl parameter, 0 inherits
 * @tunnel_tos: its tos parameter, 1 inherits
 * @unfixed: the tunnel has no remote address
 * @roams: nothing ties the far end's packets to an IPv4 source (roam.c)
 * @sixrd: @unfixed: what the tunnel took for embedded addresses
 * @stray: @roams: packets that came in from elsewhere
 * @picked_up: admitted without a handshake: both directions have to be seen
 * @watched: its handshake is under way: the watch has to hear of its packets
 * @dead: taken out of the table; set once, by the one who evicts
 * @lock: protects @stray, the flows' detour and their change of stage
 * @born: jiffies
 * @rcu: for flow41_conn_free()
 */
struct flow41_conn {
	struct flow41_flow flow[FLOW41_DIRS];
	struct flow41_net *fn;
	struct nf_conn *ct;
	struct net_device *tunnel;
	u8 tunnel_ttl;
	u8 tunnel_tos;
	bool unfixed;
	bool roams;
	bool picked_up;
	bool watched;
	unsigned long dead;
	spinlock_t lock;	/* stray; detour and stage of both flows */
	unsigned long born;
	struct flow41_sixrd sixrd;
	struct flow41_stray stray;
	struct rcu_head rcu;
};

#endif /* _FLOW41_FLOW_H */
