// SPDX-License-Identifier: GPL-2.0
/*
 * A TPM 2.0 that is a virtio device (<uapi/linux/virtio_tpm.h>).
 *
 *	send(): the command goes into the queue
 *	recv(): waits until the device has put it back, with its response
 *
 * One command is under way at a time: the TPM core sees to that. But one whose
 * time is up, or whose caller was killed, stays with the device, and so does its
 * buffer, until the device gives it back or is reset. Such a request is *lost*:
 * nobody waits for it, the interrupt frees it, and the next command has to wait
 * until then, as it would for a chip that is still busy.
 */
#include <linux/acpi.h>
#include <linux/errno.h>
#include <linux/jiffies.h>
#include <linux/minmax.h>
#include <linux/module.h>
#include <linux/scatterlist.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/string.h>
#include <linux/unaligned.h>
#include <linux/virtio.h>
#include <linux/virtio_config.h>
#include <linux/virtio_tpm.h>
#include <linux/wait.h>

#include "tpm_virtio_compat.h"

/* The chip behind the device is shared with others: be patient. */
static unsigned int tpm_virtio_timeout = 120000;
module_param_named(timeout, tpm_virtio_timeout, uint, 0444);
MODULE_PARM_DESC(timeout,
		 "milliseconds to wait for a response, or longer where the TPM core does (default: 120000)");

/* How often to look whether the device has been unplugged. */
#define TPM_VIRTIO_TICK		HZ

/**
 * struct tpm_virtio_req - a command and its response
 * @len: bytes of the response, valid if @done
 * @done: the device has given it back; written under tpm_virtio.lock
 * @cmd: the command
 * @rsp: the response
 *
 * Between the two nothing but padding is the device's business.
 */
struct tpm_virtio_req {
	unsigned int len;
	bool done;
	u8 cmd[VIRTIO_TPM_BUFSIZE] ____cacheline_aligned;
	u8 rsp[VIRTIO_TPM_BUFSIZE] ____cacheline_aligned;
};

/**
 * struct tpm_virtio - a virtio TPM
 * @vdev: the device
 * @chip: the TPM core's
 * @vq: the queue; its calls are made under @lock
 * @wait: woken when a request comes back, and when there is no more hope
 * @lock: protects what follows; taken in the interrupt
 * @req: the request that is waited for, NULL if there is none
 * @lost: requests that are not waited for any more
 * @cancelled: the one that is waited for shall not be
 * @dead: the device will give nothing back until it is reset
 */
struct tpm_virtio {
	struct virtio_device *vdev;
	struct tpm_chip *chip;
	struct virtqueue *vq;
	wait_queue_head_t wait;
	spinlock_t lock;	/* protects all below */
	struct tpm_virtio_req *req;
	unsigned int lost;
	bool cancelled;
	bool dead;
};

static struct tpm_virtio *tpm_virtio_of(struct tpm_chip *chip)
{
	return dev_get_drvdata(&chip->dev);
}

/* A request has come back. Under @tv->lock. */
static void tpm_virtio_end(struct tpm_virtio *tv, struct tpm_virtio_req *req,
			   unsigned int len)
{
	if (req == tv->req) {
		/* Whatever the device says that it wrote. */
		req->len = min_t(unsigned int, len, sizeof(req->rsp));
		req->done = true;
	} else {
		tv->lost--;
		kfree_sensitive(req);
	}
}

static void tpm_virtio_interrupt(struct virtqueue *vq)
{
	struct tpm_virtio *tv = vq->vdev->priv;
	struct tpm_virtio_req *req;
	unsigned long flags;
	unsigned int len;

	spin_lock_irqsave(&tv->lock, flags);
	do {
		virtqueue_disable_cb(vq);
		while ((req = virtqueue_get_buf(vq, &len)))
			tpm_virtio_end(tv, req, len);
	} while (!virtqueue_enable_cb(vq));
	spin_unlock_irqrestore(&tv->lock, flags);
	wake_up_all(&tv->wait);
}

/* There is nothing to be configured: it may be that the device has failed. */
static void tpm_virtio_config_changed(struct virtio_device *vdev)
{
	struct tpm_virtio *tv = vdev->priv;
	unsigned long flags;

	if (!(vdev->config->get_status(vdev) & VIRTIO_CONFIG_S_NEEDS_RESET))
		return;
	spin_lock_irqsave(&tv->lock, flags);
	tv->dead = true;
	spin_unlock_irqrestore(&tv->lock, flags);
	wake_up_all(&tv->wait);
}

static bool tpm_virtio_hopeless(struct tpm_virtio *tv)
{
	return READ_ONCE(tv->dead) || virtqueue_is_broken(tv->vq);
}

static bool tpm_virtio_none_lost(struct tpm_virtio *tv)
{
	return !READ_ONCE(tv->lost);
}

/* Only for the one who waits for the request, and so is sure to have one. */
static bool tpm_virtio_ended(struct tpm_virtio *tv)
{
	return READ_ONCE(tv->req->done) || READ_ONCE(tv->cancelled);
}

