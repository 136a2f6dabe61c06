/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Which objects are loaded in the chip, and which saved contexts we keep.
 *
 * Decisions only: nothing here talks to the chip (cache.c does), so that
 * tests/kunit can check them. The caller serializes (cache.h says how).
 */
#ifndef VTPM_HW_SLOTS_H
#define VTPM_HW_SLOTS_H

#include <linux/list.h>
#include <linux/types.h>

#define VTPM_KEY_LEN	32	/* SHA-256 of an object's blob */
#define VTPM_NAME_LEN	34	/* TPM_ALG_SHA256 and a digest */

#define VTPM_SLOTS_MAX	32	/* more are left to the chip's other users */
#define VTPM_RECENT_MAX	32	/* leftovers that we would recognize */
#define VTPM_CTX_MAX	16	/* saved contexts of one vTPM */

/**
 * struct vtpm_slot - an object in the chip
 * @owner: the vTPM it belongs to, NULL for a free slot
 * @handle: the chip's handle
 * @key: SHA-256 of its blob; with @owner what it is found by
 * @name: TPM name
 * @dead: nobody will ask for it again
 * @pins: uses that forbid to evict it
 * @used: when it was last used, by struct vtpm_slots.clock
 */
struct vtpm_slot {
	const void *owner;
	u32 handle;
	u8 key[VTPM_KEY_LEN];
	u8 name[VTPM_NAME_LEN];
	bool dead;
	u8 pins;
	u64 used;
};

/**
 * struct vtpm_slots - the table of loaded objects
 * @slot: entries; those without an owner are free
 * @budget: how many we may keep loaded between two operations
 * @used: how many are
 * @clock: advances with every use
 */
struct vtpm_slots {
	struct vtpm_slot slot[VTPM_SLOTS_MAX];
	unsigned int budget;
	unsigned int used;
	u64 clock;
};

/**
 * struct vtpm_recent - what we had the chip load lately
 * @name: names of the objects, the latest first, all zeroes for none
 *
 * An object of such a name that is in the chip without being in a slot is a
 * leftover of ours, whatever went wrong: nobody else can load it.
 */
struct vtpm_recent {
	u8 name[VTPM_RECENT_MAX][VTPM_NAME_LEN];
};

/**
 * struct vtpm_ctx - what TPM2_ContextSave returned for an object
 * @node: in struct vtpm_ctx_set.lru
 * @key: SHA-256 of the object's blob
 * @epoch: contexts of an older epoch are of no use any more
 * @len: bytes in @data
 * @data: TPMS_CONTEXT
 */
struct vtpm_ctx {
	struct list_head node;
	u8 key[VTPM_KEY_LEN];
	u32 epoch;
	u16 len;
	u8 data[];
};

/**
 * struct vtpm_ctx_set - saved contexts of one vTPM
 * @lru: the most recently used first
 * @count: number of them
 * @bytes: memory that they take
 */
struct vtpm_ctx_set {
	struct list_head lru;
	unsigned int count;
	size_t bytes;
};

/*
 * How many objects we may keep in a chip that has room for @total: all but two,
 * and at least one. The chip's other users (/dev/tpmrm0, trusted keys) need two,
 * for a parent and its child; with less they fail.
 */
unsigned int vtpm_slots_budget(u32 total);
/*
 * How many we may have loaded during an operation, when nobody else's can be: a
 * parent and its child.
 */
unsigned int vtpm_slots_peak(const struct vtpm_slots *slots);

struct vtpm_slot *vtpm_slots_find(struct vtpm_slots *slots, const void *owner,
				  const u8 *key);
struct vtpm_slot *vtpm_slots_by_handle(struct vtpm_slots *slots, u32 handle);
void vtpm_slots_touch(struct vtpm_slots *slots, struct vtpm_slot *slot);

/**
 * vtpm_slots_add() - enter an object that the chip has loaded
 * @slots: the table
 * @owner: its vTPM
 * @key: SHA-256 of its blob
 * @name: its TPM name
 * @handle: where the chip has it
 *
 * Return: its slot, or NULL if the table is full or @handle is in it.
 */
struct vtpm_slot *vtpm_slots_add(struct vtpm_slots *slots, const void *owner,
				 const u8 *key, const u8 *name, u32 handle);
void vtpm_slots_remove(struct vtpm_slots *slots, struct vtpm_slot *slot);

/**
 * vtpm_slots_victim() - the least useful object
 * @slots: the table
 *
 * Return: a dead one, or else the one used least recently; NULL if all are
 * pinned.
 */
struct vtpm_slot *vtpm_slots_victim(struct vtpm_slots *slots);

/* Nobody will ask for @owner's object @key (all of them for NULL) again. */
void vtpm_slots_kill(struct vtpm_slots *slots, const void *owner, const u8 *key);

void vtpm_recent_add(struct vtpm_recent *recent, const u8 *name);
bool vtpm_recent_has(const struct vtpm_recent *recent, const u8 *name);

void vtpm_ctx_init(struct vtpm_ctx_set *set);
/* The context of the object @key, now the most recently used, or NULL. */
struct vtpm_ctx *vtpm_ctx_find(struct vtpm_ctx_set *set, const u8 *key, u32 epoch);
/* Takes @ctx over, in the place of an older one, or of the least useful. */
void vtpm_ctx_add(struct vtpm_ctx_set *set, struct vtpm_ctx *ctx);
/* Free the context of the object @key, or all for NULL. */
void vtpm_ctx_drop(struct vtpm_ctx_set *set, const u8 *key);

#endif
