// SPDX-License-Identifier: GPL-2.0
/*
 * Power cuts to the host's ledger and the chip's counter: whenever the power goes,
 * what is on the disk is accepted, says what was acknowledged, and goes on. Copies
 * of before are refused.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <linux/unaligned.h>

#include "../../drivers/vtpm_mux/ledger.h"
#include "disk.h"
#include "model.h"

#define VTPMS	150	/* more than a page of the ledger has */
#define EVENTS	4096

/* The chip, and when its counter was incremented. */
static struct chip {
	u64 value;
	u64 first;
	struct disk *disk;
	size_t at[EVENTS];
	unsigned int count;
	bool fail_read, fail_before, fail_after;
} chip;

static int chip_read(void *arg, u64 *value)
{
	*value = chip.value;
	return chip.fail_read ? -EIO : 0;
}

/* With @fail_after it is done, and the response is lost. */
static int chip_increment(void *arg)
{
	if (chip.fail_before)
		return -EIO;
	chip.value++;
	if (chip.disk && chip.count < EVENTS)
		chip.at[chip.count++] = chip.disk->ops;
	return chip.fail_after ? -EIO : 0;
}

static const struct vtpm_ledger_counter counter = {
	.read = chip_read,
	.increment = chip_increment,
};

static const u8 auth[VTPM_LEDGER_AUTH_SIZE] = "the counter's authorization";

static void uuid_of(unsigned int n, u8 *uuid)
{
	memcpy(uuid, "a vTPM's UUID ..", 16);
	put_unaligned_le16(n, uuid + 14);
}

/* What the ledger says, as a number. */
static u64 ledger_state(const struct vtpm_ledger *l)
{
	struct vtpm_ledger_status status;
	u64 state = 0;
	unsigned int n;

	for (n = 0; n < VTPMS; n++) {
		struct vtpm_position floor;
		u8 uuid[16];
		int i;

		uuid_of(n, uuid);
		i = vtpm_ledger_find(l, uuid);
		if (i < 0)
			continue;
		floor = vtpm_ledger_floor(l, i);
		state = (state + n + 1) * 0x9e3779b97f4a7c15ull;
		state = (state ^ floor.generation) * 0xbf58476d1ce4e5b9ull + floor.seq;
	}
	vtpm_ledger_get_status(l, &status);
	return state ^ ((u64)status.accepted << 48) ^ ((u64)status.entries << 32);
}

static void change_ledger(struct vtpm_ledger *l)
{
	unsigned int n = rnd(VTPMS);
	struct vtpm_position floor = { .seq = rnd(1000) };
	u8 uuid[16];
	int i;

	uuid_of(n, uuid);
	i = vtpm_ledger_find(l, uuid);
	if (i < 0) {
		floor.generation = 1 + rnd(5);
		vtpm_ledger_add(l, uuid, uuid, &floor);
	} else if (!rnd(8)) {
		vtpm_ledger_remove(l, i);
	} else {
		floor.generation = vtpm_ledger_floor(l, i).generation + rnd(2);
		vtpm_ledger_raise(l, i, &floor);
		if (!rnd(8))
			vtpm_ledger_count_accepted(l);
	}
}

static void remember(struct history *h, const struct attempt *a)
{
	if (h->count == h->cap) {
		h->cap = h->cap ? h->cap * 2 : 64;
		h->attempt = realloc(h->attempt, h->cap * sizeof(*a));
	}
	h->attempt[h->count++] = *a;
}

/* Writes what has changed, or anchors it. */
static int settle(struct vtpm_ledger *l, struct disk *disk, struct history *h, bool anchor)
{
	struct attempt a = { .begin = disk->ops, .after = ledger_state(l) };
	int rc = anchor ? vtpm_ledger_anchor(l, &counter) : vtpm_ledger_write(l);

	a.end = disk->ops;
	a.ok = !rc;
	remember(h, &a);
	return rc;
}

