/* SPDX-License-Identifier: GPL-2.0 */
/* The state of the cache, and what the files of the module call of each other. */
#ifndef _FLOW41_H
#define _FLOW41_H

#include <linux/ip.h>
#include <linux/jiffies.h>
#include <linux/netdevice.h>
#include <linux/netfilter.h>
#include <linux/rhashtable.h>
#include <linux/skbuff.h>
#include <linux/u64_stats_sync.h>
#include <linux/workqueue.h>
#include <net/dst.h>
#include <net/ip.h>
#include <net/ip_tunnels.h>
#include <net/neighbour.h>
#include <net/netfilter/nf_conntrack.h>
#include <linux/flow41.h>

#include "audit.h"
#include "fault.h"
#include "flow.h"
#include "handshake.h"
#include "parse.h"
#include "reason.h"
#include "tunnel.h"

#define FLOW41_ROLES		(FLOW41_ROLE_TRANSIT + 1)
#define FLOW41_HOOKS		4	/* FORWARD and POST_ROUTING, IPv6 and IPv4 */
#define FLOW41_WATCH_HOOKS	5	/* PRE_ROUTING and POST_ROUTING */
#define FLOW41_PORTS_MAX	64	/* devices hooked at once in one netns */

/**
 * struct flow41_port - a device whose ingress is hooked
 * @list: in the namespace's list; written under RTNL, read under RCU
 * @fn: the network namespace
 * @dev: the device; unhooked before it is unregistered, so not referenced
 * @ops: the hook
 * @used: when a flow that comes in here was last seen, in jiffies
 * @rcu: for freeing
 */
struct flow41_port {
	struct list_head list;
	struct flow41_net *fn;
	struct net_device *dev;
	struct nf_hook_ops ops;
	unsigned long used;
	struct rcu_head rcu;
};

/* Per-CPU counters; 64 bits wide everywhere, read through syncp on 32 bits. */
struct flow41_stats {
	u64_stats_t packets[FLOW41_ROLES];
	u64_stats_t bytes[FLOW41_ROLES];
	u64_stats_t admitted[FLOW41_ROLES];
	u64_stats_t both[FLOW41_ROLES];	/* of packets: took both paths */
	u64_stats_t punts[FLOW41_PUNT_COUNT];
	u64_stats_t refusals[FLOW41_REFUSAL_COUNT];
	u64_stats_t evictions[FLOW41_EVICT_COUNT];
	u64_stats_t handshakes[FLOW41_HANDSHAKE_COUNT];
	u64_stats_t audit[FLOW41_AUDIT_COUNT];
	struct u64_stats_sync syncp;
};

/*
 * struct flow41_totals - the sum of struct flow41_stats over all CPUs
 */
struct flow41_totals {
	u64 packets[FLOW41_ROLES];
	u64 bytes[FLOW41_ROLES];
	u64 admitted[FLOW41_ROLES];
	u64 both[FLOW41_ROLES];
	u64 punts[FLOW41_PUNT_COUNT];
	u64 refusals[FLOW41_REFUSAL_COUNT];
	u64 evictions[FLOW41_EVICT_COUNT];
	u64 handshakes[FLOW41_HANDSHAKE_COUNT];
	u64 audit[FLOW41_AUDIT_COUNT];
};

/* While nobody says otherwise, handshakes are watched when the cache is on. */
enum flow41_watch_setting {
	FLOW41_WATCH_IF_ENABLED,
	FLOW41_WATCH_ON,
	FLOW41_WATCH_OFF,
};

/**
 * struct flow41_net - the cache of one network namespace
 * @net: the namespace
 * @enabled: hooks are in place; RTNL
 * @table: all flows
 * @flows: flows in @table, or reserved for it
 * @detours: flows whose stage is not LIVE: while 0, packets that leave the
 *	box are not looked at
 * @roaming: connections that roam
 * @generation: changes with the table, for consistent dumps
 * @max_flows: hard limit on @flows
 * @max_flows_default: what it is when nobody sets it
 * @idle_timeout: seconds
 * @full_alert: when the table was last found full, in jiffies
 * @quarantine: seconds
 * @heal: connections that stall on the fast path are quarantined
 * @pickup: transit TCP is admitted without its handshake
 * @watch: enum flow41_watch_setting; RTNL
 * @watching: the watch's hooks are in place; RTNL
 * @watches: the handshakes
 * @watch_hooks: registered while @watching
 * @audits: packets that are out to be compared, connections that failed
 * @stats: per-CPU counters
 * @hooks: the hooks that learn; registered while @enabled
 * @ports: hooked devices; RTNL, RCU
 * @port_count: entries in @ports; RTNL
 * @allowed: names of the devices the operator allows; none means any; RCU
 * @wanted: indices of devices to hook; 0 is a free slot
 * @wanted_lock: protects @wanted
 * @insert_lock: one CPU at a time puts a connection's two flows into @table; taken
 *	before the connection's lock
 * @attach: hooks the devices in @wanted
 * @tick: evicts what is idle or stale
 * @round: its walk over all flows, done in slices; nobody else's
 * @in_round: @round has begun
 * @round_began: when, in jiffies
 */
