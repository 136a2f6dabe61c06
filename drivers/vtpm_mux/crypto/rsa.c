// SPDX-License-Identifier: GPL-2.0
/*
 * RSA: the raw operations.
 *
 * Of a private key a TPM keeps one prime. The rest is recomputed: q = n / p,
 * and for each prime the exponent 1 / e modulo the prime less one.
 *
 * The private operation m = c^d mod n, for each prime p and the other one, q:
 *
 *	y	a random number
 *	a_p	= (c y^e)^d (y q)^(p - 2) mod p
 *
 * c y^e is what the exponent d sees: the operand is blinded. Its result m y is
 * unblinded by (y q)^(p - 2) = 1 / (y q), which is one more base in the same
 * power function, and which divides by q on the way, so that
 *
 *	m	= a_p q + a_q p mod n
 *
 * follows from the Chinese remainder theorem without any modular inversion.
 * m^e = c is checked before m is released: a fault in one half, or a "prime"
 * that is none, would otherwise give the factors of n away.
 */
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "bn.h"
#include "rsa.h"

struct rsa_key {
	unsigned int len;	/* limbs of n */
	unsigned int half;	/* limbs of a prime */
	u32 exponent;
	u64 n[VTPM2_BN_LIMBS];
	u64 in[VTPM2_BN_LIMBS];
	u64 out[VTPM2_BN_LIMBS];
	u64 tmp[VTPM2_BN_LIMBS];
	struct vtpm2_mont mont;
};

struct rsa_private {
	struct rsa_key key;
	u64 prime[2][VTPM2_PRIME_LIMBS];
	u64 part[2][VTPM2_PRIME_LIMBS];
	u64 d[VTPM2_PRIME_LIMBS];
	u64 minus_2[VTPM2_PRIME_LIMBS];
	u64 blind[VTPM2_PRIME_LIMBS];
	u64 base[2][VTPM2_PRIME_LIMBS];
	u64 table[2 * VTPM2_BN_POWERS * VTPM2_PRIME_LIMBS];
};

static int rsa_load(struct rsa_key *key, const u8 *n, size_t len, u32 exponent)
{
	/* Montgomery's arithmetic needs an odd modulus, and so does RSA. */
	if (!vtpm2_rsa_size_valid(len) || !vtpm2_rsa_exponent_valid(exponent) ||
	    !(n[len - 1] & 1))
		return -EINVAL;
	key->len = len / sizeof(u64);
	key->half = key->len / 2;
	key->exponent = exponent;
	vtpm2_bn_load(key->n, key->len, n, len);
	return 0;
}

static int rsa_load_operand(struct rsa_key *key, const u8 *in)
{
	vtpm2_bn_load(key->in, key->len, in, key->len * sizeof(u64));
	/* That an operand is out of range is the answer to the caller. */
	return vtpm2_bn_decide(vtpm2_bn_less(key->in, key->n, key->len)) ?
	       0 : -EINVAL;
}

/* @r = @a^e mod n */
static void rsa_power(struct rsa_key *key, u64 *r, const u64 *a)
{
	struct vtpm2_mont *m = &key->mont;

	vtpm2_mont_init(m, key->n, key->len);
	vtpm2_mont_enter(m, key->tmp, a);
	vtpm2_mont_power_word(m, r, key->tmp, key->exponent);
	vtpm2_mont_leave(m, r, r);
}

int vtpm2_rsa_public(const u8 *n, size_t len, u32 exponent,
		     const u8 *in, u8 *out)
{
	struct rsa_key *key;
	int ret;

	key = kzalloc(sizeof(*key), GFP_KERNEL);
	if (!key)
		return -ENOMEM;
	ret = rsa_load(key, n, len, exponent);
	if (!ret)
		ret = rsa_load_operand(key, in);
	if (!ret) {
		rsa_power(key, key->out, key->in);
		vtpm2_bn_store(out, len, key->out, key->len);
	}
	kfree_sensitive(key);
	return ret;
}

