// SPDX-License-Identifier: GPL-2.0
/*
 * Memory that cannot be had and disks that fail, at every place in turn: the
 * caller hears of it, nothing leaks, what was acknowledged stays readable, and
 * once the fault is over everything goes on.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <linux/slab.h>

#include "disk.h"
#include "model.h"

/* Enough commits that the journal is full once. */
#define COMMITS	150

enum fault { FAULT_MEMORY, FAULT_READ, FAULT_WRITE, FAULT_SYNC, FAULTS };

static const char * const fault_names[] = {
	[FAULT_MEMORY] = "memory", [FAULT_READ] = "read", [FAULT_WRITE] = "write",
	[FAULT_SYNC] = "flush",
};

static void arm(struct disk *disk, enum fault fault, unsigned long in)
{
	hosted_alloc.fail_in = fault == FAULT_MEMORY ? in : 0;
	disk->fail_read = fault == FAULT_READ ? in : 0;
	disk->fail_write = fault == FAULT_WRITE ? in : 0;
	disk->fail_sync = fault == FAULT_SYNC ? in : 0;
}

/* Did it happen? */
static bool went_off(const struct disk *disk, enum fault fault)
{
	switch (fault) {
	case FAULT_MEMORY:
		return !hosted_alloc.fail_in;
	case FAULT_READ:
		return !disk->fail_read;
	case FAULT_WRITE:
		return !disk->fail_write;
	default:
		return !disk->fail_sync;
	}
}

static int make(struct disk *disk, struct vtpm_store **store)
{
	struct vtpm_medium medium = disk_medium(disk);

	return vtpm_store_make(&medium, &test_identity, TEST_AREA_SIZE, test_key, store);
}

static int open_again(struct disk *disk, struct vtpm_store **store)
{
	struct vtpm_medium medium = disk_medium(disk);

	return vtpm_store_open(&medium, NULL, test_key, store);
}

/* The n-th of them fails while a file is made; false when there are fewer. */
static bool fail_make(enum fault fault, unsigned long in, int error, bool *ok)
{
	long live = hosted_alloc.live;
	struct vtpm_store *store;
	struct disk disk;
	bool done;
	int rc;

	disk_init(&disk);
	disk.error = error;
	arm(&disk, fault, in);
	rc = make(&disk, &store);
	done = went_off(&disk, fault);
	arm(&disk, fault, 0);
	if (done != (rc == -error))
		*ok = false;
	if (!rc)
		vtpm_store_free(store);
	if (hosted_alloc.live != live)
		*ok = false;
	disk_free(&disk);
	return done;
}

/* The same, while the transactions are written, one file for all. */
static bool fail_commit(enum fault fault, unsigned long in, int error, bool *ok)
{
	static struct change c;
	struct vtpm_store *store;
	struct model none = {};
	struct history h;
	struct disk disk;
	bool failed = false;
	unsigned int i;
	u64 state;
	int rc = 0;

	rnd_seed(3);
	disk_init(&disk);
	disk.error = error;
	if (make(&disk, &store))
		abort();
	history_init(&h, &none);
	disk_record(&disk);
	for (i = 0; i < COMMITS && *ok; i++) {
		change_random(&c);
		if (!failed)
			arm(&disk, fault, in);
		rc = history_commit(&h, &disk, store, c.rec, c.n);
		in = fault == FAULT_MEMORY ? hosted_alloc.fail_in :
		     fault == FAULT_READ ? disk.fail_read :
		     fault == FAULT_WRITE ? disk.fail_write : disk.fail_sync;
		arm(&disk, fault, 0);
		if (rc != (in || failed ? 0 : -error)) {
			printf("# %s, commit %u: %d\n", fault_names[fault], i, rc);
			*ok = false;
		}
		failed |= !in;
		if (store_state(store, &state) || state != model_state(&h.now)) {
			printf("# %s, commit %u: not what was acknowledged\n",
			       fault_names[fault], i);
			*ok = false;
		}
	}
	/* Not what was refused, either, once it is closed. */
	vtpm_store_close(store);
	vtpm_store_free(store);
	if (open_again(&disk, &store) || store_state(store, &state) ||
	    state != model_state(&h.now)) {
		printf("# %s: another state when it is opened\n", fault_names[fault]);
		*ok = false;
	}
	vtpm_store_free(store);
	history_free(&h);
	disk_free(&disk);
	return failed;
}

