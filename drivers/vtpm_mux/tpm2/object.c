// SPDX-License-Identifier: GPL-2.0
/*
 * Loaded and persistent objects (Part 1, 14.3 and 31).
 *
 * A transient object sits in the slot that its handle says; persistent ones
 * are in an array sorted by handle. Both are whole copies in memory: using a
 * persistent object takes no transient slot.
 */
#include <linux/array_size.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "tpm2.h"
#include "txn.h"

struct vtpm2_object *vtpm2_object_find(struct vtpm2 *t, u32 handle)
{
	u32 slot = handle - TPM2_TRANSIENT_FIRST;
	unsigned int i;

	if (slot < VTPM2_MAX_OBJECTS)
		return t->objects[slot];
	for (i = 0; i < t->persistent_count; i++)
		if (t->persistent[i]->handle == handle)
			return t->persistent[i];
	return NULL;
}

struct vtpm2_object *vtpm2_object_alloc(void)
{
	return kzalloc(sizeof(struct vtpm2_object), GFP_KERNEL_ACCOUNT);
}

void vtpm2_object_free(struct vtpm2_object *obj)
{
	if (!obj)
		return;
	kfree_sensitive(obj->seq);
	kfree_sensitive(obj);
}

static int free_slot(const struct vtpm2 *t)
{
	int i;

	for (i = 0; i < VTPM2_MAX_OBJECTS; i++)
		if (!t->objects[i])
			return i;
	return -1;
}

u32 vtpm2_object_room(struct vtpm2 *t)
{
	return free_slot(t) < 0 ? TPM2_RC_OBJECT_MEMORY : 0;
}

u32 vtpm2_object_insert(struct vtpm2 *t, struct vtpm2_object *obj)
{
	int slot = free_slot(t);

	if (slot < 0)
		return TPM2_RC_OBJECT_MEMORY;
	obj->handle = TPM2_TRANSIENT_FIRST + slot;
	t->objects[slot] = obj;
	return 0;
}

void vtpm2_object_flush(struct vtpm2 *t, struct vtpm2_object *obj)
{
	t->objects[obj->handle - TPM2_TRANSIENT_FIRST] = NULL;
	if (!vtpm2_txn_holds(t, obj))
		vtpm2_object_free(obj);
}

void vtpm2_object_flush_hierarchy(struct vtpm2 *t, u32 hierarchy)
{
	struct vtpm2_object *obj;
	int i;

	for (i = 0; i < VTPM2_MAX_OBJECTS; i++) {
		obj = t->objects[i];
		if (obj && (!hierarchy || obj->hierarchy == hierarchy))
			vtpm2_object_flush(t, obj);
	}
}

void vtpm2_object_evict_hierarchy(struct vtpm2 *t, u32 hierarchy)
{
	unsigned int i = 0;

	while (i < t->persistent_count) {
		if (!hierarchy || t->persistent[i]->hierarchy == hierarchy)
			vtpm2_object_evict(t, t->persistent[i]);
		else
			i++;
	}
}

/* By its handle. The table owns it then: TPM_RC_NV_DEFINED, _NV_SPACE. */
u32 vtpm2_object_insert_persistent(struct vtpm2 *t, struct vtpm2_object *obj)
{
	unsigned int n = t->persistent_count;

	if (vtpm2_object_find(t, obj->handle))
		return TPM2_RC_NV_DEFINED;
	if (n == ARRAY_SIZE(t->persistent))
		return TPM2_RC_NV_SPACE;
	while (n && t->persistent[n - 1]->handle > obj->handle) {
		t->persistent[n] = t->persistent[n - 1];
		n--;
	}
	t->persistent[n] = obj;
	t->persistent_count++;
	return 0;
}

u32 vtpm2_object_persist(struct vtpm2 *t, const struct vtpm2_object *obj,
			 u32 handle)
{
	struct vtpm2_object *copy;
	u32 rc;

	copy = kmemdup(obj, sizeof(*obj), GFP_KERNEL_ACCOUNT);
	if (!copy)
		return TPM2_RC_MEMORY;
	copy->handle = handle;
	copy->mark = (struct vtpm2_mark){ .change = VTPM2_CHANGED };
	rc = vtpm2_object_insert_persistent(t, copy);
	if (rc)
		vtpm2_object_free(copy);
	return rc;
}

void vtpm2_object_evict(struct vtpm2 *t, struct vtpm2_object *obj)
{
	unsigned int i = 0;

	while (t->persistent[i] != obj)
		i++;
	t->persistent_count--;
	for (; i < t->persistent_count; i++)
		t->persistent[i] = t->persistent[i + 1];
	t->persistent[i] = NULL;
	if (!vtpm2_txn_holds(t, obj))
		vtpm2_object_free(obj);
}

/* Part 1, 16 and 26.5: QN = H(QN of the parent || Name) */
void vtpm2_object_set_names(struct vtpm2_object *obj,
			    const struct vtpm2_object *parent)
{
	struct vtpm2_digest digest;
	struct vtpm2_bytes parts[2];
	struct vtpm2_wr wr;
	u8 handle[4];

	vtpm2_public_name(&obj->pub, &obj->name);
	/* nothing is above an external object */
	obj->qname = obj->name;
	if (obj->external || !obj->name.len)
		return;
	if (parent) {
		parts[0] = (struct vtpm2_bytes){
			parent->qname.buf, parent->qname.len
		};
	} else {
		vtpm2_wr_init(&wr, handle, sizeof(handle));
		vtpm2_wr_u32(&wr, obj->hierarchy);
		parts[0] = (struct vtpm2_bytes){ handle, sizeof(handle) };
	}
	parts[1] = (struct vtpm2_bytes){ obj->name.buf, obj->name.len };
	vtpm2_hash_parts(obj->pub.name_alg, parts, 2, &digest);
	vtpm2_wr_init(&wr, obj->qname.buf, sizeof(obj->qname.buf));
	vtpm2_wr_u16(&wr, obj->pub.name_alg);
	vtpm2_wr_bytes(&wr, digest.buf, digest.len);
	obj->qname.len = wr.len;
}

void vtpm2_object_set_parent(struct vtpm2_object *obj,
			     const struct vtpm2_object *parent)
{
	obj->hierarchy = parent->hierarchy;
	obj->stclear = parent->stclear || obj->pub.attrs & TPM2_OA_ST_CLEAR;
}

unsigned int vtpm2_object_count(const struct vtpm2 *t)
{
	unsigned int i, n = 0;

	for (i = 0; i < VTPM2_MAX_OBJECTS; i++)
		n += !!t->objects[i];
	return n;
}
