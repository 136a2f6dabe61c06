/* SPDX-License-Identifier: GPL-2.0 */
#ifndef HOSTED_LINUX_SLAB_H
#define HOSTED_LINUX_SLAB_H

#include <malloc.h>
#include <stdlib.h>
#include <string.h>

#include <linux/cleanup.h>
#include <linux/gfp.h>
#include <linux/overflow.h>
#include <linux/types.h>

#define KMALLOC_MAX_SIZE	(4UL << 20)
#define ARCH_KMALLOC_MINALIGN	16

/**
 * struct hosted_alloc - what tests see and steer of the allocator
 * @fail_in: n > 0 makes the n-th allocation from now on fail, once; 0 = never
 * @failed: allocations that were made to fail
 * @total: allocations ever tried
 * @live: allocations not yet freed
 *
 * To find every unhandled failure: repeat an operation with @fail_in = 1, 2,
 * ... until @failed does not grow.
 */
struct hosted_alloc {
	unsigned long fail_in;
	unsigned long failed;
	unsigned long total;
	long live;
};

/* Weak, so that every object file may define it and all share one. */
__weak struct hosted_alloc hosted_alloc;

static inline bool hosted_alloc_fails(void)
{
	hosted_alloc.total++;
	if (!hosted_alloc.fail_in || --hosted_alloc.fail_in)
		return false;
	hosted_alloc.failed++;
	return true;
}

static inline void *kvmalloc(size_t size, gfp_t flags)
{
	void *p;

	if (hosted_alloc_fails())
		return NULL;
	p = flags & __GFP_ZERO ? calloc(1, size) : malloc(size);
	if (p)
		hosted_alloc.live++;
	return p;
}

/* Larger than the kernel's kmalloc() gives would be a bug in the engine. */
static inline void *kmalloc(size_t size, gfp_t flags)
{
	return size > KMALLOC_MAX_SIZE ? NULL : kvmalloc(size, flags);
}

static inline void *kzalloc(size_t size, gfp_t flags)
{
	return kmalloc(size, flags | __GFP_ZERO);
}

static inline void *kvzalloc(size_t size, gfp_t flags)
{
	return kvmalloc(size, flags | __GFP_ZERO);
}

static inline void *kmalloc_array(size_t n, size_t size, gfp_t flags)
{
	return kmalloc(size_mul(n, size), flags);
}

static inline void *kcalloc(size_t n, size_t size, gfp_t flags)
{
	return kmalloc_array(n, size, flags | __GFP_ZERO);
}

static inline void *kvmalloc_array(size_t n, size_t size, gfp_t flags)
{
	return kvmalloc(size_mul(n, size), flags);
}

static inline void *kvcalloc(size_t n, size_t size, gfp_t flags)
{
	return kvmalloc_array(n, size, flags | __GFP_ZERO);
}

static inline void kfree(const void *p)
{
	if (!p)
		return;
	hosted_alloc.live--;
	free((void *)p);
}

static inline void kvfree(const void *p)
{
	kfree(p);
}

static inline void kvfree_sensitive(const void *p, size_t len)
{
	if (p)
		explicit_bzero((void *)p, len);
	kfree(p);
}

static inline void kfree_sensitive(const void *p)
{
	size_t len = p ? malloc_usable_size((void *)p) : 0;

	/* The compiler shall not see that this may be more than was asked for. */
	__asm__ ("" : "+r"(p));
	kvfree_sensitive(p, len);
}

static inline void *krealloc(const void *p, size_t size, gfp_t flags)
{
	void *q = kmalloc(size, flags);

	if (q && p) {
		size_t old = malloc_usable_size((void *)p);

		memcpy(q, p, old < size ? old : size);
		kfree(p);
	}
	return q;
}

static inline size_t ksize(const void *p)
{
	return p ? malloc_usable_size((void *)p) : 0;
}

static inline void *kmemdup(const void *src, size_t len, gfp_t flags)
{
	void *p = kmalloc(len, flags);

	return p ? memcpy(p, src, len) : NULL;
}

static inline void *kvmemdup(const void *src, size_t len, gfp_t flags)
{
	void *p = kvmalloc(len, flags);

	return p ? memcpy(p, src, len) : NULL;
}

static inline char *kstrdup(const char *s, gfp_t flags)
{
	return s ? kmemdup(s, strlen(s) + 1, flags) : NULL;
}

DEFINE_FREE(kfree, void *, if (_T) kfree(_T))
DEFINE_FREE(kvfree, void *, if (_T) kvfree(_T))
DEFINE_FREE(kfree_sensitive, void *, if (_T) kfree_sensitive(_T))

#endif