static int each_of_change(void *source, vtpm_record_fn fn, void *arg)
{
	const struct change *c = source;
	unsigned int i;
	int rc = 0;

	for (i = 0; i < c->n && !rc; i++)
		if (c->rec[i].data)
			rc = fn(arg, &c->rec[i]);
	return rc;
}

/* Is this what there is, now, and (@again) once it was closed and opened? */
static bool has_state(struct disk *disk, struct vtpm_store **store, u64 want, bool again)
{
	u64 state;

	if (again) {
		vtpm_store_close(*store);
		vtpm_store_free(*store);
		*store = NULL;
		if (open_again(disk, store))
			return false;
	}
	return !store_state(*store, &state) && state == want;
}

/*
 * All records are to be replaced by others, and the n-th of something fails: they
 * have been, or have not, whatever comes after it.
 */
static bool fail_replace(enum fault fault, unsigned long in, int error, bool commit,
			 bool *ok)
{
	static struct change c, other;
	struct model none = {}, replaced = {};
	struct vtpm_store *store;
	struct history h;
	struct disk disk;
	unsigned int i;
	bool done;
	int rc;

	rnd_seed(5);
	disk_init(&disk);
	disk.error = error;
	if (make(&disk, &store))
		abort();
	history_init(&h, &none);
	for (i = 0; i < 5; i++) {
		change_random(&c);
		if (history_commit(&h, &disk, store, c.rec, c.n))
			abort();
	}
	change_random(&other);
	arm(&disk, fault, in);
	rc = vtpm_store_replace(store, each_of_change, &other);
	done = went_off(&disk, fault);
	arm(&disk, fault, 0);
	for (i = 0; i < other.n; i++)
		if (other.rec[i].data)
			model_apply(&replaced, &other.rec[i], 1);
	if (!rc) {
		model_free(&h.now);
		h.now = replaced;
	}
	*ok = (!rc || (rc == -error && done)) &&
	      has_state(&disk, &store, model_state(&h.now), false);
	change_random(&c);
	if (*ok && commit)
		*ok = !history_commit(&h, &disk, store, c.rec, c.n);
	*ok = *ok && has_state(&disk, &store, model_state(&h.now), true);
	if (!*ok)
		printf("# %s %lu: %d, %s\n", fault_names[fault], in, rc,
		       commit ? "then a commit" : "then closed");
	if (rc)
		model_free(&replaced);
	vtpm_store_free(store);
	history_free(&h);
	disk_free(&disk);
	return done;
}

static bool fail_open(const struct disk *file, enum fault fault, unsigned long in,
		      int error, u64 want, bool *ok)
{
	long live = hosted_alloc.live;
	struct vtpm_store *store = NULL;
	struct disk disk;
	u64 state;
	bool done;
	int rc;

	disk_init_from(&disk, file->image, file->size);
	disk.error = error;
	arm(&disk, fault, in);
	rc = open_again(&disk, &store);
	if (!rc)
		rc = store_state(store, &state);
	done = went_off(&disk, fault);
	arm(&disk, fault, 0);
	if (done != (rc == -error) || (!rc && state != want) || disk.writes)
		*ok = false;
	vtpm_store_free(store);
	if (hosted_alloc.live != live)
		*ok = false;
	disk_free(&disk);
	return done;
}

static void test_make(void)
{
	enum fault fault;
	unsigned long n;

	for (fault = 0; fault < FAULTS; fault++) {
		int error = fault == FAULT_MEMORY ? ENOMEM : ENOSPC;
		bool ok = true;

		for (n = 1; ok && fail_make(fault, n, error, &ok); n++)
			;
		tap(ok && (n > 1 || fault == FAULT_READ), "making a file: %lu failures of %s",
		    n - 1, fault_names[fault]);
	}
}

static void test_commit(void)
{
	unsigned long step = wanted_cuts() < 3000 ? 5 : 1, n, failures;
	enum fault fault;

	for (fault = 0; fault < FAULTS; fault++) {
		int error = fault == FAULT_MEMORY ? ENOMEM : EIO;
		bool ok = true;

		for (n = 1, failures = 0; ok && fail_commit(fault, n, error, &ok); n += step)
			failures++;
		tap(ok && failures, "committing: %lu failures of %s", failures,
		    fault_names[fault]);
	}
}

