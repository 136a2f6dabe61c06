// SPDX-License-Identifier: GPL-2.0
/*
 * The permanent state as records: what is written and when, that a commit that
 * fails has changed nothing, and that no bytes make the reader stumble.
 *
 * That a vTPM is the same after it was written and read is what tests/esys and
 * tests/differential show, against a vTPM that is after each command.
 */
#include <linux/slab.h>

#include "command.h"
#include "template.h"
#include "../../drivers/vtpm_mux/tpm2/record.h"
#include "../../drivers/vtpm_mux/tpm2/txn.h"

#define MAX_KEPT	32

/* User space does every byte, in seconds; an emulated kernel would take long. */
#ifdef __KERNEL__
#define STEP		61
#else
#define STEP		1
#endif

/* A store of few records */
struct kept {
	struct vtpm2_record rec;
	u8 *data;
};

struct env {
	struct kunit *test;
	struct tpm_env tpm;
	struct vtpm2_config config;
	struct kept kept[MAX_KEPT];
	unsigned int n;
	unsigned int commits;	/* calls that succeeded */
	unsigned int fail_in;
	bool fail;
};

static void drop(struct env *env, unsigned int i)
{
	kunit_kfree(env->test, env->kept[i].data);
	env->kept[i] = env->kept[--env->n];
}

static int keep(void *arg, const struct vtpm2_record *rec)
{
	struct env *env = arg;
	struct kept *k;
	unsigned int i;

	for (i = 0; i < env->n; i++) {
		k = &env->kept[i];
		if (k->rec.type == rec->type && k->rec.id == rec->id)
			drop(env, i);
	}
	if (!rec->data)
		return 0;
	if (env->n == MAX_KEPT)
		return -ENOSPC;
	k = &env->kept[env->n];
	k->rec = *rec;
	k->data = kunit_kmalloc(env->test, rec->len, GFP_KERNEL);
	if (!k->data)
		return -ENOMEM;
	memcpy(k->data, rec->data, rec->len);
	k->rec.data = k->data;
	env->n++;
	return 0;
}

static int commit(void *store, const struct vtpm2_record *rec, unsigned int n)
{
	struct env *env = store;
	unsigned int i;
	int ret = 0;

	if (env->fail || (env->fail_in && !--env->fail_in))
		return -EIO;
	for (i = 0; !ret && i < n; i++)
		ret = keep(env, &rec[i]);
	env->commits++;
	return ret;
}

static const struct vtpm2_store_ops store_ops = { .commit = commit };

/* --- commands --- */

static u32 simple(struct env *env, u32 cc, u16 param)
{
	return run_u16(&env->tpm, 0, cc, param);
}

static u32 startup(struct env *env, u16 type)
{
	return simple(env, TPM2_CC_STARTUP, type);
}

static u32 shutdown(struct env *env, u16 type)
{
	return simple(env, TPM2_CC_SHUTDOWN, type);
}

static u32 extend(struct env *env, u32 pcr)
{
	static const u8 digest[32];
	struct vtpm2_wr wr;

	begin_auth(&env->tpm, &wr, TPM2_CC_PCR_EXTEND, pcr);
	vtpm2_wr_u32(&wr, 1);
	vtpm2_wr_u16(&wr, TPM2_ALG_SHA256);
	vtpm2_wr_bytes(&wr, digest, sizeof(digest));
	return run(&env->tpm, 0, &wr);
}

#define INDEX		0x01500000
#define COUNTER		(TPM2_NVA_OWNERWRITE | TPM2_NVA_OWNERREAD | TPM2_NVA_NO_DA | \
			 TPM2_NT_COUNTER << TPM2_NVA_NT_SHIFT)
#define ORDINARY	(TPM2_NVA_OWNERWRITE | TPM2_NVA_OWNERREAD | TPM2_NVA_AUTHREAD)

