// SPDX-License-Identifier: GPL-2.0
/* Symmetric ciphers and CMAC. */
#include "esys_test.h"

#include <openssl/evp.h>

#define SIGN	TPMA_OBJECT_SIGN_ENCRYPT
#define DECRYPT	TPMA_OBJECT_DECRYPT

static const char key128[] = "sixteen byte key";
static const char key192[] = "twenty-four bytes of key";
static const char key256[] = "a key of thirty-two bytes of ours";

static const char *key_of(uint16_t bits)
{
	return bits == 128 ? key128 : bits == 192 ? key192 : key256;
}

static TPM2B_PUBLIC cipher_template(TPM2_ALG_ID mode, uint16_t bits,
				    TPMA_OBJECT uses)
{
	TPM2B_PUBLIC t = sym_key;
	TPMT_PUBLIC *p = &t.publicArea;

	p->objectAttributes &= ~(TPMA_OBJECT_RESTRICTED | DECRYPT |
				 TPMA_OBJECT_SENSITIVEDATAORIGIN);
	p->objectAttributes |= uses;
	p->parameters.symDetail.sym.mode.aes = mode;
	p->parameters.symDetail.sym.keyBits.aes = bits;
	return t;
}

/* Below a storage key: where there is a chip, it holds the key. */
static ESYS_TR cipher_key(TPM2_ALG_ID mode, uint16_t bits, TPMA_OBJECT uses)
{
	TPM2B_PUBLIC t = cipher_template(mode, bits, uses);
	ESYS_TR parent = primary(&ecc_storage), key;
	char text[33];

	snprintf(text, bits / 8 + 1, "%s", key_of(bits));
	key = child(parent, &t, NULL, text);
	flush(parent);
	return key;
}

static const struct mode {
	TPM2_ALG_ID mode;
	const char *name;
	bool iv, whole;
} modes[] = {
	{ TPM2_ALG_CTR, "ctr", true, false },
	{ TPM2_ALG_OFB, "ofb", true, false },
	{ TPM2_ALG_CFB, "cfb", true, false },
	{ TPM2_ALG_CBC, "cbc", true, true },
	{ TPM2_ALG_ECB, "ecb", false, true },
};

#define MODES	(sizeof(modes) / sizeof(*modes))

static void openssl_encrypt(const struct mode *m, uint16_t bits,
			    const uint8_t *iv, const uint8_t *in, int len,
			    uint8_t *out)
{
	EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
	char name[16];
	int n, rest;

	snprintf(name, sizeof(name), "aes-%u-%s", bits, m->name);
	CHECK(EVP_EncryptInit_ex(ctx, EVP_get_cipherbyname(name), NULL,
				 (const uint8_t *)key_of(bits),
				 m->iv ? iv : NULL));
	EVP_CIPHER_CTX_set_padding(ctx, 0);
	CHECK(EVP_EncryptUpdate(ctx, out, &n, in, len));
	CHECK(EVP_EncryptFinal_ex(ctx, out + n, &rest) && n + rest == len);
	EVP_CIPHER_CTX_free(ctx);
}

static TPM2B_IV some_iv(const struct mode *m)
{
	TPM2B_IV iv = { .size = m->iv ? 16 : 0 };

	/* a counter that is about to carry */
	memset(iv.buffer, 0xff, 16);
	iv.buffer[0] = 0x12;
	return iv;
}

static void check_mode(const struct mode *m, uint16_t bits, ESYS_TR key,
		       TPM2_ALG_ID mode)
{
	TPM2B_MAX_BUFFER in = { .size = m->whole ? 1008 : 1001 }, *out, *back;
	TPM2B_IV iv = some_iv(m), *next;
	uint8_t want[1024];
	unsigned int i;

	for (i = 0; i < in.size; i++)
		in.buffer[i] = i * 7;
	openssl_encrypt(m, bits, iv.buffer, in.buffer, in.size, want);
	OK(Esys_EncryptDecrypt(E, key, PW, NONE, NONE, 0, mode, &iv, &in, &out, &next));
	CHECK(out->size == in.size && !memcmp(out->buffer, want, in.size));
	CHECK(next->size == iv.size);
	FREE(next);
	OK(Esys_EncryptDecrypt2(E, key, PW, NONE, NONE, out, 1, mode, &iv, &back, &next));
	CHECK(back->size == in.size && !memcmp(back->buffer, in.buffer, in.size));
	FREE(out);
	FREE(back);
	FREE(next);
}

