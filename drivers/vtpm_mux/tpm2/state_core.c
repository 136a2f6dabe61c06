// SPDX-License-Identifier: GPL-2.0
/*
 * The records of what a vTPM has one of.
 *
 *   CORE      what the specification calls non-volatile, for the vTPM's life
 *   ORDERLY   what TPM2_Shutdown saves: there between it and TPM2_Startup, or
 *             whatever else makes the shutdown one that never was
 *
 * Where every member of struct vtpm2 is kept is said here, in record.c
 * (what has records of its own) or in state_volatile.c.
 */
#include <linux/bits.h>
#include <linux/build_bug.h>

#include "record.h"

#define CORE_VERSION	1
#define ORDERLY_VERSION	1

/*
 * A member is added? Decide where it is kept, and give it a line there; then
 * tests/kunit/state_test.c, and then the size here.
 */
static_assert(sizeof(void *) != 8 || sizeof(struct vtpm2) == 14992);

static void io_lasting(const struct vtpm2_io *io, struct vtpm2_hierarchy *h)
{
	vtpm2_io_policy(io, &h->policy_alg, &h->policy);
	vtpm2_io_digest(io, &h->auth);
	vtpm2_io_bytes(io, h->proof, sizeof(h->proof));
}

static void io_hierarchies(const struct vtpm2_io *io, struct vtpm2 *s)
{
	io_lasting(io, &s->hier[VTPM2_OWNER]);
	io_lasting(io, &s->hier[VTPM2_ENDORSEMENT]);
	/* the rest of it begins anew with each TPM Reset or Restart */
	vtpm2_io_bytes(io, s->hier[VTPM2_PLATFORM].proof, VTPM2_PROOF_SIZE);
	vtpm2_io_policy(io, &s->lockout_policy_alg, &s->lockout_policy);
	vtpm2_io_digest(io, &s->lockout_auth);
	vtpm2_io_bool(io, &s->disable_clear);
}

/*
 * What time has healed need not be durable: to lose it errs on the safe side,
 * and to write it would be to write when nobody does anything.
 */
static void io_dictionary_attack(const struct vtpm2_io *io,
				 struct vtpm2 *s)
{
	u32 failed_tries = s->failed_tries + s->healed;
	bool enabled = s->lockout_auth_enabled && !s->lockout_healed;

	vtpm2_io_u32(io, &failed_tries);
	vtpm2_io_bool(io, &enabled);
	vtpm2_io_u32(io, &s->max_tries);
	vtpm2_io_u32(io, &s->recovery_time);
	vtpm2_io_u32(io, &s->lockout_recovery);
	vtpm2_io_bool(io, &s->da_used);
	if (io->rd) {
		s->failed_tries = failed_tries;
		s->lockout_auth_enabled = enabled;
	}
}

static void io_pcr_allocation(const struct vtpm2_io *io, struct vtpm2 *s)
{
	unsigned int i;

	for (i = 0; i < VTPM2_BANKS; i++) {
		vtpm2_io_u32(io, &s->pcr_alloc[i]);
		vtpm2_io_u32(io, &s->pcr_next[i]);
	}
	vtpm2_io_policy(io, &s->pcr_policy_alg, &s->pcr_policy);
}

static void io_audit(const struct vtpm2_io *io, struct vtpm2 *s)
{
	vtpm2_io_u16(io, &s->audit_alg);
	vtpm2_io_u64(io, &s->audit_counter);
	vtpm2_io_bytes(io, &s->audit_commands, sizeof(s->audit_commands));
	if (io->rd && !vtpm2_digest_size(s->audit_alg))
		vtpm2_rd_fail(io->rd, TPM2_RC_HASH);
}

static void io_clock(const struct vtpm2_io *io, struct vtpm2 *s)
{
	vtpm2_io_u64(io, &s->clock_durable);
	vtpm2_io_bool(io, &s->clock_safe);
	vtpm2_io_u32(io, &s->reset_count);
	vtpm2_io_u32(io, &s->time_epoch);
	if (io->rd)
		s->clock_base = s->clock_durable;
}

/* The key itself the chip gives back. */
static void io_shadow(const struct vtpm2_io *io, struct vtpm2_shadow *shadow)
{
	vtpm2_io_u16(io, &shadow->len);
	if (shadow->len > sizeof(shadow->blob)) {
		vtpm2_rd_fail(io->rd, TPM2_RC_SIZE);
		shadow->len = 0;
	}
	vtpm2_io_bytes(io, shadow->blob, shadow->len);
}

static void io_core(const struct vtpm2_io *io, struct vtpm2 *s)
{
	vtpm2_io_version(io, CORE_VERSION);
	vtpm2_io_bytes(io, s->shadow_key, sizeof(s->shadow_key));
	io_shadow(io, &s->sealing.shadow);
	io_hierarchies(io, s);
	io_clock(io, s);
	io_dictionary_attack(io, s);
	io_pcr_allocation(io, s);
	io_audit(io, s);
	vtpm2_io_bytes(io, &s->pp_commands, sizeof(s->pp_commands));
	vtpm2_io_u32(io, &s->algorithm_set);
	vtpm2_io_bool(io, &s->established);
	vtpm2_io_u64(io, &s->nv_counter_max);
	vtpm2_io_bool(io, &s->shutdown_valid);
	vtpm2_io_u16(io, &s->shutdown_type);
}

