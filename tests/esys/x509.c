// SPDX-License-Identifier: GPL-2.0
/*
 * TPM2_CertifyX509: what the caller and the TPM give makes a certificate that
 * OpenSSL accepts.
 */
#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include "esys_test.h"

#define KU_SIGNATURE	0x80000000
#define KU_AGREEMENT	0x08000000
#define KU_CERT_SIGN	0x04000000

/* DER being written */
struct der {
	size_t len;
	uint8_t p[2048];
};

static void add(struct der *d, const void *p, size_t len)
{
	CHECK(d->len + len <= sizeof(d->p));
	memcpy(d->p + d->len, p, len);
	d->len += len;
}

static void add_tlv(struct der *d, uint8_t tag, const void *p, size_t len)
{
	uint8_t head[4] = { tag, len };
	size_t n = 2;

	if (len >= 0x100) {
		head[1] = 0x82;
		head[2] = len >> 8;
		head[3] = len;
		n = 4;
	} else if (len >= 0x80) {
		head[1] = 0x81;
		head[2] = len;
		n = 3;
	}
	add(d, head, n);
	add(d, p, len);
}

static void add_der(struct der *d, uint8_t tag, const struct der *in)
{
	add_tlv(d, tag, in->p, in->len);
}

/* The first @n bytes of @bits, @unused of the last one's bits are no part */
static void add_bits(struct der *d, uint32_t bits, size_t n, uint8_t unused)
{
	uint8_t v[5] = { unused, bits >> 24, bits >> 16, bits >> 8, bits };

	add_tlv(d, 0x03, v, 1 + n);
}

static void add_extension(struct der *exts, const char *oid, size_t oid_len,
			  const struct der *value)
{
	struct der e = {};

	add_tlv(&e, 0x06, oid, oid_len);
	add_tlv(&e, 0x01, "\xff", 1);
	add_der(&e, 0x04, value);
	add_der(exts, 0x30, &e);
}

static void add_usage(struct der *exts, uint32_t usage)
{
	struct der bits = {};

	add_bits(&bits, usage, 2, 7);
	add_extension(exts, "\x55\x1d\x0f", 3, &bits);
}

static void add_attributes(struct der *exts, uint32_t attrs)
{
	struct der bits = {};

	add_bits(&bits, attrs, 4, 0);
	add_extension(exts, "\x67\x81\x05\x0a\x01\x01\x01", 7, &bits);
}

static void add_ca(struct der *exts)
{
	struct der value = {};

	add_tlv(&value, 0x30, "\x01\x01\xff", 3);
	add_extension(exts, "\x55\x1d\x13", 3, &value);
}

/* issuer, validity, subject: CN=vtpm twice, 2020 to 2049 */
static const char names[] =
	"\x30\x0f\x31\x0d\x30\x0b\x06\x03\x55\x04\x03\x0c\x04vtpm"
	"\x30\x1e\x17\x0d" "200101000000Z" "\x17\x0d" "490101000000Z"
	"\x30\x0f\x31\x0d\x30\x0b\x06\x03\x55\x04\x03\x0c\x04vtpm";

/* @alg: an AlgorithmIdentifier, or NULL */
static TPM2B_MAX_BUFFER partial_of(const struct der *exts, const struct der *alg)
{
	struct der seq = {}, all = {}, in = {};
	TPM2B_MAX_BUFFER out;

	if (alg)
		add(&in, alg->p, alg->len);
	add(&in, names, sizeof(names) - 1);
	add_der(&seq, 0x30, exts);
	add_der(&in, 0xa3, &seq);
	add_der(&all, 0x30, &in);
	CHECK(all.len <= sizeof(out.buffer));
	out.size = all.len;
	memcpy(out.buffer, all.p, all.len);
	return out;
}

static TPM2B_MAX_BUFFER partial_usage(uint32_t usage)
{
	struct der exts = {};

	add_usage(&exts, usage);
	return partial_of(&exts, NULL);
}

/* The contents of the SEQUENCE at @p. */
static const uint8_t *contents(const uint8_t *p, size_t size, size_t *len)
{
	long n;
	int tag, class;

	CHECK(!(ASN1_get_object(&p, &n, &tag, &class, size) & 0x80));
	*len = n;
	return p;
}

