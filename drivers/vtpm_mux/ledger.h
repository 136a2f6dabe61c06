/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The host's ledger: how far the state file of each vTPM has come at least, and
 * the value that a counter of the chip has while that is so.
 *
 * It is kept in a store of its own, which cares for power cuts. A ledger that is
 * put back has a value that the counter has left behind. Each time that it is
 * anchored
 *
 *	1. it is written with the value that the counter is to have next
 *	2. the counter is incremented
 *
 * so that a power cut between the two leaves one that is ahead by one, which is
 * accepted, and never one that is behind. Documentation/state-file.rst has the
 * argument in full.
 *
 * Plain C, which tests/crash cuts the power of. The caller serializes all calls
 * on one ledger. Process context; may sleep.
 */
#ifndef VTPM_LEDGER_H
#define VTPM_LEDGER_H

#include <linux/types.h>

#include "store.h"

/* How many vTPMs it can know, and how many of them a record of the store has. */
#define VTPM_LEDGER_MAX		8192
#define VTPM_LEDGER_PAGE	64

#define VTPM_LEDGER_AUTH_SIZE	32

struct vtpm_ledger;

/**
 * struct vtpm_ledger_counter - the chip's counter
 * @read: its value
 * @increment: by one
 *
 * Return 0 or an errno.
 */
struct vtpm_ledger_counter {
	int (*read)(void *arg, u64 *value);
	int (*increment)(void *arg);
	void *arg;
};

/**
 * struct vtpm_ledger_status - for those who look
 * @entries: vTPMs that it knows
 * @accepted: older files that were accepted
 * @counter: the value that it was written for
 * @changed: something has changed since it was written
 * @unanchored: something has changed since the counter was incremented
 */
struct vtpm_ledger_status {
	u32 entries;
	u32 accepted;
	u64 counter;
	bool changed;
	bool unanchored;
};

/*
 * A new one, in a @store without records, with the authorization value of the
 * counter; it is written when it is anchored first. Or the one in @store:
 * -EBADMSG where there is none. Either keeps the store, which the caller frees
 * afterwards.
 */
int vtpm_ledger_make(struct vtpm_store *store, const u8 *auth,
		     struct vtpm_ledger **ledger);
int vtpm_ledger_load(struct vtpm_store *store, struct vtpm_ledger **ledger);
void vtpm_ledger_free(struct vtpm_ledger *ledger);
const u8 *vtpm_ledger_auth(const struct vtpm_ledger *ledger);

/*
 * Is it the one that the counter is at? 0; -ESTALE it is an older copy, -EXDEV the
 * counter is not its own. Where the power was cut before the counter was
 * incremented, that is done now.
 */
int vtpm_ledger_check(struct vtpm_ledger *ledger,
		      const struct vtpm_ledger_counter *counter);

/* The entry of a file, or of a vTPM, or -ESRCH. It stays until that is removed. */
int vtpm_ledger_find(const struct vtpm_ledger *ledger, const u8 *id);
int vtpm_ledger_find_vtpm(const struct vtpm_ledger *ledger, const u8 *uuid);
/* The first entry from @from on, and its UUID; or -ENOENT. */
int vtpm_ledger_next(const struct vtpm_ledger *ledger, unsigned int from, u8 *uuid);
/* Its file, and how far that has come at least. */
void vtpm_ledger_get_id(const struct vtpm_ledger *ledger, int entry, u8 *id);
struct vtpm_position vtpm_ledger_floor(const struct vtpm_ledger *ledger, int entry);

/*
 * Changes, which are not written yet. Add returns the new entry, or -ENOSPC,
 * -ENOMEM; one of the same UUID goes, of whatever file. To raise never lowers.
 */
int vtpm_ledger_add(struct vtpm_ledger *ledger, const u8 *id, const u8 *uuid,
		    const struct vtpm_position *floor);
void vtpm_ledger_raise(struct vtpm_ledger *ledger, int entry,
		       const struct vtpm_position *floor);
void vtpm_ledger_remove(struct vtpm_ledger *ledger, int entry);
void vtpm_ledger_count_accepted(struct vtpm_ledger *ledger);
/* Take that back, which could not be written. */
void vtpm_ledger_uncount_accepted(struct vtpm_ledger *ledger);

/* Make the changes durable. After an error they are still to be. */
int vtpm_ledger_write(struct vtpm_ledger *ledger);
/* And make all that was written before out of date. */
int vtpm_ledger_anchor(struct vtpm_ledger *ledger,
		       const struct vtpm_ledger_counter *counter);

void vtpm_ledger_get_status(const struct vtpm_ledger *ledger,
			    struct vtpm_ledger_status *status);

#endif
