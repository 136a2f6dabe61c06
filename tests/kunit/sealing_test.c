// SPDX-License-Identifier: GPL-2.0
/*
 * Objects of class "sealed": what each costs in chip operations, what is where,
 * and what comes of a chip that fails.
 */
#include <kunit/test.h>
#include <linux/string.h>

#include "../../drivers/vtpm_mux/tpm2/tpm2.h"

#define DATA_LEN	100

/* A chip that can seal. A blob is what is sealed, in disguise. */
struct fake_chip {
	unsigned int seals, unseals, forgets;
	u32 fail;
};

static bool fake_supports(void *hw, const struct vtpm2_hw_key *key)
{
	return false;
}

static void disguise(u8 *to, const u8 *from, size_t len)
{
	while (len--)
		to[len] = from[len] ^ 0x5a;
}

static u32 fake_seal(void *hw, const u8 *data, size_t len,
		     struct vtpm2_shadow *shadow)
{
	struct fake_chip *chip = hw;

	chip->seals++;
	if (chip->fail)
		return chip->fail;
	disguise(shadow->blob, data, len);
	shadow->len = len;
	return 0;
}

static u32 fake_unseal(void *hw, const struct vtpm2_shadow *shadow, u8 *data,
		       size_t *len)
{
	struct fake_chip *chip = hw;

	chip->unseals++;
	disguise(data, shadow->blob, shadow->len);
	*len = shadow->len;
	return chip->fail;
}

static void fake_forget(void *hw, const struct vtpm2_shadow *shadow)
{
	struct fake_chip *chip = hw;

	chip->forgets++;
}

static const struct vtpm2_hw_ops fake_ops = {
	.supports = fake_supports,
	.seal = fake_seal,
	.unseal = fake_unseal,
	.forget = fake_forget,
};

struct sealing_env {
	struct vtpm2 *t;
	struct fake_chip chip;
	struct vtpm2_object *obj;
	u8 data[DATA_LEN];
	u8 out[sizeof_field(struct vtpm2_sensitive, data)];
	size_t len;
};

static void fill(struct sealing_env *env)
{
	struct vtpm2_object *obj = env->obj;
	struct vtpm2_digest unique;

	obj->class = VTPM2_CLASS_SEALED;
	obj->pub = (struct vtpm2_public){
		.type = TPM2_ALG_KEYEDHASH,
		.name_alg = TPM2_ALG_SHA256,
		.attrs = TPM2_OA_FIXED_TPM | TPM2_OA_FIXED_PARENT,
		.scheme.alg = TPM2_ALG_NULL,
	};
	obj->sens.seed.len = 16;
	vtpm2_random(obj->sens.seed.buf, obj->sens.seed.len);
	memcpy(obj->sens.data, env->data, DATA_LEN);
	obj->sens.data_len = DATA_LEN;
	vtpm2_public_unique(&obj->pub, &obj->sens.seed,
			    (struct vtpm2_bytes){ env->data, DATA_LEN },
			    &unique);
	obj->pub.x_len = unique.len;
	memcpy(obj->pub.x, unique.buf, unique.len);
}

static u32 unseal(struct sealing_env *env)
{
	env->len = sizeof(env->out);
	memset(env->out, 0, sizeof(env->out));
	return vtpm2_key_data(env->t, env->obj, env->out, &env->len);
}

static void expect_data(struct kunit *test)
{
	struct sealing_env *env = test->priv;

	KUNIT_ASSERT_EQ(test, unseal(env), 0u);
	KUNIT_ASSERT_EQ(test, env->len, (size_t)DATA_LEN);
	KUNIT_EXPECT_MEMEQ(test, env->out, env->data, DATA_LEN);
}

/* Chip operations so far, without hints. */
static void expect_chip(struct kunit *test, unsigned int seals,
			unsigned int unseals)
{
	struct sealing_env *env = test->priv;

	KUNIT_EXPECT_EQ(test, env->chip.seals, seals);
	KUNIT_EXPECT_EQ(test, env->chip.unseals, unseals);
}

static void expect_wiped(struct kunit *test)
{
	struct sealing_env *env = test->priv;

	KUNIT_EXPECT_FALSE(test, env->t->sealing.ready);
	KUNIT_EXPECT_NULL(test, memchr_inv(env->t->sealing.key, 0,
					   sizeof(env->t->sealing.key)));
}

static int sealing_init(struct kunit *test)
{
	struct sealing_env *env = kunit_kzalloc(test, sizeof(*env), GFP_KERNEL);
	struct vtpm2_config config = { .ops = &fake_ops };

	if (!env)
		return -ENOMEM;
	env->obj = kunit_kzalloc(test, sizeof(*env->obj), GFP_KERNEL);
	config.hw = &env->chip;
	env->t = vtpm2_create(&config);
	if (!env->obj || !env->t)
		return -ENOMEM;
	test->priv = env;
	vtpm2_random(env->data, sizeof(env->data));
	vtpm2_power_on(env->t);
	fill(env);
	return 0;
}

static void sealing_exit(struct kunit *test)
{
	struct sealing_env *env = test->priv;

	if (env)
		vtpm2_destroy(env->t);
}

