// SPDX-License-Identifier: GPL-2.0
/*
 * The store: keeps the records of one vTPM in a file, through power cuts.
 *
 *	       area 0				     area 1
 *	generation 1: snapshot, journal ... full
 *				   ------------> generation 2: snapshot, journal
 *	(head cleared)						...
 *	generation 3 <-----------------------------------------	full
 *
 * A transaction is one write and one flush in the journal. When that is full,
 * or when a write or a flush has failed and nobody knows what is on the disk, a
 * new generation is begun in the other area: the records are copied there and
 * flushed, and only then is it the one in use. So there is always one area of
 * which every byte that counts is durable, and nothing of it is written again.
 * Documentation/state-file.rst has the argument in full.
 */
#include <linux/err.h>
#include <linux/minmax.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "store.h"
#include "store_area.h"

/**
 * struct vtpm_store - an open state file
 * @medium: it
 * @uuid: of the vTPM
 * @key: the state key
 * @area: in use
 * @index: where the records in it are
 * @newest: highest generation ever begun
 * @appendable: nothing but what we have seen succeed is in the area
 * @refused: what we have said is not in it may be
 * @commits: that have succeeded
 */
struct vtpm_store {
	struct vtpm_medium medium;
	u8 uuid[16];
	u8 key[VTPM_STATE_KEY_SIZE];
	struct vtpm_area area;
	struct vtpm_index index;
	u64 newest;
	bool appendable;
	bool refused;
	u64 commits;
};

int vtpm_store_identify(const struct vtpm_medium *medium,
			struct vtpm_store_identity *id)
{
	u32 size;

	return vtpm_header_read(medium, id, &size, NULL);
}

static struct vtpm_store *store_alloc(const struct vtpm_medium *medium,
				      const u8 *uuid, const u8 *key)
{
	struct vtpm_store *store;

	store = kzalloc(sizeof(*store), GFP_KERNEL_ACCOUNT);
	if (!store)
		return NULL;
	store->medium = *medium;
	memcpy(store->uuid, uuid, sizeof(store->uuid));
	memcpy(store->key, key, sizeof(store->key));
	return store;
}

void vtpm_store_free(struct vtpm_store *store)
{
	if (!store)
		return;
	vtpm_area_free(&store->area);
	vtpm_index_free(&store->index);
	kfree_sensitive(store);
}

/*
 * A snapshot of what @each calls for, durable, in the area that is not in use;
 * it is in use then.
 */
static int store_begin_area(struct vtpm_store *store, vtpm_each_fn each, void *source)
{
	struct vtpm_area area = {
		.number = !store->area.number,
		.size = store->area.size,
	};
	struct vtpm_frames f;
	int rc;

	store->appendable = false;
	rc = vtpm_area_begin(&area, &store->medium, store->key, store->uuid,
			     ++store->newest);
	if (rc)
		goto out_area;
	rc = vtpm_frames_begin(&f, &store->medium, &area);
	if (!rc)
		rc = each(source, vtpm_frames_put, &f);
	if (!rc)
		rc = vtpm_frames_end(&f, 0);
	if (!rc)
		rc = vtpm_medium_sync(&store->medium);
	if (!rc) {
		area.journal = area.tail;
		swap(store->area, area);
		swap(store->index, f.changes);
		store->appendable = true;
	}
	vtpm_frames_free(&f);
out_area:
	vtpm_area_free(&area);
	return rc;
}

/*
 * The other area must not be taken for the state where this one is damaged later.
 * To be flushed before a commit to this one succeeds, and no earlier than this
 * one is durable.
 */
static int store_retire(struct vtpm_store *store)
{
	struct vtpm_area old = {
		.number = !store->area.number,
		.size = store->area.size,
	};

	return vtpm_area_clear(&old, &store->medium);
}

static int each_of_store(void *source, vtpm_record_fn fn, void *arg)
{
	return vtpm_store_each(source, fn, arg);
}

int vtpm_store_each(struct vtpm_store *store, vtpm_record_fn fn, void *arg)
{
	return vtpm_area_each(&store->area, &store->medium, &store->index, fn, arg);
}

/*
 * One transaction into the journal, durable. -ENOSPC where it does not fit: the
 * area is no worse for it.
 */
