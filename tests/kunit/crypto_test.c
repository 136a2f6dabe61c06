// SPDX-License-Identifier: GPL-2.0
/*
 * KUnit tests of the engine's cryptographic primitives (tpm2/crypto.h).
 *
 * The implementation under test is whichever is linked: the kernel's, or
 * OpenSSL's in user space, where tests/hosted runs this same file.
 */
#include <kunit/test.h>
#include <linux/hex.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "../../drivers/vtpm_mux/tpm2/crypto.h"
#include "crypto_vectors.h"

/* The bytes of the hexadecimal string @hex, freed with the test. */
static u8 *bytes(struct kunit *test, const char *hex)
{
	size_t len = strlen(hex) / 2;
	u8 *p = kunit_kzalloc(test, len + 1, GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, p);
	KUNIT_ASSERT_EQ(test, hex2bin(p, hex, len), 0);
	return p;
}

static u8 *buffer(struct kunit *test, size_t len)
{
	u8 *p = kunit_kzalloc(test, len, GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, p);
	return p;
}

#define VECTOR_PARAM(kind)						\
static void kind##_desc(const struct kind##_vector *v, char *desc)	\
{									\
	strscpy(desc, v->name, KUNIT_PARAM_DESC_SIZE);			\
}									\
KUNIT_ARRAY_PARAM(kind, kind##_vectors, kind##_desc)

VECTOR_PARAM(hash);
VECTOR_PARAM(aes);
VECTOR_PARAM(ecc);
VECTOR_PARAM(ecc_curve);
VECTOR_PARAM(ecdsa);
VECTOR_PARAM(rsa);

static void hash_sizes(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, vtpm2_digest_size(TPM2_ALG_SHA1), 20);
	KUNIT_EXPECT_EQ(test, vtpm2_digest_size(TPM2_ALG_SHA256), 32);
	KUNIT_EXPECT_EQ(test, vtpm2_digest_size(TPM2_ALG_SHA384), 48);
	KUNIT_EXPECT_EQ(test, vtpm2_digest_size(TPM2_ALG_SHA512), 64);
	KUNIT_EXPECT_EQ(test, vtpm2_digest_size(TPM2_ALG_NULL), 0);
	KUNIT_EXPECT_EQ(test, vtpm2_digest_size(TPM2_ALG_HMAC), 0);
	KUNIT_EXPECT_EQ(test, vtpm2_digest_size(0), 0);
	KUNIT_EXPECT_EQ(test, vtpm2_digest_size(0xffff), 0);
	KUNIT_EXPECT_EQ(test, vtpm2_hash_block_size(TPM2_ALG_SHA1), 64);
	KUNIT_EXPECT_EQ(test, vtpm2_hash_block_size(TPM2_ALG_SHA256), 64);
	KUNIT_EXPECT_EQ(test, vtpm2_hash_block_size(TPM2_ALG_SHA384), 128);
	KUNIT_EXPECT_EQ(test, vtpm2_hash_block_size(TPM2_ALG_SHA512), 128);
	KUNIT_EXPECT_EQ(test, vtpm2_hash_block_size(TPM2_ALG_NULL), 0);
}

static void hash_vector(struct kunit *test)
{
	const struct hash_vector *v = test->param_value;
	const u8 *expected = bytes(test, v->digest);
	size_t size = vtpm2_digest_size(v->alg);
	size_t len = strlen(v->message);
	u8 digest[VTPM2_MAX_DIGEST];
	struct vtpm2_hash *h;

	h = kunit_kzalloc(test, sizeof(*h), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, h);
	vtpm2_hash_init(h, v->alg);
	vtpm2_hash_update(h, v->message, len);
	vtpm2_hash_final(h, digest);
	KUNIT_EXPECT_MEMEQ(test, digest, expected, size);
	KUNIT_EXPECT_NULL(test, memchr_inv(h->state, 0, sizeof(h->state)));
}

