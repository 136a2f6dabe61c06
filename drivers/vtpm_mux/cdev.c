// SPDX-License-Identifier: GPL-2.0
/*
 * /dev/vtpmN: a virtual TPM as a character device that answers as /dev/tpmN
 * does (drivers/char/tpm/tpm-dev-common.c): one command per write, then its
 * response by reads of any size.
 *
 *	        write                    the command ends
 *	IDLE ----------> BUSY ----------------------------> RESPONSE
 *	 ^                                                     |
 *	 +------- read of the last byte, or 120 s -------------+
 *
 * A write in RESPONSE is refused with EBUSY until one byte was read; then it
 * drops what is left. In BUSY, vtpm_file.lock is held: whoever reads or
 * writes waits. With O_NONBLOCK the write returns at once and a worker does
 * the rest; an error is then what the next read returns.
 *
 * Differences, none of which a correct client can rely on: waits are
 * killable; a write that is refused leaves the rest of a response intact; a
 * read that overtakes the worker waits for it instead of returning 0; and
 * poll() never blocks, but says "neither" in BUSY.
 */
#include <linux/cdev.h>
#include <linux/device.h>
#include <linux/err.h>
#include <linux/fs.h>
#include <linux/jiffies.h>
#include <linux/module.h>
#include <linux/poll.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/uaccess.h>
#include <linux/unaligned.h>
#include <linux/workqueue.h>

#include "cdev.h"
#include "instance.h"
#include "ioctl.h"

#define VTPM_RESPONSE_TIMEOUT	(120 * HZ)
#define VTPM_EXPIRE_AGAIN	HZ

/**
 * struct vtpm_cdev - the device node of a vTPM
 * @dev: in class vtpm; its references are this structure's
 * @cdev: holds a reference of @dev while it is opened
 * @vtpm: a reference of its own
 */
struct vtpm_cdev {
	struct device dev;
	struct cdev cdev;
	struct vtpm *vtpm;
};

/**
 * struct vtpm_file - an open /dev/vtpmN; there is one at most
 * @vtpm: a reference of its own
 * @lock: protects what follows; held while a command runs
 * @unread: no byte of the response was read yet
 * @busy: a command runs or is queued; written under @lock, and read without
 *	by poll, which relies on @rsp_len being stored before it is cleared
 * @rsp_len: bytes of the response that are left, or an errno for the next
 *	read; written under @lock, and read without by poll
 * @rsp_pos: where they begin in @rsp
 * @expires: in jiffies, when they are dropped
 * @work: runs the command in O_NONBLOCK
 * @expiry: drops them
 * @cmd: the command
 * @rsp: the response
 */
struct vtpm_file {
	struct vtpm *vtpm;
	struct mutex lock;	/* outermost; protects all below */
	bool unread;
	bool busy;
	ssize_t rsp_len;
	size_t rsp_pos;
	unsigned long expires;
	struct work_struct work;
	struct delayed_work expiry;
	u8 cmd[VTPM_BUFSIZE];
	u8 rsp[VTPM2_MAX_RESPONSE];
};

static dev_t vtpm_devt;
static struct workqueue_struct *vtpm_wq;

/* The response is over: read, dropped or replaced. Under @f->lock. */
static void vtpm_file_drop(struct vtpm_file *f)
{
	if (f->rsp_len > 0)
		memzero_explicit(f->rsp + f->rsp_pos, f->rsp_len);
	WRITE_ONCE(f->rsp_len, 0);
	f->rsp_pos = 0;
	f->unread = false;
	/* Where it is too late to cancel it, @expires tells it to go away. */
	cancel_delayed_work(&f->expiry);
}

/*
 * Run the command in @f->cmd. Under @f->lock, with @f->busy. What follows
 * the declared size is ignored, as tpm_transmit() does. With -EAGAIN the
 * command is still there.
 */
static ssize_t vtpm_file_run(struct vtpm_file *f, u32 instead)
{
	u32 size = get_unaligned_be32(f->cmd + 2);
	ssize_t ret;

	ret = size ? vtpm_execute(f->vtpm, f->cmd, size, f->rsp, instead) :
		     -ENODATA;
	if (ret != -EAGAIN)
		memzero_explicit(f->cmd, sizeof(f->cmd));
	return ret;
}

