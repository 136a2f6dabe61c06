// SPDX-License-Identifier: GPL-2.0
/* Derivation parents, and CreateLoaded below them. */
#include "esys_test.h"

#define FIXED	(TPMA_OBJECT_FIXEDTPM | TPMA_OBJECT_FIXEDPARENT)

static const TPM2B_PUBLIC derivation_parent = {
	.publicArea = {
		.type = TPM2_ALG_KEYEDHASH, .nameAlg = TPM2_ALG_SHA256,
		.objectAttributes = TPMA_OBJECT_USERWITHAUTH |
			TPMA_OBJECT_RESTRICTED | TPMA_OBJECT_DECRYPT |
			TPMA_OBJECT_SENSITIVEDATAORIGIN,
		.parameters.keyedHashDetail.scheme = {
			.scheme = TPM2_ALG_XOR,
			.details.exclusiveOr = {
				.hashAlg = TPM2_ALG_SHA256,
				.kdf = TPM2_ALG_KDF1_SP800_108,
			},
		},
	},
};

/*
 * Below @parent whose data is sixteen times 'k' and whose seedValue 32 times
 * 's': what every TPM derives from it is known.
 */
static ESYS_TR known_parent(ESYS_TR parent)
{
	/* HMAC(seedValue, data), by Python */
	static const uint8_t unique[32] = {
		0x83, 0x6a, 0xf1, 0xb0, 0xa9, 0x45, 0x89, 0x5e, 0xcf, 0x3f,
		0x1f, 0x95, 0xb5, 0xaf, 0x5a, 0xc7, 0x2f, 0x37, 0x80, 0x95,
		0x3d, 0x39, 0x80, 0xe9, 0xa1, 0x85, 0x16, 0xcc, 0xca, 0x93,
		0x98, 0x35,
	};
	TPMT_SYM_DEF_OBJECT sym = { .algorithm = TPM2_ALG_NULL };
	TPM2B_ENCRYPTED_SECRET secret = {};
	TPM2B_PUBLIC pub = derivation_parent;
	TPM2B_SENSITIVE sens = {
		.sensitiveArea.sensitiveType = TPM2_ALG_KEYEDHASH,
		.sensitiveArea.seedValue.size = 32,
		.sensitiveArea.sensitive.bits.size = 16,
	};
	TPM2B_PRIVATE priv, *out;
	TPM2B_DATA key = {};
	size_t at = 0;
	ESYS_TR k;

	memset(sens.sensitiveArea.seedValue.buffer, 's', 32);
	memset(sens.sensitiveArea.sensitive.bits.buffer, 'k', 16);
	pub.publicArea.objectAttributes &= ~TPMA_OBJECT_SENSITIVEDATAORIGIN;
	pub.publicArea.unique.keyedHash.size = 32;
	memcpy(pub.publicArea.unique.keyedHash.buffer, unique, 32);
	OK(Tss2_MU_TPM2B_SENSITIVE_Marshal(&sens, priv.buffer,
					   sizeof(priv.buffer), &at));
	priv.size = at;
	OK(Esys_Import(E, parent, PW, NONE, NONE, &key, &pub, &priv, &secret,
		       &sym, &out));
	OK(Esys_Load(E, parent, PW, NONE, NONE, out, &pub, &k));
	FREE(out);
	return k;
}

/* TPMT_PUBLIC with a TPMS_DERIVE in the place of unique */
static TPM2B_TEMPLATE derived_template(const TPM2B_PUBLIC *base,
				       const char *label, const char *context)
{
	TPMT_PUBLIC pub = base->publicArea;
	TPM2B_TEMPLATE t = {};
	size_t len = 0, unique = pub.type == TPM2_ALG_ECC ? 4 : 2;

	OK(Tss2_MU_TPMT_PUBLIC_Marshal(&pub, t.buffer, sizeof(t.buffer), &len));
	len -= unique;
	t.buffer[len++] = 0;
	t.buffer[len++] = strlen(label);
	memcpy(t.buffer + len, label, strlen(label));
	len += strlen(label);
	t.buffer[len++] = 0;
	t.buffer[len++] = strlen(context);
	memcpy(t.buffer + len, context, strlen(context));
	t.size = len + strlen(context);
	return t;
}

