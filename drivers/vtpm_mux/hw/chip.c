// SPDX-License-Identifier: GPL-2.0
/*
 * The physical chip: finding it, losing it, and reaching it through the TPM
 * core.
 *
 * All TPMs of the system are candidates, in the order in which they appear; the
 * first that is a physical TPM 2.0 is ours. When it goes another may be taken,
 * but not while there are vTPMs, whose keys only the old one knows: then it has
 * to come back itself, on the same parent device, under whatever number.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/device.h>
#include <linux/errno.h>
#include <linux/notifier.h>
#include <linux/printk.h>
#include <linux/reboot.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/suspend.h>
#include <linux/unaligned.h>

#include "../compat.h"
#include "../trace.h"
#include "chip.h"
#include "hostkey.h"
#include "hw.h"

/* How long vtpm_hw_init() waits for the first look at the chip. */
#define INIT_WAIT	(5 * HZ)

/**
 * struct candidate - a TPM of the system
 * @node: in struct vtpm_chip.candidates
 * @tpm: with a reference to its device
 */
struct candidate {
	struct list_head node;
	struct tpm_chip *tpm;
};

struct vtpm_chip vtpm_chip;

/* Only its pointer is used, to allocate a TPM that never works. */
static const struct tpm_class_ops no_ops;

int vtpm_chip_check(struct vtpm_chip *chip)
{
	int ret;

	spin_lock(&chip->lock);
	ret = !chip->tpm ? -ENODEV : chip->ready ? 0 : chip->error;
	spin_unlock(&chip->lock);
	return ret;
}

void vtpm_chip_set_ready(struct vtpm_chip *chip, int error)
{
	unsigned long after;

	spin_lock(&chip->lock);
	WRITE_ONCE(chip->ready, !error);
	chip->error = error;
	after = chip->retry_after;
	chip->retry_after = error ? min(2 * after, VTPM_RETRY_LAST) : VTPM_RETRY_FIRST;
	spin_unlock(&chip->lock);
	trace_vtpm_chip_ready(chip->name, error);
	/* It may have been a hiccup. */
	if (error == -EIO || error == -EBUSY)
		mod_delayed_work(system_percpu_wq, &chip->retry, after);
}

static struct tpm_chip *chip_get(struct vtpm_chip *chip)
{
	struct tpm_chip *tpm;

	spin_lock(&chip->lock);
	tpm = chip->tpm;
	if (tpm)
		get_device(&tpm->dev);
	spin_unlock(&chip->lock);
	return tpm;
}

/* The TPM core complains each time: guests must not fill the log with that. */
static void chip_is_silent(struct vtpm_chip *chip)
{
	WRITE_ONCE(chip->silent_until, (jiffies + VTPM_LIMIT_SILENCE) | 1);
}

int vtpm_chip_open(struct vtpm_chip *chip)
{
	struct tpm_chip *tpm = chip_get(chip);
	int ret;

	if (!tpm)
		return -ENODEV;
	if (vtpm_chip_silent(chip))
		goto err_put;
	ret = tpm_try_get_ops(tpm);
	if (ret) {
		chip_is_silent(chip);
		pr_err_ratelimited("%s: cannot be reached (%d)\n", chip->name, ret);
		goto err_put;
	}
	chip->open = tpm;
	return 0;

err_put:
	put_device(&tpm->dev);
	return -EIO;
}

void vtpm_chip_close(struct vtpm_chip *chip)
{
	struct tpm_chip *tpm = chip->open;

	chip->open = NULL;
	tpm_put_ops(tpm);
	put_device(&tpm->dev);
	/* Authorizations and unsealed data. */
	memzero_explicit(chip->cmd, sizeof(chip->cmd));
	memzero_explicit(chip->buf->data, VTPM_TPM_BUFSIZE);
}

int vtpm_chip_transmit(struct vtpm_chip *chip, const u8 *cmd, size_t len,
		       struct vtpm_rd *rsp)
{
	struct tpm_buf *buf = chip->buf;
	ssize_t ret;

	if (len > VTPM_TPM_BUFSIZE)
		return -EMSGSIZE;
	memcpy(buf->data, cmd, len);
	buf->flags = 0;
	buf->handles = 0;
	buf->length = len;
	ret = tpm_transmit_cmd(chip->open, buf, 0, NULL);
	if (ret < 0) {
		chip_is_silent(chip);
		pr_err_ratelimited("%s: command 0x%x: no response (%zd)\n", chip->name,
				   get_unaligned_be32(cmd + 6), ret);
		return -EIO;
	}
	WRITE_ONCE(chip->silent_until, 0);
	if (ret)
		return ret;
	vtpm_rd_init(rsp, buf->data, min_t(size_t, buf->length, VTPM_TPM_BUFSIZE));
	return 0;
}

