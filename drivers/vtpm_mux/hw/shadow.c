// SPDX-License-Identifier: GPL-2.0
/*
 * Shadows: the guests' hardware objects, in the chip below their vTPM's VMK.
 *
 * A shadow can both sign and decrypt, has no scheme and no restriction: the
 * engine enforces what the guest asked for. One for ECDAA has that scheme, as
 * TPM2_Commit demands, and only signs, as the scheme demands. What the chip gets of a guest's
 * bytes is one operand: a digest, a number below the modulus, a point, or data
 * to seal.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/build_bug.h>
#include <linux/errno.h>
#include <linux/printk.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "../tpm2/types.h"
#include "chip.h"
#include "create.h"
#include "hw.h"
#include "public.h"
#include "rc.h"
#include "vmk.h"

#define MAX_RSA		512	/* RSA-4096 */
#define MAX_ECC		80	/* BN-P638 */

/*
 * fixedTPM has to be clear below a parent that can move, encryptedDuplication
 * has to be as in that parent (Part 1, 23.3.2 and Part 2, 8.3.3.10).
 */
#define SHADOW_ATTRIBUTES						\
	(TPM2_OA_USER_WITH_AUTH | TPM2_OA_NO_DA | TPM2_OA_ENCRYPTED_DUPLICATION)
#define KEY_ATTRIBUTES							\
	(SHADOW_ATTRIBUTES | TPM2_OA_SENSITIVE_DATA_ORIGIN |		\
	 TPM2_OA_DECRYPT | TPM2_OA_SIGN_ENCRYPT)
#define DATA_ATTRIBUTES							\
	(SHADOW_ATTRIBUTES | TPM2_OA_FIXED_PARENT)

/**
 * struct shadow_req - one operation
 * @req: the request
 * @op: what differs between operations
 * @obj: the object that it uses: @shadow, or the VMK
 * @shadow: operand, or a new object
 * @key: the key to create
 * @size: bytes of the modulus, or of a coordinate
 * @scheme: of a signature
 * @hash: of a signature; ECDSA: the chip's algorithm for a digest of @in_len
 *	bytes
 * @in_len: bytes in @in
 * @in: the number, digest, x or data
 * @in_y: y
 * @out_len: unseal: capacity, then length
 * @out: the number, modulus, x, r or data
 * @out_y: y or s
 * @count: what the engine knows a commitment by: the chip's number, and above it
 *	a part of the cache's count of resets
 * @cache: the chip's, once the worker has the operation
 * @first: commit: there is a first point, in @in behind the octets of the second
 */
struct shadow_req {
	struct vtpm_req req;
	const struct shadow_op *op;
	struct vtpm_object obj;
	struct vtpm2_shadow shadow;
	struct vtpm2_hw_key key;
	u16 size;
	u16 scheme;
	u16 hash;
	size_t in_len;
	u8 in[MAX_RSA];
	u8 in_y[MAX_ECC];
	size_t out_len;
	u8 out[MAX_RSA];
	u8 out_y[MAX_ECC];
	u32 count;
	const struct vtpm_cache *cache;
	bool first;
};

/**
 * struct shadow_op - an operation
 * @cc: the chip's command
 * @build: writes its parameters from struct shadow_req
 * @parse: reads its response parameters into struct shadow_req
 */
struct shadow_op {
	u32 cc;
	void (*build)(struct vtpm_wr *wr, const struct shadow_req *s);
	int (*parse)(struct vtpm_rd *rd, struct shadow_req *s);
};

static const struct shadow_op op_ecdaa;

/*
 * A chip that was reset counts its commitments from 0 again: a number of before
 * is none, or another's. The engine's bound for a count is 2^31.
 */
static u32 commit_epoch(const struct shadow_req *s)
{
	return (s->cache->resets & 0x7fff) << 16;
}

static bool is_stale(const struct shadow_req *s)
{
	return (s->count & ~0xffffU) != commit_epoch(s);
}

static void build(struct vtpm_wr *wr, const void *arg)
{
	const struct shadow_req *s = arg;

	s->op->build(wr, s);
}

