// SPDX-License-Identifier: GPL-2.0
/*
 * TPM2_ZGen_2Phase (Part 3, 14.7; Part 1, C.3): key exchange with a static key
 * and an ephemeral one on both sides.
 *
 *   ECDH    Z1 = [ds]Qs,  Z2 = [de]Qe
 *   ECMQV   Z1 = [de + avf(Qe,A) ds](Qe + [avf(Qe)]Qs)
 *   SM2     Z1 = [ds + avf(Qe,A) de](Qs + [avf(Qe)]Qe)
 *
 * of our scalars ds and de = Qe,A / G and the other side's points. What is
 * done with ds is one multiplication, so that the chip can do it.
 */
#include <linux/errno.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "commands.h"

/**
 * struct exchange - a key exchange
 * @curve: TPM_ECC_CURVE
 * @size: bytes of each of the numbers
 * @xs: the other side's static point
 * @ys: of it
 * @xe: its ephemeral point
 * @ye: of it
 * @de: our ephemeral scalar
 * @avf: an associate value
 * @x1: Z1
 * @y1: of it
 * @x2: Z2, or scratch
 * @y2: of it
 */
struct exchange {
	u16 curve;
	u16 size;
	u8 xs[VTPM2_MAX_ECC], ys[VTPM2_MAX_ECC];
	u8 xe[VTPM2_MAX_ECC], ye[VTPM2_MAX_ECC];
	u8 de[VTPM2_MAX_ECC];
	u8 avf[VTPM2_MAX_ECC];
	u8 x1[VTPM2_MAX_ECC], y1[VTPM2_MAX_ECC];
	u8 x2[VTPM2_MAX_ECC], y2[VTPM2_MAX_ECC];
};

static u32 code(int err)
{
	switch (err) {
	case 0:
		return 0;
	case -ENOMEM:
		return TPM2_RC_MEMORY;
	default:
		return TPM2_RC_NO_RESULT;	/* infinity */
	}
}

/* e->avf = the low @bits bits of @x, and the bit above them set */
static void associate(struct exchange *e, const u8 *x, unsigned int bits)
{
	unsigned int i, low = bits / 8;

	memset(e->avf, 0, e->size);
	for (i = 0; i < low; i++)
		e->avf[e->size - 1 - i] = x[e->size - 1 - i];
	i = e->size - 1 - low;
	e->avf[i] = (x[i] & ((1 << (bits % 8)) - 1)) | 1 << (bits % 8);
}

static u32 full_unified(struct vtpm2 *t, struct vtpm2_object *key,
			struct exchange *e)
{
	u32 rc = vtpm2_key_ecdh(t, key, e->xs, e->ys, e->x1, e->y1);

	return rc ?: code(vtpm2_ecc_mul(e->curve, e->de, e->xe, e->ye, e->x2,
					e->y2));
}

/* (x1, y1) = (x1, y1) + [avf](x2, y2) */
static int add_associate(struct exchange *e)
{
	int ret = vtpm2_ecc_mul(e->curve, e->avf, e->x2, e->y2, e->x2, e->y2);

	return ret ?: vtpm2_ecc_add(e->curve, e->x2, e->y2, e->x1, e->y1);
}

/*
 * The sum P of the other side's points, @x and @y with the factor: then Z1 =
 * [a]P + [avf][b]P of our scalars, and it depends on the scheme which of them
 * is which.
 */
static u32 combined(struct vtpm2 *t, struct vtpm2_object *key,
		    struct exchange *e, bool mqv, unsigned int bits)
{
	u8 *px = mqv ? e->xe : e->xs, *py = mqv ? e->ye : e->ys;
	u8 *sx, *sy, *ex, *ey;
	u32 rc;
	int err;

	/* P, in (x1, y1) */
	memcpy(e->x1, px, e->size);
	memcpy(e->y1, py, e->size);
	memcpy(e->x2, mqv ? e->xs : e->xe, e->size);
	memcpy(e->y2, mqv ? e->ys : e->ye, e->size);
	associate(e, e->xe, bits);
	err = add_associate(e);
	if (err)
		return code(err);
	memcpy(px, e->x1, e->size);
	memcpy(py, e->y1, e->size);

