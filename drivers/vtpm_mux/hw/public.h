/* SPDX-License-Identifier: GPL-2.0 */
/*
 * TPMT_PUBLIC (Part 2, 12.2.4): templates for what we create, and what the
 * chip says that it has created.
 */
#ifndef VTPM_HW_PUBLIC_H
#define VTPM_HW_PUBLIC_H

#include <linux/types.h>

#include "../tpm2/hw.h"
#include "slots.h"
#include "wire.h"

/**
 * struct vtpm_public - a public area, read
 * @area: the whole of it, in place
 * @area_len: its length
 * @type: TPM2_ALG_RSA, _ECC or _KEYEDHASH
 * @name_alg: hash algorithm of the name
 * @attributes: TPMA_OBJECT
 * @policy: authPolicy, in place
 * @policy_len: its length
 * @symmetric: algorithm of a storage key, or TPM2_ALG_NULL
 * @symmetric_bits: its key size
 * @scheme: TPM2_ALG_NULL, or TPM2_ALG_ECDAA
 * @scheme_hash: of ECDAA
 * @bits: RSA: modulus size
 * @exponent: RSA: public exponent, 0 for 65537
 * @curve: ECC: TPM2_ECC_*
 * @x: RSA: modulus; ECC: x, as a TPM2B cursor still to be read
 * @y: ECC: y
 */
struct vtpm_public {
	const u8 *area;
	size_t area_len;
	u16 type;
	u16 name_alg;
	u32 attributes;
	const u8 *policy;
	size_t policy_len;
	u16 symmetric;
	u16 symmetric_bits;
	u16 scheme;
	u16 scheme_hash;
	u16 bits;
	u32 exponent;
	u16 curve;
	struct vtpm_rd x, y;
};

/* What all storage keys of the tree are: P-256, or RSA-2048 with @rsa. */
void vtpm_public_storage(struct vtpm_wr *wr, bool rsa, u32 attributes,
			 const u8 *policy, size_t policy_len, bool srk);
/* A key for guests. */
void vtpm_public_key(struct vtpm_wr *wr, const struct vtpm2_hw_key *key,
		     u32 attributes);
/* A P-256 key from outside that verifies signatures; the coordinates of 32 bytes. */
void vtpm_public_authority(struct vtpm_wr *wr, const u8 *x, const u8 *y);
/* A sealed data object. */
void vtpm_public_data(struct vtpm_wr *wr, u32 attributes);

/* Read a TPM2B_PUBLIC; marks @rd bad for one that we do not understand. */
void vtpm_public_read(struct vtpm_rd *rd, struct vtpm_public *pub);

/* Is it a storage key as vtpm_public_storage() makes them? */
bool vtpm_public_is_storage(const struct vtpm_public *pub, u32 attributes);

/* The name of an object with the SHA-256 public area @area. */
void vtpm_public_name(u8 *name, const void *area, size_t len);
/* The qualified name of the object @name below @parent. */
void vtpm_qualified_name(u8 *qn, const void *parent, size_t parent_len,
			 const u8 *name);

#endif
