// SPDX-License-Identifier: GPL-2.0
/* HMAC sessions: salted, bound, encrypting; their limits and errors. */
#include "esys_test.h"

static const TPMT_SYM_DEF aes_cfb = {
	.algorithm = TPM2_ALG_AES, .keyBits.aes = 128, .mode.aes = TPM2_ALG_CFB,
};
static const TPMT_SYM_DEF aes256_cfb = {
	.algorithm = TPM2_ALG_AES, .keyBits.aes = 256, .mode.aes = TPM2_ALG_CFB,
};
static const TPMT_SYM_DEF xor_sha256 = {
	.algorithm = TPM2_ALG_XOR, .keyBits.exclusiveOr = TPM2_ALG_SHA256,
};

static ESYS_TR start(ESYS_TR salt, ESYS_TR bind, const TPMT_SYM_DEF *sym,
		     TPM2_ALG_ID hash)
{
	ESYS_TR s;

	OK(Esys_StartAuthSession(E, salt, bind, NONE, NONE, NONE, NULL,
				 TPM2_SE_HMAC, sym, hash, &s));
	OK(Esys_TRSess_SetAttributes(E, s, TPMA_SESSION_CONTINUESESSION, 0xff));
	return s;
}

/* A key with an auth value, used through @session twice: nonces roll. */
static void use(ESYS_TR session, ESYS_TR sealed)
{
	TPM2B_SENSITIVE_DATA *data;
	int i;

	for (i = 0; i < 2; i++) {
		OK(Esys_Unseal(E, sealed, session, NONE, NONE, &data));
		CHECK(data->size == 6 && !memcmp(data->buffer, "secret", 6));
		FREE(data);
	}
}

TEST(session_hmac)
{
	ESYS_TR p = primary(&ecc_storage);
	ESYS_TR d = child(p, &sealed_data, "pw", "secret");

	use(start(NONE, NONE, &no_sym, TPM2_ALG_SHA256), d);
	use(start(NONE, NONE, &no_sym, TPM2_ALG_SHA1), d);
	use(start(NONE, NONE, &no_sym, TPM2_ALG_SHA384), d);
}

TEST(session_wrong_auth)
{
	ESYS_TR p = primary(&ecc_storage);
	ESYS_TR d = child(p, &sealed_data, "pw", "secret");
	ESYS_TR s = hmac_session();
	TPM2B_SENSITIVE_DATA *data;

	set_auth(d, "no");
	FAILS(RC_S(1, TPM2_RC_BAD_AUTH), Esys_Unseal(E, d, s, NONE, NONE, &data));
}

static void salted(const TPM2B_PUBLIC *storage, const TPMT_SYM_DEF *sym)
{
	ESYS_TR p = primary(storage);
	ESYS_TR d = child(p, &sealed_data, "pw", "secret");
	ESYS_TR s = start(p, NONE, sym, TPM2_ALG_SHA256);

	use(s, d);
	if (sym->algorithm == TPM2_ALG_NULL)
		return;
	OK(Esys_TRSess_SetAttributes(E, s, TPMA_SESSION_ENCRYPT,
				     TPMA_SESSION_ENCRYPT));
	use(s, d);
}

TEST(session_salted_ecc)
{
	salted(&ecc_storage, &no_sym);
}

TEST(session_salted_rsa)
{
	salted(&rsa_storage, &no_sym);
}

TEST(session_encrypts_response_aes)
{
	salted(&ecc_storage, &aes_cfb);
}

TEST(session_encrypts_response_aes256)
{
	salted(&rsa_storage, &aes256_cfb);
}

TEST(session_encrypts_response_xor)
{
	salted(&ecc_storage, &xor_sha256);
}

TEST(session_bound)
{
	ESYS_TR p = primary(&ecc_storage);
	ESYS_TR d = child(p, &sealed_data, "pw", "secret");
	ESYS_TR e = child(p, &sealed_data, "other", "secret");
	ESYS_TR s = start(NONE, d, &no_sym, TPM2_ALG_SHA256);

	use(s, d);
	/* for another entity its auth value comes in */
	use(s, e);
}

TEST(session_bound_and_salted)
{
	ESYS_TR p = primary(&ecc_storage);
	ESYS_TR d = child(p, &sealed_data, "pw", "secret");
	ESYS_TR s = start(p, d, &aes_cfb, TPM2_ALG_SHA256);

	OK(Esys_TRSess_SetAttributes(E, s, TPMA_SESSION_ENCRYPT,
				     TPMA_SESSION_ENCRYPT));
	use(s, d);
}

