/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Power cuts through a recorded workload.
 */
#ifndef CRASH_CUT_H
#define CRASH_CUT_H

#include "model.h"

/**
 * struct run - a recorded workload, and the cuts through it
 * @disk: the operations
 * @history: the transactions
 * @work: a disk's contents
 * @cuts: made
 * @wanted: to be made, of all
 * @keep: of how many possible cuts one is made
 * @bad: cuts after which something was wrong
 * @starts: NULL, or tells what is wrong with the records that are recovered
 */
struct run {
	struct disk *disk;
	struct history *history;
	u8 *work;
	unsigned long cuts;
	unsigned long wanted;
	unsigned int keep;
	unsigned long bad;
	const char *(*starts)(struct vtpm_store *store, u64 state);
};

/* Makes cuts until there are as many as wanted, or no more places for them. */
void cut_everywhere(struct run *run);

#endif
