// SPDX-License-Identifier: GPL-2.0
/* Hierarchies, their authorizations, dictionary attack. */
#include "esys_test.h"

static void change_auth(ESYS_TR h, const char *auth)
{
	TPM2B_AUTH value = { .size = strlen(auth) };

	memcpy(value.buffer, auth, value.size);
	OK(Esys_HierarchyChangeAuth(E, h, PW, NONE, NONE, &value));
	OK(Esys_TR_SetAuth(E, h, &value));
}

TEST(hierarchy_change_auth)
{
	TPM2B_CREATION_DATA *cd;
	TPMT_TK_CREATION *ticket;
	TPM2B_PUBLIC *pub;
	TPM2B_DIGEST *hash;
	ESYS_TR k;

	change_auth(OWNER, "owner");
	flush(primary(&ecc_sign));
	set_auth(OWNER, "wrong");
	FAILS(RC_S(1, TPM2_RC_BAD_AUTH),
	      Esys_CreatePrimary(E, OWNER, PW, NONE, NONE, &no_sensitive,
				 &ecc_sign, &no_data, &no_pcrs, &k, &pub, &cd,
				 &hash, &ticket));
	set_auth(OWNER, "owner");
	change_auth(OWNER, "");
}

TEST(hierarchy_change_auth_by_session)
{
	TPM2B_AUTH value = { .size = 5, .buffer = "owner" }, none = {};
	ESYS_TR s = hmac_session();

	/* the response is authorized with the new value (Part 3, 24.8) */
	OK(Esys_HierarchyChangeAuth(E, OWNER, s, NONE, NONE, &value));
	OK(Esys_TR_SetAuth(E, OWNER, &value));
	OK(Esys_HierarchyChangeAuth(E, OWNER, s, NONE, NONE, &none));
	OK(Esys_TR_SetAuth(E, OWNER, &none));
}

TEST(hierarchy_auth_too_long)
{
	/* an auth value is no longer than the largest digest */
	RAW(RC_P(1, TPM2_RC_SIZE),
	    "8002 0000005e 00000129 40000001 00000009 40000009 0000 00 0000 0041"
	    "0000000000000000000000000000000000000000000000000000000000000000"
	    "0000000000000000000000000000000000000000000000000000000000000000"
	    "00");
}

TEST(clear_by_lockout)
{
	ESYS_TR a = primary(&ecc_sign), per;
	TPM2B_NAME *before = read_name(a), *after;
	ESYS_TR e = primary_in(ESYS_TR_RH_ENDORSEMENT, &ecc_restricted);
	TPM2B_NAME *ebefore = read_name(e);

	OK(Esys_EvictControl(E, OWNER, a, PW, NONE, NONE, 0x81000200, &per));
	change_auth(OWNER, "owner");
	OK(Esys_Clear(E, ESYS_TR_RH_LOCKOUT, PW, NONE, NONE));
	set_auth(OWNER, "");
	/* loaded and persistent objects of the owner are gone, keys are new */
	RAW(TPM2_RC_REFERENCE_H0, "8001 0000000e 00000173 80000000");
	RAW(RC_H(1, TPM2_RC_HANDLE), "8001 0000000e 00000173 81000200");
	after = read_name(primary(&ecc_sign));
	CHECK(memcmp(before->name, after->name, 34));
	FREE(after);
	/* the endorsement seed is not the owner's */
	after = read_name(primary_in(ESYS_TR_RH_ENDORSEMENT, &ecc_restricted));
	CHECK(!memcmp(ebefore->name, after->name, 34));
	FREE(before);
	FREE(ebefore);
	FREE(after);
}

TEST(clear_control)
{
	OK(Esys_ClearControl(E, ESYS_TR_RH_PLATFORM, PW, NONE, NONE, TPM2_YES));
	FAILS(TPM2_RC_DISABLED, Esys_Clear(E, ESYS_TR_RH_LOCKOUT, PW, NONE, NONE));
	FAILS(TPM2_RC_AUTH_FAIL,
	      Esys_ClearControl(E, ESYS_TR_RH_LOCKOUT, PW, NONE, NONE, TPM2_NO));
	OK(Esys_ClearControl(E, ESYS_TR_RH_PLATFORM, PW, NONE, NONE, TPM2_NO));
	RAW(RC_H(1, TPM2_RC_VALUE),
	    "8002 0000001b 00000126 40000001 00000009 40000009 0000 00 0000");
}

