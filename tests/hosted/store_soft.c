// SPDX-License-Identifier: GPL-2.0
/* A store that keeps a vTPM's records in memory, and looks what it is given. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <linux/errno.h>

#include "../../drivers/vtpm_mux/tpm2/record.h"
#include "store_soft.h"

static void broken(const char *what, const struct vtpm2_record *rec)
{
	fprintf(stderr, "store: record %u/0x%x: %s\n", rec->type, rec->id, what);
	abort();
}

static struct store_soft_record *find(const struct store_soft *store, u32 type,
				      u32 id)
{
	unsigned int i;

	for (i = 0; i < store->n; i++)
		if (store->rec[i].rec.type == type && store->rec[i].rec.id == id)
			return (struct store_soft_record *)&store->rec[i];
	return NULL;
}

static void drop(struct store_soft *store, struct store_soft_record *r)
{
	free(r->data);
	*r = store->rec[--store->n];
}

static void put(struct store_soft *store, const struct vtpm2_record *rec)
{
	struct store_soft_record *r = find(store, rec->type, rec->id);

	if (!rec->data) {
		if (!r)
			broken("deleted, and was never there", rec);
		drop(store, r);
		return;
	}
	if (!rec->len || rec->len > VTPM2_MAX_RECORD)
		broken("has a wrong length", rec);
	if (r)
		drop(store, r);
	if (store->n == VTPM2_MAX_RECORDS)
		broken("is one too many", rec);
	r = &store->rec[store->n++];
	r->rec = *rec;
	r->data = malloc(rec->len);
	memcpy(r->data, rec->data, rec->len);
	r->rec.data = r->data;
}

static int commit(void *p, const struct vtpm2_record *rec, unsigned int n)
{
	struct store_soft *store = p;
	unsigned int i, k;

	if (!n || n > VTPM2_MAX_RECORDS)
		abort();
	for (i = 0; i < n; i++)
		for (k = 0; k < i; k++)
			if (rec[i].type == rec[k].type && rec[i].id == rec[k].id)
				broken("is there twice", &rec[i]);
	if (store->fail || (store->fail_in && !--store->fail_in)) {
		store->failed++;
		return -EIO;
	}
	for (i = 0; i < n; i++)
		put(store, &rec[i]);
	store->commits++;
	return 0;
}

const struct vtpm2_store_ops store_soft_ops = { .commit = commit };

static int fill_one(void *arg, const struct vtpm2_record *rec)
{
	if (find(arg, rec->type, rec->id))
		broken("is there twice", rec);
	put(arg, rec);
	return 0;
}

void store_soft_fill(struct store_soft *store, struct vtpm2 *t)
{
	store_soft_free(store);
	vtpm2_each_record(t, fill_one, store);
}

struct vtpm2 *store_soft_restore(const struct store_soft *store,
				 const struct vtpm2_config *config,
				 const void *rest, size_t len)
{
	struct vtpm2 *t = vtpm2_restore_begin(config);
	unsigned int i;
	int ret = 0;

	if (!t)
		return NULL;
	/* the last first, for the order means nothing */
	for (i = store->n; !ret && i; i--)
		ret = vtpm2_restore_record(t, &store->rec[i - 1].rec);
	if (!ret)
		ret = vtpm2_restore_end(t);
	if (!ret && rest)
		ret = vtpm2_volatile_read(t, rest, len);
	if (!ret)
		return t;
	vtpm2_destroy(t);
	return NULL;
}

/* Has what a record is about changed since, as it may? */
static bool may_differ(struct vtpm2 *t, const struct vtpm2_record *rec)
{
	struct vtpm2_item item;
	unsigned int i;

	for (i = 0; vtpm2_item_at(t, i, &item); i++)
		if (item.type == rec->type && item.id == rec->id)
			return item.mark->change == VTPM2_CHANGED_ORDERLY;
	return false;
}

struct differs {
	const struct store_soft *store;
	struct vtpm2 *t;
	unsigned int n;
	char what[80];
};

static int differs_one(void *arg, const struct vtpm2_record *rec)
{
	struct differs *d = arg;
	const struct store_soft_record *r = find(d->store, rec->type, rec->id);

	d->n++;
	if (r && r->rec.len == rec->len && (may_differ(d->t, rec) ||
					    !memcmp(r->data, rec->data, rec->len)))
		return 0;
	snprintf(d->what, sizeof(d->what), "record %u/0x%x %s", rec->type,
		 rec->id, r ? "is not what is stored" : "is not stored");
	return 1;
}

const char *store_soft_differs(const struct store_soft *store, struct vtpm2 *t)
{
	static struct differs d;

	d = (struct differs){ .store = store, .t = t };
	if (vtpm2_each_record(t, differs_one, &d))
		return d.what;
	return d.n == store->n ? NULL : "more is stored";
}

void store_soft_copy(struct store_soft *to, const struct store_soft *from)
{
	unsigned int i;

	store_soft_free(to);
	for (i = 0; i < from->n; i++)
		put(to, &from->rec[i].rec);
}

bool store_soft_same(const struct store_soft *a, const struct store_soft *b)
{
	unsigned int i;

	for (i = 0; i < a->n; i++) {
		const struct vtpm2_record *rec = &a->rec[i].rec;
		const struct store_soft_record *r = find(b, rec->type, rec->id);

		if (!r || r->rec.len != rec->len ||
		    memcmp(r->data, rec->data, rec->len))
			return false;
	}
	return a->n == b->n;
}

void store_soft_free(struct store_soft *store)
{
	while (store->n)
		drop(store, &store->rec[0]);
}
