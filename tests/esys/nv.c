// SPDX-License-Identifier: GPL-2.0
/* NV indices. */
#include "esys_test.h"

#include <openssl/evp.h>

#define INDEX	0x01500010
#define RW	(TPMA_NV_OWNERREAD | TPMA_NV_OWNERWRITE | TPMA_NV_AUTHREAD | \
		 TPMA_NV_AUTHWRITE | TPMA_NV_NO_DA)

static TSS2_RC define(uint32_t attrs, uint16_t size, ESYS_TR *nv)
{
	TPM2B_NV_PUBLIC pub = {
		.nvPublic = {
			.nvIndex = INDEX, .nameAlg = TPM2_ALG_SHA256,
			.attributes = attrs, .dataSize = size,
		},
	};
	TPM2B_AUTH auth = { .size = 4, .buffer = "pass" };
	TSS2_RC rc;

	rc = Esys_NV_DefineSpace(E, OWNER, PW, NONE, NONE, &auth, &pub, nv);
	return rc;
}

/* Define @attrs, run the rest of the test with it, undefine. */
static ESYS_TR defined(uint32_t attrs, uint16_t size)
{
	ESYS_TR nv;

	/* of a test that failed half way */
	raw("8002 0000001f 00000122 40000001 01500010 00000009 40000009 0000 00 0000");
	OK(define(attrs, size, &nv));
	return nv;
}

static void undefine(ESYS_TR nv)
{
	OK(Esys_NV_UndefineSpace(E, OWNER, nv, PW, NONE, NONE));
}

static TPM2B_MAX_NV_BUFFER bytes(const char *s)
{
	TPM2B_MAX_NV_BUFFER b = { .size = strlen(s) };

	memcpy(b.buffer, s, b.size);
	return b;
}

TEST(nv_write_read)
{
	ESYS_TR nv = defined(RW, 16);
	TPM2B_MAX_NV_BUFFER data = bytes("0123456789abcdef"), *out;

	FAILS(TPM2_RC_NV_UNINITIALIZED,
	      Esys_NV_Read(E, OWNER, nv, PW, NONE, NONE, 16, 0, &out));
	OK(Esys_NV_Write(E, nv, nv, PW, NONE, NONE, &data, 0));
	OK(Esys_NV_Read(E, nv, nv, PW, NONE, NONE, 16, 0, &out));
	CHECK(out->size == 16 && !memcmp(out->buffer, data.buffer, 16));
	FREE(out);
	data = bytes("XY");
	OK(Esys_NV_Write(E, OWNER, nv, PW, NONE, NONE, &data, 3));
	OK(Esys_NV_Read(E, OWNER, nv, PW, NONE, NONE, 4, 2, &out));
	CHECK(out->size == 4 && !memcmp(out->buffer, "2XY5", 4));
	FREE(out);
	FAILS(TPM2_RC_NV_RANGE,
	      Esys_NV_Read(E, OWNER, nv, PW, NONE, NONE, 8, 9, &out));
	FAILS(TPM2_RC_NV_RANGE,
	      Esys_NV_Write(E, OWNER, nv, PW, NONE, NONE, &data, 15));
	undefine(nv);
}

TEST(nv_bad_authorization)
{
	ESYS_TR nv = defined(RW & ~TPMA_NV_OWNERWRITE, 4);
	TPM2B_MAX_NV_BUFFER data = bytes("abcd");

	FAILS(TPM2_RC_NV_AUTHORIZATION,
	      Esys_NV_Write(E, OWNER, nv, PW, NONE, NONE, &data, 0));
	set_auth(nv, "wrong");
	FAILS(RC_S(1, TPM2_RC_BAD_AUTH),
	      Esys_NV_Write(E, nv, nv, PW, NONE, NONE, &data, 0));
	undefine(nv);
}

