// SPDX-License-Identifier: GPL-2.0
/*
 * RSA paddings over raw operations: PKCS #1 v2.2 (RFC 8017) as Part 1, B.4 to
 * B.8 applies it.
 *
 * The private half of each is one raw operation of the chip or the engine.
 * What comes back from a decryption is secret until it proved to be well
 * formed, so unpadding looks at every byte, decides once at the end, and says
 * TPM_RC_VALUE whatever was wrong: neither the code nor the time that it takes
 * says more to a padding oracle attack than that the padding was bad.
 */
#include <crypto/utils.h>
#include <linux/errno.h>
#include <linux/minmax.h>
#include <linux/string.h>
#include <linux/unaligned.h>

#include "tpm2.h"

#define DEFAULT_EXPONENT	65537
/* 00, 02, at least eight bytes of padding, 00 (RFC 8017, 7.2.1) */
#define RSAES_OVERHEAD		11
#define RSAES_MIN_PADDING	8

/* All ones if @v is 0, else 0. No branch. */
static u32 ct_is_zero(u32 v)
{
	return (u32)(((u64)v - 1) >> 32);
}

/* All ones if @a < @b, else 0. No branch. */
static u32 ct_less(u32 a, u32 b)
{
	return (u32)(((u64)a - b) >> 32);
}

