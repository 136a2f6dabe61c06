// SPDX-License-Identifier: GPL-2.0
/*
 * A command changes the permanent state, the store has it, then the guest is
 * answered.
 *
 *   vtpm2_txn_begin()     copy of struct vtpm2
 *     authorization       counts failures
 *     handler             changes the state
 *   vtpm2_txn_commit()    what has changed, as records, in one call
 *     response            nonces roll, sessions end
 *
 * Nobody has to say that something in the state has changed. VTPM2_REC_CORE is
 * written anew after each command and compared with what the store has, as is
 * VTPM2_REC_ORDERLY while there is one. NV indices, persistent objects and
 * primaries are never changed, but replaced (vtpm2_nv_change()): new pointers
 * in their tables are what has changed.
 *
 * So undoing is to copy the state back: what was taken out of a table was not
 * freed, what was put in is.
 *
 * Part 1, 37.3 has TPM_RC_NV_UNAVAILABLE for what cannot be written. An
 * authorization that has failed is not undone then: the guess would be free. It
 * stays counted in memory, and no command is executed before the store has it.
 * If the power goes first, the store knows from the first use of a protected
 * authorization in this cycle of power (da_used) that there was one, and
 * TPM2_Startup counts one failure.
 */
#include <linux/array_size.h>
#include <linux/errno.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "record.h"
#include "txn.h"

static void free_object(const void *p)
{
	vtpm2_object_free((void *)p);
}

static void free_plain(const void *p)
{
	kfree_sensitive(p);
}

/* The pointers in the state */
static const struct table {
	size_t offset;
	unsigned int size;
	void (*free)(const void *p);
} tables[] = {
	{ offsetof(struct vtpm2, objects), VTPM2_MAX_OBJECTS, free_object },
	{ offsetof(struct vtpm2, persistent), VTPM2_MAX_PERSISTENT, free_object },
	{ offsetof(struct vtpm2, sessions), VTPM2_MAX_SESSIONS, free_plain },
	{ offsetof(struct vtpm2, nv), VTPM2_MAX_NV, free_plain },
	{ offsetof(struct vtpm2, primaries), VTPM2_MAX_PRIMARIES, free_plain },
};

static const void * const *table_of(const struct vtpm2 *s,
				    const struct table *table)
{
	return (const void *)s + table->offset;
}

static bool has(const struct vtpm2 *s, const struct table *table,
		const void *p)
{
	const void * const *entry = table_of(s, table);
	unsigned int i;

	for (i = 0; i < table->size; i++)
		if (entry[i] == p)
			return true;
	return false;
}

/* Are the same pointers in the same places? */
static bool same_tables(const struct vtpm2 *a, const struct vtpm2 *b,
			const struct table *table)
{
	return !memcmp(table_of(a, table), table_of(b, table),
		       table->size * sizeof(void *));
}

/* Free what is in @from and not in @other. */
static void drop(const struct vtpm2 *from, const struct vtpm2 *other)
{
	unsigned int i, k;

	for (i = 0; i < ARRAY_SIZE(tables); i++) {
		const void * const *entry = table_of(from, &tables[i]);

		if (same_tables(from, other, &tables[i]))
			continue;
		for (k = 0; k < tables[i].size; k++)
			if (entry[k] && !has(other, &tables[i], entry[k]))
				tables[i].free(entry[k]);
	}
}

bool vtpm2_txn_holds(const struct vtpm2 *t, const void *p)
{
	unsigned int i;

	for (i = 0; t->txn->open && i < ARRAY_SIZE(tables); i++)
		if (has(&t->txn->before, &tables[i], p))
			return true;
	return false;
}

void vtpm2_txn_begin(struct vtpm2 *t)
{
	struct vtpm2_txn *x = t->txn;

	x->before = *t;
	x->ses = NULL;
	x->seq = NULL;
	x->open = true;
}

