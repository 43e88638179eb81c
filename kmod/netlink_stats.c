// SPDX-License-Identifier: GPL-2.0
/* Generic netlink: the counters. */
#include <net/genetlink.h>

#include "flow41.h"
#include "netlink.h"

/* Room for all names and counters: see reason.h. */
#define STATS_SIZE	(64 * (FLOW41_PUNT_COUNT + FLOW41_REFUSAL_COUNT + \
			       FLOW41_EVICT_COUNT + FLOW41_ROLES + \
			       FLOW41_HANDSHAKE_COUNT + FLOW41_AUDIT_COUNT))

#define NAME_OF(id, name, text)	name,
static const char * const punt_names[] = { FLOW41_PUNTS(NAME_OF) };
static const char * const refusal_names[] = { FLOW41_REFUSALS(NAME_OF) };
static const char * const evict_names[] = { FLOW41_EVICTIONS(NAME_OF) };
static const char * const handshake_names[] = { FLOW41_HANDSHAKES(NAME_OF) };
static const char * const audit_names[] = { FLOW41_AUDITS(NAME_OF) };

static int put_roles(struct sk_buff *msg, const struct flow41_totals *totals)
{
	struct nlattr *nest;
	u8 role;

	for (role = 0; role < FLOW41_ROLES; role++) {
		nest = nla_nest_start(msg, FLOW41_A_ROLE_STATS);
		if (!nest ||
		    nla_put_u8(msg, FLOW41_A_ROLE_STATS_ROLE, role) ||
		    nla_put_u64_64bit(msg, FLOW41_A_ROLE_STATS_PACKETS,
				      totals->packets[role],
				      FLOW41_A_ROLE_STATS_PAD) ||
		    nla_put_u64_64bit(msg, FLOW41_A_ROLE_STATS_BYTES,
				      totals->bytes[role],
				      FLOW41_A_ROLE_STATS_PAD) ||
		    nla_put_u64_64bit(msg, FLOW41_A_ROLE_STATS_FLOWS_ADMITTED,
				      totals->admitted[role],
				      FLOW41_A_ROLE_STATS_PAD) ||
		    nla_put_u64_64bit(msg, FLOW41_A_ROLE_STATS_BOTH_PATHS,
				      totals->both[role],
				      FLOW41_A_ROLE_STATS_PAD))
			return -EMSGSIZE;
		nla_nest_end(msg, nest);
	}
	return 0;
}

static int put_reasons(struct sk_buff *msg, int attr, const char * const *names,
		       const u64 *counts, unsigned int count)
{
	struct nlattr *nest;
	unsigned int i;

	for (i = 0; i < count; i++) {
		nest = nla_nest_start(msg, attr);
		if (!nest ||
		    nla_put_string(msg, FLOW41_A_COUNTER_NAME, names[i]) ||
		    nla_put_u64_64bit(msg, FLOW41_A_COUNTER_COUNT, counts[i],
				      FLOW41_A_COUNTER_PAD))
			return -EMSGSIZE;
		nla_nest_end(msg, nest);
	}
	return 0;
}

static int put_stats(struct sk_buff *msg, const struct flow41_net *fn)
{
	struct flow41_totals *totals = kcalloc(2, sizeof(*totals), GFP_KERNEL);
	int err;

	if (!totals)
		return -ENOMEM;
	flow41_stats_sum(fn, &totals[0], &totals[1]);
	err = put_roles(msg, totals) ?:
	      put_reasons(msg, FLOW41_A_PUNT, punt_names, totals->punts,
			  FLOW41_PUNT_COUNT) ?:
	      put_reasons(msg, FLOW41_A_EVICTION, evict_names,
			  totals->evictions, FLOW41_EVICT_COUNT) ?:
	      put_reasons(msg, FLOW41_A_REFUSAL, refusal_names,
			  totals->refusals, FLOW41_REFUSAL_COUNT) ?:
	      put_reasons(msg, FLOW41_A_HANDSHAKE, handshake_names,
			  totals->handshakes, FLOW41_HANDSHAKE_COUNT) ?:
	      put_reasons(msg, FLOW41_A_AUDIT, audit_names, totals->audit,
			  FLOW41_AUDIT_COUNT);
	kfree(totals);
	return err;
}

int flow41_nl_stats_get_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct flow41_net *fn = flow41_net(genl_info_net(info));
	struct sk_buff *msg;
	void *header;
	int err;

	err = flow41_nl_check(info->attrs, 0, info->extack);
	if (err)
		return err;
	msg = flow41_nl_reply(info, STATS_SIZE, &header);
	if (!msg)
		return -ENOMEM;
	err = put_stats(msg, fn);
	return flow41_nl_send(msg, header, err, info);
}
