// SPDX-License-Identifier: GPL-2.0
/*
 * virtio-mmio, version 2 (virtio 1.2, 4.2), with a vhost-vdpa device behind it.
 *
 * The registers are a page of memory that the guest may read and not write: KVM
 * lets it read without asking anybody, and hands us its writes. Two of these
 * come with every TPM command. They go to eventfds in the kernel instead:
 *
 *	QueueNotify	kicks the vTPM
 *	InterruptACK	goes nowhere, for InterruptStatus always says that there
 *			may be a used buffer: edge-triggered, the interrupt needs
 *			no more, and a driver that looks in vain does not mind
 *
 * So this file is executed while a driver sets the device up or resets it, and
 * not while it uses it.
 */
#include <errno.h>
#include <linux/kvm.h>
#include <linux/virtio_config.h>
#include <linux/virtio_mmio.h>
#include <pthread.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "microvm.h"

#define MAGIC		0x74726976	/* "virt" */
#define VERSION		2
#define VENDOR		0x4d505456	/* "VTPM" */
#define NO_REGION	0xffffffffu	/* no shared memory */
#define REGS_SLOT	1		/* KVM's memory slot; 0 is the RAM */

static __u32 *regs;		/* the page */
static struct vhost *vhost;
static int vm_fd;
static __u64 device_features, driver_features;
static __u32 device_sel, driver_sel, queue_sel;

static __u32 get(unsigned int reg)
{
	return __atomic_load_n(&regs[reg / 4], __ATOMIC_SEQ_CST);
}

static void set(unsigned int reg, __u32 value)
{
	__atomic_store_n(&regs[reg / 4], value, __ATOMIC_SEQ_CST);
}