/* The element at *@p, which moves on. */
static void take(struct der *d, const uint8_t **p, size_t *left)
{
	const uint8_t *start = *p, *q = *p;
	long n;
	int tag, class;

	CHECK(!(ASN1_get_object(&q, &n, &tag, &class, *left) & 0x80));
	q += n;
	add(d, start, q - start);
	*left -= q - start;
	*p = q;
}

static void add_signature(struct der *d, const TPMT_SIGNATURE *sig)
{
	const TPMS_SIGNATURE_ECC *ec = &sig->signature.ecdsa;
	uint8_t bits[600] = { 0 }, *p = bits + 1;
	ECDSA_SIG *es;
	int n;

	if (sig->sigAlg == TPM2_ALG_ECDSA) {
		es = ECDSA_SIG_new();
		ECDSA_SIG_set0(es, BN_bin2bn(ec->signatureR.buffer, ec->signatureR.size, NULL),
			       BN_bin2bn(ec->signatureS.buffer, ec->signatureS.size, NULL));
		n = i2d_ECDSA_SIG(es, &p);
		ECDSA_SIG_free(es);
	} else {
		n = sig->signature.rsassa.sig.size;
		memcpy(p, sig->signature.rsassa.sig.buffer, n);
	}
	CHECK(n > 0);
	add_tlv(d, 0x03, bits, 1 + n);
}

/* Certificate = SEQUENCE { TBSCertificate, AlgorithmIdentifier, signature } */
static X509 *assemble(const TPM2B_MAX_BUFFER *partial, bool named,
		      const TPM2B_MAX_BUFFER *added, const TPM2B_DIGEST *digest,
		      const TPMT_SIGNATURE *sig, const EVP_MD *md)
{
	struct der in = {}, tbs = {}, alg = {}, cert = {}, all = {};
	size_t a_left, p_left;
	const uint8_t *a = contents(added->buffer, added->size, &a_left);
	const uint8_t *p = contents(partial->buffer, partial->size, &p_left);
	uint8_t hash[64];
	X509 *x;

	take(&in, &a, &a_left);		/* version */
	take(&in, &a, &a_left);		/* serialNumber */
	if (named)
		take(&alg, &p, &p_left);
	else
		take(&alg, &a, &a_left);
	add(&in, alg.p, alg.len);
	take(&in, &p, &p_left);		/* issuer, validity, subject */
	take(&in, &p, &p_left);
	take(&in, &p, &p_left);
	take(&in, &a, &a_left);		/* subjectPublicKeyInfo */
	take(&in, &p, &p_left);		/* extensions */
	CHECK(!a_left && !p_left);
	add_der(&tbs, 0x30, &in);

	CHECK(EVP_Digest(tbs.p, tbs.len, hash, NULL, md, NULL) == 1);
	CHECK(digest->size == EVP_MD_size(md));
	CHECK(!memcmp(hash, digest->buffer, digest->size));
	add(&cert, tbs.p, tbs.len);
	add(&cert, alg.p, alg.len);
	add_signature(&cert, sig);
	add_der(&all, 0x30, &cert);
	p = all.p;
	x = d2i_X509(NULL, &p, all.len);
	CHECK(x);
	return x;
}

