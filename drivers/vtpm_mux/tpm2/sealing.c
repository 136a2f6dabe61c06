// SPDX-License-Identifier: GPL-2.0
/*
 * Objects of class "sealed", and the one key of a vTPM that they are under.
 *
 *   chip     VMK seals the sealing key: t->sealing.shadow, for the vTPM's life
 *    |
 *   t->sealing.key          unsealed when it is first needed, wiped when the
 *    |                      power goes, the host sleeps or nobody has used it
 *    |                      for a while
 *   KDFa(key, "SEALED", seedValue, unique)    one for each object
 *    |
 *   AES-256-CFB             sens.data of an object, wherever the object is
 *
 * The chip could seal each object by itself. Then each private area would
 * carry some 300 bytes of the chip's, with which TPM2_Create's response is more
 * than Linux takes for a trusted key, and each use would cost the chip's time.
 *
 * The ciphertext is as long as the data. unique, which is part of the Name, is
 * a digest of seedValue and data: it authenticates what comes out. seedValue is
 * random and an object's data never changes, so that no key is used twice.
 */
#include <crypto/utils.h>
#include <linux/string.h>

#include "tpm2.h"

#define OBJECT_KEY_BITS	256

static u32 make(struct vtpm2 *t)
{
	const struct vtpm2_hw_ops *ops = t->config.ops;
	struct vtpm2_sealing *s = &t->sealing;
	u32 rc;

	vtpm2_random(s->key, sizeof(s->key));
	rc = ops->seal(t->config.hw, s->key, sizeof(s->key), &s->shadow);
	if (rc)
		s->shadow.len = 0;
	return rc;
}

static u32 unseal(struct vtpm2 *t)
{
	const struct vtpm2_hw_ops *ops = t->config.ops;
	struct vtpm2_sealing *s = &t->sealing;
	size_t len = sizeof(s->key);
	u32 rc;

	rc = ops->unseal(t->config.hw, &s->shadow, s->key, &len);
	if (!rc && len != sizeof(s->key))
		rc = TPM2_RC_FAILURE;
	/* no use for it in the chip, where room is scarce, for a long time */
	ops->forget(t->config.hw, &s->shadow);
	return rc;
}

/* The sealing key into memory; @create: make it if there never was one. */
static u32 need_key(struct vtpm2 *t, bool create)
{
	struct vtpm2_sealing *s = &t->sealing;
	u32 rc = TPM2_RC_FAILURE;

	if (!t->config.ops)
		return rc;
	if (!s->ready) {
		if (s->shadow.len)
			rc = unseal(t);
		else if (create)
			rc = make(t);
		if (rc) {
			vtpm2_sealing_wipe(t);
			return rc;
		}
		s->ready = true;
	}
	s->used = true;
	return 0;
}

static void object_key(const struct vtpm2 *t, const struct vtpm2_object *obj,
		       u8 *key)
{
	vtpm2_kdfa(TPM2_ALG_SHA256, t->sealing.key, sizeof(t->sealing.key),
		   "SEALED", obj->sens.seed.buf, obj->sens.seed.len,
		   obj->pub.x, obj->pub.x_len, OBJECT_KEY_BITS, key);
}

u32 vtpm2_sealing_seal(struct vtpm2 *t, struct vtpm2_object *obj)
{
	struct vtpm2_sensitive *sens = &obj->sens;
	u8 key[OBJECT_KEY_BITS / 8];
	u32 rc;

	rc = need_key(t, true);
	if (rc)
		return rc;
	object_key(t, obj, key);
	if (vtpm2_cfb_encrypt(key, OBJECT_KEY_BITS, NULL, sens->data,
			      sens->data_len))
		rc = TPM2_RC_MEMORY;
	memzero_explicit(key, sizeof(key));
	return rc;
}

u32 vtpm2_sealing_open(struct vtpm2 *t, const struct vtpm2_object *obj,
		       u8 *data, size_t *len)
{
	const struct vtpm2_sensitive *sens = &obj->sens;
	struct vtpm2_digest unique;
	u8 key[OBJECT_KEY_BITS / 8];
	u32 rc;

	if (sens->data_len > *len)
		return TPM2_RC_FAILURE;
	rc = need_key(t, false);
	if (rc)
		return rc;
	*len = sens->data_len;
	memcpy(data, sens->data, *len);
	object_key(t, obj, key);
	if (vtpm2_cfb_decrypt(key, OBJECT_KEY_BITS, NULL, data, *len))
		rc = TPM2_RC_MEMORY;
	memzero_explicit(key, sizeof(key));
	if (rc)
		return rc;
	vtpm2_public_unique(&obj->pub, &sens->seed,
			    (struct vtpm2_bytes){ data, *len }, &unique);
	if (unique.len != obj->pub.x_len ||
	    crypto_memneq(unique.buf, obj->pub.x, unique.len))
		return TPM2_RC_INTEGRITY;
	return 0;
}

void vtpm2_sealing_wipe(struct vtpm2 *t)
{
	memzero_explicit(t->sealing.key, sizeof(t->sealing.key));
	t->sealing.ready = false;
	t->sealing.used = false;
}

void vtpm2_rest(struct vtpm2 *t)
{
	vtpm2_sealing_wipe(t);
}

bool vtpm2_needs_rest(struct vtpm2 *t)
{
	bool used = t->sealing.used;

	t->sealing.used = false;
	return used;
}