/* The end of BUSY: @len is a response's length, an errno, or 0 for none. */
static void vtpm_file_done(struct vtpm_file *f, ssize_t len)
{
	if (len) {
		f->expires = jiffies + VTPM_RESPONSE_TIMEOUT;
		mod_delayed_work(system_percpu_wq, &f->expiry, VTPM_RESPONSE_TIMEOUT);
	}
	WRITE_ONCE(f->rsp_len, len);
	smp_store_release(&f->busy, false);	/* pairs with vtpm_poll() */
}

static void vtpm_file_work(struct work_struct *work)
{
	struct vtpm_file *f = container_of(work, struct vtpm_file, work);
	u32 instead = 0;
	ssize_t ret;

	mutex_lock(&f->lock);
	while ((ret = vtpm_file_run(f, instead)) == -EAGAIN) {
		/* In BUSY nobody touches the command. Workers do not freeze. */
		mutex_unlock(&f->lock);
		vtpm_wait_awake(f->vtpm, &instead);
		mutex_lock(&f->lock);
	}
	vtpm_file_done(f, ret);
	mutex_unlock(&f->lock);
	wake_up_all(&f->vtpm->wait);
}

/*
 * Who holds the lock may have to wait, for a command or for memory that somebody
 * else gives him at his pleasure: a worker of the system's does not.
 */
static void vtpm_file_expire(struct work_struct *work)
{
	struct vtpm_file *f = container_of(to_delayed_work(work),
					   struct vtpm_file, expiry);

	if (!mutex_trylock(&f->lock)) {
		/* unless there is another response by now, with its own time */
		queue_delayed_work(system_percpu_wq, &f->expiry, VTPM_EXPIRE_AGAIN);
		return;
	}
	if (f->rsp_len && time_after_eq(jiffies, f->expires))
		vtpm_file_drop(f);
	mutex_unlock(&f->lock);
	wake_up_all(&f->vtpm->wait);
}

static int vtpm_fop_open(struct inode *inode, struct file *file)
{
	struct vtpm *vtpm = container_of(inode->i_cdev, struct vtpm_cdev,
					 cdev)->vtpm;
	struct vtpm_file *f;
	int rc;

	rc = vtpm_open(vtpm, true);
	if (rc)
		return rc;
	f = kvzalloc(sizeof(*f), GFP_KERNEL_ACCOUNT);
	if (!f) {
		vtpm_close(vtpm, true);
		return -ENOMEM;
	}
	f->vtpm = vtpm_get(vtpm);
	mutex_init(&f->lock);
	INIT_WORK(&f->work, vtpm_file_work);
	INIT_DELAYED_WORK(&f->expiry, vtpm_file_expire);
	file->private_data = f;
	return stream_open(inode, file);
}

static int vtpm_fop_release(struct inode *inode, struct file *file)
{
	struct vtpm_file *f = file->private_data;
	struct vtpm *vtpm = f->vtpm;

	flush_work(&f->work);
	cancel_delayed_work_sync(&f->expiry);
	vtpm_close(vtpm, true);
	kvfree_sensitive(f, sizeof(*f));
	vtpm_put(vtpm);
	return 0;
}

/* Takes @f->lock unless killed or gone. */
static int vtpm_file_lock(struct vtpm_file *f)
{
	if (mutex_lock_killable(&f->lock))
		return -EINTR;
	if (!vtpm_is_gone(f->vtpm))
		return 0;
	mutex_unlock(&f->lock);
	return -ENODEV;
}

/* The same, and not in BUSY: a worker may not have come to run yet. */
static int vtpm_file_lock_idle(struct vtpm_file *f)
{
	for (;;) {
		int rc = vtpm_file_lock(f);

		if (rc || !f->busy)
			return rc;
		mutex_unlock(&f->lock);
		/* freezable: the host may go to sleep meanwhile */
		if (wait_event_state(f->vtpm->wait,
				     !READ_ONCE(f->busy) ||
				     vtpm_is_gone(f->vtpm),
				     (TASK_KILLABLE | TASK_FREEZABLE)))
			return -EINTR;
	}
}

