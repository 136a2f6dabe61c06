// SPDX-License-Identifier: GPL-2.0
/*
 * Runs the KUnit suites of the cryptographic primitives in user space, and
 * what can only be done there: comparing the kernel's implementation with
 * OpenSSL's on random operands, and letting each allocation fail in turn.
 */
#include <openssl/bn.h>

#include <kunit/test.h>
#include <linux/random.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "../../drivers/vtpm_mux/tpm2/crypto.h"
#include "../../drivers/vtpm_mux/tpm2/types.h"

/*
 * OpenSSL's implementation under another name, where the kernel's is the one
 * under test; NULL where there is only OpenSSL's.
 */
#define REF(name)	extern __typeof__(vtpm2_##name) ref_##name __weak
REF(rsa_public);
REF(rsa_private);
REF(rsa_generate);
REF(rsa_check);
REF(ecc_generate);
REF(ecc_derive);
REF(ecc_public);
REF(ecc_mul);
REF(ecdsa_sign);
REF(ecdsa_verify);
REF(ecc_mul2);
REF(ecc_add);
REF(scalar_reduce);
REF(coordinate_reduce);
REF(scalar_mul_add);
REF(scalar_invert);

#define ROUNDS	60

static const u16 curves[] = {
	TPM2_ECC_NIST_P192, TPM2_ECC_NIST_P224, TPM2_ECC_NIST_P256,
	TPM2_ECC_NIST_P384, TPM2_ECC_NIST_P521, TPM2_ECC_BN_P256,
	TPM2_ECC_BN_P638, TPM2_ECC_SM2_P256,
};

static int need_reference(struct kunit *test)
{
	if (!ref_rsa_public)
		kunit_skip(test, "nothing to compare with");
	return 0;
}

/* Bytes with long runs of zeros and ones: where carries go wrong. */
static void random_runs(u8 *buf, size_t len)
{
	size_t i, run = 0;
	u8 kind = 0, byte;

	for (i = 0; i < len; i++) {
		if (!run) {
			vtpm2_random(&kind, 1);
			run = 1 + (kind >> 4);
		}
		run--;
		vtpm2_random(&byte, 1);
		buf[i] = (kind & 3) == 0 ? 0 : (kind & 3) == 1 ? 0xff : byte;
	}
}

static void diff_rsa_public(struct kunit *test)
{
	static const u32 exponents[] = { 3, 5, 17, 257, 65537, 0x7fffffff, 0xffffffff };
	u8 n[VTPM2_MAX_RSA], in[VTPM2_MAX_RSA], a[VTPM2_MAX_RSA], b[VTPM2_MAX_RSA];
	unsigned int i, zeros;
	size_t len;
	u32 e;

	for (i = 0; i < ROUNDS; i++) {
		len = 128 + 16 * (get_random_u32() % 25);
		e = exponents[i % ARRAY_SIZE(exponents)];
		random_runs(n, len);
		random_runs(in, len);
		n[len - 1] |= 1;
		if (i % 4 == 0) {
			zeros = get_random_u32() % (len - 1);
			memset(n, 0, zeros);
			memset(in, 0, zeros + 1);
		}
		KUNIT_ASSERT_EQ(test, vtpm2_rsa_public(n, len, e, in, a),
				ref_rsa_public(n, len, e, in, b));
		if (!ref_rsa_public(n, len, e, in, b))
			KUNIT_ASSERT_MEMEQ(test, a, b, len);
	}
}

static void diff_rsa_private(struct kunit *test)
{
	u8 n[VTPM2_MAX_RSA], p[VTPM2_MAX_RSA / 2], in[VTPM2_MAX_RSA];
	u8 a[VTPM2_MAX_RSA], b[VTPM2_MAX_RSA];
	unsigned int i, j;
	size_t len;
	int ret;
	u32 e;

	for (i = 0; i < 10; i++) {
		len = 128 + 16 * i;
		KUNIT_ASSERT_EQ(test, (i & 1 ? ref_rsa_generate : vtpm2_rsa_generate)
				(8 * len, 65537, n, p), 0);
		for (j = 0; j < 20; j++) {
			/* Any exponent: that of the key is not in the primes. */
			e = j ? get_random_u32() | 1 : 65537;
			random_runs(in, len);
			ret = ref_rsa_check(n, len, e, p);
			KUNIT_ASSERT_EQ(test, vtpm2_rsa_check(n, len, e, p), ret);
			ret = ref_rsa_private(n, len, e, p, in, a);
			KUNIT_ASSERT_EQ(test, vtpm2_rsa_private(n, len, e, p, in, b), ret);
			if (!ret)
				KUNIT_ASSERT_MEMEQ(test, a, b, len);
		}
	}
}

