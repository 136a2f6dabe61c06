// SPDX-License-Identifier: GPL-2.0
/*
 * Integers of fixed length, in constant time.
 */
#include <linux/compiler.h>
#include <linux/kernel.h>
#include <linux/string.h>
#include <linux/unaligned.h>

#include "bn.h"
#include "limb.h"

/**
 * vtpm2_bn_decide() - branch on a mask
 * @mask: all ones or 0
 *
 * The only place where something computed from secrets may become a condition:
 * callers say why it is none (any more), such as that a key is invalid.
 *
 * Return: whether @mask is not 0.
 */
noinline bool vtpm2_bn_decide(u64 mask)
{
	return mask;
}

/**
 * vtpm2_bn_load() - read a big-endian number
 * @r: the number
 * @len: its limbs
 * @in: bytes, most significant first
 * @bytes: their count, at most 8 @len
 */
void vtpm2_bn_load(u64 *r, unsigned int len, const u8 *in, size_t bytes)
{
	unsigned int i;

	for (i = 0; i < len; i++) {
		if (bytes >= sizeof(u64)) {
			bytes -= sizeof(u64);
			r[i] = get_unaligned_be64(in + bytes);
			continue;
		}
		for (r[i] = 0; bytes; bytes--)
			r[i] = (r[i] << 8) | *in++;
	}
}

/**
 * vtpm2_bn_store() - write a big-endian number
 * @out: bytes, most significant first
 * @bytes: their count, at most 8 @len; what does not fit is cut off
 * @a: the number
 * @len: its limbs
 */
void vtpm2_bn_store(u8 *out, size_t bytes, const u64 *a, unsigned int len)
{
	unsigned int i;
	u64 limb;

	for (i = 0; i < len; i++) {
		if (bytes >= sizeof(u64)) {
			bytes -= sizeof(u64);
			put_unaligned_be64(a[i], out + bytes);
			continue;
		}
		for (limb = a[i]; bytes; limb >>= 8)
			out[--bytes] = limb;
	}
}

/**
 * vtpm2_bn_zero() - compare with 0
 * @a: a number
 * @len: its limbs
 *
 * Return: mask: is @a 0?
 */
u64 vtpm2_bn_zero(const u64 *a, unsigned int len)
{
	unsigned int i;
	u64 any = 0;

	for (i = 0; i < len; i++)
		any |= a[i];
	return bn_mask(1 ^ ((any | -any) >> 63));
}

/**
 * vtpm2_bn_equal() - compare two numbers
 * @a: a number
 * @b: another
 * @len: their limbs
 *
 * Return: mask: is @a equal to @b?
 */
u64 vtpm2_bn_equal(const u64 *a, const u64 *b, unsigned int len)
{
	unsigned int i;
	u64 any = 0;

	for (i = 0; i < len; i++)
		any |= a[i] ^ b[i];
	return vtpm2_bn_zero(&any, 1);
}

/**
 * vtpm2_bn_less() - compare two numbers
 * @a: a number
 * @b: another
 * @len: their limbs
 *
 * Return: mask: is @a less than @b?
 */
u64 vtpm2_bn_less(const u64 *a, const u64 *b, unsigned int len)
{
	unsigned int i;
	u64 borrow = 0;

	for (i = 0; i < len; i++)
		borrow = (a[i] < b[i]) | ((a[i] == b[i]) & borrow);
	return bn_mask(borrow);
}

/**
 * vtpm2_bn_select() - choose one of two numbers
 * @r: @a if @mask is all ones, @b if it is 0
 * @mask: which
 * @a: a number
 * @b: another
 * @len: their limbs
 */
void vtpm2_bn_select(u64 *r, u64 mask, const u64 *a, const u64 *b,
		     unsigned int len)
{
	unsigned int i;

	for (i = 0; i < len; i++)
		r[i] = b[i] ^ (mask & (a[i] ^ b[i]));
}

/**
 * vtpm2_bn_lookup() - read one of a table's VTPM2_BN_POWERS entries
 * @r: the entry
 * @table: the entries, one after the other
 * @index: which; not seen in what memory is touched
 * @len: limbs of an entry
 */
