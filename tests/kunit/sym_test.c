// SPDX-License-Identifier: GPL-2.0
/*
 * Modes of operation: the examples of NIST SP 800-38A, appendix F, for AES-128
 * and AES-256, and those of SP 800-38B, appendix D (RFC 4493), for CMAC.
 */
#include <kunit/test.h>
#include <linux/hex.h>
#include <linux/string.h>

#include "../../drivers/vtpm_mux/tpm2/tpm2.h"

#define TEXT	64

static const char text[] =
	"6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e51"
	"30c81c46a35ce411e5fbc1191a0a52eff69f2445df4f9b17ad2b417be66c3710";

static const char *key_of(u16 bits)
{
	return bits == 128 ?
		"2b7e151628aed2a6abf7158809cf4f3c" :
		"603deb1015ca71be2b73aef0857d7781"
		"1f352c073b6108d72d9810a30914dff4";
}

static const struct {
	u16 mode, bits;
	const char *cipher;
} modes[] = {
	{ TPM2_ALG_ECB, 128,
	  "3ad77bb40d7a3660a89ecaf32466ef97f5d3d58503b9699de785895a96fdbaaf"
	  "43b1cd7f598ece23881b00e3ed0306887b0c785e27e8ad3f8223207104725dd4" },
	{ TPM2_ALG_ECB, 256,
	  "f3eed1bdb5d2a03c064b5a7e3db181f8591ccb10d410ed26dc5ba74a31362870"
	  "b6ed21b99ca6f4f9f153e7b1beafed1d23304b7a39f9f3ff067d8d8f9e24ecc7" },
	{ TPM2_ALG_CBC, 128,
	  "7649abac8119b246cee98e9b12e9197d5086cb9b507219ee95db113a917678b2"
	  "73bed6b8e3c1743b7116e69e222295163ff1caa1681fac09120eca307586e1a7" },
	{ TPM2_ALG_CBC, 256,
	  "f58c4c04d6e5f1ba779eabfb5f7bfbd69cfc4e967edb808d679f777bc6702c7d"
	  "39f23369a9d9bacfa530e26304231461b2eb05e2c39be9fcda6c19078c6a9d1b" },
	{ TPM2_ALG_CFB, 128,
	  "3b3fd92eb72dad20333449f8e83cfb4ac8a64537a0b3a93fcde3cdad9f1ce58b"
	  "26751f67a3cbb140b1808cf187a4f4dfc04b05357c5d1c0eeac4c66f9ff7f2e6" },
	{ TPM2_ALG_CFB, 256,
	  "dc7e84bfda79164b7ecd8486985d386039ffed143b28b1c832113c6331e5407b"
	  "df10132415e54b92a13ed0a8267ae2f975a385741ab9cef82031623d55b1e471" },
	{ TPM2_ALG_OFB, 128,
	  "3b3fd92eb72dad20333449f8e83cfb4a7789508d16918f03f53c52dac54ed825"
	  "9740051e9c5fecf64344f7a82260edcc304c6528f659c77866a510d9c1d6ae5e" },
	{ TPM2_ALG_OFB, 256,
	  "dc7e84bfda79164b7ecd8486985d38604febdc6740d20b3ac88f6ad82a4fb08d"
	  "71ab47a086e86eedf39d1c5bba97c4080126141d67f37be8538f5a8be740e484" },
	{ TPM2_ALG_CTR, 128,
	  "874d6191b620e3261bef6864990db6ce9806f66b7970fdff8617187bb9fffdff"
	  "5ae4df3edbd5d35e5b4f09020db03eab1e031dda2fbe03d1792170a0f3009cee" },
	{ TPM2_ALG_CTR, 256,
	  "601ec313775789a5b7a7f504bbf3d228f443e3ca4d62b59aca84e990cacaf5c5"
	  "2b0930daa23de94ce87017ba2d84988ddfc9c58db67aada613c2dd08457941a6" },
};

static const struct {
	u16 bits, len;
	const char *mac;
} macs[] = {
	{ 128, 0, "bb1d6929e95937287fa37d129b756746" },
	{ 128, 16, "070a16b46b4d4144f79bdd9dd04a287c" },
	{ 128, 40, "dfa66747de9ae63030ca32611497c827" },
	{ 128, 64, "51f0bebf7e3b9d92fc49741779363cfe" },
	{ 256, 0, "028962f61b7bf89efc6b551f4667d983" },
	{ 256, 16, "28a7023f452e8f82bd4bf28d8c37c35c" },
	{ 256, 40, "aaf3d8f1de5640c232f5b169b9c911e6" },
	{ 256, 64, "e1992190549f6ed5696a2c056c315410" },
};

static void set_iv(u16 mode, u8 *iv)
{
	int i;

	for (i = 0; i < VTPM2_AES_BLOCK; i++)
		iv[i] = mode == TPM2_ALG_CTR ? 0xf0 + i : i;
}

