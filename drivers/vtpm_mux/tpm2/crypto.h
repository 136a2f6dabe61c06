/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Cryptographic primitives that the engine needs.
 *
 * The engine is plain C without a crypto library of its own. In the kernel
 * crypto/ implements these functions, over the kernel's crypto API where that
 * has what is needed; tests/hosted implements them over OpenSSL, so that the
 * engine can be fuzzed and checked at native speed in user space.
 *
 * All integers are big-endian byte strings of the fixed length of their
 * modulus or curve. Functions that return int return 0 or a negative errno:
 * -EINVAL for an operand out of range, -ENOMEM, -EBADMSG where a signature
 * does not verify, -EOPNOTSUPP for an algorithm that this build lacks, -EINTR
 * where the task was killed while a key was being generated.
 * Process context, may sleep, no locks needed.
 */
#ifndef VTPM2_CRYPTO_H
#define VTPM2_CRYPTO_H

#include <linux/types.h>

#define VTPM2_MAX_DIGEST	64	/* SHA-512 */
#define VTPM2_MAX_HASH_BLOCK	128	/* SHA-384, SHA-512 */
#define VTPM2_HASH_STATE	416	/* room for a struct shash_desc */
#define VTPM2_HASH_EXPORT	224	/* largest exported hash state */
#define VTPM2_MAX_RSA		512	/* RSA-4096, bytes */
#define VTPM2_MAX_ECC		80	/* BN-P638, bytes */
#define VTPM2_ECC_EXTRA	8	/* bytes of excess for an unbiased scalar */
#define VTPM2_AES_BLOCK		16
#define VTPM2_MAX_AES_KEY	32

/**
 * struct vtpm2_hash - a running digest
 * @alg: TPM2_ALG_SHA1, _SHA256, _SHA384 or _SHA512
 * @state: implementation's state; may be copied with struct assignment
 */
struct vtpm2_hash {
	u16 alg;
	u8 state[VTPM2_HASH_STATE] __aligned(16);
};

/* Digest and block size in bytes, 0 for an algorithm that is no known hash. */
u16 vtpm2_digest_size(u16 alg);
u16 vtpm2_hash_block_size(u16 alg);

/*
 * @alg must be one for which vtpm2_digest_size() is not 0: the hash functions
 * cannot fail. vtpm2_hash_final() writes vtpm2_digest_size() bytes and wipes
 * the state.
 */
void vtpm2_hash_init(struct vtpm2_hash *h, u16 alg);
void vtpm2_hash_update(struct vtpm2_hash *h, const void *data, size_t len);
void vtpm2_hash_final(struct vtpm2_hash *h, u8 *digest);

/*
 * Save a running digest into, or continue it from, VTPM2_HASH_EXPORT bytes.
 * Import trusts its bytes: callers authenticate them first.
 */
void vtpm2_hash_export(const struct vtpm2_hash *h, u8 *state);
void vtpm2_hash_import(struct vtpm2_hash *h, u16 alg, const u8 *state);

/* AES block cipher; @bits 128, 192 or 256. Modes are the engine's (sym.c). */
struct vtpm2_aes {
	u8 state[512] __aligned(16);
};

int vtpm2_aes_setkey(struct vtpm2_aes *aes, const u8 *key, u16 bits);
void vtpm2_aes_encrypt(const struct vtpm2_aes *aes, u8 *out, const u8 *in);
void vtpm2_aes_decrypt(const struct vtpm2_aes *aes, u8 *out, const u8 *in);

void vtpm2_random(void *buf, size_t len);

/*
 * RSA. @n is @len bytes, 128..512. @in and @out are @len bytes and may be the
 * same buffer; @in must be less than @n (-EINVAL). @p is one prime, @len / 2
 * bytes (TPM 2.0 Part 2, 12.3.2.4): what a TPM keeps of a private key.
 */
int vtpm2_rsa_public(const u8 *n, size_t len, u32 exponent,
		     const u8 *in, u8 *out);
int vtpm2_rsa_private(const u8 *n, size_t len, u32 exponent, const u8 *p,
		      const u8 *in, u8 *out);
