// SPDX-License-Identifier: GPL-2.0
/*
 * The engine's cryptographic primitives over OpenSSL's libcrypto, for tests
 * in user space. All randomness comes from get_random_bytes(), so that a test
 * that sets hosted_random can be repeated exactly.
 */
#define OPENSSL_SUPPRESS_DEPRECATED

#include <openssl/aes.h>
#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/obj_mac.h>
#include <openssl/rand.h>
#include <openssl/sha.h>

#include <linux/bug.h>
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/random.h>
#include <linux/string.h>

#include "../../drivers/vtpm_mux/tpm2/crypto.h"
#include "../../drivers/vtpm_mux/tpm2/types.h"

static int random_bytes(unsigned char *buf, int len)
{
	get_random_bytes(buf, len);
	return 1;
}

static int random_status(void)
{
	return 1;
}

__attribute__((constructor)) static void crypto_setup(void)
{
	static const RAND_METHOD method = {
		.bytes = random_bytes,
		.pseudorand = random_bytes,
		.status = random_status,
	};

	BUG_ON(!RAND_set_rand_method(&method));
}

void vtpm2_random(void *buf, size_t len)
{
	get_random_bytes(buf, len);
}

/* Hashes: the old interface has plain structures, which may be copied. */

u16 vtpm2_digest_size(u16 alg)
{
	switch (alg) {
	case TPM2_ALG_SHA1:
		return SHA_DIGEST_LENGTH;
	case TPM2_ALG_SHA256:
		return SHA256_DIGEST_LENGTH;
	case TPM2_ALG_SHA384:
		return SHA384_DIGEST_LENGTH;
	case TPM2_ALG_SHA512:
		return SHA512_DIGEST_LENGTH;
	default:
		return 0;
	}
}

u16 vtpm2_hash_block_size(u16 alg)
{
	switch (alg) {
	case TPM2_ALG_SHA1:
	case TPM2_ALG_SHA256:
		return SHA_CBLOCK;
	case TPM2_ALG_SHA384:
	case TPM2_ALG_SHA512:
		return SHA512_CBLOCK;
	default:
		return 0;
	}
}

static_assert(sizeof(SHA512_CTX) <= VTPM2_HASH_EXPORT);
static_assert(VTPM2_HASH_EXPORT <= VTPM2_HASH_STATE);

void vtpm2_hash_init(struct vtpm2_hash *h, u16 alg)
{
	memset(h, 0, sizeof(*h));
	h->alg = alg;
	switch (alg) {
	case TPM2_ALG_SHA1:
		SHA1_Init((void *)h->state);
		break;
	case TPM2_ALG_SHA256:
		SHA256_Init((void *)h->state);
		break;
	case TPM2_ALG_SHA384:
		SHA384_Init((void *)h->state);
		break;
	case TPM2_ALG_SHA512:
		SHA512_Init((void *)h->state);
		break;
	default:
		BUG();
	}
}

void vtpm2_hash_update(struct vtpm2_hash *h, const void *data, size_t len)
{
	switch (h->alg) {
	case TPM2_ALG_SHA1:
		SHA1_Update((void *)h->state, data, len);
		break;
	case TPM2_ALG_SHA256:
		SHA256_Update((void *)h->state, data, len);
		break;
	case TPM2_ALG_SHA384:
	case TPM2_ALG_SHA512:
		SHA512_Update((void *)h->state, data, len);
		break;
	default:
		BUG();
	}
}

void vtpm2_hash_final(struct vtpm2_hash *h, u8 *digest)
{
	switch (h->alg) {
	case TPM2_ALG_SHA1:
		SHA1_Final(digest, (void *)h->state);
		break;
	case TPM2_ALG_SHA256:
		SHA256_Final(digest, (void *)h->state);
		break;
	case TPM2_ALG_SHA384:
	case TPM2_ALG_SHA512:
		SHA512_Final(digest, (void *)h->state);
		break;
	default:
		BUG();
	}
	memzero_explicit(h, sizeof(*h));
}

