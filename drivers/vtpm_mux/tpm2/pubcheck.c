// SPDX-License-Identifier: GPL-2.0
/*
 * Do the fields of a public area agree with each other, with its parent's and
 * with its sensitive area? (Part 1, 23 and 27; Part 2, 8.3; Part 3, 12.1)
 *
 * The order of the checks is the order of their response codes.
 */
#include <linux/array_size.h>
#include <linux/string.h>

#include "tpm2.h"

static bool has(const struct vtpm2_public *pub, u32 attr)
{
	return pub->attrs & attr;
}

static u32 check_keyedhash(const struct vtpm2_public *pub)
{
	u16 alg = pub->scheme.alg;

	if (has(pub, TPM2_OA_SIGN_ENCRYPT) == has(pub, TPM2_OA_DECRYPT))
		return alg == TPM2_ALG_NULL ? 0 : TPM2_RC_SCHEME;
	if (has(pub, TPM2_OA_SIGN_ENCRYPT))
		return alg == TPM2_ALG_HMAC ? 0 : TPM2_RC_SCHEME;
	if (alg != TPM2_ALG_XOR)
		return TPM2_RC_SCHEME;
	/* a derivation parent derives with KDFa */
	if (has(pub, TPM2_OA_RESTRICTED) &&
	    pub->scheme.kdf != TPM2_ALG_KDF1_SP800_108)
		return TPM2_RC_SCHEME;
	return 0;
}

static bool is_sign_scheme(const struct vtpm2_public *pub)
{
	if (pub->type == TPM2_ALG_RSA)
		return pub->scheme.alg == TPM2_ALG_RSASSA ||
		       pub->scheme.alg == TPM2_ALG_RSAPSS;
	return pub->scheme.alg == TPM2_ALG_ECDSA ||
	       pub->scheme.alg == TPM2_ALG_ECDAA ||
	       pub->scheme.alg == TPM2_ALG_SM2 ||
	       pub->scheme.alg == TPM2_ALG_ECSCHNORR;
}

static bool is_decrypt_scheme(const struct vtpm2_public *pub)
{
	if (pub->type == TPM2_ALG_RSA)
		return pub->scheme.alg == TPM2_ALG_RSAES ||
		       pub->scheme.alg == TPM2_ALG_OAEP;
	return pub->scheme.alg == TPM2_ALG_ECDH ||
	       pub->scheme.alg == TPM2_ALG_SM2 ||
	       pub->scheme.alg == TPM2_ALG_ECMQV;
}

static bool asym_scheme_ok(const struct vtpm2_public *pub)
{
	bool none = pub->scheme.alg == TPM2_ALG_NULL;
	bool restricted = has(pub, TPM2_OA_RESTRICTED);

	if (has(pub, TPM2_OA_SIGN_ENCRYPT) == has(pub, TPM2_OA_DECRYPT))
		return none;
	if (has(pub, TPM2_OA_SIGN_ENCRYPT))
		return is_sign_scheme(pub) || (none && !restricted);
	return none || (!restricted && is_decrypt_scheme(pub));
}

static u32 check_asym(const struct vtpm2_public *pub)
{
	if (!asym_scheme_ok(pub))
		return TPM2_RC_SCHEME;
	if (!(has(pub, TPM2_OA_RESTRICTED) && has(pub, TPM2_OA_DECRYPT)) &&
	    pub->sym.alg != TPM2_ALG_NULL)
		return TPM2_RC_SYMMETRIC;
	if (pub->type == TPM2_ALG_ECC && pub->kdf.alg != TPM2_ALG_NULL)
		return TPM2_RC_KDF;
	return 0;
}

/* A key that decrypts needs a mode to do it; CMAC is for signing keys. */
static u32 check_symcipher(const struct vtpm2_public *pub)
{
	return has(pub, TPM2_OA_DECRYPT) && pub->sym.mode == TPM2_ALG_CMAC ?
		TPM2_RC_SCHEME : 0;
}

static bool same_sym(const struct vtpm2_sym *a, const struct vtpm2_sym *b)
{
	return a->alg == b->alg && a->bits == b->bits && a->mode == b->mode;
}