/* Encrypted both ways, by the authorizing session and by another. */
TEST(session_decrypts_command)
{
	ESYS_TR p = primary(&ecc_storage), k;
	TPM2B_SENSITIVE_CREATE sens = {
		.sensitive.userAuth = { .size = 2, .buffer = "pw" },
		.sensitive.data = { .size = 6, .buffer = "secret" },
	};
	ESYS_TR s = start(p, NONE, &aes_cfb, TPM2_ALG_SHA256);
	TPM2B_CREATION_DATA *cd;
	TPMT_TK_CREATION *ticket;
	TPM2B_PRIVATE *priv;
	TPM2B_PUBLIC *pub;
	TPM2B_DIGEST *hash;
	int i;

	OK(Esys_TRSess_SetAttributes(E, s,
				     TPMA_SESSION_DECRYPT | TPMA_SESSION_ENCRYPT,
				     TPMA_SESSION_DECRYPT | TPMA_SESSION_ENCRYPT));
	for (i = 0; i < 2; i++) {
		OK(Esys_Create(E, p, i ? PW : s, i ? s : NONE, NONE, &sens,
			       &sealed_data, &no_data, &no_pcrs, &priv, &pub,
			       &cd, &hash, &ticket));
		OK(Esys_Load(E, p, PW, NONE, NONE, priv, pub, &k));
		set_auth(k, "pw");
		use(PW, k);
		flush(k);
		FREE(priv);
		FREE(pub);
		FREE(cd);
		FREE(hash);
		FREE(ticket);
	}
}

/* One session authorizes, one decrypts, one encrypts. */
TEST(session_three_in_one_command)
{
	ESYS_TR p = primary(&ecc_storage);
	ESYS_TR dec = start(p, NONE, &aes_cfb, TPM2_ALG_SHA256);
	ESYS_TR enc = start(p, NONE, &xor_sha256, TPM2_ALG_SHA256);
	ESYS_TR k = child(p, &hmac_key, "pw", NULL), auth = hmac_session();
	TPM2B_SENSITIVE_DATA stir = { .size = 4, .buffer = "stir" };
	TPM2B_MAX_BUFFER msg = { .size = 3, .buffer = "abc" };
	TPM2B_DIGEST *a, *b;

	OK(Esys_TRSess_SetAttributes(E, dec, TPMA_SESSION_DECRYPT, TPMA_SESSION_DECRYPT));
	OK(Esys_TRSess_SetAttributes(E, enc, TPMA_SESSION_ENCRYPT, TPMA_SESSION_ENCRYPT));
	OK(Esys_HMAC(E, k, auth, dec, enc, &msg, TPM2_ALG_SHA256, &a));
	OK(Esys_HMAC(E, k, PW, NONE, NONE, &msg, TPM2_ALG_SHA256, &b));
	CHECK(a->size == 32 && !memcmp(a->buffer, b->buffer, 32));
	FREE(a);
	FREE(b);
	OK(Esys_StirRandom(E, dec, NONE, NONE, &stir));
	/* encrypting the response of a command that has none */
	FAILS(RC_S(1, TPM2_RC_ATTRIBUTES), Esys_StirRandom(E, enc, NONE, NONE, &stir));
}

TEST(session_ends_without_continue)
{
	ESYS_TR p = primary(&ecc_storage);
	ESYS_TR d = child(p, &sealed_data, "pw", "secret");
	ESYS_TR s = hmac_session();
	TPM2B_SENSITIVE_DATA *data;
	TPMI_YES_NO more;
	TPMS_CAPABILITY_DATA *cap;

	OK(Esys_TRSess_SetAttributes(E, s, 0, TPMA_SESSION_CONTINUESESSION));
	OK(Esys_Unseal(E, d, s, NONE, NONE, &data));
	FREE(data);
	OK(Esys_GetCapability(E, NONE, NONE, NONE, TPM2_CAP_HANDLES,
			      TPM2_LOADED_SESSION_FIRST, 8, &more, &cap));
	CHECK(cap->data.handles.count == 0);
	FREE(cap);
}

TEST(session_context)
{
	ESYS_TR p = primary(&ecc_storage);
	ESYS_TR d = child(p, &sealed_data, "pw", "secret");
	ESYS_TR s = start(p, NONE, &no_sym, TPM2_ALG_SHA256);
	TPMS_CONTEXT *ctx;

	OK(Esys_ContextSave(E, s, &ctx));
	OK(Esys_ContextLoad(E, ctx, &s));
	use(s, d);
	FREE(ctx);
}

