/* SPDX-License-Identifier: GPL-2.0 */
/* What the files of the packet's path call of each other: path.c includes them all. */
#ifndef _FLOW41_PATH_H
#define _FLOW41_PATH_H

#include "flow41.h"

/* reasons.c */
static bool flow41_reasons_hold(const struct flow41_flow *flow,
				const struct flow41_conn *conn);

/* check.c */
static enum flow41_punt flow41_check_skb(const struct sk_buff *skb);
static enum flow41_punt flow41_check(struct flow41_conn *conn,
				     struct flow41_flow *flow,
				     struct sk_buff *skb,
				     const struct flow41_packet *p);

/* encap.c: the IPv4 header in front; decap.c: its twin; transit.c: rewritten */
static void flow41_encap(struct flow41_conn *conn, struct flow41_flow *flow,
			 struct sk_buff *skb, const struct flow41_packet *p);
static void flow41_decap(struct flow41_conn *conn, struct flow41_flow *flow,
			 struct sk_buff *skb, const struct flow41_packet *p);
static void flow41_transit(struct flow41_conn *conn, struct flow41_flow *flow,
			   struct sk_buff *skb, const struct flow41_packet *p);

/* account.c */
static void flow41_account(struct flow41_conn *conn, struct flow41_flow *flow,
			   const struct flow41_packet *p);
static void flow41_account_twin(struct flow41_conn *conn,
				struct flow41_flow *flow,
				const struct flow41_packet *p);
static void flow41_account_sent(struct flow41_conn *conn,
				const struct flow41_packet *p, int result);
static void flow41_account_timeouts(struct flow41_flow *flow);

/* xmit.c */
static bool flow41_xmit_prepare(struct flow41_flow *flow, struct sk_buff *skb);
static void flow41_xmit_dress(struct flow41_conn *conn, struct flow41_flow *flow,
			      struct sk_buff *skb);
static int flow41_xmit(struct flow41_flow *flow, struct sk_buff *skb);

/* stats.c */
static void flow41_count_carried(struct flow41_net *fn, u8 role,
				 unsigned int bytes);
static void flow41_count_both(struct flow41_net *fn, u8 role);

#endif /* _FLOW41_PATH_H */