/* Schemes and symmetric algorithm; unnumbered response code. */
u32 vtpm2_public_check_scheme(const struct vtpm2_public *pub,
			      const struct vtpm2_object *parent)
{
	u32 rc;

	if (pub->type == TPM2_ALG_KEYEDHASH)
		return check_keyedhash(pub);
	if (vtpm2_public_asymmetric(pub))
		rc = check_asym(pub);
	else
		rc = check_symcipher(pub);
	if (rc)
		return rc;
	if (!has(pub, TPM2_OA_RESTRICTED) || !has(pub, TPM2_OA_DECRYPT))
		return 0;
	/* a storage key; one that cannot move is no weaker than its parent */
	if (pub->sym.alg == TPM2_ALG_NULL)
		return TPM2_RC_SYMMETRIC;
	if (parent && has(pub, TPM2_OA_FIXED_PARENT)) {
		if (pub->name_alg != parent->pub.name_alg)
			return TPM2_RC_HASH;
		if (!same_sym(&pub->sym, &parent->pub.sym))
			return TPM2_RC_SYMMETRIC;
	}
	return 0;
}

/* Part 2, 8.3.3 */
static bool attributes_ok(const struct vtpm2_public *pub,
			  const struct vtpm2_public *parent)
{
	bool fixed = has(pub, TPM2_OA_FIXED_TPM);
	bool sign = has(pub, TPM2_OA_SIGN_ENCRYPT);
	bool decrypt = has(pub, TPM2_OA_DECRYPT);

	/* a hierarchy's seed counts as a parent with fixedTPM */
	if (!parent || has(parent, TPM2_OA_FIXED_TPM)) {
		if (fixed != has(pub, TPM2_OA_FIXED_PARENT))
			return false;
	} else if (fixed) {
		return false;
	}
	if (sign == decrypt && has(pub, TPM2_OA_RESTRICTED))
		return false;
	if (!sign && !decrypt && pub->type != TPM2_ALG_KEYEDHASH)
		return false;
	if (fixed && has(pub, TPM2_OA_ENCRYPTED_DUPLICATION))
		return false;
	/* a key that may leave this TPM is none of the chip's */
	if (!fixed && has(pub, TPM2_OA_VTPM_HARDWARE))
		return false;
	if (parent && !has(parent, TPM2_OA_FIXED_TPM) &&
	    has(pub, TPM2_OA_ENCRYPTED_DUPLICATION) !=
	    has(parent, TPM2_OA_ENCRYPTED_DUPLICATION))
		return false;
	return true;
}

/* Part 3, 12.9: a derived object is where, and only where, its parent is. */
static bool derived_ok(const struct vtpm2_public *pub,
		       const struct vtpm2_public *parent)
{
	return has(pub, TPM2_OA_FIXED_PARENT) &&
	       has(pub, TPM2_OA_FIXED_TPM) == has(parent, TPM2_OA_FIXED_TPM);
}

u32 vtpm2_public_check(const struct vtpm2_public *pub,
		       const struct vtpm2_object *parent, bool load)
{
	if (pub->name_alg == TPM2_ALG_NULL)
		return TPM2_RC_HASH;
	/* RSA-1024 is there to verify what others signed */
	if (!load && pub->type == TPM2_ALG_RSA && pub->bits < 2048)
		return TPM2_RC_VALUE;
	if (pub->policy.len &&
	    pub->policy.len != vtpm2_digest_size(pub->name_alg))
		return TPM2_RC_SIZE;
	if (!attributes_ok(pub, parent ? &parent->pub : NULL))
		return TPM2_RC_ATTRIBUTES;
	if (parent && vtpm2_public_is_derivation(&parent->pub) &&
	    !derived_ok(pub, &parent->pub))
		return TPM2_RC_ATTRIBUTES;
	return vtpm2_public_check_scheme(pub, parent);
}

/*
 * What only creation asks: where the sensitive data comes from. @data_len is
 * the size of inSensitive.data.
 */
