// SPDX-License-Identifier: GPL-2.0
/*
 * Arithmetic modulo an odd number, after Montgomery, in constant time.
 *
 * Four limbs are P-256, which has loops of its own that keep a number in
 * registers: half of what guests ask of a TPM without its chip is that. Its
 * prime needs, moreover, one multiplication per limb to be reduced by, where
 * others need five: -1 / p is 1 modulo 2^64, and two of its limbs are
 * 2^32 - 1 and 0.
 */
#include <linux/kernel.h>
#include <linux/sched.h>
#include <linux/string.h>

#include "bn.h"
#include "limb.h"

#define P256_LIMBS	4
/* From here on a square is cheaper than the product of a number with itself. */
#define SQUARE_LIMBS	8

static const u64 p256[P256_LIMBS] = {
	0xffffffffffffffff, 0x00000000ffffffff,
	0x0000000000000000, 0xffffffff00000001,
};

/* @r = 2 ^ @count * @r modulo the modulus */
static void mont_double(struct vtpm2_mont *m, u64 *r, unsigned int count)
{
	while (count--)
		vtpm2_mont_add(m, r, r, r);
}

/**
 * vtpm2_mont_init() - set a modulus
 * @m: the arithmetic
 * @modulus: odd
 * @len: its limbs
 */
void vtpm2_mont_init(struct vtpm2_mont *m, const u64 *modulus,
		     unsigned int len)
{
	unsigned int i;

	m->len = len;
	m->inv = -bn_invert_word(modulus[0]);
	/* RSA's primes are longer, and a curve's is no secret. */
	m->p256 = len == P256_LIMBS &&
		  vtpm2_bn_decide(vtpm2_bn_equal(modulus, p256, P256_LIMBS));
	memcpy(m->m, modulus, len * sizeof(*modulus));
	memset(m->one, 0, len * sizeof(*m->one));
	/* How long a modulus is, is no secret. */
	if (vtpm2_bn_decide(bn_mask(modulus[len - 1] >> 63))) {
		vtpm2_bn_sub(m->one, m->one, m->m, len);
	} else {
		m->one[0] = 1;
		mont_double(m, m->one, 64 * len);
	}
	/* R 2^len, then squared 6 times: R 2^(64 len) = R^2 */
	memcpy(m->rr, m->one, len * sizeof(*m->rr));
	mont_double(m, m->rr, len);
	for (i = 0; i < 6; i++)
		vtpm2_mont_square(m, m->rr, m->rr);
}

/* @r = @a if @a < m, else @a - m; @high is the limb above @a. */
static void mont_reduce(struct vtpm2_mont *m, u64 *r, const u64 *a, u64 high)
{
	u64 *less = m->pick;
	u64 borrow;

	borrow = vtpm2_bn_sub(less, a, m->m, m->len);
	vtpm2_bn_select(r, bn_mask(borrow & ~high), a, less, m->len);
}

/* The same for four limbs */
static __always_inline void p256_reduce(const struct vtpm2_mont *m, u64 *r,
					u64 a0, u64 a1, u64 a2, u64 a3, u64 high)
{
	u64 borrow = 0, mask;
	u64 b0 = bn_sbb(a0, m->m[0], &borrow);
	u64 b1 = bn_sbb(a1, m->m[1], &borrow);
	u64 b2 = bn_sbb(a2, m->m[2], &borrow);
	u64 b3 = bn_sbb(a3, m->m[3], &borrow);

	mask = bn_mask(borrow & ~high);
	r[0] = b0 ^ (mask & (a0 ^ b0));
	r[1] = b1 ^ (mask & (a1 ^ b1));
	r[2] = b2 ^ (mask & (a2 ^ b2));
	r[3] = b3 ^ (mask & (a3 ^ b3));
}

static void p256_add(const struct vtpm2_mont *m, u64 *r, const u64 *a,
		     const u64 *b)
{
	u64 carry = 0;
	u64 t0 = bn_adc(a[0], b[0], &carry);
	u64 t1 = bn_adc(a[1], b[1], &carry);
	u64 t2 = bn_adc(a[2], b[2], &carry);
	u64 t3 = bn_adc(a[3], b[3], &carry);

	p256_reduce(m, r, t0, t1, t2, t3, carry);
}

