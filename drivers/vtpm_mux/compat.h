/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Everything that differs between the kernels we build for (6.12 and later).
 */
#ifndef VTPM_COMPAT_H
#define VTPM_COMPAT_H

#include <linux/gfp.h>
#include <linux/slab.h>
#include <linux/tpm.h>

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
	const size_t size = sizeof(struct tpm_buf) + VTPM_TPM_BUFSIZE;
	struct tpm_buf *buf = kzalloc(size, GFP_KERNEL);

	if (buf)
		tpm_buf_init(buf, size);
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

#endif
