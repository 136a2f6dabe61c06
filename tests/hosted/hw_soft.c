// SPDX-License-Identifier: GPL-2.0
/*
 * A chip in software: struct vtpm2_hw_ops for user-space runs of the engine.
 *
 * A shadow's blob holds the private part in the clear behind a tag, which is
 * all that fuzzing and unit tests need: what they look at is the engine.
 */
#include <stdlib.h>
#include <string.h>

#include "../../drivers/vtpm_mux/tpm2/crypto.h"
#include "../../drivers/vtpm_mux/tpm2/tpm2.h"
#include "../../drivers/vtpm_mux/tpm2/types.h"
#include "hw_soft.h"

struct soft_blob {
	u32 tag;
	u16 alg;
	u16 len;		/* of the modulus, scalar or data */
	u32 exponent;
	u8 n[VTPM2_MAX_RSA];	/* modulus, or the sealed data */
	u8 d[VTPM2_MAX_RSA / 2];	/* prime or scalar */
};

#define SOFT_TAG	0x50494843

_Static_assert(sizeof(struct soft_blob) <= VTPM2_MAX_SHADOW, "blob too big");

static u32 count(struct hw_soft *hw)
{
	hw->commands++;
	if (hw->fail) {
		u32 rc = hw->fail;

		if (!hw->fail_forever)
			hw->fail = 0;
		return rc;
	}
	return 0;
}

static bool soft_supports(void *arg, const struct vtpm2_hw_key *key)
{
	struct hw_soft *hw = arg;

	if (key->scheme &&
	    (key->scheme == TPM2_ALG_SM2 || hw->small))
		return false;
	if (key->scheme == TPM2_ALG_ECDAA && key->name_alg != TPM2_ALG_SHA256)
		return false;
	if (key->alg == TPM2_ALG_RSA)
		return key->bits == 2048 || (key->bits == 3072 && !hw->small);
	return key->curve == TPM2_ECC_NIST_P256 ||
	       (key->curve == TPM2_ECC_NIST_P384 && !hw->small);
}

static u32 soft_create(void *arg, const struct vtpm2_hw_key *key,
		       struct vtpm2_shadow *shadow, u8 *x, u8 *y)
{
	struct soft_blob b = { .tag = SOFT_TAG, .alg = key->alg };
	u32 rc = count(arg);
	int ret;

	if (rc)
		return rc;
	if (key->alg == TPM2_ALG_RSA) {
		b.len = key->bits / 8;
		b.exponent = key->exponent ? key->exponent : 65537;
		ret = vtpm2_rsa_generate(key->bits, b.exponent, b.n, b.d);
		memcpy(x, b.n, b.len);
	} else {
		b.len = vtpm2_ecc_size(key->curve);
		ret = vtpm2_ecc_generate(key->curve, b.d, x, y);
	}
	if (ret)
		return TPM2_RC_FAILURE;
	memcpy(shadow->blob, &b, sizeof(b));
	shadow->len = sizeof(b);
	return 0;
}

static void soft_open(struct soft_blob *b, const struct vtpm2_shadow *shadow,
		      u16 alg)
{
	memcpy(b, shadow->blob, sizeof(*b));
	/* the engine authenticates blobs before it hands them down */
	if (shadow->len != sizeof(*b) || b->tag != SOFT_TAG || b->alg != alg)
		abort();
}

static u32 soft_rsa(void *arg, const struct vtpm2_shadow *shadow,
		    const u8 *in, u8 *out, size_t len)
{
	u32 rc = count(arg);
	struct soft_blob b;

	if (rc)
		return rc;
	soft_open(&b, shadow, TPM2_ALG_RSA);
	if (len != b.len)
		abort();
	return vtpm2_rsa_private(b.n, len, b.exponent, b.d, in, out) ?
	       TPM2_RC_FAILURE : 0;
}

static u32 soft_ecdsa(void *arg, const struct vtpm2_shadow *shadow, u16 curve,
		      const u8 *digest, size_t len, u8 *r, u8 *s)
{
	u32 rc = count(arg);
	struct soft_blob b;

	if (rc)
		return rc;
	soft_open(&b, shadow, TPM2_ALG_ECC);
	return vtpm2_ecdsa_sign(curve, b.d, digest, len, r, s) ?
	       TPM2_RC_FAILURE : 0;
}

static u32 soft_ecsign(void *arg, const struct vtpm2_shadow *shadow, u16 curve,
		       u16 scheme, u16 hash, const u8 *digest, size_t len,
		       u8 *r, u8 *s)
{
	const struct vtpm2_scheme sig = { .alg = scheme, .hash = hash };
	struct hw_soft *hw = arg;
	struct soft_blob b;
	u32 rc;

	if (scheme != TPM2_ALG_ECSCHNORR || hw->small)
		return TPM2_RC_SCHEME;
	rc = count(arg);
	if (rc)
		return rc;
	soft_open(&b, shadow, TPM2_ALG_ECC);
	/* the engine's code does it here, which can lack memory and nothing else */
	return vtpm2_ecsign(curve, &sig, b.d,
			    (struct vtpm2_bytes){ digest, len }, r, s) ?
	       TPM2_RC_MEMORY : 0;
}

