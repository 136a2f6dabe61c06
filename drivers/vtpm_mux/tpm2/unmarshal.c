// SPDX-License-Identifier: GPL-2.0
/*
 * Small interface types and structures (Part 2, 9 to 11), both directions.
 *
 * The codes are those of each type's table: which one a wrong selector gets
 * differs from type to type and is not a matter of taste.
 */
#include <linux/string.h>

#include "tpm2.h"

/* 9.27 TPMI_ALG_HASH */
u16 vtpm2_rd_hash_alg(struct vtpm2_rd *rd, bool null_ok)
{
	u16 alg = vtpm2_rd_u16(rd);

	if (!vtpm2_digest_size(alg) && !(null_ok && alg == TPM2_ALG_NULL))
		vtpm2_rd_fail(rd, TPM2_RC_HASH);
	return alg;
}

/* 10.4.2 TPM2B_DIGEST; TPM_RC_SIZE above the largest digest */
void vtpm2_rd_digest(struct vtpm2_rd *rd, struct vtpm2_digest *d)
{
	struct vtpm2_bytes b = vtpm2_rd_2b(rd, sizeof(d->buf));

	d->len = b.len;
	if (b.len)
		memcpy(d->buf, b.p, b.len);
}

void vtpm2_trim_auth(struct vtpm2_digest *d)
{
	while (d->len && !d->buf[d->len - 1])
		d->len--;
}

void vtpm2_rd_auth(struct vtpm2_rd *rd, struct vtpm2_digest *d)
{
	vtpm2_rd_digest(rd, d);
	vtpm2_trim_auth(d);
}

/* 10.5.3 TPM2B_NAME */
void vtpm2_rd_name(struct vtpm2_rd *rd, struct vtpm2_name *name)
{
	struct vtpm2_bytes b = vtpm2_rd_2b(rd, sizeof(name->buf));

	name->len = b.len;
	if (b.len)
		memcpy(name->buf, b.p, b.len);
}

/* keyBits and mode of AES: TPMI_AES_KEY_BITS, TPMI_ALG_SYM_MODE+ */
static void rd_aes(struct vtpm2_rd *rd, struct vtpm2_sym *s)
{
	s->bits = vtpm2_rd_u16(rd);
	if (s->bits != 128 && s->bits != 192 && s->bits != 256)
		vtpm2_rd_fail(rd, TPM2_RC_VALUE);
	s->mode = vtpm2_rd_u16(rd);
	if (!vtpm2_sym_mode_valid(s->mode) && s->mode != TPM2_ALG_CMAC &&
	    s->mode != TPM2_ALG_NULL)
		vtpm2_rd_fail(rd, TPM2_RC_MODE);
}

/* 11.1.6 TPMT_SYM_DEF */
void vtpm2_rd_sym_def(struct vtpm2_rd *rd, struct vtpm2_sym *s, bool null_ok)
{
	*s = (struct vtpm2_sym){ .alg = vtpm2_rd_u16(rd) };
	if (s->alg == TPM2_ALG_AES)
		rd_aes(rd, s);
	else if (s->alg == TPM2_ALG_XOR)
		s->bits = vtpm2_rd_hash_alg(rd, false);
	else if (!null_ok || s->alg != TPM2_ALG_NULL)
		vtpm2_rd_fail(rd, TPM2_RC_SYMMETRIC);
}

/* 11.1.7 TPMT_SYM_DEF_OBJECT */
void vtpm2_rd_sym_def_object(struct vtpm2_rd *rd, struct vtpm2_sym *s,
			     bool null_ok)
{
	*s = (struct vtpm2_sym){ .alg = vtpm2_rd_u16(rd) };
	if (s->alg == TPM2_ALG_AES)
		rd_aes(rd, s);
	else if (!null_ok || s->alg != TPM2_ALG_NULL)
		vtpm2_rd_fail(rd, TPM2_RC_SYMMETRIC);
}

