// SPDX-License-Identifier: GPL-2.0
/* Audit of commands and of sessions. */
#include <openssl/evp.h>

#include "esys_test.h"

#define ENDORSEMENT	ESYS_TR_RH_ENDORSEMENT

static const TPMT_SIG_SCHEME scheme_null = { .scheme = TPM2_ALG_NULL };
static const TPMT_SIG_SCHEME ecdsa_sha256 = {
	.scheme = TPM2_ALG_ECDSA, .details.ecdsa.hashAlg = TPM2_ALG_SHA256,
};
static const TPML_CC no_commands;
static const TPML_CC get_random = {
	.count = 1, .commandCodes = { TPM2_CC_GetRandom },
};

/* TPM2_GetRandom of no bytes: the response is known in advance. */
static void random_nothing(void)
{
	RAW(0, "8001 0000000c 0000017b 0000");
}

static TPMS_ATTEST opened(TPM2B_ATTEST *attest, TPMI_ST_ATTEST type)
{
	TPMS_ATTEST a;
	size_t at = 0;

	OK(Tss2_MU_TPMS_ATTEST_Unmarshal(attest->attestationData, attest->size,
					 &at, &a));
	CHECK(at == attest->size);
	CHECK(a.magic == TPM2_GENERATED_VALUE && a.type == type);
	return a;
}

/* The audit as it is; with a key, signed, which ends it. */
static TPMS_COMMAND_AUDIT_INFO audit_info(ESYS_TR key)
{
	TPM2B_ATTEST *attest;
	TPMT_SIGNATURE *sig;
	TPMS_ATTEST a;

	OK(Esys_GetCommandAuditDigest(E, ENDORSEMENT, key, PW, PW, NONE, &no_data,
				      key == ESYS_TR_RH_NULL ? &scheme_null :
				      &ecdsa_sha256, &attest, &sig));
	a = opened(attest, TPM2_ST_ATTEST_COMMAND_AUDIT);
	if (key != ESYS_TR_RH_NULL) {
		TPM2B_PUBLIC *pub = read_public(key);

		CHECK(openssl_verify(pub, sig, attest->attestationData,
				     attest->size));
		FREE(pub);
	} else {
		CHECK(sig->sigAlg == TPM2_ALG_NULL);
	}
	FREE(attest);
	FREE(sig);
	return a.attested.commandAudit;
}

static void set_status(TPMI_ALG_HASH alg, const TPML_CC *set, const TPML_CC *clear)
{
	OK(Esys_SetCommandCodeAuditStatus(E, OWNER, PW, NONE, NONE, alg, set, clear));
}

/* H(digest || H(cc || 0000) || H(0 || cc || 0000)): one random_nothing() more */
static void expect_random(uint8_t digest[32])
{
	static const uint8_t command[] = { 0, 0, 1, 0x7b, 0, 0 };
	static const uint8_t response[] = { 0, 0, 0, 0, 0, 0, 1, 0x7b, 0, 0 };
	TPM2B_DIGEST cp = sha256_of(command, sizeof(command));
	TPM2B_DIGEST rp = sha256_of(response, sizeof(response));
	uint8_t all[96];
	TPM2B_DIGEST d;

	memcpy(all, digest, 32);
	memcpy(all + 32, cp.buffer, 32);
	memcpy(all + 64, rp.buffer, 32);
	d = sha256_of(all, sizeof(all));
	memcpy(digest, d.buffer, 32);
}

