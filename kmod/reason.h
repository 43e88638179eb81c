/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
/*
 * The one list of reasons: why a packet was left to the software path (punt),
 * why its connection was not cached (refusal), why a flow ended (eviction), why
 * a segment of a TCP handshake had to be repeated (verdict).
 *
 * Shared by the module, the flow41 tool and the man page. Each line is
 * X(ENUM, "name", "sentence for the user"). A name never changes its meaning.
 */
#ifndef _FLOW41_REASON_H
#define _FLOW41_REASON_H

/* In the order a packet meets them. */
#define FLOW41_PUNTS(X) \
	X(OTHER_PROTOCOL, "other_protocol", \
	  "neither IPv6 nor IPv6 in IPv4") \
	X(NOT_FOR_US, "not_for_us", \
	  "broadcast, multicast or addressed to another host") \
	X(METADATA, "metadata", \
	  "the packet already carries a route, connection, VLAN tag or extension") \
	X(SHARED, "shared", \
	  "somebody else holds the same packet buffer") \
	X(TRUNCATED, "truncated", \
	  "the packet is shorter than its headers") \
	X(BAD_LENGTH, "bad_length", \
	  "a length field does not match the packet or the headers around it") \
	X(BAD_HEADER, "bad_header", \
	  "a header field has a value the software path has to judge") \
	X(OUTER_OPTIONS, "outer_options", \
	  "the IPv4 header has options") \
	X(OUTER_FRAGMENT, "outer_fragment", \
	  "the IPv4 packet is a fragment") \
	X(OUTER_CHECKSUM, "outer_checksum", \
	  "the IPv4 header checksum is wrong") \
	X(EXTENSION_HEADER, "extension_header", \
	  "the IPv6 packet has an extension header") \
	X(INNER_FRAGMENT, "inner_fragment", \
	  "the IPv6 packet is a fragment") \
	X(NEXT_HEADER, "next_header", \
	  "the IPv6 packet carries neither TCP nor UDP") \
	X(HANDSHAKE, "handshake", \
	  "a TCP SYN: handshakes take the software path") \
	X(TEARDOWN, "teardown", \
	  "a TCP FIN or RST: endings take the software path") \
	X(TCP_FLAGS, "tcp_flags", \
	  "a TCP flag combination that no established connection sends") \
	X(NO_FLOW, "no_flow", \
	  "no cached flow matches") \
	X(STRAY, "stray", \
	  "the connection's packets came in from another IPv4 address so far") \
	X(STALE, "stale", \
	  "the flow's reason to exist went away; it was evicted") \
	X(ROUTE, "route", \
	  "an IPv6 route was added or changed: the software path looks it up anew") \
	X(GSO, "gso", \
	  "a super-packet of a kind that is not carried (of chained packets, with rx-gro-list)") \
	X(FORWARDING_OFF, "forwarding_off", \
	  "IPv6 forwarding is switched off") \
	X(HOP_LIMIT, "hop_limit", \
	  "the hop limit is used up: the software path answers") \
	X(TOO_BIG, "too_big", \
	  "larger than the path allows: the software path answers") \
	X(ECN, "ecn", \
	  "congestion was marked on a packet that does not know ECN") \
	X(MARK, "mark", \
	  "mark or priority differ from those the flow was learnt with") \
	X(TUNNEL_ERROR, "tunnel_error", \
	  "the tunnel received an ICMP error lately") \
	X(CONNTRACK, "conntrack", \
	  "conntrack has to see this packet itself") \
	X(INNER_CHECKSUM, "inner_checksum", \
	  "the TCP or UDP checksum is wrong, or left to the device in an odd way") \
	X(QUARANTINED, "quarantined", \
	  "the connection is quarantined: its handshake stalled on the fast path") \
	X(DSCP, "dscp", \
	  "no packet of its DSCP was yet seen to leave as the cache would send it") \
	X(AUDIT, "audit", \
	  "its turn to take the software path, to be compared with the cache") \
	X(SETTLING, "settling", \
	  "the flow's earlier packets are still on the software path") \
	X(RESULT, "result", \
	  "the software path's result is not one the cache can give") \
	X(NO_MEMORY, "no_memory", \
	  "no memory for a private copy of the headers")