/* 9.36 TPMI_ALG_SIG_SCHEME */
bool vtpm2_sig_scheme_valid(u16 alg)
{
	switch (alg) {
	case TPM2_ALG_RSASSA:
	case TPM2_ALG_RSAPSS:
	case TPM2_ALG_ECDSA:
	case TPM2_ALG_ECDAA:
	case TPM2_ALG_SM2:
	case TPM2_ALG_ECSCHNORR:
	case TPM2_ALG_HMAC:
		return true;
	default:
		return false;
	}
}

/* 11.2.1.5 TPMT_SIG_SCHEME */
void vtpm2_rd_sig_scheme(struct vtpm2_rd *rd, struct vtpm2_scheme *s,
			 bool null_ok)
{
	*s = (struct vtpm2_scheme){
		.alg = vtpm2_rd_u16(rd),
		.hash = TPM2_ALG_NULL,
		.kdf = TPM2_ALG_NULL,
	};
	if (vtpm2_sig_scheme_valid(s->alg))
		s->hash = vtpm2_rd_hash_alg(rd, false);
	else if (!null_ok || s->alg != TPM2_ALG_NULL)
		vtpm2_rd_fail(rd, TPM2_RC_SCHEME);
	if (s->alg == TPM2_ALG_ECDAA)
		s->count = vtpm2_rd_u16(rd);
}

/* 11.2.4.4 TPMT_RSA_DECRYPT */
void vtpm2_rd_rsa_decrypt(struct vtpm2_rd *rd, struct vtpm2_scheme *s,
			  bool null_ok)
{
	*s = (struct vtpm2_scheme){
		.alg = vtpm2_rd_u16(rd),
		.hash = TPM2_ALG_NULL,
		.kdf = TPM2_ALG_NULL,
	};
	switch (s->alg) {
	case TPM2_ALG_OAEP:
		s->hash = vtpm2_rd_hash_alg(rd, false);
		break;
	case TPM2_ALG_RSAES:
		break;
	case TPM2_ALG_NULL:
		if (null_ok)
			break;
		fallthrough;
	default:
		vtpm2_rd_fail(rd, TPM2_RC_VALUE);
	}
}

/* 9.13 TPMI_RH_HIERARCHY+ */
u32 vtpm2_rd_hierarchy(struct vtpm2_rd *rd)
{
	u32 handle = vtpm2_rd_u32(rd);

	switch (handle) {
	case TPM2_RH_OWNER:
	case TPM2_RH_ENDORSEMENT:
	case TPM2_RH_PLATFORM:
	case TPM2_RH_NULL:
		break;
	default:
		vtpm2_rd_fail(rd, TPM2_RC_VALUE);
	}
	return handle;
}

void vtpm2_wr_digest(struct vtpm2_wr *wr, const struct vtpm2_digest *d)
{
	vtpm2_wr_2b(wr, d->buf, d->len);
}

void vtpm2_wr_name(struct vtpm2_wr *wr, const struct vtpm2_name *name)
{
	vtpm2_wr_2b(wr, name->buf, name->len);
}

void vtpm2_wr_sym(struct vtpm2_wr *wr, const struct vtpm2_sym *s)
{
	vtpm2_wr_u16(wr, s->alg);
	if (s->alg == TPM2_ALG_NULL)
		return;
	vtpm2_wr_u16(wr, s->bits);
	if (s->alg != TPM2_ALG_XOR)
		vtpm2_wr_u16(wr, s->mode);
}

void vtpm2_wr_scheme(struct vtpm2_wr *wr, const struct vtpm2_scheme *s)
{
	vtpm2_wr_u16(wr, s->alg);
	if (s->alg == TPM2_ALG_NULL || s->alg == TPM2_ALG_RSAES)
		return;
	vtpm2_wr_u16(wr, s->hash);
	if (s->alg == TPM2_ALG_ECDAA)
		vtpm2_wr_u16(wr, s->count);
	if (s->alg == TPM2_ALG_XOR)
		vtpm2_wr_u16(wr, s->kdf);
}