static void diff_ecc(struct kunit *test)
{
	u8 d[VTPM2_MAX_ECC], x[VTPM2_MAX_ECC], y[VTPM2_MAX_ECC];
	u8 ax[VTPM2_MAX_ECC], ay[VTPM2_MAX_ECC], bx[VTPM2_MAX_ECC], by[VTPM2_MAX_ECC];
	unsigned int i, j;
	size_t size;
	int ret;

	for (i = 0; i < ARRAY_SIZE(curves); i++) {
		size = vtpm2_ecc_size(curves[i]);
		KUNIT_ASSERT_EQ(test, ref_ecc_generate(curves[i], d, x, y), 0);
		for (j = 0; j < ROUNDS; j++) {
			random_runs(d, size);
			d[0] &= vtpm2_curve_find(curves[i])->n[0];
			if (j % 4 == 0)
				memset(d, 0, get_random_u32() % size);
			ret = ref_ecc_mul(curves[i], d, x, y, ax, ay);
			KUNIT_ASSERT_EQ(test, vtpm2_ecc_mul(curves[i], d, x, y, bx, by), ret);
			if (ret)
				continue;
			KUNIT_ASSERT_MEMEQ(test, ax, bx, size);
			KUNIT_ASSERT_MEMEQ(test, ay, by, size);
			KUNIT_ASSERT_EQ(test, vtpm2_ecc_public(curves[i], d, x, y), 0);
			KUNIT_ASSERT_EQ(test, ref_ecc_public(curves[i], d, bx, by), 0);
			KUNIT_ASSERT_MEMEQ(test, x, bx, size);
			KUNIT_ASSERT_MEMEQ(test, y, by, size);
		}
	}
}

static void diff_ecc_derive(struct kunit *test)
{
	u8 c[VTPM2_MAX_ECC + VTPM2_ECC_EXTRA];
	u8 ad[VTPM2_MAX_ECC], ax[VTPM2_MAX_ECC], ay[VTPM2_MAX_ECC];
	u8 bd[VTPM2_MAX_ECC], bx[VTPM2_MAX_ECC], by[VTPM2_MAX_ECC];
	unsigned int i, j;
	size_t size;

	for (i = 0; i < ARRAY_SIZE(curves); i++) {
		size = vtpm2_ecc_size(curves[i]);
		for (j = 0; j < ROUNDS; j++) {
			random_runs(c, size + VTPM2_ECC_EXTRA);
			if (j < 2)
				memset(c, j ? 0xff : 0, sizeof(c));
			KUNIT_ASSERT_EQ(test, ref_ecc_derive(curves[i], c, ad, ax, ay), 0);
			KUNIT_ASSERT_EQ(test, vtpm2_ecc_derive(curves[i], c, bd, bx, by), 0);
			KUNIT_ASSERT_MEMEQ(test, ad, bd, size);
			KUNIT_ASSERT_MEMEQ(test, ax, bx, size);
			KUNIT_ASSERT_MEMEQ(test, ay, by, size);
		}
	}
}

static void diff_ecdsa(struct kunit *test)
{
	u8 d[VTPM2_MAX_ECC], x[VTPM2_MAX_ECC], y[VTPM2_MAX_ECC];
	u8 r[VTPM2_MAX_ECC], s[VTPM2_MAX_ECC], digest[80];
	unsigned int i, j;
	size_t len;
	u16 id;

	for (i = 0; i < ARRAY_SIZE(curves); i++) {
		id = curves[i];
		KUNIT_ASSERT_EQ(test, vtpm2_ecc_generate(id, d, x, y), 0);
		for (j = 0; j < ROUNDS; j++) {
			len = get_random_u32() % (sizeof(digest) + 1);
			random_runs(digest, len);
			KUNIT_ASSERT_EQ(test, vtpm2_ecdsa_sign(id, d, digest, len, r, s), 0);
			KUNIT_ASSERT_EQ(test, ref_ecdsa_verify(id, x, y, digest, len, r, s), 0);
			KUNIT_ASSERT_EQ(test, ref_ecdsa_sign(id, d, digest, len, r, s), 0);
			KUNIT_ASSERT_EQ(test, vtpm2_ecdsa_verify(id, x, y, digest, len, r, s), 0);
			s[j % vtpm2_ecc_size(id)] ^= 1 << (j % 8);
			KUNIT_ASSERT_EQ(test, vtpm2_ecdsa_verify(id, x, y, digest, len, r, s),
					-EBADMSG);
		}
	}
}