/* -errno, or the ledger that is on the disk, and fits the counter. */
static int open_ledger(struct disk *disk, struct vtpm_store **store, struct vtpm_ledger **l)
{
	struct vtpm_medium medium = disk_medium(disk);
	int rc = vtpm_store_open(&medium, NULL, test_key, store);

	if (rc)
		return rc;
	rc = vtpm_ledger_load(*store, l);
	if (rc)
		goto err_store;
	rc = vtpm_ledger_check(*l, &counter);
	if (!rc)
		return 0;
	vtpm_ledger_free(*l);
err_store:
	vtpm_store_free(*store);
	return rc;
}

static void end_ledger(struct vtpm_store *store, struct vtpm_ledger *l, bool close)
{
	vtpm_ledger_free(l);
	if (close)
		vtpm_store_close(store);
	vtpm_store_free(store);
}

/* An image and what the counter was when it was on the disk. */
struct copy {
	u8 *image;
	u64 value;
};

/**
 * struct work - a workload, recorded
 * @disk: with what was written and flushed
 * @h: what was acknowledged when
 * @copy: made after each time that it was anchored
 * @copies: their number
 */
struct work {
	struct disk disk;
	struct history h;
	struct copy copy[EVENTS];
	unsigned int copies;
};

static void keep_copy(struct work *w)
{
	struct copy *c = &w->copy[w->copies++];

	c->image = malloc(w->disk.size);
	memcpy(c->image, w->disk.image, w->disk.size);
	c->value = chip.value;
}

/* One round: some changes, made durable or anchored, a chip that fails at times. */
static void work_round(struct work *w, struct vtpm_store **store, struct vtpm_ledger **l)
{
	unsigned int n = 1 + rnd(4);
	bool anchor = !rnd(3);

	while (n--)
		change_ledger(*l);
	chip.fail_read = !rnd(20);
	chip.fail_before = !rnd(12);
	chip.fail_after = !rnd(12);
	if (!settle(*l, &w->disk, &w->h, anchor) && anchor)
		keep_copy(w);
	chip.fail_read = chip.fail_before = chip.fail_after = false;
	if (!rnd(12)) {
		/* What is not written is lost; what is, is to be accepted. */
		end_ledger(*store, *l, rnd(2));
		if (open_ledger(&w->disk, store, l)) {
			printf("# refused when it was opened again\n");
			exit(1);
		}
	}
}

static void work(struct work *w, unsigned int rounds)
{
	struct vtpm_medium medium = disk_medium(&w->disk);
	struct model none = {};
	struct vtpm_ledger *l;
	struct vtpm_store *store;

	if (vtpm_store_make(&medium, &test_identity, TEST_AREA_SIZE, test_key, &store) ||
	    vtpm_ledger_make(store, auth, &l) || vtpm_ledger_anchor(l, &counter))
		abort();
	disk_record(&w->disk);
	history_init(&w->h, &none);
	w->h.start = ledger_state(l);
	chip.disk = &w->disk;
	chip.first = chip.value;
	chip.count = 0;
	while (rounds--)
		work_round(w, &store, &l);
	/* The last is a copy too: the newest. */
	while (settle(l, &w->disk, &w->h, true))
		;
	keep_copy(w);
	chip.disk = NULL;
	end_ledger(store, l, false);
}

/* What may be there after @ops operations, the last flush before them at @flushed. */
static void put_unflushed(const struct disk *disk, u8 *image, size_t flushed, size_t ops,
			  unsigned int how)
{
	size_t i, at, len;

	for (i = flushed; i < ops; i++) {
		const struct disk_op *op = &disk->op[i];

		for (at = 0; at < op->len; at += VTPM_SECTOR) {
			len = op->len - at < VTPM_SECTOR ? op->len - at : VTPM_SECTOR;
			if (how == 3)
				len = rnd(len + 1);
			if (how == 1 || (how > 1 && rnd(2)))
				memcpy(image + op->pos + at, op->data + at, len);
		}
	}
}