static int shadow_run(struct vtpm_chip *chip, struct vtpm_req *req)
{
	struct shadow_req *s = container_of(req, struct shadow_req, req);
	const struct vtpm_use use = {
		.cc = s->op->cc,
		.build = build,
		.arg = s,
	};
	struct vtpm_rd rd;
	int ret;

	s->cache = &chip->cache;
	ret = vtpm_cache_use(chip, &s->obj, &use, &rd);
	if (!ret)
		ret = s->op->parse(&rd, s);
	if (s->op == &op_ecdaa && (vtpm_rc_value(ret) || (ret && is_stale(s))))
		ret = -ESTALE;
	if (ret == -EBADMSG)
		chip->cache.doubt = true;
	return ret;
}

static struct shadow_req *shadow_alloc(struct vtpm_hw *hw, const struct shadow_op *op,
				       unsigned long limit)
{
	struct shadow_req *s = vtpm_req_alloc(sizeof(*s), hw, limit, shadow_run);

	if (s)
		s->op = op;
	return s;
}

/* A blob is two TPM2Bs, or it is none. */
static bool shadow_is_sound(const struct vtpm2_shadow *shadow)
{
	struct vtpm_rd rd;
	size_t len;

	if (shadow->len > sizeof(shadow->blob))
		return false;
	vtpm_rd_init(&rd, shadow->blob, shadow->len);
	vtpm_rd_2b(&rd, &len);
	vtpm_rd_2b(&rd, &len);
	return vtpm_rd_done(&rd);
}

/* Wait for @s; with @shadow an operation that uses it. Result as a guest's. */
static u32 shadow_wait(struct shadow_req *s, const struct vtpm2_shadow *shadow)
{
	struct vtpm_hw *hw = s->req.hw;
	bool explained;
	int ret;
	u32 rc;

	if (shadow) {
		if (!shadow_is_sound(shadow))
			return TPM2_RC_INTEGRITY;
		memcpy(&s->shadow, shadow, sizeof(s->shadow));
		vtpm_object_init(&s->obj, VTPM_OBJECT_SHADOW, hw, s->shadow.blob,
				 s->shadow.len);
	} else {
		vtpm_vmk_object(&s->obj, hw);
	}
	ret = vtpm_req_wait(hw->chip, &s->req);
	rc = vtpm_rc_guest(ret, &explained);
	if (!explained)
		pr_err_ratelimited("%s: command 0x%x failed: %s %#x\n", hw->chip->name,
				   s->req.cc, ret < 0 ? "error" : "TPM response",
				   ret < 0 ? -ret : ret);
	return rc;
}

static int parse_created(struct vtpm_rd *rd, struct shadow_req *s,
			 struct vtpm_created *created)
{
	int ret = vtpm_create_read(rd, s->req.hw->vmk_name, created);

	if (ret)
		return ret;
	if (created->len > sizeof(s->shadow.blob) || created->public.policy_len)
		return -EBADMSG;
	memcpy(s->shadow.blob, created->blob, created->len);
	s->shadow.len = created->len;
	return 0;
}

static u32 key_attributes(const struct vtpm2_hw_key *key)
{
	u32 attributes = KEY_ATTRIBUTES;

	if (key->scheme == TPM2_ALG_ECDAA)
		attributes &= ~TPM2_OA_DECRYPT;
	return attributes | (key->fixed_parent ? TPM2_OA_FIXED_PARENT : 0);
}

static void build_create(struct vtpm_wr *wr, const struct shadow_req *s)
{
	size_t mark = vtpm_create_begin(wr, s->req.hw->shadow_auth, VTPM_AUTH_LEN,
					NULL, 0);

	vtpm_public_key(wr, &s->key, key_attributes(&s->key));
	vtpm_create_end(wr, mark);
}

