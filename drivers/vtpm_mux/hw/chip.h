/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The one physical chip, inside hw/.
 *
 *	vTPMs, in threads of their own       shadow.c, vmk.c, hostkey.c
 *	    |  struct vtpm_req: operands, result
 *	    v
 *	queue.c: bounded waiting, cancel, one worker
 *	    |
 *	    v  in the worker, between vtpm_chip_open() and vtpm_chip_close()
 *	cache.c: makes the object loaded  <->  slots.c: decides
 *	    |
 *	    v
 *	cmd.c: frames, retries, counters  <->  wire.c: bytes, rc.c: codes
 *	    |
 *	    v
 *	chip.c: TPM core
 *
 * The chip is held (vtpm_chip_open()) for one operation at a time, never while
 * idle, so that IMA, hwrng, trusted keys and /dev/tpmrm0 get their turns.
 *
 * Locks, none of which is held while another is taken or while a command is
 * under way: struct vtpm_chip.lock, struct vtpm_queue.lock,
 * struct vtpm_cache.lock. All are spinlocks of process context.
 */
#ifndef VTPM_HW_CHIP_H
#define VTPM_HW_CHIP_H

#include <linux/compiler.h>
#include <linux/jiffies.h>
#include <linux/list.h>
#include <linux/spinlock.h>
#include <linux/types.h>

#include "alg.h"
#include "cache.h"
#include "cmd.h"
#include "policy.h"
#include "queue.h"
#include "wire.h"

struct tpm_buf;
struct tpm_chip;
struct vtpm_hw;

/*
 * What an operation may take, once it has begun; it may wait as long again for
 * others before that. Guests wait 120 s and more (TPM2_DURATION_DEFAULT), for a
 * key generation 300 s.
 */
/* Any that is no key generation, retries included. */
#define VTPM_LIMIT_USE		(25 * HZ)
/* RSA-4096 on a slow chip. */
#define VTPM_LIMIT_KEYGEN	(90 * HZ)
/* Two key generations and the probes. */
#define VTPM_LIMIT_PROVISION	(180 * HZ)
/* Unused objects leave the chip after this time. */
#define VTPM_IDLE_RELEASE	(3 * HZ)
/* A chip that failed when it was looked at is looked at again, ever later. */
#define VTPM_RETRY_FIRST	(5 * HZ)
#define VTPM_RETRY_LAST		(320 * HZ)
/* For this time a chip that gave no response is not asked again. */
#define VTPM_LIMIT_SILENCE	(1 * HZ)
/* How long removal and suspend wait for the operation under way. */
#define VTPM_LIMIT_STOP		(5 * HZ)

/**
 * struct vtpm_caps - what the chip is and can do
 * @manufacturer: TPM_PT_MANUFACTURER
 * @vendor: TPM_PT_VENDOR_STRING_1..4
 * @firmware: TPM_PT_FIRMWARE_VERSION_1 and _2
 * @objects: transient objects that it has room for
 * @hashes: VTPM_HASH_* of its ECDSA
 * @curves: VTPM_CURVE_* that it can sign and exchange keys with
 * @schemes: VTPM_SCHEME_* that it signs with besides ECDSA
 * @rsa_bits: VTPM_RSA_* that it can do the raw private operation with
 * @storage_rsa: storage keys are RSA-2048, for want of P-256
 */
struct vtpm_caps {
	char manufacturer[5];
	char vendor[17];
	u32 firmware[2];
	u32 objects;
	u32 hashes;
	u32 curves;
	u32 schemes;
	u32 rsa_bits;
	bool storage_rsa;
};

