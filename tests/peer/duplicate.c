// SPDX-License-Identifier: GPL-2.0
/*
 * Objects that go from one make of TPM to another, in both directions: what
 * one has wrapped, the other opens and uses.
 */
#include "side.h"

static TPM2B_PUBLIC child_of_movable(const TPM2B_PUBLIC *base)
{
	TPM2B_PUBLIC t = *base;

	t.publicArea.objectAttributes &= ~TPMA_OBJECT_FIXEDTPM;
	return t;
}

/* The public area of a new parent on the other side, loaded on this one. */
static ESYS_TR external(const TPM2B_PUBLIC *pub)
{
	ESYS_TR handle;

	OK(Esys_LoadExternal(E, NONE, NONE, NONE, NULL, pub, ESYS_TR_RH_OWNER,
			     &handle));
	return handle;
}

/*
 * @k of side @from to a parent of template @parent on side @to: the handle of
 * what arrived there, which is in use afterwards. @k is flushed.
 */
static ESYS_TR move(ESYS_TR k, enum side from, enum side to,
		    const TPM2B_PUBLIC *parent)
{
	struct duplicate d;
	TPM2B_PUBLIC *pub;
	ESYS_TR p, q;

	use(to);
	p = primary(parent);
	pub = read_public(p);
	use(from);
	q = external(pub);
	FREE(pub);
	OK(duplicate(k, q, &no_key, &aes128, &d));
	flush(q);
	flush(k);
	use(to);
	k = imported(p, &d, &aes128);
	flush(p);
	return k;
}

struct blob {
	TPM2B_PRIVATE priv;
	TPM2B_PUBLIC pub;
};

static void create(ESYS_TR parent, const TPM2B_PUBLIC *template,
		   const char *auth, const char *data, struct blob *b)
{
	TPM2B_SENSITIVE_CREATE sens = {};
	TPM2B_CREATION_DATA *cd;
	TPMT_TK_CREATION *ticket;
	TPM2B_PRIVATE *priv;
	TPM2B_PUBLIC *pub;
	TPM2B_DIGEST *hash;

	sens.sensitive.userAuth.size = strlen(auth);
	memcpy(sens.sensitive.userAuth.buffer, auth, strlen(auth));
	sens.sensitive.data.size = strlen(data);
	memcpy(sens.sensitive.data.buffer, data, strlen(data));
	OK(Esys_Create(E, parent, PW, NONE, NONE, &sens, template, &no_data,
		       &no_pcrs, &priv, &pub, &cd, &hash, &ticket));
	b->priv = *priv;
	b->pub = *pub;
	FREE(priv);
	FREE(pub);
	FREE(cd);
	FREE(hash);
	FREE(ticket);
}

static ESYS_TR load(ESYS_TR parent, const struct blob *b, const char *auth)
{
	ESYS_TR handle;

	OK(Esys_Load(E, parent, PW, NONE, NONE, &b->priv, &b->pub, &handle));
	set_auth(handle, auth);
	return handle;
}

static void check_unseals(ESYS_TR handle, const char *want)
{
	TPM2B_SENSITIVE_DATA *data;

	OK(Esys_Unseal(E, handle, PW, NONE, NONE, &data));
	CHECK(data->size == strlen(want));
	CHECK(!memcmp(data->buffer, want, data->size));
	FREE(data);
}

static TPM2B_DIGEST mac(ESYS_TR key)
{
	TPM2B_MAX_BUFFER msg = { .size = 3, .buffer = "msg" };
	TPM2B_DIGEST *out, value;

	OK(Esys_HMAC(E, key, PW, NONE, NONE, &msg, TPM2_ALG_SHA256, &out));
	value = *out;
	FREE(out);
	return value;
}

/* --- a parent with its children --- */

static void check_children(ESYS_TR parent, const struct blob *sign,
			   const struct blob *rsa, const struct blob *data)
{
	ESYS_TR n;

	n = load(parent, sign, "one");
	check_signs(n);
	flush(n);
	n = load(parent, rsa, "");
	check_signs(n);
	flush(n);
	n = load(parent, data, "three");
	check_unseals(n, "sealed");
	flush(n);
}

