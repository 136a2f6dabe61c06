// SPDX-License-Identifier: GPL-2.0
/* Signatures, RSA encryption, ECDH, sealed data, credentials. */
#include "esys_test.h"

#include <openssl/evp.h>

static const TPMT_SIG_SCHEME ecdsa_sha256 = {
	.scheme = TPM2_ALG_ECDSA, .details.ecdsa.hashAlg = TPM2_ALG_SHA256,
};
static const TPMT_SIG_SCHEME rsassa_sha256 = {
	.scheme = TPM2_ALG_RSASSA, .details.rsassa.hashAlg = TPM2_ALG_SHA256,
};
static const TPMT_SIG_SCHEME rsapss_sha256 = {
	.scheme = TPM2_ALG_RSAPSS, .details.rsapss.hashAlg = TPM2_ALG_SHA256,
};
static const TPMT_SIG_SCHEME scheme_null = { .scheme = TPM2_ALG_NULL };

static void sign_and_verify(ESYS_TR key, const TPMT_SIG_SCHEME *scheme,
			    const TPM2B_DIGEST *digest, const char *msg)
{
	TPM2B_PUBLIC *pub = read_public(key);
	TPMT_TK_VERIFIED *ticket;
	TPMT_SIGNATURE *sig;
	TPM2B_DIGEST other = *digest;

	OK(Esys_Sign(E, key, PW, NONE, NONE, digest, scheme, &no_hashcheck, &sig));
	CHECK(openssl_verify(pub, sig, msg, strlen(msg)));
	CHECK(!openssl_verify(pub, sig, "something else", 14));
	OK(Esys_VerifySignature(E, key, NONE, NONE, NONE, digest, sig, &ticket));
	CHECK(ticket->tag == TPM2_ST_VERIFIED && ticket->digest.size >= 32);
	FREE(ticket);
	other.buffer[0] ^= 1;
	FAILS(RC_P(2, TPM2_RC_SIGNATURE),
	      Esys_VerifySignature(E, key, NONE, NONE, NONE, &other, sig, &ticket));
	FREE(sig);
	FREE(pub);
}

TEST(sign_ecdsa)
{
	TPM2B_DIGEST d = sha256_of("message", 7);

	sign_and_verify(primary(&ecc_sign), &ecdsa_sha256, &d, "message");
}

TEST(sign_rsassa)
{
	TPM2B_DIGEST d = sha256_of("message", 7);

	sign_and_verify(primary(&rsa_sign), &rsassa_sha256, &d, "message");
}

TEST(sign_rsapss)
{
	TPM2B_DIGEST d = sha256_of("message", 7);

	sign_and_verify(primary(&rsa_sign), &rsapss_sha256, &d, "message");
}

TEST(sign_every_hash)
{
	static const TPM2_ALG_ID algs[] = {
		TPM2_ALG_SHA1, TPM2_ALG_SHA256, TPM2_ALG_SHA384, TPM2_ALG_SHA512,
	};
	const EVP_MD *mds[] = { EVP_sha1(), EVP_sha256(), EVP_sha384(), EVP_sha512() };
	ESYS_TR ecc = primary(&ecc_sign), rsa = primary(&rsa_sign);
	unsigned int i, len;

	for (i = 0; i < 4; i++) {
		TPMT_SIG_SCHEME s = ecdsa_sha256;
		TPM2B_DIGEST d;

		EVP_Digest("message", 7, d.buffer, &len, mds[i], NULL);
		d.size = len;
		s.details.any.hashAlg = algs[i];
		sign_and_verify(ecc, &s, &d, "message");
		s.scheme = TPM2_ALG_RSASSA;
		sign_and_verify(rsa, &s, &d, "message");
		s.scheme = TPM2_ALG_RSAPSS;
		sign_and_verify(rsa, &s, &d, "message");
	}
}

TEST(sign_p384)
{
	TPM2B_PUBLIC t = ecc_sign;
	TPM2B_DIGEST d = sha256_of("message", 7);

	t.publicArea.parameters.eccDetail.curveID = TPM2_ECC_NIST_P384;
	sign_and_verify(primary(&t), &ecdsa_sha256, &d, "message");
}

