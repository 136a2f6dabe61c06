// SPDX-License-Identifier: GPL-2.0
/*
 * TPM2_Commit and TPM2_EC_Ephemeral (Part 3, 19.2 and 19.3; Part 1, C.2): the
 * TPM makes a secret scalar and gives out points that are multiples of it; a
 * later command uses the scalar, once.
 *
 * The scalar is derived from a count, which the caller has to remember, and a
 * key that is new at every TPM Reset: all that is kept is which of the last
 * VTPM2_MAX_COMMITS counts may still be used.
 *
 * A key in the chip commits and signs there, for the scalar has to be secret
 * and the signature needs it and the private key at once. The chip has a count
 * of its own, which stands beside ours. It also forgets commitments as we do,
 * those of all its users in one table: to the guest that is one that is used up.
 */
#include <linux/build_bug.h>
#include <linux/errno.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/unaligned.h>

#include "commands.h"

/* More bits than the order has, so that the remainder is as good as uniform */
#define SPARE	8

void vtpm2_commit_reset(struct vtpm2 *t)
{
	vtpm2_random(t->commit_key, sizeof(t->commit_key));
	t->commit_count = 0;
	memset(t->commits, 0, sizeof(t->commits));
}

/* The scalar of a count for a key, or for none where @name is NULL */
static u32 derive(struct vtpm2 *t, u64 count, u16 curve,
		  const struct vtpm2_name *name, u8 *r)
{
	size_t size = vtpm2_ecc_size(curve) + SPARE;
	u8 buf[VTPM2_MAX_ECC + SPARE];
	u8 be[8];
	int err;

	BUILD_BUG_ON(sizeof(buf) > VTPM2_MAX_REDUCE);
	put_unaligned_be64(count, be);
	vtpm2_kdfa(VTPM2_CONTEXT_HASH, t->commit_key, sizeof(t->commit_key),
		   "COMMIT", name ? name->buf : NULL, name ? name->len : 0,
		   be, sizeof(be), 8 * size, buf);
	err = vtpm2_scalar_reduce(curve, buf, size, r);
	memzero_explicit(buf, sizeof(buf));
	return err ? TPM2_RC_MEMORY : 0;
}

static unsigned int place(u16 count)
{
	BUILD_BUG_ON(VTPM2_MAX_COMMITS & (VTPM2_MAX_COMMITS - 1));
	return count % VTPM2_MAX_COMMITS;
}

static u64 *slot(struct vtpm2 *t, u16 count)
{
	return &t->commits[place(count)];
}

static bool is_usable(struct vtpm2 *t, u16 count)
{
	u64 next = *slot(t, count);

	return next && (u16)(next - 1) == count;
}

u32 vtpm2_commit_get(struct vtpm2 *t, u16 count, u16 curve,
		     const struct vtpm2_name *name, u8 *r)
{
	if (!is_usable(t, count) || t->chip_commits[place(count)])
		return TPM2_RC_VALUE;
	return derive(t, *slot(t, count) - 1, curve, name, r);
}

void vtpm2_commit_end(struct vtpm2 *t, u16 count)
{
	*slot(t, count) = 0;
}

/*
 * The count is used up: the one that its place in the table had, is lost.
 * @chip: the chip's count + 1, or 0
 */
static u16 commit(struct vtpm2 *t, u32 chip)
{
	u16 count = t->commit_count++;

	*slot(t, count) = t->commit_count;
	t->chip_commits[place(count)] = chip;
	return count;
}

static u32 chip_sign(struct vtpm2 *t, struct vtpm2_object *key, u16 count,
		     struct vtpm2_bytes digest, u8 *nonce, u16 *nonce_len,
		     u8 *s)
{
	u32 chip = t->chip_commits[place(count)];
	u32 rc;

	if (!is_usable(t, count) || !chip)
		return TPM2_RC_VALUE;
	rc = vtpm2_key_ecdaa(t, key, chip - 1, digest, nonce, nonce_len, s);
	if (!rc)
		vtpm2_commit_end(t, count);
	return rc;
}

