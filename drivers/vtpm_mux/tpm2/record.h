/* SPDX-License-Identifier: GPL-2.0 */
/* What is in the records: state_core.c, record.c; and in a suspended vTPM. */
#ifndef VTPM2_RECORD_H
#define VTPM2_RECORD_H

#include "tpm2.h"

/*
 * A cursor in either direction: one list of fields serves to write and to
 * read, so that the two cannot differ. One of @wr and @rd is NULL.
 */
struct vtpm2_io {
	struct vtpm2_wr *wr;
	struct vtpm2_rd *rd;
};

/* TPM_RC_VALUE unless what is read is @version */
void vtpm2_io_version(const struct vtpm2_io *io, u16 version);
void vtpm2_io_bool(const struct vtpm2_io *io, bool *v);
void vtpm2_io_u8(const struct vtpm2_io *io, u8 *v);
void vtpm2_io_u16(const struct vtpm2_io *io, u16 *v);
void vtpm2_io_u32(const struct vtpm2_io *io, u32 *v);
void vtpm2_io_u64(const struct vtpm2_io *io, u64 *v);
void vtpm2_io_bytes(const struct vtpm2_io *io, void *p, size_t len);
void vtpm2_io_digest(const struct vtpm2_io *io, struct vtpm2_digest *d);
/* A policy and its algorithm, whose digest it is, or TPM_ALG_NULL and empty */
void vtpm2_io_policy(const struct vtpm2_io *io, u16 *alg,
		     struct vtpm2_digest *policy);

/* --- state_core.c --- */

void vtpm2_core_write(struct vtpm2 *t, struct vtpm2_wr *wr);
void vtpm2_core_read(struct vtpm2 *t, struct vtpm2_rd *rd);
void vtpm2_orderly_write(struct vtpm2 *t, struct vtpm2_wr *wr);
void vtpm2_orderly_read(struct vtpm2 *t, struct vtpm2_rd *rd);
/* The part of VTPM2_REC_ORDERLY that does not depend on TPM2_Shutdown */
void vtpm2_io_orderly(const struct vtpm2_io *io, struct vtpm2 *s);

/* --- record.c --- */

/**
 * struct vtpm2_item - an NV index, persistent object or primary
 * @type: enum vtpm2_record_type
 * @id: number of its record
 * @mark: its mark
 * @p: the thing itself
 */
struct vtpm2_item {
	u32 type;
	u32 id;
	struct vtpm2_mark *mark;
	const void *p;
};

/* Number @i of them all; false if there are no more. */
bool vtpm2_item_at(const struct vtpm2 *s, unsigned int i,
		   struct vtpm2_item *item);
bool vtpm2_item_find(const struct vtpm2 *s, u32 type, u32 id);
/* At most so many bytes will be written. */
size_t vtpm2_item_room(const struct vtpm2_item *item);
void vtpm2_item_write(struct vtpm2_wr *wr, const struct vtpm2_item *item);
/*
 * Make it and put it into its table, or in the place of the one that is there:
 * TPM_RC_MEMORY, or another error, in @rd.
 */
void vtpm2_item_read(struct vtpm2 *t, u32 type, u32 id, struct vtpm2_rd *rd,
		     struct vtpm2_mark mark);

#endif