static int parse_create(struct vtpm_rd *rd, struct shadow_req *s)
{
	const struct vtpm2_hw_key *key = &s->key;
	struct vtpm_created created;
	struct vtpm_public *pub = &created.public;
	int ret;

	ret = parse_created(rd, s, &created);
	if (ret)
		return ret;
	if (pub->type != key->alg || pub->name_alg != TPM2_ALG_SHA256 ||
	    pub->attributes != key_attributes(key) || pub->symmetric != TPM2_ALG_NULL)
		return -EBADMSG;
	if (key->scheme == TPM2_ALG_ECDAA ?
	    pub->scheme != TPM2_ALG_ECDAA || pub->scheme_hash != key->hash :
	    pub->scheme != TPM2_ALG_NULL)
		return -EBADMSG;

	vtpm_rd_number(&pub->x, s->out, s->size);
	if (key->alg == TPM2_ALG_RSA)
		return pub->x.bad || pub->bits != key->bits || !(s->out[0] & 0x80) ||
		       (pub->exponent && pub->exponent != 65537) ? -EBADMSG : 0;
	vtpm_rd_number(&pub->y, s->out_y, s->size);
	return pub->x.bad || pub->y.bad || pub->curve != key->curve ? -EBADMSG : 0;
}

static const struct shadow_op op_create = {
	.cc = TPM2_CC_CREATE,
	.build = build_create,
	.parse = parse_create,
};

/* A digest is hashed again for EC-Schnorr: the chip needs the hash as well. */
static u32 scheme_unsupported(const struct vtpm_chip *chip, u16 scheme, u16 hash)
{
	return READ_ONCE(chip->caps.schemes) & vtpm_scheme_mask(scheme) &&
	       READ_ONCE(chip->caps.hashes) & vtpm_hash_mask(hash) ?
	       0 : TPM2_RC_SCHEME;
}

/* 0, or the response code that says what the chip lacks. */
static u32 key_unsupported(const struct vtpm_chip *chip, const struct vtpm2_hw_key *key)
{
	switch (key->alg) {
	case TPM2_ALG_RSA:
		if (key->exponent && key->exponent != 65537)
			return TPM2_RC_SCHEME;
		return READ_ONCE(chip->caps.rsa_bits) & vtpm_rsa_mask(key->bits) ?
		       0 : TPM2_RC_KEY_SIZE;
	case TPM2_ALG_ECC:
		if (!(READ_ONCE(chip->caps.curves) & vtpm_curve_mask(key->curve)))
			return TPM2_RC_CURVE;
		/* TPM2_Commit hashes with nameAlg: the guest's has to be ours */
		if (key->scheme == TPM2_ALG_ECDAA && key->name_alg != TPM2_ALG_SHA256)
			return TPM2_RC_SCHEME;
		return key->scheme ? scheme_unsupported(chip, key->scheme, key->hash) : 0;
	default:
		return TPM2_RC_SCHEME;
	}
}

static bool shadow_supports(void *hw, const struct vtpm2_hw_key *key)
{
	const struct vtpm_hw *h = hw;

	return !key_unsupported(h->chip, key);
}

static u32 shadow_create(void *hw, const struct vtpm2_hw_key *key,
			 struct vtpm2_shadow *shadow, u8 *x, u8 *y)
{
	const struct vtpm_hw *h = hw;
	struct shadow_req *s;
	u32 rc;

	rc = key_unsupported(h->chip, key);
	if (rc)
		return rc;
	s = shadow_alloc(hw, &op_create, VTPM_LIMIT_KEYGEN);
	if (!s)
		return TPM2_RC_MEMORY;
	s->key = *key;
	s->size = key->alg == TPM2_ALG_RSA ? key->bits / 8 : vtpm_curve_size(key->curve);
	rc = shadow_wait(s, NULL);
	if (!rc) {
		memcpy(shadow, &s->shadow, sizeof(*shadow));
		memcpy(x, s->out, s->size);
		if (key->alg == TPM2_ALG_ECC)
			memcpy(y, s->out_y, s->size);
	}
	vtpm_req_put(&s->req);
	return rc;
}

