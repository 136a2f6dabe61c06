/* SPDX-License-Identifier: GPL-2.0 */
#ifndef HOSTED_LINUX_STRING_H
#define HOSTED_LINUX_STRING_H

#include <string.h>
#include <strings.h>

#include <linux/errno.h>
#include <linux/slab.h>
#include <linux/types.h>

static inline void memzero_explicit(void *s, size_t count)
{
	explicit_bzero(s, count);
}

static inline void *memchr_inv(const void *s, int c, size_t n)
{
	const u8 *p = s;

	for (; n; p++, n--)
		if (*p != (u8)c)
			return (void *)p;
	return NULL;
}

static inline bool mem_is_zero(const void *s, size_t n)
{
	return !memchr_inv(s, 0, n);
}

static inline ssize_t strscpy(char *dst, const char *src, size_t size)
{
	size_t len = strnlen(src, size);

	if (!size)
		return -E2BIG;
	if (len == size) {
		memcpy(dst, src, size - 1);
		dst[size - 1] = 0;
		return -E2BIG;
	}
	memcpy(dst, src, len + 1);
	return len;
}

#endif