static u32 define(struct env *env, u32 index, u32 attrs, const char *auth)
{
	struct vtpm2_wr wr;
	size_t at;

	begin_auth(&env->tpm, &wr, TPM2_CC_NV_DEFINE_SPACE, TPM2_RH_OWNER);
	vtpm2_wr_2b(&wr, auth, strlen(auth));
	at = vtpm2_wr_begin(&wr);
	vtpm2_wr_u32(&wr, index);
	vtpm2_wr_u16(&wr, TPM2_ALG_SHA256);
	vtpm2_wr_u32(&wr, attrs);
	vtpm2_wr_u16(&wr, 0);
	vtpm2_wr_u16(&wr, 8);
	vtpm2_wr_end(&wr, at);
	return run(&env->tpm, 0, &wr);
}

static void begin_nv(struct env *env, struct vtpm2_wr *wr, u32 cc, u32 auth,
		     u32 index, const char *pw)
{
	begin(&env->tpm, wr, TPM2_ST_SESSIONS, cc);
	vtpm2_wr_u32(wr, auth);
	vtpm2_wr_u32(wr, index);
	password(wr, pw);
}

static u32 increment(struct env *env, u32 index)
{
	struct vtpm2_wr wr;

	begin_nv(env, &wr, TPM2_CC_NV_INCREMENT, TPM2_RH_OWNER, index, "");
	return run(&env->tpm, 0, &wr);
}

static u32 write(struct env *env, u32 index, u64 value)
{
	struct vtpm2_wr wr;

	begin_nv(env, &wr, TPM2_CC_NV_WRITE, TPM2_RH_OWNER, index, "");
	vtpm2_wr_u16(&wr, 8);
	vtpm2_wr_u64(&wr, value);
	vtpm2_wr_u16(&wr, 0);
	return run(&env->tpm, 0, &wr);
}

/* With the index's own authorization */
static u32 read_with(struct env *env, u32 index, const char *pw)
{
	struct vtpm2_wr wr;

	begin_nv(env, &wr, TPM2_CC_NV_READ, index, index, pw);
	vtpm2_wr_u16(&wr, 8);
	vtpm2_wr_u16(&wr, 0);
	return run(&env->tpm, 0, &wr);
}

static u32 undefine(struct env *env, u32 index)
{
	struct vtpm2_wr wr;

	begin_nv(env, &wr, TPM2_CC_NV_UNDEFINE_SPACE, TPM2_RH_OWNER, index, "");
	return run(&env->tpm, 0, &wr);
}

static u32 clear(struct env *env)
{
	struct vtpm2_wr wr;

	begin_auth(&env->tpm, &wr, TPM2_CC_CLEAR, TPM2_RH_LOCKOUT);
	return run(&env->tpm, 0, &wr);
}

/* A storage primary; its handle is that of the first slot. */
static u32 primary(struct env *env, u32 hierarchy)
{
	struct vtpm2_wr wr;

	begin_auth(&env->tpm, &wr, TPM2_CC_CREATE_PRIMARY, hierarchy);
	put_primary(&wr, 0x00030472);
	return run(&env->tpm, 0, &wr);
}

static u32 evict(struct env *env, u32 object, u32 handle)
{
	struct vtpm2_wr wr;

	begin(&env->tpm, &wr, TPM2_ST_SESSIONS, TPM2_CC_EVICT_CONTROL);
	vtpm2_wr_u32(&wr, TPM2_RH_OWNER);
	vtpm2_wr_u32(&wr, object);
	password(&wr, "");
	vtpm2_wr_u32(&wr, handle);
	return run(&env->tpm, 0, &wr);
}

static u32 sequence(struct env *env)
{
	struct vtpm2_wr wr;

	begin(&env->tpm, &wr, TPM2_ST_NO_SESSIONS, TPM2_CC_HASH_SEQUENCE_START);
	vtpm2_wr_u16(&wr, 0);
	vtpm2_wr_u16(&wr, TPM2_ALG_SHA384);
	return run(&env->tpm, 0, &wr);
}

