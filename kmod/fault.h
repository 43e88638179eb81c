/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Deliberate faults, as a vendor's cache had them: only in a module built with
 * "make FAULTS=1", to see that they are noticed. Elsewhere they cost nothing.
 */
#ifndef _FLOW41_FAULT_H
#define _FLOW41_FAULT_H

#include <linux/types.h>

#ifdef FLOW41_FAULTS
extern bool flow41_fault_outer_key;
extern bool flow41_fault_lose_ack;
extern bool flow41_fault_stale_hop;
extern bool flow41_fault_wrong_outer;
extern bool flow41_fault_no_audit;
#define flow41_fault(name)	READ_ONCE(flow41_fault_##name)
#define FLOW41_HAS_FAULTS	true
#else
#define flow41_fault(name)	false
#define FLOW41_HAS_FAULTS	false
#endif

struct flow41_flow;
struct flow41_key;
struct flow41_result;
struct sk_buff;

/* fault.c, which is only built with them: what calls it is never reached else */
void flow41_fault_warn(void);
void flow41_fault_names(char *names, size_t size);
void flow41_fault_forget_inner(struct flow41_key *key);
void flow41_fault_learn_hop(struct flow41_flow *flow);
void flow41_fault_confess(const struct flow41_flow *flow,
			  struct flow41_result *result);
int flow41_fault_xmit(struct flow41_flow *flow, struct sk_buff *skb);

#endif /* _FLOW41_FAULT_H */