static void sym_modes(struct kunit *test)
{
	u8 key[VTPM2_MAX_AES_KEY], plain[TEXT], cipher[TEXT], data[TEXT];
	u8 iv[VTPM2_AES_BLOCK];
	unsigned int i;

	KUNIT_ASSERT_EQ(test, hex2bin(plain, text, TEXT), 0);
	for (i = 0; i < ARRAY_SIZE(modes); i++) {
		struct vtpm2_sym sym = {
			TPM2_ALG_AES, modes[i].bits, modes[i].mode,
		};

		KUNIT_ASSERT_EQ(test, hex2bin(key, key_of(sym.bits), sym.bits / 8), 0);
		KUNIT_ASSERT_EQ(test, hex2bin(cipher, modes[i].cipher, TEXT), 0);
		memcpy(data, plain, TEXT);
		set_iv(sym.mode, iv);
		KUNIT_EXPECT_EQ(test, vtpm2_sym_crypt(&sym, key, iv, data, TEXT, false), 0);
		KUNIT_EXPECT_EQ_MSG(test, memcmp(data, cipher, TEXT), 0,
				    "mode %x, AES-%u", sym.mode, sym.bits);
		set_iv(sym.mode, iv);
		KUNIT_EXPECT_EQ(test, vtpm2_sym_crypt(&sym, key, iv, data, TEXT, true), 0);
		KUNIT_EXPECT_EQ_MSG(test, memcmp(data, plain, TEXT), 0,
				    "mode %x, AES-%u", sym.mode, sym.bits);
	}
}

/* In pieces, each with the IV that the one before has left */
static void sym_chaining(struct kunit *test)
{
	u8 key[VTPM2_MAX_AES_KEY], cipher[TEXT], data[TEXT];
	u8 iv[VTPM2_AES_BLOCK];
	unsigned int i, at;

	for (i = 0; i < ARRAY_SIZE(modes); i++) {
		struct vtpm2_sym sym = {
			TPM2_ALG_AES, modes[i].bits, modes[i].mode,
		};

		KUNIT_ASSERT_EQ(test, hex2bin(data, text, TEXT), 0);
		KUNIT_ASSERT_EQ(test, hex2bin(key, key_of(sym.bits), sym.bits / 8), 0);
		KUNIT_ASSERT_EQ(test, hex2bin(cipher, modes[i].cipher, TEXT), 0);
		set_iv(sym.mode, iv);
		for (at = 0; at < TEXT; at += 32)
			KUNIT_EXPECT_EQ(test, vtpm2_sym_crypt(&sym, key, iv, data + at,
							      32, false), 0);
		KUNIT_EXPECT_EQ_MSG(test, memcmp(data, cipher, TEXT), 0,
				    "mode %x, AES-%u", sym.mode, sym.bits);
	}
}

static void sym_partial_block(struct kunit *test)
{
	u8 key[16] = { 0 }, data[17] = { 0 }, iv[VTPM2_AES_BLOCK] = { 0 };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(modes); i++) {
		struct vtpm2_sym sym = { TPM2_ALG_AES, 128, modes[i].mode };
		bool whole = sym.mode == TPM2_ALG_ECB || sym.mode == TPM2_ALG_CBC;

		KUNIT_EXPECT_EQ(test, vtpm2_sym_mode_whole(sym.mode), whole);
		KUNIT_EXPECT_EQ(test, vtpm2_sym_crypt(&sym, key, iv, data, 17, false),
				whole ? -EINVAL : 0);
	}
	KUNIT_EXPECT_FALSE(test, vtpm2_sym_mode_valid(TPM2_ALG_CMAC));
	KUNIT_EXPECT_FALSE(test, vtpm2_sym_mode_valid(TPM2_ALG_NULL));
}

/* The counter is one number of 128 bits. */
static void sym_counter_wraps(struct kunit *test)
{
	struct vtpm2_sym sym = { TPM2_ALG_AES, 128, TPM2_ALG_CTR };
	u8 key[16] = { 0 }, data[32] = { 0 }, iv[VTPM2_AES_BLOCK];

	memset(iv, 0xff, sizeof(iv));
	KUNIT_EXPECT_EQ(test, vtpm2_sym_crypt(&sym, key, iv, data, 17, false), 0);
	KUNIT_EXPECT_EQ(test, iv[15], 1);
	KUNIT_EXPECT_NULL(test, memchr_inv(iv, 0, 15));
}

static void sym_cmac(struct kunit *test)
{
	u8 key[VTPM2_MAX_AES_KEY], data[TEXT], want[VTPM2_AES_BLOCK];
	u8 mac[VTPM2_AES_BLOCK];
	struct vtpm2_cmac c;
	unsigned int i, step, at;

	KUNIT_ASSERT_EQ(test, hex2bin(data, text, TEXT), 0);
	for (i = 0; i < ARRAY_SIZE(macs); i++) {
		KUNIT_ASSERT_EQ(test, hex2bin(key, key_of(macs[i].bits),
					      macs[i].bits / 8), 0);
		KUNIT_ASSERT_EQ(test, hex2bin(want, macs[i].mac, sizeof(want)), 0);
		for (step = 1; step <= TEXT; step += 5) {
			KUNIT_ASSERT_EQ(test, vtpm2_cmac_init(&c, macs[i].bits, key), 0);
			for (at = 0; at < macs[i].len; at += step)
				vtpm2_cmac_update(&c, data + at,
						  min(step, macs[i].len - at));
			vtpm2_cmac_final(&c, mac);
			KUNIT_EXPECT_EQ_MSG(test, memcmp(mac, want, sizeof(mac)), 0,
					    "AES-%u, %u bytes by %u", macs[i].bits,
					    macs[i].len, step);
		}
	}
	KUNIT_EXPECT_EQ(test, vtpm2_cmac_init(&c, 64, key), -EINVAL);
}

static struct kunit_case sym_cases[] = {
	KUNIT_CASE(sym_modes),
	KUNIT_CASE(sym_chaining),
	KUNIT_CASE(sym_partial_block),
	KUNIT_CASE(sym_counter_wraps),
	KUNIT_CASE(sym_cmac),
	{}
};

static struct kunit_suite sym_suite = {
	.name = "vtpm_sym",
	.test_cases = sym_cases,
};

kunit_test_suite(sym_suite);