/*
 * @w->d = 1 / e mod (@prime - 1) = (1 + k (@prime - 1)) / e, where k is what
 * makes e divide the sum; @w->minus_2 = @prime - 2.
 */
static int rsa_exponents(struct rsa_private *w, const u64 *prime)
{
	unsigned int len = w->key.half;
	u32 e = w->key.exponent;
	u64 k;

	vtpm2_bn_sub_word(w->minus_2, prime, 1, len);
	k = vtpm2_bn_invert(vtpm2_bn_mod_word(w->minus_2, e, len), e);
	/* A key that has no private exponent is none. */
	if (vtpm2_bn_decide(vtpm2_bn_zero(&k, 1)))
		return -EINVAL;
	vtpm2_bn_mul_div_word(w->d, w->minus_2, e - k, e, len);
	vtpm2_bn_sub_word(w->minus_2, prime, 2, len);
	return 0;
}

/* Both primes from one: p q = n, both odd, more than 1 and not the same. */
static int rsa_load_primes(struct rsa_private *w, const u8 *p)
{
	struct rsa_key *key = &w->key;
	unsigned int len = key->half;
	u64 *one = w->d;
	u64 bad;
	int ret;

	vtpm2_bn_load(w->prime[0], len, p, len * sizeof(u64));
	memset(one, 0, len * sizeof(*one));
	one[0] = 1;
	memcpy(key->tmp, key->n, key->len * sizeof(u64));
	bad = (w->prime[0][0] & 1) - 1;
	bad |= ~vtpm2_bn_divide(w->prime[1], key->tmp, w->prime[0], len);
	bad |= vtpm2_bn_equal(w->prime[0], one, len);
	bad |= vtpm2_bn_equal(w->prime[1], one, len);
	bad |= vtpm2_bn_equal(w->prime[0], w->prime[1], len);
	/* That a prime does not belong to the key is the answer to the caller. */
	if (vtpm2_bn_decide(bad))
		return -EINVAL;
	ret = rsa_exponents(w, w->prime[1]);
	return ret ?: rsa_exponents(w, w->prime[0]);
}

/* @r = in modulo the prime of w->key.mont, in Montgomery form */
static void rsa_reduce_operand(struct rsa_private *w, u64 *r)
{
	struct vtpm2_mont *m = &w->key.mont;
	unsigned int len = w->key.half;

	/* in = high R + low */
	vtpm2_mont_enter(m, r, w->key.in + len);
	vtpm2_mont_enter(m, r, r);
	vtpm2_mont_enter(m, w->key.tmp, w->key.in);
	vtpm2_mont_add(m, r, r, w->key.tmp);
}

/* a_p of the comment above, for prime number @i */
static int rsa_private_half(struct rsa_private *w, unsigned int i)
{
	const u64 *const base[2] = { w->base[0], w->base[1] };
	const u64 *const exp[2] = { w->d, w->minus_2 };
	struct vtpm2_mont *m = &w->key.mont;
	unsigned int len = w->key.half;
	int ret;

	ret = rsa_exponents(w, w->prime[i]);
	if (ret)
		return ret;
	vtpm2_mont_init(m, w->prime[i], len);

	vtpm2_random(w->blind, len * sizeof(u64));
	vtpm2_mont_enter(m, w->blind, w->blind);
	vtpm2_mont_power_word(m, w->base[0], w->blind, w->key.exponent);
	rsa_reduce_operand(w, w->base[1]);
	vtpm2_mont_mul(m, w->base[0], w->base[0], w->base[1]);

	vtpm2_mont_enter(m, w->base[1], w->prime[!i]);
	vtpm2_mont_mul(m, w->base[1], w->base[1], w->blind);

	vtpm2_mont_power(m, w->part[i], 2, base, exp, w->table);
	vtpm2_mont_leave(m, w->part[i], w->part[i]);
	return 0;
}

