// SPDX-License-Identifier: GPL-2.0
/* Generic netlink: handshakes shown, and alerts. */
#include <net/genetlink.h>
#include <net/ipv6.h>

#include "flow41.h"
#include "netlink.h"

#define NAME_OF(id, name, text)	name,
static const char * const verdict_names[] = { FLOW41_VERDICTS(NAME_OF) };

#define FILTERS		(BIT_OF(SRC) | BIT_OF(DST) | BIT_OF(SPORT) | BIT_OF(DPORT))

/* A device that has gone away meanwhile still was there. */
static int put_dev_name(struct sk_buff *msg, int attr, struct net *net,
			int ifindex)
{
	const struct net_device *dev = dev_get_by_index_rcu(net, ifindex);

	return nla_put_string(msg, attr, dev ? dev->name : "gone");
}

static int put_flag_if(struct sk_buff *msg, int attr, bool set)
{
	return set ? nla_put_flag(msg, attr) : 0;
}

static int put_row(struct sk_buff *msg, struct net *net,
		   const struct flow41_row *row)
{
	struct nlattr *nest = nla_nest_start(msg, FLOW41_A_SEGMENT);

	if (!nest ||
	    nla_put_u8(msg, FLOW41_A_SEGMENT_KIND, row->kind) ||
	    nla_put_u32(msg, FLOW41_A_SEGMENT_TIME, row->time) ||
	    put_dev_name(msg, FLOW41_A_SEGMENT_DEV_IN, net, row->in) ||
	    (row->left &&
	     put_dev_name(msg, FLOW41_A_SEGMENT_DEV_OUT, net, row->out)) ||
	    put_flag_if(msg, FLOW41_A_SEGMENT_FAST, row->fast) ||
	    put_flag_if(msg, FLOW41_A_SEGMENT_REPEATED, row->repeated))
		return -EMSGSIZE;
	nla_nest_end(msg, nest);
	return 0;
}

static u8 state_of(const struct flow41_watch *watch)
{
	if (watch->flags & FLOW41_W_ENDED)
		return FLOW41_HANDSHAKE_STATE_ENDED;
	if (watch->flags & FLOW41_W_COMPLETED)
		return FLOW41_HANDSHAKE_STATE_COMPLETED;
	if (watch->flags & FLOW41_W_ACK_IN)
		return FLOW41_HANDSHAKE_STATE_ACK;
	if (watch->flags & FLOW41_W_SYNACK_IN)
		return FLOW41_HANDSHAKE_STATE_SYNACK;
	return FLOW41_HANDSHAKE_STATE_SYN;
}

static int put_identity(struct sk_buff *msg, struct net *net,
			const struct flow41_watch *watch)
{
	const struct flow41_watch_key *key = &watch->key;
	u8 client = watch->client;

	if (watch->tunnel &&
	    put_dev_name(msg, FLOW41_A_TUNNEL, net, watch->tunnel))
		return -EMSGSIZE;
	if (key->outer[0] &&
	    (nla_put_in_addr(msg, FLOW41_A_OUTER_SRC, key->outer[client]) ||
	     nla_put_in_addr(msg, FLOW41_A_OUTER_DST, key->outer[!client])))
		return -EMSGSIZE;
	if (nla_put_in6_addr(msg, FLOW41_A_SRC, &key->addr[client]) ||
	    nla_put_in6_addr(msg, FLOW41_A_DST, &key->addr[!client]) ||
	    nla_put_be16(msg, FLOW41_A_SPORT, key->port[client]) ||
	    nla_put_be16(msg, FLOW41_A_DPORT, key->port[!client]))
		return -EMSGSIZE;
	return 0;
}

static int put_quarantine(struct sk_buff *msg, const struct flow41_watch *watch)
{
	long left = watch->quarantine_end - jiffies;

	if (!(watch->flags & FLOW41_W_QUARANTINED) || left < 0)
		return 0;
	return nla_put_u32(msg, FLOW41_A_QUARANTINE_LEFT, jiffies_to_msecs(left));
}

