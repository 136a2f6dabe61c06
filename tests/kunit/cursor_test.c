// SPDX-License-Identifier: GPL-2.0
/* The cursors: the one place where guest lengths are checked. */
#include <kunit/test.h>
#include <linux/string.h>

#include "../../drivers/vtpm_mux/tpm2/cursor.h"
#include "../../drivers/vtpm_mux/tpm2/types.h"

static void rd_reads_big_endian(struct kunit *test)
{
	static const u8 in[] = { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15 };
	struct vtpm2_rd rd;

	vtpm2_rd_init(&rd, in, sizeof(in));
	KUNIT_EXPECT_EQ(test, vtpm2_rd_u8(&rd), (u8)0x01);
	KUNIT_EXPECT_EQ(test, vtpm2_rd_u16(&rd), (u16)0x0203);
	KUNIT_EXPECT_EQ(test, vtpm2_rd_u32(&rd), 0x04050607u);
	KUNIT_EXPECT_EQ(test, vtpm2_rd_u64(&rd), 0x08090a0b0c0d0e0fULL);
	KUNIT_EXPECT_EQ(test, rd.left, (size_t)0);
	KUNIT_EXPECT_EQ(test, rd.err, 0u);
}

static void rd_short_input_sticks(struct kunit *test)
{
	static const u8 in[] = { 0xff, 0xff, 0xff };
	struct vtpm2_rd rd;

	vtpm2_rd_init(&rd, in, sizeof(in));
	rd.param = 2;
	KUNIT_EXPECT_EQ(test, vtpm2_rd_u32(&rd), 0u);
	KUNIT_EXPECT_EQ(test, rd.err,
			(u32)(TPM2_RC_INSUFFICIENT | TPM2_RC_P | 0x200));
	/* three bytes are still there, but nothing is read after an error */
	KUNIT_EXPECT_EQ(test, vtpm2_rd_u8(&rd), (u8)0);
	rd.param = 3;
	vtpm2_rd_fail(&rd, TPM2_RC_VALUE);
	KUNIT_EXPECT_EQ(test, rd.err,
			(u32)(TPM2_RC_INSUFFICIENT | TPM2_RC_P | 0x200));
}

static void rd_fail_numbers_format_one_only(struct kunit *test)
{
	struct vtpm2_rd rd;

	vtpm2_rd_init(&rd, NULL, 0);
	rd.param = 1;
	vtpm2_rd_fail(&rd, TPM2_RC_NV_SIZE);
	KUNIT_EXPECT_EQ(test, rd.err, (u32)TPM2_RC_NV_SIZE);
	vtpm2_rd_init(&rd, NULL, 0);
	vtpm2_rd_fail(&rd, TPM2_RC_HASH);
	KUNIT_EXPECT_EQ(test, rd.err, (u32)TPM2_RC_HASH);
	/* a code that already carries a number keeps it */
	vtpm2_rd_init(&rd, NULL, 0);
	rd.param = 3;
	vtpm2_rd_fail(&rd, vtpm2_rc_h(TPM2_RC_TYPE, 1));
	KUNIT_EXPECT_EQ(test, rd.err, vtpm2_rc_h(TPM2_RC_TYPE, 1));
}

static void rd_2b_bounds(struct kunit *test)
{
	static const u8 ok[] = { 0, 2, 0xaa, 0xbb };
	static const u8 lies[] = { 0xff, 0xff, 0xaa, 0xbb };
	struct vtpm2_bytes b;
	struct vtpm2_rd rd;

	vtpm2_rd_init(&rd, ok, sizeof(ok));
	b = vtpm2_rd_2b(&rd, 2);
	KUNIT_ASSERT_EQ(test, rd.err, 0u);
	KUNIT_EXPECT_EQ(test, b.len, (size_t)2);
	KUNIT_EXPECT_PTR_EQ(test, b.p, &ok[2]);

	vtpm2_rd_init(&rd, ok, sizeof(ok));
	b = vtpm2_rd_2b(&rd, 1);
	KUNIT_EXPECT_EQ(test, rd.err, (u32)TPM2_RC_SIZE);
	KUNIT_EXPECT_EQ(test, b.len, (size_t)0);
	KUNIT_EXPECT_NULL(test, b.p);

	vtpm2_rd_init(&rd, lies, sizeof(lies));
	b = vtpm2_rd_2b(&rd, 0xffff);
	KUNIT_EXPECT_EQ(test, rd.err, (u32)TPM2_RC_INSUFFICIENT);
	KUNIT_EXPECT_EQ(test, b.len, (size_t)0);
}

