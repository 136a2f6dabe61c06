/* SPDX-License-Identifier: GPL-2.0 */
#ifndef VTPM_KUNIT_TEMPLATE_H
#define VTPM_KUNIT_TEMPLATE_H

#include "../../drivers/vtpm_mux/tpm2/tpm2.h"

/*
 * The parameters of TPM2_CreatePrimary for a P-256 key: with these attributes of
 * a storage key or, without a symmetric algorithm, of a signing key.
 */
static inline void put_primary(struct vtpm2_wr *wr, u32 attrs)
{
	size_t at;

	vtpm2_wr_u16(wr, 4);
	vtpm2_wr_u32(wr, 0);
	at = vtpm2_wr_begin(wr);
	vtpm2_wr_u16(wr, TPM2_ALG_ECC);
	vtpm2_wr_u16(wr, TPM2_ALG_SHA256);
	vtpm2_wr_u32(wr, attrs);
	vtpm2_wr_u16(wr, 0);
	if (attrs & TPM2_OA_RESTRICTED) {
		vtpm2_wr_u16(wr, TPM2_ALG_AES);
		vtpm2_wr_u16(wr, 128);
		vtpm2_wr_u16(wr, TPM2_ALG_CFB);
	} else {
		vtpm2_wr_u16(wr, TPM2_ALG_NULL);
	}
	vtpm2_wr_u16(wr, TPM2_ALG_NULL);
	vtpm2_wr_u16(wr, TPM2_ECC_NIST_P256);
	vtpm2_wr_u16(wr, TPM2_ALG_NULL);
	vtpm2_wr_u32(wr, 0);
	vtpm2_wr_end(wr, at);
	vtpm2_wr_u16(wr, 0);
	vtpm2_wr_u32(wr, 0);
}

#endif
