/* SPDX-License-Identifier: GPL-2.0 */
/* Packet bytes -> key. Read-only; also built in userspace for unit tests. */
#ifndef _FLOW41_PARSE_H
#define _FLOW41_PARSE_H

#include <linux/in6.h>
#include <linux/types.h>

#include "reason.h"

#define FLOW41_IPV4_HLEN	20U	/* an IPv4 header without options */
#define FLOW41_IPV6_HLEN	40U
/* Bytes that, where they are there, have to be linear for the parser to see all it needs. */
#define FLOW41_PARSE_IPV6	(FLOW41_IPV6_HLEN + 20)
#define FLOW41_PARSE_6IN4	(FLOW41_IPV4_HLEN + FLOW41_PARSE_IPV6)

/**
 * struct flow41_key - identity of one direction of one inner connection
 * @src: inner source address
 * @dst: inner destination address
 * @sport: inner source port
 * @dport: inner destination port
 * @outer_src: IPv4 source on the wire; 0 when the packet has no IPv4 header
 * @outer_dst: IPv4 destination on the wire; 0 likewise
 * @iif: index of the ingress device
 * @proto: IPPROTO_TCP or IPPROTO_UDP
 *
 * The hash covers everything before @outer_dst (FLOW41_KEY_HASHED bytes, no
 * padding), so that a packet that left the box, whose ingress device and IPv4
 * destination are no longer known, still finds its flow.
 */
struct flow41_key {
	struct in6_addr src;
	struct in6_addr dst;
	__be16 sport;
	__be16 dport;
	__be32 outer_src;
	__be32 outer_dst;
	__u32 iif;
	__u8 proto;
};

#define FLOW41_KEY_HASHED	40

/**
 * struct flow41_packet - what the parser read
 * @key: the flow key; the caller fills in the ingress device
 * @inner_len: length of the IPv6 packet in bytes, header included
 * @inner_off: offset of the IPv6 header: 0, or 20 behind an IPv4 header
 * @l4_hlen: length of the TCP (with options) or UDP header in bytes
 * @tcp_flags: byte 13 of the TCP header; 0 for UDP
 * @dsfield: traffic class of the IPv6 header
 * @hop_limit: hop limit of the IPv6 header
 * @outer_tos: TOS byte of the IPv4 header; 0 without one
 * @outer_ttl: TTL of the IPv4 header; 0 without one
 * @tcp_window: TCP window, in host order and not scaled; undefined for UDP
 * @tcp_seq: TCP sequence number, in host order; undefined for UDP
 * @tcp_ack: TCP acknowledgment number, in host order; undefined for UDP
 */
struct flow41_packet {
	struct flow41_key key;
	__u32 inner_len;
	__u8 inner_off;
	__u8 l4_hlen;
	__u8 tcp_flags;
	__u8 dsfield;
	__u8 hop_limit;
	__u8 outer_tos;
	__u8 outer_ttl;
	__u16 tcp_window;
	__u32 tcp_seq;
	__u32 tcp_ack;
};

enum flow41_punt flow41_parse_ipv6(const void *data, unsigned int linear,
				   unsigned int len, struct flow41_packet *p);
enum flow41_punt flow41_parse_6in4(const void *data, unsigned int linear,
				   unsigned int len, struct flow41_packet *p);

#endif /* _FLOW41_PARSE_H */