TEST(cipher_modes)
{
	unsigned int i;

	for (i = 0; i < MODES; i++) {
		ESYS_TR key = cipher_key(modes[i].mode, 128, SIGN | DECRYPT);

		check_mode(&modes[i], 128, key, TPM2_ALG_NULL);
		check_mode(&modes[i], 128, key, modes[i].mode);
		flush(key);
	}
}

/* A key without a mode takes that of the command. */
/* libtpms 0.9.2 is built without this size. */
TEST(cipher_modes_192)
{
	unsigned int i;

	for (i = 0; i < MODES; i++) {
		ESYS_TR key = cipher_key(modes[i].mode, 192, SIGN | DECRYPT);

		check_mode(&modes[i], 192, key, TPM2_ALG_NULL);
		flush(key);
	}
}

TEST(cipher_mode_of_command)
{
	ESYS_TR key = cipher_key(TPM2_ALG_NULL, 256, SIGN | DECRYPT);
	TPM2B_MAX_BUFFER data = { .size = 16 }, *out;
	TPM2B_IV iv = { .size = 16 }, *next;
	unsigned int i;

	for (i = 0; i < MODES; i++)
		check_mode(&modes[i], 256, key, modes[i].mode);
	FAILS(RC_P(2, TPM2_RC_MODE),
	      Esys_EncryptDecrypt(E, key, PW, NONE, NONE, 0, TPM2_ALG_NULL, &iv,
				  &data, &out, &next));
	FAILS(RC_P(3, TPM2_RC_MODE),
	      Esys_EncryptDecrypt2(E, key, PW, NONE, NONE, &data, 0,
				   TPM2_ALG_NULL, &iv, &out, &next));
	flush(key);
}

/* ivOut of one command is ivIn of the next. */
TEST(cipher_chaining)
{
	TPM2B_MAX_BUFFER in = { .size = 32 }, *out;
	uint8_t text[64], want[64];
	unsigned int i, at;

	for (i = 0; i < sizeof(text); i++)
		text[i] = i;
	for (i = 0; i < MODES; i++) {
		ESYS_TR key = cipher_key(modes[i].mode, 128, SIGN);
		TPM2B_IV iv = some_iv(&modes[i]), *next;

		openssl_encrypt(&modes[i], 128, iv.buffer, text, sizeof(text), want);
		for (at = 0; at < sizeof(text); at += in.size) {
			memcpy(in.buffer, text + at, in.size);
			OK(Esys_EncryptDecrypt2(E, key, PW, NONE, NONE, &in, 0,
						TPM2_ALG_NULL, &iv, &out, &next));
			CHECK(!memcmp(out->buffer, want + at, in.size));
			iv = *next;
			FREE(out);
			FREE(next);
		}
		flush(key);
	}
}

/* inData may be encrypted by a session in the second command only. */
TEST(cipher_with_session)
{
	ESYS_TR key = cipher_key(TPM2_ALG_CFB, 128, SIGN | DECRYPT), s;
	TPMT_SYM_DEF aes = {
		.algorithm = TPM2_ALG_AES, .keyBits.aes = 128,
		.mode.aes = TPM2_ALG_CFB,
	};
	TPM2B_MAX_BUFFER in = { .size = 20, .buffer = "nobody shall see it" }, *out;
	TPM2B_IV iv = some_iv(&modes[2]), *next;
	uint8_t want[32];

	OK(Esys_StartAuthSession(E, NONE, NONE, NONE, NONE, NONE, NULL,
				 TPM2_SE_HMAC, &aes, TPM2_ALG_SHA256, &s));
	OK(Esys_TRSess_SetAttributes(E, s, TPMA_SESSION_CONTINUESESSION |
				     TPMA_SESSION_DECRYPT | TPMA_SESSION_ENCRYPT, 0xff));
	OK(Esys_EncryptDecrypt2(E, key, s, NONE, NONE, &in, 0, TPM2_ALG_NULL, &iv,
				&out, &next));
	openssl_encrypt(&modes[2], 128, iv.buffer, in.buffer, in.size, want);
	CHECK(!memcmp(out->buffer, want, in.size));
	FREE(out);
	FREE(next);
	flush(s);
	flush(key);
}