static void build_rsa(struct vtpm_wr *wr, const struct shadow_req *s)
{
	vtpm_wr_2b(wr, s->in, s->in_len);
	vtpm_wr_u16(wr, TPM2_ALG_NULL);		/* scheme: the number as it is */
	vtpm_wr_u16(wr, 0);			/* label */
}

static int parse_rsa(struct vtpm_rd *rd, struct shadow_req *s)
{
	vtpm_rd_number(rd, s->out, s->in_len);
	return vtpm_rd_done(rd) ? 0 : -EBADMSG;
}

static const struct shadow_op op_rsa = {
	.cc = TPM2_CC_RSA_DECRYPT,
	.build = build_rsa,
	.parse = parse_rsa,
};

static u32 shadow_rsa(void *hw, const struct vtpm2_shadow *shadow,
		      const u8 *in, u8 *out, size_t len)
{
	struct shadow_req *s;
	u32 rc;

	if (len > MAX_RSA)
		return TPM2_RC_KEY_SIZE;
	s = shadow_alloc(hw, &op_rsa, VTPM_LIMIT_USE);
	if (!s)
		return TPM2_RC_MEMORY;
	memcpy(s->in, in, len);
	s->in_len = len;
	rc = shadow_wait(s, shadow);
	if (!rc)
		memcpy(out, s->out, len);
	vtpm_req_put(&s->req);
	return rc;
}

static void wr_no_ticket(struct vtpm_wr *wr)
{
	vtpm_wr_u16(wr, TPM2_ST_HASHCHECK);
	vtpm_wr_u32(wr, TPM2_RH_NULL);
	vtpm_wr_u16(wr, 0);
}

static void build_sign(struct vtpm_wr *wr, const struct shadow_req *s)
{
	vtpm_wr_2b(wr, s->in, s->in_len);
	vtpm_wr_u16(wr, s->scheme);
	vtpm_wr_u16(wr, s->hash);
	wr_no_ticket(wr);
}

static int parse_sign(struct vtpm_rd *rd, struct shadow_req *s)
{
	if (vtpm_rd_u16(rd) != s->scheme || vtpm_rd_u16(rd) != s->hash)
		return -EBADMSG;
	vtpm_rd_number(rd, s->out, s->size);
	vtpm_rd_number(rd, s->out_y, s->size);
	return vtpm_rd_done(rd) ? 0 : -EBADMSG;
}

static const struct shadow_op op_sign = {
	.cc = TPM2_CC_SIGN,
	.build = build_sign,
	.parse = parse_sign,
};

/* With the digest, scheme and hash in @s; puts it. */
static u32 sign(struct shadow_req *s, const struct vtpm2_shadow *shadow, u16 curve,
		u8 *r, u8 *sig)
{
	u32 rc;

	s->size = vtpm_curve_size(curve);
	rc = shadow_wait(s, shadow);
	if (!rc) {
		memcpy(r, s->out, s->size);
		memcpy(sig, s->out_y, s->size);
	}
	vtpm_req_put(&s->req);
	return rc;
}

static u32 shadow_ecdsa(void *hw, const struct vtpm2_shadow *shadow, u16 curve,
			const u8 *digest, size_t len, u8 *r, u8 *sig)
{
	struct vtpm_hw *h = hw;
	struct shadow_req *s;

	if (!vtpm_curve_size(curve))
		return TPM2_RC_CURVE;
	s = shadow_alloc(hw, &op_sign, VTPM_LIMIT_USE);
	if (!s)
		return TPM2_RC_MEMORY;
	s->scheme = TPM2_ALG_ECDSA;
	s->in_len = vtpm_digest_fit(READ_ONCE(h->chip->caps.hashes),
				    vtpm_curve_size(curve), digest, len, s->in, &s->hash);
	if (!s->in_len) {
		vtpm_req_put(&s->req);
		return TPM2_RC_SCHEME;
	}
	return sign(s, shadow, curve, r, sig);
}

