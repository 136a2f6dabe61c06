// SPDX-License-Identifier: GPL-2.0
/*
 * An area of the state file: a snapshot of all records, then a journal of what
 * has changed since.
 */
#include <asm/byteorder.h>
#include <linux/err.h>
#include <linux/math.h>
#include <linux/minmax.h>
#include <linux/random.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/unaligned.h>

#include "store_aead.h"
#include "store_area.h"

/* Where the first frame goes. */
#define AREA_FRAMES	((u32)sizeof(struct vtpm_area_head))

/**
 * struct area_reader - reads frames
 * @area: from here
 * @medium: and here
 * @buf: VTPM_FRAME_MAX bytes
 * @frame: in @buf: what was read
 * @data: in @buf: its records
 * @len: bytes of those
 * @size: bytes that it takes in the area
 */
struct area_reader {
	const struct vtpm_area *area;
	const struct vtpm_medium *medium;
	u8 *buf;
	struct vtpm_frame *frame;
	u8 *data;
	u32 len;
	u32 size;
};

static int reader_init(struct area_reader *r, const struct vtpm_area *area,
		       const struct vtpm_medium *medium)
{
	r->area = area;
	r->medium = medium;
	r->buf = kmalloc(VTPM_FRAME_MAX, GFP_KERNEL_ACCOUNT);
	if (!r->buf)
		return -ENOMEM;
	r->frame = (struct vtpm_frame *)r->buf;
	r->data = r->buf + sizeof(*r->frame);
	return 0;
}

static void reader_free(struct area_reader *r)
{
	kfree_sensitive(r->buf);
}

/* Does the first sector at @pos begin a frame of this area that fits in it? */
static bool reader_check_head(struct area_reader *r, u32 pos)
{
	const struct vtpm_frame *frame = r->frame;
	u32 len = le32_to_cpu(frame->len);

	if (le32_to_cpu(frame->magic) != VTPM_FRAME_MAGIC || frame->reserved ||
	    le64_to_cpu(frame->generation) != r->area->generation ||
	    len > VTPM_FRAME_DATA)
		return false;
	r->len = len;
	r->size = round_up(sizeof(*frame) + len, VTPM_SECTOR);
	return pos + r->size <= r->area->size;
}

/*
 * The frame at @pos, decrypted. -EBADMSG: there is none that is whole; other
 * errors say nothing about what is there.
 */
static int reader_get(struct area_reader *r, u32 pos)
{
	u64 start = vtpm_area_pos(r->area, pos);
	int rc;

	if (pos + VTPM_SECTOR > r->area->size)
		return -EBADMSG;
	rc = vtpm_medium_read(r->medium, start, r->buf, VTPM_SECTOR);
	if (rc)
		return rc;
	if (!reader_check_head(r, pos))
		return -EBADMSG;
	if (r->size > VTPM_SECTOR) {
		rc = vtpm_medium_read(r->medium, start + VTPM_SECTOR,
				      r->buf + VTPM_SECTOR, r->size - VTPM_SECTOR);
		if (rc)
			return rc;
	}
	if (!mem_is_zero(r->data + r->len, r->size - sizeof(*r->frame) - r->len))
		return -EBADMSG;
	return vtpm_aead_open(r->area->aead, le32_to_cpu(r->frame->seq), r->buf,
			      VTPM_FRAME_AAD, r->len);
}

/*
 * Call @fn with each record in the frame that was read. The frame is what we
 * once wrote; that its lengths hold is checked nevertheless.
 */
static int reader_each(const struct area_reader *r,
		       int (*fn)(void *arg, const struct vtpm2_record *rec,
				 const struct vtpm_entry *entry), void *arg)
{
	u32 left = r->len;
	u32 at, len;
	int rc;

	for (at = 0; left; at = r->len - left) {
		struct vtpm_store_record head;
		struct vtpm2_record rec;
		struct vtpm_entry entry;

		if (left < sizeof(head))
			return -EBADMSG;
		memcpy(&head, r->data + at, sizeof(head));
		left -= sizeof(head);
		len = le32_to_cpu(head.len);
		entry = (struct vtpm_entry){
			.type = le32_to_cpu(head.type),
			.id = le32_to_cpu(head.id),
			.seq = le32_to_cpu(r->frame->seq),
			.offset = at,
			.deleted = len == VTPM_STORE_DELETED,
		};
		if (entry.deleted)
			len = 0;
		if (len > left)
			return -EBADMSG;
		rec = (struct vtpm2_record){
			.type = entry.type,
			.id = entry.id,
			.data = entry.deleted ? NULL : r->data + at + sizeof(head),
			.len = len,
		};
		left -= len;
		rc = fn(arg, &rec, &entry);
		if (rc)
			return rc;
	}
	return 0;
}

