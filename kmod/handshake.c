// SPDX-License-Identifier: GPL-2.0
/*
 * The handshake watch: inner SYN, SYN/ACK and ACK are noted as they come in and
 * as they leave. When one comes in again, that tells where the answer was lost:
 * it never came in, it came in and did not leave, or it left.
 */
#include <net/tcp.h>

#include "flow41.h"
#include "handshake.h"

/* What a segment means to the handshake it belongs to. */
enum kind {
	KIND_SYN = FLOW41_SEGMENT_KIND_SYN,
	KIND_SYNACK = FLOW41_SEGMENT_KIND_SYNACK,
	KIND_ACK = FLOW41_SEGMENT_KIND_ACK,
	KIND_GOES_ON,		/* the server, after its SYN/ACK */
	KIND_NONE,
};

/*
 * What a server may send before the client's ACK (RFC 7413, section 4.2), which then
 * acknowledges that, too: the window of a SYN is never scaled (RFC 7323, section 2.2).
 */
#define EARLY_DATA	U16_MAX

#define ACK_OVERDUE	(HZ / 2)	/* to leave, since the first one came in */
#define SILENCE		(2 * HZ)	/* a server that repeats itself has done so by then */
#define TELL_AGAIN	(HZ * 9 / 10)	/* TCP repeats itself once a second at most */
#define STALLS_TOLD	100		/* alerts a second */

static enum kind kind_of(const struct flow41_watch *watch,
			 const struct flow41_packet *p, u8 from)
{
	if (p->tcp_flags & TCPHDR_RST)
		return KIND_NONE;
	if (p->tcp_flags & TCPHDR_SYN)
		return p->tcp_flags & TCPHDR_ACK ? KIND_SYNACK : KIND_SYN;
	if (!(p->tcp_flags & TCPHDR_ACK) ||
	    !(watch->flags & FLOW41_W_SYNACK_IN))
		return KIND_NONE;
	if (from != watch->client)
		return KIND_GOES_ON;
	return p->tcp_ack - (watch->synack_seq + 1) <= EARLY_DATA ? KIND_ACK :
								    KIND_NONE;
}

/* A full ladder loses rows in the middle: how it began says most. */
static struct flow41_row *new_row(struct flow41_watch *watch)
{
	struct flow41_row *row = watch->row;

	if (watch->rows == FLOW41_ROWS) {
		memmove(row + FLOW41_ROWS_FIRST, row + FLOW41_ROWS_FIRST + 1,
			(FLOW41_ROWS - FLOW41_ROWS_FIRST - 1) * sizeof(*row));
		watch->rows--;
		watch->skipped++;
	}
	row += watch->rows++;
	memset(row, 0, sizeof(*row));
	return row;
}

static void note_in(struct flow41_watch *watch, enum kind kind,
		    const struct flow41_segment *segment, bool repeated)
{
	struct flow41_row *row = new_row(watch);

	row->time = jiffies_to_msecs(jiffies - watch->born);
	row->kind = kind;
	row->in = segment->ifindex;
	row->fast = segment->fast;
	row->repeated = repeated;
}

static void note_out(struct flow41_watch *watch, enum kind kind,
		     const struct flow41_segment *segment)
{
	unsigned int i = watch->rows;

	while (i--) {
		if (watch->row[i].kind != kind)
			continue;
		if (!watch->row[i].left) {
			watch->row[i].left = true;
			watch->row[i].out = segment->ifindex;
		}
		return;
	}
}

static enum flow41_verdict judge(const struct flow41_watch *watch,
				 enum kind kind)
{
	u16 flags = watch->flags;

	if (kind == KIND_SYN) {
		if (!(flags & FLOW41_W_SYNACK_IN))
			return flags & FLOW41_W_SYN_OUT ?
			       FLOW41_VERDICT_SYNACK_NEVER_SEEN :
			       FLOW41_VERDICT_SYN_LOST_INSIDE;
		return flags & FLOW41_W_SYNACK_OUT ?
		       FLOW41_VERDICT_SYNACK_LEFT :
		       FLOW41_VERDICT_SYNACK_LOST_INSIDE;
	}
	if (!(flags & (FLOW41_W_SYN_IN | FLOW41_W_ACK_IN)) && flags & FLOW41_W_SYNACK_OUT)
		return FLOW41_VERDICT_NONE;	/* the client's segments go another way */
	if (!(flags & FLOW41_W_ACK_IN) && flags & FLOW41_W_ENDED)
		return FLOW41_VERDICT_NONE;	/* the client's answer was a RST */
	if (!(flags & FLOW41_W_ACK_IN))
		return flags & FLOW41_W_SYNACK_OUT ?
		       FLOW41_VERDICT_ACK_NEVER_SEEN :
		       FLOW41_VERDICT_SYNACK_LOST_INSIDE;
	return flags & FLOW41_W_ACK_OUT ? FLOW41_VERDICT_ACK_LEFT :
					  FLOW41_VERDICT_ACK_LOST_INSIDE;
}

