// SPDX-License-Identifier: GPL-2.0
/*
 * The host's ledger: how far the state file of each vTPM has come at least.
 */
#include <asm/byteorder.h>
#include <linux/err.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "ledger.h"
#include "ledger_format.h"

#define LEDGER_PAGES	(VTPM_LEDGER_MAX / VTPM_LEDGER_PAGE)

static_assert(LEDGER_PAGES < VTPM2_MAX_RECORDS);
static_assert(VTPM_STATE_ID_SIZE == 16);

/**
 * struct vtpm_ledger - a ledger
 * @store: where it is kept
 * @head: as it is to be written
 * @page: entries, as they are to be written; NULL where there are none yet
 * @dirty: pages that are not written
 * @changed: anything is not written
 * @unanchored: anything has changed since the counter was incremented
 * @entries: their number
 */
struct vtpm_ledger {
	struct vtpm_store *store;
	struct vtpm_ledger_head head;
	struct vtpm_ledger_page *page[LEDGER_PAGES];
	bool dirty[LEDGER_PAGES];
	bool changed;
	bool unanchored;
	u32 entries;
};

static struct vtpm_ledger_entry *ledger_entry(const struct vtpm_ledger *l, int i)
{
	return &l->page[i / VTPM_LEDGER_PAGE]->entry[i % VTPM_LEDGER_PAGE];
}

static struct vtpm_ledger *ledger_alloc(struct vtpm_store *store)
{
	struct vtpm_ledger *l = kzalloc(sizeof(*l), GFP_KERNEL_ACCOUNT);

	if (l)
		l->store = store;
	return l;
}

void vtpm_ledger_free(struct vtpm_ledger *l)
{
	unsigned int i;

	if (!l)
		return;
	for (i = 0; i < LEDGER_PAGES; i++)
		kfree(l->page[i]);
	kfree_sensitive(l);
}

int vtpm_ledger_make(struct vtpm_store *store, const u8 *auth,
		     struct vtpm_ledger **ledger)
{
	struct vtpm_ledger *l = ledger_alloc(store);

	if (!l)
		return -ENOMEM;
	memcpy(l->head.auth, auth, sizeof(l->head.auth));
	l->changed = true;
	l->unanchored = true;
	*ledger = l;
	return 0;
}

static int load_head(struct vtpm_ledger *l, const struct vtpm2_record *rec)
{
	if (rec->id || rec->len != sizeof(l->head))
		return -EBADMSG;
	memcpy(&l->head, rec->data, sizeof(l->head));
	return 0;
}

static int load_page(struct vtpm_ledger *l, const struct vtpm2_record *rec)
{
	struct vtpm_ledger_page *page;
	unsigned int i;

	if (rec->id >= LEDGER_PAGES || l->page[rec->id] || rec->len != sizeof(*page))
		return -EBADMSG;
	page = kmemdup(rec->data, sizeof(*page), GFP_KERNEL_ACCOUNT);
	if (!page)
		return -ENOMEM;
	l->page[rec->id] = page;
	for (i = 0; i < VTPM_LEDGER_PAGE; i++)
		l->entries += !mem_is_zero(page->entry[i].id, VTPM_STATE_ID_SIZE);
	return 0;
}

static int load_record(void *arg, const struct vtpm2_record *rec)
{
	switch (rec->type) {
	case VTPM_LEDGER_REC_HEAD:
		return load_head(arg, rec);
	case VTPM_LEDGER_REC_PAGE:
		return load_page(arg, rec);
	}
	return -EBADMSG;
}

int vtpm_ledger_load(struct vtpm_store *store, struct vtpm_ledger **ledger)
{
	struct vtpm_ledger *l = ledger_alloc(store);
	int rc;

	if (!l)
		return -ENOMEM;
	rc = vtpm_store_each(store, load_record, l);
	/* One that was never anchored has no head. */
	if (!rc && !l->head.counter)
		rc = -EBADMSG;
	if (rc) {
		vtpm_ledger_free(l);
		return rc;
	}
	/* What was written since the last increment, nobody knows. */
	l->unanchored = true;
	*ledger = l;
	return 0;
}

