// SPDX-License-Identifier: GPL-2.0
/*
 * A disk in memory, which remembers what was written and flushed.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "disk.h"

static u64 rnd_state = 1;

void rnd_seed(u64 seed)
{
	rnd_state = seed * 0x9e3779b97f4a7c15ull + 1;
}

u32 rnd(u32 below)
{
	u64 z;

	rnd_state += 0x9e3779b97f4a7c15ull;
	z = (rnd_state ^ (rnd_state >> 30)) * 0xbf58476d1ce4e5b9ull;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebull;
	return (u32)(z >> 33) % below;
}

void rnd_bytes(void *buf, size_t len)
{
	u8 *p = buf;

	while (len--)
		*p++ = rnd(256);
}

static void disk_grow(struct disk *disk, u64 size)
{
	if (size <= disk->size)
		return;
	disk->image = realloc(disk->image, size);
	memset(disk->image + disk->size, 0, size - disk->size);
	disk->size = size;
}

static struct disk_op *disk_add(struct disk *disk)
{
	if (disk->ops == disk->cap) {
		disk->cap = disk->cap ? disk->cap * 2 : 256;
		disk->op = realloc(disk->op, disk->cap * sizeof(*disk->op));
	}
	memset(&disk->op[disk->ops], 0, sizeof(*disk->op));
	return &disk->op[disk->ops++];
}

static bool fails(struct disk *disk, unsigned long *in)
{
	if (!*in)
		return false;
	if (--*in)
		return false;
	*in = disk->for_ever;
	return true;
}

static void disk_put(struct disk *disk, u64 pos, const void *buf, size_t len)
{
	struct disk_op *op;

	memcpy(disk->image + pos, buf, len);
	if (!disk->recording || !len)
		return;
	op = disk_add(disk);
	op->pos = pos;
	op->len = len;
	op->data = malloc(len);
	memcpy(op->data, buf, len);
}

static int disk_read(void *arg, u64 pos, void *buf, size_t len)
{
	struct disk *disk = arg;

	if (fails(disk, &disk->fail_read))
		return -disk->error;
	if (pos + len > disk->size)
		return -EIO;
	if (len)
		memcpy(buf, disk->image + pos, len);
	return 0;
}

static int disk_write(void *arg, u64 pos, const void *buf, size_t len)
{
	struct disk *disk = arg;

	disk->writes++;
	if (pos + len > disk->size)
		return -ENOSPC;
	if (fails(disk, &disk->fail_write)) {
		disk_put(disk, pos, buf, disk->fail_bytes < len ? disk->fail_bytes : len);
		return -disk->error;
	}
	disk_put(disk, pos, buf, len);
	return 0;
}

/*
 * Linux takes pages that could not be written for clean: a later flush does not
 * try again, and says that all is well.
 */
static void disk_lose(struct disk *disk)
{
	size_t i, n = 0, first = disk->ops;

	while (first && !disk->op[first - 1].sync)
		first--;
	for (i = first, n = first; i < disk->ops; i++) {
		if (rnd(2))
			disk->op[n++] = disk->op[i];
		else
			free(disk->op[i].data);
	}
	disk->ops = n;
}

static int disk_sync(void *arg)
{
	struct disk *disk = arg;

	disk->syncs++;
	if (fails(disk, &disk->fail_sync)) {
		disk_lose(disk);
		return -disk->error;
	}
	if (fails(disk, &disk->lie))
		return 0;
	if (disk->recording)
		disk_add(disk)->sync = true;
	return 0;
}

static s64 disk_size(void *arg)
{
	struct disk *disk = arg;

	return disk->size;
}

static int disk_reserve(void *arg, u64 size)
{
	disk_grow(arg, size);
	return 0;
}

static const struct vtpm_medium_ops disk_ops = {
	.read = disk_read,
	.write = disk_write,
	.sync = disk_sync,
	.size = disk_size,
	.reserve = disk_reserve,
};

struct vtpm_medium disk_medium(struct disk *disk)
{
	return (struct vtpm_medium){ .ops = &disk_ops, .arg = disk };
}

void disk_init(struct disk *disk)
{
	memset(disk, 0, sizeof(*disk));
}

void disk_init_from(struct disk *disk, const u8 *image, size_t size)
{
	disk_init(disk);
	if (!size)
		return;
	disk->image = malloc(size);
	disk->size = size;
	memcpy(disk->image, image, size);
}

static void forget_ops(struct disk *disk)
{
	size_t i;

	for (i = 0; i < disk->ops; i++)
		free(disk->op[i].data);
	disk->ops = 0;
}

void disk_record(struct disk *disk)
{
	forget_ops(disk);
	disk->durable = realloc(disk->durable, disk->size);
	memcpy(disk->durable, disk->image, disk->size);
	disk->recording = true;
}

void disk_free(struct disk *disk)
{
	forget_ops(disk);
	free(disk->op);
	free(disk->image);
	free(disk->durable);
}