/* All are counted. An alert is for those that say what none has said for a while. */
static void pronounce(struct flow41_net *fn, struct flow41_watch *watch,
		      enum flow41_verdict verdict)
{
	BUILD_BUG_ON(FLOW41_HANDSHAKE_ACK_LEFT !=
		     FLOW41_HANDSHAKE_SYN_LOST_INSIDE +
		     FLOW41_VERDICT_ACK_LEFT);
	BUILD_BUG_ON(FLOW41_VERDICT_ACK_LEFT >= BITS_PER_BYTE);

	watch->verdict = verdict;
	flow41_count_handshake(fn, FLOW41_HANDSHAKE_SYN_LOST_INSIDE + verdict);
	if (time_after(jiffies, watch->told_since + TELL_AGAIN))
		watch->told = 0;
	if (!watch->told)
		watch->told_since = jiffies;
	if (watch->told & BIT(verdict))
		flow41_count_handshake(fn, FLOW41_HANDSHAKE_UNTOLD);
	else
		watch->alerts++;
	watch->told |= BIT(verdict);
}

/* A SYN or SYN/ACK comes in again. */
static void repeat(struct flow41_net *fn, struct flow41_watch *watch,
		   enum kind kind)
{
	static const u8 counter[] = {
		[KIND_SYN] = FLOW41_HANDSHAKE_DUP_SYN,
		[KIND_SYNACK] = FLOW41_HANDSHAKE_DUP_SYNACK,
	};
	enum flow41_verdict verdict;

	flow41_count_handshake(fn, counter[kind]);
	/* The other end has gone on: this one is late, no more */
	if (watch->flags & FLOW41_W_COMPLETED)
		return;
	watch->repeats++;
	verdict = judge(watch, kind);
	if (verdict != FLOW41_VERDICT_NONE)
		pronounce(fn, watch, verdict);
	if (kind == KIND_SYNACK && watch->flags & FLOW41_W_ACK_FAST)
		flow41_quarantine(fn, watch);
}

static void syn_in(struct flow41_net *fn, struct flow41_watch *watch,
		   const struct flow41_segment *segment, u8 from)
{
	bool again = watch->flags & FLOW41_W_SYN_IN &&
		     !(watch->flags & FLOW41_W_ENDED) &&
		     watch->syn_seq == segment->p->tcp_seq;

	if (again) {
		note_in(watch, KIND_SYN, segment, true);
		repeat(fn, watch, KIND_SYN);
		return;
	}
	/* A new connection between the same ends; an end may be reset, and try again */
	watch->born = jiffies;
	watch->repeats = 0;
	watch->skipped = 0;
	watch->rows = 0;
	watch->told = 0;
	watch->verdict = FLOW41_VERDICT_NONE;
	watch->client = from;
	watch->syn_seq = segment->p->tcp_seq;
	flow41_watch_flag(fn, watch, FLOW41_W_USED | FLOW41_W_SYN_IN,
			  (u16)~FLOW41_W_QUARANTINED);
	flow41_count_handshake(fn, FLOW41_HANDSHAKE_SEEN);
	note_in(watch, KIND_SYN, segment, false);
}

static void synack_in(struct flow41_net *fn, struct flow41_watch *watch,
		      const struct flow41_segment *segment, u8 from)
{
	const struct flow41_packet *p = segment->p;
	bool again = watch->flags & FLOW41_W_SYNACK_IN &&
		     watch->synack_seq == p->tcp_seq;
	bool one_sided;

	/* Its SYN was not seen, or is forgotten by now. */
	if (!(watch->flags & (FLOW41_W_SYN_IN | FLOW41_W_SYNACK_IN))) {
		watch->client = !from;
		watch->syn_seq = p->tcp_ack - 1;
	}
	if (from == watch->client)
		return;
	note_in(watch, KIND_SYNACK, segment, again);
	if (again) {
		repeat(fn, watch, KIND_SYNACK);
		return;
	}
	one_sided = watch->flags & FLOW41_W_SYN_IN &&
		    watch->row[0].in == segment->ifindex;
	watch->synack_seq = p->tcp_seq;
	flow41_watch_flag(fn, watch, FLOW41_W_SYNACK_IN |
			  (one_sided ? FLOW41_W_ONE_SIDED : 0),
			  FLOW41_W_SYNACK_OUT | FLOW41_W_ACK_IN |
			  FLOW41_W_ACK_OUT | FLOW41_W_ACK_FAST |
			  FLOW41_W_ONE_SIDED);
}