static u32 session(struct env *env)
{
	static const u8 nonce[16];
	struct vtpm2_wr wr;

	begin(&env->tpm, &wr, TPM2_ST_NO_SESSIONS, TPM2_CC_START_AUTH_SESSION);
	vtpm2_wr_u32(&wr, TPM2_RH_NULL);
	vtpm2_wr_u32(&wr, TPM2_RH_NULL);
	vtpm2_wr_2b(&wr, nonce, sizeof(nonce));
	vtpm2_wr_u16(&wr, 0);
	vtpm2_wr_u8(&wr, TPM2_SE_POLICY);
	vtpm2_wr_u16(&wr, TPM2_ALG_NULL);
	vtpm2_wr_u16(&wr, TPM2_ALG_SHA256);
	return run(&env->tpm, 0, &wr);
}

/* One of each thing that there is a record of, and of what is volatile */
static void furnish(struct kunit *test)
{
	struct env *env = test->priv;

	KUNIT_ASSERT_EQ(test, define(env, INDEX, ORDINARY, "pin"), 0u);
	KUNIT_ASSERT_EQ(test, write(env, INDEX, 42), 0u);
	KUNIT_ASSERT_EQ(test, define(env, INDEX + 1, COUNTER | TPM2_NVA_ORDERLY, ""), 0u);
	KUNIT_ASSERT_EQ(test, increment(env, INDEX + 1), 0u);
	KUNIT_ASSERT_EQ(test, primary(env, TPM2_RH_OWNER), 0u);
	KUNIT_ASSERT_EQ(test, evict(env, TPM2_TRANSIENT_FIRST, 0x81000001), 0u);
	KUNIT_ASSERT_EQ(test, primary(env, TPM2_RH_NULL), 0u);
	KUNIT_ASSERT_EQ(test, sequence(env), 0u);
	KUNIT_ASSERT_EQ(test, session(env), 0u);
}

/* --- the environment --- */

static int state_init(struct kunit *test)
{
	struct env *env = kunit_kzalloc(test, sizeof(*env), GFP_KERNEL);

	if (!env)
		return -ENOMEM;
	env->test = test;
	env->config = (struct vtpm2_config){
		.assurance = VTPM2_ASSURANCE_SOFTWARE,
		.store_ops = &store_ops,
		.store = env,
	};
	env->tpm.t = vtpm2_create(&env->config);
	if (!env->tpm.t)
		return -ENOMEM;
	test->priv = env;
	if (vtpm2_each_record(env->tpm.t, keep, env))
		return -ENOMEM;
	vtpm2_power_on(env->tpm.t);
	return startup(env, TPM2_SU_CLEAR) ? -EIO : 0;
}

static void state_exit(struct kunit *test)
{
	struct env *env = test->priv;

	if (env)
		vtpm2_destroy(env->tpm.t);
}

/* All of the records, as if the power had gone; with @rest also the rest */
static struct vtpm2 *restore(struct env *env, const void *rest, size_t len)
{
	struct vtpm2 *t = vtpm2_restore_begin(&env->config);
	unsigned int i;
	int ret = t ? 0 : -ENOMEM;

	for (i = 0; !ret && i < env->n; i++)
		ret = vtpm2_restore_record(t, &env->kept[i].rec);
	if (!ret)
		ret = vtpm2_restore_end(t);
	if (!ret && rest)
		ret = vtpm2_volatile_read(t, rest, len);
	if (!ret)
		return t;
	vtpm2_destroy(t);
	return NULL;
}

static void lose_power(struct kunit *test)
{
	struct env *env = test->priv;
	struct vtpm2 *t = restore(env, NULL, 0);

	KUNIT_ASSERT_NOT_NULL(test, t);
	vtpm2_destroy(env->tpm.t);
	env->tpm.t = t;
	vtpm2_power_on(t);
}

static u32 record_sum(struct env *env)
{
	u32 sum = 0;
	unsigned int i, k;

	for (i = 0; i < env->n; i++)
		for (k = 0; k < env->kept[i].rec.len; k++)
			sum = 31 * sum + env->kept[i].data[k];
	return sum;
}

/* --- what is written when --- */

#define EXPECT_COMMITS(test, n, what) do {				\
	unsigned int before_ = env->commits;				\
									\
	KUNIT_EXPECT_EQ(test, what, 0u);				\
	KUNIT_EXPECT_EQ_MSG(test, env->commits - before_,		\
			    (unsigned int)(n), #what);			\
} while (0)

