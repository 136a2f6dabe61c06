// SPDX-License-Identifier: GPL-2.0
/*
 * Algorithms that a chip may have: sizes, and how a digest is given to it.
 */
#include <linux/array_size.h>
#include <linux/minmax.h>
#include <linux/string.h>

#include "../tpm2/types.h"
#include "alg.h"

static const struct {
	u32 mask;
	u16 alg;
	u16 size;
} hash[] = {
	{ VTPM_HASH_SHA1, TPM2_ALG_SHA1, 20 },
	{ VTPM_HASH_SHA256, TPM2_ALG_SHA256, 32 },
	{ VTPM_HASH_SHA384, TPM2_ALG_SHA384, 48 },
	{ VTPM_HASH_SHA512, TPM2_ALG_SHA512, 64 },
};

static const struct {
	u32 mask;
	u16 curve;
	u16 size;
} curve_list[] = {
	{ VTPM_CURVE_P256, TPM2_ECC_NIST_P256, 32 },
	{ VTPM_CURVE_P384, TPM2_ECC_NIST_P384, 48 },
	{ VTPM_CURVE_P521, TPM2_ECC_NIST_P521, 66 },
	{ VTPM_CURVE_P192, TPM2_ECC_NIST_P192, 24 },
	{ VTPM_CURVE_P224, TPM2_ECC_NIST_P224, 28 },
	{ VTPM_CURVE_BN_P256, TPM2_ECC_BN_P256, 32 },
	{ VTPM_CURVE_BN_P638, TPM2_ECC_BN_P638, 80 },
	{ VTPM_CURVE_SM2_P256, TPM2_ECC_SM2_P256, 32 },
};

u32 vtpm_hash_mask(u16 alg)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(hash); i++)
		if (hash[i].alg == alg)
			return hash[i].mask;
	return 0;
}

u32 vtpm_curve_mask(u16 curve)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(curve_list); i++)
		if (curve_list[i].curve == curve)
			return curve_list[i].mask;
	return 0;
}

u16 vtpm_curve_size(u16 curve)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(curve_list); i++)
		if (curve_list[i].curve == curve)
			return curve_list[i].size;
	return 0;
}

u32 vtpm_rsa_mask(u16 bits)
{
	switch (bits) {
	case 2048:
		return VTPM_RSA_2048;
	case 3072:
		return VTPM_RSA_3072;
	case 4096:
		return VTPM_RSA_4096;
	default:
		return 0;
	}
}

u32 vtpm_scheme_mask(u16 alg)
{
	switch (alg) {
	case TPM2_ALG_ECDAA:
		return VTPM_SCHEME_ECDAA;
	case TPM2_ALG_ECSCHNORR:
		return VTPM_SCHEME_ECSCHNORR;
	case TPM2_ALG_SM2:
		return VTPM_SCHEME_SM2;
	default:
		return 0;
	}
}

size_t vtpm_digest_fit(u32 hashes, size_t size, const u8 *digest, size_t len,
		       u8 *out, u16 *alg)
{
	unsigned int i;
	size_t end;

	for (i = 0; i < ARRAY_SIZE(hash); i++) {
		end = min_t(size_t, hash[i].size, size);
		if (!(hashes & hash[i].mask) || len > end)
			continue;
		memset(out, 0, hash[i].size);
		memcpy(out + end - len, digest, len);
		*alg = hash[i].alg;
		return hash[i].size;
	}
	return 0;
}
