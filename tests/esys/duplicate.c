// SPDX-License-Identifier: GPL-2.0
/* Duplicate, Rewrap, Import. */
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>

#include "esys_test.h"

#define FIXED	(TPMA_OBJECT_FIXEDTPM | TPMA_OBJECT_FIXEDPARENT)

static const TPM2B_DATA key16 = { .size = 16, .buffer = "0123456789abcdef" };

static ESYS_TR other_parent(const TPM2B_PUBLIC *base)
{
	TPM2B_PUBLIC t = *base;

	if (t.publicArea.type == TPM2_ALG_RSA) {
		t.publicArea.unique.rsa.size = 1;
	} else {
		t.publicArea.unique.ecc.x.size = 1;
		t.publicArea.unique.ecc.x.buffer[0] = 7;
	}
	return primary(&t);
}

/* Each wrapper, none, and both; the key from the caller and from the TPM. */
TEST(duplicate_every_wrapper)
{
	static const struct {
		bool outer;
		const TPM2B_DATA *key;
		const TPMT_SYM_DEF_OBJECT *sym;
	} kinds[] = {
		{ false, &no_key, &null_sym }, { true, &no_key, &null_sym },
		{ false, &key16, &aes128 }, { true, &key16, &aes128 },
		{ false, &no_key, &aes256 }, { true, &no_key, &aes256 },
	};
	TPM2B_PUBLIC t = movable(&ecc_sign);
	ESYS_TR p = primary(&ecc_storage);
	ESYS_TR k = child(p, &t, "pwd", NULL), n;
	struct duplicate d;
	unsigned int i;

	for (i = 0; i < 6; i++) {
		OK(duplicate(k, kinds[i].outer ? p : ESYS_TR_RH_NULL,
			     kinds[i].key, kinds[i].sym, &d));
		CHECK(!d.secret.size == !kinds[i].outer);
		CHECK(d.key.size == (kinds[i].sym->algorithm == TPM2_ALG_NULL ?
				     0 : kinds[i].sym->keyBits.aes / 8));
		n = imported(p, &d, kinds[i].sym);
		set_auth(n, "pwd");
		check_signs(n);
		flush(n);
	}
}

TEST(duplicate_to_rsa_and_ecc_parents)
{
	TPM2B_PUBLIC t = movable(&sealed_data);
	ESYS_TR p = primary(&ecc_storage), q, n;
	ESYS_TR k = child(p, &t, NULL, "secret");
	TPM2B_SENSITIVE_DATA *data;
	struct duplicate d;
	int i;

	flush(p);
	for (i = 0; i < 2; i++) {
		q = other_parent(i ? &rsa_storage : &ecc_storage);
		OK(duplicate(k, q, &no_key, &aes128, &d));
		n = imported(q, &d, &aes128);
		OK(Esys_Unseal(E, n, PW, NONE, NONE, &data));
		CHECK(data->size == 6 && !memcmp(data->buffer, "secret", 6));
		FREE(data);
		flush(n);
		flush(q);
	}
	/* it was sent to that parent only */
	p = primary(&ecc_storage);
	OK(duplicate(k, p, &no_key, &null_sym, &d));
	flush(p);
	q = other_parent(&ecc_storage);
	FAILS(RC_P(3, TPM2_RC_INTEGRITY), import(q, &d, &null_sym, NULL));
}

TEST(duplicate_without_wrapper_is_plain)
{
	TPM2B_PUBLIC t = movable(&sealed_data);
	ESYS_TR p = primary(&ecc_storage);
	ESYS_TR k = child(p, &t, "pw", "secret");
	TPM2B_SENSITIVE sens = {};
	struct duplicate d;
	size_t at = 0;

	OK(duplicate(k, ESYS_TR_RH_NULL, &no_key, &null_sym, &d));
	OK(Tss2_MU_TPM2B_SENSITIVE_Unmarshal(d.priv.buffer, d.priv.size, &at, &sens));
	CHECK(at == d.priv.size);
	CHECK(sens.sensitiveArea.sensitiveType == TPM2_ALG_KEYEDHASH);
	/* padded to the digest's size */
	CHECK(sens.sensitiveArea.authValue.size == 32);
	CHECK(!memcmp(sens.sensitiveArea.authValue.buffer, "pw\0", 3));
	CHECK(sens.sensitiveArea.seedValue.size == 32);
	CHECK(sens.sensitiveArea.sensitive.bits.size == 6);
	CHECK(!memcmp(sens.sensitiveArea.sensitive.bits.buffer, "secret", 6));
}

