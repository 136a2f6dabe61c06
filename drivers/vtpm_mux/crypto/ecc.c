// SPDX-License-Identifier: GPL-2.0
/*
 * Elliptic curves: point multiplication and ECDSA.
 *
 * Points are projective: (X : Y : Z) is the point (X / Z, Y / Z), Z = 0 the
 * one at infinity. They are added by the complete formulas of Renes, Costello
 * and Batina ("Complete addition formulas for prime order elliptic curves",
 * algorithm 4 for a = -3 and algorithm 7 for a = 0). These are right for every
 * pair of points of a curve of prime order, equal ones and infinity too, so
 * that one straight sequence of operations does it all: there is no case to
 * leak, and no scalar for which the multiplication is wrong.
 */
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/minmax.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "../tpm2/crypto.h"
#include "../tpm2/types.h"
#include "bn.h"

#define ECC_LIMBS	10	/* BN-P638 */

struct ecc_xyz {
	u64 x[ECC_LIMBS];
	u64 y[ECC_LIMBS];
	u64 z[ECC_LIMBS];
};

/**
 * struct ecc_term - a scalar and a point to be multiplied
 * @scalar: the scalar
 * @table: multiples of the point, 0 to VTPM2_BN_POWERS - 1; Montgomery form
 */
struct ecc_term {
	u64 scalar[ECC_LIMBS];
	struct ecc_xyz table[VTPM2_BN_POWERS];
};

/**
 * struct ecc - one operation on a curve
 * @curve: its parameters
 * @bits: of the field's prime and of the order
 * @size: bytes of a coordinate or scalar
 * @len: limbs of it
 * @field: arithmetic modulo the field's prime
 * @order: arithmetic modulo the order of the group
 * @b: the curve's b, or 3 b for algorithm 7; Montgomery form
 * @gx: base point
 * @gy: base point
 * @term: scalars and points
 * @point: result of ecc_multiply()
 * @x: its affine x, or another plain number
 * @y: its affine y
 * @t: scratch space of ecc_add() and others
 * @sum: scratch space of ecc_add()
 * @power: scratch space of ecc_invert()
 */
struct ecc {
	const struct vtpm2_curve *curve;
	unsigned int bits;
	unsigned int size;
	unsigned int len;
	struct vtpm2_mont field;
	struct vtpm2_mont order;
	u64 b[ECC_LIMBS];
	u64 gx[ECC_LIMBS];
	u64 gy[ECC_LIMBS];
	struct ecc_term term[2];
	struct ecc_xyz point;
	u64 x[ECC_LIMBS];
	u64 y[ECC_LIMBS];
	u64 t[5][ECC_LIMBS];
	struct ecc_xyz sum;
	u64 power[VTPM2_BN_POWERS * ECC_LIMBS];
};

static inline void fe_mul(struct ecc *e, u64 *r, const u64 *a, const u64 *b)
{
	vtpm2_mont_mul(&e->field, r, a, b);
}

static inline void fe_add(struct ecc *e, u64 *r, const u64 *a, const u64 *b)
{
	vtpm2_mont_add(&e->field, r, a, b);
}

static inline void fe_sub(struct ecc *e, u64 *r, const u64 *a, const u64 *b)
{
	vtpm2_mont_sub(&e->field, r, a, b);
}

static void ecc_load_number(struct ecc *e, u64 *r, const u8 *in)
{
	vtpm2_bn_load(r, e->len, in, e->size);
}

static int ecc_start(struct ecc **ecc, u16 id)
{
	const struct vtpm2_curve *curve = vtpm2_curve_find(id);
	struct ecc *e;

	if (!curve)
		return -EOPNOTSUPP;
	e = kvzalloc(sizeof(*e), GFP_KERNEL);
	if (!e)
		return -ENOMEM;
	e->curve = curve;
	e->bits = curve->bits;
	e->size = curve->size;
	e->len = DIV_ROUND_UP(e->size, sizeof(u64));
	ecc_load_number(e, e->x, curve->p);
	vtpm2_mont_init(&e->field, e->x, e->len);
	ecc_load_number(e, e->x, curve->n);
	vtpm2_mont_init(&e->order, e->x, e->len);
	ecc_load_number(e, e->gx, curve->gx);
	ecc_load_number(e, e->gy, curve->gy);
	ecc_load_number(e, e->x, curve->b);
	vtpm2_mont_enter(&e->field, e->x, e->x);
	memcpy(e->b, e->x, sizeof(e->b));
	if (curve->a_zero) {
		fe_add(e, e->b, e->b, e->x);
		fe_add(e, e->b, e->b, e->x);
	}
	*ecc = e;
	return 0;
}