/* No command has two handles of what is changed in its place. */
void vtpm2_txn_watch(struct vtpm2 *t, const struct vtpm2_cmd *c)
{
	struct vtpm2_txn *x = t->txn;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(c->handle); i++) {
		if (c->ses[i]) {
			x->ses = c->ses[i];
			x->ses_was = *c->ses[i];
		} else if (c->obj[i] && c->obj[i]->seq) {
			x->seq = c->obj[i]->seq;
			x->seq_was = *c->obj[i]->seq;
		}
	}
}

/*
 * Where nothing was written, @before has no secret that the state has not, but
 * for a key that comes and goes (sealing.c): to wipe all of it would cost as
 * much as a short command takes.
 */
static void close(struct vtpm2_txn *x)
{
	if (x->ses)
		memzero_explicit(&x->ses_was, sizeof(x->ses_was));
	if (x->seq)
		memzero_explicit(&x->seq_was, sizeof(x->seq_was));
	if (x->buf || x->changed)
		memzero_explicit(&x->before, sizeof(x->before));
	else
		memzero_explicit(&x->before.sealing, sizeof(x->before.sealing));
	x->changed = false;
	kvfree_sensitive(x->buf, x->cap);
	x->buf = NULL;
	x->cap = 0;
	x->need = 0;
	x->open = false;
}

void vtpm2_txn_undo(struct vtpm2 *t)
{
	struct vtpm2_txn *x = t->txn;

	drop(t, &x->before);
	*t = x->before;
	x->changed = true;
	if (x->ses)
		*x->ses = x->ses_was;
	if (x->seq)
		*x->seq = x->seq_was;
	close(x);
}

static void accept(struct vtpm2 *t)
{
	drop(&t->txn->before, t);
	close(t->txn);
}

void vtpm2_txn_keep(struct vtpm2 *t)
{
	accept(t);
	t->txn->pending = true;
}

/* --- what has changed --- */

static bool make_room(struct vtpm2_txn *x, size_t bytes)
{
	u8 *buf;

	if (bytes <= x->cap)
		return true;
	buf = kvmalloc(bytes, GFP_KERNEL_ACCOUNT);
	if (!buf)
		return false;
	kvfree_sensitive(x->buf, x->cap);
	x->buf = buf;
	x->cap = bytes;
	return true;
}

bool vtpm2_txn_reserve(struct vtpm2 *t, size_t bytes)
{
	if (!t->config.store_ops)
		return true;
	t->txn->need += bytes;
	return make_room(t->txn, t->txn->need);
}

/**
 * struct batch - records that are collected
 * @rec: where to; NULL: they are only counted
 * @n: how many
 * @bytes: room that they take at most
 * @wr: their data
 */
struct batch {
	struct vtpm2_record *rec;
	unsigned int n;
	size_t bytes;
	struct vtpm2_wr wr;
};

static void add(struct batch *b, u32 type, u32 id, const void *data, size_t len)
{
	if (b->rec)
		b->rec[b->n] = (struct vtpm2_record){ type, id, data, len };
	b->n++;
}

/* Must the store have it now? */
static bool is_due(const struct vtpm2 *t, const struct vtpm2_item *item)
{
	switch (item->mark->change) {
	case VTPM2_CHANGED:
		return true;
	case VTPM2_CHANGED_ORDERLY:
		if (item->type == VTPM2_REC_PRIMARY &&
		    t->shutdown_type != TPM2_SU_STATE)
			return false;
		return t->shutdown_valid;
	default:
		return false;
	}
}

static void add_item(struct batch *b, const struct vtpm2_item *item)
{
	size_t at = b->wr.len;

	b->bytes += vtpm2_item_room(item);
	if (b->rec)
		vtpm2_item_write(&b->wr, item);
	add(b, item->type, item->id, b->wr.p + at, b->wr.len - at);
}

static void add_items(struct vtpm2 *t, struct batch *b)
{
	struct vtpm2_txn *x = t->txn;
	struct vtpm2_item item;
	unsigned int i;

	for (i = 0; vtpm2_item_at(&x->before, i, &item); i++)
		if (item.mark->stored &&
		    !vtpm2_item_find(t, item.type, item.id))
			add(b, item.type, item.id, NULL, 0);
	for (i = 0; vtpm2_item_at(t, i, &item); i++)
		if (is_due(t, &item))
			add_item(b, &item);
}