/* Is it no chip at all but a vTPM, of ours or of others? */
static bool tpm_is_virtual(const struct tpm_chip *tpm)
{
	const struct device *dev;

	if (tpm->flags & TPM_CHIP_FLAG_VIRTUAL)
		return true;
	for (dev = tpm->dev.parent; dev; dev = dev->parent)
		if (dev->bus && !strcmp(dev->bus->name, "vdpa"))
			return true;
	return false;
}

static bool tpm_is_usable(struct tpm_chip *tpm)
{
	const char *name = dev_name(&tpm->dev);

	if (tpm_is_virtual(tpm)) {
		pr_info("%s: not used: a virtual TPM\n", name);
		return false;
	}
	if (!(tpm->flags & TPM_CHIP_FLAG_TPM2)) {
		pr_err("%s: not used: a TPM 1.2 chip, TPM 2.0 is needed\n", name);
		return false;
	}
	if (tpm_is_firmware_upgrade(tpm)) {
		pr_err("%s: not used: the chip is in firmware upgrade mode\n", name);
		return false;
	}
	return true;
}

static int adopt_run(struct vtpm_chip *chip, struct vtpm_req *req)
{
	/* where has it been? */
	chip->cache.resets++;
	return vtpm_hostkey_provision(chip, NULL, 0);
}

/* Have the chip probed and provisioned. */
static void chip_look(struct vtpm_chip *chip)
{
	struct vtpm_req *adopt;

	adopt = vtpm_req_alloc(sizeof(*adopt), NULL, VTPM_LIMIT_PROVISION, adopt_run);
	if (adopt)
		vtpm_req_start(chip, adopt);
	else
		mod_delayed_work(system_percpu_wq, &chip->retry, VTPM_RETRY_FIRST);
}

static void chip_retry(struct work_struct *work)
{
	struct vtpm_chip *chip = container_of(work, struct vtpm_chip, retry.work);

	if (!READ_ONCE(chip->ready))
		chip_look(chip);
}

/* Under chip->lock: take the candidate @tpm if it will do. */
static bool chip_take(struct vtpm_chip *chip, struct tpm_chip *tpm)
{
	struct device *parent = tpm->dev.parent;
	char name[sizeof(chip->parent)];

	snprintf(name, sizeof(name), "%s %s",
		 parent->bus ? parent->bus->name : "", dev_name(parent));
	if (chip->users && strcmp(name, chip->parent)) {
		pr_info("%s: not used: the vTPMs' keys are in the chip of %s\n",
			dev_name(&tpm->dev), chip->parent);
		return false;
	}
	get_device(&tpm->dev);
	chip->tpm = tpm;
	chip->index = tpm->dev_num;
	chip->probed = false;
	chip->ready = false;
	chip->error = -EAGAIN;
	chip->retry_after = VTPM_RETRY_FIRST;
	WRITE_ONCE(chip->silent_until, 0);
	strscpy(chip->name, dev_name(&tpm->dev));
	strscpy(chip->parent, name);
	return true;
}

/* Use the first candidate that will do, unless there is a chip in use. */
static void chip_adopt(struct vtpm_chip *chip)
{
	struct candidate *c;
	bool taken = false;

	spin_lock(&chip->lock);
	if (!chip->tpm && !chip->exiting)
		list_for_each_entry(c, &chip->candidates, node) {
			taken = chip_take(chip, c->tpm);
			if (taken)
				break;
		}
	spin_unlock(&chip->lock);
	if (taken) {
		vtpm_queue_open(&chip->queue);
		chip_look(chip);
	}
}

/* Part with the chip, if it is @tpm (or any, for NULL). */
static void chip_leave(struct vtpm_chip *chip, struct tpm_chip *tpm)
{
	struct tpm_chip *old;
	bool exiting;

	spin_lock(&chip->lock);
	exiting = chip->exiting;
	old = chip->tpm;
	if (tpm && old != tpm)
		old = NULL;
	WRITE_ONCE(chip->ready, chip->ready && !old);
	spin_unlock(&chip->lock);
	if (!old)
		return;

	vtpm_queue_close(&chip->queue);
	spin_lock(&chip->lock);
	chip->tpm = NULL;
	chip->index = -1;
	spin_unlock(&chip->lock);
	if (!exiting) {
		trace_vtpm_chip_gone(chip->name, 0);
		pr_warn("%s: the chip is gone\n", chip->name);
	}
	put_device(&old->dev);
}

/* Called by the class, one at a time; the TPM core is not done with @dev yet. */
static int chip_add_dev(struct device *dev)
{
	struct tpm_chip *tpm = to_tpm_chip(dev);
	struct vtpm_chip *chip = &vtpm_chip;
	struct candidate *c;

	if (!tpm_is_usable(tpm))
		return 0;
	c = kzalloc(sizeof(*c), GFP_KERNEL);
	if (!c)
		return -ENOMEM;
	get_device(dev);
	c->tpm = tpm;
	spin_lock(&chip->lock);
	list_add_tail(&c->node, &chip->candidates);
	spin_unlock(&chip->lock);
	chip_adopt(chip);
	return 0;
}

