// SPDX-License-Identifier: GPL-2.0
/* Policy sessions and what they admit. */
#include "esys_test.h"

static TPM2B_DIGEST digest_of(ESYS_TR session)
{
	TPM2B_DIGEST *d, out;

	OK(Esys_PolicyGetDigest(E, session, NONE, NONE, NONE, &d));
	out = *d;
	FREE(d);
	return out;
}

/* Sealed data that only @policy opens. */
static ESYS_TR sealed_to(ESYS_TR parent, TPM2B_DIGEST policy, const char *auth)
{
	TPM2B_PUBLIC t = sealed_data;

	t.publicArea.objectAttributes &= ~TPMA_OBJECT_USERWITHAUTH;
	t.publicArea.authPolicy = policy;
	return child(parent, &t, auth, "secret");
}

static void opens(ESYS_TR sealed, ESYS_TR session)
{
	TPM2B_SENSITIVE_DATA *data;

	OK(Esys_Unseal(E, sealed, session, NONE, NONE, &data));
	CHECK(data->size == 6 && !memcmp(data->buffer, "secret", 6));
	FREE(data);
}

static void refuses(ESYS_TR sealed, ESYS_TR session, TSS2_RC want)
{
	TPM2B_SENSITIVE_DATA *data;

	FAILS(want, Esys_Unseal(E, sealed, session, NONE, NONE, &data));
}

TEST(policy_pcr)
{
	TPML_PCR_SELECTION sel = pcr_select(TPM2_ALG_SHA256, 16);
	TPM2B_DIGEST none = {}, wrong = { .size = 32 };
	ESYS_TR p = primary(&ecc_storage), s = policy_session(TPM2_SE_TRIAL), d;

	OK(Esys_PCR_Reset(E, ESYS_TR_PCR16, PW, NONE, NONE));
	OK(Esys_PolicyPCR(E, s, NONE, NONE, NONE, &none, &sel));
	d = sealed_to(p, digest_of(s), NULL);
	flush(s);
	s = policy_session(TPM2_SE_POLICY);
	/* not yet satisfied */
	refuses(d, s, RC_S(1, TPM2_RC_POLICY_FAIL));
	OK(Esys_PolicyPCR(E, s, NONE, NONE, NONE, &none, &sel));
	opens(d, s);
	/* used up: the session starts again */
	refuses(d, s, RC_S(1, TPM2_RC_POLICY_FAIL));
	OK(Esys_PolicyRestart(E, s, NONE, NONE, NONE));
	pcr_extend(16, 1);
	OK(Esys_PolicyPCR(E, s, NONE, NONE, NONE, &none, &sel));
	refuses(d, s, RC_S(1, TPM2_RC_POLICY_FAIL));
	/* a digest that the caller expects and the PCRs do not have */
	OK(Esys_PolicyRestart(E, s, NONE, NONE, NONE));
	FAILS(RC_P(1, TPM2_RC_VALUE),
	      Esys_PolicyPCR(E, s, NONE, NONE, NONE, &wrong, &sel));
	/* no password instead of the policy */
	refuses(d, PW, TPM2_RC_AUTH_UNAVAILABLE);
}

TEST(policy_pcr_changed_after)
{
	TPML_PCR_SELECTION sel = pcr_select(TPM2_ALG_SHA256, 8);
	TPM2B_DIGEST none = {};
	ESYS_TR p = primary(&ecc_storage), s = policy_session(TPM2_SE_TRIAL), d;

	OK(Esys_PolicyPCR(E, s, NONE, NONE, NONE, &none, &sel));
	d = sealed_to(p, digest_of(s), NULL);
	flush(s);
	s = policy_session(TPM2_SE_POLICY);
	OK(Esys_PolicyPCR(E, s, NONE, NONE, NONE, &none, &sel));
	pcr_extend(9, 1);
	refuses(d, s, TPM2_RC_PCR_CHANGED);
}