/*
 * Waits for something, or until there is no hope for it, which nobody may tell
 * us: an unplugged device is only marked as broken. Ticks are counted, as the clock
 * may jump: when the host has slept, hours have passed for a guest in which the
 * device could do nothing, and it shall have its time. Returns 0 or an errno.
 */
static int tpm_virtio_wait(struct tpm_virtio *tv,
			   bool (*cond)(struct tpm_virtio *tv),
			   unsigned long timeout)
{
	unsigned long ticks = DIV_ROUND_UP(timeout, TPM_VIRTIO_TICK);
	long left;

	for (;;) {
		left = wait_event_killable_timeout(tv->wait, cond(tv) ||
						   tpm_virtio_hopeless(tv),
						   TPM_VIRTIO_TICK);
		if (cond(tv))
			return 0;
		if (left < 0)
			return -EINTR;
		if (tpm_virtio_hopeless(tv))
			return -EPIPE;
		if (ticks-- <= 1)
			return -ETIME;
	}
}

/* Gives a request to the device. */
static int tpm_virtio_submit(struct tpm_virtio *tv, struct tpm_virtio_req *req,
			     size_t len)
{
	struct scatterlist cmd, rsp, *sgs[] = { &cmd, &rsp };
	unsigned long flags;
	int rc;

	sg_init_one(&cmd, req->cmd, len);
	sg_init_one(&rsp, req->rsp, sizeof(req->rsp));
	spin_lock_irqsave(&tv->lock, flags);
	rc = virtqueue_add_sgs(tv->vq, sgs, 1, 1, req, GFP_ATOMIC);
	if (!rc) {
		tv->req = req;
		tv->cancelled = false;
		virtqueue_kick(tv->vq);
	}
	spin_unlock_irqrestore(&tv->lock, flags);
	return rc;
}

static int tpm_virtio_send(struct tpm_chip *chip, u8 *buf, size_t len)
{
	struct tpm_virtio *tv = tpm_virtio_of(chip);
	struct tpm_virtio_req *req;
	int rc;

	if (len > sizeof(req->cmd))
		return -E2BIG;
	rc = tpm_virtio_wait(tv, tpm_virtio_none_lost,
			     msecs_to_jiffies(tpm_virtio_timeout));
	if (rc)
		return rc;
	if (tpm_virtio_hopeless(tv))
		return -EPIPE;
	req = kzalloc(sizeof(*req), GFP_KERNEL);
	if (!req)
		return -ENOMEM;
	memcpy(req->cmd, buf, len);
	rc = tpm_virtio_submit(tv, req, len);
	if (rc)
		kfree_sensitive(req);
	return rc;
}

static int __maybe_unused tpm_virtio_send_sized(struct tpm_chip *chip, u8 *buf,
						size_t size, size_t len)
{
	return tpm_virtio_send(chip, buf, len);
}

/* Takes the request back if it has come; else it is lost. */
static struct tpm_virtio_req *tpm_virtio_take(struct tpm_virtio *tv)
{
	struct tpm_virtio_req *req;
	unsigned long flags;

	spin_lock_irqsave(&tv->lock, flags);
	req = tv->req;
	tv->req = NULL;
	if (req && !req->done) {
		tv->lost++;
		req = NULL;
	}
	spin_unlock_irqrestore(&tv->lock, flags);
	return req;
}

static int tpm_virtio_recv(struct tpm_chip *chip, u8 *buf, size_t size)
{
	struct tpm_virtio *tv = tpm_virtio_of(chip);
	struct tpm_virtio_req *req = tv->req;
	unsigned long timeout;
	int rc;

	/* Only we end the wait for it, and there is one of us. */
	timeout = tpm_calc_ordinal_duration(chip,
					    get_unaligned_be32(req->cmd + 6));
	timeout = max(timeout, msecs_to_jiffies(tpm_virtio_timeout));
	rc = tpm_virtio_wait(tv, tpm_virtio_ended, timeout);
	req = tpm_virtio_take(tv);
	if (!req)
		return rc ?: -ECANCELED;
	/* A response that does not fit is none. */
	rc = req->len <= size ? req->len : -EIO;
	if (rc > 0)
		memcpy(buf, req->rsp, rc);
	kfree_sensitive(req);
	return rc;
}

/* The device cannot be told, but whoever waits for it can. */
static void tpm_virtio_cancel(struct tpm_chip *chip)
{
	struct tpm_virtio *tv = tpm_virtio_of(chip);
	unsigned long flags;

	spin_lock_irqsave(&tv->lock, flags);
	tv->cancelled = true;
	spin_unlock_irqrestore(&tv->lock, flags);
	wake_up_all(&tv->wait);
}

/* Not called: with TPM_CHIP_FLAG_IRQ, it is recv() that waits. */
static u8 tpm_virtio_status(struct tpm_chip *chip)
{
	return 0;
}

static bool tpm_virtio_req_canceled(struct tpm_chip *chip, u8 status)
{
	return false;
}

static const struct tpm_class_ops tpm_virtio_ops = {
	.flags = TPM_OPS_AUTO_STARTUP,
	.send = TPM_VIRTIO_SEND(tpm_virtio_send, tpm_virtio_send_sized),
	.recv = tpm_virtio_recv,
	.cancel = tpm_virtio_cancel,
	.status = tpm_virtio_status,
	.req_canceled = tpm_virtio_req_canceled,
};