int vtpm2_rsa_generate(u16 bits, u32 exponent, u8 *n, u8 *p);
/* Does the prime @p belong to the public key: n mod p == 0, 1 < p < n? */
int vtpm2_rsa_check(const u8 *n, size_t len, u32 exponent, const u8 *p);

/*
 * ECC. @curve is a TPM_ECC_CURVE of vtpm2_curve_at(); every coordinate and
 * scalar is vtpm2_ecc_size(@curve) bytes, 0 for another curve.
 */
u16 vtpm2_ecc_size(u16 curve);
int vtpm2_ecc_generate(u16 curve, u8 *d, u8 *x, u8 *y);
/*
 * The key pair that vtpm2_ecc_size() + VTPM2_ECC_EXTRA random bytes @c make
 * (FIPS 186-4, B.4.1).
 */
int vtpm2_ecc_derive(u16 curve, const u8 *c, u8 *d, u8 *x, u8 *y);
int vtpm2_ecc_public(u16 curve, const u8 *d, u8 *x, u8 *y);
/* On the curve, in range, not infinity (-EINVAL otherwise). */
int vtpm2_ecc_check_point(u16 curve, const u8 *x, const u8 *y);
/* (@zx, @zy) = [@d](@x, @y), constant time in @d; checks the point first. */
int vtpm2_ecc_mul(u16 curve, const u8 *d, const u8 *x, const u8 *y,
		  u8 *zx, u8 *zy);
/* Digests longer than the group order are truncated (FIPS 186-4, 6.4). */
int vtpm2_ecdsa_sign(u16 curve, const u8 *d, const u8 *digest, size_t len,
		     u8 *r, u8 *s);
int vtpm2_ecdsa_verify(u16 curve, const u8 *x, const u8 *y,
		       const u8 *digest, size_t len, const u8 *r, const u8 *s);
/* (@zx, @zy) = [@u]G + [@v](@x, @y); -EINVAL also where that is infinity. */
int vtpm2_ecc_mul2(u16 curve, const u8 *u, const u8 *v, const u8 *x,
		   const u8 *y, u8 *zx, u8 *zy);
/* (@zx, @zy) = (@x, @y) + (@zx, @zy), as above */
int vtpm2_ecc_add(u16 curve, const u8 *x, const u8 *y, u8 *zx, u8 *zy);

/*
 * Scalars: integers modulo the curve's order, in constant time. The result may
 * be in the place of an operand.
 */
#define VTPM2_MAX_REDUCE	128

/* @out = the @len bytes at @in, at most VTPM2_MAX_REDUCE, as a scalar */
int vtpm2_scalar_reduce(u16 curve, const u8 *in, size_t len, u8 *out);
/* The same modulo the field's prime: a coordinate */
int vtpm2_coordinate_reduce(u16 curve, const u8 *in, size_t len, u8 *out);
/* @out = @a * @b + @c */
int vtpm2_scalar_mul_add(u16 curve, const u8 *a, const u8 *b, const u8 *c,
			 u8 *out);
/* @out = 1 / @a, 0 for 0 */
int vtpm2_scalar_invert(u16 curve, const u8 *a, u8 *out);

/**
 * struct vtpm2_curve - a curve y^2 = x^3 + ax + b over the integers modulo p
 * @id: TPM_ECC_CURVE
 * @bits: of @p and @n
 * @size: of each of the numbers, in bytes
 * @kdf_hash: for KDF1_SP800_56A, or TPM2_ALG_NULL
 * @a_zero: a is 0; otherwise it is -3
 * @p: prime
 * @b: coefficient
 * @gx: base point
 * @gy: base point
 * @n: order of the base point, a prime; the cofactor is 1
 */
struct vtpm2_curve {
	u16 id;
	u16 bits;
	u16 size;
	u16 kdf_hash;
	bool a_zero;
	const u8 *p, *b, *gx, *gy, *n;
};

/* By TPM_ECC_CURVE; by number, ascending, from 0 on. NULL if there is none. */
const struct vtpm2_curve *vtpm2_curve_find(u16 id);
const struct vtpm2_curve *vtpm2_curve_at(unsigned int index);

#ifdef __KERNEL__
int vtpm2_crypto_init(void);
void vtpm2_crypto_exit(void);
#endif

#endif
