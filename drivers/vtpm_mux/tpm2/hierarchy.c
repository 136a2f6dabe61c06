// SPDX-License-Identifier: GPL-2.0
/*
 * Hierarchies (Part 1, 14; Part 3, 24). A hierarchy has no seed here: its
 * primaries are generated once and remembered (primary.c), so "a new seed" is
 * to forget them.
 */
#include <linux/string.h>

#include "commands.h"

struct vtpm2_hierarchy *vtpm2_hierarchy(struct vtpm2 *t, u32 handle)
{
	switch (handle) {
	case TPM2_RH_NULL:
		return &t->hier[VTPM2_NULL];
	case TPM2_RH_OWNER:
		return &t->hier[VTPM2_OWNER];
	case TPM2_RH_ENDORSEMENT:
		return &t->hier[VTPM2_ENDORSEMENT];
	case TPM2_RH_PLATFORM:
		return &t->hier[VTPM2_PLATFORM];
	default:
		return NULL;
	}
}

static void renew_proof(struct vtpm2 *t, u32 handle)
{
	struct vtpm2_hierarchy *h = vtpm2_hierarchy(t, handle);

	vtpm2_random(h->proof, sizeof(h->proof));
}

void vtpm2_hierarchy_renew(struct vtpm2 *t, u32 handle)
{
	renew_proof(t, handle);
	vtpm2_primary_forget(t, handle);
}

static void empty_auth(struct vtpm2_digest *auth)
{
	memzero_explicit(auth, sizeof(*auth));
}

static void empty_policy(struct vtpm2_hierarchy *h)
{
	h->policy_alg = TPM2_ALG_NULL;
	h->policy.len = 0;
}

/* Empty authValue and no policy, enabled. */
void vtpm2_hierarchy_open(struct vtpm2 *t, u32 handle)
{
	struct vtpm2_hierarchy *h = vtpm2_hierarchy(t, handle);

	h->enabled = true;
	empty_auth(&h->auth);
	empty_policy(h);
}

void vtpm2_lockout_open(struct vtpm2 *t)
{
	empty_auth(&t->lockout_auth);
	t->lockout_policy_alg = TPM2_ALG_NULL;
	t->lockout_policy.len = 0;
}

/*
 * Part 1, 12.2: the platform hierarchy is enabled at every startup; the rest
 * is as it was at a Resume.
 */
void vtpm2_hierarchy_startup(struct vtpm2 *t, enum vtpm2_start start)
{
	t->hier[VTPM2_PLATFORM].enabled = true;
	if (start == VTPM2_RESUME)
		return;
	vtpm2_hierarchy_open(t, TPM2_RH_PLATFORM);
	t->hier[VTPM2_OWNER].enabled = true;
	t->hier[VTPM2_ENDORSEMENT].enabled = true;
	t->ph_enable_nv = true;
	if (start == VTPM2_RESET)
		vtpm2_hierarchy_renew(t, TPM2_RH_NULL);
}

/* Transient and persistent objects of a hierarchy that gets a new seed. */
static void drop_objects(struct vtpm2 *t, u32 hierarchy)
{
	vtpm2_object_flush_hierarchy(t, hierarchy);
	vtpm2_object_evict_hierarchy(t, hierarchy);
}

/* --- TPM2_HierarchyControl --- */

/* Part 2, 9.15 TPMI_RH_ENABLES */
static u32 rd_enables(struct vtpm2_rd *rd)
{
	u32 handle = vtpm2_rd_u32(rd);

	switch (handle) {
	case TPM2_RH_OWNER:
	case TPM2_RH_ENDORSEMENT:
	case TPM2_RH_PLATFORM:
	case TPM2_RH_PLATFORM_NV:
		break;
	default:
		vtpm2_rd_fail(rd, TPM2_RC_VALUE);
	}
	return handle;
}

static bool *enable_flag(struct vtpm2 *t, u32 handle)
{
	return handle == TPM2_RH_PLATFORM_NV ? &t->ph_enable_nv :
	       &vtpm2_hierarchy(t, handle)->enabled;
}

/* A hierarchy may give itself up; only the platform may bring it back. */
static bool control_allowed(u32 auth, u32 enable, bool on, bool state)
{
	if (auth == TPM2_RH_PLATFORM)
		return true;
	return auth == enable && (on || !state);
}

/* Part 3, 24.2 */
u32 vtpm2_cc_hierarchy_control(struct vtpm2 *t, struct vtpm2_cmd *c)
{
	bool state, *flag;
	u32 enable, rc;

	enable = rd_enables(vtpm2_param(c));
	state = vtpm2_rd_bool(vtpm2_param(c));
	rc = vtpm2_done(c);
	if (rc)
		return rc;
	flag = enable_flag(t, enable);
	if (!control_allowed(c->handle[0], enable, *flag, state))
		return TPM2_RC_AUTH_TYPE;
	if (*flag == state)
		return 0;

	*flag = state;
	if (!state && enable != TPM2_RH_PLATFORM_NV)
		vtpm2_object_flush_hierarchy(t, enable);
	t->shutdown_valid = false;
	return 0;
}

/* --- authorization --- */