#define FLOW41_REFUSALS(X) \
	X(NO_CONNTRACK, "no_conntrack", \
	  "conntrack does not follow it: no rule asks for ct state, or one says notrack") \
	X(NOT_ESTABLISHED, "not_established", \
	  "conntrack does not have the connection established yet") \
	X(NO_HANDSHAKE, "no_handshake", \
	  "transit: the TCP handshake was not seen, and pickup is off") \
	X(QUARANTINE, "quarantine", \
	  "the connection is quarantined: its handshake stalled on the fast path") \
	X(PINNED, "pinned", \
	  "its audits kept failing: it stays with the software path for a while") \
	X(MULTICAST, "multicast", \
	  "the destination is a multicast address: there may be several ways out") \
	X(SAME_ENDS, "same_ends", \
	  "source and destination are the same: an answer would look like the packet") \
	X(HELPER, "helper", \
	  "a conntrack helper or sequence adjustment works on the connection") \
	X(NAT, "nat", \
	  "the connection's addresses are translated") \
	X(OFFLOADED, "offloaded", \
	  "nf_flow_table has taken the connection") \
	X(XFRM, "xfrm", \
	  "an IPsec policy applies") \
	X(MULTIPATH, "multipath", \
	  "the IPv6 route has several next hops") \
	X(NETNS, "netns", \
	  "the tunnel's two ends are in different network namespaces") \
	X(ISATAP, "isatap", \
	  "the tunnel is an ISATAP interface") \
	X(FOU, "fou", \
	  "the tunnel is encapsulated in UDP (FOU or GUE)") \
	X(NO_REMOTE, "no_remote", \
	  "neither the tunnel, an embedded address nor the route names an IPv4 far end") \
	X(OTHER_WAY, "other_way", \
	  "the connection's other direction takes another tunnel") \
	X(SAME_DEVICE, "same_device", \
	  "the packet leaves by the device it came in on") \
	X(TUNNEL_MODE, "tunnel_mode", \
	  "the tunnel does not carry IPv6 in IPv4") \
	X(TUNNEL_QUEUE, "tunnel_queue", \
	  "the tunnel device has a queue, filter or hook of its own") \
	X(NO_TUNNEL_ROUTE, "no_tunnel_route", \
	  "there is no route to the tunnel's remote end") \
	X(VRF, "vrf", \
	  "one of the connection's two devices is in a VRF") \
	X(DEVICE, "device", \
	  "one of the connection's two devices is not among those that are set") \
	X(TABLE_FULL, "table_full", \
	  "the table holds max-flows flows") \
	X(ALIKE, "alike", \
	  "too many connections that differ only in their tunnel's far end are cached") \
	X(ADMIT_NO_MEMORY, "no_memory", \
	  "no memory for another flow")

#define FLOW41_EVICTIONS(X) \
	X(IDLE, "idle", \
	  "no packet in either direction for idle-timeout") \
	X(TCP_SYN, "tcp_syn", \
	  "a TCP SYN came in on it") \
	X(TCP_END, "tcp_end", \
	  "TCP FIN or RST") \
	X(CONNTRACK, "conntrack", \
	  "its conntrack entry is dying, gone or expired") \
	X(OFFLOADED, "offloaded", \
	  "nf_flow_table took the connection") \
	X(ROUTE, "route", \
	  "a route it used changed") \
	X(NEIGHBOUR, "neighbour", \
	  "its next hop's neighbour entry went away, or it does not answer") \
	X(DEVICE, "device", \
	  "a device it used went down, away or changed") \
	X(TUNNEL, "tunnel", \
	  "the tunnel was changed") \
	X(RESULT, "result", \
	  "the software path's result is no longer the cached one") \
	X(AUDIT_MISMATCHED, "audit_mismatched", \
	  "a packet left by software in another way than the cache would have sent it") \
	X(AUDIT_LOST, "audit_lost", \
	  "the software path did not let through what the cache would have sent") \
	X(REPLACED, "replaced", \
	  "the connection moved to another device") \
	X(MOVED, "moved", \
	  "the connection's packets come in from another IPv4 address") \
	X(QUARANTINED, "quarantined", \
	  "the handshake stalled on the fast path") \
	X(SETTING, "setting", \
	  "the operator changed a setting") \
	X(FLUSH, "flush", \
	  "the operator flushed it") \
	X(DISABLED, "disabled", \
	  "the cache was switched off")

/* Why a segment came in again: seen from this box, which is in the middle. */
#define FLOW41_VERDICTS(X) \
	X(SYN_LOST_INSIDE, "syn_lost_inside", \
	  "the SYN came in but did not leave: this box lost it") \
	X(SYNACK_NEVER_SEEN, "synack_never_seen", \
	  "the SYN left, the server never answered it: look at its side") \
	X(SYNACK_LOST_INSIDE, "synack_lost_inside", \
	  "the SYN/ACK came in but did not leave: this box lost it") \
	X(SYNACK_LEFT, "synack_left", \
	  "the SYN/ACK left: it was lost beyond, or the client ignores it") \
	X(ACK_NEVER_SEEN, "ack_never_seen", \
	  "the client never acknowledged the SYN/ACK: look at its side") \
	X(ACK_LOST_INSIDE, "ack_lost_inside", \
	  "the ACK came in but did not leave: this box lost it") \
	X(ACK_LEFT, "ack_left", \
	  "the ACK left: it was lost beyond, or the server defers its accept")