static void mark_items(struct vtpm2 *t)
{
	struct vtpm2_item item;
	unsigned int i;

	for (i = 0; vtpm2_item_at(t, i, &item); i++)
		if (is_due(t, &item))
			*item.mark = (struct vtpm2_mark){ .stored = true };
}

static bool items_changed(const struct vtpm2 *t)
{
	const struct vtpm2_txn *x = t->txn;

	/* tables[0] and [2] are of what has no record */
	return x->pending || t->shutdown_valid ||
	       !same_tables(&x->before, t, &tables[1]) ||
	       !same_tables(&x->before, t, &tables[3]) ||
	       !same_tables(&x->before, t, &tables[4]);
}

static void digest(const void *data, size_t len, u8 *out)
{
	struct vtpm2_hash h;

	vtpm2_hash_init(&h, TPM2_ALG_SHA256);
	vtpm2_hash_update(&h, data, len);
	vtpm2_hash_final(&h, out);
}

/* Into the place of the CORE that the store does not have; is it another? */
static bool core_changed(struct vtpm2 *t)
{
	struct vtpm2_txn *x = t->txn;
	u8 now = x->core_now, next = !now;
	struct vtpm2_wr wr;

	vtpm2_wr_init(&wr, x->core[next], VTPM2_MAX_CORE);
	vtpm2_core_write(t, &wr);
	x->core_len[next] = wr.len;
	return wr.len != x->core_len[now] ||
	       memcmp(x->core[next], x->core[now], wr.len);
}

static void add_orderly(struct vtpm2 *t, struct batch *b)
{
	struct vtpm2_txn *x = t->txn;
	size_t at = b->wr.len;
	u8 now[sizeof(x->orderly)];

	if (!t->shutdown_valid) {
		if (x->orderly_stored)
			add(b, VTPM2_REC_ORDERLY, 0, NULL, 0);
		return;
	}
	b->bytes += VTPM2_MAX_ORDERLY;
	if (!b->rec) {
		b->n++;
		return;
	}
	vtpm2_orderly_write(t, &b->wr);
	digest(b->wr.p + at, b->wr.len - at, now);
	if (x->orderly_stored && !memcmp(now, x->orderly, sizeof(now))) {
		b->wr.len = at;
		return;
	}
	memcpy(x->orderly, now, sizeof(now));
	add(b, VTPM2_REC_ORDERLY, 0, b->wr.p + at, b->wr.len - at);
}

/* Twice the same: first to count, then with room for it. */
static void collect(struct vtpm2 *t, struct batch *b, bool core, bool items)
{
	const struct vtpm2_txn *x = t->txn;
	u8 next = !x->core_now;

	b->n = 0;
	b->bytes = 0;
	if (core)
		add(b, VTPM2_REC_CORE, 0, x->core[next], x->core_len[next]);
	if (items)
		add_items(t, b);
	add_orderly(t, b);
}

static u32 send(struct vtpm2 *t, const struct batch *b)
{
	struct vtpm2_txn *x = t->txn;
	int err;

	if (b->wr.overflow)
		return TPM2_RC_FAILURE;
	if (!b->n)
		return 0;
	x->committing = true;
	err = t->config.store_ops->commit(t->config.store, b->rec, b->n);
	x->committing = false;
	return err ? TPM2_RC_NV_UNAVAILABLE : 0;
}

static u32 commit(struct vtpm2 *t)
{
	struct vtpm2_txn *x = t->txn;
	bool core = core_changed(t), items = items_changed(t);
	u8 orderly[sizeof(x->orderly)];
	struct batch b = { };
	u32 rc = TPM2_RC_MEMORY;

	collect(t, &b, core, items);
	if (!b.n)
		return 0;
	b.rec = x->few;
	if (b.n > ARRAY_SIZE(x->few))
		b.rec = kvmalloc_array(b.n, sizeof(*b.rec), GFP_KERNEL_ACCOUNT);
	memcpy(orderly, x->orderly, sizeof(orderly));
	if (b.rec && make_room(x, b.bytes)) {
		vtpm2_wr_init(&b.wr, x->buf, x->cap);
		collect(t, &b, core, items);
		rc = send(t, &b);
	}
	if (b.rec != x->few)
		kvfree(b.rec);
	if (rc) {
		memcpy(x->orderly, orderly, sizeof(orderly));
		return rc;
	}
	x->changed = true;
	if (items)
		mark_items(t);
	if (core)
		x->core_now = !x->core_now;
	x->orderly_stored = t->shutdown_valid;
	return 0;
}

