// SPDX-License-Identifier: GPL-2.0
/*
 * TPM2_ContextSave, TPM2_ContextLoad, TPM2_FlushContext (Part 3, 28.2 to
 * 28.4; Part 1, 30).
 *
 *   contextBlob:  TPM2B_DIGEST integrity
 *                 TPM2B iv
 *                 AES-256-CFB: the object's image, or the session
 *
 * The keys come from a secret that is new at every TPM Reset and from the
 * proof of the context's hierarchy, which is new when that hierarchy is
 * cleared: what those events make stale, or another TPM saved, fails the
 * integrity check.
 */
#include <crypto/utils.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "commands.h"

#define SAVED_NORMAL	0x80000000
#define SAVED_SEQUENCE	0x80000001
#define SAVED_STCLEAR	0x80000002
#define CONTEXT_MAC	64		/* of VTPM2_CONTEXT_HASH */
#define CONTEXT_SYM	256

/* TPMS_CONTEXT (Part 2, 14.5) without its blob */
struct context {
	u64 sequence;
	u32 handle;
	u32 hierarchy;
};

struct context_keys {
	u8 sym[CONTEXT_SYM / 8];
	u8 mac[CONTEXT_MAC];
};

void vtpm2_context_reset(struct vtpm2 *t)
{
	vtpm2_random(t->context_key, sizeof(t->context_key));
	t->object_context_id = 0;
}

static void derive(struct vtpm2 *t, const struct context *ctx,
		   struct context_keys *keys)
{
	const u8 *proof = vtpm2_hierarchy(t, ctx->hierarchy)->proof;
	u8 secret[sizeof(t->context_key) + VTPM2_PROOF_SIZE];
	struct vtpm2_wr wr;
	u8 id[12];

	vtpm2_wr_init(&wr, secret, sizeof(secret));
	vtpm2_wr_bytes(&wr, t->context_key, sizeof(t->context_key));
	vtpm2_wr_bytes(&wr, proof, VTPM2_PROOF_SIZE);
	vtpm2_wr_init(&wr, id, sizeof(id));
	vtpm2_wr_u64(&wr, ctx->sequence);
	vtpm2_wr_u32(&wr, ctx->handle);
	vtpm2_kdfa(VTPM2_CONTEXT_HASH, secret, sizeof(secret), "CONTEXT",
		   id, sizeof(id), NULL, 0, CONTEXT_SYM, keys->sym);
	vtpm2_kdfa(VTPM2_CONTEXT_HASH, secret, sizeof(secret), "INTEGRITY",
		   id, sizeof(id), NULL, 0, CONTEXT_MAC * 8, keys->mac);
	memzero_explicit(secret, sizeof(secret));
}

/* Over the IV and the ciphertext, with all that gives them their meaning. */
static void integrity(struct vtpm2 *t, const struct context *ctx,
		      const struct context_keys *keys, const u8 *data,
		      size_t len, u8 *mac)
{
	struct vtpm2_hmac h;
	struct vtpm2_wr wr;
	u8 head[24];

	vtpm2_wr_init(&wr, head, sizeof(head));
	vtpm2_wr_u64(&wr, ctx->sequence);
	vtpm2_wr_u32(&wr, ctx->handle);
	vtpm2_wr_u32(&wr, ctx->hierarchy);
	/* stClear objects do not live through a TPM Restart */
	vtpm2_wr_u64(&wr, ctx->handle == SAVED_STCLEAR ? t->clear_count : 0);
	vtpm2_hmac_init(&h, VTPM2_CONTEXT_HASH, keys->mac, sizeof(keys->mac));
	vtpm2_hmac_update(&h, head, wr.len);
	vtpm2_hmac_update(&h, data, len);
	vtpm2_hmac_final(&h, mac);
}

static u32 save_object(struct vtpm2 *t, const struct vtpm2_object *obj,
		       struct context *ctx, struct vtpm2_wr *wr)
{
	ctx->sequence = ++t->object_context_id;
	ctx->hierarchy = obj->hierarchy;
	if (obj->seq)
		ctx->handle = SAVED_SEQUENCE;
	else
		ctx->handle = obj->stclear ? SAVED_STCLEAR : SAVED_NORMAL;
	vtpm2_object_write(wr, obj);
	return 0;
}

static u32 save_session(struct vtpm2 *t, struct vtpm2_session *s,
			struct context *ctx, struct vtpm2_wr *wr)
{
	ctx->handle = s->handle;
	ctx->hierarchy = TPM2_RH_NULL;
	return vtpm2_session_save(t, s, wr, &ctx->sequence);
}

