// SPDX-License-Identifier: GPL-2.0
/*
 * Transactions, written as frames. Every frame begins a sector of its own, so
 * that writing one cannot tear another.
 */
#include <asm/byteorder.h>
#include <linux/errno.h>
#include <linux/math.h>
#include <linux/minmax.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "store_aead.h"
#include "store_area.h"

static u8 *frame_data(const struct vtpm_frames *f)
{
	return f->buf + sizeof(struct vtpm_frame);
}

int vtpm_frames_begin(struct vtpm_frames *f, const struct vtpm_medium *medium,
		      struct vtpm_area *area)
{
	*f = (struct vtpm_frames){
		.medium = medium,
		.area = area,
		.first = area->seq,
	};
	f->buf = kmalloc(VTPM_FRAME_MAX, GFP_KERNEL_ACCOUNT);
	return f->buf ? 0 : -ENOMEM;
}

/*
 * A sequence number is used up before anything is encrypted with it: whatever
 * fails, no other plaintext ever meets the same nonce.
 */
static int frames_write(struct vtpm_frames *f, u32 flags)
{
	struct vtpm_frame *head = (struct vtpm_frame *)f->buf;
	u32 size = round_up(sizeof(*head) + f->len, VTPM_SECTOR);
	struct vtpm_area *area = f->area;
	/* There is always room to close the file. */
	u32 spare = flags & VTPM_FRAME_CLOSED ? 0 : VTPM_SECTOR;
	u32 seq = area->seq++;
	int rc;

	if (area->tail + size + spare > area->size)
		return -ENOSPC;
	*head = (struct vtpm_frame){
		.magic = cpu_to_le32(VTPM_FRAME_MAGIC),
		.len = cpu_to_le32(f->len),
		.generation = cpu_to_le64(area->generation),
		.seq = cpu_to_le32(seq),
		.first = cpu_to_le32(f->first),
		.flags = cpu_to_le32(flags),
	};
	memset(frame_data(f) + f->len, 0, size - sizeof(*head) - f->len);
	rc = vtpm_aead_seal(area->aead, seq, f->buf, VTPM_FRAME_AAD, f->len);
	if (!rc)
		rc = vtpm_medium_write(f->medium, vtpm_area_pos(area, area->tail),
				       f->buf, size);
	area->tail += size;
	f->len = 0;
	return rc;
}

int vtpm_frames_put(void *arg, const struct vtpm2_record *rec)
{
	struct vtpm_frames *f = arg;
	u32 len = rec->data ? rec->len : 0;
	struct vtpm_store_record head = {
		.type = cpu_to_le32(rec->type),
		.id = cpu_to_le32(rec->id),
		.len = cpu_to_le32(rec->data ? len : VTPM_STORE_DELETED),
	};
	struct vtpm_entry entry = {
		.type = rec->type,
		.id = rec->id,
		.deleted = !rec->data,
	};
	int rc;

	if (len > VTPM2_MAX_RECORD)
		return -EMSGSIZE;
	rc = vtpm_index_reserve(&f->changes, 1);
	if (!rc && f->len + sizeof(head) + len > VTPM_FRAME_DATA)
		rc = frames_write(f, 0);
	if (rc)
		return rc;
	entry.seq = f->area->seq;
	entry.offset = f->len;
	memcpy(frame_data(f) + f->len, &head, sizeof(head));
	if (len)
		memcpy(frame_data(f) + f->len + sizeof(head), rec->data, len);
	f->len += sizeof(head) + len;
	vtpm_index_add(&f->changes, &entry);
	return 0;
}

int vtpm_frames_end(struct vtpm_frames *f, u32 flags)
{
	return frames_write(f, flags | VTPM_FRAME_END);
}

void vtpm_frames_free(struct vtpm_frames *f)
{
	vtpm_index_free(&f->changes);
	kfree_sensitive(f->buf);
	f->buf = NULL;
}