/* What changes while TPM2_Startup has not been, it makes durable itself. */
u32 vtpm2_txn_commit(struct vtpm2 *t)
{
	u32 rc = 0;

	if (t->started) {
		if (t->config.store_ops)
			rc = commit(t);
		if (rc)
			return rc;
		t->txn->pending = false;
	}
	accept(t);
	return 0;
}

/* Not only while the vTPM is started: it may never be again. */
int vtpm2_txn_flush(struct vtpm2 *t)
{
	/* without a store, what is there now is what there is */
	if (!t->config.store_ops)
		vtpm2_txn_adopt(t);
	if (!t->txn->pending)
		return 0;
	vtpm2_txn_begin(t);
	if (commit(t)) {
		vtpm2_txn_keep(t);
		return -EIO;
	}
	t->txn->pending = false;
	accept(t);
	return 0;
}

/* --- the whole --- */

void vtpm2_txn_adopt(struct vtpm2 *t)
{
	struct vtpm2_txn *x = t->txn;

	if (core_changed(t))
		x->core_now = !x->core_now;
	x->orderly_stored = t->shutdown_valid;
}

static int give_core(struct vtpm2 *t, int (*fn)(void *arg, const struct vtpm2_record *rec),
		     void *arg)
{
	const struct vtpm2_txn *x = t->txn;
	u8 which = x->committing ? !x->core_now : x->core_now;
	const struct vtpm2_record rec = {
		VTPM2_REC_CORE, 0, x->core[which], x->core_len[which],
	};

	return fn(arg, &rec);
}

static int give_orderly(struct vtpm2 *t,
			int (*fn)(void *arg, const struct vtpm2_record *rec),
			void *arg, struct vtpm2_wr *wr)
{
	struct vtpm2_record rec = { VTPM2_REC_ORDERLY, 0, wr->p };

	if (t->txn->committing ? !t->shutdown_valid : !t->txn->orderly_stored)
		return 0;
	vtpm2_orderly_write(t, wr);
	rec.len = wr->len;
	return fn(arg, &rec);
}

static int give_items(struct vtpm2 *t, int (*fn)(void *arg, const struct vtpm2_record *rec),
		      void *arg, struct vtpm2_wr *wr)
{
	struct vtpm2_item item;
	unsigned int i;
	int ret = 0;

	for (i = 0; !ret && vtpm2_item_at(t, i, &item); i++) {
		struct vtpm2_record rec = { item.type, item.id, wr->p };

		if (!item.mark->stored && !is_due(t, &item))
			continue;
		wr->len = 0;
		vtpm2_item_write(wr, &item);
		rec.len = wr->len;
		ret = fn(arg, &rec);
	}
	return ret;
}

int vtpm2_each_record(struct vtpm2 *t,
		      int (*fn)(void *arg, const struct vtpm2_record *rec),
		      void *arg)
{
	struct vtpm2_wr wr;
	int ret = 0;
	u8 *buf;

	/* whoever gets them may go on with them: a guess that failed is in them */
	if (!t->txn->committing)
		ret = vtpm2_txn_flush(t);
	if (ret)
		return ret;
	buf = kvmalloc(VTPM2_MAX_RECORD, GFP_KERNEL_ACCOUNT);
	if (!buf)
		return -ENOMEM;
	vtpm2_wr_init(&wr, buf, VTPM2_MAX_RECORD);
	ret = give_core(t, fn, arg);
	if (!ret)
		ret = give_orderly(t, fn, arg, &wr);
	if (!ret)
		ret = give_items(t, fn, arg, &wr);
	kvfree_sensitive(buf, VTPM2_MAX_RECORD);
	return ret;
}