u32 vtpm2_public_check_create(const struct vtpm2_public *pub,
			      const struct vtpm2_object *parent,
			      size_t data_len)
{
	bool origin = has(pub, TPM2_OA_SENSITIVE_DATA_ORIGIN);

	if (!origin && !data_len)
		return TPM2_RC_ATTRIBUTES;
	/* a primary's data goes into its derivation */
	if (parent && origin && data_len)
		return TPM2_RC_ATTRIBUTES;
	switch (pub->type) {
	case TPM2_ALG_KEYEDHASH:
		/* the TPM does not make up data to seal */
		if (origin && !has(pub, TPM2_OA_SIGN_ENCRYPT) &&
		    !has(pub, TPM2_OA_DECRYPT))
			return TPM2_RC_ATTRIBUTES;
		fallthrough;
	case TPM2_ALG_SYMCIPHER:
		/* what others know is not restricted to this TPM */
		if (!origin && has(pub, TPM2_OA_RESTRICTED) &&
		    has(pub, TPM2_OA_FIXED_PARENT | TPM2_OA_FIXED_TPM))
			return TPM2_RC_ATTRIBUTES;
		break;
	default:
		if (!origin)
			return TPM2_RC_ATTRIBUTES;
	}
	return vtpm2_public_check(pub, parent, false);
}

static u32 check_rsa(const struct vtpm2_public *pub)
{
	if (pub->x_len != pub->bits / 8 || pub->x[0] < 0x80)
		return TPM2_RC_KEY;
	if (pub->exponent && pub->exponent < 7)
		return TPM2_RC_VALUE;
	return 0;
}

static u32 check_ecc(const struct vtpm2_public *pub)
{
	u16 size = vtpm2_ecc_size(pub->curve);

	if (pub->x_len != size || pub->y_len != size)
		return TPM2_RC_KEY;
	if (pub->name_alg != TPM2_ALG_NULL &&
	    vtpm2_ecc_check_point(pub->curve, pub->x, pub->y))
		return TPM2_RC_ECC_POINT;
	return 0;
}

u32 vtpm2_public_check_unique(const struct vtpm2_public *pub)
{
	switch (pub->type) {
	case TPM2_ALG_RSA:
		return check_rsa(pub);
	case TPM2_ALG_ECC:
		return check_ecc(pub);
	default:
		return pub->x_len == vtpm2_digest_size(pub->name_alg) ?
			0 : TPM2_RC_KEY;
	}
}

/*
 * A parent's seedValue is the key of an HMAC: unique is public, and nothing but
 * the protections of its children shall be made of that seed directly.
 */
static noinline_for_stack void parent_unique(const struct vtpm2_public *pub,
					     const struct vtpm2_digest *seed,
					     struct vtpm2_bytes data,
					     struct vtpm2_digest *out)
{
	struct vtpm2_hmac h;

	vtpm2_hmac_init(&h, pub->name_alg, seed->buf, seed->len);
	vtpm2_hmac_update(&h, data.p, data.len);
	vtpm2_hmac_final(&h, out->buf);
	out->len = vtpm2_digest_size(pub->name_alg);
}

/* Part 1, 27.5.3: what a KEYEDHASH or SYMCIPHER object is recognized by */
void vtpm2_public_unique(const struct vtpm2_public *pub,
			 const struct vtpm2_digest *seed,
			 struct vtpm2_bytes data, struct vtpm2_digest *out)
{
	const struct vtpm2_bytes parts[] = { { seed->buf, seed->len }, data };

	if (has(pub, TPM2_OA_RESTRICTED) && has(pub, TPM2_OA_DECRYPT))
		parent_unique(pub, seed, data, out);
	else
		vtpm2_hash_parts(pub->name_alg, parts, ARRAY_SIZE(parts), out);
}

/*
 * A scalar is a number: leading zeroes may be missing or too many (the codes
 * follow the reference implementation, which takes both).
 */
static bool pad_scalar(struct vtpm2_sensitive *sens, u16 size)
{
	while (sens->data_len > size && !sens->data[0])
		memmove(sens->data, sens->data + 1, --sens->data_len);
	if (sens->data_len > size)
		return false;
	memmove(sens->data + size - sens->data_len, sens->data, sens->data_len);
	memset(sens->data, 0, size - sens->data_len);
	sens->data_len = size;
	return true;
}

/* A coordinate is a number, too; in the public area it stays as it was given. */
static bool same_coordinate(const u8 *given, u16 len, const u8 *want, u16 size)
{
	u8 fixed[VTPM2_MAX_ECC];

	return vtpm2_fixed((struct vtpm2_bytes){ given, len }, fixed, size) &&
	       !memcmp(fixed, want, size);
}

