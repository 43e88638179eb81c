// SPDX-License-Identifier: GPL-2.0
/* Generic netlink: flows shown, flushed and announced. */
#include <net/genetlink.h>
#include <net/ipv6.h>

#include "flow41.h"
#include "netlink.h"

#define NAME_OF(id, name, text)	name,
static const char * const evict_names[] = { FLOW41_EVICTIONS(NAME_OF) };

#define FILTERS		(BIT_OF(ROLE) | BIT_OF(DEV_IN) | BIT_OF(DEV_OUT) | \
			 BIT_OF(TUNNEL) | BIT_OF(OUTER_SRC) | \
			 BIT_OF(OUTER_DST) | BIT_OF(SRC) | BIT_OF(DST) | \
			 BIT_OF(PROTO) | BIT_OF(SPORT) | BIT_OF(DPORT))

static int read_device(struct net *net, const struct nlattr *attr, int *ifindex,
		       struct netlink_ext_ack *extack)
{
	const struct net_device *dev;

	if (!attr)
		return 0;
	rcu_read_lock();
	dev = dev_get_by_name_rcu(net, nla_data(attr));
	*ifindex = dev ? dev->ifindex : 0;
	rcu_read_unlock();
	if (*ifindex)
		return 0;
	NL_SET_ERR_MSG_ATTR(extack, attr, "no device of this name (dev, dev-out or tunnel)");
	return -ENODEV;
}

static int read_proto(const struct nlattr *attr, u8 *proto,
		      struct netlink_ext_ack *extack)
{
	if (!attr)
		return 0;
	*proto = nla_get_u8(attr);
	if (*proto == IPPROTO_TCP || *proto == IPPROTO_UDP)
		return 0;
	NL_SET_ERR_MSG_ATTR(extack, attr, "only TCP (6) and UDP (17) are cached");
	return -EINVAL;
}

static const void *data_of(const struct nlattr *attr)
{
	return attr ? nla_data(attr) : NULL;
}

/* The filter points into the message, which outlives it. */
static int read_filter(struct net *net, struct nlattr * const *attrs,
		       struct flow41_filter *filter,
		       struct netlink_ext_ack *extack)
{
	int err = flow41_nl_check(attrs, FILTERS, extack);

	memset(filter, 0, sizeof(*filter));
	filter->role = -1;
	if (err || !attrs)
		return err;
	if (attrs[FLOW41_A_ROLE])
		filter->role = nla_get_u8(attrs[FLOW41_A_ROLE]);
	filter->src = data_of(attrs[FLOW41_A_SRC]);
	filter->dst = data_of(attrs[FLOW41_A_DST]);
	filter->sport = data_of(attrs[FLOW41_A_SPORT]);
	filter->dport = data_of(attrs[FLOW41_A_DPORT]);
	filter->outer_src = data_of(attrs[FLOW41_A_OUTER_SRC]);
	filter->outer_dst = data_of(attrs[FLOW41_A_OUTER_DST]);
	return read_proto(attrs[FLOW41_A_PROTO], &filter->proto, extack) ?:
	       read_device(net, attrs[FLOW41_A_DEV_IN], &filter->dev_in,
			   extack) ?:
	       read_device(net, attrs[FLOW41_A_DEV_OUT], &filter->dev_out,
			   extack) ?:
	       read_device(net, attrs[FLOW41_A_TUNNEL], &filter->tunnel,
			   extack);
}

static int put_devices(struct sk_buff *msg, struct flow41_flow *flow)
{
	const struct flow41_conn *conn = flow41_flow_conn(flow);
	const struct net_device *in;

	in = dev_get_by_index_rcu(conn->fn->net, flow->key.iif);
	if (in && nla_put_string(msg, FLOW41_A_DEV_IN, in->name))
		return -EMSGSIZE;
	if (flow41_flow_settled(flow) &&
	    nla_put_string(msg, FLOW41_A_DEV_OUT, flow->dst->dev->name))
		return -EMSGSIZE;
	if (!conn->tunnel)
		return 0;
	return nla_put_string(msg, FLOW41_A_TUNNEL, conn->tunnel->name);
}

/**
 * flow41_nl_put_flow() - say which flow it is, and whether it carries packets by now
 * @msg: a message
 * @flow: the flow
 *
 * Context: any, RCU read side. Return: 0 or -EMSGSIZE.
 */
int flow41_nl_put_flow(struct sk_buff *msg, struct flow41_flow *flow)
{
	const struct flow41_key *key = &flow->key;
	__be32 outer_src = key->outer_src, outer_dst = key->outer_dst;

	if (flow->role == FLOW41_ROLE_ENCAP) {
		outer_src = flow->outer.saddr;
		outer_dst = flow->outer.daddr;
	}
	if (nla_put_u8(msg, FLOW41_A_ROLE, flow->role) ||
	    nla_put_in_addr(msg, FLOW41_A_OUTER_SRC, outer_src) ||
	    nla_put_in_addr(msg, FLOW41_A_OUTER_DST, outer_dst) ||
	    nla_put_in6_addr(msg, FLOW41_A_SRC, &key->src) ||
	    nla_put_in6_addr(msg, FLOW41_A_DST, &key->dst) ||
	    nla_put_u8(msg, FLOW41_A_PROTO, key->proto) ||
	    nla_put_be16(msg, FLOW41_A_SPORT, key->sport) ||
	    nla_put_be16(msg, FLOW41_A_DPORT, key->dport) ||
	    (READ_ONCE(flow->stage) != FLOW41_STAGE_LIVE &&
	     nla_put_flag(msg, FLOW41_A_SETTLING)))
		return -EMSGSIZE;
	return put_devices(msg, flow);
}

