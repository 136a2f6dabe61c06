// SPDX-License-Identifier: GPL-2.0
/*
 * TPM2B_PRIVATE: what opens it and what does not. Above all that one who knows
 * the parent's seedValue still cannot make the chip see bytes of his own.
 */
#include <kunit/test.h>
#include <linux/hex.h>
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

/* Only what cannot leave this TPM can have something of the chip. */
static void set_fixed(struct vtpm2_object *obj)
{
	obj->pub.attrs |= TPM2_OA_FIXED_TPM | TPM2_OA_FIXED_PARENT;
	vtpm2_object_set_names(obj, NULL);
}

static void clear_fixed(struct vtpm2_object *obj)
{
	obj->pub.attrs &= ~(TPM2_OA_FIXED_TPM | TPM2_OA_FIXED_PARENT);
	vtpm2_object_set_names(obj, NULL);
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
	set_fixed(env->child);
	set_fixed(env->opened);
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

static void rewrap(struct kunit *test)
{
	struct private_env *env = test->priv;
	struct vtpm2_wr wr;

	vtpm2_wr_init(&wr, env->blob, sizeof(env->blob));
	KUNIT_ASSERT_EQ(test, vtpm2_private_wrap(env->t, env->child, env->parent, &wr), 0u);
	env->priv.len = wr.len - 2;
}

static void private_round_trip(struct kunit *test)
{
	struct private_env *env = test->priv;

	KUNIT_ASSERT_EQ(test, unwrap(env), 0u);
	KUNIT_EXPECT_EQ(test, env->opened->class, VTPM2_CLASS_HARDWARE);
	/* padded, so that the blob does not tell how long it is */
	KUNIT_EXPECT_EQ(test, env->opened->sens.auth.len, (u16)32);
	KUNIT_EXPECT_MEMEQ(test, env->opened->sens.auth.buf, "pwd", 4);
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

/*
 * Without fixedTPM: what any TPM can read, and nothing of the chip in it. The
 * object that is opened may be any of the same Name.
 */
static void private_without_fixed_tpm(struct kunit *test)
{
	struct private_env *env = test->priv;
	size_t fixed_len = env->priv.len;

	clear_fixed(env->child);
	clear_fixed(env->opened);
	env->child->class = VTPM2_CLASS_SOFTWARE;
	rewrap(test);
	/* class and shadow */
	KUNIT_EXPECT_EQ(test, env->priv.len, fixed_len - 1 - (2 + 300));
	env->t->shadow_key[0] ^= 1;
	KUNIT_ASSERT_EQ(test, unwrap(env), 0u);
	KUNIT_EXPECT_EQ(test, env->opened->class, VTPM2_CLASS_SOFTWARE);
	KUNIT_EXPECT_EQ(test, env->opened->shadow.len, (u16)0);
}

/* Not even one who knows the seed can make the two forms pass for each other. */
static void private_forms_are_distinct(struct kunit *test)
{
	struct private_env *env = test->priv;
	struct vtpm2_name name;

	/* wrapped for the name that the unfixed object has */
	clear_fixed(env->opened);
	name = env->child->name;
	env->child->name = env->opened->name;
	rewrap(test);
	KUNIT_EXPECT_EQ(test, unwrap(env), (u32)TPM2_RC_INTEGRITY);
	env->child->name = name;
	/* and the other way round */
	clear_fixed(env->child);
	set_fixed(env->opened);
	env->child->name = env->opened->name;
	rewrap(test);
	KUNIT_EXPECT_EQ(test, unwrap(env), (u32)TPM2_RC_INTEGRITY);
}

/* What libtpms 0.9.2 sealed below a symmetric parent that had been imported. */
static void private_of_another_tpm(struct kunit *test)
{
	static const char blob[] =
		"002063f9add563e740166ad552f80c9ea138c54537d4453c9dad2702"
		"9233a1105fd70010cb5abd95c3459c88d27425855178e9fc263cf6f8"
		"2b4fa0e4df25339fd3204ea1fe8b9421cea367d09aa8ed2e9a5dcbed"
		"58d29361c6e968686c68aa88608a453004a08b08e7023345219e3b92"
		"069afd8d5c38c237704bf9705d4b4f28d3a4e317";
	static const char unique[] =
		"3b4721b48c957e27ffb73a3a071f4618b51a6db024dcb8ba7b5b56e1"
		"f130420d";
	static const char parent_unique[] =
		"836af1b0a945895ecf3f1f95b5af5ac72f3780953d3980e9a18516cc"
		"ca939835";
	struct private_env *env = test->priv;
	struct vtpm2_object *obj = env->opened, *parent = env->parent;
	struct vtpm2_digest digest;
	u8 want[32];

	parent->pub.type = TPM2_ALG_SYMCIPHER;
	memset(parent->sens.seed.buf, 's', 32);
	parent->sens.data_len = 16;
	memset(parent->sens.data, 'k', 16);
	vtpm2_public_unique(&parent->pub, &parent->sens.seed,
			    (struct vtpm2_bytes){ parent->sens.data, 16 },
			    &digest);
	KUNIT_ASSERT_EQ(test, hex2bin(want, parent_unique, 32), 0);
	KUNIT_EXPECT_MEMEQ(test, digest.buf, want, 32);

	obj->pub = (struct vtpm2_public){
		.type = TPM2_ALG_KEYEDHASH,
		.name_alg = TPM2_ALG_SHA256,
		.attrs = TPM2_OA_USER_WITH_AUTH,
		.scheme.alg = TPM2_ALG_NULL,
		.x_len = 32,
	};
	KUNIT_ASSERT_EQ(test, hex2bin(obj->pub.x, unique, 32), 0);
	vtpm2_object_set_names(obj, parent);
	env->priv.len = strlen(blob) / 2;
	KUNIT_ASSERT_EQ(test, hex2bin(env->blob + 2, blob, env->priv.len), 0);
	KUNIT_ASSERT_EQ(test, unwrap(env), 0u);
	KUNIT_EXPECT_MEMEQ(test, obj->sens.auth.buf, "abc", 4);
	KUNIT_ASSERT_EQ(test, obj->sens.data_len, (u16)6);
	KUNIT_EXPECT_MEMEQ(test, obj->sens.data, "secret", 6);
	KUNIT_EXPECT_EQ(test, vtpm2_public_check_pair(&obj->pub, &obj->sens, 1), 0u);
}

static struct kunit_case private_cases[] = {
	KUNIT_CASE(private_round_trip),
	KUNIT_CASE(private_every_byte_counts),
	KUNIT_CASE(private_every_cut_is_refused),
	KUNIT_CASE(private_belongs_to_parent_and_name),
	KUNIT_CASE(private_forged_with_known_seed),
	KUNIT_CASE(private_without_fixed_tpm),
	KUNIT_CASE(private_forms_are_distinct),
	KUNIT_CASE(private_of_another_tpm),
	{}
};

static struct kunit_suite private_suite = {
	.name = "vtpm_private",
	.init = private_init,
	.exit = private_exit,
	.test_cases = private_cases,
};

kunit_test_suite(private_suite);
