// SPDX-License-Identifier: GPL-2.0
/*
 * Session HMACs (Part 1, 19.6) against one computed with Python's hmac and
 * hashlib: TPM2_PCR_Reset of PCR 16 authorized by an HMAC session with
 *
 *	sessionKey	10 11 .. 2f
 *	nonceTPM	a0 a1 .. bf
 *	nonceCaller	30 31 .. 3f
 *	attributes	continueSession
 *
 *	cpHash = SHA-256(0000013d || 00000010)
 *	HMAC-SHA-256(sessionKey, cpHash || nonceCaller || nonceTPM || 01)
 */
#include "command.h"

static const u8 command_hmac[] = {
	0xfa, 0x3d, 0x18, 0x58, 0xbc, 0xc1, 0x3b, 0xed,
	0x7a, 0xa5, 0xb6, 0xc8, 0xb4, 0x77, 0xbd, 0x89,
	0x8d, 0x9a, 0xa2, 0x4f, 0xd0, 0xcf, 0xd2, 0x75,
	0x54, 0xc8, 0x4e, 0x9f, 0xfb, 0x71, 0x04, 0x5d,
};

struct session_env {
	struct tpm_env tpm;
	struct vtpm2_session *s;
};

static int session_init(struct kunit *test)
{
	struct vtpm2_config config = { .assurance = VTPM2_ASSURANCE_SOFTWARE };
	struct session_env *env = kunit_kzalloc(test, sizeof(*env), GFP_KERNEL);
	struct vtpm2_wr wr;
	u8 nonce[16] = {};
	u32 i;

	if (!env)
		return -ENOMEM;
	env->tpm.t = vtpm2_create(&config);
	if (!env->tpm.t)
		return -ENOMEM;
	test->priv = env;
	vtpm2_power_on(env->tpm.t);
	if (run_u16(&env->tpm, 0, TPM2_CC_STARTUP, TPM2_SU_CLEAR))
		return -EIO;
	begin(&env->tpm, &wr, TPM2_ST_NO_SESSIONS, TPM2_CC_START_AUTH_SESSION);
	vtpm2_wr_u32(&wr, TPM2_RH_NULL);
	vtpm2_wr_u32(&wr, TPM2_RH_NULL);
	vtpm2_wr_2b(&wr, nonce, sizeof(nonce));
	vtpm2_wr_u16(&wr, 0);
	vtpm2_wr_u8(&wr, TPM2_SE_HMAC);
	vtpm2_wr_u16(&wr, TPM2_ALG_NULL);
	vtpm2_wr_u16(&wr, TPM2_ALG_SHA256);
	if (run(&env->tpm, 0, &wr))
		return -EIO;
	env->s = vtpm2_session_find(env->tpm.t, get_unaligned_be32(env->tpm.rsp + 10));
	if (!env->s)
		return -EIO;
	/* the vector's session */
	env->s->key.len = 32;
	env->s->nonce_tpm.len = 32;
	for (i = 0; i < 32; i++) {
		env->s->key.buf[i] = 0x10 + i;
		env->s->nonce_tpm.buf[i] = 0xa0 + i;
	}
	return 0;
}

static void session_exit(struct kunit *test)
{
	struct session_env *env = test->priv;

	if (env)
		vtpm2_destroy(env->tpm.t);
}

static u32 pcr_reset(struct session_env *env, const u8 *nonce, size_t nonce_len,
		     const u8 *hmac, size_t hmac_len)
{
	struct vtpm2_wr wr;

	begin(&env->tpm, &wr, TPM2_ST_SESSIONS, TPM2_CC_PCR_RESET);
	vtpm2_wr_u32(&wr, 16);
	vtpm2_wr_u32(&wr, 4 + 2 + nonce_len + 1 + 2 + hmac_len);
	vtpm2_wr_u32(&wr, env->s->handle);
	vtpm2_wr_2b(&wr, nonce, nonce_len);
	vtpm2_wr_u8(&wr, TPM2_SA_CONTINUE_SESSION);
	vtpm2_wr_2b(&wr, hmac, hmac_len);
	return run(&env->tpm, 0, &wr);
}

static void vector_nonce(u8 *nonce)
{
	u32 i;

	for (i = 0; i < 16; i++)
		nonce[i] = 0x30 + i;
}