TEST(cipher_bad_input)
{
	ESYS_TR key = cipher_key(TPM2_ALG_CBC, 128, SIGN | DECRYPT);
	TPM2B_MAX_BUFFER data = { .size = 17 }, *out;
	TPM2B_IV iv = { .size = 16 }, short_iv = { .size = 15 }, none = {}, *next;

	FAILS(RC_P(4, TPM2_RC_SIZE),
	      Esys_EncryptDecrypt(E, key, PW, NONE, NONE, 0, TPM2_ALG_CBC, &iv,
				  &data, &out, &next));
	FAILS(RC_P(1, TPM2_RC_SIZE),
	      Esys_EncryptDecrypt2(E, key, PW, NONE, NONE, &data, 0,
				   TPM2_ALG_CBC, &iv, &out, &next));
	FAILS(RC_P(3, TPM2_RC_SIZE),
	      Esys_EncryptDecrypt(E, key, PW, NONE, NONE, 0, TPM2_ALG_CBC,
				  &short_iv, &data, &out, &next));
	FAILS(RC_P(4, TPM2_RC_SIZE),
	      Esys_EncryptDecrypt2(E, key, PW, NONE, NONE, &data, 0,
				   TPM2_ALG_CBC, &none, &out, &next));
	/* another mode than the key's */
	FAILS(RC_P(2, TPM2_RC_MODE),
	      Esys_EncryptDecrypt(E, key, PW, NONE, NONE, 0, TPM2_ALG_CTR, &iv,
				  &data, &out, &next));
	/* no mode of encryption */
	FAILS(RC_P(2, TPM2_RC_MODE),
	      Esys_EncryptDecrypt(E, key, PW, NONE, NONE, 0, TPM2_ALG_CMAC, &iv,
				  &data, &out, &next));
	FAILS(RC_P(1, TPM2_RC_VALUE),
	      Esys_EncryptDecrypt(E, key, PW, NONE, NONE, 2, TPM2_ALG_CBC, &iv,
				  &data, &out, &next));
	flush(key);
	key = cipher_key(TPM2_ALG_ECB, 128, SIGN | DECRYPT);
	data.size = 16;
	FAILS(RC_P(3, TPM2_RC_SIZE),
	      Esys_EncryptDecrypt(E, key, PW, NONE, NONE, 0, TPM2_ALG_ECB, &iv,
				  &data, &out, &next));
	flush(key);
}

TEST(cipher_key_rules)
{
	TPM2B_MAX_BUFFER data = { .size = 16 }, *out;
	TPM2B_IV iv = { .size = 16 }, *next;
	ESYS_TR key;

	key = cipher_key(TPM2_ALG_CFB, 128, SIGN);
	FAILS(RC_H(1, TPM2_RC_ATTRIBUTES),
	      Esys_EncryptDecrypt(E, key, PW, NONE, NONE, 1, TPM2_ALG_NULL, &iv,
				  &data, &out, &next));
	flush(key);
	key = cipher_key(TPM2_ALG_CFB, 128, DECRYPT);
	FAILS(RC_H(1, TPM2_RC_ATTRIBUTES),
	      Esys_EncryptDecrypt(E, key, PW, NONE, NONE, 0, TPM2_ALG_NULL, &iv,
				  &data, &out, &next));
	flush(key);
	/* a storage key */
	key = primary(&sym_key);
	FAILS(RC_H(1, TPM2_RC_ATTRIBUTES),
	      Esys_EncryptDecrypt(E, key, PW, NONE, NONE, 1, TPM2_ALG_NULL, &iv,
				  &data, &out, &next));
	flush(key);
	key = primary(&hmac_key);
	FAILS(RC_H(1, TPM2_RC_KEY),
	      Esys_EncryptDecrypt(E, key, PW, NONE, NONE, 0, TPM2_ALG_NULL, &iv,
				  &data, &out, &next));
	flush(key);
	key = cipher_key(TPM2_ALG_CMAC, 128, SIGN);
	FAILS(RC_H(1, TPM2_RC_MODE),
	      Esys_EncryptDecrypt(E, key, PW, NONE, NONE, 0, TPM2_ALG_NULL, &iv,
				  &data, &out, &next));
	flush(key);
}