/* At every split: through a copy, and through an exported state. */
static void hash_split(struct kunit *test)
{
	const struct hash_vector *v = test->param_value;
	const u8 *expected = bytes(test, v->digest);
	size_t size = vtpm2_digest_size(v->alg);
	size_t len = strlen(v->message);
	u8 *state = buffer(test, VTPM2_HASH_EXPORT);
	u8 digest[VTPM2_MAX_DIGEST];
	struct vtpm2_hash *h;
	size_t i;

	h = kunit_kcalloc(test, 3, sizeof(*h), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, h);
	for (i = 0; i <= len; i++) {
		vtpm2_hash_init(&h[0], v->alg);
		vtpm2_hash_update(&h[0], v->message, i);
		h[1] = h[0];
		vtpm2_hash_export(&h[0], state);
		vtpm2_hash_import(&h[2], v->alg, state);
		/* The copies must not share anything with the original. */
		vtpm2_hash_update(&h[0], "x", 1);
		vtpm2_hash_final(&h[0], digest);
		KUNIT_EXPECT_MEMNEQ(test, digest, expected, size);

		vtpm2_hash_update(&h[1], v->message + i, len - i);
		vtpm2_hash_final(&h[1], digest);
		KUNIT_EXPECT_MEMEQ(test, digest, expected, size);

		vtpm2_hash_update(&h[2], v->message + i, len - i);
		vtpm2_hash_final(&h[2], digest);
		KUNIT_EXPECT_MEMEQ(test, digest, expected, size);
	}
}

static void aes_vector(struct kunit *test)
{
	const struct aes_vector *v = test->param_value;
	const u8 *cipher = bytes(test, v->cipher);
	const u8 *plain = bytes(test, v->plain);
	const u8 *key = bytes(test, v->key);
	u8 block[VTPM2_AES_BLOCK];
	struct vtpm2_aes *aes;

	aes = kunit_kzalloc(test, sizeof(*aes), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, aes);
	KUNIT_ASSERT_EQ(test, vtpm2_aes_setkey(aes, key, v->bits), 0);
	vtpm2_aes_encrypt(aes, block, plain);
	KUNIT_EXPECT_MEMEQ(test, block, cipher, sizeof(block));
	vtpm2_aes_decrypt(aes, block, cipher);
	KUNIT_EXPECT_MEMEQ(test, block, plain, sizeof(block));

	vtpm2_aes_encrypt(aes, block, block);
	KUNIT_EXPECT_MEMEQ(test, block, cipher, sizeof(block));
	vtpm2_aes_decrypt(aes, block, block);
	KUNIT_EXPECT_MEMEQ(test, block, plain, sizeof(block));
}

static void aes_bad_bits(struct kunit *test)
{
	static const u16 bits[] = { 0, 8, 16, 64, 127, 129, 255, 257, 512, 65535 };
	static const u8 key[64];
	struct vtpm2_aes *aes;
	unsigned int i;

	aes = kunit_kzalloc(test, sizeof(*aes), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, aes);
	for (i = 0; i < ARRAY_SIZE(bits); i++)
		KUNIT_EXPECT_EQ(test, vtpm2_aes_setkey(aes, key, bits[i]), -EINVAL);
}

static void random_differs(struct kunit *test)
{
	u8 a[32], b[32];

	vtpm2_random(a, sizeof(a));
	vtpm2_random(b, sizeof(b));
	KUNIT_EXPECT_MEMNEQ(test, a, b, sizeof(a));
}

static void rsa_vector(struct kunit *test)
{
	const struct rsa_vector *v = test->param_value;
	const u8 *out = bytes(test, v->out);
	const u8 *in = bytes(test, v->in);
	const u8 *n = bytes(test, v->n);
	const u8 *p = bytes(test, v->p);
	size_t len = v->bits / 8;
	u8 *buf = buffer(test, len);

	KUNIT_EXPECT_EQ(test, vtpm2_rsa_check(n, len, v->exponent, p), 0);
	KUNIT_ASSERT_EQ(test, vtpm2_rsa_public(n, len, v->exponent, out, buf), 0);
	KUNIT_EXPECT_MEMEQ(test, buf, in, len);
	KUNIT_ASSERT_EQ(test, vtpm2_rsa_private(n, len, v->exponent, p, in, buf), 0);
	KUNIT_EXPECT_MEMEQ(test, buf, out, len);

	/* In place */
	KUNIT_ASSERT_EQ(test, vtpm2_rsa_public(n, len, v->exponent, buf, buf), 0);
	KUNIT_EXPECT_MEMEQ(test, buf, in, len);
	KUNIT_ASSERT_EQ(test, vtpm2_rsa_private(n, len, v->exponent, p, buf, buf), 0);
	KUNIT_EXPECT_MEMEQ(test, buf, out, len);
}