static int tpm_virtio_start(struct tpm_virtio *tv)
{
	struct virtqueue *vq = virtio_find_single_vq(tv->vdev,
						     tpm_virtio_interrupt,
						     "tpm");

	if (IS_ERR(vq))
		return PTR_ERR(vq);
	tv->vq = vq;
	WRITE_ONCE(tv->dead, false);
	virtio_device_ready(tv->vdev);
	return 0;
}

/* Once the device is reset, what it has not given back is ours again. */
static void tpm_virtio_stop(struct tpm_virtio *tv)
{
	struct tpm_virtio_req *req;

	/* A device that did not come back from sleep has no queue. */
	WRITE_ONCE(tv->dead, true);
	if (!tv->vq)
		return;
	virtio_reset_device(tv->vdev);
	while ((req = virtqueue_detach_unused_buf(tv->vq)))
		kfree_sensitive(req);
	tv->lost = 0;
	tv->vdev->config->del_vqs(tv->vdev);
	tv->vq = NULL;
}

static int tpm_virtio_probe(struct virtio_device *vdev)
{
	struct tpm_virtio *tv;
	int rc;

	tv = devm_kzalloc(&vdev->dev, sizeof(*tv), GFP_KERNEL);
	if (!tv)
		return -ENOMEM;
	tv->vdev = vdev;
	tv->dead = true;
	init_waitqueue_head(&tv->wait);
	spin_lock_init(&tv->lock);
	vdev->priv = tv;

	tv->chip = tpmm_chip_alloc(&vdev->dev, &tpm_virtio_ops);
	if (IS_ERR(tv->chip))
		return PTR_ERR(tv->chip);
	tv->chip->flags |= TPM_CHIP_FLAG_TPM2 | TPM_CHIP_FLAG_IRQ;
	dev_set_drvdata(&tv->chip->dev, tv);
#ifdef CONFIG_ACPI
	/* Where ACPI describes the device, it may have firmware's event log. */
	tv->chip->acpi_dev_handle = ACPI_HANDLE(vdev->dev.parent);
#endif

	rc = tpm_virtio_start(tv);
	if (rc)
		return rc;
	rc = tpm_chip_register(tv->chip);
	if (rc)
		tpm_virtio_stop(tv);
	return rc;
}

static void tpm_virtio_remove(struct virtio_device *vdev)
{
	struct tpm_virtio *tv = vdev->priv;

	/* Waits for a command under way; nobody calls us after that. */
	tpm_chip_unregister(tv->chip);
	tpm_virtio_stop(tv);
}

/*
 * The state that TPM2_Shutdown saves is kept by the host. Whether the TPM loses
 * its power meanwhile is the host's to decide, and if it does, TPM2_Startup is
 * the firmware's to send, as it is with a chip.
 */
static int tpm_virtio_freeze(struct virtio_device *vdev)
{
	int rc = tpm_pm_suspend(&vdev->dev);

	if (!rc)
		tpm_virtio_stop(vdev->priv);
	return rc;
}

static int tpm_virtio_restore(struct virtio_device *vdev)
{
	int rc = tpm_virtio_start(vdev->priv);

	return rc ?: tpm_pm_resume(&vdev->dev);
}

static unsigned int tpm_virtio_id = VIRTIO_ID_TPM;
module_param_named(virtio_id, tpm_virtio_id, uint, 0444);
MODULE_PARM_DESC(virtio_id, "virtio device id of TPMs (default: 62)");

static const struct virtio_device_id tpm_virtio_modalias[] = {
	{ VIRTIO_ID_TPM, VIRTIO_DEV_ANY_ID },
	{ 0 },
};
MODULE_DEVICE_TABLE(virtio, tpm_virtio_modalias);

static struct virtio_device_id tpm_virtio_ids[] = {
	{ 0, VIRTIO_DEV_ANY_ID },	/* a parameter of the module */
	{ 0 },
};

static struct virtio_driver tpm_virtio_driver = {
	.driver.name = "tpm_virtio",
	.id_table = tpm_virtio_ids,
	.probe = tpm_virtio_probe,
	.remove = tpm_virtio_remove,
	.config_changed = tpm_virtio_config_changed,
	.freeze = pm_sleep_ptr(tpm_virtio_freeze),
	.restore = pm_sleep_ptr(tpm_virtio_restore),
};

static int __init tpm_virtio_init(void)
{
	if (!tpm_virtio_id)
		return -EINVAL;
	tpm_virtio_ids[0].device = tpm_virtio_id;
	return register_virtio_driver(&tpm_virtio_driver);
}
module_init(tpm_virtio_init);

static void __exit tpm_virtio_exit(void)
{
	unregister_virtio_driver(&tpm_virtio_driver);
}
module_exit(tpm_virtio_exit);

MODULE_AUTHOR("The vtpm-mux authors");
MODULE_DESCRIPTION("Virtio TPM");
MODULE_LICENSE("GPL");
