/* SPDX-License-Identifier: GPL-2.0 */
#ifndef HOSTED_LINUX_MINMAX_H
#define HOSTED_LINUX_MINMAX_H

#define __hosted_cmp(op, x, y) ({					\
	__auto_type __x = (x);						\
	__auto_type __y = (y);						\
									\
	__x op __y ? __x : __y;						\
})

#define __hosted_cmp_t(op, type, x, y) ({				\
	type __x = (x);							\
	type __y = (y);							\
									\
	__x op __y ? __x : __y;						\
})

#undef MIN
#undef MAX
#define MIN(a, b)		((a) < (b) ? (a) : (b))
#define MAX(a, b)		((a) > (b) ? (a) : (b))
#define min(x, y)		__hosted_cmp(<, x, y)
#define max(x, y)		__hosted_cmp(>, x, y)
#define min_t(type, x, y)	__hosted_cmp_t(<, type, x, y)
#define max_t(type, x, y)	__hosted_cmp_t(>, type, x, y)
#define umin(x, y)		min_t(unsigned long long, x, y)
#define umax(x, y)		max_t(unsigned long long, x, y)
#define min3(x, y, z)		min((__typeof__(x))min(x, y), z)
#define max3(x, y, z)		max((__typeof__(x))max(x, y), z)
#define clamp_t(type, v, lo, hi) min_t(type, max_t(type, v, lo), hi)
#define clamp(v, lo, hi)	clamp_t(__typeof__(v), v, lo, hi)
#define clamp_val(v, lo, hi)	clamp_t(__typeof__(v), v, lo, hi)
#define in_range(v, start, len)	((v) >= (start) && (v) - (start) < (len))

#define swap(a, b) \
	do { __typeof__(a) __tmp = (a); (a) = (b); (b) = __tmp; } while (0)

#endif