/*
 * The children's blobs are made before the move, on the side that the parent
 * leaves; others are made after it, where the parent has arrived.
 */
static void move_family(enum side from, enum side to, const TPM2B_PUBLIC *base,
			const TPM2B_PUBLIC *new_parent)
{
	TPM2B_PUBLIC storage = movable(base);
	TPM2B_PUBLIC sign = child_of_movable(&ecc_sign);
	TPM2B_PUBLIC rsa = child_of_movable(&rsa_sign);
	TPM2B_PUBLIC data = child_of_movable(&sealed_data);
	struct blob s, r, d, kept;
	ESYS_TR p, k;

	use(from);
	p = primary(&ecc_storage);
	create(p, &storage, "", "", &kept);
	k = load(p, &kept, "");
	create(k, &sign, "one", "", &s);
	create(k, &rsa, "", "", &r);
	create(k, &data, "three", "sealed", &d);
	flush(p);
	k = move(k, from, to, new_parent);
	check_children(k, &s, &r, &d);
	create(k, &sign, "one", "", &s);
	create(k, &rsa, "", "", &r);
	create(k, &data, "three", "sealed", &d);
	flush(k);

	/* back where the parent is as well */
	use(from);
	p = primary(&ecc_storage);
	k = load(p, &kept, "");
	flush(p);
	check_children(k, &s, &r, &d);
	flush(k);
	use(OURS);
}

TEST(peer_family_ecc_to_ecc)
{
	move_family(OURS, PEER, &ecc_storage, &ecc_storage);
	move_family(PEER, OURS, &ecc_storage, &ecc_storage);
}

TEST(peer_family_rsa_to_rsa)
{
	move_family(OURS, PEER, &rsa_storage, &rsa_storage);
	move_family(PEER, OURS, &rsa_storage, &rsa_storage);
}

/* A symmetric parent, whose unique is made with its seed */
TEST(peer_family_symmetric)
{
	move_family(OURS, PEER, &sym_key, &rsa_storage);
	move_family(PEER, OURS, &sym_key, &ecc_storage);
}

/* Parents below parents, of other algorithms than those above them */
static void move_tree(enum side from, enum side to)
{
	TPM2B_PUBLIC root = movable(&ecc_storage), inner = movable(&ecc_storage);
	TPM2B_PUBLIC data = child_of_movable(&sealed_data);
	struct blob b, leaf;
	ESYS_TR p, k, n;

	inner.publicArea.nameAlg = TPM2_ALG_SHA384;
	inner.publicArea.authPolicy.size = 0;
	inner.publicArea.parameters.eccDetail.symmetric.keyBits.aes = 256;
	inner.publicArea.parameters.eccDetail.curveID = TPM2_ECC_NIST_P384;
	use(from);
	p = primary(&ecc_storage);
	k = child(p, &root, NULL, NULL);
	flush(p);
	create(k, &inner, "", "", &b);
	n = load(k, &b, "");
	create(n, &data, "", "deep", &leaf);
	flush(n);
	k = move(k, from, to, &rsa_storage);
	n = load(k, &b, "");
	flush(k);
	k = load(n, &leaf, "");
	check_unseals(k, "deep");
	flush(n);
	flush(k);
	use(OURS);
}

TEST(peer_tree)
{
	move_tree(OURS, PEER);
	move_tree(PEER, OURS);
}

/* An authValue that was changed is part of the blob that goes along. */
static void move_changed_auth(enum side from, enum side to)
{
	TPM2B_AUTH auth = { .size = 3, .buffer = "new" };
	TPM2B_PUBLIC storage = movable(&ecc_storage);
	TPM2B_PUBLIC data = child_of_movable(&sealed_data);
	TPM2B_PRIVATE *priv;
	struct blob b;
	ESYS_TR p, k, n;

	use(from);
	p = primary(&ecc_storage);
	k = child(p, &storage, NULL, NULL);
	flush(p);
	create(k, &data, "old", "sealed", &b);
	n = load(k, &b, "old");
	OK(Esys_ObjectChangeAuth(E, n, k, PW, NONE, NONE, &auth, &priv));
	flush(n);
	b.priv = *priv;
	FREE(priv);
	k = move(k, from, to, &ecc_storage);
	n = load(k, &b, "new");
	check_unseals(n, "sealed");
	flush(n);
	flush(k);
	use(OURS);
}

