// SPDX-License-Identifier: GPL-2.0
/* Attestation: Quote, Certify, CertifyCreation, GetTime, NV_Certify. */
#include "esys_test.h"

static const TPMT_SIG_SCHEME scheme_null = { .scheme = TPM2_ALG_NULL };

/* Check the signature with OpenSSL and take the structure apart. */
static TPMS_ATTEST opened(ESYS_TR key, TPM2B_ATTEST *attest, TPMT_SIGNATURE *sig,
			  TPMI_ST_ATTEST type, const char *extra)
{
	TPM2B_PUBLIC *pub = read_public(key);
	TPMS_ATTEST a;
	size_t at = 0;

	CHECK(openssl_verify(pub, sig, attest->attestationData, attest->size));
	OK(Tss2_MU_TPMS_ATTEST_Unmarshal(attest->attestationData, attest->size,
					 &at, &a));
	CHECK(at == attest->size);
	CHECK(a.magic == TPM2_GENERATED_VALUE && a.type == type);
	CHECK(a.extraData.size == strlen(extra));
	CHECK(!memcmp(a.extraData.buffer, extra, strlen(extra)));
	FREE(pub);
	return a;
}

static TPM2B_DATA data_of(const char *s)
{
	TPM2B_DATA d = { .size = strlen(s) };

	memcpy(d.buffer, s, d.size);
	return d;
}

static void quote(const TPM2B_PUBLIC *template)
{
	ESYS_TR k = primary(template);
	TPM2B_DATA nonce = data_of("nonce");
	TPML_PCR_SELECTION sel = pcr_select(TPM2_ALG_SHA256, 16);
	TPM2B_DIGEST v, want;
	TPM2B_ATTEST *attest;
	TPMT_SIGNATURE *sig;
	TPMS_ATTEST a;

	pcr_extend(16, 7);
	v = pcr_value(16);
	want = sha256_of(v.buffer, 32);
	OK(Esys_Quote(E, k, PW, NONE, NONE, &nonce, &scheme_null, &sel, &attest, &sig));
	a = opened(k, attest, sig, TPM2_ST_ATTEST_QUOTE, "nonce");
	CHECK(a.attested.quote.pcrSelect.count == 1);
	CHECK(a.attested.quote.pcrDigest.size == 32);
	CHECK(!memcmp(a.attested.quote.pcrDigest.buffer, want.buffer, 32));
	FREE(attest);
	FREE(sig);
}

TEST(quote_ecc)
{
	quote(&ecc_restricted);
}

TEST(quote_rsa)
{
	quote(&rsa_restricted);
}

TEST(quote_qualified_signer)
{
	TPM2B_PUBLIC *pub;
	TPM2B_NAME *name, *qname;
	TPM2B_DATA nonce = data_of("");
	TPML_PCR_SELECTION sel = pcr_select(TPM2_ALG_SHA1, 0);
	ESYS_TR p = primary(&ecc_storage), k = child(p, &ecc_restricted, NULL, NULL);
	TPM2B_ATTEST *attest;
	TPMT_SIGNATURE *sig;
	TPMS_ATTEST a;

	OK(Esys_ReadPublic(E, k, NONE, NONE, NONE, &pub, &name, &qname));
	OK(Esys_Quote(E, k, PW, NONE, NONE, &nonce, &scheme_null, &sel, &attest, &sig));
	a = opened(k, attest, sig, TPM2_ST_ATTEST_QUOTE, "");
	CHECK(a.qualifiedSigner.size == qname->size);
	CHECK(!memcmp(a.qualifiedSigner.name, qname->name, qname->size));
	FREE(attest);
	FREE(sig);
	FREE(pub);
	FREE(name);
	FREE(qname);
}

TEST(quote_errors)
{
	TPM2B_DATA nonce = data_of("n");
	TPML_PCR_SELECTION sel = pcr_select(TPM2_ALG_SHA256, 0);
	TPMT_SIG_SCHEME rsassa = { .scheme = TPM2_ALG_RSASSA,
				   .details.rsassa.hashAlg = TPM2_ALG_SHA256 };
	TPM2B_ATTEST *attest;
	TPMT_SIGNATURE *sig;
	ESYS_TR k = primary(&ecc_storage);

	FAILS(RC_H(1, TPM2_RC_KEY),
	      Esys_Quote(E, k, PW, NONE, NONE, &nonce, &scheme_null, &sel,
			 &attest, &sig));
	flush(k);
	k = primary(&ecc_restricted);
	FAILS(RC_P(2, TPM2_RC_SCHEME),
	      Esys_Quote(E, k, PW, NONE, NONE, &nonce, &rsassa, &sel, &attest,
			 &sig));
}

