/* SPDX-License-Identifier: GPL-2.0 */
#ifndef HOSTED_LINUX_CONTAINER_OF_H
#define HOSTED_LINUX_CONTAINER_OF_H

#include <linux/stddef.h>

#define typeof_member(T, m)	__typeof__(((T *)0)->m)
#define container_of(ptr, type, member) ({				\
	const __typeof__(((type *)0)->member) *__mptr = (ptr);		\
									\
	(type *)((char *)__mptr - offsetof(type, member));		\
})
#define container_of_const(ptr, type, member)	container_of(ptr, type, member)

#endif
