// SPDX-License-Identifier: GPL-2.0
/*
 * The rest of a running vTPM: with the records of the same moment it goes on as
 * if nothing had happened, in the middle of sessions and sequences.
 *
 *   SHA-256 over the records that it goes with
 *   what VTPM2_REC_ORDERLY has, as it is now
 *   members of struct vtpm2
 *   sessions, transient objects and sequences
 *   items that have changed since their records were written, and may have
 *   when each primary was last used
 *
 * Time stands still from writing to reading.
 */
#include <linux/errno.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/timekeeping.h>

#include "record.h"
#include "txn.h"

#define VOLATILE_VERSION	1
#define BIND_SIZE		32

/* --- which records it goes with --- */

/* One item's digest into the sum, which thus has no order. */
static void bind_item(const struct vtpm2_item *item, struct vtpm2_wr *wr,
		      u8 *sum)
{
	u8 digest[VTPM2_MAX_DIGEST];
	struct vtpm2_hash h;
	unsigned int i;

	wr->len = 0;
	vtpm2_wr_u32(wr, item->type);
	vtpm2_wr_u32(wr, item->id);
	vtpm2_item_write(wr, item);
	vtpm2_hash_init(&h, TPM2_ALG_SHA256);
	vtpm2_hash_update(&h, wr->p, wr->len);
	vtpm2_hash_final(&h, digest);
	for (i = 0; i < BIND_SIZE; i++)
		sum[i] ^= digest[i];
}

static int bind(struct vtpm2 *t, u8 *sum)
{
	const struct vtpm2_txn *x = t->txn;
	struct vtpm2_item item;
	struct vtpm2_hash h;
	struct vtpm2_wr wr;
	unsigned int i;
	u8 *buf;

	buf = kvmalloc(VTPM2_MAX_RECORD, GFP_KERNEL_ACCOUNT);
	if (!buf)
		return -ENOMEM;
	vtpm2_hash_init(&h, TPM2_ALG_SHA256);
	vtpm2_hash_update(&h, x->core[x->core_now], x->core_len[x->core_now]);
	vtpm2_hash_final(&h, sum);
	vtpm2_wr_init(&wr, buf, VTPM2_MAX_RECORD);
	for (i = 0; vtpm2_item_at(t, i, &item); i++)
		if (item.mark->change != VTPM2_CHANGED_ORDERLY)
			bind_item(&item, &wr, sum);
	kvfree_sensitive(buf, VTPM2_MAX_RECORD);
	return 0;
}

/* --- members --- */

static void io_running(const struct vtpm2_io *io, struct vtpm2 *s)
{
	vtpm2_io_bool(io, &s->powered);
	vtpm2_io_bool(io, &s->started);
	vtpm2_io_bool(io, &s->orderly);
	vtpm2_io_u16(io, &s->failed_alg);
	vtpm2_io_bool(io, &s->presence);
	vtpm2_io_u32(io, &s->exclusive_audit);
}

static void io_time(const struct vtpm2_io *io, struct vtpm2 *s)
{
	u32 rate = s->clock_rate;

	vtpm2_io_u64(io, &s->clock_base);
	vtpm2_io_u64(io, &s->clock_durable);
	vtpm2_io_bool(io, &s->clock_safe);
	vtpm2_io_u64(io, &s->time_base);
	vtpm2_io_u32(io, &s->clock_rest);
	vtpm2_io_u32(io, &rate);
	vtpm2_io_u32(io, &s->time_epoch);
	vtpm2_io_u32(io, &s->failed_tries);
	vtpm2_io_u32(io, &s->healed);
	vtpm2_io_bool(io, &s->lockout_auth_enabled);
	vtpm2_io_bool(io, &s->lockout_healed);
	vtpm2_io_u64(io, &s->self_heal_time);
	vtpm2_io_u64(io, &s->lockout_time);
	vtpm2_io_u64(io, &s->shutdown_time);
	if (io->rd) {
		s->clock_rate = vtpm2_clock_rate_limit(rate);
		s->clock_ktime = ktime_get_boottime_ns();
	}
}