TEST(policy_auth_value)
{
	ESYS_TR p = primary(&ecc_storage), s = policy_session(TPM2_SE_TRIAL), d;

	OK(Esys_PolicyAuthValue(E, s, NONE, NONE, NONE));
	d = sealed_to(p, digest_of(s), "pw");
	flush(s);
	s = policy_session(TPM2_SE_POLICY);
	OK(Esys_PolicyAuthValue(E, s, NONE, NONE, NONE));
	opens(d, s);
	OK(Esys_PolicyAuthValue(E, s, NONE, NONE, NONE));
	set_auth(d, "wrong");
	refuses(d, s, RC_S(1, TPM2_RC_BAD_AUTH));
}

TEST(policy_password)
{
	ESYS_TR p = primary(&ecc_storage), s = policy_session(TPM2_SE_TRIAL), d;

	OK(Esys_PolicyPassword(E, s, NONE, NONE, NONE));
	d = sealed_to(p, digest_of(s), "pw");
	flush(s);
	s = policy_session(TPM2_SE_POLICY);
	OK(Esys_PolicyPassword(E, s, NONE, NONE, NONE));
	opens(d, s);
	OK(Esys_PolicyPassword(E, s, NONE, NONE, NONE));
	set_auth(d, "wrong");
	refuses(d, s, RC_S(1, TPM2_RC_BAD_AUTH));
}

TEST(policy_command_code)
{
	ESYS_TR p = primary(&ecc_storage), s = policy_session(TPM2_SE_TRIAL), d;

	OK(Esys_PolicyCommandCode(E, s, NONE, NONE, NONE, TPM2_CC_ObjectChangeAuth));
	d = sealed_to(p, digest_of(s), NULL);
	flush(s);
	s = policy_session(TPM2_SE_POLICY);
	OK(Esys_PolicyCommandCode(E, s, NONE, NONE, NONE, TPM2_CC_ObjectChangeAuth));
	refuses(d, s, RC_S(1, TPM2_RC_POLICY_CC));
	/* two commands are a contradiction */
	OK(Esys_PolicyRestart(E, s, NONE, NONE, NONE));
	OK(Esys_PolicyCommandCode(E, s, NONE, NONE, NONE, TPM2_CC_Unseal));
	FAILS(RC_P(1, TPM2_RC_VALUE),
	      Esys_PolicyCommandCode(E, s, NONE, NONE, NONE, TPM2_CC_Sign));
	OK(Esys_PolicyRestart(E, s, NONE, NONE, NONE));
	FAILS(RC_P(1, TPM2_RC_POLICY_CC),
	      Esys_PolicyCommandCode(E, s, NONE, NONE, NONE, 0x1ff));
}

TEST(policy_or)
{
	TPML_DIGEST or = { .count = 2 };
	ESYS_TR p = primary(&ecc_storage), s = policy_session(TPM2_SE_TRIAL), d;

	OK(Esys_PolicyCommandCode(E, s, NONE, NONE, NONE, TPM2_CC_Unseal));
	or.digests[0] = digest_of(s);
	OK(Esys_PolicyRestart(E, s, NONE, NONE, NONE));
	OK(Esys_PolicyAuthValue(E, s, NONE, NONE, NONE));
	or.digests[1] = digest_of(s);
	OK(Esys_PolicyOR(E, s, NONE, NONE, NONE, &or));
	d = sealed_to(p, digest_of(s), "pw");
	flush(s);

	s = policy_session(TPM2_SE_POLICY);
	OK(Esys_PolicyCommandCode(E, s, NONE, NONE, NONE, TPM2_CC_Unseal));
	OK(Esys_PolicyOR(E, s, NONE, NONE, NONE, &or));
	opens(d, s);
	OK(Esys_PolicyAuthValue(E, s, NONE, NONE, NONE));
	OK(Esys_PolicyOR(E, s, NONE, NONE, NONE, &or));
	opens(d, s);
	/* neither branch */
	FAILS(RC_P(1, TPM2_RC_VALUE), Esys_PolicyOR(E, s, NONE, NONE, NONE, &or));
	or.count = 1;
	FAILS(RC_P(1, TPM2_RC_SIZE), Esys_PolicyOR(E, s, NONE, NONE, NONE, &or));
}

