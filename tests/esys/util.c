// SPDX-License-Identifier: GPL-2.0
#include <ctype.h>

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <openssl/rsa.h>

#include "esys_test.h"

const TPM2B_SENSITIVE_CREATE no_sensitive;
const TPM2B_DATA no_data;
const TPML_PCR_SELECTION no_pcrs;
const TPMT_SYM_DEF no_sym = { .algorithm = TPM2_ALG_NULL };
const TPMT_TK_HASHCHECK no_hashcheck = {
	.tag = TPM2_ST_HASHCHECK, .hierarchy = TPM2_RH_NULL,
};

#define FIXED	(TPMA_OBJECT_FIXEDTPM | TPMA_OBJECT_FIXEDPARENT | \
		 TPMA_OBJECT_USERWITHAUTH)
#define KEY	(FIXED | TPMA_OBJECT_SENSITIVEDATAORIGIN | TPMA_OBJECT_NODA)
#define STORAGE	(KEY | TPMA_OBJECT_RESTRICTED | TPMA_OBJECT_DECRYPT)

#define AES128	{ .algorithm = TPM2_ALG_AES, .keyBits.aes = 128, \
		  .mode.aes = TPM2_ALG_CFB }
#define NOSYM	{ .algorithm = TPM2_ALG_NULL }

#define ECC(attrs_, sym_, scheme_) {					\
	.publicArea = {							\
		.type = TPM2_ALG_ECC, .nameAlg = TPM2_ALG_SHA256,	\
		.objectAttributes = (attrs_),				\
		.parameters.eccDetail = {				\
			.symmetric = sym_, .scheme = scheme_,		\
			.curveID = TPM2_ECC_NIST_P256,			\
			.kdf.scheme = TPM2_ALG_NULL,			\
		},							\
	},								\
}

#define RSA(attrs_, sym_, scheme_) {					\
	.publicArea = {							\
		.type = TPM2_ALG_RSA, .nameAlg = TPM2_ALG_SHA256,	\
		.objectAttributes = (attrs_),				\
		.parameters.rsaDetail = {				\
			.symmetric = sym_, .scheme = scheme_,		\
			.keyBits = 2048,				\
		},							\
	},								\
}

#define SCHEME_NULL	{ .scheme = TPM2_ALG_NULL }
#define SCHEME_ECDSA	{ .scheme = TPM2_ALG_ECDSA, \
			  .details.ecdsa.hashAlg = TPM2_ALG_SHA256 }
#define SCHEME_RSASSA	{ .scheme = TPM2_ALG_RSASSA, \
			  .details.rsassa.hashAlg = TPM2_ALG_SHA256 }
#define COMMA(...) __VA_ARGS__

const TPM2B_PUBLIC ecc_storage = ECC(STORAGE, COMMA(AES128), SCHEME_NULL);
const TPM2B_PUBLIC rsa_storage = RSA(STORAGE, COMMA(AES128), SCHEME_NULL);
const TPM2B_PUBLIC ecc_sign =
	ECC(KEY | TPMA_OBJECT_SIGN_ENCRYPT, NOSYM, SCHEME_NULL);
const TPM2B_PUBLIC ecc_restricted =
	ECC(KEY | TPMA_OBJECT_SIGN_ENCRYPT | TPMA_OBJECT_RESTRICTED, NOSYM,
	    COMMA(SCHEME_ECDSA));
const TPM2B_PUBLIC ecc_decrypt =
	ECC(KEY | TPMA_OBJECT_DECRYPT, NOSYM, SCHEME_NULL);
const TPM2B_PUBLIC rsa_sign =
	RSA(KEY | TPMA_OBJECT_SIGN_ENCRYPT, NOSYM, SCHEME_NULL);
const TPM2B_PUBLIC rsa_restricted =
	RSA(KEY | TPMA_OBJECT_SIGN_ENCRYPT | TPMA_OBJECT_RESTRICTED, NOSYM,
	    COMMA(SCHEME_RSASSA));
const TPM2B_PUBLIC rsa_decrypt =
	RSA(KEY | TPMA_OBJECT_DECRYPT, NOSYM, SCHEME_NULL);