static void state_commits(struct kunit *test)
{
	struct env *env = test->priv;
	unsigned int i;

	/* TPM2_Startup: it was the one */
	KUNIT_EXPECT_EQ(test, env->commits, 1u);
	EXPECT_COMMITS(test, 0, extend(env, 0));
	EXPECT_COMMITS(test, 0, simple(env, TPM2_CC_GET_RANDOM, 8));
	EXPECT_COMMITS(test, 0, sequence(env));
	EXPECT_COMMITS(test, 0, session(env));
	EXPECT_COMMITS(test, 1, define(env, INDEX, ORDINARY, ""));
	EXPECT_COMMITS(test, 1, write(env, INDEX, 1));
	EXPECT_COMMITS(test, 1, define(env, INDEX + 1, COUNTER, ""));
	EXPECT_COMMITS(test, 1, increment(env, INDEX + 1));
	EXPECT_COMMITS(test, 1, increment(env, INDEX + 1));
	EXPECT_COMMITS(test, 1, primary(env, TPM2_RH_OWNER));
	EXPECT_COMMITS(test, 0, primary(env, TPM2_RH_OWNER));
	EXPECT_COMMITS(test, 0, primary(env, TPM2_RH_NULL));
	EXPECT_COMMITS(test, 1, evict(env, TPM2_TRANSIENT_FIRST + 1, 0x81000001));
	EXPECT_COMMITS(test, 1, undefine(env, INDEX));
	/* once in 256 increments, and at the first */
	EXPECT_COMMITS(test, 1, define(env, INDEX, COUNTER | TPM2_NVA_ORDERLY, ""));
	EXPECT_COMMITS(test, 1, increment(env, INDEX));
	for (i = vtpm2_nv_u64(vtpm2_nv_find(env->tpm.t, INDEX)); i < 255; i++)
		EXPECT_COMMITS(test, 0, increment(env, INDEX));
	EXPECT_COMMITS(test, 1, increment(env, INDEX));
	EXPECT_COMMITS(test, 0, increment(env, INDEX));
	/* what TPM2_Shutdown has saved, is saved no more */
	EXPECT_COMMITS(test, 1, shutdown(env, TPM2_SU_STATE));
	EXPECT_COMMITS(test, 1, extend(env, 0));
	EXPECT_COMMITS(test, 0, extend(env, 0));
	EXPECT_COMMITS(test, 1, clear(env));
}

/* --- power --- */

static u64 counter(struct env *env, u32 index)
{
	return vtpm2_nv_u64(vtpm2_nv_find(env->tpm.t, index));
}

static void state_disorderly(struct kunit *test)
{
	struct env *env = test->priv;
	u32 resets = env->tpm.t->reset_count;
	u64 count;

	furnish(test);
	KUNIT_ASSERT_EQ(test, increment(env, INDEX + 1), 0u);
	count = counter(env, INDEX + 1);
	lose_power(test);
	KUNIT_ASSERT_EQ(test, startup(env, TPM2_SU_STATE),
			vtpm2_rc_p(TPM2_RC_VALUE, 1));
	KUNIT_ASSERT_EQ(test, startup(env, TPM2_SU_CLEAR), 0u);
	KUNIT_EXPECT_GT(test, counter(env, INDEX + 1), count);
	KUNIT_EXPECT_EQ(test, counter(env, INDEX), 42u);
	KUNIT_EXPECT_EQ(test, env->tpm.t->reset_count, resets + 1);
	KUNIT_EXPECT_FALSE(test, env->tpm.t->clock_safe);
	KUNIT_EXPECT_NOT_NULL(test, vtpm2_object_find(env->tpm.t, 0x81000001));
	/* the owner's, but not the null hierarchy's */
	KUNIT_EXPECT_EQ(test, env->tpm.t->primary_count, 1u);
}

