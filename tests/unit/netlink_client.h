/* SPDX-License-Identifier: GPL-2.0 */
/* A client of the module on libnl-3, independent of the tool's libmnl. */
#ifndef FLOW41_TESTS_NETLINK_CLIENT_H
#define FLOW41_TESTS_NETLINK_CLIENT_H

#include <netlink/genl/ctrl.h>
#include <netlink/genl/genl.h>
#include <netlink/netlink.h>

#include <linux/flow41.h>

#define DO	NLM_F_ACK

/* What came back for one request. */
struct result {
	int error;		/* errno, 0 when it was done */
	char text[256];		/* the extended-ack message */
	unsigned int replies;
	struct nl_msg *reply;	/* the last one; result_put() frees it */
};

/* All that a refused request must leave as it was. */
struct state {
	uint8_t enabled;
	uint32_t max_flows;
	uint32_t idle_timeout;
	uint8_t watch;
	uint8_t heal;
	uint8_t pickup;
	uint32_t quarantine;
	uint32_t audit_rate;
	uint64_t flushed;	/* evictions by flush */
	int devices_len;
	char devices[20 * FLOW41_DEVICES_LIMIT];	/* the nest, raw */
};

extern void (*client_each)(struct nlmsghdr *nlh);

int client_open(void);
void client_close(void);
int client_join(const char *group);

int is_dump(int cmd);
struct nl_msg *request(int cmd, int flags);
struct nl_msg *flow_request(int cmd);
void exchange(struct nl_msg *msg, struct result *result);
void result_put(struct result *result);
int send_request(struct nl_msg *msg);

struct state state_get(void);
int state_same(const struct state *a, const struct state *b);
void state_set(const struct state *state, struct result *result);

#endif /* FLOW41_TESTS_NETLINK_CLIENT_H */
