// SPDX-License-Identifier: GPL-2.0
/*
 * TPM2_CertifyX509 (Part 3, 18.8): an X.509 certificate of an object.
 *
 *	TBSCertificate (RFC 5280, 4.1)		made by
 *	  version, serialNumber			the TPM
 *	  signature (AlgorithmIdentifier)	the caller, or else the TPM
 *	  issuer, validity, subject		the caller
 *	  subjectPublicKeyInfo			the TPM
 *	  extensions				the caller
 *
 * What the caller gives is a SEQUENCE of his elements, what it gets back one of
 * the TPM's, the digest of the whole, and its signature.
 */
#include <linux/bits.h>
#include <linux/minmax.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/unaligned.h>

#include "commands.h"
#include "der.h"

#define SERIAL_SIZE	20
#define VERSION_3	2
/* A SubjectPublicKeyInfo of RSA-4096, and the longest AlgorithmIdentifier. */
#define MADE_SIZE	768

/* Elements of a TBSCertificate, in their order. */
enum {
	VERSION, SERIAL, SIGNATURE, ISSUER, VALIDITY, SUBJECT, PUBLIC_KEY,
	EXTENSIONS, ELEMENTS
};

/**
 * struct tbs - a certificate being made
 * @object: what is certified
 * @key: what it is signed with
 * @scheme: and how
 * @e: its elements: in the command, in @made or @serial
 * @made: the TPM's
 * @serial: the serial number, which depends on all others
 * @named: the caller has given the AlgorithmIdentifier
 */
struct tbs {
	const struct vtpm2_object *object;
	struct vtpm2_object *key;
	struct vtpm2_scheme scheme;
	struct vtpm2_bytes e[ELEMENTS];
	u8 made[MADE_SIZE];
	u8 serial[3 + SERIAL_SIZE];
	bool named;
};

/* --- object identifiers, as elements; lists end with an empty one --- */

struct oid {
	u16 alg;
	u8 len;
	u8 der[11];
};

/* ecPublicKey, rsaEncryption, id-RSASSA-PSS, id-mgf1 */
static const struct oid oid_ecc = {
	.len = 9, .der = { 6, 7, 0x2a, 0x86, 0x48, 0xce, 0x3d, 2, 1 },
};

static const struct oid oid_rsa = {
	.len = 11,
	.der = { 6, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 1 },
};

static const struct oid oid_pss = {
	.len = 11,
	.der = { 6, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 10 },
};

static const struct oid oid_mgf1 = {
	.len = 11,
	.der = { 6, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 8 },
};

static const struct oid oid_curves[] = {
	{ TPM2_ECC_NIST_P256, 10,
	  { 6, 8, 0x2a, 0x86, 0x48, 0xce, 0x3d, 3, 1, 7 } },
	{ TPM2_ECC_NIST_P384, 7, { 6, 5, 0x2b, 0x81, 4, 0, 34 } },
	{ TPM2_ECC_NIST_P521, 7, { 6, 5, 0x2b, 0x81, 4, 0, 35 } },
	{ }
};

static const struct oid oid_hashes[] = {
	{ TPM2_ALG_SHA1, 7, { 6, 5, 0x2b, 14, 3, 2, 26 } },
	{ TPM2_ALG_SHA256, 11,
	  { 6, 9, 0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, 1 } },
	{ TPM2_ALG_SHA384, 11,
	  { 6, 9, 0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, 2 } },
	{ TPM2_ALG_SHA512, 11,
	  { 6, 9, 0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, 3 } },
	{ }
};

/* ecdsa-with-SHA1, and so on */
static const struct oid oid_ecdsa[] = {
	{ TPM2_ALG_SHA1, 9, { 6, 7, 0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 1 } },
	{ TPM2_ALG_SHA256, 10,
	  { 6, 8, 0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, 2 } },
	{ TPM2_ALG_SHA384, 10,
	  { 6, 8, 0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, 3 } },
	{ TPM2_ALG_SHA512, 10,
	  { 6, 8, 0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, 4 } },
	{ }
};

