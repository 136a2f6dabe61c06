/* SPDX-License-Identifier: GPL-2.0 */
#ifndef HOSTED_LINUX_CLEANUP_H
#define HOSTED_LINUX_CLEANUP_H

#include <linux/compiler.h>

#define DEFINE_FREE(_name, _type, _free) \
	static inline __maybe_unused void __free_##_name(void *p) \
	{ _type _T = *(_type *)p; _free; }
#define __free(_name)	__attribute__((__cleanup__(__free_##_name)))
#define no_free_ptr(p)	({ __auto_type __ptr = (p); (p) = NULL; __ptr; })
#define return_ptr(p)	return no_free_ptr(p)

#endif
