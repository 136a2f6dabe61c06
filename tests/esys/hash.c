// SPDX-License-Identifier: GPL-2.0
/* Hash, HMAC and sequences. */
#include "esys_test.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>

TEST(hash_algorithms)
{
	static const TPM2_ALG_ID algs[] = {
		TPM2_ALG_SHA1, TPM2_ALG_SHA256, TPM2_ALG_SHA384, TPM2_ALG_SHA512,
	};
	const EVP_MD *mds[] = { EVP_sha1(), EVP_sha256(), EVP_sha384(), EVP_sha512() };
	TPM2B_MAX_BUFFER data = { .size = 1000 };
	TPMT_TK_HASHCHECK *ticket;
	TPM2B_DIGEST *d;
	uint8_t want[64];
	unsigned int i, len;

	memset(data.buffer, 'q', data.size);
	for (i = 0; i < 4; i++) {
		OK(Esys_Hash(E, NONE, NONE, NONE, &data, algs[i],
			     ESYS_TR_RH_OWNER, &d, &ticket));
		EVP_Digest(data.buffer, data.size, want, &len, mds[i], NULL);
		CHECK(d->size == len && !memcmp(d->buffer, want, len));
		CHECK(ticket->tag == TPM2_ST_HASHCHECK && ticket->digest.size);
		FREE(d);
		FREE(ticket);
	}
	OK(Esys_Hash(E, NONE, NONE, NONE, &data, TPM2_ALG_SHA256,
		     ESYS_TR_RH_NULL, &d, &ticket));
	CHECK(ticket->hierarchy == TPM2_RH_NULL && !ticket->digest.size);
	FREE(d);
	FREE(ticket);
}

TEST(hash_bad_input)
{
	RAW(RC_P(2, TPM2_RC_HASH), "8001 00000012 0000017d 0000 0999 40000001");
	RAW(RC_P(3, TPM2_RC_VALUE), "8001 00000012 0000017d 0000 000b 40000009");
	RAW(RC_P(1, TPM2_RC_SIZE), "8001 00000012 0000017d 0401 000b 40000001");
}

/* An HMAC key whose bytes the test knows. */
static ESYS_TR known_hmac_key(ESYS_TR parent)
{
	TPM2B_PUBLIC t = hmac_key;

	t.publicArea.objectAttributes &= ~TPMA_OBJECT_SENSITIVEDATAORIGIN;
	return child(parent, &t, NULL, "the key");
}

TEST(hmac_command)
{
	ESYS_TR p = primary(&ecc_storage), k = known_hmac_key(p);
	TPM2B_MAX_BUFFER data = { .size = 7, .buffer = "message" };
	TPM2B_DIGEST *mac;
	uint8_t want[32];

	OK(Esys_HMAC(E, k, PW, NONE, NONE, &data, TPM2_ALG_SHA256, &mac));
	HMAC(EVP_sha256(), "the key", 7, (const uint8_t *)"message", 7, want, NULL);
	CHECK(mac->size == 32 && !memcmp(mac->buffer, want, 32));
	FREE(mac);
	/* the key's scheme says SHA-256 */
	FAILS(RC_P(2, TPM2_RC_VALUE),
	      Esys_HMAC(E, k, PW, NONE, NONE, &data, TPM2_ALG_SHA1, &mac));
	FAILS(RC_H(1, TPM2_RC_TYPE),
	      Esys_HMAC(E, p, PW, NONE, NONE, &data, TPM2_ALG_SHA256, &mac));
}

TEST(hash_sequence)
{
	TPM2B_AUTH auth = { .size = 3, .buffer = "seq" };
	TPM2B_MAX_BUFFER a = { .size = 1024 }, b = { .size = 10 };
	TPMT_TK_HASHCHECK *ticket;
	TPM2B_DIGEST *d, want;
	uint8_t all[1034];
	ESYS_TR s;

	memset(a.buffer, 'a', a.size);
	memset(b.buffer, 'b', b.size);
	OK(Esys_HashSequenceStart(E, NONE, NONE, NONE, &auth, TPM2_ALG_SHA256, &s));
	set_auth(s, "seq");
	OK(Esys_SequenceUpdate(E, s, PW, NONE, NONE, &a));
	OK(Esys_SequenceComplete(E, s, PW, NONE, NONE, &b, ESYS_TR_RH_OWNER, &d,
				 &ticket));
	memcpy(all, a.buffer, 1024);
	memcpy(all + 1024, b.buffer, 10);
	want = sha256_of(all, sizeof(all));
	CHECK(d->size == 32 && !memcmp(d->buffer, want.buffer, 32));
	CHECK(ticket->digest.size);
	FREE(d);
	FREE(ticket);
	/* a completed sequence is gone */
	RAW(RC_P(1, TPM2_RC_HANDLE), "8001 0000000e 00000165 80000000");
}