/* sha1WithRSAEncryption, and so on */
static const struct oid oid_rsassa[] = {
	{ TPM2_ALG_SHA1, 11,
	  { 6, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 5 } },
	{ TPM2_ALG_SHA256, 11,
	  { 6, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 11 } },
	{ TPM2_ALG_SHA384, 11,
	  { 6, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 12 } },
	{ TPM2_ALG_SHA512, 11,
	  { 6, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 13 } },
	{ }
};

/* id-ce-keyUsage; tcg-tpmaObject, 2.23.133.10.1.1.1 */
static const struct oid oid_key_usage = {
	.len = 5, .der = { 6, 3, 0x55, 0x1d, 15 },
};

static const struct oid oid_tpma_object = {
	.len = 9, .der = { 6, 7, 0x67, 0x81, 5, 10, 1, 1, 1 },
};

static const struct oid *find_oid(const struct oid *oid, u16 alg)
{
	for (; oid->len; oid++)
		if (oid->alg == alg)
			return oid;
	return NULL;
}

static void wr_oid(struct vtpm2_wr *wr, const struct oid *oid)
{
	vtpm2_wr_bytes(wr, oid->der, oid->len);
}

/* --- what the TPM adds --- */

/* AlgorithmIdentifier { oid, NULL } */
static void wr_algorithm_null(struct vtpm2_wr *wr, const struct oid *oid)
{
	size_t at = vtpm2_der_begin(wr, DER_SEQUENCE);

	wr_oid(wr, oid);
	vtpm2_der_header(wr, DER_NULL, 0);
	vtpm2_der_end(wr, at);
}

/* RFC 4055, 3.1: what is as the defaults (SHA-1) have it is left out. */
static void wr_pss_parameters(struct vtpm2_wr *wr, u16 hash,
			      const struct oid *oid)
{
	u8 salt = vtpm2_digest_size(hash);
	size_t params, at, mgf;

	params = vtpm2_der_begin(wr, DER_SEQUENCE);
	if (hash != TPM2_ALG_SHA1) {
		at = vtpm2_der_begin(wr, DER_CONTEXT(0));
		wr_algorithm_null(wr, oid);
		vtpm2_der_end(wr, at);
		at = vtpm2_der_begin(wr, DER_CONTEXT(1));
		mgf = vtpm2_der_begin(wr, DER_SEQUENCE);
		wr_oid(wr, &oid_mgf1);
		wr_algorithm_null(wr, oid);
		vtpm2_der_end(wr, mgf);
		vtpm2_der_end(wr, at);
		at = vtpm2_der_begin(wr, DER_CONTEXT(2));
		vtpm2_der_integer(wr, &salt, sizeof(salt));
		vtpm2_der_end(wr, at);
	}
	vtpm2_der_end(wr, params);
}

static bool wr_signing_algorithm(struct vtpm2_wr *wr,
				 const struct vtpm2_scheme *scheme)
{
	const struct oid *oid = NULL;
	size_t at;

	switch (scheme->alg) {
	case TPM2_ALG_RSASSA:
		oid = find_oid(oid_rsassa, scheme->hash);
		if (oid)
			wr_algorithm_null(wr, oid);
		break;
	case TPM2_ALG_ECDSA:
		oid = find_oid(oid_ecdsa, scheme->hash);
		if (!oid)
			break;
		at = vtpm2_der_begin(wr, DER_SEQUENCE);
		wr_oid(wr, oid);
		vtpm2_der_end(wr, at);
		break;
	case TPM2_ALG_RSAPSS:
		oid = find_oid(oid_hashes, scheme->hash);
		if (!oid)
			break;
		at = vtpm2_der_begin(wr, DER_SEQUENCE);
		wr_oid(wr, &oid_pss);
		wr_pss_parameters(wr, scheme->hash, oid);
		vtpm2_der_end(wr, at);
		break;
	}
	return oid;
}