TEST(sign_with_the_keys_own_scheme)
{
	TPM2B_PUBLIC t = ecc_sign;
	TPM2B_DIGEST d = sha256_of("message", 7);

	t.publicArea.parameters.eccDetail.scheme.scheme = TPM2_ALG_ECDSA;
	t.publicArea.parameters.eccDetail.scheme.details.ecdsa.hashAlg = TPM2_ALG_SHA256;
	sign_and_verify(primary(&t), &scheme_null, &d, "message");
}

TEST(sign_errors)
{
	ESYS_TR ecc = primary(&ecc_sign), dec;
	TPM2B_DIGEST d = sha256_of("message", 7), shorter = d;
	TPMT_SIGNATURE *sig;

	shorter.size = 20;
	FAILS(RC_P(1, TPM2_RC_SIZE),
	      Esys_Sign(E, ecc, PW, NONE, NONE, &shorter, &ecdsa_sha256,
			&no_hashcheck, &sig));
	FAILS(RC_P(2, TPM2_RC_SCHEME),
	      Esys_Sign(E, ecc, PW, NONE, NONE, &d, &rsassa_sha256,
			&no_hashcheck, &sig));
	FAILS(RC_P(2, TPM2_RC_SCHEME),
	      Esys_Sign(E, ecc, PW, NONE, NONE, &d, &scheme_null,
			&no_hashcheck, &sig));
	dec = primary(&ecc_decrypt);
	FAILS(RC_H(1, TPM2_RC_KEY),
	      Esys_Sign(E, dec, PW, NONE, NONE, &d, &ecdsa_sha256,
			&no_hashcheck, &sig));
}

TEST(sign_restricted_needs_a_ticket)
{
	TPM2B_MAX_BUFFER msg = { .size = 7, .buffer = "message" };
	TPM2B_MAX_BUFFER forged = { .size = 7, .buffer = "\xff" "TCGxyz" };
	ESYS_TR k = primary(&ecc_restricted);
	TPMT_TK_HASHCHECK *ticket;
	TPMT_SIGNATURE *sig;
	TPM2B_PUBLIC *pub = read_public(k);
	TPM2B_DIGEST *d;

	OK(Esys_Hash(E, NONE, NONE, NONE, &msg, TPM2_ALG_SHA256,
		     ESYS_TR_RH_OWNER, &d, &ticket));
	FAILS(RC_P(3, TPM2_RC_TICKET),
	      Esys_Sign(E, k, PW, NONE, NONE, d, &scheme_null, &no_hashcheck, &sig));
	OK(Esys_Sign(E, k, PW, NONE, NONE, d, &scheme_null, ticket, &sig));
	CHECK(openssl_verify(pub, sig, "message", 7));
	FREE(sig);
	ticket->digest.buffer[0] ^= 1;
	FAILS(RC_P(3, TPM2_RC_TICKET),
	      Esys_Sign(E, k, PW, NONE, NONE, d, &scheme_null, ticket, &sig));
	FREE(d);
	FREE(ticket);
	/* what begins like an attestation gets no ticket */
	OK(Esys_Hash(E, NONE, NONE, NONE, &forged, TPM2_ALG_SHA256,
		     ESYS_TR_RH_OWNER, &d, &ticket));
	CHECK(ticket->hierarchy == TPM2_RH_NULL && ticket->digest.size == 0);
	FAILS(RC_P(3, TPM2_RC_TICKET),
	      Esys_Sign(E, k, PW, NONE, NONE, d, &scheme_null, ticket, &sig));
	FREE(d);
	FREE(ticket);
	FREE(pub);
}

TEST(hmac_key_signs)
{
	ESYS_TR p = primary(&ecc_storage);
	ESYS_TR k = child(p, &hmac_key, NULL, NULL);
	TPMT_SIG_SCHEME s = { .scheme = TPM2_ALG_HMAC,
			      .details.hmac.hashAlg = TPM2_ALG_SHA256 };
	TPM2B_DIGEST d = sha256_of("message", 7);
	TPMT_TK_VERIFIED *ticket;
	TPMT_SIGNATURE *sig;

	OK(Esys_Sign(E, k, PW, NONE, NONE, &d, &s, &no_hashcheck, &sig));
	OK(Esys_VerifySignature(E, k, NONE, NONE, NONE, &d, sig, &ticket));
	FREE(ticket);
	sig->signature.hmac.digest.sha256[5] ^= 1;
	FAILS(RC_P(2, TPM2_RC_SIGNATURE),
	      Esys_VerifySignature(E, k, NONE, NONE, NONE, &d, sig, &ticket));
	FREE(sig);
}

