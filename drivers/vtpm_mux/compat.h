/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Everything that differs between the kernels we build for (6.12 and later).
 */
#ifndef VTPM_COMPAT_H
#define VTPM_COMPAT_H

#include <crypto/aes.h>
#include <linux/gfp.h>
#include <linux/overflow.h>
#include <linux/slab.h>
#include <linux/tpm.h>
#include <linux/version.h>

/*
 * A key of the AES library, good for both directions. It is a type of its own
 * from 7.0.
 */
#if KERNEL_VERSION(7, 0, 0) <= LINUX_VERSION_CODE
#define vtpm_aes_key	aes_key
#define vtpm_aes_setkey	aes_preparekey
#else
#define vtpm_aes_key	crypto_aes_ctx
#define vtpm_aes_setkey	aes_expandkey
#endif

/* The TPM core neither sends nor receives more in one transmission. */
#define VTPM_TPM_BUFSIZE 4096

/*
 * In drivers/char/tpm/tpm.h, which the headers of a built kernel do not have.
 */
struct tpm_chip *tpm_chip_alloc(struct device *dev, const struct tpm_class_ops *ops);

/*
 * A struct tpm_buf with room for VTPM_TPM_BUFSIZE bytes in its ->data. Up to
 * 7.2 the data is a page of its own and the TPM core may use all of it; from
 * 7.3, where <linux/tpm.h> includes a <linux/tpm_buf.h>, it follows the header.
 */
#ifdef __LINUX_TPM_BUF_H__

static inline struct tpm_buf *vtpm_tpm_buf_alloc(void)
{
	struct tpm_buf *buf = kzalloc(struct_size(buf, data, VTPM_TPM_BUFSIZE),
				      GFP_KERNEL);

	/* tpm_buf_init() would have it all, with the header, no larger. */
	if (buf)
		buf->capacity = VTPM_TPM_BUFSIZE;
	return buf;
}

static inline void vtpm_tpm_buf_free(struct tpm_buf *buf)
{
	kfree_sensitive(buf);
}

#else

static_assert(PAGE_SIZE >= VTPM_TPM_BUFSIZE);

static inline struct tpm_buf *vtpm_tpm_buf_alloc(void)
{
	struct tpm_buf *buf = kzalloc(sizeof(*buf), GFP_KERNEL);

	if (!buf)
		return NULL;
	buf->data = (u8 *)get_zeroed_page(GFP_KERNEL);
	if (!buf->data) {
		kfree(buf);
		return NULL;
	}
	return buf;
}

static inline void vtpm_tpm_buf_free(struct tpm_buf *buf)
{
	if (!buf)
		return;
	memzero_explicit(buf->data, VTPM_TPM_BUFSIZE);
	free_page((unsigned long)buf->data);
	kfree(buf);
}

#endif

/*
 * How the host's own driver maps memory for a vDPA device. Up to 6.17 it is by
 * the DMA API, and a device has operations of its own where the architecture has
 * ARCH_HAS_DMA_OPS. From 6.18 virtio has such operations itself.
 *
 *	VTPM_MAP		type of what the operations know a device by
 *	vtpm_map_dev()		the device
 *	VTPM_MAP_OPS		type of the operations
 *	VTPM_DEFINE_MAP_OPS()	define them
 *	vtpm_vdpa_set_map_ops()	give them to a device
 *	vtpm_vdpa_alloc_device() vdpa_alloc_device(); of one group, and by address
 */
#ifdef CONFIG_VTPM_MUX_VDPA

#include <linux/vdpa.h>

#if KERNEL_VERSION(6, 18, 0) <= LINUX_VERSION_CODE

#include <linux/virtio_config.h>

#define VTPM_MAP	union virtio_map
#define VTPM_MAP_OPS	const struct virtio_map_ops

static inline struct device *vtpm_map_dev(VTPM_MAP map)
{
	return map.dma_dev;
}

/* It is the processor that reads and writes for the device. */
static inline void vtpm_map_sync(VTPM_MAP map, dma_addr_t iova, size_t size,
				 enum dma_data_direction dir)
{
}

static inline bool vtpm_map_need_sync(VTPM_MAP map, dma_addr_t iova)
{
	return false;
}

static inline int vtpm_map_error(VTPM_MAP map, dma_addr_t iova)
{
	return iova == DMA_MAPPING_ERROR ? -ENOMEM : 0;
}

static inline size_t vtpm_map_max(VTPM_MAP map)
{
	return SIZE_MAX;
}

#define VTPM_DEFINE_MAP_OPS(_name, _map_page, _unmap_page, _alloc, _free) \
static const struct virtio_map_ops _name = {				\
	.map_page = _map_page,						\
	.unmap_page = _unmap_page,					\
	.alloc = _alloc,						\
	.free = _free,							\
	.sync_single_for_cpu = vtpm_map_sync,				\
	.sync_single_for_device = vtpm_map_sync,			\
	.need_sync = vtpm_map_need_sync,				\
	.mapping_error = vtpm_map_error,				\
	.max_mapping_size = vtpm_map_max,				\
}

static inline void vtpm_vdpa_set_map_ops(struct vdpa_device *vdpa,
					 VTPM_MAP_OPS *ops)
{
	vdpa->vmap.dma_dev = &vdpa->dev;
	vdpa->map = ops;
}

#define vtpm_vdpa_alloc_device(_type, _member, _parent, _config, _name)	\
	vdpa_alloc_device(_type, _member, _parent, _config, NULL, 1, 1,	\
			  _name, true)

#else

#include <linux/dma-map-ops.h>

#define VTPM_MAP	struct device *
#define VTPM_MAP_OPS	const struct dma_map_ops

static inline struct device *vtpm_map_dev(VTPM_MAP map)
{
	return map;
}

#define VTPM_DEFINE_MAP_OPS(_name, _map_page, _unmap_page, _alloc, _free) \
static void *_name##_alloc(struct device *dev, size_t size,		\
			   dma_addr_t *iova, gfp_t gfp,			\
			   unsigned long attrs)				\
{									\
	return _alloc(dev, size, iova, gfp);				\
}									\
static const struct dma_map_ops _name = {				\
	.map_page = _map_page,						\
	.unmap_page = _unmap_page,					\
	.alloc = _name##_alloc,						\
	.free = _free,							\
}

static inline void vtpm_vdpa_set_map_ops(struct vdpa_device *vdpa,
					 VTPM_MAP_OPS *ops)
{
	vdpa->dma_dev = &vdpa->dev;
	set_dma_ops(&vdpa->dev, ops);
}

#define vtpm_vdpa_alloc_device(_type, _member, _parent, _config, _name)	\
	vdpa_alloc_device(_type, _member, _parent, _config, 1, 1, _name, true)

#endif

#endif

#endif
