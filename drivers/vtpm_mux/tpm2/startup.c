// SPDX-License-Identifier: GPL-2.0
/*
 * Power, TPM2_Startup and TPM2_Shutdown (Part 1, 12; Part 3, 9).
 *
 *   Shutdown(STATE), Startup(STATE)	Resume	all of the state goes on
 *   Shutdown(STATE), Startup(CLEAR)	Restart	PCRs and platform begin anew
 *   anything else,   Startup(CLEAR)	Reset	saved contexts are lost as well
 *
 * There is no separate copy of what TPM2_Shutdown saves. All state stays where
 * it is while the power is off; whoever changes a part that TPM2_Shutdown
 * should have saved makes the shutdown invalid (shutdown_valid), and
 * TPM2_Startup gives initial values to the parts that its kind does not keep.
 * The store has VTPM2_REC_ORDERLY for as long as the shutdown is valid (txn.c).
 */
#include <linux/array_size.h>

#include "commands.h"

void vtpm2_startup_manufacture(struct vtpm2 *t)
{
	static const u32 handles[] = {
		TPM2_RH_NULL, TPM2_RH_OWNER, TPM2_RH_ENDORSEMENT,
		TPM2_RH_PLATFORM,
	};
	unsigned int i;

	vtpm2_pcr_manufacture(t);
	vtpm2_random(t->shadow_key, sizeof(t->shadow_key));
	for (i = 0; i < ARRAY_SIZE(handles); i++) {
		vtpm2_hierarchy_renew(t, handles[i]);
		vtpm2_hierarchy_open(t, handles[i]);
	}
	vtpm2_lockout_open(t);
	t->ph_enable_nv = true;
	vtpm2_da_reset(t);
	vtpm2_audit_manufacture(t);
	vtpm2_platform_manufacture(t);
	t->clock_safe = true;
	vtpm2_context_reset(t);
	t->shutdown_valid = true;
	t->shutdown_type = TPM2_SU_CLEAR;
}

void vtpm2_power_on(struct vtpm2 *t)
{
	/* _TPM_Init of a running TPM is a reset: nothing volatile survives */
	vtpm2_power_off(t);
	vtpm2_da_power_on(t);
	vtpm2_clock_power_on(t);
	vtpm2_pcr_power_on(t);
	/* the one way out of failure mode */
	t->failed_alg = TPM2_ALG_ERROR;
	t->powered = true;
}

/* Objects and sessions in the TPM's memory go, saved contexts stay. */
void vtpm2_power_off(struct vtpm2 *t)
{
	unsigned int i;

	vtpm2_clock_update(t);
	for (i = 0; i < VTPM2_MAX_SESSIONS; i++)
		if (t->sessions[i])
			vtpm2_session_flush(t, t->sessions[i]);
	t->exclusive_audit = 0;
	vtpm2_object_flush_hierarchy(t, 0);
	vtpm2_sealing_wipe(t);
	t->presence = false;
	t->drtm_active = false;
	t->hcrtm = false;
	t->powered = false;
	t->started = false;
}

/* Part 2, 6.10 TPM_SU */
static u16 rd_su(struct vtpm2_rd *rd)
{
	u16 su = vtpm2_rd_u16(rd);

	if (su != TPM2_SU_CLEAR && su != TPM2_SU_STATE)
		vtpm2_rd_fail(rd, TPM2_RC_VALUE);
	return su;
}

static void count_start(struct vtpm2 *t, enum vtpm2_start start)
{
	if (start == VTPM2_RESET) {
		t->reset_count++;
		t->restart_count = 0;
		t->clear_count = 0;
		return;
	}
	t->restart_count++;
	/* contexts of stClear objects end with a Restart */
	if (start == VTPM2_RESTART)
		t->clear_count++;
}

/* Part 1, 12.2.3 */
static u32 start(struct vtpm2 *t, enum vtpm2_start start)
{
	bool orderly = t->shutdown_valid;

	count_start(t, start);
	if (start == VTPM2_RESET) {
		vtpm2_context_reset(t);
		vtpm2_commit_reset(t);
		vtpm2_session_flush_all(t);
	}
	vtpm2_clock_startup(t, orderly);
	vtpm2_da_startup(t, orderly);
	vtpm2_audit_startup(t, start);
	vtpm2_hierarchy_startup(t, start);
	vtpm2_pcr_startup(t, start);
	t->orderly = orderly;
	t->shutdown_valid = false;
	t->started = true;
	return vtpm2_nv_startup(t, start, orderly);
}

/* Part 3, 9.3 */
u32 vtpm2_cc_startup(struct vtpm2 *t, struct vtpm2_cmd *c)
{
	bool saved = t->shutdown_valid && t->shutdown_type == TPM2_SU_STATE;
	bool hcrtm_before = t->startup_locality == 4;
	u8 locality = t->hcrtm ? 4 : c->locality;
	u16 su;
	u32 rc;

	su = rd_su(vtpm2_param(c));
	rc = vtpm2_done(c);
	if (rc)
		return rc;
	/* the PC Client platform starts at locality 0, or 3 after a DRTM */
	if (c->locality != 0 && c->locality != 3)
		return TPM2_RC_LOCALITY;
	if (su == TPM2_SU_STATE) {
		/* PCR[0] would tell of another start than this one */
		if (!saved || t->hcrtm != hcrtm_before)
			return vtpm2_rc_p(TPM2_RC_VALUE, 1);
		if (locality != t->startup_locality)
			return TPM2_RC_LOCALITY;
	}

	t->startup_locality = locality;
	if (su == TPM2_SU_STATE)
		return start(t, VTPM2_RESUME);
	return start(t, saved ? VTPM2_RESTART : VTPM2_RESET);
}

/* Part 3, 9.4 */
u32 vtpm2_cc_shutdown(struct vtpm2 *t, struct vtpm2_cmd *c)
{
	u16 su;
	u32 rc;

	su = rd_su(vtpm2_param(c));
	rc = vtpm2_done(c);
	if (rc)
		return rc;
	/* Part 3, 22.5: PCRs that will not be there cannot be saved */
	if (su == TPM2_SU_STATE && t->pcr_pending)
		return vtpm2_rc_p(TPM2_RC_TYPE, 1);

	t->clock_durable = t->clock_base;
	t->shutdown_time = t->time_base;
	vtpm2_da_settle(t);
	t->shutdown_type = su;
	t->shutdown_valid = true;
	/* a protected authorization after this makes it invalid again */
	t->da_used = false;
	return 0;
}
