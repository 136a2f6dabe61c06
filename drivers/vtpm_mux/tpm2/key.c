// SPDX-License-Identifier: GPL-2.0
/*
 * The private part of an object at work.
 *
 *   hardware   shadow -> chip               nothing secret in host memory
 *   sealed     sens.data -> sealing.c       in host memory while in use
 *   software   sens.data                    engine crypto
 *
 * An object never changes its class: where the chip fails, the command fails.
 */
#include <linux/errno.h>
#include <linux/minmax.h>
#include <linux/string.h>

#include "tpm2.h"

#define RSA_EXPONENT	65537

static u32 errno_code(int err)
{
	switch (err) {
	case 0:
		return 0;
	case -EINVAL:
		return TPM2_RC_VALUE;
	case -ENOMEM:
		return TPM2_RC_MEMORY;
	default:
		return TPM2_RC_FAILURE;
	}
}

/* A chip for this object, or NULL: then it cannot be used at all. */
static const struct vtpm2_hw_ops *chip(struct vtpm2 *t,
				       const struct vtpm2_object *key)
{
	return key->shadow.len ? t->config.ops : NULL;
}

u32 vtpm2_key_rsa(struct vtpm2 *t, struct vtpm2_object *key, const u8 *in,
		  u8 *out)
{
	const struct vtpm2_public *pub = &key->pub;
	const struct vtpm2_hw_ops *ops = chip(t, key);

	if (key->public_only)
		return TPM2_RC_FAILURE;
	if (memcmp(in, pub->x, pub->x_len) >= 0)
		return TPM2_RC_VALUE;
	if (key->class == VTPM2_CLASS_SOFTWARE)
		return errno_code(vtpm2_rsa_private(pub->x, pub->x_len,
						    pub->exponent ?:
						    RSA_EXPONENT,
						    key->sens.data, in, out));
	return ops ? ops->rsa(t->config.hw, &key->shadow, in, out,
			      pub->x_len) : TPM2_RC_FAILURE;
}

u32 vtpm2_key_ecdsa(struct vtpm2 *t, struct vtpm2_object *key,
		    const u8 *digest, size_t len, u8 *r, u8 *s)
{
	const struct vtpm2_hw_ops *ops = chip(t, key);
	u16 curve = key->pub.curve;

	if (key->public_only)
		return TPM2_RC_FAILURE;
	/* FIPS 186-4, 6.4: the leftmost bits; no order is odd-sized here */
	len = min_t(size_t, len, vtpm2_ecc_size(curve));
	if (key->class == VTPM2_CLASS_SOFTWARE)
		return errno_code(vtpm2_ecdsa_sign(curve, key->sens.data,
						   digest, len, r, s));
	return ops ? ops->ecdsa(t->config.hw, &key->shadow, curve, digest, len,
				r, s) : TPM2_RC_FAILURE;
}

u32 vtpm2_key_ecsign(struct vtpm2 *t, struct vtpm2_object *key,
		     const struct vtpm2_scheme *scheme,
		     struct vtpm2_bytes digest, u8 *r, u8 *s)
{
	const struct vtpm2_hw_ops *ops = chip(t, key);
	u16 curve = key->pub.curve;

	if (key->public_only)
		return TPM2_RC_FAILURE;
	if (key->class == VTPM2_CLASS_SOFTWARE)
		return errno_code(vtpm2_ecsign(curve, scheme, key->sens.data,
					       digest, r, s));
	return ops ? ops->ecsign(t->config.hw, &key->shadow, curve,
				 scheme->alg, scheme->hash, digest.p,
				 digest.len, r, s) : TPM2_RC_FAILURE;
}

u32 vtpm2_key_ecdh(struct vtpm2 *t, struct vtpm2_object *key, const u8 *x,
		   const u8 *y, u8 *zx, u8 *zy)
{
	const struct vtpm2_hw_ops *ops = chip(t, key);
	u16 curve = key->pub.curve;

	if (key->public_only)
		return TPM2_RC_FAILURE;
	if (vtpm2_ecc_check_point(curve, x, y))
		return TPM2_RC_ECC_POINT;
	if (key->class == VTPM2_CLASS_SOFTWARE)
		return errno_code(vtpm2_ecc_mul(curve, key->sens.data, x, y,
						zx, zy));
	return ops ? ops->ecdh(t->config.hw, &key->shadow, curve, x, y, zx,
			       zy) : TPM2_RC_FAILURE;
}

