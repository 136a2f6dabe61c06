// SPDX-License-Identifier: GPL-2.0
/*
 * PCRs by the rules of the PC Client Platform TPM Profile, seen through
 * vtpm2_execute(): which locality may extend and reset which PCR, what they
 * hold after startup, and when the update counter counts.
 */
#include "command.h"

static u32 startup(struct tpm_env *env, u8 locality, u16 type)
{
	return run_u16(env, locality, TPM2_CC_STARTUP, type);
}

static u32 extend(struct tpm_env *env, u8 locality, u32 pcr)
{
	struct vtpm2_wr wr;
	u8 digest[32];

	memset(digest, 0x5a, sizeof(digest));
	begin_auth(env, &wr, TPM2_CC_PCR_EXTEND, pcr);
	vtpm2_wr_u32(&wr, 1);
	vtpm2_wr_u16(&wr, TPM2_ALG_SHA256);
	vtpm2_wr_bytes(&wr, digest, sizeof(digest));
	return run(env, locality, &wr);
}

static u32 reset(struct tpm_env *env, u8 locality, u32 pcr)
{
	struct vtpm2_wr wr;

	begin_auth(env, &wr, TPM2_CC_PCR_RESET, pcr);
	return run(env, locality, &wr);
}

/* SHA-256 value of one PCR, and the update counter. */
static const u8 *value(struct kunit *test, struct tpm_env *env, u32 pcr,
		       u32 *counter)
{
	u8 select[3] = {};
	struct vtpm2_wr wr;

	select[pcr / 8] = 1 << pcr % 8;
	begin(env, &wr, TPM2_ST_NO_SESSIONS, TPM2_CC_PCR_READ);
	vtpm2_wr_u32(&wr, 1);
	vtpm2_wr_u16(&wr, TPM2_ALG_SHA256);
	vtpm2_wr_u8(&wr, 3);
	vtpm2_wr_bytes(&wr, select, 3);
	KUNIT_ASSERT_EQ(test, run(env, 0, &wr), 0u);
	/* header, counter, selection of 10 bytes, count, size, value */
	KUNIT_ASSERT_EQ(test, get_unaligned_be32(env->rsp + 2), 10u + 4 + 10 + 4 + 2 + 32);
	if (counter)
		*counter = get_unaligned_be32(env->rsp + 10);
	return env->rsp + 30;
}

static bool filled(const u8 *p, u8 with)
{
	int i;

	for (i = 0; i < 32; i++)
		if (p[i] != with)
			return false;
	return true;
}

static void pcr_startup_values(struct kunit *test)
{
	struct tpm_env *env = test->priv;
	u32 i;

	KUNIT_ASSERT_EQ(test, startup(env, 0, TPM2_SU_CLEAR), 0u);
	for (i = 0; i < 24; i++)
		KUNIT_EXPECT_TRUE_MSG(test,
				      filled(value(test, env, i, NULL),
					     i >= 17 && i <= 22 ? 0xff : 0),
				      "PCR %u", i);
}

/* Startup from locality 3 is told by PCR 0 (Part 3, 9.3). */
static void pcr_startup_locality(struct kunit *test)
{
	struct tpm_env *env = test->priv;
	const u8 *p;

	KUNIT_ASSERT_EQ(test, startup(env, 3, TPM2_SU_CLEAR), 0u);
	p = value(test, env, 0, NULL);
	KUNIT_EXPECT_EQ(test, p[31], (u8)3);
	KUNIT_EXPECT_EQ(test, p[0], (u8)0);
}

/* Bit n: locality n may. PC Client Platform TPM Profile, PCR attributes. */
static void pcr_localities(struct kunit *test)
{
	static const u8 extend_by[24] = {
		[0 ... 16] = 0x1f, [17] = 0x1c, [18] = 0x1c, [19] = 0x0c,
		[20] = 0x0e, [21] = 0x04, [22] = 0x04, [23] = 0x1f,
	};
	static const u8 reset_by[24] = {
		[16] = 0x0f, [20] = 0x04, [21] = 0x04, [22] = 0x04, [23] = 0x0f,
	};
	struct tpm_env *env = test->priv;
	u32 pcr, rc;
	u8 loc;

	KUNIT_ASSERT_EQ(test, startup(env, 0, TPM2_SU_CLEAR), 0u);
	for (pcr = 0; pcr < 24; pcr++) {
		for (loc = 0; loc <= 4; loc++) {
			rc = extend(env, loc, pcr);
			KUNIT_EXPECT_EQ_MSG(test, rc,
					    extend_by[pcr] & 1 << loc ? 0u :
					    TPM2_RC_LOCALITY,
					    "extend PCR %u locality %u", pcr, loc);
			/* locality 4 resets by the DRTM sequence, not by command */
			if (loc == 4)
				continue;
			rc = reset(env, loc, pcr);
			KUNIT_EXPECT_EQ_MSG(test, rc,
					    reset_by[pcr] & 1 << loc ? 0u :
					    TPM2_RC_LOCALITY,
					    "reset PCR %u locality %u", pcr, loc);
		}
	}
}

