// SPDX-License-Identifier: GPL-2.0
/* Elliptic curves: every curve, the schemes other than ECDSA, key exchange. */
#include "esys_test.h"

#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/obj_mac.h>

static const TPM2_ECC_CURVE curves[] = {
	TPM2_ECC_NIST_P192, TPM2_ECC_NIST_P224, TPM2_ECC_NIST_P256,
	TPM2_ECC_NIST_P384, TPM2_ECC_NIST_P521, TPM2_ECC_BN_P256,
	TPM2_ECC_BN_P638, TPM2_ECC_SM2_P256,
};

#define CURVES	(sizeof(curves) / sizeof(*curves))

static TPM2B_PUBLIC template(TPM2_ECC_CURVE curve, TPM2_ALG_ID scheme,
			     const TPM2B_PUBLIC *like)
{
	TPM2B_PUBLIC t = *like;
	TPMS_ECC_PARMS *p = &t.publicArea.parameters.eccDetail;

	p->curveID = curve;
	p->scheme.scheme = scheme;
	p->scheme.details.ecdsa.hashAlg = TPM2_ALG_SHA256;
	return t;
}

static ESYS_TR key_of(TPM2_ECC_CURVE curve, TPM2_ALG_ID scheme,
		      const TPM2B_PUBLIC *like)
{
	TPM2B_PUBLIC t = template(curve, scheme, like);

	return primary(&t);
}

static void sign_and_verify(ESYS_TR key, TPM2_ALG_ID scheme)
{
	TPMT_SIG_SCHEME s = {
		.scheme = scheme, .details.ecdsa.hashAlg = TPM2_ALG_SHA256,
	};
	TPM2B_DIGEST d = sha256_of("signed", 6);
	TPMT_TK_VERIFIED *ticket;
	TPMT_SIGNATURE *sig;

	OK(Esys_Sign(E, key, PW, NONE, NONE, &d, &s, &no_hashcheck, &sig));
	CHECK(sig->sigAlg == scheme);
	OK(Esys_VerifySignature(E, key, NONE, NONE, NONE, &d, sig, &ticket));
	FREE(ticket);
	d.buffer[0] ^= 1;
	FAILS(RC_P(2, TPM2_RC_SIGNATURE),
	      Esys_VerifySignature(E, key, NONE, NONE, NONE, &d, sig, &ticket));
	d.buffer[0] ^= 1;
	sig->signature.ecdsa.signatureS.buffer[3] ^= 1;
	FAILS(RC_P(2, TPM2_RC_SIGNATURE),
	      Esys_VerifySignature(E, key, NONE, NONE, NONE, &d, sig, &ticket));
	FREE(sig);
}

/* With a key that has no scheme: where there is a chip, it signs. */
TEST(ecc_curves)
{
	TPM2B_ECC_POINT *z, *q, *z2;
	unsigned int i;
	ESYS_TR key;

	for (i = 0; i < CURVES; i++) {
		key = key_of(curves[i], TPM2_ALG_NULL, &ecc_sign);
		sign_and_verify(key, TPM2_ALG_ECDSA);
		flush(key);
		key = key_of(curves[i], TPM2_ALG_NULL, &ecc_decrypt);
		OK(Esys_ECDH_KeyGen(E, key, NONE, NONE, NONE, &z, &q));
		OK(Esys_ECDH_ZGen(E, key, PW, NONE, NONE, q, &z2));
		CHECK(z->point.x.size && z->point.x.size == z2->point.x.size &&
		      !memcmp(z->point.x.buffer, z2->point.x.buffer, z->point.x.size));
		FREE(z);
		FREE(z2);
		FREE(q);
		flush(key);
	}
}

TEST(ecc_curve_list)
{
	TPMS_CAPABILITY_DATA *cap;
	TPMI_YES_NO more;
	unsigned int i;

	OK(Esys_GetCapability(E, NONE, NONE, NONE, TPM2_CAP_ECC_CURVES, 0, 100, &more,
			      &cap));
	CHECK(cap->data.eccCurves.count == CURVES);
	for (i = 0; i < CURVES; i++)
		CHECK(cap->data.eccCurves.eccCurves[i] == curves[i]);
	FREE(cap);
}

