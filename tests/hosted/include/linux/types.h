/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The engine is kernel code. These headers give it, in user space, the few
 * kernel interfaces that it uses; a name that is missing here is one that the
 * engine should do without.
 */
#ifndef HOSTED_LINUX_TYPES_H
#define HOSTED_LINUX_TYPES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include_next <linux/types.h>

#include <linux/compiler.h>

typedef __u8 u8;
typedef __u16 u16;
typedef __u32 u32;
typedef __u64 u64;
typedef __s8 s8;
typedef __s16 s16;
typedef __s32 s32;
typedef __s64 s64;

#if defined(__SIZEOF_INT128__) && !defined(HOSTED_NO_INT128)
#define CONFIG_ARCH_SUPPORTS_INT128	1
typedef unsigned __int128 u128;
#endif

typedef unsigned int gfp_t;
typedef s64 ktime_t;
typedef s64 time64_t;

struct list_head {
	struct list_head *next, *prev;
};

struct hlist_node {
	struct hlist_node *next, **pprev;
};

struct hlist_head {
	struct hlist_node *first;
};

#endif