TEST(policy_secret)
{
	TPM2B_NONCE none = {};
	TPM2B_DIGEST cp = {};
	TPM2B_TIMEOUT *timeout;
	TPMT_TK_AUTH *ticket;
	ESYS_TR p = primary(&ecc_storage), s = policy_session(TPM2_SE_TRIAL), d, x;

	x = child(p, &sealed_data, "key", "other");
	OK(Esys_PolicySecret(E, x, s, PW, NONE, NONE, &none, &cp, &none, 0,
			     &timeout, &ticket));
	CHECK(ticket->tag == TPM2_ST_AUTH_SECRET && timeout->size == 0);
	FREE(timeout);
	FREE(ticket);
	d = sealed_to(p, digest_of(s), NULL);
	flush(s);
	flush(p);
	s = policy_session(TPM2_SE_POLICY);
	OK(Esys_PolicySecret(E, x, s, PW, NONE, NONE, &none, &cp, &none, 0,
			     &timeout, &ticket));
	FREE(timeout);
	FREE(ticket);
	opens(d, s);
	set_auth(x, "wrong");
	FAILS(RC_S(1, TPM2_RC_BAD_AUTH),
	      Esys_PolicySecret(E, x, s, PW, NONE, NONE, &none, &cp, &none, 0,
				&timeout, &ticket));
}

/* The policy of TCG's EK templates. */
TEST(policy_secret_endorsement)
{
	static const uint8_t ek_policy[32] = {
		0x83, 0x71, 0x97, 0x67, 0x44, 0x84, 0xb3, 0xf8,
		0x1a, 0x90, 0xcc, 0x8d, 0x46, 0xa5, 0xd7, 0x24,
		0xfd, 0x52, 0xd7, 0x6e, 0x06, 0x52, 0x0b, 0x64,
		0xf2, 0xa1, 0xda, 0x1b, 0x33, 0x14, 0x69, 0xaa,
	};
	TPM2B_NONCE none = {};
	TPM2B_DIGEST cp = {}, d;
	TPM2B_TIMEOUT *timeout;
	TPMT_TK_AUTH *ticket;
	ESYS_TR s = policy_session(TPM2_SE_POLICY);

	OK(Esys_PolicySecret(E, ESYS_TR_RH_ENDORSEMENT, s, PW, NONE, NONE, &none,
			     &cp, &none, 0, &timeout, &ticket));
	d = digest_of(s);
	CHECK(d.size == 32 && !memcmp(d.buffer, ek_policy, 32));
	FREE(timeout);
	FREE(ticket);
}

TEST(policy_secret_ticket)
{
	TPM2B_NONCE none = {}, *nonce;
	TPM2B_DIGEST cp = {}, want;
	TPM2B_TIMEOUT *timeout;
	TPMT_TK_AUTH *ticket;
	TPM2B_NAME name = { .size = 4, .name = { 0x40, 0, 0, 1 } };
	ESYS_TR s = policy_session(TPM2_SE_POLICY);

	OK(Esys_TRSess_GetNonceTPM(E, s, &nonce));
	OK(Esys_PolicySecret(E, OWNER, s, PW, NONE, NONE, nonce, &cp, &none,
			     -100, &timeout, &ticket));
	CHECK(timeout->size && ticket->digest.size);
	want = digest_of(s);
	flush(s);
	s = policy_session(TPM2_SE_POLICY);
	OK(Esys_PolicyTicket(E, s, NONE, NONE, NONE, timeout, &cp, &none, &name,
			     ticket));
	CHECK(!memcmp(digest_of(s).buffer, want.buffer, 32));
	ticket->digest.buffer[1] ^= 1;
	FAILS(RC_P(5, TPM2_RC_TICKET),
	      Esys_PolicyTicket(E, s, NONE, NONE, NONE, timeout, &cp, &none,
				&name, ticket));
	FREE(nonce);
	FREE(timeout);
	FREE(ticket);
}

