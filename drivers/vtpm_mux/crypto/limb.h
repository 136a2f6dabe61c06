/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Arithmetic with single limbs of bn.h's integers, in constant time.
 */
#ifndef VTPM2_LIMB_H
#define VTPM2_LIMB_H

#include <linux/compiler.h>
#include <linux/types.h>

/* All ones if @bit is 1, 0 if it is 0; the compiler shall not branch on it. */
static inline u64 bn_mask(u64 bit)
{
	OPTIMIZER_HIDE_VAR(bit);
	return -bit;
}

/* 2 ^ @n for @n < 64, without a shift by @n, which 32-bit machines branch for */
static inline u64 bn_bit(u64 n)
{
	u64 bit = 1, mask;
	unsigned int i;

	for (i = 0; i < 6; i++) {
		mask = bn_mask((n >> i) & 1);
		bit ^= mask & (bit ^ (bit << (1 << i)));
	}
	return bit;
}

/* @a * @b + @add + @carry, whose high half becomes the new carry */
static inline u64 bn_mac(u64 a, u64 b, u64 add, u64 *carry)
{
#ifdef CONFIG_ARCH_SUPPORTS_INT128
	u128 sum = (u128)a * b + add + *carry;

	*carry = sum >> 64;
	return sum;
#else
	u64 ll = (u64)(u32)a * (u32)b;
	u64 lh = (u64)(u32)a * (u32)(b >> 32);
	u64 hl = (u64)(u32)(a >> 32) * (u32)b;
	u64 high = (u64)(u32)(a >> 32) * (u32)(b >> 32);
	u64 mid = (ll >> 32) + (u32)lh + (u32)hl;
	u64 low = (mid << 32) | (u32)ll;

	high += (lh >> 32) + (hl >> 32) + (mid >> 32);
	low += add;
	high += low < add;
	low += *carry;
	high += low < *carry;
	*carry = high;
	return low;
#endif
}

/* @a + @b + @carry, whose carry becomes the new one */
static inline u64 bn_adc(u64 a, u64 b, u64 *carry)
{
#ifdef CONFIG_ARCH_SUPPORTS_INT128
	u128 sum = (u128)a + b + *carry;

	*carry = sum >> 64;
	return sum;
#else
	u64 sum = a + *carry;

	*carry = sum < a;
	a = sum + b;
	*carry |= a < b;
	return a;
#endif
}

/* @a - @b - @borrow, whose borrow becomes the new one */
static inline u64 bn_sbb(u64 a, u64 b, u64 *borrow)
{
#ifdef CONFIG_ARCH_SUPPORTS_INT128
	u128 diff = (u128)a - b - *borrow;

	*borrow = (u64)(diff >> 64) & 1;
	return diff;
#else
	u64 diff = a - *borrow;

	*borrow = diff > a;
	a = diff - b;
	*borrow |= a > diff;
	return a;
#endif
}

/* 1 / @a modulo 2^64 for odd @a: right in 3 bits, then Newton's method */
static inline u64 bn_invert_word(u64 a)
{
	u64 x = a;
	unsigned int i;

	for (i = 0; i < 5; i++)
		x *= 2 - a * x;
	return x;
}

#endif
