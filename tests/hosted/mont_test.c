// SPDX-License-Identifier: GPL-2.0
/*
 * Montgomery's arithmetic of the kernel's code beside OpenSSL's integers, for
 * every length that has code of its own and with the operands and moduli where
 * carries go wrong: what signatures of random numbers hardly ever meet.
 */
#include <openssl/bn.h>

#include <kunit/test.h>
#include <linux/random.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "../../drivers/vtpm_mux/crypto/bn.h"

#define ROUNDS		40
#define OPERANDS	6

struct mont_test {
	struct vtpm2_mont m;
	unsigned int len;
	u64 modulus[VTPM2_BN_LIMBS];
	u64 a[VTPM2_BN_LIMBS];
	u64 b[VTPM2_BN_LIMBS];
	u64 r[VTPM2_BN_LIMBS];
	u64 expect[VTPM2_BN_LIMBS];
	BIGNUM *n, *x, *y, *inverse;	/* inverse of R */
	BN_CTX *ctx;
};

static void from_bn(u64 *r, const BIGNUM *a, unsigned int len)
{
	memset(r, 0, len * sizeof(*r));
	BN_bn2lebinpad(a, (u8 *)r, len * sizeof(*r));
}

static void to_bn(BIGNUM *r, const u64 *a, unsigned int len)
{
	BN_lebin2bn((const u8 *)a, len * sizeof(*a), r);
}

/* 0, 1, the modulus less one, and random numbers less than the modulus */
static void operand(struct mont_test *w, u64 *r, unsigned int kind)
{
	BIGNUM *a = BN_new();

	switch (kind) {
	case 0:
		BN_zero(a);
		break;
	case 1:
		BN_one(a);
		break;
	case 2:
		BN_sub(a, w->n, BN_value_one());
		break;
	case 3:
		BN_rshift1(a, w->n);
		break;
	default:
		BN_rand_range(a, w->n);
	}
	from_bn(r, a, w->len);
	BN_free(a);
}

static void compare(struct kunit *test, struct mont_test *w, const char *name)
{
	KUNIT_EXPECT_MEMEQ_MSG(test, w->r, w->expect, w->len * sizeof(u64),
			       "%s, %u limbs", name, w->len);
}

static void one_pair(struct kunit *test, struct mont_test *w)
{
	BIGNUM *t = BN_new();

	to_bn(w->x, w->a, w->len);
	to_bn(w->y, w->b, w->len);
	BN_mod_add(t, w->x, w->y, w->n, w->ctx);
	from_bn(w->expect, t, w->len);
	vtpm2_mont_add(&w->m, w->r, w->a, w->b);
	compare(test, w, "add");

	BN_mod_sub(t, w->x, w->y, w->n, w->ctx);
	from_bn(w->expect, t, w->len);
	vtpm2_mont_sub(&w->m, w->r, w->a, w->b);
	compare(test, w, "sub");

	BN_mod_sqr(t, w->x, w->n, w->ctx);
	BN_mod_mul(t, t, w->inverse, w->n, w->ctx);
	from_bn(w->expect, t, w->len);
	vtpm2_mont_square(&w->m, w->r, w->a);
	compare(test, w, "square");

	/* In place, and with a first operand that is not reduced */
	memcpy(w->r, w->b, w->len * sizeof(u64));
	vtpm2_mont_mul(&w->m, w->r, w->a, w->r);
	BN_mod_mul(t, w->x, w->y, w->n, w->ctx);
	BN_mod_mul(t, t, w->inverse, w->n, w->ctx);
	from_bn(w->expect, t, w->len);
	compare(test, w, "mul");

	memset(w->a, 0xff, w->len * sizeof(u64));
	to_bn(w->x, w->a, w->len);
	vtpm2_mont_mul(&w->m, w->r, w->a, w->b);
	BN_mod_mul(t, w->x, w->y, w->n, w->ctx);
	BN_mod_mul(t, t, w->inverse, w->n, w->ctx);
	from_bn(w->expect, t, w->len);
	compare(test, w, "mul, not reduced");
	BN_free(t);
}

