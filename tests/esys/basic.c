// SPDX-License-Identifier: GPL-2.0
/* Startup, self test, capabilities, random numbers, clock. */
#include "esys_test.h"

TEST(startup_twice)
{
	/* ESYS takes this code for success, so not through ESYS */
	RAW(TPM2_RC_INITIALIZE, "8001 0000000c 00000144 0000");
	RAW(TPM2_RC_INITIALIZE, "8001 0000000c 00000144 0001");
}

TEST(shutdown_types)
{
	OK(Esys_Shutdown(E, NONE, NONE, NONE, TPM2_SU_CLEAR));
	OK(Esys_Shutdown(E, NONE, NONE, NONE, TPM2_SU_STATE));
	FAILS(RC_P(1, TPM2_RC_VALUE), Esys_Shutdown(E, NONE, NONE, NONE, 7));
}

TEST(self_test)
{
	TPML_ALG algs = { .count = 2, .algorithms = { TPM2_ALG_SHA256, TPM2_ALG_ECC } };
	TPM2B_MAX_BUFFER *data;
	TPML_ALG *todo;
	TPM2_RC result;

	OK(Esys_SelfTest(E, NONE, NONE, NONE, TPM2_YES));
	OK(Esys_SelfTest(E, NONE, NONE, NONE, TPM2_NO));
	FAILS(RC_P(1, TPM2_RC_VALUE), Esys_SelfTest(E, NONE, NONE, NONE, 2));
	OK(Esys_IncrementalSelfTest(E, NONE, NONE, NONE, &algs, &todo));
	CHECK(todo->count <= 2);
	FREE(todo);
	OK(Esys_GetTestResult(E, NONE, NONE, NONE, &data, &result));
	CHECK(result == TPM2_RC_SUCCESS);
	FREE(data);
}

TEST(get_random_lengths)
{
	TPM2B_DIGEST *a, *b;

	OK(Esys_GetRandom(E, NONE, NONE, NONE, 32, &a));
	OK(Esys_GetRandom(E, NONE, NONE, NONE, 32, &b));
	CHECK(a->size == 32 && b->size == 32);
	CHECK(memcmp(a->buffer, b->buffer, 32));
	FREE(a);
	FREE(b);
	OK(Esys_GetRandom(E, NONE, NONE, NONE, 0, &a));
	CHECK(a->size == 0);
	FREE(a);
	/* more than the largest digest is cut to it (Part 3, 16.1) */
	OK(Esys_GetRandom(E, NONE, NONE, NONE, 1000, &a));
	CHECK(a->size == 64);
	FREE(a);
}

TEST(stir_random)
{
	TPM2B_SENSITIVE_DATA data = { .size = 128 };

	OK(Esys_StirRandom(E, NONE, NONE, NONE, &data));
	data.size = 0;
	OK(Esys_StirRandom(E, NONE, NONE, NONE, &data));
}

TEST(read_clock_goes_on)
{
	TPMS_TIME_INFO *a, *b;

	OK(Esys_ReadClock(E, NONE, NONE, NONE, &a));
	OK(Esys_ReadClock(E, NONE, NONE, NONE, &b));
	CHECK(b->time >= a->time);
	CHECK(b->clockInfo.clock >= a->clockInfo.clock);
	CHECK(b->clockInfo.resetCount == a->clockInfo.resetCount);
	FREE(a);
	FREE(b);
}

static uint32_t property(uint32_t pt)
{
	TPMS_CAPABILITY_DATA *cap;
	TPMI_YES_NO more;
	uint32_t v;

	OK(Esys_GetCapability(E, NONE, NONE, NONE, TPM2_CAP_TPM_PROPERTIES, pt,
			      1, &more, &cap));
	CHECK(cap->data.tpmProperties.count == 1);
	CHECK(cap->data.tpmProperties.tpmProperty[0].property == pt);
	v = cap->data.tpmProperties.tpmProperty[0].value;
	FREE(cap);
	return v;
}

TEST(capability_fixed_properties)
{
	CHECK(property(TPM2_PT_FAMILY_INDICATOR) == 0x322e3000);
	CHECK(property(TPM2_PT_LEVEL) == 0);
	CHECK(property(TPM2_PT_REVISION) >= 138);
	CHECK(property(TPM2_PT_PCR_COUNT) == 24);
	CHECK(property(TPM2_PT_MAX_DIGEST) == 64);
	CHECK(property(TPM2_PT_INPUT_BUFFER) == 1024);
	CHECK(property(TPM2_PT_HR_TRANSIENT_MIN) >= 3);
	CHECK(property(TPM2_PT_HR_LOADED_MIN) >= 3);
	CHECK(property(TPM2_PT_ACTIVE_SESSIONS_MAX) >= 64);
	CHECK(property(TPM2_PT_MAX_COMMAND_SIZE) >= 3000);
}

