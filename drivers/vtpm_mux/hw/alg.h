/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Algorithms that a chip may have: sizes, and how a digest is given to it.
 */
#ifndef VTPM_HW_ALG_H
#define VTPM_HW_ALG_H

#include <linux/types.h>

/* In struct vtpm_caps.hashes, .curves and .rsa_bits */
#define VTPM_HASH_SHA1		1
#define VTPM_HASH_SHA256	2
#define VTPM_HASH_SHA384	4
#define VTPM_HASH_SHA512	8
#define VTPM_CURVE_P256		1
#define VTPM_CURVE_P384		2
#define VTPM_CURVE_P521		4
#define VTPM_CURVE_P192		8
#define VTPM_CURVE_P224		0x10
#define VTPM_CURVE_BN_P256	0x20
#define VTPM_CURVE_BN_P638	0x40
#define VTPM_CURVE_SM2_P256	0x80
#define VTPM_RSA_2048		1
#define VTPM_RSA_3072		2
#define VTPM_RSA_4096		4
/* In struct vtpm_caps.schemes: what not every chip signs with */
#define VTPM_SCHEME_ECSCHNORR	1
#define VTPM_SCHEME_SM2		2
#define VTPM_SCHEME_ECDAA	4

#define VTPM_MAX_DIGEST		64	/* SHA-512 */

/* The bit above for an algorithm, a curve, a size or a scheme; 0: none. */
u32 vtpm_hash_mask(u16 alg);
u32 vtpm_curve_mask(u16 curve);
u32 vtpm_rsa_mask(u16 bits);
u32 vtpm_scheme_mask(u16 alg);

/* Bytes of a coordinate, 0 for a curve that we do not know. */
u16 vtpm_curve_size(u16 curve);

/**
 * vtpm_digest_fit() - a digest as the chip wants to have it for ECDSA
 * @hashes: VTPM_HASH_* that the chip has
 * @size: bytes of the curve's order
 * @digest: digest of any hash algorithm, truncated to the order
 * @len: its length
 * @out: receives VTPM_MAX_DIGEST bytes or fewer, for the same signature
 * @alg: receives the hash algorithm to name
 *
 * The chip wants a digest as long as one of its hash algorithms makes them, and
 * of one that is longer than the order takes the first bytes. So the number is
 * put at the end of what the chip will look at: zeroes in front of it leave it
 * as it is.
 *
 * Return: bytes written to @out, 0 if the chip cannot sign that.
 */
size_t vtpm_digest_fit(u32 hashes, size_t size, const u8 *digest, size_t len,
		       u8 *out, u16 *alg);

#endif
