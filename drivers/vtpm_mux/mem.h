/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Memory as a virtqueue's driver names it.
 *
 * The driver of a vDPA device names memory by addresses of its own (IOVA).
 * What they mean has been said by someone else: the VMM, by the iotlb messages
 * of vhost-vdpa, or the DMA API of the host's kernel under virtio-vdpa. There is
 * no address without a mapping: the map begins empty, and what is not in it, or
 * not with the permission that is needed, cannot be reached.
 *
 *	iova --map--> address --ops--> bytes
 *		      of the VMM (mem_user.c) or of the kernel (mem_host.c)
 *
 * An address is looked up and its bytes are copied under one spinlock. So when
 * vtpm_mem_unmap() returns, nothing reads or writes that memory any more, not
 * even a command that was in the chip all the while. A page that has to be
 * faulted in cannot be waited for under the lock: it is fetched without it, and
 * then the address is looked up again.
 */
#ifndef VTPM_MEM_H
#define VTPM_MEM_H

#include <linux/spinlock.h>
#include <linux/types.h>
#include <linux/vhost_iotlb.h>

/**
 * struct vtpm_mem_ops - what an address in the map is an address of
 * @copy: copy bytes to (@write) or from it without sleeping. Two bytes at once
 *	are one access, as a ring's indices need. Returns false for a fault.
 * @fault_in: make the next @copy succeed; may sleep. Returns false if the memory
 *	is not there. NULL where @copy never fails for a while only.
 */
struct vtpm_mem_ops {
	bool (*copy)(u64 addr, void *buf, size_t len, bool write);
	bool (*fault_in)(u64 addr, size_t len, bool write);
};

/**
 * struct vtpm_mem - the memory that one consumer of a device has mapped
 * @lock: protects @iotlb, held while bytes are copied
 * @iotlb: the map
 * @ops: constant
 */
struct vtpm_mem {
	spinlock_t lock;	/* protects @iotlb */
	struct vhost_iotlb iotlb;
	const struct vtpm_mem_ops *ops;
};

void vtpm_mem_init(struct vtpm_mem *mem, const struct vtpm_mem_ops *ops);
int vtpm_mem_map(struct vtpm_mem *mem, u64 iova, u64 size, u64 addr, u32 perm);
void vtpm_mem_unmap(struct vtpm_mem *mem, u64 iova, u64 size);
void vtpm_mem_clear(struct vtpm_mem *mem);

/* All of it, or -EFAULT. May sleep. */
int vtpm_mem_read(struct vtpm_mem *mem, u64 iova, void *to, size_t len);
int vtpm_mem_write(struct vtpm_mem *mem, u64 iova, const void *from, size_t len);
int vtpm_mem_read16(struct vtpm_mem *mem, u64 iova, u16 *value);
int vtpm_mem_write16(struct vtpm_mem *mem, u64 iova, u16 value);

extern const struct vtpm_mem_ops vtpm_mem_user_ops;
extern const struct vtpm_mem_ops vtpm_mem_host_ops;

#endif