static void rd_nested_sizes(struct kunit *test)
{
	static const u8 exact[] = { 0, 2, 0x12, 0x34, 0x56 };
	static const u8 rest[] = { 0, 3, 0x12, 0x34, 0x56 };
	struct vtpm2_rd rd, sub;

	vtpm2_rd_init(&rd, exact, sizeof(exact));
	vtpm2_rd_begin(&rd, &sub);
	KUNIT_EXPECT_EQ(test, vtpm2_rd_u16(&sub), (u16)0x1234);
	vtpm2_rd_end(&rd, &sub);
	KUNIT_EXPECT_EQ(test, rd.err, 0u);
	KUNIT_EXPECT_EQ(test, vtpm2_rd_u8(&rd), (u8)0x56);

	/* the inner structure ends before the size says so */
	vtpm2_rd_init(&rd, rest, sizeof(rest));
	vtpm2_rd_begin(&rd, &sub);
	vtpm2_rd_u16(&sub);
	vtpm2_rd_end(&rd, &sub);
	KUNIT_EXPECT_EQ(test, rd.err, (u32)TPM2_RC_SIZE);

	/* ... and must not read past it */
	vtpm2_rd_init(&rd, exact, sizeof(exact));
	vtpm2_rd_begin(&rd, &sub);
	KUNIT_EXPECT_EQ(test, vtpm2_rd_u32(&sub), 0u);
	vtpm2_rd_end(&rd, &sub);
	KUNIT_EXPECT_EQ(test, rd.err, (u32)TPM2_RC_INSUFFICIENT);
}

static void rd_bool_is_strict(struct kunit *test)
{
	static const u8 in[] = { 0, 1, 2 };
	struct vtpm2_rd rd;

	vtpm2_rd_init(&rd, in, sizeof(in));
	KUNIT_EXPECT_FALSE(test, vtpm2_rd_bool(&rd));
	KUNIT_EXPECT_TRUE(test, vtpm2_rd_bool(&rd));
	KUNIT_EXPECT_EQ(test, rd.err, 0u);
	vtpm2_rd_bool(&rd);
	KUNIT_EXPECT_EQ(test, rd.err, (u32)TPM2_RC_VALUE);
}

static void wr_writes_and_patches(struct kunit *test)
{
	static const u8 want[] = { 0, 0, 0, 7, 0, 3, 1, 0x22, 0x33 };
	struct vtpm2_wr wr;
	size_t hole, at;
	u8 buf[16];

	vtpm2_wr_init(&wr, buf, sizeof(buf));
	hole = vtpm2_wr_hole32(&wr);
	at = vtpm2_wr_begin(&wr);
	vtpm2_wr_u8(&wr, 1);
	vtpm2_wr_u16(&wr, 0x2233);
	vtpm2_wr_end(&wr, at);
	vtpm2_wr_patch32(&wr, hole, 7);
	KUNIT_EXPECT_FALSE(test, wr.overflow);
	KUNIT_ASSERT_EQ(test, wr.len, sizeof(want));
	KUNIT_EXPECT_EQ(test, memcmp(buf, want, sizeof(want)), 0);
}

static void wr_overflow_sticks(struct kunit *test)
{
	struct vtpm2_wr wr;
	u8 buf[4] = { 9, 9, 9, 9 };

	vtpm2_wr_init(&wr, buf, 3);
	vtpm2_wr_u16(&wr, 0);
	vtpm2_wr_u16(&wr, 0);
	KUNIT_EXPECT_TRUE(test, wr.overflow);
	/* a later write that would fit must not make a torn structure */
	vtpm2_wr_u8(&wr, 1);
	KUNIT_EXPECT_EQ(test, buf[2], (u8)9);
	KUNIT_EXPECT_EQ(test, buf[3], (u8)9);
}

static struct kunit_case cursor_cases[] = {
	KUNIT_CASE(rd_reads_big_endian),
	KUNIT_CASE(rd_short_input_sticks),
	KUNIT_CASE(rd_fail_numbers_format_one_only),
	KUNIT_CASE(rd_2b_bounds),
	KUNIT_CASE(rd_nested_sizes),
	KUNIT_CASE(rd_bool_is_strict),
	KUNIT_CASE(wr_writes_and_patches),
	KUNIT_CASE(wr_overflow_sticks),
	{}
};

static struct kunit_suite cursor_suite = {
	.name = "vtpm_cursor",
	.test_cases = cursor_cases,
};

kunit_test_suite(cursor_suite);
