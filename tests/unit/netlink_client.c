// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <linux/genetlink.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "netlink_client.h"

static struct nl_sock *sock;
static int family;
static int finished;

/* Called for each message of a reply, if set. */
void (*client_each)(struct nlmsghdr *nlh);

/* Return: 0, or a negative libnl error. */
int client_open(void)
{
	struct timeval patience = { .tv_sec = 10 };
	int on = 1;
	int err;

	sock = nl_socket_alloc();
	if (!sock)
		return -NLE_NOMEM;
	nl_socket_disable_auto_ack(sock);
	err = genl_connect(sock);
	if (err)
		return err;
	setsockopt(nl_socket_get_fd(sock), SOL_NETLINK, NETLINK_EXT_ACK, &on,
		   sizeof(on));
	setsockopt(nl_socket_get_fd(sock), SOL_SOCKET, SO_RCVTIMEO, &patience,
		   sizeof(patience));
	family = genl_ctrl_resolve(sock, FLOW41_FAMILY_NAME);
	return family < 0 ? family : 0;
}

void client_close(void)
{
	nl_socket_free(sock);
	sock = NULL;
}

/* Return: 0, or a negative libnl error. */
int client_join(const char *group)
{
	int id = genl_ctrl_resolve_grp(sock, FLOW41_FAMILY_NAME, group);

	return id < 0 ? id : nl_socket_add_membership(sock, id);
}

struct nl_msg *request(int cmd, int flags)
{
	struct nl_msg *msg = nlmsg_alloc();

	if (!msg || !genlmsg_put(msg, NL_AUTO_PORT, NL_AUTO_SEQ, family, 0,
				 NLM_F_REQUEST | flags, cmd,
				 FLOW41_FAMILY_VERSION))
		abort();
	return msg;
}

int is_dump(int cmd)
{
	return cmd == FLOW41_CMD_FLOW_GET || cmd == FLOW41_CMD_HANDSHAKE_GET;
}

/* With the flags that the command is meant to have. */
struct nl_msg *flow_request(int cmd)
{
	return request(cmd, is_dump(cmd) ? NLM_F_DUMP : DO);
}

static void take_text(struct result *result, struct nlmsghdr *nlh, int offset)
{
	struct nlattr *tb[NLMSGERR_ATTR_MAX + 1];

	if (!(nlh->nlmsg_flags & NLM_F_ACK_TLVS) ||
	    nlmsg_parse(nlh, offset, tb, NLMSGERR_ATTR_MAX, NULL) ||
	    !tb[NLMSGERR_ATTR_MSG])
		return;
	nla_strlcpy(result->text, tb[NLMSGERR_ATTR_MSG], sizeof(result->text));
}

static int take_error(struct sockaddr_nl *from, struct nlmsgerr *err,
		      void *arg)
{
	struct nlmsghdr *nlh = (struct nlmsghdr *)err - 1;
	struct result *result = arg;
	int offset = sizeof(*err);

	(void)from;
	if (!(nlh->nlmsg_flags & NLM_F_CAPPED))
		offset += nlmsg_datalen(&err->msg);
	result->error = -err->error;
	take_text(result, nlh, offset);
	finished = 1;
	return NL_STOP;
}

static int take_done(struct nl_msg *msg, void *arg)
{
	struct nlmsghdr *nlh = nlmsg_hdr(msg);
	struct result *result = arg;

	if (nlmsg_datalen(nlh) >= (int)sizeof(int))
		result->error = -*(int *)nlmsg_data(nlh);
	if (result->error)
		take_text(result, nlh, sizeof(int));
	finished = 1;
	return NL_STOP;
}

static int take_ack(struct nl_msg *msg, void *arg)
{
	(void)msg;
	(void)arg;
	finished = 1;
	return NL_STOP;
}

static int take_reply(struct nl_msg *msg, void *arg)
{
	struct result *result = arg;

	result->replies++;
	if (client_each)
		client_each(nlmsg_hdr(msg));
	nlmsg_get(msg);
	nlmsg_free(result->reply);
	result->reply = msg;
	return NL_OK;
}

/* Send @msg and free it; put what came back into @result. */
void exchange(struct nl_msg *msg, struct result *result)
{
	struct nl_cb *cb = nl_cb_alloc(NL_CB_DEFAULT);
	int err;

	memset(result, 0, sizeof(*result));
	nl_cb_err(cb, NL_CB_CUSTOM, take_error, result);
	nl_cb_set(cb, NL_CB_FINISH, NL_CB_CUSTOM, take_done, result);
	nl_cb_set(cb, NL_CB_ACK, NL_CB_CUSTOM, take_ack, result);
	nl_cb_set(cb, NL_CB_VALID, NL_CB_CUSTOM, take_reply, result);
	err = nl_send_auto(sock, msg);
	for (finished = 0; err >= 0 && !finished;)
		err = nl_recvmsgs(sock, cb);
	if (!finished) {
		printf("# no answer: %s\n", nl_geterror(err));
		result->error = ETIMEDOUT;
	}
	nl_cb_put(cb);
	nlmsg_free(msg);
}