TEST(capability_counts_transients)
{
	uint32_t before = property(TPM2_PT_HR_TRANSIENT_AVAIL);
	ESYS_TR key = primary(&ecc_storage);

	CHECK(property(TPM2_PT_HR_TRANSIENT_AVAIL) == before - 1);
	flush(key);
	CHECK(property(TPM2_PT_HR_TRANSIENT_AVAIL) == before);
}

TEST(capability_commands_ascend)
{
	TPMS_CAPABILITY_DATA *cap;
	uint32_t i, last = 0;
	TPMI_YES_NO more;

	OK(Esys_GetCapability(E, NONE, NONE, NONE, TPM2_CAP_COMMANDS,
			      TPM2_CC_FIRST, 256, &more, &cap));
	CHECK(!more);
	CHECK(cap->data.command.count >= 70);
	for (i = 0; i < cap->data.command.count; i++) {
		uint32_t cc = cap->data.command.commandAttributes[i] & 0xffff;

		CHECK(cc > last);
		last = cc;
	}
	FREE(cap);
	/* one at a time says that there is more */
	OK(Esys_GetCapability(E, NONE, NONE, NONE, TPM2_CAP_COMMANDS,
			      TPM2_CC_FIRST, 1, &more, &cap));
	CHECK(more && cap->data.command.count == 1);
	FREE(cap);
}

TEST(capability_algorithms)
{
	static const uint16_t need[] = {
		TPM2_ALG_RSA, TPM2_ALG_SHA1, TPM2_ALG_HMAC, TPM2_ALG_AES,
		TPM2_ALG_KEYEDHASH, TPM2_ALG_XOR, TPM2_ALG_SHA256,
		TPM2_ALG_SHA384, TPM2_ALG_SHA512, TPM2_ALG_RSASSA,
		TPM2_ALG_RSAES, TPM2_ALG_RSAPSS, TPM2_ALG_OAEP, TPM2_ALG_ECDSA,
		TPM2_ALG_ECDH, TPM2_ALG_ECC, TPM2_ALG_SYMCIPHER, TPM2_ALG_CFB,
	};
	TPMS_CAPABILITY_DATA *cap;
	TPMI_YES_NO more;
	size_t i, j;

	OK(Esys_GetCapability(E, NONE, NONE, NONE, TPM2_CAP_ALGS, 0, 128, &more,
			      &cap));
	CHECK(!more);
	for (i = 0; i < sizeof(need) / sizeof(need[0]); i++) {
		for (j = 0; j < cap->data.algorithms.count; j++)
			if (cap->data.algorithms.algProperties[j].alg == need[i])
				break;
		if (j == cap->data.algorithms.count)
			FAIL("algorithm 0x%x is missing", need[i]);
	}
	FREE(cap);
}

TEST(capability_bad_input)
{
	TPMS_CAPABILITY_DATA *cap;
	TPMI_YES_NO more;

	FAILS(RC_P(1, TPM2_RC_VALUE),
	      Esys_GetCapability(E, NONE, NONE, NONE, 0x77, 0, 1, &more, &cap));
	FAILS(RC_P(2, TPM2_RC_HANDLE),
	      Esys_GetCapability(E, NONE, NONE, NONE, TPM2_CAP_HANDLES,
				 0x55000000, 1, &more, &cap));
	/* past the last property there is nothing, and that is no error */
	OK(Esys_GetCapability(E, NONE, NONE, NONE, TPM2_CAP_TPM_PROPERTIES,
			      0x7fffffff, 1, &more, &cap));
	CHECK(cap->data.tpmProperties.count == 0 && !more);
	FREE(cap);
}

/* QEMU's passthrough back end expects exactly 35 bytes of this. */
TEST(capability_qemu_buffer_size)
{
	static const uint8_t cmd[] = {
		0x80, 0x01, 0, 0, 0, 22, 0, 0, 0x01, 0x7a, 0, 0, 0, 6,
		0, 0, 0x01, 0x1e, 0, 0, 0, 2,
	};
	uint8_t rsp[256];

	CHECK(raw_bytes(cmd, sizeof(cmd), rsp, sizeof(rsp)) == 35);
}
