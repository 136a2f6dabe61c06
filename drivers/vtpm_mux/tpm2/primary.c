// SPDX-License-Identifier: GPL-2.0
/*
 * TPM2_CreatePrimary (Part 3, 24.1).
 *
 * A primary is a function of its hierarchy's seed, the template and the
 * sensitive data (Part 1, 14.4). The chip makes random keys, so each primary
 * is made once and remembered until its hierarchy gets a new seed: asking
 * again costs no chip command and gives the same key. There is no room for
 * more than VTPM2_MAX_PRIMARIES of them. Where a hierarchy lives on, being
 * full is an error, for another key under the same template would be a lie;
 * the null hierarchy's keys end with the next reset and the least recently
 * used of them gives way.
 */
#include <linux/overflow.h>
#include <linux/slab.h>
#include <linux/stddef.h>
#include <linux/string.h>

#include "commands.h"
#include "create.h"
#include "txn.h"

/* How many of the remembered primaries may be of the null hierarchy. */
#define MAX_NULL_PRIMARIES	16

/* What the primary is a function of, apart from the hierarchy. */
static void primary_key(const struct vtpm2_object *obj, u8 *key)
{
	u8 template[VTPM2_MAX_PUBLIC];
	struct vtpm2_digest digest;
	struct vtpm2_bytes parts[2];
	struct vtpm2_wr wr;

	vtpm2_wr_init(&wr, template, sizeof(template));
	vtpm2_wr_public(&wr, &obj->pub);
	/* the template says where it ends itself */
	parts[0] = (struct vtpm2_bytes){ template, wr.len };
	parts[1] = (struct vtpm2_bytes){ obj->sens.data, obj->sens.data_len };
	vtpm2_hash_parts(TPM2_ALG_SHA256, parts, 2, &digest);
	memcpy(key, digest.buf, sizeof_field(struct vtpm2_primary, key));
}

static const struct vtpm2_primary *find(struct vtpm2 *t, u32 hierarchy,
					const u8 *key)
{
	const struct vtpm2_primary *p;
	unsigned int i;

	for (i = 0; i < t->primary_count; i++) {
		p = t->primaries[i];
		if (p->hierarchy == hierarchy &&
		    !memcmp(p->key, key, sizeof(p->key)))
			return p;
	}
	return NULL;
}

static u32 recall(const struct vtpm2_primary *p, struct vtpm2_object *obj)
{
	struct vtpm2_digest auth = obj->sens.auth;
	struct vtpm2_rd rd;

	memzero_explicit(&obj->sens, sizeof(obj->sens));
	vtpm2_rd_init(&rd, p->image, p->len);
	vtpm2_object_read(&rd, obj);
	obj->sens.auth = auth;
	memzero_explicit(&auth, sizeof(auth));
	return rd.err;
}

void vtpm2_primary_remove(struct vtpm2 *t, u32 id)
{
	const struct vtpm2_primary *p;
	unsigned int i = 0;

	while (i < t->primary_count && t->primaries[i]->id != id)
		i++;
	if (i == t->primary_count)
		return;
	p = t->primaries[i];
	for (t->primary_count--; i < t->primary_count; i++)
		t->primaries[i] = t->primaries[i + 1];
	t->primaries[i] = NULL;
	if (!vtpm2_txn_holds(t, p))
		kfree_sensitive(p);
}

static void forget(struct vtpm2 *t, const struct vtpm2_primary *p)
{
	struct vtpm2_object *obj = vtpm2_object_alloc();

	/* the chip is only told to save it the work of finding out */
	if (obj && !recall(p, obj))
		vtpm2_key_forget(t, obj);
	vtpm2_object_free(obj);
	vtpm2_primary_remove(t, p->id);
}

static u32 make_room(struct vtpm2 *t, u32 hierarchy)
{
	const struct vtpm2_primary *p, *oldest = NULL;
	unsigned int i, null = 0;

	for (i = 0; i < t->primary_count; i++) {
		p = t->primaries[i];
		if (p->hierarchy != TPM2_RH_NULL)
			continue;
		if (!oldest || p->used < oldest->used)
			oldest = p;
		null++;
	}
	if (hierarchy != TPM2_RH_NULL)
		return t->primary_count - null <
			VTPM2_MAX_PRIMARIES - MAX_NULL_PRIMARIES ?
			0 : TPM2_RC_NV_SPACE;
	if (null >= MAX_NULL_PRIMARIES)
		forget(t, oldest);
	return 0;
}

/* The lowest that none of them has */
static u32 free_id(const struct vtpm2 *t)
{
	unsigned int i;
	u32 id = 0;

	for (i = 0; i < t->primary_count; i++) {
		if (t->primaries[i]->id == id) {
			id++;
			i = -1;
		}
	}
	return id;
}

/* make_room() has seen to it that there is some. */
void vtpm2_primary_insert(struct vtpm2 *t, const struct vtpm2_primary *p)
{
	t->primaries[t->primary_count++] = p;
}

