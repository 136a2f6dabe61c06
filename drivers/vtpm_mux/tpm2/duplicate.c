// SPDX-License-Identifier: GPL-2.0
/*
 * Duplication (Part 1, 23; Part 3, 13.1 to 13.3): an object's sensitive area on
 * its way to another parent.
 *
 *   outer wrapper   wrap.c, by a seed shared with the new parent under the
 *                   label "DUPLICATE"; none without a new parent
 *     inner wrapper AES-CFB, zero IV, by a key that the caller gives or gets;
 *                   none where that is asked for
 *       TPM2B_DIGEST  H(TPM2B_SENSITIVE || name), in an inner wrapper only
 *       TPM2B_SENSITIVE
 *
 * What leaves by this way is never a key of the chip: fixedParent CLEAR implies
 * fixedTPM CLEAR, and that implies the class "software" (create.c).
 */
#include <crypto/utils.h>
#include <linux/array_size.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "commands.h"
#include "wrap.h"

#define LABEL	"DUPLICATE"
#define MAX_KEY	32

/**
 * struct inner - the inner wrapper
 * @sym: its algorithm, TPM2_ALG_NULL for none
 * @key: of sym.bits
 */
struct inner {
	struct vtpm2_sym sym;
	u8 key[MAX_KEY];
};

static size_t key_size(const struct vtpm2_sym *sym)
{
	return sym->alg == TPM2_ALG_NULL ? 0 : sym->bits / 8;
}

/* @key is of key_size(). */
static void set_key(struct inner *inner, struct vtpm2_bytes key)
{
	if (key.len)
		memcpy(inner->key, key.p, key.len);
}

static void inner_hash(const struct vtpm2_object *obj, const u8 *p, size_t len,
		       struct vtpm2_digest *out)
{
	const struct vtpm2_bytes parts[] = {
		{ p, len },
		{ obj->name.buf, obj->name.len },
	};

	vtpm2_hash_parts(obj->pub.name_alg, parts, ARRAY_SIZE(parts), out);
}

/* The sensitive area in its inner wrapper, if it has one. */
static u32 wr_inner(struct vtpm2_wr *wr, const struct inner *inner,
		    const struct vtpm2_object *obj)
{
	struct vtpm2_digest hash = {
		.len = vtpm2_digest_size(obj->pub.name_alg),
	};
	size_t at = wr->len, body;

	if (inner->sym.alg == TPM2_ALG_NULL) {
		vtpm2_wr_2b_sensitive(wr, obj);
		return 0;
	}
	vtpm2_wr_digest(wr, &hash);
	body = wr->len;
	vtpm2_wr_2b_sensitive(wr, obj);
	if (wr->overflow)
		return TPM2_RC_FAILURE;
	inner_hash(obj, wr->p + body, wr->len - body, &hash);
	memcpy(wr->p + body - hash.len, hash.buf, hash.len);
	return vtpm2_cfb_encrypt(inner->key, inner->sym.bits, NULL, wr->p + at,
				 wr->len - at) ? TPM2_RC_MEMORY : 0;
}

/* Takes it off: @rd is then at the TPM2B_SENSITIVE. Works in place. */
static u32 rd_inner(struct vtpm2_rd *rd, const struct inner *inner,
		    const struct vtpm2_object *obj, u8 *p, size_t len)
{
	struct vtpm2_digest own;
	struct vtpm2_bytes hash;

	vtpm2_rd_init(rd, p, len);
	if (inner->sym.alg == TPM2_ALG_NULL)
		return 0;
	if (vtpm2_cfb_decrypt(inner->key, inner->sym.bits, NULL, p, len))
		return TPM2_RC_MEMORY;
	hash = vtpm2_rd_2b(rd, VTPM2_MAX_DIGEST);
	if (rd->err)
		return rd->err;
	inner_hash(obj, rd->p, rd->left, &own);
	return hash.len != own.len || crypto_memneq(hash.p, own.buf, own.len) ?
		TPM2_RC_INTEGRITY : 0;
}

/* 13.1: the order of the checks is that of their codes */
static u32 check_duplicate(const struct vtpm2_cmd *c,
			   const struct vtpm2_sym *sym, struct vtpm2_bytes key)
{
	const struct vtpm2_object *obj = c->obj[0], *parent = c->obj[1];

	if (obj->pub.attrs & TPM2_OA_FIXED_PARENT)
		return vtpm2_rc_h(TPM2_RC_ATTRIBUTES, 1);
	if (obj->pub.name_alg == TPM2_ALG_NULL)
		return vtpm2_rc_h(TPM2_RC_TYPE, 1);
	if (parent && !vtpm2_public_is_storage(&parent->pub))
		return vtpm2_rc_h(TPM2_RC_TYPE, 2);
	if (obj->pub.attrs & TPM2_OA_ENCRYPTED_DUPLICATION) {
		if (sym->alg == TPM2_ALG_NULL)
			return vtpm2_rc_p(TPM2_RC_SYMMETRIC, 2);
		if (!parent)
			return vtpm2_rc_h(TPM2_RC_HIERARCHY, 2);
	}
	/* without a key the TPM makes one */
	if (key.len && key.len != key_size(sym))
		return vtpm2_rc_p(TPM2_RC_SIZE, 1);
	return 0;
}

