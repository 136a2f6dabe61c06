// SPDX-License-Identifier: GPL-2.0
/*
 * What only the host can do to a TPM, or show of it: events measured into it,
 * physical presence, and what becomes of PCRs and audits at the next power on.
 */
#include "command.h"

static u32 startup(struct tpm_env *env, u16 type)
{
	return run_u16(env, 0, TPM2_CC_STARTUP, type);
}

static u32 shutdown(struct tpm_env *env, u16 type)
{
	return run_u16(env, 0, TPM2_CC_SHUTDOWN, type);
}

static void reset(struct tpm_env *env)
{
	vtpm2_power_off(env->t);
	vtpm2_power_on(env->t);
}

static void measure(struct tpm_env *env, const char *what)
{
	size_t len = strlen(what);

	vtpm2_hash_start(env->t);
	vtpm2_hash_data(env->t, what, len / 2);
	vtpm2_hash_data(env->t, what + len / 2, len - len / 2);
	vtpm2_hash_end(env->t);
}

/* H(first || H(what)), where first is zeroes and then @last */
static void measured(u16 alg, u8 last, const char *what, u8 *out)
{
	u16 size = vtpm2_digest_size(alg);
	u8 value[2 * VTPM2_MAX_DIGEST] = {};
	struct vtpm2_hash h;

	value[size - 1] = last;
	vtpm2_hash_init(&h, alg);
	vtpm2_hash_update(&h, what, strlen(what));
	vtpm2_hash_final(&h, value + size);
	vtpm2_hash_init(&h, alg);
	vtpm2_hash_update(&h, value, 2 * size);
	vtpm2_hash_final(&h, out);
}

static void expect_measured(struct kunit *test, u32 pcr, u8 last, const char *what)
{
	struct tpm_env *env = test->priv;
	u8 want[VTPM2_MAX_DIGEST];
	unsigned int bank;

	for (bank = 0; bank < VTPM2_BANKS; bank++) {
		u16 alg = vtpm2_pcr_bank_alg(bank);

		measured(alg, last, what, want);
		KUNIT_EXPECT_EQ_MSG(test, memcmp(env->t->pcr[bank][pcr], want,
						 vtpm2_digest_size(alg)), 0,
				    "PCR[%u] bank %u", pcr, bank);
	}
}

static void platform_hcrtm(struct kunit *test)
{
	struct tpm_env *env = test->priv;

	measure(env, "firmware");
	KUNIT_ASSERT_EQ(test, startup(env, TPM2_SU_CLEAR), 0u);
	expect_measured(test, 0, 4, "firmware");
	/* resumed: the PCR as it was, after a measurement as then */
	KUNIT_ASSERT_EQ(test, shutdown(env, TPM2_SU_STATE), 0u);
	reset(env);
	KUNIT_EXPECT_EQ(test, startup(env, TPM2_SU_STATE),
			vtpm2_rc_p(TPM2_RC_VALUE, 1));
	measure(env, "other firmware");
	KUNIT_EXPECT_EQ(test, startup(env, TPM2_SU_STATE), 0u);
	expect_measured(test, 0, 4, "firmware");
	/* and the other way round */
	reset(env);
	KUNIT_ASSERT_EQ(test, run_u16(env, 3, TPM2_CC_STARTUP, TPM2_SU_CLEAR), 0u);
	KUNIT_EXPECT_EQ(test, env->t->pcr[1][0][31], 3);
	KUNIT_ASSERT_EQ(test, shutdown(env, TPM2_SU_STATE), 0u);
	reset(env);
	measure(env, "firmware");
	KUNIT_EXPECT_EQ(test, startup(env, TPM2_SU_STATE),
			vtpm2_rc_p(TPM2_RC_VALUE, 1));
	KUNIT_EXPECT_EQ(test, startup(env, TPM2_SU_CLEAR), 0u);
	expect_measured(test, 0, 4, "firmware");
}