static void ecc_end(struct ecc *e)
{
	kvfree_sensitive(e, sizeof(*e));
}

/*
 * @r = @p + @q; the steps and names are those of the paper. Both algorithms
 * begin with the same products of the coordinates.
 */
static void ecc_products(struct ecc *e, const struct ecc_xyz *p,
			 const struct ecc_xyz *q)
{
	u64 *t0 = e->t[0], *t1 = e->t[1], *t2 = e->t[2], *t3 = e->t[3];
	u64 *t4 = e->t[4], *x3 = e->sum.x, *y3 = e->sum.y;

	fe_mul(e, t0, p->x, q->x);
	fe_mul(e, t1, p->y, q->y);
	fe_mul(e, t2, p->z, q->z);
	fe_add(e, t3, p->x, p->y);
	fe_add(e, t4, q->x, q->y);
	fe_mul(e, t3, t3, t4);
	fe_add(e, t4, t0, t1);
	fe_sub(e, t3, t3, t4);
	fe_add(e, t4, p->y, p->z);
	fe_add(e, x3, q->y, q->z);
	fe_mul(e, t4, t4, x3);
	fe_add(e, x3, t1, t2);
	fe_sub(e, t4, t4, x3);
	fe_add(e, x3, p->x, p->z);
	fe_add(e, y3, q->x, q->z);
	fe_mul(e, x3, x3, y3);
	fe_add(e, y3, t0, t2);
	fe_sub(e, y3, x3, y3);
}

/* Algorithm 4, from step 19 on */
static void ecc_add_minus3(struct ecc *e)
{
	u64 *t0 = e->t[0], *t1 = e->t[1], *t2 = e->t[2], *t3 = e->t[3];
	u64 *t4 = e->t[4], *x3 = e->sum.x, *y3 = e->sum.y, *z3 = e->sum.z;

	fe_mul(e, z3, e->b, t2);
	fe_sub(e, x3, y3, z3);
	fe_add(e, z3, x3, x3);
	fe_add(e, x3, x3, z3);
	fe_sub(e, z3, t1, x3);
	fe_add(e, x3, t1, x3);
	fe_mul(e, y3, e->b, y3);
	fe_add(e, t1, t2, t2);
	fe_add(e, t2, t1, t2);
	fe_sub(e, y3, y3, t2);
	fe_sub(e, y3, y3, t0);
	fe_add(e, t1, y3, y3);
	fe_add(e, y3, t1, y3);
	fe_add(e, t1, t0, t0);
	fe_add(e, t0, t1, t0);
	fe_sub(e, t0, t0, t2);
	fe_mul(e, t1, t4, y3);
	fe_mul(e, t2, t0, y3);
	fe_mul(e, y3, x3, z3);
	fe_add(e, y3, y3, t2);
	fe_mul(e, x3, t3, x3);
	fe_sub(e, x3, x3, t1);
	fe_mul(e, z3, t4, z3);
	fe_mul(e, t1, t3, t0);
	fe_add(e, z3, z3, t1);
}

/* Algorithm 7, from step 19 on */
static void ecc_add_zero(struct ecc *e)
{
	u64 *t0 = e->t[0], *t1 = e->t[1], *t2 = e->t[2], *t3 = e->t[3];
	u64 *t4 = e->t[4], *x3 = e->sum.x, *y3 = e->sum.y, *z3 = e->sum.z;

	fe_add(e, x3, t0, t0);
	fe_add(e, t0, x3, t0);
	fe_mul(e, t2, e->b, t2);
	fe_add(e, z3, t1, t2);
	fe_sub(e, t1, t1, t2);
	fe_mul(e, y3, e->b, y3);
	fe_mul(e, x3, t4, y3);
	fe_mul(e, t2, t3, t1);
	fe_sub(e, x3, t2, x3);
	fe_mul(e, y3, y3, t0);
	fe_mul(e, t1, t1, z3);
	fe_add(e, y3, t1, y3);
	fe_mul(e, t0, t0, t3);
	fe_mul(e, z3, z3, t4);
	fe_add(e, z3, z3, t0);
}