/* 0, 1, n - 1 and the primes' multiples are operands like any other. */
static void rsa_operands(struct kunit *test)
{
	const struct rsa_vector *v = test->param_value;
	const u8 *n = bytes(test, v->n);
	const u8 *p = bytes(test, v->p);
	size_t len = v->bits / 8, i;
	u8 *in = buffer(test, len);
	u8 *out = buffer(test, len);

	for (i = 0; i < 5; i++) {
		memset(in, 0, len);
		switch (i) {
		case 0:
		case 1:
			in[len - 1] = i;
			break;
		case 2:
			memcpy(in, n, len);
			in[len - 1]--;
			break;
		case 3:
			memcpy(in + len / 2, p, len / 2);
			break;
		case 4:
			memcpy(in + len / 2 - 1, p, len / 2);
			break;
		}
		KUNIT_ASSERT_EQ(test, vtpm2_rsa_private(n, len, v->exponent, p, in, out), 0);
		if (i < 3)
			KUNIT_EXPECT_MEMEQ(test, out, in, len);
		KUNIT_ASSERT_EQ(test, vtpm2_rsa_public(n, len, v->exponent, out, out), 0);
		KUNIT_EXPECT_MEMEQ(test, out, in, len);
	}

	memcpy(in, n, len);
	KUNIT_EXPECT_EQ(test, vtpm2_rsa_public(n, len, v->exponent, in, out), -EINVAL);
	KUNIT_EXPECT_EQ(test, vtpm2_rsa_private(n, len, v->exponent, p, in, out), -EINVAL);
	memset(in, 0xff, len);
	KUNIT_EXPECT_EQ(test, vtpm2_rsa_public(n, len, v->exponent, in, out), -EINVAL);
	KUNIT_EXPECT_EQ(test, vtpm2_rsa_private(n, len, v->exponent, p, in, out), -EINVAL);
}

/* What vtpm2_rsa_check() refuses, vtpm2_rsa_private() refuses as well. */
static void expect_bad_prime(struct kunit *test, const u8 *n, size_t len,
			     u32 exponent, const u8 *p)
{
	u8 *buf = buffer(test, len);

	buf[len - 1] = 2;
	KUNIT_EXPECT_EQ(test, vtpm2_rsa_check(n, len, exponent, p), -EINVAL);
	KUNIT_EXPECT_EQ(test, vtpm2_rsa_private(n, len, exponent, p, buf, buf), -EINVAL);
}

static void rsa_bad_prime(struct kunit *test)
{
	const struct rsa_vector *v = test->param_value;
	const u8 *n = bytes(test, v->n);
	u8 *p = bytes(test, v->p);
	size_t len = v->bits / 8;
	size_t half = len / 2;

	p[half - 1] ^= 2;
	expect_bad_prime(test, n, len, v->exponent, p);
	p[half - 1] ^= 3;
	expect_bad_prime(test, n, len, v->exponent, p);
	p[0] ^= 0x40;
	expect_bad_prime(test, n, len, v->exponent, p);
	memset(p, 0xff, half);
	expect_bad_prime(test, n, len, v->exponent, p);
	memset(p, 0, half);
	expect_bad_prime(test, n, len, v->exponent, p);
	p[half - 1] = 1;
	expect_bad_prime(test, n, len, v->exponent, p);
	p[half - 1] = 2;
	expect_bad_prime(test, n, len, v->exponent, p);
	p[half - 1] = 3;
	expect_bad_prime(test, n, len, v->exponent, p);
}

/* Moduli that have the "prime" as a factor and still make no key. */
static void rsa_bad_modulus(struct kunit *test)
{
	const struct rsa_vector *v = &rsa_vectors[0];
	const u8 *p = bytes(test, v->p);
	size_t len = v->bits / 8;
	u8 *n = buffer(test, len);
	u8 *q = buffer(test, len);

	/* n = p: the other factor is 1. */
	memcpy(n + len / 2, p, len / 2);
	expect_bad_prime(test, n, len, v->exponent, p);
	q[len / 2 - 1] = 1;
	expect_bad_prime(test, n, len, v->exponent, q);
	/* Equal factors */
	memset(n, 0, len);
	n[len - 1] = 13 * 13;
	q[len / 2 - 1] = 13;
	expect_bad_prime(test, n, len, 65537, q);
	/* 7 - 1 is a multiple of 3. */
	n[len - 1] = 7 * 11;
	q[len / 2 - 1] = 7;
	expect_bad_prime(test, n, len, 3, q);
	q[len / 2 - 1] = 11;
	expect_bad_prime(test, n, len, 3, q);
	KUNIT_EXPECT_EQ(test, vtpm2_rsa_check(n, len, 7, q), 0);
	memset(n, 0, len);
	expect_bad_prime(test, n, len, 65537, q);
	memset(q, 0, len);
	expect_bad_prime(test, n, len, 65537, q);
}