static void wr_rsa_key(struct vtpm2_wr *wr, const struct vtpm2_public *pub)
{
	size_t bits, key;
	u8 exponent[4];

	wr_algorithm_null(wr, &oid_rsa);
	bits = vtpm2_der_begin(wr, DER_BIT_STRING);
	vtpm2_wr_u8(wr, 0);
	key = vtpm2_der_begin(wr, DER_SEQUENCE);
	vtpm2_der_integer(wr, pub->x, pub->x_len);
	put_unaligned_be32(pub->exponent ? pub->exponent : 65537, exponent);
	vtpm2_der_integer(wr, exponent, sizeof(exponent));
	vtpm2_der_end(wr, key);
	vtpm2_der_end(wr, bits);
}

static void wr_ecc_coordinate(struct vtpm2_wr *wr, const u8 *p, size_t len,
			      size_t size)
{
	u8 fixed[VTPM2_MAX_ECC];

	vtpm2_fixed((struct vtpm2_bytes){ p, len }, fixed, size);
	vtpm2_wr_bytes(wr, fixed, size);
}

static void wr_ecc_key(struct vtpm2_wr *wr, const struct vtpm2_public *pub,
		       const struct oid *curve)
{
	size_t at, size = vtpm2_ecc_size(pub->curve);

	at = vtpm2_der_begin(wr, DER_SEQUENCE);
	wr_oid(wr, &oid_ecc);
	wr_oid(wr, curve);
	vtpm2_der_end(wr, at);
	at = vtpm2_der_begin(wr, DER_BIT_STRING);
	vtpm2_wr_u8(wr, 0);
	vtpm2_wr_u8(wr, 4);	/* an uncompressed point */
	wr_ecc_coordinate(wr, pub->x, pub->x_len, size);
	wr_ecc_coordinate(wr, pub->y, pub->y_len, size);
	vtpm2_der_end(wr, at);
}

static bool public_key_known(const struct vtpm2_public *pub)
{
	return pub->type == TPM2_ALG_RSA ||
	       (pub->type == TPM2_ALG_ECC && find_oid(oid_curves, pub->curve));
}

/* SubjectPublicKeyInfo */
static void wr_public_key(struct vtpm2_wr *wr, const struct vtpm2_public *pub)
{
	size_t at = vtpm2_der_begin(wr, DER_SEQUENCE);

	if (pub->type == TPM2_ALG_RSA)
		wr_rsa_key(wr, pub);
	else
		wr_ecc_key(wr, pub, find_oid(oid_curves, pub->curve));
	vtpm2_der_end(wr, at);
}

/* --- what the caller gives --- */

static bool take_sequence(struct tbs *tbs, unsigned int *n,
			  struct vtpm2_bytes all)
{
	if (*n > SUBJECT - SIGNATURE)
		return false;
	tbs->e[SIGNATURE + (*n)++] = all;
	return true;
}

static u32 parse_elements(struct tbs *tbs, struct vtpm2_rd *rd)
{
	struct vtpm2_der e;
	unsigned int n = 0;

	while (rd->left && vtpm2_der_next(rd, &e)) {
		if (e.tag == DER_SEQUENCE) {
			if (!take_sequence(tbs, &n, e.all))
				return TPM2_RC_VALUE;
		} else if (e.tag == DER_CONTEXT(3) && !tbs->e[EXTENSIONS].p) {
			tbs->e[EXTENSIONS] = e.all;
		} else {
			return TPM2_RC_VALUE;
		}
	}
	if (rd->err || !tbs->e[EXTENSIONS].p || n < 3)
		return TPM2_RC_VALUE;
	tbs->named = n == SUBJECT - SIGNATURE + 1;
	if (!tbs->named) {
		/* no AlgorithmIdentifier: each is one place further */
		memmove(&tbs->e[ISSUER], &tbs->e[SIGNATURE],
			n * sizeof(tbs->e[0]));
		tbs->e[SIGNATURE] = (struct vtpm2_bytes){ NULL, 0 };
	}
	return 0;
}

