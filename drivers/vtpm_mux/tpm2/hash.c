// SPDX-License-Identifier: GPL-2.0
/* TPM2_Hash (Part 3, 15.4), and HMAC with the key of an object */
#include <linux/string.h>
#include <linux/unaligned.h>

#include "commands.h"

u32 vtpm2_hmac_init_key(struct vtpm2 *t, struct vtpm2_object *key, u16 alg,
			struct vtpm2_hmac *h)
{
	u8 data[sizeof(key->sens.data)];
	size_t len = sizeof(data);
	u32 rc;

	rc = vtpm2_key_data(t, key, data, &len);
	if (!rc)
		vtpm2_hmac_init(h, alg, data, len);
	memzero_explicit(data, sizeof(data));
	return rc;
}

u32 vtpm2_hmac_key(struct vtpm2 *t, struct vtpm2_object *key, u16 alg,
		   const void *data, size_t len, u8 *mac)
{
	struct vtpm2_hmac h;
	u32 rc;

	rc = vtpm2_hmac_init_key(t, key, alg, &h);
	if (rc)
		return rc;
	vtpm2_hmac_update(&h, data, len);
	vtpm2_hmac_final(&h, mac);
	return 0;
}

/* Data too short to tell does not count as safe (Part 3, 17.4.1). */
bool vtpm2_hash_safe(struct vtpm2_bytes data)
{
	return data.len >= sizeof(u32) &&
	       get_unaligned_be32(data.p) != TPM2_GENERATED_VALUE;
}

u32 vtpm2_cc_hash(struct vtpm2 *t, struct vtpm2_cmd *c)
{
	struct vtpm2_bytes data = vtpm2_rd_2b(vtpm2_param(c), VTPM2_MAX_BUFFER);
	u16 alg = vtpm2_rd_hash_alg(vtpm2_param(c), false);
	u32 hierarchy = vtpm2_rd_hierarchy(vtpm2_param(c));
	struct vtpm2_ticket ticket = {
		.tag = TPM2_ST_HASHCHECK,
		.hierarchy = TPM2_RH_NULL,
	};
	struct vtpm2_digest digest;
	u32 rc;

	rc = vtpm2_done(c);
	if (rc)
		return rc;
	vtpm2_hash_parts(alg, &data, 1, &digest);
	/* all of the data is here: less than the magic cannot begin with it */
	if (hierarchy != TPM2_RH_NULL &&
	    (data.len < sizeof(u32) || vtpm2_hash_safe(data)))
		vtpm2_ticket_make_hash(t, hierarchy, alg, &digest, &ticket);
	vtpm2_wr_digest(&c->out, &digest);
	vtpm2_wr_ticket(&c->out, &ticket);
	return 0;
}
