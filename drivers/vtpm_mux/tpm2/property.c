// SPDX-License-Identifier: GPL-2.0
/*
 * TPM properties (Part 2, 6.13 TPM_PT), in two groups: what never changes, and
 * what is counted when asked for.
 */
#include <linux/array_size.h>
#include <linux/build_bug.h>
#include <linux/kernel.h>
#include <linux/minmax.h>
#include <linux/string.h>

#include "tpm2.h"

#define SPEC_FAMILY	0x322e3000	/* "2.0" */
#define SPEC_LEVEL	0
#define SPEC_REVISION	159
#define SPEC_DAY	312		/* 8 November 2019 */
#define SPEC_YEAR	2019

#define MANUFACTURER	0x5654504d	/* "VTPM" */
#define VENDOR_1	0x7674706d	/* "vtpm" */
#define VENDOR_2	0x2d6d7578	/* "-mux" */

/* TPMA_PERMANENT (Part 2, 8.6) */
#define PERMANENT_OWNER_AUTH		0x00000001
#define PERMANENT_ENDORSEMENT_AUTH	0x00000002
#define PERMANENT_LOCKOUT_AUTH		0x00000004
#define PERMANENT_DISABLE_CLEAR		0x00000100
#define PERMANENT_IN_LOCKOUT		0x00000200
#define PERMANENT_TPM_GENERATED_EPS	0x00000400

/* TPMA_STARTUP_CLEAR (Part 2, 8.7) */
#define STARTUP_PH_ENABLE	0x00000001
#define STARTUP_SH_ENABLE	0x00000002
#define STARTUP_EH_ENABLE	0x00000004
#define STARTUP_PH_ENABLE_NV	0x00000008
#define STARTUP_ORDERLY		0x80000000

#define FIXED(tag)	(TPM2_PT_##tag - TPM2_PT_FIXED)

static const u32 fixed[] = {
	[FIXED(FAMILY_INDICATOR)] = SPEC_FAMILY,
	[FIXED(LEVEL)] = SPEC_LEVEL,
	[FIXED(REVISION)] = SPEC_REVISION,
	[FIXED(DAY_OF_YEAR)] = SPEC_DAY,
	[FIXED(YEAR)] = SPEC_YEAR,
	[FIXED(MANUFACTURER)] = MANUFACTURER,
	[FIXED(VENDOR_STRING_1)] = VENDOR_1,
	[FIXED(VENDOR_STRING_2)] = VENDOR_2,
	[FIXED(VENDOR_STRING_3)] = 0,
	[FIXED(VENDOR_STRING_4)] = 0,
	[FIXED(VENDOR_TPM_TYPE)] = 1,
	[FIXED(FIRMWARE_VERSION_1)] = VTPM2_FIRMWARE_1,
	[FIXED(FIRMWARE_VERSION_2)] = VTPM2_FIRMWARE_2,
	[FIXED(INPUT_BUFFER)] = VTPM2_MAX_BUFFER,
	[FIXED(HR_TRANSIENT_MIN)] = VTPM2_MAX_OBJECTS,
	[FIXED(HR_PERSISTENT_MIN)] = VTPM2_MAX_PERSISTENT,
	[FIXED(HR_LOADED_MIN)] = VTPM2_MAX_SESSIONS,
	[FIXED(ACTIVE_SESSIONS_MAX)] = VTPM2_MAX_ACTIVE,
	[FIXED(PCR_COUNT)] = VTPM2_PCRS,
	[FIXED(PCR_SELECT_MIN)] = VTPM2_PCRS / 8,
	[FIXED(CONTEXT_GAP_MAX)] = VTPM2_CONTEXT_GAP,
	[FIXED(NV_COUNTERS_MAX)] = 0,		/* as many as indices */
	[FIXED(NV_INDEX_MAX)] = VTPM2_MAX_NV_SIZE,
	[FIXED(MEMORY)] = 0,			/* nothing is shared */
	[FIXED(CLOCK_UPDATE)] = VTPM2_CLOCK_UPDATE,
	[FIXED(CONTEXT_HASH)] = VTPM2_CONTEXT_HASH,
	[FIXED(CONTEXT_SYM)] = TPM2_ALG_AES,
	[FIXED(CONTEXT_SYM_SIZE)] = 256,
	[FIXED(ORDERLY_COUNT)] = VTPM2_ORDERLY_COUNT,
	[FIXED(MAX_COMMAND_SIZE)] = VTPM2_MAX_COMMAND,
	[FIXED(MAX_RESPONSE_SIZE)] = VTPM2_MAX_RESPONSE,
	[FIXED(MAX_DIGEST)] = VTPM2_MAX_DIGEST,
	[FIXED(MAX_OBJECT_CONTEXT)] = VTPM2_MAX_CONTEXT,
	[FIXED(MAX_SESSION_CONTEXT)] = VTPM2_MAX_CONTEXT,
	[FIXED(PS_FAMILY_INDICATOR)] = SPEC_FAMILY,
	[FIXED(PS_LEVEL)] = SPEC_LEVEL,
	[FIXED(PS_REVISION)] = SPEC_REVISION,
	[FIXED(PS_DAY_OF_YEAR)] = SPEC_DAY,
	[FIXED(PS_YEAR)] = SPEC_YEAR,
	[FIXED(SPLIT_MAX)] = VTPM2_MAX_COMMITS,
	[FIXED(TOTAL_COMMANDS)] = 0,		/* filled in below */
	[FIXED(LIBRARY_COMMANDS)] = 0,
	[FIXED(VENDOR_COMMANDS)] = 0,
	[FIXED(NV_BUFFER_MAX)] = VTPM2_MAX_NV_BUFFER,
	[FIXED(MODES)] = 0,
	[FIXED(MAX_CAP_BUFFER)] = VTPM2_MAX_CAP_BUFFER,
};