TEST(ecc_schnorr)
{
	unsigned int i;
	ESYS_TR key;

	for (i = 0; i < CURVES; i++) {
		key = key_of(curves[i], TPM2_ALG_ECSCHNORR, &ecc_sign);
		sign_and_verify(key, TPM2_ALG_ECSCHNORR);
		flush(key);
	}
	key = key_of(TPM2_ECC_NIST_P256, TPM2_ALG_NULL, &ecc_sign);
	sign_and_verify(key, TPM2_ALG_ECSCHNORR);
	flush(key);
	/* an attestation key */
	key = key_of(TPM2_ECC_NIST_P256, TPM2_ALG_ECSCHNORR, &ecc_restricted);
	flush(key);
}

TEST(ecc_sm2)
{
	unsigned int i;
	ESYS_TR key;

	for (i = 0; i < CURVES; i++) {
		key = key_of(curves[i], TPM2_ALG_SM2, &ecc_sign);
		sign_and_verify(key, TPM2_ALG_SM2);
		flush(key);
	}
}

TEST(ecc_scheme_rules)
{
	TPM2B_DIGEST d = sha256_of("signed", 6);
	TPMT_SIG_SCHEME s = {
		.scheme = TPM2_ALG_ECSCHNORR, .details.ecdsa.hashAlg = TPM2_ALG_SHA256,
	};
	TPMT_SIGNATURE *sig;
	ESYS_TR key;

	key = key_of(TPM2_ECC_NIST_P256, TPM2_ALG_SM2, &ecc_sign);
	FAILS(RC_P(2, TPM2_RC_SCHEME),
	      Esys_Sign(E, key, PW, NONE, NONE, &d, &s, &no_hashcheck, &sig));
	flush(key);
	key = primary(&rsa_sign);
	FAILS(RC_P(2, TPM2_RC_SCHEME),
	      Esys_Sign(E, key, PW, NONE, NONE, &d, &s, &no_hashcheck, &sig));
	flush(key);
}

/* --- split signatures --- */

static EC_POINT *point_of(EC_GROUP *g, const TPMS_ECC_POINT *p)
{
	BIGNUM *x = BN_bin2bn(p->x.buffer, p->x.size, NULL);
	BIGNUM *y = BN_bin2bn(p->y.buffer, p->y.size, NULL);
	EC_POINT *point = EC_POINT_new(g);

	CHECK(EC_POINT_set_affine_coordinates(g, point, x, y, NULL));
	BN_free(x);
	BN_free(y);
	return point;
}

/* [s]G = R + [H(nonce || digest)]Q on P-256? */
static bool ecdaa_verify(ESYS_TR key, const TPM2B_ECC_POINT *r,
			 const TPMT_SIGNATURE *sig, const TPM2B_DIGEST *d)
{
	EC_GROUP *g = EC_GROUP_new_by_curve_name(NID_X9_62_prime256v1);
	const TPMS_SIGNATURE_ECC *ecc = &sig->signature.ecdaa;
	BIGNUM *s = BN_bin2bn(ecc->signatureS.buffer, ecc->signatureS.size, NULL);
	EC_POINT *left = EC_POINT_new(g), *right, *commit;
	TPM2B_PUBLIC *pub = read_public(key);
	TPM2B_DIGEST digest;
	uint8_t text[128];
	BIGNUM *t;
	bool ok;

	memcpy(text, ecc->signatureR.buffer, ecc->signatureR.size);
	memcpy(text + ecc->signatureR.size, d->buffer, d->size);
	digest = sha256_of(text, ecc->signatureR.size + d->size);
	t = BN_bin2bn(digest.buffer, digest.size, NULL);
	right = point_of(g, &pub->publicArea.unique.ecc);
	commit = point_of(g, &r->point);
	CHECK(EC_POINT_mul(g, left, s, NULL, NULL, NULL));
	CHECK(EC_POINT_mul(g, right, NULL, right, t, NULL));
	CHECK(EC_POINT_add(g, right, right, commit, NULL));
	ok = !EC_POINT_cmp(g, left, right, NULL);
	EC_POINT_free(left);
	EC_POINT_free(right);
	EC_POINT_free(commit);
	BN_free(s);
	BN_free(t);
	EC_GROUP_free(g);
	FREE(pub);
	return ok;
}

static const TPM2B_ECC_POINT no_point = { .size = 4 };
static const TPM2B_SENSITIVE_DATA no_octets;
static const TPM2B_ECC_PARAMETER no_number;

static TSS2_RC ecdaa_sign(ESYS_TR key, uint16_t count, const TPM2B_DIGEST *d,
			  TPMT_SIGNATURE **sig)
{
	TPMT_SIG_SCHEME s = {
		.scheme = TPM2_ALG_ECDAA,
		.details.ecdaa = { .hashAlg = TPM2_ALG_SHA256, .count = count },
	};

	return Esys_Sign(E, key, PW, NONE, NONE, d, &s, &no_hashcheck, sig);
}

