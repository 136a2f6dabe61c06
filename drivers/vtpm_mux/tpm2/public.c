// SPDX-License-Identifier: GPL-2.0
/*
 * TPMT_PUBLIC (Part 2, 12.2): wire form, Name, and whether its fields agree.
 */
#include <linux/string.h>

#include "tpm2.h"

static const struct vtpm2_scheme no_scheme = {
	.alg = TPM2_ALG_NULL,
	.hash = TPM2_ALG_NULL,
	.kdf = TPM2_ALG_NULL,
};

/* 9.32 TPMI_ALG_KDF+ */
static bool kdf_known(u16 alg)
{
	switch (alg) {
	case TPM2_ALG_MGF1:
	case TPM2_ALG_KDF1_SP800_56A:
	case TPM2_ALG_KDF2:
	case TPM2_ALG_KDF1_SP800_108:
	case TPM2_ALG_NULL:
		return true;
	default:
		return false;
	}
}

/* 11.1.23 TPMT_KEYEDHASH_SCHEME+ */
static void rd_keyedhash_scheme(struct vtpm2_rd *rd, struct vtpm2_scheme *s)
{
	*s = no_scheme;
	s->alg = vtpm2_rd_u16(rd);
	switch (s->alg) {
	case TPM2_ALG_HMAC:
		s->hash = vtpm2_rd_hash_alg(rd, false);
		break;
	case TPM2_ALG_XOR:
		s->hash = vtpm2_rd_hash_alg(rd, false);
		s->kdf = vtpm2_rd_u16(rd);
		if (!kdf_known(s->kdf))
			vtpm2_rd_fail(rd, TPM2_RC_KDF);
		break;
	case TPM2_ALG_NULL:
		break;
	default:
		vtpm2_rd_fail(rd, TPM2_RC_VALUE);
	}
}

/* 11.2.4.2 TPMT_RSA_SCHEME+ */
static void rd_rsa_scheme(struct vtpm2_rd *rd, struct vtpm2_scheme *s)
{
	*s = no_scheme;
	s->alg = vtpm2_rd_u16(rd);
	switch (s->alg) {
	case TPM2_ALG_RSASSA:
	case TPM2_ALG_RSAPSS:
	case TPM2_ALG_OAEP:
		s->hash = vtpm2_rd_hash_alg(rd, false);
		break;
	case TPM2_ALG_RSAES:
	case TPM2_ALG_NULL:
		break;
	default:
		vtpm2_rd_fail(rd, TPM2_RC_VALUE);
	}
}

/* 11.2.5.6 TPMT_ECC_SCHEME+ */
static void rd_ecc_scheme(struct vtpm2_rd *rd, struct vtpm2_scheme *s)
{
	*s = no_scheme;
	s->alg = vtpm2_rd_u16(rd);
	switch (s->alg) {
	case TPM2_ALG_ECDSA:
	case TPM2_ALG_ECDH:
	case TPM2_ALG_SM2:
	case TPM2_ALG_ECSCHNORR:
	case TPM2_ALG_ECMQV:
		s->hash = vtpm2_rd_hash_alg(rd, false);
		break;
	case TPM2_ALG_ECDAA:
		s->hash = vtpm2_rd_hash_alg(rd, false);
		s->count = vtpm2_rd_u16(rd);
		break;
	case TPM2_ALG_NULL:
		break;
	default:
		vtpm2_rd_fail(rd, TPM2_RC_SCHEME);
	}
}

/* 11.2.3.3 TPMT_KDF_SCHEME+ */
static void rd_kdf_scheme(struct vtpm2_rd *rd, struct vtpm2_scheme *s)
{
	*s = no_scheme;
	s->alg = vtpm2_rd_u16(rd);
	if (!kdf_known(s->alg))
		vtpm2_rd_fail(rd, TPM2_RC_KDF);
	else if (s->alg != TPM2_ALG_NULL)
		s->hash = vtpm2_rd_hash_alg(rd, false);
}

static void rd_rsa_parms(struct vtpm2_rd *rd, struct vtpm2_public *pub)
{
	vtpm2_rd_sym_def_object(rd, &pub->sym, true);
	rd_rsa_scheme(rd, &pub->scheme);
	pub->bits = vtpm2_rd_u16(rd);
	/* RSA-1024: for verification only, see vtpm2_public_check() */
	if (pub->bits != 1024 && pub->bits != 2048 && pub->bits != 3072 &&
	    pub->bits != 4096)
		vtpm2_rd_fail(rd, TPM2_RC_VALUE);
	pub->exponent = vtpm2_rd_u32(rd);
}