static void p256_sub(const struct vtpm2_mont *m, u64 *r, const u64 *a,
		     const u64 *b)
{
	u64 carry = 0, mask;
	u64 t0 = bn_sbb(a[0], b[0], &carry);
	u64 t1 = bn_sbb(a[1], b[1], &carry);
	u64 t2 = bn_sbb(a[2], b[2], &carry);
	u64 t3 = bn_sbb(a[3], b[3], &carry);

	mask = bn_mask(carry);
	carry = 0;
	r[0] = bn_adc(t0, m->m[0] & mask, &carry);
	r[1] = bn_adc(t1, m->m[1] & mask, &carry);
	r[2] = bn_adc(t2, m->m[2] & mask, &carry);
	r[3] = bn_adc(t3, m->m[3] & mask, &carry);
}

/*
 * Add the multiple of m that clears t[0], but for t[0] itself. P-256's is
 * q p = q 2^256 - q 2^224 + q 2^192 + q 2^96 - q with q = t[0].
 */
static __always_inline void p256_clear(const struct vtpm2_mont *m, u64 *t,
				       bool prime)
{
	u64 q, carry = 0;

	if (prime) {
		q = t[0];
		t[1] = bn_adc(t[1], q << 32, &carry);
		t[2] = bn_adc(t[2], q >> 32, &carry);
	} else {
		q = t[0] * m->inv;
		bn_mac(q, m->m[0], t[0], &carry);
		t[1] = bn_mac(q, m->m[1], t[1], &carry);
		t[2] = bn_mac(q, m->m[2], t[2], &carry);
	}
	t[3] = bn_mac(q, m->m[3], t[3], &carry);
	t[4] = bn_adc(t[4], 0, &carry);
	t[5] += carry;
}

static __always_inline void p256_mul(const struct vtpm2_mont *m, u64 *r,
				     const u64 *a, const u64 *b, bool prime)
{
	u64 a0 = a[0], a1 = a[1], a2 = a[2], a3 = a[3];
	u64 t[6] = { 0 }, carry, limb;
	unsigned int i;

#pragma GCC unroll 4
	for (i = 0; i < P256_LIMBS; i++) {
		limb = b[i];
		carry = 0;
		t[0] = bn_mac(a0, limb, t[0], &carry);
		t[1] = bn_mac(a1, limb, t[1], &carry);
		t[2] = bn_mac(a2, limb, t[2], &carry);
		t[3] = bn_mac(a3, limb, t[3], &carry);
		t[4] = bn_adc(t[4], 0, &carry);
		t[5] = carry;
		p256_clear(m, t, prime);
		t[0] = t[1];
		t[1] = t[2];
		t[2] = t[3];
		t[3] = t[4];
		t[4] = t[5];
	}
	p256_reduce(m, r, t[0], t[1], t[2], t[3], t[4]);
}

/**
 * vtpm2_mont_add() - add modulo
 * @m: the arithmetic
 * @r: @a + @b modulo the modulus
 * @a: less than the modulus
 * @b: less than the modulus
 */
void vtpm2_mont_add(struct vtpm2_mont *m, u64 *r, const u64 *a, const u64 *b)
{
	u64 carry;

	if (m->len == P256_LIMBS) {
		p256_add(m, r, a, b);
		return;
	}
	carry = vtpm2_bn_add(m->t, a, b, m->len);
	mont_reduce(m, r, m->t, carry);
}

/**
 * vtpm2_mont_sub() - subtract modulo
 * @m: the arithmetic
 * @r: @a - @b modulo the modulus
 * @a: less than the modulus
 * @b: less than the modulus
 */
void vtpm2_mont_sub(struct vtpm2_mont *m, u64 *r, const u64 *a, const u64 *b)
{
	u64 mask, carry = 0;
	unsigned int i;

	if (m->len == P256_LIMBS) {
		p256_sub(m, r, a, b);
		return;
	}
	mask = bn_mask(vtpm2_bn_sub(m->t, a, b, m->len));
	for (i = 0; i < m->len; i++)
		r[i] = bn_adc(m->t[i], m->m[i] & mask, &carry);
}

/*
 * Product and reduction in one pass for each limb of @b: the multiple of m
 * that clears t[0] is added as a[j] @b[i] is, and what is left moves down.
 */
