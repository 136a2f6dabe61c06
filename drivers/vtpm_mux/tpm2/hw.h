/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the engine asks of the physical chip.
 *
 * The engine sees the chip through this table alone. hw/ implements it over
 * the TPM core; tests/hosted implements it in software. A shadow is an
 * opaque, chip-wrapped blob: the chip's public and private areas of one key
 * or data object under this vTPM's VM key (VMK). It holds no secret in the
 * clear, is position independent, and may be copied, stored and freed freely;
 * hw/ recognizes a blob by its content and keeps it loaded in the chip while
 * that is useful.
 *
 * Every operation returns a TPM response code fit for the guest: never a
 * chip's own code that would speak of host handles. TPM2_RC_FAILURE says that
 * the chip did not answer in time or is gone, TPM2_RC_CANCELED that the host
 * cancelled the command, TPM2_RC_RETRY that the host is about to sleep (no guest
 * sees that: the engine's caller repeats the command), TPM2_RC_SCHEME, _KEY_SIZE
 * or _CURVE that the chip lacks the algorithm, TPM2_RC_MEMORY that the host, or
 * the chip, has no memory.
 *
 * Context: process context, may sleep for seconds (bounded); the engine's
 * caller serializes calls of one vTPM.
 */
#ifndef VTPM2_HW_H
#define VTPM2_HW_H

#include <linux/types.h>

#define VTPM2_MAX_SHADOW	1216	/* RSA-4096: public 536 + private ~600 */
#define VTPM2_MAX_SEAL		128	/* bytes in one sealed data object */

/**
 * struct vtpm2_shadow - a chip-wrapped object
 * @len: bytes used of @blob; 0 = none
 * @blob: TPM2B_PRIVATE then TPM2B_PUBLIC, as the chip returned them
 */
struct vtpm2_shadow {
	u16 len;
	u8 blob[VTPM2_MAX_SHADOW];
};

/**
 * struct vtpm2_hw_key - an asymmetric key to generate
 * @alg: TPM2_ALG_RSA or TPM2_ALG_ECC
 * @bits: RSA modulus bits
 * @exponent: RSA public exponent, 0 for 65537
 * @curve: TPM2_ECC_* for ECC
 * @scheme: TPM2_ALG_ECDAA, _SM2 or _ECSCHNORR for a key that signs with no
 *	other scheme, 0 for any other key
 * @hash: of @scheme
 * @name_alg: of the guest's key
 * @fixed_parent: the key never moves to another parent by itself
 */
struct vtpm2_hw_key {
	u16 alg;
	u16 bits;
	u32 exponent;
	u16 curve;
	u16 scheme;
	u16 hash;
	u16 name_alg;
	bool fixed_parent;
};

/**
 * struct vtpm2_hw_commit - TPM2_Commit (Part 3, 19.2)
 * @x1: x of the first point, NULL if there is none
 * @y1: y of it
 * @s2: octets whose SHA-256 digest is x of the second point
 * @s2_len: 1..VTPM2_MAX_SEAL, or 0 if there is none
 * @y2: y of it
 * @kx: receives x of K, if there is a second point
 * @ky: y of it
 * @lx: receives x of L, if there is a second point
 * @ly: y of it
 * @ex: receives x of E, if there is a first point, or none at all
 * @ey: y of it
 * @count: receives what the chip calls this commitment, less than 2^31
 *
 * All coordinates are of curve size; the engine has checked both points.
 */
struct vtpm2_hw_commit {
	const u8 *x1, *y1;
	const u8 *s2;
	size_t s2_len;
	const u8 *y2;
	u8 *kx, *ky;
	u8 *lx, *ly;
	u8 *ex, *ey;
	u32 count;
};

/**
 * struct vtpm2_hw_ops - chip operations of one vTPM
 * @supports: can the chip generate and use this key? No chip command; answers
 *	from what was probed at chip discovery.
 * @create: generate a key in the chip. @x receives the modulus (bits / 8
 *	bytes) or the point's x, @y the point's y (curve size).
 * @rsa: raw RSA private operation; @in and @out are @len bytes, @in < n.
 * @ecdsa: sign a digest already truncated to the order's length; @r and @s
 *	are curve size bytes.
 * @ecsign: sign a digest with @scheme (TPM2_ALG_SM2 or _ECSCHNORR) and @hash,
 *	whose digest size @len is; @r and @s are curve size bytes. TPM2_RC_SCHEME
 *	where the chip does not have them.
 * @ecdh: (@zx, @zy) = [d](@x, @y); the engine has checked the point.
 * @commit: with a key that was created with the scheme TPM2_ALG_ECDAA.
 * @ecdaa: sign a digest with such a key, @hash, whose digest size @len is, and a
 *	commitment. @nonce_len is capacity in, length out; @s is curve size.
 *	TPM2_RC_VALUE: the chip no longer knows the commitment.
 * @seal: seal 1..VTPM2_MAX_SEAL bytes.
 * @unseal: @len is capacity in, length out.
 * @forget: the object is gone for good; drop what the chip has loaded of it.
 *	A hint, no chip command.
 */
struct vtpm2_hw_ops {
	bool (*supports)(void *hw, const struct vtpm2_hw_key *key);
	u32 (*create)(void *hw, const struct vtpm2_hw_key *key,
		      struct vtpm2_shadow *shadow, u8 *x, u8 *y);
	u32 (*rsa)(void *hw, const struct vtpm2_shadow *shadow,
		   const u8 *in, u8 *out, size_t len);
	u32 (*ecdsa)(void *hw, const struct vtpm2_shadow *shadow, u16 curve,
		     const u8 *digest, size_t len, u8 *r, u8 *s);
	u32 (*ecsign)(void *hw, const struct vtpm2_shadow *shadow, u16 curve,
		      u16 scheme, u16 hash, const u8 *digest, size_t len,
		      u8 *r, u8 *s);
	u32 (*ecdh)(void *hw, const struct vtpm2_shadow *shadow, u16 curve,
		    const u8 *x, const u8 *y, u8 *zx, u8 *zy);
	u32 (*commit)(void *hw, const struct vtpm2_shadow *shadow, u16 curve,
		      struct vtpm2_hw_commit *commit);
	u32 (*ecdaa)(void *hw, const struct vtpm2_shadow *shadow, u16 curve,
		     u16 hash, u32 count, const u8 *digest, size_t len,
		     u8 *nonce, u16 *nonce_len, u8 *s);
	u32 (*seal)(void *hw, const u8 *data, size_t len,
		    struct vtpm2_shadow *shadow);
	u32 (*unseal)(void *hw, const struct vtpm2_shadow *shadow,
		      u8 *data, size_t *len);
	void (*forget)(void *hw, const struct vtpm2_shadow *shadow);
};

#endif