/* What the handshake watch counts; each verdict counts, too. */
#define FLOW41_HANDSHAKES(X) \
	X(SEEN, "seen", \
	  "connections whose SYN came in") \
	X(COMPLETED, "completed", \
	  "connections whose server went on after the handshake") \
	X(DUP_SYN, "dup_syn", \
	  "SYNs that came in again") \
	X(DUP_SYNACK, "dup_synack", \
	  "SYN/ACKs that came in again") \
	FLOW41_VERDICTS(X) \
	X(QUARANTINED, "quarantined", \
	  "connections taken off the fast path because their handshake stalled on it") \
	X(HEALED, "healed", \
	  "those that completed then: the cache was to blame") \
	X(DISPLACED, "displaced", \
	  "handshakes given up for newer ones: the watch is full") \
	X(UNTOLD, "untold", \
	  "verdicts without an alert: the same one had just been told, or very many others")

/* What the audit counts. */
#define FLOW41_AUDITS(X) \
	X(CHECKED, "checked", \
	  "packets that took the software path and were compared with the cache") \
	X(MISMATCHED, "mismatched", \
	  "those that left in another way than the cache would have sent them") \
	X(LOST, "lost", \
	  "those that never left: the software path dropped them") \
	X(PINNED, "pinned", \
	  "connections left to the software path since their audits kept failing")

/* In what a packet can differ from what the cache made of it. */
#define FLOW41_DIFFERS(X) \
	X(LOST, "lost", \
	  "the cache would have lost it") \
	X(CONNECTION, "connection", \
	  "the cache took it for another connection's") \
	X(LENGTH, "length", \
	  "the packet's length") \
	X(HEADER, "header", \
	  "the headers") \
	X(DEVICE, "device", \
	  "the device it leaves by") \
	X(NEXT_HOP, "next_hop", \
	  "the next hop") \
	X(MARK, "mark", \
	  "the mark") \
	X(PRIORITY, "priority", \
	  "the priority") \
	X(SEGMENTS, "segments", \
	  "how it will be cut into segments")

#define FLOW41_PUNT_ENUM(id, name, text)	FLOW41_PUNT_##id,
#define FLOW41_REFUSAL_ENUM(id, name, text)	FLOW41_REFUSAL_##id,
#define FLOW41_EVICT_ENUM(id, name, text)	FLOW41_EVICT_##id,
#define FLOW41_VERDICT_ENUM(id, name, text)	FLOW41_VERDICT_##id,
#define FLOW41_HANDSHAKE_ENUM(id, name, text)	FLOW41_HANDSHAKE_##id,
#define FLOW41_AUDIT_ENUM(id, name, text)	FLOW41_AUDIT_##id,
#define FLOW41_DIFFER_ENUM(id, name, text)	FLOW41_DIFFER_##id,

enum flow41_punt {
	FLOW41_PUNT_NONE = -1,
	FLOW41_PUNTS(FLOW41_PUNT_ENUM)
	FLOW41_PUNT_COUNT,
};

enum flow41_refusal {
	FLOW41_REFUSAL_NONE = -1,
	FLOW41_REFUSALS(FLOW41_REFUSAL_ENUM)
	FLOW41_REFUSAL_COUNT,
};

enum flow41_evict {
	FLOW41_EVICTIONS(FLOW41_EVICT_ENUM)
	FLOW41_EVICT_COUNT,
};

enum flow41_verdict {
	FLOW41_VERDICT_NONE = -1,
	FLOW41_VERDICTS(FLOW41_VERDICT_ENUM)
};

enum flow41_handshake_counter {
	FLOW41_HANDSHAKES(FLOW41_HANDSHAKE_ENUM)
	FLOW41_HANDSHAKE_COUNT,
};

enum flow41_audit_counter {
	FLOW41_AUDITS(FLOW41_AUDIT_ENUM)
	FLOW41_AUDIT_COUNT,
};

enum flow41_differ {
	FLOW41_DIFFERS(FLOW41_DIFFER_ENUM)
	FLOW41_DIFFER_COUNT,
};

#endif /* _FLOW41_REASON_H */