TEST(hash_sequence_context)
{
	TPM2B_AUTH auth = {};
	TPM2B_MAX_BUFFER a = { .size = 70 }, none = {};
	TPMT_TK_HASHCHECK *ticket;
	TPM2B_DIGEST *d, want;
	TPMS_CONTEXT *ctx;
	ESYS_TR s;

	memset(a.buffer, 'a', a.size);
	OK(Esys_HashSequenceStart(E, NONE, NONE, NONE, &auth, TPM2_ALG_SHA256, &s));
	OK(Esys_SequenceUpdate(E, s, PW, NONE, NONE, &a));
	OK(Esys_ContextSave(E, s, &ctx));
	flush(s);
	OK(Esys_ContextLoad(E, ctx, &s));
	FREE(ctx);
	OK(Esys_SequenceComplete(E, s, PW, NONE, NONE, &none, ESYS_TR_RH_NULL,
				 &d, &ticket));
	want = sha256_of(a.buffer, a.size);
	CHECK(!memcmp(d->buffer, want.buffer, 32));
	FREE(d);
	FREE(ticket);
}

TEST(hash_sequence_hides_generated)
{
	TPM2B_MAX_BUFFER a = { .size = 2, .buffer = "\xff" "T" };
	TPM2B_MAX_BUFFER b = { .size = 2, .buffer = "CG" };
	TPM2B_AUTH auth = {};
	TPMT_TK_HASHCHECK *ticket;
	TPM2B_DIGEST *d;
	ESYS_TR s;

	/* the first four octets, however they come */
	OK(Esys_HashSequenceStart(E, NONE, NONE, NONE, &auth, TPM2_ALG_SHA256, &s));
	OK(Esys_SequenceUpdate(E, s, PW, NONE, NONE, &a));
	OK(Esys_SequenceComplete(E, s, PW, NONE, NONE, &b, ESYS_TR_RH_OWNER, &d,
				 &ticket));
	CHECK(ticket->hierarchy == TPM2_RH_NULL && !ticket->digest.size);
	FREE(d);
	FREE(ticket);
}

TEST(hmac_sequence)
{
	ESYS_TR p = primary(&ecc_storage), k = known_hmac_key(p), s;
	TPM2B_MAX_BUFFER a = { .size = 4, .buffer = "mess" };
	TPM2B_MAX_BUFFER b = { .size = 3, .buffer = "age" };
	TPM2B_AUTH auth = {};
	TPMT_TK_HASHCHECK *ticket;
	TPM2B_DIGEST *mac;
	uint8_t want[32];

	flush(p);
	OK(Esys_HMAC_Start(E, k, PW, NONE, NONE, &auth, TPM2_ALG_SHA256, &s));
	OK(Esys_SequenceUpdate(E, s, PW, NONE, NONE, &a));
	OK(Esys_SequenceComplete(E, s, PW, NONE, NONE, &b, ESYS_TR_RH_NULL, &mac,
				 &ticket));
	HMAC(EVP_sha256(), "the key", 7, (const uint8_t *)"message", 7, want, NULL);
	CHECK(mac->size == 32 && !memcmp(mac->buffer, want, 32));
	FREE(mac);
	FREE(ticket);
}

TEST(event_sequence)
{
	TPM2B_MAX_BUFFER a = { .size = 5, .buffer = "event" };
	TPM2B_AUTH auth = {};
	TPML_DIGEST_VALUES *digests;
	TPM2B_DIGEST want, v;
	uint8_t buf[64] = {};
	ESYS_TR s;

	OK(Esys_PCR_Reset(E, ESYS_TR_PCR16, PW, NONE, NONE));
	OK(Esys_HashSequenceStart(E, NONE, NONE, NONE, &auth, TPM2_ALG_NULL, &s));
	OK(Esys_EventSequenceComplete(E, ESYS_TR_PCR16, s, PW, PW, NONE, &a,
				      &digests));
	CHECK(digests->count == 4);
	FREE(digests);
	want = sha256_of("event", 5);
	memcpy(buf + 32, want.buffer, 32);
	want = sha256_of(buf, 64);
	v = pcr_value(16);
	CHECK(!memcmp(v.buffer, want.buffer, 32));
}

TEST(sequence_errors)
{
	TPM2B_MAX_BUFFER a = { .size = 5, .buffer = "event" };
	TPM2B_AUTH auth = {};
	TPMT_TK_HASHCHECK *ticket;
	TPM2B_DIGEST *d;
	ESYS_TR k = primary(&ecc_sign), s;

	FAILS(RC_P(1, TPM2_RC_MODE), Esys_SequenceUpdate(E, k, PW, NONE, NONE, &a));
	FAILS(RC_H(1, TPM2_RC_MODE),
	      Esys_SequenceComplete(E, k, PW, NONE, NONE, &a, ESYS_TR_RH_NULL,
				    &d, &ticket));
	/* an event sequence ends with EventSequenceComplete only */
	OK(Esys_HashSequenceStart(E, NONE, NONE, NONE, &auth, TPM2_ALG_NULL, &s));
	FAILS(RC_H(1, TPM2_RC_MODE),
	      Esys_SequenceComplete(E, s, PW, NONE, NONE, &a, ESYS_TR_RH_NULL,
				    &d, &ticket));
	flush(s);
	RAW(RC_P(2, TPM2_RC_HASH), "8001 0000000e 00000186 0000 0999");
}
