// SPDX-License-Identifier: GPL-2.0
/* Creation, loading, names, persistence, contexts of objects. */
#include "esys_test.h"

TEST(primary_is_deterministic)
{
	ESYS_TR a = primary(&ecc_storage), b = primary(&ecc_storage);
	TPM2B_NAME *na = read_name(a), *nb = read_name(b);

	CHECK(na->size == 34 && nb->size == 34);
	CHECK(!memcmp(na->name, nb->name, 34));
	FREE(na);
	FREE(nb);
}

TEST(primary_depends_on_unique_data)
{
	TPM2B_PUBLIC other = ecc_storage;
	TPM2B_NAME *na, *nb;

	other.publicArea.unique.ecc.x.size = 4;
	memcpy(other.publicArea.unique.ecc.x.buffer, "abcd", 4);
	na = read_name(primary(&ecc_storage));
	nb = read_name(primary(&other));
	CHECK(memcmp(na->name, nb->name, 34));
	FREE(na);
	FREE(nb);
}

TEST(primary_in_every_hierarchy)
{
	static const ESYS_TR h[] = {
		ESYS_TR_RH_OWNER, ESYS_TR_RH_ENDORSEMENT, ESYS_TR_RH_PLATFORM,
		ESYS_TR_RH_NULL,
	};
	TPM2B_NAME *names[4];
	unsigned int i, j;

	for (i = 0; i < 4; i++) {
		ESYS_TR key = primary_in(h[i], &ecc_storage);

		names[i] = read_name(key);
		flush(key);
		for (j = 0; j < i; j++)
			CHECK(memcmp(names[i]->name, names[j]->name, 34));
	}
	for (i = 0; i < 4; i++)
		FREE(names[i]);
}

TEST(primary_rsa)
{
	TPM2B_PUBLIC *pub = read_public(primary(&rsa_storage));

	CHECK(pub->publicArea.unique.rsa.size == 256);
	CHECK(pub->publicArea.unique.rsa.buffer[0] & 0x80);
	CHECK(pub->publicArea.unique.rsa.buffer[255] & 1);
	FREE(pub);
}

TEST(create_creation_data)
{
	TPM2B_DATA outside = { .size = 4, .buffer = "host" };
	TPML_PCR_SELECTION pcrs = pcr_select(TPM2_ALG_SHA256, 8);
	TPM2B_CREATION_DATA *cd;
	TPMT_TK_CREATION *ticket;
	TPM2B_PRIVATE *priv;
	TPM2B_PUBLIC *pub;
	TPM2B_DIGEST *hash, pcr, want;
	uint8_t buf[1024];
	size_t len = 0;
	TPM2B_NAME *pname;
	ESYS_TR p = primary(&ecc_storage);

	OK(Esys_Create(E, p, PW, NONE, NONE, &no_sensitive, &ecc_sign, &outside,
		       &pcrs, &priv, &pub, &cd, &hash, &ticket));
	CHECK(cd->creationData.outsideInfo.size == 4);
	CHECK(!memcmp(cd->creationData.outsideInfo.buffer, "host", 4));
	CHECK(cd->creationData.locality == TPMA_LOCALITY_TPM2_LOC_ZERO);
	CHECK(cd->creationData.parentNameAlg == TPM2_ALG_SHA256);
	pname = read_name(p);
	CHECK(cd->creationData.parentName.size == pname->size);
	CHECK(!memcmp(cd->creationData.parentName.name, pname->name, pname->size));
	pcr = pcr_value(8);
	pcr = sha256_of(pcr.buffer, pcr.size);
	CHECK(cd->creationData.pcrDigest.size == 32);
	CHECK(!memcmp(cd->creationData.pcrDigest.buffer, pcr.buffer, 32));
	OK(Tss2_MU_TPMS_CREATION_DATA_Marshal(&cd->creationData, buf, sizeof(buf), &len));
	want = sha256_of(buf, len);
	CHECK(hash->size == 32 && !memcmp(hash->buffer, want.buffer, 32));
	CHECK(ticket->hierarchy == TPM2_RH_OWNER && ticket->digest.size >= 32);
	FREE(pname);
	FREE(priv);
	FREE(pub);
	FREE(cd);
	FREE(hash);
	FREE(ticket);
}