/* Sums of points, as signatures are verified with them */
static void diff_points(struct kunit *test)
{
	u8 u[VTPM2_MAX_ECC], v[VTPM2_MAX_ECC], x[VTPM2_MAX_ECC], y[VTPM2_MAX_ECC];
	u8 ax[VTPM2_MAX_ECC], ay[VTPM2_MAX_ECC], bx[VTPM2_MAX_ECC], by[VTPM2_MAX_ECC];
	unsigned int i, j;
	size_t size;
	int ret;

	for (i = 0; i < ARRAY_SIZE(curves); i++) {
		size = vtpm2_ecc_size(curves[i]);
		KUNIT_ASSERT_EQ(test, ref_ecc_generate(curves[i], u, x, y), 0);
		for (j = 0; j < ROUNDS; j++) {
			random_runs(u, size);
			random_runs(v, size);
			u[0] &= vtpm2_curve_find(curves[i])->n[0];
			v[0] &= vtpm2_curve_find(curves[i])->n[0];
			if (j % 8 == 1)
				memset(u, 0, size);
			if (j % 8 < 2)
				memset(v, 0, size - (j < 16));
			ret = ref_ecc_mul2(curves[i], u, v, x, y, ax, ay);
			KUNIT_ASSERT_EQ(test, vtpm2_ecc_mul2(curves[i], u, v, x, y, bx, by),
					ret);
			if (ret)
				continue;
			KUNIT_ASSERT_MEMEQ(test, ax, bx, size);
			KUNIT_ASSERT_MEMEQ(test, ay, by, size);
			/* once in a while twice the same point */
			if (j % 4 == 0) {
				memcpy(x, ax, size);
				memcpy(y, ay, size);
			}
			KUNIT_ASSERT_EQ(test, ref_ecc_add(curves[i], x, y, ax, ay), 0);
			KUNIT_ASSERT_EQ(test, vtpm2_ecc_add(curves[i], x, y, bx, by), 0);
			KUNIT_ASSERT_MEMEQ(test, ax, bx, size);
			KUNIT_ASSERT_MEMEQ(test, ay, by, size);
		}
	}
}

/* A point and its negative have no sum with coordinates. */
static void points_infinity(struct kunit *test)
{
	u8 d[VTPM2_MAX_ECC], x[VTPM2_MAX_ECC], y[VTPM2_MAX_ECC];
	u8 zero[VTPM2_MAX_ECC] = { 0 }, one[VTPM2_MAX_ECC] = { 0 };
	u8 nx[VTPM2_MAX_ECC], ny[VTPM2_MAX_ECC];
	const struct vtpm2_curve *c;
	unsigned int i;

	for (i = 0; (c = vtpm2_curve_at(i)); i++) {
		memset(one, 0, sizeof(one));
		one[c->size - 1] = 1;
		memcpy(d, c->n, c->size);
		d[c->size - 1]--;
		KUNIT_EXPECT_EQ(test, vtpm2_ecc_public(c->id, d, nx, ny), 0);
		KUNIT_EXPECT_EQ(test, vtpm2_ecc_add(c->id, c->gx, c->gy, nx, ny), -EINVAL);
		KUNIT_EXPECT_EQ(test, vtpm2_ecc_mul2(c->id, one, d, c->gx, c->gy, x, y),
				-EINVAL);
		KUNIT_EXPECT_EQ(test, vtpm2_ecc_mul2(c->id, zero, zero, c->gx, c->gy, x, y),
				-EINVAL);
		KUNIT_EXPECT_EQ(test, vtpm2_ecc_mul2(c->id, c->n, one, c->gx, c->gy, x, y),
				-EINVAL);
		KUNIT_EXPECT_EQ(test, vtpm2_ecc_mul2(c->id, zero, one, c->gx, c->gy, x, y), 0);
		KUNIT_EXPECT_MEMEQ(test, x, c->gx, c->size);
	}
}