/**
 * struct vtpm_chip - the physical chip
 * @lock: protects @candidates, @tpm, @index, @name, @parent, @users,
 *	@exiting, @probed, @ready, @error, and writing @caps, @srk_name,
 *	@mrk_name, @counter and @binding; the worker alone writes those, so it reads them
 *	without
 * @candidates: all TPMs of the system (struct candidate of chip.c)
 * @tpm: the one that we use (with a reference to its device), or NULL
 * @index: N of its /dev/tpmN
 * @name: "tpmN", for messages; kept when the chip goes
 * @parent: bus and name of the device that @tpm is or last was
 * @users: vTPMs with keys in the chip
 * @exiting: the module is going: take no other chip
 * @probed: @caps are those of @tpm
 * @ready: and the MRK is there
 * @error: why not, a negative errno
 * @caps: what the chip can do
 * @srk_name: TPM name of the host's SRK
 * @mrk_name: TPM name of the MRK
 * @counter: there is a counter for a ledger (counter.c)
 * @binding: what the MRK is bound to
 * @retry: looks at the chip again
 * @retry_after: jiffies; by @lock
 * @queue: requests; has its own lock
 * @cache: loaded objects; has its own lock
 * @stats: counters by command code
 *
 * @silent_until: jiffies, or 0: nothing came back when it was last asked; written
 *	by the worker
 * @cc: the command under way, or the last; written by the worker
 *
 * Of the worker alone:
 * @open: the TPM that vtpm_chip_open() took
 * @req: the request under way
 * @account: the vTPM that pays for the commands, or NULL for our housekeeping
 * @buf: what the TPM core sends from and receives into
 * @cmd: the bytes of the command being built
 */
struct vtpm_chip {
	spinlock_t lock;	/* what it protects: above */
	struct list_head candidates;
	struct tpm_chip *tpm;
	int index;
	char name[16];
	char parent[64];
	unsigned int users;
	bool exiting;
	bool probed;
	bool ready;
	int error;
	struct vtpm_caps caps;
	u8 srk_name[VTPM_NAME_LEN];
	u8 mrk_name[VTPM_NAME_LEN];
	bool counter;
	struct vtpm_binding binding;

	struct delayed_work retry;
	unsigned long retry_after;
	struct vtpm_queue queue;
	struct vtpm_cache cache;
	struct vtpm_cc_counters stats[VTPM_CC_COUNT];

	unsigned long silent_until;
	u32 cc;

	struct tpm_chip *open;
	struct vtpm_req *req;
	struct vtpm_hw *account;
	struct tpm_buf *buf;
	u8 cmd[VTPM_CMD_SIZE];
};

extern struct vtpm_chip vtpm_chip;

/* Is there a chip that vTPMs can use, and does it answer? 0 or an errno. */
int vtpm_chip_check(struct vtpm_chip *chip);

/* Did the chip give no response, a moment ago? */
static inline bool vtpm_chip_silent(const struct vtpm_chip *chip)
{
	unsigned long until = READ_ONCE(chip->silent_until);

	return until && time_before(jiffies, until);
}

/* Did the last command get no response? Nobody has asked again since. */
static inline bool vtpm_chip_unanswered(const struct vtpm_chip *chip)
{
	return READ_ONCE(chip->silent_until);
}

/**
 * vtpm_chip_open() - hold the chip for one operation
 * @chip: the chip
 *
 * Waits while another user of the chip has a command under way. In the worker
 * only.
 *
 * Return: 0, or -ENODEV or -EIO.
 */
int vtpm_chip_open(struct vtpm_chip *chip);
void vtpm_chip_close(struct vtpm_chip *chip);

/**
 * vtpm_chip_transmit() - one command, once
 * @chip: held
 * @cmd: complete command
 * @len: its length, at most VTPM_CMD_SIZE
 * @rsp: receives the response, which stays in place until the next command;
 *	untouched unless 0 is returned
 *
 * Return: 0, the chip's response code, or -EIO if there is no response.
 */
int vtpm_chip_transmit(struct vtpm_chip *chip, const u8 *cmd, size_t len,
		       struct vtpm_rd *rsp);

/* The MRK was found or created, or (@error) not. In the worker. */
void vtpm_chip_set_ready(struct vtpm_chip *chip, int error);

/* probe.c: fills in @caps and @probed. Return: 0 or an errno. */
int vtpm_probe(struct vtpm_chip *chip);

#endif