static void create(ESYS_TR parent, const TPM2B_PUBLIC *template,
		   TPM2B_PRIVATE **priv, TPM2B_PUBLIC **pub)
{
	TPM2B_CREATION_DATA *cd;
	TPMT_TK_CREATION *ticket;
	TPM2B_DIGEST *hash;

	OK(Esys_Create(E, parent, PW, NONE, NONE, &no_sensitive, template,
		       &no_data, &no_pcrs, priv, pub, &cd, &hash, &ticket));
	FREE(cd);
	FREE(hash);
	FREE(ticket);
}

static TSS2_RC try_create(ESYS_TR parent, const TPM2B_SENSITIVE_CREATE *sens,
			  const TPM2B_PUBLIC *template)
{
	TPM2B_CREATION_DATA *cd = NULL;
	TPMT_TK_CREATION *ticket = NULL;
	TPM2B_PRIVATE *priv = NULL;
	TPM2B_PUBLIC *pub = NULL;
	TPM2B_DIGEST *hash = NULL;
	TSS2_RC rc;

	rc = Esys_Create(E, parent, PW, NONE, NONE, sens, template, &no_data,
			 &no_pcrs, &priv, &pub, &cd, &hash, &ticket);
	FREE(cd);
	FREE(hash);
	FREE(ticket);
	FREE(priv);
	FREE(pub);
	return rc;
}

TEST(create_bad_attributes)
{
	ESYS_TR p = primary(&ecc_storage);
	TPM2B_SENSITIVE_CREATE sens = { .sensitive.data.size = 4 };
	TPM2B_PUBLIC t;

	/* reserved bits */
	t = ecc_sign;
	t.publicArea.objectAttributes |= 0x00000001;
	FAILS(RC_P(2, TPM2_RC_RESERVED_BITS), try_create(p, &no_sensitive, &t));
	/* fixedTPM without fixedParent */
	t = ecc_sign;
	t.publicArea.objectAttributes &= ~TPMA_OBJECT_FIXEDPARENT;
	FAILS(RC_P(2, TPM2_RC_ATTRIBUTES), try_create(p, &no_sensitive, &t));
	/* restricted, both sign and decrypt */
	t = ecc_restricted;
	t.publicArea.objectAttributes |= TPMA_OBJECT_DECRYPT;
	FAILS(RC_P(2, TPM2_RC_ATTRIBUTES), try_create(p, &no_sensitive, &t));
	/* an asymmetric key from data that the caller gives */
	FAILS(RC_P(2, TPM2_RC_ATTRIBUTES), try_create(p, &sens, &ecc_sign));
	t = ecc_sign;
	t.publicArea.objectAttributes &= ~TPMA_OBJECT_SENSITIVEDATAORIGIN;
	FAILS(RC_P(2, TPM2_RC_ATTRIBUTES), try_create(p, &no_sensitive, &t));
	/* sealed data that the TPM would have to make up */
	t = sealed_data;
	t.publicArea.objectAttributes |= TPMA_OBJECT_SENSITIVEDATAORIGIN;
	FAILS(RC_P(2, TPM2_RC_ATTRIBUTES), try_create(p, &no_sensitive, &t));
}

