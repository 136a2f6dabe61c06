// SPDX-License-Identifier: GPL-2.0
/*
 * The outer wrapper (Part 1, 22.4, 23.3.2 and 24.4): what is between a storage
 * key and the world outside of the TPM, be it an object, a duplicate or a
 * credential.
 *
 *   TPM2B_DIGEST integrity   HMAC(KDFa(seed, "INTEGRITY"), all below || name)
 *   TPM2B_IV                 only around an object
 *   AES-CFB(KDFa(seed, "STORAGE", name)) of what is protected
 */
#include <crypto/utils.h>
#include <linux/string.h>

#include "wrap.h"

#define MAX_SYM_KEY	32

static u32 errno_code(int err)
{
	return err ? TPM2_RC_MEMORY : 0;
}

/* AES-CFB of @len bytes in place, either way */
static u32 crypt(const struct vtpm2_wrapper *w, const u8 *iv, bool encrypt,
		 u8 *data, size_t len)
{
	u16 bits = w->pub->sym.bits;
	u8 key[MAX_SYM_KEY];
	int err;

	if (w->pub->sym.alg != TPM2_ALG_AES || bits > sizeof(key) * 8)
		return TPM2_RC_SYMMETRIC;
	vtpm2_kdfa(w->pub->name_alg, w->seed->buf, w->seed->len, "STORAGE",
		   w->name->buf, w->name->len, NULL, 0, bits, key);
	if (encrypt)
		err = vtpm2_cfb_encrypt(key, bits, iv, data, len);
	else
		err = vtpm2_cfb_decrypt(key, bits, iv, data, len);
	memzero_explicit(key, sizeof(key));
	return errno_code(err);
}

static void integrity(const struct vtpm2_wrapper *w, const u8 *data,
		      size_t len, struct vtpm2_digest *mac)
{
	u16 alg = w->pub->name_alg;
	u8 key[VTPM2_MAX_DIGEST];
	struct vtpm2_hmac h;

	mac->len = vtpm2_digest_size(alg);
	vtpm2_kdfa(alg, w->seed->buf, w->seed->len, "INTEGRITY", NULL, 0,
		   NULL, 0, mac->len * 8, key);
	vtpm2_hmac_init(&h, alg, key, mac->len);
	vtpm2_hmac_update(&h, data, len);
	vtpm2_hmac_update(&h, w->name->buf, w->name->len);
	vtpm2_hmac_final(&h, mac->buf);
	memzero_explicit(key, sizeof(key));
}

size_t vtpm2_wrap_begin(const struct vtpm2_wrapper *w, struct vtpm2_wr *wr)
{
	struct vtpm2_digest none = {
		.len = vtpm2_digest_size(w->pub->name_alg),
	};
	u8 iv[VTPM2_AES_BLOCK];
	size_t at = wr->len;

	vtpm2_wr_digest(wr, &none);
	if (w->iv) {
		vtpm2_random(iv, sizeof(iv));
		vtpm2_wr_2b(wr, iv, sizeof(iv));
	}
	return at;
}

u32 vtpm2_wrap_end(const struct vtpm2_wrapper *w, struct vtpm2_wr *wr,
		   size_t at)
{
	struct vtpm2_digest mac;
	u8 *body, *data;
	u32 rc;

	if (wr->overflow)
		return TPM2_RC_FAILURE;
	/* all of it was written after @at */
	body = wr->p + at + 2 + vtpm2_digest_size(w->pub->name_alg);
	data = w->iv ? body + 2 + VTPM2_AES_BLOCK : body;
	rc = crypt(w, w->iv ? body + 2 : NULL, true, data,
		   wr->p + wr->len - data);
	if (rc)
		return rc;
	integrity(w, body, wr->p + wr->len - body, &mac);
	memcpy(body - mac.len, mac.buf, mac.len);
	return 0;
}

u32 vtpm2_unwrap(const struct vtpm2_wrapper *w, struct vtpm2_bytes blob,
		 u8 *out, size_t *len)
{
	struct vtpm2_bytes mac, iv = {};
	struct vtpm2_digest own;
	struct vtpm2_rd rd;

	vtpm2_rd_init(&rd, blob.p, blob.len);
	mac = vtpm2_rd_2b(&rd, VTPM2_MAX_DIGEST);
	if (rd.err)
		return rd.err;
	integrity(w, rd.p, rd.left, &own);
	if (mac.len != own.len || crypto_memneq(mac.p, own.buf, own.len))
		return TPM2_RC_INTEGRITY;

	if (w->iv) {
		iv = vtpm2_rd_2b(&rd, VTPM2_AES_BLOCK);
		if (rd.err)
			return rd.err;
		if (iv.len != VTPM2_AES_BLOCK)
			return TPM2_RC_VALUE;
	}
	/* a copy, as the command's bytes are still part of its cpHash */
	*len = rd.left;
	memcpy(out, rd.p, rd.left);
	return crypt(w, iv.p, false, out, rd.left);
}