/*
 * The ACK does not leave, and no SYN/ACK has been repeated for it: a server that made
 * the SYN/ACK a cookie has nothing to repeat.
 */
static void ack_overdue(struct flow41_net *fn, struct flow41_watch *watch)
{
	if (watch->flags & FLOW41_W_ACK_OUT ||
	    watch->verdict == FLOW41_VERDICT_ACK_LOST_INSIDE ||
	    time_before(jiffies, watch->acked + ACK_OVERDUE))
		return;
	pronounce(fn, watch, FLOW41_VERDICT_ACK_LOST_INSIDE);
	if (watch->flags & FLOW41_W_ACK_FAST)
		flow41_quarantine(fn, watch);
}

/*
 * Data may come with it, and often right behind: one row is enough. What is said of the
 * ACK hangs on the first one: where it went the handshake goes on, or stalls.
 */
static void ack_in(struct flow41_net *fn, struct flow41_watch *watch,
		   const struct flow41_segment *segment)
{
	bool again = watch->flags & FLOW41_W_ACK_IN;

	if (watch->flags & FLOW41_W_COMPLETED)
		return;
	if (again) {
		ack_overdue(fn, watch);
	} else {
		watch->acked = jiffies;
		watch->last = jiffies;
	}
	if (!watch->rows || watch->row[watch->rows - 1].kind != KIND_ACK)
		note_in(watch, KIND_ACK, segment, again);
	flow41_watch_flag(fn, watch, FLOW41_W_ACK_IN |
			  (segment->fast && !again ? FLOW41_W_ACK_FAST : 0), 0);
}

/* A server may speak before it has the ACK, and repeat itself: that completes nothing. */
static void go_on(struct flow41_net *fn, struct flow41_watch *watch)
{
	u16 flags = watch->flags;

	if (flags & FLOW41_W_COMPLETED || !(flags & FLOW41_W_ACK_OUT))
		return;
	flow41_count_handshake(fn, FLOW41_HANDSHAKE_COMPLETED);
	if (flags & FLOW41_W_SUSPECT) {
		flow41_watch_flag(fn, watch, FLOW41_W_HEALED, 0);
		flow41_count_handshake(fn, FLOW41_HANDSHAKE_HEALED);
	}
	watch->last = jiffies;
	flow41_watch_flag(fn, watch, FLOW41_W_COMPLETED, FLOW41_W_SUSPECT);
}

static void come_in(struct flow41_net *fn, struct flow41_watch *watch,
		    const struct flow41_segment *segment, u8 from)
{
	const struct flow41_packet *p = segment->p;

	if (segment->tunnel)
		watch->tunnel = segment->tunnel;
	switch (kind_of(watch, p, from)) {
	case KIND_SYN:
		watch->last = jiffies;
		syn_in(fn, watch, segment, from);
		break;
	case KIND_SYNACK:
		watch->last = jiffies;
		synack_in(fn, watch, segment, from);
		break;
	case KIND_ACK:
		ack_in(fn, watch, segment);
		break;
	case KIND_GOES_ON:
		go_on(fn, watch);
		break;
	case KIND_NONE:
		break;
	}
	/* A FIN that may be the first ACK has yet to leave */
	if (p->tcp_flags & TCPHDR_RST ||
	    (p->tcp_flags & TCPHDR_FIN &&
	     watch->flags & (FLOW41_W_ACK_OUT | FLOW41_W_COMPLETED)))
		flow41_watch_flag(fn, watch, FLOW41_W_ENDED, 0);
}

/* Whatever is made to stall: alerts are for people, and for a log. */
static bool may_tell(struct flow41_net *fn)
{
	struct flow41_watches *watches = &fn->watches;
	unsigned long since = READ_ONCE(watches->stalls_since);

	if (jiffies - since >= HZ &&
	    cmpxchg(&watches->stalls_since, since, jiffies) == since)
		atomic_set(&watches->stalls, 0);
	if (atomic_inc_return(&watches->stalls) <= STALLS_TOLD)
		return true;
	flow41_count_handshake(fn, FLOW41_HANDSHAKE_UNTOLD);
	return false;
}

