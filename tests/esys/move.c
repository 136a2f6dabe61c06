// SPDX-License-Identifier: GPL-2.0
/* Helpers for objects that move from one parent to another. */
#include "esys_test.h"

const TPMT_SYM_DEF_OBJECT null_sym = { .algorithm = TPM2_ALG_NULL };
const TPMT_SYM_DEF_OBJECT aes128 = {
	.algorithm = TPM2_ALG_AES, .keyBits.aes = 128, .mode.aes = TPM2_ALG_CFB,
};
const TPMT_SYM_DEF_OBJECT aes256 = {
	.algorithm = TPM2_ALG_AES, .keyBits.aes = 256, .mode.aes = TPM2_ALG_CFB,
};
const TPM2B_DATA no_key;

/* The policy that a command code alone satisfies. */
static TPM2B_DIGEST code_policy(TPM2_CC cc)
{
	ESYS_TR s = policy_session(TPM2_SE_TRIAL);
	TPM2B_DIGEST *digest, policy;

	OK(Esys_PolicyCommandCode(E, s, NONE, NONE, NONE, cc));
	OK(Esys_PolicyGetDigest(E, s, NONE, NONE, NONE, &digest));
	policy = *digest;
	FREE(digest);
	flush(s);
	return policy;
}

TPM2B_PUBLIC movable(const TPM2B_PUBLIC *base)
{
	TPM2B_PUBLIC t = *base;

	t.publicArea.objectAttributes &=
		~(TPMA_OBJECT_FIXEDTPM | TPMA_OBJECT_FIXEDPARENT);
	t.publicArea.authPolicy = code_policy(TPM2_CC_Duplicate);
	return t;
}

TSS2_RC duplicate_by(ESYS_TR session, ESYS_TR obj, ESYS_TR parent,
		     const TPM2B_DATA *key, const TPMT_SYM_DEF_OBJECT *sym,
		     struct duplicate *out)
{
	TPM2B_ENCRYPTED_SECRET *secret = NULL;
	TPM2B_PRIVATE *priv = NULL;
	TPM2B_DATA *made = NULL;
	TSS2_RC rc;

	rc = Esys_Duplicate(E, obj, parent, session, NONE, NONE, key, sym,
			    &made, &priv, &secret);
	if (!rc && out) {
		TPM2B_PUBLIC *pub = read_public(obj);

		out->pub = *pub;
		out->priv = *priv;
		out->secret = *secret;
		out->key = made->size ? *made : *key;
		FREE(pub);
	}
	FREE(made);
	FREE(priv);
	FREE(secret);
	return rc;
}

TSS2_RC duplicate(ESYS_TR obj, ESYS_TR parent, const TPM2B_DATA *key,
		  const TPMT_SYM_DEF_OBJECT *sym, struct duplicate *out)
{
	ESYS_TR s = policy_session(TPM2_SE_POLICY);
	TSS2_RC rc;

	OK(Esys_PolicyCommandCode(E, s, NONE, NONE, NONE, TPM2_CC_Duplicate));
	rc = duplicate_by(s, obj, parent, key, sym, out);
	flush(s);
	return rc;
}

TSS2_RC import(ESYS_TR parent, const struct duplicate *d,
	       const TPMT_SYM_DEF_OBJECT *sym, ESYS_TR *handle)
{
	TPM2B_PRIVATE *priv = NULL;
	TSS2_RC rc;

	rc = Esys_Import(E, parent, PW, NONE, NONE, &d->key, &d->pub, &d->priv,
			 &d->secret, sym, &priv);
	if (!rc && handle)
		rc = Esys_Load(E, parent, PW, NONE, NONE, priv, &d->pub, handle);
	FREE(priv);
	return rc;
}

ESYS_TR imported(ESYS_TR parent, const struct duplicate *d,
		 const TPMT_SYM_DEF_OBJECT *sym)
{
	ESYS_TR handle;

	OK(import(parent, d, sym, &handle));
	return handle;
}

void check_signs(ESYS_TR key)
{
	TPMT_SIG_SCHEME scheme = { .scheme = TPM2_ALG_ECDSA,
				   .details.ecdsa.hashAlg = TPM2_ALG_SHA256 };
	TPM2B_DIGEST digest = sha256_of("msg", 3);
	TPM2B_PUBLIC *pub = read_public(key);
	TPMT_SIGNATURE *sig;

	if (pub->publicArea.type == TPM2_ALG_RSA)
		scheme.scheme = TPM2_ALG_RSASSA;
	OK(Esys_Sign(E, key, PW, NONE, NONE, &digest, &scheme, &no_hashcheck, &sig));
	CHECK(openssl_verify(pub, sig, "msg", 3));
	FREE(sig);
	FREE(pub);
}