static void io_hash(const struct vtpm2_io *io, struct vtpm2_hash *h, u16 alg)
{
	u8 state[VTPM2_HASH_EXPORT];

	if (io->wr)
		vtpm2_hash_export(h, state);
	vtpm2_io_bytes(io, state, sizeof(state));
	if (io->rd)
		vtpm2_hash_import(h, alg, state);
	memzero_explicit(state, sizeof(state));
}

static void io_pcrs(const struct vtpm2_io *io, struct vtpm2 *s)
{
	unsigned int bank, pcr;

	vtpm2_io_bool(io, &s->pcr_pending);
	vtpm2_io_bool(io, &s->hcrtm);
	vtpm2_io_bool(io, &s->drtm_active);
	for (bank = 0; bank < VTPM2_BANKS; bank++) {
		u16 alg = vtpm2_pcr_bank_alg(bank);

		vtpm2_io_u32(io, &s->pcr_alloc[bank]);
		for (pcr = 0; pcr < VTPM2_PCRS; pcr++)
			vtpm2_io_bytes(io, s->pcr[bank][pcr],
				       vtpm2_digest_size(alg));
		vtpm2_io_bytes(io, s->hcrtm_digest[bank],
			       vtpm2_digest_size(alg));
		if (s->drtm_active)
			io_hash(io, &s->drtm[bank], alg);
	}
}

static void io_members(const struct vtpm2_io *io, struct vtpm2 *s)
{
	unsigned int i;

	vtpm2_io_orderly(io, s);
	io_running(io, s);
	io_time(io, s);
	io_pcrs(io, s);
	for (i = 0; i < VTPM2_MAX_ACTIVE; i++)
		vtpm2_io_u64(io, &s->active[i]);
}

/* --- sessions and objects, each in its slot --- */

static void write_sessions(const struct vtpm2 *t, struct vtpm2_wr *wr)
{
	unsigned int i;

	for (i = 0; i < VTPM2_MAX_SESSIONS; i++) {
		vtpm2_wr_u8(wr, !!t->sessions[i]);
		if (t->sessions[i])
			vtpm2_session_write(wr, t->sessions[i]);
	}
}

static void read_sessions(struct vtpm2 *t, struct vtpm2_rd *rd)
{
	struct vtpm2_session *s;
	unsigned int i;

	for (i = 0; i < VTPM2_MAX_SESSIONS; i++) {
		if (!vtpm2_rd_bool(rd))
			continue;
		s = kzalloc(sizeof(*s), GFP_KERNEL_ACCOUNT);
		if (!s) {
			vtpm2_rd_fail(rd, TPM2_RC_MEMORY);
			return;
		}
		t->sessions[i] = s;
		vtpm2_session_read(rd, s);
	}
}

static void write_objects(const struct vtpm2 *t, struct vtpm2_wr *wr)
{
	unsigned int i;

	for (i = 0; i < VTPM2_MAX_OBJECTS; i++) {
		vtpm2_wr_u8(wr, !!t->objects[i]);
		if (t->objects[i])
			vtpm2_object_write(wr, t->objects[i]);
	}
}

static void read_objects(struct vtpm2 *t, struct vtpm2_rd *rd)
{
	struct vtpm2_object *obj;
	unsigned int i;

	for (i = 0; i < VTPM2_MAX_OBJECTS; i++) {
		if (!vtpm2_rd_bool(rd))
			continue;
		obj = vtpm2_object_alloc();
		if (!obj) {
			vtpm2_rd_fail(rd, TPM2_RC_MEMORY);
			return;
		}
		t->objects[i] = obj;
		vtpm2_object_read(rd, obj);
		vtpm2_object_check(rd, obj);
		obj->handle = TPM2_TRANSIENT_FIRST + i;
	}
}

/* --- items --- */