TEST(nv_public_and_name)
{
	ESYS_TR nv = defined(RW, 4);
	TPM2B_MAX_NV_BUFFER data = bytes("abcd");
	TPM2B_NV_PUBLIC *pub;
	TPM2B_NAME *a, *b;

	OK(Esys_NV_ReadPublic(E, nv, NONE, NONE, NONE, &pub, &a));
	CHECK(pub->nvPublic.attributes == RW && pub->nvPublic.dataSize == 4);
	FREE(pub);
	OK(Esys_NV_Write(E, nv, nv, PW, NONE, NONE, &data, 0));
	OK(Esys_NV_ReadPublic(E, nv, NONE, NONE, NONE, &pub, &b));
	CHECK(pub->nvPublic.attributes == (RW | TPMA_NV_WRITTEN));
	CHECK(a->size == 34 && memcmp(a->name, b->name, 34));
	FREE(pub);
	FREE(a);
	FREE(b);
	undefine(nv);
}

TEST(nv_counter)
{
	ESYS_TR nv = defined(RW | TPM2_NT_COUNTER << TPMA_NV_TPM2_NT_SHIFT, 8);
	TPM2B_MAX_NV_BUFFER data = bytes("12345678"), *a, *b;
	uint64_t first = 0, second = 0;
	int i;

	FAILS(TPM2_RC_ATTRIBUTES,
	      Esys_NV_Write(E, nv, nv, PW, NONE, NONE, &data, 0));
	OK(Esys_NV_Increment(E, nv, nv, PW, NONE, NONE));
	OK(Esys_NV_Read(E, nv, nv, PW, NONE, NONE, 8, 0, &a));
	OK(Esys_NV_Increment(E, nv, nv, PW, NONE, NONE));
	OK(Esys_NV_Read(E, nv, nv, PW, NONE, NONE, 8, 0, &b));
	for (i = 0; i < 8; i++) {
		first = first << 8 | a->buffer[i];
		second = second << 8 | b->buffer[i];
	}
	CHECK(second == first + 1);
	FREE(a);
	FREE(b);
	undefine(nv);
	/* a counter defined anew does not go back */
	nv = defined(RW | TPM2_NT_COUNTER << TPMA_NV_TPM2_NT_SHIFT, 8);
	OK(Esys_NV_Increment(E, nv, nv, PW, NONE, NONE));
	OK(Esys_NV_Read(E, nv, nv, PW, NONE, NONE, 8, 0, &a));
	for (i = 0, first = 0; i < 8; i++)
		first = first << 8 | a->buffer[i];
	CHECK(first > second);
	FREE(a);
	undefine(nv);
}

TEST(nv_bits)
{
	ESYS_TR nv = defined(RW | TPM2_NT_BITS << TPMA_NV_TPM2_NT_SHIFT, 8);
	TPM2B_MAX_NV_BUFFER *out;

	OK(Esys_NV_SetBits(E, nv, nv, PW, NONE, NONE, 0x11));
	OK(Esys_NV_SetBits(E, nv, nv, PW, NONE, NONE, 0x8000000000000002ULL));
	OK(Esys_NV_Read(E, nv, nv, PW, NONE, NONE, 8, 0, &out));
	CHECK(out->size == 8 && out->buffer[0] == 0x80 && out->buffer[7] == 0x13);
	FREE(out);
	FAILS(RC_H(2, TPM2_RC_ATTRIBUTES),
	      Esys_NV_Increment(E, nv, nv, PW, NONE, NONE));
	undefine(nv);
}

TEST(nv_extend)
{
	ESYS_TR nv = defined(RW | TPM2_NT_EXTEND << TPMA_NV_TPM2_NT_SHIFT, 32);
	TPM2B_MAX_NV_BUFFER data = bytes("measured"), *out;
	uint8_t buf[40] = {};
	TPM2B_DIGEST want;

	OK(Esys_NV_Extend(E, nv, nv, PW, NONE, NONE, &data));
	OK(Esys_NV_Read(E, nv, nv, PW, NONE, NONE, 32, 0, &out));
	memcpy(buf + 32, "measured", 8);
	want = sha256_of(buf, 40);
	CHECK(!memcmp(out->buffer, want.buffer, 32));
	FREE(out);
	undefine(nv);
}

