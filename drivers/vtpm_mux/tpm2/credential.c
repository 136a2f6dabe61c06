// SPDX-License-Identifier: GPL-2.0
/*
 * Credentials (Part 1, 24; Part 3, 12.5 and 12.6).
 *
 *   seed        shared with the EK under the label "IDENTITY"
 *   encIdentity AES-CFB(KDFa(seed, "STORAGE", name), TPM2B credential)
 *   integrity   HMAC(KDFa(seed, "INTEGRITY"), encIdentity || name)
 *
 * The name of the object to be credentialed is in both: who holds the EK but
 * not that object gets TPM_RC_INTEGRITY.
 */
#include <crypto/utils.h>
#include <linux/string.h>

#include "commands.h"

/* TPM2B_ID_OBJECT: an integrity digest and an encrypted one, both sized */
#define MAX_ENC		(2 + VTPM2_MAX_DIGEST)
#define MAX_ID_OBJECT	(2 + VTPM2_MAX_DIGEST + MAX_ENC)
#define MAX_SYM_KEY	32

/* Only a storage key has a symmetric algorithm to protect with. */
static bool is_storage_key(const struct vtpm2_public *pub)
{
	u32 needed = TPM2_OA_DECRYPT | TPM2_OA_RESTRICTED;

	return vtpm2_public_asymmetric(pub) &&
	       (pub->attrs & needed) == needed;
}

/* AES-CFB of @len bytes in place, either way. */
static u32 crypt(const struct vtpm2_public *pub,
		 const struct vtpm2_digest *seed,
		 const struct vtpm2_name *name, bool encrypt, u8 *data,
		 size_t len)
{
	u16 bits = pub->sym.bits;
	u8 key[MAX_SYM_KEY];
	int err;

	if (pub->sym.alg != TPM2_ALG_AES || bits > sizeof(key) * 8)
		return TPM2_RC_SYMMETRIC;
	vtpm2_kdfa(pub->name_alg, seed->buf, seed->len, "STORAGE", name->buf,
		   name->len, NULL, 0, bits, key);
	if (encrypt)
		err = vtpm2_cfb_encrypt(key, bits, NULL, data, len);
	else
		err = vtpm2_cfb_decrypt(key, bits, NULL, data, len);
	memzero_explicit(key, sizeof(key));
	return err ? TPM2_RC_FAILURE : 0;
}

static void integrity(const struct vtpm2_public *pub,
		      const struct vtpm2_digest *seed,
		      const struct vtpm2_name *name, struct vtpm2_bytes enc,
		      struct vtpm2_digest *out)
{
	u8 key[VTPM2_MAX_DIGEST];
	struct vtpm2_hmac h;

	out->len = vtpm2_digest_size(pub->name_alg);
	vtpm2_kdfa(pub->name_alg, seed->buf, seed->len, "INTEGRITY", NULL, 0,
		   NULL, 0, out->len * 8, key);
	vtpm2_hmac_init(&h, pub->name_alg, key, out->len);
	vtpm2_hmac_update(&h, enc.p, enc.len);
	vtpm2_hmac_update(&h, name->buf, name->len);
	vtpm2_hmac_final(&h, out->buf);
	memzero_explicit(key, sizeof(key));
}

/* Write the TPM2B_ID_OBJECT. */
static u32 wrap(const struct vtpm2_public *pub,
		const struct vtpm2_digest *seed, const struct vtpm2_name *name,
		const struct vtpm2_digest *credential, struct vtpm2_wr *wr)
{
	struct vtpm2_digest mac;
	struct vtpm2_bytes enc;
	struct vtpm2_wr inner;
	u8 buf[MAX_ENC];
	size_t at;
	u32 rc;

	vtpm2_wr_init(&inner, buf, sizeof(buf));
	vtpm2_wr_digest(&inner, credential);
	rc = crypt(pub, seed, name, true, buf, inner.len);
	if (rc) {
		memzero_explicit(buf, sizeof(buf));
		return rc;
	}
	enc = (struct vtpm2_bytes){ buf, inner.len };
	integrity(pub, seed, name, enc, &mac);
	at = vtpm2_wr_begin(wr);
	vtpm2_wr_digest(wr, &mac);
	vtpm2_wr_bytes(wr, enc.p, enc.len);
	vtpm2_wr_end(wr, at);
	return 0;
}

