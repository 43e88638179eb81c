/* SPDX-License-Identifier: GPL-2.0 */
/* The attributes there are, and what can be wrong with each. */
#ifndef FLOW41_TESTS_NETLINK_ATTRS_H
#define FLOW41_TESTS_NETLINK_ATTRS_H

#include <endian.h>
#include <stdint.h>

#include <netlink/attr.h>

#include <linux/flow41.h>

enum kind {
	NUMBER = 1,		/* number or address: one length is right */
	DEVICE = 2,		/* string */
	LIST = 4,		/* nest of strings */
	OUTPUT = 8,		/* only ever sent by the kernel */
};

/* Which commands an attribute has a meaning for: bits. */
enum use {
	NOWHERE = 0,
	SETTING = 1,
	FILTER = 2,		/* of flows */
	IDENTITY = 4,		/* of handshakes */
};

struct attr {
	int type;
	const char *name;
	enum kind kind;
	unsigned int uses;
	int length;
	const char *good;
};

#define IN6	"\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\1"

static const struct attr attrs[] = {
	{ 0, "attribute 0", OUTPUT, NOWHERE, 4, "\0\0\0" },
	{ FLOW41_A_PAD, "pad", OUTPUT, NOWHERE, 4, "\0\0\0" },
	{ FLOW41_A_VERSION, "version", OUTPUT, NOWHERE, 4, "1.0" },
	{ FLOW41_A_ENABLED, "enabled", NUMBER, SETTING, 1, "\1" },
	{ FLOW41_A_FLOWS, "flows", OUTPUT, NOWHERE, 4, "\1\1\1\1" },
	{ FLOW41_A_MAX_FLOWS, "max-flows", NUMBER, SETTING, 4, "\0\1\0\0" },
	{ FLOW41_A_IDLE_TIMEOUT, "idle-timeout", NUMBER, SETTING, 4,
	  "\0\1\0\0" },
	{ FLOW41_A_DEVICES, "devices", OUTPUT, NOWHERE, 8, "\7\0\1\0lo\0" },
	{ FLOW41_A_ALLOWED_DEVICES, "allowed-devices", LIST, SETTING, 0, "" },
	{ FLOW41_A_FLOW_SIZE, "flow-size", OUTPUT, NOWHERE, 4, "\1\1\1\1" },
	{ FLOW41_A_ROLE, "role", NUMBER, FILTER, 1, "\1" },
	{ FLOW41_A_DEV_IN, "dev-in", DEVICE, FILTER, 3, "lo" },
	{ FLOW41_A_DEV_OUT, "dev-out", DEVICE, FILTER, 3, "lo" },
	{ FLOW41_A_TUNNEL, "tunnel", DEVICE, FILTER, 3, "lo" },
	{ FLOW41_A_OUTER_SRC, "outer-src", NUMBER, FILTER, 4, "\300\0\2\1" },
	{ FLOW41_A_OUTER_DST, "outer-dst", NUMBER, FILTER, 4, "\300\0\2\1" },
	{ FLOW41_A_SRC, "src", NUMBER, FILTER | IDENTITY, 16, IN6 },
	{ FLOW41_A_DST, "dst", NUMBER, FILTER | IDENTITY, 16, IN6 },
	{ FLOW41_A_PROTO, "proto", NUMBER, FILTER, 1, "\6" },
	{ FLOW41_A_SPORT, "sport", NUMBER, FILTER | IDENTITY, 2, "\0\7" },
	{ FLOW41_A_DPORT, "dport", NUMBER, FILTER | IDENTITY, 2, "\0\7" },
	{ FLOW41_A_PACKETS, "packets", OUTPUT, NOWHERE, 8, "\1\1\1\1\1\1\1" },
	{ FLOW41_A_BYTES, "bytes", OUTPUT, NOWHERE, 8, "\1\1\1\1\1\1\1" },
	{ FLOW41_A_AGE, "age", OUTPUT, NOWHERE, 8, "\1\1\1\1\1\1\1" },
	{ FLOW41_A_IDLE, "idle", OUTPUT, NOWHERE, 8, "\1\1\1\1\1\1\1" },
	{ FLOW41_A_SETTLING, "settling", OUTPUT, NOWHERE, 0, "" },
	{ FLOW41_A_REASON, "reason", OUTPUT, NOWHERE, 5, "idle" },
	{ FLOW41_A_ROLE_STATS, "role-stats", OUTPUT, NOWHERE, 0, "" },
	{ FLOW41_A_PUNT, "punt", OUTPUT, NOWHERE, 0, "" },
	{ FLOW41_A_EVICTION, "eviction", OUTPUT, NOWHERE, 0, "" },
	{ FLOW41_A_REFUSAL, "refusal", OUTPUT, NOWHERE, 0, "" },
	{ FLOW41_A_WATCH, "watch", NUMBER, SETTING, 1, "\1" },
	{ FLOW41_A_HEAL, "heal", NUMBER, SETTING, 1, "\1" },
	{ FLOW41_A_PICKUP, "pickup", NUMBER, SETTING, 1, "\1" },
	{ FLOW41_A_QUARANTINE, "quarantine", NUMBER, SETTING, 4,
	  "\0\1\0\0" },
	{ FLOW41_A_FAULTS, "faults", OUTPUT, NOWHERE, 1, "" },
	{ FLOW41_A_HANDSHAKE, "handshake", OUTPUT, NOWHERE, 0, "" },
	{ FLOW41_A_STATE, "state", OUTPUT, NOWHERE, 1, "\1" },
	{ FLOW41_A_VERDICT, "verdict", OUTPUT, NOWHERE, 9, "ack_left" },
	{ FLOW41_A_REPEATS, "repeats", OUTPUT, NOWHERE, 4, "\1\1\1\1" },
	{ FLOW41_A_QUARANTINE_LEFT, "quarantine-left", OUTPUT, NOWHERE, 4,
	  "\1\1\1\1" },
	{ FLOW41_A_HEALED, "healed", OUTPUT, NOWHERE, 0, "" },
	{ FLOW41_A_SEGMENT, "segment", OUTPUT, NOWHERE, 0, "" },
	{ FLOW41_A_SKIPPED, "skipped", OUTPUT, NOWHERE, 4, "\1\1\1\1" },
	{ FLOW41_A_ALERT, "alert", OUTPUT, NOWHERE, 1, "\1" },
	{ FLOW41_A_AUDIT_RATE, "audit-rate", NUMBER, SETTING, 4,
	  "\0\1\0\0" },
	{ FLOW41_A_AUDIT, "audit", OUTPUT, NOWHERE, 0, "" },
	{ FLOW41_A_AUDITS, "audits", OUTPUT, NOWHERE, 4, "\1\1\1\1" },
	{ FLOW41_A_DIFFERS, "differs", OUTPUT, NOWHERE, 5, "mark" },
	{ FLOW41_A_CACHED, "cached", OUTPUT, NOWHERE, 0, "" },
	{ FLOW41_A_SOFTWARE, "software", OUTPUT, NOWHERE, 0, "" },
	{ FLOW41_A_MAX + 1, "one past the last", OUTPUT, NOWHERE, 1, "" },
	{ 1000, "attribute 1000", OUTPUT, NOWHERE, 1, "" },
	{ NLA_TYPE_MASK, "the last type there is", OUTPUT, NOWHERE, 1, "" },
};

