// SPDX-License-Identifier: GPL-2.0
/*
 * What the platform manages: PCR allocation and authorization, physical
 * presence, the algorithm set.
 */
#include "esys_test.h"

#define PLATFORM	ESYS_TR_RH_PLATFORM

static uint32_t property(uint32_t tag)
{
	TPMS_CAPABILITY_DATA *cap;
	TPMI_YES_NO more;
	uint32_t value;

	OK(Esys_GetCapability(E, NONE, NONE, NONE, TPM2_CAP_TPM_PROPERTIES, tag,
			      1, &more, &cap));
	CHECK(cap->data.tpmProperties.count == 1);
	CHECK(cap->data.tpmProperties.tpmProperty[0].property == tag);
	value = cap->data.tpmProperties.tpmProperty[0].value;
	FREE(cap);
	return value;
}

/* --- allocation --- */

static TPML_PCR_SELECTION banks(TPM2_ALG_ID a, uint8_t fill_a, TPM2_ALG_ID b,
				uint8_t fill_b)
{
	TPML_PCR_SELECTION sel = { .count = 2 };

	sel.pcrSelections[0].hash = a;
	sel.pcrSelections[0].sizeofSelect = 3;
	memset(sel.pcrSelections[0].pcrSelect, fill_a, 3);
	sel.pcrSelections[1].hash = b;
	sel.pcrSelections[1].sizeofSelect = 3;
	memset(sel.pcrSelections[1].pcrSelect, fill_b, 3);
	return sel;
}

static void allocate(const TPML_PCR_SELECTION *sel, uint32_t want)
{
	uint32_t max, needed, available;
	TPMI_YES_NO success;

	OK(Esys_PCR_Allocate(E, PLATFORM, PW, NONE, NONE, sel, &success, &max,
			     &needed, &available));
	CHECK(success == TPM2_YES && max == 24);
	CHECK(needed == want);
	CHECK(available == 24 * (20 + 32 + 48 + 64));
}

TEST(pcr_allocate)
{
	static const TPM2_ALG_ID algs[] = {
		TPM2_ALG_SHA1, TPM2_ALG_SHA256, TPM2_ALG_SHA384, TPM2_ALG_SHA512,
	};
	TPML_PCR_SELECTION sel = banks(TPM2_ALG_SHA1, 0, TPM2_ALG_SHA512, 0);
	uint32_t max, needed, available, i;
	TPMS_CAPABILITY_DATA *cap;
	TPMI_YES_NO success, more;

	allocate(&sel, 24 * (32 + 48));
	/* not cumulative: what is not named stays as it is now */
	sel = banks(TPM2_ALG_SHA256, 0, TPM2_ALG_SHA256, 1);
	allocate(&sel, 24 * (20 + 48 + 64) + 3 * 32);

	/* no PCR[0] in any bank, no PCR[17], a hash that is none */
	for (i = 0, sel.count = 4; i < 4; i++) {
		sel.pcrSelections[i].hash = algs[i];
		sel.pcrSelections[i].sizeofSelect = 3;
		memset(sel.pcrSelections[i].pcrSelect, 0xff, 3);
		sel.pcrSelections[i].pcrSelect[0] = 0xfe;
	}
	FAILS(TPM2_RC_PCR,
	      Esys_PCR_Allocate(E, PLATFORM, PW, NONE, NONE, &sel, &success, &max,
				&needed, &available));
	for (i = 0; i < 4; i++) {
		sel.pcrSelections[i].pcrSelect[0] = 0xff;
		sel.pcrSelections[i].pcrSelect[2] = 0xfd;
	}
	FAILS(TPM2_RC_PCR,
	      Esys_PCR_Allocate(E, PLATFORM, PW, NONE, NONE, &sel, &success, &max,
				&needed, &available));
	RAW(RC_P(1, TPM2_RC_HASH),
	    "8002 00000025 0000012b 4000000c 00000009 40000009 0000 00 0000"
	    "00000001 0999 03 ffffff");
	FAILS(RC_H(1, TPM2_RC_VALUE),
	      Esys_PCR_Allocate(E, OWNER, PW, NONE, NONE, &sel, &success, &max,
				&needed, &available));

	/* nothing has changed yet, and the old state cannot be resumed */
	OK(Esys_GetCapability(E, NONE, NONE, NONE, TPM2_CAP_PCRS, 0, 1, &more, &cap));
	CHECK(cap->data.assignedPCR.count == 4);
	for (i = 0; i < 4; i++)
		CHECK(!memcmp(cap->data.assignedPCR.pcrSelections[i].pcrSelect,
			      "\xff\xff\xff", 3));
	FREE(cap);
	FAILS(RC_P(1, TPM2_RC_TYPE), Esys_Shutdown(E, NONE, NONE, NONE, TPM2_SU_STATE));
	OK(Esys_Shutdown(E, NONE, NONE, NONE, TPM2_SU_CLEAR));
	sel = banks(TPM2_ALG_SHA1, 0xff, TPM2_ALG_SHA512, 0xff);
	allocate(&sel, 24 * (20 + 32 + 48 + 64));
}