/* @issuer certifies @subject: the certificate is its key's, signed by @issuer. */
static void certify(ESYS_TR subject, ESYS_TR issuer, TPMI_ALG_SIG_SCHEME scheme,
		    TPM2_ALG_ID hash, const EVP_MD *md)
{
	TPMT_SIG_SCHEME in = { .scheme = scheme, .details.any.hashAlg = hash };
	TPM2B_PUBLIC *pub = read_public(subject);
	TPM2B_MAX_BUFFER partial, *added;
	TPM2B_DIGEST *digest;
	TPMT_SIGNATURE *sig;
	X509 *cert, *self;
	struct der exts = {};

	add_ca(&exts);
	add_usage(&exts, KU_SIGNATURE | KU_CERT_SIGN);
	add_attributes(&exts, pub->publicArea.objectAttributes);
	partial = partial_of(&exts, NULL);
	OK(Esys_CertifyX509(E, subject, issuer, PW, PW, NONE, &no_data, &in,
			    &partial, &added, &digest, &sig));
	cert = assemble(&partial, false, added, digest, sig, md);
	CHECK(X509_get_version(cert) == X509_VERSION_3);
	CHECK(ASN1_STRING_length(X509_get_serialNumber(cert)) <= 20);
	FREE(added);
	FREE(digest);
	FREE(sig);

	/* the issuer's own, by itself: its key verifies both */
	OK(Esys_CertifyX509(E, issuer, issuer, PW, PW, NONE, &no_data, &in,
			    &partial, &added, &digest, &sig));
	self = assemble(&partial, false, added, digest, sig, md);
	CHECK(X509_verify(self, X509_get0_pubkey(self)) == 1);
	CHECK(X509_verify(cert, X509_get0_pubkey(self)) == 1);
	CHECK(ASN1_INTEGER_cmp(X509_get_serialNumber(cert),
			       X509_get_serialNumber(self)) || subject == issuer);
	X509_free(self);
	X509_free(cert);
	FREE(added);
	FREE(digest);
	FREE(sig);
	FREE(pub);
}

TEST(x509_ecdsa)
{
	ESYS_TR k = primary(&ecc_sign), p = primary(&ecc_storage);
	ESYS_TR other = child(p, &ecc_sign, NULL, NULL);

	certify(k, k, TPM2_ALG_ECDSA, TPM2_ALG_SHA256, EVP_sha256());
	certify(other, k, TPM2_ALG_ECDSA, TPM2_ALG_SHA1, EVP_sha1());
	certify(k, other, TPM2_ALG_ECDSA, TPM2_ALG_SHA384, EVP_sha384());
}

TEST(x509_rsa)
{
	ESYS_TR k = primary(&rsa_sign);

	certify(k, k, TPM2_ALG_RSASSA, TPM2_ALG_SHA256, EVP_sha256());
	certify(k, k, TPM2_ALG_RSASSA, TPM2_ALG_SHA384, EVP_sha384());
	certify(k, k, TPM2_ALG_RSAPSS, TPM2_ALG_SHA256, EVP_sha256());
}

/* libtpms writes parameters that OpenSSL, like everyone else, does not accept */
TEST(x509_rsapss_sha1)
{
	const char *name = getenv("ESYS_TEST_TCTI");
	ESYS_TR k;

	if (name && !strncmp(name, "swtpm", 5))
		return;
	k = primary(&rsa_sign);
	certify(k, k, TPM2_ALG_RSAPSS, TPM2_ALG_SHA1, EVP_sha1());
}

/* A restricted key may: the TPM has made what it signs. */
TEST(x509_restricted_and_mixed)
{
	ESYS_TR ecc = primary(&ecc_restricted), rsa = primary(&rsa_restricted);
	TPM2B_MAX_BUFFER partial = partial_usage(KU_SIGNATURE), *added;
	TPMT_SIG_SCHEME none = { .scheme = TPM2_ALG_NULL };
	TPM2B_DIGEST *digest;
	TPMT_SIGNATURE *sig;
	X509 *cert;

	OK(Esys_CertifyX509(E, rsa, ecc, PW, PW, NONE, &no_data, &none, &partial,
			    &added, &digest, &sig));
	cert = assemble(&partial, false, added, digest, sig, EVP_sha256());
	CHECK(EVP_PKEY_base_id(X509_get0_pubkey(cert)) == EVP_PKEY_RSA);
	CHECK(X509_get_signature_nid(cert) == NID_ecdsa_with_SHA256);
	X509_free(cert);
	FREE(added);
	FREE(digest);
	FREE(sig);
}

/* The caller may name the algorithm of the signature. */
TEST(x509_named_algorithm)
{
	static const uint8_t ecdsa[] = {
		0x30, 10, 0x06, 8, 0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, 2,
	};
	TPMT_SIG_SCHEME in = {
		.scheme = TPM2_ALG_ECDSA, .details.ecdsa.hashAlg = TPM2_ALG_SHA256,
	};
	struct der exts = {}, alg = {};
	ESYS_TR k = primary(&ecc_sign);
	TPM2B_MAX_BUFFER partial, *added;
	TPM2B_DIGEST *digest;
	TPMT_SIGNATURE *sig;
	X509 *cert;

	add(&alg, ecdsa, sizeof(ecdsa));
	add_usage(&exts, KU_SIGNATURE);
	partial = partial_of(&exts, &alg);
	OK(Esys_CertifyX509(E, k, k, PW, PW, NONE, &no_data, &in, &partial,
			    &added, &digest, &sig));
	cert = assemble(&partial, true, added, digest, sig, EVP_sha256());
	CHECK(X509_verify(cert, X509_get0_pubkey(cert)) == 1);
	X509_free(cert);
	FREE(added);
	FREE(digest);
	FREE(sig);
}