static void rsa_bad_public(struct kunit *test)
{
	const struct rsa_vector *v = &rsa_vectors[0];
	const u8 *in = bytes(test, v->in);
	const u8 *p = bytes(test, v->p);
	u8 *n = bytes(test, v->n);
	size_t len = v->bits / 8;
	u8 *out = buffer(test, 2 * VTPM2_MAX_RSA);

	KUNIT_EXPECT_EQ(test, vtpm2_rsa_public(n, len, 0, in, out), -EINVAL);
	KUNIT_EXPECT_EQ(test, vtpm2_rsa_public(n, len, 1, in, out), -EINVAL);
	KUNIT_EXPECT_EQ(test, vtpm2_rsa_public(n, len, 65536, in, out), -EINVAL);
	KUNIT_EXPECT_EQ(test, vtpm2_rsa_private(n, len, 2, p, in, out), -EINVAL);
	KUNIT_EXPECT_EQ(test, vtpm2_rsa_check(n, len, 1, p), -EINVAL);
	KUNIT_EXPECT_EQ(test, vtpm2_rsa_public(n, 0, 3, in, out), -EINVAL);
	KUNIT_EXPECT_EQ(test, vtpm2_rsa_public(n, len - 16, 3, in, out), -EINVAL);
	KUNIT_EXPECT_EQ(test, vtpm2_rsa_public(n, len + 1, 3, in, out), -EINVAL);
	KUNIT_EXPECT_EQ(test, vtpm2_rsa_public(n, VTPM2_MAX_RSA + 16, 3, in, out), -EINVAL);
	n[len - 1] ^= 1;
	KUNIT_EXPECT_EQ(test, vtpm2_rsa_public(n, len, v->exponent, in, out), -EINVAL);
	KUNIT_EXPECT_EQ(test, vtpm2_rsa_private(n, len, v->exponent, p, in, out), -EINVAL);

	/* A modulus need not fill its bytes: 2^17 mod 55 = 7. */
	memset(n, 0, len);
	n[len - 1] = 55;
	memset(out, 0, len);
	out[len - 1] = 2;
	KUNIT_EXPECT_EQ(test, vtpm2_rsa_public(n, len, 17, out, out), 0);
	KUNIT_EXPECT_EQ(test, out[len - 1], 7);
	KUNIT_EXPECT_NULL(test, memchr_inv(out, 0, len - 1));
	n[len - 1] = 1;
	memset(out, 0, len);
	KUNIT_EXPECT_EQ(test, vtpm2_rsa_public(n, len, 17, out, out), 0);
	KUNIT_EXPECT_NULL(test, memchr_inv(out, 0, len));
}

static void rsa_make_key(struct kunit *test, u16 bits, u32 exponent)
{
	size_t len = bits / 8;
	u8 *n = buffer(test, len);
	u8 *p = buffer(test, len / 2);
	u8 *in = buffer(test, len);
	u8 *out = buffer(test, len);

	KUNIT_ASSERT_EQ(test, vtpm2_rsa_generate(bits, exponent, n, p), 0);
	KUNIT_EXPECT_GE(test, n[0], 0x80);
	KUNIT_EXPECT_GE(test, p[0], 0xc0);
	KUNIT_EXPECT_EQ(test, vtpm2_rsa_check(n, len, exponent, p), 0);

	vtpm2_random(in, len);
	in[0] &= 0x7f;
	KUNIT_ASSERT_EQ(test, vtpm2_rsa_private(n, len, exponent, p, in, out), 0);
	KUNIT_EXPECT_MEMNEQ(test, in, out, len);
	KUNIT_ASSERT_EQ(test, vtpm2_rsa_public(n, len, exponent, out, out), 0);
	KUNIT_EXPECT_MEMEQ(test, in, out, len);
}

