// SPDX-License-Identifier: GPL-2.0
/*
 * The chip's side without a chip: which object is evicted, what is believed of
 * a response, and what others get to see of a response code.
 */
#include <kunit/test.h>
#include <linux/random.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/unaligned.h>

#include "../../drivers/vtpm_mux/hw/alg.h"
#include "../../drivers/vtpm_mux/hw/cmd.h"
#include "../../drivers/vtpm_mux/hw/create.h"
#include "../../drivers/vtpm_mux/hw/public.h"
#include "../../drivers/vtpm_mux/hw/rc.h"
#include "../../drivers/vtpm_mux/hw/slots.h"
#include "../../drivers/vtpm_mux/hw/wire.h"
#include "../../drivers/vtpm_mux/tpm2/types.h"

/* Stand in for vTPMs: only their addresses matter. */
static const char vtpm_a, vtpm_b;

struct table {
	struct vtpm_slots slots;
	u8 key[VTPM_KEY_LEN];
	u8 name[VTPM_NAME_LEN];
};

static struct table *new_table(struct kunit *test, unsigned int budget)
{
	struct table *t = kunit_kzalloc(test, sizeof(*t), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, t);
	t->slots.budget = budget;
	return t;
}

static const u8 *key_of(struct table *t, u8 n)
{
	memset(t->key, n, sizeof(t->key));
	return t->key;
}

static struct vtpm_slot *add(struct table *t, const void *owner, u8 n)
{
	return vtpm_slots_add(&t->slots, owner, key_of(t, n), t->name, 0x80000000 + n);
}

static struct vtpm_slot *find(struct table *t, const void *owner, u8 n)
{
	return vtpm_slots_find(&t->slots, owner, key_of(t, n));
}

static void slots_leave_two_to_others(struct kunit *test)
{
	static const u32 total[] = { 0, 1, 2, 3, 4, 5, 16, 1000, U32_MAX };
	static const unsigned int budget[] = { 1, 1, 1, 1, 2, 3, 14, VTPM_SLOTS_MAX,
					       VTPM_SLOTS_MAX };
	struct table *t = new_table(test, 1);
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(total); i++)
		KUNIT_EXPECT_EQ(test, vtpm_slots_budget(total[i]), budget[i]);
	KUNIT_EXPECT_EQ(test, vtpm_slots_peak(&t->slots), 2);
	t->slots.budget = 5;
	KUNIT_EXPECT_EQ(test, vtpm_slots_peak(&t->slots), 5);
}

static void slots_are_found_by_owner_and_key(struct kunit *test)
{
	struct table *t = new_table(test, 4);
	struct vtpm_slot *a1 = add(t, &vtpm_a, 1);

	KUNIT_ASSERT_NOT_NULL(test, a1);
	KUNIT_EXPECT_PTR_EQ(test, find(t, &vtpm_a, 1), a1);
	KUNIT_EXPECT_NULL(test, find(t, &vtpm_a, 2));
	KUNIT_EXPECT_NULL(test, find(t, &vtpm_b, 1));
	KUNIT_EXPECT_PTR_EQ(test, vtpm_slots_by_handle(&t->slots, 0x80000001), a1);
	KUNIT_EXPECT_NULL(test, vtpm_slots_by_handle(&t->slots, 0));
	KUNIT_EXPECT_EQ(test, t->slots.used, 1);

	vtpm_slots_remove(&t->slots, a1);
	KUNIT_EXPECT_NULL(test, find(t, &vtpm_a, 1));
	KUNIT_EXPECT_EQ(test, t->slots.used, 0);
}

static void slots_refuse_a_handle_twice(struct kunit *test)
{
	struct table *t = new_table(test, 4);

	KUNIT_EXPECT_NOT_NULL(test, add(t, &vtpm_a, 1));
	KUNIT_EXPECT_NULL(test, vtpm_slots_add(&t->slots, &vtpm_b, key_of(t, 2), t->name,
					       0x80000001));
	KUNIT_EXPECT_EQ(test, t->slots.used, 1);
}

static void slots_end_when_full(struct kunit *test)
{
	struct table *t = new_table(test, VTPM_SLOTS_MAX);
	unsigned int i;

	for (i = 0; i < VTPM_SLOTS_MAX; i++)
		KUNIT_EXPECT_NOT_NULL(test, add(t, &vtpm_a, i));
	KUNIT_EXPECT_NULL(test, add(t, &vtpm_a, i));
	KUNIT_EXPECT_EQ(test, t->slots.used, VTPM_SLOTS_MAX);
}