const TPM2B_PUBLIC sealed_data = {
	.publicArea = {
		.type = TPM2_ALG_KEYEDHASH, .nameAlg = TPM2_ALG_SHA256,
		.objectAttributes = FIXED | TPMA_OBJECT_NODA,
		.parameters.keyedHashDetail.scheme.scheme = TPM2_ALG_NULL,
	},
};
const TPM2B_PUBLIC hmac_key = {
	.publicArea = {
		.type = TPM2_ALG_KEYEDHASH, .nameAlg = TPM2_ALG_SHA256,
		.objectAttributes = KEY | TPMA_OBJECT_SIGN_ENCRYPT,
		.parameters.keyedHashDetail.scheme = {
			.scheme = TPM2_ALG_HMAC,
			.details.hmac.hashAlg = TPM2_ALG_SHA256,
		},
	},
};
const TPM2B_PUBLIC sym_key = {
	.publicArea = {
		.type = TPM2_ALG_SYMCIPHER, .nameAlg = TPM2_ALG_SHA256,
		.objectAttributes = STORAGE,
		.parameters.symDetail.sym = AES128,
	},
};

ESYS_TR primary_in(ESYS_TR hierarchy, const TPM2B_PUBLIC *template)
{
	TPM2B_CREATION_DATA *data;
	TPMT_TK_CREATION *ticket;
	TPM2B_PUBLIC *pub;
	TPM2B_DIGEST *hash;
	ESYS_TR handle;

	OK(Esys_CreatePrimary(E, hierarchy, PW, NONE, NONE, &no_sensitive,
			      template, &no_data, &no_pcrs, &handle, &pub,
			      &data, &hash, &ticket));
	FREE(pub);
	FREE(data);
	FREE(hash);
	FREE(ticket);
	return handle;
}

ESYS_TR primary(const TPM2B_PUBLIC *template)
{
	return primary_in(OWNER, template);
}

ESYS_TR child(ESYS_TR parent, const TPM2B_PUBLIC *template, const char *auth,
	      const char *data)
{
	TPM2B_SENSITIVE_CREATE sens = {};
	TPM2B_CREATION_DATA *cdata;
	TPMT_TK_CREATION *ticket;
	TPM2B_PRIVATE *priv;
	TPM2B_PUBLIC *pub;
	TPM2B_DIGEST *hash;
	ESYS_TR handle;

	if (auth) {
		sens.sensitive.userAuth.size = strlen(auth);
		memcpy(sens.sensitive.userAuth.buffer, auth, strlen(auth));
	}
	if (data) {
		sens.sensitive.data.size = strlen(data);
		memcpy(sens.sensitive.data.buffer, data, strlen(data));
	}
	OK(Esys_Create(E, parent, PW, NONE, NONE, &sens, template, &no_data,
		       &no_pcrs, &priv, &pub, &cdata, &hash, &ticket));
	OK(Esys_Load(E, parent, PW, NONE, NONE, priv, pub, &handle));
	if (auth)
		set_auth(handle, auth);
	FREE(priv);
	FREE(pub);
	FREE(cdata);
	FREE(hash);
	FREE(ticket);
	return handle;
}

void flush(ESYS_TR handle)
{
	OK(Esys_FlushContext(E, handle));
}

ESYS_TR hmac_session(void)
{
	ESYS_TR s;

	OK(Esys_StartAuthSession(E, NONE, NONE, NONE, NONE, NONE, NULL,
				 TPM2_SE_HMAC, &no_sym, TPM2_ALG_SHA256, &s));
	OK(Esys_TRSess_SetAttributes(E, s, TPMA_SESSION_CONTINUESESSION, 0xff));
	return s;
}

ESYS_TR policy_session(TPM2_SE type)
{
	ESYS_TR s;

	OK(Esys_StartAuthSession(E, NONE, NONE, NONE, NONE, NONE, NULL, type,
				 &no_sym, TPM2_ALG_SHA256, &s));
	OK(Esys_TRSess_SetAttributes(E, s, TPMA_SESSION_CONTINUESESSION, 0xff));
	return s;
}

TPM2B_PUBLIC *read_public(ESYS_TR handle)
{
	TPM2B_PUBLIC *pub;
	TPM2B_NAME *name, *qname;

	OK(Esys_ReadPublic(E, handle, NONE, NONE, NONE, &pub, &name, &qname));
	FREE(name);
	FREE(qname);
	return pub;
}

