// SPDX-License-Identifier: GPL-2.0
/*
 * libFuzzer over what reads a vTPM's records and the rest of a running one
 * (restore.c, state_core.c, record.c, state_volatile.c).
 *
 * The input edits a vTPM that was written: each edit is what (1 byte: a record,
 * or the rest), where (2), how (1) and a value (1). The digest that binds the
 * rest to its records is made right again where the edits would only be about
 * that. What can be read then executes commands: these may fail, and the next
 * thing written must be readable again.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/unaligned.h>

#include "../hosted/store_soft.h"
#include "../kunit/template.h"
#include "../../drivers/vtpm_mux/tpm2/tpm2.h"

#define EDITS	64

static const struct vtpm2_config config = {
	.assurance = VTPM2_ASSURANCE_SOFTWARE,
};

static struct store_soft base, store;
static u8 base_rest[VTPM2_MAX_VOLATILE], rest[VTPM2_MAX_VOLATILE];
static size_t base_len, rest_len;
static u8 cmd[512], rsp[VTPM2_MAX_RESPONSE];

static u32 run(struct vtpm2 *t, const struct vtpm2_wr *wr)
{
	size_t len;

	put_unaligned_be32(wr->len, cmd + 2);
	len = vtpm2_execute(t, 0, cmd, wr->len, rsp);
	if (len < 10 || len > sizeof(rsp) || get_unaligned_be32(rsp + 2) != len)
		abort();
	return get_unaligned_be32(rsp + 6);
}

/* Header, handles (0: none) and an empty password for each of @auths */
static void begin(struct vtpm2_wr *wr, u32 cc, u32 h1, u32 h2, unsigned int auths)
{
	vtpm2_wr_init(wr, cmd, sizeof(cmd));
	vtpm2_wr_u16(wr, auths ? TPM2_ST_SESSIONS : TPM2_ST_NO_SESSIONS);
	vtpm2_wr_u32(wr, 0);
	vtpm2_wr_u32(wr, cc);
	if (h1)
		vtpm2_wr_u32(wr, h1);
	if (h2)
		vtpm2_wr_u32(wr, h2);
	if (auths)
		vtpm2_wr_u32(wr, 9 * auths);
	while (auths--) {
		vtpm2_wr_u32(wr, TPM2_RS_PW);
		vtpm2_wr_u16(wr, 0);
		vtpm2_wr_u8(wr, 0);
		vtpm2_wr_u16(wr, 0);
	}
}

static u32 simple(struct vtpm2 *t, u32 cc, u16 param)
{
	struct vtpm2_wr wr;

	begin(&wr, cc, 0, 0, 0);
	vtpm2_wr_u16(&wr, param);
	return run(t, &wr);
}

static void define(struct vtpm2 *t, u32 index, u32 attrs)
{
	struct vtpm2_wr wr;
	size_t at;

	begin(&wr, TPM2_CC_NV_DEFINE_SPACE, TPM2_RH_OWNER, 0, 1);
	vtpm2_wr_u16(&wr, 0);
	at = vtpm2_wr_begin(&wr);
	vtpm2_wr_u32(&wr, index);
	vtpm2_wr_u16(&wr, TPM2_ALG_SHA256);
	vtpm2_wr_u32(&wr, attrs | TPM2_NVA_OWNERWRITE | TPM2_NVA_OWNERREAD);
	vtpm2_wr_u16(&wr, 0);
	vtpm2_wr_u16(&wr, 8);
	vtpm2_wr_end(&wr, at);
	run(t, &wr);
	begin(&wr, TPM2_CC_NV_INCREMENT, TPM2_RH_OWNER, index, 1);
	run(t, &wr);
	begin(&wr, TPM2_CC_NV_WRITE, TPM2_RH_OWNER, index, 1);
	vtpm2_wr_u16(&wr, 8);
	vtpm2_wr_u64(&wr, 1);
	vtpm2_wr_u16(&wr, 0);
	run(t, &wr);
}