static void rd_ecc_parms(struct vtpm2_rd *rd, struct vtpm2_public *pub)
{
	vtpm2_rd_sym_def_object(rd, &pub->sym, true);
	rd_ecc_scheme(rd, &pub->scheme);
	pub->curve = vtpm2_rd_u16(rd);
	if (!vtpm2_ecc_size(pub->curve))
		vtpm2_rd_fail(rd, TPM2_RC_CURVE);
	rd_kdf_scheme(rd, &pub->kdf);
}

/* 9.14 TPMI_ALG_PUBLIC */
static u16 rd_type(struct vtpm2_rd *rd)
{
	u16 type = vtpm2_rd_u16(rd);

	switch (type) {
	case TPM2_ALG_KEYEDHASH:
	case TPM2_ALG_SYMCIPHER:
	case TPM2_ALG_RSA:
	case TPM2_ALG_ECC:
		break;
	default:
		vtpm2_rd_fail(rd, TPM2_RC_TYPE);
	}
	return type;
}

/* 12.2.3.7 TPMU_PUBLIC_PARMS, selected by pub->type */
static void rd_parms(struct vtpm2_rd *rd, struct vtpm2_public *pub)
{
	pub->sym = (struct vtpm2_sym){ .alg = TPM2_ALG_NULL };
	pub->scheme = no_scheme;
	pub->kdf = no_scheme;
	switch (pub->type) {
	case TPM2_ALG_KEYEDHASH:
		rd_keyedhash_scheme(rd, &pub->scheme);
		break;
	case TPM2_ALG_SYMCIPHER:
		vtpm2_rd_sym_def_object(rd, &pub->sym, false);
		break;
	case TPM2_ALG_RSA:
		rd_rsa_parms(rd, pub);
		break;
	case TPM2_ALG_ECC:
		rd_ecc_parms(rd, pub);
		break;
	}
}

/* 12.2.3.8 TPMT_PUBLIC_PARMS */
void vtpm2_rd_public_parms(struct vtpm2_rd *rd, struct vtpm2_public *pub)
{
	pub->type = rd_type(rd);
	rd_parms(rd, pub);
}

static u16 rd_part(struct vtpm2_rd *rd, u8 *to, size_t cap)
{
	struct vtpm2_bytes b = vtpm2_rd_2b(rd, cap);

	if (b.len)
		memcpy(to, b.p, b.len);	/* vtpm2_rd_2b() bounds it by @cap */
	return b.len;
}

/* 12.2.3.2 TPMU_PUBLIC_ID */
static void rd_unique(struct vtpm2_rd *rd, struct vtpm2_public *pub)
{
	switch (pub->type) {
	case TPM2_ALG_RSA:
		pub->x_len = rd_part(rd, pub->x, VTPM2_MAX_RSA);
		break;
	case TPM2_ALG_ECC:
		pub->x_len = rd_part(rd, pub->x, VTPM2_MAX_ECC);
		pub->y_len = rd_part(rd, pub->y, VTPM2_MAX_ECC);
		break;
	default:
		pub->x_len = rd_part(rd, pub->x, VTPM2_MAX_DIGEST);
	}
}

/* All but unique. */
static void rd_head(struct vtpm2_rd *rd, struct vtpm2_public *pub,
		    bool null_name)
{
	memset(pub, 0, sizeof(*pub));
	pub->type = rd_type(rd);
	pub->name_alg = vtpm2_rd_hash_alg(rd, null_name);
	pub->attrs = vtpm2_rd_u32(rd);
	/* asking for both assurances is asking for neither */
	if (pub->attrs & TPM2_OA_RESERVED ||
	    (pub->attrs & TPM2_OA_VTPM_MASK) == TPM2_OA_VTPM_MASK)
		vtpm2_rd_fail(rd, TPM2_RC_RESERVED_BITS);
	vtpm2_rd_digest(rd, &pub->policy);
	rd_parms(rd, pub);
}

static void rd_public(struct vtpm2_rd *rd, struct vtpm2_public *pub,
		      bool null_name)
{
	rd_head(rd, pub, null_name);
	rd_unique(rd, pub);
}

void vtpm2_rd_public_head(struct vtpm2_rd *rd, struct vtpm2_public *pub)
{
	rd_head(rd, pub, false);
}

void vtpm2_rd_public(struct vtpm2_rd *rd, struct vtpm2_public *pub)
{
	rd_public(rd, pub, false);
}

/*
 * The size is compared with what the structure turned out to be: a wrong one
 * is TPM_RC_SIZE in both directions (Part 2, 12.2.5).
 */