void vtpm2_hash_export(const struct vtpm2_hash *h, u8 *state)
{
	memcpy(state, h->state, VTPM2_HASH_EXPORT);
}

/*
 * The kernel's forms of a state say no more than how many bytes were hashed.
 * OpenSSL's also have where in the block the next one goes, and it is believed.
 */
void vtpm2_hash_import(struct vtpm2_hash *h, u16 alg, const u8 *state)
{
	unsigned int block = vtpm2_hash_block_size(alg);

	vtpm2_hash_init(h, alg);
	memcpy(h->state, state, VTPM2_HASH_EXPORT);
	if (alg == TPM2_ALG_SHA1)
		((SHA_CTX *)h->state)->num %= block;
	else if (alg == TPM2_ALG_SHA256)
		((SHA256_CTX *)h->state)->num %= block;
	else
		((SHA512_CTX *)h->state)->num %= block;
}

/* AES */

struct aes_keys {
	AES_KEY encrypt, decrypt;
};

static_assert(sizeof(struct aes_keys) <= sizeof(struct vtpm2_aes));

int vtpm2_aes_setkey(struct vtpm2_aes *aes, const u8 *key, u16 bits)
{
	struct aes_keys *keys = (void *)aes->state;

	if (bits != 128 && bits != 192 && bits != 256)
		return -EINVAL;
	AES_set_encrypt_key(key, bits, &keys->encrypt);
	AES_set_decrypt_key(key, bits, &keys->decrypt);
	return 0;
}

void vtpm2_aes_encrypt(const struct vtpm2_aes *aes, u8 *out, const u8 *in)
{
	const struct aes_keys *keys = (const void *)aes->state;

	AES_encrypt(in, out, &keys->encrypt);
}

void vtpm2_aes_decrypt(const struct vtpm2_aes *aes, u8 *out, const u8 *in)
{
	const struct aes_keys *keys = (const void *)aes->state;

	AES_decrypt(in, out, &keys->decrypt);
}

/* RSA */

struct rsa {
	BN_CTX *ctx;
	BIGNUM *n, *e, *p, *q, *d, *in, *out, *t;
};

static void rsa_free(struct rsa *r)
{
	BN_CTX_end(r->ctx);
	BN_CTX_free(r->ctx);
}

static bool rsa_valid(const u8 *n, size_t len, u32 exponent)
{
	return len >= 128 && len <= VTPM2_MAX_RSA && len % 16 == 0 &&
	       (n[len - 1] & 1) && exponent >= 3 && (exponent & 1);
}

static int rsa_load(struct rsa *r, const u8 *n, size_t len, u32 exponent)
{
	if (!rsa_valid(n, len, exponent))
		return -EINVAL;
	r->ctx = BN_CTX_secure_new();
	BN_CTX_start(r->ctx);
	r->n = BN_CTX_get(r->ctx);
	r->e = BN_CTX_get(r->ctx);
	r->p = BN_CTX_get(r->ctx);
	r->q = BN_CTX_get(r->ctx);
	r->d = BN_CTX_get(r->ctx);
	r->in = BN_CTX_get(r->ctx);
	r->out = BN_CTX_get(r->ctx);
	r->t = BN_CTX_get(r->ctx);
	BUG_ON(!r->t || !BN_bin2bn(n, len, r->n) || !BN_set_word(r->e, exponent));
	return 0;
}

/* q = n / p, d = 1 / e mod (p - 1)(q - 1) */
static int rsa_load_prime(struct rsa *r, size_t len, const u8 *p)
{
	BUG_ON(!BN_bin2bn(p, len / 2, r->p));
	if (BN_is_zero(r->p) || BN_is_one(r->p))
		return -EINVAL;
	BN_div(r->q, r->t, r->n, r->p, r->ctx);
	if (!BN_is_zero(r->t) || (size_t)BN_num_bytes(r->q) > len / 2 ||
	    BN_is_one(r->q) || !BN_cmp(r->p, r->q))
		return -EINVAL;
	BN_sub_word(r->p, 1);
	BN_sub_word(r->q, 1);
	BN_mul(r->t, r->p, r->q, r->ctx);
	return BN_mod_inverse(r->d, r->e, r->t, r->ctx) ? 0 : -EINVAL;
}

