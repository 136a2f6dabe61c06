// SPDX-License-Identifier: GPL-2.0
/*
 * TPM2B_PRIVATE: an object outside of the TPM (Part 1, 22.4 and 22.5).
 *
 *   TPM2B_DIGEST integrity   HMAC over all that follows, and the Name
 *   TPM2B_IV
 *   AES-CFB:  UINT16 size
 *             TPMT_SENSITIVE (Part 2, 12.3.2.4)
 *             UINT8 class, TPM2B shadow    what hw/ made of it
 *             HMAC over Name, class and shadow with this vTPM's own key
 *
 * Both keys come from the parent's seedValue, so only the TPM that has the
 * parent, and only under that parent, opens it. authValue is padded, so that
 * the size does not tell its length.
 *
 * A guest may come to know a parent's seedValue: the parent need not have been
 * born here. It can then make up a sensitive area, which harms nobody but
 * itself; but bytes that go to the chip have to be the chip's own. Hence the
 * inner HMAC.
 */
#include <crypto/utils.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "tpm2.h"

#define SHADOW_HASH	TPM2_ALG_SHA256
#define SHADOW_MAC	32

struct storage_keys {
	u8 sym[32];
	u8 mac[VTPM2_MAX_DIGEST];
};

static void derive(const struct vtpm2_object *parent,
		   const struct vtpm2_name *name, struct storage_keys *keys)
{
	const struct vtpm2_digest *seed = &parent->sens.seed;
	u16 alg = parent->pub.name_alg;

	vtpm2_kdfa(alg, seed->buf, seed->len, "STORAGE", name->buf, name->len,
		   NULL, 0, parent->pub.sym.bits, keys->sym);
	vtpm2_kdfa(alg, seed->buf, seed->len, "INTEGRITY", NULL, 0, NULL, 0,
		   vtpm2_digest_size(alg) * 8, keys->mac);
}

static void integrity(u16 alg, const struct storage_keys *keys,
		      const u8 *data, size_t len,
		      const struct vtpm2_name *name, u8 *mac)
{
	struct vtpm2_hmac h;

	vtpm2_hmac_init(&h, alg, keys->mac, vtpm2_digest_size(alg));
	vtpm2_hmac_update(&h, data, len);
	vtpm2_hmac_update(&h, name->buf, name->len);
	vtpm2_hmac_final(&h, mac);
}

static void shadow_mac(const struct vtpm2 *t, const struct vtpm2_object *obj,
		       u8 *mac)
{
	u8 class = obj->class;
	struct vtpm2_hmac h;

	vtpm2_hmac_init(&h, SHADOW_HASH, t->shadow_key, sizeof(t->shadow_key));
	vtpm2_hmac_update(&h, obj->name.buf, obj->name.len);
	vtpm2_hmac_update(&h, &class, sizeof(class));
	vtpm2_hmac_update(&h, obj->shadow.blob, obj->shadow.len);
	vtpm2_hmac_final(&h, mac);
}

static void wr_sensitive(const struct vtpm2 *t, struct vtpm2_wr *wr,
			 const struct vtpm2_object *obj)
{
	struct vtpm2_digest auth = {
		.len = vtpm2_digest_size(obj->pub.name_alg),
	};
	size_t at = vtpm2_wr_begin(wr);
	u8 mac[SHADOW_MAC];

	/* an authValue is never longer than nameAlg's digest */
	memcpy(auth.buf, obj->sens.auth.buf, obj->sens.auth.len);
	vtpm2_wr_u16(wr, obj->pub.type);
	vtpm2_wr_digest(wr, &auth);
	vtpm2_wr_digest(wr, &obj->sens.seed);
	vtpm2_wr_2b(wr, obj->sens.data, obj->sens.data_len);
	vtpm2_wr_u8(wr, obj->class);
	vtpm2_wr_2b(wr, obj->shadow.blob, obj->shadow.len);
	shadow_mac(t, obj, mac);
	vtpm2_wr_bytes(wr, mac, sizeof(mac));
	vtpm2_wr_end(wr, at);
	memzero_explicit(&auth, sizeof(auth));
}