	/* our own ephemeral point tells our factor */
	err = vtpm2_ecc_public(e->curve, e->de, e->x2, e->y2);
	if (err)
		return code(err);
	associate(e, e->x2, bits);
	sx = mqv ? e->x2 : e->x1;
	sy = mqv ? e->y2 : e->y1;
	ex = mqv ? e->x1 : e->x2;
	ey = mqv ? e->y1 : e->y2;
	rc = vtpm2_key_ecdh(t, key, px, py, sx, sy);
	if (rc)
		return rc;
	err = vtpm2_ecc_mul(e->curve, e->de, px, py, ex, ey);
	return code(err ?: add_associate(e));
}

/* Half of the bits of the order, as each of the standards rounds them */
static u32 exchange(struct vtpm2 *t, struct vtpm2_object *key, u16 scheme,
		    struct exchange *e)
{
	unsigned int bits = vtpm2_curve_find(e->curve)->bits;

	switch (scheme) {
	case TPM2_ALG_ECDH:
		return full_unified(t, key, e);
	case TPM2_ALG_ECMQV:
		return combined(t, key, e, true, (bits + 1) / 2);
	default:
		return combined(t, key, e, false, (bits + 1) / 2 - 1);
	}
}

/* 9.38 TPMI_ECC_KEY_EXCHANGE+ */
static u16 rd_key_exchange(struct vtpm2_rd *rd)
{
	u16 scheme = vtpm2_rd_u16(rd);

	switch (scheme) {
	case TPM2_ALG_ECDH:
	case TPM2_ALG_ECMQV:
	case TPM2_ALG_SM2:
		break;
	default:
		vtpm2_rd_fail(rd, TPM2_RC_SCHEME);
	}
	return scheme;
}

static u32 check_key(const struct vtpm2_public *pub, u16 scheme)
{
	if (pub->type != TPM2_ALG_ECC)
		return vtpm2_rc_h(TPM2_RC_KEY, 1);
	if ((pub->attrs & TPM2_OA_RESTRICTED) ||
	    !(pub->attrs & TPM2_OA_DECRYPT))
		return vtpm2_rc_h(TPM2_RC_ATTRIBUTES, 1);
	if (pub->scheme.alg != TPM2_ALG_NULL && pub->scheme.alg != scheme)
		return vtpm2_rc_p(TPM2_RC_SCHEME, 3);
	return 0;
}

static bool load_point(struct exchange *e, struct vtpm2_bytes x,
		       struct vtpm2_bytes y, u8 *px, u8 *py)
{
	return vtpm2_fixed(x, px, e->size) && vtpm2_fixed(y, py, e->size) &&
	       !vtpm2_ecc_check_point(e->curve, px, py);
}

u32 vtpm2_cc_zgen_2phase(struct vtpm2 *t, struct vtpm2_cmd *c)
{
	struct vtpm2_object *key = c->obj[0];
	struct vtpm2_bytes xs, ys, xe, ye;
	struct exchange *e;
	u16 scheme, count;
	u32 rc;

	vtpm2_rd_2b_point(vtpm2_param(c), &xs, &ys);
	vtpm2_rd_2b_point(vtpm2_param(c), &xe, &ye);
	scheme = rd_key_exchange(vtpm2_param(c));
	count = vtpm2_rd_u16(vtpm2_param(c));
	rc = vtpm2_done(c);
	if (!rc)
		rc = check_key(&key->pub, scheme);
	if (rc)
		return rc;
	e = kzalloc(sizeof(*e), GFP_KERNEL_ACCOUNT);
	if (!e)
		return TPM2_RC_MEMORY;
	e->curve = key->pub.curve;
	e->size = vtpm2_ecc_size(e->curve);
	rc = vtpm2_rc_p(TPM2_RC_ECC_POINT, 1);
	if (!load_point(e, xs, ys, e->xs, e->ys))
		goto out;
	rc = vtpm2_rc_p(TPM2_RC_ECC_POINT, 2);
	if (!load_point(e, xe, ye, e->xe, e->ye))
		goto out;
	rc = vtpm2_commit_get(t, count, e->curve, NULL, e->de);
	if (rc) {
		rc = vtpm2_rc_safe_p(rc, 4);
		goto out;
	}
	rc = exchange(t, key, scheme, e);
	if (rc)
		goto out;
	vtpm2_commit_end(t, count);
	vtpm2_wr_point(&c->out, e->x1, e->y1, e->size);
	vtpm2_wr_point(&c->out, e->x2, e->y2,
		       scheme == TPM2_ALG_ECDH ? e->size : 0);
out:
	kfree_sensitive(e);
	return rc;
}