TEST(create_bad_algorithms)
{
	ESYS_TR p = primary(&ecc_storage);
	TPM2B_PUBLIC t;

	t = rsa_sign;
	t.publicArea.parameters.rsaDetail.keyBits = 2047;
	FAILS(RC_P(2, TPM2_RC_VALUE), try_create(p, &no_sensitive, &t));
	t = ecc_sign;
	t.publicArea.parameters.eccDetail.curveID = 0x77;
	FAILS(RC_P(2, TPM2_RC_CURVE), try_create(p, &no_sensitive, &t));
	/* a signing key has no symmetric algorithm */
	t = ecc_sign;
	t.publicArea.parameters.eccDetail.symmetric =
		ecc_storage.publicArea.parameters.eccDetail.symmetric;
	FAILS(RC_P(2, TPM2_RC_SYMMETRIC), try_create(p, &no_sensitive, &t));
	/* a restricted signing key needs a scheme */
	t = ecc_restricted;
	t.publicArea.parameters.eccDetail.scheme.scheme = TPM2_ALG_NULL;
	FAILS(RC_P(2, TPM2_RC_SCHEME), try_create(p, &no_sensitive, &t));
}

TEST(create_needs_a_parent)
{
	ESYS_TR p = primary(&ecc_storage);
	ESYS_TR s = child(p, &ecc_sign, NULL, NULL);

	FAILS(RC_H(1, TPM2_RC_TYPE), try_create(s, &no_sensitive, &ecc_sign));
}

TEST(load_round_trip)
{
	ESYS_TR p = primary(&rsa_storage), k;
	TPM2B_PRIVATE *priv;
	TPM2B_PUBLIC *pub, *pub2;

	create(p, &ecc_sign, &priv, &pub);
	OK(Esys_Load(E, p, PW, NONE, NONE, priv, pub, &k));
	pub2 = read_public(k);
	CHECK(!memcmp(&pub->publicArea.unique, &pub2->publicArea.unique,
		      sizeof(TPMS_ECC_POINT)));
	FREE(priv);
	FREE(pub);
	FREE(pub2);
}

TEST(load_refuses_changes)
{
	ESYS_TR p = primary(&ecc_storage), k;
	TPM2B_PRIVATE *priv;
	TPM2B_PUBLIC *pub;
	unsigned int i;

	create(p, &ecc_sign, &priv, &pub);
	/* attributes are bound to the private area by the name */
	pub->publicArea.objectAttributes ^= TPMA_OBJECT_NODA;
	FAILS(RC_P(1, TPM2_RC_INTEGRITY),
	      Esys_Load(E, p, PW, NONE, NONE, priv, pub, &k));
	pub->publicArea.objectAttributes ^= TPMA_OBJECT_NODA;
	/* no byte of the private area can change */
	for (i = 0; i < priv->size; i += 13) {
		TSS2_RC rc;

		priv->buffer[i] ^= 1;
		rc = Esys_Load(E, p, PW, NONE, NONE, priv, pub, &k);
		if (rc != RC_P(1, TPM2_RC_INTEGRITY) && rc != RC_P(1, TPM2_RC_SIZE) &&
		    rc != RC_P(1, TPM2_RC_INSUFFICIENT))
			FAIL("byte %u: 0x%x", i, rc);
		priv->buffer[i] ^= 1;
	}
	OK(Esys_Load(E, p, PW, NONE, NONE, priv, pub, &k));
	FREE(priv);
	FREE(pub);
}

TEST(load_below_another_parent)
{
	TPM2B_PUBLIC other = ecc_storage;
	ESYS_TR p = primary(&ecc_storage), q, k;
	TPM2B_PRIVATE *priv;
	TPM2B_PUBLIC *pub;

	other.publicArea.unique.ecc.x.size = 1;
	q = primary(&other);
	create(p, &ecc_sign, &priv, &pub);
	FAILS(RC_P(1, TPM2_RC_INTEGRITY),
	      Esys_Load(E, q, PW, NONE, NONE, priv, pub, &k));
	FREE(priv);
	FREE(pub);
}

TEST(load_grandchild)
{
	ESYS_TR p = primary(&rsa_storage);
	ESYS_TR c = child(p, &ecc_storage, NULL, NULL);
	ESYS_TR g;
	TPM2B_PUBLIC *pub;

	flush(p);
	g = child(c, &ecc_sign, NULL, NULL);
	pub = read_public(g);
	CHECK(pub->publicArea.type == TPM2_ALG_ECC);
	FREE(pub);
}