const u8 *vtpm_ledger_auth(const struct vtpm_ledger *l)
{
	return l->head.auth;
}

int vtpm_ledger_check(struct vtpm_ledger *l, const struct vtpm_ledger_counter *counter)
{
	u64 mine = le64_to_cpu(l->head.counter), value;
	int rc;

	rc = counter->read(counter->arg, &value);
	if (rc)
		return rc;
	if (mine < value)
		return -ESTALE;
	if (mine > value + 1)
		return -EXDEV;
	return mine == value ? 0 : counter->increment(counter->arg);
}

/* The first entry that has these bytes at @offset. */
static int ledger_search(const struct vtpm_ledger *l, size_t offset, const u8 *bytes)
{
	unsigned int i;

	for (i = 0; i < VTPM_LEDGER_MAX; i++) {
		if (!l->page[i / VTPM_LEDGER_PAGE])
			i |= VTPM_LEDGER_PAGE - 1;
		else if (!memcmp((u8 *)ledger_entry(l, i) + offset, bytes, 16))
			return i;
	}
	return -ESRCH;
}

int vtpm_ledger_find(const struct vtpm_ledger *l, const u8 *id)
{
	return ledger_search(l, offsetof(struct vtpm_ledger_entry, id), id);
}

int vtpm_ledger_find_vtpm(const struct vtpm_ledger *l, const u8 *uuid)
{
	/* That is how a free place looks. */
	if (mem_is_zero(uuid, 16))
		return -ESRCH;
	return ledger_search(l, offsetof(struct vtpm_ledger_entry, uuid), uuid);
}

int vtpm_ledger_next(const struct vtpm_ledger *l, unsigned int from, u8 *uuid)
{
	const struct vtpm_ledger_entry *e;
	unsigned int i;

	for (i = from; i < VTPM_LEDGER_MAX; i++) {
		if (!l->page[i / VTPM_LEDGER_PAGE])
			continue;
		e = ledger_entry(l, i);
		if (mem_is_zero(e->id, sizeof(e->id)))
			continue;
		memcpy(uuid, e->uuid, sizeof(e->uuid));
		return i;
	}
	return -ENOENT;
}

struct vtpm_position vtpm_ledger_floor(const struct vtpm_ledger *l, int entry)
{
	const struct vtpm_ledger_entry *e = ledger_entry(l, entry);

	return (struct vtpm_position){
		.generation = le64_to_cpu(e->generation),
		.seq = le32_to_cpu(e->seq),
	};
}

void vtpm_ledger_get_id(const struct vtpm_ledger *l, int entry, u8 *id)
{
	memcpy(id, ledger_entry(l, entry)->id, VTPM_STATE_ID_SIZE);
}

static void ledger_touch(struct vtpm_ledger *l, int entry)
{
	l->dirty[entry / VTPM_LEDGER_PAGE] = true;
	l->changed = true;
	l->unanchored = true;
}

static void ledger_set(struct vtpm_ledger *l, int entry, const struct vtpm_position *floor)
{
	struct vtpm_ledger_entry *e = ledger_entry(l, entry);

	e->generation = cpu_to_le64(floor->generation);
	e->seq = cpu_to_le32(floor->seq);
	ledger_touch(l, entry);
}

void vtpm_ledger_remove(struct vtpm_ledger *l, int entry)
{
	memset(ledger_entry(l, entry), 0, sizeof(struct vtpm_ledger_entry));
	ledger_touch(l, entry);
	l->entries--;
}