TEST(policy_authorize)
{
	TPMT_SIG_SCHEME ecdsa = { .scheme = TPM2_ALG_ECDSA,
				  .details.ecdsa.hashAlg = TPM2_ALG_SHA256 };
	ESYS_TR p = primary(&ecc_storage), k = primary(&ecc_sign), s, d;
	TPM2B_NAME *name = read_name(k);
	TPM2B_NONCE ref = { .size = 3, .buffer = "ref" };
	TPM2B_DIGEST approved, ahash, any = { .size = 32 };
	TPMT_TK_VERIFIED *ticket, dummy = {
		.tag = TPM2_ST_VERIFIED, .hierarchy = TPM2_RH_OWNER };
	TPMT_SIGNATURE *sig;
	uint8_t buf[64];

	/* the branch that is approved: TPM2_Unseal */
	s = policy_session(TPM2_SE_TRIAL);
	OK(Esys_PolicyCommandCode(E, s, NONE, NONE, NONE, TPM2_CC_Unseal));
	approved = digest_of(s);
	OK(Esys_PolicyRestart(E, s, NONE, NONE, NONE));
	OK(Esys_PolicyAuthorize(E, s, NONE, NONE, NONE, &any, &ref, name, &dummy));
	d = sealed_to(p, digest_of(s), NULL);
	flush(s);

	memcpy(buf, approved.buffer, 32);
	memcpy(buf + 32, "ref", 3);
	ahash = sha256_of(buf, 35);
	OK(Esys_Sign(E, k, PW, NONE, NONE, &ahash, &ecdsa, &no_hashcheck, &sig));
	OK(Esys_VerifySignature(E, k, NONE, NONE, NONE, &ahash, sig, &ticket));
	s = policy_session(TPM2_SE_POLICY);
	OK(Esys_PolicyCommandCode(E, s, NONE, NONE, NONE, TPM2_CC_Unseal));
	OK(Esys_PolicyAuthorize(E, s, NONE, NONE, NONE, &approved, &ref, name,
				ticket));
	opens(d, s);
	/* what was approved is not what the session has */
	FAILS(RC_P(1, TPM2_RC_VALUE),
	      Esys_PolicyAuthorize(E, s, NONE, NONE, NONE, &approved, &ref, name,
				   ticket));
	OK(Esys_PolicyCommandCode(E, s, NONE, NONE, NONE, TPM2_CC_Unseal));
	ticket->digest.buffer[0] ^= 1;
	FAILS(RC_P(4, TPM2_RC_VALUE),
	      Esys_PolicyAuthorize(E, s, NONE, NONE, NONE, &approved, &ref, name,
				   ticket));
	FREE(sig);
	FREE(ticket);
	FREE(name);
}