static void rsa_generate(struct kunit *test)
{
	rsa_make_key(test, 1024, 65537);
	rsa_make_key(test, 1024, 3);
	rsa_make_key(test, 1024, 0xffffffff);
}

static void rsa_generate_2048(struct kunit *test)
{
	rsa_make_key(test, 2048, 65537);
}

static void rsa_generate_bad(struct kunit *test)
{
	u8 *n = buffer(test, VTPM2_MAX_RSA + 16);
	u8 *p = buffer(test, VTPM2_MAX_RSA);

	KUNIT_EXPECT_EQ(test, vtpm2_rsa_generate(0, 65537, n, p), -EINVAL);
	KUNIT_EXPECT_EQ(test, vtpm2_rsa_generate(512, 65537, n, p), -EINVAL);
	KUNIT_EXPECT_EQ(test, vtpm2_rsa_generate(2047, 65537, n, p), -EINVAL);
	KUNIT_EXPECT_EQ(test, vtpm2_rsa_generate(8192, 65537, n, p), -EINVAL);
	KUNIT_EXPECT_EQ(test, vtpm2_rsa_generate(2048, 0, n, p), -EINVAL);
	KUNIT_EXPECT_EQ(test, vtpm2_rsa_generate(2048, 1, n, p), -EINVAL);
	KUNIT_EXPECT_EQ(test, vtpm2_rsa_generate(2048, 65536, n, p), -EINVAL);
}

static void ecc_sizes(struct kunit *test)
{
	u8 buf[VTPM2_MAX_ECC] = { 0 };

	KUNIT_EXPECT_EQ(test, vtpm2_ecc_size(TPM2_ECC_NIST_P256), 32);
	KUNIT_EXPECT_EQ(test, vtpm2_ecc_size(TPM2_ECC_NIST_P384), 48);
	KUNIT_EXPECT_EQ(test, vtpm2_ecc_size(TPM2_ECC_NIST_P521), 66);
	KUNIT_EXPECT_EQ(test, vtpm2_ecc_size(TPM2_ECC_NIST_P224), 28);
	KUNIT_EXPECT_EQ(test, vtpm2_ecc_size(TPM2_ECC_BN_P256), 32);
	KUNIT_EXPECT_EQ(test, vtpm2_ecc_size(TPM2_ECC_BN_P638), 80);
	KUNIT_EXPECT_EQ(test, vtpm2_ecc_size(0), 0);
	KUNIT_EXPECT_EQ(test, vtpm2_ecc_size(0xffff), 0);
	KUNIT_EXPECT_EQ(test, vtpm2_ecc_public(6, buf, buf, buf),
			-EOPNOTSUPP);
	KUNIT_EXPECT_EQ(test, vtpm2_ecc_check_point(0, buf, buf), -EOPNOTSUPP);
}

static void ecc_vector(struct kunit *test)
{
	const struct ecc_vector *v = test->param_value;
	size_t size = vtpm2_ecc_size(v->curve);
	const u8 *zx = bytes(test, v->zx);
	const u8 *zy = bytes(test, v->zy);
	const u8 *d = bytes(test, v->d);
	u8 *x = bytes(test, v->x);
	u8 *y = bytes(test, v->y);

	KUNIT_EXPECT_EQ(test, vtpm2_ecc_check_point(v->curve, x, y), 0);
	KUNIT_EXPECT_EQ(test, vtpm2_ecc_check_point(v->curve, zx, zy), 0);
	/* In place, too */
	KUNIT_ASSERT_EQ(test, vtpm2_ecc_mul(v->curve, d, x, y, x, y), 0);
	KUNIT_EXPECT_MEMEQ(test, x, zx, size);
	KUNIT_EXPECT_MEMEQ(test, y, zy, size);
}