/* Exponents: 0, 1, the largest there may be, and random ones */
static void powers_of_two(struct kunit *test, struct mont_test *w)
{
	unsigned int i;

	for (i = 0; i < OPERANDS; i++) {
		memset(w->a, i == 2 ? 0xff : 0, w->len * sizeof(u64));
		w->a[0] |= i == 1;
		if (i > 2)
			get_random_bytes(w->a, w->len * sizeof(u64));
		w->a[w->len - 1] &= ~0ULL >> 1;
		to_bn(w->x, w->a, w->len);
		BN_set_word(w->y, 2);
		BN_mod_exp(w->y, w->y, w->x, w->n, w->ctx);
		from_bn(w->expect, w->y, w->len);
		vtpm2_mont_power_two(&w->m, w->r, w->a, w->b);
		vtpm2_mont_leave(&w->m, w->r, w->r);
		compare(test, w, "power of 2");
	}
}

static void one_modulus(struct kunit *test, struct mont_test *w)
{
	unsigned int i;

	BN_zero(w->x);
	BN_set_bit(w->x, 64 * w->len);
	BN_mod_inverse(w->inverse, w->x, w->n, w->ctx);
	for (i = 0; i < OPERANDS * OPERANDS; i++) {
		operand(w, w->a, i / OPERANDS);
		operand(w, w->b, i % OPERANDS);
		one_pair(test, w);
	}
}

/* Moduli: P-256's prime, the largest, the least with its top bit, random ones */
static void modulus(struct mont_test *w, unsigned int kind)
{
	static const u64 p256[] = { ~0ULL, ~0U, 0, 0xffffffff00000001 };
	unsigned int len = w->len;

	get_random_bytes(w->modulus, len * sizeof(u64));
	if (kind == 0 && len == ARRAY_SIZE(p256)) {
		memcpy(w->modulus, p256, sizeof(p256));
	} else if (kind == 1) {
		memset(w->modulus, 0xff, len * sizeof(u64));
	} else if (kind == 2) {
		memset(w->modulus, 0, len * sizeof(u64));
		w->modulus[len - 1] = 1ULL << 63;
	} else if (kind == 3) {
		w->modulus[len - 1] &= 0x1ff;
		w->modulus[len - 1] |= 0x100;
	}
	w->modulus[0] |= 1;
}

static void alloc(struct mont_test *w)
{
	w->n = BN_new();
	w->x = BN_new();
	w->y = BN_new();
	w->inverse = BN_new();
	w->ctx = BN_CTX_new();
}

static void release(struct mont_test *w)
{
	BN_free(w->n);
	BN_free(w->x);
	BN_free(w->y);
	BN_free(w->inverse);
	BN_CTX_free(w->ctx);
}

/* @check with the kinds of moduli from @first to before @end, of each length */
static void each_modulus(struct kunit *test, const unsigned int *lens,
			 unsigned int n, unsigned int first, unsigned int end,
			 void (*check)(struct kunit *test, struct mont_test *w))
{
	struct mont_test *w = kunit_kzalloc(test, sizeof(*w), GFP_KERNEL);
	unsigned int i, j;

	KUNIT_ASSERT_NOT_NULL(test, w);
	alloc(w);
	for (i = 0; i < n; i++) {
		w->len = lens[i];
		for (j = first; j < end; j++) {
			modulus(w, j);
			to_bn(w->n, w->modulus, w->len);
			vtpm2_mont_init(&w->m, w->modulus, w->len);
			check(test, w);
		}
	}
	release(w);
}

static void mont_arithmetic(struct kunit *test)
{
	static const unsigned int lens[] = { 3, 4, 6, 8, 9, 12, 16, 24, 32, 48, 64 };

	each_modulus(test, lens, ARRAY_SIZE(lens), 0, ROUNDS, one_modulus);
}

/* Lengths of RSA's primes, and one for each number of bits above the digits */
static void mont_powers(struct kunit *test)
{
	static const unsigned int lens[] = { 8, 9, 10, 11, 16, 24, 32 };

	each_modulus(test, lens, ARRAY_SIZE(lens), 1, 5, powers_of_two);
}

static struct kunit_case mont_cases[] = {
	KUNIT_CASE(mont_arithmetic),
	KUNIT_CASE(mont_powers),
	{}
};

static struct kunit_suite mont_suite = {
	.name = "vtpm_crypto_mont",
	.test_cases = mont_cases,
};

kunit_test_suite(mont_suite);