static void ecc_add(struct ecc *e, struct ecc_xyz *r, const struct ecc_xyz *p,
		    const struct ecc_xyz *q)
{
	ecc_products(e, p, q);
	if (e->curve->a_zero)
		ecc_add_zero(e);
	else
		ecc_add_minus3(e);
	*r = e->sum;
}

/* @r = 1 / @a modulo a prime, in Montgomery form: @a^(prime - 2) */
static void ecc_invert(struct ecc *e, struct vtpm2_mont *m, u64 *r,
		       const u64 *a)
{
	const u64 *exp = e->t[0];

	vtpm2_bn_sub_word(e->t[0], m->m, 2, e->len);
	vtpm2_mont_power(m, r, 1, &a, &exp, e->power);
}

/* Make the point (@x, @y), known to be on the curve, that of a term. */
static void ecc_set_point(struct ecc *e, struct ecc_term *term, const u64 *x,
			  const u64 *y)
{
	struct ecc_xyz *p = &term->table[1];
	unsigned int i;

	/* Infinity, (0 : 1 : 0) */
	memset(&term->table[0], 0, sizeof(term->table[0]));
	memcpy(term->table[0].y, e->field.one, e->len * sizeof(u64));

	/* A random Z, so that no two multiplications see the same numbers. */
	vtpm2_random(p->z, e->len * sizeof(u64));
	vtpm2_mont_enter(&e->field, p->z, p->z);
	vtpm2_mont_enter(&e->field, p->x, x);
	fe_mul(e, p->x, p->x, p->z);
	vtpm2_mont_enter(&e->field, p->y, y);
	fe_mul(e, p->y, p->y, p->z);
	for (i = 2; i < VTPM2_BN_POWERS; i++)
		ecc_add(e, &term->table[i], &term->table[i - 1], p);
}

/* e->point = the sum of scalar * point over the first @terms terms */
static void ecc_multiply(struct ecc *e, unsigned int terms)
{
	unsigned int windows = DIV_ROUND_UP(e->bits, VTPM2_BN_WINDOW);
	struct ecc_xyz *sum = &e->point;
	struct ecc_xyz *pick = (struct ecc_xyz *)e->power;
	unsigned int i;

	BUILD_BUG_ON(sizeof(*pick) > sizeof(e->power));
	BUILD_BUG_ON(sizeof(*pick) != 3 * ECC_LIMBS * sizeof(u64));
	*sum = e->term[0].table[0];
	while (windows--) {
		for (i = 0; i < VTPM2_BN_WINDOW; i++)
			ecc_add(e, sum, sum, sum);
		for (i = 0; i < terms; i++) {
			vtpm2_bn_lookup((u64 *)pick,
					(u64 *)e->term[i].table,
					vtpm2_bn_window(e->term[i].scalar,
							windows),
					sizeof(*pick) / sizeof(u64));
			ecc_add(e, sum, sum, pick);
		}
		cond_resched();
	}
}

/* e->x and e->y: the affine coordinates of e->point */
static void ecc_affine(struct ecc *e)
{
	u64 *inverse = e->point.z;

	ecc_invert(e, &e->field, inverse, e->point.z);
	fe_mul(e, e->x, e->point.x, inverse);
	fe_mul(e, e->y, e->point.y, inverse);
	vtpm2_mont_leave(&e->field, e->x, e->x);
	vtpm2_mont_leave(&e->field, e->y, e->y);
}