static void pcr_counter_rules(struct kunit *test)
{
	struct tpm_env *env = test->priv;
	u32 pcr, before, after;

	KUNIT_ASSERT_EQ(test, startup(env, 0, TPM2_SU_CLEAR), 0u);
	for (pcr = 0; pcr < 24; pcr++) {
		bool counts = pcr != 16 && pcr != 21 && pcr != 22 && pcr != 23;

		value(test, env, 0, &before);
		KUNIT_ASSERT_EQ(test, extend(env, 2, pcr), 0u);
		value(test, env, 0, &after);
		KUNIT_EXPECT_EQ_MSG(test, after - before, counts ? 1u : 0u,
				    "PCR %u", pcr);
	}
}

/* No guest bytes reset PCR 0; only the host's power does. */
static void pcr_survives_the_guest(struct kunit *test)
{
	struct tpm_env *env = test->priv;
	u8 kept[32];

	KUNIT_ASSERT_EQ(test, startup(env, 0, TPM2_SU_CLEAR), 0u);
	KUNIT_ASSERT_EQ(test, extend(env, 0, 0), 0u);
	memcpy(kept, value(test, env, 0, NULL), 32);
	KUNIT_EXPECT_EQ(test, startup(env, 0, TPM2_SU_CLEAR),
			(u32)TPM2_RC_INITIALIZE);
	KUNIT_EXPECT_EQ(test, reset(env, 0, 0), (u32)TPM2_RC_LOCALITY);
	KUNIT_EXPECT_MEMEQ(test, value(test, env, 0, NULL), kept, 32);
	vtpm2_power_off(env->t);
	vtpm2_power_on(env->t);
	KUNIT_ASSERT_EQ(test, startup(env, 0, TPM2_SU_CLEAR), 0u);
	KUNIT_EXPECT_TRUE(test, filled(value(test, env, 0, NULL), 0));
}

/* Shutdown(STATE) and Startup(STATE) keep PCR 0 to 15, no others. */
static void pcr_resume(struct kunit *test)
{
	struct tpm_env *env = test->priv;
	struct vtpm2_wr wr;
	u8 kept[32];

	KUNIT_ASSERT_EQ(test, startup(env, 0, TPM2_SU_CLEAR), 0u);
	KUNIT_ASSERT_EQ(test, extend(env, 0, 7), 0u);
	KUNIT_ASSERT_EQ(test, extend(env, 0, 23), 0u);
	memcpy(kept, value(test, env, 7, NULL), 32);
	begin(env, &wr, TPM2_ST_NO_SESSIONS, TPM2_CC_SHUTDOWN);
	vtpm2_wr_u16(&wr, TPM2_SU_STATE);
	KUNIT_ASSERT_EQ(test, run(env, 0, &wr), 0u);
	vtpm2_power_off(env->t);
	vtpm2_power_on(env->t);
	KUNIT_ASSERT_EQ(test, startup(env, 0, TPM2_SU_STATE), 0u);
	KUNIT_EXPECT_MEMEQ(test, value(test, env, 7, NULL), kept, 32);
	KUNIT_EXPECT_TRUE(test, filled(value(test, env, 23, NULL), 0));
	/* without a Shutdown(STATE) there is nothing to resume */
	vtpm2_power_off(env->t);
	vtpm2_power_on(env->t);
	KUNIT_EXPECT_EQ(test, startup(env, 0, TPM2_SU_STATE),
			vtpm2_rc_p(TPM2_RC_VALUE, 1));
}

static struct kunit_case pcr_cases[] = {
	KUNIT_CASE(pcr_startup_values),
	KUNIT_CASE(pcr_startup_locality),
	KUNIT_CASE(pcr_localities),
	KUNIT_CASE(pcr_counter_rules),
	KUNIT_CASE(pcr_survives_the_guest),
	KUNIT_CASE(pcr_resume),
	{}
};

static struct kunit_suite pcr_suite = {
	.name = "vtpm_pcr",
	.init = tpm_env_init,
	.exit = tpm_env_exit,
	.test_cases = pcr_cases,
};

kunit_test_suite(pcr_suite);
