// SPDX-License-Identifier: GPL-2.0
/*
 * The signature schemes of elliptic curves other than ECDSA: EC-Schnorr, SM2
 * and ECDAA (Part 1, C.4 and C.5), over a scalar in the engine.
 *
 *   EC-Schnorr  r = H(x([k]G) || digest)      s = k + r d
 *   SM2         r = digest + x([k]G)          s = (k - r d) / (1 + d)
 *   ECDAA       T = H(nonce || digest)        s = r + T d, r of TPM2_Commit
 *
 * modulo the order, with a new secret k for every signature.
 */
#include <crypto/utils.h>
#include <linux/errno.h>
#include <linux/minmax.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "tpm2.h"

/**
 * struct work - numbers of a signature being made or verified
 * @curve: TPM_ECC_CURVE
 * @size: bytes of each of them
 * @k: the secret scalar
 * @x: a point
 * @y: the point
 * @t: any scalar
 * @zero: 0
 * @one: 1
 * @minus_one: -1
 */
struct work {
	u16 curve;
	u16 size;
	u8 k[VTPM2_MAX_ECC];
	u8 x[VTPM2_MAX_ECC];
	u8 y[VTPM2_MAX_ECC];
	u8 t[VTPM2_MAX_ECC];
	u8 zero[VTPM2_MAX_ECC];
	u8 one[VTPM2_MAX_ECC];
	u8 minus_one[VTPM2_MAX_ECC];
};

static struct work *work_start(u16 curve)
{
	const struct vtpm2_curve *c = vtpm2_curve_find(curve);
	struct work *w;

	w = kzalloc(sizeof(*w), GFP_KERNEL_ACCOUNT);
	if (!w)
		return NULL;
	w->curve = curve;
	w->size = c->size;
	w->one[w->size - 1] = 1;
	memcpy(w->minus_one, c->n, w->size);
	w->minus_one[w->size - 1]--;	/* the order is odd */
	return w;
}

static bool is_zero(const struct work *w, const u8 *a)
{
	return !crypto_memneq(a, w->zero, w->size);
}

/* @out = @a * @b + @c */
static int mul_add(const struct work *w, const u8 *a, const u8 *b,
		   const u8 *c, u8 *out)
{
	return vtpm2_scalar_mul_add(w->curve, a, b, c, out);
}

/*
 * The digest that both sides of EC-Schnorr compute of x and the message's, cut
 * to the size of the order, in @r. -EAGAIN if it is no scalar.
 */
static int schnorr_digest(const struct work *w, u16 hash, struct vtpm2_bytes m,
			  u8 *r)
{
	const struct vtpm2_bytes parts[] = { { w->x, w->size }, m };
	struct vtpm2_digest digest;
	u8 reduced[VTPM2_MAX_ECC];
	u16 len;
	int ret;

	vtpm2_hash_parts(hash, parts, 2, &digest);
	len = min(digest.len, w->size);
	memset(r, 0, w->size);
	memcpy(r + w->size - len, digest.buf, len);
	ret = vtpm2_scalar_reduce(w->curve, r, w->size, reduced);
	if (ret)
		return ret;
	return memcmp(r, reduced, w->size) || is_zero(w, r) ? -EAGAIN : 0;
}

static int schnorr_try(struct work *w, u16 hash, const u8 *d,
		       struct vtpm2_bytes m, u8 *r, u8 *s)
{
	int ret;

	ret = vtpm2_ecc_generate(w->curve, w->k, w->x, w->y);
	if (!ret)
		ret = schnorr_digest(w, hash, m, r);
	if (!ret)
		ret = mul_add(w, r, d, w->k, s);
	if (!ret && is_zero(w, s))
		ret = -EAGAIN;
	return ret;
}

static int schnorr_verify(struct work *w, u16 hash, struct vtpm2_bytes m,
			  const u8 *r, const u8 *s)
{
	int ret;

	/* [k]G = [s]G - [r]Q, of Q = (x, y) */
	ret = mul_add(w, r, w->minus_one, w->zero, w->t);
	if (!ret)
		ret = vtpm2_ecc_mul2(w->curve, s, w->t, w->x, w->y, w->x,
				     w->y);
	if (!ret)
		ret = schnorr_digest(w, hash, m, w->t);
	if (!ret && memcmp(w->t, r, w->size))
		ret = -EBADMSG;
	return ret;
}

/* @r = digest + x */
static int sm2_digest(struct work *w, struct vtpm2_bytes m, u8 *r)
{
	int ret;

	ret = vtpm2_scalar_reduce(w->curve, m.p, m.len, r);
	if (!ret)
		ret = vtpm2_scalar_reduce(w->curve, w->x, w->size, w->x);
	return ret ?: mul_add(w, w->x, w->one, r, r);
}