/* Keys of the owner may be in another place than those of the null hierarchy. */
static ESYS_TR ecdaa_key(ESYS_TR hierarchy)
{
	TPM2B_PUBLIC t = template(TPM2_ECC_NIST_P256, TPM2_ALG_ECDAA, &ecc_sign);

	return primary_in(hierarchy, &t);
}

static void ecdaa(ESYS_TR hierarchy)
{
	ESYS_TR key = ecdaa_key(hierarchy);
	TPM2B_DIGEST d = sha256_of("signed", 6);
	TPMT_SIG_SCHEME none = { .scheme = TPM2_ALG_NULL };
	TPM2B_ECC_POINT *k, *l, *e, *e2;
	TPMT_TK_VERIFIED *ticket;
	TPMT_SIGNATURE *sig;
	uint16_t count, other;

	OK(Esys_Commit(E, key, PW, NONE, NONE, &no_point, &no_octets, &no_number, &k, &l,
		       &e, &count));
	CHECK(!k->point.x.size && !l->point.x.size && e->point.x.size == 32);
	FREE(k);
	FREE(l);
	/* another one in between */
	OK(Esys_Commit(E, key, PW, NONE, NONE, &no_point, &no_octets, &no_number, &k, &l,
		       &e2, &other));
	FREE(k);
	FREE(l);
	FREE(e2);
	CHECK(other == (uint16_t)(count + 1));
	OK(ecdaa_sign(key, count, &d, &sig));
	CHECK(ecdaa_verify(key, e, sig, &d));
	/* only who has the issuer's key can verify: a TPM does not */
	FAILS(RC_P(2, TPM2_RC_SCHEME),
	      Esys_VerifySignature(E, key, NONE, NONE, NONE, &d, sig, &ticket));
	FREE(sig);
	FREE(e);
	/* a scalar that signs twice gives the key away */
	FAILS(TPM2_RC_VALUE, ecdaa_sign(key, count, &d, &sig));
	OK(ecdaa_sign(key, other, &d, &sig));
	FREE(sig);
	FAILS(TPM2_RC_VALUE, ecdaa_sign(key, other + 1, &d, &sig));
	FAILS(RC_P(2, TPM2_RC_SCHEME),
	      Esys_Sign(E, key, PW, NONE, NONE, &d, &none, &no_hashcheck, &sig));
	flush(key);
}

TEST(ecc_ecdaa)
{
	ecdaa(ESYS_TR_RH_OWNER);
	ecdaa(ESYS_TR_RH_NULL);
}

static uint16_t commit(ESYS_TR key)
{
	TPM2B_ECC_POINT *k, *l, *e;
	uint16_t count;

	OK(Esys_Commit(E, key, PW, NONE, NONE, &no_point, &no_octets, &no_number, &k, &l,
		       &e, &count));
	FREE(k);
	FREE(l);
	FREE(e);
	return count;
}

/* A TPM remembers some commitments, not all. */
TEST(ecc_commit_forgotten)
{
	ESYS_TR key = ecdaa_key(ESYS_TR_RH_OWNER);
	TPM2B_DIGEST d = sha256_of("signed", 6);
	uint16_t first = commit(key), last;
	TPMT_SIGNATURE *sig;
	int i;

	for (i = 0; i < 130; i++)
		last = commit(key);
	FAILS(TPM2_RC_VALUE, ecdaa_sign(key, first, &d, &sig));
	OK(ecdaa_sign(key, last, &d, &sig));
	FREE(sig);
	flush(key);
}

/* The scalar is of one key alone, and so is what the signature is good for. */
TEST(ecc_commit_other_key)
{
	ESYS_TR a = ecdaa_key(ESYS_TR_RH_OWNER), b = ecdaa_key(ESYS_TR_RH_NULL);
	TPM2B_DIGEST d = sha256_of("signed", 6);
	uint16_t count = commit(a);
	TPMT_SIGNATURE *sig;

	commit(b);
	OK(ecdaa_sign(a, count, &d, &sig));
	FREE(sig);
	FAILS(TPM2_RC_VALUE, ecdaa_sign(a, count, &d, &sig));
	FAILS(TPM2_RC_VALUE, ecdaa_sign(b, count, &d, &sig));
	flush(a);
	flush(b);
}