/* Does the scalar belong to the point? */
static u32 check_scalar(const struct vtpm2_public *pub,
			struct vtpm2_sensitive *sens)
{
	u8 x[VTPM2_MAX_ECC], y[VTPM2_MAX_ECC];
	u16 size = vtpm2_ecc_size(pub->curve);

	/* out of range scalars are refused by vtpm2_ecc_public() */
	if (!pad_scalar(sens, size) ||
	    vtpm2_ecc_public(pub->curve, sens->data, x, y))
		return TPM2_RC_KEY_SIZE;
	if (pub->name_alg == TPM2_ALG_NULL)
		return 0;
	if (!same_coordinate(pub->x, pub->x_len, x, size) ||
	    !same_coordinate(pub->y, pub->y_len, y, size))
		return TPM2_RC_BINDING;
	return 0;
}

/* Does the prime belong to the modulus? */
static u32 check_prime(const struct vtpm2_public *pub,
		       const struct vtpm2_sensitive *sens, unsigned int param)
{
	u32 rc = check_rsa(pub);

	if (rc)
		return vtpm2_rc_p(rc, 2);
	if (sens->data_len * 2 != pub->x_len || sens->data[0] < 0x80)
		return vtpm2_rc_p(TPM2_RC_KEY_SIZE, param);
	return vtpm2_rsa_check(pub->x, pub->x_len, pub->exponent ?: 65537,
			       sens->data) ? TPM2_RC_BINDING : 0;
}

static u32 check_data(const struct vtpm2_public *pub,
		      const struct vtpm2_sensitive *sens, unsigned int param)
{
	u16 size = vtpm2_digest_size(pub->name_alg);
	struct vtpm2_digest unique;
	size_t max;

	if (pub->type == TPM2_ALG_SYMCIPHER) {
		if (sens->data_len != pub->sym.bits / 8)
			return vtpm2_rc_p(TPM2_RC_KEY_SIZE, param);
	} else {
		max = pub->scheme.alg == TPM2_ALG_NULL ? VTPM2_MAX_SYM_DATA :
			vtpm2_hash_block_size(pub->scheme.hash);
		if (sens->data_len > max)
			return vtpm2_rc_p(TPM2_RC_KEY_SIZE, param);
	}
	if (!size)
		return 0;
	if (sens->seed.len != size)
		return vtpm2_rc_p(TPM2_RC_KEY_SIZE, param);
	vtpm2_public_unique(pub, &sens->seed,
			    (struct vtpm2_bytes){ sens->data, sens->data_len },
			    &unique);
	if (pub->x_len != size || memcmp(pub->x, unique.buf, size))
		return TPM2_RC_BINDING;
	return 0;
}

/* A parent's seedValue is as strong as half of its nameAlg, or more. */
static u32 check_seed(const struct vtpm2_public *pub,
		      const struct vtpm2_sensitive *sens, unsigned int param)
{
	u16 size = vtpm2_digest_size(pub->name_alg);

	if (!size || !has(pub, TPM2_OA_RESTRICTED) || !has(pub, TPM2_OA_DECRYPT))
		return 0;
	return sens->seed.len < size / 2 || sens->seed.len > size ?
		vtpm2_rc_p(TPM2_RC_SIZE, param) : 0;
}

/*
 * Both areas of an object (TPM2_Load, TPM2_LoadExternal, TPM2_Import): the
 * private one is parameter @param, the public one is parameter 2 in all of
 * them. Complete response code.
 */
u32 vtpm2_public_check_pair(const struct vtpm2_public *pub,
			    struct vtpm2_sensitive *sens, unsigned int param)
{
	u16 size = vtpm2_digest_size(pub->name_alg);
	u32 rc;

	if (size && sens->auth.len > size)
		return vtpm2_rc_p(TPM2_RC_SIZE, param);
	switch (pub->type) {
	case TPM2_ALG_RSA:
		rc = check_prime(pub, sens, param);
		break;
	case TPM2_ALG_ECC:
		rc = check_scalar(pub, sens);
		break;
	default:
		rc = check_data(pub, sens, param);
	}
	return rc ? rc : check_seed(pub, sens, param);
}