u32 vtpm2_key_commit(struct vtpm2 *t, struct vtpm2_object *key,
		     struct vtpm2_hw_commit *commit)
{
	const struct vtpm2_hw_ops *ops = chip(t, key);

	return ops ? ops->commit(t->config.hw, &key->shadow, key->pub.curve,
				 commit) : TPM2_RC_FAILURE;
}

u32 vtpm2_key_ecdaa(struct vtpm2 *t, struct vtpm2_object *key, u32 count,
		    struct vtpm2_bytes digest, u8 *nonce, u16 *nonce_len,
		    u8 *s)
{
	const struct vtpm2_hw_ops *ops = chip(t, key);

	return ops ? ops->ecdaa(t->config.hw, &key->shadow, key->pub.curve,
				key->pub.scheme.hash, count, digest.p,
				digest.len, nonce, nonce_len, s) :
		TPM2_RC_FAILURE;
}

u32 vtpm2_key_data(struct vtpm2 *t, struct vtpm2_object *key, u8 *data,
		   size_t *len)
{
	if (key->public_only)
		return TPM2_RC_FAILURE;
	if (key->class == VTPM2_CLASS_SEALED)
		return vtpm2_sealing_open(t, key, data, len);
	if (key->class != VTPM2_CLASS_SOFTWARE || key->sens.data_len > *len)
		return TPM2_RC_FAILURE;
	*len = key->sens.data_len;
	memcpy(data, key->sens.data, *len);
	return 0;
}

/* The scheme that only some chips have, if the key is for one of those. */
static u16 special_scheme(const struct vtpm2_public *pub)
{
	if (pub->type != TPM2_ALG_ECC || !(pub->attrs & TPM2_OA_SIGN_ENCRYPT))
		return 0;
	switch (pub->scheme.alg) {
	case TPM2_ALG_ECDAA:
	case TPM2_ALG_SM2:
	case TPM2_ALG_ECSCHNORR:
		return pub->scheme.alg;
	default:
		return 0;
	}
}

void vtpm2_key_describe(const struct vtpm2_public *pub,
			struct vtpm2_hw_key *key)
{
	*key = (struct vtpm2_hw_key){
		.alg = pub->type,
		.bits = pub->bits,
		.exponent = pub->exponent,
		.curve = pub->curve,
		.scheme = special_scheme(pub),
		.hash = pub->scheme.hash,
		.name_alg = pub->name_alg,
		.fixed_parent = pub->attrs & TPM2_OA_FIXED_PARENT,
	};
}

/* In software: prime or scalar into sens.data. */
static int generate_soft(struct vtpm2_public *pub,
			 struct vtpm2_sensitive *sens)
{
	if (pub->type == TPM2_ALG_RSA) {
		sens->data_len = pub->bits / 16;
		return vtpm2_rsa_generate(pub->bits,
					  pub->exponent ?: RSA_EXPONENT,
					  pub->x, sens->data);
	}
	sens->data_len = vtpm2_ecc_size(pub->curve);
	return vtpm2_ecc_generate(pub->curve, sens->data, pub->x, pub->y);
}

u32 vtpm2_key_generate(struct vtpm2 *t, struct vtpm2_object *obj)
{
	const struct vtpm2_hw_ops *ops = t->config.ops;
	struct vtpm2_public *pub = &obj->pub;
	struct vtpm2_hw_key key;

	if (!vtpm2_public_asymmetric(pub))
		return vtpm2_key_seal(t, obj);
	if (pub->type == TPM2_ALG_RSA) {
		pub->x_len = pub->bits / 8;
	} else {
		pub->x_len = vtpm2_ecc_size(pub->curve);
		pub->y_len = pub->x_len;
	}
	if (obj->class == VTPM2_CLASS_SOFTWARE)
		return errno_code(generate_soft(pub, &obj->sens));
	obj->sens.data_len = 0;
	vtpm2_key_describe(pub, &key);
	return ops ? ops->create(t->config.hw, &key, &obj->shadow, pub->x,
				 pub->y) : TPM2_RC_FAILURE;
}

u32 vtpm2_key_seal(struct vtpm2 *t, struct vtpm2_object *obj)
{
	return obj->class == VTPM2_CLASS_SEALED ? vtpm2_sealing_seal(t, obj) : 0;
}

void vtpm2_key_forget(struct vtpm2 *t, const struct vtpm2_object *obj)
{
	if (t->config.ops && obj->shadow.len)
		t->config.ops->forget(t->config.hw, &obj->shadow);
}