TEST(load_below_symmetric_parent)
{
	ESYS_TR p = primary(&ecc_storage);
	ESYS_TR s = child(p, &sym_key, NULL, NULL);
	ESYS_TR g;

	flush(p);
	g = child(s, &ecc_sign, NULL, NULL);
	flush(g);
}

TEST(create_loaded_child)
{
	ESYS_TR p = primary(&ecc_storage), k;
	TPM2B_TEMPLATE template = {};
	TPM2B_PRIVATE *priv;
	TPM2B_PUBLIC *pub;
	size_t len = 0;

	OK(Tss2_MU_TPMT_PUBLIC_Marshal(&ecc_sign.publicArea, template.buffer,
				       sizeof(template.buffer), &len));
	template.size = len;
	OK(Esys_CreateLoaded(E, p, PW, NONE, NONE, &no_sensitive, &template, &k,
			     &priv, &pub));
	CHECK(priv->size);
	flush(k);
	OK(Esys_Load(E, p, PW, NONE, NONE, priv, pub, &k));
	FREE(priv);
	FREE(pub);
}

TEST(load_external_public)
{
	ESYS_TR p = primary(&ecc_sign), k;
	TPM2B_PUBLIC *pub = read_public(p);
	TPM2B_NAME *a = read_name(p), *b;

	OK(Esys_LoadExternal(E, NONE, NONE, NONE, NULL, pub, ESYS_TR_RH_OWNER, &k));
	b = read_name(k);
	CHECK(a->size == b->size && !memcmp(a->name, b->name, a->size));
	FREE(pub);
	FREE(a);
	FREE(b);
}

TEST(load_external_private)
{
	/* scalar 1: the point is the base point of P-256 */
	TPM2B_SENSITIVE sens = {
		.sensitiveArea = {
			.sensitiveType = TPM2_ALG_ECC,
			.sensitive.ecc.size = 32,
		},
	};
	TPM2B_PUBLIC pub = ecc_sign;
	TPM2B_DIGEST digest = sha256_of("x", 1);
	TPMT_SIG_SCHEME scheme = { .scheme = TPM2_ALG_ECDSA,
				   .details.ecdsa.hashAlg = TPM2_ALG_SHA256 };
	static const uint8_t gx[32] = {
		0x6b, 0x17, 0xd1, 0xf2, 0xe1, 0x2c, 0x42, 0x47,
		0xf8, 0xbc, 0xe6, 0xe5, 0x63, 0xa4, 0x40, 0xf2,
		0x77, 0x03, 0x7d, 0x81, 0x2d, 0xeb, 0x33, 0xa0,
		0xf4, 0xa1, 0x39, 0x45, 0xd8, 0x98, 0xc2, 0x96,
	};
	static const uint8_t gy[32] = {
		0x4f, 0xe3, 0x42, 0xe2, 0xfe, 0x1a, 0x7f, 0x9b,
		0x8e, 0xe7, 0xeb, 0x4a, 0x7c, 0x0f, 0x9e, 0x16,
		0x2b, 0xce, 0x33, 0x57, 0x6b, 0x31, 0x5e, 0xce,
		0xcb, 0xb6, 0x40, 0x68, 0x37, 0xbf, 0x51, 0xf5,
	};
	TPMT_SIGNATURE *sig;
	ESYS_TR k;

	sens.sensitiveArea.sensitive.ecc.buffer[31] = 1;
	pub.publicArea.objectAttributes =
		TPMA_OBJECT_USERWITHAUTH | TPMA_OBJECT_SIGN_ENCRYPT;
	pub.publicArea.unique.ecc.x.size = 32;
	pub.publicArea.unique.ecc.y.size = 32;
	memcpy(pub.publicArea.unique.ecc.x.buffer, gx, 32);
	memcpy(pub.publicArea.unique.ecc.y.buffer, gy, 32);
	OK(Esys_LoadExternal(E, NONE, NONE, NONE, &sens, &pub, ESYS_TR_RH_NULL, &k));
	OK(Esys_Sign(E, k, PW, NONE, NONE, &digest, &scheme, &no_hashcheck, &sig));
	CHECK(openssl_verify(&pub, sig, "x", 1));
	FREE(sig);
	/* with a private part only the null hierarchy will do */
	FAILS(RC_P(3, TPM2_RC_HIERARCHY),
	      Esys_LoadExternal(E, NONE, NONE, NONE, &sens, &pub,
				ESYS_TR_RH_OWNER, &k));
	/* the wrong scalar */
	sens.sensitiveArea.sensitive.ecc.buffer[31] = 2;
	FAILS(TPM2_RC_BINDING,
	      Esys_LoadExternal(E, NONE, NONE, NONE, &sens, &pub,
				ESYS_TR_RH_NULL, &k));
	/* a point that is not on the curve */
	pub.publicArea.unique.ecc.y.buffer[31] ^= 1;
	FAILS(RC_P(2, TPM2_RC_ECC_POINT),
	      Esys_LoadExternal(E, NONE, NONE, NONE, NULL, &pub,
				ESYS_TR_RH_NULL, &k));
}

