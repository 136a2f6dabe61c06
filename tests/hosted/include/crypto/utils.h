/* SPDX-License-Identifier: GPL-2.0 */
#ifndef HOSTED_CRYPTO_UTILS_H
#define HOSTED_CRYPTO_UTILS_H

#include <linux/compiler.h>
#include <linux/types.h>

/* 0 if equal; looks at every byte. */
static noinline __maybe_unused unsigned long
crypto_memneq(const void *a, const void *b, size_t size)
{
	const volatile u8 *x = a, *y = b;
	u8 diff = 0;

	while (size--)
		diff |= *x++ ^ *y++;
	return diff;
}

static inline void crypto_xor_cpy(u8 *dst, const u8 *a, const u8 *b,
				  unsigned int size)
{
	while (size--)
		*dst++ = *a++ ^ *b++;
}

static inline void crypto_xor(u8 *dst, const u8 *src, unsigned int size)
{
	crypto_xor_cpy(dst, dst, src, size);
}

#endif