/* out = a_p q + a_q p mod n */
static void rsa_combine(struct rsa_private *w)
{
	struct rsa_key *key = &w->key;
	u64 less;

	vtpm2_bn_mul(key->out, w->part[0], w->prime[1], key->half);
	vtpm2_bn_mul(key->tmp, w->part[1], w->prime[0], key->half);
	/* n - tmp > 0, so out + tmp >= n exactly if out >= n - tmp. */
	vtpm2_bn_sub(key->tmp, key->n, key->tmp, key->len);
	less = vtpm2_bn_sub(key->out, key->out, key->tmp, key->len);
	vtpm2_bn_add(key->tmp, key->out, key->n, key->len);
	vtpm2_bn_select(key->out, -less, key->tmp, key->out, key->len);
}

int vtpm2_rsa_private(const u8 *n, size_t len, u32 exponent, const u8 *p,
		      const u8 *in, u8 *out)
{
	struct rsa_private *w;
	struct rsa_key *key;
	int ret;

	w = kvzalloc(sizeof(*w), GFP_KERNEL);
	if (!w)
		return -ENOMEM;
	key = &w->key;
	ret = rsa_load(key, n, len, exponent);
	if (!ret)
		ret = rsa_load_operand(key, in);
	if (!ret)
		ret = rsa_load_primes(w, p);
	if (!ret)
		ret = rsa_private_half(w, 0);
	if (!ret)
		ret = rsa_private_half(w, 1);
	if (ret)
		goto out_free;

	rsa_combine(w);
	/* The last use of the key's secrets was above: now the check. */
	rsa_power(key, w->table, key->out);
	if (!vtpm2_bn_decide(vtpm2_bn_equal(w->table, key->in, key->len))) {
		ret = -EINVAL;
		goto out_free;
	}
	vtpm2_bn_store(out, len, key->out, key->len);

out_free:
	kvfree_sensitive(w, sizeof(*w));
	return ret;
}

int vtpm2_rsa_check(const u8 *n, size_t len, u32 exponent, const u8 *p)
{
	struct rsa_private *w;
	int ret;

	w = kvzalloc(sizeof(*w), GFP_KERNEL);
	if (!w)
		return -ENOMEM;
	ret = rsa_load(&w->key, n, len, exponent);
	if (!ret)
		ret = rsa_load_primes(w, p);
	kvfree_sensitive(w, sizeof(*w));
	return ret;
}

/* FIPS 186-4, B.3.3, 5.4: the upper 100 bits of two primes shall differ. */
static bool rsa_primes_apart(struct rsa_private *w)
{
	unsigned int len = w->key.half;
	u64 *diff = w->d;
	u64 less;

	less = vtpm2_bn_sub(diff, w->prime[0], w->prime[1], len);
	vtpm2_bn_sub(w->minus_2, w->prime[1], w->prime[0], len);
	vtpm2_bn_select(diff, -less, w->minus_2, diff, len);
	vtpm2_bn_shift_right(diff, diff, 64 * len - 100, len);
	/* Only a pair that is thrown away is told from the others. */
	return !vtpm2_bn_decide(vtpm2_bn_zero(diff, len));
}

int vtpm2_rsa_generate(u16 bits, u32 exponent, u8 *n, u8 *p)
{
	size_t len = bits / 8;
	struct rsa_private *w;
	unsigned int half;
	int ret;

	if (bits % 8 || !vtpm2_rsa_size_valid(len) ||
	    !vtpm2_rsa_exponent_valid(exponent))
		return -EINVAL;
	w = kvzalloc(sizeof(*w), GFP_KERNEL);
	if (!w)
		return -ENOMEM;
	half = len / 2 / sizeof(u64);
	w->key.half = half;
	ret = vtpm2_prime_generate(w->prime[0], half, exponent);
	while (!ret) {
		ret = vtpm2_prime_generate(w->prime[1], half, exponent);
		if (ret || rsa_primes_apart(w))
			break;
	}
	if (!ret) {
		vtpm2_bn_mul(w->key.n, w->prime[0], w->prime[1], half);
		vtpm2_bn_store(n, len, w->key.n, 2 * half);
		vtpm2_bn_store(p, len / 2, w->prime[0], half);
	}
	kvfree_sensitive(w, sizeof(*w));
	return ret;
}