static u32 parse_partial(struct tbs *tbs, struct vtpm2_bytes partial)
{
	struct vtpm2_der e;
	struct vtpm2_rd rd;

	if (!partial.len)
		return TPM2_RC_VALUE;
	vtpm2_rd_init(&rd, partial.p, partial.len);
	if (!vtpm2_der_next(&rd, &e) || e.tag != DER_SEQUENCE || rd.left)
		return TPM2_RC_SIZE;
	vtpm2_rd_init(&rd, e.value.p, e.value.len);
	return parse_elements(tbs, &rd);
}

/* --- extensions --- */

/* RFC 5280, 4.2.1.3, the first bit in bit 31 */
#define KU_DIGITAL_SIGNATURE	BIT(31)
#define KU_NON_REPUDIATION	BIT(30)
#define KU_KEY_ENCIPHERMENT	BIT(29)
#define KU_DATA_ENCIPHERMENT	BIT(28)
#define KU_KEY_AGREEMENT	BIT(27)
#define KU_KEY_CERT_SIGN	BIT(26)
#define KU_CRL_SIGN		BIT(25)
#define KU_ENCIPHER_ONLY	BIT(24)
#define KU_DECIPHER_ONLY	BIT(23)

#define KU_SIGN		(KU_DIGITAL_SIGNATURE | KU_KEY_CERT_SIGN | KU_CRL_SIGN)
#define KU_DECRYPT	(KU_KEY_ENCIPHERMENT | KU_DATA_ENCIPHERMENT | \
			 KU_KEY_AGREEMENT | KU_ENCIPHER_ONLY | KU_DECIPHER_ONLY)

/* Part 3, 18.8.1: no use may be promised that the TPM would not allow. */
static bool usage_ok(u32 usage, u32 attrs)
{
	if ((usage & KU_SIGN) && !(attrs & TPM2_OA_SIGN_ENCRYPT))
		return false;
	if ((usage & KU_DECRYPT) && !(attrs & TPM2_OA_DECRYPT))
		return false;
	if ((usage & KU_NON_REPUDIATION) && !(attrs & TPM2_OA_FIXED_TPM))
		return false;
	return !(usage & KU_KEY_AGREEMENT) || (attrs & TPM2_OA_RESTRICTED);
}

static bool is_extension(struct vtpm2_bytes ext, const struct oid *oid)
{
	return ext.len >= oid->len && !memcmp(ext.p, oid->der, oid->len);
}

/* SEQUENCE { oid, [critical,] OCTET STRING { BIT STRING } } */
static bool extension_bits(struct vtpm2_bytes ext, u32 *bits)
{
	struct vtpm2_der e;
	struct vtpm2_rd rd;

	vtpm2_rd_init(&rd, ext.p, ext.len);
	do {
		if (!vtpm2_der_next(&rd, &e))
			return false;
	} while (e.tag != DER_OCTET_STRING);
	vtpm2_rd_init(&rd, e.value.p, e.value.len);
	return vtpm2_der_next(&rd, &e) && vtpm2_der_bits(&e, bits);
}

/* [3] { SEQUENCE { extensions } }, which are left in @rd */
static bool open_extensions(struct vtpm2_bytes all, struct vtpm2_rd *rd)
{
	struct vtpm2_der e;

	vtpm2_rd_init(rd, all.p, all.len);
	if (!vtpm2_der_next(rd, &e))
		return false;
	vtpm2_rd_init(rd, e.value.p, e.value.len);
	if (!vtpm2_der_next(rd, &e) || e.tag != DER_SEQUENCE || rd->left)
		return false;
	vtpm2_rd_init(rd, e.value.p, e.value.len);
	return true;
}