static void primary(struct vtpm2 *t, u32 hierarchy, u32 attrs)
{
	struct vtpm2_wr wr;

	begin(&wr, TPM2_CC_CREATE_PRIMARY, hierarchy, 0, 1);
	put_primary(&wr, attrs);
	run(t, &wr);
}

static void sequence(struct vtpm2 *t, u16 alg)
{
	struct vtpm2_wr wr;

	begin(&wr, TPM2_CC_HASH_SEQUENCE_START, 0, 0, 0);
	vtpm2_wr_u16(&wr, 0);
	vtpm2_wr_u16(&wr, alg);
	run(t, &wr);
}

static void session(struct vtpm2 *t, u8 type)
{
	static const u8 nonce[16];
	struct vtpm2_wr wr;

	begin(&wr, TPM2_CC_START_AUTH_SESSION, TPM2_RH_NULL, TPM2_RH_OWNER, 0);
	vtpm2_wr_2b(&wr, nonce, sizeof(nonce));
	vtpm2_wr_u16(&wr, 0);
	vtpm2_wr_u8(&wr, type);
	vtpm2_wr_u16(&wr, TPM2_ALG_XOR);
	vtpm2_wr_u16(&wr, TPM2_ALG_SHA256);
	vtpm2_wr_u16(&wr, TPM2_ALG_SHA256);
	run(t, &wr);
}

static void make_base(void)
{
	struct vtpm2 *t = vtpm2_create(&config);
	struct vtpm2_wr wr;

	vtpm2_power_on(t);
	simple(t, TPM2_CC_STARTUP, TPM2_SU_CLEAR);
	define(t, 0x01000000, 0);
	define(t, 0x01000001, TPM2_NVA_ORDERLY |
	       TPM2_NT_COUNTER << TPM2_NVA_NT_SHIFT);
	primary(t, TPM2_RH_OWNER, 0x00030472);
	primary(t, TPM2_RH_NULL, 0x00040472);
	begin(&wr, TPM2_CC_EVICT_CONTROL, TPM2_RH_OWNER, TPM2_TRANSIENT_FIRST, 1);
	vtpm2_wr_u32(&wr, 0x81000001);
	run(t, &wr);
	sequence(t, TPM2_ALG_SHA384);
	sequence(t, TPM2_ALG_NULL);
	session(t, TPM2_SE_HMAC);
	session(t, TPM2_SE_POLICY);
	vtpm2_hash_start(t);
	simple(t, TPM2_CC_SHUTDOWN, TPM2_SU_STATE);
	store_soft_fill(&base, t);
	base_len = vtpm2_volatile_write(t, base_rest, sizeof(base_rest));
	vtpm2_destroy(t);
}

/* --- what it does after --- */

static void use_object(struct vtpm2 *t, u32 handle)
{
	static const u8 digest[32];
	struct vtpm2_wr wr;

	begin(&wr, TPM2_CC_READ_PUBLIC, handle, 0, 0);
	run(t, &wr);
	begin(&wr, TPM2_CC_SEQUENCE_UPDATE, handle, 0, 1);
	vtpm2_wr_2b(&wr, digest, sizeof(digest));
	run(t, &wr);
	begin(&wr, TPM2_CC_SIGN, handle, 0, 1);
	vtpm2_wr_2b(&wr, digest, sizeof(digest));
	vtpm2_wr_u16(&wr, TPM2_ALG_ECDSA);
	vtpm2_wr_u16(&wr, TPM2_ALG_SHA256);
	vtpm2_wr_u16(&wr, TPM2_ST_HASHCHECK);
	vtpm2_wr_u32(&wr, TPM2_RH_NULL);
	vtpm2_wr_u16(&wr, 0);
	run(t, &wr);
	begin(&wr, TPM2_CC_CONTEXT_SAVE, handle, 0, 0);
	run(t, &wr);
}

