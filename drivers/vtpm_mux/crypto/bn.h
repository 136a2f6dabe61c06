/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Integers of fixed length, in constant time.
 *
 * RSA and ECC stand on this and not on lib/crypto/mpi and crypto/ecc.c: the
 * power function there branches on every bit of a private exponent, and the
 * point multiplication is neither free of secret-dependent branches nor right
 * for every scalar of P-521. A guest that shares the host's caches would see
 * the one and could provoke the other.
 *
 * Numbers are arrays of 64-bit limbs, least significant first. Lengths are
 * public and all that a function's timing depends on; where a result decides
 * a branch, the code says so with vtpm2_bn_decide(). A mask is all ones for
 * true and 0 for false. Results may be in the place of operands unless a
 * comment says otherwise.
 */
#ifndef VTPM2_BN_H
#define VTPM2_BN_H

#include <linux/types.h>

#define VTPM2_BN_LIMBS	64	/* RSA-4096 */
#define VTPM2_BN_WINDOW	4	/* bits of an exponent or scalar at a time */
#define VTPM2_BN_POWERS	16	/* 2 ^ VTPM2_BN_WINDOW */

/**
 * struct vtpm2_mont - arithmetic modulo an odd number, after Montgomery
 * @len: limbs of every operand
 * @p256: is @m the prime of P-256?
 * @inv: -1 / @m modulo 2^64
 * @m: the modulus
 * @one: R modulo @m, where R = 2^(64 @len): the number 1 in Montgomery form
 * @rr: R^2 modulo @m: brings a number into Montgomery form
 * @t: the product or square that is being reduced
 * @pick: the power that was looked up
 *
 * The number a has the Montgomery form a R mod m. One thread at a time.
 */
struct vtpm2_mont {
	unsigned int len;
	bool p256;
	u64 inv;
	u64 m[VTPM2_BN_LIMBS];
	u64 one[VTPM2_BN_LIMBS];
	u64 rr[VTPM2_BN_LIMBS];
	u64 t[2 * VTPM2_BN_LIMBS];
	u64 pick[VTPM2_BN_LIMBS];
};

bool vtpm2_bn_decide(u64 mask);

void vtpm2_bn_load(u64 *r, unsigned int len, const u8 *in, size_t bytes);
void vtpm2_bn_store(u8 *out, size_t bytes, const u64 *a, unsigned int len);
u64 vtpm2_bn_zero(const u64 *a, unsigned int len);
u64 vtpm2_bn_equal(const u64 *a, const u64 *b, unsigned int len);
u64 vtpm2_bn_less(const u64 *a, const u64 *b, unsigned int len);
void vtpm2_bn_select(u64 *r, u64 mask, const u64 *a, const u64 *b,
		     unsigned int len);
void vtpm2_bn_lookup(u64 *r, const u64 *table, unsigned int index,
		     unsigned int len);
unsigned int vtpm2_bn_window(const u64 *a, unsigned int i);

u64 vtpm2_bn_add(u64 *r, const u64 *a, const u64 *b, unsigned int len);
u64 vtpm2_bn_sub(u64 *r, const u64 *a, const u64 *b, unsigned int len);
u64 vtpm2_bn_sub_word(u64 *r, const u64 *a, u64 b, unsigned int len);
void vtpm2_bn_shift_right(u64 *r, const u64 *a, unsigned int bits,
			  unsigned int len);
void vtpm2_bn_mul(u64 *r, const u64 *a, const u64 *b, unsigned int len);
u64 vtpm2_bn_divide(u64 *r, u64 *a, const u64 *b, unsigned int len);
void vtpm2_bn_mod(u64 *r, const u64 *a, unsigned int alen, const u64 *b,
		  u64 *t, unsigned int len);
u32 vtpm2_bn_mod_word(const u64 *a, u32 b, unsigned int len);
u32 vtpm2_bn_invert(u32 a, u32 modulus);
void vtpm2_bn_mul_div_word(u64 *r, const u64 *a, u32 b, u32 c,
			   unsigned int len);

void vtpm2_mont_init(struct vtpm2_mont *m, const u64 *modulus,
		     unsigned int len);
void vtpm2_mont_add(struct vtpm2_mont *m, u64 *r, const u64 *a, const u64 *b);
void vtpm2_mont_sub(struct vtpm2_mont *m, u64 *r, const u64 *a, const u64 *b);
void vtpm2_mont_mul(struct vtpm2_mont *m, u64 *r, const u64 *a, const u64 *b);
void vtpm2_mont_square(struct vtpm2_mont *m, u64 *r, const u64 *a);
void vtpm2_mont_enter(struct vtpm2_mont *m, u64 *r, const u64 *a);
void vtpm2_mont_leave(struct vtpm2_mont *m, u64 *r, const u64 *a);
void vtpm2_mont_power(struct vtpm2_mont *m, u64 *r, unsigned int count,
		      const u64 *const base[], const u64 *const exp[],
		      u64 *table);
void vtpm2_mont_power_two(struct vtpm2_mont *m, u64 *r, const u64 *exp,
			  u64 *digits);
void vtpm2_mont_power_word(struct vtpm2_mont *m, u64 *r, const u64 *a,
			   u32 exp);

#endif
