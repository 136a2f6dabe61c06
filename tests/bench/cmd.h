/* SPDX-License-Identifier: GPL-2.0 */
/*
 * TPM 2.0 commands as bytes: just those that are measured, with the empty
 * password wherever there is an authorization.
 */
#ifndef BENCH_CMD_H
#define BENCH_CMD_H

#include <stdint.h>
#include <string.h>

#define TPM_BUFSIZE		4096
#define TPM_HEADER		10

#define TPM_ST_NO_SESSIONS	0x8001
#define TPM_ST_SESSIONS		0x8002
#define TPM_ST_HASHCHECK	0x8024

#define TPM_RH_OWNER		0x40000001
#define TPM_RH_NULL		0x40000007
#define TPM_RS_PW		0x40000009

#define TPM_CC_NV_DEFINE_SPACE	0x12a
#define TPM_CC_CREATE_PRIMARY	0x131
#define TPM_CC_NV_WRITE		0x137
#define TPM_CC_STARTUP		0x144
#define TPM_CC_STIR_RANDOM	0x146
#define TPM_CC_NV_READ		0x14e
#define TPM_CC_CREATE		0x153
#define TPM_CC_LOAD		0x157
#define TPM_CC_QUOTE		0x158
#define TPM_CC_SIGN		0x15d
#define TPM_CC_UNSEAL		0x15e
#define TPM_CC_FLUSH_CONTEXT	0x165
#define TPM_CC_START_AUTH_SESSION 0x176
#define TPM_CC_GET_RANDOM	0x17b
#define TPM_CC_HASH		0x17d
#define TPM_CC_PCR_READ		0x17e
#define TPM_CC_POLICY_PCR	0x17f
#define TPM_CC_PCR_EXTEND	0x182

#define TPM_ALG_RSA		0x0001
#define TPM_ALG_AES		0x0006
#define TPM_ALG_KEYEDHASH	0x0008
#define TPM_ALG_SHA256		0x000b
#define TPM_ALG_NULL		0x0010
#define TPM_ALG_RSASSA		0x0014
#define TPM_ALG_ECDSA		0x0018
#define TPM_ALG_ECC		0x0023
#define TPM_ALG_CFB		0x0043
#define TPM_ECC_NIST_P256	0x0003

/* fixedTPM, fixedParent, userWithAuth, noDA; then what differs. */
#define OBJECT_FIXED		0x00000452
#define OBJECT_ORIGIN		0x00000020	/* sensitiveDataOrigin */
#define OBJECT_STORAGE		(OBJECT_FIXED | OBJECT_ORIGIN | 0x00030000)
#define OBJECT_SIGN		(OBJECT_FIXED | OBJECT_ORIGIN | 0x00040000)
#define OBJECT_ATTEST		(OBJECT_FIXED | OBJECT_ORIGIN | 0x00050000)

#define NV_INDEX		0x01000100
#define NV_BYTES		32
#define NV_ATTRIBUTES		0x02060006	/* owner and auth, noDA */
#define PCR			16
#define DIGEST_BYTES		32
#define HASH_BYTES		64
#define RANDOM_BYTES		16

/* A command as it is built, or a response as it was read. */
struct msg {
	size_t len;
	uint8_t data[TPM_BUFSIZE];
};

static inline void put(struct msg *m, const void *data, size_t len)
{
	memcpy(m->data + m->len, data, len);
	m->len += len;
}

static inline void put8(struct msg *m, uint8_t v)
{
	put(m, &v, 1);
}

static inline void put16(struct msg *m, uint16_t v)
{
	put8(m, v >> 8);
	put8(m, v);
}

static inline void put32(struct msg *m, uint32_t v)
{
	put16(m, v >> 16);
	put16(m, v);
}

/* A TPM2B of bytes that do not matter. */
static inline void put_bytes(struct msg *m, uint16_t len, uint8_t value)
{
	put16(m, len);
	memset(m->data + m->len, value, len);
	m->len += len;
}

static inline uint16_t get16(const struct msg *m, size_t at)
{
	return m->data[at] << 8 | m->data[at + 1];
}

static inline uint32_t get32(const struct msg *m, size_t at)
{
	return (uint32_t)get16(m, at) << 16 | get16(m, at + 2);
}

static inline void set16(struct msg *m, size_t at, uint16_t v)
{
	m->data[at] = v >> 8;
	m->data[at + 1] = v;
}

static inline void cmd_begin(struct msg *m, uint16_t tag, uint32_t cc)
{
	m->len = 0;
	put16(m, tag);
	put32(m, 0);
	put32(m, cc);
}

static inline void cmd_end(struct msg *m)
{
	set16(m, 2, m->len >> 16);
	set16(m, 4, m->len);
}