struct flow41_net {
	struct net *net;
	bool enabled;
	struct rhashtable table;
	atomic_t flows;
	atomic_t detours;
	atomic_t roaming;
	atomic_t generation;
	u32 max_flows;
	u32 max_flows_default;
	u32 idle_timeout;
	unsigned long full_alert;
	u32 quarantine;
	bool heal;
	bool pickup;
	u8 watch;
	bool watching;
	struct flow41_watches watches;
	struct nf_hook_ops watch_hooks[FLOW41_WATCH_HOOKS];
	struct flow41_audits audits;
	struct flow41_stats __percpu *stats;
	struct nf_hook_ops hooks[FLOW41_HOOKS];
	struct list_head ports;
	unsigned int port_count;
	struct flow41_names __rcu *allowed;
	int wanted[8];
	spinlock_t wanted_lock;	/* wanted[] */
	spinlock_t insert_lock;	/* both flows of a connection */
	struct work_struct attach;
	struct delayed_work tick;
	struct rhashtable_iter round;
	bool in_round;
	unsigned long round_began;
};

/* A list of device names, replaced as a whole. */
struct flow41_names {
	struct rcu_head rcu;
	unsigned int count;
	char name[FLOW41_DEVICES_LIMIT][IFNAMSIZ];
};

/**
 * struct flow41_filter - what to look for in a walk over all flows
 * @src: NULL matches any, like all pointers here
 * @dst: inner destination
 * @sport: inner source port
 * @dport: inner destination port
 * @outer_src: IPv4 source on the wire
 * @outer_dst: IPv4 destination on the wire
 * @dev_in: index of the ingress device; 0 matches any, like all indices here
 * @dev_out: index of the egress device
 * @tunnel: index of the sit device
 * @any_dev: index of a device the flow uses in whatever way
 * @proto: next header; 0 matches any
 * @role: FLOW41_ROLE_*; negative matches any
 */
struct flow41_filter {
	const struct in6_addr *src;
	const struct in6_addr *dst;
	const __be16 *sport;
	const __be16 *dport;
	const __be32 *outer_src;
	const __be32 *outer_dst;
	int dev_in;
	int dev_out;
	int tunnel;
	int any_dev;
	u8 proto;
	int role;
};

/* main.c */
struct flow41_net *flow41_net(const struct net *net);
int flow41_enable(struct flow41_net *fn);
void flow41_disable(struct flow41_net *fn);
int flow41_apply_watch(struct flow41_net *fn);

/* hook.c */
bool flow41_read_ipv6(struct sk_buff *skb, struct flow41_packet *p);
bool flow41_read_6in4(struct sk_buff *skb, struct flow41_packet *p);
unsigned int flow41_hook_ingress(void *priv, struct sk_buff *skb,
				 const struct nf_hook_state *state);

/* table.c */
u32 flow41_table_hash(const struct flow41_key *key);
int flow41_table_init(struct flow41_net *fn);
void flow41_table_exit(struct flow41_net *fn);
struct flow41_flow *flow41_table_lookup(struct flow41_net *fn,
					const struct flow41_key *key);
struct flow41_flow *flow41_table_lookup_leaving(struct flow41_net *fn,
						const struct flow41_key *key,
						const struct net_device *tunnel);
struct flow41_flow *flow41_table_lookup_roaming(struct flow41_net *fn,
						const struct flow41_key *key,
						const struct net_device *tunnel);
struct flow41_flow *flow41_table_insert(struct flow41_net *fn,
					struct flow41_flow *flow);
void flow41_table_remove(struct flow41_net *fn, struct flow41_flow *flow);
bool flow41_table_walk_on(struct flow41_net *fn, unsigned int count,
			  void (*visit)(struct flow41_flow *flow, void *arg),
			  void *arg);