static void state_resume(struct kunit *test)
{
	struct env *env = test->priv;
	u8 pcr[32];
	u64 count, clock;

	furnish(test);
	KUNIT_ASSERT_EQ(test, increment(env, INDEX + 1), 0u);
	KUNIT_ASSERT_EQ(test, extend(env, 5), 0u);
	memcpy(pcr, env->tpm.t->pcr[1][5], sizeof(pcr));
	count = counter(env, INDEX + 1);
	KUNIT_ASSERT_EQ(test, shutdown(env, TPM2_SU_STATE), 0u);
	clock = env->tpm.t->clock_base;
	lose_power(test);
	KUNIT_ASSERT_EQ(test, startup(env, TPM2_SU_STATE), 0u);
	KUNIT_EXPECT_EQ(test, counter(env, INDEX + 1), count);
	KUNIT_EXPECT_EQ(test, memcmp(env->tpm.t->pcr[1][5], pcr, sizeof(pcr)), 0);
	KUNIT_EXPECT_TRUE(test, env->tpm.t->clock_safe);
	KUNIT_EXPECT_GE(test, env->tpm.t->clock_base, clock);
	KUNIT_EXPECT_EQ(test, env->tpm.t->primary_count, 2u);
	/* that was once: now it is disorderly */
	lose_power(test);
	KUNIT_EXPECT_EQ(test, startup(env, TPM2_SU_STATE),
			vtpm2_rc_p(TPM2_RC_VALUE, 1));
}

/* No value that was told comes again as safe, whenever the power goes. */
static void state_clock(struct kunit *test)
{
	struct env *env = test->priv;
	struct vtpm2 *t = env->tpm.t;
	unsigned int commits = env->commits;
	u64 told;

	KUNIT_EXPECT_TRUE(test, t->clock_safe);
	/* as if so much time had passed */
	t->clock_ktime -= (u64)VTPM2_CLOCK_UPDATE * 1500000;
	KUNIT_ASSERT_EQ(test, simple(env, TPM2_CC_GET_RANDOM, 8), 0u);
	KUNIT_EXPECT_EQ(test, env->commits, commits + 1);
	told = t->clock_base;
	KUNIT_EXPECT_GE(test, told, (u64)VTPM2_CLOCK_UPDATE);
	/* not written: it waits below the next multiple */
	env->fail = true;
	t->clock_ktime -= (u64)VTPM2_CLOCK_UPDATE * 5000000;
	KUNIT_EXPECT_EQ(test, simple(env, TPM2_CC_GET_RANDOM, 8), 0u);
	KUNIT_EXPECT_LT(test, t->clock_base / VTPM2_CLOCK_UPDATE, 7u);
	env->fail = false;
	told = t->clock_base;
	lose_power(test);
	t = env->tpm.t;
	KUNIT_ASSERT_EQ(test, startup(env, TPM2_SU_CLEAR), 0u);
	KUNIT_EXPECT_FALSE(test, t->clock_safe);
	t->clock_ktime -= (u64)VTPM2_CLOCK_UPDATE * 6000000;
	KUNIT_ASSERT_EQ(test, simple(env, TPM2_CC_GET_RANDOM, 8), 0u);
	KUNIT_EXPECT_TRUE(test, t->clock_safe);
	KUNIT_EXPECT_GT(test, t->clock_base, told);
}

/* --- failure --- */

static void state_undo(struct kunit *test)
{
	struct env *env = test->priv;
	u32 sum;

	furnish(test);
	sum = record_sum(env);
	env->fail = true;
	KUNIT_EXPECT_EQ(test, write(env, INDEX, 43), TPM2_RC_NV_UNAVAILABLE);
	KUNIT_EXPECT_EQ(test, counter(env, INDEX), 42u);
	KUNIT_EXPECT_EQ(test, undefine(env, INDEX), TPM2_RC_NV_UNAVAILABLE);
	KUNIT_EXPECT_EQ(test, define(env, INDEX + 2, ORDINARY, ""),
			TPM2_RC_NV_UNAVAILABLE);
	KUNIT_EXPECT_EQ(test, evict(env, 0x81000001, 0x81000001),
			TPM2_RC_NV_UNAVAILABLE);
	KUNIT_EXPECT_EQ(test, primary(env, TPM2_RH_ENDORSEMENT),
			TPM2_RC_NV_UNAVAILABLE);
	KUNIT_EXPECT_EQ(test, shutdown(env, TPM2_SU_STATE), TPM2_RC_NV_UNAVAILABLE);
	KUNIT_EXPECT_EQ(test, clear(env), TPM2_RC_NV_UNAVAILABLE);
	/* what needs no write goes on */
	KUNIT_EXPECT_EQ(test, simple(env, TPM2_CC_GET_RANDOM, 8), 0u);
	KUNIT_EXPECT_EQ(test, extend(env, 3), 0u);
	KUNIT_EXPECT_EQ(test, record_sum(env), sum);
	env->fail = false;
	KUNIT_EXPECT_EQ(test, write(env, INDEX, 43), 0u);
	lose_power(test);
	KUNIT_ASSERT_EQ(test, startup(env, TPM2_SU_CLEAR), 0u);
	KUNIT_EXPECT_EQ(test, counter(env, INDEX), 43u);
	KUNIT_EXPECT_NOT_NULL(test, vtpm2_object_find(env->tpm.t, 0x81000001));
}