/* duplicate and outSymSeed */
static u32 wr_duplicate(struct vtpm2_cmd *c, const struct inner *inner)
{
	const struct vtpm2_object *obj = c->obj[0], *parent = c->obj[1];
	u8 secret[2 + VTPM2_MAX_SECRET];
	struct vtpm2_wrapper w = {};
	struct vtpm2_digest seed;
	size_t at, outer = 0;
	struct vtpm2_wr wr;
	u32 rc = 0;

	vtpm2_wr_init(&wr, secret, sizeof(secret));
	if (parent)
		rc = vtpm2_secret_encrypt(&parent->pub, LABEL, &seed, &wr);
	else
		vtpm2_wr_u16(&wr, 0);
	if (rc)
		return rc;
	at = vtpm2_wr_begin(&c->out);
	if (parent) {
		w.pub = &parent->pub;
		w.seed = &seed;
		w.name = &obj->name;
		outer = vtpm2_wrap_begin(&w, &c->out);
	}
	rc = wr_inner(&c->out, inner, obj);
	vtpm2_wr_end(&c->out, at);
	if (!rc && parent)
		rc = vtpm2_wrap_end(&w, &c->out, outer);
	vtpm2_wr_bytes(&c->out, secret, wr.len);
	memzero_explicit(&seed, sizeof(seed));
	return rc;
}

u32 vtpm2_cc_duplicate(struct vtpm2 *t, struct vtpm2_cmd *c)
{
	struct vtpm2_bytes key, made = {};
	struct inner inner;
	u32 rc;

	key = vtpm2_rd_2b(vtpm2_param(c), VTPM2_MAX_DATA);
	vtpm2_rd_sym_def_object(vtpm2_param(c), &inner.sym, true);
	rc = vtpm2_done(c);
	if (rc)
		return rc;
	rc = check_duplicate(c, &inner.sym, key);
	if (rc)
		return rc;

	set_key(&inner, key);
	if (!key.len && inner.sym.alg != TPM2_ALG_NULL) {
		made = (struct vtpm2_bytes){ inner.key, key_size(&inner.sym) };
		vtpm2_random(inner.key, made.len);
	}
	vtpm2_wr_2b(&c->out, made.p, made.len);
	rc = wr_duplicate(c, &inner);
	memzero_explicit(&inner, sizeof(inner));
	return rc;
}

/* What is inside of the old parent's wrapper: @buf has room for @blob. */
static u32 rewrap_open(struct vtpm2 *t, struct vtpm2_object *parent,
		       const struct vtpm2_name *name, struct vtpm2_bytes blob,
		       struct vtpm2_bytes secret, u8 *buf, size_t *len)
{
	struct vtpm2_digest seed;
	u32 rc;

	if (!parent) {
		*len = blob.len;
		if (blob.len)
			memcpy(buf, blob.p, blob.len);
		return 0;
	}
	if (!vtpm2_public_is_storage(&parent->pub))
		return vtpm2_rc_h(TPM2_RC_TYPE, 1);
	rc = vtpm2_secret_decrypt(t, parent, LABEL, secret, &seed);
	/* whatever was wrong with it */
	if (vtpm2_rc_bare(rc))
		rc = vtpm2_rc_p(TPM2_RC_VALUE, 3);
	if (!rc) {
		rc = vtpm2_unwrap(&(struct vtpm2_wrapper){
			.pub = &parent->pub, .seed = &seed, .name = name,
		}, blob, buf, len);
		rc = vtpm2_rc_safe_p(rc, 1);
	}
	memzero_explicit(&seed, sizeof(seed));
	return rc;
}

