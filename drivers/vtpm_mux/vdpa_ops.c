// SPDX-License-Identifier: GPL-2.0
/*
 * What the vDPA core, vhost-vdpa and virtio-vdpa ask of a vTPM's device.
 *
 * A kick may come in any context and only queues work. The worker takes one
 * command at a time from the ring, executes it without a lock of ours, and puts
 * the response where the driver wants it, unless the device was reset, the queue
 * stopped or the memory unmapped in between: then the response is dropped, for
 * nobody waits for it any more.
 */
#include <linux/mm.h>
#include <linux/mmu_context.h>
#include <linux/module.h>
#include <linux/sched/mm.h>
#include <linux/string.h>
#include <linux/unaligned.h>
#include <linux/virtio_config.h>
#include <linux/virtio_ring.h>
#include <linux/virtio_tpm.h>
#include <uapi/linux/vhost_types.h>

#include "instance.h"
#include "tpm2/types.h"
#include "vdpa_dev.h"

/* "VTPM" */
#define VTPM_VDPA_VENDOR	0x4d505456

/* The id is not in the virtio specification: other drivers may want another. */
static unsigned int vtpm_virtio_id = VIRTIO_ID_TPM;
module_param_named(virtio_id, vtpm_virtio_id, uint, 0444);
MODULE_PARM_DESC(virtio_id, "virtio device id of vDPA devices (default: 62)");

u32 vtpm_vdpa_id(void)
{
	return vtpm_virtio_id;
}

/*
 * Makes a VMM's memory the worker's own. Under @dv->lock. False: the VMM is
 * about to be no more.
 */
static bool vtpm_vdpa_enter(struct vtpm_vdpa *dv)
{
	if (!dv->mm)
		return true;
	if (!mmget_not_zero(dv->mm))
		return false;
	kthread_use_mm(dv->mm);
	return true;
}

static void vtpm_vdpa_leave(struct vtpm_vdpa *dv)
{
	if (!dv->mm)
		return;
	kthread_unuse_mm(dv->mm);
	/* Where it is the last user, it has much to do: not here. */
	mmput_async(dv->mm);
}

/* The driver broke the rules: no more until it resets. Under @dv->lock. */
static void vtpm_vdpa_break(struct vtpm_vdpa *dv, int rc)
{
	dev_warn_ratelimited(&dv->vdpa.dev,
			     "the virtqueue is unusable (%d)%s\n", rc,
			     rc == -EFAULT && dv->mm ?
			     ": memory is not mapped, or not shared" : "");
	WRITE_ONCE(dv->status, dv->status | VIRTIO_CONFIG_S_NEEDS_RESET);
	if (dv->config_cb.callback)
		dv->config_cb.callback(dv->config_cb.private);
}

/* May requests be taken? Under @dv->lock. */
static bool vtpm_vdpa_runs(const struct vtpm_vdpa *dv)
{
	return dv->ready && !dv->suspended &&
	       dv->status & VIRTIO_CONFIG_S_DRIVER_OK &&
	       !(dv->status & VIRTIO_CONFIG_S_NEEDS_RESET);
}

/* Takes a request; returns whether there is one, and in which epoch. */
static bool vtpm_vdpa_take(struct vtpm_vdpa *dv, u32 *epoch)
{
	int rc = 0;

	mutex_lock(&dv->lock);
	if (vtpm_vdpa_runs(dv) && vtpm_vdpa_enter(dv)) {
		rc = vtpm_ring_get(&dv->ring, &dv->io->req);
		vtpm_vdpa_leave(dv);
		if (rc < 0)
			vtpm_vdpa_break(dv, rc);
	}
	*epoch = dv->epoch;
	mutex_unlock(&dv->lock);
	return rc > 0;
}

static void vtpm_vdpa_answer(struct vtpm_vdpa *dv, u32 epoch, size_t len)
{
	int rc;

	mutex_lock(&dv->lock);
	if (dv->epoch == epoch && vtpm_vdpa_enter(dv)) {
		rc = vtpm_ring_put(&dv->ring, &dv->io->req, dv->io->rsp, len);
		if (!rc)
			rc = vtpm_ring_signal(&dv->ring);
		vtpm_vdpa_leave(dv);
		if (rc < 0)
			vtpm_vdpa_break(dv, rc);
		else if (rc && dv->vq_cb.callback)
			dv->vq_cb.callback(dv->vq_cb.private);
	}
	mutex_unlock(&dv->lock);
}

