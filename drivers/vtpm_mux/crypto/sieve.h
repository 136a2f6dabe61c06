/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Which of the odd numbers that follow a random one have no small factor.
 */
#ifndef VTPM2_SIEVE_H
#define VTPM2_SIEVE_H

#include <linux/bits.h>
#include <linux/types.h>

#define VTPM2_SIEVE_NUMBERS	1024
#define VTPM2_SIEVE_WORDS	(VTPM2_SIEVE_NUMBERS / 64)
#define VTPM2_SIEVE_FACTORS	BIT(16)	/* all primes below, but for 2 */

/**
 * struct vtpm2_sieve - an interval and what is struck out of it
 * @composite: bit i: the start plus 2 i is divisible by a small prime
 * @odd: bit i: 2 i + 1 is no prime
 */
struct vtpm2_sieve {
	u64 composite[VTPM2_SIEVE_WORDS];
	u64 odd[VTPM2_SIEVE_FACTORS / 2 / 64];
};

void vtpm2_sieve_run(struct vtpm2_sieve *s, const u64 *start, unsigned int len);

#endif