TEST(nv_define_errors)
{
	ESYS_TR nv = defined(RW, 8), again;

	FAILS(TPM2_RC_NV_DEFINED, define(RW, 8, &again));
	undefine(nv);
	/* no way to write, no way to read */
	FAILS(RC_P(2, TPM2_RC_ATTRIBUTES),
	      define(TPMA_NV_OWNERREAD | TPMA_NV_AUTHREAD, 8, &nv));
	FAILS(RC_P(2, TPM2_RC_ATTRIBUTES),
	      define(TPMA_NV_OWNERWRITE | TPMA_NV_AUTHWRITE, 8, &nv));
	/* counters have eight octets */
	FAILS(RC_P(2, TPM2_RC_SIZE),
	      define(RW | TPM2_NT_COUNTER << TPMA_NV_TPM2_NT_SHIFT, 4, &nv));
	FAILS(RC_P(2, TPM2_RC_ATTRIBUTES), define(RW | TPMA_NV_WRITTEN, 8, &nv));
	FAILS(RC_P(2, TPM2_RC_SIZE), define(RW, 0xffff, &nv));
	/* the platform's indices are the platform's */
	FAILS(RC_H(1, TPM2_RC_ATTRIBUTES),
	      define(RW | TPMA_NV_PLATFORMCREATE, 8, &nv));
	RAW(RC_H(2, TPM2_RC_HANDLE),
	    "8002 0000001f 00000122 40000001 01777777 00000009 40000009 0000 00 0000");
}

TEST(nv_write_lock)
{
	ESYS_TR nv = defined(RW | TPMA_NV_WRITEDEFINE, 4);
	TPM2B_MAX_NV_BUFFER data = bytes("abcd");

	OK(Esys_NV_Write(E, nv, nv, PW, NONE, NONE, &data, 0));
	OK(Esys_NV_WriteLock(E, nv, nv, PW, NONE, NONE));
	FAILS(TPM2_RC_NV_LOCKED,
	      Esys_NV_Write(E, nv, nv, PW, NONE, NONE, &data, 0));
	undefine(nv);
}

TEST(nv_read_lock)
{
	ESYS_TR nv = defined(RW | TPMA_NV_READ_STCLEAR, 4);
	TPM2B_MAX_NV_BUFFER data = bytes("abcd"), *out;

	OK(Esys_NV_Write(E, nv, nv, PW, NONE, NONE, &data, 0));
	OK(Esys_NV_ReadLock(E, nv, nv, PW, NONE, NONE));
	FAILS(TPM2_RC_NV_LOCKED, Esys_NV_Read(E, nv, nv, PW, NONE, NONE, 4, 0, &out));
	undefine(nv);
}

TEST(nv_largest)
{
	ESYS_TR nv = defined(RW, 2048);
	TPM2B_MAX_NV_BUFFER data = { .size = 1024 }, *out;

	memset(data.buffer, 'z', 1024);
	OK(Esys_NV_Write(E, nv, nv, PW, NONE, NONE, &data, 0));
	OK(Esys_NV_Write(E, nv, nv, PW, NONE, NONE, &data, 1024));
	OK(Esys_NV_Read(E, nv, nv, PW, NONE, NONE, 1024, 1024, &out));
	CHECK(out->size == 1024 && !memcmp(out->buffer, data.buffer, 1024));
	FREE(out);
	undefine(nv);
}

TEST(nv_certify)
{
	TPMT_SIG_SCHEME null = { .scheme = TPM2_ALG_NULL };
	ESYS_TR nv = defined(RW, 4), ak = primary(&ecc_restricted);
	TPM2B_MAX_NV_BUFFER data = bytes("abcd");
	TPM2B_DATA extra = { .size = 1, .buffer = "e" };
	TPM2B_ATTEST *attest;
	TPMT_SIGNATURE *sig;
	TPMS_ATTEST a;
	size_t at = 0;

	OK(Esys_NV_Write(E, nv, nv, PW, NONE, NONE, &data, 0));
	OK(Esys_NV_Certify(E, ak, nv, nv, PW, PW, NONE, &extra, &null, 4, 0,
			   &attest, &sig));
	OK(Tss2_MU_TPMS_ATTEST_Unmarshal(attest->attestationData, attest->size,
					 &at, &a));
	CHECK(a.type == TPM2_ST_ATTEST_NV);
	CHECK(a.attested.nv.nvContents.size == 4);
	CHECK(!memcmp(a.attested.nv.nvContents.buffer, "abcd", 4));
	FREE(attest);
	FREE(sig);
	undefine(nv);
}
