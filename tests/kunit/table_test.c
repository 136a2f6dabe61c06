// SPDX-License-Identifier: GPL-2.0
/* The command table: sorted, complete, and true to Part 2 and Part 3. */
#include <kunit/test.h>
#include <linux/string.h>

#include "../../drivers/vtpm_mux/tpm2/tpm2.h"

static void table_is_sorted(struct kunit *test)
{
	unsigned int i;

	for (i = 1; i < vtpm2_command_count(); i++)
		KUNIT_EXPECT_LT(test, vtpm2_commands[i - 1].code,
				vtpm2_commands[i].code);
}

static void table_finds_every_row(struct kunit *test)
{
	unsigned int i;

	for (i = 0; i < vtpm2_command_count(); i++) {
		KUNIT_EXPECT_EQ(test, vtpm2_command_index(vtpm2_commands[i].code),
				(int)i);
		KUNIT_EXPECT_NOT_NULL(test, vtpm2_commands[i].fn);
		KUNIT_EXPECT_EQ(test, strncmp(vtpm2_commands[i].name, "TPM2_", 5), 0);
	}
	KUNIT_EXPECT_EQ(test, vtpm2_command_index(0), -1);
	KUNIT_EXPECT_EQ(test, vtpm2_command_index(TPM2_CC_FIELD_UPGRADE_START), -1);
	KUNIT_EXPECT_EQ(test, vtpm2_command_index(0xffffffff), -1);
	KUNIT_EXPECT_NULL(test, vtpm2_command_find(0x20000000));
}

/* A role makes sense only for a handle, and commands without sessions have none */
static void table_roles_have_handles(struct kunit *test)
{
	unsigned int i, j;

	for (i = 0; i < vtpm2_command_count(); i++) {
		const struct vtpm2_command *def = &vtpm2_commands[i];

		for (j = 0; j < 3; j++) {
			if (def->role[j] == VTPM2_AUTH_NONE)
				continue;
			KUNIT_EXPECT_NE_MSG(test, def->handle[j], VTPM2_H_NONE,
					    "%s handle %u", def->name, j);
			KUNIT_EXPECT_EQ_MSG(test, def->flags & VTPM2_CMD_NO_SESSIONS,
					    0, "%s", def->name);
		}
		/* handles that need authorization come first (Part 1, 18.4) */
		for (j = 1; j < 3; j++)
			KUNIT_EXPECT_TRUE_MSG(test, !def->role[j] || def->role[j - 1],
					      "%s", def->name);
	}
}

static void table_layout_letters_are_known(struct kunit *test)
{
	static const char letters[] = "1248ahBSPZNEldvcgsrfytxmqie";
	const char *p;
	unsigned int i;

	for (i = 0; i < vtpm2_command_count(); i++) {
		for (p = vtpm2_commands[i].in; *p; p++)
			KUNIT_EXPECT_NOT_NULL(test, strchr(letters, *p));
		for (p = vtpm2_commands[i].out; *p; p++)
			KUNIT_EXPECT_NOT_NULL(test, strchr(letters, *p));
	}
}

/* TPMA_CC of every command, as libtpms 0.9.2 reports them. */
static const u32 known_attributes[] = {
	0x0440011f, 0x04400120, 0x02c00121, 0x04400122, 0x02c00124,
	0x02c00125, 0x02c00126, 0x02400127, 0x02400128, 0x02400129,
	0x0240012a, 0x0240012b, 0x0240012c, 0x0240012d, 0x0240012e,
	0x02000130, 0x12000131, 0x02400132, 0x04400133, 0x04400134,
	0x04400135, 0x04400136, 0x04400137, 0x04400138, 0x02400139,
	0x0240013a, 0x0240013b, 0x0240013c, 0x0240013d, 0x0300013e,
	0x0240013f, 0x02400140, 0x00400142, 0x00400143, 0x00400144,
	0x00400145, 0x00400146, 0x04000147, 0x04000148, 0x06000149,
	0x0400014a, 0x0400014b, 0x0400014c, 0x0600014d, 0x0400014e,
	0x0440014f, 0x04000150, 0x04000151, 0x04000152, 0x02000153,
	0x02000154, 0x02000155, 0x02000156, 0x12000157, 0x02000158,
	0x02000159, 0x1200015b, 0x0200015c, 0x0200015d, 0x0200015e,
	0x04000160, 0x10000161, 0x02000162, 0x02000163, 0x02000164,
	0x00000165, 0x10000167, 0x02000168, 0x02000169, 0x0200016a,
	0x0200016b, 0x0200016c, 0x0200016d, 0x0200016e, 0x0200016f,
	0x02000170, 0x02000171, 0x02000172, 0x02000173, 0x02000174,
	0x14000176, 0x02000177, 0x00000178, 0x0000017a, 0x0000017b,
	0x0000017c, 0x0000017d, 0x0000017e, 0x0200017f, 0x02000180,
	0x00000181, 0x02400182, 0x02000183, 0x06000184, 0x05400185,
	0x10000186, 0x02000187, 0x02000188, 0x02000189, 0x0000018a,
	0x0200018b, 0x0200018c, 0x0200018d, 0x0000018e, 0x0200018f,
	0x02000190, 0x12000191, 0x06000192, 0x02000193, 0x04000197,
};

static void table_attributes(struct kunit *test)
{
	unsigned int i, j;

	for (i = 0; i < vtpm2_command_count(); i++) {
		const struct vtpm2_command *def = &vtpm2_commands[i];
		u32 want = 0;

		for (j = 0; j < ARRAY_SIZE(known_attributes); j++)
			if ((known_attributes[j] & 0xffff) == def->code)
				want = known_attributes[j];
		KUNIT_EXPECT_EQ_MSG(test, vtpm2_command_attributes(def), want,
				    "%s", def->name);
	}
}

static void table_sized_first_parameter(struct kunit *test)
{
	KUNIT_EXPECT_TRUE(test, vtpm2_layout_sized("BP"));
	KUNIT_EXPECT_FALSE(test, vtpm2_layout_sized("l"));
	KUNIT_EXPECT_FALSE(test, vtpm2_layout_sized(""));
	/* Create may have its sensitive area encrypted, PCR_Extend nothing */
	KUNIT_EXPECT_TRUE(test, vtpm2_layout_sized(
		vtpm2_command_find(TPM2_CC_CREATE)->in));
	KUNIT_EXPECT_FALSE(test, vtpm2_layout_sized(
		vtpm2_command_find(TPM2_CC_PCR_EXTEND)->in));
	KUNIT_EXPECT_TRUE(test, vtpm2_layout_sized(
		vtpm2_command_find(TPM2_CC_GET_RANDOM)->out));
	KUNIT_EXPECT_FALSE(test, vtpm2_layout_sized(
		vtpm2_command_find(TPM2_CC_QUOTE)->out + 1));
}

static struct kunit_case table_cases[] = {
	KUNIT_CASE(table_is_sorted),
	KUNIT_CASE(table_finds_every_row),
	KUNIT_CASE(table_roles_have_handles),
	KUNIT_CASE(table_layout_letters_are_known),
	KUNIT_CASE(table_attributes),
	KUNIT_CASE(table_sized_first_parameter),
	{}
};

static struct kunit_suite table_suite = {
	.name = "vtpm_table",
	.test_cases = table_cases,
};

kunit_test_suite(table_suite);