static ssize_t vtpm_file_read(struct vtpm_file *f, char __user *buf,
			      size_t size)
{
	ssize_t n = f->rsp_len;

	f->unread = false;
	if (n <= 0) {
		vtpm_file_drop(f);
		return n;
	}
	/* Bounded by what is left of the response. */
	n = min_t(size_t, size, n);
	if (copy_to_user(buf, f->rsp + f->rsp_pos, n)) {
		vtpm_file_drop(f);
		return -EFAULT;
	}
	memzero_explicit(f->rsp + f->rsp_pos, n);
	f->rsp_pos += n;
	WRITE_ONCE(f->rsp_len, f->rsp_len - n);
	if (!f->rsp_len)
		vtpm_file_drop(f);
	return n;
}

static ssize_t vtpm_fop_read(struct file *file, char __user *buf, size_t size,
			     loff_t *off)
{
	struct vtpm_file *f = file->private_data;
	ssize_t ret;

	if (!size)
		return 0;
	ret = vtpm_file_lock_idle(f);
	if (ret)
		return ret;
	ret = vtpm_file_read(f, buf, size);
	mutex_unlock(&f->lock);
	wake_up_all(&f->vtpm->wait);
	return ret;
}

/* Under @f->lock. Copies no more than VTPM_BUFSIZE: the caller checked. */
static int vtpm_file_accept(struct vtpm_file *f, const char __user *buf,
			    size_t size)
{
	if (f->busy || (f->unread && f->rsp_len))
		return -EBUSY;
	if (copy_from_user(f->cmd, buf, size))
		return -EFAULT;
	if (size < 6 || size < get_unaligned_be32(f->cmd + 2))
		return -EINVAL;
	vtpm_file_drop(f);
	f->unread = true;
	WRITE_ONCE(f->busy, true);
	return 0;
}

/* With -EAGAIN the write has not happened: see vtpm_execute(). */
static ssize_t vtpm_file_write(struct file *file, const char __user *buf,
			       size_t size, u32 instead)
{
	struct vtpm_file *f = file->private_data;
	ssize_t ret;

	ret = vtpm_file_lock(f);
	if (ret)
		return ret;
	ret = vtpm_file_accept(f, buf, size);
	if (ret)
		goto unlock;
	if (file->f_flags & O_NONBLOCK) {
		queue_work(vtpm_wq, &f->work);
		ret = size;
		goto unlock;
	}
	ret = vtpm_file_run(f, instead);
	if (ret == -EAGAIN)
		memzero_explicit(f->cmd, sizeof(f->cmd));
	vtpm_file_done(f, max_t(ssize_t, ret, 0));
	if (ret > 0)
		ret = size;
unlock:
	mutex_unlock(&f->lock);
	wake_up_all(&f->vtpm->wait);
	return ret;
}

static ssize_t vtpm_fop_write(struct file *file, const char __user *buf,
			      size_t size, loff_t *off)
{
	struct vtpm_file *f = file->private_data;
	u32 instead = 0;
	ssize_t ret;

	if (size > VTPM_BUFSIZE)
		return -E2BIG;
	while ((ret = vtpm_file_write(file, buf, size, instead)) == -EAGAIN) {
		ret = vtpm_wait_awake(f->vtpm, &instead);
		if (ret)
			break;
	}
	return ret;
}

static __poll_t vtpm_fop_poll(struct file *file, poll_table *wait)
{
	struct vtpm_file *f = file->private_data;
	bool busy;

	poll_wait(file, &f->vtpm->wait, wait);
	if (vtpm_is_gone(f->vtpm))
		return EPOLLERR | EPOLLHUP;
	busy = smp_load_acquire(&f->busy);	/* before @rsp_len */
	if (READ_ONCE(f->rsp_len))
		return EPOLLIN | EPOLLRDNORM;
	return busy ? 0 : EPOLLOUT | EPOLLWRNORM;
}

/* Ioctls take none of the file's locks: they work while a write blocks. */

static int vtpm_ioc_info(void *ctx, union vtpm_ioctl_arg *arg,
			 void __user *argp)
{
	vtpm_get_info(ctx, &arg->info);
	return vtpm_ioctl_return(argp, arg);
}

static int vtpm_ioc_power(void *ctx, union vtpm_ioctl_arg *arg,
			  void __user *argp)
{
	return vtpm_set_power(ctx, arg->power.op, arg->power.flags);
}

static int vtpm_ioc_measure(void *ctx, union vtpm_ioctl_arg *arg,
			    void __user *argp)
{
	return vtpm_measure(ctx, &arg->measure);
}