/* keyUsage has to be there; of one kind the first counts. */
static u32 check_extensions(const struct tbs *tbs)
{
	u32 attrs = tbs->object->pub.attrs, bits;
	bool usage = false, tpma = false;
	struct vtpm2_der e;
	struct vtpm2_rd rd;

	if (!open_extensions(tbs->e[EXTENSIONS], &rd))
		return TPM2_RC_VALUE;
	while (rd.left) {
		if (!vtpm2_der_next(&rd, &e) || e.tag != DER_SEQUENCE)
			return TPM2_RC_VALUE;
		if (!usage && is_extension(e.value, &oid_key_usage)) {
			if (!extension_bits(e.value, &bits) ||
			    !usage_ok(bits, attrs))
				return TPM2_RC_VALUE;
			usage = true;
		}
		if (!tpma && is_extension(e.value, &oid_tpma_object)) {
			if (!extension_bits(e.value, &bits))
				return TPM2_RC_VALUE;
			if (bits != attrs)
				return TPM2_RC_ATTRIBUTES;
			tpma = true;
		}
	}
	return usage ? 0 : TPM2_RC_VALUE;
}

/* --- the command --- */

static u32 check(struct tbs *tbs, struct vtpm2_bytes partial)
{
	u32 rc;

	if (!(tbs->key->pub.attrs & TPM2_OA_SIGN_ENCRYPT) ||
	    tbs->key->pub.type == TPM2_ALG_SYMCIPHER)
		return vtpm2_rc_h(TPM2_RC_KEY, 2);
	rc = vtpm2_sign_select(tbs->key, &tbs->scheme);
	if (rc)
		return vtpm2_rc_p(rc, 2);
	if (!public_key_known(&tbs->object->pub))
		return vtpm2_rc_h(TPM2_RC_ASYMMETRIC, 1);
	rc = parse_partial(tbs, partial);
	return rc ? vtpm2_rc_p(rc, 3) : 0;
}

/* The elements that the TPM makes, but for the serial number. */
static u32 make(struct tbs *tbs)
{
	static const u8 version[] = {
		DER_CONTEXT(0), 3, DER_INTEGER, 1, VERSION_3,
	};
	struct vtpm2_wr wr;
	size_t start;

	tbs->e[VERSION] = (struct vtpm2_bytes){ version, sizeof(version) };
	vtpm2_wr_init(&wr, tbs->made, sizeof(tbs->made));
	if (!tbs->named) {
		if (!wr_signing_algorithm(&wr, &tbs->scheme))
			return vtpm2_rc_h(TPM2_RC_SCHEME, 2);
		tbs->e[SIGNATURE] = (struct vtpm2_bytes){ wr.p, wr.len };
	}
	start = wr.len;
	wr_public_key(&wr, &tbs->object->pub);
	tbs->e[PUBLIC_KEY] = (struct vtpm2_bytes){
		wr.p + start, wr.len - start,
	};
	return wr.overflow ? TPM2_RC_FAILURE : 0;
}

static void update(struct vtpm2_hash *h, struct vtpm2_bytes b)
{
	vtpm2_hash_update(h, b.p, b.len);
}

/* A digest of the rest: no two certificates have the same by accident. */
static u32 make_serial(struct tbs *tbs)
{
	const struct vtpm2_public *pub = &tbs->key->pub;
	u8 digest[VTPM2_MAX_DIGEST];
	struct vtpm2_hash h;
	struct vtpm2_wr wr;
	unsigned int i;
	u16 alg;

	/* a key that was loaded from outside may have no Name */
	alg = pub->name_alg == TPM2_ALG_NULL ? tbs->scheme.hash : pub->name_alg;
	vtpm2_hash_init(&h, alg);
	for (i = SIGNATURE; i < ELEMENTS; i++)
		update(&h, tbs->e[i]);
	vtpm2_hash_update(&h, tbs->key->name.buf, tbs->key->name.len);
	vtpm2_hash_update(&h, tbs->object->name.buf, tbs->object->name.len);
	vtpm2_hash_final(&h, digest);

	vtpm2_wr_init(&wr, tbs->serial, sizeof(tbs->serial));
	vtpm2_der_integer(&wr, digest,
			  min_t(size_t, vtpm2_digest_size(alg), SERIAL_SIZE));
	tbs->e[SERIAL] = (struct vtpm2_bytes){ wr.p, wr.len };
	return wr.overflow ? TPM2_RC_FAILURE : 0;
}