/* d G by vtpm2_ecc_public() and by vtpm2_ecc_mul() */
static void ecc_public(struct kunit *test)
{
	const struct ecc_vector *v = test->param_value;
	size_t size = vtpm2_ecc_size(v->curve);
	const u8 *d = bytes(test, v->d);
	u8 *x = buffer(test, size);
	u8 *y = buffer(test, size);
	u8 *gx, *gy;
	unsigned int i = 0;

	while (ecc_curve_vectors[i].curve != v->curve)
		i++;
	gx = bytes(test, ecc_curve_vectors[i].gx);
	gy = bytes(test, ecc_curve_vectors[i].gy);
	KUNIT_ASSERT_EQ(test, vtpm2_ecc_public(v->curve, d, x, y), 0);
	if (!strcmp(v->x, ecc_curve_vectors[i].gx)) {
		KUNIT_EXPECT_MEMEQ(test, x, bytes(test, v->zx), size);
		KUNIT_EXPECT_MEMEQ(test, y, bytes(test, v->zy), size);
	}
	KUNIT_ASSERT_EQ(test, vtpm2_ecc_mul(v->curve, d, gx, gy, gx, gy), 0);
	KUNIT_EXPECT_MEMEQ(test, x, gx, size);
	KUNIT_EXPECT_MEMEQ(test, y, gy, size);
}

static void ecc_bad_operands(struct kunit *test)
{
	const struct ecc_curve_vector *c = test->param_value;
	size_t size = vtpm2_ecc_size(c->curve);
	const u8 *prime = bytes(test, c->p);
	const u8 *n = bytes(test, c->n);
	u8 *x = bytes(test, c->gx);
	u8 *y = bytes(test, c->gy);
	u8 *d = buffer(test, size);
	u8 *out = buffer(test, size);

	/* d: 0, n, all ones */
	KUNIT_EXPECT_EQ(test, vtpm2_ecc_public(c->curve, d, out, out), -EINVAL);
	KUNIT_EXPECT_EQ(test, vtpm2_ecc_mul(c->curve, d, x, y, out, out), -EINVAL);
	KUNIT_EXPECT_EQ(test, vtpm2_ecdsa_sign(c->curve, d, x, 32, out, out), -EINVAL);
	KUNIT_EXPECT_EQ(test, vtpm2_ecc_public(c->curve, n, out, out), -EINVAL);
	KUNIT_EXPECT_EQ(test, vtpm2_ecc_mul(c->curve, n, x, y, out, out), -EINVAL);
	KUNIT_EXPECT_EQ(test, vtpm2_ecdsa_sign(c->curve, n, x, 32, out, out), -EINVAL);
	memset(d, 0xff, size);
	KUNIT_EXPECT_EQ(test, vtpm2_ecc_mul(c->curve, d, x, y, out, out), -EINVAL);

	/* The point: off the curve, its coordinates not reduced, infinity */
	memset(d, 0, size);
	d[size - 1] = 7;
	y[size - 1] ^= 1;
	KUNIT_EXPECT_EQ(test, vtpm2_ecc_check_point(c->curve, x, y), -EINVAL);
	KUNIT_EXPECT_EQ(test, vtpm2_ecc_mul(c->curve, d, x, y, out, out), -EINVAL);
	y[size - 1] ^= 1;
	KUNIT_EXPECT_EQ(test, vtpm2_ecc_check_point(c->curve, prime, y), -EINVAL);
	KUNIT_EXPECT_EQ(test, vtpm2_ecc_check_point(c->curve, x, prime), -EINVAL);
	memset(out, 0xff, size);
	KUNIT_EXPECT_EQ(test, vtpm2_ecc_check_point(c->curve, out, y), -EINVAL);
	memset(x, 0, size);
	memset(y, 0, size);
	KUNIT_EXPECT_EQ(test, vtpm2_ecc_check_point(c->curve, x, y), -EINVAL);
	KUNIT_EXPECT_EQ(test, vtpm2_ecc_mul(c->curve, d, x, y, out, out), -EINVAL);
}

/* A point (x + p, y) that satisfies the equation mod p is still refused. */
static void ecc_unreduced(struct kunit *test)
{
	/* P-521 has room above its prime. */
	const struct ecc_curve_vector *c = &ecc_curve_vectors[2];
	const u8 *prime = bytes(test, c->p);
	u8 *x = bytes(test, c->gx);
	u8 *y = bytes(test, c->gy);
	unsigned int carry = 0;
	int i;

	for (i = vtpm2_ecc_size(c->curve) - 1; i >= 0; i--) {
		carry += x[i] + prime[i];
		x[i] = carry;
		carry >>= 8;
	}
	KUNIT_EXPECT_EQ(test, vtpm2_ecc_check_point(c->curve, x, y), -EINVAL);
}

