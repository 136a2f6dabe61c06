/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Inside the anchor: the ledger that is attached.
 */
#ifndef VTPM_ANCHOR_HELD_H
#define VTPM_ANCHOR_HELD_H

#include <linux/lockdep.h>
#include <linux/mutex.h>
#include <linux/spinlock.h>
#include <linux/types.h>

#include "anchor.h"
#include "ledger.h"
#include "store.h"

struct vtpm_store_file;

/* A change is in the ledger after this time. */
#define VTPM_ANCHOR_WRITE_AFTER	(60 * HZ)
/* Increments in hand, at most. */
#define VTPM_ANCHOR_BURST	8

/**
 * struct vtpm_anchor_held - the ledger
 * @lock: protects all but @fast; outermost but for control.c's; held while the
 *	chip is asked
 * @fast: protects @status and what struct vtpm_anchored says; innermost
 * @file: its file
 * @medium: the same for the store
 * @store: what is in it
 * @ledger: and in that; NULL: there is no ledger
 * @files: state files in use, struct vtpm_anchored
 * @count: their number
 * @interval: seconds, for one more increment in hand
 * @hand: increments in hand
 * @given: when one was put there last, in seconds of the boot clock
 * @last: when the last was done
 * @increments: done since the ledger was attached
 * @failed: it could not be written or anchored, and this was said
 * @hurry: the work is to anchor, too; set anywhere
 * @status: for those who look
 */
struct vtpm_anchor_held {
	struct mutex lock;	/* what it protects: above */
	spinlock_t fast;	/* likewise */
	struct vtpm_store_file *file;
	struct vtpm_medium medium;
	struct vtpm_store *store;
	struct vtpm_ledger *ledger;
	struct list_head files;
	unsigned int count;
	u32 interval;
	unsigned int hand;
	u64 given;
	u64 last;
	u64 increments;
	bool failed;
	bool hurry;
	struct vtpm_anchor_status status;
};

extern struct vtpm_anchor_held vtpm_anchor_held;

/*
 * Make the ledger say how things are, durably; and if that may be, make what it has
 * said before count no more: at once (@hurry), or when it is time. 0 or -errno of
 * the former. With the lock held; does nothing without a ledger.
 */
int vtpm_anchor_settle(bool hurry);
/* The same, later. */
void vtpm_anchor_settle_later(unsigned long delay, bool hurry);
/* Those who look see how it is now. With the lock held; settling does it as well. */
void vtpm_anchor_publish(void);

#endif
