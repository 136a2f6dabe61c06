// SPDX-License-Identifier: GPL-2.0
/*
 * Primes for RSA: the first one from a random number on that passes the tests
 * of FIPS 186-4, B.3.3. There every candidate is random anew. To search upwards
 * from one (Brandt and Damgard, "On generation of probable primes by incremental
 * search") makes a prime behind a wide gap likelier, which costs the search for
 * it less than a bit, and lets a sieve find nearly all that are no primes.
 *
 * How many candidates were tested can be seen from outside. That says how far,
 * about, the prime is from a number that nobody knows.
 */
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "bn.h"
#include "rsa.h"
#include "sieve.h"

struct prime {
	unsigned int len;	/* limbs */
	u64 start[VTPM2_PRIME_LIMBS];
	u64 candidate[VTPM2_PRIME_LIMBS];
	u64 exp[VTPM2_PRIME_LIMBS];
	u64 base[VTPM2_PRIME_LIMBS];
	u64 minus_one[VTPM2_PRIME_LIMBS];
	struct vtpm2_mont mont;
	struct vtpm2_sieve sieve;
	u64 table[VTPM2_BN_POWERS * VTPM2_PRIME_LIMBS];
};

/* Random, odd, and of such size that two of them have a full-length product */
static void prime_start(struct prime *w)
{
	vtpm2_random(w->start, w->len * sizeof(u64));
	w->start[w->len - 1] |= 3ULL << 62;
	w->start[0] |= 1;
	vtpm2_sieve_run(&w->sieve, w->start, w->len);
}

/*
 * Odd number @i from the start on, unless it has a small factor or does not fit
 * the length. Numbers that are passed over tell of the start what they tell of
 * any number between two primes.
 */
static bool prime_candidate(struct prime *w, unsigned int i)
{
	u64 composite = (w->sieve.composite[i / 64] >> (i % 64)) & 1;
	u64 carry;

	if (vtpm2_bn_decide(-composite))
		return false;
	memset(w->candidate, 0, w->len * sizeof(u64));
	w->candidate[0] = 2 * i;
	carry = vtpm2_bn_add(w->candidate, w->candidate, w->start, w->len);
	return !vtpm2_bn_decide(-carry);
}

/* Has the public exponent an inverse modulo the candidate less one? */
static bool prime_fits_exponent(struct prime *w, u32 exponent)
{
	u64 inverse;

	vtpm2_bn_sub_word(w->exp, w->candidate, 1, w->len);
	inverse = vtpm2_bn_invert(vtpm2_bn_mod_word(w->exp, exponent, w->len),
				  exponent);
	return !vtpm2_bn_decide(vtpm2_bn_zero(&inverse, 1));
}

static bool prime_is(const u64 *a, const u64 *b, unsigned int len)
{
	return vtpm2_bn_decide(vtpm2_bn_equal(a, b, len));
}

/*
 * Miller and Rabin's test: is w->base, an a^exp, squared up to @squarings
 * times, -1, or 1 at once? Numbers are in Montgomery form.
 */
static bool prime_passes(struct prime *w, unsigned int squarings)
{
	struct vtpm2_mont *m = &w->mont;

	if (prime_is(w->base, m->one, w->len))
		return true;
	while (!prime_is(w->base, w->minus_one, w->len)) {
		if (!squarings--)
			return false;
		vtpm2_mont_square(m, w->base, w->base);
	}
	return true;
}

/* One round of that with a random base */
static bool prime_round(struct prime *w, unsigned int squarings)
{
	const u64 *base = w->base, *exp = w->exp;
	struct vtpm2_mont *m = &w->mont;
	unsigned int len = w->len;

	do {
		vtpm2_random(w->base, len * sizeof(u64));
		vtpm2_mont_enter(m, w->base, w->base);
	} while (vtpm2_bn_decide(vtpm2_bn_zero(w->base, len)) ||
		 prime_is(w->base, m->one, len) ||
		 prime_is(w->base, w->minus_one, len));

	vtpm2_mont_power(m, w->base, 1, &base, &exp, w->table);
	return prime_passes(w, squarings);
}

/*
 * FIPS 186-4, table C.3: rounds for a chance of error less than 2^-112 with
 * 1024 bits, 2^-128 with more. Shorter primes get some more than theirs.
 */
static unsigned int prime_rounds(unsigned int len)
{
	if (len < 16)
		return 8;
	return len < 24 ? 5 : 4;
}

static bool prime_test(struct prime *w)
{
	struct vtpm2_mont *m = &w->mont;
	unsigned int len = w->len;
	unsigned int i, twos = 1;

	vtpm2_mont_init(m, w->candidate, len);
	vtpm2_bn_sub(w->minus_one, w->candidate, m->one, len);
	/*
	 * candidate - 1 = 2^twos exp, exp odd. How many twos there are shows in
	 * the squarings: two bits of the prime, on average.
	 */
	vtpm2_bn_shift_right(w->exp, w->candidate, 1, len);
	while (!vtpm2_bn_decide(-(w->exp[0] & 1))) {
		vtpm2_bn_shift_right(w->exp, w->exp, 1, len);
		twos++;
	}
	/*
	 * The base 2 finds nearly every composite number and is the cheapest
	 * to find its power; it counts for no round.
	 */
	vtpm2_mont_power_two(m, w->base, w->exp, w->table);
	if (!prime_passes(w, twos - 1))
		return false;
	for (i = 0; i < prime_rounds(len); i++)
		if (!prime_round(w, twos - 1))
			return false;
	return true;
}

/* The first prime of the interval: -EAGAIN if it has none */
static int prime_search(struct prime *w, u32 exponent)
{
	unsigned int i;

	for (i = 0; i < VTPM2_SIEVE_NUMBERS; i++) {
		if (!prime_candidate(w, i))
			continue;
		cond_resched();
		if (fatal_signal_pending(current))
			return -EINTR;
		if (prime_fits_exponent(w, exponent) && prime_test(w))
			return 0;
	}
	return -EAGAIN;
}

/**
 * vtpm2_prime_generate() - make a prime for RSA
 * @p: the prime
 * @len: its limbs, all of whose bits it uses
 * @exponent: the public exponent that it will be used with
 *
 * Return: 0, -ENOMEM, or -EINTR if the process is being killed.
 */
int vtpm2_prime_generate(u64 *p, unsigned int len, u32 exponent)
{
	struct prime *w;
	int ret;

	w = kvzalloc(sizeof(*w), GFP_KERNEL);
	if (!w)
		return -ENOMEM;
	w->len = len;
	do {
		prime_start(w);
		ret = prime_search(w, exponent);
	} while (ret == -EAGAIN);
	if (!ret)
		memcpy(p, w->candidate, len * sizeof(u64));
	kvfree_sensitive(w, sizeof(*w));
	return ret;
}