TEST(audit_commands)
{
	uint8_t want[32] = {}, codes[8] = { 0, 0, 1, 0x40, 0, 0, 1, 0x7b };
	ESYS_TR key = primary(&ecc_sign);
	TPMS_COMMAND_AUDIT_INFO a;
	TPM2B_DIGEST d;
	uint64_t count;

	set_status(TPM2_ALG_NULL, &get_random, &no_commands);
	/* another algorithm begins another digest */
	set_status(TPM2_ALG_SHA1, &no_commands, &no_commands);
	set_status(TPM2_ALG_SHA256, &no_commands, &no_commands);
	a = audit_info(ESYS_TR_RH_NULL);
	CHECK(a.digestAlg == TPM2_ALG_SHA256 && a.auditDigest.size == 0);
	d = sha256_of(codes, sizeof(codes));
	CHECK(a.commandDigest.size == 32);
	CHECK(!memcmp(a.commandDigest.buffer, d.buffer, 32));
	count = a.auditCounter;

	random_nothing();
	random_nothing();
	expect_random(want);
	expect_random(want);
	a = audit_info(ESYS_TR_RH_NULL);
	CHECK(a.auditDigest.size == 32 && a.auditCounter == count + 1);
	CHECK(!memcmp(a.auditDigest.buffer, want, 32));
	/* what fails is not audited */
	RAW(TPM2_RC_SIZE, "8001 0000000d 0000017b 0000 00");
	a = audit_info(key);
	CHECK(!memcmp(a.auditDigest.buffer, want, 32));

	/* the signature has ended it */
	a = audit_info(ESYS_TR_RH_NULL);
	CHECK(a.auditDigest.size == 0 && a.auditCounter == count + 1);
	random_nothing();
	memset(want, 0, sizeof(want));
	expect_random(want);
	a = audit_info(ESYS_TR_RH_NULL);
	CHECK(!memcmp(a.auditDigest.buffer, want, 32));
	CHECK(a.auditCounter == count + 2);
	/* the algorithm that it has already is no change */
	set_status(TPM2_ALG_SHA256, &no_commands, &no_commands);
	a = audit_info(ESYS_TR_RH_NULL);
	CHECK(a.auditDigest.size == 32 && a.auditCounter == count + 2);
	set_status(TPM2_ALG_NULL, &no_commands, &get_random);
}

static unsigned int audited(uint32_t *codes, unsigned int max)
{
	TPMS_CAPABILITY_DATA *cap;
	TPMI_YES_NO more;
	unsigned int i, n;

	OK(Esys_GetCapability(E, NONE, NONE, NONE, TPM2_CAP_AUDIT_COMMANDS, 0,
			      max, &more, &cap));
	n = cap->data.auditCommands.count;
	for (i = 0; i < n; i++)
		codes[i] = cap->data.auditCommands.commandCodes[i];
	FREE(cap);
	return n;
}

TEST(audit_command_list)
{
	static const TPML_CC set = {
		.count = 4, .commandCodes = {
			TPM2_CC_PCR_Read, TPM2_CC_GetRandom, 0x999,
			TPM2_CC_Shutdown,
		},
	}, clear = {
		.count = 3, .commandCodes = {
			TPM2_CC_PCR_Read, TPM2_CC_GetRandom,
			TPM2_CC_SetCommandCodeAuditStatus,
		},
	};
	uint32_t codes[8];

	CHECK(audited(codes, 8) == 1);
	CHECK(codes[0] == TPM2_CC_SetCommandCodeAuditStatus);
	/* neither TPM2_Shutdown nor what does not exist */
	set_status(TPM2_ALG_NULL, &set, &no_commands);
	CHECK(audited(codes, 8) == 3);
	CHECK(codes[0] == TPM2_CC_SetCommandCodeAuditStatus);
	CHECK(codes[1] == TPM2_CC_GetRandom && codes[2] == TPM2_CC_PCR_Read);
	/* set, then clear; but never itself */
	set_status(TPM2_ALG_NULL, &set, &clear);
	CHECK(audited(codes, 8) == 1);
	CHECK(codes[0] == TPM2_CC_SetCommandCodeAuditStatus);

	FAILS(RC_P(1, TPM2_RC_VALUE),
	      Esys_SetCommandCodeAuditStatus(E, OWNER, PW, NONE, NONE,
					     TPM2_ALG_SHA1, &set, &no_commands));
	FAILS(RC_P(1, TPM2_RC_VALUE),
	      Esys_SetCommandCodeAuditStatus(E, OWNER, PW, NONE, NONE,
					     TPM2_ALG_SHA1, &no_commands, &set));
	FAILS(RC_H(1, TPM2_RC_VALUE),
	      Esys_SetCommandCodeAuditStatus(E, ENDORSEMENT, PW, NONE, NONE,
					     TPM2_ALG_NULL, &set, &no_commands));
	/* an unknown algorithm; more codes than a list may have */
	RAW(RC_P(1, TPM2_RC_HASH),
	    "8002 00000025 00000140 40000001 00000009 40000009 0000 00 0000"
	    "0999 00000000 00000000");
	RAW(RC_P(2, TPM2_RC_SIZE),
	    "8002 00000025 00000140 40000001 00000009 40000009 0000 00 0000"
	    "0010 00000101 00000000");
	RAW(RC_P(3, TPM2_RC_SIZE),
	    "8002 00000025 00000140 40000001 00000009 40000009 0000 00 0000"
	    "0010 00000000 00000101");
	RAW(RC_P(2, TPM2_RC_INSUFFICIENT),
	    "8002 00000025 00000140 40000001 00000009 40000009 0000 00 0000"
	    "0010 00000002 00000101");
}