/* One way to get an attribute wrong. */
struct variant {
	const char *name;
	unsigned int kinds;
	int flag;		/* on the type */
	int grow;		/* by how much the length is wrong */
	int length;		/* of data, when there is some */
	const char *data;
};

/* A device-name attribute with the length field in this machine's order. */
#if __BYTE_ORDER == __LITTLE_ENDIAN
#define NAME(len)	len "\0\1\0"
#define OTHER(len)	len "\0\x63\0"
#else
#define NAME(len)	"\0" len "\0\1"
#define OTHER(len)	"\0" len "\0\x63"
#endif

static const struct variant variants[] = {
	{ "one byte short", NUMBER, 0, -1, 0, NULL },
	{ "one byte long", NUMBER, 0, 1, 0, NULL },
	{ "empty", NUMBER | DEVICE, 0, 0, 0, "" },
	{ "marked as a nest", NUMBER | DEVICE, NLA_F_NESTED, 0, 0, NULL },
	{ "not terminated", DEVICE, 0, -1, 0, NULL },
	{ "of no character", DEVICE, 0, 0, 1, "" },
	{ "of 16 characters", DEVICE, 0, 0, 17, "0123456789abcdef" },
	{ "of 15, not terminated", DEVICE, 0, 0, 15, "0123456789abcde" },
	{ "of no device", DEVICE, 0, 0, 8, "flow41x" },
	{ "not marked as a nest", LIST, 0, 0, 7, NAME("\7") "lo" },
	{ "of garbage", LIST, NLA_F_NESTED, 0, 3, "abc" },
	{ "of garbage, longer", LIST, NLA_F_NESTED, 0, 12, "abcdefghijkl" },
	{ "of something else", LIST, NLA_F_NESTED, 0, 8, OTHER("\7") "lo" },
	{ "overrun by a name", LIST, NLA_F_NESTED, 0, 8, NAME("\x60") "lo\0" },
	{ "with a name too short", LIST, NLA_F_NESTED, 0, 4, NAME("\3") },
	{ "with an empty name", LIST, NLA_F_NESTED, 0, 8, NAME("\5") "\0\0\0" },
	{ "with no name at all", LIST, NLA_F_NESTED, 0, 4, NAME("\4") },
	{ "with a slash", LIST, NLA_F_NESTED, 0, 8, NAME("\x8") "a/b" },
	{ "with a blank", LIST, NLA_F_NESTED, 0, 8, NAME("\x8") "a b" },
	{ "with 16 characters", LIST, NLA_F_NESTED, 0, 20,
	  NAME("\x14") "0123456789abcdef" },
	{ "with more behind the name", LIST, NLA_F_NESTED, 0, 10,
	  NAME("\x8") "lan\0ab" },
};