static void mont_mul(struct vtpm2_mont *m, u64 *r, const u64 *a, const u64 *b)
{
	unsigned int len = m->len, i, j;
	u64 carry, clear, limb, q, low;
	const u64 *n = m->m;
	u64 *t = m->t;

	memset(t, 0, (len + 1) * sizeof(*t));
	for (i = 0; i < len; i++) {
		limb = b[i];
		carry = 0;
		clear = 0;
		low = bn_mac(a[0], limb, t[0], &carry);
		q = low * m->inv;
		bn_mac(q, n[0], low, &clear);
#pragma GCC unroll 4
		for (j = 1; j < len; j++) {
			low = bn_mac(a[j], limb, t[j], &carry);
			t[j - 1] = bn_mac(q, n[j], low, &clear);
		}
		low = 0;
		t[len - 1] = bn_adc(carry, clear, &low);
		clear = 0;
		t[len - 1] = bn_adc(t[len - 1], t[len], &clear);
		t[len] = low + clear;
	}
	mont_reduce(m, r, t, t[len]);
}

/**
 * vtpm2_mont_mul() - multiply two numbers in Montgomery form
 * @m: the arithmetic
 * @r: @a * @b / R modulo the modulus
 * @a: any number of the length
 * @b: less than the modulus
 */
void vtpm2_mont_mul(struct vtpm2_mont *m, u64 *r, const u64 *a, const u64 *b)
{
	if (m->p256)
		p256_mul(m, r, a, b, true);
	else if (m->len == P256_LIMBS)
		p256_mul(m, r, a, b, false);
	else
		mont_mul(m, r, a, b);
}

/* t = a^2, of 2 len limbs: each product of two different limbs once, doubled */
static void mont_square_only(struct vtpm2_mont *m, const u64 *a)
{
	unsigned int len = m->len, i, j;
	u64 carry, high, low, limb, bit = 0;
	u64 *t = m->t;

	memset(t, 0, len * sizeof(*t));
	for (i = 0; i < len; i++) {
		carry = 0;
#pragma GCC unroll 4
		for (j = i + 1; j < len; j++)
			t[i + j] = bn_mac(a[i], a[j], t[i + j], &carry);
		t[i + len] = carry;
	}
	carry = 0;
	for (i = 0; i < len; i++) {
		high = 0;
		low = bn_mac(a[i], a[i], 0, &high);
		limb = t[2 * i];
		t[2 * i] = bn_adc(limb << 1 | bit, low, &carry);
		bit = limb >> 63;
		limb = t[2 * i + 1];
		t[2 * i + 1] = bn_adc(limb << 1 | bit, high, &carry);
		bit = limb >> 63;
	}
}

/**
 * vtpm2_mont_square() - square a number in Montgomery form
 * @m: the arithmetic
 * @r: @a * @a / R modulo the modulus
 * @a: less than the modulus
 */
void vtpm2_mont_square(struct vtpm2_mont *m, u64 *r, const u64 *a)
{
	unsigned int len = m->len, i, j;
	u64 carry, high = 0, q;
	u64 *t = m->t;

	if (len < SQUARE_LIMBS) {
		vtpm2_mont_mul(m, r, a, a);
		return;
	}
	mont_square_only(m, a);
	for (i = 0; i < len; i++, t++) {
		q = t[0] * m->inv;
		carry = 0;
#pragma GCC unroll 4
		for (j = 0; j < len; j++)
			t[j] = bn_mac(q, m->m[j], t[j], &carry);
		t[len] = bn_adc(t[len], carry, &high);
	}
	mont_reduce(m, r, t, high);
}

/**
 * vtpm2_mont_enter() - bring a number into Montgomery form
 * @m: the arithmetic
 * @r: @a R modulo the modulus
 * @a: any number of the length
 */
void vtpm2_mont_enter(struct vtpm2_mont *m, u64 *r, const u64 *a)
{
	vtpm2_mont_mul(m, r, a, m->rr);
}

/**
 * vtpm2_mont_leave() - bring a number out of Montgomery form
 * @m: the arithmetic
 * @r: @a / R modulo the modulus
 * @a: the number
 */
void vtpm2_mont_leave(struct vtpm2_mont *m, u64 *r, const u64 *a)
{
	memset(m->pick, 0, m->len * sizeof(*m->pick));
	m->pick[0] = 1;
	vtpm2_mont_mul(m, r, a, m->pick);
}

/**
 * vtpm2_mont_power() - a product of powers with secret exponents
 * @m: the arithmetic
 * @r: the product of all @base[i] ^ @exp[i]
 * @count: how many
 * @base: numbers in Montgomery form
 * @exp: exponents, of as many limbs as the modulus
 * @table: scratch space, @count * VTPM2_BN_POWERS numbers
 *
 * All powers share the squarings, four to a window; every window multiplies
 * once by each base, by 1 if need be.
 */
