// SPDX-License-Identifier: GPL-2.0
/*
 * What the chip is and can do.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/ctype.h>
#include <linux/errno.h>
#include <linux/printk.h>
#include <linux/string.h>
#include <linux/unaligned.h>

#include "../tpm2/types.h"
#include "chip.h"
#include "public.h"
#include "rc.h"

/* The chip may give fewer, and has then to be asked again. */
#define CAP_COUNT	64
#define CAP_ROUNDS	16

#define RSA_TEST_BYTES	256

/*
 * An RSA-2048 key that protects nothing: the modulus and one of its primes, to
 * find out whether the chip does the raw private operation.
 */
static const u8 test_modulus[RSA_TEST_BYTES] = {
	0x92, 0x4a, 0x96, 0xed, 0xe4, 0x2b, 0x20, 0x1c, 0xa8, 0xbc, 0xb1, 0xc7,
	0x34, 0xfd, 0xdf, 0xed, 0x9d, 0x7d, 0xf8, 0x4d, 0x6d, 0x80, 0x42, 0xb4,
	0x85, 0x2a, 0xee, 0xdb, 0x6d, 0x8b, 0x88, 0x5c, 0x1b, 0xd0, 0xa6, 0xec,
	0x3c, 0x70, 0x91, 0xe1, 0xb3, 0x1d, 0x48, 0x95, 0xb5, 0x4d, 0xdd, 0x9f,
	0x91, 0xb8, 0xb7, 0xbb, 0x45, 0x85, 0x4e, 0x2c, 0x18, 0x8d, 0x42, 0x8e,
	0xd3, 0x6e, 0xdb, 0x4e, 0x36, 0xf8, 0x7f, 0xac, 0xfd, 0x6b, 0xbc, 0x55,
	0x4b, 0xd7, 0xc3, 0xa8, 0x40, 0xf5, 0xc3, 0xb3, 0x4b, 0x16, 0x94, 0x14,
	0x4e, 0x21, 0x75, 0xef, 0xa1, 0x64, 0x2f, 0x5e, 0x86, 0xb1, 0x62, 0x86,
	0xd6, 0xe4, 0xc3, 0xda, 0x1e, 0x09, 0x96, 0x1b, 0x5a, 0x70, 0xba, 0x5f,
	0xc3, 0x8e, 0x5c, 0x2c, 0x55, 0x20, 0x24, 0x20, 0x4e, 0x74, 0x52, 0x5f,
	0x79, 0x85, 0x93, 0x7a, 0xd9, 0x68, 0x6d, 0x19, 0x86, 0xbe, 0x42, 0x00,
	0x6d, 0x85, 0xd4, 0x2d, 0xbb, 0x64, 0x18, 0xda, 0x23, 0x6d, 0x4a, 0x97,
	0x54, 0x05, 0x01, 0x12, 0x44, 0xae, 0x90, 0xe8, 0xe8, 0xce, 0x5e, 0x2d,
	0x14, 0x6b, 0x11, 0xe4, 0xa9, 0x30, 0x6b, 0xba, 0x68, 0xa2, 0xc3, 0x0d,
	0xdd, 0x28, 0x1a, 0xe7, 0x7d, 0x55, 0x97, 0x22, 0x4d, 0x11, 0x13, 0x0e,
	0x0d, 0xd0, 0xd0, 0xda, 0x73, 0x72, 0xc0, 0x4b, 0x1c, 0x6d, 0x4f, 0x07,
	0x22, 0x8d, 0xdc, 0xd6, 0xc8, 0x4e, 0xfc, 0x38, 0x40, 0x49, 0x7b, 0xb1,
	0x6f, 0x3c, 0x59, 0xd5, 0xd2, 0x34, 0x14, 0xd9, 0x65, 0xc3, 0x4b, 0x10,
	0x3c, 0x45, 0xbd, 0x5d, 0x4f, 0x8e, 0xf1, 0x92, 0x5d, 0x76, 0x29, 0xfc,
	0xf0, 0xf1, 0xba, 0x5f, 0xd7, 0xfe, 0x22, 0xa1, 0x1b, 0x1f, 0x1a, 0x60,
	0xa3, 0xda, 0xe7, 0x59, 0x10, 0x44, 0xee, 0x8f, 0x1b, 0xf6, 0x14, 0x3e,
	0xea, 0x5e, 0x6a, 0xfb,
};

