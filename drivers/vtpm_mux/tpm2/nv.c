// SPDX-License-Identifier: GPL-2.0
/*
 * NV indices (Part 1, 37; Part 2, 13): the table, names, access rules and what
 * power and TPM2_Startup do to them. The commands are in nvcmd.c.
 *
 * An index is replaced by a changed copy, never changed, so that a command that
 * cannot be made durable can be undone (txn.c).
 */
#include <linux/overflow.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/unaligned.h>

#include "tpm2.h"
#include "txn.h"

unsigned int vtpm2_nv_type(const struct vtpm2_nv *nv)
{
	return (nv->attrs & TPM2_NVA_NT_MASK) >> TPM2_NVA_NT_SHIFT;
}

/* Place of an index in the table, or where it would have to be. */
static unsigned int place(const struct vtpm2 *t, u32 index)
{
	unsigned int i;

	for (i = 0; i < t->nv_count && t->nv[i]->index < index; i++)
		;
	return i;
}

const struct vtpm2_nv *vtpm2_nv_find(struct vtpm2 *t, u32 index)
{
	unsigned int i = place(t, index);

	return i < t->nv_count && t->nv[i]->index == index ? t->nv[i] : NULL;
}

/* Part 2, 13.2: what each TPM_NT has room for */
u32 vtpm2_nv_check_size(const struct vtpm2_nv *nv)
{
	switch (vtpm2_nv_type(nv)) {
	case TPM2_NT_ORDINARY:
		return 0;
	case TPM2_NT_EXTEND:
		return nv->size == vtpm2_digest_size(nv->name_alg) ?
		       0 : TPM2_RC_SIZE;
	case TPM2_NT_COUNTER:
	case TPM2_NT_BITS:
	case TPM2_NT_PIN_PASS:
	case TPM2_NT_PIN_FAIL:
		return nv->size == 8 ? 0 : TPM2_RC_SIZE;
	default:
		return TPM2_RC_ATTRIBUTES;
	}
}

/* The value of a counter, bit field or PIN index. */
u64 vtpm2_nv_u64(const struct vtpm2_nv *nv)
{
	return nv->size >= 8 ? get_unaligned_be64(nv->data) : 0;
}

/* Part 2, 13.5 TPMS_NV_PUBLIC */
void vtpm2_wr_nv_public(struct vtpm2_wr *wr, const struct vtpm2_nv *nv)
{
	vtpm2_wr_u32(wr, nv->index);
	vtpm2_wr_u16(wr, nv->name_alg);
	vtpm2_wr_u32(wr, nv->attrs);
	vtpm2_wr_digest(wr, &nv->policy);
	vtpm2_wr_u16(wr, nv->size);
}

void vtpm2_nv_name(const struct vtpm2_nv *nv, struct vtpm2_name *name)
{
	u8 buf[14 + VTPM2_MAX_DIGEST];	/* the public area at its largest */
	struct vtpm2_hash h;
	struct vtpm2_wr wr;

	vtpm2_wr_init(&wr, buf, sizeof(buf));
	vtpm2_wr_nv_public(&wr, nv);
	put_unaligned_be16(nv->name_alg, name->buf);
	name->len = 2 + vtpm2_digest_size(nv->name_alg);
	vtpm2_hash_init(&h, nv->name_alg);
	vtpm2_hash_update(&h, buf, wr.len);
	vtpm2_hash_final(&h, name->buf + 2);
}

/* Put into the table, which owns it then and has room: TPM2_NV_DefineSpace. */
void vtpm2_nv_insert(struct vtpm2 *t, const struct vtpm2_nv *nv)
{
	unsigned int i, at = place(t, nv->index);

	for (i = t->nv_count++; i > at; i--)
		t->nv[i] = t->nv[i - 1];
	t->nv[at] = nv;
	t->nv_bytes += nv->size;
}

struct vtpm2_nv *vtpm2_nv_change(struct vtpm2 *t, const struct vtpm2_nv *nv,
				 enum vtpm2_change change)
{
	unsigned int at = place(t, nv->index);
	struct vtpm2_nv *copy;