static void platform_drtm(struct kunit *test)
{
	static const u8 zero[VTPM2_MAX_DIGEST];
	struct tpm_env *env = test->priv;
	u32 pcr;

	KUNIT_ASSERT_EQ(test, startup(env, TPM2_SU_CLEAR), 0u);
	KUNIT_EXPECT_EQ(test, env->t->pcr[1][17][0], 0xff);
	measure(env, "launch");
	expect_measured(test, 17, 0, "launch");
	for (pcr = 18; pcr <= 22; pcr++)
		KUNIT_EXPECT_EQ(test, memcmp(env->t->pcr[1][pcr], zero, 32), 0);
	KUNIT_EXPECT_EQ(test, memcmp(env->t->pcr[1][0], zero, 32), 0);
	KUNIT_EXPECT_EQ(test, env->t->restart_count, 1u);
	/* an end without a start, data without one, no power */
	KUNIT_EXPECT_EQ(test, vtpm2_hash_end(env->t), -EINVAL);
	vtpm2_hash_data(env->t, "a", 1);
	expect_measured(test, 17, 0, "launch");
	vtpm2_hash_start(env->t);
	reset(env);
	vtpm2_hash_end(env->t);
	KUNIT_EXPECT_FALSE(test, env->t->hcrtm);
	vtpm2_power_off(env->t);
	measure(env, "off");
	KUNIT_EXPECT_FALSE(test, env->t->hcrtm);
}

static u32 allocate(struct tpm_env *env, u16 alg, u8 select)
{
	struct vtpm2_wr wr;

	begin_auth(env, &wr, TPM2_CC_PCR_ALLOCATE, TPM2_RH_PLATFORM);
	vtpm2_wr_u32(&wr, 1);
	vtpm2_wr_u16(&wr, alg);
	vtpm2_wr_u8(&wr, 3);
	vtpm2_wr_u8(&wr, select);
	vtpm2_wr_u8(&wr, select);
	vtpm2_wr_u8(&wr, select);
	return run(env, 0, &wr);
}

static void platform_allocation(struct kunit *test)
{
	struct tpm_env *env = test->priv;

	KUNIT_ASSERT_EQ(test, startup(env, TPM2_SU_CLEAR), 0u);
	KUNIT_EXPECT_EQ(test, allocate(env, TPM2_ALG_SHA1, 0), 0u);
	/* until the next _TPM_Init nothing changes, whatever kind of start */
	KUNIT_EXPECT_TRUE(test, vtpm2_pcr_allocated(env->t, 0, 5));
	KUNIT_EXPECT_EQ(test, shutdown(env, TPM2_SU_STATE),
			vtpm2_rc_p(TPM2_RC_TYPE, 1));
	KUNIT_EXPECT_EQ(test, shutdown(env, TPM2_SU_CLEAR), 0u);
	reset(env);
	KUNIT_EXPECT_FALSE(test, vtpm2_pcr_allocated(env->t, 0, 5));
	KUNIT_EXPECT_TRUE(test, vtpm2_pcr_allocated(env->t, 1, 5));
	KUNIT_ASSERT_EQ(test, startup(env, TPM2_SU_CLEAR), 0u);
	/* some of a bank; and a state that was saved before is worth nothing */
	KUNIT_EXPECT_EQ(test, shutdown(env, TPM2_SU_STATE), 0u);
	KUNIT_EXPECT_EQ(test, allocate(env, TPM2_ALG_SHA256, 1), 0u);
	reset(env);
	KUNIT_EXPECT_EQ(test, startup(env, TPM2_SU_STATE),
			vtpm2_rc_p(TPM2_RC_VALUE, 1));
	KUNIT_ASSERT_EQ(test, startup(env, TPM2_SU_CLEAR), 0u);
	KUNIT_EXPECT_TRUE(test, vtpm2_pcr_allocated(env->t, 1, 8));
	KUNIT_EXPECT_FALSE(test, vtpm2_pcr_allocated(env->t, 1, 9));
	KUNIT_EXPECT_EQ(test, shutdown(env, TPM2_SU_STATE), 0u);
}