/* A session's context is good for one load. */
TEST(session_context_no_replay)
{
	uint8_t save[] = { 0x80, 0x01, 0, 0, 0, 14, 0, 0, 0x01, 0x62, 2, 0, 0, 0 };
	uint8_t rsp[4096], cmd[4096], out[4096];
	size_t len;

	hmac_session();
	len = raw_bytes(save, sizeof(save), rsp, sizeof(rsp));
	CHECK(len > 40 && !rsp[8] && !rsp[9]);
	memcpy(cmd, rsp, len);
	cmd[8] = 0x01;
	cmd[9] = 0x61;
	raw_bytes(cmd, len, out, sizeof(out));
	CHECK(!out[8] && !out[9]);
	raw_bytes(cmd, len, out, sizeof(out));
	CHECK(out[8] == 0x01 && out[9] == (uint8_t)(TPM2_RC_HANDLE | TPM2_RC_P));
}

TEST(session_start_errors)
{
	ESYS_TR k = primary(&ecc_sign), s;

	/* nonce too short, and too long for the hash */
	RAW(RC_P(1, TPM2_RC_SIZE),
	    "8001 0000002a 00000176 40000007 40000007 000f"
	    "000102030405060708090a0b0c0d0e 0000 00 0010 000b");
	RAW(RC_P(1, TPM2_RC_SIZE),
	    "8001 00000030 00000176 40000007 40000007 0015"
	    "000102030405060708090a0b0c0d0e0f1011121314 0000 00 0010 0004");
	/* a session type that does not exist, a hash that does not */
	RAW(RC_P(3, TPM2_RC_VALUE),
	    "8001 0000002b 00000176 40000007 40000007 0010"
	    "000102030405060708090a0b0c0d0e0f 0000 02 0010 000b");
	RAW(RC_P(5, TPM2_RC_HASH),
	    "8001 0000002b 00000176 40000007 40000007 0010"
	    "000102030405060708090a0b0c0d0e0f 0000 00 0010 0999");
	/* salt for no key */
	RAW(RC_P(2, TPM2_RC_VALUE),
	    "8001 0000002c 00000176 40000007 40000007 0010"
	    "000102030405060708090a0b0c0d0e0f 0001 00 00 0010 000b");
	/* a signing key decrypts no salt */
	FAILS(RC_H(1, TPM2_RC_ATTRIBUTES),
	      Esys_StartAuthSession(E, k, NONE, NONE, NONE, NONE, NULL,
				    TPM2_SE_HMAC, &no_sym, TPM2_ALG_SHA256, &s));
}

TEST(session_slots_run_out)
{
	TSS2_RC rc = 0;
	ESYS_TR s;
	int i;

	for (i = 0; i < 64 && !rc; i++)
		rc = Esys_StartAuthSession(E, NONE, NONE, NONE, NONE, NONE, NULL,
					   TPM2_SE_HMAC, &no_sym,
					   TPM2_ALG_SHA256, &s);
	CHECK(i > 3);
	if (rc != TPM2_RC_SESSION_MEMORY)
		FAIL("0x%x after %d", rc, i);
}

TEST(session_saved_limit)
{
	TPMS_CONTEXT *ctx;
	TSS2_RC rc = 0;
	ESYS_TR s;
	int i;

	for (i = 0; i < 80; i++) {
		rc = Esys_StartAuthSession(E, NONE, NONE, NONE, NONE, NONE, NULL,
					   TPM2_SE_HMAC, &no_sym,
					   TPM2_ALG_SHA256, &s);
		if (rc)
			break;
		OK(Esys_ContextSave(E, s, &ctx));
		FREE(ctx);
	}
	if (rc != TPM2_RC_SESSION_HANDLES || i < 64)
		FAIL("0x%x after %d", rc, i);
}

/* An audit session's digest is the hash chain of cpHash and rpHash. */
TEST(session_audit)
{
	ESYS_TR s = hmac_session();
	TPM2B_DIGEST *r;

	OK(Esys_TRSess_SetAttributes(E, s, TPMA_SESSION_AUDIT, TPMA_SESSION_AUDIT));
	OK(Esys_GetRandom(E, s, NONE, NONE, 8, &r));
	FREE(r);
	/* still exclusive: nothing was executed outside it */
	OK(Esys_TRSess_SetAttributes(E, s, TPMA_SESSION_AUDITEXCLUSIVE,
				     TPMA_SESSION_AUDITEXCLUSIVE));
	OK(Esys_GetRandom(E, s, NONE, NONE, 8, &r));
	FREE(r);
	OK(Esys_GetRandom(E, NONE, NONE, NONE, 8, &r));
	FREE(r);
	FAILS(TPM2_RC_EXCLUSIVE, Esys_GetRandom(E, s, NONE, NONE, 8, &r));
}