static int sm2_try(struct work *w, const u8 *d, struct vtpm2_bytes m, u8 *r,
		   u8 *s)
{
	int ret;

	ret = vtpm2_ecc_generate(w->curve, w->k, w->x, w->y);
	if (!ret)
		ret = sm2_digest(w, m, r);
	if (!ret)
		ret = mul_add(w, r, w->one, w->k, w->t);
	if (!ret && (is_zero(w, r) || is_zero(w, w->t)))
		ret = -EAGAIN;
	/* s = 1 / (1 + d) times k - r d */
	if (!ret)
		ret = mul_add(w, d, w->one, w->one, w->t);
	if (!ret)
		ret = vtpm2_scalar_invert(w->curve, w->t, w->t);
	if (!ret)
		ret = mul_add(w, r, w->minus_one, w->zero, w->x);
	if (!ret)
		ret = mul_add(w, w->x, d, w->k, w->x);
	if (!ret)
		ret = mul_add(w, w->x, w->t, w->zero, s);
	if (!ret && is_zero(w, s))
		ret = -EAGAIN;
	return ret;
}

static int sm2_verify(struct work *w, struct vtpm2_bytes m, const u8 *r,
		      const u8 *s)
{
	int ret;

	ret = mul_add(w, r, w->one, s, w->t);
	if (!ret && is_zero(w, w->t))
		ret = -EBADMSG;
	if (!ret)
		ret = vtpm2_ecc_mul2(w->curve, s, w->t, w->x, w->y, w->x,
				     w->y);
	if (!ret)
		ret = sm2_digest(w, m, w->t);
	if (!ret && memcmp(w->t, r, w->size))
		ret = -EBADMSG;
	return ret;
}

int vtpm2_ecsign(u16 curve, const struct vtpm2_scheme *scheme, const u8 *d,
		 struct vtpm2_bytes digest, u8 *r, u8 *s)
{
	struct work *w = work_start(curve);
	int ret;

	if (!w)
		return -ENOMEM;
	do {
		ret = scheme->alg == TPM2_ALG_SM2 ?
			sm2_try(w, d, digest, r, s) :
			schnorr_try(w, scheme->hash, d, digest, r, s);
	} while (ret == -EAGAIN);
	kfree_sensitive(w);
	return ret;
}

int vtpm2_ecverify(u16 curve, const struct vtpm2_scheme *scheme, const u8 *x,
		   const u8 *y, struct vtpm2_bytes digest, const u8 *r,
		   const u8 *s)
{
	struct work *w = work_start(curve);
	int ret = -EBADMSG;

	if (!w)
		return -ENOMEM;
	memcpy(w->x, x, w->size);
	memcpy(w->y, y, w->size);
	if (is_zero(w, r) || is_zero(w, s))
		goto out;
	ret = scheme->alg == TPM2_ALG_SM2 ?
		sm2_verify(w, digest, r, s) :
		schnorr_verify(w, scheme->hash, digest, r, s);
	if (ret && ret != -ENOMEM)
		ret = -EBADMSG;
out:
	kfree(w);
	return ret;
}

static int ecdaa_try(struct work *w, u16 hash, const u8 *d, const u8 *commit,
		     struct vtpm2_bytes m, struct vtpm2_bytes *nonce, u8 *s)
{
	struct vtpm2_bytes parts[2];
	struct vtpm2_digest digest;
	int ret;

	ret = vtpm2_ecc_generate(w->curve, w->k, w->x, w->y);
	if (ret)
		return ret;
	/* an integer, as the reference implementation hashes it */
	*nonce = (struct vtpm2_bytes){ w->k, w->size };
	while (!*nonce->p) {
		nonce->p++;
		nonce->len--;
	}
	parts[0] = *nonce;
	parts[1] = m;
	vtpm2_hash_parts(hash, parts, 2, &digest);
	ret = vtpm2_scalar_reduce(w->curve, digest.buf, digest.len, w->t);
	if (!ret && is_zero(w, w->t))
		ret = -EAGAIN;
	if (!ret)
		ret = mul_add(w, w->t, d, commit, s);
	if (!ret && is_zero(w, s))
		ret = -EAGAIN;
	return ret;
}

int vtpm2_ecdaa(u16 curve, u16 hash, const u8 *d, const u8 *commit,
		struct vtpm2_bytes digest, u8 *nonce, u16 *nonce_len, u8 *s)
{
	struct work *w = work_start(curve);
	struct vtpm2_bytes n;
	int ret;

	if (!w)
		return -ENOMEM;
	do {
		ret = ecdaa_try(w, hash, d, commit, digest, &n, s);
	} while (ret == -EAGAIN);
	if (!ret) {
		memcpy(nonce, n.p, n.len);
		*nonce_len = n.len;
	}
	kfree_sensitive(w);
	return ret;
}