static u32 set_pcr_auth(struct tpm_env *env, u32 pcr)
{
	struct vtpm2_wr wr;

	begin_auth(env, &wr, TPM2_CC_PCR_SET_AUTH_VALUE, pcr);
	vtpm2_wr_2b(&wr, "abc", 3);
	return run(env, 0, &wr);
}

/* The auth value is part of what TPM2_Shutdown(STATE) saves. */
static void platform_pcr_auth(struct kunit *test)
{
	struct tpm_env *env = test->priv;

	KUNIT_ASSERT_EQ(test, startup(env, TPM2_SU_CLEAR), 0u);
	KUNIT_EXPECT_EQ(test, set_pcr_auth(env, 20), 0u);
	KUNIT_EXPECT_EQ(test, set_pcr_auth(env, 20),
			vtpm2_rc_s(TPM2_RC_BAD_AUTH, 1));
	KUNIT_EXPECT_EQ(test, shutdown(env, TPM2_SU_STATE), 0u);
	reset(env);
	KUNIT_ASSERT_EQ(test, startup(env, TPM2_SU_STATE), 0u);
	KUNIT_EXPECT_EQ(test, set_pcr_auth(env, 21),
			vtpm2_rc_s(TPM2_RC_BAD_AUTH, 1));
	KUNIT_EXPECT_EQ(test, shutdown(env, TPM2_SU_STATE), 0u);
	reset(env);
	KUNIT_ASSERT_EQ(test, startup(env, TPM2_SU_CLEAR), 0u);
	KUNIT_EXPECT_EQ(test, set_pcr_auth(env, 21), 0u);
}

static u32 pp_commands(struct tpm_env *env, u32 set, u32 clear)
{
	struct vtpm2_wr wr;

	begin_auth(env, &wr, TPM2_CC_PP_COMMANDS, TPM2_RH_PLATFORM);
	vtpm2_wr_u32(&wr, !!set);
	if (set)
		vtpm2_wr_u32(&wr, set);
	vtpm2_wr_u32(&wr, !!clear);
	if (clear)
		vtpm2_wr_u32(&wr, clear);
	return run(env, 0, &wr);
}

static u32 clear(struct tpm_env *env, u32 handle)
{
	struct vtpm2_wr wr;

	begin_auth(env, &wr, TPM2_CC_CLEAR, handle);
	return run(env, 0, &wr);
}

static void platform_presence(struct kunit *test)
{
	const u32 absent = vtpm2_rc_s(TPM2_RC_PP, 1);
	struct tpm_env *env = test->priv;

	KUNIT_ASSERT_EQ(test, startup(env, TPM2_SU_CLEAR), 0u);
	KUNIT_EXPECT_EQ(test, pp_commands(env, TPM2_CC_CLEAR, 0), absent);
	vtpm2_set_presence(env->t, true);
	KUNIT_EXPECT_EQ(test, pp_commands(env, TPM2_CC_CLEAR, 0), 0u);
	KUNIT_EXPECT_EQ(test, clear(env, TPM2_RH_PLATFORM), 0u);
	vtpm2_set_presence(env->t, false);
	KUNIT_EXPECT_EQ(test, clear(env, TPM2_RH_PLATFORM), absent);
	/* it is the platform's authorization that needs it */
	KUNIT_EXPECT_EQ(test, clear(env, TPM2_RH_LOCKOUT), 0u);

	/* the list stays, presence goes with the power */
	vtpm2_set_presence(env->t, true);
	reset(env);
	KUNIT_ASSERT_EQ(test, startup(env, TPM2_SU_CLEAR), 0u);
	KUNIT_EXPECT_EQ(test, clear(env, TPM2_RH_PLATFORM), absent);
	vtpm2_set_presence(env->t, true);
	/* neither of these can be changed */
	KUNIT_EXPECT_EQ(test, pp_commands(env, TPM2_CC_GET_RANDOM,
					  TPM2_CC_PP_COMMANDS), 0u);
	KUNIT_EXPECT_FALSE(test, vtpm2_cc_set_has(&env->t->pp_commands,
						  TPM2_CC_GET_RANDOM));
	KUNIT_EXPECT_EQ(test, pp_commands(env, 0, TPM2_CC_CLEAR), 0u);
	vtpm2_set_presence(env->t, false);
	KUNIT_EXPECT_EQ(test, clear(env, TPM2_RH_PLATFORM), 0u);
	KUNIT_EXPECT_EQ(test, pp_commands(env, 0, 0), absent);
}