/* Part 3, 24.8: no longer than a digest of the context integrity hash */
u32 vtpm2_cc_hierarchy_change_auth(struct vtpm2 *t, struct vtpm2_cmd *c)
{
	u32 handle = c->handle[0];
	struct vtpm2_digest auth;
	u32 rc;

	vtpm2_rd_auth(vtpm2_param(c), &auth);
	rc = vtpm2_done(c);
	if (!rc && auth.len > vtpm2_digest_size(VTPM2_CONTEXT_HASH))
		rc = vtpm2_rc_p(TPM2_RC_SIZE, 1);
	if (rc)
		goto out;

	if (handle == TPM2_RH_LOCKOUT)
		t->lockout_auth = auth;
	else
		vtpm2_hierarchy(t, handle)->auth = auth;
	/* platformAuth is not in NV: TPM2_Shutdown(STATE) saved it */
	if (handle == TPM2_RH_PLATFORM)
		t->shutdown_valid = false;
out:
	memzero_explicit(&auth, sizeof(auth));
	return rc;
}

/* Part 3, 24.3 */
u32 vtpm2_cc_set_primary_policy(struct vtpm2 *t, struct vtpm2_cmd *c)
{
	u32 handle = c->handle[0];
	struct vtpm2_digest policy;
	u16 alg;
	u32 rc;

	vtpm2_rd_digest(vtpm2_param(c), &policy);
	alg = vtpm2_rd_hash_alg(vtpm2_param(c), true);
	rc = vtpm2_done(c);
	if (rc)
		return rc;
	/* an empty policy goes with TPM_ALG_NULL, whose digest is empty */
	if (policy.len != vtpm2_digest_size(alg))
		return vtpm2_rc_p(TPM2_RC_SIZE, 1);

	if (handle == TPM2_RH_LOCKOUT) {
		t->lockout_policy = policy;
		t->lockout_policy_alg = alg;
	} else {
		struct vtpm2_hierarchy *h = vtpm2_hierarchy(t, handle);

		h->policy = policy;
		h->policy_alg = alg;
	}
	if (handle == TPM2_RH_PLATFORM)
		t->shutdown_valid = false;
	return 0;
}

/* --- new seeds --- */

/*
 * Part 3, 24.6. The endorsement seed stays, and with it the endorsement keys.
 * What the last owner made under them goes: the seedValue of an endorsement
 * primary depends on the storage hierarchy's proof.
 */
u32 vtpm2_cc_clear(struct vtpm2 *t, struct vtpm2_cmd *c)
{
	u32 rc = vtpm2_done(c);

	if (rc)
		return rc;
	if (t->disable_clear)
		return TPM2_RC_DISABLED;
	rc = vtpm2_primary_reseed(t, TPM2_RH_ENDORSEMENT);
	if (rc)
		return rc;

	drop_objects(t, TPM2_RH_OWNER);
	drop_objects(t, TPM2_RH_ENDORSEMENT);
	vtpm2_nv_clear(t, false);
	vtpm2_hierarchy_renew(t, TPM2_RH_OWNER);
	renew_proof(t, TPM2_RH_ENDORSEMENT);
	vtpm2_hierarchy_open(t, TPM2_RH_OWNER);
	vtpm2_hierarchy_open(t, TPM2_RH_ENDORSEMENT);
	vtpm2_lockout_open(t);
	vtpm2_da_reset(t);
	vtpm2_clock_reset(t);
	/* what TPM2_PolicyPCR has seen was another owner's platform */
	t->pcr_counter++;
	t->shutdown_valid = false;
	return 0;
}

/* Part 3, 24.7: lockoutAuth may disable TPM2_Clear, not enable it. */
u32 vtpm2_cc_clear_control(struct vtpm2 *t, struct vtpm2_cmd *c)
{
	bool disable;
	u32 rc;

	disable = vtpm2_rd_bool(vtpm2_param(c));
	rc = vtpm2_done(c);
	if (rc)
		return rc;
	if (c->handle[0] == TPM2_RH_LOCKOUT && !disable)
		return TPM2_RC_AUTH_FAIL;

	t->disable_clear = disable;
	return 0;
}

/* Part 3, 24.5 */
u32 vtpm2_cc_change_eps(struct vtpm2 *t, struct vtpm2_cmd *c)
{
	u32 rc = vtpm2_done(c);

	if (rc)
		return rc;

	drop_objects(t, TPM2_RH_ENDORSEMENT);
	vtpm2_hierarchy_renew(t, TPM2_RH_ENDORSEMENT);
	vtpm2_hierarchy_open(t, TPM2_RH_ENDORSEMENT);
	t->shutdown_valid = false;
	return 0;
}

/* Part 3, 24.4: platformAuth stays. */
u32 vtpm2_cc_change_pps(struct vtpm2 *t, struct vtpm2_cmd *c)
{
	u32 rc = vtpm2_done(c);

	if (rc)
		return rc;

	drop_objects(t, TPM2_RH_PLATFORM);
	vtpm2_hierarchy_renew(t, TPM2_RH_PLATFORM);
	empty_policy(vtpm2_hierarchy(t, TPM2_RH_PLATFORM));
	vtpm2_pcr_policy_empty(t);
	t->shutdown_valid = false;
	return 0;
}
