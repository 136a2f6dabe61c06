/* SPDX-License-Identifier: GPL-2.0 */
/* One change of the permanent state, made durable or undone: txn.c. */
#ifndef VTPM2_TXN_H
#define VTPM2_TXN_H

#include "tpm2.h"

#define VTPM2_MAX_CORE		2560	/* bytes in the record */
#define VTPM2_MAX_ORDERLY	7168
#define VTPM2_NV_RECORD		192	/* ... of an index, without its data */
#define VTPM2_FEW_RECORDS	8

/**
 * struct vtpm2_txn - a vTPM's transaction, and what its store has
 * @open: @before is the state before the command
 * @pending: an authorization has failed and the store does not know: nothing
 *	else is done before it does
 * @committing: the store is at work on it
 * @changed: something was written, or undone
 * @orderly_stored: there is a VTPM2_REC_ORDERLY
 * @orderly: SHA-256 of it
 * @core: VTPM2_REC_CORE as the store has it, and the one that is to follow
 * @core_len: their lengths
 * @core_now: which of @core the store has
 * @buf: for records, kept until the end of the transaction
 * @cap: size of @buf
 * @need: bytes of it that are spoken for
 * @few: room for most commits
 * @ses: session that the command may change; @ses_was: before it did
 * @seq: sequence that the command may change; @seq_was: before it did
 * @cmd: the command being executed, a private copy: decrypted in place (exec.c)
 * @before: what vtpm2_txn_undo() brings back
 */
struct vtpm2_txn {
	bool open;
	bool pending;
	bool committing;
	bool changed;
	bool orderly_stored;
	u8 orderly[32];
	u8 core[2][VTPM2_MAX_CORE];
	u16 core_len[2];
	u8 core_now;
	u8 *buf;
	size_t cap;
	size_t need;
	struct vtpm2_record few[VTPM2_FEW_RECORDS];
	struct vtpm2_session *ses;
	struct vtpm2_seq *seq;
	union {
		struct vtpm2_session ses_was;
		struct vtpm2_seq seq_was;
	};
	u8 cmd[VTPM2_MAX_COMMAND];
	struct vtpm2 before;
};

/* The state becomes what a store is taken to have. */
void vtpm2_txn_adopt(struct vtpm2 *t);

void vtpm2_txn_begin(struct vtpm2 *t);
/* The handler of @c is about to run: what may it change in place? */
void vtpm2_txn_watch(struct vtpm2 *t, const struct vtpm2_cmd *c);
/*
 * Make what has changed durable and close. TPM_RC_NV_UNAVAILABLE, TPM_RC_MEMORY:
 * it is not, and the transaction is still open.
 */
u32 vtpm2_txn_commit(struct vtpm2 *t);
/* Close: everything is as it was at the beginning. */
void vtpm2_txn_undo(struct vtpm2 *t);
/* Close, but the changes stay: to be committed before anything else. */
void vtpm2_txn_keep(struct vtpm2 *t);

/*
 * Is @p an object, session, NV index or primary that may have to come back?
 * Then whoever takes it out of its table does not free it.
 */
bool vtpm2_txn_holds(const struct vtpm2 *t, const void *p);
/* Room for a record of @bytes, so that its commit does not lack it. */
bool vtpm2_txn_reserve(struct vtpm2 *t, size_t bytes);

#endif
