/* SPDX-License-Identifier: GPL-2.0 */
/*
 * State that survives: what the engine and whoever keeps it agree on.
 *
 * The permanent state of a vTPM is a set of records: a type and a number, and
 * bytes that only the engine understands. The engine gives changed records to
 * its store, and a vTPM is made again from them. The bytes are secret: the
 * store encrypts and authenticates what leaves the kernel.
 */
#ifndef VTPM2_STATE_H
#define VTPM2_STATE_H

#include <linux/types.h>

/**
 * enum vtpm2_record_type - kinds of records
 * @VTPM2_REC_CORE: what there is one of; number 0
 * @VTPM2_REC_NV: an NV index; its number is the index
 * @VTPM2_REC_PERSISTENT: a persistent object; its number is the handle
 * @VTPM2_REC_PRIMARY: a remembered primary; the engine gives the number
 * @VTPM2_REC_ORDERLY: what TPM2_Shutdown saved; number 0
 */
enum vtpm2_record_type {
	VTPM2_REC_CORE = 1,
	VTPM2_REC_NV = 2,
	VTPM2_REC_PERSISTENT = 3,
	VTPM2_REC_PRIMARY = 4,
	VTPM2_REC_ORDERLY = 5,
};

#define VTPM2_MAX_RECORD	8192	/* bytes in a record */
#define VTPM2_MAX_RECORDS	256	/* records of a vTPM, and in a commit */

/**
 * struct vtpm2_record - one record
 * @type: enum vtpm2_record_type
 * @id: its number among those of the type
 * @data: the bytes; NULL: the record is deleted
 * @len: their number, 1..VTPM2_MAX_RECORD; 0 if the record is deleted
 */
struct vtpm2_record {
	u32 type;
	u32 id;
	const void *data;
	u32 len;
};

/**
 * struct vtpm2_store_ops - where the records of a vTPM are kept
 * @commit: make all of these changes durable, or none of them: 0 or an errno.
 *	Replaces and adds records, and deletes those without data. No record is
 *	there twice. Called while a command or a change of power is under way,
 *	before it is acknowledged; process context, may sleep.
 */
struct vtpm2_store_ops {
	int (*commit)(void *store, const struct vtpm2_record *rec,
		      unsigned int n);
};

struct vtpm2;
struct vtpm2_config;

/*
 * All records, as the store has them once it has committed what it was given:
 * for its first snapshot and for every later one. @fn returns 0 to go on; what
 * else it returns is returned. -ENOMEM; -EIO if the store does not take what it has
 * to have first. The bytes are gone when @fn returns.
 */
int vtpm2_each_record(struct vtpm2 *t,
		      int (*fn)(void *arg, const struct vtpm2_record *rec),
		      void *arg);

/*
 * See to it that the store has all that it must have, which is more than it has where
 * it failed when an authorization did: 0, -EIO. To be called before a vTPM is
 * destroyed whose records stay.
 */
int vtpm2_txn_flush(struct vtpm2 *t);

/*
 * A vTPM from its records, in any order. It is powered off, as after a loss of
 * power. The chip is not asked for anything, and the store for nothing either.
 * Whatever fails, vtpm2_destroy() is what follows.
 *
 * Begin returns NULL for want of memory; the others -EBADMSG if the records are
 * none of a vTPM's, -ENOMEM.
 */
struct vtpm2 *vtpm2_restore_begin(const struct vtpm2_config *config);
int vtpm2_restore_record(struct vtpm2 *t, const struct vtpm2_record *rec);
int vtpm2_restore_end(struct vtpm2 *t);

/*
 * The rest of a vTPM, running or not: with its records as they are at the same
 * moment, it goes on as if nothing had happened. As secret as the records.
 *
 * VTPM2_MAX_VOLATILE bytes always are enough for the buffer. Write returns the
 * length, -ENOSPC, -ENOMEM, or -EIO if the store does not take what it has to
 * have first. Read is for a vTPM that has just been restored, and instead of
 * power: 0, -EBADMSG if these are no such bytes, -ESTALE if they go with other
 * records, -ENOMEM; all but 0 leave only vtpm2_destroy().
 */
#define VTPM2_MAX_VOLATILE	163840

ssize_t vtpm2_volatile_write(struct vtpm2 *t, void *buf, size_t len);
int vtpm2_volatile_read(struct vtpm2 *t, const void *buf, size_t len);

#endif
