// SPDX-License-Identifier: GPL-2.0
/*
 * Secrets that the chip can give back (tpm2/sealing.c) leave the memory of a
 * vTPM that has not used them for a while, and of all when the host is going to
 * sleep: memory is then easy to read, and in a hibernation it is on a disk.
 */
#include <linux/jiffies.h>
#include <linux/mutex.h>
#include <linux/notifier.h>
#include <linux/suspend.h>
#include <linux/workqueue.h>

#include "instance.h"
#include "rest.h"

#define VTPM_REST_AFTER		(30 * HZ)

/*
 * A worker waits for the command under way, which may take long, for the chip or for
 * the disk of the state file, and many vTPMs may have one: the system's own workers
 * are not for that.
 */
static struct workqueue_struct *vtpm_rest_wq;

static void vtpm_rest_work(struct work_struct *work)
{
	struct vtpm *vtpm = container_of(to_delayed_work(work), struct vtpm,
					 rest);

	mutex_lock(&vtpm->lock);
	if (vtpm->tpm)
		vtpm2_rest(vtpm->tpm);
	mutex_unlock(&vtpm->lock);
}

/**
 * vtpm_rest_setup() - prepare a new vTPM
 * @vtpm: the vTPM
 */
void vtpm_rest_setup(struct vtpm *vtpm)
{
	INIT_DELAYED_WORK(&vtpm->rest, vtpm_rest_work);
}

/**
 * vtpm_rest_later() - a command has used secrets: they stay for some time
 * @vtpm: the vTPM
 */
void vtpm_rest_later(struct vtpm *vtpm)
{
	mod_delayed_work(vtpm_rest_wq, &vtpm->rest, VTPM_REST_AFTER);
}

/**
 * vtpm_rest_end() - nothing is done any more
 * @vtpm: the vTPM, without an engine; its lock is not held
 */
void vtpm_rest_end(struct vtpm *vtpm)
{
	disable_delayed_work_sync(&vtpm->rest);
}

/* A command under way shall not hold up the host: then soon after it. */
static void vtpm_rest_now(struct vtpm *vtpm)
{
	if (!mutex_trylock(&vtpm->lock)) {
		mod_delayed_work(vtpm_rest_wq, &vtpm->rest, 0);
		return;
	}
	if (vtpm->tpm)
		vtpm2_rest(vtpm->tpm);
	mutex_unlock(&vtpm->lock);
}

static int vtpm_rest_notify(struct notifier_block *nb, unsigned long event,
			    void *data)
{
	struct vtpm *vtpm;
	u32 next = 0;

	if (event != PM_SUSPEND_PREPARE && event != PM_HIBERNATION_PREPARE &&
	    event != PM_RESTORE_PREPARE)
		return NOTIFY_DONE;
	while ((vtpm = vtpm_get_next(next))) {
		next = vtpm->number + 1;
		vtpm_rest_now(vtpm);
		vtpm_put(vtpm);
	}
	return NOTIFY_DONE;
}

/* After hw/: what is wiped before the chip is held could be fetched again. */
static struct notifier_block vtpm_rest_notifier = {
	.notifier_call = vtpm_rest_notify,
	.priority = -1,
};

int vtpm_rest_init(void)
{
	int rc;

	vtpm_rest_wq = alloc_workqueue("vtpm-rest", WQ_UNBOUND, WQ_MAX_ACTIVE);
	if (!vtpm_rest_wq)
		return -ENOMEM;
	rc = register_pm_notifier(&vtpm_rest_notifier);
	if (rc)
		destroy_workqueue(vtpm_rest_wq);
	return rc;
}

void vtpm_rest_exit(void)
{
	unregister_pm_notifier(&vtpm_rest_notifier);
	destroy_workqueue(vtpm_rest_wq);
}