static void victim_is_least_recently_used(struct kunit *test)
{
	struct table *t = new_table(test, 4);

	KUNIT_EXPECT_NULL(test, vtpm_slots_victim(&t->slots));
	add(t, &vtpm_a, 1);
	add(t, &vtpm_b, 2);
	add(t, &vtpm_a, 3);
	KUNIT_EXPECT_PTR_EQ(test, vtpm_slots_victim(&t->slots), find(t, &vtpm_a, 1));
	vtpm_slots_touch(&t->slots, find(t, &vtpm_a, 1));
	KUNIT_EXPECT_PTR_EQ(test, vtpm_slots_victim(&t->slots), find(t, &vtpm_b, 2));
}

static void victim_is_never_pinned(struct kunit *test)
{
	struct table *t = new_table(test, 4);

	add(t, &vtpm_a, 1)->pins++;
	add(t, &vtpm_a, 2);
	KUNIT_EXPECT_PTR_EQ(test, vtpm_slots_victim(&t->slots), find(t, &vtpm_a, 2));
	find(t, &vtpm_a, 2)->pins++;
	KUNIT_EXPECT_NULL(test, vtpm_slots_victim(&t->slots));
}

static void dead_objects_go_first_and_are_not_found(struct kunit *test)
{
	struct table *t = new_table(test, 8);
	struct vtpm_slot *b;

	add(t, &vtpm_a, 1);
	add(t, &vtpm_a, 2);
	b = add(t, &vtpm_b, 3);
	add(t, &vtpm_b, 4);
	vtpm_slots_kill(&t->slots, &vtpm_b, key_of(t, 3));
	KUNIT_EXPECT_NULL(test, find(t, &vtpm_b, 3));
	KUNIT_EXPECT_NOT_NULL(test, find(t, &vtpm_b, 4));
	KUNIT_EXPECT_PTR_EQ(test, vtpm_slots_victim(&t->slots), b);
	/* it is still in the chip, under its handle */
	KUNIT_EXPECT_PTR_EQ(test, vtpm_slots_by_handle(&t->slots, 0x80000003), b);

	vtpm_slots_remove(&t->slots, b);
	vtpm_slots_kill(&t->slots, &vtpm_b, NULL);
	KUNIT_EXPECT_NULL(test, find(t, &vtpm_b, 4));
	KUNIT_EXPECT_NOT_NULL(test, find(t, &vtpm_a, 1));
	KUNIT_EXPECT_EQ(test, t->slots.used, 3);
}

static struct vtpm_ctx *new_ctx(struct kunit *test, u8 n, u32 epoch, u16 len)
{
	struct vtpm_ctx *ctx = kzalloc(struct_size(ctx, data, len), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, ctx);
	memset(ctx->key, n, sizeof(ctx->key));
	ctx->epoch = epoch;
	ctx->len = len;
	return ctx;
}

static void contexts_are_bounded_and_accounted(struct kunit *test)
{
	u8 key[VTPM_KEY_LEN] = {};
	struct vtpm_ctx_set set;
	unsigned int i;

	vtpm_ctx_init(&set);
	for (i = 0; i < VTPM_CTX_MAX; i++)
		vtpm_ctx_add(&set, new_ctx(test, i, 0, 100));
	KUNIT_EXPECT_EQ(test, set.count, VTPM_CTX_MAX);
	KUNIT_EXPECT_EQ(test, set.bytes, VTPM_CTX_MAX * (sizeof(struct vtpm_ctx) + 100));

	/* 0 is used, so that 1 is the one to go */
	KUNIT_EXPECT_NOT_NULL(test, vtpm_ctx_find(&set, key, 0));
	vtpm_ctx_add(&set, new_ctx(test, 99, 0, 200));
	KUNIT_EXPECT_EQ(test, set.count, VTPM_CTX_MAX);
	KUNIT_EXPECT_NOT_NULL(test, vtpm_ctx_find(&set, key, 0));
	memset(key, 1, sizeof(key));
	KUNIT_EXPECT_NULL(test, vtpm_ctx_find(&set, key, 0));

	/* the same object again takes its own place */
	memset(key, 99, sizeof(key));
	vtpm_ctx_add(&set, new_ctx(test, 99, 0, 300));
	KUNIT_EXPECT_EQ(test, set.count, VTPM_CTX_MAX);
	KUNIT_EXPECT_EQ(test, vtpm_ctx_find(&set, key, 0)->len, 300);

	vtpm_ctx_drop(&set, key);
	KUNIT_EXPECT_NULL(test, vtpm_ctx_find(&set, key, 0));
	vtpm_ctx_drop(&set, NULL);
	KUNIT_EXPECT_EQ(test, set.count, 0);
	KUNIT_EXPECT_EQ(test, set.bytes, (size_t)0);
	KUNIT_EXPECT_TRUE(test, list_empty(&set.lru));
}

