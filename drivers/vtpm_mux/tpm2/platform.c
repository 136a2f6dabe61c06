// SPDX-License-Identifier: GPL-2.0
/*
 * What the platform's firmware sets up (Part 3, 26): commands that need
 * physical presence besides its authorization, the set of algorithms.
 *
 * Presence is the host's to assert (vtpm2_set_presence()): no command does.
 */
#include <linux/unaligned.h>

#include "commands.h"

void vtpm2_platform_manufacture(struct vtpm2 *t)
{
	vtpm2_cc_set_change(&t->pp_commands, TPM2_CC_PP_COMMANDS, true);
}

void vtpm2_set_presence(struct vtpm2 *t, bool asserted)
{
	t->presence = asserted;
}

/* Codes that cannot need it, or always do, are passed over. */
static void change_commands(struct vtpm2 *t, struct vtpm2_bytes codes,
			    bool required)
{
	size_t i;

	for (i = 0; i + 4 <= codes.len; i += 4) {
		u32 cc = get_unaligned_be32(codes.p + i);
		const struct vtpm2_command *def = vtpm2_command_find(cc);

		if (def && (def->flags & VTPM2_CMD_PP) &&
		    cc != TPM2_CC_PP_COMMANDS)
			vtpm2_cc_set_change(&t->pp_commands, cc, required);
	}
}

/* Part 3, 26.2 */
u32 vtpm2_cc_pp_commands(struct vtpm2 *t, struct vtpm2_cmd *c)
{
	struct vtpm2_bytes set, clear;
	u32 rc;

	set = vtpm2_rd_ccs(vtpm2_param(c));
	clear = vtpm2_rd_ccs(vtpm2_param(c));
	rc = vtpm2_done(c);
	if (rc)
		return rc;

	change_commands(t, set, true);
	change_commands(t, clear, false);
	return 0;
}

/*
 * Part 3, 26.3. What the number means is the vendor's to say: here nothing,
 * but that TPM_PT_ALGORITHM_SET returns it.
 */
u32 vtpm2_cc_set_algorithm_set(struct vtpm2 *t, struct vtpm2_cmd *c)
{
	u32 set, rc;

	set = vtpm2_rd_u32(vtpm2_param(c));
	rc = vtpm2_done(c);
	if (rc)
		return rc;

	t->algorithm_set = set;
	return 0;
}