/* One operation for the first object, none for all others. */
static void sealing_costs(struct kunit *test)
{
	struct sealing_env *env = test->priv;
	int i;

	expect_chip(test, 0, 0);
	for (i = 0; i < 3; i++) {
		fill(env);
		KUNIT_ASSERT_EQ(test, vtpm2_key_seal(env->t, env->obj), 0u);
		expect_data(test);
	}
	expect_chip(test, 1, 0);
	KUNIT_EXPECT_TRUE(test, vtpm2_needs_rest(env->t));
	KUNIT_EXPECT_FALSE(test, vtpm2_needs_rest(env->t));
}

/* As long as the data, and unlike it; nothing of the chip's in the object. */
static void sealing_encrypts(struct kunit *test)
{
	struct sealing_env *env = test->priv;
	u8 first[DATA_LEN];

	KUNIT_ASSERT_EQ(test, vtpm2_key_seal(env->t, env->obj), 0u);
	KUNIT_EXPECT_EQ(test, env->obj->sens.data_len, (u16)DATA_LEN);
	KUNIT_EXPECT_EQ(test, env->obj->shadow.len, (u16)0);
	KUNIT_EXPECT_NE(test, 0, memcmp(env->obj->sens.data, env->data, 16));
	memcpy(first, env->obj->sens.data, DATA_LEN);
	/* another object with the same data */
	fill(env);
	KUNIT_ASSERT_EQ(test, vtpm2_key_seal(env->t, env->obj), 0u);
	KUNIT_EXPECT_NE(test, 0, memcmp(env->obj->sens.data, first, 16));
}

static void sealing_key_goes(struct kunit *test)
{
	struct sealing_env *env = test->priv;

	KUNIT_ASSERT_EQ(test, vtpm2_key_seal(env->t, env->obj), 0u);
	vtpm2_rest(env->t);
	expect_wiped(test);
	expect_data(test);
	expect_chip(test, 1, 1);
	expect_data(test);
	expect_chip(test, 1, 1);
	/* it takes no room in the chip meanwhile */
	KUNIT_EXPECT_EQ(test, env->chip.forgets, 1u);
	vtpm2_power_off(env->t);
	expect_wiped(test);
	vtpm2_power_on(env->t);
	expect_data(test);
	expect_chip(test, 1, 2);
}

static void sealing_chip_fails(struct kunit *test)
{
	struct sealing_env *env = test->priv;

	env->chip.fail = TPM2_RC_FAILURE;
	KUNIT_EXPECT_EQ(test, vtpm2_key_seal(env->t, env->obj), (u32)TPM2_RC_FAILURE);
	expect_wiped(test);
	KUNIT_EXPECT_EQ(test, env->t->sealing.shadow.len, (u16)0);
	KUNIT_EXPECT_FALSE(test, vtpm2_needs_rest(env->t));

	env->chip.fail = 0;
	KUNIT_ASSERT_EQ(test, vtpm2_key_seal(env->t, env->obj), 0u);
	env->chip.fail = TPM2_RC_RETRY;
	/* the key is here: nobody notices */
	expect_data(test);
	vtpm2_rest(env->t);
	KUNIT_EXPECT_EQ(test, unseal(env), (u32)TPM2_RC_RETRY);
	expect_wiped(test);

	env->chip.fail = 0;
	expect_data(test);
}

/* Any bit of what the data comes from. */
static void sealing_authenticates(struct kunit *test)
{
	struct sealing_env *env = test->priv;
	struct vtpm2_sensitive *sens = &env->obj->sens;
	unsigned int i;

	KUNIT_ASSERT_EQ(test, vtpm2_key_seal(env->t, env->obj), 0u);
	for (i = 0; i < DATA_LEN; i++) {
		sens->data[i] ^= 0x10;
		KUNIT_EXPECT_EQ_MSG(test, unseal(env), (u32)TPM2_RC_INTEGRITY,
				    "byte %u", i);
		sens->data[i] ^= 0x10;
	}
	sens->data_len--;
	KUNIT_EXPECT_EQ(test, unseal(env), (u32)TPM2_RC_INTEGRITY);
	sens->data_len++;
	sens->seed.buf[0] ^= 1;
	KUNIT_EXPECT_EQ(test, unseal(env), (u32)TPM2_RC_INTEGRITY);
	sens->seed.buf[0] ^= 1;
	env->t->sealing.key[0] ^= 1;
	KUNIT_EXPECT_EQ(test, unseal(env), (u32)TPM2_RC_INTEGRITY);
	env->t->sealing.key[0] ^= 1;
	expect_data(test);
	env->len = DATA_LEN - 1;
	KUNIT_EXPECT_EQ(test, vtpm2_key_data(env->t, env->obj, env->out, &env->len),
			(u32)TPM2_RC_FAILURE);
}

/* Where no key was ever made there is nothing to open: no chip operation. */
static void sealing_without_key(struct kunit *test)
{
	struct sealing_env *env = test->priv;

	KUNIT_EXPECT_EQ(test, unseal(env), (u32)TPM2_RC_FAILURE);
	expect_chip(test, 0, 0);
}

static struct kunit_case sealing_cases[] = {
	KUNIT_CASE(sealing_costs),
	KUNIT_CASE(sealing_encrypts),
	KUNIT_CASE(sealing_key_goes),
	KUNIT_CASE(sealing_chip_fails),
	KUNIT_CASE(sealing_authenticates),
	KUNIT_CASE(sealing_without_key),
	{}
};

static struct kunit_suite sealing_suite = {
	.name = "vtpm2_sealing",
	.init = sealing_init,
	.exit = sealing_exit,
	.test_cases = sealing_cases,
};

kunit_test_suite(sealing_suite);
