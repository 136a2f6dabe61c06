/* SPDX-License-Identifier: GPL-2.0 */
/* One thread: a lock only knows whether it is held. */
#ifndef HOSTED_LINUX_MUTEX_H
#define HOSTED_LINUX_MUTEX_H

#include <linux/bug.h>
#include <linux/jiffies.h>
#include <linux/types.h>

struct mutex {
	bool held;
};

#define __MUTEX_INITIALIZER(name)	{ false }

static inline void mutex_lock(struct mutex *lock)
{
	BUG_ON(lock->held);
	lock->held = true;
}

static inline void mutex_unlock(struct mutex *lock)
{
	BUG_ON(!lock->held);
	lock->held = false;
}

#endif