TEST(duplicate_attributes)
{
	TPM2B_PUBLIC t = movable(&ecc_sign);
	ESYS_TR p = primary(&ecc_storage), k;
	struct duplicate d;

	/* fixedParent: it stays */
	t.publicArea.objectAttributes |= FIXED;
	k = child(p, &t, NULL, NULL);
	FAILS(RC_H(1, TPM2_RC_ATTRIBUTES),
	      duplicate(k, p, &no_key, &null_sym, NULL));
	flush(k);

	t = movable(&ecc_sign);
	t.publicArea.objectAttributes |= TPMA_OBJECT_ENCRYPTEDDUPLICATION;
	k = child(p, &t, NULL, NULL);
	FAILS(RC_P(2, TPM2_RC_SYMMETRIC),
	      duplicate(k, p, &no_key, &null_sym, NULL));
	FAILS(RC_H(2, TPM2_RC_HIERARCHY),
	      duplicate(k, ESYS_TR_RH_NULL, &no_key, &aes128, NULL));
	OK(duplicate(k, p, &key16, &aes128, &d));
	flush(k);
	k = imported(p, &d, &aes128);
	check_signs(k);
}

TEST(duplicate_bad_parameters)
{
	TPM2B_PUBLIC t = movable(&ecc_sign);
	ESYS_TR p = primary(&ecc_storage);
	ESYS_TR k = child(p, &t, NULL, NULL);
	TPM2B_DATA key = key16;
	TPMT_SYM_DEF_OBJECT sym = aes128;

	FAILS(RC_P(1, TPM2_RC_SIZE), duplicate(k, p, &key16, &null_sym, NULL));
	FAILS(RC_P(1, TPM2_RC_SIZE), duplicate(k, p, &key16, &aes256, NULL));
	key.size = 15;
	FAILS(RC_P(1, TPM2_RC_SIZE), duplicate(k, p, &key, &aes128, NULL));
	sym.keyBits.aes = 129;
	FAILS(RC_P(2, TPM2_RC_VALUE), duplicate(k, p, &no_key, &sym, NULL));
	/* not a storage key */
	FAILS(RC_H(2, TPM2_RC_TYPE), duplicate(k, k, &no_key, &null_sym, NULL));
	flush(p);
	p = primary(&hmac_key);
	FAILS(RC_H(2, TPM2_RC_TYPE), duplicate(k, p, &no_key, &null_sym, NULL));
}

/* The DUP role is a policy's that names the command (Part 1, 19.2). */
TEST(duplicate_role)
{
	TPM2B_PUBLIC t = movable(&ecc_sign);
	ESYS_TR p = primary(&ecc_storage), s;
	ESYS_TR k = child(p, &t, NULL, NULL);

	FAILS(TPM2_RC_AUTH_TYPE,
	      duplicate_by(PW, k, p, &no_key, &null_sym, NULL));
	s = hmac_session();
	FAILS(TPM2_RC_AUTH_TYPE,
	      duplicate_by(s, k, p, &no_key, &null_sym, NULL));
	flush(s);
	s = policy_session(TPM2_SE_POLICY);
	OK(Esys_PolicyCommandCode(E, s, NONE, NONE, NONE, TPM2_CC_Sign));
	FAILS(RC_S(1, TPM2_RC_POLICY_FAIL),
	      duplicate_by(s, k, p, &no_key, &null_sym, NULL));
	flush(s);
	flush(k);

	/* a policy that is satisfied, but not for this role */
	t.publicArea.authPolicy.size = 32;
	memset(t.publicArea.authPolicy.buffer, 0, 32);
	k = child(p, &t, NULL, NULL);
	s = policy_session(TPM2_SE_POLICY);
	FAILS(RC_S(1, TPM2_RC_POLICY_FAIL),
	      duplicate_by(s, k, p, &no_key, &null_sym, NULL));
}