static int store_append(struct vtpm_store *store, const struct vtpm2_record *rec,
			unsigned int n, u32 flags)
{
	struct vtpm_area area = store->area;
	struct vtpm_frames f;
	unsigned int i;
	int rc;

	rc = vtpm_index_reserve(&store->index, n);
	if (rc)
		return rc;
	rc = vtpm_frames_begin(&f, &store->medium, &area);
	if (rc)
		return rc;
	/* Whatever is written now, only success makes it known. */
	store->appendable = false;
	for (i = 0; i < n && !rc; i++)
		rc = vtpm_frames_put(&f, &rec[i]);
	if (!rc)
		rc = vtpm_frames_end(&f, flags);
	if (!rc)
		rc = vtpm_medium_sync(&store->medium);
	if (!rc) {
		store->area.seq = area.seq;
		store->area.tail = area.tail;
		vtpm_index_apply(&store->index, &f.changes);
		store->appendable = !(flags & VTPM_FRAME_CLOSED);
	}
	vtpm_frames_free(&f);
	return rc;
}

int vtpm_store_commit(struct vtpm_store *store, const struct vtpm2_record *rec,
		      unsigned int n)
{
	int rc = -ENOSPC;

	if (!n)
		return 0;
	if (store->appendable)
		rc = store_append(store, rec, n, 0);
	if (!store->appendable && rc == -ENOSPC) {
		rc = store_begin_area(store, each_of_store, store);
		if (!rc)
			rc = store_retire(store);
		/* One flush for both. */
		if (!rc)
			rc = store_append(store, rec, n, 0);
		if (rc)
			store->appendable = false;
	}
	if (!rc)
		store->commits++;
	store->refused = rc && !store->appendable;
	return rc;
}

int vtpm_store_replace(struct vtpm_store *store, vtpm_each_fn each, void *source)
{
	int rc = store_begin_area(store, each, source);

	store->refused = rc;
	if (rc)
		return rc;
	/*
	 * They are durable, and the newest: what remains of those before them can
	 * only be in the way where they are damaged. The next commit tries again.
	 */
	if (store_retire(store) || vtpm_medium_sync(&store->medium))
		store->appendable = false;
	store->commits++;
	return 0;
}

int vtpm_store_renew(struct vtpm_store *store, u64 generation)
{
	store->newest = generation - 1;
	return vtpm_store_replace(store, each_of_store, store);
}

/*
 * All of the file is written once: room that is only reserved may be lacking
 * after all when it is needed, and costs more than one flush then.
 */
static int store_fill(const struct vtpm_medium *medium, u64 size)
{
	void *zero;
	u64 pos;
	int rc;

	rc = medium->ops->reserve(medium->arg, size);
	if (rc)
		return rc;
	zero = kzalloc(VTPM_FRAME_MAX, GFP_KERNEL_ACCOUNT);
	if (!zero)
		return -ENOMEM;
	for (pos = 0; pos < size && !rc; pos += VTPM_FRAME_MAX)
		rc = vtpm_medium_write(medium, pos, zero,
				       min_t(u64, size - pos, VTPM_FRAME_MAX));
	kfree(zero);
	return rc;
}

static int each_of_none(void *source, vtpm_record_fn fn, void *arg)
{
	return 0;
}

int vtpm_store_make(const struct vtpm_medium *medium,
		    const struct vtpm_store_identity *id, u32 area_size,
		    const u8 *key, struct vtpm_store **store)
{
	struct vtpm_store *s;
	int rc;

	s = store_alloc(medium, id->uuid, key);
	if (!s)
		return -ENOMEM;
	/* The other one is begun first. */
	s->area.number = 1;
	s->area.size = area_size;
	rc = store_fill(medium, VTPM_STORE_FILE_SIZE(area_size));
	if (!rc)
		rc = vtpm_header_write(medium, id, area_size, key);
	if (!rc)
		rc = store_begin_area(s, each_of_none, NULL);
	if (rc)
		vtpm_store_free(s);
	else
		*store = s;
	return rc;
}

/*
 * Take the area of the highest generation whose snapshot is whole. That of a
 * higher one which is not was being written; nothing had been committed to it.
 */