static u32 raw_public(const struct vtpm2_public *pub, const u8 *in, u8 *out)
{
	u32 exponent = pub->exponent ? pub->exponent : DEFAULT_EXPONENT;

	switch (vtpm2_rsa_public(pub->x, pub->x_len, exponent, in, out)) {
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

/* Mask @out with MGF1(@seed) (RFC 8017, B.2.1). */
static noinline_for_stack void mgf1_xor(u16 alg, const u8 *seed,
					size_t seed_len, u8 *out, size_t len)
{
	size_t n, h = vtpm2_digest_size(alg);
	u8 block[VTPM2_MAX_DIGEST], be[4];
	struct vtpm2_hash hash;
	u32 counter = 0;

	while (len) {
		put_unaligned_be32(counter++, be);
		vtpm2_hash_init(&hash, alg);
		vtpm2_hash_update(&hash, seed, seed_len);
		vtpm2_hash_update(&hash, be, sizeof(be));
		vtpm2_hash_final(&hash, block);
		n = min(len, h);
		crypto_xor(out, block, n);
		out += n;
		len -= n;
	}
	memzero_explicit(block, sizeof(block));
}

static noinline_for_stack void hash_bytes(u16 alg, const u8 *p, size_t len,
					  u8 *digest)
{
	struct vtpm2_hash hash;

	vtpm2_hash_init(&hash, alg);
	vtpm2_hash_update(&hash, p, len);
	vtpm2_hash_final(&hash, digest);
}

/* RFC 8017, 7.1.1: 00 || masked seed || masked (lHash || 00.. || 01 || M) */
static u32 oaep_encode(u16 alg, struct vtpm2_bytes msg,
		       struct vtpm2_bytes label, u8 *em, size_t k)
{
	size_t h = vtpm2_digest_size(alg);
	u8 *seed = em + 1, *db = seed + h;
	size_t n = k - h - 1;

	if (k < 2 * h + 2 || msg.len > k - 2 * h - 2)
		return TPM2_RC_VALUE;
	memset(em, 0, k);
	vtpm2_random(seed, h);
	hash_bytes(alg, label.p, label.len, db);
	db[n - msg.len - 1] = 1;
	if (msg.len)
		memcpy(db + n - msg.len, msg.p, msg.len);
	mgf1_xor(alg, seed, h, db, n);
	mgf1_xor(alg, db, n, seed, h);
	return 0;
}

static u32 oaep_decode(u16 alg, struct vtpm2_bytes label, u8 *em, size_t k,
		       u8 *out, size_t *len)
{
	size_t h = vtpm2_digest_size(alg);
	u8 *seed = em + 1, *db = seed + h;
	u32 bad, zero, one, at = 0, looking = ~0u;
	u8 label_hash[VTPM2_MAX_DIGEST];
	size_t i, n = k - h - 1;

	if (k < 2 * h + 2)
		return TPM2_RC_VALUE;
	mgf1_xor(alg, db, n, seed, h);
	mgf1_xor(alg, seed, h, db, n);
	hash_bytes(alg, label.p, label.len, label_hash);

	bad = em[0] | (u32)crypto_memneq(db, label_hash, h);
	for (i = h; i < n; i++) {
		zero = ct_is_zero(db[i]);
		one = ct_is_zero(db[i] ^ 1);
		at |= i & one & looking;
		bad |= looking & ~zero & ~one;
		looking &= ~one;
	}
	bad |= looking;
	at++;
	bad |= ct_less(*len, n - at);
	if (bad)
		return TPM2_RC_VALUE;
	*len = n - at;
	memcpy(out, db + at, *len);
	return 0;
}

/* RFC 8017, 7.2.1: 00 || 02 || nonzero bytes || 00 || M */
static u32 rsaes_encode(struct vtpm2_bytes msg, u8 *em, size_t k)
{
	size_t i, end;

	if (k < RSAES_OVERHEAD || msg.len > k - RSAES_OVERHEAD)
		return TPM2_RC_VALUE;
	end = k - msg.len - 1;
	em[0] = 0;
	em[1] = 2;
	vtpm2_random(em + 2, end - 2);
	for (i = 2; i < end; i++) {
		while (!em[i])
			vtpm2_random(em + i, 1);
	}
	em[end] = 0;
	if (msg.len)
		memcpy(em + end + 1, msg.p, msg.len);
	return 0;
}

static u32 rsaes_decode(const u8 *em, size_t k, u8 *out, size_t *len)
{
	u32 zero, bad = em[0] | (em[1] ^ 2), at = 0, looking = ~0u;
	size_t i;

	for (i = 2; i < k; i++) {
		zero = ct_is_zero(em[i]);
		at |= i & zero & looking;
		looking &= ~zero;
	}
	bad |= looking | ct_less(at, 2 + RSAES_MIN_PADDING);
	at++;
	bad |= ct_less(*len, k - at);
	if (bad)
		return TPM2_RC_VALUE;
	*len = k - at;
	memcpy(out, em + at, *len);
	return 0;
}

/* Part 3, 14.2.1 */
u32 vtpm2_rsa_pad_encrypt(const struct vtpm2_public *pub,
			  const struct vtpm2_scheme *scheme,
			  struct vtpm2_bytes msg, struct vtpm2_bytes label,
			  u8 *out)
{
	size_t k = pub->x_len;
	u32 rc;

	switch (scheme->alg) {
	case TPM2_ALG_NULL:
		rc = vtpm2_fixed(msg, out, k) ? 0 : TPM2_RC_VALUE;
		break;
	case TPM2_ALG_RSAES:
		rc = rsaes_encode(msg, out, k);
		break;
	case TPM2_ALG_OAEP:
		rc = oaep_encode(scheme->hash, msg, label, out, k);
		break;
	default:
		rc = TPM2_RC_SCHEME;
	}
	return rc ? rc : raw_public(pub, out, out);
}

/* Part 3, 14.3.1 */
u32 vtpm2_rsa_pad_decrypt(struct vtpm2 *t, struct vtpm2_object *key,
			  const struct vtpm2_scheme *scheme,
			  struct vtpm2_bytes in, struct vtpm2_bytes label,
			  u8 *out, size_t *len)
{
	size_t k = key->pub.x_len;
	u8 em[VTPM2_MAX_RSA];
	u32 rc;

	if (in.len != k || k > sizeof(em))
		return TPM2_RC_SIZE;
	rc = vtpm2_key_rsa(t, key, in.p, em);
	if (rc)
		return rc;
	switch (scheme->alg) {
	case TPM2_ALG_NULL:
		if (*len < k) {
			rc = TPM2_RC_VALUE;
			break;
		}
		*len = k;
		memcpy(out, em, k);
		break;
	case TPM2_ALG_RSAES:
		rc = rsaes_decode(em, k, out, len);
		break;
	case TPM2_ALG_OAEP:
		rc = oaep_decode(scheme->hash, label, em, k, out, len);
		break;
	default:
		rc = TPM2_RC_SCHEME;
	}
	memzero_explicit(em, sizeof(em));
	return rc;
}

/*
 * RFC 8017, 9.2: 00 || 01 || FF.. || 00 || DigestInfo. Of the algorithm's
 * object identifier only the last byte differs within SHA-2.
 */
static u32 pkcs1_encode(u16 alg, const u8 *digest, size_t h, u8 *em, size_t k)
{
	static const u8 sha1_info[] = {
		0x30, 0x21, 0x30, 0x09, 0x06, 0x05, 0x2b, 0x0e, 0x03, 0x02,
		0x1a, 0x05, 0x00, 0x04, 0x14,
	};
	u8 sha2_info[] = {
		0x30, 0x11 + h, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01,
		0x65, 0x03, 0x04, 0x02, alg - TPM2_ALG_SHA256 + 1, 0x05, 0x00,
		0x04, h,
	};
	const u8 *info = alg == TPM2_ALG_SHA1 ? sha1_info : sha2_info;
	size_t n = alg == TPM2_ALG_SHA1 ? sizeof(sha1_info) : sizeof(sha2_info);

	if (k < h + n + RSAES_OVERHEAD)
		return TPM2_RC_SIZE;
	memset(em, 0xff, k);
	em[0] = 0;
	em[1] = 1;
	memcpy(em + k - h, digest, h);
	memcpy(em + k - h - n, info, n);
	em[k - h - n - 1] = 0;
	return 0;
}

/* H = Hash(eight zero bytes || digest || salt) */
static noinline_for_stack void pss_hash(u16 alg, const u8 *digest,
					const u8 *salt, size_t salt_len,
					u8 *out)
{
	static const u8 zeroes[8];
	struct vtpm2_hash hash;

	vtpm2_hash_init(&hash, alg);
	vtpm2_hash_update(&hash, zeroes, sizeof(zeroes));
	vtpm2_hash_update(&hash, digest, vtpm2_digest_size(alg));
	vtpm2_hash_update(&hash, salt, salt_len);
	vtpm2_hash_final(&hash, out);
}

/*
 * RFC 8017, 9.1.1: masked (00.. || 01 || salt) || H || BC. The salt is as long
 * as the digest, or as fits (Part 1, B.7; FIPS 186-4, 5.5).
 */
static u32 pss_encode(u16 alg, const u8 *digest, size_t h, u8 *em, size_t k)
{
	size_t n = k - h - 1, salt_len;
	u8 salt[VTPM2_MAX_DIGEST];

	if (k < h + 2)
		return TPM2_RC_SIZE;
	salt_len = min(h, n - 1);
	vtpm2_random(salt, salt_len);
	memset(em, 0, n);
	em[n - salt_len - 1] = 1;
	memcpy(em + n - salt_len, salt, salt_len);
	pss_hash(alg, digest, salt, salt_len, em + n);
	em[k - 1] = 0xbc;
	mgf1_xor(alg, em + n, h, em, n);
	/* the modulus has all of its bits, emBits is one less */
	em[0] &= 0x7f;
	return 0;
}

/* Is @em (unmasked in place) an encoding of @digest with any salt? */
static bool pss_valid(u16 alg, const u8 *digest, size_t h, u8 *em, size_t k)
{
	size_t i = 0, n = k - h - 1;
	u8 check[VTPM2_MAX_DIGEST];

	if (k < h + 2 || em[k - 1] != 0xbc || (em[0] & 0x80))
		return false;
	mgf1_xor(alg, em + n, h, em, n);
	em[0] &= 0x7f;
	while (i < n && !em[i])
		i++;
	if (i == n || em[i] != 1)
		return false;
	i++;
	pss_hash(alg, digest, em + i, n - i, check);
	return !memcmp(check, em + n, h);
}

u32 vtpm2_rsa_encode(const struct vtpm2_scheme *scheme, const u8 *digest,
		     size_t len, u8 *em, size_t size)
{
	if (scheme->alg != TPM2_ALG_RSASSA && scheme->alg != TPM2_ALG_RSAPSS)
		return TPM2_RC_SCHEME;
	if (!len || len != vtpm2_digest_size(scheme->hash))
		return TPM2_RC_VALUE;
	if (scheme->alg == TPM2_ALG_RSASSA)
		return pkcs1_encode(scheme->hash, digest, len, em, size);
	return pss_encode(scheme->hash, digest, len, em, size);
}

static noinline_for_stack bool pkcs1_valid(u16 alg, const u8 *digest, size_t h,
					   const u8 *em, size_t k)
{
	u8 expected[VTPM2_MAX_RSA];

	return !pkcs1_encode(alg, digest, h, expected, k) &&
		!memcmp(em, expected, k);
}

u32 vtpm2_rsa_verify(const struct vtpm2_public *pub,
		     const struct vtpm2_scheme *scheme, const u8 *sig,
		     const u8 *digest, size_t len)
{
	size_t k = pub->x_len;
	u8 em[VTPM2_MAX_RSA];
	bool valid;
	u32 rc;

	if (scheme->alg != TPM2_ALG_RSASSA && scheme->alg != TPM2_ALG_RSAPSS)
		return TPM2_RC_SCHEME;
	if (k > sizeof(em) || len != vtpm2_digest_size(scheme->hash))
		return TPM2_RC_SIGNATURE;
	rc = raw_public(pub, sig, em);
	if (rc == TPM2_RC_MEMORY)
		return rc;
	if (rc)
		return TPM2_RC_SIGNATURE;
	if (scheme->alg == TPM2_ALG_RSAPSS)
		valid = pss_valid(scheme->hash, digest, len, em, k);
	else
		valid = pkcs1_valid(scheme->hash, digest, len, em, k);
	return valid ? 0 : TPM2_RC_SIGNATURE;
}
