// SPDX-License-Identifier: GPL-2.0
/*
 * Authorization of PCRs (Part 1, 17.8; Part 3, 22.6 and 22.7): there is one
 * group of PCRs that have an auth value and a policy. With the policy set, the
 * auth value alone no longer authorizes.
 */
#include <linux/string.h>

#include "commands.h"

bool vtpm2_pcr_in_group(u32 pcr)
{
	return pcr >= 20 && pcr <= 22;
}

void vtpm2_pcr_policy_empty(struct vtpm2 *t)
{
	t->pcr_policy_alg = TPM2_ALG_NULL;
	t->pcr_policy.len = 0;
}

/* TPMI_DH_PCR */
static u32 rd_pcr(struct vtpm2_rd *rd)
{
	u32 pcr = vtpm2_rd_u32(rd);

	if (pcr >= VTPM2_PCRS)
		vtpm2_rd_fail(rd, TPM2_RC_VALUE);
	return pcr;
}

u32 vtpm2_cc_pcr_set_auth_policy(struct vtpm2 *t, struct vtpm2_cmd *c)
{
	struct vtpm2_digest policy;
	u32 pcr, rc;
	u16 alg;

	vtpm2_rd_digest(vtpm2_param(c), &policy);
	alg = vtpm2_rd_hash_alg(vtpm2_param(c), true);
	pcr = rd_pcr(vtpm2_param(c));
	rc = vtpm2_done(c);
	if (rc)
		return rc;
	if (policy.len != vtpm2_digest_size(alg))
		return vtpm2_rc_p(TPM2_RC_SIZE, 1);
	if (!vtpm2_pcr_in_group(pcr))
		return vtpm2_rc_p(TPM2_RC_VALUE, 3);

	t->pcr_policy_alg = alg;
	t->pcr_policy = policy;
	return 0;
}

u32 vtpm2_cc_pcr_set_auth_value(struct vtpm2 *t, struct vtpm2_cmd *c)
{
	struct vtpm2_digest auth;
	u32 rc;

	vtpm2_rd_auth(vtpm2_param(c), &auth);
	rc = vtpm2_done(c);
	/* no number, as in the reference implementation */
	if (!rc && !vtpm2_pcr_in_group(c->handle[0]))
		rc = TPM2_RC_VALUE;
	if (!rc) {
		t->pcr_auth = auth;
		/* TPM2_Shutdown(STATE) saved another */
		t->shutdown_valid = false;
	}
	memzero_explicit(&auth, sizeof(auth));
	return rc;
}