TEST(policy_signed)
{
	TPMT_SIG_SCHEME ecdsa = { .scheme = TPM2_ALG_ECDSA,
				  .details.ecdsa.hashAlg = TPM2_ALG_SHA256 };
	ESYS_TR p = primary(&ecc_storage), k = primary(&ecc_sign), s, d;
	TPM2B_NONCE none = {};
	TPM2B_DIGEST cp = {}, ahash;
	TPM2B_TIMEOUT *timeout;
	TPMT_TK_AUTH *ticket;
	TPMT_SIGNATURE *sig;
	static const uint8_t expiration[4];

	/* aHash = H(nonceTPM || expiration || cpHashA || policyRef) */
	ahash = sha256_of(expiration, 4);
	OK(Esys_Sign(E, k, PW, NONE, NONE, &ahash, &ecdsa, &no_hashcheck, &sig));
	s = policy_session(TPM2_SE_TRIAL);
	OK(Esys_PolicySigned(E, k, s, NONE, NONE, NONE, &none, &cp, &none, 0, sig,
			     &timeout, &ticket));
	FREE(timeout);
	FREE(ticket);
	d = sealed_to(p, digest_of(s), NULL);
	flush(s);
	flush(p);
	s = policy_session(TPM2_SE_POLICY);
	OK(Esys_PolicySigned(E, k, s, NONE, NONE, NONE, &none, &cp, &none, 0, sig,
			     &timeout, &ticket));
	FREE(timeout);
	FREE(ticket);
	opens(d, s);
	sig->signature.ecdsa.signatureR.buffer[3] ^= 1;
	FAILS(RC_P(5, TPM2_RC_SIGNATURE),
	      Esys_PolicySigned(E, k, s, NONE, NONE, NONE, &none, &cp, &none, 0,
				sig, &timeout, &ticket));
	FREE(sig);
}

TEST(policy_locality)
{
	ESYS_TR p = primary(&ecc_storage), s = policy_session(TPM2_SE_TRIAL), d;

	OK(Esys_PolicyLocality(E, s, NONE, NONE, NONE, TPMA_LOCALITY_TPM2_LOC_THREE));
	d = sealed_to(p, digest_of(s), NULL);
	flush(s);
	s = policy_session(TPM2_SE_POLICY);
	OK(Esys_PolicyLocality(E, s, NONE, NONE, NONE, TPMA_LOCALITY_TPM2_LOC_THREE));
	refuses(d, s, TPM2_RC_LOCALITY);
}

TEST(policy_nv)
{
	ESYS_TR p = primary(&ecc_storage), s, d, nv;
	TPM2B_NV_PUBLIC pub = {
		.nvPublic = {
			.nvIndex = 0x01500077, .nameAlg = TPM2_ALG_SHA256,
			.attributes = TPMA_NV_OWNERREAD | TPMA_NV_OWNERWRITE,
			.dataSize = 4,
		},
	};
	TPM2B_MAX_NV_BUFFER data = { .size = 4, .buffer = { 0, 0, 0, 5 } };
	TPM2B_OPERAND op = { .size = 4, .buffer = { 0, 0, 0, 4 } };
	TPM2B_AUTH auth = {};

	raw("8002 0000001f 00000122 40000001 01500077 00000009 40000009 0000 00 0000");
	OK(Esys_NV_DefineSpace(E, OWNER, PW, NONE, NONE, &auth, &pub, &nv));
	OK(Esys_NV_Write(E, OWNER, nv, PW, NONE, NONE, &data, 0));
	s = policy_session(TPM2_SE_TRIAL);
	OK(Esys_PolicyNV(E, OWNER, nv, s, PW, NONE, NONE, &op, 0, TPM2_EO_UNSIGNED_GT));
	d = sealed_to(p, digest_of(s), NULL);
	flush(s);
	s = policy_session(TPM2_SE_POLICY);
	OK(Esys_PolicyNV(E, OWNER, nv, s, PW, NONE, NONE, &op, 0, TPM2_EO_UNSIGNED_GT));
	opens(d, s);
	data.buffer[3] = 4;
	OK(Esys_NV_Write(E, OWNER, nv, PW, NONE, NONE, &data, 0));
	FAILS(TPM2_RC_POLICY,
	      Esys_PolicyNV(E, OWNER, nv, s, PW, NONE, NONE, &op, 0,
			    TPM2_EO_UNSIGNED_GT));
	OK(Esys_NV_UndefineSpace(E, OWNER, nv, PW, NONE, NONE));
}

