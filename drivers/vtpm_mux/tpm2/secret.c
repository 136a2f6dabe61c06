// SPDX-License-Identifier: GPL-2.0
/*
 * Sharing a seed with the holder of an asymmetric key (TPM2B_ENCRYPTED_SECRET:
 * Part 1, B.10 and C.6): RSA-OAEP of a random seed, or one-pass Diffie-Hellman
 * with an ephemeral key. The hash is always the key's nameAlg, the label says
 * what the seed is for.
 */
#include <linux/errno.h>
#include <linux/string.h>

#include "tpm2.h"

static u32 seed_size(const struct vtpm2_public *pub, u16 *size)
{
	*size = vtpm2_digest_size(pub->name_alg);
	/* a key without a name protects nothing */
	return *size ? 0 : TPM2_RC_KEY;
}

static struct vtpm2_scheme oaep_scheme(const struct vtpm2_public *pub)
{
	return (struct vtpm2_scheme){
		.alg = TPM2_ALG_OAEP,
		.hash = pub->name_alg,
		.kdf = TPM2_ALG_NULL,
	};
}

/* With its terminating zero (Part 1, B.4). */
static struct vtpm2_bytes label_bytes(const char *label)
{
	return (struct vtpm2_bytes){ (const u8 *)label, strlen(label) + 1 };
}

static u32 decrypt_rsa(struct vtpm2 *t, struct vtpm2_object *key,
		       const char *label, struct vtpm2_bytes secret,
		       struct vtpm2_digest *seed)
{
	const struct vtpm2_scheme scheme = oaep_scheme(&key->pub);
	size_t len = seed->len;
	u32 rc;

	rc = vtpm2_rsa_pad_decrypt(t, key, &scheme, secret, label_bytes(label),
				   seed->buf, &len);
	seed->len = rc ? 0 : len;
	return rc;
}

static u32 decrypt_ecc(struct vtpm2 *t, struct vtpm2_object *key,
		       const char *label, struct vtpm2_bytes secret,
		       struct vtpm2_digest *seed)
{
	size_t size = vtpm2_ecc_size(key->pub.curve);
	u8 fx[VTPM2_MAX_ECC], fy[VTPM2_MAX_ECC];
	u8 zx[VTPM2_MAX_ECC], zy[VTPM2_MAX_ECC];
	struct vtpm2_bytes x, y;
	struct vtpm2_rd rd;
	u32 rc;

	vtpm2_rd_init(&rd, secret.p, secret.len);
	vtpm2_rd_point(&rd, &x, &y);
	if (rd.err)
		return rd.err;
	if (!vtpm2_fixed(x, fx, size) || !vtpm2_fixed(y, fy, size))
		return TPM2_RC_ECC_POINT;
	rc = vtpm2_key_ecdh(t, key, fx, fy, zx, zy);
	if (!rc)
		vtpm2_kdfe(key->pub.name_alg, zx, size, label, x.p, x.len,
			   key->pub.x, key->pub.x_len, seed->len * 8,
			   seed->buf);
	memzero_explicit(zx, sizeof(zx));
	memzero_explicit(zy, sizeof(zy));
	return rc;
}

u32 vtpm2_secret_decrypt(struct vtpm2 *t, struct vtpm2_object *key,
			 const char *label, struct vtpm2_bytes secret,
			 struct vtpm2_digest *seed)
{
	u32 rc = seed_size(&key->pub, &seed->len);

	if (rc)
		return rc;
	switch (key->pub.type) {
	case TPM2_ALG_RSA:
		return decrypt_rsa(t, key, label, secret, seed);
	case TPM2_ALG_ECC:
		return decrypt_ecc(t, key, label, secret, seed);
	default:
		return TPM2_RC_KEY;
	}
}

static u32 encrypt_rsa(const struct vtpm2_public *pub, const char *label,
		       struct vtpm2_digest *seed, struct vtpm2_wr *wr)
{
	const struct vtpm2_scheme scheme = oaep_scheme(pub);
	struct vtpm2_bytes msg = { seed->buf, seed->len };
	u8 secret[VTPM2_MAX_RSA];
	u32 rc;

	vtpm2_random(seed->buf, seed->len);
	rc = vtpm2_rsa_pad_encrypt(pub, &scheme, msg, label_bytes(label),
				   secret);
	if (!rc)
		vtpm2_wr_2b(wr, secret, pub->x_len);
	return rc;
}

static u32 encrypt_ecc(const struct vtpm2_public *pub, const char *label,
		       struct vtpm2_digest *seed, struct vtpm2_wr *wr)
{
	struct vtpm2_bytes sx = { pub->x, pub->x_len };
	struct vtpm2_bytes sy = { pub->y, pub->y_len };
	size_t size = vtpm2_ecc_size(pub->curve);
	u8 fx[VTPM2_MAX_ECC], fy[VTPM2_MAX_ECC];
	u8 d[VTPM2_MAX_ECC], x[VTPM2_MAX_ECC], y[VTPM2_MAX_ECC];
	u8 zx[VTPM2_MAX_ECC], zy[VTPM2_MAX_ECC];
	int err;

	if (!vtpm2_fixed(sx, fx, size) || !vtpm2_fixed(sy, fy, size))
		return TPM2_RC_KEY;
	err = vtpm2_ecc_generate(pub->curve, d, x, y);
	if (!err)
		err = vtpm2_ecc_mul(pub->curve, d, fx, fy, zx, zy);
	if (!err) {
		vtpm2_kdfe(pub->name_alg, zx, size, label, x, size, pub->x,
			   pub->x_len, seed->len * 8, seed->buf);
		vtpm2_wr_point(wr, x, y, size);
	}
	memzero_explicit(d, sizeof(d));
	memzero_explicit(zx, sizeof(zx));
	memzero_explicit(zy, sizeof(zy));
	switch (err) {
	case 0:
		return 0;
	case -EINVAL:
		return TPM2_RC_KEY;
	case -ENOMEM:
		return TPM2_RC_MEMORY;
	default:
		return TPM2_RC_FAILURE;
	}
}

u32 vtpm2_secret_encrypt(const struct vtpm2_public *pub, const char *label,
			 struct vtpm2_digest *seed, struct vtpm2_wr *wr)
{
	u32 rc = seed_size(pub, &seed->len);

	if (rc)
		return rc;
	switch (pub->type) {
	case TPM2_ALG_RSA:
		return encrypt_rsa(pub, label, seed, wr);
	case TPM2_ALG_ECC:
		return encrypt_ecc(pub, label, seed, wr);
	default:
		return TPM2_RC_KEY;
	}
}