static const u8 test_prime[RSA_TEST_BYTES / 2] = {
	0xc3, 0xc8, 0xa4, 0x24, 0x69, 0x57, 0xa2, 0x69, 0x3c, 0x1c, 0xae, 0x86,
	0xde, 0x50, 0x4b, 0xd0, 0x4e, 0x8e, 0xbc, 0x82, 0x93, 0xe5, 0x5b, 0x5b,
	0x0d, 0x54, 0x32, 0x18, 0x46, 0xed, 0x2b, 0x2b, 0x5a, 0x44, 0x9e, 0x33,
	0xa5, 0x3c, 0x6c, 0x82, 0x18, 0xb6, 0x54, 0xf4, 0x5e, 0x78, 0x7a, 0xa6,
	0xec, 0xce, 0x37, 0x8f, 0x0b, 0x0b, 0xb8, 0xd5, 0xff, 0x44, 0x00, 0x8c,
	0x45, 0xb9, 0xeb, 0x68, 0x8a, 0x0b, 0xec, 0x4b, 0x8c, 0x4b, 0x0d, 0x7a,
	0x97, 0xf3, 0x82, 0x2f, 0x5d, 0x0c, 0xa5, 0xba, 0xb1, 0x85, 0x74, 0x6d,
	0xf7, 0x86, 0xc7, 0x53, 0x4a, 0x0c, 0x10, 0x6d, 0x6a, 0x0e, 0xcb, 0xab,
	0x37, 0xc3, 0x5f, 0x74, 0x21, 0xd2, 0xe7, 0x2f, 0xe6, 0x0a, 0x66, 0x89,
	0x68, 0x84, 0x53, 0xcf, 0xee, 0xc9, 0x89, 0x6e, 0xb9, 0xcc, 0x86, 0x3d,
	0xd3, 0x4e, 0xc4, 0x6c, 0xee, 0x41, 0x87, 0x99,
};

/**
 * struct listing - one capability being listed
 * @cap: TPM2_CAP_*
 * @entry: called for each; returns its property, to go on after
 */
struct listing {
	u32 cap;
	u32 (*entry)(struct vtpm_rd *rd, struct vtpm_caps *caps);
};

static int list_round(struct vtpm_chip *chip, const struct listing *list, u32 *first,
		      struct vtpm_caps *caps, bool *more)
{
	struct vtpm_rd rd;
	struct vtpm_wr wr;
	u32 i, n;
	int ret;

	vtpm_cmd_start(chip, &wr, TPM2_CC_GET_CAPABILITY);
	vtpm_wr_u32(&wr, list->cap);
	vtpm_wr_u32(&wr, *first);
	vtpm_wr_u32(&wr, CAP_COUNT);
	ret = vtpm_cmd_run(chip, &wr, NULL, &rd);
	if (ret)
		return ret;
	*more = vtpm_rd_u8(&rd);
	if (vtpm_rd_u32(&rd) != list->cap)
		return -EBADMSG;
	n = vtpm_rd_u32(&rd);
	for (i = 0; i < n && !rd.bad; i++)
		*first = list->entry(&rd, caps) + 1;
	*more = *more && n;
	return rd.bad ? -EBADMSG : 0;
}

static int list_all(struct vtpm_chip *chip, const struct listing *list, u32 first,
		    struct vtpm_caps *caps)
{
	bool more = true;
	int i, ret = 0;