/* A trial session authorizes nothing. */
TEST(policy_trial_is_no_authorization)
{
	ESYS_TR p = primary(&ecc_storage), s = policy_session(TPM2_SE_TRIAL), d;

	OK(Esys_PolicyCommandCode(E, s, NONE, NONE, NONE, TPM2_CC_Unseal));
	d = sealed_to(p, digest_of(s), NULL);
	refuses(d, s, RC_S(1, TPM2_RC_ATTRIBUTES));
}

/* The index holds the policy that counts, and its owner may change it. */
TEST(policy_authorize_nv)
{
	ESYS_TR p = primary(&ecc_storage), s, d, nv;
	TPM2B_NV_PUBLIC pub = {
		.nvPublic = {
			.nvIndex = 0x01500078, .nameAlg = TPM2_ALG_SHA256,
			.attributes = TPMA_NV_OWNERREAD | TPMA_NV_OWNERWRITE,
			.dataSize = 34,
		},
	};
	TPM2B_MAX_NV_BUFFER data = { .size = 34, .buffer = { 0, 0x0b } };
	TPM2B_AUTH auth = {};

	raw("8002 0000001f 00000122 40000001 01500078 00000009 40000009 0000 00 0000");
	OK(Esys_NV_DefineSpace(E, OWNER, PW, NONE, NONE, &auth, &pub, &nv));
	s = policy_session(TPM2_SE_POLICY);
	FAILS(TPM2_RC_NV_UNINITIALIZED,
	      Esys_PolicyAuthorizeNV(E, OWNER, nv, s, PW, NONE, NONE));
	OK(Esys_NV_Write(E, OWNER, nv, PW, NONE, NONE, &data, 0));
	flush(s);
	/* a trial session needs not to satisfy what the index holds */
	s = policy_session(TPM2_SE_TRIAL);
	OK(Esys_PolicyCommandCode(E, s, NONE, NONE, NONE, TPM2_CC_Sign));
	OK(Esys_PolicyAuthorizeNV(E, OWNER, nv, s, PW, NONE, NONE));
	d = sealed_to(p, digest_of(s), NULL);
	flush(s);

	s = policy_session(TPM2_SE_POLICY);
	OK(Esys_PolicyCommandCode(E, s, NONE, NONE, NONE, TPM2_CC_Unseal));
	FAILS(TPM2_RC_VALUE, Esys_PolicyAuthorizeNV(E, OWNER, nv, s, PW, NONE, NONE));
	refuses(d, s, RC_S(1, TPM2_RC_POLICY_FAIL));
	memcpy(data.buffer + 2, digest_of(s).buffer, 32);
	OK(Esys_NV_Write(E, OWNER, nv, PW, NONE, NONE, &data, 0));
	OK(Esys_PolicyAuthorizeNV(E, OWNER, nv, s, PW, NONE, NONE));
	opens(d, s);

	/* the digest of another algorithm, and of none */
	data.buffer[1] = 0x04;
	OK(Esys_NV_Write(E, OWNER, nv, PW, NONE, NONE, &data, 0));
	FAILS(TPM2_RC_HASH, Esys_PolicyAuthorizeNV(E, OWNER, nv, s, PW, NONE, NONE));
	data.buffer[1] = 0x99;
	OK(Esys_NV_Write(E, OWNER, nv, PW, NONE, NONE, &data, 0));
	FAILS(TPM2_RC_HASH, Esys_PolicyAuthorizeNV(E, OWNER, nv, s, PW, NONE, NONE));
	/* one that does not fit into the index */
	data.buffer[1] = 0x0c;
	OK(Esys_NV_Write(E, OWNER, nv, PW, NONE, NONE, &data, 0));
	FAILS(TPM2_RC_INSUFFICIENT, Esys_PolicyAuthorizeNV(E, OWNER, nv, s, PW, NONE, NONE));
	OK(Esys_NV_UndefineSpace(E, OWNER, nv, PW, NONE, NONE));
}