static void encrypt_decrypt(const TPMT_RSA_DECRYPT *scheme, size_t len)
{
	ESYS_TR k = primary(&rsa_decrypt);
	TPM2B_PUBLIC_KEY_RSA in = { .size = len }, *cipher, *plain;
	size_t i;

	for (i = 0; i < len; i++)
		in.buffer[i] = i + 1;
	OK(Esys_RSA_Encrypt(E, k, NONE, NONE, NONE, &in, scheme, &no_data, &cipher));
	CHECK(cipher->size == 256);
	OK(Esys_RSA_Decrypt(E, k, PW, NONE, NONE, cipher, scheme, &no_data, &plain));
	if (scheme->scheme == TPM2_ALG_NULL) {
		CHECK(plain->size == 256);
		CHECK(!memcmp(plain->buffer + 256 - len, in.buffer, len));
	} else {
		CHECK(plain->size == len && !memcmp(plain->buffer, in.buffer, len));
	}
	FREE(plain);
	/* damaged ciphertext is one error, whatever the padding says */
	if (scheme->scheme == TPM2_ALG_OAEP) {
		cipher->buffer[100] ^= 1;
		FAILS(TPM2_RC_VALUE,
		      Esys_RSA_Decrypt(E, k, PW, NONE, NONE, cipher, scheme,
				       &no_data, &plain));
	}
	FREE(cipher);
}

TEST(rsa_oaep)
{
	TPMT_RSA_DECRYPT s = { .scheme = TPM2_ALG_OAEP,
			       .details.oaep.hashAlg = TPM2_ALG_SHA256 };

	encrypt_decrypt(&s, 32);
	encrypt_decrypt(&s, 1);
	encrypt_decrypt(&s, 190);
}

TEST(rsa_oaep_label)
{
	TPMT_RSA_DECRYPT s = { .scheme = TPM2_ALG_OAEP,
			       .details.oaep.hashAlg = TPM2_ALG_SHA1 };
	TPM2B_DATA label = { .size = 6, .buffer = "LABEL" };
	TPM2B_DATA open = { .size = 5, .buffer = "LABEL" };
	TPM2B_PUBLIC_KEY_RSA in = { .size = 3, .buffer = "abc" }, *cipher, *plain;
	ESYS_TR k = primary(&rsa_decrypt);

	OK(Esys_RSA_Encrypt(E, k, NONE, NONE, NONE, &in, &s, &label, &cipher));
	FAILS(TPM2_RC_VALUE,
	      Esys_RSA_Decrypt(E, k, PW, NONE, NONE, cipher, &s, &no_data, &plain));
	OK(Esys_RSA_Decrypt(E, k, PW, NONE, NONE, cipher, &s, &label, &plain));
	CHECK(plain->size == 3 && !memcmp(plain->buffer, "abc", 3));
	/* a label ends with a zero */
	FAILS(RC_P(3, TPM2_RC_VALUE),
	      Esys_RSA_Encrypt(E, k, NONE, NONE, NONE, &in, &s, &open, &cipher));
	FREE(plain);
}

TEST(rsa_es)
{
	TPMT_RSA_DECRYPT s = { .scheme = TPM2_ALG_RSAES };

	encrypt_decrypt(&s, 32);
	encrypt_decrypt(&s, 245);
}

TEST(rsa_raw)
{
	TPMT_RSA_DECRYPT s = { .scheme = TPM2_ALG_NULL };

	encrypt_decrypt(&s, 255);
}

TEST(rsa_too_long_for_the_padding)
{
	TPMT_RSA_DECRYPT oaep = { .scheme = TPM2_ALG_OAEP,
				  .details.oaep.hashAlg = TPM2_ALG_SHA256 };
	TPM2B_PUBLIC_KEY_RSA in = { .size = 191 }, *out;
	ESYS_TR k = primary(&rsa_decrypt);

	FAILS(TPM2_RC_VALUE,
	      Esys_RSA_Encrypt(E, k, NONE, NONE, NONE, &in, &oaep, &no_data, &out));
}