static u32 permanent(struct vtpm2 *t)
{
	u32 attrs = PERMANENT_TPM_GENERATED_EPS;

	if (t->hier[VTPM2_OWNER].auth.len)
		attrs |= PERMANENT_OWNER_AUTH;
	if (t->hier[VTPM2_ENDORSEMENT].auth.len)
		attrs |= PERMANENT_ENDORSEMENT_AUTH;
	if (t->lockout_auth.len)
		attrs |= PERMANENT_LOCKOUT_AUTH;
	if (t->disable_clear)
		attrs |= PERMANENT_DISABLE_CLEAR;
	if (vtpm2_da_in_lockout(t))
		attrs |= PERMANENT_IN_LOCKOUT;
	return attrs;
}

static u32 startup_clear(const struct vtpm2 *t)
{
	u32 attrs = 0;

	if (t->hier[VTPM2_PLATFORM].enabled)
		attrs |= STARTUP_PH_ENABLE;
	if (t->hier[VTPM2_OWNER].enabled)
		attrs |= STARTUP_SH_ENABLE;
	if (t->hier[VTPM2_ENDORSEMENT].enabled)
		attrs |= STARTUP_EH_ENABLE;
	if (t->ph_enable_nv)
		attrs |= STARTUP_PH_ENABLE_NV;
	if (t->orderly)
		attrs |= STARTUP_ORDERLY;
	return attrs;
}

static u32 counters(const struct vtpm2 *t)
{
	unsigned int i;
	u32 n = 0;

	for (i = 0; i < t->nv_count; i++)
		n += vtpm2_nv_type(t->nv[i]) == TPM2_NT_COUNTER;
	return n;
}

/* Counters take eight bytes each. */
static u32 counters_left(const struct vtpm2 *t)
{
	return min_t(u32, VTPM2_MAX_NV - t->nv_count,
		     (VTPM2_MAX_NV_TOTAL - t->nv_bytes) / 8);
}

#define VARIABLE(tag)	(TPM2_PT_##tag - TPM2_PT_VAR)

static unsigned int variable_group(struct vtpm2 *t, u32 *values)
{
	u32 loaded = vtpm2_session_loaded_count(t);
	u32 active = vtpm2_session_active_count(t);
	const u32 v[] = {
		[VARIABLE(PERMANENT)] = permanent(t),
		[VARIABLE(STARTUP_CLEAR)] = startup_clear(t),
		[VARIABLE(HR_NV_INDEX)] = t->nv_count,
		[VARIABLE(HR_LOADED)] = loaded,
		[VARIABLE(HR_LOADED_AVAIL)] = VTPM2_MAX_SESSIONS - loaded,
		[VARIABLE(HR_ACTIVE)] = active,
		[VARIABLE(HR_ACTIVE_AVAIL)] = VTPM2_MAX_ACTIVE - active,
		[VARIABLE(HR_TRANSIENT_AVAIL)] = VTPM2_MAX_OBJECTS - vtpm2_object_count(t),
		[VARIABLE(HR_PERSISTENT)] = t->persistent_count,
		[VARIABLE(HR_PERSISTENT_AVAIL)] = VTPM2_MAX_PERSISTENT - t->persistent_count,
		[VARIABLE(NV_COUNTERS)] = counters(t),
		[VARIABLE(NV_COUNTERS_AVAIL)] = counters_left(t),
		[VARIABLE(ALGORITHM_SET)] = t->algorithm_set,
		[VARIABLE(LOADED_CURVES)] = vtpm2_curve_count(),
		[VARIABLE(LOCKOUT_COUNTER)] = t->failed_tries,
		[VARIABLE(MAX_AUTH_FAIL)] = t->max_tries,
		[VARIABLE(LOCKOUT_INTERVAL)] = t->recovery_time,
		[VARIABLE(LOCKOUT_RECOVERY)] = t->lockout_recovery,
		[VARIABLE(NV_WRITE_RECOVERY)] = 0,
		[VARIABLE(AUDIT_COUNTER_0)] = upper_32_bits(t->audit_counter),
		[VARIABLE(AUDIT_COUNTER_1)] = lower_32_bits(t->audit_counter),
	};

	BUILD_BUG_ON(ARRAY_SIZE(v) > VTPM2_GROUP_PROPERTIES);
	memcpy(values, v, sizeof(v));
	return ARRAY_SIZE(v);
}

static unsigned int fixed_group(u32 *values)
{
	u32 commands = vtpm2_command_count();

	BUILD_BUG_ON(ARRAY_SIZE(fixed) > VTPM2_GROUP_PROPERTIES);
	memcpy(values, fixed, sizeof(fixed));
	values[FIXED(TOTAL_COMMANDS)] = commands;
	values[FIXED(LIBRARY_COMMANDS)] = commands;
	return ARRAY_SIZE(fixed);
}

unsigned int vtpm2_property_group(struct vtpm2 *t, u32 group, u32 *values)
{
	switch (group) {
	case TPM2_PT_FIXED:
		return fixed_group(values);
	case TPM2_PT_VAR:
		return variable_group(t, values);
	default:
		return 0;
	}
}