/* K = [d]P2 and L = [r]P2, E = [r]P1 */
static void commit_points(ESYS_TR hierarchy)
{
	ESYS_TR key = ecdaa_key(hierarchy);
	EC_GROUP *g = EC_GROUP_new_by_curve_name(NID_X9_62_prime256v1);
	EC_POINT *p = EC_POINT_new(g);
	TPM2B_SENSITIVE_DATA s2 = { .size = 1 };
	TPM2B_ECC_PARAMETER y2 = { .size = 32 };
	TPM2B_ECC_POINT *k, *l, *e, p1 = {};
	BIGNUM *x = NULL, *y = BN_new();
	TPM2B_DIGEST d;
	uint16_t count;

	/* octets whose digest is the x of a point */
	do {
		BN_free(x);
		s2.buffer[0]++;
		d = sha256_of(s2.buffer, 1);
		x = BN_bin2bn(d.buffer, 32, NULL);
	} while (!EC_POINT_set_compressed_coordinates(g, p, x, 0, NULL));
	CHECK(EC_POINT_get_affine_coordinates(g, p, x, y, NULL));
	BN_bn2binpad(y, y2.buffer, 32);
	OK(Esys_Commit(E, key, PW, NONE, NONE, &no_point, &s2, &y2, &k, &l, &e, &count));
	CHECK(k->point.x.size == 32 && l->point.x.size == 32 && !e->point.x.size);
	FREE(k);
	FREE(l);
	FREE(e);
	memcpy(p1.point.x.buffer, d.buffer, 32);
	p1.point.x.size = 32;
	p1.point.y = y2;
	OK(Esys_Commit(E, key, PW, NONE, NONE, &p1, &s2, &y2, &k, &l, &e, &count));
	/* the same point twice: L and E are the same multiple */
	CHECK(e->point.x.size == 32 && !memcmp(e->point.x.buffer, l->point.x.buffer, 32));
	CHECK(memcmp(k->point.x.buffer, l->point.x.buffer, 32));
	FREE(k);
	FREE(l);
	FREE(e);
	y2.buffer[31] ^= 1;
	FAILS(RC_P(2, TPM2_RC_ECC_POINT),
	      Esys_Commit(E, key, PW, NONE, NONE, &no_point, &s2, &y2, &k, &l, &e, &count));
	p1.point.y = y2;
	FAILS(RC_P(1, TPM2_RC_ECC_POINT),
	      Esys_Commit(E, key, PW, NONE, NONE, &p1, &no_octets, &no_number, &k, &l,
			  &e, &count));
	FAILS(RC_P(3, TPM2_RC_SIZE),
	      Esys_Commit(E, key, PW, NONE, NONE, &no_point, &s2, &no_number, &k, &l,
			  &e, &count));
	flush(key);
	key = key_of(TPM2_ECC_NIST_P256, TPM2_ALG_NULL, &ecc_sign);
	FAILS(RC_H(1, TPM2_RC_SCHEME),
	      Esys_Commit(E, key, PW, NONE, NONE, &no_point, &no_octets, &no_number, &k,
			  &l, &e, &count));
	flush(key);
	BN_free(x);
	BN_free(y);
	EC_POINT_free(p);
	EC_GROUP_free(g);
}

TEST(ecc_commit_points)
{
	commit_points(ESYS_TR_RH_OWNER);
	commit_points(ESYS_TR_RH_NULL);
}

/* --- two-phase key exchange --- */

static TPM2B_ECC_POINT static_point(ESYS_TR key)
{
	TPM2B_PUBLIC *pub = read_public(key);
	TPM2B_ECC_POINT p = { .point = pub->publicArea.unique.ecc };

	FREE(pub);
	return p;
}