TEST(duplicate_selected_parent_only)
{
	TPM2B_PUBLIC t = movable(&ecc_sign);
	ESYS_TR p = primary(&ecc_storage), q, k, s;
	TPM2B_NAME *object, *parent = read_name(p);
	const TPM2B_NAME empty = {};
	TPM2B_DIGEST *digest;
	struct duplicate d;

	s = policy_session(TPM2_SE_TRIAL);
	OK(Esys_PolicyDuplicationSelect(E, s, NONE, NONE, NONE, &empty, parent,
					TPM2_NO));
	OK(Esys_PolicyGetDigest(E, s, NONE, NONE, NONE, &digest));
	t.publicArea.authPolicy = *digest;
	FREE(digest);
	flush(s);
	k = child(p, &t, NULL, NULL);
	object = read_name(k);
	s = policy_session(TPM2_SE_POLICY);
	OK(Esys_PolicyDuplicationSelect(E, s, NONE, NONE, NONE, object, parent,
					TPM2_NO));
	q = other_parent(&ecc_storage);
	FAILS(RC_S(1, TPM2_RC_POLICY_FAIL),
	      duplicate_by(s, k, q, &no_key, &null_sym, NULL));
	FAILS(RC_S(1, TPM2_RC_POLICY_FAIL),
	      duplicate_by(s, k, ESYS_TR_RH_NULL, &no_key, &null_sym, NULL));
	flush(q);
	OK(duplicate_by(s, k, p, &no_key, &null_sym, &d));
	flush(imported(p, &d, &null_sym));
	FREE(object);
	FREE(parent);
}

/* A parent goes, its children's blobs go along as they are. */
TEST(duplicate_takes_children_along)
{
	TPM2B_PUBLIC t = movable(&ecc_storage), leaf = sealed_data;
	ESYS_TR p = primary(&ecc_storage), q, k;
	TPM2B_SENSITIVE_CREATE sens = {
		.sensitive.data = { .size = 5, .buffer = "child" },
	};
	TPM2B_SENSITIVE_DATA *data;
	TPM2B_CREATION_DATA *cd;
	TPMT_TK_CREATION *ticket;
	TPM2B_PRIVATE *priv;
	TPM2B_PUBLIC *pub;
	TPM2B_DIGEST *hash;
	struct duplicate d;

	k = child(p, &t, NULL, NULL);
	leaf.publicArea.objectAttributes &= ~TPMA_OBJECT_FIXEDTPM;
	OK(Esys_Create(E, k, PW, NONE, NONE, &sens, &leaf, &no_data, &no_pcrs,
		       &priv, &pub, &cd, &hash, &ticket));
	flush(p);
	q = other_parent(&rsa_storage);
	OK(duplicate(k, q, &no_key, &aes128, &d));
	flush(k);
	k = imported(q, &d, &aes128);
	flush(q);
	OK(Esys_Load(E, k, PW, NONE, NONE, priv, pub, &q));
	OK(Esys_Unseal(E, q, PW, NONE, NONE, &data));
	CHECK(data->size == 5 && !memcmp(data->buffer, "child", 5));
	FREE(data);
	FREE(priv);
	FREE(pub);
	FREE(cd);
	FREE(hash);
	FREE(ticket);
}