static int put_u64(struct sk_buff *msg, int attr, u64 value)
{
	return nla_put_u64_64bit(msg, attr, value, FLOW41_A_PAD);
}

static int put_counters(struct sk_buff *msg, struct flow41_flow *flow)
{
	const struct flow41_conn *conn = flow41_flow_conn(flow);
	u32 idle = flow41_elapsed(READ_ONCE(flow->used));
	u32 age = (u32)jiffies - conn->born;

	if (put_u64(msg, FLOW41_A_PACKETS, atomic64_read(&flow->packets)) ||
	    put_u64(msg, FLOW41_A_BYTES, atomic64_read(&flow->bytes)) ||
	    put_u64(msg, FLOW41_A_AGE, jiffies64_to_msecs(age)) ||
	    put_u64(msg, FLOW41_A_IDLE, jiffies64_to_msecs(idle)))
		return -EMSGSIZE;
	return nla_put_u32(msg, FLOW41_A_AUDITS, READ_ONCE(flow->audits));
}

static int dump_flow(struct sk_buff *msg, struct netlink_callback *cb,
		     struct flow41_flow *flow)
{
	void *header = genlmsg_put(msg, NETLINK_CB(cb->skb).portid,
				   cb->nlh->nlmsg_seq, &flow41_nl_family, NLM_F_MULTI,
				   FLOW41_CMD_FLOW_GET);

	if (!header)
		return -EMSGSIZE;
	genl_dump_check_consistent(cb, header);
	if (flow41_nl_put_flow(msg, flow) || put_counters(msg, flow)) {
		genlmsg_cancel(msg, header);
		return -EMSGSIZE;
	}
	genlmsg_end(msg, header);
	return 0;
}

/* Which flows there are, and in which order the walk meets them. */
static u32 dump_seq(const struct flow41_net *fn, const struct rhashtable_iter *iter)
{
	return flow41_nl_dump_seq(&fn->generation) + (iter->walker.tbl->hash_rnd << 1);
}

/*
 * The table is walked from its start for each message, up to where the last
 * one ended: whatever changes meanwhile, the sequence tells (DUMP_INTR).
 */
static void dump_flows(struct sk_buff *msg, struct netlink_callback *cb,
		       struct flow41_net *fn,
		       const struct flow41_filter *filter)
{
	struct rhashtable_iter iter;
	struct flow41_flow *flow;
	long visited = 0;

	rhashtable_walk_enter(&fn->table, &iter);
	rhashtable_walk_start(&iter);
	cb->seq = dump_seq(fn, &iter);
	while ((flow = rhashtable_walk_next(&iter))) {
		if (IS_ERR(flow)) {	/* resized: it starts again */
			cb->seq = dump_seq(fn, &iter);
			visited = 0;
			continue;
		}
		if (visited++ < cb->args[0])
			continue;
		if (flow41_filter_match(filter, flow) &&
		    dump_flow(msg, cb, flow))
			break;
		cb->args[0] = visited;
	}
	rhashtable_walk_stop(&iter);
	rhashtable_walk_exit(&iter);
}

int flow41_nl_flow_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct flow41_net *fn = flow41_net(sock_net(cb->skb->sk));
	struct flow41_filter filter;
	int err;

	err = read_filter(fn->net, genl_info_dump(cb)->attrs, &filter,
			  cb->extack);
	if (err)
		return err;
	dump_flows(skb, cb, fn, &filter);
	return skb->len;
}

int flow41_nl_flow_flush_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct flow41_net *fn = flow41_net(genl_info_net(info));
	struct flow41_filter filter;
	struct sk_buff *msg;
	void *header;
	int err;

	err = read_filter(fn->net, info->attrs, &filter, info->extack);
	if (err)
		return err;
	msg = flow41_nl_reply(info, NLMSG_DEFAULT_SIZE, &header);
	if (!msg)
		return -ENOMEM;
	err = nla_put_u32(msg, FLOW41_A_FLOWS,
			  flow41_forget(fn, &filter, FLOW41_EVICT_FLUSH));
	return flow41_nl_send(msg, header, err, info);
}

static int put_event(struct sk_buff *msg, struct flow41_flow *flow, int reason)
{
	if (flow41_nl_put_flow(msg, flow))
		return -EMSGSIZE;
	if (reason < 0)
		return 0;
	return put_counters(msg, flow) ?:
	       nla_put_string(msg, FLOW41_A_REASON, evict_names[reason]);
}

/**
 * flow41_netlink_notify() - tell the "flows" group
 * @flow: a flow that was admitted or evicted
 * @reason: enum flow41_evict; negative: admitted
 *
 * Context: any, RCU read side.
 */
void flow41_netlink_notify(struct flow41_flow *flow, int reason)
{
	struct net *net = flow41_flow_conn(flow)->fn->net;
	struct sk_buff *msg;
	void *header;

	msg = flow41_nl_event(net, reason < 0 ? FLOW41_CMD_FLOW_ADD_NTF :
						FLOW41_CMD_FLOW_DEL_NTF,
			      FLOW41_NLGRP_FLOWS, &header);
	if (msg)
		flow41_nl_publish(msg, header, put_event(msg, flow, reason),
				  net, FLOW41_NLGRP_FLOWS);
}