void vtpm2_core_write(struct vtpm2 *t, struct vtpm2_wr *wr)
{
	const struct vtpm2_io io = { .wr = wr };

	io_core(&io, t);
}

void vtpm2_core_read(struct vtpm2 *t, struct vtpm2_rd *rd)
{
	const struct vtpm2_io io = { .rd = rd };

	io_core(&io, t);
}

/* --- what TPM2_Shutdown saves --- */

static void io_enables(const struct vtpm2_io *io, struct vtpm2 *s)
{
	struct vtpm2_hierarchy *platform = &s->hier[VTPM2_PLATFORM];
	unsigned int i;

	for (i = 0; i < VTPM2_HIERARCHIES; i++)
		vtpm2_io_bool(io, &s->hier[i].enabled);
	vtpm2_io_bool(io, &s->ph_enable_nv);
	vtpm2_io_policy(io, &platform->policy_alg, &platform->policy);
	vtpm2_io_digest(io, &platform->auth);
	/* new at a TPM Reset */
	vtpm2_io_bytes(io, s->hier[VTPM2_NULL].proof, VTPM2_PROOF_SIZE);
}

static void io_commits(const struct vtpm2_io *io, struct vtpm2 *s)
{
	unsigned int i;

	vtpm2_io_bytes(io, s->commit_key, sizeof(s->commit_key));
	vtpm2_io_u64(io, &s->commit_count);
	for (i = 0; i < VTPM2_MAX_COMMITS; i++)
		vtpm2_io_u64(io, &s->commits[i]);
	for (i = 0; i < VTPM2_MAX_COMMITS; i++)
		vtpm2_io_u32(io, &s->chip_commits[i]);
}

static void io_contexts(const struct vtpm2_io *io, struct vtpm2 *s)
{
	vtpm2_io_bytes(io, s->context_key, sizeof(s->context_key));
	vtpm2_io_u64(io, &s->object_context_id);
	vtpm2_io_u64(io, &s->session_context_id);
	vtpm2_io_u64(io, &s->clear_count);
}

void vtpm2_io_orderly(const struct vtpm2_io *io, struct vtpm2 *s)
{
	vtpm2_io_u8(io, &s->startup_locality);
	io_enables(io, s);
	io_commits(io, s);
	io_contexts(io, s);
	vtpm2_io_u32(io, &s->restart_count);
	vtpm2_io_u32(io, &s->pcr_counter);
	vtpm2_io_digest(io, &s->pcr_auth);
	vtpm2_io_digest(io, &s->audit_digest);
}

/* Without the sessions that are loaded: they end with the power. */
static void io_saved_sessions(const struct vtpm2_io *io, struct vtpm2 *s)
{
	unsigned int i;

	for (i = 0; i < VTPM2_MAX_ACTIVE; i++) {
		u64 id = s->active[i] == VTPM2_ACTIVE_LOADED ? 0 : s->active[i];

		vtpm2_io_u64(io, &id);
		if (io->rd)
			s->active[i] = id == VTPM2_ACTIVE_LOADED ? 0 : id;
	}
}

static void io_saved_pcrs(const struct vtpm2_io *io, struct vtpm2 *s)
{
	u32 saved = vtpm2_pcr_property(TPM2_PT_PCR_SAVE);
	unsigned int bank, pcr;

	for (bank = 0; bank < VTPM2_BANKS; bank++)
		for (pcr = 0; pcr < VTPM2_PCRS; pcr++)
			if (saved & BIT(pcr))
				vtpm2_io_bytes(io, s->pcr[bank][pcr],
					       vtpm2_digest_size(vtpm2_pcr_bank_alg(bank)));
}

/* Times that dictionary attack protection goes by, before TPM2_Shutdown */
static void io_times(const struct vtpm2_io *io, struct vtpm2 *s)
{
	u64 heal = s->self_heal_time - s->shutdown_time;
	u64 lockout = s->lockout_time - s->shutdown_time;

	vtpm2_io_u64(io, &heal);
	vtpm2_io_u64(io, &lockout);
	if (io->rd) {
		s->self_heal_time = heal;
		s->lockout_time = lockout;
		s->shutdown_time = 0;
	}
}

static void io_saved(const struct vtpm2_io *io, struct vtpm2 *s)
{
	vtpm2_io_version(io, ORDERLY_VERSION);
	vtpm2_io_orderly(io, s);
	io_saved_sessions(io, s);
	io_saved_pcrs(io, s);
	io_times(io, s);
}

void vtpm2_orderly_write(struct vtpm2 *t, struct vtpm2_wr *wr)
{
	const struct vtpm2_io io = { .wr = wr };

	io_saved(&io, t);
}

void vtpm2_orderly_read(struct vtpm2 *t, struct vtpm2_rd *rd)
{
	const struct vtpm2_io io = { .rd = rd };

	io_saved(&io, t);
}