static int vtpm_ioc_get_locality(void *ctx, union vtpm_ioctl_arg *arg,
				 void __user *argp)
{
	struct vtpm *vtpm = ctx;

	arg->locality.locality = READ_ONCE(vtpm->locality);
	return vtpm_ioctl_return(argp, arg);
}

static int vtpm_ioc_set_locality(void *ctx, union vtpm_ioctl_arg *arg,
				 void __user *argp)
{
	return vtpm_set_locality(ctx, arg->locality.locality);
}

static int vtpm_ioc_reset_established(void *ctx, union vtpm_ioctl_arg *arg,
				      void __user *argp)
{
	return vtpm_reset_established(ctx, arg->established.locality);
}

static int vtpm_ioc_get_state(void *ctx, union vtpm_ioctl_arg *arg,
			      void __user *argp)
{
	int rc = vtpm_get_state(ctx, &arg->blob);

	/* how much room it takes */
	if (!rc || rc == -ENOBUFS)
		rc = vtpm_ioctl_return(argp, arg) ?: rc;
	return rc;
}

static int vtpm_ioc_set_state(void *ctx, union vtpm_ioctl_arg *arg,
			      void __user *argp)
{
	return vtpm_set_state(ctx, &arg->blob);
}

static int vtpm_ioc_cancel(void *ctx, union vtpm_ioctl_arg *arg,
			   void __user *argp)
{
	vtpm_cancel(ctx);
	return 0;
}

static const struct vtpm_ioctl vtpm_ioctls[] = {
	{
		.cmd = VTPM_IOC_INFO,
		.run = vtpm_ioc_info,
		.size = sizeof(struct vtpm_info),
		.min_size = offsetofend(struct vtpm_info, number),
	},
	{
		.cmd = VTPM_IOC_POWER,
		.run = vtpm_ioc_power,
		.size = sizeof(struct vtpm_power),
		.min_size = offsetofend(struct vtpm_power, op),
	},
	{
		.cmd = VTPM_IOC_MEASURE,
		.run = vtpm_ioc_measure,
		.size = sizeof(struct vtpm_measure),
		.min_size = offsetofend(struct vtpm_measure, data),
	},
	{
		.cmd = VTPM_IOC_GET_LOCALITY,
		.run = vtpm_ioc_get_locality,
		.size = sizeof(struct vtpm_locality),
		.min_size = offsetofend(struct vtpm_locality, locality),
	},
	{
		.cmd = VTPM_IOC_SET_LOCALITY,
		.run = vtpm_ioc_set_locality,
		.size = sizeof(struct vtpm_locality),
		.min_size = offsetofend(struct vtpm_locality, locality),
	},
	{
		.cmd = VTPM_IOC_RESET_ESTABLISHED,
		.run = vtpm_ioc_reset_established,
		.size = sizeof(struct vtpm_established),
		.min_size = offsetofend(struct vtpm_established, locality),
	},
	{
		.cmd = VTPM_IOC_GET_STATE,
		.run = vtpm_ioc_get_state,
		.size = sizeof(struct vtpm_blob),
		.min_size = offsetofend(struct vtpm_blob, data),
	},
	{
		.cmd = VTPM_IOC_SET_STATE,
		.run = vtpm_ioc_set_state,
		.size = sizeof(struct vtpm_blob),
		.min_size = offsetofend(struct vtpm_blob, data),
	},
	{
		.cmd = VTPM_IOC_CANCEL,
		.run = vtpm_ioc_cancel,
		.size = sizeof(struct vtpm_cancel),
		.min_size = offsetofend(struct vtpm_cancel, size),
	},
};

static long vtpm_fop_ioctl(struct file *file, unsigned int cmd,
			   unsigned long arg)
{
	struct vtpm_file *f = file->private_data;

	if (vtpm_is_gone(f->vtpm))
		return -ENODEV;
	return vtpm_ioctl_run(vtpm_ioctls, ARRAY_SIZE(vtpm_ioctls), f->vtpm,
			      cmd, (void __user *)arg);
}

static const struct file_operations vtpm_fops = {
	.owner = THIS_MODULE,
	.open = vtpm_fop_open,
	.release = vtpm_fop_release,
	.read = vtpm_fop_read,
	.write = vtpm_fop_write,
	.poll = vtpm_fop_poll,
	.unlocked_ioctl = vtpm_fop_ioctl,
	.compat_ioctl = compat_ptr_ioctl,
};