/* The chip still works; when we return it may go. */
static void chip_remove_dev(struct device *dev)
{
	struct vtpm_chip *chip = &vtpm_chip;
	struct candidate *c, *found = NULL;

	spin_lock(&chip->lock);
	list_for_each_entry(c, &chip->candidates, node)
		if (&c->tpm->dev == dev)
			found = c;
	if (found)
		list_del(&found->node);
	spin_unlock(&chip->lock);
	if (!found)
		return;

	chip_leave(chip, found->tpm);
	put_device(dev);
	kfree(found);
	chip_adopt(chip);
}

static struct class_interface chip_interface = {
	.add_dev = chip_add_dev,
	.remove_dev = chip_remove_dev,
};

/*
 * The TPM class, which the TPM core does not export. Every TPM points to it,
 * one that was allocated for nothing else as well: it is never registered, and
 * its number is free again at once.
 */
static const struct class *tpm_class_get(void)
{
	const struct class *class;
	struct tpm_chip *tpm = tpm_default_chip();

	if (!tpm)
		tpm = tpm_chip_alloc(NULL, &no_ops);
	if (IS_ERR(tpm))
		return ERR_CAST(tpm);
	class = tpm->dev.class;
	put_device(&tpm->dev);
	return class;
}

int vtpm_hw_wait_awake(unsigned long timeout)
{
	return vtpm_queue_wait_resumed(&vtpm_chip.queue, timeout);
}

/*
 * Saved contexts of objects survive a suspend to RAM, loaded objects do not. If
 * the chip was reset the contexts are refused later, which cache.c notices.
 */
static int chip_pm_notify(struct notifier_block *nb, unsigned long event, void *data)
{
	switch (event) {
	case PM_SUSPEND_PREPARE:
	case PM_HIBERNATION_PREPARE:
	case PM_RESTORE_PREPARE:
		vtpm_queue_hold(&vtpm_chip.queue);
		trace_vtpm_suspend(vtpm_chip.name, 0);
		pr_info("the host is about to sleep: what needs the chip waits\n");
		break;
	case PM_POST_SUSPEND:
	case PM_POST_HIBERNATION:
	case PM_POST_RESTORE:
		vtpm_queue_resume(&vtpm_chip.queue);
		trace_vtpm_resume(vtpm_chip.name, 0);
		pr_info("the host is awake\n");
		break;
	}
	return NOTIFY_DONE;
}

static struct notifier_block chip_pm_notifier = {
	.notifier_call = chip_pm_notify,
};

/* A kernel that kexec starts finds the chip as we leave it. */
static int chip_reboot_notify(struct notifier_block *nb, unsigned long event, void *data)
{
	vtpm_queue_hold(&vtpm_chip.queue);
	return NOTIFY_DONE;
}

static struct notifier_block chip_reboot_notifier = {
	.notifier_call = chip_reboot_notify,
};

int vtpm_hw_init(void)
{
	struct vtpm_chip *chip = &vtpm_chip;
	const struct class *class;
	int ret;

	spin_lock_init(&chip->lock);
	INIT_LIST_HEAD(&chip->candidates);
	INIT_DELAYED_WORK(&chip->retry, chip_retry);
	chip->index = -1;
	vtpm_cache_init(&chip->cache);
	chip->buf = vtpm_tpm_buf_alloc();
	if (!chip->buf)
		return -ENOMEM;
	ret = vtpm_queue_init(&chip->queue);
	if (ret)
		goto err_free;

	class = tpm_class_get();
	ret = PTR_ERR_OR_ZERO(class);
	if (ret)
		goto err_queue;
	chip_interface.class = class;
	ret = class_interface_register(&chip_interface);
	if (ret)
		goto err_queue;
	ret = register_pm_notifier(&chip_pm_notifier);
	if (ret)
		goto err_class;
	ret = register_reboot_notifier(&chip_reboot_notifier);
	if (ret)
		goto err_pm;

	if (vtpm_chip_check(chip) == -ENODEV)
		pr_info("no TPM 2.0 chip yet\n");
	/* So that what follows finds the chip in the state that it will have. */
	vtpm_queue_settle(&chip->queue, INIT_WAIT);
	return 0;

err_pm:
	unregister_pm_notifier(&chip_pm_notifier);
err_class:
	chip->exiting = true;
	class_interface_unregister(&chip_interface);
err_queue:
	vtpm_queue_exit(&chip->queue);
	cancel_delayed_work_sync(&chip->retry);
err_free:
	vtpm_tpm_buf_free(chip->buf);
	return ret;
}

void vtpm_hw_exit(void)
{
	struct vtpm_chip *chip = &vtpm_chip;

	unregister_reboot_notifier(&chip_reboot_notifier);
	unregister_pm_notifier(&chip_pm_notifier);
	spin_lock(&chip->lock);
	chip->exiting = true;
	spin_unlock(&chip->lock);
	class_interface_unregister(&chip_interface);
	vtpm_queue_exit(&chip->queue);
	cancel_delayed_work_sync(&chip->retry);
	vtpm_tpm_buf_free(chip->buf);
}