/* The host's event is not lost: its end can be tried again. */
static void state_measure(struct kunit *test)
{
	struct env *env = test->priv;
	struct vtpm2 *t = env->tpm.t;
	u32 restarts;

	furnish(test);
	restarts = t->restart_count;
	KUNIT_ASSERT_TRUE(test, vtpm2_hash_start(t));
	KUNIT_ASSERT_TRUE(test, vtpm2_hash_data(t, "launcher", 8));
	env->fail = true;
	KUNIT_EXPECT_EQ(test, vtpm2_hash_end(t), -EIO);
	KUNIT_EXPECT_FALSE(test, t->established);
	KUNIT_EXPECT_EQ(test, t->restart_count, restarts);
	env->fail = false;
	KUNIT_EXPECT_EQ(test, vtpm2_hash_end(t), 0);
	KUNIT_EXPECT_TRUE(test, t->established);
	KUNIT_EXPECT_EQ(test, t->restart_count, restarts + 1);
	KUNIT_EXPECT_EQ(test, vtpm2_hash_end(t), -EINVAL);
}

/* No guess is free: neither while nothing can be written nor after that. */
static void state_guess(struct kunit *test)
{
	struct env *env = test->priv;
	struct vtpm2 *t;

	furnish(test);
	KUNIT_ASSERT_EQ(test, read_with(env, INDEX, "pin"), 0u);
	env->fail = true;
	KUNIT_EXPECT_EQ(test, read_with(env, INDEX, "pim"), TPM2_RC_NV_UNAVAILABLE);
	KUNIT_EXPECT_EQ(test, read_with(env, INDEX, "pin"), TPM2_RC_NV_UNAVAILABLE);
	KUNIT_EXPECT_EQ(test, simple(env, TPM2_CC_GET_RANDOM, 8),
			TPM2_RC_NV_UNAVAILABLE);
	KUNIT_EXPECT_EQ(test, env->tpm.t->failed_tries, 1u);
	env->fail = false;
	KUNIT_EXPECT_EQ(test, read_with(env, INDEX, "pin"), 0u);
	KUNIT_EXPECT_EQ(test, env->tpm.t->failed_tries, 1u);
	/* one that the store never heard of is counted by TPM2_Startup */
	env->fail = true;
	KUNIT_EXPECT_EQ(test, read_with(env, INDEX, "pim"), TPM2_RC_NV_UNAVAILABLE);
	env->fail = false;
	lose_power(test);
	KUNIT_ASSERT_EQ(test, startup(env, TPM2_SU_CLEAR), 0u);
	KUNIT_EXPECT_EQ(test, env->tpm.t->failed_tries, 2u);
	/* and no state is to be had without one */
	env->fail = true;
	KUNIT_EXPECT_EQ(test, read_with(env, INDEX, "pim"), TPM2_RC_NV_UNAVAILABLE);
	KUNIT_EXPECT_EQ(test, vtpm2_each_record(env->tpm.t, keep, env), -EIO);
	vtpm2_power_off(env->tpm.t);
	KUNIT_EXPECT_EQ(test, vtpm2_each_record(env->tpm.t, keep, env), -EIO);
	env->fail = false;
	KUNIT_EXPECT_EQ(test, vtpm2_each_record(env->tpm.t, keep, env), 0);
	t = restore(env, NULL, 0);
	KUNIT_ASSERT_NOT_NULL(test, t);
	KUNIT_EXPECT_EQ(test, t->failed_tries, 3u);
	vtpm2_destroy(t);
}