/* The credential in a TPM2B_ID_OBJECT; unnumbered code. */
static u32 unwrap(const struct vtpm2_public *pub,
		  const struct vtpm2_digest *seed,
		  const struct vtpm2_name *name, struct vtpm2_bytes blob,
		  struct vtpm2_digest *credential)
{
	struct vtpm2_bytes mac, enc;
	struct vtpm2_digest own;
	u8 buf[MAX_ID_OBJECT];
	struct vtpm2_rd rd;
	u32 rc;

	vtpm2_rd_init(&rd, blob.p, blob.len);
	mac = vtpm2_rd_2b(&rd, VTPM2_MAX_DIGEST);
	if (rd.err)
		return rd.err;
	enc = (struct vtpm2_bytes){ rd.p, rd.left };
	integrity(pub, seed, name, enc, &own);
	if (mac.len != own.len || crypto_memneq(mac.p, own.buf, own.len))
		return TPM2_RC_INTEGRITY;

	/* enc is a part of blob, which was read with this limit */
	memcpy(buf, enc.p, enc.len);
	rc = crypt(pub, seed, name, false, buf, enc.len);
	if (rc)
		goto out;
	vtpm2_rd_init(&rd, buf, enc.len);
	vtpm2_rd_digest(&rd, credential);
	rc = rd.err;
	if (!rc && rd.left)
		rc = TPM2_RC_SIZE;
out:
	memzero_explicit(buf, sizeof(buf));
	return rc;
}

u32 vtpm2_cc_make_credential(struct vtpm2 *t, struct vtpm2_cmd *c)
{
	const struct vtpm2_public *pub = &c->obj[0]->pub;
	struct vtpm2_digest credential, seed;
	u8 secret[2 + VTPM2_MAX_SECRET];
	struct vtpm2_name name;
	struct vtpm2_wr wr;
	u32 rc;

	vtpm2_rd_digest(vtpm2_param(c), &credential);
	vtpm2_rd_name(vtpm2_param(c), &name);
	rc = vtpm2_done(c);
	if (rc)
		goto out;
	if (!is_storage_key(pub)) {
		rc = vtpm2_rc_h(TPM2_RC_TYPE, 1);
		goto out;
	}
	if (credential.len > vtpm2_digest_size(pub->name_alg)) {
		rc = vtpm2_rc_p(TPM2_RC_SIZE, 1);
		goto out;
	}

	vtpm2_wr_init(&wr, secret, sizeof(secret));
	rc = vtpm2_secret_encrypt(pub, "IDENTITY", &seed, &wr);
	if (rc)
		goto out;
	rc = wrap(pub, &seed, &name, &credential, &c->out);
	if (!rc)
		vtpm2_wr_bytes(&c->out, secret, wr.len);
	memzero_explicit(&seed, sizeof(seed));
out:
	memzero_explicit(&credential, sizeof(credential));
	return rc;
}

u32 vtpm2_cc_activate_credential(struct vtpm2 *t, struct vtpm2_cmd *c)
{
	struct vtpm2_object *object = c->obj[0], *key = c->obj[1];
	struct vtpm2_digest seed, credential;
	struct vtpm2_bytes blob, secret;
	u32 rc;

	blob = vtpm2_rd_2b(vtpm2_param(c), MAX_ID_OBJECT);
	secret = vtpm2_rd_2b(vtpm2_param(c), VTPM2_MAX_SECRET);
	rc = vtpm2_done(c);
	if (rc)
		return rc;
	if (!is_storage_key(&key->pub))
		return vtpm2_rc_h(TPM2_RC_TYPE, 2);

	rc = vtpm2_secret_decrypt(t, key, "IDENTITY", secret, &seed);
	if (rc) {
		rc = vtpm2_rc_safe_p(rc, 2);
		goto out;
	}
	rc = unwrap(&key->pub, &seed, &object->name, blob, &credential);
	if (rc)
		rc = vtpm2_rc_safe_p(rc, 1);
	else
		vtpm2_wr_digest(&c->out, &credential);
	memzero_explicit(&credential, sizeof(credential));
out:
	memzero_explicit(&seed, sizeof(seed));
	return rc;
}