static u32 shadow_ecsign(void *hw, const struct vtpm2_shadow *shadow, u16 curve,
			 u16 scheme, u16 hash, const u8 *digest, size_t len,
			 u8 *r, u8 *sig)
{
	struct vtpm_hw *h = hw;
	struct shadow_req *s;
	u32 rc;

	rc = scheme_unsupported(h->chip, scheme, hash);
	if (rc)
		return rc;
	if (!vtpm_curve_size(curve))
		return TPM2_RC_CURVE;
	if (len > VTPM_MAX_DIGEST)
		return TPM2_RC_SIZE;
	s = shadow_alloc(hw, &op_sign, VTPM_LIMIT_USE);
	if (!s)
		return TPM2_RC_MEMORY;
	s->scheme = scheme;
	s->hash = hash;
	s->in_len = len;
	memcpy(s->in, digest, len);
	return sign(s, shadow, curve, r, sig);
}

/* TPM2B_ECC_POINT; without coordinates there is no point. */
static void wr_point(struct vtpm_wr *wr, const u8 *x, const u8 *y, size_t size)
{
	size_t mark = vtpm_wr_begin(wr);

	vtpm_wr_2b(wr, x, size);
	vtpm_wr_2b(wr, y, size);
	vtpm_wr_end(wr, mark);
}

static void build_ecdh(struct vtpm_wr *wr, const struct shadow_req *s)
{
	wr_point(wr, s->in, s->in_y, s->size);
}

static int parse_ecdh(struct vtpm_rd *rd, struct shadow_req *s)
{
	struct vtpm_rd point;

	vtpm_rd_sub(rd, &point);
	vtpm_rd_number(&point, s->out, s->size);
	vtpm_rd_number(&point, s->out_y, s->size);
	return vtpm_rd_done(&point) && vtpm_rd_done(rd) ? 0 : -EBADMSG;
}

static const struct shadow_op op_ecdh = {
	.cc = TPM2_CC_ECDH_ZGEN,
	.build = build_ecdh,
	.parse = parse_ecdh,
};

static u32 shadow_ecdh(void *hw, const struct vtpm2_shadow *shadow, u16 curve,
		       const u8 *x, const u8 *y, u8 *zx, u8 *zy)
{
	struct shadow_req *s;
	u32 rc;

	if (!vtpm_curve_size(curve))
		return TPM2_RC_CURVE;
	s = shadow_alloc(hw, &op_ecdh, VTPM_LIMIT_USE);
	if (!s)
		return TPM2_RC_MEMORY;
	s->size = vtpm_curve_size(curve);
	memcpy(s->in, x, s->size);
	memcpy(s->in_y, y, s->size);
	rc = shadow_wait(s, shadow);
	if (!rc) {
		memcpy(zx, s->out, s->size);
		memcpy(zy, s->out_y, s->size);
	}
	vtpm_req_put(&s->req);
	return rc;
}

static void build_commit(struct vtpm_wr *wr, const struct shadow_req *s)
{
	const u8 *first = s->in + VTPM2_MAX_SEAL;

	wr_point(wr, first, first + MAX_ECC, s->first ? s->size : 0);
	vtpm_wr_2b(wr, s->in, s->in_len);
	vtpm_wr_2b(wr, s->in_y, s->in_len ? s->size : 0);
}

/* The point that is number @n of the response. */
static void rd_point(struct vtpm_rd *rd, struct shadow_req *s, unsigned int n, bool there)
{
	u8 *out = s->out + 2 * n * s->size;
	struct vtpm_rd point;

	vtpm_rd_sub(rd, &point);
	vtpm_rd_number(&point, out, there ? s->size : 0);
	vtpm_rd_number(&point, out + s->size, there ? s->size : 0);
	if (!vtpm_rd_done(&point))
		rd->bad = true;
}

static int parse_commit(struct vtpm_rd *rd, struct shadow_req *s)
{
	rd_point(rd, s, 0, s->in_len);
	rd_point(rd, s, 1, s->in_len);
	rd_point(rd, s, 2, s->first || !s->in_len);
	s->count = vtpm_rd_u16(rd) | commit_epoch(s);
	return vtpm_rd_done(rd) ? 0 : -EBADMSG;
}

