// SPDX-License-Identifier: GPL-2.0
/* TPM2_GetRandom and TPM2_StirRandom (Part 3, 16) */
#include <linux/minmax.h>

#include "commands.h"

u32 vtpm2_cc_get_random(struct vtpm2 *t, struct vtpm2_cmd *c)
{
	size_t len = vtpm2_rd_u16(vtpm2_param(c));
	u8 bytes[VTPM2_MAX_DIGEST];
	u32 rc;

	rc = vtpm2_done(c);
	if (rc)
		return rc;
	/* Part 3, 16.1.1: more than the largest digest is cut, no error */
	len = min(len, sizeof(bytes));
	vtpm2_random(bytes, len);
	vtpm2_wr_2b(&c->out, bytes, len);
	return 0;
}

/*
 * Checked, then dropped. vtpm2_random() is the host's generator, shared by
 * every vTPM and the host itself and fully seeded before a guest can run: the
 * bytes of a guest could add nothing to it, but would give every guest a way
 * to write to, and contend for, state that is not its own. Part 3, 16.2 leaves
 * the use of the additional input to the TPM.
 */
u32 vtpm2_cc_stir_random(struct vtpm2 *t, struct vtpm2_cmd *c)
{
	vtpm2_rd_2b(vtpm2_param(c), VTPM2_MAX_SYM_DATA);
	return vtpm2_done(c);
}