int vtpm2_rsa_public(const u8 *n, size_t len, u32 exponent, const u8 *in,
		     u8 *out)
{
	struct rsa r;
	int ret;

	ret = rsa_load(&r, n, len, exponent);
	if (ret)
		return ret;
	BN_bin2bn(in, len, r.in);
	ret = -EINVAL;
	if (BN_cmp(r.in, r.n) < 0) {
		BN_mod_exp(r.out, r.in, r.e, r.n, r.ctx);
		BN_bn2binpad(r.out, out, len);
		ret = 0;
	}
	rsa_free(&r);
	return ret;
}

int vtpm2_rsa_private(const u8 *n, size_t len, u32 exponent, const u8 *p,
		      const u8 *in, u8 *out)
{
	struct rsa r;
	int ret;

	ret = rsa_load(&r, n, len, exponent);
	if (ret)
		return ret;
	BN_bin2bn(in, len, r.in);
	ret = rsa_load_prime(&r, len, p);
	if (!ret && BN_cmp(r.in, r.n) >= 0)
		ret = -EINVAL;
	if (!ret) {
		BN_mod_exp(r.out, r.in, r.d, r.n, r.ctx);
		BN_mod_exp(r.t, r.out, r.e, r.n, r.ctx);
		if (BN_cmp(r.t, r.in))
			ret = -EINVAL;
		else
			BN_bn2binpad(r.out, out, len);
	}
	rsa_free(&r);
	return ret;
}

int vtpm2_rsa_check(const u8 *n, size_t len, u32 exponent, const u8 *p)
{
	struct rsa r;
	int ret;

	ret = rsa_load(&r, n, len, exponent);
	if (ret)
		return ret;
	ret = rsa_load_prime(&r, len, p);
	rsa_free(&r);
	return ret;
}

int vtpm2_rsa_generate(u16 bits, u32 exponent, u8 *n, u8 *p)
{
	static const u8 odd[VTPM2_MAX_RSA] = { [0 ... VTPM2_MAX_RSA - 1] = 1 };
	size_t len = bits / 8;
	struct rsa r;
	int ret;

	if (bits % 8)
		return -EINVAL;
	ret = rsa_load(&r, odd, len, exponent);
	if (ret)
		return ret;
	do {
		BN_generate_prime_ex(r.p, bits / 2, 0, NULL, NULL, NULL);
		BN_generate_prime_ex(r.q, bits / 2, 0, NULL, NULL, NULL);
		BN_mul(r.n, r.p, r.q, r.ctx);
		BN_bn2binpad(r.n, n, len);
		BN_bn2binpad(r.p, p, len / 2);
	} while (vtpm2_rsa_check(n, len, exponent, p));
	rsa_free(&r);
	return 0;
}

/* ECC */

struct ecc {
	const EC_GROUP *group;
	const BIGNUM *prime, *order;
	size_t size;
	BN_CTX *ctx;
	BIGNUM *x, *y, *d;
	EC_POINT *point;
};

static int ecc_nid(u16 curve)
{
	switch (curve) {
	case TPM2_ECC_NIST_P192:
		return NID_X9_62_prime192v1;
	case TPM2_ECC_NIST_P224:
		return NID_secp224r1;
	case TPM2_ECC_NIST_P256:
		return NID_X9_62_prime256v1;
	case TPM2_ECC_NIST_P384:
		return NID_secp384r1;
	case TPM2_ECC_NIST_P521:
		return NID_secp521r1;
	case TPM2_ECC_SM2_P256:
		return NID_sm2;
	default:
		return NID_undef;
	}
}

