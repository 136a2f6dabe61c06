/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Objects of the key tree, loaded in the chip when a command needs them.
 *
 * Cost in chip commands of one that uses an object:
 *
 *	loaded				1	the command
 *	evicted				3	ContextLoad, the command, and
 *						FlushContext of another object
 *	used for the first time		3	Load, ContextSave, the command
 *
 * and for the latter one more for each object that has to make room, and one if
 * the parent has to be loaded. The context is saved at once, not when the object
 * is evicted: the sum is the same, because each object leaves the chip sooner or
 * later, and no eviction ever costs more than its one FlushContext.
 */
#ifndef VTPM_HW_CACHE_H
#define VTPM_HW_CACHE_H

#include <linux/spinlock.h>
#include <linux/types.h>

#include "slots.h"

struct vtpm_chip;
struct vtpm_hw;
struct vtpm_rd;
struct vtpm_wr;

/**
 * struct vtpm_cache - what we have in the chip
 * @lock: protects @slots and every vTPM's contexts. The worker alone adds and
 *	removes slots, so between two commands of one operation they stay.
 * @slots: loaded objects
 * @epoch: contexts of an older epoch are refused by the chip; written by the
 *	worker
 * @resets: changes whenever the chip may have been reset, or be another; of the
 *	worker alone
 * @doubt: the chip's memory may differ from @slots; of the worker alone
 * @recent: what may be loaded besides @slots; of the worker alone
 * @settled: jiffies when they were last compared with the chip; of the worker
 *	alone
 * @hits: uses of an object that was loaded
 * @misses: uses of an object that was not
 * @evictions: objects flushed for the sake of others
 */
struct vtpm_cache {
	spinlock_t lock;	/* what it protects: above */
	struct vtpm_slots slots;
	u32 epoch;
	u32 resets;
	bool doubt;
	struct vtpm_recent recent;
	unsigned long settled;
	atomic64_t hits;
	atomic64_t misses;
	atomic64_t evictions;
};

enum vtpm_object_kind {
	VTPM_OBJECT_MRK,	/* at its persistent handle, empty auth */
	VTPM_OBJECT_VMK,	/* child of the MRK */
	VTPM_OBJECT_SHADOW,	/* child of the VMK */
	VTPM_OBJECT_STATEKEY,	/* child of the VMK, has its auth */
};

/**
 * struct vtpm_object - an object of the key tree
 * @kind: its place in the tree
 * @hw: the vTPM it belongs to; NULL for the MRK
 * @blob: TPM2B_PRIVATE and TPM2B_PUBLIC
 * @len: bytes in @blob
 * @key: SHA-256 of @blob
 */
struct vtpm_object {
	enum vtpm_object_kind kind;
	struct vtpm_hw *hw;
	const u8 *blob;
	size_t len;
	u8 key[VTPM_KEY_LEN];
};

/**
 * struct vtpm_use - a command that uses an object
 * @cc: command code; its only handle is the object's, authorized by password
 * @build: appends the parameters
 * @arg: for @build
 */
struct vtpm_use {
	u32 cc;
	void (*build)(struct vtpm_wr *wr, const void *arg);
	const void *arg;
};

void vtpm_cache_init(struct vtpm_cache *cache);

void vtpm_object_init(struct vtpm_object *obj, enum vtpm_object_kind kind,
		      struct vtpm_hw *hw, const u8 *blob, size_t len);

/**
 * vtpm_cache_use() - load an object if need be, and send a command that uses it
 * @chip: held
 * @obj: the object
 * @use: the command
 * @rsp: receives the response's parameters
 *
 * An object that the chip has lost, be it flushed by others or reset, is
 * loaded again; a full chip is relieved of our other objects.
 *
 * Return: 0, a response code or an errno.
 */
int vtpm_cache_use(struct vtpm_chip *chip, const struct vtpm_object *obj,
		   const struct vtpm_use *use, struct vtpm_rd *rsp);

/* TPM2_FlushContext, if @handle is a transient object. */
int vtpm_cache_flush_handle(struct vtpm_chip *chip, u32 handle);

/* With the chip held, after an operation: back to what we may keep loaded. */
void vtpm_cache_trim(struct vtpm_chip *chip);
/* With the chip held: flush all that we have in it. */
void vtpm_cache_release(struct vtpm_chip *chip);
/* With the chip held, before anything else: resolve doubts. */
int vtpm_cache_settle(struct vtpm_chip *chip);

/* Slots in use. */
unsigned int vtpm_cache_used(struct vtpm_cache *cache);

/* @obj, or with NULL every object of @hw, will not be used again. */
void vtpm_cache_forget(struct vtpm_chip *chip, struct vtpm_hw *hw,
		       const struct vtpm_object *obj);

#endif
