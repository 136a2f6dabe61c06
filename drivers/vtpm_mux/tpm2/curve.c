// SPDX-License-Identifier: GPL-2.0
/* TPM2_ECC_Parameters (Part 3, 14.6) */
#include <linux/string.h>

#include "commands.h"

/* p - 3, or one byte of 0 as other TPMs give it */
static void wr_a(struct vtpm2_wr *wr, const struct vtpm2_curve *curve)
{
	u8 a[VTPM2_MAX_ECC] = { 0 };
	int borrow = 3, i;

	if (curve->a_zero) {
		vtpm2_wr_2b(wr, a, 1);
		return;
	}
	for (i = curve->size - 1; i >= 0; i--) {
		a[i] = curve->p[i] - borrow;
		borrow = curve->p[i] < borrow;
	}
	vtpm2_wr_2b(wr, a, curve->size);
}

/* Part 2, 11.2.5.6 TPMS_ALGORITHM_DETAIL_ECC */
static void wr_curve(struct vtpm2_wr *wr, const struct vtpm2_curve *curve)
{
	vtpm2_wr_u16(wr, curve->id);
	vtpm2_wr_u16(wr, curve->bits);
	if (curve->kdf_hash != TPM2_ALG_NULL) {
		vtpm2_wr_u16(wr, TPM2_ALG_KDF1_SP800_56A);
		vtpm2_wr_u16(wr, curve->kdf_hash);
	} else {
		vtpm2_wr_u16(wr, TPM2_ALG_NULL);
	}
	vtpm2_wr_u16(wr, TPM2_ALG_NULL);	/* sign: any scheme */
	vtpm2_wr_2b(wr, curve->p, curve->size);
	wr_a(wr, curve);
	vtpm2_wr_2b(wr, curve->b, curve->size);
	vtpm2_wr_2b(wr, curve->gx, curve->size);
	vtpm2_wr_2b(wr, curve->gy, curve->size);
	vtpm2_wr_2b(wr, curve->n, curve->size);
	vtpm2_wr_2b(wr, "\x01", 1);
}

u32 vtpm2_cc_ecc_parameters(struct vtpm2 *t, struct vtpm2_cmd *c)
{
	struct vtpm2_rd *rd = vtpm2_param(c);
	const struct vtpm2_curve *curve = vtpm2_curve_find(vtpm2_rd_u16(rd));
	u32 rc;

	if (!curve)
		vtpm2_rd_fail(rd, TPM2_RC_CURVE);
	rc = vtpm2_done(c);
	if (rc)
		return rc;
	wr_curve(&c->out, curve);
	return 0;
}