	for (i = 0; more && !ret && i < CAP_ROUNDS; i++)
		ret = list_round(chip, list, &first, caps, &more);
	return ret;
}

/* Four characters, or fewer, in a number. */
static void text(char *out, u32 value)
{
	unsigned int i;

	for (i = 0; i < 4; i++, value <<= 8)
		out[i] = isprint(value >> 24) ? value >> 24 : 0;
}

static u32 entry_property(struct vtpm_rd *rd, struct vtpm_caps *caps)
{
	u32 property = vtpm_rd_u32(rd);
	u32 value = vtpm_rd_u32(rd);

	switch (property) {
	case TPM2_PT_MANUFACTURER:
		text(caps->manufacturer, value);
		break;
	case TPM2_PT_VENDOR_STRING_1:
	case TPM2_PT_VENDOR_STRING_2:
	case TPM2_PT_VENDOR_STRING_3:
	case TPM2_PT_VENDOR_STRING_4:
		text(caps->vendor + 4 * (property - TPM2_PT_VENDOR_STRING_1), value);
		break;
	case TPM2_PT_FIRMWARE_VERSION_1:
	case TPM2_PT_FIRMWARE_VERSION_2:
		caps->firmware[property - TPM2_PT_FIRMWARE_VERSION_1] = value;
		break;
	case TPM2_PT_HR_TRANSIENT_MIN:
	case TPM2_PT_HR_TRANSIENT_AVAIL:
		caps->objects = max(caps->objects, value);
		break;
	}
	return property;
}

/* What the chip has, while it is being found out. */
struct found {
	struct vtpm_caps caps;
	bool rsa, aes, ecdsa, ecdh;
};

static u32 entry_algorithm(struct vtpm_rd *rd, struct vtpm_caps *caps)
{
	struct found *found = container_of(caps, struct found, caps);
	u16 alg = vtpm_rd_u16(rd);

	vtpm_rd_u32(rd);		/* TPMA_ALGORITHM */
	switch (alg) {
	case TPM2_ALG_RSA:
		found->rsa = true;
		break;
	case TPM2_ALG_AES:
		found->aes = true;
		break;
	case TPM2_ALG_ECDSA:
		found->ecdsa = true;
		break;
	case TPM2_ALG_ECDH:
		found->ecdh = true;
		break;
	default:
		caps->hashes |= vtpm_hash_mask(alg);
		caps->schemes |= vtpm_scheme_mask(alg);
	}
	return alg;
}

static u32 entry_curve(struct vtpm_rd *rd, struct vtpm_caps *caps)
{
	u16 curve = vtpm_rd_u16(rd);

	caps->curves |= vtpm_curve_mask(curve);
	return curve;
}

static int probe_lists(struct vtpm_chip *chip, struct found *found)
{
	static const struct listing properties = { TPM2_CAP_TPM_PROPERTIES, entry_property };
	static const struct listing algorithms = { TPM2_CAP_ALGS, entry_algorithm };
	static const struct listing curves = { TPM2_CAP_ECC_CURVES, entry_curve };
	int ret;

	ret = list_all(chip, &properties, TPM2_PT_FIXED, &found->caps);
	if (!ret)
		ret = list_all(chip, &algorithms, 0, &found->caps);
	if (ret || !found->ecdsa)
		return ret;
	return list_all(chip, &curves, 0, &found->caps);
}

/* Does the chip have RSA keys of this size? */
static int probe_rsa_size(struct vtpm_chip *chip, u16 bits, u32 mask, u32 *sizes)
{
	struct vtpm_wr wr;
	int ret;

	vtpm_cmd_start(chip, &wr, TPM2_CC_TEST_PARMS);
	vtpm_wr_u16(&wr, TPM2_ALG_RSA);
	vtpm_wr_u16(&wr, TPM2_ALG_NULL);	/* symmetric */
	vtpm_wr_u16(&wr, TPM2_ALG_NULL);	/* scheme */
	vtpm_wr_u16(&wr, bits);
	vtpm_wr_u32(&wr, 0);			/* exponent */
	ret = vtpm_cmd_run(chip, &wr, NULL, NULL);
	if (!ret)
		*sizes |= mask;
	return ret < 0 ? ret : 0;
}

