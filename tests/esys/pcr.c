// SPDX-License-Identifier: GPL-2.0
/* Platform configuration registers. */
#include <openssl/evp.h>

#include "esys_test.h"

TEST(pcr_extend_value)
{
	TPM2B_DIGEST before = pcr_value(16), after, want;
	uint8_t buf[64];

	pcr_extend(16, 0xa5);
	after = pcr_value(16);
	memcpy(buf, before.buffer, 32);
	memset(buf + 32, 0xa5, 32);
	want = sha256_of(buf, 64);
	CHECK(after.size == 32 && !memcmp(after.buffer, want.buffer, 32));
}

TEST(pcr_reset_rules)
{
	TPM2B_DIGEST v;
	int i;

	pcr_extend(16, 1);
	OK(Esys_PCR_Reset(E, ESYS_TR_PCR16, PW, NONE, NONE));
	v = pcr_value(16);
	for (i = 0; i < 32; i++)
		CHECK(v.buffer[i] == 0);
	pcr_extend(23, 1);
	OK(Esys_PCR_Reset(E, ESYS_TR_PCR23, PW, NONE, NONE));
	/* static and locality PCRs are not the guest's to reset */
	FAILS(TPM2_RC_LOCALITY, Esys_PCR_Reset(E, ESYS_TR_PCR0, PW, NONE, NONE));
	FAILS(TPM2_RC_LOCALITY, Esys_PCR_Reset(E, ESYS_TR_PCR15, PW, NONE, NONE));
	FAILS(TPM2_RC_LOCALITY, Esys_PCR_Reset(E, ESYS_TR_PCR17, PW, NONE, NONE));
	FAILS(TPM2_RC_LOCALITY, Esys_PCR_Reset(E, ESYS_TR_PCR22, PW, NONE, NONE));
}

TEST(pcr_extend_locality)
{
	TPML_DIGEST_VALUES d = { .count = 1 };

	d.digests[0].hashAlg = TPM2_ALG_SHA256;
	FAILS(TPM2_RC_LOCALITY,
	      Esys_PCR_Extend(E, ESYS_TR_PCR17, PW, NONE, NONE, &d));
	FAILS(TPM2_RC_LOCALITY,
	      Esys_PCR_Extend(E, ESYS_TR_PCR22, PW, NONE, NONE, &d));
}

TEST(pcr_banks_are_separate)
{
	static const TPM2_ALG_ID algs[] = {
		TPM2_ALG_SHA1, TPM2_ALG_SHA256, TPM2_ALG_SHA384, TPM2_ALG_SHA512,
	};
	static const size_t sizes[] = { 20, 32, 48, 64 };
	const EVP_MD *mds[] = { EVP_sha1(), EVP_sha256(), EVP_sha384(),
				EVP_sha512() };
	TPM2B_EVENT event = { .size = 5, .buffer = "event" };
	TPML_DIGEST_VALUES *digests;
	unsigned int i;

	OK(Esys_PCR_Reset(E, ESYS_TR_PCR16, PW, NONE, NONE));
	OK(Esys_PCR_Event(E, ESYS_TR_PCR16, PW, NONE, NONE, &event, &digests));
	CHECK(digests->count == 4);
	for (i = 0; i < 4; i++) {
		TPML_PCR_SELECTION sel = pcr_select(algs[i], 16), *out;
		uint8_t buf[128] = {}, want[64];
		TPML_DIGEST *values;
		uint32_t counter;
		unsigned int j;

		EVP_Digest("event", 5, buf + sizes[i], NULL, mds[i], NULL);
		for (j = 0; j < 4; j++)
			if (digests->digests[j].hashAlg == algs[i])
				break;
		CHECK(j < 4);
		CHECK(!memcmp(&digests->digests[j].digest, buf + sizes[i], sizes[i]));
		EVP_Digest(buf, 2 * sizes[i], want, NULL, mds[i], NULL);
		OK(Esys_PCR_Read(E, NONE, NONE, NONE, &sel, &counter, &out,
				 &values));
		CHECK(values->count == 1 && values->digests[0].size == sizes[i]);
		CHECK(!memcmp(values->digests[0].buffer, want, sizes[i]));
		FREE(out);
		FREE(values);
	}
	FREE(digests);
}

TEST(pcr_read_eight_at_a_time)
{
	TPML_PCR_SELECTION sel = pcr_select(TPM2_ALG_SHA256, 0), *out;
	TPML_DIGEST *values;
	uint32_t counter;

	memset(sel.pcrSelections[0].pcrSelect, 0xff, 3);
	OK(Esys_PCR_Read(E, NONE, NONE, NONE, &sel, &counter, &out, &values));
	CHECK(values->count == 8);
	CHECK(out->pcrSelections[0].pcrSelect[0] == 0xff);
	CHECK(out->pcrSelections[0].pcrSelect[1] == 0);
	FREE(out);
	FREE(values);
}

TEST(pcr_update_counter)
{
	TPML_PCR_SELECTION sel = pcr_select(TPM2_ALG_SHA256, 0), *out;
	uint32_t a, b, c;
	TPML_DIGEST *values;

	OK(Esys_PCR_Read(E, NONE, NONE, NONE, &sel, &a, &out, &values));
	FREE(out);
	FREE(values);
	pcr_extend(8, 1);
	OK(Esys_PCR_Read(E, NONE, NONE, NONE, &sel, &b, &out, &values));
	FREE(out);
	FREE(values);
	CHECK(b == a + 1);
	/* the debug and application PCRs do not count */
	pcr_extend(16, 1);
	pcr_extend(23, 1);
	OK(Esys_PCR_Read(E, NONE, NONE, NONE, &sel, &c, &out, &values));
	FREE(out);
	FREE(values);
	CHECK(c == b);
}

TEST(pcr_null_handle)
{
	TPML_DIGEST_VALUES d = { .count = 1 };
	TPM2B_EVENT event = { .size = 3, .buffer = "abc" };
	TPML_DIGEST_VALUES *digests;

	d.digests[0].hashAlg = TPM2_ALG_SHA256;
	OK(Esys_PCR_Extend(E, ESYS_TR_RH_NULL, PW, NONE, NONE, &d));
	OK(Esys_PCR_Event(E, ESYS_TR_RH_NULL, PW, NONE, NONE, &event, &digests));
	CHECK(digests->count >= 1);
	FREE(digests);
}

TEST(pcr_bad_input)
{
	/* selection of two octets, of an unknown hash, more banks than exist */
	RAW(RC_P(1, TPM2_RC_VALUE),
	    "8001 00000013 0000017e 00000001 000b 02 0000");
	RAW(RC_P(1, TPM2_RC_HASH),
	    "8001 00000014 0000017e 00000001 0999 03 000000");
	RAW(RC_P(1, TPM2_RC_SIZE),
	    "8001 0000000e 0000017e 00000099");
	/* extend with an unknown hash, and with a digest cut short */
	RAW(RC_P(1, TPM2_RC_HASH),
	    "8002 00000021 00000182 00000010 00000009 40000009 0000 00 0000"
	    "00000001 0999");
	RAW(RC_P(1, TPM2_RC_INSUFFICIENT),
	    "8002 00000023 00000182 00000010 00000009 40000009 0000 00 0000"
	    "00000001 000b 0000");
	/* PCR 24 does not exist */
	RAW(RC_H(1, TPM2_RC_VALUE),
	    "8002 0000001b 0000013d 00000018 00000009 40000009 0000 00 0000");
}
