// SPDX-License-Identifier: GPL-2.0
/*
 * Primes for RSA, as FIPS 186-4, B.3.3 makes them: random numbers until one
 * passes the tests. Candidates that fail are independent of the prime that is
 * taken in the end, so the time they take tells nothing about it.
 */
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/math64.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "bn.h"
#include "rsa.h"

static const u16 small_primes[] = {
	3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53, 59, 61, 67,
	71, 73, 79, 83, 89, 97, 101, 103, 107, 109, 113, 127, 131, 137, 139,
	149, 151, 157, 163, 167, 173, 179, 181, 191, 193, 197, 199, 211, 223,
	227, 229, 233, 239, 241, 251, 257, 263, 269, 271, 277, 281, 283, 293,
	307, 311, 313, 317, 331, 337, 347, 349, 353, 359, 367, 373, 379, 383,
	389, 397, 401, 409, 419, 421, 431, 433, 439, 443, 449, 457, 461, 463,
	467, 479, 487, 491, 499, 503, 509, 521, 523, 541, 547, 557, 563, 569,
	571, 577, 587, 593, 599, 601, 607, 613, 617, 619, 631, 641, 643, 647,
	653, 659, 661, 673, 677, 683, 691, 701, 709, 719, 727, 733, 739, 743,
	751, 757, 761, 769, 773, 787, 797, 809, 811, 821, 823, 827, 829, 839,
	853, 857, 859, 863, 877, 881, 883, 887, 907, 911, 919, 929, 937, 941,
	947, 953, 967, 971, 977, 983, 991, 997, 1009, 1013, 1019, 1021, 1031,
	1033, 1039, 1049, 1051, 1061, 1063, 1069, 1087, 1091, 1093, 1097, 1103,
	1109, 1117, 1123, 1129, 1151, 1153, 1163, 1171, 1181, 1187, 1193, 1201,
	1213, 1217, 1223, 1229, 1231, 1237, 1249, 1259, 1277, 1279, 1283, 1289,
	1291, 1297, 1301, 1303, 1307, 1319, 1321, 1327, 1361, 1367, 1373, 1381,
	1399, 1409, 1423, 1427, 1429, 1433, 1439, 1447, 1451, 1453, 1459, 1471,
	1481, 1483, 1487, 1489, 1493, 1499, 1511, 1523, 1531, 1543, 1549, 1553,
	1559, 1567, 1571, 1579, 1583, 1597, 1601, 1607, 1609, 1613, 1619, 1621,
	1627, 1637, 1657, 1663, 1667, 1669, 1693, 1697, 1699, 1709, 1721, 1723,
	1733, 1741, 1747, 1753, 1759, 1777, 1783, 1787, 1789, 1801, 1811, 1823,
	1831, 1847, 1861, 1867, 1871, 1873, 1877, 1879, 1889, 1901, 1907, 1913,
	1931, 1933, 1949, 1951, 1973, 1979, 1987, 1993, 1997, 1999, 2003, 2011,
	2017, 2027, 2029, 2039,
};

struct prime {
	unsigned int len;	/* limbs */
	u64 candidate[VTPM2_PRIME_LIMBS];
	u64 exp[VTPM2_PRIME_LIMBS];
	u64 base[VTPM2_PRIME_LIMBS];
	u64 minus_one[VTPM2_PRIME_LIMBS];
	struct vtpm2_mont mont;
	u64 table[VTPM2_BN_POWERS * VTPM2_PRIME_LIMBS];
};

/* Random, odd, and of such size that two of them have a full-length product */
static void prime_candidate(struct prime *w)
{
	vtpm2_random(w->candidate, w->len * sizeof(u64));
	w->candidate[w->len - 1] |= 3ULL << 62;
	w->candidate[0] |= 1;
}

/* The candidate modulo @d, by halves of its limbs */
static u32 prime_mod(const struct prime *w, u32 d)
{
	unsigned int i;
	u32 rem = 0;

	for (i = w->len; i--; ) {
		div_u64_rem(((u64)rem << 32) | (w->candidate[i] >> 32), d, &rem);
		div_u64_rem(((u64)rem << 32) | (u32)w->candidate[i], d, &rem);
	}
	return rem;
}

/*
 * Dividing the candidate is what takes time: by products of as many small
 * primes as a word holds, and only the remainder by each of them.
 */
static bool prime_has_small_factor(const struct prime *w)
{
	unsigned int i = 0, end;
	u64 product;
	u32 rem;

	while (i < ARRAY_SIZE(small_primes)) {
		product = 1;
		for (end = i; end < ARRAY_SIZE(small_primes) &&
		     product * small_primes[end] <= U32_MAX; end++)
			product *= small_primes[end];
		rem = prime_mod(w, product);
		for (; i < end; i++)
			if (rem % small_primes[i] == 0)
				return true;
	}
	return false;
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
	/* candidate - 1 = 2^twos exp, exp odd */
	vtpm2_bn_shift_right(w->exp, w->candidate, 1, len);
	while (!(w->exp[0] & 1)) {
		vtpm2_bn_shift_right(w->exp, w->exp, 1, len);
		twos++;
	}
	/*
	 * The base 2 finds nearly every composite number and is the cheapest
	 * to find its power; it counts for no round.
	 */
	vtpm2_mont_power_two(m, w->base, w->exp);
	if (!prime_passes(w, twos - 1))
		return false;
	for (i = 0; i < prime_rounds(len); i++)
		if (!prime_round(w, twos - 1))
			return false;
	return true;
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
	int ret = 0;

	w = kvzalloc(sizeof(*w), GFP_KERNEL);
	if (!w)
		return -ENOMEM;
	w->len = len;
	do {
		cond_resched();
		if (fatal_signal_pending(current)) {
			ret = -EINTR;
			break;
		}
		prime_candidate(w);
	} while (prime_has_small_factor(w) ||
		 !prime_fits_exponent(w, exponent) || !prime_test(w));
	if (!ret)
		memcpy(p, w->candidate, len * sizeof(u64));
	kvfree_sensitive(w, sizeof(*w));
	return ret;
}