/* A vTPM that was destroyed is one that has failed, until its device is gone. */
static size_t vtpm_vdpa_failure(u8 *rsp)
{
	put_unaligned_be16(TPM2_ST_NO_SESSIONS, rsp);
	put_unaligned_be32(10, rsp + 2);
	put_unaligned_be32(TPM2_RC_FAILURE, rsp + 6);
	return 10;
}

/* Executes the request; returns the length of the response. */
static size_t vtpm_vdpa_execute(struct vtpm *vtpm, struct vtpm_vdpa_io *io)
{
	u32 instead = 0;
	ssize_t len;

	/* More than the buffer has is more than the engine looks at. */
	static_assert(VTPM_RING_CMD_MAX >= VTPM2_MAX_COMMAND);
	while ((len = vtpm_execute(vtpm, io->req.cmd, io->req.cmd_len, io->rsp,
				   instead)) == -EAGAIN)
		vtpm_wait_awake(vtpm, &instead);
	return len < 0 ? vtpm_vdpa_failure(io->rsp) : len;
}

void vtpm_vdpa_work(struct work_struct *work)
{
	struct vtpm_vdpa *dv = container_of(work, struct vtpm_vdpa, work);
	struct vtpm_vdpa_io *io = dv->io;
	u32 epoch;

	while (vtpm_vdpa_take(dv, &epoch)) {
		vtpm_vdpa_answer(dv, epoch, vtpm_vdpa_execute(dv->vtpm, io));
		memzero_explicit(io, sizeof(*io));
		cond_resched();
	}
}

/* The virtqueue. There is one: @idx is 0, as the core has checked. */

static int vtpm_vdpa_set_vq_address(struct vdpa_device *vdpa, u16 idx,
				    u64 desc, u64 avail, u64 used)
{
	struct vtpm_vdpa *dv = to_vtpm_vdpa(vdpa);
	int rc = -EBUSY;

	mutex_lock(&dv->lock);
	if (!dv->ready || dv->suspended) {
		dv->ring.desc = desc;
		dv->ring.avail = avail;
		dv->ring.used = used;
		rc = 0;
		if (dv->ready && !vtpm_ring_valid(&dv->ring)) {
			dv->ready = false;
			rc = -EINVAL;
		}
	}
	mutex_unlock(&dv->lock);
	return rc;
}

static void vtpm_vdpa_set_vq_num(struct vdpa_device *vdpa, u16 idx, u32 num)
{
	struct vtpm_vdpa *dv = to_vtpm_vdpa(vdpa);

	mutex_lock(&dv->lock);
	if (!dv->ready)
		dv->ring.num = num;
	mutex_unlock(&dv->lock);
}

static void vtpm_vdpa_kick_vq(struct vdpa_device *vdpa, u16 idx)
{
	queue_work(vtpm_vdpa_wq, &to_vtpm_vdpa(vdpa)->work);
}

static void vtpm_vdpa_set_vq_cb(struct vdpa_device *vdpa, u16 idx,
				struct vdpa_callback *cb)
{
	struct vtpm_vdpa *dv = to_vtpm_vdpa(vdpa);

	mutex_lock(&dv->lock);
	dv->vq_cb = *cb;
	mutex_unlock(&dv->lock);
}

/* Under @dv->lock. */
static void vtpm_vdpa_stop_vq(struct vtpm_vdpa *dv)
{
	dv->ready = false;
	dv->epoch++;
}

static void vtpm_vdpa_start_vq(struct vtpm_vdpa *dv)
{
	dv->ring.mem = dv->user == VTPM_VDPA_VMM ? &dv->user_mem :
						   &dv->host_mem;
	dv->ring.indirect = dv->features & BIT_ULL(VIRTIO_RING_F_INDIRECT_DESC);
	dv->ring.event_idx = dv->features & BIT_ULL(VIRTIO_RING_F_EVENT_IDX);
	dv->ready = dv->user != VTPM_VDPA_NOBODY && vtpm_ring_valid(&dv->ring);
	/* What waits already was not kicked for. */
	queue_work(vtpm_vdpa_wq, &dv->work);
}

static void vtpm_vdpa_set_vq_ready(struct vdpa_device *vdpa, u16 idx,
				   bool ready)
{
	struct vtpm_vdpa *dv = to_vtpm_vdpa(vdpa);

	mutex_lock(&dv->lock);
	if (!ready)
		vtpm_vdpa_stop_vq(dv);
	else if (!dv->ready)
		vtpm_vdpa_start_vq(dv);
	mutex_unlock(&dv->lock);
}