/* outDuplicate and outSymSeed */
static u32 rewrap_close(struct vtpm2_cmd *c, const struct vtpm2_name *name,
			const u8 *data, size_t len)
{
	const struct vtpm2_object *parent = c->obj[1];
	u8 secret[2 + VTPM2_MAX_SECRET];
	struct vtpm2_digest seed;
	struct vtpm2_wrapper w;
	struct vtpm2_wr wr;
	size_t at, outer;
	u32 rc;

	if (!parent) {
		vtpm2_wr_2b(&c->out, data, len);
		vtpm2_wr_u16(&c->out, 0);
		return 0;
	}
	if (!vtpm2_public_is_storage(&parent->pub))
		return vtpm2_rc_h(TPM2_RC_TYPE, 2);
	vtpm2_wr_init(&wr, secret, sizeof(secret));
	rc = vtpm2_secret_encrypt(&parent->pub, LABEL, &seed, &wr);
	if (rc)
		return rc;
	w = (struct vtpm2_wrapper){
		.pub = &parent->pub, .seed = &seed, .name = name,
	};
	at = vtpm2_wr_begin(&c->out);
	outer = vtpm2_wrap_begin(&w, &c->out);
	vtpm2_wr_bytes(&c->out, data, len);
	vtpm2_wr_end(&c->out, at);
	rc = vtpm2_wrap_end(&w, &c->out, outer);
	if (!rc && c->out.len - at - 2 > VTPM2_MAX_PRIVATE)
		rc = vtpm2_rc_p(TPM2_RC_VALUE, 1);
	vtpm2_wr_bytes(&c->out, secret, wr.len);
	memzero_explicit(&seed, sizeof(seed));
	return rc;
}

u32 vtpm2_cc_rewrap(struct vtpm2 *t, struct vtpm2_cmd *c)
{
	struct vtpm2_bytes blob, secret;
	struct vtpm2_name name;
	size_t len;
	u32 rc;
	u8 *buf;

	blob = vtpm2_rd_2b(vtpm2_param(c), VTPM2_MAX_PRIVATE);
	vtpm2_rd_name(vtpm2_param(c), &name);
	secret = vtpm2_rd_2b(vtpm2_param(c), VTPM2_MAX_SECRET);
	rc = vtpm2_done(c);
	if (rc)
		return rc;
	/* a wrapper has a seed, and a seed a wrapper */
	if (!secret.len != !c->obj[0])
		return vtpm2_rc_h(TPM2_RC_HANDLE, 1);

	buf = kmalloc(VTPM2_MAX_PRIVATE, GFP_KERNEL_ACCOUNT);
	if (!buf)
		return TPM2_RC_MEMORY;
	rc = rewrap_open(t, c->obj[0], &name, blob, secret, buf, &len);
	if (!rc)
		rc = rewrap_close(c, &name, buf, len);
	kfree_sensitive(buf);
	return rc;
}

/**
 * struct import - parameters of TPM2_Import
 * @key: encryptionKey
 * @blob: duplicate
 * @secret: inSymSeed
 * @inner: symmetricAlg, and @key
 */
struct import {
	struct vtpm2_bytes key;
	struct vtpm2_bytes blob;
	struct vtpm2_bytes secret;
	struct inner inner;
};

static u32 check_import(const struct vtpm2_public *pub,
			const struct vtpm2_public *parent,
			const struct import *in)
{
	bool encrypted = pub->attrs & TPM2_OA_ENCRYPTED_DUPLICATION;

	/* nor is what others know a key of this machine's chip */
	if (pub->attrs & (TPM2_OA_FIXED_TPM | TPM2_OA_FIXED_PARENT |
			  TPM2_OA_VTPM_HARDWARE))
		return vtpm2_rc_p(TPM2_RC_ATTRIBUTES, 2);
	if (!vtpm2_public_is_parent(parent))
		return vtpm2_rc_h(TPM2_RC_TYPE, 1);
	if (in->key.len != key_size(&in->inner.sym))
		return vtpm2_rc_p(TPM2_RC_SIZE, 1);
	if (encrypted && in->inner.sym.alg == TPM2_ALG_NULL)
		return vtpm2_rc_p(TPM2_RC_ATTRIBUTES, 1);
	/* nobody can send a seed to a symmetric key */
	if (in->secret.len && !vtpm2_public_asymmetric(parent))
		return vtpm2_rc_h(TPM2_RC_TYPE, 1);
	if (encrypted && !in->secret.len)
		return vtpm2_rc_p(TPM2_RC_ATTRIBUTES, 4);
	return 0;
}

/* Take the outer wrapper off: @buf has room for in->blob. */
static u32 import_open(struct vtpm2 *t, const struct vtpm2_object *obj,
		       struct vtpm2_object *parent, const struct import *in,
		       u8 *buf, size_t *len)
{
	struct vtpm2_digest seed;
	u32 rc;

	if (!in->secret.len) {
		*len = in->blob.len;
		if (in->blob.len)
			memcpy(buf, in->blob.p, in->blob.len);
		return 0;
	}
	rc = vtpm2_secret_decrypt(t, parent, LABEL, in->secret, &seed);
	if (rc) {
		rc = vtpm2_rc_safe_p(rc, 4);
	} else {
		rc = vtpm2_unwrap(&(struct vtpm2_wrapper){
			.pub = &parent->pub, .seed = &seed, .name = &obj->name,
		}, in->blob, buf, len);
		rc = vtpm2_rc_safe_p(rc, 3);
	}
	memzero_explicit(&seed, sizeof(seed));
	return rc;
}

