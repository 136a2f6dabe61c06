/* SPDX-License-Identifier: GPL-2.0 */
/* The kernel's has a tree; a list finds the same, in the same order. */
#ifndef HOSTED_LINUX_VHOST_IOTLB_H
#define HOSTED_LINUX_VHOST_IOTLB_H

#include <linux/errno.h>
#include <linux/list.h>
#include <linux/slab.h>
#include <linux/types.h>

struct vhost_iotlb_map {
	struct list_head link;
	u64 start;
	u64 last;
	u64 addr;
#define VHOST_MAP_RO 0x1
#define VHOST_MAP_WO 0x2
#define VHOST_MAP_RW 0x3
	u32 perm;
};

struct vhost_iotlb {
	struct list_head list;	/* ascending start */
	unsigned int limit;
	unsigned int nmaps;
};

static inline void vhost_iotlb_init(struct vhost_iotlb *iotlb,
				    unsigned int limit, unsigned int flags)
{
	INIT_LIST_HEAD(&iotlb->list);
	iotlb->limit = limit;
	iotlb->nmaps = 0;
}

static inline struct vhost_iotlb_map *
vhost_iotlb_itree_first(struct vhost_iotlb *iotlb, u64 start, u64 last)
{
	struct vhost_iotlb_map *map;

	list_for_each_entry(map, &iotlb->list, link)
		if (map->start <= last && map->last >= start)
			return map;
	return NULL;
}

static inline int vhost_iotlb_add_range(struct vhost_iotlb *iotlb, u64 start,
					u64 last, u64 addr, unsigned int perm)
{
	struct vhost_iotlb_map *map, *other;

	if (last < start)
		return -EFAULT;
	if (iotlb->nmaps >= iotlb->limit)
		return -ENOSPC;
	map = kmalloc(sizeof(*map), GFP_KERNEL);
	if (!map)
		return -ENOMEM;
	map->start = start;
	map->last = last;
	map->addr = addr;
	map->perm = perm;
	iotlb->nmaps++;
	list_for_each_entry(other, &iotlb->list, link)
		if (other->start > start)
			break;
	list_add_tail(&map->link, &other->link);
	return 0;
}

static inline void vhost_iotlb_del_range(struct vhost_iotlb *iotlb, u64 start,
					 u64 last)
{
	struct vhost_iotlb_map *map;

	while ((map = vhost_iotlb_itree_first(iotlb, start, last))) {
		list_del(&map->link);
		iotlb->nmaps--;
		kfree(map);
	}
}

#endif