void flow41_table_walk(struct flow41_net *fn,
		       void (*visit)(struct flow41_flow *flow, void *arg),
		       void *arg);

/* flow.c */
int flow41_flow_init(void);
void flow41_flow_exit(void);
struct flow41_conn *flow41_conn_make(struct flow41_net *fn, struct nf_conn *ct,
				     struct net_device *tunnel);
int flow41_conn_publish(struct flow41_conn *conn, u8 dir);
unsigned int flow41_conn_evict(struct flow41_conn *conn,
			       enum flow41_evict reason);
void flow41_conn_free(struct flow41_conn *conn);
void flow41_conn_discard(struct flow41_conn *conn);
unsigned int flow41_flow_size(void);

/**
 * flow41_elapsed() - how long ago was it?
 * @then: in jiffies; another CPU may have set it just now
 *
 * Return: jiffies since then; 0 if it is later than what this CPU took jiffies to be, for
 * which an unsigned difference would be 50 days.
 */
static inline u32 flow41_elapsed(u32 then)
{
	s32 elapsed = (u32)jiffies - then;

	return max(elapsed, 0);
}

static inline struct flow41_conn *flow41_flow_conn(const struct flow41_flow *flow)
{
	const struct flow41_flow *first = flow - flow->dir;

	return (struct flow41_conn *)container_of(first, struct flow41_conn,
						  flow[0]);
}

static inline struct flow41_detour *
flow41_flow_detour(const struct flow41_flow *flow)
{
	return &flow41_flow_conn(flow)->detour[flow->dir];
}

/* Rules of a firewall may treat packets by their DSCP. */
static inline u8 flow41_flow_dscp(const struct flow41_flow *flow,
				  const struct flow41_packet *p)
{
	return (flow->role == FLOW41_ROLE_TRANSIT ? p->outer_tos :
						    p->dsfield) >> 2;
}

/* conntrack's entry of a tunnel that passes through; NULL if it ends here */
static inline const struct nf_conn *
flow41_conn_passing(const struct flow41_conn *conn)
{
	return conn->tunnel ? NULL : conn->ct;
}

/* One packet in so many; audit.c sees to it that it is one now and then, too. */
static inline bool flow41_audit_due(struct flow41_flow *flow)
{
	s32 left = READ_ONCE(flow->audit_left);

	WRITE_ONCE(flow->audit_left, left - 1);
	return unlikely(left <= 0);
}

/* From then on the flow's route, next hop and header are there to be read. */
static inline bool flow41_flow_settled(const struct flow41_flow *flow)
{
	/* Pairs with the release in settle.c, after all has been filled in. */
	return smp_load_acquire(&flow->stage) != FLOW41_STAGE_SETTLING;
}

/* Bytes behind the TCP or UDP header. */
static inline u32 flow41_payload(const struct flow41_packet *p)
{
	return p->inner_len - FLOW41_IPV6_HLEN - p->l4_hlen;
}

/* How many packets it is, or will be; whoever made it may have miscounted. */
static inline u32 flow41_segments(const struct sk_buff *skb, const struct flow41_packet *p)
{
	return skb_is_gso(skb) ? DIV_ROUND_UP(flow41_payload(p), skb_shinfo(skb)->gso_size) : 1;
}

static inline void flow41_key_reverse(struct flow41_key *to,
				      const struct flow41_key *from)
{
	to->src = from->dst;
	to->dst = from->src;
	to->sport = from->dport;
	to->dport = from->sport;
	to->proto = from->proto;
}

/*
 * What skb_scrub_packet() does between two devices of one namespace, for a
 * packet that flow41_check_skb() found to have no route, conntrack entry or
 * extension.
 */
static inline void flow41_scrub(struct sk_buff *skb)
{
	skb->skb_iif = 0;
	nf_reset_trace(skb);
	ipvs_reset(skb);
#ifdef CONFIG_NET_SWITCHDEV
	skb->offload_fwd_mark = 0;
	skb->offload_l3_fwd_mark = 0;
#endif
}

/*
 * Asked by netfilter's IPv4 hooks before anything else: what is none of ours should not
 * even pay for a stack frame.
 */
static inline bool flow41_is_6in4(const struct sk_buff *skb)
{
	return ip_hdr(skb)->protocol == IPPROTO_IPV6;
}