TEST(peer_changed_auth)
{
	move_changed_auth(OURS, PEER);
	move_changed_auth(PEER, OURS);
}

/* --- single objects --- */

static ESYS_TR move_one(enum side from, enum side to, const TPM2B_PUBLIC *base,
			const char *data, const TPM2B_PUBLIC *new_parent)
{
	TPM2B_PUBLIC t = movable(base);
	ESYS_TR p, k;

	use(from);
	p = primary(&ecc_storage);
	k = child(p, &t, NULL, data);
	flush(p);
	return move(k, from, to, new_parent);
}

static void move_keys(enum side from, enum side to)
{
	TPM2B_PUBLIC p521 = ecc_sign;
	ESYS_TR k;

	k = move_one(from, to, &ecc_sign, NULL, &ecc_storage);
	check_signs(k);
	flush(k);
	k = move_one(from, to, &rsa_sign, NULL, &rsa_storage);
	check_signs(k);
	flush(k);
	p521.publicArea.parameters.eccDetail.curveID = TPM2_ECC_NIST_P521;
	k = move_one(from, to, &p521, NULL, &ecc_storage);
	check_signs(k);
	flush(k);
	k = move_one(from, to, &sealed_data, "data", &ecc_storage);
	check_unseals(k, "data");
	flush(k);
	use(OURS);
}

TEST(peer_keys_out)
{
	move_keys(OURS, PEER);
}

TEST(peer_keys_in)
{
	move_keys(PEER, OURS);
}

/* The same HMAC on both sides */
static void move_hmac(enum side from, enum side to)
{
	TPM2B_PUBLIC t = movable(&hmac_key);
	TPM2B_DIGEST a, b;
	ESYS_TR p, k;

	use(from);
	p = primary(&ecc_storage);
	k = child(p, &t, NULL, NULL);
	flush(p);
	a = mac(k);
	k = move(k, from, to, &ecc_storage);
	b = mac(k);
	flush(k);
	CHECK(a.size == 32 && !memcmp(a.buffer, b.buffer, 32));
	use(OURS);
}

TEST(peer_hmac_key)
{
	move_hmac(OURS, PEER);
	move_hmac(PEER, OURS);
}

/* --- derivation --- */

static const TPM2B_PUBLIC derivation_parent = {
	.publicArea = {
		.type = TPM2_ALG_KEYEDHASH, .nameAlg = TPM2_ALG_SHA256,
		.objectAttributes = TPMA_OBJECT_USERWITHAUTH |
			TPMA_OBJECT_RESTRICTED | TPMA_OBJECT_DECRYPT |
			TPMA_OBJECT_SENSITIVEDATAORIGIN,
		.parameters.keyedHashDetail.scheme = {
			.scheme = TPM2_ALG_XOR,
			.details.exclusiveOr = {
				.hashAlg = TPM2_ALG_SHA384,
				.kdf = TPM2_ALG_KDF1_SP800_108,
			},
		},
	},
};

/* The Name of what @parent derives by template @base */
static TPM2B_NAME derived_name(ESYS_TR parent, const TPM2B_PUBLIC *base)
{
	static const uint8_t derive[] = "\0\5label\0\7context";
	TPMT_PUBLIC pub = base->publicArea;
	TPM2B_TEMPLATE t = {};
	TPM2B_NAME *name, value;
	TPM2B_PRIVATE *priv;
	TPM2B_PUBLIC *out;
	size_t len = 0;
	ESYS_TR handle;

	pub.objectAttributes &= ~(TPMA_OBJECT_FIXEDTPM |
				  TPMA_OBJECT_SENSITIVEDATAORIGIN |
				  TPMA_OBJECT_RESTRICTED);
	OK(Tss2_MU_TPMT_PUBLIC_Marshal(&pub, t.buffer, sizeof(t.buffer), &len));
	len -= pub.type == TPM2_ALG_ECC ? 4 : 2;
	memcpy(t.buffer + len, derive, sizeof(derive) - 1);
	t.size = len + sizeof(derive) - 1;
	OK(Esys_CreateLoaded(E, parent, PW, NONE, NONE, &no_sensitive, &t,
			     &handle, &priv, &out));
	name = read_name(handle);
	value = *name;
	flush(handle);
	FREE(name);
	FREE(priv);
	FREE(out);
	return value;
}

