/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a store must hold: the state after each transaction, as a number, and
 * when the transaction was begun and acknowledged.
 */
#ifndef CRASH_MODEL_H
#define CRASH_MODEL_H

#include <linux/types.h>

#include "disk.h"

/* Records, as digests. */
struct model {
	struct model_record {
		u32 type;
		u32 id;
		u64 digest;
	} *rec;
	unsigned int count;
};

/* A number that says which records, with which bytes, there are. */
u64 model_state(const struct model *m);
void model_apply(struct model *m, const struct vtpm2_record *rec, unsigned int n);
struct model model_copy(const struct model *m);
void model_free(struct model *m);
/* A vtpm_record_fn; @arg is the struct model. */
int model_put(void *arg, const struct vtpm2_record *rec);

/**
 * struct attempt - a transaction
 * @begin: operations of the disk before it
 * @end: and when it was acknowledged, or refused
 * @after: the state with it
 * @ok: acknowledged
 * @reached: how far the file had come then
 */
struct attempt {
	size_t begin;
	size_t end;
	u64 after;
	bool ok;
	struct vtpm_position reached;
};

/**
 * struct history - all of them
 * @start: the state before the first
 * @attempt: they
 * @count: their number
 * @now: the records, as acknowledged
 */
struct history {
	u64 start;
	struct attempt *attempt;
	unsigned int count;
	unsigned int cap;
	struct model now;
};

void history_init(struct history *h, const struct model *m);
void history_free(struct history *h);
/* Commit to @store, and remember. */
int history_commit(struct history *h, struct disk *disk, struct vtpm_store *store,
		   const struct vtpm2_record *rec, unsigned int n);
/* May @state be what there is after the disk's first @ops operations? */
bool history_allows(const struct history *h, size_t ops, u64 state);
/* And may the file have come no further than this? */
bool history_reaches(const struct history *h, size_t ops, const struct vtpm_store *store);

/* The file of a vTPM for tests. */
extern const struct vtpm_store_identity test_identity;
extern const u8 test_key[VTPM_STATE_KEY_SIZE];
#define TEST_AREA_SIZE	(128 * 1024)

/* Everything in the store, as a state. */
int store_state(struct vtpm_store *store, u64 *state);

/**
 * struct change - records for a transaction, with their bytes
 * @rec: they
 * @n: their number
 * @buf: the bytes
 */
struct change {
	struct vtpm2_record rec[8];
	unsigned int n;
	u8 buf[8 * VTPM2_MAX_RECORD];
};

/* At random, of a set that fits TEST_AREA_SIZE. */
void change_random(struct change *c);

/* TAP */
void tap(bool ok, const char *fmt, ...) __printf(2, 3);
int tap_end(void);
unsigned long wanted_cuts(void);

#endif