/* The inner wrapper, and the sensitive area; unnumbered. */
static u32 import_read(struct vtpm2_object *obj, const struct inner *inner,
		       u8 *buf, size_t len, u16 *type)
{
	struct vtpm2_rd rd;
	u32 rc;

	rc = rd_inner(&rd, inner, obj, buf, len);
	if (rc)
		return rc;
	len = vtpm2_rd_u16(&rd);
	if (!rd.err && len != rd.left)
		vtpm2_rd_fail(&rd, TPM2_RC_SIZE);
	*type = vtpm2_rd_sensitive(&rd, &obj->sens);
	if (!rd.err && rd.left)
		vtpm2_rd_fail(&rd, TPM2_RC_SIZE);
	return rd.err;
}

/*
 * Below a parent with fixedTPM the object is checked now, as TPM2_Load then
 * trusts it; below others TPM2_Load has to do it anyway.
 */
static u32 import_check(struct vtpm2_object *obj,
			const struct vtpm2_object *parent, u16 type)
{
	u16 size = vtpm2_digest_size(obj->pub.name_alg);
	u32 rc;

	if (parent->pub.attrs & TPM2_OA_FIXED_TPM) {
		if (obj->sens.seed.len > size)
			return vtpm2_rc_p(TPM2_RC_KEY_SIZE, 3);
		rc = vtpm2_public_check(&obj->pub, NULL, true);
		if (rc)
			return vtpm2_rc_p(rc, 2);
		if (type != obj->pub.type)
			return vtpm2_rc_p(TPM2_RC_TYPE, 3);
		rc = vtpm2_public_check_pair(&obj->pub, &obj->sens, 3);
		if (rc)
			return rc;
	}
	/* what cannot be written back as it was read, whatever the parent is */
	if (type != obj->pub.type)
		return vtpm2_rc_p(TPM2_RC_TYPE, 3);
	vtpm2_trim_auth(&obj->sens.auth);
	return obj->sens.auth.len > size ? vtpm2_rc_p(TPM2_RC_SIZE, 3) : 0;
}

static u32 import(struct vtpm2 *t, struct vtpm2_cmd *c,
		  struct vtpm2_object *obj, struct import *in, u8 *buf)
{
	struct vtpm2_object *parent = c->obj[0];
	size_t len;
	u16 type;
	u32 rc;

	rc = check_import(&obj->pub, &parent->pub, in);
	if (rc)
		return rc;
	set_key(&in->inner, in->key);
	vtpm2_public_name(&obj->pub, &obj->name);
	rc = import_open(t, obj, parent, in, buf, &len);
	if (rc)
		return rc;
	rc = import_read(obj, &in->inner, buf, len, &type);
	if (rc)
		return vtpm2_rc_safe_p(rc, 3);
	rc = import_check(obj, parent, type);
	if (rc)
		return rc;
	obj->class = VTPM2_CLASS_SOFTWARE;
	return vtpm2_private_wrap(t, obj, parent, &c->out);
}

u32 vtpm2_cc_import(struct vtpm2 *t, struct vtpm2_cmd *c)
{
	struct vtpm2_object *obj = vtpm2_object_alloc();
	u8 *buf = kmalloc(VTPM2_MAX_PRIVATE, GFP_KERNEL_ACCOUNT);
	struct import in;
	u32 rc = TPM2_RC_MEMORY;

	if (!obj || !buf)
		goto out;
	in.key = vtpm2_rd_2b(vtpm2_param(c), VTPM2_MAX_DATA);
	vtpm2_rd_2b_public(vtpm2_param(c), &obj->pub);
	in.blob = vtpm2_rd_2b(vtpm2_param(c), VTPM2_MAX_PRIVATE);
	in.secret = vtpm2_rd_2b(vtpm2_param(c), VTPM2_MAX_SECRET);
	vtpm2_rd_sym_def_object(vtpm2_param(c), &in.inner.sym, true);
	rc = vtpm2_done(c);
	if (!rc)
		rc = import(t, c, obj, &in, buf);
	memzero_explicit(&in, sizeof(in));
out:
	kfree_sensitive(buf);
	vtpm2_object_free(obj);
	return rc;
}