static const char *check_image(struct work *w, const u8 *image, size_t ops)
{
	struct vtpm_ledger *l;
	struct vtpm_store *store;
	struct disk disk;
	struct vtpm_ledger_status status;
	const char *wrong = NULL;
	u64 state;

	disk_init_from(&disk, image, w->disk.size);
	if (open_ledger(&disk, &store, &l)) {
		wrong = "refused";
	} else {
		vtpm_ledger_get_status(l, &status);
		if (!history_allows(&w->h, ops, ledger_state(l)))
			wrong = "not what was acknowledged";
		else if (status.counter != chip.value)
			wrong = "the one before would be accepted, too";
		change_ledger(l);
		state = ledger_state(l);
		if (vtpm_ledger_anchor(l, &counter))
			wrong = "it cannot be anchored then";
		end_ledger(store, l, false);
		if (open_ledger(&disk, &store, &l)) {
			wrong = "refused after it was anchored again";
		} else {
			if (ledger_state(l) != state)
				wrong = "another one after it was anchored again";
			end_ledger(store, l, false);
		}
	}
	disk_free(&disk);
	return wrong;
}

/* Before and after an increment that came at this point. */
static unsigned int cut(struct work *w, u8 *image, const u8 *durable, size_t flushed,
			size_t ops, unsigned int *cuts)
{
	unsigned int how, before = 0, after = 0, bad = 0, i, n;

	for (i = 0; i < chip.count; i++) {
		before += chip.at[i] < ops;
		after += chip.at[i] <= ops;
	}
	for (how = 0; how < 4; how++) {
		memcpy(image, durable, w->disk.size);
		put_unflushed(&w->disk, image, flushed, ops, how);
		for (n = before; n <= after; n++, ++*cuts) {
			const char *wrong;

			chip.value = chip.first + n;
			wrong = check_image(w, image, ops);
			if (wrong && bad++ < 10)
				printf("# cut after %zu operations, %u: %s\n", ops, how, wrong);
		}
	}
	return bad;
}

static void test_cuts(struct work *w, unsigned int *cuts)
{
	u8 *image = malloc(w->disk.size), *durable = w->disk.durable;
	size_t ops, flushed = 0, i;
	unsigned int bad = 0;

	for (ops = 0; ops <= w->disk.ops; ops++) {
		if (ops && w->disk.op[ops - 1].sync) {
			for (i = flushed; i + 1 < ops; i++)
				memcpy(durable + w->disk.op[i].pos, w->disk.op[i].data,
				       w->disk.op[i].len);
			flushed = ops;
		}
		bad += cut(w, image, durable, flushed, ops, cuts);
	}
	free(image);
	tap(!bad && *cuts > 100, "%u power cuts, %u bad", *cuts, bad);
}

/* Of all the copies only the newest is accepted. */
static void test_copies(struct work *w)
{
	unsigned int i, bad = 0, refused = 0;
	struct vtpm_ledger *l;
	struct vtpm_store *store;
	u64 now = w->copy[w->copies - 1].value;

	for (i = 0; i < w->copies; i++) {
		struct disk disk;
		int rc;

		chip.value = now;
		disk_init_from(&disk, w->copy[i].image, w->disk.size);
		rc = open_ledger(&disk, &store, &l);
		if (!rc)
			end_ledger(store, l, false);
		disk_free(&disk);
		refused += rc == -ESTALE;
		bad += rc != (i + 1 < w->copies ? -ESTALE : 0);
	}
	tap(!bad && refused, "%u copies of before are refused, %u wrongly", refused, bad);
	chip.value = w->copy[0].value - 3;
	w->disk.recording = false;
	memcpy(w->disk.image, w->copy[0].image, w->disk.size);
	tap(open_ledger(&w->disk, &store, &l) == -EXDEV,
	    "a counter that is far behind is another one");
}

/* One that is nowhere but in memory. */
static struct vtpm_ledger *empty_ledger(void)
{
	struct vtpm_ledger *l;

	if (vtpm_ledger_make(NULL, auth, &l))
		abort();
	return l;
}

