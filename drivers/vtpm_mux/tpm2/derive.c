// SPDX-License-Identifier: GPL-2.0
/*
 * Objects below a derivation parent (Part 1, 28; Part 3, 12.9).
 *
 * The parent is a KEYEDHASH object whose data nothing but derivation uses. With
 * the label and context that the caller gives, KDFa makes of it as many bytes
 * as the object takes: first those of its key, then its seedValue. Every TPM
 * that has the parent makes the same object, bit for bit.
 *
 * The result is computed by the engine, so it is of class "software" even
 * where the chip keeps the parent's data.
 */
#include <linux/errno.h>
#include <linux/string.h>

#include "create.h"

#define MAX_MATERIAL	(VTPM2_MAX_ECC + VTPM2_ECC_EXTRA + VTPM2_MAX_DIGEST)

void vtpm2_rd_derive(struct vtpm2_rd *rd, struct vtpm2_derive *derive)
{
	derive->label = vtpm2_rd_2b(rd, VTPM2_MAX_LABEL);
	derive->context = vtpm2_rd_2b(rd, VTPM2_MAX_LABEL);
}

/*
 * inSensitive says what the template leaves open. What is wrong with its form,
 * or follows it, is judged as by the reference implementation.
 */
static u32 complete(struct vtpm2_derive *derive,
		    const struct vtpm2_sensitive *sens)
{
	struct vtpm2_derive more;
	struct vtpm2_rd rd;

	if (!sens->data_len)
		return 0;
	vtpm2_rd_init(&rd, sens->data, sens->data_len);
	vtpm2_rd_derive(&rd, &more);
	if (rd.err)
		return rd.err;
	if (!derive->label.len)
		derive->label = more.label;
	if (!derive->context.len)
		derive->context = more.context;
	return 0;
}

/* Bytes of the stream that the key itself takes. */
static size_t key_size(const struct vtpm2_public *pub)
{
	if (pub->type == TPM2_ALG_ECC)
		return vtpm2_ecc_size(pub->curve) + VTPM2_ECC_EXTRA;
	return vtpm2_create_data_size(pub);
}

static u32 set_ecc(struct vtpm2_object *obj, const u8 *material)
{
	struct vtpm2_public *pub = &obj->pub;

	pub->x_len = vtpm2_ecc_size(pub->curve);
	pub->y_len = pub->x_len;
	obj->sens.data_len = pub->x_len;
	switch (vtpm2_ecc_derive(pub->curve, material, obj->sens.data, pub->x,
				 pub->y)) {
	case 0:
		return 0;
	case -ENOMEM:
		return TPM2_RC_MEMORY;
	default:
		return TPM2_RC_FAILURE;
	}
}

/* @material is of key_size(), then the size of nameAlg's digest. */
static u32 set_object(struct vtpm2_object *obj, const u8 *material)
{
	struct vtpm2_sensitive *sens = &obj->sens;
	struct vtpm2_public *pub = &obj->pub;
	size_t size = key_size(pub);
	struct vtpm2_digest unique;

	sens->seed.len = 0;
	if (pub->type == TPM2_ALG_ECC)
		return set_ecc(obj, material);
	sens->data_len = size;
	memcpy(sens->data, material, size);
	sens->seed.len = vtpm2_digest_size(pub->name_alg);
	memcpy(sens->seed.buf, material + size, sens->seed.len);
	vtpm2_public_unique(pub, &sens->seed,
			    (struct vtpm2_bytes){ sens->data, sens->data_len },
			    &unique);
	pub->x_len = unique.len;
	memcpy(pub->x, unique.buf, unique.len);
	return 0;
}

static u32 check(struct vtpm2 *t, const struct vtpm2_object *obj,
		 const struct vtpm2_object *parent)
{
	const struct vtpm2_public *pub = &obj->pub;
	u32 rc;

	if (pub->type == TPM2_ALG_RSA)
		return vtpm2_rc_p(TPM2_RC_TYPE, 2);
	/* the codes without a number are those of the reference too */
	if (pub->attrs & TPM2_OA_SENSITIVE_DATA_ORIGIN)
		return TPM2_RC_ATTRIBUTES;
	rc = vtpm2_public_check(pub, parent, false);
	if (!rc)
		rc = vtpm2_create_software(t, pub, parent->hierarchy);
	return rc ? vtpm2_rc_p(rc, 2) : 0;
}

u32 vtpm2_derive(struct vtpm2 *t, struct vtpm2_object *obj,
		 struct vtpm2_object *parent, struct vtpm2_derive *derive)
{
	u8 secret[VTPM2_MAX_SYM_DATA], material[MAX_MATERIAL];
	size_t len = sizeof(secret);
	u32 rc;

	rc = check(t, obj, parent);
	if (rc)
		return rc;
	rc = complete(derive, &obj->sens);
	if (rc)
		return rc;
	rc = vtpm2_key_data(t, parent, secret, &len);
	if (rc)
		return rc;
	vtpm2_kdfa_derive(parent->pub.scheme.hash,
			  (struct vtpm2_bytes){ secret, len }, derive->label,
			  derive->context, material, sizeof(material));
	obj->class = VTPM2_CLASS_SOFTWARE;
	vtpm2_object_set_parent(obj, parent);
	rc = set_object(obj, material);
	if (!rc)
		vtpm2_object_set_names(obj, parent);
	memzero_explicit(secret, sizeof(secret));
	memzero_explicit(material, sizeof(material));
	return rc;
}
