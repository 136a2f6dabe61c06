// SPDX-License-Identifier: GPL-2.0
/*
 * The records of what a vTPM has many of: NV indices, persistent objects and
 * remembered primaries.
 *
 * What is read was written here, and somebody has authenticated it since. It is
 * checked as far as the rest of the engine relies on it not to fault.
 */
#include <linux/overflow.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "record.h"

#define NV_VERSION		1
#define OBJECT_VERSION		1
#define PRIMARY_VERSION		1

bool vtpm2_item_at(const struct vtpm2 *s, unsigned int i,
		   struct vtpm2_item *item)
{
	if (i < s->nv_count) {
		const struct vtpm2_nv *nv = s->nv[i];

		*item = (struct vtpm2_item){
			VTPM2_REC_NV, nv->index,
			(struct vtpm2_mark *)&nv->mark, nv,
		};
		return true;
	}
	i -= s->nv_count;
	if (i < s->persistent_count) {
		struct vtpm2_object *obj = s->persistent[i];

		*item = (struct vtpm2_item){
			VTPM2_REC_PERSISTENT, obj->handle, &obj->mark, obj,
		};
		return true;
	}
	i -= s->persistent_count;
	if (i < s->primary_count) {
		const struct vtpm2_primary *p = s->primaries[i];

		*item = (struct vtpm2_item){
			VTPM2_REC_PRIMARY, p->id,
			(struct vtpm2_mark *)&p->mark, p,
		};
		return true;
	}
	return false;
}

bool vtpm2_item_find(const struct vtpm2 *s, u32 type, u32 id)
{
	struct vtpm2_item item;
	unsigned int i;

	for (i = 0; vtpm2_item_at(s, i, &item); i++)
		if (item.type == type && item.id == id)
			return true;
	return false;
}

/* --- NV indices --- */

#define NV_FIELDS	(2 + 2 + 4 + 2 * (2 + VTPM2_MAX_DIGEST) + 2)

static void io_nv(const struct vtpm2_io *io, struct vtpm2_nv *nv)
{
	vtpm2_io_version(io, NV_VERSION);
	vtpm2_io_u16(io, &nv->name_alg);
	vtpm2_io_u32(io, &nv->attrs);
	vtpm2_io_digest(io, &nv->policy);
	vtpm2_io_digest(io, &nv->auth);
	vtpm2_io_u16(io, &nv->size);
}

static void write_nv(struct vtpm2_wr *wr, const struct vtpm2_nv *nv)
{
	const struct vtpm2_io io = { .wr = wr };

	io_nv(&io, (struct vtpm2_nv *)nv);
	vtpm2_wr_bytes(wr, nv->data, nv->size);
}

/* In front of the data: could it have been defined like that? */
static bool nv_sound(const struct vtpm2_nv *nv)
{
	u16 digest_size = vtpm2_digest_size(nv->name_alg);

	return digest_size && nv->auth.len <= digest_size &&
	       (!nv->policy.len || nv->policy.len == digest_size) &&
	       nv->size <= VTPM2_MAX_NV_SIZE && !vtpm2_nv_check_size(nv) &&
	       vtpm2_handle_type(nv->index) == TPM2_HT_NV_INDEX;
}

static void read_nv(struct vtpm2 *t, u32 id, struct vtpm2_rd *rd,
		    struct vtpm2_mark mark)
{
	struct vtpm2_nv pub = { .index = id, .mark = mark }, *nv = NULL;
	const struct vtpm2_io io = { .rd = rd };
	const struct vtpm2_nv *old;

	io_nv(&io, &pub);
	if (!nv_sound(&pub) || pub.size != rd->left)
		vtpm2_rd_fail(rd, TPM2_RC_VALUE);
	old = vtpm2_nv_find(t, id);
	if (old)
		vtpm2_nv_delete(t, old);
	if (t->nv_count >= VTPM2_MAX_NV ||
	    pub.size > VTPM2_MAX_NV_TOTAL - t->nv_bytes)
		vtpm2_rd_fail(rd, TPM2_RC_NV_SPACE);
	if (rd->err)
		goto out;
	nv = kzalloc(struct_size(nv, data, pub.size), GFP_KERNEL_ACCOUNT);
	if (!nv) {
		vtpm2_rd_fail(rd, TPM2_RC_MEMORY);
		goto out;
	}
	*nv = pub;
	vtpm2_rd_copy(rd, nv->data, nv->size);
	vtpm2_nv_insert(t, nv);
out:
	memzero_explicit(&pub, sizeof(pub));
}

/* --- objects --- */

static void write_persistent(struct vtpm2_wr *wr,
			     const struct vtpm2_object *obj)
{
	vtpm2_wr_u16(wr, OBJECT_VERSION);
	vtpm2_object_write(wr, obj);
}

/* What TPM2_EvictControl lets through */
static bool persistent_sound(struct vtpm2_object *obj)
{
	return vtpm2_handle_type(obj->handle) == TPM2_HT_PERSISTENT &&
	       !obj->seq && !obj->public_only &&
	       obj->hierarchy != TPM2_RH_NULL;
}