/* @base as an object below a derivation parent that may be duplicated */
static TPM2B_PUBLIC derivable(const TPM2B_PUBLIC *base)
{
	TPM2B_PUBLIC t = *base;

	t.publicArea.objectAttributes &=
		~(TPMA_OBJECT_FIXEDTPM | TPMA_OBJECT_SENSITIVEDATAORIGIN |
		  TPMA_OBJECT_NODA);
	t.publicArea.objectAttributes |= TPMA_OBJECT_FIXEDPARENT;
	return t;
}

static TSS2_RC derive(ESYS_TR parent, const TPM2B_TEMPLATE *t,
		      const void *data, size_t len, ESYS_TR *handle)
{
	TPM2B_SENSITIVE_CREATE sens = { .sensitive.data.size = len };
	TPM2B_PRIVATE *priv = NULL;
	TPM2B_PUBLIC *pub = NULL;
	TSS2_RC rc;

	if (len)
		memcpy(sens.sensitive.data.buffer, data, len);
	rc = Esys_CreateLoaded(E, parent, PW, NONE, NONE, &sens, t, handle,
			       &priv, &pub);
	if (!rc && priv->size)
		FAIL("a derived object has a private area");
	FREE(priv);
	FREE(pub);
	return rc;
}

static ESYS_TR derived(ESYS_TR parent, const TPM2B_PUBLIC *base,
		       const char *label, const char *context)
{
	TPM2B_TEMPLATE t = derived_template(base, label, context);
	ESYS_TR handle;

	OK(derive(parent, &t, NULL, 0, &handle));
	return handle;
}

static void check_unique(ESYS_TR key, const char *hex)
{
	TPM2B_PUBLIC *pub = read_public(key);
	const uint8_t *p = pub->publicArea.unique.keyedHash.buffer;
	char got[133] = "";
	unsigned int i;

	if (pub->publicArea.type == TPM2_ALG_ECC)
		p = pub->publicArea.unique.ecc.x.buffer;
	for (i = 0; i < strlen(hex) / 2; i++)
		snprintf(got + 2 * i, 3, "%02x", p[i]);
	if (strcmp(got, hex))
		FAIL("%s, expected %s", got, hex);
	FREE(pub);
}

/* Bit for bit what libtpms 0.9.2 derives. */
TEST(derive_known_objects)
{
	TPM2B_PUBLIC t = derivable(&ecc_sign);
	ESYS_TR p = primary(&ecc_storage), k = known_parent(p);

	flush(p);
	p = derived(k, &t, "lab", "ctx");
	check_unique(p, "7c6efc503820b9abb5ab9dcb78a8bd6d8da79382eab8d0a5d92f03e6d476badf");
	flush(p);
	t.publicArea.parameters.eccDetail.curveID = TPM2_ECC_NIST_P384;
	p = derived(k, &t, "lab", "ctx");
	check_unique(p, "cb9ba1c61ed4579a91b8e9921ccc72f8f840e6a9d2b1ee8d17757968e1f08c611388c4c5fce1e787ad088676074d02f7");
	flush(p);
	t = derivable(&hmac_key);
	p = derived(k, &t, "lab", "ctx");
	check_unique(p, "5929c4049d3bbdff80ecf39f883a1b5f1f6f658c3210ddb79e8a7addb92a175f");
	flush(p);
	t = derivable(&sealed_data);
	p = derived(k, &t, "lab", "ctx");
	check_unique(p, "5929c4049d3bbdff80ecf39f883a1b5f1f6f658c3210ddb79e8a7addb92a175f");
	flush(p);
	t = derivable(&sym_key);
	t.publicArea.objectAttributes &= ~TPMA_OBJECT_RESTRICTED;
	p = derived(k, &t, "lab", "ctx");
	check_unique(p, "f01e7d38a51c767f0f79eaeb7738683b42f678dc3ef972d39b3dc00aa1a3f4eb");
	flush(p);
	/* a derivation parent below a derivation parent */
	t = derivable(&derivation_parent);
	p = derived(k, &t, "lab", "ctx");
	check_unique(p, "187fe456e9ae77d920c176e639c44db7d7bae5c9d1a8688a57990b3487ae2140");
	flush(k);
	t = derivable(&ecc_sign);
	derived(p, &t, "lab", "ctx");
}

