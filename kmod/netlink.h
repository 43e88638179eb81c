/* SPDX-License-Identifier: GPL-2.0 */
/* What the netlink files share. */
#ifndef _FLOW41_NETLINK_H
#define _FLOW41_NETLINK_H

#include <linux/atomic.h>
#include <linux/bits.h>
#include <net/genetlink.h>

#include "netlink_gen.h"

#define BIT_OF(attr)	BIT_ULL(FLOW41_A_##attr)

extern struct genl_family flow41_nl_family;

int flow41_nl_check(struct nlattr * const *attrs, u64 known,
		    struct netlink_ext_ack *extack);
struct sk_buff *flow41_nl_reply(struct genl_info *info, size_t size,
				void **header);
int flow41_nl_send(struct sk_buff *msg, void *header, int err,
		   struct genl_info *info);

struct sk_buff *flow41_nl_event(struct net *net, u8 cmd, unsigned int group,
				void **header);
void flow41_nl_publish(struct sk_buff *msg, void *header, int err,
		       struct net *net, unsigned int group);

/* What tells whether a table changed between a dump's messages; 0 would mean: unknown. */
static inline u32 flow41_nl_dump_seq(const atomic_t *generation)
{
	return (u32)atomic_read(generation) << 1 | 1;
}

int flow41_nl_put_flow(struct sk_buff *msg, struct flow41_flow *flow);

#endif /* _FLOW41_NETLINK_H */