	nv = t->nv[at];
	copy = (struct vtpm2_nv *)nv;
	if (vtpm2_txn_holds(t, nv)) {
		if (!vtpm2_txn_reserve(t, VTPM2_NV_RECORD + nv->size))
			return NULL;
		copy = kmemdup(nv, struct_size(nv, data, nv->size),
			       GFP_KERNEL_ACCOUNT);
	}
	if (!copy)
		return NULL;
	if (copy->mark.change < change)
		copy->mark.change = change;
	t->nv[at] = copy;
	return copy;
}

/* A counter that takes over later must go on above this one's value. */
static void note_counter(struct vtpm2 *t, const struct vtpm2_nv *nv)
{
	if (vtpm2_nv_type(nv) == TPM2_NT_COUNTER &&
	    (nv->attrs & TPM2_NVA_WRITTEN) &&
	    vtpm2_nv_u64(nv) > t->nv_counter_max)
		t->nv_counter_max = vtpm2_nv_u64(nv);
}

void vtpm2_nv_delete(struct vtpm2 *t, const struct vtpm2_nv *nv)
{
	unsigned int i;

	note_counter(t, nv);
	t->nv_count--;
	t->nv_bytes -= nv->size;
	for (i = place(t, nv->index); i < t->nv_count; i++)
		t->nv[i] = t->nv[i + 1];
	t->nv[i] = NULL;
	if (!vtpm2_txn_holds(t, nv))
		kfree_sensitive(nv);
}

void vtpm2_nv_clear(struct vtpm2 *t, bool all)
{
	unsigned int i = 0;

	while (i < t->nv_count) {
		if (all || !(t->nv[i]->attrs & TPM2_NVA_PLATFORMCREATE))
			vtpm2_nv_delete(t, t->nv[i]);
		else
			i++;
	}
}

/* --- access (Part 3, 31.1) --- */

static u32 check_authorization(const struct vtpm2_nv *nv, u32 auth,
			       u32 owner, u32 platform)
{
	bool ok;

	if (auth == TPM2_RH_OWNER)
		ok = nv->attrs & owner;
	else if (auth == TPM2_RH_PLATFORM)
		ok = nv->attrs & platform;
	else
		/*
		 * With its own authorization the index's AUTH and POLICY
		 * attributes were checked along with that.
		 */
		ok = auth == nv->index;
	return ok ? 0 : TPM2_RC_NV_AUTHORIZATION;
}

u32 vtpm2_nv_write_check(const struct vtpm2_nv *nv, u32 auth)
{
	if (nv->attrs & TPM2_NVA_WRITELOCKED)
		return TPM2_RC_NV_LOCKED;
	return check_authorization(nv, auth, TPM2_NVA_OWNERWRITE,
				   TPM2_NVA_PPWRITE);
}

u32 vtpm2_nv_read_check(const struct vtpm2_nv *nv, u32 auth)
{
	u32 rc;

	if (nv->attrs & TPM2_NVA_READLOCKED)
		return TPM2_RC_NV_LOCKED;
	rc = check_authorization(nv, auth, TPM2_NVA_OWNERREAD,
				 TPM2_NVA_PPREAD);
	if (rc)
		return rc;
	return nv->attrs & TPM2_NVA_WRITTEN ? 0 : TPM2_RC_NV_UNINITIALIZED;
}

/* --- contents --- */

/* What an index that is written only in part holds elsewhere. */
static void first_write(struct vtpm2_nv *nv)
{
	bool erased = vtpm2_nv_type(nv) == TPM2_NT_ORDINARY &&
		      !(nv->attrs & TPM2_NVA_ORDERLY);

	memset(nv->data, erased ? 0xff : 0, nv->size);
	nv->attrs |= TPM2_NVA_WRITTEN;
}

/*
 * How durable the new contents have to be. Those of an orderly index are when
 * TPM2_Shutdown says so, or else they are gone at the next TPM Reset; but of a
 * counter the bits that a disorderly startup does not set have to be right.
 */