/* Nothing below a parent that may leave is bound to this TPM. */
TEST(duplicate_parent_has_no_fixed_children)
{
	TPM2B_PUBLIC t = movable(&ecc_storage), leaf = ecc_sign;
	ESYS_TR p = primary(&ecc_storage);
	ESYS_TR k = child(p, &t, NULL, NULL);
	TPM2B_CREATION_DATA *cd;
	TPMT_TK_CREATION *ticket;
	TPM2B_PRIVATE *priv;
	TPM2B_PUBLIC *pub;
	TPM2B_DIGEST *hash;

	FAILS(RC_P(2, TPM2_RC_ATTRIBUTES),
	      Esys_Create(E, k, PW, NONE, NONE, &no_sensitive, &leaf, &no_data,
			  &no_pcrs, &priv, &pub, &cd, &hash, &ticket));
	/* nor may what is below it be less protected on its way */
	leaf.publicArea.objectAttributes &= ~FIXED;
	leaf.publicArea.objectAttributes |= TPMA_OBJECT_ENCRYPTEDDUPLICATION;
	FAILS(RC_P(2, TPM2_RC_ATTRIBUTES),
	      Esys_Create(E, k, PW, NONE, NONE, &no_sensitive, &leaf, &no_data,
			  &no_pcrs, &priv, &pub, &cd, &hash, &ticket));
}

/* Blob, seed, key and public area belong together. */
TEST(import_refuses_changes)
{
	TPM2B_PUBLIC t = movable(&ecc_sign);
	ESYS_TR p = primary(&ecc_storage);
	ESYS_TR k = child(p, &t, NULL, NULL);
	struct duplicate d, e;
	unsigned int i;

	OK(duplicate(k, p, &key16, &aes128, &d));
	e = d;
	for (i = 0; i < d.priv.size; i += 7) {
		TSS2_RC rc;

		e.priv.buffer[i] ^= 1;
		rc = import(p, &e, &aes128, NULL);
		if (rc != RC_P(3, TPM2_RC_INTEGRITY) && rc != RC_P(3, TPM2_RC_SIZE) &&
		    rc != RC_P(3, TPM2_RC_INSUFFICIENT))
			FAIL("byte %u: 0x%x", i, rc);
		e.priv.buffer[i] ^= 1;
	}
	e.priv.size--;
	FAILS(RC_P(3, TPM2_RC_INTEGRITY), import(p, &e, &aes128, NULL));
	e.priv.size = 0;
	FAILS(RC_P(3, TPM2_RC_INSUFFICIENT), import(p, &e, &aes128, NULL));
	e = d;
	e.pub.publicArea.objectAttributes ^= TPMA_OBJECT_NODA;
	FAILS(RC_P(3, TPM2_RC_INTEGRITY), import(p, &e, &aes128, NULL));
	e = d;
	/* with this wrong key the first thing read is a digest too long */
	e.key.buffer[0] ^= 1;
	FAILS(RC_P(3, TPM2_RC_SIZE), import(p, &e, &aes128, NULL));
	e.key.size = 15;
	FAILS(RC_P(1, TPM2_RC_SIZE), import(p, &e, &aes128, NULL));
	e.key.size = 0;
	FAILS(RC_P(1, TPM2_RC_SIZE), import(p, &e, &aes128, NULL));
	FAILS(RC_P(3, TPM2_RC_SIZE), import(p, &e, &null_sym, NULL));
	e = d;
	e.secret.secret[5] ^= 1;
	FAILS(RC_P(4, TPM2_RC_ECC_POINT), import(p, &e, &aes128, NULL));
	e.secret.size = 1;
	FAILS(RC_P(4, TPM2_RC_INSUFFICIENT), import(p, &e, &aes128, NULL));
	flush(imported(p, &d, &aes128));
}

TEST(import_attributes)
{
	TPM2B_PUBLIC t = movable(&ecc_sign);
	ESYS_TR p = primary(&ecc_storage);
	ESYS_TR k = child(p, &t, NULL, NULL);
	struct duplicate d, e;

	OK(duplicate(k, p, &no_key, &null_sym, &d));
	e = d;
	e.pub.publicArea.objectAttributes |= TPMA_OBJECT_FIXEDTPM;
	FAILS(RC_P(2, TPM2_RC_ATTRIBUTES), import(p, &e, &null_sym, NULL));
	e = d;
	e.pub.publicArea.objectAttributes |= TPMA_OBJECT_FIXEDPARENT;
	FAILS(RC_P(2, TPM2_RC_ATTRIBUTES), import(p, &e, &null_sym, NULL));
	/* encryptedDuplication asks for both wrappers */
	e = d;
	e.pub.publicArea.objectAttributes |= TPMA_OBJECT_ENCRYPTEDDUPLICATION;
	FAILS(RC_P(1, TPM2_RC_ATTRIBUTES), import(p, &e, &null_sym, NULL));
	e.key = key16;
	e.secret.size = 0;
	FAILS(RC_P(4, TPM2_RC_ATTRIBUTES), import(p, &e, &aes128, NULL));
	/* a key that is no parent, and one that no seed can be sent to */
	FAILS(RC_H(1, TPM2_RC_TYPE), import(k, &d, &null_sym, NULL));
	flush(k);
	k = child(p, &sym_key, NULL, NULL);
	FAILS(RC_H(1, TPM2_RC_TYPE), import(k, &d, &null_sym, NULL));
}