static int area_set_key(struct vtpm_area *area, const u8 *key, const u8 *uuid,
			const struct vtpm_area_head *head)
{
	u8 area_key[VTPM_STATE_KEY_SIZE];

	vtpm_area_key(key, uuid, area->number, head, area_key);
	area->aead = vtpm_aead_alloc(area_key);
	memzero_explicit(area_key, sizeof(area_key));
	if (IS_ERR(area->aead)) {
		int rc = PTR_ERR(area->aead);

		area->aead = NULL;
		return rc;
	}
	return 0;
}

int vtpm_area_begin(struct vtpm_area *area, const struct vtpm_medium *medium,
		    const u8 *key, const u8 *uuid, u64 generation)
{
	struct vtpm_area_head *head;
	int rc;

	head = kzalloc(sizeof(*head), GFP_KERNEL_ACCOUNT);
	if (!head)
		return -ENOMEM;
	head->magic = cpu_to_le32(VTPM_AREA_MAGIC);
	head->generation = cpu_to_le64(generation);
	get_random_bytes(head->salt, sizeof(head->salt));
	area->generation = generation;
	area->seq = 1;
	area->tail = AREA_FRAMES;
	rc = area_set_key(area, key, uuid, head);
	if (!rc)
		rc = vtpm_medium_write(medium, vtpm_area_pos(area, 0), head,
				       sizeof(*head));
	kfree_sensitive(head);
	return rc;
}

/* -ENOENT: no head. */
static int area_read_head(struct vtpm_area *area, const struct vtpm_medium *medium,
			  const u8 *key, const u8 *uuid)
{
	struct vtpm_area_head *head;
	int rc;

	head = kmalloc(sizeof(*head), GFP_KERNEL_ACCOUNT);
	if (!head)
		return -ENOMEM;
	rc = vtpm_medium_read(medium, vtpm_area_pos(area, 0), head, sizeof(*head));
	if (!rc && (le32_to_cpu(head->magic) != VTPM_AREA_MAGIC ||
		    head->reserved || !mem_is_zero(head->zero, sizeof(head->zero))))
		rc = -ENOENT;
	if (!rc) {
		area->generation = le64_to_cpu(head->generation);
		rc = area_set_key(area, key, uuid, head);
	}
	kfree_sensitive(head);
	return rc;
}

static int add_change(void *arg, const struct vtpm2_record *rec,
		      const struct vtpm_entry *entry)
{
	struct vtpm_index *changes = arg;
	int rc;

	rc = vtpm_index_reserve(changes, 1);
	if (!rc)
		vtpm_index_add(changes, entry);
	return rc;
}

/*
 * The transaction that begins at the area's tail. -EBADMSG: it is not whole.
 * *@flags: of its last frame.
 */
static int load_transaction(struct area_reader *r, struct vtpm_area *area,
			    struct vtpm_index *changes, u32 *flags)
{
	u32 first = area->seq;
	u32 pos = area->tail;
	u32 seq = first;
	int rc;

	changes->count = 0;
	do {
		rc = reader_get(r, pos);
		if (rc)
			return rc;
		if (le32_to_cpu(r->frame->seq) != seq ||
		    le32_to_cpu(r->frame->first) != first)
			return -EBADMSG;
		rc = reader_each(r, add_change, changes);
		if (rc)
			return rc;
		*flags = le32_to_cpu(r->frame->flags);
		pos += r->size;
		seq++;
	} while (!(*flags & VTPM_FRAME_END));
	area->tail = pos;
	area->seq = seq;
	return 0;
}