/* contextBlob around the @len plaintext bytes at @data, which it encrypts. */
static u32 wr_blob(struct vtpm2 *t, const struct context *ctx, u8 *data,
		   size_t len, struct vtpm2_wr *wr)
{
	u8 mac[CONTEXT_MAC] = {}, iv[VTPM2_AES_BLOCK];
	struct context_keys keys;
	size_t at, body;
	int err;

	derive(t, ctx, &keys);
	vtpm2_random(iv, sizeof(iv));
	err = vtpm2_cfb_encrypt(keys.sym, CONTEXT_SYM, iv, data, len);
	at = vtpm2_wr_begin(wr);
	vtpm2_wr_2b(wr, mac, sizeof(mac));
	body = wr->len;
	vtpm2_wr_2b(wr, iv, sizeof(iv));
	vtpm2_wr_bytes(wr, data, len);
	vtpm2_wr_end(wr, at);
	if (!err && !wr->overflow) {
		integrity(t, ctx, &keys, wr->p + body, wr->len - body, mac);
		memcpy(wr->p + body - sizeof(mac), mac, sizeof(mac));
	}
	memzero_explicit(&keys, sizeof(keys));
	return err ? TPM2_RC_MEMORY : 0;
}

u32 vtpm2_cc_context_save(struct vtpm2 *t, struct vtpm2_cmd *c)
{
	struct context ctx = {};
	struct vtpm2_wr wr;
	u8 *buf;
	u32 rc;

	rc = vtpm2_done(c);
	if (rc)
		return rc;
	buf = kmalloc(VTPM2_MAX_IMAGE, GFP_KERNEL_ACCOUNT);
	if (!buf)
		return TPM2_RC_MEMORY;
	vtpm2_wr_init(&wr, buf, VTPM2_MAX_IMAGE);
	rc = c->obj[0] ? save_object(t, c->obj[0], &ctx, &wr) :
			 save_session(t, c->ses[0], &ctx, &wr);
	if (!rc && wr.overflow)
		rc = TPM2_RC_FAILURE;
	if (rc)
		goto out;
	vtpm2_wr_u64(&c->out, ctx.sequence);
	vtpm2_wr_u32(&c->out, ctx.handle);
	vtpm2_wr_u32(&c->out, ctx.hierarchy);
	rc = wr_blob(t, &ctx, buf, wr.len, &c->out);
	/* a later Startup(STATE) must not bring the counters back */
	if (!rc)
		t->shutdown_valid = false;
out:
	memzero_explicit(buf, VTPM2_MAX_IMAGE);
	kfree(buf);
	return rc;
}

static bool is_session(u32 handle)
{
	return vtpm2_handle_type(handle) == TPM2_HT_HMAC_SESSION ||
	       vtpm2_handle_type(handle) == TPM2_HT_POLICY_SESSION;
}

/* 9.11 TPMI_DH_SAVED */
static u32 rd_saved(struct vtpm2_rd *rd)
{
	u32 handle = vtpm2_rd_u32(rd);

	if ((handle < SAVED_NORMAL || handle > SAVED_STCLEAR) &&
	    !(is_session(handle) &&
	      (handle & 0x00ffffff) < VTPM2_MAX_ACTIVE))
		vtpm2_rd_fail(rd, TPM2_RC_VALUE);
	return handle;
}

static u32 load_object(struct vtpm2 *t, const struct context *ctx,
		       struct vtpm2_rd *rd, u32 *handle)
{
	struct vtpm2_object *obj;
	u32 rc;

	if (ctx->hierarchy != TPM2_RH_NULL &&
	    !vtpm2_hierarchy(t, ctx->hierarchy)->enabled)
		return TPM2_RC_HIERARCHY;
	rc = vtpm2_object_room(t);
	if (rc)
		return rc;
	obj = vtpm2_object_alloc();
	if (!obj)
		return TPM2_RC_MEMORY;
	vtpm2_object_read(rd, obj);
	rc = rd->err;
	if (!rc)
		rc = vtpm2_object_insert(t, obj);
	if (rc)
		vtpm2_object_free(obj);
	else
		*handle = obj->handle;
	return rc;
}