TEST(certify_object)
{
	ESYS_TR ak = primary(&ecc_restricted), k = primary(&rsa_sign);
	TPM2B_DATA extra = data_of("certify");
	TPM2B_NAME *name = read_name(k);
	TPM2B_ATTEST *attest;
	TPMT_SIGNATURE *sig;
	TPMS_ATTEST a;

	OK(Esys_Certify(E, k, ak, PW, PW, NONE, &extra, &scheme_null, &attest, &sig));
	a = opened(ak, attest, sig, TPM2_ST_ATTEST_CERTIFY, "certify");
	CHECK(a.attested.certify.name.size == name->size);
	CHECK(!memcmp(a.attested.certify.name.name, name->name, name->size));
	FREE(attest);
	FREE(sig);
	FREE(name);
}

TEST(certify_without_a_signer)
{
	ESYS_TR k = primary(&ecc_sign);
	TPM2B_DATA extra = data_of("x");
	TPM2B_ATTEST *attest;
	TPMT_SIGNATURE *sig;

	OK(Esys_Certify(E, k, ESYS_TR_RH_NULL, PW, PW, NONE, &extra, &scheme_null,
			&attest, &sig));
	CHECK(sig->sigAlg == TPM2_ALG_NULL && attest->size > 30);
	FREE(attest);
	FREE(sig);
}

TEST(certify_creation)
{
	ESYS_TR p = primary(&ecc_storage), ak = primary(&ecc_restricted), k;
	TPM2B_DATA extra = data_of("birth");
	TPM2B_CREATION_DATA *cd;
	TPMT_TK_CREATION *ticket;
	TPM2B_PRIVATE *priv;
	TPM2B_PUBLIC *pub;
	TPM2B_DIGEST *hash;
	TPM2B_ATTEST *attest;
	TPMT_SIGNATURE *sig;
	TPM2B_NAME *name;
	TPMS_ATTEST a;

	OK(Esys_Create(E, p, PW, NONE, NONE, &no_sensitive, &ecc_sign, &no_data,
		       &no_pcrs, &priv, &pub, &cd, &hash, &ticket));
	OK(Esys_Load(E, p, PW, NONE, NONE, priv, pub, &k));
	flush(p);
	name = read_name(k);
	OK(Esys_CertifyCreation(E, ak, k, PW, NONE, NONE, &extra, hash,
				&scheme_null, ticket, &attest, &sig));
	a = opened(ak, attest, sig, TPM2_ST_ATTEST_CREATION, "birth");
	CHECK(!memcmp(a.attested.creation.objectName.name, name->name, name->size));
	CHECK(!memcmp(a.attested.creation.creationHash.buffer, hash->buffer, 32));
	FREE(attest);
	FREE(sig);
	/* a ticket says what it was made for */
	hash->buffer[0] ^= 1;
	FAILS(RC_P(4, TPM2_RC_TICKET),
	      Esys_CertifyCreation(E, ak, k, PW, NONE, NONE, &extra, hash,
				   &scheme_null, ticket, &attest, &sig));
	FREE(name);
	FREE(priv);
	FREE(pub);
	FREE(cd);
	FREE(hash);
	FREE(ticket);
}

TEST(get_time)
{
	ESYS_TR ak = primary_in(ESYS_TR_RH_ENDORSEMENT, &ecc_restricted);
	TPM2B_DATA extra = data_of("time");
	TPMS_TIME_INFO *now;
	TPM2B_ATTEST *attest;
	TPMT_SIGNATURE *sig;
	TPMS_ATTEST a;

	OK(Esys_ReadClock(E, NONE, NONE, NONE, &now));
	OK(Esys_GetTime(E, ESYS_TR_RH_ENDORSEMENT, ak, PW, PW, NONE, &extra,
			&scheme_null, &attest, &sig));
	a = opened(ak, attest, sig, TPM2_ST_ATTEST_TIME, "time");
	CHECK(a.attested.time.time.time >= now->time);
	/* below the endorsement hierarchy the counts are in the clear */
	CHECK(a.clockInfo.resetCount == now->clockInfo.resetCount);
	CHECK(a.clockInfo.restartCount == now->clockInfo.restartCount);
	FREE(attest);
	FREE(sig);
	FREE(now);
}

/* ... and elsewhere they are obscured, the same way each time. */
TEST(attest_obscures_counts)
{
	ESYS_TR ak = primary(&ecc_restricted);
	TPML_PCR_SELECTION sel = pcr_select(TPM2_ALG_SHA256, 0);
	TPM2B_DATA none = data_of("");
	TPMS_ATTEST a[2];
	TPM2B_ATTEST *attest;
	TPMT_SIGNATURE *sig;
	TPMS_TIME_INFO *now;
	int i;

	for (i = 0; i < 2; i++) {
		OK(Esys_Quote(E, ak, PW, NONE, NONE, &none, &scheme_null, &sel,
			      &attest, &sig));
		a[i] = opened(ak, attest, sig, TPM2_ST_ATTEST_QUOTE, "");
		FREE(attest);
		FREE(sig);
	}
	OK(Esys_ReadClock(E, NONE, NONE, NONE, &now));
	CHECK(a[0].clockInfo.resetCount == a[1].clockInfo.resetCount);
	CHECK(a[0].firmwareVersion == a[1].firmwareVersion);
	CHECK(a[0].clockInfo.resetCount != now->clockInfo.resetCount);
	FREE(now);
}
