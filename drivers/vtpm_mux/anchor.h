/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The host's ledger in use: which state files are too old to be opened.
 */
#ifndef VTPM_ANCHOR_H
#define VTPM_ANCHOR_H

#include <linux/list.h>
#include <linux/types.h>
#include <linux/uuid.h>

#include "store.h"

struct vtpm_hw_order;

enum vtpm_anchor_state {
	VTPM_LEDGER_NONE,	/* the chip has no counter: one is to be made */
	VTPM_LEDGER_WAITING,	/* it has: its ledger is to be attached */
	VTPM_LEDGER_HELD,	/* and only now are there state files */
};

/**
 * struct vtpm_anchor_status - the ledger, for those who look
 * @state: what there is
 * @entries: vTPMs that it knows
 * @accepted: older files that were accepted
 * @counter: the chip's counter, as far as we know
 * @increments: of it since the ledger was attached
 * @unanchored: something has changed since the last one
 */
struct vtpm_anchor_status {
	enum vtpm_anchor_state state;
	u32 entries;
	u32 accepted;
	u64 counter;
	u64 increments;
	bool unanchored;
};

/**
 * struct vtpm_anchored - a state file in use
 * @node: in the list of them
 * @entry: of the ledger; -1: it has forgotten the file
 * @reached: how far the file has come; by anchor.c's spinlock
 * @listed: it is in the list
 */
struct vtpm_anchored {
	struct list_head node;
	int entry;
	struct vtpm_position reached;
	bool listed;
};

/* Seconds between increments that no operator has caused, where he does not say. */
#define VTPM_ANCHOR_INTERVAL	3600

/*
 * Make a ledger and its counter, attach one that there is, or remove both. The
 * errnos are those of VTPM_MUX_IOC_ANCHOR.
 */
int vtpm_anchor_make(int fd, const struct vtpm_hw_order *order, u32 interval);
int vtpm_anchor_attach(int fd, u32 interval);
int vtpm_anchor_remove(const struct vtpm_hw_order *order);
/* The last write. */
void vtpm_anchor_exit(void);

/*
 * Can a new vTPM of this UUID have a state file? 0 or -errno: there is no ledger, or it
 * knows another file of it, which would be refused from then on. May sleep.
 */
int vtpm_anchor_ready(const uuid_t *uuid);

/*
 * The file of a new vTPM, with all that it has so far; or one that was opened: is
 * it the newest? If it is not, and @accept, it goes on as the newest. 0 or -errno;
 * with 0, vtpm_anchor_leave() is to follow.
 */
int vtpm_anchor_enter(struct vtpm_anchored *a, const uuid_t *uuid, struct vtpm_store *store);
int vtpm_anchor_admit(struct vtpm_anchored *a, const uuid_t *uuid, struct vtpm_store *store,
		      bool accept);
/* It has come this far. Waits for nothing. */
void vtpm_anchor_move(struct vtpm_anchored *a, const struct vtpm_store *store);
/* The ledger shall say so soon. Waits for nothing. */
void vtpm_anchor_hurry(const struct vtpm_anchored *a);
/* No copy of it shall be opened any more. 0 or -errno. */
int vtpm_anchor_forget(struct vtpm_anchored *a);
/* Not used any more. Does nothing for one that was never entered nor admitted. */
void vtpm_anchor_leave(struct vtpm_anchored *a);

/**
 * struct vtpm_anchor_entry - a vTPM that the ledger knows
 * @uuid: its UUID
 * @reached: how far its file has come at least
 * @in_use: its file is
 */
struct vtpm_anchor_entry {
	u8 uuid[UUID_SIZE];
	struct vtpm_position reached;
	bool in_use;
};

/*
 * The first one from entry *@number on; -ENOENT: there is none, -EUNATCH there is no
 * ledger. May sleep.
 */
int vtpm_anchor_next(unsigned int *number, struct vtpm_anchor_entry *entry);
/*
 * The same as vtpm_anchor_forget() where the file is not at hand. -ESRCH: it is not
 * known, -EBUSY it is in use, -EUNATCH; or another -errno, and it may be known still.
 */
int vtpm_anchor_revoke(const u8 *uuid);

/* Waits for nothing. */
void vtpm_anchor_get_status(struct vtpm_anchor_status *status);

#endif
