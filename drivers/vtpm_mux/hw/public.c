// SPDX-License-Identifier: GPL-2.0
/*
 * TPMT_PUBLIC (Part 2, 12.2.4): templates for what we create, and what the
 * chip says that it has created.
 */
#include <crypto/sha2.h>
#include <linux/bug.h>
#include <linux/string.h>
#include <linux/unaligned.h>

#include "../tpm2/types.h"
#include "public.h"

#define STORAGE_RSA_BITS	2048
#define STORAGE_AES_BITS	128
#define P256_SIZE		32

static void public_begin(struct vtpm_wr *wr, u16 type, u32 attributes,
			 const u8 *policy, size_t policy_len)
{
	vtpm_wr_u16(wr, type);
	vtpm_wr_u16(wr, TPM2_ALG_SHA256);
	vtpm_wr_u32(wr, attributes);
	vtpm_wr_2b(wr, policy, policy_len);
}

void vtpm_public_storage(struct vtpm_wr *wr, bool rsa, u32 attributes,
			 const u8 *policy, size_t policy_len, bool srk)
{
	public_begin(wr, rsa ? TPM2_ALG_RSA : TPM2_ALG_ECC, attributes, policy,
		     policy_len);
	vtpm_wr_u16(wr, TPM2_ALG_AES);
	vtpm_wr_u16(wr, STORAGE_AES_BITS);
	vtpm_wr_u16(wr, TPM2_ALG_CFB);
	vtpm_wr_u16(wr, TPM2_ALG_NULL);		/* scheme */
	if (rsa) {
		vtpm_wr_u16(wr, STORAGE_RSA_BITS);
		vtpm_wr_u32(wr, 0);		/* exponent */
	} else {
		vtpm_wr_u16(wr, TPM2_ECC_NIST_P256);
		vtpm_wr_u16(wr, TPM2_ALG_NULL);	/* kdf */
	}
	/*
	 * The unique field of TCG's SRK templates is as long as the key and
	 * zero; a primary key depends on it.
	 */
	if (rsa) {
		vtpm_wr_u16(wr, srk ? STORAGE_RSA_BITS / 8 : 0);
		vtpm_wr_zero(wr, srk ? STORAGE_RSA_BITS / 8 : 0);
	} else {
		vtpm_wr_u16(wr, srk ? P256_SIZE : 0);
		vtpm_wr_zero(wr, srk ? P256_SIZE : 0);
		vtpm_wr_u16(wr, srk ? P256_SIZE : 0);
		vtpm_wr_zero(wr, srk ? P256_SIZE : 0);
	}
}

void vtpm_public_key(struct vtpm_wr *wr, const struct vtpm2_hw_key *key,
		     u32 attributes)
{
	public_begin(wr, key->alg, attributes, NULL, 0);
	vtpm_wr_u16(wr, TPM2_ALG_NULL);		/* symmetric */
	if (key->scheme == TPM2_ALG_ECDAA) {
		vtpm_wr_u16(wr, key->scheme);
		vtpm_wr_u16(wr, key->hash);
		vtpm_wr_u16(wr, 0);		/* count */
	} else {
		vtpm_wr_u16(wr, TPM2_ALG_NULL);	/* scheme */
	}
	if (key->alg == TPM2_ALG_RSA) {
		vtpm_wr_u16(wr, key->bits);
		vtpm_wr_u32(wr, 0);		/* exponent 65537 */
		vtpm_wr_u16(wr, 0);
	} else {
		vtpm_wr_u16(wr, key->curve);
		vtpm_wr_u16(wr, TPM2_ALG_NULL);	/* kdf */
		vtpm_wr_u16(wr, 0);
		vtpm_wr_u16(wr, 0);
	}
}

void vtpm_public_authority(struct vtpm_wr *wr, const u8 *x, const u8 *y)
{
	public_begin(wr, TPM2_ALG_ECC, TPM2_OA_USER_WITH_AUTH | TPM2_OA_SIGN_ENCRYPT,
		     NULL, 0);
	vtpm_wr_u16(wr, TPM2_ALG_NULL);		/* symmetric */
	vtpm_wr_u16(wr, TPM2_ALG_NULL);		/* scheme */
	vtpm_wr_u16(wr, TPM2_ECC_NIST_P256);
	vtpm_wr_u16(wr, TPM2_ALG_NULL);		/* kdf */
	vtpm_wr_2b(wr, x, P256_SIZE);
	vtpm_wr_2b(wr, y, P256_SIZE);
}

