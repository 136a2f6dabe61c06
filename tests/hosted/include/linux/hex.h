/* SPDX-License-Identifier: GPL-2.0 */
#ifndef HOSTED_LINUX_HEX_H
#define HOSTED_LINUX_HEX_H

#include <linux/errno.h>
#include <linux/types.h>

static inline int hex_to_bin(unsigned char ch)
{
	if (ch >= '0' && ch <= '9')
		return ch - '0';
	ch |= 0x20;
	return ch >= 'a' && ch <= 'f' ? ch - 'a' + 10 : -1;
}

static inline int hex2bin(u8 *dst, const char *src, size_t count)
{
	int hi, lo;

	for (; count; count--, src += 2) {
		hi = hex_to_bin(src[0]);
		lo = hi < 0 ? -1 : hex_to_bin(src[1]);
		if (lo < 0)
			return -EINVAL;
		*dst++ = hi << 4 | lo;
	}
	return 0;
}

static inline char *bin2hex(char *dst, const void *src, size_t count)
{
	const u8 *p = src;

	for (; count; count--, p++) {
		*dst++ = "0123456789abcdef"[*p >> 4];
		*dst++ = "0123456789abcdef"[*p & 15];
	}
	return dst;
}

#endif