static const struct shadow_op op_commit = {
	.cc = TPM2_CC_COMMIT,
	.build = build_commit,
	.parse = parse_commit,
};

static void take_point(const struct shadow_req *s, unsigned int n, u8 *x, u8 *y)
{
	const u8 *out = s->out + 2 * n * s->size;

	memcpy(x, out, s->size);
	memcpy(y, out + s->size, s->size);
}

static u32 shadow_commit(void *hw, const struct vtpm2_shadow *shadow, u16 curve,
			 struct vtpm2_hw_commit *c)
{
	u8 *first;
	struct shadow_req *s;
	u32 rc;

	BUILD_BUG_ON(VTPM2_MAX_SEAL + 2 * MAX_ECC > MAX_RSA || 6 * MAX_ECC > MAX_RSA);
	if (!vtpm_curve_size(curve))
		return TPM2_RC_CURVE;
	if (c->s2_len > VTPM2_MAX_SEAL)
		return TPM2_RC_SIZE;
	s = shadow_alloc(hw, &op_commit, VTPM_LIMIT_USE);
	if (!s)
		return TPM2_RC_MEMORY;
	s->size = vtpm_curve_size(curve);
	s->first = c->x1;
	if (s->first) {
		first = s->in + VTPM2_MAX_SEAL;
		memcpy(first, c->x1, s->size);
		memcpy(first + MAX_ECC, c->y1, s->size);
	}
	s->in_len = c->s2_len;
	if (s->in_len) {
		memcpy(s->in, c->s2, s->in_len);
		memcpy(s->in_y, c->y2, s->size);
	}
	rc = shadow_wait(s, shadow);
	if (!rc) {
		take_point(s, 0, c->kx, c->ky);
		take_point(s, 1, c->lx, c->ly);
		take_point(s, 2, c->ex, c->ey);
		c->count = s->count;
	}
	vtpm_req_put(&s->req);
	return rc;
}

static void build_ecdaa(struct vtpm_wr *wr, const struct shadow_req *s)
{
	vtpm_wr_2b(wr, s->in, s->in_len);
	vtpm_wr_u16(wr, TPM2_ALG_ECDAA);
	vtpm_wr_u16(wr, s->hash);
	vtpm_wr_u16(wr, s->count);
	wr_no_ticket(wr);
	/* not sent, also when the chip's reset has just been found */
	wr->bad |= is_stale(s);
}

/* The nonce is hashed as it is: no zero in front of it may be lost. */
static int parse_ecdaa(struct vtpm_rd *rd, struct shadow_req *s)
{
	const u8 *nonce;
	size_t len;

	if (vtpm_rd_u16(rd) != TPM2_ALG_ECDAA || vtpm_rd_u16(rd) != s->hash)
		return -EBADMSG;
	nonce = vtpm_rd_2b(rd, &len);
	vtpm_rd_number(rd, s->out_y, s->size);
	if (!vtpm_rd_done(rd) || len > MAX_ECC)
		return -EBADMSG;
	memcpy(s->out, nonce, len);
	s->out_len = len;
	return 0;
}

static const struct shadow_op op_ecdaa = {
	.cc = TPM2_CC_SIGN,
	.build = build_ecdaa,
	.parse = parse_ecdaa,
};

static u32 shadow_ecdaa(void *hw, const struct vtpm2_shadow *shadow, u16 curve,
			u16 hash, u32 count, const u8 *digest, size_t len,
			u8 *nonce, u16 *nonce_len, u8 *sig)
{
	struct shadow_req *s;
	u32 rc;

	if (!vtpm_curve_size(curve))
		return TPM2_RC_CURVE;
	if (len > VTPM_MAX_DIGEST)
		return TPM2_RC_SIZE;
	s = shadow_alloc(hw, &op_ecdaa, VTPM_LIMIT_USE);
	if (!s)
		return TPM2_RC_MEMORY;
	s->size = vtpm_curve_size(curve);
	s->hash = hash;
	s->count = count;
	s->in_len = len;
	memcpy(s->in, digest, len);
	rc = shadow_wait(s, shadow);
	if (!rc && s->out_len > *nonce_len)
		rc = TPM2_RC_FAILURE;
	if (!rc) {
		memcpy(nonce, s->out, s->out_len);
		*nonce_len = s->out_len;
		memcpy(sig, s->out_y, s->size);
	}
	vtpm_req_put(&s->req);
	return rc;
}