void vtpm_public_data(struct vtpm_wr *wr, u32 attributes)
{
	public_begin(wr, TPM2_ALG_KEYEDHASH, attributes, NULL, 0);
	vtpm_wr_u16(wr, TPM2_ALG_NULL);		/* scheme */
	vtpm_wr_u16(wr, 0);			/* unique */
}

/* A TPM2B that vtpm_rd_number() is to read later. */
static void public_keep(struct vtpm_rd *rd, struct vtpm_rd *later)
{
	size_t len;

	*later = *rd;
	vtpm_rd_2b(rd, &len);
	later->left -= rd->left;
	later->bad = rd->bad;
}

static void public_read_parms(struct vtpm_rd *rd, struct vtpm_public *pub)
{
	if (pub->type != TPM2_ALG_KEYEDHASH) {
		pub->symmetric = vtpm_rd_u16(rd);
		if (pub->symmetric != TPM2_ALG_NULL) {
			pub->symmetric_bits = vtpm_rd_u16(rd);
			vtpm_rd_u16(rd);	/* mode */
		}
	}
	pub->scheme = vtpm_rd_u16(rd);
	if (pub->scheme == TPM2_ALG_ECDAA) {
		pub->scheme_hash = vtpm_rd_u16(rd);
		vtpm_rd_u16(rd);		/* count */
	} else if (pub->scheme != TPM2_ALG_NULL) {
		rd->bad = true;			/* none of ours */
	}

	switch (pub->type) {
	case TPM2_ALG_RSA:
		pub->bits = vtpm_rd_u16(rd);
		pub->exponent = vtpm_rd_u32(rd);
		public_keep(rd, &pub->x);
		break;
	case TPM2_ALG_ECC:
		pub->curve = vtpm_rd_u16(rd);
		if (vtpm_rd_u16(rd) != TPM2_ALG_NULL)
			rd->bad = true;		/* kdf */
		public_keep(rd, &pub->x);
		public_keep(rd, &pub->y);
		break;
	case TPM2_ALG_KEYEDHASH:
		public_keep(rd, &pub->x);
		break;
	default:
		rd->bad = true;
	}
}

void vtpm_public_read(struct vtpm_rd *rd, struct vtpm_public *pub)
{
	struct vtpm_rd sub;

	*pub = (struct vtpm_public){ .symmetric = TPM2_ALG_NULL };
	vtpm_rd_sub(rd, &sub);
	pub->area = sub.p;
	pub->area_len = sub.left;
	pub->type = vtpm_rd_u16(&sub);
	pub->name_alg = vtpm_rd_u16(&sub);
	pub->attributes = vtpm_rd_u32(&sub);
	pub->policy = vtpm_rd_2b(&sub, &pub->policy_len);
	public_read_parms(&sub, pub);
	if (!vtpm_rd_done(&sub))
		rd->bad = true;
}

bool vtpm_public_is_storage(const struct vtpm_public *pub, u32 attributes)
{
	bool rsa = pub->type == TPM2_ALG_RSA && pub->bits >= STORAGE_RSA_BITS;
	bool ecc = pub->type == TPM2_ALG_ECC;

	return (rsa || ecc) && pub->name_alg == TPM2_ALG_SHA256 &&
	       pub->symmetric == TPM2_ALG_AES &&
	       pub->scheme == TPM2_ALG_NULL &&
	       pub->symmetric_bits >= STORAGE_AES_BITS &&
	       (pub->attributes & attributes) == attributes &&
	       !(pub->attributes & TPM2_OA_SIGN_ENCRYPT);
}

void vtpm_public_name(u8 *name, const void *area, size_t len)
{
	put_unaligned_be16(TPM2_ALG_SHA256, name);
	sha256(area, len, name + 2);
}

void vtpm_qualified_name(u8 *qn, const void *parent, size_t parent_len,
			 const u8 *name)
{
	u8 both[2 * VTPM_NAME_LEN];

	if (WARN_ON_ONCE(parent_len > VTPM_NAME_LEN))
		parent_len = 0;
	memcpy(both, parent, parent_len);
	memcpy(both + parent_len, name, VTPM_NAME_LEN);
	vtpm_public_name(qn, both, parent_len + VTPM_NAME_LEN);
}