static ESYS_TR x509_key;

static TSS2_RC refused(ESYS_TR object, const TPM2B_MAX_BUFFER *partial)
{
	TPMT_SIG_SCHEME in = {
		.scheme = TPM2_ALG_ECDSA, .details.ecdsa.hashAlg = TPM2_ALG_SHA256,
	};
	TPM2B_MAX_BUFFER *added;
	TPM2B_DIGEST *digest;
	TPMT_SIGNATURE *sig;
	TSS2_RC rc;

	rc = Esys_CertifyX509(E, object, x509_key, PW, PW, NONE, &no_data, &in,
			      partial, &added, &digest, &sig);
	if (!rc) {
		FREE(added);
		FREE(digest);
		FREE(sig);
	}
	return rc;
}

/* Each use that keyUsage names must be one that the TPM allows. */
TEST(x509_key_usage)
{
	/* digitalSignature first, decipherOnly last */
	static const struct {
		bool sign, decrypt, storage;
	} allowed[9] = {
		{ 1, 0, 0 }, { 1, 1, 1 }, { 0, 1, 1 }, { 0, 1, 1 }, { 0, 0, 1 },
		{ 1, 0, 0 }, { 1, 0, 0 }, { 0, 1, 1 }, { 0, 1, 1 },
	};
	TPM2B_PUBLIC t = ecc_sign;
	ESYS_TR dec, storage;
	unsigned int i;

	x509_key = primary(&ecc_sign);
	dec = primary(&ecc_decrypt);
	storage = primary(&ecc_storage);
	for (i = 0; i < 9; i++) {
		TPM2B_MAX_BUFFER p = partial_usage(KU_SIGNATURE >> i);
		TSS2_RC no = RC_P(3, TPM2_RC_VALUE);

		FAILS(allowed[i].sign ? 0 : no, refused(x509_key, &p));
		FAILS(allowed[i].decrypt ? 0 : no, refused(dec, &p));
		FAILS(allowed[i].storage ? 0 : no, refused(storage, &p));
	}
	flush(dec);
	flush(storage);
	/* nonRepudiation is for a key that cannot be elsewhere */
	t.publicArea.objectAttributes &= ~(TPMA_OBJECT_FIXEDTPM | TPMA_OBJECT_FIXEDPARENT);
	storage = primary(&t);
	for (i = 0; i < 2; i++) {
		TPM2B_MAX_BUFFER p = partial_usage(KU_SIGNATURE >> i);

		FAILS(i ? RC_P(3, TPM2_RC_VALUE) : 0, refused(storage, &p));
	}
}

static void refuses_exts(const struct der *exts)
{
	TPM2B_MAX_BUFFER p = partial_of(exts, NULL);

	FAILS(RC_P(3, TPM2_RC_VALUE), refused(x509_key, &p));
}

TEST(x509_extensions)
{
	struct der exts = {}, bits = {};
	TPM2B_MAX_BUFFER p;

	x509_key = primary(&ecc_sign);
	/* no keyUsage */
	refuses_exts(&exts);
	add_ca(&exts);
	refuses_exts(&exts);
	/* keyUsage that is no string of bits, or an odd one */
	add_tlv(&bits, 0x04, "a", 1);
	exts.len = 0;
	add_extension(&exts, "\x55\x1d\x0f", 3, &bits);
	refuses_exts(&exts);
	bits.len = 0;
	add_tlv(&bits, 0x03, "", 0);
	exts.len = 0;
	add_extension(&exts, "\x55\x1d\x0f", 3, &bits);
	refuses_exts(&exts);
	bits.len = 0;
	add_bits(&bits, 0, 1, 8);
	exts.len = 0;
	add_extension(&exts, "\x55\x1d\x0f", 3, &bits);
	refuses_exts(&exts);
	/* something else among them */
	exts.len = 0;
	add_usage(&exts, KU_SIGNATURE);
	add_tlv(&exts, 0x04, "a", 1);
	refuses_exts(&exts);
	/* the attributes of another key */
	exts.len = 0;
	add_usage(&exts, KU_SIGNATURE);
	add_attributes(&exts, ecc_storage.publicArea.objectAttributes);
	p = partial_of(&exts, NULL);
	/* swtpm numbers the handles of this command the other way round */
	CHECK((refused(x509_key, &p) & ~0xf00u) == TPM2_RC_ATTRIBUTES);
}