/*
 * Some write a point's coordinates without their leading zeroes. With the private
 * part such a key is loaded as it is; alone its point has to have the full size.
 */
TEST(load_external_short_coordinate)
{
	/* scalar 43, whose y begins with a zero byte */
	TPM2B_SENSITIVE sens = {
		.sensitiveArea = {
			.sensitiveType = TPM2_ALG_ECC,
			.sensitive.ecc = { .size = 1, .buffer = { 43 } },
		},
	};
	static const uint8_t x[32] = {
		0x98, 0x6a, 0xe2, 0x50, 0x6f, 0x1f, 0xf1, 0x04,
		0xd0, 0x42, 0x30, 0x86, 0x1d, 0x8f, 0x4b, 0x49,
		0x8f, 0x4b, 0xc4, 0xc6, 0xd0, 0x09, 0xb3, 0x0f,
		0x75, 0x44, 0xdc, 0x12, 0x9b, 0x82, 0xd2, 0x8d,
	};
	static const uint8_t y[32] = {
		0x00, 0x3c, 0xcc, 0xc0, 0xa6, 0x46, 0x0e, 0x0a,
		0xe3, 0x28, 0xa4, 0xd9, 0x7d, 0x3c, 0x7b, 0x61,
		0xd8, 0x6f, 0xc6, 0x28, 0x9c, 0x18, 0x9f, 0x25,
		0x25, 0x11, 0x0c, 0x44, 0x1b, 0xb0, 0x7e, 0x97,
	};
	TPM2B_DIGEST digest = sha256_of("x", 1);
	TPMT_SIG_SCHEME scheme = { .scheme = TPM2_ALG_ECDSA,
				   .details.ecdsa.hashAlg = TPM2_ALG_SHA256 };
	TPM2B_PUBLIC pub = ecc_sign, full, *read;
	TPMS_ECC_POINT *point = &pub.publicArea.unique.ecc;
	TPMT_TK_VERIFIED *ticket;
	TPMT_SIGNATURE *sig;
	ESYS_TR k;

	pub.publicArea.objectAttributes =
		TPMA_OBJECT_USERWITHAUTH | TPMA_OBJECT_SIGN_ENCRYPT;
	point->x.size = 32;
	memcpy(point->x.buffer, x, 32);
	point->y.size = 32;
	memcpy(point->y.buffer, y, 32);
	full = pub;
	point->y.size = 31;
	memcpy(point->y.buffer, y + 1, 31);
	OK(Esys_LoadExternal(E, NONE, NONE, NONE, &sens, &pub, ESYS_TR_RH_NULL, &k));
	read = read_public(k);
	CHECK(read->publicArea.unique.ecc.y.size == 31);
	FREE(read);
	OK(Esys_Sign(E, k, PW, NONE, NONE, &digest, &scheme, &no_hashcheck, &sig));
	CHECK(openssl_verify(&full, sig, "x", 1));
	OK(Esys_VerifySignature(E, k, NONE, NONE, NONE, &digest, sig, &ticket));
	FREE(ticket);
	FREE(sig);
	FAILS(RC_P(2, TPM2_RC_KEY),
	      Esys_LoadExternal(E, NONE, NONE, NONE, NULL, &pub,
				ESYS_TR_RH_NULL, &k));
	/* another number */
	point->y.buffer[30] ^= 1;
	FAILS(TPM2_RC_BINDING,
	      Esys_LoadExternal(E, NONE, NONE, NONE, &sens, &pub,
				ESYS_TR_RH_NULL, &k));
}