static void try_template(TSS2_RC want, TPM2_ALG_ID mode, uint16_t bits, TPMA_OBJECT uses)
{
	TPM2B_PUBLIC t = cipher_template(mode, bits, uses), *pub;
	TPM2B_CREATION_DATA *data;
	TPMT_TK_CREATION *ticket;
	TPM2B_DIGEST *hash;
	ESYS_TR key;

	t.publicArea.objectAttributes |= TPMA_OBJECT_SENSITIVEDATAORIGIN;
	FAILS(want, Esys_CreatePrimary(E, OWNER, PW, NONE, NONE, &no_sensitive, &t,
				       &no_data, &no_pcrs, &key, &pub, &data,
				       &hash, &ticket));
	if (want)
		return;
	flush(key);
	FREE(pub);
	FREE(data);
	FREE(hash);
	FREE(ticket);
}

TEST(cipher_templates)
{
	try_template(0, TPM2_ALG_CMAC, 256, SIGN);
	try_template(RC_P(2, TPM2_RC_SCHEME), TPM2_ALG_CMAC, 128, DECRYPT);
	try_template(RC_P(2, TPM2_RC_SCHEME), TPM2_ALG_CMAC, 128, SIGN | DECRYPT);
	try_template(RC_P(2, TPM2_RC_MODE), TPM2_ALG_SHA256, 128, SIGN);
	try_template(RC_P(2, TPM2_RC_VALUE), TPM2_ALG_CTR, 64, SIGN);
	try_template(0, TPM2_ALG_ECB, 128, DECRYPT);
}

/* AES-CMAC by OpenSSL, with key128 */
static void openssl_cmac(const void *p, size_t len, uint8_t *mac)
{
	EVP_PKEY *key = NULL;
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	EVP_PKEY_CTX *gen = EVP_PKEY_CTX_new_id(EVP_PKEY_CMAC, NULL);
	size_t n = 16;

	CHECK(EVP_PKEY_keygen_init(gen) == 1);
	CHECK(EVP_PKEY_CTX_ctrl(gen, -1, EVP_PKEY_OP_KEYGEN, EVP_PKEY_CTRL_CIPHER, 0,
				(void *)EVP_aes_128_cbc()) == 1);
	CHECK(EVP_PKEY_CTX_ctrl(gen, -1, EVP_PKEY_OP_KEYGEN, EVP_PKEY_CTRL_SET_MAC_KEY,
				16, (void *)key128) == 1);
	CHECK(EVP_PKEY_keygen(gen, &key) == 1);
	CHECK(EVP_DigestSignInit(ctx, NULL, NULL, NULL, key) == 1);
	CHECK(EVP_DigestSign(ctx, mac, &n, p, len) == 1 && n == 16);
	EVP_MD_CTX_free(ctx);
	EVP_PKEY_free(key);
	EVP_PKEY_CTX_free(gen);
}

TEST(cmac_command)
{
	static const uint16_t sizes[] = { 0, 1, 15, 16, 17, 32, 1024 };
	ESYS_TR key = cipher_key(TPM2_ALG_CMAC, 128, SIGN);
	TPM2B_MAX_BUFFER data = {};
	TPM2B_DIGEST *mac;
	uint8_t want[16];
	unsigned int i;

	memset(data.buffer, 'm', sizeof(data.buffer));
	for (i = 0; i < sizeof(sizes) / sizeof(*sizes); i++) {
		data.size = sizes[i];
		openssl_cmac(data.buffer, data.size, want);
		OK(Esys_HMAC(E, key, PW, NONE, NONE, &data,
			     i & 1 ? TPM2_ALG_CMAC : TPM2_ALG_NULL, &mac));
		CHECK(mac->size == 16 && !memcmp(mac->buffer, want, 16));
		FREE(mac);
	}
	flush(key);
}