/* --- authorization of PCR[20] to PCR[22] --- */

static TSS2_RC try_reset(ESYS_TR pcr, ESYS_TR session)
{
	return Esys_PCR_Reset(E, pcr, session, NONE, NONE);
}

static TPM2B_DIGEST auth_of(const char *s)
{
	TPM2B_DIGEST d = { .size = strlen(s) };

	memcpy(d.buffer, s, d.size);
	return d;
}

/* At locality 0 none of these can be reset: that is said after the check. */
TEST(pcr_auth_value)
{
	ESYS_TR pcr = ESYS_TR_PCR20, s;
	TPM2B_DIGEST auth = auth_of("pcr"), none = {};

	OK(Esys_PCR_SetAuthValue(E, pcr, PW, NONE, NONE, &auth));
	/* which ESYS has noted */
	FAILS(TPM2_RC_LOCALITY, try_reset(pcr, PW));
	s = hmac_session();
	FAILS(TPM2_RC_LOCALITY, try_reset(pcr, s));
	/* the one group has one auth value */
	FAILS(RC_S(1, TPM2_RC_BAD_AUTH), try_reset(ESYS_TR_PCR22, PW));
	set_auth(ESYS_TR_PCR22, "pcr");
	FAILS(TPM2_RC_LOCALITY, try_reset(ESYS_TR_PCR22, PW));
	/* the others have none */
	FAILS(TPM2_RC_LOCALITY, try_reset(ESYS_TR_PCR19, PW));
	OK(try_reset(ESYS_TR_PCR23, PW));

	OK(Esys_PCR_SetAuthValue(E, pcr, s, NONE, NONE, &none));
	set_auth(ESYS_TR_PCR22, "");
	FAILS(TPM2_RC_LOCALITY, try_reset(pcr, PW));
}

TEST(pcr_auth_value_errors)
{
	/* not of the group; no PCR */
	RAW(TPM2_RC_VALUE,
	    "8002 0000001e 00000183 00000013 00000009 40000009 0000 00 0000 0001 61");
	RAW(RC_H(1, TPM2_RC_VALUE),
	    "8002 0000001e 00000183 40000007 00000009 40000009 0000 00 0000 0001 61");
	RAW(RC_P(1, TPM2_RC_SIZE),
	    "8002 0000001d 00000183 00000014 00000009 40000009 0000 00 0000 0041");
}

TEST(pcr_auth_policy)
{
	ESYS_TR s = policy_session(TPM2_SE_TRIAL);
	TPM2B_DIGEST none = {}, *policy;

	OK(Esys_PolicyCommandCode(E, s, NONE, NONE, NONE, TPM2_CC_PCR_Reset));
	OK(Esys_PolicyGetDigest(E, s, NONE, NONE, NONE, &policy));
	OK(Esys_PCR_SetAuthPolicy(E, PLATFORM, PW, NONE, NONE, policy,
				  TPM2_ALG_SHA256, 21));
	flush(s);
	/* now nothing else will do */
	FAILS(TPM2_RC_AUTH_TYPE, try_reset(ESYS_TR_PCR20, PW));
	s = policy_session(TPM2_SE_POLICY);
	FAILS(RC_S(1, TPM2_RC_POLICY_FAIL), try_reset(ESYS_TR_PCR20, s));
	OK(Esys_PolicyCommandCode(E, s, NONE, NONE, NONE, TPM2_CC_PCR_Reset));
	FAILS(TPM2_RC_LOCALITY, try_reset(ESYS_TR_PCR20, s));
	/* other PCRs have no policy */
	FAILS(TPM2_RC_AUTH_UNAVAILABLE, try_reset(ESYS_TR_PCR23, s));

	OK(Esys_PCR_SetAuthPolicy(E, PLATFORM, PW, NONE, NONE, &none,
				  TPM2_ALG_NULL, 20));
	FAILS(TPM2_RC_LOCALITY, try_reset(ESYS_TR_PCR20, PW));
	FAILS(RC_P(1, TPM2_RC_SIZE),
	      Esys_PCR_SetAuthPolicy(E, PLATFORM, PW, NONE, NONE, policy,
				     TPM2_ALG_SHA1, 20));
	FAILS(RC_P(3, TPM2_RC_VALUE),
	      Esys_PCR_SetAuthPolicy(E, PLATFORM, PW, NONE, NONE, policy,
				     TPM2_ALG_SHA256, 19));
	FAILS(RC_H(1, TPM2_RC_VALUE),
	      Esys_PCR_SetAuthPolicy(E, OWNER, PW, NONE, NONE, policy,
				     TPM2_ALG_SHA256, 20));
	RAW(RC_P(3, TPM2_RC_VALUE),
	    "8002 00000023 0000012c 4000000c 00000009 40000009 0000 00 0000"
	    "0000 0010 00000018");
	RAW(RC_P(2, TPM2_RC_HASH),
	    "8002 00000023 0000012c 4000000c 00000009 40000009 0000 00 0000"
	    "0000 0999 00000014");
	FREE(policy);
}

