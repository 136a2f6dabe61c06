// SPDX-License-Identifier: GPL-2.0
/*
 * TPM2B_PRIVATE: what opens it and what does not. Above all that one who knows
 * the parent's seedValue still cannot make the chip see bytes of his own.
 */
#include <kunit/test.h>
#include <linux/string.h>

#include "../../drivers/vtpm_mux/tpm2/tpm2.h"

struct private_env {
	struct vtpm2 *t;
	struct vtpm2_object *parent, *child, *opened;
	u8 blob[2 + VTPM2_MAX_PRIVATE];
	struct vtpm2_bytes priv;	/* in @blob, behind its size */
};

static struct vtpm2_object *storage_key(struct kunit *test)
{
	struct vtpm2_object *obj = kunit_kzalloc(test, sizeof(*obj), GFP_KERNEL);

	if (!obj)
		return NULL;
	obj->hierarchy = TPM2_RH_OWNER;
	obj->pub = (struct vtpm2_public){
		.type = TPM2_ALG_ECC,
		.name_alg = TPM2_ALG_SHA256,
		.attrs = TPM2_OA_RESTRICTED | TPM2_OA_DECRYPT |
			 TPM2_OA_USER_WITH_AUTH,
		.sym = { TPM2_ALG_AES, 128, TPM2_ALG_CFB },
		.scheme.alg = TPM2_ALG_NULL,
		.curve = TPM2_ECC_NIST_P256,
		.kdf.alg = TPM2_ALG_NULL,
		.x_len = 32,
		.y_len = 32,
	};
	obj->sens.seed.len = 32;
	memset(obj->sens.seed.buf, 0x77, 32);
	vtpm2_object_set_names(obj, NULL);
	return obj;
}

static int private_init(struct kunit *test)
{
	struct vtpm2_config config = { .assurance = VTPM2_ASSURANCE_SOFTWARE };
	struct private_env *env = kunit_kzalloc(test, sizeof(*env), GFP_KERNEL);
	struct vtpm2_wr wr;

	if (!env)
		return -ENOMEM;
	env->t = vtpm2_create(&config);
	env->parent = storage_key(test);
	env->child = storage_key(test);
	env->opened = storage_key(test);
	if (!env->t || !env->parent || !env->child || !env->opened)
		return -ENOMEM;
	test->priv = env;
	env->child->class = VTPM2_CLASS_HARDWARE;
	env->child->sens.auth.len = 3;
	memcpy(env->child->sens.auth.buf, "pwd", 3);
	env->child->shadow.len = 300;
	memset(env->child->shadow.blob, 0x42, 300);
	vtpm2_wr_init(&wr, env->blob, sizeof(env->blob));
	if (vtpm2_private_wrap(env->t, env->child, env->parent, &wr) || wr.overflow)
		return -EIO;
	env->priv = (struct vtpm2_bytes){ env->blob + 2, wr.len - 2 };
	return 0;
}

static void private_exit(struct kunit *test)
{
	struct private_env *env = test->priv;

	if (env)
		vtpm2_destroy(env->t);
}

static u32 unwrap(struct private_env *env)
{
	return vtpm2_private_unwrap(env->t, env->opened, env->parent, env->priv);
}

static void private_round_trip(struct kunit *test)
{
	struct private_env *env = test->priv;

	KUNIT_ASSERT_EQ(test, unwrap(env), 0u);
	KUNIT_EXPECT_EQ(test, env->opened->class, VTPM2_CLASS_HARDWARE);
	KUNIT_EXPECT_EQ(test, env->opened->sens.auth.len, (u16)3);
	KUNIT_EXPECT_MEMEQ(test, env->opened->sens.auth.buf, "pwd", 3);
	KUNIT_ASSERT_EQ(test, env->opened->shadow.len, (u16)300);
	KUNIT_EXPECT_MEMEQ(test, env->opened->shadow.blob,
			   env->child->shadow.blob, 300);
}

static void private_every_byte_counts(struct kunit *test)
{
	struct private_env *env = test->priv;
	size_t i;

	for (i = 0; i < env->priv.len; i++) {
		env->blob[2 + i] ^= 0x10;
		KUNIT_EXPECT_NE_MSG(test, unwrap(env), 0u, "byte %zu", i);
		env->blob[2 + i] ^= 0x10;
	}
	KUNIT_EXPECT_EQ(test, unwrap(env), 0u);
}

static void private_every_cut_is_refused(struct kunit *test)
{
	struct private_env *env = test->priv;
	size_t len = env->priv.len;

	while (env->priv.len--)
		KUNIT_EXPECT_NE_MSG(test, unwrap(env), 0u, "%zu bytes",
				    env->priv.len);
	env->priv.len = len;
	KUNIT_EXPECT_EQ(test, unwrap(env), 0u);
}

static void private_belongs_to_parent_and_name(struct kunit *test)
{
	struct private_env *env = test->priv;

	env->parent->sens.seed.buf[0] ^= 1;
	KUNIT_EXPECT_EQ(test, unwrap(env), (u32)TPM2_RC_INTEGRITY);
	env->parent->sens.seed.buf[0] ^= 1;
	env->opened->pub.attrs |= TPM2_OA_NO_DA;
	vtpm2_object_set_names(env->opened, NULL);
	KUNIT_EXPECT_EQ(test, unwrap(env), (u32)TPM2_RC_INTEGRITY);
}

/* Wrapped with the right seed, but not by this vTPM. */
static void private_forged_with_known_seed(struct kunit *test)
{
	struct private_env *env = test->priv;

	env->t->shadow_key[0] ^= 1;
	KUNIT_EXPECT_EQ(test, unwrap(env), (u32)TPM2_RC_INTEGRITY);
	env->t->shadow_key[0] ^= 1;
	KUNIT_EXPECT_EQ(test, unwrap(env), 0u);
}

static struct kunit_case private_cases[] = {
	KUNIT_CASE(private_round_trip),
	KUNIT_CASE(private_every_byte_counts),
	KUNIT_CASE(private_every_cut_is_refused),
	KUNIT_CASE(private_belongs_to_parent_and_name),
	KUNIT_CASE(private_forged_with_known_seed),
	{}
};

static struct kunit_suite private_suite = {
	.name = "vtpm_private",
	.init = private_init,
	.exit = private_exit,
	.test_cases = private_cases,
};

kunit_test_suite(private_suite);
