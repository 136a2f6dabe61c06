/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Commands whose chip commands are counted, with the empty password wherever
 * there is an authorization.
 */
#ifndef BENCH_CMD_H
#define BENCH_CMD_H

#include "msg.h"

#define TPM_ST_HASHCHECK	0x8024

#define TPM_RH_OWNER		0x40000001
#define TPM_RH_NULL		0x40000007
#define TPM_RS_PW		0x40000009

#define TPM_CC_NV_DEFINE_SPACE	0x12a
#define TPM_CC_CREATE_PRIMARY	0x131
#define TPM_CC_NV_WRITE		0x137
#define TPM_CC_STIR_RANDOM	0x146
#define TPM_CC_CREATE		0x153
#define TPM_CC_LOAD		0x157
#define TPM_CC_QUOTE		0x158
#define TPM_CC_SIGN		0x15d
#define TPM_CC_UNSEAL		0x15e
#define TPM_CC_FLUSH_CONTEXT	0x165
#define TPM_CC_GET_RANDOM	0x17b
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
#define RANDOM_BYTES		16

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

static inline void cmd_pcr_extend(struct msg *m)
{
	cmd_auth(m, TPM_CC_PCR_EXTEND, PCR);
	put32(m, 1);
	put16(m, TPM_ALG_SHA256);
	memset(m->data + m->len, 0x11, DIGEST_BYTES);
	m->len += DIGEST_BYTES;
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

static inline void cmd_nv_write(struct msg *m)
{
	cmd_begin(m, TPM_ST_SESSIONS, TPM_CC_NV_WRITE);
	put32(m, NV_INDEX);
	put32(m, NV_INDEX);
	put_auth(m);
	put_bytes(m, NV_BYTES, 0x33);
	put16(m, 0);			/* offset */
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
