// SPDX-License-Identifier: GPL-2.0
/*
 * All of an object or sequence as bytes: in saved contexts, remembered
 * primaries and the vTPM's state. The format is our own; every use encrypts
 * or keeps the bytes in kernel memory, and authenticates them before reading.
 */
#include <linux/string.h>

#include "tpm2.h"

#define IMAGE_PUBLIC_ONLY	0x01
#define IMAGE_EXTERNAL		0x02
#define IMAGE_PRIMARY		0x04
#define IMAGE_STCLEAR		0x08
#define IMAGE_SEQUENCE		0x10

static u8 image_flags(const struct vtpm2_object *obj)
{
	u8 flags = 0;

	if (obj->public_only)
		flags |= IMAGE_PUBLIC_ONLY;
	if (obj->external)
		flags |= IMAGE_EXTERNAL;
	if (obj->primary)
		flags |= IMAGE_PRIMARY;
	if (obj->stclear)
		flags |= IMAGE_STCLEAR;
	if (obj->seq)
		flags |= IMAGE_SEQUENCE;
	return flags;
}

void vtpm2_object_write(struct vtpm2_wr *wr, const struct vtpm2_object *obj)
{
	vtpm2_wr_u8(wr, image_flags(obj));
	vtpm2_wr_u8(wr, obj->class);
	vtpm2_wr_u32(wr, obj->hierarchy);
	vtpm2_wr_digest(wr, &obj->sens.auth);
	if (obj->seq) {
		vtpm2_seq_save(obj->seq, wr);
		return;
	}
	vtpm2_wr_2b_public(wr, &obj->pub);
	vtpm2_wr_digest(wr, &obj->sens.seed);
	vtpm2_wr_2b(wr, obj->sens.data, obj->sens.data_len);
	vtpm2_wr_name(wr, &obj->name);
	vtpm2_wr_name(wr, &obj->qname);
	vtpm2_wr_2b(wr, obj->shadow.blob, obj->shadow.len);
}

/* The name tells whether the public area is the one that was written. */
void vtpm2_object_check(struct vtpm2_rd *rd, struct vtpm2_object *obj)
{
	struct vtpm2_name name;

	if (rd->err)
		return;
	if ((obj->hierarchy != TPM2_RH_OWNER &&
	     obj->hierarchy != TPM2_RH_ENDORSEMENT &&
	     obj->hierarchy != TPM2_RH_PLATFORM &&
	     obj->hierarchy != TPM2_RH_NULL) || obj->class > VTPM2_CLASS_SEALED)
		vtpm2_rd_fail(rd, TPM2_RC_VALUE);
	if (rd->err || obj->seq)
		return;
	vtpm2_public_name(&obj->pub, &name);
	if (name.len != obj->name.len || memcmp(name.buf, obj->name.buf, name.len))
		vtpm2_rd_fail(rd, TPM2_RC_INTEGRITY);
}

static void rd_object(struct vtpm2_rd *rd, struct vtpm2_object *obj)
{
	struct vtpm2_bytes b;

	vtpm2_rd_2b_public_external(rd, &obj->pub);
	vtpm2_rd_digest(rd, &obj->sens.seed);
	b = vtpm2_rd_2b(rd, sizeof(obj->sens.data));
	obj->sens.data_len = b.len;
	if (b.len)
		memcpy(obj->sens.data, b.p, b.len);
	vtpm2_rd_name(rd, &obj->name);
	vtpm2_rd_name(rd, &obj->qname);
	b = vtpm2_rd_2b(rd, sizeof(obj->shadow.blob));
	obj->shadow.len = b.len;
	if (b.len)
		memcpy(obj->shadow.blob, b.p, b.len);
}

void vtpm2_object_read(struct vtpm2_rd *rd, struct vtpm2_object *obj)
{
	u8 flags = vtpm2_rd_u8(rd);

	obj->public_only = flags & IMAGE_PUBLIC_ONLY;
	obj->external = flags & IMAGE_EXTERNAL;
	obj->primary = flags & IMAGE_PRIMARY;
	obj->stclear = flags & IMAGE_STCLEAR;
	obj->class = vtpm2_rd_u8(rd);
	obj->hierarchy = vtpm2_rd_u32(rd);
	vtpm2_rd_digest(rd, &obj->sens.auth);
	if (flags & IMAGE_SEQUENCE)
		obj->seq = vtpm2_seq_load(rd);
	else
		rd_object(rd, obj);
}