u32 vtpm2_commit_sign(struct vtpm2 *t, struct vtpm2_object *key,
		      const struct vtpm2_scheme *scheme,
		      struct vtpm2_bytes digest, u8 *nonce, u16 *nonce_len,
		      u8 *s)
{
	u8 r[VTPM2_MAX_ECC];
	u32 rc;
	int err;

	if (key->public_only)
		return TPM2_RC_SCHEME;
	if (key->class != VTPM2_CLASS_SOFTWARE)
		/* only a key that was made for it, and has committed, can */
		return key->pub.scheme.alg == TPM2_ALG_ECDAA ?
			chip_sign(t, key, scheme->count, digest, nonce,
				  nonce_len, s) : TPM2_RC_SCHEME;
	rc = vtpm2_commit_get(t, scheme->count, key->pub.curve, &key->name, r);
	if (rc)
		return rc;
	err = vtpm2_ecdaa(key->pub.curve, scheme->hash, key->sens.data, r,
			  digest, nonce, nonce_len, s);
	memzero_explicit(r, sizeof(r));
	if (err)
		return TPM2_RC_MEMORY;
	vtpm2_commit_end(t, scheme->count);
	return 0;
}

/* A point as the commands take and give it */
struct point {
	bool set;
	u8 x[VTPM2_MAX_ECC];
	u8 y[VTPM2_MAX_ECC];
};

static void wr_point(struct vtpm2_wr *wr, const struct point *p, u16 size)
{
	vtpm2_wr_point(wr, p->x, p->y, p->set ? size : 0);
}

/* @out = [@d]@in */
static u32 multiply(u16 curve, const u8 *d, const struct point *in,
		    struct point *out)
{
	int err = vtpm2_ecc_mul(curve, d, in->x, in->y, out->x, out->y);

	out->set = true;
	return !err ? 0 : err == -EINVAL ? TPM2_RC_NO_RESULT : TPM2_RC_MEMORY;
}

static void base_point(u16 curve, struct point *p)
{
	const struct vtpm2_curve *c = vtpm2_curve_find(curve);

	p->set = true;
	memcpy(p->x, c->gx, c->size);
	memcpy(p->y, c->gy, c->size);
}

u32 vtpm2_cc_ec_ephemeral(struct vtpm2 *t, struct vtpm2_cmd *c)
{
	struct vtpm2_rd *rd = vtpm2_param(c);
	u16 curve = vtpm2_rd_u16(rd);
	u8 r[VTPM2_MAX_ECC];
	struct point g, q;
	u32 rc;

	if (!vtpm2_ecc_size(curve))
		vtpm2_rd_fail(rd, TPM2_RC_CURVE);
	rc = vtpm2_done(c);
	if (rc)
		return rc;
	base_point(curve, &g);
	rc = derive(t, t->commit_count, curve, NULL, r);
	if (!rc)
		rc = multiply(curve, r, &g, &q);
	memzero_explicit(r, sizeof(r));
	if (rc)
		return rc;
	wr_point(&c->out, &q, vtpm2_ecc_size(curve));
	vtpm2_wr_u16(&c->out, commit(t, 0));
	return 0;
}

/**
 * struct commit - parameters of TPM2_Commit and what comes of them
 * @x1: of the first point, optional
 * @y1: of it
 * @s2: octets that x of the second point is made of, optional
 * @y2: y of it
 * @p1: the first point
 * @p2: the second
 * @k: [d]P2, of the private key d
 * @l: [r]P2, of the new scalar r
 * @e: [r]P1, or [r]G if there is no point at all
 * @chip: the chip's count + 1, or 0 if r is the engine's
 */
struct commit {
	struct vtpm2_bytes x1, y1, s2, y2;
	struct point p1, p2, k, l, e;
	u32 chip;
};

static bool on_curve(u16 curve, struct vtpm2_bytes x, struct vtpm2_bytes y,
		     struct point *p)
{
	u16 size = vtpm2_ecc_size(curve);

	p->set = true;
	return vtpm2_fixed(x, p->x, size) && vtpm2_fixed(y, p->y, size) &&
	       !vtpm2_ecc_check_point(curve, p->x, p->y);
}

