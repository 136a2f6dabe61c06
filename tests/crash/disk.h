/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A disk in memory, which remembers what was written and flushed in which order,
 * so that what a power cut could have left of it can be made.
 */
#ifndef CRASH_DISK_H
#define CRASH_DISK_H

#include <linux/types.h>

#include "../../drivers/vtpm_mux/store.h"

/**
 * struct disk_op - a write, or a flush that succeeded
 * @sync: a flush
 * @pos: where
 * @len: bytes
 * @data: a copy of them
 */
struct disk_op {
	bool sync;
	u64 pos;
	size_t len;
	u8 *data;
};

/**
 * struct disk - the disk
 * @image: what a read returns
 * @size: bytes
 * @durable: what a power cut cannot change, as of the last flush
 * @op: since disk_record()
 * @ops: their number
 * @recording: keep them
 * @writes: that there were
 * @syncs: that there were
 * @fail_write: the n-th write from now on fails, having written @fail_bytes
 * @fail_bytes: see there
 * @fail_sync: the n-th flush from now on fails; of what was written since the
 *	last, some is on the disk, and what is not will never be
 * @fail_read: the n-th read from now on fails
 * @error: with this errno
 * @for_ever: and every one after it, until somebody sets this to false
 * @lie: the n-th flush from now on succeeds and does nothing
 */
struct disk {
	u8 *image;
	size_t size;
	u8 *durable;
	struct disk_op *op;
	size_t ops;
	size_t cap;
	bool recording;
	unsigned long writes;
	unsigned long syncs;
	unsigned long fail_write;
	size_t fail_bytes;
	unsigned long fail_sync;
	unsigned long fail_read;
	int error;
	bool for_ever;
	unsigned long lie;
};

void disk_init(struct disk *disk);
void disk_init_from(struct disk *disk, const u8 *image, size_t size);
void disk_free(struct disk *disk);
/* Remember from here on. What is there now is durable. */
void disk_record(struct disk *disk);
struct vtpm_medium disk_medium(struct disk *disk);

/* Random numbers that a seed gives again. */
u32 rnd(u32 below);
void rnd_seed(u64 seed);
void rnd_bytes(void *buf, size_t len);

#endif