/* Kept at a Resume and a Restart, gone at a Reset; the counter is for life. */
static void platform_audit(struct kunit *test)
{
	struct tpm_env *env = test->priv;
	struct vtpm2_wr wr;

	KUNIT_ASSERT_EQ(test, startup(env, TPM2_SU_CLEAR), 0u);
	begin_auth(env, &wr, TPM2_CC_SET_COMMAND_CODE_AUDIT_STATUS, TPM2_RH_OWNER);
	vtpm2_wr_u16(&wr, TPM2_ALG_NULL);
	vtpm2_wr_u32(&wr, 0);
	vtpm2_wr_u32(&wr, 0);
	KUNIT_EXPECT_EQ(test, run(env, 0, &wr), 0u);
	KUNIT_EXPECT_EQ(test, env->t->audit_digest.len, 64);
	KUNIT_EXPECT_EQ(test, env->t->audit_counter, 1ull);
	KUNIT_EXPECT_EQ(test, shutdown(env, TPM2_SU_STATE), 0u);
	reset(env);
	KUNIT_ASSERT_EQ(test, startup(env, TPM2_SU_STATE), 0u);
	KUNIT_EXPECT_EQ(test, env->t->audit_digest.len, 64);
	KUNIT_EXPECT_EQ(test, shutdown(env, TPM2_SU_STATE), 0u);
	reset(env);
	KUNIT_ASSERT_EQ(test, startup(env, TPM2_SU_CLEAR), 0u);
	KUNIT_EXPECT_EQ(test, env->t->audit_digest.len, 64);
	/* an audited command after it makes TPM2_Shutdown void */
	KUNIT_EXPECT_EQ(test, shutdown(env, TPM2_SU_STATE), 0u);
	begin_auth(env, &wr, TPM2_CC_SET_COMMAND_CODE_AUDIT_STATUS, TPM2_RH_OWNER);
	vtpm2_wr_u16(&wr, TPM2_ALG_NULL);
	vtpm2_wr_u32(&wr, 0);
	vtpm2_wr_u32(&wr, 0);
	KUNIT_EXPECT_EQ(test, run(env, 0, &wr), 0u);
	reset(env);
	KUNIT_EXPECT_EQ(test, startup(env, TPM2_SU_STATE),
			vtpm2_rc_p(TPM2_RC_VALUE, 1));
	KUNIT_ASSERT_EQ(test, startup(env, TPM2_SU_CLEAR), 0u);
	KUNIT_EXPECT_EQ(test, env->t->audit_digest.len, 0);
	KUNIT_EXPECT_EQ(test, env->t->audit_counter, 1ull);
}

static u32 simple(struct tpm_env *env, u16 tag, u32 cc)
{
	struct vtpm2_wr wr;

	begin(env, &wr, tag, cc);
	return run(env, 0, &wr);
}

static u32 capability(struct tpm_env *env, u32 cap, u32 property)
{
	struct vtpm2_wr wr;

	begin(env, &wr, TPM2_ST_NO_SESSIONS, TPM2_CC_GET_CAPABILITY);
	vtpm2_wr_u32(&wr, cap);
	vtpm2_wr_u32(&wr, property);
	vtpm2_wr_u32(&wr, 1);
	return run(env, 0, &wr);
}