TEST(set_primary_policy)
{
	TPM2B_DIGEST policy = { .size = 32 }, none = {}, odd = { .size = 20 };

	OK(Esys_SetPrimaryPolicy(E, OWNER, PW, NONE, NONE, &policy, TPM2_ALG_SHA256));
	FAILS(RC_P(1, TPM2_RC_SIZE),
	      Esys_SetPrimaryPolicy(E, OWNER, PW, NONE, NONE, &odd,
				    TPM2_ALG_SHA256));
	OK(Esys_SetPrimaryPolicy(E, OWNER, PW, NONE, NONE, &none, TPM2_ALG_NULL));
}

TEST(hierarchy_control)
{
	ESYS_TR k = primary_in(ESYS_TR_RH_ENDORSEMENT, &ecc_sign);

	(void)k;
	OK(Esys_HierarchyControl(E, ESYS_TR_RH_PLATFORM, PW, NONE, NONE,
				 TPM2_RH_ENDORSEMENT, TPM2_NO));
	/* its objects are flushed, and nothing can be made in it */
	RAW(TPM2_RC_REFERENCE_H0, "8001 0000000e 00000173 80000000");
	RAW(RC_H(1, TPM2_RC_HIERARCHY),
	    "8002 0000001d 00000129 4000000b 00000009 40000009 0000 00 0000 0000");
	OK(Esys_HierarchyControl(E, ESYS_TR_RH_PLATFORM, PW, NONE, NONE,
				 TPM2_RH_ENDORSEMENT, TPM2_YES));
	flush(primary_in(ESYS_TR_RH_ENDORSEMENT, &ecc_sign));
}

TEST(dictionary_attack)
{
	TPM2B_PUBLIC t = sealed_data;
	ESYS_TR p = primary(&ecc_storage), d;
	TPM2B_SENSITIVE_DATA *data;
	int i;

	OK(Esys_DictionaryAttackParameters(E, ESYS_TR_RH_LOCKOUT, PW, NONE, NONE,
					   3, 1000, 1000));
	OK(Esys_DictionaryAttackLockReset(E, ESYS_TR_RH_LOCKOUT, PW, NONE, NONE));
	t.publicArea.objectAttributes &= ~TPMA_OBJECT_NODA;
	d = child(p, &t, "pw", "secret");
	OK(Esys_Unseal(E, d, PW, NONE, NONE, &data));
	FREE(data);
	set_auth(d, "guess");
	for (i = 0; i < 3; i++) {
		TSS2_RC rc = Esys_Unseal(E, d, PW, NONE, NONE, &data);

		/* libtpms asks for a second try around the counter's NV write */
		if (rc == TPM2_RC_RETRY)
			rc = Esys_Unseal(E, d, PW, NONE, NONE, &data);
		if (rc != RC_S(1, TPM2_RC_AUTH_FAIL))
			FAIL("guess %d: 0x%x", i, rc);
	}
	set_auth(d, "pw");
	FAILS(TPM2_RC_LOCKOUT, Esys_Unseal(E, d, PW, NONE, NONE, &data));
	OK(Esys_DictionaryAttackLockReset(E, ESYS_TR_RH_LOCKOUT, PW, NONE, NONE));
	OK(Esys_Unseal(E, d, PW, NONE, NONE, &data));
	FREE(data);
}

TEST(change_eps)
{
	ESYS_TR e = primary_in(ESYS_TR_RH_ENDORSEMENT, &ecc_restricted);
	TPM2B_NAME *before = read_name(e), *after;

	OK(Esys_ChangeEPS(E, ESYS_TR_RH_PLATFORM, PW, NONE, NONE));
	after = read_name(primary_in(ESYS_TR_RH_ENDORSEMENT, &ecc_restricted));
	CHECK(memcmp(before->name, after->name, 34));
	FREE(before);
	FREE(after);
}

TEST(clock_set)
{
	TPMS_TIME_INFO *now;
	uint64_t clock;

	OK(Esys_ReadClock(E, NONE, NONE, NONE, &now));
	clock = now->clockInfo.clock + 100000;
	FREE(now);
	OK(Esys_ClockSet(E, OWNER, PW, NONE, NONE, clock));
	OK(Esys_ReadClock(E, NONE, NONE, NONE, &now));
	CHECK(now->clockInfo.clock >= clock);
	FREE(now);
	/* never back */
	FAILS(RC_P(1, TPM2_RC_VALUE), Esys_ClockSet(E, OWNER, PW, NONE, NONE, 1));
	OK(Esys_ClockRateAdjust(E, OWNER, PW, NONE, NONE, TPM2_CLOCK_NO_CHANGE));
}