static int load_test_key(struct vtpm_chip *chip, u32 *handle)
{
	struct vtpm_wr wr;
	size_t mark;

	vtpm_cmd_start(chip, &wr, TPM2_CC_LOAD_EXTERNAL);
	mark = vtpm_wr_begin(&wr);		/* TPMT_SENSITIVE */
	vtpm_wr_u16(&wr, TPM2_ALG_RSA);
	vtpm_wr_u16(&wr, 0);			/* authValue */
	vtpm_wr_u16(&wr, 0);			/* seedValue */
	vtpm_wr_2b(&wr, test_prime, sizeof(test_prime));
	vtpm_wr_end(&wr, mark);
	mark = vtpm_wr_begin(&wr);		/* TPMT_PUBLIC */
	vtpm_wr_u16(&wr, TPM2_ALG_RSA);
	vtpm_wr_u16(&wr, TPM2_ALG_SHA256);
	vtpm_wr_u32(&wr, TPM2_OA_USER_WITH_AUTH | TPM2_OA_NO_DA | TPM2_OA_DECRYPT);
	vtpm_wr_u16(&wr, 0);			/* authPolicy */
	vtpm_wr_u16(&wr, TPM2_ALG_NULL);	/* symmetric */
	vtpm_wr_u16(&wr, TPM2_ALG_NULL);	/* scheme */
	vtpm_wr_u16(&wr, 8 * RSA_TEST_BYTES);
	vtpm_wr_u32(&wr, 0);			/* exponent */
	vtpm_wr_2b(&wr, test_modulus, sizeof(test_modulus));
	vtpm_wr_end(&wr, mark);
	vtpm_wr_u32(&wr, TPM2_RH_NULL);
	return vtpm_cmd_run(chip, &wr, handle, NULL);
}

/*
 * The raw private operation, which some chips refuse in FIPS mode. The number
 * n - 1 is its own result with every key: the exponent is odd. A chip that does
 * not load keys from outside is believed.
 */
static int probe_raw_rsa(struct vtpm_chip *chip, bool *works)
{
	u8 minus_one[RSA_TEST_BYTES], result[RSA_TEST_BYTES];
	struct vtpm_rd rd;
	struct vtpm_wr wr;
	u32 handle;
	int ret;

	*works = true;
	ret = load_test_key(chip, &handle);
	if (ret)
		return ret < 0 ? ret : 0;

	memcpy(minus_one, test_modulus, sizeof(minus_one));
	minus_one[RSA_TEST_BYTES - 1]--;	/* the modulus is odd */
	vtpm_cmd_start(chip, &wr, TPM2_CC_RSA_DECRYPT);
	vtpm_wr_u32(&wr, handle);
	vtpm_cmd_auth(&wr, NULL, 0);
	vtpm_wr_2b(&wr, minus_one, sizeof(minus_one));
	vtpm_wr_u16(&wr, TPM2_ALG_NULL);
	vtpm_wr_u16(&wr, 0);			/* label */
	ret = vtpm_cmd_run(chip, &wr, NULL, &rd);
	if (!ret) {
		vtpm_rd_number(&rd, result, sizeof(result));
		*works = !rd.bad && !memcmp(result, minus_one, sizeof(result));
	} else if (ret > 0) {
		*works = false;
	}
	vtpm_cache_flush_handle(chip, handle);
	return ret < 0 ? ret : 0;
}

