// SPDX-License-Identifier: GPL-2.0
/*
 * Power cuts: for each point between two operations of the disk, and for points
 * inside its writes, what the disk may hold then is made and opened. What was
 * written since the last flush may be there or not, in any order, each of it whole
 * or torn.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cut.h"
#include "disk.h"

static void complain(struct run *run, size_t ops, const char *how, const char *what)
{
	if (run->bad++ < 10)
		printf("# cut after %zu operations, %s: %s\n", ops, how, what);
}

/* What is recovered takes transactions, and loses none to another cut. */
static void go_on(struct run *run, size_t ops, const char *how,
		  struct disk *disk, struct vtpm_store *store)
{
	static struct change c;
	struct vtpm_medium medium = disk_medium(disk);
	struct history h;
	struct model m = {};
	size_t at, i;
	u64 state;

	vtpm_store_each(store, model_put, &m);
	history_init(&h, &m);
	model_free(&m);
	disk_record(disk);
	change_random(&c);
	if (history_commit(&h, disk, store, c.rec, c.n))
		complain(run, ops, how, "it takes no transaction then");
	if (rnd(2))
		vtpm_store_close(store);
	vtpm_store_free(store);
	store = NULL;
	if (vtpm_store_open(&medium, NULL, test_key, &store) || store_state(store, &state) ||
	    state != model_state(&h.now))
		complain(run, ops, how, "the next transaction is not there");
	vtpm_store_free(store);
	store = NULL;
	/* and the power goes again */
	at = rnd(disk->ops + 1);
	memcpy(disk->image, disk->durable, disk->size);
	for (i = 0; i < at; i++)
		if (!disk->op[i].sync)
			memcpy(disk->image + disk->op[i].pos, disk->op[i].data, disk->op[i].len);
	if (vtpm_store_open(&medium, NULL, test_key, &store) || store_state(store, &state) ||
	    !history_allows(&h, at, state))
		complain(run, ops, how, "a second cut loses it");
	vtpm_store_free(store);
	history_free(&h);
}

static void check(struct run *run, size_t ops, const char *how)
{
	struct vtpm_store *store = NULL;
	struct vtpm_medium medium;
	const char *wrong = NULL;
	struct disk disk;
	u64 state;
	int rc;

	run->cuts++;
	disk_init_from(&disk, run->work, run->disk->size);
	medium = disk_medium(&disk);
	rc = vtpm_store_open(&medium, NULL, test_key, &store);
	if (rc) {
		complain(run, ops, how, strerror(-rc));
	} else if (store_state(store, &state)) {
		complain(run, ops, how, "it cannot be read");
	} else if (!history_allows(run->history, ops, state)) {
		complain(run, ops, how, "it is in no state that it may be in");
	} else if (!history_reaches(run->history, ops, store)) {
		complain(run, ops, how, "it has come less far than was acknowledged");
	} else {
		if (run->starts && !rnd(4))
			wrong = run->starts(store, state);
		if (wrong)
			complain(run, ops, how, wrong);
		if (!rnd(4)) {
			go_on(run, ops, how, &disk, store);
			store = NULL;
		}
	}
	vtpm_store_free(store);
	disk_free(&disk);
}

static void put(struct run *run, const struct disk_op *op, size_t from, size_t to)
{
	if (to > op->len)
		to = op->len;
	if (from < to)
		memcpy(run->work + op->pos + from, op->data + from, to - from);
}

/* Some of the sectors, each whole. */
static void put_sectors(struct run *run, const struct disk_op *op)
{
	size_t at;

	for (at = 0; at < op->len; at += VTPM_SECTOR)
		if (rnd(2))
			put(run, op, at, at + VTPM_SECTOR);
}

static bool kept(struct run *run)
{
	return run->cuts < run->wanted && !rnd(run->keep);
}

/* The operations from @flushed on up to @ops are not flushed. */
static void cut(struct run *run, size_t flushed, size_t ops)
{
	const struct disk_op *op = run->disk->op;
	const struct disk_op *last = &op[ops - 1];
	const u8 *base = run->disk->durable;
	size_t size = run->disk->size, i, at;

#define CUT(how, make) do {						\
		if (kept(run)) {					\
			memcpy(run->work, base, size);			\
			make						\
			check(run, ops, how);				\
		}							\
	} while (0)
#define ALL_BUT_LAST							\
	for (i = flushed; i + 1 < ops; i++)				\
		put(run, &op[i], 0, op[i].len);

	CUT("nothing of the cache on the disk", {});
	if (ops == flushed)
		return;
	CUT("all on the disk", { ALL_BUT_LAST; put(run, last, 0, last->len); });
	CUT("only the last write", { put(run, last, 0, last->len); });
	CUT("whole writes at random",
	    for (i = flushed; i < ops; i++)
		    if (rnd(2))
			    put(run, &op[i], 0, op[i].len););
	CUT("sectors at random",
	    for (i = flushed; i < ops; i++)
		    put_sectors(run, &op[i]););
	CUT("the last write in a random order of sectors",
	    { ALL_BUT_LAST; put_sectors(run, last); });
	for (at = VTPM_SECTOR; at < last->len; at += VTPM_SECTOR) {
		CUT("torn after a sector", { ALL_BUT_LAST; put(run, last, 0, at); });
		CUT("torn before a sector", { ALL_BUT_LAST; put(run, last, at, last->len); });
	}
	for (at = 0; at < 3; at++) {
		size_t byte = rnd(last->len);

		CUT("torn at a byte", { ALL_BUT_LAST; put(run, last, 0, byte); });
		CUT("torn before a byte", { ALL_BUT_LAST; put(run, last, byte, last->len); });
	}
#undef CUT
}

void cut_everywhere(struct run *run)
{
	struct disk *disk = run->disk;
	size_t ops, flushed = 0, i;

	run->work = malloc(disk->size);
	for (ops = 0; ops <= disk->ops; ops++) {
		if (ops && disk->op[ops - 1].sync) {
			for (i = flushed; i + 1 < ops; i++)
				memcpy(disk->durable + disk->op[i].pos,
				       disk->op[i].data, disk->op[i].len);
			flushed = ops;
		}
		cut(run, flushed, ops);
	}
	free(run->work);
}
