// SPDX-License-Identifier: GPL-2.0
/*
 * The life of vDPA devices, and "vdpa dev add" and "vdpa dev del".
 *
 * Each is called vtpmN, as its vTPM's device node. It appears when a vTPM is
 * created with VTPM_CREATE_VDPA, or by "vdpa dev add name vtpmN mgmtdev
 * vtpm_mux", which makes the vTPM as well if there is none with this number. It
 * is meant for guests: vhost-vdpa is the driver that binds it, unless another is
 * chosen by its driver_override. Otherwise the host's own virtio drivers, to
 * which every vDPA device is theirs, would take it before a VMM can.
 *
 * To unregister a device that a VMM has open waits until it is closed, with a
 * lock of the vDPA core that every other device needs. So such a device is only
 * doomed, and goes when it is closed.
 */
#include <linux/err.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/virtio_config.h>
#include <linux/virtio_ids.h>
#include <linux/wait.h>

#include "compat.h"
#include "control.h"
#include "instance.h"
#include "vdpa.h"
#include "vdpa_dev.h"

struct workqueue_struct *vtpm_vdpa_wq;

/* Parent of the devices, and what the management device is called after. */
static struct device *vtpm_vdpa_root;

/* Devices whose memory is not freed yet. */
static atomic_t vtpm_vdpa_devices = ATOMIC_INIT(0);
static DECLARE_WAIT_QUEUE_HEAD(vtpm_vdpa_none);

/* The memory of a device is freed. */
void vtpm_vdpa_freed(void)
{
	if (atomic_dec_and_test(&vtpm_vdpa_devices))
		wake_up_all(&vtpm_vdpa_none);
}

/* A process has opened it: the module has to stay. */
void vtpm_vdpa_opened(struct vtpm_vdpa *dv)
{
	spin_lock(&dv->life_lock);
	if (!dv->open)
		dv->open = try_module_get(THIS_MODULE);
	spin_unlock(&dv->life_lock);
}

/* It has closed it. */
void vtpm_vdpa_closed(struct vtpm_vdpa *dv)
{
	bool open;

	spin_lock(&dv->life_lock);
	open = dv->open;
	dv->open = false;
	if (dv->doomed && !dv->removing) {
		dv->removing = true;
		queue_work(vtpm_vdpa_wq, &dv->removal);
	}
	spin_unlock(&dv->life_lock);
	/* Before the module can go, the core waits for our caller to return. */
	if (open)
		module_put(THIS_MODULE);
}

/* May somebody begin to use it? */
bool vtpm_vdpa_usable(struct vtpm_vdpa *dv)
{
	bool usable;

	spin_lock(&dv->life_lock);
	usable = !dv->doomed;
	spin_unlock(&dv->life_lock);
	return usable;
}

/* True: the caller has to unregister it, now. */
static bool vtpm_vdpa_doom(struct vtpm_vdpa *dv)
{
	bool remove;

	spin_lock(&dv->life_lock);
	dv->doomed = true;
	remove = !dv->open && !dv->removing;
	if (remove)
		dv->removing = true;
	spin_unlock(&dv->life_lock);
	return remove;
}

/* @locked: by the vDPA core, which calls us. */
static void vtpm_vdpa_unregister(struct vtpm_vdpa *dv, bool locked)
{
	get_device(&dv->vdpa.dev);
	if (locked)
		_vdpa_unregister_device(&dv->vdpa);
	else
		vdpa_unregister_device(&dv->vdpa);
	/* Nobody kicks any more. */
	cancel_work_sync(&dv->work);
	put_device(&dv->vdpa.dev);
}

static void vtpm_vdpa_removal(struct work_struct *work)
{
	vtpm_vdpa_unregister(container_of(work, struct vtpm_vdpa, removal),
			     false);
}

static struct vtpm_vdpa *vtpm_vdpa_alloc(struct vtpm *vtpm)
{
	struct vtpm_vdpa_io *io;
	struct vtpm_vdpa *dv;
	char name[16];

