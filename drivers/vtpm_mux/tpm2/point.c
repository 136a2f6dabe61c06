// SPDX-License-Identifier: GPL-2.0
/* ECC points (Part 2, 11.2.5) and the integers that they are made of. */
#include <linux/string.h>

#include "tpm2.h"

/* 11.2.5.2 TPMS_ECC_POINT */
void vtpm2_rd_point(struct vtpm2_rd *rd, struct vtpm2_bytes *x,
		    struct vtpm2_bytes *y)
{
	*x = vtpm2_rd_2b(rd, VTPM2_MAX_ECC);
	*y = vtpm2_rd_2b(rd, VTPM2_MAX_ECC);
}

/*
 * 11.2.5.3 TPM2B_ECC_POINT. The point delimits itself, so a size that says
 * otherwise is a wrong size and not a lack of bytes.
 */
void vtpm2_rd_2b_point(struct vtpm2_rd *rd, struct vtpm2_bytes *x,
		       struct vtpm2_bytes *y)
{
	u16 size = vtpm2_rd_u16(rd);
	size_t left = rd->left;

	if (!rd->err && !size)
		vtpm2_rd_fail(rd, TPM2_RC_SIZE);
	vtpm2_rd_point(rd, x, y);
	if (!rd->err && left - rd->left != size)
		vtpm2_rd_fail(rd, TPM2_RC_SIZE);
}

void vtpm2_wr_point(struct vtpm2_wr *wr, const u8 *x, const u8 *y, size_t len)
{
	size_t at = vtpm2_wr_begin(wr);

	vtpm2_wr_2b(wr, x, len);
	vtpm2_wr_2b(wr, y, len);
	vtpm2_wr_end(wr, at);
}

bool vtpm2_fixed(struct vtpm2_bytes in, u8 *out, size_t size)
{
	while (in.len && !*in.p) {
		in.p++;
		in.len--;
	}
	memset(out, 0, size);
	if (in.len > size)
		return false;
	if (in.len)
		memcpy(out + size - in.len, in.p, in.len);
	return true;
}