static bool vtpm_vdpa_get_vq_ready(struct vdpa_device *vdpa, u16 idx)
{
	return READ_ONCE(to_vtpm_vdpa(vdpa)->ready);
}

static int vtpm_vdpa_set_vq_state(struct vdpa_device *vdpa, u16 idx,
				  const struct vdpa_vq_state *state)
{
	struct vtpm_vdpa *dv = to_vtpm_vdpa(vdpa);

	mutex_lock(&dv->lock);
	vtpm_ring_seek(&dv->ring, state->split.avail_index);
	mutex_unlock(&dv->lock);
	return 0;
}

static int vtpm_vdpa_get_vq_state(struct vdpa_device *vdpa, u16 idx,
				  struct vdpa_vq_state *state)
{
	struct vtpm_vdpa *dv = to_vtpm_vdpa(vdpa);

	mutex_lock(&dv->lock);
	state->split.avail_index = dv->ring.next_avail;
	mutex_unlock(&dv->lock);
	return 0;
}

static u32 vtpm_vdpa_get_vq_align(struct vdpa_device *vdpa)
{
	return PAGE_SIZE;
}

static u16 vtpm_vdpa_get_vq_num_max(struct vdpa_device *vdpa)
{
	return VTPM_RING_NUM_MAX;
}

/* The device. */

static u64 vtpm_vdpa_get_device_features(struct vdpa_device *vdpa)
{
	return VTPM_VDPA_FEATURES;
}

static u64 vtpm_vdpa_get_backend_features(const struct vdpa_device *vdpa)
{
	return BIT_ULL(VHOST_BACKEND_F_ENABLE_AFTER_DRIVER_OK);
}

/*
 * The host's driver begins to use the device. No power cycle follows: a driver
 * that is bound is no machine that is switched on. Under @dv->lock.
 */
static int vtpm_vdpa_claim_host(struct vtpm_vdpa *dv)
{
	int rc;

	if (dv->user != VTPM_VDPA_NOBODY)
		return 0;
	if (!vtpm_vdpa_usable(dv) || !try_module_get(THIS_MODULE))
		return -ENODEV;
	rc = vtpm_open(dv->vtpm, false);
	if (rc)
		module_put(THIS_MODULE);
	else
		dv->user = VTPM_VDPA_HOST;
	return rc;
}

/* Under @dv->lock. The core waits for us to return before it lets us go. */
static void vtpm_vdpa_release_host(struct vtpm_vdpa *dv)
{
	if (dv->user != VTPM_VDPA_HOST)
		return;
	dv->user = VTPM_VDPA_NOBODY;
	memset(&dv->config_cb, 0, sizeof(dv->config_cb));
	vtpm_close(dv->vtpm, false);
	module_put(THIS_MODULE);
}

static int vtpm_vdpa_set_driver_features(struct vdpa_device *vdpa, u64 features)
{
	const u64 required = BIT_ULL(VIRTIO_F_VERSION_1) |
			     BIT_ULL(VIRTIO_F_ACCESS_PLATFORM);
	struct vtpm_vdpa *dv = to_vtpm_vdpa(vdpa);
	int rc;

	if (features & ~VTPM_VDPA_FEATURES || ~features & required)
		return -EINVAL;
	mutex_lock(&dv->lock);
	/* What is set while the queue runs would never be looked at. */
	rc = dv->ready ? -EBUSY : vtpm_vdpa_claim_host(dv);
	if (!rc)
		dv->features = features;
	mutex_unlock(&dv->lock);
	return rc;
}

static u64 vtpm_vdpa_get_driver_features(struct vdpa_device *vdpa)
{
	return READ_ONCE(to_vtpm_vdpa(vdpa)->features);
}

static void vtpm_vdpa_set_config_cb(struct vdpa_device *vdpa,
				    struct vdpa_callback *cb)
{
	struct vtpm_vdpa *dv = to_vtpm_vdpa(vdpa);

	mutex_lock(&dv->lock);
	dv->config_cb = *cb;
	mutex_unlock(&dv->lock);
}

static u32 vtpm_vdpa_get_device_id(struct vdpa_device *vdpa)
{
	return vtpm_vdpa_id();
}

static u32 vtpm_vdpa_get_vendor_id(struct vdpa_device *vdpa)
{
	return VTPM_VDPA_VENDOR;
}

static u8 vtpm_vdpa_get_status(struct vdpa_device *vdpa)
{
	return READ_ONCE(to_vtpm_vdpa(vdpa)->status);
}