/* A parameter that comes encrypted is audited as it came. */
TEST(audit_encrypted_command)
{
	static const TPML_CC hash = {
		.count = 1, .commandCodes = { TPM2_CC_Hash },
	};
	static const TPMT_SYM_DEF aes = {
		.algorithm = TPM2_ALG_AES, .keyBits.aes = 128,
		.mode.aes = TPM2_ALG_CFB,
	};
	TPM2B_MAX_BUFFER data = { .size = 64 };
	TPMS_COMMAND_AUDIT_INFO a, b;
	TPMT_TK_HASHCHECK *ticket;
	TPM2B_DIGEST *out;
	ESYS_TR s, key = primary(&ecc_sign);

	OK(Esys_StartAuthSession(E, NONE, NONE, NONE, NONE, NONE, NULL,
				 TPM2_SE_HMAC, &aes, TPM2_ALG_SHA256, &s));
	OK(Esys_TRSess_SetAttributes(E, s, TPMA_SESSION_CONTINUESESSION |
				     TPMA_SESSION_DECRYPT, 0xff));
	set_status(TPM2_ALG_NULL, &hash, &no_commands);
	audit_info(key);
	OK(Esys_Hash(E, NONE, NONE, NONE, &data, TPM2_ALG_SHA256, OWNER, &out, &ticket));
	FREE(out);
	FREE(ticket);
	a = audit_info(key);
	OK(Esys_Hash(E, s, NONE, NONE, &data, TPM2_ALG_SHA256, OWNER, &out, &ticket));
	FREE(out);
	FREE(ticket);
	b = audit_info(key);
	CHECK(a.auditDigest.size == b.auditDigest.size && a.auditDigest.size);
	CHECK(memcmp(a.auditDigest.buffer, b.auditDigest.buffer,
		     a.auditDigest.size));
	set_status(TPM2_ALG_NULL, &no_commands, &hash);
}

TEST(audit_command_errors)
{
	ESYS_TR key = primary(&ecc_sign), dec = primary(&ecc_decrypt);
	TPM2B_ATTEST *attest;
	TPMT_SIGNATURE *sig;

	FAILS(RC_P(2, TPM2_RC_SCHEME),
	      Esys_GetCommandAuditDigest(E, ENDORSEMENT, key, PW, PW, NONE,
					 &no_data, &scheme_null, &attest, &sig));
	FAILS(RC_H(2, TPM2_RC_KEY),
	      Esys_GetCommandAuditDigest(E, ENDORSEMENT, dec, PW, PW, NONE,
					 &no_data, &scheme_null, &attest, &sig));
	FAILS(RC_H(1, TPM2_RC_VALUE),
	      Esys_GetCommandAuditDigest(E, OWNER, key, PW, PW, NONE,
					 &no_data, &scheme_null, &attest, &sig));
}

/* --- sessions --- */

static TSS2_RC try_random_in(ESYS_TR s, TPMA_SESSION attrs)
{
	TPM2B_DIGEST *bytes;
	TSS2_RC rc;

	OK(Esys_TRSess_SetAttributes(E, s, attrs | TPMA_SESSION_AUDIT |
				     TPMA_SESSION_CONTINUESESSION, 0xff));
	rc = Esys_GetRandom(E, s, NONE, NONE, 0, &bytes);
	if (!rc)
		FREE(bytes);
	return rc;
}

static void random_in(ESYS_TR s, TPMA_SESSION attrs)
{
	OK(try_random_in(s, attrs));
}

/* Only where the session is exclusive is this a command of the audit. */
static bool exclusive(ESYS_TR s)
{
	TSS2_RC rc = try_random_in(s, TPMA_SESSION_AUDITEXCLUSIVE);

	CHECK(!rc || rc == TPM2_RC_EXCLUSIVE);
	return !rc;
}

static TPMS_SESSION_AUDIT_INFO session_info(ESYS_TR key, ESYS_TR s)
{
	TPM2B_ATTEST *attest;
	TPMT_SIGNATURE *sig;
	TPM2B_PUBLIC *pub;
	TPMS_ATTEST a;

	OK(Esys_GetSessionAuditDigest(E, ENDORSEMENT, key, s, PW, PW, NONE,
				      &no_data, &ecdsa_sha256, &attest, &sig));
	a = opened(attest, TPM2_ST_ATTEST_SESSION_AUDIT);
	pub = read_public(key);
	CHECK(openssl_verify(pub, sig, attest->attestationData, attest->size));
	FREE(pub);
	FREE(attest);
	FREE(sig);
	return a.attested.sessionAudit;
}