/* A place that is free, or -ENOSPC, -ENOMEM. */
static int ledger_free_place(struct vtpm_ledger *l)
{
	static const u8 nobody[VTPM_STATE_ID_SIZE];
	int i = vtpm_ledger_find(l, nobody);

	if (i >= 0)
		return i;
	for (i = 0; i < LEDGER_PAGES; i++) {
		if (l->page[i])
			continue;
		l->page[i] = kzalloc(sizeof(*l->page[i]), GFP_KERNEL_ACCOUNT);
		return l->page[i] ? i * VTPM_LEDGER_PAGE : -ENOMEM;
	}
	return -ENOSPC;
}

int vtpm_ledger_add(struct vtpm_ledger *l, const u8 *id, const u8 *uuid,
		    const struct vtpm_position *floor)
{
	int old = vtpm_ledger_find_vtpm(l, uuid);
	int i;

	if (old >= 0)
		vtpm_ledger_remove(l, old);
	i = ledger_free_place(l);
	if (i < 0)
		return i;
	memcpy(ledger_entry(l, i)->id, id, VTPM_STATE_ID_SIZE);
	memcpy(ledger_entry(l, i)->uuid, uuid, 16);
	ledger_set(l, i, floor);
	l->entries++;
	return i;
}

void vtpm_ledger_raise(struct vtpm_ledger *l, int entry, const struct vtpm_position *floor)
{
	const struct vtpm_position old = vtpm_ledger_floor(l, entry);

	if (vtpm_position_before(&old, floor))
		ledger_set(l, entry, floor);
}

static void ledger_count(struct vtpm_ledger *l, u32 more)
{
	l->head.accepted = cpu_to_le32(le32_to_cpu(l->head.accepted) + more);
	l->changed = true;
	l->unanchored = true;
}

void vtpm_ledger_count_accepted(struct vtpm_ledger *l)
{
	ledger_count(l, 1);
}

void vtpm_ledger_uncount_accepted(struct vtpm_ledger *l)
{
	ledger_count(l, -1);
}

/* All that has changed, and the head, in one transaction. */
int vtpm_ledger_write(struct vtpm_ledger *l)
{
	struct vtpm2_record *rec;
	unsigned int i, n = 0;
	int rc;

	if (!l->changed)
		return 0;
	rec = kcalloc(LEDGER_PAGES + 1, sizeof(*rec), GFP_KERNEL_ACCOUNT);
	if (!rec)
		return -ENOMEM;
	rec[n++] = (struct vtpm2_record){
		.type = VTPM_LEDGER_REC_HEAD,
		.data = &l->head,
		.len = sizeof(l->head),
	};
	for (i = 0; i < LEDGER_PAGES; i++)
		if (l->dirty[i])
			rec[n++] = (struct vtpm2_record){
				.type = VTPM_LEDGER_REC_PAGE,
				.id = i,
				.data = l->page[i],
				.len = sizeof(*l->page[i]),
			};
	rc = vtpm_store_commit(l->store, rec, n);
	kfree(rec);
	if (rc)
		return rc;
	memset(l->dirty, 0, sizeof(l->dirty));
	l->changed = false;
	return 0;
}

/*
 * The counter is asked each time: an increment that failed may have been done all
 * the same, and one behind our back is not to make this the older ledger.
 */
int vtpm_ledger_anchor(struct vtpm_ledger *l, const struct vtpm_ledger_counter *counter)
{
	u64 value;
	int rc;

	rc = counter->read(counter->arg, &value);
	if (rc)
		return rc;
	l->head.counter = cpu_to_le64(value + 1);
	l->changed = true;
	rc = vtpm_ledger_write(l);
	if (!rc)
		rc = counter->increment(counter->arg);
	if (!rc)
		l->unanchored = false;
	return rc;
}

void vtpm_ledger_get_status(const struct vtpm_ledger *l, struct vtpm_ledger_status *status)
{
	*status = (struct vtpm_ledger_status){
		.entries = l->entries,
		.accepted = le32_to_cpu(l->head.accepted),
		.counter = le64_to_cpu(l->head.counter),
		.changed = l->changed,
		.unanchored = l->unanchored,
	};
}