static void wr_element(struct vtpm2_wr *wr, struct vtpm2_bytes e)
{
	vtpm2_wr_bytes(wr, e.p, e.len);
}

static void wr_added(const struct tbs *tbs, struct vtpm2_wr *wr)
{
	size_t at = vtpm2_wr_begin(wr), seq;

	seq = vtpm2_der_begin(wr, DER_SEQUENCE);
	wr_element(wr, tbs->e[VERSION]);
	wr_element(wr, tbs->e[SERIAL]);
	if (!tbs->named)
		wr_element(wr, tbs->e[SIGNATURE]);
	wr_element(wr, tbs->e[PUBLIC_KEY]);
	vtpm2_der_end(wr, seq);
	vtpm2_wr_end(wr, at);
}

/* The digest of a TBSCertificate that is nowhere in one piece. */
static void tbs_digest(const struct tbs *tbs, struct vtpm2_digest *out)
{
	u8 header[4];
	size_t len = 0;
	struct vtpm2_hash h;
	struct vtpm2_wr wr;
	unsigned int i;

	for (i = 0; i < ELEMENTS; i++)
		len += tbs->e[i].len;
	vtpm2_wr_init(&wr, header, sizeof(header));
	vtpm2_der_header(&wr, DER_SEQUENCE, len);
	vtpm2_hash_init(&h, tbs->scheme.hash);
	vtpm2_hash_update(&h, header, wr.len);
	for (i = 0; i < ELEMENTS; i++)
		update(&h, tbs->e[i]);
	vtpm2_hash_final(&h, out->buf);
	out->len = vtpm2_digest_size(tbs->scheme.hash);
}

static u32 certify(struct vtpm2 *t, struct tbs *tbs, struct vtpm2_bytes partial,
		   struct vtpm2_wr *out)
{
	struct vtpm2_signature *sig;
	struct vtpm2_digest digest;
	u32 rc;

	rc = check(tbs, partial);
	if (!rc)
		rc = make(tbs);
	if (rc)
		return rc;
	rc = check_extensions(tbs);
	if (rc == TPM2_RC_ATTRIBUTES)
		return vtpm2_rc_h(rc, 1);
	if (rc)
		return vtpm2_rc_p(rc, 3);
	rc = make_serial(tbs);
	if (rc)
		return rc;

	tbs_digest(tbs, &digest);
	wr_added(tbs, out);
	vtpm2_wr_digest(out, &digest);
	sig = kmalloc(sizeof(*sig), GFP_KERNEL_ACCOUNT);
	if (!sig)
		return TPM2_RC_MEMORY;
	rc = vtpm2_sign(t, tbs->key, &tbs->scheme, digest.buf, digest.len, sig);
	if (!rc)
		vtpm2_wr_signature(out, sig);
	kfree(sig);
	return rc;
}

VTPM2_CC(certify_x509)
{
	struct vtpm2_bytes reserved, partial;
	struct vtpm2_scheme scheme;
	struct tbs *tbs;
	u32 rc;

	reserved = vtpm2_rd_2b(vtpm2_param(c), VTPM2_MAX_DATA);
	vtpm2_rd_sig_scheme(vtpm2_param(c), &scheme, true);
	partial = vtpm2_rd_2b(vtpm2_param(c), VTPM2_MAX_BUFFER);
	rc = vtpm2_done(c);
	if (rc)
		return rc;
	if (reserved.len)
		return vtpm2_rc_p(TPM2_RC_SIZE, 1);
	tbs = kzalloc(sizeof(*tbs), GFP_KERNEL_ACCOUNT);
	if (!tbs)
		return TPM2_RC_MEMORY;
	tbs->object = c->obj[0];
	tbs->key = c->obj[1];
	tbs->scheme = scheme;
	rc = certify(t, tbs, partial, &c->out);
	kfree(tbs);
	return rc;
}