static ssize_t uuid_show(struct device *dev, struct device_attribute *attr,
			 char *buf)
{
	struct vtpm *vtpm = dev_get_drvdata(dev);

	return sysfs_emit(buf, "%pUb\n", &vtpm->uuid);
}
static DEVICE_ATTR_RO(uuid);

static ssize_t assurance_show(struct device *dev,
			      struct device_attribute *attr, char *buf)
{
	static const char * const names[] = {
		[VTPM_ASSURANCE_AUTO] = "auto",
		[VTPM_ASSURANCE_HARDWARE] = "hardware",
		[VTPM_ASSURANCE_SOFTWARE] = "software",
	};
	struct vtpm *vtpm = dev_get_drvdata(dev);

	return sysfs_emit(buf, "%s\n", names[vtpm->assurance]);
}
static DEVICE_ATTR_RO(assurance);

static ssize_t power_state_show(struct device *dev,
				struct device_attribute *attr, char *buf)
{
	struct vtpm *vtpm = dev_get_drvdata(dev);

	return sysfs_emit(buf, "%s\n", READ_ONCE(vtpm->powered) ? "on" : "off");
}
static DEVICE_ATTR_RO(power_state);

static struct attribute *vtpm_attrs[] = {
	&dev_attr_assurance.attr,
	&dev_attr_power_state.attr,
	&dev_attr_uuid.attr,
	NULL
};
ATTRIBUTE_GROUPS(vtpm);

static const struct class vtpm_class = {
	.name = "vtpm",
	.dev_groups = vtpm_groups,
};

static void vtpm_cdev_release(struct device *dev)
{
	struct vtpm_cdev *cdev = container_of(dev, struct vtpm_cdev, dev);

	vtpm_put(cdev->vtpm);
	kfree(cdev);
}

/**
 * vtpm_cdev_add() - make /dev/vtpmN appear
 * @vtpm: the vTPM, ready to be opened
 *
 * Return: for vtpm_cdev_del(), or an ERR_PTR.
 */
struct vtpm_cdev *vtpm_cdev_add(struct vtpm *vtpm)
{
	struct vtpm_cdev *cdev;
	int rc;

	cdev = kzalloc(sizeof(*cdev), GFP_KERNEL_ACCOUNT);
	if (!cdev)
		return ERR_PTR(-ENOMEM);
	cdev->vtpm = vtpm_get(vtpm);
	device_initialize(&cdev->dev);
	cdev->dev.class = &vtpm_class;
	cdev->dev.release = vtpm_cdev_release;
	cdev->dev.devt = vtpm_devt + vtpm->number;
	dev_set_drvdata(&cdev->dev, vtpm);
	cdev_init(&cdev->cdev, &vtpm_fops);
	cdev->cdev.owner = THIS_MODULE;

	rc = dev_set_name(&cdev->dev, "vtpm%u", vtpm->number);
	if (!rc)
		rc = cdev_device_add(&cdev->cdev, &cdev->dev);
	if (rc) {
		put_device(&cdev->dev);
		return ERR_PTR(rc);
	}
	return cdev;
}

/**
 * vtpm_cdev_del() - make /dev/vtpmN vanish
 * @cdev: from vtpm_cdev_add()
 */
void vtpm_cdev_del(struct vtpm_cdev *cdev)
{
	cdev_device_del(&cdev->cdev, &cdev->dev);
	put_device(&cdev->dev);
}

int __init vtpm_cdev_init(void)
{
	int rc;

	/* Each vTPM has one command under way at most. */
	vtpm_wq = alloc_workqueue("vtpm", WQ_UNBOUND, WQ_MAX_ACTIVE);
	if (!vtpm_wq)
		return -ENOMEM;
	rc = alloc_chrdev_region(&vtpm_devt, 0, VTPM_MAX_INSTANCES, "vtpm");
	if (rc)
		goto err_wq;
	rc = class_register(&vtpm_class);
	if (rc)
		goto err_region;
	return 0;

err_region:
	unregister_chrdev_region(vtpm_devt, VTPM_MAX_INSTANCES);
err_wq:
	destroy_workqueue(vtpm_wq);
	return rc;
}

void vtpm_cdev_exit(void)
{
	class_unregister(&vtpm_class);
	unregister_chrdev_region(vtpm_devt, VTPM_MAX_INSTANCES);
	destroy_workqueue(vtpm_wq);
}