	snprintf(name, sizeof(name), "vtpm%u", vtpm->number);
	io = kvzalloc(sizeof(*io), GFP_KERNEL_ACCOUNT);
	if (!io)
		return ERR_PTR(-ENOMEM);
	dv = vtpm_vdpa_alloc_device(struct vtpm_vdpa, vdpa, vtpm_vdpa_root,
				    &vtpm_vdpa_ops, name);
	if (IS_ERR(dv)) {
		kvfree(io);
		return dv;
	}
	/* From here on, the last reference frees it all. */
	atomic_inc(&vtpm_vdpa_devices);
	dv->io = io;
	dv->vtpm = vtpm_get(vtpm);
	mutex_init(&dv->lock);
	spin_lock_init(&dv->life_lock);
	INIT_WORK(&dv->work, vtpm_vdpa_work);
	INIT_WORK(&dv->removal, vtpm_vdpa_removal);
	vtpm_mem_init(&dv->user_mem, &vtpm_mem_user_ops);
	vtpm_mem_init(&dv->host_mem, &vtpm_mem_host_ops);
	return dv;
}

static struct vdpa_mgmt_dev vtpm_vdpa_mgmt;

/* The vTPM is published. @locked: by the vDPA core, which calls us. */
static struct vtpm_vdpa *vtpm_vdpa_register(struct vtpm *vtpm, bool owns,
					    bool locked)
{
	struct vtpm_vdpa *dv = vtpm_vdpa_alloc(vtpm);
	int rc;

	if (IS_ERR(dv))
		return dv;
	dv->owns_vtpm = owns;
	dv->vdpa.mdev = &vtpm_vdpa_mgmt;
	vtpm_mem_host_init(dv);
	rc = device_set_driver_override(&dv->vdpa.dev, "vhost_vdpa");
	if (rc)
		goto err;
	/* One for the caller; the other goes when it is unregistered. */
	get_device(&dv->vdpa.dev);
	if (locked)
		rc = _vdpa_register_device(&dv->vdpa, 1);
	else
		rc = vdpa_register_device(&dv->vdpa, 1);
	if (!rc)
		return dv;
	put_device(&dv->vdpa.dev);
err:
	put_device(&dv->vdpa.dev);
	return ERR_PTR(rc);
}

/**
 * vtpm_vdpa_add() - offer a vTPM as a vDPA device
 * @vtpm: a vTPM that is published
 *
 * Return: for vtpm_vdpa_del(); or an ERR_PTR: -EEXIST there is a vDPA device
 * of this name.
 */
struct vtpm_vdpa *vtpm_vdpa_add(struct vtpm *vtpm)
{
	return vtpm_vdpa_register(vtpm, false, false);
}

/**
 * vtpm_vdpa_del() - withdraw a vDPA device
 * @dv: from vtpm_vdpa_add(); the reference goes with it
 *
 * A VMM that has it open keeps it until it is closed, without use.
 */
void vtpm_vdpa_del(struct vtpm_vdpa *dv)
{
	if (vtpm_vdpa_doom(dv))
		vtpm_vdpa_unregister(dv, false);
	put_device(&dv->vdpa.dev);
}

/* N of a name that is vtpmN and nothing else. */
static int vtpm_vdpa_number(const char *name, u32 *number)
{
	char again[16];

	if (sscanf(name, "vtpm%u", number) != 1 ||
	    *number >= VTPM_MAX_INSTANCES)
		return -EINVAL;
	snprintf(again, sizeof(again), "vtpm%u", *number);
	return strcmp(name, again) ? -EINVAL : 0;
}

/*
 * "vdpa dev add". Whoever makes a vTPM so has no say in its power, nor a
 * launcher that would: it follows the VMM.
 */
