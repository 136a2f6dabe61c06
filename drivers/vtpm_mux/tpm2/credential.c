// SPDX-License-Identifier: GPL-2.0
/*
 * Credentials (Part 1, 24; Part 3, 12.5 and 12.6): a secret in the outer
 * wrapper of wrap.c, whose seed is shared with the EK under the label
 * "IDENTITY". The name of the object to be credentialed is part of it: who
 * holds the EK but not that object gets TPM_RC_INTEGRITY.
 */
#include <linux/string.h>

#include "commands.h"
#include "wrap.h"

/* TPM2B_ID_OBJECT: an integrity digest and an encrypted one, both sized */
#define MAX_ENC		(2 + VTPM2_MAX_DIGEST)
#define MAX_ID_OBJECT	(2 + VTPM2_MAX_DIGEST + MAX_ENC)

/* Write the TPM2B_ID_OBJECT. */
static u32 wrap(const struct vtpm2_wrapper *w,
		const struct vtpm2_digest *credential, struct vtpm2_wr *wr)
{
	size_t at = vtpm2_wr_begin(wr), outer = vtpm2_wrap_begin(w, wr);

	vtpm2_wr_digest(wr, credential);
	vtpm2_wr_end(wr, at);
	return vtpm2_wrap_end(w, wr, outer);
}

/* The credential in a TPM2B_ID_OBJECT; unnumbered code. */
static u32 unwrap(const struct vtpm2_wrapper *w, struct vtpm2_bytes blob,
		  struct vtpm2_digest *credential)
{
	u8 buf[MAX_ID_OBJECT];
	struct vtpm2_rd rd;
	size_t len;
	u32 rc;

	/* blob was read with this limit */
	rc = vtpm2_unwrap(w, blob, buf, &len);
	if (rc)
		goto out;
	vtpm2_rd_init(&rd, buf, len);
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
	if (!vtpm2_public_is_storage(pub)) {
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
	rc = wrap(&(struct vtpm2_wrapper){
		.pub = pub, .seed = &seed, .name = &name,
	}, &credential, &c->out);
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
	if (!vtpm2_public_is_storage(&key->pub))
		return vtpm2_rc_h(TPM2_RC_TYPE, 2);

	rc = vtpm2_secret_decrypt(t, key, "IDENTITY", secret, &seed);
	if (rc) {
		rc = vtpm2_rc_safe_p(rc, 2);
		goto out;
	}
	rc = unwrap(&(struct vtpm2_wrapper){
		.pub = &key->pub, .seed = &seed, .name = &object->name,
	}, blob, &credential);
	if (rc)
		rc = vtpm2_rc_safe_p(rc, 1);
	else
		vtpm2_wr_digest(&c->out, &credential);
	memzero_explicit(&credential, sizeof(credential));
out:
	memzero_explicit(&seed, sizeof(seed));
	return rc;
}
