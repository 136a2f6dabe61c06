/* SPDX-License-Identifier: GPL-2.0 */
#ifndef HOSTED_LINUX_RANDOM_H
#define HOSTED_LINUX_RANDOM_H

#include <sys/random.h>

#include <linux/bug.h>
#include <linux/types.h>

/*
 * Where random bytes come from; NULL: the system. A fuzzer sets a generator
 * of its own so that a run can be repeated. Weak, so that every object file
 * may define it and all share one.
 */
__weak void (*hosted_random)(void *buf, size_t len);

static inline void get_random_bytes(void *buf, size_t len)
{
	u8 *p = buf;
	ssize_t n;

	if (hosted_random) {
		hosted_random(buf, len);
		return;
	}
	for (; len; p += n, len -= n) {
		n = getrandom(p, len, 0);
		BUG_ON(n <= 0);
	}
}

static inline int wait_for_random_bytes(void)
{
	return 0;
}

static inline u32 get_random_u32(void)
{
	u32 v;

	get_random_bytes(&v, sizeof(v));
	return v;
}

static inline u64 get_random_u64(void)
{
	u64 v;

	get_random_bytes(&v, sizeof(v));
	return v;
}

#endif