static int put_watch(struct sk_buff *msg, struct net *net,
		     const struct flow41_watch *watch)
{
	unsigned int i;

	if (put_identity(msg, net, watch) ||
	    nla_put_u64_64bit(msg, FLOW41_A_AGE,
			      jiffies64_to_msecs(jiffies - watch->born),
			      FLOW41_A_PAD) ||
	    nla_put_u8(msg, FLOW41_A_STATE, state_of(watch)) ||
	    nla_put_u32(msg, FLOW41_A_REPEATS, watch->repeats) ||
	    nla_put_u32(msg, FLOW41_A_SKIPPED, watch->skipped) ||
	    (watch->verdict >= 0 &&
	     nla_put_string(msg, FLOW41_A_VERDICT,
			    verdict_names[watch->verdict])) ||
	    put_quarantine(msg, watch) ||
	    put_flag_if(msg, FLOW41_A_HEALED,
			watch->flags & FLOW41_W_HEALED))
		return -EMSGSIZE;
	for (i = 0; i < watch->rows; i++)
		if (put_row(msg, net, &watch->row[i]))
			return -EMSGSIZE;
	return 0;
}

/* Those under way, and those that did not go well */
static bool worth_showing(const struct flow41_watch *watch)
{
	if (!(watch->flags & FLOW41_W_USED))
		return false;
	return watch->verdict >= 0 ||
	       !(watch->flags & (FLOW41_W_COMPLETED | FLOW41_W_ENDED));
}

static bool matches(const struct flow41_watch *watch,
		    struct nlattr * const *attrs)
{
	const struct flow41_watch_key *key = &watch->key;
	u8 client = watch->client;

	if (!attrs)
		return true;
	return (!attrs[FLOW41_A_SRC] ||
		!memcmp(nla_data(attrs[FLOW41_A_SRC]), &key->addr[client], 16)) &&
	       (!attrs[FLOW41_A_DST] ||
		!memcmp(nla_data(attrs[FLOW41_A_DST]), &key->addr[!client], 16)) &&
	       (!attrs[FLOW41_A_SPORT] ||
		nla_get_be16(attrs[FLOW41_A_SPORT]) == key->port[client]) &&
	       (!attrs[FLOW41_A_DPORT] ||
		nla_get_be16(attrs[FLOW41_A_DPORT]) == key->port[!client]);
}

static int dump_watch(struct sk_buff *msg, struct netlink_callback *cb,
		      const struct flow41_watch *watch)
{
	struct net *net = sock_net(msg->sk);
	void *header;
	int err;

	header = genlmsg_put(msg, NETLINK_CB(cb->skb).portid,
			     cb->nlh->nlmsg_seq, &flow41_nl_family, NLM_F_MULTI,
			     FLOW41_CMD_HANDSHAKE_GET);
	if (!header)
		return -EMSGSIZE;
	genl_dump_check_consistent(cb, header);
	rcu_read_lock();
	err = put_watch(msg, net, watch);
	rcu_read_unlock();
	if (err)
		genlmsg_cancel(msg, header);
	else
		genlmsg_end(msg, header);
	return err;
}

int flow41_nl_handshake_get_dumpit(struct sk_buff *skb,
				   struct netlink_callback *cb)
{
	struct nlattr **attrs = genl_info_dump(cb)->attrs;
	struct flow41_net *fn = flow41_net(sock_net(skb->sk));
	struct flow41_watch watch;
	int err;

	err = flow41_nl_check(attrs, FILTERS, cb->extack);
	if (err)
		return err;
	cb->seq = flow41_nl_dump_seq(&fn->watches.generation);
	for (; flow41_watch_copy(fn, cb->args[0], &watch); cb->args[0]++) {
		if (worth_showing(&watch) && matches(&watch, attrs) &&
		    dump_watch(skb, cb, &watch))
			break;
		cond_resched();
	}
	return skb->len;
}

static int put_alert(struct sk_buff *msg, struct net *net,
		     enum flow41_alert alert, const struct flow41_watch *watch)
{
	if (nla_put_u8(msg, FLOW41_A_ALERT, alert))
		return -EMSGSIZE;
	return watch ? put_watch(msg, net, watch) : 0;
}

/**
 * flow41_netlink_alert() - tell the "alerts" group
 * @fn: the network namespace
 * @alert: what about
 * @watch: the handshake it is about, or NULL
 *
 * Context: any, RCU read side.
 */
void flow41_netlink_alert(struct flow41_net *fn, enum flow41_alert alert,
			  const struct flow41_watch *watch)
{
	struct sk_buff *msg;
	void *header;

	msg = flow41_nl_event(fn->net, FLOW41_CMD_ALERT_NTF,
			      FLOW41_NLGRP_ALERTS, &header);
	if (msg)
		flow41_nl_publish(msg, header,
				  put_alert(msg, fn->net, alert, watch),
				  fn->net, FLOW41_NLGRP_ALERTS);
}