TEST(context_save_load)
{
	ESYS_TR k = primary(&ecc_sign), r, r2;
	TPM2B_NAME *a = read_name(k), *b;
	TPMS_CONTEXT *ctx;

	OK(Esys_ContextSave(E, k, &ctx));
	flush(k);
	/* an object's context may be loaded more than once */
	OK(Esys_ContextLoad(E, ctx, &r));
	OK(Esys_ContextLoad(E, ctx, &r2));
	b = read_name(r2);
	CHECK(a->size == b->size && !memcmp(a->name, b->name, a->size));
	FREE(a);
	FREE(b);
	FREE(ctx);
}

/* ESYS wraps contexts, so this one goes by hand. */
TEST(context_load_refuses_changes)
{
	uint8_t save[] = { 0x80, 0x01, 0, 0, 0, 14, 0, 0, 0x01, 0x62, 0x80, 0, 0, 0 };
	uint8_t rsp[4096], cmd[4096], out[4096];
	ESYS_TR k = primary(&ecc_sign);
	size_t len, i;

	(void)k;
	len = raw_bytes(save, sizeof(save), rsp, sizeof(rsp));
	CHECK(len > 40 && !rsp[6] && !rsp[7] && !rsp[8] && !rsp[9]);
	memcpy(cmd, rsp, len);
	cmd[6] = 0;
	cmd[7] = 0;
	cmd[8] = 0x01;
	cmd[9] = 0x61;
	/* hierarchy, blob (its size field would be another error) */
	for (i = 40; i < len; i += 17) {
		cmd[i] ^= 0x80;
		raw_bytes(cmd, len, out, sizeof(out));
		if (out[8] != 0x01 || out[9] != (uint8_t)(TPM2_RC_INTEGRITY | TPM2_RC_P))
			FAIL("byte %zu: 0x%x%02x", i, out[8], out[9]);
		cmd[i] ^= 0x80;
	}
	/* unchanged it loads */
	raw_bytes(cmd, len, out, sizeof(out));
	CHECK(!out[8] && !out[9]);
	/* the sequence number is part of it */
	cmd[17] ^= 1;
	raw_bytes(cmd, len, out, sizeof(out));
	CHECK(out[8] == 0x01 && out[9] == (uint8_t)(TPM2_RC_INTEGRITY | TPM2_RC_P));
}

TEST(flush_context_errors)
{
	ESYS_TR k = primary(&ecc_sign);

	flush(k);
	RAW(RC_P(1, TPM2_RC_HANDLE), "8001 0000000e 00000165 80000000");
	RAW(RC_P(1, TPM2_RC_HANDLE), "8001 0000000e 00000165 02000000");
	RAW(RC_P(1, TPM2_RC_VALUE), "8001 0000000e 00000165 81000001");
}