static void contexts_of_an_old_epoch_are_gone(struct kunit *test)
{
	u8 key[VTPM_KEY_LEN];
	struct vtpm_ctx_set set;

	vtpm_ctx_init(&set);
	memset(key, 7, sizeof(key));
	vtpm_ctx_add(&set, new_ctx(test, 7, 1, 10));
	KUNIT_EXPECT_NULL(test, vtpm_ctx_find(&set, key, 2));
	KUNIT_EXPECT_EQ(test, set.count, 0);
}

static void leftovers_are_recognized(struct kunit *test)
{
	struct vtpm_recent *recent = kunit_kzalloc(test, sizeof(*recent), GFP_KERNEL);
	u8 name[VTPM_NAME_LEN] = { 0, TPM2_ALG_SHA256 };
	const u8 none[VTPM_NAME_LEN] = {};
	unsigned int i;

	KUNIT_ASSERT_NOT_NULL(test, recent);
	KUNIT_EXPECT_FALSE(test, vtpm_recent_has(recent, name));
	KUNIT_EXPECT_FALSE(test, vtpm_recent_has(recent, none));
	for (i = 0; i < VTPM_RECENT_MAX; i++) {
		name[2] = i;
		vtpm_recent_add(recent, name);
	}
	/* the oldest is used again: the second oldest goes */
	name[2] = 0;
	KUNIT_EXPECT_TRUE(test, vtpm_recent_has(recent, name));
	vtpm_recent_add(recent, name);
	name[2] = 200;
	vtpm_recent_add(recent, name);
	KUNIT_EXPECT_TRUE(test, vtpm_recent_has(recent, name));
	name[2] = 0;
	KUNIT_EXPECT_TRUE(test, vtpm_recent_has(recent, name));
	name[2] = 1;
	KUNIT_EXPECT_FALSE(test, vtpm_recent_has(recent, name));
	for (i = 2; i < VTPM_RECENT_MAX; i++) {
		name[2] = i;
		KUNIT_EXPECT_TRUE(test, vtpm_recent_has(recent, name));
	}
}

static struct kunit_case slots_cases[] = {
	KUNIT_CASE(slots_leave_two_to_others),
	KUNIT_CASE(slots_are_found_by_owner_and_key),
	KUNIT_CASE(slots_refuse_a_handle_twice),
	KUNIT_CASE(slots_end_when_full),
	KUNIT_CASE(victim_is_least_recently_used),
	KUNIT_CASE(victim_is_never_pinned),
	KUNIT_CASE(dead_objects_go_first_and_are_not_found),
	KUNIT_CASE(contexts_are_bounded_and_accounted),
	KUNIT_CASE(contexts_of_an_old_epoch_are_gone),
	KUNIT_CASE(leftovers_are_recognized),
	{}
};

static struct kunit_suite slots_suite = {
	.name = "vtpm_slots",
	.test_cases = slots_cases,
};

/*
 * A buffer of its own for each length, so that KASAN sees every byte too many.
 */
static u8 *copy_of(struct kunit *test, const void *p, size_t len)
{
	u8 *copy = kunit_kmalloc(test, len ?: 1, GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, copy);
	memcpy(copy, p, len);
	return copy;
}

static void writer_stops_at_the_end(struct kunit *test)
{
	struct vtpm_wr wr;
	u8 buf[8];

	vtpm_wr_init(&wr, buf, sizeof(buf));
	vtpm_wr_u32(&wr, 0x01020304);
	vtpm_wr_u16(&wr, 0x0506);
	vtpm_wr_u32(&wr, 0);
	KUNIT_EXPECT_TRUE(test, wr.bad);
	KUNIT_EXPECT_EQ(test, wr.len, (size_t)6);
	vtpm_wr_u8(&wr, 7);		/* would fit, but the error sticks */
	KUNIT_EXPECT_EQ(test, wr.len, (size_t)6);
	KUNIT_EXPECT_MEMEQ(test, buf, "\1\2\3\4\5\6", 6);
}