TEST(cmac_rules)
{
	TPM2B_MAX_BUFFER data = { .size = 1 };
	TPM2B_DIGEST *mac;
	ESYS_TR key;

	key = cipher_key(TPM2_ALG_CMAC, 128, SIGN);
	FAILS(RC_P(2, TPM2_RC_VALUE),
	      Esys_HMAC(E, key, PW, NONE, NONE, &data, TPM2_ALG_SHA256, &mac));
	FAILS(RC_P(2, TPM2_RC_SYMMETRIC),
	      Esys_HMAC(E, key, PW, NONE, NONE, &data, TPM2_ALG_CTR, &mac));
	flush(key);
	/* the command's algorithm, where the key has none */
	key = cipher_key(TPM2_ALG_NULL, 128, SIGN);
	FAILS(RC_P(2, TPM2_RC_VALUE),
	      Esys_HMAC(E, key, PW, NONE, NONE, &data, TPM2_ALG_NULL, &mac));
	FAILS(RC_P(2, TPM2_RC_SCHEME),
	      Esys_HMAC(E, key, PW, NONE, NONE, &data, TPM2_ALG_SHA256, &mac));
	OK(Esys_HMAC(E, key, PW, NONE, NONE, &data, TPM2_ALG_CMAC, &mac));
	FREE(mac);
	flush(key);
	key = cipher_key(TPM2_ALG_CFB, 128, SIGN);
	FAILS(RC_P(2, TPM2_RC_SCHEME),
	      Esys_HMAC(E, key, PW, NONE, NONE, &data, TPM2_ALG_NULL, &mac));
	FAILS(RC_P(2, TPM2_RC_VALUE),
	      Esys_HMAC(E, key, PW, NONE, NONE, &data, TPM2_ALG_CMAC, &mac));
	flush(key);
	key = primary(&hmac_key);
	FAILS(RC_P(2, TPM2_RC_VALUE),
	      Esys_HMAC(E, key, PW, NONE, NONE, &data, TPM2_ALG_CMAC, &mac));
	flush(key);
	key = primary(&ecc_sign);
	FAILS(RC_H(1, TPM2_RC_TYPE),
	      Esys_HMAC(E, key, PW, NONE, NONE, &data, TPM2_ALG_NULL, &mac));
	flush(key);
}

/* @saved: through a saved context in the middle */
static void check_sequence(bool saved)
{
	ESYS_TR key = cipher_key(TPM2_ALG_CMAC, 128, SIGN), s;
	TPM2B_MAX_BUFFER data = { .size = 21 };
	TPMT_TK_HASHCHECK *ticket;
	TPM2B_AUTH auth = {};
	TPMS_CONTEXT *ctx;
	TPM2B_DIGEST *mac;
	uint8_t text[63], want[16];

	memset(text, 'x', sizeof(text));
	memset(data.buffer, 'x', sizeof(text));
	OK(Esys_HMAC_Start(E, key, PW, NONE, NONE, &auth, TPM2_ALG_CMAC, &s));
	OK(Esys_SequenceUpdate(E, s, PW, NONE, NONE, &data));
	if (saved) {
		OK(Esys_ContextSave(E, s, &ctx));
		flush(s);
		OK(Esys_ContextLoad(E, ctx, &s));
		FREE(ctx);
	}
	OK(Esys_SequenceUpdate(E, s, PW, NONE, NONE, &data));
	OK(Esys_SequenceComplete(E, s, PW, NONE, NONE, &data, OWNER, &mac, &ticket));
	openssl_cmac(text, sizeof(text), want);
	CHECK(mac->size == 16 && !memcmp(mac->buffer, want, 16));
	/* not a digest: nobody may sign it */
	CHECK(ticket->hierarchy == TPM2_RH_NULL && !ticket->digest.size);
	FREE(mac);
	FREE(ticket);
	flush(key);
}

TEST(cmac_sequence)
{
	check_sequence(false);
}

/* swtpm 0.7 with libtpms 0.9 does not survive to load one */
TEST(cmac_sequence_saved)
{
	const char *name = getenv("ESYS_TEST_TCTI");

	if (!name || strncmp(name, "swtpm", 5))
		check_sequence(true);
}