TEST(derive_depends_on_label_and_context)
{
	static const char *const pairs[][2] = {
		{ "lab", "ctx" }, { "lab", "ctx2" }, { "lab2", "ctx" },
		{ "", "ctx" }, { "lab", "" }, { "labctx", "" },
	};
	TPM2B_PUBLIC t = derivable(&ecc_sign);
	ESYS_TR p = primary(&ecc_storage), k = known_parent(p), n;
	TPM2B_NAME *names[6], *again;
	unsigned int i, j;

	flush(p);
	for (i = 0; i < 6; i++) {
		n = derived(k, &t, pairs[i][0], pairs[i][1]);
		names[i] = read_name(n);
		flush(n);
		for (j = 0; j < i; j++)
			CHECK(memcmp(names[i]->name, names[j]->name, 34));
	}
	n = derived(k, &t, "lab", "ctx");
	again = read_name(n);
	CHECK(!memcmp(names[0]->name, again->name, 34));
	FREE(again);
	for (i = 0; i < 6; i++)
		FREE(names[i]);
}

/* inSensitive fills in what the template leaves open, and nothing else. */
TEST(derive_label_in_sensitive)
{
	static const char data[] = "\0\3lab\0\3ctx", other[] = "\0\1x\0\1y";
	TPM2B_PUBLIC pub = derivable(&ecc_sign);
	TPM2B_TEMPLATE t = derived_template(&pub, "", "");
	ESYS_TR p = primary(&ecc_storage), k = known_parent(p), n;

	flush(p);
	OK(derive(k, &t, data, 10, &n));
	check_unique(n, "7c6efc503820b9abb5ab9dcb78a8bd6d8da79382eab8d0a5d92f03e6d476badf");
	flush(n);
	t = derived_template(&pub, "lab", "");
	OK(derive(k, &t, data, 10, &n));
	check_unique(n, "7c6efc503820b9abb5ab9dcb78a8bd6d8da79382eab8d0a5d92f03e6d476badf");
	flush(n);
	t = derived_template(&pub, "lab", "ctx");
	OK(derive(k, &t, other, 6, &n));
	check_unique(n, "7c6efc503820b9abb5ab9dcb78a8bd6d8da79382eab8d0a5d92f03e6d476badf");
	flush(n);
	/* no TPMS_DERIVE: the reference numbers no parameter */
	FAILS(TPM2_RC_INSUFFICIENT, derive(k, &t, data, 5, &n));
	FAILS(TPM2_RC_SIZE, derive(k, &t, "\0\41", 2, &n));
}