static void platform_self_test(struct kunit *test)
{
	struct tpm_env *env = test->priv;
	struct vtpm2_wr wr;
	u8 full;

	KUNIT_EXPECT_EQ(test, vtpm2_self_test(TPM2_ALG_ERROR), TPM2_ALG_ERROR);
	KUNIT_ASSERT_EQ(test, startup(env, TPM2_SU_CLEAR), 0u);
	for (full = 0; full < 2; full++) {
		begin(env, &wr, TPM2_ST_NO_SESSIONS, TPM2_CC_SELF_TEST);
		vtpm2_wr_u8(&wr, full);
		KUNIT_EXPECT_EQ(test, run(env, 0, &wr), 0u);
	}
	begin(env, &wr, TPM2_ST_NO_SESSIONS, TPM2_CC_INCREMENTAL_SELF_TEST);
	vtpm2_wr_u32(&wr, 2);
	vtpm2_wr_u16(&wr, TPM2_ALG_SHA256);
	vtpm2_wr_u16(&wr, TPM2_ALG_RSA);
	KUNIT_EXPECT_EQ(test, run(env, 0, &wr), 0u);
	KUNIT_EXPECT_EQ(test, get_unaligned_be32(env->rsp + 10), 0u);
	/* no size, TPM_RC_SUCCESS */
	KUNIT_EXPECT_EQ(test, simple(env, TPM2_ST_NO_SESSIONS,
				     TPM2_CC_GET_TEST_RESULT), 0u);
	KUNIT_EXPECT_EQ(test, get_unaligned_be32(env->rsp + 12), 0u);
}

static void platform_failure_mode(struct kunit *test)
{
	struct tpm_env *env = test->priv;

	KUNIT_ASSERT_EQ(test, startup(env, TPM2_SU_CLEAR), 0u);
	env->t->failed_alg = TPM2_ALG_AES;
	KUNIT_EXPECT_EQ(test, shutdown(env, TPM2_SU_CLEAR), TPM2_RC_FAILURE);
	KUNIT_EXPECT_EQ(test, startup(env, TPM2_SU_CLEAR), TPM2_RC_FAILURE);
	KUNIT_EXPECT_EQ(test, simple(env, TPM2_ST_NO_SESSIONS, 0x999),
			TPM2_RC_FAILURE);
	KUNIT_EXPECT_EQ(test, capability(env, TPM2_CAP_TPM_PROPERTIES,
					 TPM2_PT_MANUFACTURER), 0u);
	KUNIT_EXPECT_EQ(test, capability(env, TPM2_CAP_ALGS, 0), TPM2_RC_FAILURE);
	KUNIT_EXPECT_EQ(test, simple(env, TPM2_ST_SESSIONS,
				     TPM2_CC_GET_TEST_RESULT), TPM2_RC_FAILURE);
	KUNIT_EXPECT_EQ(test, simple(env, TPM2_ST_NO_SESSIONS,
				     TPM2_CC_GET_TEST_RESULT), 0u);
	KUNIT_EXPECT_EQ(test, get_unaligned_be16(env->rsp + 10), 2);
	KUNIT_EXPECT_EQ(test, get_unaligned_be16(env->rsp + 12), TPM2_ALG_AES);
	KUNIT_EXPECT_EQ(test, get_unaligned_be32(env->rsp + 14), TPM2_RC_FAILURE);
	/* until _TPM_Init */
	reset(env);
	KUNIT_EXPECT_EQ(test, startup(env, TPM2_SU_CLEAR), 0u);
	KUNIT_EXPECT_EQ(test, shutdown(env, TPM2_SU_CLEAR), 0u);
}

static struct kunit_case platform_cases[] = {
	KUNIT_CASE(platform_hcrtm),
	KUNIT_CASE(platform_drtm),
	KUNIT_CASE(platform_allocation),
	KUNIT_CASE(platform_pcr_auth),
	KUNIT_CASE(platform_presence),
	KUNIT_CASE(platform_audit),
	KUNIT_CASE(platform_self_test),
	KUNIT_CASE(platform_failure_mode),
	{}
};

static struct kunit_suite platform_suite = {
	.name = "vtpm_platform",
	.init = tpm_env_init,
	.exit = tpm_env_exit,
	.test_cases = platform_cases,
};

kunit_test_suite(platform_suite);