static void move_derivation_parent(enum side from, enum side to)
{
	static const TPM2_ECC_CURVE curves[] = {
		TPM2_ECC_NIST_P256, TPM2_ECC_NIST_P384, TPM2_ECC_NIST_P521,
	};
	TPM2B_PUBLIC t = movable(&derivation_parent), ecc = ecc_sign;
	TPM2B_NAME a[6], b[6];
	ESYS_TR p, k;
	int i, side;

	use(from);
	p = primary(&ecc_storage);
	k = child(p, &t, NULL, NULL);
	flush(p);
	for (side = 0; side < 2; side++) {
		TPM2B_NAME *n = side ? b : a;

		for (i = 0; i < 3; i++) {
			ecc.publicArea.parameters.eccDetail.curveID = curves[i];
			n[i] = derived_name(k, &ecc);
		}
		n[3] = derived_name(k, &hmac_key);
		n[4] = derived_name(k, &sealed_data);
		n[5] = derived_name(k, &sym_key);
		if (!side)
			k = move(k, from, to, &ecc_storage);
	}
	flush(k);
	for (i = 0; i < 6; i++) {
		CHECK(a[i].size == 34);
		if (memcmp(a[i].name, b[i].name, 34))
			FAIL("object %d is another one", i);
	}
	use(OURS);
}

/* Whichever TPM derives: the same objects, so the same Names */
TEST(peer_derives_the_same)
{
	move_derivation_parent(OURS, PEER);
	move_derivation_parent(PEER, OURS);
}

/* --- what does not go --- */

#define HARDWARE	0x10000000	/* TPMA_OBJECT: in the chip or not at all */

static TSS2_RC try_create(ESYS_TR parent, const TPM2B_PUBLIC *template)
{
	TPM2B_CREATION_DATA *cd = NULL;
	TPMT_TK_CREATION *ticket = NULL;
	TPM2B_PRIVATE *priv = NULL;
	TPM2B_PUBLIC *pub = NULL;
	TPM2B_DIGEST *hash = NULL;
	TSS2_RC rc;

	rc = Esys_Create(E, parent, PW, NONE, NONE, &no_sensitive, template,
			 &no_data, &no_pcrs, &priv, &pub, &cd, &hash, &ticket);
	FREE(cd);
	FREE(hash);
	FREE(ticket);
	FREE(priv);
	FREE(pub);
	return rc;
}

/* A key of the chip stays, and what may leave is none. */
TEST(ours_hardware_stays)
{
	TPM2B_PUBLIC t = ecc_sign;
	ESYS_TR p = primary(&ecc_storage);
	struct duplicate d;

	t.publicArea.objectAttributes |= HARDWARE;
	OK(try_create(p, &t));
	t = movable(&ecc_sign);
	OK(try_create(p, &t));
	t.publicArea.objectAttributes |= HARDWARE;
	FAILS(RC_P(2, TPM2_RC_ATTRIBUTES), try_create(p, &t));
	/* nor does one become the chip's by coming in */
	memset(&d, 0, sizeof(d));
	d.pub = t;
	FAILS(RC_P(2, TPM2_RC_ATTRIBUTES), import(p, &d, &null_sym, NULL));
}

TEST(ours_hardware_by_default_stays)
{
	TPM2B_PUBLIC t = movable(&ecc_sign);
	ESYS_TR p;

	use(OURS_HARDWARE);
	p = primary(&ecc_storage);
	OK(try_create(p, &ecc_sign));
	FAILS(RC_P(2, TPM2_RC_ATTRIBUTES), try_create(p, &t));
	/* unless the template asks for software */
	t.publicArea.objectAttributes |= HARDWARE << 1;
	OK(try_create(p, &t));
	/* keys of the null hierarchy are none of the chip's anyway */
	flush(p);
	p = primary_in(ESYS_TR_RH_NULL, &ecc_storage);
	t = movable(&ecc_sign);
	OK(try_create(p, &t));
	use(OURS);
}
