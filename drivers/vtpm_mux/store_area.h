/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Inside the store: an area, and what the store's files share.
 */
#ifndef VTPM_STORE_AREA_H
#define VTPM_STORE_AREA_H

#include <linux/types.h>

#include "store.h"

struct vtpm_aead;

/**
 * struct vtpm_area - one of the two areas, as far as it is known
 * @number: 0 or 1
 * @size: in bytes
 * @generation: in its head
 * @aead: its key
 * @seq: of the next frame
 * @tail: where that goes, from the start of the area
 * @journal: where the snapshot has ended
 */
struct vtpm_area {
	unsigned int number;
	u32 size;
	u64 generation;
	struct vtpm_aead *aead;
	u32 seq;
	u32 tail;
	u32 journal;
};

/**
 * struct vtpm_entry - where a record is
 * @type: enum vtpm2_record_type
 * @id: of the record
 * @seq: of the frame
 * @offset: in the frame's data
 * @deleted: there is none
 */
struct vtpm_entry {
	u32 type;
	u32 id;
	u32 seq;
	u16 offset;
	bool deleted;
};

/**
 * struct vtpm_index - entries
 * @entry: they
 * @count: their number
 * @cap: room
 */
struct vtpm_index {
	struct vtpm_entry *entry;
	unsigned int count;
	unsigned int cap;
};

/* Room for so many more, so that adding them cannot fail. */
int vtpm_index_reserve(struct vtpm_index *index, unsigned int more);
/* Append; there is room. */
void vtpm_index_add(struct vtpm_index *index, const struct vtpm_entry *entry);
/* The entry of this record, or NULL. */
struct vtpm_entry *vtpm_index_find(const struct vtpm_index *index, u32 type, u32 id);
/* Do what @changes say, in their order, and empty them; there is room. */
void vtpm_index_apply(struct vtpm_index *index, struct vtpm_index *changes);
void vtpm_index_free(struct vtpm_index *index);

/**
 * struct vtpm_frames - a transaction that is being written
 * @medium: where to
 * @area: and its area, whose @tail and @seq move on with each frame
 * @changes: where its records are
 * @first: sequence number of its first frame
 * @len: bytes of data in @buf
 * @buf: the frame, VTPM_FRAME_MAX bytes
 */
struct vtpm_frames {
	const struct vtpm_medium *medium;
	struct vtpm_area *area;
	struct vtpm_index changes;
	u32 first;
	u32 len;
	u8 *buf;
};

int vtpm_frames_begin(struct vtpm_frames *f, const struct vtpm_medium *medium,
		      struct vtpm_area *area);
/* Add a record; @arg is the struct vtpm_frames. */
int vtpm_frames_put(void *arg, const struct vtpm2_record *rec);
/* Write the last frame; @flags besides VTPM_FRAME_END. Syncs nothing. */
int vtpm_frames_end(struct vtpm_frames *f, u32 flags);
/* After that, or instead of it. */
void vtpm_frames_free(struct vtpm_frames *f);

/* Begin an area anew; its head is written. Free its key with vtpm_area_free(). */
int vtpm_area_begin(struct vtpm_area *area, const struct vtpm_medium *medium,
		    const u8 *key, const u8 *uuid, u64 generation);
/*
 * Find out what is in an area: where each record is, and where it ends.
 * -ENOENT: nothing that is whole. -EBADMSG: a transaction is missing or damaged
 * that others follow.
 */
int vtpm_area_load(struct vtpm_area *area, const struct vtpm_medium *medium,
		   const u8 *key, const u8 *uuid, struct vtpm_index *index);
/* Every record of the area that @index has. */
int vtpm_area_each(struct vtpm_area *area, const struct vtpm_medium *medium,
		   const struct vtpm_index *index, vtpm_record_fn fn, void *arg);
/* Nobody will take it for one in use. Syncs nothing. */
int vtpm_area_clear(struct vtpm_area *area, const struct vtpm_medium *medium);
void vtpm_area_free(struct vtpm_area *area);

/* store_header.c; @size receives the bytes of an area. */
int vtpm_header_write(const struct vtpm_medium *medium,
		      const struct vtpm_store_identity *id, u32 size, const u8 *key);
int vtpm_header_read(const struct vtpm_medium *medium,
		     struct vtpm_store_identity *id, u32 *size, const u8 *key);
int vtpm_header_erase(const struct vtpm_medium *medium, const u8 *uuid);
/* A key for the area, from the state key. */
void vtpm_area_key(const u8 *key, const u8 *uuid, unsigned int number,
		   const struct vtpm_area_head *head, u8 *area_key);
/* And one for blobs (snapshot.c), of VTPM_STATE_KEY_SIZE bytes. */
void vtpm_blob_key(const u8 *key, const u8 *uuid, u8 *blob_key);
/* And a name for the file, of VTPM_STATE_ID_SIZE bytes. */
void vtpm_file_id(const u8 *key, const u8 *uuid, u8 *id);

/* Where in the file @offset bytes into the area are. */
static inline u64 vtpm_area_pos(const struct vtpm_area *area, u32 offset)
{
	return sizeof(struct vtpm_store_header) + (u64)area->number * area->size + offset;
}

static inline int vtpm_medium_read(const struct vtpm_medium *m, u64 pos,
				   void *buf, size_t len)
{
	return m->ops->read(m->arg, pos, buf, len);
}

static inline int vtpm_medium_write(const struct vtpm_medium *m, u64 pos,
				    const void *buf, size_t len)
{
	return m->ops->write(m->arg, pos, buf, len);
}

static inline int vtpm_medium_sync(const struct vtpm_medium *m)
{
	return m->ops->sync(m->arg);
}

#endif
