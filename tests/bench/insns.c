// SPDX-License-Identifier: GPL-2.0
/*
 * A QEMU plugin (TCG, API version 1): where a guest's instructions go.
 *
 *	qemu-system-x86_64 -plugin insns.so,out=FILE
 *
 * Counts what is executed between two marks (mark.h), in slots. At its end QEMU
 * writes a line for each slot and block of instructions:
 *
 *	SLOT ADDRESS INSTRUCTIONS
 *
 * What a block executed counts in full for its first address; a block ends with the
 * first branch, so it lies in one function.
 */
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mark.h"

#define SLOTS		128
#define BUCKETS		65536

/* From QEMU's qemu-plugin.h, which Debian does not package */
struct qemu_plugin_tb;
struct qemu_plugin_insn;
typedef uint64_t qemu_plugin_id_t;
typedef void (*tb_trans_cb_t)(qemu_plugin_id_t id, struct qemu_plugin_tb *tb);
typedef void (*udata_cb_t)(unsigned int vcpu, void *data);
typedef void (*exit_cb_t)(qemu_plugin_id_t id, void *data);
enum { INLINE_ADD_U64 };
enum { CB_NO_REGS };

void qemu_plugin_register_vcpu_tb_trans_cb(qemu_plugin_id_t id, tb_trans_cb_t cb);
void qemu_plugin_register_vcpu_tb_exec_inline(struct qemu_plugin_tb *tb, int op,
					      void *ptr, uint64_t imm);
void qemu_plugin_register_vcpu_insn_exec_cb(struct qemu_plugin_insn *insn,
					    udata_cb_t cb, int flags, void *data);
void qemu_plugin_register_atexit_cb(qemu_plugin_id_t id, exit_cb_t cb, void *data);
size_t qemu_plugin_tb_n_insns(const struct qemu_plugin_tb *tb);
uint64_t qemu_plugin_tb_vaddr(const struct qemu_plugin_tb *tb);
struct qemu_plugin_insn *qemu_plugin_tb_get_insn(const struct qemu_plugin_tb *tb,
						 size_t i);
const void *qemu_plugin_insn_data(const struct qemu_plugin_insn *insn);
size_t qemu_plugin_insn_size(const struct qemu_plugin_insn *insn);

__attribute__((visibility("default"))) int qemu_plugin_version = 1;
__attribute__((visibility("default")))
int qemu_plugin_install(qemu_plugin_id_t id, const void *info, int argc, char **argv);

struct block {
	struct block *next;
	uint64_t address;
	size_t length;
	uint64_t now;			/* since the last mark */
	uint64_t executed[SLOTS];	/* while on */
};

static struct block *blocks[BUCKETS];
static unsigned int slot;
static FILE *out;

static struct block *block_get(uint64_t address, size_t length)
{
	struct block **bucket = &blocks[(address ^ address >> 16) % BUCKETS];
	struct block *b;

	for (b = *bucket; b; b = b->next)
		if (b->address == address && b->length == length)
			return b;
	b = calloc(1, sizeof(*b));
	if (!b)
		abort();
	b->address = address;
	b->length = length;
	b->next = *bucket;
	*bucket = b;
	return b;
}

static void take_all(bool on)
{
	struct block *b;
	size_t i;

	for (i = 0; i < BUCKETS; i++) {
		for (b = blocks[i]; b; b = b->next) {
			if (on)
				b->executed[slot] += b->now;
			b->now = 0;
		}
	}
}

static void marked(unsigned int vcpu, void *what)
{
	switch ((uintptr_t)what) {
	case MARK_ON:
		take_all(false);
		break;
	case MARK_OFF:
		take_all(true);
		break;
	case MARK_NEXT:
		slot = (slot + 1) % SLOTS;
		break;
	}
}

static void find_mark(struct qemu_plugin_insn *insn)
{
	static const uint8_t nop[] = { 0x0f, 0x1f, 0x80 };
	const uint8_t *bytes = qemu_plugin_insn_data(insn);
	uint32_t shift;

	if (qemu_plugin_insn_size(insn) != sizeof(nop) + sizeof(shift) ||
	    memcmp(bytes, nop, sizeof(nop)))
		return;
	memcpy(&shift, bytes + sizeof(nop), sizeof(shift));
	shift -= MARK;
	if (shift < MARKS)
		qemu_plugin_register_vcpu_insn_exec_cb(insn, marked, CB_NO_REGS,
						       (void *)(uintptr_t)shift);
}

static void translate(qemu_plugin_id_t id, struct qemu_plugin_tb *tb)
{
	size_t i, length = qemu_plugin_tb_n_insns(tb);
	struct block *b = block_get(qemu_plugin_tb_vaddr(tb), length);

	qemu_plugin_register_vcpu_tb_exec_inline(tb, INLINE_ADD_U64, &b->now, length);
	for (i = 0; i < length; i++)
		find_mark(qemu_plugin_tb_get_insn(tb, i));
}

static void write_out(qemu_plugin_id_t id, void *data)
{
	const struct block *b;
	size_t i, s;

	for (i = 0; i < BUCKETS; i++)
		for (b = blocks[i]; b; b = b->next)
			for (s = 1; s < SLOTS; s++)
				if (b->executed[s])
					fprintf(out, "%zu %016llx %llu\n", s,
						(unsigned long long)b->address,
						(unsigned long long)b->executed[s]);
	fclose(out);
}

int qemu_plugin_install(qemu_plugin_id_t id, const void *info, int argc, char **argv)
{
	if (argc != 1 || strncmp(argv[0], "out=", 4))
		return 1;
	out = fopen(argv[0] + 4, "w");
	if (!out)
		return 1;
	qemu_plugin_register_vcpu_tb_trans_cb(id, translate);
	qemu_plugin_register_atexit_cb(id, write_out, NULL);
	return 0;
}