/* Both sides of an ECDH exchange agree, on both coordinates. */
static void ecc_agree(struct kunit *test)
{
	const struct ecc_curve_vector *c = test->param_value;
	size_t size = vtpm2_ecc_size(c->curve);
	u8 *k = buffer(test, 10 * VTPM2_MAX_ECC);
	u8 *da = k, *xa = da + size, *ya = xa + size;
	u8 *db = ya + size, *xb = db + size, *yb = xb + size;
	u8 *zx = yb + size, *zy = zx + size;

	KUNIT_ASSERT_EQ(test, vtpm2_ecc_generate(c->curve, da, xa, ya), 0);
	KUNIT_ASSERT_EQ(test, vtpm2_ecc_generate(c->curve, db, xb, yb), 0);
	KUNIT_EXPECT_MEMNEQ(test, da, db, size);
	KUNIT_EXPECT_EQ(test, vtpm2_ecc_check_point(c->curve, xa, ya), 0);
	KUNIT_ASSERT_EQ(test, vtpm2_ecc_mul(c->curve, da, xb, yb, zx, zy), 0);
	KUNIT_ASSERT_EQ(test, vtpm2_ecc_mul(c->curve, db, xa, ya, xb, yb), 0);
	KUNIT_EXPECT_MEMEQ(test, zx, xb, size);
	KUNIT_EXPECT_MEMEQ(test, zy, yb, size);
	KUNIT_ASSERT_EQ(test, vtpm2_ecc_public(c->curve, da, zx, zy), 0);
	KUNIT_EXPECT_MEMEQ(test, zx, xa, size);
	KUNIT_EXPECT_MEMEQ(test, zy, ya, size);
}

static void ecdsa_vector(struct kunit *test)
{
	const struct ecdsa_vector *v = test->param_value;
	size_t size = vtpm2_ecc_size(v->curve);
	size_t len = strlen(v->digest) / 2;
	u8 *digest = bytes(test, v->digest);
	const u8 *x = bytes(test, v->x);
	const u8 *y = bytes(test, v->y);
	u8 *r = bytes(test, v->r);
	u8 *s = bytes(test, v->s);

	KUNIT_EXPECT_EQ(test, vtpm2_ecdsa_verify(v->curve, x, y, digest, len, r, s), 0);
	KUNIT_EXPECT_EQ(test, vtpm2_ecdsa_verify(v->curve, x, y, digest, len, s, r),
			-EBADMSG);
	digest[0] ^= 1;
	KUNIT_EXPECT_EQ(test, vtpm2_ecdsa_verify(v->curve, x, y, digest, len, r, s),
			-EBADMSG);
	digest[0] ^= 1;
	r[size - 1] ^= 1;
	KUNIT_EXPECT_EQ(test, vtpm2_ecdsa_verify(v->curve, x, y, digest, len, r, s),
			-EBADMSG);
	r[size - 1] ^= 1;
	s[size - 1] ^= 1;
	KUNIT_EXPECT_EQ(test, vtpm2_ecdsa_verify(v->curve, x, y, digest, len, r, s),
			-EBADMSG);
}

static void ecdsa_bad_range(struct kunit *test)
{
	const struct ecc_curve_vector *c = test->param_value;
	size_t size = vtpm2_ecc_size(c->curve);
	const u8 *n = bytes(test, c->n);
	u8 *x = bytes(test, c->gx);
	u8 *y = bytes(test, c->gy);
	u8 *zero = buffer(test, size);
	u8 *one = buffer(test, size);
	u8 *ones = buffer(test, size);
	static const u8 digest[32];

	one[size - 1] = 1;
	memset(ones, 0xff, size);
	KUNIT_EXPECT_EQ(test, vtpm2_ecdsa_verify(c->curve, x, y, digest, 32, zero, one),
			-EBADMSG);
	KUNIT_EXPECT_EQ(test, vtpm2_ecdsa_verify(c->curve, x, y, digest, 32, one, zero),
			-EBADMSG);
	KUNIT_EXPECT_EQ(test, vtpm2_ecdsa_verify(c->curve, x, y, digest, 32, zero, zero),
			-EBADMSG);
	KUNIT_EXPECT_EQ(test, vtpm2_ecdsa_verify(c->curve, x, y, digest, 32, n, one),
			-EBADMSG);
	KUNIT_EXPECT_EQ(test, vtpm2_ecdsa_verify(c->curve, x, y, digest, 32, one, n),
			-EBADMSG);
	KUNIT_EXPECT_EQ(test, vtpm2_ecdsa_verify(c->curve, x, y, digest, 32, ones, ones),
			-EBADMSG);
	y[0] ^= 1;
	KUNIT_EXPECT_EQ(test, vtpm2_ecdsa_verify(c->curve, x, y, digest, 32, one, one),
			-EINVAL);
}