/* e->x and e->y = @x and @y, if that is a point of the curve */
static int ecc_load_point(struct ecc *e, const u8 *x, const u8 *y)
{
	u64 *mx = e->t[0], *my = e->t[1], *t = e->t[2];
	unsigned int i;
	u64 good;

	ecc_load_number(e, e->x, x);
	ecc_load_number(e, e->y, y);
	good = vtpm2_bn_less(e->x, e->field.m, e->len) &
	       vtpm2_bn_less(e->y, e->field.m, e->len);

	/* y^2 = x^3 + a x + b, or 3 (y^2 - x^3) = 3 b */
	vtpm2_mont_enter(&e->field, mx, e->x);
	vtpm2_mont_enter(&e->field, my, e->y);
	fe_mul(e, my, my, my);
	fe_mul(e, t, mx, mx);
	fe_mul(e, t, t, mx);
	fe_sub(e, my, my, t);
	if (e->curve->a_zero) {
		fe_add(e, t, my, my);
		fe_add(e, my, my, t);
	}
	for (i = 0; !e->curve->a_zero && i < 3; i++)
		fe_add(e, my, my, mx);
	good &= vtpm2_bn_equal(my, e->b, e->len);
	/* Points come from outside; whether they are good is no secret. */
	return vtpm2_bn_decide(good) ? 0 : -EINVAL;
}

/* Is 0 < @a < the order? A scalar that fails is refused or drawn again. */
static bool ecc_scalar_valid(struct ecc *e, const u64 *a)
{
	return vtpm2_bn_decide(vtpm2_bn_less(a, e->order.m, e->len) &
			       ~vtpm2_bn_zero(a, e->len));
}

static int ecc_load_scalar(struct ecc *e, u64 *r, const u8 *scalar)
{
	vtpm2_bn_load(r, e->len, scalar, e->size);
	return ecc_scalar_valid(e, r) ? 0 : -EINVAL;
}

/* A uniform random scalar: FIPS 186-5, A.2.2 */
static void ecc_random_scalar(struct ecc *e, u64 *r)
{
	unsigned int spare = 64 * e->len - e->bits;

	do {
		vtpm2_random(r, e->len * sizeof(u64));
		r[e->len - 1] >>= spare;
	} while (!ecc_scalar_valid(e, r));
}

static void ecc_store(struct ecc *e, u8 *out, const u64 *a)
{
	vtpm2_bn_store(out, e->size, a, e->len);
}

/* (@x, @y) = the first term's scalar times (@px, @py) */
static void ecc_multiply_point(struct ecc *e, const u64 *px, const u64 *py,
			       u8 *x, u8 *y)
{
	ecc_set_point(e, &e->term[0], px, py);
	ecc_multiply(e, 1);
	ecc_affine(e);
	ecc_store(e, x, e->x);
	ecc_store(e, y, e->y);
}

int vtpm2_ecc_public(u16 curve, const u8 *d, u8 *x, u8 *y)
{
	struct ecc *e;
	int ret;

	ret = ecc_start(&e, curve);
	if (ret)
		return ret;
	ret = ecc_load_scalar(e, e->term[0].scalar, d);
	if (!ret)
		ecc_multiply_point(e, e->gx, e->gy, x, y);
	ecc_end(e);
	return ret;
}

int vtpm2_ecc_generate(u16 curve, u8 *d, u8 *x, u8 *y)
{
	struct ecc *e;
	int ret;

	ret = ecc_start(&e, curve);
	if (ret)
		return ret;
	ecc_random_scalar(e, e->term[0].scalar);
	ecc_store(e, d, e->term[0].scalar);
	ecc_multiply_point(e, e->gx, e->gy, x, y);
	ecc_end(e);
	return 0;
}

