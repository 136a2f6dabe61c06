// SPDX-License-Identifier: GPL-2.0
/* Sets of commands: those that are audited, those that need presence. */
#include <linux/bits.h>
#include <linux/unaligned.h>

#include "tpm2.h"

/* MAX_CAP_CC: as many as one TPM2_GetCapability could return */
#define MAX_CCS	((VTPM2_MAX_CAP_BUFFER - 2 * sizeof(u32)) / sizeof(u32))

bool vtpm2_cc_set_has(const struct vtpm2_cc_set *set, u32 cc)
{
	u32 i = cc - VTPM2_CC_SET_FIRST;

	if (cc < VTPM2_CC_SET_FIRST || cc > VTPM2_CC_SET_LAST)
		return false;
	return set->bits[i / 8] & BIT(i % 8);
}

void vtpm2_cc_set_change(struct vtpm2_cc_set *set, u32 cc, bool member)
{
	u32 i = cc - VTPM2_CC_SET_FIRST;

	if (cc < VTPM2_CC_SET_FIRST || cc > VTPM2_CC_SET_LAST)
		return;
	if (member)
		set->bits[i / 8] |= BIT(i % 8);
	else
		set->bits[i / 8] &= ~BIT(i % 8);
}

/* Part 2, 10.9.1 TPML_CC: the codes in place, four bytes each */
struct vtpm2_bytes vtpm2_rd_ccs(struct vtpm2_rd *rd)
{
	struct vtpm2_bytes codes = { NULL, 0 };
	u32 count = vtpm2_rd_u32(rd);

	if (count > MAX_CCS) {
		vtpm2_rd_fail(rd, TPM2_RC_SIZE);
		return codes;
	}
	codes.p = vtpm2_rd_bytes(rd, count * sizeof(u32));
	codes.len = codes.p ? count * sizeof(u32) : 0;
	return codes;
}