/* --- import of what was made outside --- */

static void plain(struct duplicate *d, const TPM2B_SENSITIVE *sens)
{
	size_t at = 0;

	OK(Tss2_MU_TPM2B_SENSITIVE_Marshal(sens, d->priv.buffer,
					   sizeof(d->priv.buffer), &at));
	d->priv.size = at;
	d->secret.size = 0;
	d->key = no_key;
}

/* A KEYEDHASH or SYMCIPHER object of sixteen 'k', seed of 32 's'. */
static void make_symmetric(struct duplicate *d, const TPM2B_PUBLIC *base,
			   TPM2B_SENSITIVE *sens)
{
	uint8_t buf[48];

	memset(sens, 0, sizeof(*sens));
	memset(buf, 's', 32);
	memset(buf + 32, 'k', 16);
	d->pub = *base;
	d->pub.publicArea.objectAttributes &=
		~(FIXED | TPMA_OBJECT_SENSITIVEDATAORIGIN);
	d->pub.publicArea.unique.sym = sha256_of(buf, 48);
	sens->sensitiveArea.sensitiveType = base->publicArea.type;
	sens->sensitiveArea.seedValue.size = 32;
	memcpy(sens->sensitiveArea.seedValue.buffer, buf, 32);
	sens->sensitiveArea.sensitive.bits.size = 16;
	memcpy(sens->sensitiveArea.sensitive.bits.buffer, buf + 32, 16);
	plain(d, sens);
}

TEST(import_symmetric)
{
	static const TPM2B_PUBLIC *const base[] = { &hmac_key, &sealed_data };
	ESYS_TR p = primary(&ecc_storage), k;
	TPM2B_SENSITIVE sens;
	struct duplicate d;
	TPM2B_PUBLIC t = sym_key;
	unsigned int i;

	for (i = 0; i < 2; i++) {
		make_symmetric(&d, base[i], &sens);
		k = imported(p, &d, &null_sym);
		flush(k);
	}
	t.publicArea.objectAttributes &= ~TPMA_OBJECT_RESTRICTED;
	make_symmetric(&d, &t, &sens);
	flush(imported(p, &d, &null_sym));
	/* unique tells whether seed and data are the right ones */
	d.pub.publicArea.unique.sym.buffer[0] ^= 1;
	FAILS(TPM2_RC_BINDING, import(p, &d, &null_sym, NULL));
	d.pub.publicArea.unique.sym.buffer[0] ^= 1;
	sens.sensitiveArea.sensitive.bits.size = 15;
	plain(&d, &sens);
	FAILS(RC_P(3, TPM2_RC_KEY_SIZE), import(p, &d, &null_sym, NULL));
	sens.sensitiveArea.sensitive.bits.size = 16;
	sens.sensitiveArea.seedValue.size = 31;
	plain(&d, &sens);
	FAILS(RC_P(3, TPM2_RC_KEY_SIZE), import(p, &d, &null_sym, NULL));
	sens.sensitiveArea.seedValue.size = 32;
	sens.sensitiveArea.sensitiveType = TPM2_ALG_KEYEDHASH;
	plain(&d, &sens);
	FAILS(RC_P(3, TPM2_RC_TYPE), import(p, &d, &null_sym, NULL));
	sens.sensitiveArea.sensitiveType = TPM2_ALG_SYMCIPHER;
	plain(&d, &sens);
	d.priv.buffer[d.priv.size++] = 0;
	FAILS(RC_P(3, TPM2_RC_SIZE), import(p, &d, &null_sym, NULL));
}