static void writer_nests(struct kunit *test)
{
	static const u8 want[] = { 0, 8, 0, 2, 0xaa, 0xbb, 0, 2, 0, 0, 9 };
	struct vtpm_wr wr;
	size_t outer;
	u8 buf[32];

	vtpm_wr_init(&wr, buf, sizeof(buf));
	outer = vtpm_wr_begin(&wr);
	vtpm_wr_2b(&wr, "\xaa\xbb", 2);
	vtpm_wr_u16(&wr, 2);
	vtpm_wr_zero(&wr, 2);
	vtpm_wr_end(&wr, outer);
	vtpm_wr_u8(&wr, 9);
	KUNIT_EXPECT_FALSE(test, wr.bad);
	KUNIT_ASSERT_EQ(test, wr.len, sizeof(want));
	KUNIT_EXPECT_MEMEQ(test, buf, want, sizeof(want));

	vtpm_wr_2b(&wr, buf, 0x10000);
	KUNIT_EXPECT_TRUE(test, wr.bad);
}

static void reader_stops_at_the_end(struct kunit *test)
{
	struct vtpm_rd rd;
	size_t len;

	vtpm_rd_init(&rd, copy_of(test, "\0\5abcd", 6), 6);
	KUNIT_EXPECT_NULL(test, vtpm_rd_2b(&rd, &len));
	KUNIT_EXPECT_EQ(test, len, (size_t)0);
	KUNIT_EXPECT_TRUE(test, rd.bad);
	KUNIT_EXPECT_EQ(test, vtpm_rd_u8(&rd), 0);
	KUNIT_EXPECT_FALSE(test, vtpm_rd_done(&rd));
}

static void numbers_are_padded(struct kunit *test)
{
	static const u8 in[] = {
		0, 2, 1, 2,
		0, 6, 0, 0, 1, 2, 3, 4,
		0, 0,
		0, 5, 1, 2, 3, 4, 5
	};
	struct vtpm_rd rd;
	u8 out[4];

	vtpm_rd_init(&rd, in, sizeof(in));
	vtpm_rd_number(&rd, out, 4);
	KUNIT_EXPECT_MEMEQ(test, out, "\0\0\1\2", 4);
	vtpm_rd_number(&rd, out, 4);
	KUNIT_EXPECT_MEMEQ(test, out, "\1\2\3\4", 4);
	vtpm_rd_number(&rd, out, 4);
	KUNIT_EXPECT_MEMEQ(test, out, "\0\0\0\0", 4);
	KUNIT_EXPECT_FALSE(test, rd.bad);
	vtpm_rd_number(&rd, out, 4);
	KUNIT_EXPECT_TRUE(test, rd.bad);
}

static int parse(struct kunit *test, const void *rsp, size_t len, u16 tag, u32 *handle,
		 struct vtpm_rd *rd)
{
	vtpm_rd_init(rd, copy_of(test, rsp, len), len);
	return vtpm_cmd_parse(rd, tag, handle);
}

static void responses_are_framed(struct kunit *test)
{
	static const u8 rsp[] = {
		0x80, 0x02, 0, 0, 0, 25, 0, 0, 0, 0, 0x80, 0, 0, 1,
		0, 0, 0, 2, 0xca, 0xfe, 0, 0, 1, 0, 0
	};
	static const u8 plain[] = { 0x80, 0x01, 0, 0, 0, 11, 0, 0, 0, 0, 0x42 };
	struct vtpm_rd rd;
	u32 handle = 0;
	size_t len;

	KUNIT_EXPECT_EQ(test, parse(test, rsp, sizeof(rsp), TPM2_ST_SESSIONS, &handle, &rd), 0);
	KUNIT_EXPECT_EQ(test, handle, 0x80000001);
	KUNIT_EXPECT_EQ(test, vtpm_rd_u16(&rd), 0xcafe);
	KUNIT_EXPECT_TRUE(test, vtpm_rd_done(&rd));

	KUNIT_EXPECT_EQ(test, parse(test, plain, sizeof(plain), TPM2_ST_NO_SESSIONS, NULL, &rd),
			0);
	KUNIT_EXPECT_EQ(test, vtpm_rd_u8(&rd), 0x42);

	/* cut anywhere, its size corrected or not */
	for (len = 0; len < sizeof(rsp); len++) {
		u8 *cut = copy_of(test, rsp, sizeof(rsp));

		KUNIT_EXPECT_EQ(test, parse(test, cut, len, TPM2_ST_SESSIONS, &handle, &rd),
				-EBADMSG);
		cut[5] = len;
		if (len < 20)
			KUNIT_EXPECT_EQ(test, parse(test, cut, len, TPM2_ST_SESSIONS, &handle,
						    &rd), -EBADMSG);
	}
	/* another tag than the command's, and an error in disguise */
	KUNIT_EXPECT_EQ(test, parse(test, plain, sizeof(plain), TPM2_ST_SESSIONS, NULL, &rd),
			-EBADMSG);
	KUNIT_EXPECT_EQ(test, parse(test, "\x80\1\0\0\0\x0a\0\0\1\1", 10, TPM2_ST_NO_SESSIONS,
				    NULL, &rd), -EBADMSG);
}