TEST(object_slots_run_out)
{
	TPM2B_CREATION_DATA *cd;
	TPMT_TK_CREATION *ticket;
	TPM2B_PUBLIC *pub;
	TPM2B_DIGEST *hash;
	TSS2_RC rc = 0;
	ESYS_TR k;
	int i;

	for (i = 0; i < 64 && !rc; i++)
		rc = Esys_CreatePrimary(E, OWNER, PW, NONE, NONE, &no_sensitive,
					&ecc_storage, &no_data, &no_pcrs, &k,
					&pub, &cd, &hash, &ticket);
	CHECK(i > 3);
	if (rc != TPM2_RC_OBJECT_MEMORY)
		FAIL("0x%x after %d", rc, i);
}

TEST(evict_control_round_trip)
{
	ESYS_TR k = primary(&ecc_sign), per, gone;
	TPM2B_NAME *a, *b;

	OK(Esys_EvictControl(E, OWNER, k, PW, NONE, NONE, 0x81000100, &per));
	a = read_name(k);
	flush(k);
	b = read_name(per);
	CHECK(a->size == b->size && !memcmp(a->name, b->name, a->size));
	FREE(a);
	FREE(b);
	RAW(RC_P(1, TPM2_RC_VALUE), "8001 0000000e 00000165 81000100");
	OK(Esys_EvictControl(E, OWNER, per, PW, NONE, NONE, 0, &gone));
	RAW(RC_H(1, TPM2_RC_HANDLE), "8001 0000000e 00000173 81000100");
}

TEST(evict_control_errors)
{
	ESYS_TR k = primary(&ecc_sign), n, per, again;
	TPM2B_PUBLIC *pub = read_public(k);

	/* owner may not use the platform's range */
	FAILS(RC_P(1, TPM2_RC_RANGE),
	      Esys_EvictControl(E, OWNER, k, PW, NONE, NONE, 0x81800001, &per));
	FAILS(RC_P(1, TPM2_RC_VALUE),
	      Esys_EvictControl(E, OWNER, k, PW, NONE, NONE, 0x80000001, &per));
	/* null hierarchy objects are temporary */
	n = primary_in(ESYS_TR_RH_NULL, &ecc_sign);
	FAILS(RC_H(2, TPM2_RC_ATTRIBUTES),
	      Esys_EvictControl(E, OWNER, n, PW, NONE, NONE, 0x81000101, &per));
	flush(n);
	/* nor is a public area alone made persistent */
	OK(Esys_LoadExternal(E, NONE, NONE, NONE, NULL, pub, ESYS_TR_RH_OWNER, &n));
	FAILS(RC_H(2, TPM2_RC_ATTRIBUTES),
	      Esys_EvictControl(E, OWNER, n, PW, NONE, NONE, 0x81000101, &per));
	flush(n);
	/* the handle is taken */
	OK(Esys_EvictControl(E, OWNER, k, PW, NONE, NONE, 0x81000101, &per));
	FAILS(TPM2_RC_NV_DEFINED,
	      Esys_EvictControl(E, OWNER, k, PW, NONE, NONE, 0x81000101, &again));
	OK(Esys_EvictControl(E, OWNER, per, PW, NONE, NONE, 0, &again));
	FREE(pub);
}

TEST(object_change_auth)
{
	ESYS_TR p = primary(&ecc_storage);
	ESYS_TR k = child(p, &sealed_data, "old", "secret"), n;
	TPM2B_AUTH auth = { .size = 3, .buffer = "new" };
	TPM2B_SENSITIVE_DATA *data;
	TPM2B_PRIVATE *priv;
	TPM2B_PUBLIC *pub = read_public(k);

	OK(Esys_ObjectChangeAuth(E, k, p, PW, NONE, NONE, &auth, &priv));
	OK(Esys_Load(E, p, PW, NONE, NONE, priv, pub, &n));
	set_auth(n, "new");
	OK(Esys_Unseal(E, n, PW, NONE, NONE, &data));
	CHECK(data->size == 6 && !memcmp(data->buffer, "secret", 6));
	FREE(data);
	FREE(priv);
	FREE(pub);
}