/* --- physical presence: asserted by nobody here --- */

TEST(pp_commands)
{
	static const TPML_CC set = {
		.count = 1, .commandCodes = { TPM2_CC_Clear },
	}, none;
	TPMS_CAPABILITY_DATA *cap;
	TPMI_YES_NO more;
	ESYS_TR s;

	FAILS(RC_S(1, TPM2_RC_PP), Esys_PP_Commands(E, PLATFORM, PW, NONE, NONE, &set, &none));
	s = hmac_session();
	FAILS(RC_S(1, TPM2_RC_PP), Esys_PP_Commands(E, PLATFORM, s, NONE, NONE, &set, &none));
	/* before the authorization is looked at */
	RAW(RC_S(1, TPM2_RC_PP),
	    "8002 00000024 0000012d 4000000c 0000000a 40000009 0000 00 0001 61"
	    "00000000 00000000");
	RAW(RC_H(1, TPM2_RC_VALUE),
	    "8002 00000023 0000012d 40000001 00000009 40000009 0000 00 0000"
	    "00000000 00000000");
	OK(Esys_GetCapability(E, NONE, NONE, NONE, TPM2_CAP_PP_COMMANDS, 0, 8, &more, &cap));
	CHECK(cap->data.ppCommands.count == 1);
	CHECK(cap->data.ppCommands.commandCodes[0] == TPM2_CC_PP_Commands);
	FREE(cap);
}

TEST(policy_physical_presence)
{
	TPM2B_PUBLIC t = sealed_data;
	ESYS_TR p = primary(&ecc_storage), s = policy_session(TPM2_SE_TRIAL), d;
	TPM2B_SENSITIVE_DATA *data;
	TPM2B_DIGEST *policy, want;
	uint8_t bytes[36] = { [34] = 0x01, [35] = 0x87 };

	OK(Esys_PolicyPhysicalPresence(E, s, NONE, NONE, NONE));
	OK(Esys_PolicyGetDigest(E, s, NONE, NONE, NONE, &policy));
	want = sha256_of(bytes, sizeof(bytes));
	CHECK(policy->size == 32 && !memcmp(policy->buffer, want.buffer, 32));
	t.publicArea.objectAttributes &= ~TPMA_OBJECT_USERWITHAUTH;
	t.publicArea.authPolicy = *policy;
	d = child(p, &t, NULL, "secret");
	flush(s);
	s = policy_session(TPM2_SE_POLICY);
	OK(Esys_PolicyPhysicalPresence(E, s, NONE, NONE, NONE));
	FAILS(RC_S(1, TPM2_RC_PP), Esys_Unseal(E, d, s, NONE, NONE, &data));
	FREE(policy);
}

TEST(algorithm_set)
{
	OK(Esys_SetAlgorithmSet(E, PLATFORM, PW, NONE, NONE, 0x1234));
	CHECK(property(TPM2_PT_ALGORITHM_SET) == 0x1234);
	OK(Esys_SetAlgorithmSet(E, PLATFORM, PW, NONE, NONE, 0));
	CHECK(property(TPM2_PT_ALGORITHM_SET) == 0);
	FAILS(RC_H(1, TPM2_RC_VALUE), Esys_SetAlgorithmSet(E, OWNER, PW, NONE, NONE, 0));
}