/* x2 = H(s2) modulo the field's prime, with the hash of the key's name */
static u32 second_point(const struct vtpm2_public *pub, struct commit *p)
{
	u16 size = vtpm2_ecc_size(pub->curve);
	struct vtpm2_digest digest;
	u8 x[VTPM2_MAX_ECC];

	vtpm2_hash_parts(pub->name_alg, &p->s2, 1, &digest);
	if (vtpm2_coordinate_reduce(pub->curve, digest.buf, digest.len, x))
		return TPM2_RC_MEMORY;
	return on_curve(pub->curve, (struct vtpm2_bytes){ x, size }, p->y2,
			&p->p2) ? 0 : vtpm2_rc_p(TPM2_RC_ECC_POINT, 2);
}

static u32 check_points(const struct vtpm2_object *key, struct commit *p)
{
	u32 rc;

	if (key->pub.type != TPM2_ALG_ECC)
		return vtpm2_rc_h(TPM2_RC_KEY, 1);
	if (key->pub.scheme.alg != TPM2_ALG_ECDAA)
		return vtpm2_rc_h(TPM2_RC_SCHEME, 1);
	if (!p->s2.len != !p->y2.len)
		return vtpm2_rc_p(TPM2_RC_SIZE, 3);
	if (p->s2.len) {
		rc = second_point(&key->pub, p);
		if (rc)
			return rc;
	}
	if ((p->x1.len || p->y1.len) &&
	    !on_curve(key->pub.curve, p->x1, p->y1, &p->p1))
		return vtpm2_rc_p(TPM2_RC_ECC_POINT, 1);
	return 0;
}

static u32 chip_compute(struct vtpm2 *t, struct vtpm2_object *key,
			struct commit *p)
{
	struct vtpm2_hw_commit hw = {
		.x1 = p->p1.set ? p->p1.x : NULL,
		.y1 = p->p1.y,
		.s2 = p->s2.p,
		.s2_len = p->s2.len,
		.y2 = p->p2.y,
		.kx = p->k.x, .ky = p->k.y,
		.lx = p->l.x, .ly = p->l.y,
		.ex = p->e.x, .ey = p->e.y,
	};
	u32 rc;

	rc = vtpm2_key_commit(t, key, &hw);
	p->k.set = p->p2.set;
	p->l.set = p->p2.set;
	p->e.set = p->p1.set || !p->p2.set;
	p->chip = hw.count + 1;
	return rc;
}

static u32 compute(struct vtpm2 *t, struct vtpm2_object *key,
		   struct commit *p)
{
	u16 curve = key->pub.curve;
	u8 r[VTPM2_MAX_ECC];
	u32 rc;

	if (key->class != VTPM2_CLASS_SOFTWARE)
		return chip_compute(t, key, p);
	rc = derive(t, t->commit_count, curve, &key->name, r);
	if (!rc && p->p2.set) {
		rc = vtpm2_key_ecdh(t, key, p->p2.x, p->p2.y, p->k.x, p->k.y);
		p->k.set = true;
		if (!rc)
			rc = multiply(curve, r, &p->p2, &p->l);
	}
	if (!p->p1.set && !p->p2.set)
		base_point(curve, &p->p1);
	if (!rc && p->p1.set)
		rc = multiply(curve, r, &p->p1, &p->e);
	memzero_explicit(r, sizeof(r));
	return rc;
}

u32 vtpm2_cc_commit(struct vtpm2 *t, struct vtpm2_cmd *c)
{
	struct vtpm2_object *key = c->obj[0];
	struct commit *p;
	u16 size;
	u32 rc;

	p = kzalloc(sizeof(*p), GFP_KERNEL_ACCOUNT);
	if (!p)
		return TPM2_RC_MEMORY;
	vtpm2_rd_2b_point(vtpm2_param(c), &p->x1, &p->y1);
	p->s2 = vtpm2_rd_2b(vtpm2_param(c), VTPM2_MAX_SYM_DATA);
	p->y2 = vtpm2_rd_2b(vtpm2_param(c), VTPM2_MAX_ECC);
	rc = vtpm2_done(c);
	if (!rc)
		rc = check_points(key, p);
	if (!rc)
		rc = compute(t, key, p);
	if (!rc) {
		size = vtpm2_ecc_size(key->pub.curve);
		wr_point(&c->out, &p->k, size);
		wr_point(&c->out, &p->l, size);
		wr_point(&c->out, &p->e, size);
		vtpm2_wr_u16(&c->out, commit(t, p->chip));
	}
	kfree_sensitive(p);
	return rc;
}
