/* SPDX-License-Identifier: GPL-2.0 */
/* What a program in the guest says to insns.c: long no-ops */
#ifndef _FLOW41_BENCH_MARK_H
#define _FLOW41_BENCH_MARK_H

#define MARK		0x46340000
#define MARK_OFF	0
#define MARK_ON		1
#define MARK_NEXT	2	/* what is counted from now on is counted apart */
#define MARKS		3

/* An instruction has its operand in it: one macro, not a function */
#ifdef __x86_64__
#define mark(what) ({						\
	asm volatile(".byte 0x0f, 0x1f, 0x80; .long %c0" ::	\
		     "i" (MARK + (what)) : "memory");		\
})
#else
#define mark(what) ((void)(what))
#endif

#endif /* _FLOW41_BENCH_MARK_H */