/* One that OpenSSL does not know: the BN curves, where a = 0 */
static EC_GROUP *ecc_group(const struct vtpm2_curve *c)
{
	BIGNUM *p = BN_bin2bn(c->p, c->size, NULL), *a = BN_new();
	BIGNUM *b = BN_bin2bn(c->b, c->size, NULL);
	BIGNUM *x = BN_bin2bn(c->gx, c->size, NULL);
	BIGNUM *y = BN_bin2bn(c->gy, c->size, NULL);
	BIGNUM *n = BN_bin2bn(c->n, c->size, NULL);
	EC_GROUP *group;
	EC_POINT *g;

	BUG_ON(!c->a_zero || !a || !n);
	group = EC_GROUP_new_curve_GFp(p, a, b, NULL);
	g = EC_POINT_new(group);
	BUG_ON(!EC_POINT_set_affine_coordinates(group, g, x, y, NULL) ||
	       !EC_GROUP_set_generator(group, g, n, BN_value_one()));
	EC_POINT_free(g);
	BN_free(p);
	BN_free(a);
	BN_free(b);
	BN_free(x);
	BN_free(y);
	BN_free(n);
	return group;
}

static int ecc_start(struct ecc *e, u16 curve)
{
	static EC_GROUP *groups[TPM2_ECC_SM2_P256 + 1];

	e->size = vtpm2_ecc_size(curve);
	if (!e->size)
		return -EOPNOTSUPP;
	if (!groups[curve])
		groups[curve] = ecc_nid(curve) ?
			EC_GROUP_new_by_curve_name(ecc_nid(curve)) :
			ecc_group(vtpm2_curve_find(curve));
	e->group = groups[curve];
	e->prime = EC_GROUP_get0_field(e->group);
	e->order = EC_GROUP_get0_order(e->group);
	e->ctx = BN_CTX_secure_new();
	BN_CTX_start(e->ctx);
	e->x = BN_CTX_get(e->ctx);
	e->y = BN_CTX_get(e->ctx);
	e->d = BN_CTX_get(e->ctx);
	e->point = EC_POINT_new(e->group);
	BUG_ON(!e->d || !e->point);
	return 0;
}

static int ecc_end(struct ecc *e, int ret)
{
	EC_POINT_clear_free(e->point);
	BN_CTX_end(e->ctx);
	BN_CTX_free(e->ctx);
	return ret;
}

static int ecc_load_point(struct ecc *e, const u8 *x, const u8 *y)
{
	BN_bin2bn(x, e->size, e->x);
	BN_bin2bn(y, e->size, e->y);
	if (BN_cmp(e->x, e->prime) >= 0 || BN_cmp(e->y, e->prime) >= 0 ||
	    !EC_POINT_set_affine_coordinates(e->group, e->point, e->x, e->y,
					     e->ctx))
		return -EINVAL;
	return 0;
}

static int ecc_load_scalar(struct ecc *e, const u8 *d)
{
	BN_bin2bn(d, e->size, e->d);
	return BN_is_zero(e->d) || BN_cmp(e->d, e->order) >= 0 ? -EINVAL : 0;
}

static void ecc_store_point(struct ecc *e, u8 *x, u8 *y)
{
	BUG_ON(!EC_POINT_get_affine_coordinates(e->group, e->point, e->x, e->y,
						e->ctx));
	BN_bn2binpad(e->x, x, e->size);
	BN_bn2binpad(e->y, y, e->size);
}

int vtpm2_ecc_public(u16 curve, const u8 *d, u8 *x, u8 *y)
{
	struct ecc e;
	int ret;

	ret = ecc_start(&e, curve);
	if (ret)
		return ret;
	ret = ecc_load_scalar(&e, d);
	if (!ret) {
		EC_POINT_mul(e.group, e.point, e.d, NULL, NULL, e.ctx);
		ecc_store_point(&e, x, y);
	}
	return ecc_end(&e, ret);
}

int vtpm2_ecc_generate(u16 curve, u8 *d, u8 *x, u8 *y)
{
	struct ecc e;
	int ret;

	ret = ecc_start(&e, curve);
	if (ret)
		return ret;
	do {
		BN_rand_range(e.d, e.order);
	} while (BN_is_zero(e.d));
	BN_bn2binpad(e.d, d, e.size);
	return ecc_end(&e, vtpm2_ecc_public(curve, d, x, y));
}

