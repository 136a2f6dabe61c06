/* SPDX-License-Identifier: GPL-2.0 */
#ifndef HOSTED_LINUX_KTIME_H
#define HOSTED_LINUX_KTIME_H

#include <time.h>

#include <linux/compiler.h>
#include <linux/time64.h>
#include <linux/types.h>

/**
 * struct hosted_clock - the clocks as tests set them
 * @manual: use @now instead of the system's clocks
 * @now: nanoseconds
 */
struct hosted_clock {
	bool manual;
	u64 now;
};

/* Weak, so that every object file may define it and all share one. */
__weak struct hosted_clock hosted_clock;

static inline void hosted_clock_set(u64 ns)
{
	hosted_clock.manual = true;
	hosted_clock.now = ns;
}

static inline void hosted_clock_advance(u64 ns)
{
	hosted_clock.now += ns;
}

static inline u64 hosted_clock_read(clockid_t id)
{
	struct timespec ts;

	if (hosted_clock.manual)
		return hosted_clock.now;
	clock_gettime(id, &ts);
	return (u64)ts.tv_sec * NSEC_PER_SEC + ts.tv_nsec;
}

#define ktime_get_ns()			hosted_clock_read(CLOCK_MONOTONIC)
#define ktime_get_boottime_ns()		hosted_clock_read(CLOCK_BOOTTIME)
#define ktime_get_real_ns()		hosted_clock_read(CLOCK_REALTIME)
#define ktime_get()			((ktime_t)ktime_get_ns())
#define ktime_get_boottime()		((ktime_t)ktime_get_boottime_ns())
#define ktime_get_seconds()		((time64_t)(ktime_get_ns() / NSEC_PER_SEC))
#define ktime_get_boottime_seconds()	((time64_t)(ktime_get_boottime_ns() / NSEC_PER_SEC))
#define ktime_get_real_seconds()	((time64_t)(ktime_get_real_ns() / NSEC_PER_SEC))
#define ktime_to_ns(kt)			((s64)(kt))
#define ktime_to_ms(kt)			((s64)(kt) / NSEC_PER_MSEC)
#define ktime_sub(a, b)			((ktime_t)((a) - (b)))

#endif
