// SPDX-License-Identifier: GPL-2.0
/* Comparison of operands in policies (Part 2, 6.13 TPM_EO). */
#include <linux/string.h>

#include "tpm2.h"

enum {
	EO_EQ, EO_NEQ,
	EO_SIGNED_GT, EO_UNSIGNED_GT,
	EO_SIGNED_LT, EO_UNSIGNED_LT,
	EO_SIGNED_GE, EO_UNSIGNED_GE,
	EO_SIGNED_LE, EO_UNSIGNED_LE,
	EO_BITSET, EO_BITCLEAR,
};

bool vtpm2_compare_valid(u16 op)
{
	return op <= EO_BITCLEAR;
}

/*
 * Two negative operands compare in the reverse order of two's complement: so
 * does the reference implementation, and with it the TPMs that policies are
 * written for.
 */
static int compare_signed(const u8 *a, const u8 *b, size_t len)
{
	bool a_negative = len && (a[0] & 0x80);
	bool b_negative = len && (b[0] & 0x80);
	int order;

	if (a_negative != b_negative)
		return a_negative ? -1 : 1;
	order = memcmp(a, b, len);
	return a_negative ? -order : order;
}

/* Are all bits that are set in @mask set, or clear, in @v? */
static bool bits_are(const u8 *v, const u8 *mask, size_t len, bool set)
{
	size_t i;

	for (i = 0; i < len; i++)
		if ((v[i] & mask[i]) != (set ? mask[i] : 0))
			return false;
	return true;
}

bool vtpm2_compare(u16 op, const u8 *a, const u8 *b, size_t len)
{
	switch (op) {
	case EO_EQ:
		return !memcmp(a, b, len);
	case EO_NEQ:
		return memcmp(a, b, len);
	case EO_SIGNED_GT:
		return compare_signed(a, b, len) > 0;
	case EO_UNSIGNED_GT:
		return memcmp(a, b, len) > 0;
	case EO_SIGNED_LT:
		return compare_signed(a, b, len) < 0;
	case EO_UNSIGNED_LT:
		return memcmp(a, b, len) < 0;
	case EO_SIGNED_GE:
		return compare_signed(a, b, len) >= 0;
	case EO_UNSIGNED_GE:
		return memcmp(a, b, len) >= 0;
	case EO_SIGNED_LE:
		return compare_signed(a, b, len) <= 0;
	case EO_UNSIGNED_LE:
		return memcmp(a, b, len) <= 0;
	case EO_BITSET:
		return bits_are(a, b, len, true);
	case EO_BITCLEAR:
		return bits_are(a, b, len, false);
	default:
		return false;
	}
}