static u32 soft_ecdh(void *arg, const struct vtpm2_shadow *shadow, u16 curve,
		     const u8 *x, const u8 *y, u8 *zx, u8 *zy)
{
	u32 rc = count(arg);
	struct soft_blob b;

	if (rc)
		return rc;
	soft_open(&b, shadow, TPM2_ALG_ECC);
	return vtpm2_ecc_mul(curve, b.d, x, y, zx, zy) ? TPM2_RC_FAILURE : 0;
}

static u8 *commitment(struct hw_soft *hw, u16 count)
{
	return hw->scalar[count % HW_SOFT_COMMITS];
}

static u32 soft_commit(void *arg, const struct vtpm2_shadow *shadow, u16 curve,
		       struct vtpm2_hw_commit *c)
{
	u8 x[VTPM2_MAX_ECC], y[VTPM2_MAX_ECC], gx[VTPM2_MAX_ECC], gy[VTPM2_MAX_ECC];
	struct vtpm2_bytes s2 = { c->s2, c->s2_len };
	struct hw_soft *hw = arg;
	struct vtpm2_digest d;
	u32 rc = count(arg);
	struct soft_blob b;
	u8 *r;

	if (rc)
		return rc;
	soft_open(&b, shadow, TPM2_ALG_ECC);
	r = commitment(hw, hw->commits);
	if (vtpm2_ecc_generate(curve, r, gx, gy))
		return TPM2_RC_MEMORY;
	if (c->s2_len) {
		vtpm2_hash_parts(TPM2_ALG_SHA256, &s2, 1, &d);
		memcpy(y, c->y2, vtpm2_ecc_size(curve));
		if (vtpm2_coordinate_reduce(curve, d.buf, d.len, x) ||
		    vtpm2_ecc_mul(curve, b.d, x, y, c->kx, c->ky) ||
		    vtpm2_ecc_mul(curve, r, x, y, c->lx, c->ly))
			return TPM2_RC_MEMORY;
	}
	if (c->x1) {
		if (vtpm2_ecc_mul(curve, r, c->x1, c->y1, c->ex, c->ey))
			return TPM2_RC_MEMORY;
	} else if (!c->s2_len) {
		memcpy(c->ex, gx, vtpm2_ecc_size(curve));
		memcpy(c->ey, gy, vtpm2_ecc_size(curve));
	}
	c->count = hw->commits++;
	return 0;
}

static u32 soft_ecdaa(void *arg, const struct vtpm2_shadow *shadow, u16 curve,
		      u16 hash, u32 number, const u8 *digest, size_t len,
		      u8 *nonce, u16 *nonce_len, u8 *s)
{
	static const u8 used[VTPM2_MAX_ECC];
	struct hw_soft *hw = arg;
	u8 *r = commitment(hw, number);
	u32 rc = count(arg);
	struct soft_blob b;

	if (rc)
		return rc;
	soft_open(&b, shadow, TPM2_ALG_ECC);
	if ((u16)(hw->commits - 1 - number) >= HW_SOFT_COMMITS ||
	    !memcmp(r, used, sizeof(used)))
		return TPM2_RC_VALUE;
	if (vtpm2_ecdaa(curve, hash, b.d, r, (struct vtpm2_bytes){ digest, len },
			nonce, nonce_len, s))
		return TPM2_RC_MEMORY;
	memset(r, 0, sizeof(used));
	return 0;
}

static u32 soft_seal(void *arg, const u8 *data, size_t len,
		     struct vtpm2_shadow *shadow)
{
	struct soft_blob b = { .tag = SOFT_TAG, .alg = TPM2_ALG_KEYEDHASH };
	u32 rc = count(arg);

	if (rc)
		return rc;
	if (!len || len > VTPM2_MAX_SEAL)
		abort();
	b.len = len;
	memcpy(b.n, data, len);
	memcpy(shadow->blob, &b, sizeof(b));
	shadow->len = sizeof(b);
	return 0;
}

static u32 soft_unseal(void *arg, const struct vtpm2_shadow *shadow, u8 *data,
		       size_t *len)
{
	u32 rc = count(arg);
	struct soft_blob b;

	if (rc)
		return rc;
	soft_open(&b, shadow, TPM2_ALG_KEYEDHASH);
	if (b.len > *len)
		abort();
	memcpy(data, b.n, b.len);
	*len = b.len;
	return 0;
}

static void soft_forget(void *arg, const struct vtpm2_shadow *shadow)
{
	struct hw_soft *hw = arg;

	hw->forgotten++;
}

const struct vtpm2_hw_ops hw_soft_ops = {
	.supports = soft_supports,
	.create = soft_create,
	.rsa = soft_rsa,
	.ecdsa = soft_ecdsa,
	.ecsign = soft_ecsign,
	.ecdh = soft_ecdh,
	.commit = soft_commit,
	.ecdaa = soft_ecdaa,
	.seal = soft_seal,
	.unseal = soft_unseal,
	.forget = soft_forget,
};
