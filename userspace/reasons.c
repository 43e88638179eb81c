// SPDX-License-Identifier: GPL-2.0-or-later
/* What the names that the kernel sends mean, in a sentence. */
#include <string.h>

#include "args.h"
#include "reason.h"
#include "reasons.h"

struct reason {
	const char *name;
	const char *sentence;
};

#define REASON_ENTRY(id, name, sentence)	{ name, sentence },

static const struct reason punts[] = { FLOW41_PUNTS(REASON_ENTRY) };
static const struct reason refusals[] = { FLOW41_REFUSALS(REASON_ENTRY) };
static const struct reason evictions[] = { FLOW41_EVICTIONS(REASON_ENTRY) };
static const struct reason verdicts[] = { FLOW41_VERDICTS(REASON_ENTRY) };
static const struct reason handshakes[] = { FLOW41_HANDSHAKES(REASON_ENTRY) };
static const struct reason audits[] = { FLOW41_AUDITS(REASON_ENTRY) };
static const struct reason differs[] = { FLOW41_DIFFERS(REASON_ENTRY) };

static const struct {
	const struct reason *reasons;
	size_t count;
} lists[] = {
	[REASON_PUNT] = { punts, ARRAY_SIZE(punts) },
	[REASON_REFUSAL] = { refusals, ARRAY_SIZE(refusals) },
	[REASON_EVICTION] = { evictions, ARRAY_SIZE(evictions) },
	[REASON_VERDICT] = { verdicts, ARRAY_SIZE(verdicts) },
	[REASON_HANDSHAKE] = { handshakes, ARRAY_SIZE(handshakes) },
	[REASON_AUDIT] = { audits, ARRAY_SIZE(audits) },
	[REASON_DIFFER] = { differs, ARRAY_SIZE(differs) },
};

/**
 * reason_sentence - what a reason means
 * @list: the list it is from
 * @name: its name, as the kernel sent it
 *
 * Return: the sentence; "" for a name this tool does not know.
 */
const char *reason_sentence(enum reason_list list, const char *name)
{
	size_t i;

	for (i = 0; i < lists[list].count; i++)
		if (!strcmp(lists[list].reasons[i].name, name))
			return lists[list].reasons[i].sentence;
	return "";
}