static void parameter_sizes_are_checked(struct kunit *test)
{
	static const u32 sizes[] = { 3, 100, 0x7fffffff, 0x80000000, U32_MAX };
	u8 rsp[16] = { 0x80, 0x02, 0, 0, 0, 16 };
	struct vtpm_rd rd;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		put_unaligned_be32(sizes[i], rsp + 10);
		KUNIT_EXPECT_EQ(test, parse(test, rsp, sizeof(rsp), TPM2_ST_SESSIONS, NULL, &rd),
				-EBADMSG);
	}
}

static const u8 parent_name[VTPM_NAME_LEN] = { 0, TPM2_ALG_SHA256, 1, 2, 3 };

/* What a chip would return for a P-256 key below @parent. */
static size_t create_response(void *buf, size_t cap, const u8 *parent)
{
	const struct vtpm2_hw_key key = { .alg = TPM2_ALG_ECC, .curve = TPM2_ECC_NIST_P256 };
	struct vtpm_wr wr;
	size_t mark;

	vtpm_wr_init(&wr, buf, cap);
	vtpm_wr_2b(&wr, parent_name, 30);		/* private */
	mark = vtpm_wr_begin(&wr);
	vtpm_public_key(&wr, &key, TPM2_OA_DECRYPT);
	vtpm_wr_end(&wr, mark);
	mark = vtpm_wr_begin(&wr);			/* creation data */
	vtpm_wr_u32(&wr, 1);
	vtpm_wr_u16(&wr, TPM2_ALG_SHA256);
	vtpm_wr_u8(&wr, 3);
	vtpm_wr_zero(&wr, 3);
	vtpm_wr_2b(&wr, parent_name, 32);
	vtpm_wr_u8(&wr, 1);
	vtpm_wr_u16(&wr, TPM2_ALG_SHA256);
	vtpm_wr_2b(&wr, parent, VTPM_NAME_LEN);
	vtpm_wr_2b(&wr, parent, VTPM_NAME_LEN);
	vtpm_wr_2b(&wr, NULL, 0);
	vtpm_wr_end(&wr, mark);
	return wr.bad ? 0 : wr.len;
}

static int read_created(struct kunit *test, const void *p, size_t len)
{
	struct vtpm_created created;
	struct vtpm_rd rd;
	int ret;

	vtpm_rd_init(&rd, copy_of(test, p, len), len);
	ret = vtpm_create_read(&rd, parent_name, &created);
	if (!ret)
		KUNIT_EXPECT_LE(test, created.len, len);
	return ret;
}

static void new_objects_are_checked(struct kunit *test)
{
	u8 other[VTPM_NAME_LEN] = {};
	u8 rsp[512];
	size_t len, i;

	/* another parent than ours */
	len = create_response(rsp, sizeof(rsp), other);
	KUNIT_EXPECT_EQ(test, read_created(test, rsp, len), -EBADMSG);

	len = create_response(rsp, sizeof(rsp), parent_name);
	KUNIT_ASSERT_NE(test, len, (size_t)0);
	KUNIT_EXPECT_EQ(test, read_created(test, rsp, len), 0);
	for (i = 0; i < len; i++)
		KUNIT_EXPECT_EQ(test, read_created(test, rsp, i), -EBADMSG);
}