/* Everything but the authValue, which each command brings itself. */
static u32 remember(struct vtpm2 *t, struct vtpm2_object *obj, const u8 *key)
{
	struct vtpm2_digest auth = obj->sens.auth;
	struct vtpm2_primary *p = NULL;
	struct vtpm2_wr wr;
	u8 *buf;

	buf = kmalloc(VTPM2_MAX_IMAGE, GFP_KERNEL_ACCOUNT);
	if (!buf)
		return TPM2_RC_MEMORY;
	obj->sens.auth.len = 0;
	vtpm2_wr_init(&wr, buf, VTPM2_MAX_IMAGE);
	vtpm2_object_write(&wr, obj);
	obj->sens.auth = auth;
	memzero_explicit(&auth, sizeof(auth));
	if (!wr.overflow)
		p = kzalloc(struct_size(p, image, wr.len), GFP_KERNEL_ACCOUNT);
	if (p) {
		p->id = free_id(t);
		p->used = ++t->primary_use;
		/* the null hierarchy's end with a TPM Reset */
		p->mark.change = obj->hierarchy == TPM2_RH_NULL ?
				 VTPM2_CHANGED_ORDERLY : VTPM2_CHANGED;
		p->hierarchy = obj->hierarchy;
		memcpy(p->key, key, sizeof(p->key));
		p->len = wr.len;
		memcpy(p->image, buf, wr.len);
		vtpm2_primary_insert(t, p);
	}
	memzero_explicit(buf, VTPM2_MAX_IMAGE);
	kfree(buf);
	return p ? 0 : TPM2_RC_MEMORY;
}

u32 vtpm2_primary_make(struct vtpm2 *t, struct vtpm2_object *obj)
{
	u8 key[sizeof_field(struct vtpm2_primary, key)];
	const struct vtpm2_primary *p;
	u32 rc;

	primary_key(obj, key);
	p = find(t, obj->hierarchy, key);
	if (p) {
		/* how long ago is no part of what is kept */
		((struct vtpm2_primary *)p)->used = ++t->primary_use;
		return recall(p, obj);
	}
	rc = make_room(t, obj->hierarchy);
	if (rc)
		return rc;
	obj->primary = true;
	obj->stclear = obj->pub.attrs & TPM2_OA_ST_CLEAR;
	rc = vtpm2_create_fill(t, obj);
	if (rc)
		return rc;
	vtpm2_object_set_names(obj, NULL);
	rc = remember(t, obj, key);
	if (rc)
		vtpm2_key_forget(t, obj);
	return rc;
}

void vtpm2_primary_forget(struct vtpm2 *t, u32 hierarchy)
{
	unsigned int i = 0;

	while (i < t->primary_count) {
		if (!hierarchy || t->primaries[i]->hierarchy == hierarchy)
			forget(t, t->primaries[i]);
		else
			i++;
	}
}

/* Primary number @i. True if it has gone: the next one has its number. */
static bool reseed(struct vtpm2 *t, unsigned int i, struct vtpm2_object *obj,
		   u32 *rc)
{
	const struct vtpm2_primary *old = t->primaries[i];
	struct vtpm2_primary *p;
	struct vtpm2_wr wr;

	*rc = recall(old, obj);
	if (*rc)
		return false;
	/* unique of all but asymmetric keys is made from the seed */
	if (!vtpm2_public_asymmetric(&obj->pub)) {
		forget(t, old);
		return true;
	}
	p = kmemdup(old, struct_size(old, image, old->len), GFP_KERNEL_ACCOUNT);
	if (!p) {
		*rc = TPM2_RC_MEMORY;
		return false;
	}
	vtpm2_random(obj->sens.seed.buf, obj->sens.seed.len);
	/* as long as it was */
	vtpm2_wr_init(&wr, p->image, p->len);
	vtpm2_object_write(&wr, obj);
	p->mark.change = VTPM2_CHANGED;
	t->primaries[i] = p;
	if (!vtpm2_txn_holds(t, old))
		kfree_sensitive(old);
	return false;
}

/*
 * The keys stay what they are, but what was created under them does not load
 * any more. TPM_RC_MEMORY may come when some have changed.
 */
u32 vtpm2_primary_reseed(struct vtpm2 *t, u32 hierarchy)
{
	struct vtpm2_object *obj = vtpm2_object_alloc();
	unsigned int i = 0;
	u32 rc = 0;

	if (!obj)
		return TPM2_RC_MEMORY;
	while (!rc && i < t->primary_count) {
		if (t->primaries[i]->hierarchy != hierarchy ||
		    !reseed(t, i, obj, &rc))
			i++;
	}
	vtpm2_object_free(obj);
	return rc;
}

size_t vtpm2_primary_bytes(const struct vtpm2 *t)
{
	const struct vtpm2_primary *p;
	size_t bytes = 0;
	unsigned int i;

	for (i = 0; i < t->primary_count; i++) {
		p = t->primaries[i];
		bytes += struct_size(p, image, p->len);
	}
	return bytes;
}

static u32 create_primary(struct vtpm2 *t, struct vtpm2_cmd *c,
			  struct vtpm2_object *obj)
{
	struct vtpm2_creation creation;
	u32 rc;

	vtpm2_rd_create(c, obj, &creation);
	rc = vtpm2_done(c);
	if (rc)
		return rc;
	rc = vtpm2_object_room(t);
	if (rc)
		return rc;
	rc = vtpm2_public_check_create(&obj->pub, NULL, obj->sens.data_len);
	if (rc)
		return vtpm2_rc_p(rc, 2);
	rc = vtpm2_check_auth_size(&obj->sens.auth, obj->pub.name_alg);
	if (rc)
		return rc;

	obj->hierarchy = c->handle[0];
	rc = vtpm2_primary_make(t, obj);
	if (rc)
		return rc;
	vtpm2_wr_2b_public(&c->out, &obj->pub);
	vtpm2_wr_creation(t, c, obj, NULL, &creation);
	vtpm2_wr_name(&c->out, &obj->name);
	return 0;
}

u32 vtpm2_cc_create_primary(struct vtpm2 *t, struct vtpm2_cmd *c)
{
	struct vtpm2_object *obj = vtpm2_object_alloc();
	u32 rc;

	if (!obj)
		return TPM2_RC_MEMORY;
	rc = create_primary(t, c, obj);
	if (!rc)
		rc = vtpm2_object_insert(t, obj);
	if (rc)
		vtpm2_object_free(obj);
	else
		c->rsp_handle = obj->handle;
	return rc;
}