static int store_choose_area(struct vtpm_store *store, u32 size)
{
	int chosen = -ENOENT;
	unsigned int i;
	int rc;

	for (i = 0; i < VTPM_STORE_AREAS; i++) {
		struct vtpm_area area = { .number = i, .size = size };
		struct vtpm_index index = {};

		rc = vtpm_area_load(&area, &store->medium, store->key,
				    store->uuid, &index);
		if ((!rc || rc == -EBADMSG) && area.generation > store->area.generation) {
			swap(store->area, area);
			swap(store->index, index);
			chosen = rc;
		}
		vtpm_area_free(&area);
		vtpm_index_free(&index);
		if (rc && rc != -EBADMSG && rc != -ENOENT)
			return rc;
	}
	store->newest = store->area.generation;
	return chosen == -ENOENT ? -VTPM_STORE_ECORRUPT : chosen;
}

static bool same_shadow(const struct vtpm2_shadow *a, const struct vtpm2_shadow *b)
{
	return a->len == b->len && !memcmp(a->blob, b->blob, a->len);
}

static bool same_identity(const struct vtpm_store_identity *a,
			  const struct vtpm_store_identity *b)
{
	return !memcmp(a->uuid, b->uuid, sizeof(a->uuid)) && a->ledger == b->ledger &&
	       a->assurance == b->assurance && a->pcr_banks == b->pcr_banks &&
	       !memcmp(a->mrk_name, b->mrk_name, sizeof(a->mrk_name)) &&
	       !memcmp(a->vmk_name, b->vmk_name, sizeof(a->vmk_name)) &&
	       !memcmp(a->vmk_auth, b->vmk_auth, sizeof(a->vmk_auth)) &&
	       same_shadow(&a->vmk, &b->vmk) && same_shadow(&a->key, &b->key);
}

int vtpm_store_open(const struct vtpm_medium *medium,
		    const struct vtpm_store_identity *id, const u8 *key,
		    struct vtpm_store **store)
{
	struct vtpm_store_identity *proven;
	struct vtpm_store *s = NULL;
	u32 size;
	int rc;

	proven = kmalloc(sizeof(*proven), GFP_KERNEL_ACCOUNT);
	if (!proven)
		return -ENOMEM;
	rc = vtpm_header_read(medium, proven, &size, key);
	/* What was read before was not authenticated then. */
	if (!rc && id && !same_identity(id, proven))
		rc = -VTPM_STORE_ECORRUPT;
	if (rc)
		goto out;
	s = store_alloc(medium, proven->uuid, key);
	if (s)
		rc = store_choose_area(s, size);
	else
		rc = -ENOMEM;
	if (rc)
		vtpm_store_free(s);
	else
		*store = s;
out:
	kfree_sensitive(proven);
	return rc;
}

void vtpm_store_close(struct vtpm_store *store)
{
	/* The last try: what was refused might be there all the same. */
	if (store->refused && !store_begin_area(store, each_of_store, store))
		store->appendable = !store_retire(store);
	if (store->appendable)
		store_append(store, NULL, 0, VTPM_FRAME_CLOSED);
	store->appendable = false;
}

int vtpm_store_erase(struct vtpm_store *store)
{
	struct vtpm_area other = {
		.number = !store->area.number,
		.size = store->area.size,
	};
	int rc;

	store->appendable = false;
	rc = vtpm_header_erase(&store->medium, store->uuid);
	if (!rc)
		rc = vtpm_area_clear(&store->area, &store->medium);
	if (!rc)
		rc = vtpm_area_clear(&other, &store->medium);
	return rc ?: vtpm_medium_sync(&store->medium);
}

void vtpm_store_blob_key(const struct vtpm_store *store, u8 *key)
{
	vtpm_blob_key(store->key, store->uuid, key);
}

void vtpm_store_get_id(const struct vtpm_store *store, u8 *id)
{
	vtpm_file_id(store->key, store->uuid, id);
}

void vtpm_store_get_status(const struct vtpm_store *store,
			   struct vtpm_store_status *status)
{
	*status = (struct vtpm_store_status){
		.position = {
			.generation = store->area.generation,
			.seq = store->area.seq,
		},
		.journal = store->area.tail - store->area.journal,
		.room = store->area.size - store->area.tail,
		.commits = store->commits,
	};
}

size_t vtpm_store_bytes(const struct vtpm_store *store)
{
	return sizeof(*store) + store->index.cap * sizeof(*store->index.entry);
}