static int probe_rsa(struct vtpm_chip *chip, struct found *found)
{
	u32 *sizes = &found->caps.rsa_bits;
	bool works;
	int ret;

	if (!found->rsa)
		return 0;
	ret = probe_rsa_size(chip, 2048, VTPM_RSA_2048, sizes);
	if (!ret)
		ret = probe_rsa_size(chip, 3072, VTPM_RSA_3072, sizes);
	if (!ret)
		ret = probe_rsa_size(chip, 4096, VTPM_RSA_4096, sizes);
	if (ret || !(*sizes & VTPM_RSA_2048))
		return ret;

	found->caps.storage_rsa = !(found->caps.curves & VTPM_CURVE_P256);
	ret = probe_raw_rsa(chip, &works);
	if (!ret && !works) {
		pr_warn("%s: refuses the raw RSA operation: no RSA keys in the chip\n",
			chip->name);
		*sizes = 0;
	}
	return ret;
}

/* A curve is of use with both schemes, and with digests as long as its order. */
static void restrict_curves(struct found *found)
{
	struct vtpm_caps *caps = &found->caps;

	if (!found->ecdsa || !found->ecdh)
		caps->curves = 0;
	if (!(caps->hashes & VTPM_HASH_SHA512))
		caps->curves &= ~(VTPM_CURVE_P521 | VTPM_CURVE_BN_P638);
	if (!(caps->hashes & (VTPM_HASH_SHA384 | VTPM_HASH_SHA512)))
		caps->curves &= ~VTPM_CURVE_P384;
}

static void say_found(const struct vtpm_chip *chip, const struct vtpm_caps *caps)
{
	pr_info("%s: TPM 2.0 chip %s %s, firmware %u.%u.%u.%u, RSA%s%s%s%s, NIST%s%s%s%s, %u of %u object slots\n",
		chip->name, caps->manufacturer, caps->vendor,
		caps->firmware[0] >> 16, caps->firmware[0] & 0xffff,
		caps->firmware[1] >> 16, caps->firmware[1] & 0xffff,
		caps->rsa_bits ? "" : " none",
		caps->rsa_bits & VTPM_RSA_2048 ? " 2048" : "",
		caps->rsa_bits & VTPM_RSA_3072 ? " 3072" : "",
		caps->rsa_bits & VTPM_RSA_4096 ? " 4096" : "",
		caps->curves ? "" : " none",
		caps->curves & VTPM_CURVE_P256 ? " P-256" : "",
		caps->curves & VTPM_CURVE_P384 ? " P-384" : "",
		caps->curves & VTPM_CURVE_P521 ? " P-521" : "",
		vtpm_slots_budget(caps->objects), caps->objects);
}

/* What the key tree cannot do without. */
static int check_needs(const struct vtpm_chip *chip, const struct found *found)
{
	const char *lacks = NULL;

	if (!(found->caps.hashes & VTPM_HASH_SHA256))
		lacks = "SHA-256";
	else if (!found->aes)
		lacks = "AES";
	else if (!(found->caps.curves & VTPM_CURVE_P256) && !found->caps.storage_rsa)
		lacks = "P-256 and RSA-2048";
	if (!lacks)
		return 0;
	pr_err("%s: the chip lacks %s\n", chip->name, lacks);
	return -EOPNOTSUPP;
}

int vtpm_probe(struct vtpm_chip *chip)
{
	struct found found = {};
	int ret;

	ret = probe_lists(chip, &found);
	restrict_curves(&found);
	if (!ret)
		ret = probe_rsa(chip, &found);
	if (ret) {
		pr_err("%s: cannot be used: %s %#x\n", chip->name,
		       ret < 0 ? "error" : "TPM response", abs(ret));
		return vtpm_rc_errno(ret);
	}

	ret = check_needs(chip, &found);
	spin_lock(&chip->lock);
	chip->caps = found.caps;
	chip->probed = !ret;
	spin_unlock(&chip->lock);
	spin_lock(&chip->cache.lock);
	chip->cache.slots.budget = vtpm_slots_budget(found.caps.objects);
	spin_unlock(&chip->cache.lock);
	say_found(chip, &found.caps);
	return ret;
}