static void command_hmac_vector(struct kunit *test)
{
	struct session_env *env = test->priv;
	u8 nonce[16];

	vector_nonce(nonce);
	KUNIT_EXPECT_EQ(test, pcr_reset(env, nonce, 16, command_hmac, 32), 0u);
	/* header, parameterSize 0, nonceTPM, attributes, HMAC */
	KUNIT_EXPECT_EQ(test, get_unaligned_be32(env->tpm.rsp + 2),
			10u + 4 + 34 + 1 + 34);
}

/* The response proves that the TPM knows the key, with its new nonce. */
static void response_hmac(struct kunit *test)
{
	struct session_env *env = test->priv;
	struct vtpm2_hmac *h = kunit_kzalloc(test, sizeof(*h), GFP_KERNEL);
	struct vtpm2_hash *hash = kunit_kzalloc(test, sizeof(*hash), GFP_KERNEL);
	static const u8 rp[] = { 0, 0, 0, 0, 0, 0, 1, 0x3d };
	u8 nonce[16], key[32], want[32], rp_hash[32];
	u32 i;

	KUNIT_ASSERT_NOT_NULL(test, h);
	KUNIT_ASSERT_NOT_NULL(test, hash);
	vector_nonce(nonce);
	KUNIT_ASSERT_EQ(test, pcr_reset(env, nonce, 16, command_hmac, 32), 0u);
	for (i = 0; i < 32; i++)
		key[i] = 0x10 + i;
	vtpm2_hash_init(hash, TPM2_ALG_SHA256);
	vtpm2_hash_update(hash, rp, sizeof(rp));
	vtpm2_hash_final(hash, rp_hash);
	vtpm2_hmac_init(h, TPM2_ALG_SHA256, key, 32);
	vtpm2_hmac_update(h, rp_hash, 32);
	vtpm2_hmac_update(h, env->tpm.rsp + 16, 32);	/* nonceTPM */
	vtpm2_hmac_update(h, nonce, 16);
	vtpm2_hmac_update(h, env->tpm.rsp + 48, 1);		/* attributes */
	vtpm2_hmac_final(h, want);
	KUNIT_EXPECT_MEMEQ(test, env->tpm.rsp + 51, want, 32);
	/* the nonce rolls: the same command again is a replay */
	KUNIT_EXPECT_EQ(test, pcr_reset(env, nonce, 16, command_hmac, 32),
			vtpm2_rc_s(TPM2_RC_BAD_AUTH, 1));
}

/* Every bit of it counts, and so does its length. */
static void command_hmac_altered(struct kunit *test)
{
	struct session_env *env = test->priv;
	u8 nonce[16], bad[33];
	u32 i;

	vector_nonce(nonce);
	for (i = 0; i < 32 * 8; i++) {
		memcpy(bad, command_hmac, 32);
		bad[i / 8] ^= 1 << i % 8;
		KUNIT_EXPECT_EQ(test, pcr_reset(env, nonce, 16, bad, 32),
				vtpm2_rc_s(TPM2_RC_BAD_AUTH, 1));
	}
	memcpy(bad, command_hmac, 32);
	bad[32] = 0;
	KUNIT_EXPECT_NE(test, pcr_reset(env, nonce, 16, bad, 33), 0u);
	KUNIT_EXPECT_NE(test, pcr_reset(env, nonce, 16, bad, 31), 0u);
	KUNIT_EXPECT_NE(test, pcr_reset(env, nonce, 16, bad, 0), 0u);
	nonce[0] ^= 1;
	KUNIT_EXPECT_EQ(test, pcr_reset(env, nonce, 16, command_hmac, 32),
			vtpm2_rc_s(TPM2_RC_BAD_AUTH, 1));
	/* failures did not roll the nonce */
	nonce[0] ^= 1;
	KUNIT_EXPECT_EQ(test, pcr_reset(env, nonce, 16, command_hmac, 32), 0u);
}

static struct kunit_case session_cases[] = {
	KUNIT_CASE(command_hmac_vector),
	KUNIT_CASE(response_hmac),
	KUNIT_CASE(command_hmac_altered),
	{}
};

static struct kunit_suite session_suite = {
	.name = "vtpm_session",
	.init = session_init,
	.exit = session_exit,
	.test_cases = session_cases,
};

kunit_test_suite(session_suite);
