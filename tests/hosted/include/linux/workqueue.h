/* SPDX-License-Identifier: GPL-2.0 */
/* Work is done when a test says so. */
#ifndef HOSTED_LINUX_WORKQUEUE_H
#define HOSTED_LINUX_WORKQUEUE_H

#include <linux/compiler.h>
#include <linux/jiffies.h>
#include <linux/math64.h>
#include <linux/minmax.h>
#include <linux/types.h>

struct work_struct {
	void (*func)(struct work_struct *work);
};

struct delayed_work {
	struct work_struct work;
	bool pending;
	unsigned long delay;
};

struct workqueue_struct;
#define system_freezable_wq	((struct workqueue_struct *)NULL)

#define DECLARE_DELAYED_WORK(name, fn)	struct delayed_work name = { .work.func = fn }

/* The last that was queued. Weak, so that all objects share one. */
__weak struct delayed_work *hosted_work;

static inline bool mod_delayed_work(struct workqueue_struct *wq, struct delayed_work *work,
				    unsigned long delay)
{
	bool was = work->pending;

	work->pending = true;
	work->delay = delay;
	hosted_work = work;
	return was;
}

static inline bool queue_delayed_work(struct workqueue_struct *wq, struct delayed_work *work,
				      unsigned long delay)
{
	return !work->pending && !mod_delayed_work(wq, work, delay);
}

static inline bool cancel_delayed_work_sync(struct delayed_work *work)
{
	bool was = work->pending;

	work->pending = false;
	return was;
}

#endif
