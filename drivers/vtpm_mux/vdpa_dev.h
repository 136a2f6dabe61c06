/* SPDX-License-Identifier: GPL-2.0 */
/*
 * One vTPM as a vDPA device.
 *
 *	guest's driver	-- vhost-vdpa --\
 *					 vdpa.c: kick -> worker
 *	host's driver	-- virtio-vdpa -/	|
 *						|  ring.c takes the command
 *						|  vtpm_execute()
 *						|  ring.c puts the response
 *
 * The consumer has the vTPM as if it had /dev/vtpmN open, and so excludes that:
 * a VMM from the time when it says that it owns the device (VHOST_SET_OWNER) until
 * it closes it, the host's driver from the negotiation of features until it
 * resets the device. To own the device is the act of a VMM, never of its guest:
 * so this is what VTPM_CREATE_POWER_FOLLOWS_OPEN follows. A guest can reset its
 * virtio device as it likes: that ends the ring and nothing else.
 *
 * Locks, outermost first:
 *
 *	of the vDPA core: vdpa_dev_lock, vhost_dev.mutex, vdpa_device.cf_lock
 *	vtpm_publish_lock	control.c
 *	vtpm_vdpa.lock		not held while a command is executed, but while
 *				a VMM's memory is faulted in
 *	vtpm.lock
 *	mmap_lock of a VMM
 *	vtpm_mem.lock
 *	vtpm_vdpa.life_lock	a spinlock: to withdraw a device never waits for
 *				what its VMM is at
 */
#ifndef VTPM_VDPA_DEV_H
#define VTPM_VDPA_DEV_H

#include <linux/atomic.h>
#include <linux/mutex.h>
#include <linux/vdpa.h>
#include <linux/virtio_config.h>
#include <linux/virtio_ring.h>
#include <linux/workqueue.h>

#include "mem.h"
#include "ring.h"
#include "tpm2/engine.h"

struct mm_struct;
struct vtpm;

/**
 * enum vtpm_vdpa_user - who has the vTPM through the vDPA device
 * @VTPM_VDPA_NOBODY: it can be had otherwise
 * @VTPM_VDPA_VMM: a process, through vhost-vdpa
 * @VTPM_VDPA_HOST: the kernel's own driver, through virtio-vdpa
 */
enum vtpm_vdpa_user {
	VTPM_VDPA_NOBODY,
	VTPM_VDPA_VMM,
	VTPM_VDPA_HOST,
};

/* The buffers of the command under way; the worker's alone. */
struct vtpm_vdpa_io {
	struct vtpm_request req;
	u8 rsp[VTPM2_MAX_RESPONSE];
};

/**
 * struct vtpm_vdpa - a vDPA device
 * @vdpa: the core's; its references are this structure's
 * @vtpm: a reference of its own
 * @owns_vtpm: "vdpa dev add" made the vTPM, "vdpa dev del" destroys it; constant
 * @work: executes commands
 * @removal: withdraws the device once a VMM has closed it
 * @io: the worker's
 * @user_mem: what a VMM has mapped
 * @host_mem: what the host's driver has mapped
 * @host_iova: the device address that comes next there
 * @life_lock: protects the next three
 * @open: vhost-vdpa has the device open, and so a reference of the module
 * @doomed: withdrawn: nobody can begin to use it
 * @removing: somebody has begun to unregister it
 * @lock: protects what follows
 * @user: who has the vTPM
 * @mm: address space of a VMM, with a reference (mm_count); NULL if the user is
 *	none
 * @suspended: no request is taken
 * @ready: the queue is
 * @epoch: counts what makes responses that are under way stale
 * @status: VIRTIO_CONFIG_S_*; written under @lock, read anywhere
 * @features: negotiated ones
 * @ring: the queue; valid if @ready
 * @vq_cb: interrupt of the queue
 * @config_cb: interrupt for a change of the status
 */
struct vtpm_vdpa {
	struct vdpa_device vdpa;	/* first: vdpa_alloc_device() */
	struct vtpm *vtpm;
	bool owns_vtpm;
	struct work_struct work;
	struct work_struct removal;
	struct vtpm_vdpa_io *io;

	struct vtpm_mem user_mem;
	struct vtpm_mem host_mem;
	atomic64_t host_iova;

	spinlock_t life_lock;	/* protects the next three */
	bool open;
	bool doomed;
	bool removing;

	struct mutex lock;	/* protects all below */
	enum vtpm_vdpa_user user;
	struct mm_struct *mm;
	bool suspended;
	bool ready;
	u32 epoch;
	u8 status;
	u64 features;
	struct vtpm_ring ring;
	struct vdpa_callback vq_cb;
	struct vdpa_callback config_cb;
};

static inline struct vtpm_vdpa *to_vtpm_vdpa(struct vdpa_device *vdpa)
{
	return container_of(vdpa, struct vtpm_vdpa, vdpa);
}

/* mem_host.c */
void vtpm_mem_host_init(struct vtpm_vdpa *dv);

/* vdpa_ops.c */
extern const struct vdpa_config_ops vtpm_vdpa_ops;
u32 vtpm_vdpa_id(void);
void vtpm_vdpa_work(struct work_struct *work);

/* vdpa.c */
void vtpm_vdpa_opened(struct vtpm_vdpa *dv);
void vtpm_vdpa_closed(struct vtpm_vdpa *dv);
bool vtpm_vdpa_usable(struct vtpm_vdpa *dv);
#define VTPM_VDPA_FEATURES						\
	(BIT_ULL(VIRTIO_F_VERSION_1) | BIT_ULL(VIRTIO_F_ACCESS_PLATFORM) | \
	 BIT_ULL(VIRTIO_RING_F_INDIRECT_DESC) | BIT_ULL(VIRTIO_RING_F_EVENT_IDX))
extern struct workqueue_struct *vtpm_vdpa_wq;
void vtpm_vdpa_freed(void);

#endif