TPM2B_NAME *read_name(ESYS_TR handle)
{
	TPM2B_PUBLIC *pub;
	TPM2B_NAME *name, *qname;

	OK(Esys_ReadPublic(E, handle, NONE, NONE, NONE, &pub, &name, &qname));
	FREE(pub);
	FREE(qname);
	return name;
}

void set_auth(ESYS_TR handle, const char *auth)
{
	TPM2B_AUTH value = { .size = strlen(auth) };

	memcpy(value.buffer, auth, value.size);
	OK(Esys_TR_SetAuth(E, handle, &value));
}

TPM2B_DIGEST sha256_of(const void *p, size_t len)
{
	TPM2B_DIGEST d = { .size = 32 };

	CHECK(EVP_Digest(p, len, d.buffer, NULL, EVP_sha256(), NULL) == 1);
	return d;
}

TPML_PCR_SELECTION pcr_select(TPM2_ALG_ID hash, unsigned int pcr)
{
	TPML_PCR_SELECTION sel = { .count = 1 };

	sel.pcrSelections[0].hash = hash;
	sel.pcrSelections[0].sizeofSelect = 3;
	sel.pcrSelections[0].pcrSelect[pcr / 8] = 1 << pcr % 8;
	return sel;
}

TPM2B_DIGEST pcr_value(unsigned int pcr)
{
	TPML_PCR_SELECTION sel = pcr_select(TPM2_ALG_SHA256, pcr), *out;
	TPML_DIGEST *values;
	TPM2B_DIGEST value;
	uint32_t counter;

	OK(Esys_PCR_Read(E, NONE, NONE, NONE, &sel, &counter, &out, &values));
	CHECK(values->count == 1);
	value = values->digests[0];
	FREE(out);
	FREE(values);
	return value;
}

void pcr_extend(unsigned int pcr, uint8_t fill)
{
	TPML_DIGEST_VALUES digests = { .count = 1 };

	digests.digests[0].hashAlg = TPM2_ALG_SHA256;
	memset(&digests.digests[0].digest, fill, 32);
	OK(Esys_PCR_Extend(E, ESYS_TR_PCR0 + pcr, PW, NONE, NONE, &digests));
}

static EVP_PKEY *public_key(const TPMT_PUBLIC *pub)
{
	OSSL_PARAM_BLD *bld = OSSL_PARAM_BLD_new();
	EVP_PKEY_CTX *ctx;
	EVP_PKEY *key = NULL;
	OSSL_PARAM *params;
	BIGNUM *n = NULL, *e = NULL;
	uint8_t point[133];

	if (pub->type == TPM2_ALG_RSA) {
		uint32_t exponent = pub->parameters.rsaDetail.exponent;

		n = BN_bin2bn(pub->unique.rsa.buffer, pub->unique.rsa.size, NULL);
		e = BN_new();
		BN_set_word(e, exponent ? exponent : 65537);
		OSSL_PARAM_BLD_push_BN(bld, OSSL_PKEY_PARAM_RSA_N, n);
		OSSL_PARAM_BLD_push_BN(bld, OSSL_PKEY_PARAM_RSA_E, e);
		ctx = EVP_PKEY_CTX_new_from_name(NULL, "RSA", NULL);
	} else {
		const TPMS_ECC_POINT *p = &pub->unique.ecc;
		const char *curve = "P-256";
		size_t len = 32;

		if (pub->parameters.eccDetail.curveID == TPM2_ECC_NIST_P384) {
			curve = "P-384";
			len = 48;
		} else if (pub->parameters.eccDetail.curveID == TPM2_ECC_NIST_P521) {
			curve = "P-521";
			len = 66;
		}
		memset(point, 0, sizeof(point));
		point[0] = 4;
		memcpy(point + 1 + len - p->x.size, p->x.buffer, p->x.size);
		memcpy(point + 1 + 2 * len - p->y.size, p->y.buffer, p->y.size);
		OSSL_PARAM_BLD_push_utf8_string(bld, OSSL_PKEY_PARAM_GROUP_NAME,
						curve, 0);
		OSSL_PARAM_BLD_push_octet_string(bld, OSSL_PKEY_PARAM_PUB_KEY,
						 point, 1 + 2 * len);
		ctx = EVP_PKEY_CTX_new_from_name(NULL, "EC", NULL);
	}
	params = OSSL_PARAM_BLD_to_param(bld);
	EVP_PKEY_fromdata_init(ctx);
	EVP_PKEY_fromdata(ctx, &key, EVP_PKEY_PUBLIC_KEY, params);
	OSSL_PARAM_free(params);
	OSSL_PARAM_BLD_free(bld);
	EVP_PKEY_CTX_free(ctx);
	BN_free(n);
	BN_free(e);
	CHECK(key);
	return key;
}