static void diff_scalars(struct kunit *test)
{
	u8 a[VTPM2_MAX_ECC], b[VTPM2_MAX_ECC], c[VTPM2_MAX_ECC], in[VTPM2_MAX_REDUCE];
	u8 want[VTPM2_MAX_ECC], got[VTPM2_MAX_ECC];
	unsigned int i, j;
	size_t size, len;
	int ret;

	for (i = 0; i < ARRAY_SIZE(curves); i++) {
		size = vtpm2_ecc_size(curves[i]);
		for (j = 0; j < 4 * ROUNDS; j++) {
			len = get_random_u32() % (sizeof(in) + 1);
			random_runs(in, len);
			KUNIT_ASSERT_EQ(test, ref_scalar_reduce(curves[i], in, len, want), 0);
			KUNIT_ASSERT_EQ(test, vtpm2_scalar_reduce(curves[i], in, len, a), 0);
			KUNIT_ASSERT_MEMEQ(test, a, want, size);
			KUNIT_ASSERT_EQ(test, ref_coordinate_reduce(curves[i], in, len, want), 0);
			KUNIT_ASSERT_EQ(test, vtpm2_coordinate_reduce(curves[i], in, len, got), 0);
			KUNIT_ASSERT_MEMEQ(test, got, want, size);
			random_runs(b, size);
			random_runs(c, size);
			ret = ref_scalar_mul_add(curves[i], a, b, c, want);
			KUNIT_ASSERT_EQ(test, vtpm2_scalar_mul_add(curves[i], a, b, c, got), ret);
			if (!ret)
				KUNIT_ASSERT_MEMEQ(test, got, want, size);
			ret = ref_scalar_invert(curves[i], b, want);
			KUNIT_ASSERT_EQ(test, vtpm2_scalar_invert(curves[i], b, got), ret);
			if (!ret)
				KUNIT_ASSERT_MEMEQ(test, got, want, size);
		}
	}
}

static struct kunit_case diff_cases[] = {
	KUNIT_CASE(diff_rsa_public),
	KUNIT_CASE(diff_rsa_private),
	KUNIT_CASE(diff_ecc),
	KUNIT_CASE(diff_ecc_derive),
	KUNIT_CASE(diff_ecdsa),
	KUNIT_CASE(diff_points),
	KUNIT_CASE(diff_scalars),
	KUNIT_CASE(points_infinity),
	{}
};

static struct kunit_suite diff_suite = {
	.name = "vtpm_crypto_diff",
	.init = need_reference,
	.test_cases = diff_cases,
};

/* Both factors are primes, of full length and far apart. */
static void keygen_primes(struct kunit *test)
{
	static const u16 sizes[] = { 1024, 1152, 2048, 3072, 4096 };
	u8 n[VTPM2_MAX_RSA], p[VTPM2_MAX_RSA / 2];
	BN_CTX *ctx = BN_CTX_new();
	BIGNUM *bn = BN_new(), *bp = BN_new(), *bq = BN_new(), *rem = BN_new();
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		KUNIT_EXPECT_EQ(test, vtpm2_rsa_generate(sizes[i], 65537, n, p), 0);
		BN_bin2bn(n, sizes[i] / 8, bn);
		BN_bin2bn(p, sizes[i] / 16, bp);
		BN_div(bq, rem, bn, bp, ctx);
		KUNIT_EXPECT_TRUE(test, BN_is_zero(rem));
		KUNIT_EXPECT_EQ(test, BN_num_bits(bn), sizes[i]);
		KUNIT_EXPECT_EQ(test, BN_num_bits(bp), sizes[i] / 2);
		KUNIT_EXPECT_EQ(test, BN_num_bits(bq), sizes[i] / 2);
		KUNIT_EXPECT_EQ(test, BN_check_prime(bp, ctx, NULL), 1);
		KUNIT_EXPECT_EQ(test, BN_check_prime(bq, ctx, NULL), 1);
		BN_sub(rem, bp, bq);
		KUNIT_EXPECT_GT(test, BN_num_bits(rem), sizes[i] / 2 - 100);
	}
	BN_free(bn);
	BN_free(bp);
	BN_free(bq);
	BN_free(rem);
	BN_CTX_free(ctx);
}