TEST(derive_key_signs)
{
	TPMT_SIG_SCHEME scheme = { .scheme = TPM2_ALG_ECDSA,
				   .details.ecdsa.hashAlg = TPM2_ALG_SHA256 };
	TPM2B_PUBLIC t = derivable(&ecc_sign), *pub;
	ESYS_TR p = primary(&ecc_storage), n;
	ESYS_TR k = child(p, &derivation_parent, NULL, NULL);
	TPM2B_DIGEST digest = sha256_of("msg", 3);
	TPMS_CONTEXT *context;
	TPMT_SIGNATURE *sig;

	flush(p);
	n = derived(k, &t, "signing", "key");
	pub = read_public(n);
	OK(Esys_Sign(E, n, PW, NONE, NONE, &digest, &scheme, &no_hashcheck, &sig));
	CHECK(openssl_verify(pub, sig, "msg", 3));
	FREE(sig);
	/* it has no private area, but a context as any object */
	OK(Esys_ContextSave(E, n, &context));
	flush(n);
	OK(Esys_ContextLoad(E, context, &n));
	OK(Esys_Sign(E, n, PW, NONE, NONE, &digest, &scheme, &no_hashcheck, &sig));
	CHECK(openssl_verify(pub, sig, "msg", 3));
	FREE(sig);
	FREE(context);
	FREE(pub);
}

/* A derivation parent that stays here, whose data the chip may keep */
TEST(derive_from_fixed_parent)
{
	TPM2B_PUBLIC parent = derivation_parent, t = derivable(&hmac_key);
	ESYS_TR p = primary(&ecc_storage), k, n;
	TPM2B_NAME *a, *b;

	parent.publicArea.objectAttributes |= FIXED;
	k = child(p, &parent, NULL, NULL);
	flush(p);
	t.publicArea.objectAttributes |= TPMA_OBJECT_FIXEDTPM;
	n = derived(k, &t, "a", "b");
	a = read_name(n);
	flush(n);
	n = derived(k, &t, "a", "b");
	b = read_name(n);
	CHECK(!memcmp(a->name, b->name, 34));
	FREE(a);
	FREE(b);
	flush(k);
	/* as a primary as well */
	k = primary(&parent);
	flush(n);
	derived(k, &t, "a", "b");
}

TEST(derive_attributes)
{
	TPM2B_PUBLIC t = derivable(&ecc_sign);
	ESYS_TR p = primary(&ecc_storage), k = known_parent(p), n;
	TPM2B_TEMPLATE b;

	flush(p);
	/* where its parent is, and nowhere else */
	t.publicArea.objectAttributes &= ~TPMA_OBJECT_FIXEDPARENT;
	b = derived_template(&t, "a", "b");
	FAILS(RC_P(2, TPM2_RC_ATTRIBUTES), derive(k, &b, NULL, 0, &n));
	t = derivable(&ecc_sign);
	t.publicArea.objectAttributes |= TPMA_OBJECT_FIXEDTPM;
	b = derived_template(&t, "a", "b");
	FAILS(RC_P(2, TPM2_RC_ATTRIBUTES), derive(k, &b, NULL, 0, &n));
	t = derivable(&ecc_sign);
	t.publicArea.objectAttributes |= TPMA_OBJECT_ENCRYPTEDDUPLICATION;
	b = derived_template(&t, "a", "b");
	FAILS(RC_P(2, TPM2_RC_ATTRIBUTES), derive(k, &b, NULL, 0, &n));
	/* the TPM is not the source of its data; no parameter is blamed */
	t = derivable(&ecc_sign);
	t.publicArea.objectAttributes |= TPMA_OBJECT_SENSITIVEDATAORIGIN;
	b = derived_template(&t, "a", "b");
	FAILS(TPM2_RC_ATTRIBUTES, derive(k, &b, NULL, 0, &n));
	/* a storage key would have to protect as its parent does */
	t = derivable(&ecc_storage);
	b = derived_template(&t, "a", "b");
	FAILS(RC_P(2, TPM2_RC_SYMMETRIC), derive(k, &b, NULL, 0, &n));
	t = derivable(&rsa_sign);
	b = derived_template(&t, "a", "b");
	FAILS(RC_P(2, TPM2_RC_TYPE), derive(k, &b, NULL, 0, &n));
}