/* IPCB() and IP6CB(), as words: what memset() becomes takes four times as long. */
static inline void flow41_clear_cb(struct sk_buff *skb)
{
	u64 *word = (u64 *)skb->cb;

	BUILD_BUG_ON(sizeof(*IPCB(skb)) > 3 * sizeof(*word));
	BUILD_BUG_ON(sizeof(*IP6CB(skb)) > 3 * sizeof(*word));
	word[0] = 0;
	word[1] = 0;
	word[2] = 0;
}

/* reasons.c */
int flow41_reasons_gone(struct flow41_flow *flow);

/* check.c */
u32 flow41_check_mtu(const struct flow41_flow *flow, const struct dst_entry *dst);

/* encap.c */
u8 flow41_encap_tos(const struct flow41_conn *conn, u8 dsfield);

/* xmit.c */
struct neighbour *flow41_xmit_next_hop(struct sk_buff *skb);

/* learn.c */
void flow41_learn_init(struct flow41_net *fn);
void flow41_learn_move(struct flow41_conn *old);
struct flow41_flow *flow41_learn_decap(struct flow41_net *fn,
				       struct flow41_packet *p,
				       const struct net_device *tunnel);
void flow41_learn_outer(const struct sk_buff *skb, struct flow41_key *key);

/* leave.c */
unsigned int flow41_leave_ipv6(void *priv, struct sk_buff *skb,
			       const struct nf_hook_state *state);
unsigned int flow41_leave_ipv4(void *priv, struct sk_buff *skb,
			       const struct nf_hook_state *state);

/* expect.c */
u32 flow41_expect_tag(const struct sk_buff *skb, const struct flow41_packet *p);
void flow41_expect(struct flow41_flow *flow, const struct sk_buff *skb,
		   const struct flow41_packet *p);
bool flow41_expect_met(struct flow41_flow *flow, const struct sk_buff *skb,
		       const struct flow41_packet *p);

/* settle.c */
bool flow41_settle_multipath(const struct dst_entry *dst);
bool flow41_settle_same_outer(const struct flow41_flow *flow, const struct sk_buff *skb);
bool flow41_settle_overdue(struct flow41_flow *flow);
void flow41_settle_in(struct flow41_flow *flow, const struct sk_buff *skb,
		      const struct flow41_packet *p);
void flow41_settle_through(struct flow41_flow *flow, const struct sk_buff *skb);
void flow41_settle_out(struct flow41_flow *flow, struct sk_buff *skb,
		       const struct flow41_packet *p);

/* port.c */
bool flow41_port_allowed(struct flow41_net *fn, int ifindex);
void flow41_port_want(struct flow41_net *fn, int ifindex);
void flow41_port_attach_work(struct work_struct *work);
void flow41_port_release(struct flow41_net *fn, const struct net_device *dev);
void flow41_port_allow(struct flow41_net *fn, struct flow41_names *names);

/* forget.c */
int flow41_forget_init(void);
void flow41_forget_exit(void);
void flow41_forget_tick(struct work_struct *work);
unsigned int flow41_forget(struct flow41_net *fn,
			   const struct flow41_filter *filter,
			   enum flow41_evict reason);
bool flow41_filter_match(const struct flow41_filter *filter,
			 struct flow41_flow *flow);

/* stats.c */
void flow41_count_admitted(struct flow41_net *fn, u8 role);
void flow41_count_punt(struct flow41_net *fn, enum flow41_punt reason);
void flow41_count_refusal(struct flow41_net *fn, enum flow41_refusal reason);
void flow41_count_eviction(struct flow41_net *fn, enum flow41_evict reason);
void flow41_count_handshake(struct flow41_net *fn,
			    enum flow41_handshake_counter counter);
void flow41_count_audit(struct flow41_net *fn, enum flow41_audit_counter counter);
void flow41_stats_sum(const struct flow41_net *fn,
		      struct flow41_totals *totals, struct flow41_totals *one);

/* netlink.c */
int flow41_netlink_init(void);
void flow41_netlink_exit(void);
void flow41_netlink_notify(struct flow41_flow *flow, int reason);
void flow41_netlink_alert(struct flow41_net *fn, enum flow41_alert alert,
			  const struct flow41_watch *watch);
void flow41_netlink_audit(struct flow41_flow *flow, enum flow41_alert alert,
			  const struct flow41_result *cached,
			  const struct flow41_result *software,
			  unsigned long differ);

#endif /* _FLOW41_H */
