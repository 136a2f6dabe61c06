// SPDX-License-Identifier: GPL-2.0
/*
 * The vTPM through vhost-vdpa: what a VMM asks of the kernel. Commands and
 * responses do not come this way: from the guest's notification to its
 * interrupt, two eventfds lead from KVM to the vTPM and back.
 */
#include <errno.h>
#include <linux/vhost.h>
#include <linux/virtio_config.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "microvm.h"

static int new_eventfd(void)
{
	int fd = eventfd(0, EFD_CLOEXEC);

	if (fd < 0)
		die("eventfd: %m");
	return fd;
}

/*
 * Where the guest's memory is. The device sees what the guest's driver tells it,
 * which are guest physical addresses, and nothing but this one piece. It must be
 * shared memory of a file: the vTPM reaches it through this process's page
 * tables, and vhost maps nothing else.
 */
static void map_ram(struct vhost *v, struct guest *g)
{
	struct vhost_msg_v2 msg = {
		.type = VHOST_IOTLB_MSG_V2,
		.iotlb = {
			.iova = 0,
			.size = g->ram_size,
			.uaddr = (uintptr_t)g->ram,
			.perm = VHOST_ACCESS_RW,
			.type = VHOST_IOTLB_UPDATE,
		},
	};

	if (write(v->fd, &msg, sizeof(msg)) != sizeof(msg))
		die("vhost: mapping the guest's memory: %m");
}

/**
 * vhost_own() - begin to use the device
 * @v: filled in
 * @fd: /dev/vhost-vdpa-N
 * @g: the guest, with its memory
 *
 * The vTPM is this process's from here on until it ends, however that may be.
 */
void vhost_own(struct vhost *v, int fd, struct guest *g)
{
	const __u64 wanted = 1ull << VHOST_BACKEND_F_IOTLB_MSG_V2;
	__u64 features;

	memset(v, 0, sizeof(*v));
	v->fd = fd;
	if (ioctl(fd, VHOST_SET_OWNER, NULL))
		die("vhost: the vTPM cannot be had: %m");
	if (ioctl(fd, VHOST_GET_BACKEND_FEATURES, &features) ||
	    ~features & wanted ||
	    ioctl(fd, VHOST_SET_BACKEND_FEATURES, &wanted))
		die("vhost: no IOTLB messages: %m");
	v->kick = new_eventfd();
	v->call = new_eventfd();
	v->config = new_eventfd();
	map_ram(v, g);
	vhost_set_status(v, 0);
}

__u32 vhost_device_id(struct vhost *v)
{
	__u32 id;

	if (ioctl(v->fd, VHOST_VDPA_GET_DEVICE_ID, &id))
		die("vhost: GET_DEVICE_ID: %m");
	return id;
}

__u64 vhost_features(struct vhost *v)
{
	__u64 features;

	if (ioctl(v->fd, VHOST_GET_FEATURES, &features))
		die("vhost: GET_FEATURES: %m");
	return features;
}

__u16 vhost_num_max(struct vhost *v)
{
	__u16 num;

	if (ioctl(v->fd, VHOST_VDPA_GET_VRING_NUM, &num))
		die("vhost: GET_VRING_NUM: %m");
	return num;
}

/* The configuration space, which never changes, to @config. */
void vhost_config(struct vhost *v, void *config, size_t max)
{
	struct {
		struct vhost_vdpa_config head;
		__u8 data[256];
	} c = { 0 };
	__u32 size;

	if (ioctl(v->fd, VHOST_VDPA_GET_CONFIG_SIZE, &size) ||
	    size > sizeof(c.data) || size > max)
		die("vhost: GET_CONFIG_SIZE: %m");
	c.head.len = size;
	if (ioctl(v->fd, VHOST_VDPA_GET_CONFIG, &c))
		die("vhost: GET_CONFIG: %m");
	memcpy(config, c.data, size);
}

/* -1: the device does not take them. */
int vhost_set_features(struct vhost *v, __u64 features)
{
	return ioctl(v->fd, VHOST_SET_FEATURES, &features);
}

__u8 vhost_status(struct vhost *v)
{
	__u8 status;

	if (ioctl(v->fd, VHOST_VDPA_GET_STATUS, &status))
		return VIRTIO_CONFIG_S_NEEDS_RESET;
	return status;
}

/* Returns the status that the device is in then. */
__u8 vhost_set_status(struct vhost *v, __u8 status)
{
	if (ioctl(v->fd, VHOST_VDPA_SET_STATUS, &status))
		return VIRTIO_CONFIG_S_NEEDS_RESET;
	return vhost_status(v);
}

/*
 * The queue, as the guest's driver has set it up. -1: the device does not like
 * it. Addresses need no check here: what is not mapped is not reached.
 */
int vhost_start_queue(struct vhost *v)
{
	struct vhost_vring_state num = { .num = v->num };
	struct vhost_vring_state base = { .num = 0 }, enable = { .num = 1 };
	struct vhost_vring_addr addr = {
		.desc_user_addr = v->desc,
		.avail_user_addr = v->avail,
		.used_user_addr = v->used,
	};
	struct vhost_vring_file kick = { .fd = v->kick };
	struct vhost_vring_file call = { .fd = v->call };

	if (ioctl(v->fd, VHOST_SET_VRING_NUM, &num) ||
	    ioctl(v->fd, VHOST_SET_VRING_ADDR, &addr) ||
	    ioctl(v->fd, VHOST_SET_VRING_BASE, &base) ||
	    ioctl(v->fd, VHOST_SET_VRING_CALL, &call) ||
	    ioctl(v->fd, VHOST_SET_VRING_KICK, &kick) ||
	    ioctl(v->fd, VHOST_VDPA_SET_CONFIG_CALL, &v->config))
		return -1;
	return ioctl(v->fd, VHOST_VDPA_SET_VRING_ENABLE, &enable);
}