/* --- reading --- */

static void state_volatile(struct kunit *test)
{
	struct env *env = test->priv;
	u8 *rest = kvmalloc(VTPM2_MAX_VOLATILE, GFP_KERNEL);
	struct vtpm2 *t;
	ssize_t len;

	KUNIT_ASSERT_NOT_NULL(test, rest);
	furnish(test);
	len = vtpm2_volatile_write(env->tpm.t, rest, VTPM2_MAX_VOLATILE);
	KUNIT_EXPECT_GT(test, len, (ssize_t)0);
	t = restore(env, rest, len);
	KUNIT_EXPECT_NOT_NULL(test, t);
	vtpm2_destroy(t);
	/* a byte more, one less, and no room */
	KUNIT_EXPECT_NULL(test, restore(env, rest, len - 1));
	KUNIT_EXPECT_NULL(test, restore(env, rest, len + 1));
	KUNIT_EXPECT_EQ(test, vtpm2_volatile_write(env->tpm.t, rest, len - 1),
			(ssize_t)-ENOSPC);
	/* with other records it is no state at all */
	KUNIT_EXPECT_EQ(test, vtpm2_volatile_write(env->tpm.t, rest, len), len);
	KUNIT_EXPECT_EQ(test, write(env, INDEX, 7), 0u);
	KUNIT_EXPECT_NULL(test, restore(env, rest, len));
	kvfree(rest);
}

/* Put all records but one, and that one as @len bytes at @data. */
static int restore_with(struct env *env, unsigned int which, const u8 *data,
			size_t len)
{
	/* what it does then is not to change the records */
	struct vtpm2_config config = { .assurance = VTPM2_ASSURANCE_SOFTWARE };
	struct vtpm2 *t = vtpm2_restore_begin(&config);
	unsigned int i;
	int ret = t ? 0 : -ENOMEM;

	for (i = 0; !ret && i < env->n; i++) {
		struct vtpm2_record rec = env->kept[i].rec;

		if (i == which) {
			rec.data = data;
			rec.len = len;
		}
		ret = vtpm2_restore_record(t, &rec);
	}
	if (!ret)
		ret = vtpm2_restore_end(t);
	if (!ret) {
		vtpm2_power_on(t);
		vtpm2_execute(t, 0, env->tpm.cmd, 12, env->tpm.rsp);
	}
	vtpm2_destroy(t);
	return ret;
}

static void state_truncated(struct kunit *test)
{
	struct env *env = test->priv;
	unsigned int i, len;

	furnish(test);
	KUNIT_ASSERT_EQ(test, shutdown(env, TPM2_SU_STATE), 0u);
	for (i = 0; i < env->n; i++)
		for (len = 0; len < env->kept[i].rec.len; len += STEP)
			KUNIT_EXPECT_EQ_MSG(test, restore_with(env, i, env->kept[i].data, len),
					    -EBADMSG, "record %u/0x%x of %u bytes",
					    env->kept[i].rec.type,
					    env->kept[i].rec.id, len);
}

/* Whatever it is taken for: nothing but the sanitizers can complain. */
static void state_flipped(struct kunit *test)
{
	struct env *env = test->priv;
	unsigned int i, at;
	u8 *data;

	furnish(test);
	KUNIT_ASSERT_EQ(test, shutdown(env, TPM2_SU_STATE), 0u);
	/* what restore_with() executes */
	simple(env, TPM2_CC_STARTUP, TPM2_SU_STATE);
	for (i = 0; i < env->n; i++) {
		data = env->kept[i].data;
		for (at = 0; at < env->kept[i].rec.len; at += STEP) {
			data[at] ^= 0xff;
			restore_with(env, i, data, env->kept[i].rec.len);
			data[at] ^= 0xff ^ 0x01;
			restore_with(env, i, data, env->kept[i].rec.len);
			data[at] ^= 0x01;
		}
	}
	KUNIT_EXPECT_EQ(test, restore_with(env, env->n, NULL, 0), 0);
}