static const EVP_MD *md_of(TPM2_ALG_ID alg)
{
	switch (alg) {
	case TPM2_ALG_SHA1:
		return EVP_sha1();
	case TPM2_ALG_SHA256:
		return EVP_sha256();
	case TPM2_ALG_SHA384:
		return EVP_sha384();
	case TPM2_ALG_SHA512:
		return EVP_sha512();
	}
	FAIL("hash algorithm 0x%x", alg);
}

/* The signature in the form that OpenSSL wants; returns its length. */
static size_t signature_bytes(const TPMT_SIGNATURE *sig, uint8_t *out)
{
	const TPMS_SIGNATURE_ECC *ec = &sig->signature.ecdsa;
	uint8_t *p = out;
	ECDSA_SIG *es;
	int len;

	if (sig->sigAlg != TPM2_ALG_ECDSA) {
		memcpy(out, sig->signature.rsassa.sig.buffer,
		       sig->signature.rsassa.sig.size);
		return sig->signature.rsassa.sig.size;
	}
	es = ECDSA_SIG_new();
	ECDSA_SIG_set0(es, BN_bin2bn(ec->signatureR.buffer, ec->signatureR.size, NULL),
		       BN_bin2bn(ec->signatureS.buffer, ec->signatureS.size, NULL));
	len = i2d_ECDSA_SIG(es, &p);
	ECDSA_SIG_free(es);
	CHECK(len > 0);
	return len;
}

bool openssl_verify(const TPM2B_PUBLIC *pub, const TPMT_SIGNATURE *sig,
		    const void *msg, size_t len)
{
	EVP_PKEY *key = public_key(&pub->publicArea);
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	EVP_PKEY_CTX *pctx;
	uint8_t bytes[600];
	size_t n = signature_bytes(sig, bytes);
	bool ok;

	CHECK(EVP_DigestVerifyInit(ctx, &pctx,
				   md_of(sig->signature.any.hashAlg), NULL,
				   key) == 1);
	if (sig->sigAlg == TPM2_ALG_RSAPSS) {
		EVP_PKEY_CTX_set_rsa_padding(pctx, RSA_PKCS1_PSS_PADDING);
		EVP_PKEY_CTX_set_rsa_pss_saltlen(pctx, RSA_PSS_SALTLEN_AUTO);
	}
	ok = EVP_DigestVerify(ctx, bytes, n, msg, len) == 1;
	EVP_MD_CTX_free(ctx);
	EVP_PKEY_free(key);
	return ok;
}

size_t raw_bytes(const uint8_t *cmd, size_t len, uint8_t *rsp, size_t size)
{
	size_t n = size;

	OK(Tss2_Tcti_Transmit(tcti, len, cmd));
	OK(Tss2_Tcti_Receive(tcti, &n, rsp, TSS2_TCTI_TIMEOUT_BLOCK));
	CHECK(n >= 10);
	CHECK(n == ((size_t)rsp[2] << 24 | rsp[3] << 16 | rsp[4] << 8 | rsp[5]));
	return n;
}

uint32_t raw(const char *hex)
{
	uint8_t cmd[4096], rsp[4096];
	size_t len = 0;
	int digits = 0;
	uint32_t rc;

	for (; *hex; hex++) {
		int v;

		if (isspace(*hex))
			continue;
		CHECK(isxdigit(*hex));
		v = isdigit(*hex) ? *hex - '0' : tolower(*hex) - 'a' + 10;
		if (digits++ % 2)
			cmd[len++] |= v;
		else
			cmd[len] = v << 4;
	}
	raw_bytes(cmd, len, rsp, sizeof(rsp));
	rc = (uint32_t)rsp[6] << 24 | rsp[7] << 16 | rsp[8] << 8 | rsp[9];
	return rc;
}
