/* SPDX-License-Identifier: GPL-2.0 */
#ifndef HOSTED_LINUX_MATH64_H
#define HOSTED_LINUX_MATH64_H

#include <linux/types.h>

static inline u64 div_u64_rem(u64 dividend, u32 divisor, u32 *remainder)
{
	*remainder = dividend % divisor;
	return dividend / divisor;
}

static inline u64 div64_u64_rem(u64 dividend, u64 divisor, u64 *remainder)
{
	*remainder = dividend % divisor;
	return dividend / divisor;
}

static inline u64 div_u64(u64 dividend, u32 divisor)
{
	return dividend / divisor;
}

static inline u64 div64_u64(u64 dividend, u64 divisor)
{
	return dividend / divisor;
}

#define do_div(n, base) ({						\
	u32 __base = (base);						\
	u32 __rem = (u64)(n) % __base;					\
									\
	(n) = (u64)(n) / __base;					\
	__rem;								\
})

#endif
