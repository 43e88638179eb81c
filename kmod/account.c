// SPDX-License-Identifier: GPL-2.0
/*
 * What the skipped code would have counted: conntrack's timeouts and counters,
 * the tunnel device's, and our own.
 */
#include <net/ip_tunnels.h>
#include <net/netfilter/nf_conntrack_acct.h>
#include <net/netfilter/nf_conntrack_l4proto.h>
#include <net/netfilter/nf_conntrack_timeout.h>

#include "path.h"

#define TCP_AHEAD	66000	/* as MAXACKWINCONST of conntrack */

/* nf_conntrack_tcp_packet(), nf_conntrack_udp_packet(), generic_packet() */
static u32 timeout_of(struct nf_conn *ct)
{
	const unsigned int *timeouts = nf_ct_timeout_lookup(ct);
	struct net *net = nf_ct_net(ct);

	switch (nf_ct_protonum(ct)) {
	case IPPROTO_TCP:
		if (!timeouts)
			timeouts = nf_tcp_pernet(net)->timeouts;
		return timeouts[TCP_CONNTRACK_ESTABLISHED];
	case IPPROTO_UDP:
		if (!timeouts)
			timeouts = nf_udp_pernet(net)->timeouts;
		if (test_bit(IPS_SEEN_REPLY_BIT, &ct->status) &&
		    time_after(jiffies, ct->proto.udp.stream_ts))
			return timeouts[UDP_CT_REPLIED];
		return timeouts[UDP_CT_UNREPLIED];
	default:
		return timeouts ? *timeouts : nf_generic_pernet(net)->timeout;
	}
}

/**
 * flow41_account_timeouts() - read anew what conntrack would grant
 * @flow: a flow that has settled
 *
 * The software path reads these settings for each packet.
 *
 * Context: softirq, RCU read side.
 */
static void flow41_account_timeouts(struct flow41_flow *flow)
{
	flow->ct_timeout = timeout_of(flow41_flow_conn(flow)->ct);
	if (flow->outer_ct)
		flow->outer_timeout = timeout_of(flow->outer_ct);
}

/* As nf_ct_refresh_acct(), for a packet of @bytes. */
static void conntrack(struct nf_conn *ct, u8 dir, u32 timeout,
		      unsigned int bytes)
{
	u32 expires = nfct_time_stamp + timeout;

	if (!test_bit(IPS_FIXED_TIMEOUT_BIT, &ct->status) &&
	    READ_ONCE(ct->timeout) != expires)
		WRITE_ONCE(ct->timeout, expires);
	if (nf_conn_acct_find(ct))
		nf_ct_acct_update(ct, dir, bytes);
}

static void raise(u32 *number, u32 to)
{
	if (after(to, READ_ONCE(*number)))
		WRITE_ONCE(*number, to);
}

/*
 * A packet that is beyond the window that the other end has opened, or acknowledges what
 * was never sent. Anybody may have sent it: it does not count. Only that what goes into the
 * tunnel is not far ahead means that a number was lost (follow_tcp()).
 */
static noinline bool catch_up(struct ip_ct_tcp_state *sender,
			      struct ip_ct_tcp_state *receiver,
			      const struct flow41_flow *flow,
			      const struct flow41_packet *p)
{
	if (flow->role != FLOW41_ROLE_ENCAP ||
	    after(p->tcp_seq, READ_ONCE(sender->td_maxend) + TCP_AHEAD) ||
	    after(p->tcp_ack, READ_ONCE(receiver->td_end) + TCP_AHEAD))
		return false;
	raise(&receiver->td_end, p->tcp_ack);
	return true;
}

/* What has been sent by software before is acknowledged by now: the timeout is the full one. */
static noinline void all_acknowledged(struct nf_conn *ct, struct ip_ct_tcp_state *receiver)
{
	spin_lock_bh(&ct->lock);
	receiver->flags &= ~IP_CT_TCP_FLAG_DATA_UNACKNOWLEDGED;
	spin_unlock_bh(&ct->lock);
}

/*
 * As tcp_in_window(): by these numbers conntrack tells later on whether a RST is true, and
 * whether all is acknowledged. It writes them under its lock, but for a connection that is
 * carried hardly ever does; a value that is lost so, the next packet brings again. The inner
 * connection of a tunnel that passes through conntrack does not know.
 */