/*
 * A transaction is written when the one before is durable. So if there is a
 * frame of a later one anywhere behind the tail, then what should be at the tail
 * was durable once, and was damaged since. If there is none, what is at the tail
 * was being written when the power went, or is nothing at all. -EBADMSG for the
 * former.
 */
static int area_check_tail(struct area_reader *r, const struct vtpm_area *area)
{
	u32 pos;
	int rc;

	for (pos = area->tail; pos < area->size; pos += VTPM_SECTOR) {
		rc = reader_get(r, pos);
		if (!rc && le32_to_cpu(r->frame->first) > area->seq)
			return -EBADMSG;
		if (rc && rc != -EBADMSG)
			return rc;
	}
	return 0;
}

static int load_journal(struct area_reader *r, struct vtpm_area *area,
			struct vtpm_index *index, struct vtpm_index *changes)
{
	u32 flags = 0;
	int rc;

	do {
		rc = load_transaction(r, area, changes, &flags);
		if (!rc)
			rc = vtpm_index_reserve(index, changes->count);
		if (rc)
			break;
		vtpm_index_apply(index, changes);
	} while (!(flags & VTPM_FRAME_CLOSED));
	if (rc == -EBADMSG || !rc)
		rc = area_check_tail(r, area);
	return rc;
}

int vtpm_area_load(struct vtpm_area *area, const struct vtpm_medium *medium,
		   const u8 *key, const u8 *uuid, struct vtpm_index *index)
{
	struct vtpm_index changes = {};
	struct area_reader r;
	u32 flags;
	int rc;

	rc = area_read_head(area, medium, key, uuid);
	if (rc)
		return rc;
	rc = reader_init(&r, area, medium);
	if (rc)
		return rc;
	area->seq = 1;
	area->tail = AREA_FRAMES;
	rc = load_transaction(&r, area, &changes, &flags);
	if (rc == -EBADMSG)
		rc = -ENOENT;
	if (!rc)
		rc = vtpm_index_reserve(index, changes.count);
	if (!rc) {
		vtpm_index_apply(index, &changes);
		area->journal = area->tail;
		rc = load_journal(&r, area, index, &changes);
	}
	vtpm_index_free(&changes);
	reader_free(&r);
	return rc;
}

struct area_each {
	const struct vtpm_index *index;
	vtpm_record_fn fn;
	void *arg;
};

/* What is not where the index says has been replaced since. */
static int pass_current(void *arg, const struct vtpm2_record *rec,
			const struct vtpm_entry *entry)
{
	const struct area_each *each = arg;
	const struct vtpm_entry *current_entry;

	current_entry = vtpm_index_find(each->index, rec->type, rec->id);
	if (!current_entry || current_entry->seq != entry->seq ||
	    current_entry->offset != entry->offset)
		return 0;
	return each->fn(each->arg, rec);
}

int vtpm_area_each(struct vtpm_area *area, const struct vtpm_medium *medium,
		   const struct vtpm_index *index, vtpm_record_fn fn, void *arg)
{
	struct area_each each = { .index = index, .fn = fn, .arg = arg };
	struct area_reader r;
	u32 pos = AREA_FRAMES;
	u32 seq;
	int rc;

	rc = reader_init(&r, area, medium);
	for (seq = 1; !rc && pos < area->tail; seq++, pos += r.size) {
		rc = reader_get(&r, pos);
		if (!rc && le32_to_cpu(r.frame->seq) != seq)
			rc = -EBADMSG;
		if (!rc)
			rc = reader_each(&r, pass_current, &each);
	}
	reader_free(&r);
	return rc;
}

int vtpm_area_clear(struct vtpm_area *area, const struct vtpm_medium *medium)
{
	struct vtpm_area_head *head;
	int rc;

	head = kzalloc(sizeof(*head), GFP_KERNEL_ACCOUNT);
	if (!head)
		return -ENOMEM;
	rc = vtpm_medium_write(medium, vtpm_area_pos(area, 0), head, sizeof(*head));
	kfree(head);
	return rc;
}

void vtpm_area_free(struct vtpm_area *area)
{
	vtpm_aead_free(area->aead);
	area->aead = NULL;
}