void vtpm2_bn_lookup(u64 *r, const u64 *table, unsigned int index,
		     unsigned int len)
{
	unsigned int i, j;
	u64 diff, mask;

	memset(r, 0, len * sizeof(*r));
	for (i = 0; i < VTPM2_BN_POWERS; i++, table += len) {
		diff = index ^ i;
		mask = vtpm2_bn_zero(&diff, 1);
		for (j = 0; j < len; j++)
			r[j] |= mask & table[j];
	}
}

/**
 * vtpm2_bn_window() - take some bits out of a number
 * @a: the number
 * @i: which group of VTPM2_BN_WINDOW bits, from the least significant
 *
 * Return: the bits.
 */
unsigned int vtpm2_bn_window(const u64 *a, unsigned int i)
{
	i *= VTPM2_BN_WINDOW;
	return (a[i / 64] >> (i % 64)) & (VTPM2_BN_POWERS - 1);
}

/**
 * vtpm2_bn_add() - add
 * @r: @a + @b
 * @a: a number
 * @b: another
 * @len: limbs of all
 *
 * Return: the carry, 0 or 1.
 */
u64 vtpm2_bn_add(u64 *r, const u64 *a, const u64 *b, unsigned int len)
{
	u64 carry = 0;
	unsigned int i;

	for (i = 0; i < len; i++)
		r[i] = bn_adc(a[i], b[i], &carry);
	return carry;
}

/**
 * vtpm2_bn_sub() - subtract
 * @r: @a - @b
 * @a: a number
 * @b: another
 * @len: limbs of all
 *
 * Return: the borrow, 0 or 1.
 */
u64 vtpm2_bn_sub(u64 *r, const u64 *a, const u64 *b, unsigned int len)
{
	u64 borrow = 0;
	unsigned int i;

	for (i = 0; i < len; i++)
		r[i] = bn_sbb(a[i], b[i], &borrow);
	return borrow;
}

/**
 * vtpm2_bn_sub_word() - subtract a limb
 * @r: @a - @b
 * @a: a number
 * @b: a limb
 * @len: limbs of @r and @a
 *
 * Return: the borrow, 0 or 1.
 */
u64 vtpm2_bn_sub_word(u64 *r, const u64 *a, u64 b, unsigned int len)
{
	unsigned int i;
	u64 x;

	for (i = 0; i < len; i++) {
		x = a[i];
		r[i] = x - b;
		b = x < b;
	}
	return b;
}

/**
 * vtpm2_bn_shift_right() - shift
 * @r: @a >> @bits
 * @a: a number
 * @bits: how far; public
 * @len: limbs of both
 */
void vtpm2_bn_shift_right(u64 *r, const u64 *a, unsigned int bits,
			  unsigned int len)
{
	unsigned int limbs = bits / 64, i;
	u64 low, high;

	bits %= 64;
	for (i = 0; i < len; i++) {
		low = i + limbs < len ? a[i + limbs] : 0;
		high = i + limbs + 1 < len ? a[i + limbs + 1] : 0;
		r[i] = bits ? (low >> bits) | (high << (64 - bits)) : low;
	}
}

/**
 * vtpm2_bn_mul() - multiply
 * @r: @a * @b, of 2 @len limbs; not in the place of an operand
 * @a: a number
 * @b: another
 * @len: their limbs
 */
void vtpm2_bn_mul(u64 *r, const u64 *a, const u64 *b, unsigned int len)
{
	unsigned int i, j;
	u64 carry;

	memset(r, 0, 2 * len * sizeof(*r));
	for (i = 0; i < len; i++) {
		carry = 0;
		for (j = 0; j < len; j++)
			r[i + j] = bn_mac(a[j], b[i], r[i + j], &carry);
		r[i + len] = carry;
	}
}

/**
 * vtpm2_bn_divide() - divide a number by an odd factor of it
 * @r: the quotient, @len limbs
 * @a: the dividend, 2 @len limbs; overwritten
 * @b: the divisor, odd, @len limbs
 * @len: limbs
 *
 * From the least significant limb upwards: each limb of the quotient is the
 * one that makes a limb of the rest vanish.
 *
 * Return: mask: is @b a divisor of @a, and the quotient less than 2^(64 @len)?
 */