static void rd_2b_public(struct vtpm2_rd *rd, struct vtpm2_public *pub,
			 bool null_name)
{
	size_t size = vtpm2_rd_u16(rd);
	size_t left = rd->left;

	if (!size)
		vtpm2_rd_fail(rd, TPM2_RC_SIZE);
	rd_public(rd, pub, null_name);
	if (left - rd->left != size)
		vtpm2_rd_fail(rd, TPM2_RC_SIZE);
}

void vtpm2_rd_2b_public(struct vtpm2_rd *rd, struct vtpm2_public *pub)
{
	rd_2b_public(rd, pub, false);
}

void vtpm2_rd_2b_public_external(struct vtpm2_rd *rd, struct vtpm2_public *pub)
{
	rd_2b_public(rd, pub, true);
}

static void wr_parms(struct vtpm2_wr *wr, const struct vtpm2_public *pub)
{
	switch (pub->type) {
	case TPM2_ALG_KEYEDHASH:
		vtpm2_wr_scheme(wr, &pub->scheme);
		break;
	case TPM2_ALG_SYMCIPHER:
		vtpm2_wr_sym(wr, &pub->sym);
		break;
	case TPM2_ALG_RSA:
		vtpm2_wr_sym(wr, &pub->sym);
		vtpm2_wr_scheme(wr, &pub->scheme);
		vtpm2_wr_u16(wr, pub->bits);
		vtpm2_wr_u32(wr, pub->exponent);
		break;
	case TPM2_ALG_ECC:
		vtpm2_wr_sym(wr, &pub->sym);
		vtpm2_wr_scheme(wr, &pub->scheme);
		vtpm2_wr_u16(wr, pub->curve);
		vtpm2_wr_scheme(wr, &pub->kdf);
		break;
	}
}

void vtpm2_wr_public(struct vtpm2_wr *wr, const struct vtpm2_public *pub)
{
	vtpm2_wr_u16(wr, pub->type);
	vtpm2_wr_u16(wr, pub->name_alg);
	vtpm2_wr_u32(wr, pub->attrs);
	vtpm2_wr_digest(wr, &pub->policy);
	wr_parms(wr, pub);
	vtpm2_wr_2b(wr, pub->x, pub->x_len);
	if (pub->type == TPM2_ALG_ECC)
		vtpm2_wr_2b(wr, pub->y, pub->y_len);
}

void vtpm2_wr_2b_public(struct vtpm2_wr *wr, const struct vtpm2_public *pub)
{
	size_t at = vtpm2_wr_begin(wr);

	vtpm2_wr_public(wr, pub);
	vtpm2_wr_end(wr, at);
}

/* Part 1, 16: nameAlg || H(TPMT_PUBLIC); empty without a nameAlg */
void vtpm2_public_name(const struct vtpm2_public *pub, struct vtpm2_name *name)
{
	u8 buf[VTPM2_MAX_PUBLIC];
	struct vtpm2_digest digest;
	struct vtpm2_bytes part;
	struct vtpm2_wr wr;

	name->len = 0;
	if (pub->name_alg == TPM2_ALG_NULL)
		return;
	vtpm2_wr_init(&wr, buf, sizeof(buf));
	vtpm2_wr_public(&wr, pub);
	part = (struct vtpm2_bytes){ buf, wr.len };
	vtpm2_hash_parts(pub->name_alg, &part, 1, &digest);
	vtpm2_wr_init(&wr, name->buf, sizeof(name->buf));
	vtpm2_wr_u16(&wr, pub->name_alg);
	vtpm2_wr_bytes(&wr, digest.buf, digest.len);
	name->len = wr.len;
}

bool vtpm2_public_asymmetric(const struct vtpm2_public *pub)
{
	return pub->type == TPM2_ALG_RSA || pub->type == TPM2_ALG_ECC;
}

static bool restricted_decrypt(const struct vtpm2_public *pub)
{
	const u32 both = TPM2_OA_RESTRICTED | TPM2_OA_DECRYPT;

	return (pub->attrs & both) == both;
}

/* A storage key (Part 1, 23.3): protects children with its seed. */
bool vtpm2_public_is_parent(const struct vtpm2_public *pub)
{
	return restricted_decrypt(pub) && pub->type != TPM2_ALG_KEYEDHASH &&
	       pub->name_alg != TPM2_ALG_NULL;
}

/* What others can send something to (TPM2_Duplicate, TPM2_MakeCredential). */
bool vtpm2_public_is_storage(const struct vtpm2_public *pub)
{
	return restricted_decrypt(pub) && vtpm2_public_asymmetric(pub);
}

/* A derivation parent (Part 1, 28): its data is the source of other objects */
bool vtpm2_public_is_derivation(const struct vtpm2_public *pub)
{
	return restricted_decrypt(pub) && pub->type == TPM2_ALG_KEYEDHASH &&
	       pub->name_alg != TPM2_ALG_NULL;
}