int vtpm2_ecc_derive(u16 curve, const u8 *c, u8 *d, u8 *x, u8 *y)
{
	BIGNUM *less;
	struct ecc e;
	int ret;

	ret = ecc_start(&e, curve);
	if (ret)
		return ret;
	less = BN_dup(e.order);
	BUG_ON(!less);
	BN_sub_word(less, 1);
	BN_bin2bn(c, e.size + VTPM2_ECC_EXTRA, e.x);
	BN_mod(e.d, e.x, less, e.ctx);
	BN_add_word(e.d, 1);
	BN_bn2binpad(e.d, d, e.size);
	BN_free(less);
	return ecc_end(&e, vtpm2_ecc_public(curve, d, x, y));
}

int vtpm2_ecc_check_point(u16 curve, const u8 *x, const u8 *y)
{
	struct ecc e;
	int ret;

	ret = ecc_start(&e, curve);
	if (ret)
		return ret;
	return ecc_end(&e, ecc_load_point(&e, x, y));
}

int vtpm2_ecc_mul(u16 curve, const u8 *d, const u8 *x, const u8 *y, u8 *zx,
		  u8 *zy)
{
	struct ecc e;
	int ret;

	ret = ecc_start(&e, curve);
	if (ret)
		return ret;
	ret = ecc_load_point(&e, x, y);
	if (!ret)
		ret = ecc_load_scalar(&e, d);
	if (!ret) {
		EC_POINT_mul(e.group, e.point, NULL, e.point, e.d, e.ctx);
		ecc_store_point(&e, zx, zy);
	}
	return ecc_end(&e, ret);
}

int vtpm2_ecdsa_sign(u16 curve, const u8 *d, const u8 *digest, size_t len,
		     u8 *r, u8 *s)
{
	ECDSA_SIG *sig;
	struct ecc e;
	EC_KEY *key;
	int ret;

	ret = ecc_start(&e, curve);
	if (ret)
		return ret;
	ret = ecc_load_scalar(&e, d);
	if (!ret) {
		key = EC_KEY_new();
		EC_KEY_set_group(key, e.group);
		EC_KEY_set_private_key(key, e.d);
		sig = ECDSA_do_sign(digest, len, key);
		BUG_ON(!sig);
		BN_bn2binpad(ECDSA_SIG_get0_r(sig), r, e.size);
		BN_bn2binpad(ECDSA_SIG_get0_s(sig), s, e.size);
		ECDSA_SIG_free(sig);
		EC_KEY_free(key);
	}
	return ecc_end(&e, ret);
}

int vtpm2_ecdsa_verify(u16 curve, const u8 *x, const u8 *y, const u8 *digest,
		       size_t len, const u8 *r, const u8 *s)
{
	ECDSA_SIG *sig;
	struct ecc e;
	EC_KEY *key;
	int ret;

	ret = ecc_start(&e, curve);
	if (ret)
		return ret;
	ret = ecc_load_point(&e, x, y);
	if (!ret) {
		key = EC_KEY_new();
		EC_KEY_set_group(key, e.group);
		EC_KEY_set_public_key(key, e.point);
		sig = ECDSA_SIG_new();
		ECDSA_SIG_set0(sig, BN_bin2bn(r, e.size, NULL),
			       BN_bin2bn(s, e.size, NULL));
		if (ECDSA_do_verify(digest, len, sig, key) != 1)
			ret = -EBADMSG;
		ECDSA_SIG_free(sig);
		EC_KEY_free(key);
	}
	return ecc_end(&e, ret);
}

static int ecc_result(struct ecc *e, u8 *x, u8 *y)
{
	if (EC_POINT_is_at_infinity(e->group, e->point))
		return -EINVAL;
	ecc_store_point(e, x, y);
	return 0;
}