static void noise_is_survived(struct kunit *test)
{
	struct vtpm_created created;
	struct vtpm_public pub;
	struct vtpm_rd rd;
	u8 noise[256];
	unsigned int i;
	size_t len;
	u32 handle;

	for (i = 0; i < 2000; i++) {
		u8 *p;

		get_random_bytes(noise, sizeof(noise));
		len = get_random_u32_below(sizeof(noise));
		/* sizes that have a chance to fit */
		noise[0] = 0;
		noise[1] &= 0x7f;
		p = copy_of(test, noise, len);
		vtpm_rd_init(&rd, p, len);
		vtpm_cmd_parse(&rd, TPM2_ST_SESSIONS, &handle);
		vtpm_rd_init(&rd, p, len);
		vtpm_public_read(&rd, &pub);
		vtpm_rd_init(&rd, p, len);
		KUNIT_EXPECT_EQ(test, vtpm_create_read(&rd, parent_name, &created), -EBADMSG);
		kunit_kfree(test, p);
	}
}

static struct kunit_case wire_cases[] = {
	KUNIT_CASE(writer_stops_at_the_end),
	KUNIT_CASE(writer_nests),
	KUNIT_CASE(reader_stops_at_the_end),
	KUNIT_CASE(numbers_are_padded),
	KUNIT_CASE(responses_are_framed),
	KUNIT_CASE(parameter_sizes_are_checked),
	KUNIT_CASE(new_objects_are_checked),
	KUNIT_CASE(noise_is_survived),
	{}
};

static struct kunit_suite wire_suite = {
	.name = "vtpm_wire",
	.test_cases = wire_cases,
};

static void guests_see_no_numbers(struct kunit *test)
{
	bool explained;
	u32 rc, out;

	for (rc = 0; rc < 0x1000; rc++) {
		out = vtpm_rc_guest(rc, &explained);
		KUNIT_EXPECT_EQ(test, !rc, !out);
		/* format one: no parameter, session or handle number */
		if (out & TPM2_RC_FMT1)
			KUNIT_EXPECT_EQ(test, out & ~0xbf, 0u);
		/* REFERENCE_H0..6 and _S0..6 */
		KUNIT_EXPECT_FALSE(test, out >= 0x910 && out <= 0x91e);
	}
	KUNIT_EXPECT_EQ(test, vtpm_rc_guest(0x12345678, &explained), TPM2_RC_FAILURE);
	KUNIT_EXPECT_FALSE(test, explained);
}

static void guests_see_what_helps(struct kunit *test)
{
	static const struct {
		int ret;
		u32 rc;
		bool explained;
	} cases[] = {
		{ 0, TPM2_RC_SUCCESS, true },
		{ TPM2_RC_KEY_SIZE | TPM2_RC_P | TPM2_RC_N(2), TPM2_RC_KEY_SIZE, true },
		{ TPM2_RC_INTEGRITY | TPM2_RC_P | TPM2_RC_N(1), TPM2_RC_INTEGRITY, true },
		{ TPM2_RC_ECC_POINT | TPM2_RC_P | TPM2_RC_N(1), TPM2_RC_ECC_POINT, true },
		{ TPM2_RC_OBJECT_MEMORY, TPM2_RC_MEMORY, true },
		{ TPM2_RC_NV_RATE, TPM2_RC_FAILURE, true },
		{ TPM2_RC_RETRY, TPM2_RC_FAILURE, true },
		{ TPM2_RC_YIELDED, TPM2_RC_FAILURE, true },
		{ TPM2_RC_TESTING, TPM2_RC_FAILURE, true },
		{ TPM2_RC_CANCELED, TPM2_RC_CANCELED, true },
		{ TPM2_RC_REFERENCE_H0, TPM2_RC_FAILURE, false },
		{ TPM2_RC_HANDLE | TPM2_RC_N(1), TPM2_RC_FAILURE, false },
		{ TPM2_RC_AUTH_FAIL | TPM2_RC_S | TPM2_RC_N(1), TPM2_RC_FAILURE, false },
		{ TPM2_RC_LOCKOUT, TPM2_RC_FAILURE, false },
		{ TPM2_RC_FAILURE, TPM2_RC_FAILURE, false },
		{ -ECANCELED, TPM2_RC_CANCELED, true },
		{ -EINTR, TPM2_RC_CANCELED, true },
		{ -ETIMEDOUT, TPM2_RC_FAILURE, true },
		{ -ENODEV, TPM2_RC_FAILURE, true },
		{ -EIO, TPM2_RC_FAILURE, true },
		{ -EBUSY, TPM2_RC_FAILURE, true },
		/* for operation.c, which waits and repeats the command */
		{ -EAGAIN, TPM2_RC_RETRY, true },
		{ -ENOMEM, TPM2_RC_MEMORY, true },
		{ -EBADMSG, TPM2_RC_FAILURE, false },
	};
	unsigned int i;
	bool explained;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		KUNIT_EXPECT_EQ_MSG(test, vtpm_rc_guest(cases[i].ret, &explained),
				    cases[i].rc, "for %#x", cases[i].ret);
		KUNIT_EXPECT_EQ_MSG(test, explained, cases[i].explained, "for %#x",
				    cases[i].ret);
	}
}

