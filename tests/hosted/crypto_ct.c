// SPDX-License-Identifier: GPL-2.0
/*
 * Proof that the kernel's RSA and ECC run in constant time: under valgrind's
 * memcheck, with every secret declared undefined. Memcheck follows it through
 * all arithmetic and complains of each branch and each address that depends
 * on it.
 *
 * vtpm2_bn_decide() is where the code declares a condition public; here it
 * does so for memcheck, too.
 */
#include <stdio.h>
#include <valgrind/memcheck.h>

#include <linux/bug.h>
#include <linux/hex.h>
#include <linux/kernel.h>
#include <linux/random.h>
#include <linux/string.h>

#include "../../drivers/vtpm_mux/crypto/bn.h"
#include "../../drivers/vtpm_mux/crypto/rsa.h"
#include "../../drivers/vtpm_mux/tpm2/crypto.h"
#include "../../drivers/vtpm_mux/tpm2/types.h"
#include "../kunit/crypto_vectors.h"

#define SECRET(p, len)	VALGRIND_MAKE_MEM_UNDEFINED(p, len)
#define PUBLIC(p, len)	VALGRIND_MAKE_MEM_DEFINED(p, len)

/* In place of that of bn.c */
bool vtpm2_bn_decide(u64 mask)
{
	PUBLIC(&mask, sizeof(mask));
	return mask;
}

void vtpm2_random(void *buf, size_t len)
{
	get_random_bytes(buf, len);
	SECRET(buf, len);
}

static void check_ecc(u16 curve)
{
	size_t size = vtpm2_ecc_size(curve);
	u8 d[VTPM2_MAX_ECC], x[VTPM2_MAX_ECC], y[VTPM2_MAX_ECC];
	u8 r[VTPM2_MAX_ECC], s[VTPM2_MAX_ECC];
	u8 c[VTPM2_MAX_ECC + VTPM2_ECC_EXTRA];
	static const u8 digest[32] = { 1 };

	vtpm2_random(c, sizeof(c));
	BUG_ON(vtpm2_ecc_derive(curve, c, d, x, y));
	BUG_ON(vtpm2_ecc_generate(curve, d, x, y));
	PUBLIC(x, size);
	PUBLIC(y, size);
	SECRET(d, size);
	BUG_ON(vtpm2_ecdsa_sign(curve, d, digest, sizeof(digest), r, s));
	PUBLIC(r, size);
	PUBLIC(s, size);
	BUG_ON(vtpm2_ecdsa_verify(curve, x, y, digest, sizeof(digest), r, s));
	BUG_ON(vtpm2_ecc_public(curve, d, r, s));
	BUG_ON(vtpm2_ecc_mul(curve, d, x, y, r, s));
	/* A secret point, such as an ECDH result that is passed on. */
	BUG_ON(vtpm2_ecc_mul(curve, d, r, s, r, s));
}

/* As a Schnorr signature needs them, and SM2's */
static void check_scalars(u16 curve)
{
	u8 d[VTPM2_MAX_ECC], k[VTPM2_MAX_ECC], x[VTPM2_MAX_ECC], y[VTPM2_MAX_ECC];
	static const u8 digest[64] = { 1 };

	BUG_ON(vtpm2_ecc_generate(curve, d, x, y));
	BUG_ON(vtpm2_ecc_generate(curve, k, x, y));
	SECRET(d, sizeof(d));
	SECRET(k, sizeof(k));
	BUG_ON(vtpm2_scalar_reduce(curve, digest, sizeof(digest), x));
	BUG_ON(vtpm2_scalar_mul_add(curve, x, d, k, y));
	BUG_ON(vtpm2_scalar_invert(curve, k, y));
	BUG_ON(vtpm2_scalar_reduce(curve, k, vtpm2_ecc_size(curve), y));
}

static void check_rsa(const struct rsa_vector *v)
{
	u8 n[VTPM2_MAX_RSA], p[VTPM2_MAX_RSA / 2], in[VTPM2_MAX_RSA];
	size_t len = v->bits / 8;

	BUG_ON(hex2bin(n, v->n, len) || hex2bin(p, v->p, len / 2));
	SECRET(p, len / 2);
	BUG_ON(vtpm2_rsa_check(n, len, v->exponent, p));
	memset(in, 0x55, len);
	SECRET(in, len);
	BUG_ON(vtpm2_rsa_private(n, len, v->exponent, p, in, in));
	BUG_ON(vtpm2_rsa_public(n, len, v->exponent, in, in));
	PUBLIC(in, len);
	BUG_ON(memchr_inv(in, 0x55, len));
}

static void check_rsa_generate(void)
{
	u8 n[VTPM2_RSA_MIN], p[VTPM2_RSA_MIN / 2];

	BUG_ON(vtpm2_rsa_generate(8 * VTPM2_RSA_MIN, 65537, n, p));
}

int main(void)
{
	unsigned int i;

	check_ecc(TPM2_ECC_NIST_P224);
	check_ecc(TPM2_ECC_NIST_P256);
	check_ecc(TPM2_ECC_NIST_P384);
	check_ecc(TPM2_ECC_NIST_P521);
	check_ecc(TPM2_ECC_BN_P256);
	check_scalars(TPM2_ECC_NIST_P521);
	check_scalars(TPM2_ECC_BN_P256);
	for (i = 0; i < ARRAY_SIZE(rsa_vectors); i++)
		check_rsa(&rsa_vectors[i]);
	check_rsa_generate();
	return VALGRIND_COUNT_ERRORS ? 1 : 0;
}