void vtpm2_mont_power(struct vtpm2_mont *m, u64 *r, unsigned int count,
		      const u64 *const base[], const u64 *const exp[],
		      u64 *table)
{
	unsigned int windows = m->len * (64 / VTPM2_BN_WINDOW);
	size_t size = m->len * sizeof(u64);
	unsigned int i, j, step = VTPM2_BN_POWERS * m->len;
	u64 *t;

	for (i = 0; i < count; i++) {
		t = table + i * step;
		memcpy(t, m->one, size);
		for (j = 1; j < VTPM2_BN_POWERS; j++, t += m->len)
			vtpm2_mont_mul(m, t + m->len, t, base[i]);
	}
	memcpy(r, m->one, size);
	while (windows--) {
		for (i = 0; i < VTPM2_BN_WINDOW; i++)
			vtpm2_mont_square(m, r, r);
		for (i = 0; i < count; i++) {
			vtpm2_bn_lookup(m->pick, table + i * step,
					vtpm2_bn_window(exp[i], windows),
					m->len);
			vtpm2_mont_mul(m, r, r, m->pick);
		}
		cond_resched();
	}
}

/* @r = @a @word / 2^64 modulo the modulus: one of mont_mul()'s passes */
static void mont_mul_word(struct vtpm2_mont *m, u64 *r, const u64 *a, u64 word)
{
	u64 carry = 0, clear = 0, high = 0, q, low;
	size_t len = m->len, j;
	u64 *t = m->t;

	low = bn_mac(a[0], word, 0, &carry);
	q = low * m->inv;
	bn_mac(q, m->m[0], low, &clear);
#pragma GCC unroll 4
	for (j = 1; j < len; j++) {
		low = bn_mac(a[j], word, 0, &carry);
		t[j - 1] = bn_mac(q, m->m[j], low, &clear);
	}
	t[len - 1] = bn_adc(carry, clear, &high);
	mont_reduce(m, r, t, high);
}

/* Six bits of @a, of @len limbs, from number @i on */
static u64 mont_six_bits(const u64 *a, unsigned int len, unsigned int i)
{
	u64 bits = a[i / 64] >> (i % 64);

	if (i % 64 > 58 && i / 64 + 1 < len)
		bits |= a[i / 64 + 1] << (64 - i % 64);
	return bits & 63;
}

/**
 * vtpm2_mont_power_two() - a power of 2 with a secret exponent
 * @m: the arithmetic
 * @r: 2 ^ @exp in Montgomery form
 * @exp: the exponent, of as many limbs as the modulus and less than half of
 *	what these hold
 * @digits: scratch space of as many limbs; none is in the place of another
 *
 * Six bits at a time, which are a factor of one word. To multiply by a word
 * divides by 2^64, and so the exponent is written with digits w - 64, where w
 * are those of @exp + 64 (1 + 64 + 64^2 + ...); but for what is above the last
 * whole digit, which is less than 64 with the carry.
 */
void vtpm2_mont_power_two(struct vtpm2_mont *m, u64 *r, const u64 *exp,
			  u64 *digits)
{
	unsigned int count = (64 * m->len - 2) / 6;
	size_t size = m->len * sizeof(u64);
	unsigned int i, j;

	memset(digits, 0, size);
	for (i = 6; i <= 6 * count; i += 6)
		digits[i / 64] |= 1ULL << (i % 64);
	vtpm2_bn_add(digits, digits, exp, m->len);

	memset(r, 0, size);
	r[0] = bn_bit(mont_six_bits(digits, m->len, 6 * count));
	vtpm2_mont_enter(m, r, r);
	for (i = count; i--; ) {
		for (j = 0; j < 6; j++)
			vtpm2_mont_square(m, r, r);
		mont_mul_word(m, r, r,
			      bn_bit(mont_six_bits(digits, m->len, 6 * i)));
		cond_resched();
	}
}

/**
 * vtpm2_mont_power_word() - a power with a public exponent
 * @m: the arithmetic
 * @r: @a ^ @exp in Montgomery form; not in the place of @a
 * @a: a number in Montgomery form
 * @exp: the exponent, not 0; public
 */
void vtpm2_mont_power_word(struct vtpm2_mont *m, u64 *r, const u64 *a,
			   u32 exp)
{
	int i;

	memcpy(r, a, m->len * sizeof(*r));
	for (i = fls(exp) - 2; i >= 0; i--) {
		vtpm2_mont_square(m, r, r);
		if ((exp >> i) & 1)
			vtpm2_mont_mul(m, r, r, a);
	}
}
