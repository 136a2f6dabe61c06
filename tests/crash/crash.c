// SPDX-License-Identifier: GPL-2.0
/*
 * Power cuts: a random workload is recorded, and for each point between two
 * operations of the disk, and for points inside its writes, what the disk may
 * hold then is made and opened. What was written since the last flush may be
 * there or not, in any order, each of it whole or torn.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "disk.h"
#include "model.h"

/**
 * struct run - a recorded workload, and the cuts through it
 * @disk: the operations
 * @history: the transactions
 * @work: a disk's contents
 * @cuts: made
 * @wanted: to be made, of all
 * @keep: of how many possible cuts one is made
 */
struct run {
	struct disk *disk;
	struct history *history;
	u8 *work;
	unsigned long cuts;
	unsigned long wanted;
	unsigned int keep;
	unsigned long bad;
};

static void complain(struct run *run, size_t ops, const char *how, const char *what)
{
	if (run->bad++ < 10)
		printf("# cut after %zu operations, %s: %s\n", ops, how, what);
}

/* What is recovered takes transactions, and loses none to another cut. */
static void go_on(struct run *run, size_t ops, const char *how, u64 state,
		  struct disk *disk, struct vtpm_store *store)
{
	static struct change c;
	struct vtpm_medium medium = disk_medium(disk);
	struct history h;
	struct model m = {};
	size_t at, i;
	u64 again;

	vtpm_store_each(store, model_put, &m);
	history_init(&h, &m);
	model_free(&m);
	disk_record(disk);
	change_random(&c);
	if (history_commit(&h, disk, store, c.rec, c.n)) {
		complain(run, ops, how, "it takes no transaction then");
		goto out;
	}
	if (rnd(2))
		vtpm_store_close(store);
	if (vtpm_store_open(&medium, test_key, &store) || store_state(store, &again) ||
	    again != model_state(&h.now)) {
		complain(run, ops, how, "the next transaction is not there");
		goto out;
	}
	vtpm_store_free(store);
	/* and the power goes again */
	at = rnd(disk->ops + 1);
	memcpy(disk->image, disk->durable, disk->size);
	for (i = 0; i < at; i++)
		memcpy(disk->image + disk->op[i].pos, disk->op[i].data ?: (u8 *)"",
		       disk->op[i].len);
	if (vtpm_store_open(&medium, test_key, &store) || store_state(store, &again) ||
	    !history_allows(&h, at, again))
		complain(run, ops, how, "a second cut loses it");
	vtpm_store_free(store);
out:
	history_free(&h);
	(void)state;
}

static void check(struct run *run, size_t ops, const char *how)
{
	struct vtpm_store *store = NULL;
	struct vtpm_medium medium;
	struct disk disk;
	u64 state;
	int rc;

	run->cuts++;
	disk_init_from(&disk, run->work, run->disk->size);
	medium = disk_medium(&disk);
	rc = vtpm_store_open(&medium, test_key, &store);
	if (rc) {
		complain(run, ops, how, strerror(-rc));
	} else if (store_state(store, &state)) {
		complain(run, ops, how, "it cannot be read");
	} else if (!history_allows(run->history, ops, state)) {
		complain(run, ops, how, "it is in no state that it may be in");
	} else if (!rnd(4)) {
		struct vtpm_store *old = store;

		go_on(run, ops, how, state, &disk, store);
		store = old;
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

static void cut_everywhere(struct run *run)
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

/* A failure of the disk, soon. */
static void plan_failure(struct disk *disk)
{
	disk->error = rnd(2) ? EIO : ENOSPC;
	disk->fail_bytes = rnd(2) ? 0 : rnd(2048);
	if (rnd(2))
		disk->fail_write = 1 + rnd(4);
	else
		disk->fail_sync = 1 + rnd(3);
}

static struct vtpm_store *reopen(struct disk *disk, struct vtpm_store *store, bool close)
{
	struct vtpm_medium medium = disk_medium(disk);

	if (close)
		vtpm_store_close(store);
	vtpm_store_free(store);
	if (vtpm_store_open(&medium, test_key, &store))
		return NULL;
	return store;
}

/* Records a workload. False: the store failed in the middle of it. */
static bool work(struct disk *disk, struct history *h, unsigned int commits, bool failing)
{
	static struct change c;
	struct vtpm_medium medium = disk_medium(disk);
	struct vtpm_store *store;
	struct model none = {};
	u64 state;

	if (vtpm_store_make(&medium, &test_identity, TEST_AREA_SIZE, test_key, &store))
		return false;
	disk_record(disk);
	history_init(h, &none);
	while (commits-- && store) {
		change_random(&c);
		if (failing && !rnd(6))
			plan_failure(disk);
		history_commit(h, disk, store, c.rec, c.n);
		disk->fail_write = 0;
		disk->fail_sync = 0;
		if (!failing && !rnd(20))
			store = reopen(disk, store, rnd(2));
		if (store && (store_state(store, &state) || state != model_state(&h->now))) {
			printf("# not what was acknowledged\n");
			vtpm_store_free(store);
			store = NULL;
		}
	}
	if (!store)
		return false;
	vtpm_store_free(store);
	return true;
}

static void many_cuts(const char *name, bool failing, unsigned long wanted)
{
	unsigned int keep = wanted < 3000 ? 12 : 1;
	unsigned long cuts = 0, bad = 0;
	unsigned int runs = 0;
	bool worked = true;

	while (cuts < wanted && worked && !bad) {
		struct disk disk;
		struct history h;
		struct run run = {
			.disk = &disk, .history = &h, .wanted = wanted - cuts,
			.keep = keep,
		};

		disk_init(&disk);
		rnd_seed(++runs + 1000 * failing);
		worked = work(&disk, &h, 50, failing);
		if (worked)
			cut_everywhere(&run);
		cuts += run.cuts;
		bad += run.bad;
		history_free(&h);
		disk_free(&disk);
	}
	tap(worked && !bad && cuts >= wanted, "%s: %lu cuts through %u workloads, %lu bad",
	    name, cuts, runs, bad);
}

int main(void)
{
	unsigned long wanted = wanted_cuts();

	setvbuf(stdout, NULL, _IOLBF, 0);
	many_cuts("power cuts", false, wanted * 6 / 10);
	many_cuts("power cuts between and after failures of the disk", true,
		  wanted - wanted * 6 / 10);
	return tap_end();
}