static enum vtpm2_change data_change(const struct vtpm2_nv *nv, u64 value)
{
	if (!(nv->attrs & TPM2_NVA_ORDERLY))
		return VTPM2_CHANGED;
	if (vtpm2_nv_type(nv) != TPM2_NT_COUNTER)
		return VTPM2_CHANGED_ORDERLY;
	if (!(nv->attrs & TPM2_NVA_WRITTEN) ||
	    (value | VTPM2_ORDERLY_COUNT) !=
	    (vtpm2_nv_u64(nv) | VTPM2_ORDERLY_COUNT))
		return VTPM2_CHANGED;
	return VTPM2_CHANGED_ORDERLY;
}

/* The caller has checked that @offset + @len is within the index. */
static u32 store(struct vtpm2 *t, const struct vtpm2_nv *old, u16 offset,
		 const void *data, u16 len, enum vtpm2_change change)
{
	struct vtpm2_nv *nv = vtpm2_nv_change(t, old, change);

	if (!nv)
		return TPM2_RC_MEMORY;
	if (!(nv->attrs & TPM2_NVA_WRITTEN))
		first_write(nv);
	if (len)
		memcpy(nv->data + offset, data, len);
	/* orderly data is part of what TPM2_Shutdown saves */
	if (nv->attrs & TPM2_NVA_ORDERLY)
		t->shutdown_valid = false;
	return 0;
}

u32 vtpm2_nv_store(struct vtpm2 *t, const struct vtpm2_nv *nv, u16 offset,
		   const void *data, u16 len)
{
	return store(t, nv, offset, data, len, data_change(nv, 0));
}

u32 vtpm2_nv_store_u64(struct vtpm2 *t, const struct vtpm2_nv *nv, u64 value)
{
	u8 buf[8];

	put_unaligned_be64(value, buf);
	return store(t, nv, 0, buf, sizeof(buf), data_change(nv, value));
}

/* --- startup --- */

/* Part 3, 9.3: attributes at a TPM Reset or Restart */
static u32 startup_attributes(const struct vtpm2_nv *nv, enum vtpm2_start start)
{
	u32 attrs = nv->attrs & ~TPM2_NVA_READLOCKED;

	if (vtpm2_nv_type(nv) != TPM2_NT_COUNTER &&
	    ((attrs & TPM2_NVA_CLEAR_STCLEAR) ||
	     ((attrs & TPM2_NVA_ORDERLY) && start == VTPM2_RESET)))
		attrs &= ~TPM2_NVA_WRITTEN;
	if (!(attrs & TPM2_NVA_WRITTEN) || !(attrs & TPM2_NVA_WRITEDEFINE))
		attrs &= ~TPM2_NVA_WRITELOCKED;
	return attrs;
}

static bool is_orderly_counter(const struct vtpm2_nv *nv)
{
	return vtpm2_nv_type(nv) == TPM2_NT_COUNTER &&
	       (nv->attrs & TPM2_NVA_ORDERLY) && (nv->attrs & TPM2_NVA_WRITTEN);
}

/* The next startup would make the same of the record: that may wait. */
static u32 startup_one(struct vtpm2 *t, const struct vtpm2_nv *old,
		       enum vtpm2_start start, bool orderly)
{
	u32 attrs = startup_attributes(old, start);
	u64 value = vtpm2_nv_u64(old);
	struct vtpm2_nv *nv;

	if (!orderly && is_orderly_counter(old))
		value |= VTPM2_ORDERLY_COUNT;
	if (attrs == old->attrs && value == vtpm2_nv_u64(old))
		return 0;
	nv = vtpm2_nv_change(t, old, VTPM2_CHANGED_ORDERLY);
	if (!nv)
		return TPM2_RC_MEMORY;
	if (value != vtpm2_nv_u64(old))
		put_unaligned_be64(value, nv->data);
	nv->attrs = attrs;
	return 0;
}

u32 vtpm2_nv_startup(struct vtpm2 *t, enum vtpm2_start start, bool orderly)
{
	unsigned int i;
	u32 rc = 0;

	for (i = 0; !rc && start != VTPM2_RESUME && i < t->nv_count; i++)
		rc = startup_one(t, t->nv[i], start, orderly);
	return rc;
}