/* A record too few, or one twice */
static void state_incomplete(struct kunit *test)
{
	struct vtpm2_record rec = { VTPM2_REC_CORE };
	struct env *env = test->priv;
	struct vtpm2 *t;
	unsigned int i;

	KUNIT_ASSERT_EQ(test, define(env, INDEX, ORDINARY, ""), 0u);
	KUNIT_ASSERT_EQ(test, shutdown(env, TPM2_SU_STATE), 0u);
	t = vtpm2_restore_begin(&env->config);
	KUNIT_ASSERT_NOT_NULL(test, t);
	KUNIT_EXPECT_EQ(test, vtpm2_restore_end(t), -EBADMSG);
	vtpm2_destroy(t);
	for (i = 0; i < env->n; i++) {
		t = vtpm2_restore_begin(&env->config);
		KUNIT_ASSERT_NOT_NULL(test, t);
		rec = env->kept[i].rec;
		KUNIT_EXPECT_EQ(test, vtpm2_restore_record(t, &rec), 0);
		KUNIT_EXPECT_EQ(test, vtpm2_restore_record(t, &rec), -EBADMSG);
		vtpm2_destroy(t);
	}
	/* the state that is said to be saved, and is not */
	for (i = 0; env->kept[i].rec.type != VTPM2_REC_ORDERLY; i++)
		;
	drop(env, i);
	KUNIT_EXPECT_NULL(test, restore(env, NULL, 0));
}

static void state_sizes(struct kunit *test)
{
	struct env *env = test->priv;
	u8 *buf = kunit_kmalloc(test, VTPM2_MAX_RECORD, GFP_KERNEL);
	struct vtpm2 *t = env->tpm.t;
	struct vtpm2_wr wr;
	unsigned int i;

	KUNIT_ASSERT_NOT_NULL(test, buf);
	for (i = 0; i < VTPM2_HIERARCHIES; i++) {
		t->hier[i].auth.len = VTPM2_MAX_DIGEST;
		t->hier[i].policy.len = VTPM2_MAX_DIGEST;
	}
	t->lockout_auth.len = VTPM2_MAX_DIGEST;
	t->lockout_policy.len = VTPM2_MAX_DIGEST;
	t->pcr_policy.len = VTPM2_MAX_DIGEST;
	t->pcr_auth.len = VTPM2_MAX_DIGEST;
	t->audit_digest.len = VTPM2_MAX_DIGEST;
	t->sealing.shadow.len = VTPM2_MAX_SHADOW;
	vtpm2_wr_init(&wr, buf, VTPM2_MAX_RECORD);
	vtpm2_core_write(t, &wr);
	KUNIT_EXPECT_LE(test, wr.len, (size_t)VTPM2_MAX_CORE);
	vtpm2_wr_init(&wr, buf, VTPM2_MAX_RECORD);
	vtpm2_orderly_write(t, &wr);
	KUNIT_EXPECT_LE(test, wr.len, (size_t)VTPM2_MAX_ORDERLY);
}

static struct kunit_case state_cases[] = {
	KUNIT_CASE(state_commits),
	KUNIT_CASE(state_disorderly),
	KUNIT_CASE(state_resume),
	KUNIT_CASE(state_clock),
	KUNIT_CASE(state_undo),
	KUNIT_CASE(state_measure),
	KUNIT_CASE(state_guess),
	KUNIT_CASE(state_volatile),
	KUNIT_CASE_SLOW(state_truncated),
	KUNIT_CASE_SLOW(state_flipped),
	KUNIT_CASE(state_incomplete),
	KUNIT_CASE(state_sizes),
	{}
};

static struct kunit_suite state_suite = {
	.name = "vtpm_state",
	.init = state_init,
	.exit = state_exit,
	.test_cases = state_cases,
};

kunit_test_suite(state_suite);
