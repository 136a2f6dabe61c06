// SPDX-License-Identifier: GPL-2.0
/*
 * The sieve of the kernel's key generation beside divisions by OpenSSL.
 */
#include <openssl/bn.h>

#include <kunit/test.h>
#include <linux/random.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "../../drivers/vtpm_mux/crypto/bn.h"
#include "../../drivers/vtpm_mux/crypto/sieve.h"

struct sieve_test {
	struct vtpm2_sieve s;
	unsigned int len;
	u64 start[VTPM2_BN_LIMBS];
};

static bool is_prime(unsigned int d)
{
	unsigned int i;

	for (i = 2; i * i <= d; i++)
		if (d % i == 0)
			return false;
	return true;
}

/* Every number of the interval is struck out if, and only if, it has a factor. */
static void interval(struct kunit *test, struct sieve_test *w)
{
	bool expect[VTPM2_SIEVE_NUMBERS] = {};
	unsigned int i, d, rem;
	BIGNUM *start = BN_new();

	BN_lebin2bn((const u8 *)w->start, w->len * sizeof(u64), start);
	for (d = 3; d < VTPM2_SIEVE_FACTORS; d += 2) {
		if (!is_prime(d))
			continue;
		rem = BN_mod_word(start, d);
		for (i = 0; i < VTPM2_SIEVE_NUMBERS; i++)
			expect[i] |= (rem + 2 * i) % d == 0;
	}
	vtpm2_sieve_run(&w->s, w->start, w->len);
	for (i = 0; i < VTPM2_SIEVE_NUMBERS; i++)
		KUNIT_EXPECT_EQ_MSG(test, (w->s.composite[i / 64] >> (i % 64)) & 1,
				    expect[i], "%u limbs, number %u", w->len, i);
	BN_free(start);
}

/* A multiple of all small primes up to 300, so that many strike number 0 */
static void multiple(struct sieve_test *w)
{
	BIGNUM *a = BN_new();
	unsigned int d;

	BN_one(a);
	for (d = 3; d < 300; d += 2)
		if (is_prime(d))
			BN_mul_word(a, d);
	BN_bn2lebinpad(a, (u8 *)w->start, w->len * sizeof(u64));
	BN_free(a);
}

static void sieve_intervals(struct kunit *test)
{
	static const unsigned int lens[] = { 8, 9, 16, 24, 32 };
	struct sieve_test *w = kunit_kzalloc(test, sizeof(*w), GFP_KERNEL);
	unsigned int i;

	KUNIT_ASSERT_NOT_NULL(test, w);
	for (i = 0; i < ARRAY_SIZE(lens); i++) {
		w->len = lens[i];
		get_random_bytes(w->start, w->len * sizeof(u64));
		w->start[0] |= 1;
		interval(test, w);
	}
	multiple(w);
	interval(test, w);
	memset(w->start, 0xff, w->len * sizeof(u64));
	interval(test, w);
}

static struct kunit_case sieve_cases[] = {
	KUNIT_CASE(sieve_intervals),
	{}
};

static struct kunit_suite sieve_suite = {
	.name = "vtpm_crypto_sieve",
	.test_cases = sieve_cases,
};

kunit_test_suite(sieve_suite);
