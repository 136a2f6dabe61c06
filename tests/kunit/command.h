/* SPDX-License-Identifier: GPL-2.0 */
/*
 * An engine in software and the commands that a suite sends it.
 */
#ifndef VTPM_KUNIT_COMMAND_H
#define VTPM_KUNIT_COMMAND_H

#include <kunit/test.h>
#include <linux/string.h>
#include <linux/unaligned.h>

#include "../../drivers/vtpm_mux/tpm2/tpm2.h"

struct tpm_env {
	struct vtpm2 *t;
	u8 cmd[512];
	u8 rsp[VTPM2_MAX_RESPONSE];
};

static inline int tpm_env_init(struct kunit *test)
{
	struct vtpm2_config config = { .assurance = VTPM2_ASSURANCE_SOFTWARE };
	struct tpm_env *env = kunit_kzalloc(test, sizeof(*env), GFP_KERNEL);

	if (!env)
		return -ENOMEM;
	env->t = vtpm2_create(&config);
	if (!env->t)
		return -ENOMEM;
	vtpm2_power_on(env->t);
	test->priv = env;
	return 0;
}

static inline void tpm_env_exit(struct kunit *test)
{
	struct tpm_env *env = test->priv;

	if (env)
		vtpm2_destroy(env->t);
}

static inline void begin(struct tpm_env *env, struct vtpm2_wr *wr, u16 tag, u32 cc)
{
	vtpm2_wr_init(wr, env->cmd, sizeof(env->cmd));
	vtpm2_wr_u16(wr, tag);
	vtpm2_wr_u32(wr, 0);
	vtpm2_wr_u32(wr, cc);
}

/* An authorization area with one password. */
static inline void password(struct vtpm2_wr *wr, const char *auth)
{
	vtpm2_wr_u32(wr, 9 + strlen(auth));
	vtpm2_wr_u32(wr, TPM2_RS_PW);
	vtpm2_wr_u16(wr, 0);
	vtpm2_wr_u8(wr, 0);
	vtpm2_wr_2b(wr, auth, strlen(auth));
}

/* A command whose only handle has an empty authorization value. */
static inline void begin_auth(struct tpm_env *env, struct vtpm2_wr *wr, u32 cc,
			      u32 handle)
{
	begin(env, wr, TPM2_ST_SESSIONS, cc);
	vtpm2_wr_u32(wr, handle);
	password(wr, "");
}

/* The response code; the response is in @env->rsp. */
static inline u32 run(struct tpm_env *env, u8 locality, const struct vtpm2_wr *wr)
{
	size_t len;

	put_unaligned_be32(wr->len, env->cmd + 2);
	len = vtpm2_execute(env->t, locality, env->cmd, wr->len, env->rsp);
	return len < 10 ? ~0u : get_unaligned_be32(env->rsp + 6);
}

/* A command without handles that has one parameter, of 16 bits. */
static inline u32 run_u16(struct tpm_env *env, u8 locality, u32 cc, u16 param)
{
	struct vtpm2_wr wr;

	begin(env, &wr, TPM2_ST_NO_SESSIONS, cc);
	vtpm2_wr_u16(&wr, param);
	return run(env, locality, &wr);
}

#endif