/* Sizes that are known only when what they count has been written. */
static inline size_t size_begin(struct msg *m)
{
	put16(m, 0);
	return m->len;
}

static inline void size_end(struct msg *m, size_t begin)
{
	set16(m, begin - 2, m->len - begin);
}

static inline void put_auth(struct msg *m)
{
	put32(m, 9);
	put32(m, TPM_RS_PW);
	put16(m, 0);
	put8(m, 0);
	put16(m, 0);
}

/* Header, one handle, and the authorization for it. */
static inline void cmd_auth(struct msg *m, uint32_t cc, uint32_t handle)
{
	cmd_begin(m, TPM_ST_SESSIONS, cc);
	put32(m, handle);
	put_auth(m);
}

static inline void put_pcr_selection(struct msg *m)
{
	put32(m, 1);
	put16(m, TPM_ALG_SHA256);
	put8(m, 3);
	put8(m, 0);
	put8(m, 0);
	put8(m, 1 << (PCR - 16));
}

/* Commands that need no key. */

static inline void cmd_startup(struct msg *m)
{
	cmd_begin(m, TPM_ST_NO_SESSIONS, TPM_CC_STARTUP);
	put16(m, 0);
	cmd_end(m);
}

static inline void cmd_stir_random(struct msg *m, const char *text)
{
	cmd_begin(m, TPM_ST_NO_SESSIONS, TPM_CC_STIR_RANDOM);
	put16(m, strlen(text));
	put(m, text, strlen(text));
	cmd_end(m);
}

static inline void cmd_get_random(struct msg *m)
{
	cmd_begin(m, TPM_ST_NO_SESSIONS, TPM_CC_GET_RANDOM);
	put16(m, RANDOM_BYTES);
	cmd_end(m);
}

static inline void cmd_hash(struct msg *m)
{
	cmd_begin(m, TPM_ST_NO_SESSIONS, TPM_CC_HASH);
	put_bytes(m, HASH_BYTES, 0x5a);
	put16(m, TPM_ALG_SHA256);
	put32(m, TPM_RH_NULL);
	cmd_end(m);
}

static inline void cmd_pcr_extend(struct msg *m)
{
	cmd_auth(m, TPM_CC_PCR_EXTEND, PCR);
	put32(m, 1);
	put16(m, TPM_ALG_SHA256);
	memset(m->data + m->len, 0x11, DIGEST_BYTES);
	m->len += DIGEST_BYTES;
	cmd_end(m);
}

static inline void cmd_pcr_read(struct msg *m)
{
	cmd_begin(m, TPM_ST_NO_SESSIONS, TPM_CC_PCR_READ);
	put_pcr_selection(m);
	cmd_end(m);
}

static inline void cmd_nv_define(struct msg *m)
{
	size_t begin;

	cmd_auth(m, TPM_CC_NV_DEFINE_SPACE, TPM_RH_OWNER);
	put16(m, 0);			/* auth */
	begin = size_begin(m);
	put32(m, NV_INDEX);
	put16(m, TPM_ALG_SHA256);
	put32(m, NV_ATTRIBUTES);
	put16(m, 0);			/* authPolicy */
	put16(m, NV_BYTES);
	size_end(m, begin);
	cmd_end(m);
}

static inline void cmd_nv(struct msg *m, uint32_t cc)
{
	cmd_begin(m, TPM_ST_SESSIONS, cc);
	put32(m, NV_INDEX);
	put32(m, NV_INDEX);
	put_auth(m);
	if (cc == TPM_CC_NV_WRITE)
		put_bytes(m, NV_BYTES, 0x33);
	else
		put16(m, NV_BYTES);
	put16(m, 0);			/* offset */
	cmd_end(m);
}

static inline void cmd_policy_session(struct msg *m)
{
	cmd_begin(m, TPM_ST_NO_SESSIONS, TPM_CC_START_AUTH_SESSION);
	put32(m, TPM_RH_NULL);		/* unsalted */
	put32(m, TPM_RH_NULL);		/* unbound */
	put_bytes(m, DIGEST_BYTES, 0x77);
	put16(m, 0);
	put8(m, 1);			/* TPM_SE_POLICY */
	put16(m, TPM_ALG_NULL);
	put16(m, TPM_ALG_SHA256);
	cmd_end(m);
}

static inline void cmd_policy_pcr(struct msg *m, uint32_t session)
{
	cmd_begin(m, TPM_ST_NO_SESSIONS, TPM_CC_POLICY_PCR);
	put32(m, session);
	put16(m, 0);			/* whatever the PCRs are now */
	put_pcr_selection(m);
	cmd_end(m);
}