/* unique of a parent: HMAC with the seedValue as its key */
TEST(import_symmetric_parent)
{
	static const uint8_t unique[32] = {
		0x83, 0x6a, 0xf1, 0xb0, 0xa9, 0x45, 0x89, 0x5e, 0xcf, 0x3f,
		0x1f, 0x95, 0xb5, 0xaf, 0x5a, 0xc7, 0x2f, 0x37, 0x80, 0x95,
		0x3d, 0x39, 0x80, 0xe9, 0xa1, 0x85, 0x16, 0xcc, 0xca, 0x93,
		0x98, 0x35,
	};
	ESYS_TR p = primary(&ecc_storage), k;
	TPM2B_PUBLIC leaf = movable(&ecc_sign);
	TPM2B_SENSITIVE sens;
	struct duplicate d;

	make_symmetric(&d, &sym_key, &sens);
	FAILS(TPM2_RC_BINDING, import(p, &d, &null_sym, NULL));
	memcpy(d.pub.publicArea.unique.sym.buffer, unique, 32);
	k = imported(p, &d, &null_sym);
	flush(p);
	check_signs(child(k, &leaf, NULL, NULL));
}

/* Modulus and one prime of a new RSA key. */
static void make_rsa(struct duplicate *d, unsigned int bits,
		     TPM2B_SENSITIVE *sens)
{
	EVP_PKEY *key = EVP_RSA_gen(bits);
	BIGNUM *n = NULL, *p = NULL;

	CHECK(key);
	CHECK(EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_RSA_N, &n));
	CHECK(EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_RSA_FACTOR2, &p));
	memset(sens, 0, sizeof(*sens));
	d->pub = rsa_sign;
	d->pub.publicArea.objectAttributes &=
		~(FIXED | TPMA_OBJECT_SENSITIVEDATAORIGIN);
	d->pub.publicArea.parameters.rsaDetail.keyBits = bits;
	d->pub.publicArea.unique.rsa.size = bits / 8;
	BN_bn2binpad(n, d->pub.publicArea.unique.rsa.buffer, bits / 8);
	sens->sensitiveArea.sensitiveType = TPM2_ALG_RSA;
	sens->sensitiveArea.sensitive.rsa.size = bits / 16;
	BN_bn2binpad(p, sens->sensitiveArea.sensitive.rsa.buffer, bits / 16);
	BN_free(n);
	BN_clear_free(p);
	EVP_PKEY_free(key);
	plain(d, sens);
}

TEST(import_rsa)
{
	static const unsigned int bits[] = { 1024, 2048 };
	ESYS_TR p = primary(&ecc_storage), k;
	TPM2B_SENSITIVE sens;
	struct duplicate d;
	unsigned int i;

	for (i = 0; i < 2; i++) {
		make_rsa(&d, bits[i], &sens);
		k = imported(p, &d, &null_sym);
		check_signs(k);
		flush(k);
	}
	/* a prime of another key */
	sens.sensitiveArea.sensitive.rsa.buffer[20] ^= 4;
	plain(&d, &sens);
	FAILS(TPM2_RC_BINDING, import(p, &d, &null_sym, &k));
	sens.sensitiveArea.sensitive.rsa.size--;
	plain(&d, &sens);
	FAILS(RC_P(3, TPM2_RC_KEY_SIZE), import(p, &d, &null_sym, NULL));
}

TEST(import_rsa_storage_key)
{
	ESYS_TR p = primary(&ecc_storage), k;
	TPM2B_PUBLIC leaf = movable(&ecc_sign);
	TPM2B_SENSITIVE sens;
	struct duplicate d;

	make_rsa(&d, 2048, &sens);
	d.pub.publicArea.objectAttributes &= ~TPMA_OBJECT_SIGN_ENCRYPT;
	d.pub.publicArea.objectAttributes |=
		TPMA_OBJECT_RESTRICTED | TPMA_OBJECT_DECRYPT;
	d.pub.publicArea.parameters.rsaDetail.symmetric = aes128;
	/* a parent has a seed to protect its children with */
	FAILS(RC_P(3, TPM2_RC_SIZE), import(p, &d, &null_sym, NULL));
	sens.sensitiveArea.seedValue.size = 33;
	plain(&d, &sens);
	FAILS(RC_P(3, TPM2_RC_KEY_SIZE), import(p, &d, &null_sym, NULL));
	sens.sensitiveArea.seedValue.size = 16;
	plain(&d, &sens);
	k = imported(p, &d, &null_sym);
	flush(p);
	check_signs(child(k, &leaf, NULL, NULL));
}

