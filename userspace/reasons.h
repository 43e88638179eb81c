/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef FLOW41_REASONS_H
#define FLOW41_REASONS_H

/* The lists of ../kmod/reason.h. */
enum reason_list {
	REASON_PUNT,
	REASON_REFUSAL,
	REASON_EVICTION,
	REASON_VERDICT,
	REASON_HANDSHAKE,
	REASON_AUDIT,
	REASON_DIFFER,
};

const char *reason_sentence(enum reason_list list, const char *name);

#endif /* FLOW41_REASONS_H */
