// SPDX-License-Identifier: GPL-2.0
/*
 * Memory as a virtqueue's driver names it.
 */
#include <asm/byteorder.h>
#include <linux/errno.h>
#include <linux/limits.h>
#include <linux/minmax.h>

#include "mem.h"

/* As many as vhost-vdpa keeps itself: its limit is the one that is met. */
#define VTPM_MEM_MAPS	2048

/* A page can go away again before it is used, but hardly each time. */
#define VTPM_MEM_TRIES	16

/**
 * vtpm_mem_init() - begin with an empty map
 * @mem: memory
 * @ops: what its map's addresses are
 */
void vtpm_mem_init(struct vtpm_mem *mem, const struct vtpm_mem_ops *ops)
{
	spin_lock_init(&mem->lock);
	vhost_iotlb_init(&mem->iotlb, VTPM_MEM_MAPS, 0);
	mem->ops = ops;
}

/**
 * vtpm_mem_map() - give addresses a meaning
 * @mem: memory
 * @iova: the first of them, not mapped yet
 * @size: how many
 * @addr: what the first one means
 * @perm: VHOST_MAP_*
 *
 * Return: 0, -EINVAL, -ENOSPC or -ENOMEM.
 */
int vtpm_mem_map(struct vtpm_mem *mem, u64 iova, u64 size, u64 addr, u32 perm)
{
	unsigned long flags;
	int rc;

	/* Neither range may wrap. */
	if (!size || size - 1 > U64_MAX - iova || size - 1 > U64_MAX - addr)
		return -EINVAL;
	spin_lock_irqsave(&mem->lock, flags);
	rc = vhost_iotlb_add_range(&mem->iotlb, iova, iova + size - 1, addr,
				   perm & VHOST_MAP_RW);
	spin_unlock_irqrestore(&mem->lock, flags);
	return rc;
}

/**
 * vtpm_mem_unmap() - take their meaning from addresses
 * @mem: memory
 * @iova: the first of them
 * @size: how many; every mapping that has one of them goes altogether
 *
 * When it returns, nothing uses that memory any more.
 */
void vtpm_mem_unmap(struct vtpm_mem *mem, u64 iova, u64 size)
{
	unsigned long flags;
	u64 last;

	if (!size)
		return;
	last = iova + min(size - 1, U64_MAX - iova);
	spin_lock_irqsave(&mem->lock, flags);
	vhost_iotlb_del_range(&mem->iotlb, iova, last);
	spin_unlock_irqrestore(&mem->lock, flags);
}

/**
 * vtpm_mem_clear() - empty the map
 * @mem: memory
 */
void vtpm_mem_clear(struct vtpm_mem *mem)
{
	vtpm_mem_unmap(mem, 0, U64_MAX);
	vtpm_mem_unmap(mem, U64_MAX, 1);
}

/* What @iova means if it may be used so; @len is cut to what follows it. */
static bool vtpm_mem_find(struct vtpm_mem *mem, u64 iova, bool write,
			  u64 *addr, size_t *len)
{
	const u32 perm = write ? VHOST_MAP_WO : VHOST_MAP_RO;
	struct vhost_iotlb_map *map;

	map = vhost_iotlb_itree_first(&mem->iotlb, iova, iova);
	if (!map || !(map->perm & perm))
		return false;
	/* vtpm_mem_map() made sure that neither sum wraps. */
	*addr = map->addr + (iova - map->start);
	*len = min_t(u64, *len - 1, map->last - iova) + 1;
	return true;
}

/* Some of the @len bytes, one at least: returns how many, or -EFAULT. */
static ssize_t vtpm_mem_copy_some(struct vtpm_mem *mem, u64 iova, void *buf,
				  size_t len, bool write)
{
	unsigned long flags;
	unsigned int i;

	for (i = 0; i < VTPM_MEM_TRIES; i++) {
		bool found, copied = false;
		size_t n = len;
		u64 addr;

		spin_lock_irqsave(&mem->lock, flags);
		found = vtpm_mem_find(mem, iova, write, &addr, &n);
		if (found)
			copied = mem->ops->copy(addr, buf, n, write);
		spin_unlock_irqrestore(&mem->lock, flags);
		if (copied)
			return n;
		if (!found || !mem->ops->fault_in ||
		    !mem->ops->fault_in(addr, n, write))
			break;
	}
	return -EFAULT;
}

static int vtpm_mem_copy(struct vtpm_mem *mem, u64 iova, void *buf, size_t len,
			 bool write)
{
	while (len) {
		ssize_t n = vtpm_mem_copy_some(mem, iova, buf, len, write);

		if (n < 0)
			return n;
		buf += n;
		len -= n;
		iova += n;
		/* What follows the last address is not the first one. */
		if (len && !iova)
			return -EFAULT;
	}
	return 0;
}

/**
 * vtpm_mem_read() - copy from a driver's memory
 * @mem: memory
 * @iova: where
 * @to: room for @len bytes
 * @len: how many
 *
 * Return: 0, or -EFAULT if not all of it can be read.
 */
int vtpm_mem_read(struct vtpm_mem *mem, u64 iova, void *to, size_t len)
{
	return vtpm_mem_copy(mem, iova, to, len, false);
}

/**
 * vtpm_mem_write() - copy to a driver's memory
 * @mem: memory
 * @iova: where
 * @from: @len bytes
 * @len: how many
 *
 * Return: 0, or -EFAULT if not all of it can be written; some of it may have
 * been.
 */
int vtpm_mem_write(struct vtpm_mem *mem, u64 iova, const void *from, size_t len)
{
	return vtpm_mem_copy(mem, iova, (void *)from, len, true);
}

/**
 * vtpm_mem_read16() - read a ring's index
 * @mem: memory
 * @iova: where; little-endian
 * @value: out
 *
 * Return: 0 or -EFAULT.
 */
int vtpm_mem_read16(struct vtpm_mem *mem, u64 iova, u16 *value)
{
	__le16 le;

	if (vtpm_mem_copy_some(mem, iova, &le, sizeof(le), false) != sizeof(le))
		return -EFAULT;
	*value = le16_to_cpu(le);
	return 0;
}

/**
 * vtpm_mem_write16() - write a ring's index
 * @mem: memory
 * @iova: where; little-endian
 * @value: what
 *
 * Return: 0 or -EFAULT.
 */
int vtpm_mem_write16(struct vtpm_mem *mem, u64 iova, u16 value)
{
	__le16 le = cpu_to_le16(value);

	if (vtpm_mem_copy_some(mem, iova, &le, sizeof(le), true) != sizeof(le))
		return -EFAULT;
	return 0;
}