static void vtpm_vdpa_set_status(struct vdpa_device *vdpa, u8 status)
{
	struct vtpm_vdpa *dv = to_vtpm_vdpa(vdpa);

	mutex_lock(&dv->lock);
	/* Only a reset takes this one back. */
	status |= dv->status & VIRTIO_CONFIG_S_NEEDS_RESET;
	WRITE_ONCE(dv->status, status);
	queue_work(vtpm_vdpa_wq, &dv->work);
	mutex_unlock(&dv->lock);
}

/*
 * Ends the ring: power, PCRs and the memory map stay as they are. Does not wait
 * for a command in the chip; its response is dropped.
 */
static int vtpm_vdpa_reset(struct vdpa_device *vdpa)
{
	struct vtpm_vdpa *dv = to_vtpm_vdpa(vdpa);

	mutex_lock(&dv->lock);
	vtpm_vdpa_stop_vq(dv);
	memset(&dv->ring, 0, sizeof(dv->ring));
	memset(&dv->vq_cb, 0, sizeof(dv->vq_cb));
	WRITE_ONCE(dv->status, 0);
	dv->features = 0;
	dv->suspended = false;
	vtpm_vdpa_release_host(dv);
	mutex_unlock(&dv->lock);
	return 0;
}

/* Waits for the command under way, so that none is lost in a migration. */
static int vtpm_vdpa_suspend(struct vdpa_device *vdpa)
{
	struct vtpm_vdpa *dv = to_vtpm_vdpa(vdpa);

	mutex_lock(&dv->lock);
	dv->suspended = true;
	mutex_unlock(&dv->lock);
	flush_work(&dv->work);
	return 0;
}

static int vtpm_vdpa_resume(struct vdpa_device *vdpa)
{
	struct vtpm_vdpa *dv = to_vtpm_vdpa(vdpa);

	mutex_lock(&dv->lock);
	dv->suspended = false;
	mutex_unlock(&dv->lock);
	queue_work(vtpm_vdpa_wq, &dv->work);
	return 0;
}

static size_t vtpm_vdpa_get_config_size(struct vdpa_device *vdpa)
{
	return sizeof(struct virtio_tpm_config);
}

static void vtpm_vdpa_get_config(struct vdpa_device *vdpa, unsigned int offset,
				 void *buf, unsigned int len)
{
	struct vtpm *vtpm = to_vtpm_vdpa(vdpa)->vtpm;
	struct virtio_tpm_config config = {
		.version = cpu_to_le32(VIRTIO_TPM_CONFIG_VERSION),
		.assurance = cpu_to_le32(vtpm->assurance),
		.pcr_banks = cpu_to_le32(vtpm->pcr_banks),
	};

	if (vtpm->assurance != VTPM_ASSURANCE_SOFTWARE)
		config.features = cpu_to_le32(VIRTIO_TPM_CONFIG_F_CHIP);
	export_uuid(config.uuid, &vtpm->uuid);
	memset(buf, 0, len);
	if (offset < sizeof(config))
		memcpy(buf, (u8 *)&config + offset,
		       min_t(size_t, len, sizeof(config) - offset));
}

/* There is nothing to be configured. */
static void vtpm_vdpa_set_config(struct vdpa_device *vdpa, unsigned int offset,
				 const void *buf, unsigned int len)
{
}

/* The map of a VMM. The core gives each range once, and takes it once. */

static int vtpm_vdpa_dma_map(struct vdpa_device *vdpa, unsigned int asid,
			     u64 iova, u64 size, u64 addr, u32 perm,
			     void *opaque)
{
	return vtpm_mem_map(&to_vtpm_vdpa(vdpa)->user_mem, iova, size, addr,
			    perm);
}

static int vtpm_vdpa_dma_unmap(struct vdpa_device *vdpa, unsigned int asid,
			       u64 iova, u64 size)
{
	vtpm_mem_unmap(&to_vtpm_vdpa(vdpa)->user_mem, iova, size);
	return 0;
}

static int vtpm_vdpa_reset_map(struct vdpa_device *vdpa, unsigned int asid)
{
	vtpm_mem_clear(&to_vtpm_vdpa(vdpa)->user_mem);
	return 0;
}

/*
 * vhost-vdpa asks this once, when it is opened, and nobody else does: the one
 * way to know that a process has the device, which nothing could take from it.
 */
