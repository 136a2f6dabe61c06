/* SPDX-License-Identifier: GPL-2.0 */
#ifndef HOSTED_LINUX_VMALLOC_H
#define HOSTED_LINUX_VMALLOC_H

#include <linux/mm.h>

static inline void *__vmalloc(size_t size, gfp_t flags)
{
	return kvmalloc(size, flags);
}

#endif