static void lost_handles_are_told_from_others(struct kunit *test)
{
	KUNIT_EXPECT_TRUE(test, vtpm_rc_handle_lost(TPM2_RC_REFERENCE_H0));
	KUNIT_EXPECT_TRUE(test, vtpm_rc_handle_lost(TPM2_RC_HANDLE | TPM2_RC_N(1)));
	KUNIT_EXPECT_FALSE(test, vtpm_rc_handle_lost(TPM2_RC_HANDLE | TPM2_RC_N(2)));
	KUNIT_EXPECT_FALSE(test, vtpm_rc_handle_lost(TPM2_RC_HANDLE | TPM2_RC_P | TPM2_RC_N(1)));
	KUNIT_EXPECT_FALSE(test, vtpm_rc_handle_lost(0));
	KUNIT_EXPECT_FALSE(test, vtpm_rc_handle_lost(-EIO));
	KUNIT_EXPECT_TRUE(test, vtpm_rc_auth_failed(TPM2_RC_BAD_AUTH | TPM2_RC_S | TPM2_RC_N(1)));
	KUNIT_EXPECT_TRUE(test, vtpm_rc_auth_failed(TPM2_RC_AUTH_FAIL | TPM2_RC_S | TPM2_RC_N(1)));
	KUNIT_EXPECT_FALSE(test, vtpm_rc_auth_failed(TPM2_RC_AUTH_TYPE));
	KUNIT_EXPECT_FALSE(test, vtpm_rc_auth_failed(-EACCES));
}

static void refusals_are_told_from_failures(struct kunit *test)
{
	KUNIT_EXPECT_TRUE(test, vtpm_rc_refused(TPM2_RC_INTEGRITY | TPM2_RC_P | TPM2_RC_N(1)));
	KUNIT_EXPECT_TRUE(test, vtpm_rc_refused(TPM2_RC_HANDLE | TPM2_RC_P | TPM2_RC_N(1)));
	KUNIT_EXPECT_FALSE(test, vtpm_rc_refused(TPM2_RC_INTEGRITY | TPM2_RC_P | TPM2_RC_N(2)));
	KUNIT_EXPECT_FALSE(test, vtpm_rc_refused(TPM2_RC_OBJECT_MEMORY));
	KUNIT_EXPECT_FALSE(test, vtpm_rc_refused(TPM2_RC_FAILURE));
	KUNIT_EXPECT_FALSE(test, vtpm_rc_refused(0x11df));
	KUNIT_EXPECT_FALSE(test, vtpm_rc_refused(-EIO));
	KUNIT_EXPECT_FALSE(test, vtpm_rc_refused(0));

	KUNIT_EXPECT_TRUE(test, vtpm_rc_flushed(TPM2_RC_HANDLE | TPM2_RC_P | TPM2_RC_N(1)));
	KUNIT_EXPECT_FALSE(test, vtpm_rc_flushed(TPM2_RC_RETRY));
	KUNIT_EXPECT_FALSE(test, vtpm_rc_flushed(-EIO));
}

static void errnos_are_those_of_the_interface(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, vtpm_rc_errno(0), 0);
	KUNIT_EXPECT_EQ(test, vtpm_rc_errno(TPM2_RC_BAD_AUTH | TPM2_RC_S | TPM2_RC_N(1)), -EACCES);
	KUNIT_EXPECT_EQ(test, vtpm_rc_errno(TPM2_RC_CURVE | TPM2_RC_P | TPM2_RC_N(2)),
			-EOPNOTSUPP);
	KUNIT_EXPECT_EQ(test, vtpm_rc_errno(TPM2_RC_NV_SPACE), -ENOSPC);
	KUNIT_EXPECT_EQ(test, vtpm_rc_errno(TPM2_RC_RETRY), -EBUSY);
	KUNIT_EXPECT_EQ(test, vtpm_rc_errno(-EAGAIN), -EBUSY);
	KUNIT_EXPECT_EQ(test, vtpm_rc_errno(TPM2_RC_FAILURE), -EIO);
	KUNIT_EXPECT_EQ(test, vtpm_rc_errno(-EBADMSG), -EIO);
	KUNIT_EXPECT_EQ(test, vtpm_rc_errno(-ETIMEDOUT), -ETIMEDOUT);
}