TEST(rsa_errors)
{
	TPMT_RSA_DECRYPT null = { .scheme = TPM2_ALG_NULL };
	TPM2B_PUBLIC_KEY_RSA in = { .size = 256 }, *out;
	ESYS_TR k = primary(&rsa_decrypt), s;

	/* not less than the modulus */
	memset(in.buffer, 0xff, 256);
	FAILS(TPM2_RC_VALUE,
	      Esys_RSA_Encrypt(E, k, NONE, NONE, NONE, &in, &null, &no_data, &out));
	FAILS(TPM2_RC_VALUE,
	      Esys_RSA_Decrypt(E, k, PW, NONE, NONE, &in, &null, &no_data, &out));
	/* ciphertext of the wrong size */
	in.size = 128;
	FAILS(TPM2_RC_SIZE,
	      Esys_RSA_Decrypt(E, k, PW, NONE, NONE, &in, &null, &no_data, &out));
	/* a signing key does not decrypt, an ECC key is no RSA key */
	s = primary(&rsa_sign);
	in.size = 256;
	in.buffer[0] = 0;
	FAILS(RC_H(1, TPM2_RC_ATTRIBUTES),
	      Esys_RSA_Decrypt(E, s, PW, NONE, NONE, &in, &null, &no_data, &out));
	flush(s);
	s = primary(&ecc_decrypt);
	FAILS(RC_H(1, TPM2_RC_KEY),
	      Esys_RSA_Decrypt(E, s, PW, NONE, NONE, &in, &null, &no_data, &out));
}

TEST(ecdh_both_sides_agree)
{
	ESYS_TR a = primary(&ecc_decrypt);
	TPM2B_ECC_POINT *z, *pub, *z2;

	OK(Esys_ECDH_KeyGen(E, a, NONE, NONE, NONE, &z, &pub));
	OK(Esys_ECDH_ZGen(E, a, PW, NONE, NONE, pub, &z2));
	CHECK(z->point.x.size == z2->point.x.size);
	CHECK(!memcmp(z->point.x.buffer, z2->point.x.buffer, z->point.x.size));
	CHECK(!memcmp(z->point.y.buffer, z2->point.y.buffer, z->point.y.size));
	pub->point.y.buffer[3] ^= 1;
	FAILS(RC_P(1, TPM2_RC_ECC_POINT),
	      Esys_ECDH_ZGen(E, a, PW, NONE, NONE, pub, &z2));
	FREE(z);
	FREE(z2);
	FREE(pub);
}

TEST(unseal_data)
{
	ESYS_TR p = primary(&ecc_storage);
	ESYS_TR s = child(p, &sealed_data, "pw", "the secret");
	TPM2B_SENSITIVE_DATA *data;

	OK(Esys_Unseal(E, s, PW, NONE, NONE, &data));
	CHECK(data->size == 10 && !memcmp(data->buffer, "the secret", 10));
	FREE(data);
	set_auth(s, "wrong");
	/* noDA: a bad authorization, not a counted one */
	FAILS(RC_S(1, TPM2_RC_BAD_AUTH), Esys_Unseal(E, s, PW, NONE, NONE, &data));
	FAILS(RC_H(1, TPM2_RC_TYPE), Esys_Unseal(E, p, PW, NONE, NONE, &data));
}

TEST(unseal_longest)
{
	char secret[129];
	ESYS_TR p = primary(&ecc_storage), s;
	TPM2B_SENSITIVE_DATA *data;

	memset(secret, 'x', 128);
	secret[128] = 0;
	s = child(p, &sealed_data, NULL, secret);
	OK(Esys_Unseal(E, s, PW, NONE, NONE, &data));
	CHECK(data->size == 128 && !memcmp(data->buffer, secret, 128));
	FREE(data);
}

static bool is_swtpm(void)
{
	const char *name = getenv("ESYS_TEST_TCTI");

	return name && !strncmp(name, "swtpm", 5);
}

/*
 * Linux takes a trusted key only if all the parameters that TPM2_Create returns
 * are 512 bytes at most (MAX_BLOB_SIZE). Its longest has 128 bytes. swtpm needs
 * 559: seedValue and ticket are longer there.
 */