static int (*const failing[])(const u8 *n, u8 *p, u8 *buf);

/* With its n-th allocation failing, each function says so and leaks nothing. */
static void alloc_failure(struct kunit *test)
{
	static u8 n[256], p[128], buf[8 * 256];
	unsigned long failed, fail_in;
	unsigned int i;
	long live;
	int ret;

	KUNIT_ASSERT_EQ(test, vtpm2_rsa_generate(1024, 65537, n, p), 0);
	for (i = 0; failing[i]; i++) {
		for (fail_in = 1; ; fail_in++) {
			failed = hosted_alloc.failed;
			live = hosted_alloc.live;
			hosted_alloc.fail_in = fail_in;
			ret = failing[i](n, p, buf);
			hosted_alloc.fail_in = 0;
			KUNIT_EXPECT_EQ(test, hosted_alloc.live, live);
			if (hosted_alloc.failed == failed)
				break;
			KUNIT_EXPECT_EQ(test, ret, -ENOMEM);
		}
		KUNIT_EXPECT_EQ(test, ret, 0);
	}
}

static int try_rsa_public(const u8 *n, u8 *p, u8 *buf)
{
	memset(buf, 1, 128);
	return vtpm2_rsa_public(n, 128, 65537, buf, buf);
}

static int try_rsa_private(const u8 *n, u8 *p, u8 *buf)
{
	memset(buf, 1, 128);
	return vtpm2_rsa_private(n, 128, 65537, p, buf, buf);
}

static int try_rsa_check(const u8 *n, u8 *p, u8 *buf)
{
	return vtpm2_rsa_check(n, 128, 65537, p);
}

static int try_rsa_generate(const u8 *n, u8 *p, u8 *buf)
{
	return vtpm2_rsa_generate(1024, 65537, buf, buf + 128);
}

static int try_ecc_generate(const u8 *n, u8 *p, u8 *buf)
{
	return vtpm2_ecc_generate(TPM2_ECC_NIST_P521, buf, buf + 66, buf + 132);
}

static int try_ecc_derive(const u8 *n, u8 *p, u8 *buf)
{
	return vtpm2_ecc_derive(TPM2_ECC_NIST_P521, n, buf, buf + 66, buf + 132);
}

static int try_ecc_check(const u8 *n, u8 *p, u8 *buf)
{
	return vtpm2_ecc_check_point(TPM2_ECC_NIST_P521, buf + 66, buf + 132);
}

static int try_ecc_mul(const u8 *n, u8 *p, u8 *buf)
{
	return vtpm2_ecc_mul(TPM2_ECC_NIST_P521, buf, buf + 66, buf + 132,
			     buf + 198, buf + 264);
}

static int try_ecdsa_sign(const u8 *n, u8 *p, u8 *buf)
{
	return vtpm2_ecdsa_sign(TPM2_ECC_NIST_P521, buf, n, 64, buf + 198,
				buf + 264);
}

static int try_ecdsa_verify(const u8 *n, u8 *p, u8 *buf)
{
	return vtpm2_ecdsa_verify(TPM2_ECC_NIST_P521, buf + 66, buf + 132, n,
				  64, buf + 198, buf + 264);
}

static int (*const failing[])(const u8 *n, u8 *p, u8 *buf) = {
	try_rsa_public, try_rsa_private, try_rsa_check, try_rsa_generate,
	try_ecc_generate, try_ecc_derive, try_ecc_check, try_ecc_mul, try_ecdsa_sign,
	try_ecdsa_verify, NULL,
};

static struct kunit_case hosted_cases[] = {
	KUNIT_CASE_SLOW(keygen_primes),
	KUNIT_CASE(alloc_failure),
	{}
};

static struct kunit_suite hosted_suite = {
	.name = "vtpm_crypto_hosted",
	.test_cases = hosted_cases,
};

kunit_test_suites(&diff_suite, &hosted_suite);