/* Only what has happened since then is worth an alert. */
static void alert(struct flow41_net *fn, const struct flow41_watch *now,
		  u8 alerts, bool healed)
{
	if (now->flags & FLOW41_W_HEALED && !healed)
		flow41_netlink_alert(fn, FLOW41_ALERT_HEALED, now);
	else if (now->alerts != alerts)
		flow41_handshake_tell(fn, now);
}

/**
 * flow41_handshake_in() - a TCP segment comes in
 * @fn: the network namespace
 * @segment: the segment
 *
 * Context: softirq, RCU read side.
 * Return: true as long as its handshake is under way.
 */
bool flow41_handshake_in(struct flow41_net *fn,
			 const struct flow41_segment *segment)
{
	struct flow41_watch_bucket *bucket;
	struct flow41_watch *watch, copy;
	struct flow41_watch_key key;
	bool healed = false;
	u8 from, alerts = 0;

	from = flow41_watch_key(segment->p, segment->outer, &key);
	bucket = flow41_watch_bucket(fn, &key);
	if (!bucket)
		return false;
	spin_lock_bh(&bucket->lock);
	copy.flags = 0;
	watch = flow41_watch_find(bucket, &key);
	if (!watch && segment->watchable)
		watch = flow41_watch_make(fn, bucket, &key);
	if (watch) {
		alerts = watch->alerts;
		healed = watch->flags & FLOW41_W_HEALED;
		come_in(fn, watch, segment, from);
		copy = *watch;
	}
	spin_unlock_bh(&bucket->lock);

	if (watch)
		alert(fn, &copy, alerts, healed);
	return watch && !(copy.flags & (FLOW41_W_COMPLETED | FLOW41_W_ENDED));
}

/**
 * flow41_handshake_overdue() - has an ACK not left for too long, and nobody asks?
 * @fn: the network namespace
 * @watch: a handshake, its bucket locked
 *
 * Where the server speaks first, and its SYN/ACK was a cookie, nothing is repeated.
 *
 * Context: any. Return: true if there is something to be told.
 */
bool flow41_handshake_overdue(struct flow41_net *fn, struct flow41_watch *watch)
{
	u8 alerts = watch->alerts;

	if (!(watch->flags & FLOW41_W_ACK_IN) ||
	    watch->flags & (FLOW41_W_COMPLETED | FLOW41_W_ENDED) ||
	    time_before(jiffies, watch->acked + SILENCE))
		return false;
	ack_overdue(fn, watch);
	return watch->alerts != alerts;
}

/**
 * flow41_handshake_tell() - tell of a handshake that stalls
 * @fn: the network namespace
 * @watch: a copy of what is known of it
 *
 * Context: any, RCU read side.
 */
void flow41_handshake_tell(struct flow41_net *fn, const struct flow41_watch *watch)
{
	if (may_tell(fn))
		flow41_netlink_alert(fn, FLOW41_ALERT_STALLED, watch);
}

/**
 * flow41_handshake_out() - a TCP segment leaves
 * @fn: the network namespace
 * @segment: the segment
 *
 * Context: softirq, RCU read side.
 */
void flow41_handshake_out(struct flow41_net *fn,
			  const struct flow41_segment *segment)
{
	static const u16 left[] = {
		[KIND_SYN] = FLOW41_W_SYN_OUT,
		[KIND_SYNACK] = FLOW41_W_SYNACK_OUT,
		[KIND_ACK] = FLOW41_W_ACK_OUT,
	};
	struct flow41_watch_bucket *bucket;
	struct flow41_watch_key key;
	struct flow41_watch *watch;
	enum kind kind;
	u8 from;

	from = flow41_watch_key(segment->p, segment->outer, &key);
	bucket = flow41_watch_bucket(fn, &key);
	if (!bucket)
		return;
	spin_lock_bh(&bucket->lock);
	watch = flow41_watch_find(bucket, &key);
	if (!watch)
		goto unlock;
	if (segment->tunnel)
		watch->tunnel = segment->tunnel;
	kind = kind_of(watch, segment->p, from);
	if (kind < KIND_ACK ||
	    (kind == KIND_ACK && !(watch->flags & FLOW41_W_COMPLETED))) {
		flow41_watch_flag(fn, watch, left[kind] |
				  (segment->p->tcp_flags & TCPHDR_FIN ?
				   FLOW41_W_ENDED : 0), 0);
		note_out(watch, kind, segment);
	}
unlock:
	spin_unlock_bh(&bucket->lock);
}
