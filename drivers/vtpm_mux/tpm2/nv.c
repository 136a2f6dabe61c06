// SPDX-License-Identifier: GPL-2.0
/*
 * NV indices (Part 1, 37; Part 2, 13): the list, names, access rules and what
 * power and TPM2_Startup do to them. The commands are in nvcmd.c.
 */
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/unaligned.h>

#include "tpm2.h"

/*
 * The low bits of an orderly counter may be lost with power: a disorderly
 * startup sets them all (Part 1, 37.7.2).
 */
#define ORDERLY_COUNT	0xff

unsigned int vtpm2_nv_type(const struct vtpm2_nv *nv)
{
	return (nv->attrs & TPM2_NVA_NT_MASK) >> TPM2_NVA_NT_SHIFT;
}

struct vtpm2_nv *vtpm2_nv_find(struct vtpm2 *t, u32 index)
{
	struct vtpm2_nv *nv;

	list_for_each_entry(nv, &t->nv, link)
		if (nv->index == index)
			return nv;
	return NULL;
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

/* Put into the list, by index; the list owns it then. */
void vtpm2_nv_insert(struct vtpm2 *t, struct vtpm2_nv *nv)
{
	struct list_head *pos;

	list_for_each(pos, &t->nv)
		if (list_entry(pos, struct vtpm2_nv, link)->index > nv->index)
			break;
	/* before the first greater one, or at the end */
	list_add_tail(&nv->link, pos);
	t->nv_count++;
	t->nv_bytes += nv->size;
}

/* A counter that takes over later must go on above this one's value. */
static void note_counter(struct vtpm2 *t, const struct vtpm2_nv *nv)
{
	if (vtpm2_nv_type(nv) == TPM2_NT_COUNTER &&
	    (nv->attrs & TPM2_NVA_WRITTEN) &&
	    vtpm2_nv_u64(nv) > t->nv_counter_max)
		t->nv_counter_max = vtpm2_nv_u64(nv);
}

void vtpm2_nv_delete(struct vtpm2 *t, struct vtpm2_nv *nv)
{
	note_counter(t, nv);
	list_del(&nv->link);
	t->nv_count--;
	t->nv_bytes -= nv->size;
	kfree_sensitive(nv);
}

void vtpm2_nv_clear(struct vtpm2 *t, bool all)
{
	struct vtpm2_nv *nv, *next;

	list_for_each_entry_safe(nv, next, &t->nv, link)
		if (all || !(nv->attrs & TPM2_NVA_PLATFORMCREATE))
			vtpm2_nv_delete(t, nv);
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

/* The caller has checked that @offset + @len is within the index. */
void vtpm2_nv_store(struct vtpm2 *t, struct vtpm2_nv *nv, u16 offset,
		    const void *data, u16 len)
{
	if (!(nv->attrs & TPM2_NVA_WRITTEN))
		first_write(nv);
	if (len)
		memcpy(nv->data + offset, data, len);
	/* orderly data is part of what TPM2_Shutdown saves */
	if (nv->attrs & TPM2_NVA_ORDERLY)
		t->shutdown_valid = false;
}

void vtpm2_nv_store_u64(struct vtpm2 *t, struct vtpm2_nv *nv, u64 value)
{
	u8 buf[8];

	put_unaligned_be64(value, buf);
	vtpm2_nv_store(t, nv, 0, buf, sizeof(buf));
}

/* --- startup --- */

/* Part 3, 9.3: attributes at a TPM Reset or Restart */
static void startup_attributes(struct vtpm2_nv *nv, enum vtpm2_start start)
{
	u32 attrs = nv->attrs & ~TPM2_NVA_READLOCKED;

	if (vtpm2_nv_type(nv) != TPM2_NT_COUNTER &&
	    ((attrs & TPM2_NVA_CLEAR_STCLEAR) ||
	     ((attrs & TPM2_NVA_ORDERLY) && start == VTPM2_RESET)))
		attrs &= ~TPM2_NVA_WRITTEN;
	if (!(attrs & TPM2_NVA_WRITTEN) || !(attrs & TPM2_NVA_WRITEDEFINE))
		attrs &= ~TPM2_NVA_WRITELOCKED;
	nv->attrs = attrs;
}

static void startup_counter(struct vtpm2_nv *nv)
{
	if (vtpm2_nv_type(nv) == TPM2_NT_COUNTER &&
	    (nv->attrs & TPM2_NVA_ORDERLY) && (nv->attrs & TPM2_NVA_WRITTEN))
		put_unaligned_be64(vtpm2_nv_u64(nv) | ORDERLY_COUNT, nv->data);
}

void vtpm2_nv_startup(struct vtpm2 *t, enum vtpm2_start start, bool orderly)
{
	struct vtpm2_nv *nv;

	if (start == VTPM2_RESUME)
		return;
	list_for_each_entry(nv, &t->nv, link) {
		startup_attributes(nv, start);
		if (!orderly)
			startup_counter(nv);
	}
}
