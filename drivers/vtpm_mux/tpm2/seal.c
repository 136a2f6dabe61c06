// SPDX-License-Identifier: GPL-2.0
/* TPM2_Unseal (Part 3, 12.7) */
#include <linux/string.h>

#include "commands.h"

u32 vtpm2_cc_unseal(struct vtpm2 *t, struct vtpm2_cmd *c)
{
	struct vtpm2_object *item = c->obj[0];
	u8 data[sizeof(item->sens.data)];
	size_t len = sizeof(data);
	u32 rc;

	rc = vtpm2_done(c);
	if (rc)
		return rc;
	if (item->pub.type != TPM2_ALG_KEYEDHASH)
		return vtpm2_rc_h(TPM2_RC_TYPE, 1);
	if (item->pub.attrs & (TPM2_OA_DECRYPT | TPM2_OA_SIGN_ENCRYPT |
			       TPM2_OA_RESTRICTED))
		return vtpm2_rc_h(TPM2_RC_ATTRIBUTES, 1);

	rc = vtpm2_key_data(t, item, data, &len);
	if (!rc)
		vtpm2_wr_2b(&c->out, data, len);
	memzero_explicit(data, sizeof(data));
	return rc;
}