u64 vtpm2_bn_divide(u64 *r, u64 *a, const u64 *b, unsigned int len)
{
	u64 inv = bn_invert_word(b[0]);
	u64 carry, low, rest;
	unsigned int i, j;

	for (i = 0; i < len; i++) {
		r[i] = a[i] * inv;
		carry = 0;
		for (j = 0; j < len; j++) {
			low = bn_mac(r[i], b[j], 0, &carry);
			rest = a[i + j];
			a[i + j] = rest - low;
			carry += rest < low;
		}
		vtpm2_bn_sub_word(a + i + len, a + i + len, carry, len - i);
	}
	return vtpm2_bn_zero(a, 2 * len);
}

/**
 * vtpm2_bn_mod() - remainder of a division
 * @r: the remainder, @len limbs, apart from the operands
 * @a: the dividend
 * @alen: its limbs
 * @b: the divisor, odd or even
 * @t: scratch space of @len limbs
 * @len: limbs of @b
 *
 * Bit by bit, as vtpm2_bn_mod_word(): for what Montgomery's arithmetic, which
 * is faster, cannot do.
 */
void vtpm2_bn_mod(u64 *r, const u64 *a, unsigned int alen, const u64 *b,
		  u64 *t, unsigned int len)
{
	unsigned int i = 64 * alen;
	u64 carry, borrow;

	memset(r, 0, len * sizeof(*r));
	while (i--) {
		carry = vtpm2_bn_add(r, r, r, len);
		r[0] |= (a[i / 64] >> (i % 64)) & 1;
		/* less than 2 @b, so either that or less @b is the remainder */
		borrow = vtpm2_bn_sub(t, r, b, len);
		vtpm2_bn_select(r, bn_mask(carry | (borrow ^ 1)), t, r, len);
	}
}

/**
 * vtpm2_bn_mod_word() - remainder of a division by a word
 * @a: the dividend
 * @b: the divisor
 * @len: limbs of @a
 *
 * Bit by bit: the time of a division instruction may depend on its operands.
 *
 * Return: @a modulo @b.
 */
u32 vtpm2_bn_mod_word(const u64 *a, u32 b, unsigned int len)
{
	unsigned int i = 64 * len;
	u64 rem = 0;

	while (i--) {
		rem = (rem << 1) | ((a[i / 64] >> (i % 64)) & 1);
		rem -= b & ~bn_mask((rem - b) >> 63);
	}
	return rem;
}

/**
 * vtpm2_bn_invert() - invert modulo a word
 * @a: less than @modulus
 * @modulus: odd, more than 1
 *
 * Binary extended Euclid with as many steps as the longest words need. Always
 * u = a x and v = a y modulo the modulus, and v is odd; u and v lose one bit
 * between them in each step until u is 0 and v the greatest common divisor.
 *
 * Return: 1 / @a modulo @modulus, 0 if there is none.
 */
u32 vtpm2_bn_invert(u32 a, u32 modulus)
{
	u64 u = a, v = modulus, x = 1, y = 0;
	u64 odd, mask, swap;
	unsigned int i;

	for (i = 0; i < 64; i++) {
		odd = bn_mask(u & 1);
		mask = odd & bn_mask((u - v) >> 63);
		swap = (u ^ v) & mask;
		u ^= swap;
		v ^= swap;
		swap = (x ^ y) & mask;
		x ^= swap;
		y ^= swap;

		u = (u - (v & odd)) >> 1;
		x -= y & odd;
		x += modulus & bn_mask(x >> 63);
		x = (x + (modulus & bn_mask(x & 1))) >> 1;
	}
	v ^= 1;
	return y & vtpm2_bn_zero(&v, 1);
}

/**
 * vtpm2_bn_mul_div_word() - a product, plus one, divided
 * @r: (@a * @b + 1) / @c
 * @a: a number
 * @b: a word
 * @c: an odd word that divides the sum; @r is less than 2^(64 @len)
 * @len: limbs of @r and @a
 */
void vtpm2_bn_mul_div_word(u64 *r, const u64 *a, u32 b, u32 c,
			   unsigned int len)
{
	u64 inv = bn_invert_word(c);
	u64 carry = 1, rest = 0, low, borrow;
	unsigned int i;

	for (i = 0; i < len; i++) {
		low = bn_mac(a[i], b, 0, &carry);
		borrow = low < rest;
		r[i] = (low - rest) * inv;
		rest = 0;
		bn_mac(r[i], c, 0, &rest);
		rest += borrow;
	}
}