static void map_page(void)
{
	struct kvm_userspace_memory_region region = {
		.slot = REGS_SLOT,
		.flags = KVM_MEM_READONLY,
		.guest_phys_addr = VIRTIO_GPA,
		.memory_size = VIRTIO_SIZE,
	};

	regs = mmap(NULL, VIRTIO_SIZE, PROT_READ | PROT_WRITE,
		    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (regs == MAP_FAILED)
		die("mmap: %m");
	region.userspace_addr = (uintptr_t)regs;
	if (ioctl(vm_fd, KVM_SET_USER_MEMORY_REGION, &region))
		die("KVM: read-only memory: %m");
}

/* A write of this value to this register is a signal to this eventfd. */
static void connect_write(unsigned int reg, __u32 value, int fd)
{
	struct kvm_ioeventfd io = {
		.datamatch = value,
		.addr = VIRTIO_GPA + reg,
		.len = 4,
		.fd = fd,
		.flags = KVM_IOEVENTFD_FLAG_DATAMATCH,
	};

	if (ioctl(vm_fd, KVM_IOEVENTFD, &io))
		die("KVM_IOEVENTFD: %m");
}

static void connect_irq(int fd)
{
	struct kvm_irqfd irq = { .fd = fd, .gsi = VIRTIO_IRQ };

	if (ioctl(vm_fd, KVM_IRQFD, &irq))
		die("KVM_IRQFD: %m");
}

/**
 * mmio_init() - the device appears in the guest
 * @v: what is behind it, owned
 * @vm: of KVM
 */
void mmio_init(struct vhost *v, int vm)
{
	int nowhere = eventfd(0, EFD_CLOEXEC);

	if (nowhere < 0)
		die("eventfd: %m");
	vhost = v;
	vm_fd = vm;
	map_page();
	device_features = vhost_features(v);
	set(VIRTIO_MMIO_MAGIC_VALUE, MAGIC);
	set(VIRTIO_MMIO_VERSION, VERSION);
	set(VIRTIO_MMIO_DEVICE_ID, vhost_device_id(v));
	set(VIRTIO_MMIO_VENDOR_ID, VENDOR);
	set(VIRTIO_MMIO_DEVICE_FEATURES, device_features);
	set(VIRTIO_MMIO_QUEUE_NUM_MAX, vhost_num_max(v));
	set(VIRTIO_MMIO_INTERRUPT_STATUS, VIRTIO_MMIO_INT_VRING);
	set(VIRTIO_MMIO_SHM_LEN_LOW, NO_REGION);
	set(VIRTIO_MMIO_SHM_LEN_HIGH, NO_REGION);
	vhost_config(v, (__u8 *)regs + VIRTIO_MMIO_CONFIG,
		     VIRTIO_SIZE - VIRTIO_MMIO_CONFIG);
	connect_write(VIRTIO_MMIO_QUEUE_NOTIFY, 0, v->kick);
	connect_write(VIRTIO_MMIO_INTERRUPT_ACK, VIRTIO_MMIO_INT_VRING, nowhere);
	connect_irq(v->call);
}

/* There is one queue, number 0. */
static void select_queue(__u32 sel)
{
	queue_sel = sel;
	set(VIRTIO_MMIO_QUEUE_NUM_MAX, sel ? 0 : vhost_num_max(vhost));
	if (sel)
		set(VIRTIO_MMIO_QUEUE_READY, 0);
}

static void reset(void)
{
	set(VIRTIO_MMIO_STATUS, vhost_set_status(vhost, 0));
	set(VIRTIO_MMIO_QUEUE_READY, 0);
	set(VIRTIO_MMIO_INTERRUPT_STATUS, VIRTIO_MMIO_INT_VRING);
	driver_features = 0;
	vhost->num = 0;
	vhost->desc = 0;
	vhost->avail = 0;
	vhost->used = 0;
}

static void set_status(__u8 status)
{
	__u8 added = status & ~get(VIRTIO_MMIO_STATUS);

	if (!status) {
		reset();
		return;
	}
	/* Where they are refused, FEATURES_OK stays clear, which the driver sees. */
	if (added & VIRTIO_CONFIG_S_FEATURES_OK &&
	    vhost_set_features(vhost, driver_features))
		status &= ~VIRTIO_CONFIG_S_FEATURES_OK;
	if (added & VIRTIO_CONFIG_S_DRIVER_OK &&
	    get(VIRTIO_MMIO_QUEUE_READY) && vhost_start_queue(vhost))
		status |= VIRTIO_CONFIG_S_FAILED;
	set(VIRTIO_MMIO_STATUS, vhost_set_status(vhost, status));
}

static void set_low(__u64 *value, __u32 low)
{
	*value = (*value & ~0xffffffffull) | low;
}

static void set_high(__u64 *value, __u32 high)
{
	*value = (*value & 0xffffffffull) | (__u64)high << 32;
}

/* Where the selected queue's parts are; there is no other queue than 0. */
static void set_queue(__u64 offset, __u32 value)
{
	if (queue_sel)
		return;
	switch (offset) {
	case VIRTIO_MMIO_QUEUE_NUM:
		vhost->num = value;
		break;
	case VIRTIO_MMIO_QUEUE_READY:
		set(VIRTIO_MMIO_QUEUE_READY, value & 1);
		break;
	case VIRTIO_MMIO_QUEUE_DESC_LOW:
		set_low(&vhost->desc, value);
		break;
	case VIRTIO_MMIO_QUEUE_DESC_HIGH:
		set_high(&vhost->desc, value);
		break;
	case VIRTIO_MMIO_QUEUE_AVAIL_LOW:
		set_low(&vhost->avail, value);
		break;
	case VIRTIO_MMIO_QUEUE_AVAIL_HIGH:
		set_high(&vhost->avail, value);
		break;
	case VIRTIO_MMIO_QUEUE_USED_LOW:
		set_low(&vhost->used, value);
		break;
	case VIRTIO_MMIO_QUEUE_USED_HIGH:
		set_high(&vhost->used, value);
		break;
	}
}

/**
 * mmio_write() - the guest has written to a register
 * @offset: of the register
 * @value: any; what makes no sense does nothing
 */
void mmio_write(__u64 offset, __u32 value)
{
	switch (offset) {
	case VIRTIO_MMIO_DEVICE_FEATURES_SEL:
		device_sel = value;
		set(VIRTIO_MMIO_DEVICE_FEATURES, device_sel > 1 ? 0 :
		    device_features >> (32 * device_sel));
		break;
	case VIRTIO_MMIO_DRIVER_FEATURES_SEL:
		driver_sel = value;
		break;
	case VIRTIO_MMIO_DRIVER_FEATURES:
		if (driver_sel == 0)
			set_low(&driver_features, value);
		else if (driver_sel == 1)
			set_high(&driver_features, value);
		break;
	case VIRTIO_MMIO_QUEUE_SEL:
		select_queue(value);
		break;
	case VIRTIO_MMIO_INTERRUPT_ACK:
		if (value & VIRTIO_MMIO_INT_CONFIG)
			set(VIRTIO_MMIO_INTERRUPT_STATUS, VIRTIO_MMIO_INT_VRING);
		break;
	case VIRTIO_MMIO_STATUS:
		set_status(value);
		break;
	default:
		set_queue(offset, value);
	}
}

/* The device has failed: the driver shall know. */
static void *watch(void *started)
{
	eventfd_t n;

	eventfd_write(*(int *)started, 1);
	for (;;) {
		if (eventfd_read(vhost->config, &n))
			die("vhost: config eventfd: %m");
		set(VIRTIO_MMIO_STATUS, vhost_status(vhost));
		set(VIRTIO_MMIO_INTERRUPT_STATUS,
		    VIRTIO_MMIO_INT_VRING | VIRTIO_MMIO_INT_CONFIG);
		eventfd_write(vhost->call, 1);
	}
	return NULL;
}

/*
 * Begins to look for that. Returns when the thread has made the system calls that
 * only its start needs, which seccomp.c does not allow.
 */
void mmio_watch(void)
{
	int rc, started = eventfd(0, EFD_CLOEXEC);
	pthread_t thread;
	eventfd_t n;

	if (started < 0)
		die("eventfd: %m");
	rc = pthread_create(&thread, NULL, watch, &started);
	if (rc)
		die("pthread_create: %s", strerror(rc));
	if (eventfd_read(started, &n))
		die("eventfd: %m");
	close(started);
}