static void read_persistent(struct vtpm2 *t, u32 id, struct vtpm2_rd *rd,
			    struct vtpm2_mark mark)
{
	struct vtpm2_object *obj = vtpm2_object_alloc();
	u32 rc;

	if (!obj) {
		vtpm2_rd_fail(rd, TPM2_RC_MEMORY);
		return;
	}
	if (vtpm2_rd_u16(rd) != OBJECT_VERSION)
		vtpm2_rd_fail(rd, TPM2_RC_VALUE);
	vtpm2_object_read(rd, obj);
	obj->handle = id;
	obj->mark = mark;
	vtpm2_object_check(rd, obj);
	if (!persistent_sound(obj) || rd->left)
		vtpm2_rd_fail(rd, TPM2_RC_VALUE);
	rc = rd->err ?: vtpm2_object_insert_persistent(t, obj);
	if (!rc)
		return;
	vtpm2_rd_fail(rd, rc);
	vtpm2_object_free(obj);
}

/* --- primaries --- */

#define PRIMARY_FIELDS	(2 + 4 + sizeof_field(struct vtpm2_primary, key))

static void write_primary(struct vtpm2_wr *wr, const struct vtpm2_primary *p)
{
	vtpm2_wr_u16(wr, PRIMARY_VERSION);
	vtpm2_wr_u32(wr, p->hierarchy);
	vtpm2_wr_bytes(wr, p->key, sizeof(p->key));
	vtpm2_wr_bytes(wr, p->image, p->len);
}

/* Is it an object of this hierarchy, and no more? */
static void check_image(struct vtpm2_rd *rd, u32 hierarchy)
{
	struct vtpm2_object *obj = vtpm2_object_alloc();
	struct vtpm2_rd image = *rd;

	if (!obj) {
		vtpm2_rd_fail(rd, TPM2_RC_MEMORY);
		return;
	}
	vtpm2_object_read(&image, obj);
	vtpm2_object_check(&image, obj);
	if (image.err == TPM2_RC_MEMORY)
		vtpm2_rd_fail(rd, TPM2_RC_MEMORY);
	else if (image.err || image.left || obj->seq || obj->public_only ||
		 obj->hierarchy != hierarchy)
		vtpm2_rd_fail(rd, TPM2_RC_VALUE);
	vtpm2_object_free(obj);
}

static void read_primary(struct vtpm2 *t, u32 id, struct vtpm2_rd *rd,
			 struct vtpm2_mark mark)
{
	struct vtpm2_primary *p;
	u16 version = vtpm2_rd_u16(rd);
	u32 hierarchy = vtpm2_rd_u32(rd);
	const u8 *key = vtpm2_rd_bytes(rd, sizeof(p->key));

	/* numbers are given from 0 on, and no more than there may be */
	if (version != PRIMARY_VERSION || rd->left > VTPM2_MAX_IMAGE ||
	    id >= VTPM2_MAX_PRIMARIES)
		vtpm2_rd_fail(rd, TPM2_RC_VALUE);
	if (!rd->err)
		check_image(rd, hierarchy);
	if (rd->err)
		return;
	vtpm2_primary_remove(t, id);
	p = kzalloc(struct_size(p, image, rd->left), GFP_KERNEL_ACCOUNT);
	if (!p) {
		vtpm2_rd_fail(rd, TPM2_RC_MEMORY);
		return;
	}
	p->mark = mark;
	p->id = id;
	p->used = ++t->primary_use;
	p->hierarchy = hierarchy;
	memcpy(p->key, key, sizeof(p->key));
	p->len = rd->left;
	vtpm2_rd_copy(rd, p->image, p->len);
	vtpm2_primary_insert(t, p);
}

/* --- all --- */

size_t vtpm2_item_room(const struct vtpm2_item *item)
{
	switch (item->type) {
	case VTPM2_REC_NV:
		return NV_FIELDS + ((const struct vtpm2_nv *)item->p)->size;
	case VTPM2_REC_PERSISTENT:
		return 2 + VTPM2_MAX_IMAGE;
	default:
		return PRIMARY_FIELDS +
		       ((const struct vtpm2_primary *)item->p)->len;
	}
}

void vtpm2_item_write(struct vtpm2_wr *wr, const struct vtpm2_item *item)
{
	switch (item->type) {
	case VTPM2_REC_NV:
		write_nv(wr, item->p);
		break;
	case VTPM2_REC_PERSISTENT:
		write_persistent(wr, item->p);
		break;
	default:
		write_primary(wr, item->p);
	}
}

void vtpm2_item_read(struct vtpm2 *t, u32 type, u32 id, struct vtpm2_rd *rd,
		     struct vtpm2_mark mark)
{
	switch (type) {
	case VTPM2_REC_NV:
		read_nv(t, id, rd, mark);
		break;
	case VTPM2_REC_PERSISTENT:
		read_persistent(t, id, rd, mark);
		break;
	default:
		read_primary(t, id, rd, mark);
	}
}