static void write_items(const struct vtpm2 *t, struct vtpm2_wr *wr)
{
	struct vtpm2_item item;
	unsigned int i;
	size_t at;

	for (i = 0; vtpm2_item_at(t, i, &item); i++) {
		if (item.mark->change != VTPM2_CHANGED_ORDERLY)
			continue;
		vtpm2_wr_u8(wr, item.type);
		vtpm2_wr_u32(wr, item.id);
		vtpm2_wr_u8(wr, item.mark->stored);
		at = vtpm2_wr_begin(wr);
		vtpm2_item_write(wr, &item);
		vtpm2_wr_end(wr, at);
	}
	vtpm2_wr_u8(wr, 0);
}

static void read_items(struct vtpm2 *t, struct vtpm2_rd *rd)
{
	struct vtpm2_mark mark = { .change = VTPM2_CHANGED_ORDERLY };
	struct vtpm2_bytes b;
	struct vtpm2_rd sub;
	u32 id;
	u8 type;

	while ((type = vtpm2_rd_u8(rd))) {
		id = vtpm2_rd_u32(rd);
		mark.stored = vtpm2_rd_bool(rd);
		b = vtpm2_rd_2b(rd, VTPM2_MAX_RECORD);
		if (type != VTPM2_REC_NV && type != VTPM2_REC_PRIMARY)
			vtpm2_rd_fail(rd, TPM2_RC_VALUE);
		if (rd->err)
			return;
		vtpm2_rd_init(&sub, b.p, b.len);
		vtpm2_item_read(t, type, id, &sub, mark);
		if (sub.err)
			vtpm2_rd_fail(rd, sub.err);
	}
}

static struct vtpm2_primary *primary_by_id(const struct vtpm2 *t, u32 id)
{
	unsigned int i;

	for (i = 0; i < t->primary_count; i++)
		if (t->primaries[i]->id == id)
			return (struct vtpm2_primary *)t->primaries[i];
	return NULL;
}

/* In the order of their numbers, for that of the table is not kept */
static void io_uses(const struct vtpm2_io *io, struct vtpm2 *t)
{
	struct vtpm2_primary *p;
	u32 id;

	vtpm2_io_u64(io, &t->primary_use);
	for (id = 0; id < VTPM2_MAX_PRIMARIES; id++) {
		p = primary_by_id(t, id);
		if (p)
			vtpm2_io_u64(io, &p->used);
	}
}

/* --- all --- */

ssize_t vtpm2_volatile_write(struct vtpm2 *t, void *buf, size_t len)
{
	u8 sum[BIND_SIZE];
	struct vtpm2_io io = { };
	struct vtpm2_wr wr;
	int ret;

	ret = vtpm2_txn_flush(t);
	if (!ret)
		ret = bind(t, sum);
	if (ret)
		return ret;
	vtpm2_wr_init(&wr, buf, len);
	io.wr = &wr;
	vtpm2_io_version(&io, VOLATILE_VERSION);
	vtpm2_io_bytes(&io, sum, sizeof(sum));
	io_members(&io, t);
	write_sessions(t, &wr);
	write_objects(t, &wr);
	write_items(t, &wr);
	io_uses(&io, t);
	return wr.overflow ? -ENOSPC : wr.len;
}

int vtpm2_volatile_read(struct vtpm2 *t, const void *buf, size_t len)
{
	u8 sum[BIND_SIZE], want[BIND_SIZE];
	struct vtpm2_io io = { };
	struct vtpm2_rd rd;
	int ret;

	vtpm2_rd_init(&rd, buf, len);
	io.rd = &rd;
	vtpm2_io_version(&io, VOLATILE_VERSION);
	vtpm2_io_bytes(&io, sum, sizeof(sum));
	io_members(&io, t);
	read_sessions(t, &rd);
	read_objects(t, &rd);
	read_items(t, &rd);
	io_uses(&io, t);
	if (rd.err)
		return rd.err == TPM2_RC_MEMORY ? -ENOMEM : -EBADMSG;
	if (rd.left)
		return -EBADMSG;
	ret = bind(t, want);
	if (!ret && memcmp(sum, want, sizeof(sum)))
		ret = -ESTALE;
	return ret;
}