int vtpm2_ecc_mul2(u16 curve, const u8 *u, const u8 *v, const u8 *x,
		   const u8 *y, u8 *zx, u8 *zy)
{
	BIGNUM *factor;
	struct ecc e;
	int ret;

	ret = ecc_start(&e, curve);
	if (ret)
		return ret;
	ret = ecc_load_point(&e, x, y);
	factor = BN_bin2bn(u, e.size, NULL);
	BN_bin2bn(v, e.size, e.d);
	if (BN_cmp(factor, e.order) >= 0 || BN_cmp(e.d, e.order) >= 0)
		ret = -EINVAL;
	if (!ret) {
		EC_POINT_mul(e.group, e.point, factor, e.point, e.d, e.ctx);
		ret = ecc_result(&e, zx, zy);
	}
	BN_free(factor);
	return ecc_end(&e, ret);
}

int vtpm2_ecc_add(u16 curve, const u8 *x, const u8 *y, u8 *zx, u8 *zy)
{
	EC_POINT *other;
	struct ecc e;
	int ret;

	ret = ecc_start(&e, curve);
	if (ret)
		return ret;
	other = EC_POINT_new(e.group);
	ret = ecc_load_point(&e, x, y);
	if (!ret) {
		EC_POINT_copy(other, e.point);
		ret = ecc_load_point(&e, zx, zy);
	}
	if (!ret) {
		EC_POINT_add(e.group, e.point, e.point, other, e.ctx);
		ret = ecc_result(&e, zx, zy);
	}
	EC_POINT_clear_free(other);
	return ecc_end(&e, ret);
}

/* Scalars */

static int scalar_reduce(u16 curve, bool field, const u8 *in, size_t len,
			 u8 *out)
{
	struct ecc e;
	int ret;

	if (len > VTPM2_MAX_REDUCE)
		return -EINVAL;
	ret = ecc_start(&e, curve);
	if (ret)
		return ret;
	BN_bin2bn(in, len, e.x);
	BN_nnmod(e.d, e.x, field ? e.prime : e.order, e.ctx);
	BN_bn2binpad(e.d, out, e.size);
	return ecc_end(&e, 0);
}

int vtpm2_scalar_reduce(u16 curve, const u8 *in, size_t len, u8 *out)
{
	return scalar_reduce(curve, false, in, len, out);
}

int vtpm2_coordinate_reduce(u16 curve, const u8 *in, size_t len, u8 *out)
{
	return scalar_reduce(curve, true, in, len, out);
}

int vtpm2_scalar_mul_add(u16 curve, const u8 *a, const u8 *b, const u8 *c,
			 u8 *out)
{
	struct ecc e;
	int ret;

	ret = ecc_start(&e, curve);
	if (ret)
		return ret;
	BN_bin2bn(a, e.size, e.x);
	BN_bin2bn(b, e.size, e.y);
	BN_bin2bn(c, e.size, e.d);
	if (BN_cmp(e.x, e.order) >= 0 || BN_cmp(e.y, e.order) >= 0 ||
	    BN_cmp(e.d, e.order) >= 0)
		return ecc_end(&e, -EINVAL);
	BN_mod_mul(e.x, e.x, e.y, e.order, e.ctx);
	BN_mod_add(e.d, e.d, e.x, e.order, e.ctx);
	BN_bn2binpad(e.d, out, e.size);
	return ecc_end(&e, 0);
}

int vtpm2_scalar_invert(u16 curve, const u8 *a, u8 *out)
{
	struct ecc e;
	int ret;

	ret = ecc_start(&e, curve);
	if (ret)
		return ret;
	BN_bin2bn(a, e.size, e.x);
	if (BN_cmp(e.x, e.order) >= 0)
		return ecc_end(&e, -EINVAL);
	memset(out, 0, e.size);
	if (!BN_is_zero(e.x)) {
		BUG_ON(!BN_mod_inverse(e.d, e.x, e.order, e.ctx));
		BN_bn2binpad(e.d, out, e.size);
	}
	return ecc_end(&e, 0);
}