static inline void cmd_flush(struct msg *m, uint32_t handle)
{
	cmd_begin(m, TPM_ST_NO_SESSIONS, TPM_CC_FLUSH_CONTEXT);
	put32(m, handle);
	cmd_end(m);
}

/* Keys. */

static inline void put_ecc_public(struct msg *m, uint32_t attributes)
{
	size_t begin = size_begin(m);

	put16(m, TPM_ALG_ECC);
	put16(m, TPM_ALG_SHA256);
	put32(m, attributes);
	put16(m, 0);			/* authPolicy */
	if (attributes == OBJECT_STORAGE) {
		put16(m, TPM_ALG_AES);
		put16(m, 128);
		put16(m, TPM_ALG_CFB);
		put16(m, TPM_ALG_NULL);
	} else {
		put16(m, TPM_ALG_NULL);
		put16(m, TPM_ALG_ECDSA);
		put16(m, TPM_ALG_SHA256);
	}
	put16(m, TPM_ECC_NIST_P256);
	put16(m, TPM_ALG_NULL);		/* kdf */
	put32(m, 0);			/* x, y */
	size_end(m, begin);
}

static inline void put_rsa_public(struct msg *m)
{
	size_t begin = size_begin(m);

	put16(m, TPM_ALG_RSA);
	put16(m, TPM_ALG_SHA256);
	put32(m, OBJECT_SIGN);
	put16(m, 0);			/* authPolicy */
	put16(m, TPM_ALG_NULL);
	put16(m, TPM_ALG_RSASSA);
	put16(m, TPM_ALG_SHA256);
	put16(m, 2048);
	put32(m, 0);			/* exponent: the default */
	put16(m, 0);			/* n */
	size_end(m, begin);
}

static inline void put_data_public(struct msg *m)
{
	size_t begin = size_begin(m);

	put16(m, TPM_ALG_KEYEDHASH);
	put16(m, TPM_ALG_SHA256);
	put32(m, OBJECT_FIXED);
	put16(m, 0);			/* authPolicy */
	put16(m, TPM_ALG_NULL);
	put16(m, 0);
	size_end(m, begin);
}

/* What follows inPublic: no outside information, no creation PCRs. */
static inline void create_end(struct msg *m)
{
	put16(m, 0);
	put32(m, 0);
	cmd_end(m);
}

static inline void create_begin(struct msg *m, uint32_t parent)
{
	cmd_auth(m, parent == TPM_RH_OWNER ? TPM_CC_CREATE_PRIMARY : TPM_CC_CREATE, parent);
	put16(m, 4);
	put32(m, 0);			/* no authorization, no data */
}

/* Below a handle, or as a primary if that is TPM_RH_OWNER. */
static inline void cmd_create_ecc(struct msg *m, uint32_t parent, uint32_t attributes)
{
	create_begin(m, parent);
	put_ecc_public(m, attributes);
	create_end(m);
}

static inline void cmd_create_rsa(struct msg *m, uint32_t parent)
{
	create_begin(m, parent);
	put_rsa_public(m);
	create_end(m);
}

static inline void cmd_create_data(struct msg *m, uint32_t parent)
{
	cmd_auth(m, TPM_CC_CREATE, parent);
	put16(m, 2 + 2 + DIGEST_BYTES);
	put16(m, 0);
	put_bytes(m, DIGEST_BYTES, 0x42);
	put_data_public(m);
	create_end(m);
}

/* Load what @created, the response to a Create, brought. */
static inline void cmd_load(struct msg *m, uint32_t parent, const struct msg *created)
{
	size_t at = TPM_HEADER + 4;
	size_t private = 2 + get16(created, at);
	size_t public = 2 + get16(created, at + private);

	cmd_auth(m, TPM_CC_LOAD, parent);
	put(m, created->data + at, private + public);
	cmd_end(m);
}

static inline void cmd_sign(struct msg *m, uint32_t key)
{
	cmd_auth(m, TPM_CC_SIGN, key);
	put_bytes(m, DIGEST_BYTES, 0xd1);
	put16(m, TPM_ALG_NULL);		/* the key's own scheme */
	put16(m, TPM_ST_HASHCHECK);
	put32(m, TPM_RH_NULL);
	put16(m, 0);
	cmd_end(m);
}

static inline void cmd_quote(struct msg *m, uint32_t key)
{
	cmd_auth(m, TPM_CC_QUOTE, key);
	put_bytes(m, DIGEST_BYTES, 0xab);
	put16(m, TPM_ALG_NULL);
	put_pcr_selection(m);
	cmd_end(m);
}

static inline void cmd_unseal(struct msg *m, uint32_t object)
{
	cmd_auth(m, TPM_CC_UNSEAL, object);
	cmd_end(m);
}

#endif