/* Both sides in one TPM, with @scheme; do they agree? */
static void exchange(TPM2_ECC_CURVE curve, TPM2_ALG_ID scheme)
{
	TPM2B_ECC_POINT *ea, *eb, *za, *zb, *za2, *zb2, sa, sb;
	ESYS_TR parent = primary(&ecc_storage), a, b;
	TPM2B_PUBLIC t = template(curve, scheme, &ecc_decrypt);
	uint16_t na, nb;

	a = child(parent, &t, NULL, NULL);
	b = child(parent, &t, NULL, NULL);
	flush(parent);
	sa = static_point(a);
	sb = static_point(b);
	OK(Esys_EC_Ephemeral(E, NONE, NONE, NONE, curve, &ea, &na));
	OK(Esys_EC_Ephemeral(E, NONE, NONE, NONE, curve, &eb, &nb));
	OK(Esys_ZGen_2Phase(E, a, PW, NONE, NONE, &sb, eb, scheme, na, &za, &za2));
	OK(Esys_ZGen_2Phase(E, b, PW, NONE, NONE, &sa, ea, scheme, nb, &zb, &zb2));
	CHECK(za->point.x.size && za->point.x.size == zb->point.x.size &&
	      !memcmp(za->point.x.buffer, zb->point.x.buffer, za->point.x.size));
	CHECK(!memcmp(za->point.y.buffer, zb->point.y.buffer, za->point.y.size));
	if (scheme == TPM2_ALG_ECDH)
		CHECK(za2->point.x.size == za->point.x.size &&
		      !memcmp(za2->point.x.buffer, zb2->point.x.buffer,
			      za2->point.x.size));
	else
		CHECK(!za2->point.x.size && !zb2->point.x.size);
	FREE(za);
	FREE(zb);
	FREE(za2);
	FREE(zb2);
	FAILS(RC_P(4, TPM2_RC_VALUE),
	      Esys_ZGen_2Phase(E, a, PW, NONE, NONE, &sb, eb, scheme, na, &za, &za2));
	FREE(ea);
	FREE(eb);
	flush(a);
	flush(b);
}

TEST(ecc_exchange_ecdh)
{
	unsigned int i;

	for (i = 0; i < CURVES; i++)
		exchange(curves[i], TPM2_ALG_ECDH);
}

TEST(ecc_exchange_sm2)
{
	exchange(TPM2_ECC_NIST_P256, TPM2_ALG_SM2);
	exchange(TPM2_ECC_SM2_P256, TPM2_ALG_SM2);
}

/* swtpm 0.7 with libtpms 0.9 goes into failure mode */
TEST(ecc_exchange_mqv)
{
	const char *name = getenv("ESYS_TEST_TCTI");
	unsigned int i;

	if (name && !strncmp(name, "swtpm", 5))
		return;
	for (i = 0; i < CURVES; i++)
		exchange(curves[i], TPM2_ALG_ECMQV);
}

TEST(ecc_exchange_rules)
{
	TPM2B_ECC_POINT *e, *z, *z2, s, bad;
	uint16_t count;
	ESYS_TR key;

	RAW(RC_P(1, TPM2_RC_CURVE), "8001 0000000c 0000018e 0006");
	OK(Esys_EC_Ephemeral(E, NONE, NONE, NONE, TPM2_ECC_NIST_P256, &e, &count));
	key = key_of(TPM2_ECC_NIST_P256, TPM2_ALG_ECDH, &ecc_decrypt);
	s = static_point(key);
	bad = s;
	bad.point.y.buffer[0] ^= 1;
	FAILS(RC_P(3, TPM2_RC_SCHEME),
	      Esys_ZGen_2Phase(E, key, PW, NONE, NONE, &s, e, TPM2_ALG_SM2, count, &z, &z2));
	FAILS(RC_P(3, TPM2_RC_SCHEME),
	      Esys_ZGen_2Phase(E, key, PW, NONE, NONE, &s, e, TPM2_ALG_ECDSA, count, &z,
			       &z2));
	FAILS(RC_P(1, TPM2_RC_ECC_POINT),
	      Esys_ZGen_2Phase(E, key, PW, NONE, NONE, &bad, e, TPM2_ALG_ECDH, count, &z,
			       &z2));
	FAILS(RC_P(2, TPM2_RC_ECC_POINT),
	      Esys_ZGen_2Phase(E, key, PW, NONE, NONE, &s, &bad, TPM2_ALG_ECDH, count, &z,
			       &z2));
	FAILS(RC_P(4, TPM2_RC_VALUE),
	      Esys_ZGen_2Phase(E, key, PW, NONE, NONE, &s, e, TPM2_ALG_ECDH, count + 1, &z,
			       &z2));
	flush(key);
	key = primary(&ecc_storage);
	FAILS(RC_H(1, TPM2_RC_ATTRIBUTES),
	      Esys_ZGen_2Phase(E, key, PW, NONE, NONE, &s, e, TPM2_ALG_ECDH, count, &z,
			       &z2));
	flush(key);
	key = primary(&rsa_decrypt);
	FAILS(RC_H(1, TPM2_RC_KEY),
	      Esys_ZGen_2Phase(E, key, PW, NONE, NONE, &s, e, TPM2_ALG_ECDH, count, &z,
			       &z2));
	flush(key);
	FREE(e);
}
