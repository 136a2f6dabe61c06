// SPDX-License-Identifier: GPL-2.0
/*
 * Memory of the host's own driver under virtio-vdpa: the map's addresses are the
 * kernel's.
 *
 * How the driver's buffers are mapped for the vDPA device is ours to implement:
 * what it maps goes into the map, what it unmaps goes out of it. So here too
 * nothing can be reached but what was mapped; an identity mapping of all memory
 * would hand it to whoever finds a way to the ring. No device address is ever
 * used twice: one that is stale means nothing.
 */
#include <linux/dma-mapping.h>
#include <linux/highmem.h>
#include <linux/mm.h>
#include <linux/string.h>

#include "compat.h"
#include "mem.h"
#include "vdpa_dev.h"

static bool vtpm_mem_host_copy(u64 addr, void *buf, size_t len, bool write)
{
	void *p = (void *)(unsigned long)addr;

	if (len == sizeof(u16) && IS_ALIGNED(addr, sizeof(u16))) {
		if (write)
			WRITE_ONCE(*(u16 *)p, *(u16 *)buf);
		else
			*(u16 *)buf = READ_ONCE(*(u16 *)p);
	} else if (write) {
		memcpy(p, buf, len);
	} else {
		memcpy(buf, p, len);
	}
	return true;
}

const struct vtpm_mem_ops vtpm_mem_host_ops = {
	.copy = vtpm_mem_host_copy,
};

static u32 vtpm_host_perm(enum dma_data_direction dir)
{
	switch (dir) {
	case DMA_TO_DEVICE:
		return VHOST_MAP_RO;
	case DMA_FROM_DEVICE:
		return VHOST_MAP_WO;
	case DMA_BIDIRECTIONAL:
		return VHOST_MAP_RW;
	default:
		return 0;
	}
}

static struct vtpm_vdpa *vtpm_map_vdpa(VTPM_MAP map)
{
	return to_vtpm_vdpa(dev_to_vdpa(vtpm_map_dev(map)));
}

/* Any context. */
static dma_addr_t vtpm_host_map(VTPM_MAP map, void *p, size_t size,
				enum dma_data_direction dir)
{
	struct vtpm_vdpa *dv = vtpm_map_vdpa(map);
	u64 room = PAGE_ALIGN(offset_in_page(p) + size);
	u64 iova;

	iova = atomic64_fetch_add(room, &dv->host_iova) + offset_in_page(p);
	if (vtpm_mem_map(&dv->host_mem, iova, size, (unsigned long)p,
			 vtpm_host_perm(dir)))
		return DMA_MAPPING_ERROR;
	return iova;
}

static void vtpm_host_unmap(VTPM_MAP map, dma_addr_t iova, size_t size)
{
	vtpm_mem_unmap(&vtpm_map_vdpa(map)->host_mem, iova, size);
}

static dma_addr_t vtpm_host_map_page(VTPM_MAP map, struct page *page,
				     unsigned long offset, size_t size,
				     enum dma_data_direction dir,
				     unsigned long attrs)
{
	/* A page without an address would have to be bounced. */
	if (PageHighMem(page))
		return DMA_MAPPING_ERROR;
	return vtpm_host_map(map, page_address(page) + offset, size, dir);
}

static void vtpm_host_unmap_page(VTPM_MAP map, dma_addr_t iova, size_t size,
				 enum dma_data_direction dir,
				 unsigned long attrs)
{
	vtpm_host_unmap(map, iova, size);
}

static void *vtpm_host_alloc(VTPM_MAP map, size_t size, dma_addr_t *iova,
			     gfp_t gfp)
{
	void *p = alloc_pages_exact(size, gfp | __GFP_ZERO);

	if (!p)
		return NULL;
	*iova = vtpm_host_map(map, p, size, DMA_BIDIRECTIONAL);
	if (*iova != DMA_MAPPING_ERROR)
		return p;
	free_pages_exact(p, size);
	return NULL;
}

static void vtpm_host_free(VTPM_MAP map, size_t size, void *p, dma_addr_t iova,
			   unsigned long attrs)
{
	vtpm_host_unmap(map, iova, size);
	free_pages_exact(p, size);
}

VTPM_DEFINE_MAP_OPS(vtpm_host_map_ops, vtpm_host_map_page, vtpm_host_unmap_page,
		    vtpm_host_alloc, vtpm_host_free);

/**
 * vtpm_mem_host_init() - let the host's own driver map memory
 * @dv: a device that is not registered yet
 */
void vtpm_mem_host_init(struct vtpm_vdpa *dv)
{
	/* Page 0 stays unused: no device address is 0. */
	atomic64_set(&dv->host_iova, PAGE_SIZE);
	vtpm_vdpa_set_map_ops(&dv->vdpa, &vtpm_host_map_ops);
}