static int vtpm_vdpa_dev_add(struct vdpa_mgmt_dev *mdev, const char *name,
			     const struct vdpa_dev_set_config *config)
{
	struct vtpm_create args = {
		.flags = VTPM_CREATE_NUMBER | VTPM_CREATE_VDPA |
			 VTPM_CREATE_POWER_FOLLOWS_OPEN,
	};
	struct vtpm_vdpa *dv;
	struct vtpm *vtpm;
	bool made;
	int rc;

	/* The core asks for CAP_NET_ADMIN only; see control.c. */
	if (!capable(CAP_SYS_ADMIN))
		return -EPERM;
	rc = vtpm_vdpa_number(name, &args.number);
	if (rc)
		return rc;
	vtpm = vtpm_get_number(args.number);
	made = !vtpm;
	if (made)
		vtpm = vtpm_control_make(&args);
	if (IS_ERR(vtpm))
		return PTR_ERR(vtpm);

	dv = vtpm_vdpa_register(vtpm, made, true);
	rc = PTR_ERR_OR_ZERO(dv);
	if (!rc)
		rc = vtpm_control_attach(vtpm, dv);
	if (rc && !IS_ERR(dv)) {
		if (vtpm_vdpa_doom(dv))
			vtpm_vdpa_unregister(dv, true);
		put_device(&dv->vdpa.dev);
	}
	if (rc && made)
		vtpm_control_unmake(vtpm, false);
	vtpm_put(vtpm);
	return rc;
}

/* "vdpa dev del", and what is left when the module goes. */
static void vtpm_vdpa_dev_del(struct vdpa_mgmt_dev *mdev,
			      struct vdpa_device *vdpa)
{
	struct vtpm_vdpa *dv = to_vtpm_vdpa(vdpa);
	struct vtpm *vtpm = vtpm_get(dv->vtpm);
	bool unmake = dv->owns_vtpm && capable(CAP_SYS_ADMIN);

	get_device(&dv->vdpa.dev);
	if (vtpm_control_detach(vtpm, dv))
		put_device(&dv->vdpa.dev);
	if (vtpm_vdpa_doom(dv))
		vtpm_vdpa_unregister(dv, true);
	put_device(&dv->vdpa.dev);
	if (unmake)
		vtpm_control_unmake(vtpm, false);
	vtpm_put(vtpm);
}

static const struct vdpa_mgmtdev_ops vtpm_vdpa_mgmt_ops = {
	.dev_add = vtpm_vdpa_dev_add,
	.dev_del = vtpm_vdpa_dev_del,
};

static struct virtio_device_id vtpm_vdpa_ids[] = {
	{ 0, VIRTIO_DEV_ANY_ID },	/* a parameter of the module */
	{ 0 },
};

static struct vdpa_mgmt_dev vtpm_vdpa_mgmt = {
	.ops = &vtpm_vdpa_mgmt_ops,
	.id_table = vtpm_vdpa_ids,
	.supported_features = VTPM_VDPA_FEATURES,
	.max_supported_vqs = 1,
};

int __init vtpm_vdpa_init(void)
{
	int rc;

	if (!vtpm_vdpa_id())
		return -EINVAL;
	/* Each device has one command under way at most. */
	vtpm_vdpa_wq = alloc_workqueue("vtpm-vdpa", WQ_UNBOUND, WQ_MAX_ACTIVE);
	if (!vtpm_vdpa_wq)
		return -ENOMEM;
	vtpm_vdpa_root = root_device_register("vtpm_mux");
	if (IS_ERR(vtpm_vdpa_root)) {
		rc = PTR_ERR(vtpm_vdpa_root);
		goto err_wq;
	}
	vtpm_vdpa_ids[0].device = vtpm_vdpa_id();
	vtpm_vdpa_mgmt.device = vtpm_vdpa_root;
	rc = vdpa_mgmtdev_register(&vtpm_vdpa_mgmt);
	if (rc)
		goto err_root;
	return 0;

err_root:
	root_device_unregister(vtpm_vdpa_root);
err_wq:
	destroy_workqueue(vtpm_vdpa_wq);
	return rc;
}

void vtpm_vdpa_exit(void)
{
	vdpa_mgmtdev_unregister(&vtpm_vdpa_mgmt);
	flush_workqueue(vtpm_vdpa_wq);
	/* Somebody may still look at one in sysfs. */
	wait_event(vtpm_vdpa_none, !atomic_read(&vtpm_vdpa_devices));
	root_device_unregister(vtpm_vdpa_root);
	destroy_workqueue(vtpm_vdpa_wq);
}