static void test_replace(void)
{
	enum fault fault;
	unsigned long n;

	for (fault = 0; fault < FAULTS; fault++) {
		int error = fault == FAULT_MEMORY ? ENOMEM : EIO;
		bool ok = true, more = true;

		for (n = 1; ok && more; n++) {
			more = fail_replace(fault, n, error, false, &ok);
			if (ok)
				fail_replace(fault, n, error, true, &ok);
		}
		tap(ok, "replacing all: %lu failures of %s", n - 2, fault_names[fault]);
	}
}

static void test_open(void)
{
	static struct change c;
	struct vtpm_store *store;
	struct model none = {};
	struct history h;
	struct disk disk;
	enum fault fault;
	unsigned long n;
	u32 i;

	disk_init(&disk);
	if (make(&disk, &store))
		abort();
	history_init(&h, &none);
	for (i = 0; i < 10; i++) {
		change_random(&c);
		history_commit(&h, &disk, store, c.rec, c.n);
	}
	vtpm_store_close(store);
	vtpm_store_free(store);
	for (fault = 0; fault < FAULT_WRITE; fault++) {
		int error = fault == FAULT_MEMORY ? ENOMEM : EIO;
		bool ok = true;

		for (n = 1; ok && fail_open(&disk, fault, n, error,
					    model_state(&h.now), &ok); n++)
			;
		tap(ok && n > 1, "opening: %lu failures of %s", n - 1, fault_names[fault]);
	}
	history_free(&h);
	disk_free(&disk);
}

/* For as long as it lasts nothing is acknowledged; then everything is again. */
static void test_lasting(void)
{
	static struct change c;
	struct vtpm_store *store;
	struct model none = {};
	enum fault fault;

	for (fault = FAULT_READ; fault < FAULTS; fault++) {
		struct history h;
		struct disk disk;
		bool ok = true;
		u64 state;
		u32 i;

		disk_init(&disk);
		if (make(&disk, &store))
			abort();
		history_init(&h, &none);
		for (i = 0; i < 200; i++) {
			bool bad = i / 10 % 2;

			change_random(&c);
			disk.error = ENOSPC;
			disk.for_ever = true;
			arm(&disk, fault, bad);
			if (history_commit(&h, &disk, store, c.rec, c.n) && !bad)
				ok = false;
			arm(&disk, fault, 0);
			ok &= !store_state(store, &state) && state == model_state(&h.now);
		}
		vtpm_store_free(store);
		ok &= !open_again(&disk, &store) && !store_state(store, &state) &&
		      state == model_state(&h.now);
		vtpm_store_free(store);
		tap(ok, "a %s that fails for a while", fault_names[fault]);
		history_free(&h);
		disk_free(&disk);
	}
}

static void test_limits(void)
{
	static u8 data[VTPM2_MAX_RECORD + 1];
	struct vtpm2_record rec = { VTPM2_REC_NV, 0, data, sizeof(data) };
	struct vtpm_store *store;
	struct disk disk;
	struct model m = {};
	u64 state;
	int rc = 0;

	disk_init(&disk);
	if (make(&disk, &store))
		abort();
	tap(vtpm_store_commit(store, &rec, 1) == -EMSGSIZE, "a record that is too large");
	rec.len = VTPM2_MAX_RECORD;
	for (rec.id = 1; !rc && rec.id < 100; rec.id++) {
		data[0] = rec.id;
		rc = vtpm_store_commit(store, &rec, 1);
		if (!rc)
			model_apply(&m, &rec, 1);
	}
	tap(rc == -ENOSPC && !store_state(store, &state) && state == model_state(&m),
	    "more than an area holds: -ENOSPC after %u records of %u bytes", m.count, rec.len);
	rec.id = 1;
	rec.data = NULL;
	rc = vtpm_store_commit(store, &rec, 1);
	model_apply(&m, &rec, 1);
	tap(!rc && !store_state(store, &state) && state == model_state(&m),
	    "deleting makes room");
	vtpm_store_free(store);
	model_free(&m);
	disk_free(&disk);
}

int main(void)
{
	setvbuf(stdout, NULL, _IOLBF, 0);
	test_make();
	test_commit();
	test_replace();
	test_open();
	test_lasting();
	test_limits();
	return tap_end();
}