static void test_floor(void)
{
	const struct vtpm_position low = { 3, 9 }, mid = { 4, 2 }, high = { 4, 3 };
	struct vtpm_position floor;
	struct vtpm_ledger *l = empty_ledger();
	u8 uuid[16], other[16];
	bool ok = true;
	int i;

	uuid_of(0, uuid);
	i = vtpm_ledger_add(l, uuid, uuid, &mid);
	vtpm_ledger_raise(l, i, &low);
	floor = vtpm_ledger_floor(l, i);
	ok &= floor.generation == 4 && floor.seq == 2;
	vtpm_ledger_raise(l, i, &high);
	floor = vtpm_ledger_floor(l, i);
	ok &= floor.generation == 4 && floor.seq == 3;
	tap(ok, "what was reached is raised, and never lowered");
	uuid_of(1, other);
	i = vtpm_ledger_add(l, other, uuid, &low);
	tap(i >= 0 && vtpm_ledger_find(l, other) == i && vtpm_ledger_find(l, uuid) == -ESRCH,
	    "another file of the same vTPM takes its place");
	vtpm_ledger_free(l);
}

/* All of them, each once, wherever one has gone. */
static void test_list(void)
{
	static const u8 nobody[16];
	struct vtpm_position floor = { .generation = 1 };
	unsigned int n, listed = 0, from = 0;
	struct vtpm_ledger *l = empty_ledger();
	u8 uuid[16], found[16];
	bool ok = true;
	int i;

	ok &= vtpm_ledger_next(l, 0, found) == -ENOENT;
	for (n = 0; n < 3 * VTPM_LEDGER_PAGE; n++) {
		uuid_of(n, uuid);
		vtpm_ledger_add(l, uuid, uuid, &floor);
	}
	for (n = 0; n < 3 * VTPM_LEDGER_PAGE; n++) {
		uuid_of(n, uuid);
		/* A whole page of them, and every third. */
		if (n / VTPM_LEDGER_PAGE == 1 || !(n % 3))
			vtpm_ledger_remove(l, vtpm_ledger_find_vtpm(l, uuid));
	}
	while ((i = vtpm_ledger_next(l, from, found)) >= 0) {
		uuid_of(i, uuid);
		ok &= (unsigned int)i >= from && !memcmp(uuid, found, sizeof(uuid));
		ok &= i / VTPM_LEDGER_PAGE != 1 && i % 3;
		from = i + 1;
		listed++;
	}
	ok &= vtpm_ledger_find_vtpm(l, nobody) == -ESRCH;
	ok &= vtpm_ledger_next(l, VTPM_LEDGER_MAX, found) == -ENOENT;
	ok &= vtpm_ledger_next(l, -1, found) == -ENOENT;
	tap(ok && listed == 85, "what is in the ledger is listed: %u vTPMs", listed);
	vtpm_ledger_free(l);
}

static void test_full(void)
{
	struct vtpm_position floor = { .generation = 1 };
	struct vtpm_ledger *l = empty_ledger();
	unsigned int n;
	u8 uuid[16];
	bool ok = true;

	for (n = 0; n < VTPM_LEDGER_MAX; n++) {
		uuid_of(n, uuid);
		ok &= vtpm_ledger_add(l, uuid, uuid, &floor) >= 0;
	}
	uuid_of(n, uuid);
	ok &= vtpm_ledger_add(l, uuid, uuid, &floor) == -ENOSPC;
	uuid_of(77, uuid);
	vtpm_ledger_remove(l, vtpm_ledger_find(l, uuid));
	ok &= vtpm_ledger_find(l, uuid) == -ESRCH;
	uuid_of(n, uuid);
	ok &= vtpm_ledger_add(l, uuid, uuid, &floor) == 77;
	tap(ok, "room for %u vTPMs, and no more", VTPM_LEDGER_MAX);
	vtpm_ledger_free(l);
}

int main(void)
{
	static struct work w;
	unsigned int cuts = 0, i;

	setvbuf(stdout, NULL, _IOLBF, 0);
	rnd_seed(11);
	chip.value = 41;
	disk_init(&w.disk);
	work(&w, wanted_cuts() < 3000 ? 60 : 600);
	test_cuts(&w, &cuts);
	test_copies(&w);
	for (i = 0; i < w.copies; i++)
		free(w.copy[i].image);
	history_free(&w.h);
	disk_free(&w.disk);
	test_floor();
	test_list();
	test_full();
	return tap_end();
}