TEST(create_trusted_key)
{
	ESYS_TR p = primary(&ecc_storage);
	TPM2B_SENSITIVE_CREATE sens = {
		.sensitive = {
			.userAuth = { .size = 20, .buffer = "twenty bytes of auth" },
			.data.size = 128,
		},
	};
	TPM2B_PUBLIC t = sealed_data, *pub;
	TPM2B_CREATION_DATA *cdata;
	TPMT_TK_CREATION *ticket;
	TPM2B_PRIVATE *priv;
	TPM2B_DIGEST *hash;
	uint8_t buf[1024];
	size_t len = 0;

	memset(sens.sensitive.data.buffer, 'k', 128);
	t.publicArea.authPolicy = sha256_of("a policy", 8);
	OK(Esys_Create(E, p, PW, NONE, NONE, &sens, &t, &no_data, &no_pcrs,
		       &priv, &pub, &cdata, &hash, &ticket));
	OK(Tss2_MU_TPM2B_PRIVATE_Marshal(priv, buf, sizeof(buf), &len));
	OK(Tss2_MU_TPM2B_PUBLIC_Marshal(pub, buf, sizeof(buf), &len));
	OK(Tss2_MU_TPM2B_CREATION_DATA_Marshal(cdata, buf, sizeof(buf), &len));
	OK(Tss2_MU_TPM2B_DIGEST_Marshal(hash, buf, sizeof(buf), &len));
	OK(Tss2_MU_TPMT_TK_CREATION_Marshal(ticket, buf, sizeof(buf), &len));
	if (len > (is_swtpm() ? 559 : 512))
		FAIL("%zu bytes", len);
	FREE(priv);
	FREE(pub);
	FREE(cdata);
	FREE(hash);
	FREE(ticket);
}

static void credential(const TPM2B_PUBLIC *storage)
{
	ESYS_TR ek = primary_in(ESYS_TR_RH_ENDORSEMENT, storage);
	ESYS_TR ak = primary(&ecc_restricted);
	TPM2B_DIGEST secret = { .size = 20, .buffer = "credential value 20!" };
	TPM2B_ENCRYPTED_SECRET *enc;
	TPM2B_NAME *name = read_name(ak);
	TPM2B_ID_OBJECT *blob;
	TPM2B_DIGEST *out;

	OK(Esys_MakeCredential(E, ek, NONE, NONE, NONE, &secret, name, &blob, &enc));
	OK(Esys_ActivateCredential(E, ak, ek, PW, PW, NONE, blob, enc, &out));
	CHECK(out->size == 20 && !memcmp(out->buffer, secret.buffer, 20));
	FREE(out);
	blob->credential[blob->size - 1] ^= 1;
	FAILS(RC_P(1, TPM2_RC_INTEGRITY),
	      Esys_ActivateCredential(E, ak, ek, PW, PW, NONE, blob, enc, &out));
	blob->credential[blob->size - 1] ^= 1;
	FREE(blob);
	FREE(enc);
	/* for another name it is worthless */
	name->name[5] ^= 1;
	OK(Esys_MakeCredential(E, ek, NONE, NONE, NONE, &secret, name, &blob, &enc));
	FAILS(RC_P(1, TPM2_RC_INTEGRITY),
	      Esys_ActivateCredential(E, ak, ek, PW, PW, NONE, blob, enc, &out));
	FREE(blob);
	FREE(enc);
	FREE(name);
}

TEST(credential_ecc)
{
	credential(&ecc_storage);
}

TEST(credential_rsa)
{
	credential(&rsa_storage);
}

TEST(ecc_parameters)
{
	TPMS_ALGORITHM_DETAIL_ECC *p;

	OK(Esys_ECC_Parameters(E, NONE, NONE, NONE, TPM2_ECC_NIST_P256, &p));
	CHECK(p->curveID == TPM2_ECC_NIST_P256 && p->keySize == 256);
	CHECK(p->p.size == 32 && p->n.size == 32 && p->gX.buffer[0] == 0x6b);
	FREE(p);
	FAILS(RC_P(1, TPM2_RC_CURVE),
	      Esys_ECC_Parameters(E, NONE, NONE, NONE, 0x99, &p));
}

TEST(test_parms)
{
	TPMT_PUBLIC_PARMS parms = {
		.type = TPM2_ALG_RSA,
		.parameters = rsa_storage.publicArea.parameters,
	};

	OK(Esys_TestParms(E, NONE, NONE, NONE, &parms));
	parms.parameters.rsaDetail.keyBits = 1000;
	FAILS(RC_P(1, TPM2_RC_VALUE), Esys_TestParms(E, NONE, NONE, NONE, &parms));
	parms.type = TPM2_ALG_ECC;
	parms.parameters = ecc_storage.publicArea.parameters;
	OK(Esys_TestParms(E, NONE, NONE, NONE, &parms));
}
