// SPDX-License-Identifier: GPL-2.0
/*
 * TPM2B_PRIVATE: an object outside of the TPM (Part 1, 22.4 and 22.5), in the
 * outer wrapper of wrap.c with the parent's seedValue:
 *
 *   UINT16 size
 *   TPMT_SENSITIVE (Part 2, 12.3.2.4); of class "sealed": data encrypted
 *   with fixedTPM only:
 *     UINT8 class
 *     TPM2B shadow          of class "hardware": what hw/ made of it
 *
 * Only the TPM that has the parent, and only under that parent, opens it.
 * authValue is padded, so that the size does not tell its length.
 *
 * An object whose fixedTPM is CLEAR may leave this TPM, itself or with an
 * ancestor of it that is duplicated. Then its children's private areas go
 * along as they are, to a TPM of any make, so they have the form that the
 * specification gives them; and such an object is never of another class than
 * "software" (create.c), for no TPM has the keys of our chip.
 *
 * The others stay. A guest may still come to know a parent's seedValue: it can
 * import a parent that was not born here. Under that it can make up what it
 * likes, which harms nobody but itself; but bytes that go to the chip have to
 * be the chip's own. Hence the wrapper of objects with fixedTPM is not from the
 * seedValue alone but from a key of this vTPM as well.
 */
#include <linux/slab.h>
#include <linux/string.h>

#include "wrap.h"

#define OWN_SEED	32

static bool is_fixed(const struct vtpm2_object *obj)
{
	return obj->pub.attrs & TPM2_OA_FIXED_TPM;
}

/* What the wrapper of @obj is from, into @seed; the caller wipes that. */
static struct vtpm2_wrapper wrapper(const struct vtpm2 *t,
				    const struct vtpm2_object *obj,
				    const struct vtpm2_object *parent,
				    struct vtpm2_digest *seed)
{
	*seed = parent->sens.seed;
	if (is_fixed(obj)) {
		seed->len = OWN_SEED;
		vtpm2_kdfa(TPM2_ALG_SHA256, t->shadow_key,
			   sizeof(t->shadow_key), "PRIVATE",
			   parent->sens.seed.buf, parent->sens.seed.len,
			   NULL, 0, OWN_SEED * 8, seed->buf);
	}
	return (struct vtpm2_wrapper){
		.pub = &parent->pub,
		.seed = seed,
		.name = &obj->name,
		.iv = true,
	};
}

static void wr_own(struct vtpm2_wr *wr, const struct vtpm2_object *obj)
{
	vtpm2_wr_u8(wr, obj->class);
	if (obj->class == VTPM2_CLASS_HARDWARE)
		vtpm2_wr_2b(wr, obj->shadow.blob, obj->shadow.len);
}

u32 vtpm2_private_wrap(struct vtpm2 *t, const struct vtpm2_object *obj,
		       const struct vtpm2_object *parent, struct vtpm2_wr *wr)
{
	struct vtpm2_digest seed;
	const struct vtpm2_wrapper w = wrapper(t, obj, parent, &seed);
	size_t at = vtpm2_wr_begin(wr), outer = vtpm2_wrap_begin(&w, wr);
	size_t inner = vtpm2_wr_begin(wr);
	u32 rc = TPM2_RC_FAILURE;

	vtpm2_wr_sensitive(wr, obj);
	if (is_fixed(obj))
		wr_own(wr, obj);
	vtpm2_wr_end(wr, inner);
	vtpm2_wr_end(wr, at);
	/* the caller wipes a response that is not sent */
	if (!wr->overflow && wr->len - at - 2 <= VTPM2_MAX_PRIVATE)
		rc = vtpm2_wrap_end(&w, wr, outer);
	memzero_explicit(&seed, sizeof(seed));
	return rc;
}

static void rd_own(struct vtpm2_rd *rd, struct vtpm2_object *obj)
{
	struct vtpm2_bytes b;
	u8 class;

	class = vtpm2_rd_u8(rd);
	if (class > VTPM2_CLASS_SEALED)
		vtpm2_rd_fail(rd, TPM2_RC_VALUE);
	obj->class = class;
	if (class != VTPM2_CLASS_HARDWARE)
		return;
	b = vtpm2_rd_2b(rd, sizeof(obj->shadow.blob));
	obj->shadow.len = b.len;
	if (b.len)
		memcpy(obj->shadow.blob, b.p, b.len);
}

/* What is inside of the outer wrapper. */
static u32 rd_private(struct vtpm2_object *obj, const u8 *p, size_t len)
{
	struct vtpm2_rd rd;
	u16 type;

	vtpm2_rd_init(&rd, p, len);
	len = vtpm2_rd_u16(&rd);
	if (rd.err)
		return rd.err;
	if (len != rd.left)
		return TPM2_RC_SENSITIVE;
	type = vtpm2_rd_sensitive(&rd, &obj->sens);
	if (rd.err)
		return TPM2_RC_SENSITIVE;
	obj->class = VTPM2_CLASS_SOFTWARE;
	obj->shadow.len = 0;
	if (is_fixed(obj))
		rd_own(&rd, obj);
	if (rd.err)
		return rd.err;
	if (rd.left)
		return TPM2_RC_SENSITIVE;
	return type == obj->pub.type ? 0 : TPM2_RC_TYPE;
}

u32 vtpm2_private_unwrap(struct vtpm2 *t, struct vtpm2_object *obj,
			 const struct vtpm2_object *parent,
			 struct vtpm2_bytes priv)
{
	struct vtpm2_digest seed;
	struct vtpm2_wrapper w;
	size_t len;
	u32 rc;
	u8 *p;

	p = kmalloc(priv.len, GFP_KERNEL_ACCOUNT);
	if (!p)
		return TPM2_RC_MEMORY;
	w = wrapper(t, obj, parent, &seed);
	rc = vtpm2_unwrap(&w, priv, p, &len);
	if (!rc)
		rc = rd_private(obj, p, len);
	memzero_explicit(&seed, sizeof(seed));
	kfree_sensitive(p);
	return rc;
}