static void use(struct vtpm2 *t)
{
	struct vtpm2_wr wr;
	u32 i;

	simple(t, TPM2_CC_GET_RANDOM, 8);
	for (i = 0; i < 4; i++)
		use_object(t, TPM2_TRANSIENT_FIRST + i);
	use_object(t, 0x81000001);
	for (i = 0; i < 2; i++) {
		begin(&wr, TPM2_CC_NV_READ, TPM2_RH_OWNER, 0x01000000 + i, 1);
		vtpm2_wr_u16(&wr, 8);
		vtpm2_wr_u16(&wr, 0);
		run(t, &wr);
		begin(&wr, TPM2_CC_NV_INCREMENT, TPM2_RH_OWNER, 0x01000000 + i, 1);
		run(t, &wr);
		begin(&wr, TPM2_CC_POLICY_AUTH_VALUE, 0x03000000 + i, 0, 0);
		run(t, &wr);
		begin(&wr, TPM2_CC_CONTEXT_SAVE, 0x02000000 + i * 0x01000001, 0, 0);
		run(t, &wr);
	}
	primary(t, TPM2_RH_NULL, 0x00040472);
	primary(t, TPM2_RH_OWNER, 0x00030472);
	vtpm2_hash_end(t);
	simple(t, TPM2_CC_SHUTDOWN, TPM2_SU_STATE);
	vtpm2_power_on(t);
	simple(t, TPM2_CC_STARTUP, TPM2_SU_STATE);
	simple(t, TPM2_CC_STARTUP, TPM2_SU_CLEAR);
	begin(&wr, TPM2_CC_CLEAR, TPM2_RH_LOCKOUT, 0, 1);
	run(t, &wr);
}

/* --- the input --- */

static void edit(u8 what, u16 where, u8 how, u8 value)
{
	unsigned int i = what % (store.n + 1);
	u8 *p = i < store.n ? store.rec[i].data : rest;
	size_t len = i < store.n ? store.rec[i].rec.len : rest_len;

	if (!len)
		return;
	switch (how % 4) {
	case 0:
		p[where % len] = value;
		break;
	case 1:
		p[where % len] ^= 1 << value % 8;
		break;
	case 2:
		p[where % len] += value;
		break;
	case 3:
		len = len - 1 - where % len;
		if (i < store.n)
			store.rec[i].rec.len = len;
		else
			rest_len = len;
	}
}

/* The digest is behind the version: see state_volatile.c. */
static void bind_rest(void)
{
	struct vtpm2 *t = store_soft_restore(&store, &config, NULL, 0);
	static u8 buf[VTPM2_MAX_VOLATILE];

	if (t && vtpm2_volatile_read(t, rest, rest_len) == -ESTALE &&
	    vtpm2_volatile_write(t, buf, sizeof(buf)) > 0)
		memcpy(rest + 2, buf + 2, 32);
	vtpm2_destroy(t);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct vtpm2 *t;
	bool running;
	size_t i;

	if (!base.n)
		make_base();
	if (!size)
		return 0;
	store_soft_copy(&store, &base);
	memcpy(rest, base_rest, base_len);
	rest_len = base_len;
	running = data[0] & 1;
	for (i = 1; i + 5 <= size && i < 5 * EDITS; i += 5)
		edit(data[i], data[i + 1] << 8 | data[i + 2], data[i + 3],
		     data[i + 4]);
	if (running)
		bind_rest();
	t = store_soft_restore(&store, &config, running ? rest : NULL, rest_len);
	if (!t)
		return 0;
	if (!running) {
		vtpm2_power_on(t);
		simple(t, TPM2_CC_STARTUP, TPM2_SU_STATE);
		simple(t, TPM2_CC_STARTUP, TPM2_SU_CLEAR);
	}
	use(t);
	store_soft_fill(&store, t);
	vtpm2_destroy(t);
	t = store_soft_restore(&store, &config, NULL, 0);
	if (!t)
		abort();
	vtpm2_destroy(t);
	return 0;
}