void result_put(struct result *result)
{
	nlmsg_free(result->reply);
	result->reply = NULL;
}

/* Return: the errno that @msg is answered with. */
int send_request(struct nl_msg *msg)
{
	struct result result;

	exchange(msg, &result);
	result_put(&result);
	return result.error;
}

static uint64_t flushed_count(void)
{
	struct nlattr *tb[FLOW41_A_COUNTER_MAX + 1];
	struct result result;
	struct nlattr *attr;
	uint64_t count = 0;
	int left;

	exchange(request(FLOW41_CMD_STATS_GET, DO), &result);
	if (!result.reply)
		return UINT64_MAX;
	nlmsg_for_each_attr(attr, nlmsg_hdr(result.reply), GENL_HDRLEN, left) {
		if (nla_type(attr) != FLOW41_A_EVICTION ||
		    nla_parse_nested(tb, FLOW41_A_COUNTER_MAX, attr, NULL))
			continue;
		if (!strcmp(nla_get_string(tb[FLOW41_A_COUNTER_NAME]),
			    "flush"))
			count = nla_get_u64(tb[FLOW41_A_COUNTER_COUNT]);
	}
	result_put(&result);
	return count;
}

/* Aborts when the module does not say. */
struct state state_get(void)
{
	struct nlattr *tb[FLOW41_A_MAX + 1];
	struct state state = { 0 };
	struct nlattr *devices;
	struct result result;

	exchange(request(FLOW41_CMD_GET, DO), &result);
	if (!result.reply || genlmsg_parse(nlmsg_hdr(result.reply), 0, tb,
					   FLOW41_A_MAX, NULL)) {
		printf("Bail out! the module does not tell its state: %s\n",
		       strerror(result.error));
		exit(1);
	}
	state.enabled = nla_get_u8(tb[FLOW41_A_ENABLED]);
	state.max_flows = nla_get_u32(tb[FLOW41_A_MAX_FLOWS]);
	state.idle_timeout = nla_get_u32(tb[FLOW41_A_IDLE_TIMEOUT]);
	state.watch = nla_get_u8(tb[FLOW41_A_WATCH]);
	state.heal = nla_get_u8(tb[FLOW41_A_HEAL]);
	state.pickup = nla_get_u8(tb[FLOW41_A_PICKUP]);
	state.quarantine = nla_get_u32(tb[FLOW41_A_QUARANTINE]);
	state.audit_rate = nla_get_u32(tb[FLOW41_A_AUDIT_RATE]);
	devices = tb[FLOW41_A_ALLOWED_DEVICES];
	state.devices_len = nla_len(devices);
	memcpy(state.devices, nla_data(devices), nla_len(devices));
	result_put(&result);
	state.flushed = flushed_count();
	return state;
}

int state_same(const struct state *a, const struct state *b)
{
	return a->enabled == b->enabled && a->max_flows == b->max_flows &&
	       a->idle_timeout == b->idle_timeout && a->watch == b->watch &&
	       a->heal == b->heal && a->pickup == b->pickup &&
	       a->quarantine == b->quarantine &&
	       a->audit_rate == b->audit_rate &&
	       a->flushed == b->flushed && a->devices_len == b->devices_len &&
	       !memcmp(a->devices, b->devices, a->devices_len);
}

/* Set everything at once. */
void state_set(const struct state *state, struct result *result)
{
	struct nl_msg *msg = request(FLOW41_CMD_SET, DO);

	nla_put_u8(msg, FLOW41_A_ENABLED, state->enabled);
	nla_put_u32(msg, FLOW41_A_MAX_FLOWS, state->max_flows);
	nla_put_u32(msg, FLOW41_A_IDLE_TIMEOUT, state->idle_timeout);
	nla_put_u8(msg, FLOW41_A_WATCH, state->watch);
	nla_put_u8(msg, FLOW41_A_HEAL, state->heal);
	nla_put_u8(msg, FLOW41_A_PICKUP, state->pickup);
	nla_put_u32(msg, FLOW41_A_QUARANTINE, state->quarantine);
	nla_put_u32(msg, FLOW41_A_AUDIT_RATE, state->audit_rate);
	nla_put(msg, FLOW41_A_ALLOWED_DEVICES | NLA_F_NESTED,
		state->devices_len, state->devices);
	exchange(msg, result);
	result_put(result);
}
