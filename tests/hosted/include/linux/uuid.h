/* SPDX-License-Identifier: GPL-2.0 */
#ifndef HOSTED_LINUX_UUID_H
#define HOSTED_LINUX_UUID_H

#include <linux/random.h>
#include <linux/string.h>
#include <linux/types.h>

#define UUID_SIZE	16

typedef struct {
	u8 b[UUID_SIZE];
} uuid_t;

static inline void uuid_gen(uuid_t *uuid)
{
	get_random_bytes(uuid->b, sizeof(uuid->b));
}

static inline void export_uuid(u8 *dst, const uuid_t *src)
{
	memcpy(dst, src->b, sizeof(src->b));
}

static inline void import_uuid(uuid_t *dst, const u8 *src)
{
	memcpy(dst->b, src, sizeof(dst->b));
}

#endif