static struct kunit_case rc_cases[] = {
	KUNIT_CASE(guests_see_no_numbers),
	KUNIT_CASE(guests_see_what_helps),
	KUNIT_CASE(lost_handles_are_told_from_others),
	KUNIT_CASE(refusals_are_told_from_failures),
	KUNIT_CASE(errnos_are_those_of_the_interface),
	{}
};

static struct kunit_suite rc_suite = {
	.name = "vtpm_rc",
	.test_cases = rc_cases,
};

/* A digest of @len bytes of ff: what the chip gets, as zeroes before and after. */
static void expect_fit(struct kunit *test, u32 hashes, size_t size, size_t len, u16 want_alg,
		       size_t before, size_t after)
{
	u8 digest[VTPM_MAX_DIGEST], out[VTPM_MAX_DIGEST], want[VTPM_MAX_DIGEST] = {};
	u16 alg = 0;

	memset(digest, 0xff, sizeof(digest));
	memset(want + before, 0xff, len);
	KUNIT_EXPECT_EQ(test, vtpm_digest_fit(hashes, size, digest, len, out, &alg),
			before + len + after);
	KUNIT_EXPECT_EQ(test, alg, want_alg);
	KUNIT_EXPECT_MEMEQ(test, out, want, before + len + after);
}

static void digests_fit_without_changing(struct kunit *test)
{
	const u32 all = VTPM_HASH_SHA1 | VTPM_HASH_SHA256 | VTPM_HASH_SHA384 | VTPM_HASH_SHA512;

	expect_fit(test, all, 32, 20, TPM2_ALG_SHA1, 0, 0);
	expect_fit(test, all, 32, 32, TPM2_ALG_SHA256, 0, 0);
	expect_fit(test, all, 32, 28, TPM2_ALG_SHA256, 4, 0);
	expect_fit(test, VTPM_HASH_SHA256, 32, 20, TPM2_ALG_SHA256, 12, 0);
	/* of a digest longer than the order the chip takes the first bytes */
	expect_fit(test, VTPM_HASH_SHA384, 32, 32, TPM2_ALG_SHA384, 0, 16);
	expect_fit(test, VTPM_HASH_SHA384, 32, 20, TPM2_ALG_SHA384, 12, 16);
	expect_fit(test, VTPM_HASH_SHA512, 48, 48, TPM2_ALG_SHA512, 0, 16);
	expect_fit(test, all, 66, 64, TPM2_ALG_SHA512, 0, 0);
	expect_fit(test, VTPM_HASH_SHA512, 66, 32, TPM2_ALG_SHA512, 32, 0);
}

static void digests_that_do_not_fit_are_refused(struct kunit *test)
{
	u8 digest[66] = {}, out[VTPM_MAX_DIGEST];
	u16 alg;

	KUNIT_EXPECT_EQ(test, vtpm_digest_fit(VTPM_HASH_SHA1 | VTPM_HASH_SHA256, 48, digest, 48,
					      out, &alg), (size_t)0);
	KUNIT_EXPECT_EQ(test, vtpm_digest_fit(VTPM_HASH_SHA512, 66, digest, 66, out, &alg),
			(size_t)0);
	KUNIT_EXPECT_EQ(test, vtpm_digest_fit(VTPM_HASH_SHA512, 32, digest, 33, out, &alg),
			(size_t)0);
	KUNIT_EXPECT_EQ(test, vtpm_digest_fit(0, 32, digest, 32, out, &alg), (size_t)0);
}

static struct kunit_case alg_cases[] = {
	KUNIT_CASE(digests_fit_without_changing),
	KUNIT_CASE(digests_that_do_not_fit_are_refused),
	{}
};

static struct kunit_suite alg_suite = {
	.name = "vtpm_alg",
	.test_cases = alg_cases,
};

kunit_test_suites(&slots_suite, &wire_suite, &rc_suite, &alg_suite);