/* What was a certificate's beginning once, and no longer is. */
static void refuses_partial(TSS2_RC want, TPM2B_MAX_BUFFER p)
{
	FAILS(want, refused(x509_key, &p));
}

TEST(x509_malformed)
{
	TPM2B_MAX_BUFFER good = partial_usage(KU_SIGNATURE), p;
	unsigned int i;

	x509_key = primary(&ecc_sign);
	FAILS(0, refused(x509_key, &good));
	p = (TPM2B_MAX_BUFFER){};
	refuses_partial(RC_P(3, TPM2_RC_VALUE), p);
	/* cut short, and with something behind */
	p = good;
	p.size--;
	refuses_partial(RC_P(3, TPM2_RC_SIZE), p);
	p.size += 2;
	refuses_partial(RC_P(3, TPM2_RC_SIZE), p);
	/* a SET, the indefinite form, a tag of several bytes */
	p = good;
	p.buffer[0] = 0x31;
	refuses_partial(RC_P(3, TPM2_RC_SIZE), p);
	p.buffer[0] = 0x3f;
	refuses_partial(RC_P(3, TPM2_RC_SIZE), p);
	p = good;
	p.buffer[1] = 0x80;
	refuses_partial(RC_P(3, TPM2_RC_SIZE), p);
	/* no element may reach beyond the end: each length in turn */
	for (i = 2; i < good.size; i++) {
		p = good;
		p.buffer[i] = 0xff;
		(void)refused(x509_key, &p);
	}
	/* without extensions; with an element that does not belong there */
	p = good;
	p.size = 2 + sizeof(names) - 1;
	p.buffer[1] = p.size - 2;
	refuses_partial(RC_P(3, TPM2_RC_VALUE), p);
	p = good;
	p.buffer[2] = 0x81;
	refuses_partial(RC_P(3, TPM2_RC_VALUE), p);
}

TEST(x509_errors)
{
	TPMT_SIG_SCHEME none = { .scheme = TPM2_ALG_NULL };
	TPM2B_MAX_BUFFER p = partial_usage(KU_SIGNATURE), *added;
	ESYS_TR k = primary(&ecc_sign), dec = primary(&ecc_decrypt);
	ESYS_TR mac = primary(&hmac_key);
	TPM2B_DIGEST *digest;
	TPMT_SIGNATURE *sig;
	TSS2_RC rc;

	RAW(RC_P(1, TPM2_RC_SIZE),
	    "8002 0000002f 00000197 80000000 80000000 00000012"
	    "40000009 0000 00 0000 40000009 0000 00 0000 0001 61 0010 0000");
	FAILS(RC_P(2, TPM2_RC_SCHEME),
	      Esys_CertifyX509(E, k, k, PW, PW, NONE, &no_data, &none, &p,
			       &added, &digest, &sig));
	/* swtpm numbers the handles of this command the other way round */
	rc = Esys_CertifyX509(E, k, dec, PW, PW, NONE, &no_data, &none, &p,
			      &added, &digest, &sig);
	CHECK((rc & ~0xf00u) == TPM2_RC_KEY);
	rc = Esys_CertifyX509(E, k, mac, PW, PW, NONE, &no_data, &none, &p,
			      &added, &digest, &sig);
	CHECK((rc & ~0xf00u) == TPM2_RC_SCHEME);
	x509_key = k;
	CHECK((refused(mac, &p) & ~0xf00u) == TPM2_RC_ASYMMETRIC);
}