TEST(audit_session_digest)
{
	ESYS_TR s = hmac_session(), key = primary(&ecc_sign);
	TPMS_SESSION_AUDIT_INFO a;
	uint8_t want[32] = {};

	random_in(s, 0);
	expect_random(want);
	a = session_info(key, s);
	CHECK(a.exclusiveSession == TPM2_YES);
	CHECK(a.sessionDigest.size == 32);
	CHECK(!memcmp(a.sessionDigest.buffer, want, 32));

	/* and this command, outside of the session, has ended that */
	a = session_info(key, s);
	CHECK(a.exclusiveSession == TPM2_NO);
	CHECK(!exclusive(s));
	random_in(s, 0);
	expect_random(want);
	a = session_info(key, s);
	CHECK(a.exclusiveSession == TPM2_NO);
	CHECK(!memcmp(a.sessionDigest.buffer, want, 32));

	/* a reset makes it exclusive again */
	random_in(s, TPMA_SESSION_AUDITRESET);
	memset(want, 0, sizeof(want));
	expect_random(want);
	a = session_info(key, s);
	CHECK(a.exclusiveSession == TPM2_YES);
	CHECK(!memcmp(a.sessionDigest.buffer, want, 32));
}

TEST(audit_session_exclusive)
{
	ESYS_TR s = hmac_session(), other = hmac_session();
	ESYS_TR k = primary(&ecc_sign);
	TPM2B_DIGEST *bytes;

	random_in(s, 0);
	CHECK(exclusive(s));
	/* commands that take no sessions do not end it, nor does one that fails */
	flush(k);
	CHECK(exclusive(s));
	RAW(TPM2_RC_SIZE, "8001 0000000d 0000017b 0000 00");
	CHECK(exclusive(s));

	/* another audit session does */
	random_in(other, 0);
	CHECK(exclusive(other));
	CHECK(!exclusive(s));
	random_in(s, 0);
	CHECK(!exclusive(other) && !exclusive(s));

	/* and a command without one */
	random_in(s, TPMA_SESSION_AUDITRESET);
	CHECK(exclusive(s));
	random_nothing();
	CHECK(!exclusive(s));

	/* one command has one audit session */
	random_in(s, 0);
	random_in(other, 0);
	FAILS(RC_S(2, TPM2_RC_ATTRIBUTES),
	      Esys_GetRandom(E, s, other, NONE, 0, &bytes));
}

TEST(audit_session_errors)
{
	ESYS_TR s = hmac_session(), p = policy_session(TPM2_SE_POLICY);
	ESYS_TR key = primary(&ecc_sign), dec = primary(&ecc_decrypt);
	TPM2B_ATTEST *attest;
	TPM2B_DIGEST *bytes;
	TPMT_SIGNATURE *sig;

	FAILS(RC_H(3, TPM2_RC_TYPE),
	      Esys_GetSessionAuditDigest(E, ENDORSEMENT, key, s, PW, PW, NONE,
					 &no_data, &ecdsa_sha256, &attest, &sig));
	FAILS(RC_H(3, TPM2_RC_VALUE),
	      Esys_GetSessionAuditDigest(E, ENDORSEMENT, key, p, PW, PW, NONE,
					 &no_data, &ecdsa_sha256, &attest, &sig));
	FAILS(RC_H(2, TPM2_RC_KEY),
	      Esys_GetSessionAuditDigest(E, ENDORSEMENT, dec, s, PW, PW, NONE,
					 &no_data, &ecdsa_sha256, &attest, &sig));
	FAILS(RC_P(2, TPM2_RC_SCHEME),
	      Esys_GetSessionAuditDigest(E, ENDORSEMENT, key, s, PW, PW, NONE,
					 &no_data, &scheme_null, &attest, &sig));
	OK(Esys_TRSess_SetAttributes(E, p, TPMA_SESSION_AUDIT |
				     TPMA_SESSION_CONTINUESESSION, 0xff));
	FAILS(RC_S(1, TPM2_RC_ATTRIBUTES),
	      Esys_GetRandom(E, p, NONE, NONE, 0, &bytes));
}