/* FIPS 186-4, B.4.1: d = c mod (n - 1) + 1 */
int vtpm2_ecc_derive(u16 curve, const u8 *c, u8 *d, u8 *x, u8 *y)
{
	u64 wide[ECC_LIMBS + 1];
	u64 *scalar, *less;
	struct ecc *e;
	int ret;

	ret = ecc_start(&e, curve);
	if (ret)
		return ret;
	scalar = e->term[0].scalar;
	less = e->t[0];
	vtpm2_bn_load(wide, e->len + 1, c, e->size + VTPM2_ECC_EXTRA);
	vtpm2_bn_sub_word(less, e->order.m, 1, e->len);
	vtpm2_bn_mod(scalar, wide, e->len + 1, less, e->t[1], e->len);
	memset(less, 0, sizeof(e->t[0]));
	less[0] = 1;
	vtpm2_bn_add(scalar, scalar, less, e->len);
	ecc_store(e, d, scalar);
	ecc_multiply_point(e, e->gx, e->gy, x, y);
	ecc_end(e);
	memzero_explicit(wide, sizeof(wide));
	return 0;
}

int vtpm2_ecc_check_point(u16 curve, const u8 *x, const u8 *y)
{
	struct ecc *e;
	int ret;

	ret = ecc_start(&e, curve);
	if (ret)
		return ret;
	ret = ecc_load_point(e, x, y);
	ecc_end(e);
	return ret;
}

int vtpm2_ecc_mul(u16 curve, const u8 *d, const u8 *x, const u8 *y,
		  u8 *zx, u8 *zy)
{
	struct ecc *e;
	int ret;

	ret = ecc_start(&e, curve);
	if (ret)
		return ret;
	ret = ecc_load_point(e, x, y);
	if (!ret)
		ret = ecc_load_scalar(e, e->term[0].scalar, d);
	if (!ret)
		ecc_multiply_point(e, e->x, e->y, zx, zy);
	ecc_end(e);
	return ret;
}

/* Is there a result that has coordinates? (@x, @y) = e->point */
static int ecc_store_point(struct ecc *e, u8 *x, u8 *y)
{
	/* Of the caller's operands: he learns it anyway. */
	if (vtpm2_bn_decide(vtpm2_bn_zero(e->point.z, e->len)))
		return -EINVAL;
	ecc_affine(e);
	ecc_store(e, x, e->x);
	ecc_store(e, y, e->y);
	return 0;
}

/* A scalar that may be 0 */
static int ecc_load_factor(struct ecc *e, u64 *r, const u8 *scalar)
{
	ecc_load_number(e, r, scalar);
	return vtpm2_bn_decide(vtpm2_bn_less(r, e->order.m, e->len)) ?
		0 : -EINVAL;
}

int vtpm2_ecc_mul2(u16 curve, const u8 *u, const u8 *v, const u8 *x,
		   const u8 *y, u8 *zx, u8 *zy)
{
	struct ecc *e;
	int ret;

	ret = ecc_start(&e, curve);
	if (ret)
		return ret;
	ret = ecc_load_point(e, x, y);
	if (!ret)
		ret = ecc_load_factor(e, e->term[0].scalar, u);
	if (!ret)
		ret = ecc_load_factor(e, e->term[1].scalar, v);
	if (!ret) {
		ecc_set_point(e, &e->term[0], e->gx, e->gy);
		ecc_set_point(e, &e->term[1], e->x, e->y);
		ecc_multiply(e, 2);
		ret = ecc_store_point(e, zx, zy);
	}
	ecc_end(e);
	return ret;
}

int vtpm2_ecc_add(u16 curve, const u8 *x, const u8 *y, u8 *zx, u8 *zy)
{
	struct ecc *e;
	int ret;

	ret = ecc_start(&e, curve);
	if (ret)
		return ret;
	ret = ecc_load_point(e, x, y);
	if (!ret) {
		ecc_set_point(e, &e->term[0], e->x, e->y);
		ret = ecc_load_point(e, zx, zy);
	}
	if (!ret) {
		ecc_set_point(e, &e->term[1], e->x, e->y);
		ecc_add(e, &e->point, &e->term[0].table[1],
			&e->term[1].table[1]);
		ret = ecc_store_point(e, zx, zy);
	}
	ecc_end(e);
	return ret;
}

/* @r = @a modulo the order; @a is less than twice the order. */
static void ecc_reduce(struct ecc *e, u64 *r, const u64 *a)
{
	u64 *less = e->t[4];
	u64 borrow;

	borrow = vtpm2_bn_sub(less, a, e->order.m, e->len);
	vtpm2_bn_select(r, -borrow, a, less, e->len);
}