struct value {
	int cmd;
	int type;
	int length;
	uint32_t value;
};

static const struct value out_of_range[] = {
	{ FLOW41_CMD_SET, FLOW41_A_ENABLED, 1, 2 },
	{ FLOW41_CMD_SET, FLOW41_A_ENABLED, 1, 255 },
	{ FLOW41_CMD_SET, FLOW41_A_MAX_FLOWS, 4, 0 },
	{ FLOW41_CMD_SET, FLOW41_A_MAX_FLOWS, 4, 1 },
	{ FLOW41_CMD_SET, FLOW41_A_MAX_FLOWS, 4, FLOW41_MAX_FLOWS_LIMIT + 1 },
	{ FLOW41_CMD_SET, FLOW41_A_MAX_FLOWS, 4, UINT32_MAX },
	{ FLOW41_CMD_SET, FLOW41_A_IDLE_TIMEOUT, 4, 0 },
	{ FLOW41_CMD_SET, FLOW41_A_IDLE_TIMEOUT, 4,
	  FLOW41_IDLE_TIMEOUT_LIMIT + 1 },
	{ FLOW41_CMD_SET, FLOW41_A_IDLE_TIMEOUT, 4, UINT32_MAX },
	{ FLOW41_CMD_SET, FLOW41_A_WATCH, 1, 2 },
	{ FLOW41_CMD_SET, FLOW41_A_WATCH, 1, 255 },
	{ FLOW41_CMD_SET, FLOW41_A_HEAL, 1, 2 },
	{ FLOW41_CMD_SET, FLOW41_A_HEAL, 1, 255 },
	{ FLOW41_CMD_SET, FLOW41_A_PICKUP, 1, 2 },
	{ FLOW41_CMD_SET, FLOW41_A_PICKUP, 1, 255 },
	{ FLOW41_CMD_SET, FLOW41_A_QUARANTINE, 4, 0 },
	{ FLOW41_CMD_SET, FLOW41_A_QUARANTINE, 4, FLOW41_QUARANTINE_LIMIT + 1 },
	{ FLOW41_CMD_SET, FLOW41_A_QUARANTINE, 4, UINT32_MAX },
	{ FLOW41_CMD_SET, FLOW41_A_AUDIT_RATE, 4, 0 },
	{ FLOW41_CMD_SET, FLOW41_A_AUDIT_RATE, 4, FLOW41_AUDIT_RATE_LIMIT + 1 },
	{ FLOW41_CMD_SET, FLOW41_A_AUDIT_RATE, 4, UINT32_MAX },
	{ FLOW41_CMD_FLOW_GET, FLOW41_A_ROLE, 1, 3 },
	{ FLOW41_CMD_FLOW_GET, FLOW41_A_ROLE, 1, 200 },
	{ FLOW41_CMD_FLOW_GET, FLOW41_A_ROLE, 1, 255 },
	{ FLOW41_CMD_FLOW_FLUSH, FLOW41_A_ROLE, 1, 3 },
	{ FLOW41_CMD_FLOW_FLUSH, FLOW41_A_ROLE, 1, 200 },
	{ FLOW41_CMD_FLOW_FLUSH, FLOW41_A_ROLE, 1, 255 },
};

#endif /* FLOW41_TESTS_NETLINK_ATTRS_H */