TEST(derive_bad_templates)
{
	TPM2B_PUBLIC t = derivable(&ecc_sign);
	ESYS_TR p = primary(&ecc_storage), k = known_parent(p), n;
	TPM2B_TEMPLATE b;

	flush(p);
	b = derived_template(&t, "12345678901234567890123456789012", "b");
	OK(derive(k, &b, NULL, 0, &n));
	flush(n);
	b = derived_template(&t, "123456789012345678901234567890123", "b");
	FAILS(RC_P(2, TPM2_RC_SIZE), derive(k, &b, NULL, 0, &n));
	b = derived_template(&t, "a", "123456789012345678901234567890123");
	FAILS(RC_P(2, TPM2_RC_SIZE), derive(k, &b, NULL, 0, &n));
	b = derived_template(&t, "a", "b");
	b.size++;
	FAILS(RC_P(2, TPM2_RC_SIZE), derive(k, &b, NULL, 0, &n));
}

/* A derivation parent has no seed to protect children with. */
TEST(derivation_parent_is_no_storage_key)
{
	ESYS_TR p = primary(&ecc_storage), k = known_parent(p), n;
	TPM2B_CREATION_DATA *cd;
	TPMT_TK_CREATION *ticket;
	TPM2B_PRIVATE *priv;
	TPM2B_PUBLIC *pub;
	TPM2B_DIGEST *hash;

	FAILS(RC_H(1, TPM2_RC_TYPE),
	      Esys_Create(E, k, PW, NONE, NONE, &no_sensitive, &ecc_sign,
			  &no_data, &no_pcrs, &priv, &pub, &cd, &hash, &ticket));
	OK(Esys_Create(E, p, PW, NONE, NONE, &no_sensitive, &ecc_sign, &no_data,
		       &no_pcrs, &priv, &pub, &cd, &hash, &ticket));
	FAILS(RC_H(1, TPM2_RC_TYPE),
	      Esys_Load(E, k, PW, NONE, NONE, priv, pub, &n));
	FREE(cd);
	FREE(hash);
	FREE(ticket);
	FREE(priv);
	FREE(pub);
}

TEST(derivation_parent_templates)
{
	TPM2B_SENSITIVE_CREATE sens = {
		.sensitive.data = { .size = 4, .buffer = "data" },
	};
	ESYS_TR p = primary(&ecc_storage);
	TPM2B_PUBLIC t = derivation_parent;
	TPM2B_CREATION_DATA *cd = NULL;
	TPMT_TK_CREATION *ticket = NULL;
	TPM2B_PRIVATE *priv = NULL;
	TPM2B_PUBLIC *pub = NULL;
	TPM2B_DIGEST *hash = NULL;

	/* any other KDF */
	t.publicArea.parameters.keyedHashDetail.scheme.details.exclusiveOr.kdf =
		TPM2_ALG_KDF1_SP800_56A;
	FAILS(RC_P(2, TPM2_RC_SCHEME),
	      Esys_Create(E, p, PW, NONE, NONE, &no_sensitive, &t, &no_data,
			  &no_pcrs, &priv, &pub, &cd, &hash, &ticket));
	/* data from outside, and yet said to be bound to this TPM */
	t = derivation_parent;
	t.publicArea.objectAttributes |= FIXED;
	t.publicArea.objectAttributes &= ~TPMA_OBJECT_SENSITIVEDATAORIGIN;
	FAILS(RC_P(2, TPM2_RC_ATTRIBUTES),
	      Esys_Create(E, p, PW, NONE, NONE, &sens, &t, &no_data, &no_pcrs,
			  &priv, &pub, &cd, &hash, &ticket));
	t.publicArea.objectAttributes &= ~FIXED;
	OK(Esys_Create(E, p, PW, NONE, NONE, &sens, &t, &no_data, &no_pcrs,
		       &priv, &pub, &cd, &hash, &ticket));
	FREE(cd);
	FREE(hash);
	FREE(ticket);
	FREE(priv);
	FREE(pub);
}