/* @r = the leftmost bits of @digest, as many as the order has, modulo it */
static void ecdsa_load_digest(struct ecc *e, u64 *r, const u8 *digest,
			      size_t len)
{
	unsigned int bits;

	len = min_t(size_t, len, e->size);
	bits = 8 * len;
	vtpm2_bn_load(r, e->len, digest, len);
	if (bits > e->bits)
		vtpm2_bn_shift_right(r, r, bits - e->bits, e->len);
	ecc_reduce(e, r, r);
}

/*
 * One try with a new secret scalar k: r = x(k G), s = (z + r d) / k. False if
 * one of them is 0; then the scalar is forgotten.
 */
static bool ecdsa_try(struct ecc *e, const u64 *d, const u64 *z)
{
	struct vtpm2_mont *m = &e->order;
	u64 *k = e->term[0].scalar;
	u64 *r = e->x, *s = e->y;

	ecc_random_scalar(e, k);
	ecc_set_point(e, &e->term[0], e->gx, e->gy);
	ecc_multiply(e, 1);
	ecc_affine(e);
	ecc_reduce(e, r, e->x);

	vtpm2_mont_enter(m, s, r);
	vtpm2_mont_mul(m, s, s, d);
	vtpm2_mont_add(m, s, s, z);
	vtpm2_mont_enter(m, k, k);
	ecc_invert(e, m, k, k);
	vtpm2_mont_mul(m, s, s, k);
	return ecc_scalar_valid(e, r) && ecc_scalar_valid(e, s);
}

int vtpm2_ecdsa_sign(u16 curve, const u8 *d, const u8 *digest, size_t len,
		     u8 *r, u8 *s)
{
	u64 *scalar, *z;
	struct ecc *e;
	int ret;

	ret = ecc_start(&e, curve);
	if (ret)
		return ret;
	/* The second term is not used otherwise. */
	scalar = e->term[1].table[0].x;
	z = e->term[1].table[0].y;
	ret = ecc_load_scalar(e, scalar, d);
	if (!ret) {
		ecdsa_load_digest(e, z, digest, len);
		while (!ecdsa_try(e, scalar, z))
			;
		ecc_store(e, r, e->x);
		ecc_store(e, s, e->y);
	}
	ecc_end(e);
	return ret;
}

/* x(z / s G + r / s Q) = r, for term[0] = (z, G) and term[1] = (r, Q)? */
static bool ecdsa_equation(struct ecc *e, const u64 *r, u64 *s)
{
	struct vtpm2_mont *m = &e->order;
	u64 *u1 = e->term[0].scalar, *u2 = e->term[1].scalar;

	vtpm2_mont_enter(m, s, s);
	ecc_invert(e, m, s, s);
	vtpm2_mont_mul(m, u1, u1, s);
	vtpm2_mont_mul(m, u2, r, s);
	ecc_multiply(e, 2);
	/* All of this is public. */
	if (vtpm2_bn_decide(vtpm2_bn_zero(e->point.z, e->len)))
		return false;
	ecc_affine(e);
	ecc_reduce(e, e->x, e->x);
	return vtpm2_bn_decide(vtpm2_bn_equal(e->x, r, e->len));
}

int vtpm2_ecdsa_verify(u16 curve, const u8 *x, const u8 *y,
		       const u8 *digest, size_t len, const u8 *r, const u8 *s)
{
	u64 nr[ECC_LIMBS], ns[ECC_LIMBS];
	struct ecc *e;
	int ret;

	ret = ecc_start(&e, curve);
	if (ret)
		return ret;
	ret = ecc_load_point(e, x, y);
	if (ret)
		goto out;
	ecc_set_point(e, &e->term[0], e->gx, e->gy);
	ecc_set_point(e, &e->term[1], e->x, e->y);
	ecdsa_load_digest(e, e->term[0].scalar, digest, len);
	if (ecc_load_scalar(e, nr, r) || ecc_load_scalar(e, ns, s) ||
	    !ecdsa_equation(e, nr, ns))
		ret = -EBADMSG;
out:
	ecc_end(e);
	return ret;
}
