// SPDX-License-Identifier: GPL-2.0
/*
 * Dictionary attack protection (Part 1, 19.8; Part 3, 25).
 *
 * Failures are counted; at the maximum every protected authorization is
 * refused until time has healed the count. lockoutAuth gets one try per
 * lockoutRecovery.
 */
#include <linux/math64.h>
#include <linux/minmax.h>
#include <linux/time64.h>

#include "commands.h"

#define DEFAULT_MAX_TRIES	3
#define DEFAULT_RECOVERY	1000	/* s */

void vtpm2_da_reset(struct vtpm2 *t)
{
	t->failed_tries = 0;
	t->max_tries = DEFAULT_MAX_TRIES;
	t->recovery_time = DEFAULT_RECOVERY;
	t->lockout_recovery = DEFAULT_RECOVERY;
	t->lockout_auth_enabled = true;
	vtpm2_da_settle(t);
}

/*
 * From here on the store is to know what time has healed: something else is
 * written anyway.
 */
void vtpm2_da_settle(struct vtpm2 *t)
{
	t->healed = 0;
	t->lockout_healed = false;
}

bool vtpm2_da_in_lockout(struct vtpm2 *t)
{
	return t->failed_tries >= t->max_tries;
}

u32 vtpm2_da_check(struct vtpm2 *t, u32 handle)
{
	if (handle == TPM2_RH_LOCKOUT)
		return t->lockout_auth_enabled ? 0 : TPM2_RC_LOCKOUT;
	if (vtpm2_da_in_lockout(t))
		return TPM2_RC_LOCKOUT;
	/*
	 * Without a new TPM2_Shutdown the next startup counts a failure: a
	 * guess must not be hidden by taking power away.
	 */
	t->da_used = true;
	t->shutdown_valid = false;
	return 0;
}

void vtpm2_da_failed(struct vtpm2 *t, u32 handle)
{
	if (handle == TPM2_RH_LOCKOUT) {
		t->lockout_auth_enabled = false;
		t->lockout_healed = false;
		t->lockout_time = vtpm2_clock_time(t);
		return;
	}
	if (t->recovery_time) {
		t->failed_tries++;
		t->healed = 0;
	}
	t->self_heal_time = vtpm2_clock_time(t);
}

/*
 * Whole seconds from @since to @now. @since lies before 0, as a signed
 * number, where it was in an earlier power cycle.
 */
static u64 seconds_since(u64 since, u64 now)
{
	return div_u64(now - since, MSEC_PER_SEC);
}

static void heal(struct vtpm2 *t, u32 tries)
{
	t->failed_tries -= tries;
	t->healed += tries;
}

static void heal_failures(struct vtpm2 *t, u64 now)
{
	u64 healed;

	if (!t->failed_tries)
		return;
	if (!t->recovery_time) {
		heal(t, t->failed_tries);
		return;
	}
	healed = div_u64(seconds_since(t->self_heal_time, now),
			 t->recovery_time);
	heal(t, min_t(u64, healed, t->failed_tries));
	t->self_heal_time += healed * t->recovery_time * MSEC_PER_SEC;
}

void vtpm2_da_tick(struct vtpm2 *t)
{
	u64 now = vtpm2_clock_time(t);

	heal_failures(t, now);
	/* lockoutRecovery 0: only a startup heals */
	if (!t->lockout_auth_enabled && t->lockout_recovery &&
	    seconds_since(t->lockout_time, now) >= t->lockout_recovery) {
		t->lockout_auth_enabled = true;
		t->lockout_healed = true;
	}
}

/* Time is about to begin at 0 again: keep what had passed. */
void vtpm2_da_power_on(struct vtpm2 *t)
{
	t->self_heal_time -= t->time_base;
	t->lockout_time -= t->time_base;
	t->shutdown_time -= t->time_base;
}

/* Part 1, 19.8.6 */
void vtpm2_da_startup(struct vtpm2 *t, bool orderly)
{
	if (!orderly) {
		/* how much time had passed is not known */
		t->self_heal_time = 0;
		t->lockout_time = 0;
	}
	if (!t->lockout_recovery)
		t->lockout_auth_enabled = true;
	if (!orderly && t->da_used && t->recovery_time &&
	    t->failed_tries < t->max_tries)
		t->failed_tries++;
	t->da_used = false;
	vtpm2_da_tick(t);
	vtpm2_da_settle(t);
}

/* Part 3, 25.2 */
u32 vtpm2_cc_dictionary_attack_lock_reset(struct vtpm2 *t, struct vtpm2_cmd *c)
{
	u32 rc = vtpm2_done(c);

	if (rc)
		return rc;

	t->failed_tries = 0;
	t->healed = 0;
	return 0;
}

/* Part 3, 25.3: failedTries stays as it is. */
u32 vtpm2_cc_dictionary_attack_parameters(struct vtpm2 *t, struct vtpm2_cmd *c)
{
	u32 max_tries, recovery_time, lockout_recovery, rc;

	max_tries = vtpm2_rd_u32(vtpm2_param(c));
	recovery_time = vtpm2_rd_u32(vtpm2_param(c));
	lockout_recovery = vtpm2_rd_u32(vtpm2_param(c));
	rc = vtpm2_done(c);
	if (rc)
		return rc;

	t->max_tries = max_tries;
	t->recovery_time = recovery_time;
	t->lockout_recovery = lockout_recovery;
	vtpm2_da_settle(t);
	return 0;
}
