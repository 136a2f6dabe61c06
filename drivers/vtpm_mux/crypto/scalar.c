// SPDX-License-Identifier: GPL-2.0
/*
 * Arithmetic modulo the order of a curve's group.
 */
#include <linux/errno.h>
#include <linux/math.h>
#include <linux/minmax.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "../tpm2/crypto.h"
#include "bn.h"

#define LIMBS	DIV_ROUND_UP(VTPM2_MAX_ECC, sizeof(u64))

/**
 * struct scalars - one operation
 * @size: bytes of a scalar
 * @len: limbs of it
 * @m: arithmetic modulo the order
 * @a: operand, or the result
 * @b: operand
 * @power: scratch space for powers
 */
struct scalars {
	unsigned int size;
	unsigned int len;
	struct vtpm2_mont m;
	u64 a[LIMBS];
	u64 b[LIMBS];
	u64 power[VTPM2_BN_POWERS * LIMBS];
};

/* Modulo the order of the curve's group, or the prime of its field */
static int scalars_start(struct scalars **scalars, u16 id, bool field)
{
	const struct vtpm2_curve *curve = vtpm2_curve_find(id);
	struct scalars *s;

	if (!curve)
		return -EOPNOTSUPP;
	s = kvzalloc(sizeof(*s), GFP_KERNEL);
	if (!s)
		return -ENOMEM;
	s->size = curve->size;
	s->len = DIV_ROUND_UP(s->size, sizeof(u64));
	vtpm2_bn_load(s->a, s->len, field ? curve->p : curve->n, s->size);
	vtpm2_mont_init(&s->m, s->a, s->len);
	*scalars = s;
	return 0;
}

static int scalars_end(struct scalars *s, int ret)
{
	kvfree_sensitive(s, sizeof(*s));
	return ret;
}

/* Whether an operand is a scalar at all, is no secret. */
static int scalars_load(struct scalars *s, u64 *r, const u8 *in)
{
	vtpm2_bn_load(r, s->len, in, s->size);
	return vtpm2_bn_decide(vtpm2_bn_less(r, s->m.m, s->len)) ?
		0 : -EINVAL;
}

static void scalars_store(struct scalars *s, u8 *out)
{
	vtpm2_bn_store(out, s->size, s->a, s->len);
}

/* As many limbs at a time as a scalar has, the most significant ones first */
static int scalars_reduce(u16 curve, bool field, const u8 *in, size_t len,
			  u8 *out)
{
	struct scalars *s;
	size_t n, step;
	int ret;

	if (len > VTPM2_MAX_REDUCE)
		return -EINVAL;
	ret = scalars_start(&s, curve, field);
	if (ret)
		return ret;
	step = s->len * sizeof(u64);
	memset(s->a, 0, sizeof(s->a));
	for (; len; in += n, len -= n) {
		n = len % step ?: step;
		vtpm2_bn_load(s->b, s->len, in, n);
		/* a R, where R = 2^(8 step); b R / R brings b below the order */
		vtpm2_mont_enter(&s->m, s->a, s->a);
		vtpm2_mont_enter(&s->m, s->b, s->b);
		vtpm2_mont_leave(&s->m, s->b, s->b);
		vtpm2_mont_add(&s->m, s->a, s->a, s->b);
	}
	scalars_store(s, out);
	return scalars_end(s, 0);
}

int vtpm2_scalar_reduce(u16 curve, const u8 *in, size_t len, u8 *out)
{
	return scalars_reduce(curve, false, in, len, out);
}

int vtpm2_coordinate_reduce(u16 curve, const u8 *in, size_t len, u8 *out)
{
	return scalars_reduce(curve, true, in, len, out);
}

int vtpm2_scalar_mul_add(u16 curve, const u8 *a, const u8 *b, const u8 *c,
			 u8 *out)
{
	struct scalars *s;
	int ret;

	ret = scalars_start(&s, curve, false);
	if (ret)
		return ret;
	ret = scalars_load(s, s->a, a);
	if (!ret)
		ret = scalars_load(s, s->b, b);
	if (ret)
		return scalars_end(s, ret);
	vtpm2_mont_enter(&s->m, s->a, s->a);
	vtpm2_mont_mul(&s->m, s->a, s->a, s->b);
	ret = scalars_load(s, s->b, c);
	if (ret)
		return scalars_end(s, ret);
	vtpm2_mont_add(&s->m, s->a, s->a, s->b);
	scalars_store(s, out);
	return scalars_end(s, 0);
}

/* @a^(n - 2), as the order n is a prime */
int vtpm2_scalar_invert(u16 curve, const u8 *a, u8 *out)
{
	const u64 *base, *exp;
	struct scalars *s;
	int ret;

	ret = scalars_start(&s, curve, false);
	if (ret)
		return ret;
	ret = scalars_load(s, s->a, a);
	if (ret)
		return scalars_end(s, ret);
	vtpm2_mont_enter(&s->m, s->a, s->a);
	vtpm2_bn_sub_word(s->b, s->m.m, 2, s->len);
	base = s->a;
	exp = s->b;
	vtpm2_mont_power(&s->m, s->a, 1, &base, &exp, s->power);
	vtpm2_mont_leave(&s->m, s->a, s->a);
	scalars_store(s, out);
	return scalars_end(s, 0);
}
