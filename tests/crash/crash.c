// SPDX-License-Identifier: GPL-2.0
/*
 * Power cuts to a store that is given records at random, and whose disk may fail
 * besides.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cut.h"
#include "disk.h"
#include "model.h"

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
	if (vtpm_store_open(&medium, NULL, test_key, &store))
		return NULL;
	return store;
}

/* As when an older file is accepted: it is beyond all that there was. */
static int renew(struct vtpm_store *store)
{
	struct vtpm_store_status status;
	u64 generation;
	int rc;

	vtpm_store_get_status(store, &status);
	generation = status.position.generation + (1ull << 32);
	rc = vtpm_store_renew(store, generation);
	vtpm_store_get_status(store, &status);
	return rc ?: status.position.generation != generation;
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
		if (!failing && !rnd(20) && renew(store))
			printf("# cannot be renewed\n");
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
