// SPDX-License-Identifier: GPL-2.0
/* The memory of one vTPM: what the documentation promises as the most. */
#include <kunit/test.h>
#include <linux/string.h>
#include <linux/unaligned.h>

#include "../../drivers/vtpm_mux/tpm2/txn.h"

#define PROMISED	(640 * 1024)	/* Documentation/architecture.rst */

static void limits_bound_memory(struct kunit *test)
{
	size_t objects = (VTPM2_MAX_OBJECTS + VTPM2_MAX_PERSISTENT) *
			 sizeof(struct vtpm2_object) +
			 VTPM2_MAX_OBJECTS * sizeof(struct vtpm2_seq);
	size_t sessions = VTPM2_MAX_SESSIONS * sizeof(struct vtpm2_session);
	size_t nv = VTPM2_MAX_NV * sizeof(struct vtpm2_nv) + VTPM2_MAX_NV_TOTAL;
	size_t primaries = VTPM2_MAX_PRIMARIES *
			   (sizeof(struct vtpm2_primary) + VTPM2_MAX_IMAGE);

	KUNIT_EXPECT_LE(test, sizeof(struct vtpm2) + sizeof(struct vtpm2_txn) +
			      objects + sessions + nv +
			primaries, (size_t)PROMISED);
}

static u32 run(struct vtpm2 *t, const u8 *cmd, size_t len, u8 *rsp)
{
	u8 copy[64];

	memcpy(copy, cmd, len);
	vtpm2_execute(t, 0, copy, len, rsp);
	return get_unaligned_be32(rsp + 6);
}

/* HashSequenceStart until there is no room: each takes an object and a state. */
static void limits_count_sequences(struct kunit *test)
{
	static const u8 startup[] = {
		0x80, 0x01, 0, 0, 0, 12, 0, 0, 0x01, 0x44, 0, 0
	};
	static const u8 start[] = {
		0x80, 0x01, 0, 0, 0, 14, 0, 0, 0x01, 0x86, 0, 0, 0, 0x0b
	};
	struct vtpm2_config config = { .assurance = VTPM2_ASSURANCE_SOFTWARE };
	u8 *rsp = kunit_kzalloc(test, VTPM2_MAX_RESPONSE, GFP_KERNEL);
	struct vtpm2 *t = vtpm2_create(&config);
	struct vtpm2_usage before, after;
	unsigned int n = 0;

	KUNIT_ASSERT_NOT_NULL(test, rsp);
	KUNIT_ASSERT_NOT_NULL(test, t);
	vtpm2_power_on(t);
	KUNIT_EXPECT_EQ(test, run(t, startup, sizeof(startup), rsp), 0);
	vtpm2_get_usage(t, &before);
	while (n <= VTPM2_MAX_OBJECTS && !run(t, start, sizeof(start), rsp))
		n++;
	KUNIT_EXPECT_EQ(test, n, (unsigned int)VTPM2_MAX_OBJECTS);
	KUNIT_EXPECT_EQ(test, get_unaligned_be32(rsp + 6), TPM2_RC_OBJECT_MEMORY);
	vtpm2_get_usage(t, &after);
	KUNIT_EXPECT_EQ(test, after.bytes - before.bytes,
			n * (sizeof(struct vtpm2_object) + sizeof(struct vtpm2_seq)));
	vtpm2_destroy(t);
}

static struct kunit_case limits_cases[] = {
	KUNIT_CASE(limits_bound_memory),
	KUNIT_CASE(limits_count_sequences),
	{}
};

static struct kunit_suite limits_suite = {
	.name = "vtpm2_limits",
	.test_cases = limits_cases,
};

kunit_test_suite(limits_suite);