static u32 load_session(struct vtpm2 *t, const struct context *ctx,
			struct vtpm2_rd *rd, u32 *handle)
{
	*handle = ctx->handle;
	if (!vtpm2_session_saved(t, ctx->handle))
		return TPM2_RC_HANDLE;
	t->shutdown_valid = false;
	return vtpm2_session_load(t, ctx->handle, ctx->sequence, rd);
}

static u32 open_context(struct vtpm2 *t, const struct context *ctx,
			const struct context_keys *keys,
			struct vtpm2_bytes iv, struct vtpm2_bytes enc,
			u32 *handle)
{
	struct vtpm2_rd rd;
	u32 rc;
	u8 *p;

	p = kmemdup(enc.p, enc.len, GFP_KERNEL_ACCOUNT);
	if (!p)
		return TPM2_RC_MEMORY;
	rc = TPM2_RC_MEMORY;
	if (vtpm2_cfb_decrypt(keys->sym, CONTEXT_SYM, iv.p, p, enc.len))
		goto out;
	vtpm2_rd_init(&rd, p, enc.len);
	rc = is_session(ctx->handle) ? load_session(t, ctx, &rd, handle) :
				       load_object(t, ctx, &rd, handle);
out:
	kfree_sensitive(p);
	return rc;
}

static u32 check_blob(struct vtpm2 *t, const struct context *ctx,
		      struct vtpm2_bytes blob, u32 *handle)
{
	struct vtpm2_bytes mac, iv, enc;
	struct context_keys keys;
	u8 want[CONTEXT_MAC];
	struct vtpm2_rd rd;
	u32 rc;

	vtpm2_rd_init(&rd, blob.p, blob.len);
	mac = vtpm2_rd_2b(&rd, VTPM2_MAX_DIGEST);
	if (rd.err)
		return rd.err;
	if (mac.len != sizeof(want))
		return vtpm2_rc_p(TPM2_RC_SIZE, 1);
	derive(t, ctx, &keys);
	integrity(t, ctx, &keys, rd.p, rd.left, want);
	rc = vtpm2_rc_p(TPM2_RC_INTEGRITY, 1);
	if (crypto_memneq(mac.p, want, sizeof(want)))
		goto out;
	/* from here on the bytes are our own */
	iv = vtpm2_rd_2b(&rd, VTPM2_AES_BLOCK);
	enc = (struct vtpm2_bytes){ rd.p, rd.left };
	rc = TPM2_RC_FAILURE;
	if (iv.len != VTPM2_AES_BLOCK)
		goto out;
	rc = open_context(t, ctx, &keys, iv, enc, handle);
	if (rc & TPM2_RC_FMT1)
		rc = vtpm2_rc_p(rc, 1);
out:
	memzero_explicit(&keys, sizeof(keys));
	return rc;
}

u32 vtpm2_cc_context_load(struct vtpm2 *t, struct vtpm2_cmd *c)
{
	struct vtpm2_rd *rd = vtpm2_param(c);
	struct vtpm2_bytes blob;
	struct context ctx;
	u32 rc;

	ctx.sequence = vtpm2_rd_u64(rd);
	ctx.handle = rd_saved(rd);
	ctx.hierarchy = vtpm2_rd_hierarchy(rd);
	blob = vtpm2_rd_2b(rd, VTPM2_MAX_CONTEXT);
	rc = vtpm2_done(c);
	return rc ?: check_blob(t, &ctx, blob, &c->rsp_handle);
}

/* The handle is a parameter here, so errors are a parameter's. */
u32 vtpm2_cc_flush_context(struct vtpm2 *t, struct vtpm2_cmd *c)
{
	struct vtpm2_rd *rd = vtpm2_param(c);
	u32 handle = vtpm2_rd_u32(rd);
	struct vtpm2_object *obj;
	u32 rc;

	if (!(is_session(handle) &&
	      (handle & 0x00ffffff) < VTPM2_MAX_ACTIVE) &&
	    handle - TPM2_TRANSIENT_FIRST >= VTPM2_MAX_OBJECTS)
		vtpm2_rd_fail(rd, TPM2_RC_VALUE);
	rc = vtpm2_done(c);
	if (rc)
		return rc;
	if (is_session(handle)) {
		rc = vtpm2_session_flush_handle(t, handle);
		return rc & TPM2_RC_FMT1 ? vtpm2_rc_p(rc, 1) : rc;
	}
	obj = vtpm2_object_find(t, handle);
	if (!obj)
		return vtpm2_rc_p(TPM2_RC_HANDLE, 1);
	vtpm2_object_flush(t, obj);
	return 0;
}