/* --- Rewrap --- */

static TSS2_RC rewrap(ESYS_TR from, ESYS_TR to, const TPM2B_NAME *name,
		      const struct duplicate *in, struct duplicate *out)
{
	TPM2B_ENCRYPTED_SECRET *secret = NULL;
	TPM2B_PRIVATE *priv = NULL;
	TSS2_RC rc;

	rc = Esys_Rewrap(E, from, to, PW, NONE, NONE, &in->priv, name,
			 &in->secret, &priv, &secret);
	if (!rc && out) {
		*out = *in;
		out->priv = *priv;
		out->secret = *secret;
	}
	FREE(priv);
	FREE(secret);
	return rc;
}

TEST(rewrap_round_trip)
{
	TPM2B_PUBLIC t = movable(&ecc_sign);
	ESYS_TR p = primary(&ecc_storage), q;
	ESYS_TR k = child(p, &t, NULL, NULL);
	TPM2B_NAME *name = read_name(k);
	struct duplicate d, e, f;

	OK(duplicate(k, p, &no_key, &aes128, &d));
	flush(k);
	q = other_parent(&rsa_storage);
	OK(rewrap(p, q, name, &d, &e));
	k = imported(q, &e, &aes128);
	flush(k);
	OK(rewrap(q, p, name, &e, &f));
	flush(imported(p, &f, &aes128));
	/* the inner wrapper alone, and back under a parent */
	OK(rewrap(q, ESYS_TR_RH_NULL, name, &e, &f));
	CHECK(!f.secret.size);
	flush(imported(p, &f, &aes128));
	OK(rewrap(ESYS_TR_RH_NULL, p, name, &f, &e));
	k = imported(p, &e, &aes128);
	flush(p);
	check_signs(k);
	FREE(name);
}

TEST(rewrap_bad_parameters)
{
	TPM2B_PUBLIC t = movable(&ecc_sign);
	ESYS_TR p = primary(&ecc_storage);
	ESYS_TR k = child(p, &t, NULL, NULL);
	TPM2B_NAME *name = read_name(k), other = *name;
	struct duplicate d, e;

	OK(duplicate(k, p, &no_key, &null_sym, &d));
	/* a seed without an old parent, an old parent without a seed */
	FAILS(RC_H(1, TPM2_RC_HANDLE), rewrap(ESYS_TR_RH_NULL, p, name, &d, NULL));
	e = d;
	e.secret.size = 0;
	FAILS(RC_H(1, TPM2_RC_HANDLE), rewrap(p, p, name, &e, NULL));
	FAILS(RC_H(1, TPM2_RC_TYPE), rewrap(k, p, name, &d, NULL));
	FAILS(RC_H(2, TPM2_RC_TYPE), rewrap(p, k, name, &d, NULL));
	other.name[5] ^= 1;
	FAILS(RC_P(1, TPM2_RC_INTEGRITY), rewrap(p, p, &other, &d, NULL));
	e = d;
	e.priv.buffer[60] ^= 1;
	FAILS(RC_P(1, TPM2_RC_INTEGRITY), rewrap(p, p, name, &e, NULL));
	/* whatever is wrong with the seed */
	e = d;
	e.secret.secret[5] ^= 1;
	FAILS(RC_P(3, TPM2_RC_VALUE), rewrap(p, p, name, &e, NULL));
	e.secret.size = 1;
	FAILS(RC_P(3, TPM2_RC_VALUE), rewrap(p, p, name, &e, NULL));
	FREE(name);
}