static void follow_tcp(const struct flow41_conn *conn, const struct flow41_flow *flow,
		       const struct flow41_packet *p)
{
	struct ip_ct_tcp_state *sender = &conn->ct->proto.tcp.seen[flow->ct_dir];
	struct ip_ct_tcp_state *receiver = &conn->ct->proto.tcp.seen[!flow->ct_dir];
	u32 window;

	if (p->key.proto != IPPROTO_TCP || !conn->tunnel)
		return;
	/* Else they are calculated anew each time */
	OPTIMIZER_HIDE_VAR(sender);
	OPTIMIZER_HIDE_VAR(receiver);
	if (unlikely(after(p->tcp_seq, READ_ONCE(sender->td_maxend)) ||
		     after(p->tcp_ack, READ_ONCE(receiver->td_end))) &&
	    !catch_up(sender, receiver, flow, p))
		return;
	window = (u32)p->tcp_window << sender->td_scale;
	raise(&sender->td_end, p->tcp_seq + flow41_payload(p));
	raise(&sender->td_maxack, p->tcp_ack);
	/* A closed window is probed with one byte. */
	raise(&receiver->td_maxend, p->tcp_ack + (window ?: 1));
	if (unlikely(READ_ONCE(receiver->flags) & IP_CT_TCP_FLAG_DATA_UNACKNOWLEDGED) &&
	    p->tcp_ack == READ_ONCE(receiver->td_end))
		all_acknowledged(conn->ct, receiver);
}

/* The flow's own counters, and the namespace's. */
static void own(struct flow41_conn *conn, struct flow41_flow *flow,
		const struct flow41_packet *p)
{
	u32 now = jiffies;

	if (READ_ONCE(flow->used) != now)
		WRITE_ONCE(flow->used, now);
	atomic64_inc(&flow->packets);
	atomic64_add(p->inner_len, &flow->bytes);
	flow41_count_carried(conn->fn, flow->role, p->inner_len);
}

/**
 * flow41_account() - count a packet that takes the fast path
 * @conn: its connection
 * @flow: its flow
 * @p: what the parser read
 *
 * The tunnel device's transmit counter depends on the result of sending: see
 * flow41_account_sent().
 *
 * Context: softirq, RCU read side.
 */
static void flow41_account(struct flow41_conn *conn, struct flow41_flow *flow,
			   const struct flow41_packet *p)
{
	unsigned int len = p->inner_len;

	if (flow->role == FLOW41_ROLE_TRANSIT)
		len += FLOW41_IPV4_HLEN;
	conntrack(conn->ct, flow->ct_dir, flow->ct_timeout, len);
	if (flow->outer_ct)
		conntrack(flow->outer_ct, flow->outer_dir, flow->outer_timeout,
			  p->inner_len + FLOW41_IPV4_HLEN);
	if (flow->role == FLOW41_ROLE_DECAP)
		dev_sw_netstats_rx_add(conn->tunnel, p->inner_len);
	follow_tcp(conn, flow, p);
	own(conn, flow, p);
}

/**
 * flow41_account_twin() - count a packet that takes both paths
 * @conn: its connection
 * @flow: its flow
 * @p: what the parser read
 *
 * The software path counts all that is not our own; but what acknowledges the packet may
 * come before that.
 *
 * Context: softirq, RCU read side.
 */
static void flow41_account_twin(struct flow41_conn *conn,
				struct flow41_flow *flow,
				const struct flow41_packet *p)
{
	follow_tcp(conn, flow, p);
	own(conn, flow, p);
	flow41_count_both(conn->fn, flow->role);
}

/**
 * flow41_account_sent() - count a packet that left through a tunnel
 * @conn: its connection
 * @p: what the parser read
 * @result: what dev_queue_xmit() said
 *
 * As ipip6_tunnel_xmit(): a packet that a queue dropped is none the tunnel sent.
 *
 * Context: softirq, RCU read side.
 */
static void flow41_account_sent(struct flow41_conn *conn,
				const struct flow41_packet *p, int result)
{
	if (unlikely(net_xmit_eval(result)))
		iptunnel_xmit_stats(conn->tunnel, 0);
	else
		dev_sw_netstats_tx_add(conn->tunnel, 1, p->inner_len);
}