static struct vdpa_iova_range vtpm_vdpa_get_iova_range(struct vdpa_device *vdpa)
{
	vtpm_vdpa_opened(to_vtpm_vdpa(vdpa));
	return (struct vdpa_iova_range){ .first = 0, .last = U64_MAX };
}

/* VHOST_SET_OWNER: a VMM begins to use the device. */
static int vtpm_vdpa_bind_mm(struct vdpa_device *vdpa, struct mm_struct *mm)
{
	struct vtpm_vdpa *dv = to_vtpm_vdpa(vdpa);
	int rc;

	mutex_lock(&dv->lock);
	/* It negotiated features before it said whose device it is. */
	vtpm_vdpa_release_host(dv);
	rc = vtpm_vdpa_usable(dv) ? vtpm_open(dv->vtpm, true) : -ENODEV;
	if (!rc) {
		mmgrab(mm);
		dv->mm = mm;
		dv->user = VTPM_VDPA_VMM;
	}
	mutex_unlock(&dv->lock);
	return rc;
}

/* It closes the device, or was killed; it may never have owned it. */
static void vtpm_vdpa_unbind_mm(struct vdpa_device *vdpa)
{
	struct vtpm_vdpa *dv = to_vtpm_vdpa(vdpa);
	struct mm_struct *mm;

	mutex_lock(&dv->lock);
	vtpm_vdpa_stop_vq(dv);
	memset(&dv->config_cb, 0, sizeof(dv->config_cb));
	mm = dv->mm;
	mutex_unlock(&dv->lock);

	if (mm) {
		/* Nobody waits for what the chip may be at. */
		vtpm_cancel(dv->vtpm);
		flush_work(&dv->work);
	}
	mutex_lock(&dv->lock);
	if (mm) {
		dv->mm = NULL;
		dv->user = VTPM_VDPA_NOBODY;
		vtpm_close(dv->vtpm, true);
		mmdrop(mm);
	}
	mutex_unlock(&dv->lock);
	vtpm_vdpa_closed(dv);
}

static void vtpm_vdpa_free(struct vdpa_device *vdpa)
{
	struct vtpm_vdpa *dv = to_vtpm_vdpa(vdpa);

	vtpm_mem_clear(&dv->user_mem);
	vtpm_mem_clear(&dv->host_mem);
	kvfree_sensitive(dv->io, sizeof(*dv->io));
	vtpm_put(dv->vtpm);
	vtpm_vdpa_freed();
}

const struct vdpa_config_ops vtpm_vdpa_ops = {
	.set_vq_address = vtpm_vdpa_set_vq_address,
	.set_vq_num = vtpm_vdpa_set_vq_num,
	.kick_vq = vtpm_vdpa_kick_vq,
	.set_vq_cb = vtpm_vdpa_set_vq_cb,
	.set_vq_ready = vtpm_vdpa_set_vq_ready,
	.get_vq_ready = vtpm_vdpa_get_vq_ready,
	.set_vq_state = vtpm_vdpa_set_vq_state,
	.get_vq_state = vtpm_vdpa_get_vq_state,
	.get_vq_align = vtpm_vdpa_get_vq_align,
	.get_vq_num_max = vtpm_vdpa_get_vq_num_max,
	.get_device_features = vtpm_vdpa_get_device_features,
	.get_backend_features = vtpm_vdpa_get_backend_features,
	.set_driver_features = vtpm_vdpa_set_driver_features,
	.get_driver_features = vtpm_vdpa_get_driver_features,
	.set_config_cb = vtpm_vdpa_set_config_cb,
	.get_device_id = vtpm_vdpa_get_device_id,
	.get_vendor_id = vtpm_vdpa_get_vendor_id,
	.get_status = vtpm_vdpa_get_status,
	.set_status = vtpm_vdpa_set_status,
	.reset = vtpm_vdpa_reset,
	.suspend = vtpm_vdpa_suspend,
	.resume = vtpm_vdpa_resume,
	.get_config_size = vtpm_vdpa_get_config_size,
	.get_config = vtpm_vdpa_get_config,
	.set_config = vtpm_vdpa_set_config,
	.get_iova_range = vtpm_vdpa_get_iova_range,
	.dma_map = vtpm_vdpa_dma_map,
	.dma_unmap = vtpm_vdpa_dma_unmap,
	.reset_map = vtpm_vdpa_reset_map,
	.bind_mm = vtpm_vdpa_bind_mm,
	.unbind_mm = vtpm_vdpa_unbind_mm,
	.free = vtpm_vdpa_free,
};