static void build_seal(struct vtpm_wr *wr, const struct shadow_req *s)
{
	size_t mark = vtpm_create_begin(wr, s->req.hw->shadow_auth, VTPM_AUTH_LEN,
					s->in, s->in_len);

	vtpm_public_data(wr, DATA_ATTRIBUTES);
	vtpm_create_end(wr, mark);
}

static int parse_seal(struct vtpm_rd *rd, struct shadow_req *s)
{
	struct vtpm_created created;
	int ret = parse_created(rd, s, &created);

	if (ret)
		return ret;
	return created.public.type == TPM2_ALG_KEYEDHASH &&
	       created.public.attributes == DATA_ATTRIBUTES ? 0 : -EBADMSG;
}

static const struct shadow_op op_seal = {
	.cc = TPM2_CC_CREATE,
	.build = build_seal,
	.parse = parse_seal,
};

static u32 shadow_seal(void *hw, const u8 *data, size_t len,
		       struct vtpm2_shadow *shadow)
{
	struct shadow_req *s;
	u32 rc;

	if (!len || len > VTPM2_MAX_SEAL)
		return TPM2_RC_SIZE;
	s = shadow_alloc(hw, &op_seal, VTPM_LIMIT_USE);
	if (!s)
		return TPM2_RC_MEMORY;
	memcpy(s->in, data, len);
	s->in_len = len;
	rc = shadow_wait(s, NULL);
	if (!rc)
		memcpy(shadow, &s->shadow, sizeof(*shadow));
	vtpm_req_put(&s->req);
	return rc;
}

static void build_unseal(struct vtpm_wr *wr, const struct shadow_req *s)
{
}

static int parse_unseal(struct vtpm_rd *rd, struct shadow_req *s)
{
	const u8 *data;
	size_t len;

	data = vtpm_rd_2b(rd, &len);
	if (!vtpm_rd_done(rd) || len > sizeof(s->out))
		return -EBADMSG;
	memcpy(s->out, data, len);
	s->out_len = len;
	return 0;
}

static const struct shadow_op op_unseal = {
	.cc = TPM2_CC_UNSEAL,
	.build = build_unseal,
	.parse = parse_unseal,
};

static u32 shadow_unseal(void *hw, const struct vtpm2_shadow *shadow,
			 u8 *data, size_t *len)
{
	struct shadow_req *s;
	u32 rc;

	s = shadow_alloc(hw, &op_unseal, VTPM_LIMIT_USE);
	if (!s)
		return TPM2_RC_MEMORY;
	rc = shadow_wait(s, shadow);
	if (!rc && s->out_len > *len)
		rc = TPM2_RC_SIZE;
	if (!rc) {
		memcpy(data, s->out, s->out_len);
		*len = s->out_len;
	}
	vtpm_req_put(&s->req);
	return rc;
}

static void shadow_forget(void *hw, const struct vtpm2_shadow *shadow)
{
	struct vtpm_hw *h = hw;
	struct vtpm_object obj;

	vtpm_object_init(&obj, VTPM_OBJECT_SHADOW, h, shadow->blob, shadow->len);
	vtpm_cache_forget(h->chip, h, &obj);
}

const struct vtpm2_hw_ops vtpm_hw_ops = {
	.supports = shadow_supports,
	.create = shadow_create,
	.rsa = shadow_rsa,
	.ecdsa = shadow_ecdsa,
	.ecsign = shadow_ecsign,
	.ecdh = shadow_ecdh,
	.commit = shadow_commit,
	.ecdaa = shadow_ecdaa,
	.seal = shadow_seal,
	.unseal = shadow_unseal,
	.forget = shadow_forget,
};
