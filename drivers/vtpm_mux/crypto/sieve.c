// SPDX-License-Identifier: GPL-2.0
/*
 * The sieve of Eratosthenes over an interval that starts at a secret number.
 *
 * Where a small prime strikes is the secret number modulo that prime, and a few
 * dozen of such remainders would be the number itself. So none of them selects
 * an address, a branch or how often a loop runs: every strike is offered to all
 * words of the interval, one of which takes it, and remainders are computed by
 * multiplication, since the time of a division may depend on what is divided.
 */
#include <linux/kernel.h>
#include <linux/math64.h>
#include <linux/sched.h>
#include <linux/string.h>

#include "limb.h"
#include "sieve.h"

/* Which odd numbers are no primes; nothing secret here. */
static void sieve_find_factors(struct vtpm2_sieve *s)
{
	unsigned int d, i;

	memset(s->odd, 0, sizeof(s->odd));
	for (d = 3; d * d < VTPM2_SIEVE_FACTORS; d += 2)
		if (!(s->odd[d / 128] >> (d / 2 % 64) & 1))
			for (i = d * d / 2; i < VTPM2_SIEVE_FACTORS / 2; i += d)
				s->odd[i / 64] |= 1ULL << (i % 64);
}

/*
 * @a modulo @d, by halves of its limbs. What is divided stays below 2^49, so
 * that the quotient by way of @d's reciprocal is at most one too small.
 */
static u32 sieve_mod(const u64 *a, unsigned int len, u32 d)
{
	u64 reciprocal = div_u64(U64_MAX, d);
	u64 rem = 0, quotient;
	unsigned int i = 2 * len;

	while (i--) {
		rem = (rem << 32) | (u32)(a[i / 2] >> (32 * (i % 2)));
		quotient = 0;
		bn_mac(rem, reciprocal, 0, &quotient);
		rem -= quotient * d;
	}
	return rem - (d & ~bn_mask((rem - d) >> 63));
}

/* Which of the numbers is the first multiple of @d: least i, start + 2 i = 0 */
static u32 sieve_first(const u64 *start, unsigned int len, u32 d)
{
	u64 rem = sieve_mod(start, len, d);
	u64 twice;

	/* -rem or d - rem, whichever is even, in the range from 0 to 2 d - 2 */
	twice = 2 * (u64)d - rem - (d & bn_mask(rem & 1));
	twice -= 2 * (u64)d & ~bn_mask((twice - 2 * (u64)d) >> 63);
	return twice / 2;
}

/* From number @first on every @d-th is struck out. */
static void sieve_strike(struct vtpm2_sieve *s, u32 first, u32 d)
{
	unsigned int i, j;
	u64 bit, number, other;

	/* As often as for any remainder: the last may be behind the interval. */
	for (i = 0; i < VTPM2_SIEVE_NUMBERS; i += d) {
		number = first + i;
		bit = bn_bit(number % 64);
		for (j = 0; j < VTPM2_SIEVE_WORDS; j++) {
			other = j ^ (number / 64);
			s->composite[j] |= bit & bn_mask((other - 1) >> 63);
		}
	}
}

/**
 * vtpm2_sieve_run() - strike out what has a small factor
 * @s: the sieve
 * @start: the first number, odd, larger than all of the small primes
 * @len: its limbs
 */
void vtpm2_sieve_run(struct vtpm2_sieve *s, const u64 *start, unsigned int len)
{
	unsigned int d;

	sieve_find_factors(s);
	memset(s->composite, 0, sizeof(s->composite));
	for (d = 3; d < VTPM2_SIEVE_FACTORS; d += 2) {
		if (s->odd[d / 128] >> (d / 2 % 64) & 1)
			continue;
		sieve_strike(s, sieve_first(start, len, d), d);
		cond_resched();
	}
}