u32 vtpm2_private_wrap(struct vtpm2 *t, const struct vtpm2_object *obj,
		       const struct vtpm2_object *parent, struct vtpm2_wr *wr)
{
	u16 alg = parent->pub.name_alg, size = vtpm2_digest_size(alg);
	size_t at = vtpm2_wr_begin(wr), body, plain;
	u8 mac[VTPM2_MAX_DIGEST] = {};
	struct storage_keys keys;
	u8 iv[VTPM2_AES_BLOCK];
	int err;

	vtpm2_wr_2b(wr, mac, size);
	body = wr->len;
	vtpm2_random(iv, sizeof(iv));
	vtpm2_wr_2b(wr, iv, sizeof(iv));
	plain = wr->len;
	wr_sensitive(t, wr, obj);
	vtpm2_wr_end(wr, at);
	/* the caller wipes a response that is not sent */
	if (wr->overflow || wr->len - at - 2 > VTPM2_MAX_PRIVATE)
		return TPM2_RC_FAILURE;

	derive(parent, &obj->name, &keys);
	err = vtpm2_cfb_encrypt(keys.sym, parent->pub.sym.bits, iv,
				wr->p + plain, wr->len - plain);
	integrity(alg, &keys, wr->p + body, wr->len - body, &obj->name, mac);
	memcpy(wr->p + body - size, mac, size);
	memzero_explicit(&keys, sizeof(keys));
	return err ? TPM2_RC_MEMORY : 0;
}

static void rd_sensitive(const struct vtpm2 *t, struct vtpm2_rd *rd,
			 struct vtpm2_object *obj)
{
	u8 mac[SHADOW_MAC], want[SHADOW_MAC];
	struct vtpm2_bytes b;
	struct vtpm2_rd sub;
	u8 class;

	vtpm2_rd_begin(rd, &sub);
	if (vtpm2_rd_u16(&sub) != obj->pub.type)
		vtpm2_rd_fail(&sub, TPM2_RC_TYPE);
	vtpm2_rd_auth(&sub, &obj->sens.auth);
	vtpm2_rd_digest(&sub, &obj->sens.seed);
	b = vtpm2_rd_2b(&sub, sizeof(obj->sens.data));
	obj->sens.data_len = b.len;
	if (b.len)
		memcpy(obj->sens.data, b.p, b.len);
	class = vtpm2_rd_u8(&sub);
	if (class > VTPM2_CLASS_SEALED)
		vtpm2_rd_fail(&sub, TPM2_RC_VALUE);
	obj->class = class;
	b = vtpm2_rd_2b(&sub, sizeof(obj->shadow.blob));
	obj->shadow.len = b.len;
	if (b.len)
		memcpy(obj->shadow.blob, b.p, b.len);
	vtpm2_rd_copy(&sub, mac, sizeof(mac));
	shadow_mac(t, obj, want);
	if (crypto_memneq(mac, want, sizeof(mac)))
		vtpm2_rd_fail(&sub, TPM2_RC_INTEGRITY);
	vtpm2_rd_end(rd, &sub);
}

/* Decrypt a copy: the command's bytes are still part of its cpHash. */
static u32 open_sensitive(const struct vtpm2 *t, struct vtpm2_object *obj,
			  const u8 *key, u16 bits, const u8 *iv,
			  struct vtpm2_bytes enc)
{
	struct vtpm2_rd rd;
	u32 rc;
	u8 *p;

	p = kmemdup(enc.p, enc.len, GFP_KERNEL_ACCOUNT);
	if (!p)
		return TPM2_RC_MEMORY;
	rc = TPM2_RC_MEMORY;
	if (vtpm2_cfb_decrypt(key, bits, iv, p, enc.len))
		goto out;
	vtpm2_rd_init(&rd, p, enc.len);
	rd_sensitive(t, &rd, obj);
	if (!rd.err && rd.left)
		vtpm2_rd_fail(&rd, TPM2_RC_SIZE);
	rc = rd.err;
out:
	kfree_sensitive(p);
	return rc;
}

u32 vtpm2_private_unwrap(struct vtpm2 *t, struct vtpm2_object *obj,
			 const struct vtpm2_object *parent,
			 struct vtpm2_bytes priv)
{
	u16 alg = parent->pub.name_alg, size = vtpm2_digest_size(alg);
	struct vtpm2_bytes mac, iv;
	struct storage_keys keys;
	u8 want[VTPM2_MAX_DIGEST];
	struct vtpm2_rd rd;
	u32 rc;

	vtpm2_rd_init(&rd, priv.p, priv.len);
	mac = vtpm2_rd_2b(&rd, VTPM2_MAX_DIGEST);
	if (rd.err)
		return rd.err;
	derive(parent, &obj->name, &keys);
	integrity(alg, &keys, rd.p, rd.left, &obj->name, want);
	rc = TPM2_RC_INTEGRITY;
	if (mac.len != size || crypto_memneq(mac.p, want, size))
		goto out;

	iv = vtpm2_rd_2b(&rd, VTPM2_AES_BLOCK);
	rc = rd.err;
	if (rc)
		goto out;
	rc = TPM2_RC_VALUE;
	if (iv.len != VTPM2_AES_BLOCK)
		goto out;
	rc = open_sensitive(t, obj, keys.sym, parent->pub.sym.bits, iv.p,
			    (struct vtpm2_bytes){ rd.p, rd.left });
out:
	memzero_explicit(&keys, sizeof(keys));
	return rc;
}