static void ecdsa_sign(struct kunit *test)
{
	static const size_t lens[] = { 20, 32, 48, 64, 66, 72 };
	const struct ecc_curve_vector *c = test->param_value;
	size_t size = vtpm2_ecc_size(c->curve);
	u8 *k = buffer(test, 8 * VTPM2_MAX_ECC);
	u8 *d = k, *x = d + size, *y = x + size;
	u8 *r = y + size, *s = r + size, *r2 = s + size, *s2 = r2 + size;
	u8 digest[72];
	unsigned int i;

	KUNIT_ASSERT_EQ(test, vtpm2_ecc_generate(c->curve, d, x, y), 0);
	for (i = 0; i < ARRAY_SIZE(lens); i++) {
		vtpm2_random(digest, sizeof(digest));
		KUNIT_ASSERT_EQ(test, vtpm2_ecdsa_sign(c->curve, d, digest, lens[i], r, s), 0);
		KUNIT_EXPECT_EQ(test, vtpm2_ecdsa_verify(c->curve, x, y, digest,
							 lens[i], r, s), 0);
		digest[1] ^= 0x80;
		KUNIT_EXPECT_EQ(test, vtpm2_ecdsa_verify(c->curve, x, y, digest,
							 lens[i], r, s), -EBADMSG);
	}
	KUNIT_ASSERT_EQ(test, vtpm2_ecdsa_sign(c->curve, d, digest, 32, r, s), 0);
	KUNIT_ASSERT_EQ(test, vtpm2_ecdsa_sign(c->curve, d, digest, 32, r2, s2), 0);
	KUNIT_EXPECT_MEMNEQ(test, r, r2, size);
}

static struct kunit_case symmetric_cases[] = {
	KUNIT_CASE(hash_sizes),
	KUNIT_CASE_PARAM(hash_vector, hash_gen_params),
	KUNIT_CASE_PARAM(hash_split, hash_gen_params),
	KUNIT_CASE_PARAM(aes_vector, aes_gen_params),
	KUNIT_CASE(aes_bad_bits),
	KUNIT_CASE(random_differs),
	{}
};

static struct kunit_suite symmetric_suite = {
	.name = "vtpm_crypto_symmetric",
	.test_cases = symmetric_cases,
};

static struct kunit_case rsa_cases[] = {
	KUNIT_CASE_PARAM(rsa_vector, rsa_gen_params),
	KUNIT_CASE_PARAM(rsa_operands, rsa_gen_params),
	KUNIT_CASE_PARAM(rsa_bad_prime, rsa_gen_params),
	KUNIT_CASE(rsa_bad_modulus),
	KUNIT_CASE(rsa_bad_public),
	KUNIT_CASE(rsa_generate),
	KUNIT_CASE_SLOW(rsa_generate_2048),
	KUNIT_CASE(rsa_generate_bad),
	{}
};

static struct kunit_suite rsa_suite = {
	.name = "vtpm_crypto_rsa",
	.test_cases = rsa_cases,
};

static struct kunit_case ecc_cases[] = {
	KUNIT_CASE(ecc_sizes),
	KUNIT_CASE_PARAM(ecc_vector, ecc_gen_params),
	KUNIT_CASE_PARAM(ecc_public, ecc_gen_params),
	KUNIT_CASE_PARAM(ecc_bad_operands, ecc_curve_gen_params),
	KUNIT_CASE(ecc_unreduced),
	KUNIT_CASE_PARAM(ecc_agree, ecc_curve_gen_params),
	KUNIT_CASE_PARAM(ecdsa_vector, ecdsa_gen_params),
	KUNIT_CASE_PARAM(ecdsa_bad_range, ecc_curve_gen_params),
	KUNIT_CASE_PARAM(ecdsa_sign, ecc_curve_gen_params),
	{}
};

static struct kunit_suite ecc_suite = {
	.name = "vtpm_crypto_ecc",
	.test_cases = ecc_cases,
};

kunit_test_suites(&symmetric_suite, &rsa_suite, &ecc_suite);
