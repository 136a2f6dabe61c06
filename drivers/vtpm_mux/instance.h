/* SPDX-License-Identifier: GPL-2.0 */
/*
 * One virtual TPM and the table of all of them.
 *
 *	/dev/vtpmN (cdev.c)	/dev/vtpm-mux (control.c)
 *		   \		 /
 *		  struct vtpm: one command at a time
 *			  |
 *		  struct vtpm2 (tpm2/), struct vtpm_hw (hw/)
 *
 * Life: NEW while it is being made, LIVE once it can be found by its number,
 * GONE when it is being destroyed. Only control.c moves it on. References
 * (vtpm_get(), vtpm_put()) keep the memory; the keys and the state go when it
 * is destroyed, whoever still holds a reference.
 *
 * Locks, outermost first:
 *
 *	vtpm_file.lock		cdev.c: one descriptor's buffers
 *	vtpm_publish_lock	control.c: a LIVE vTPM has a device
 *	vtpm_vdpa.lock		see vdpa_dev.h
 *	vtpm_anchor_held.lock	see anchor_held.h; vtpm.lock is not taken with it
 *	vtpm.lock		the engine and the state file; held for as long as a
 *				command takes
 *	vtpm.hw_lock		keeps the chip handle; short but for the chip
 *				layer's own locks
 *	vtpm_anchor_held.fast	see anchor_held.h; a spinlock
 *	vtpm_table_lock		instance.c: table, life, who has it open; short
 *	vtpm.stats_lock		counters; a spinlock
 */
#ifndef VTPM_INSTANCE_H
#define VTPM_INSTANCE_H

#include <linux/kref.h>
#include <linux/mutex.h>
#include <linux/ratelimit_types.h>
#include <linux/spinlock.h>
#include <linux/types.h>
#include <linux/uuid.h>
#include <linux/vtpm_mux.h>
#include <linux/wait.h>
#include <linux/workqueue.h>

#include "hw/hw.h"
#include "snapshot.h"
#include "store.h"
#include "tpm2/engine.h"

struct mem_cgroup;
struct vtpm_cdev;
struct vtpm_persist;
struct vtpm_vdpa;

enum vtpm_life {
	VTPM_LIFE_NEW,
	VTPM_LIFE_LIVE,
	VTPM_LIFE_GONE,
};

/**
 * struct vtpm_counters - what a command code, or all of them, did so far
 * @count: commands
 * @errors: those that were not answered TPM_RC_SUCCESS
 * @chip_commands: commands that the chip executed for them
 * @ns: nanoseconds
 * @ns_max: the longest
 */
struct vtpm_counters {
	u64 count;
	u64 errors;
	u64 chip_commands;
	u64 ns;
	u64 ns_max;
};

/**
 * struct vtpm - a virtual TPM
 * @kref: references
 * @number: N of /dev/vtpmN; constant
 * @uuid: constant
 * @flags: VTPM_CREATE_*; constant
 * @assurance: enum vtpm_assurance; constant
 * @pcr_banks: VTPM_BANK_*; constant
 * @memcg: memory cgroup of the creator, charged for what commands allocate;
 *	constant
 * @wait: woken when a response is there or was read, and when @life is GONE
 * @cdev: /dev/vtpmN; protected by control.c's vtpm_publish_lock
 * @vdpa: the vDPA device, with a reference of it, NULL if there is none; written
 *	under control.c's vtpm_publish_lock, whether there is one read anywhere
 * @life: written under vtpm_table_lock, read anywhere
 * @opened: somebody uses it, through /dev/vtpmN or the vDPA device; written under
 *	vtpm_table_lock, read anywhere
 * @lock: serializes commands, power changes and destruction
 * @tpm: the engine, NULL once destroyed; protected by @lock
 * @persist: the state file, NULL if it has none; protected by @lock
 * @powered: written under @lock, read anywhere
 * @locality: of the next command; written under @lock, read anywhere
 * @presence: physical presence is asserted; written under @lock, read anywhere
 * @rest: wipes secrets that @tpm has not used for a while (rest.c)
 * @snapshots: to know its own states again; the parts that change, under @lock
 * @rollbacks: how often one of the past was loaded; written under @lock, read
 *	anywhere
 * @rollbacks_told: how often the log says so
 * @hw_lock: held to use @hw without @lock
 * @hw: the chip's side, NULL if there is none; written under @lock and
 *	@hw_lock, read under either
 * @cancels: how often vtpm_cancel() was called; written under @hw_lock, read
 *	anywhere
 * @stats_lock: protects what follows
 * @usage: as of the last command or power change
 * @store: likewise, of the state file
 * @total: of all commands
 * @per_command: by vtpm2_command_index(); one more for unknown codes
 */
struct vtpm {
	struct kref kref;
	unsigned int number;
	uuid_t uuid;
	u32 flags;
	u32 assurance;
	u32 pcr_banks;
	struct mem_cgroup *memcg;
	wait_queue_head_t wait;

	struct vtpm_cdev *cdev;
	struct vtpm_vdpa *vdpa;

	enum vtpm_life life;
	bool opened;

	struct mutex lock;	/* before @hw_lock */
	struct vtpm2 *tpm;
	struct vtpm_persist *persist;
	bool powered;
	u8 locality;
	bool presence;
	struct delayed_work rest;
	struct vtpm_snapshots snapshots;
	u32 rollbacks;
	struct ratelimit_state rollbacks_told;

	struct mutex hw_lock;	/* before vtpm_table_lock */
	struct vtpm_hw *hw;
	unsigned int cancels;

	spinlock_t stats_lock;	/* innermost; protects all below */
	struct vtpm2_usage usage;
	struct vtpm_store_status store;
	struct vtpm_counters total;
	struct vtpm_counters *per_command;
};

/* Creation and destruction, by control.c alone. */
struct vtpm *vtpm_create(const struct vtpm_create *args);
struct vtpm *vtpm_create_again(struct vtpm_create *args);
void vtpm_publish(struct vtpm *vtpm);
struct vtpm *vtpm_retire(u32 number, bool force);
int vtpm_destroy(struct vtpm *vtpm, bool erase);
void vtpm_instance_exit(void);

struct vtpm *vtpm_get_number(u32 number);
struct vtpm *vtpm_get_next(u32 number);
struct vtpm *vtpm_get(struct vtpm *vtpm);
void vtpm_put(struct vtpm *vtpm);
unsigned int vtpm_count(void);

int vtpm_open(struct vtpm *vtpm, bool power);
void vtpm_close(struct vtpm *vtpm, bool power);

ssize_t vtpm_execute(struct vtpm *vtpm, const u8 *cmd, size_t len, u8 *rsp,
		     u32 instead);
int vtpm_wait_awake(struct vtpm *vtpm, u32 *instead);
int vtpm_set_power(struct vtpm *vtpm, u32 op, u32 flags);
int vtpm_measure(struct vtpm *vtpm, const struct vtpm_measure *args);
int vtpm_set_locality(struct vtpm *vtpm, u32 locality);
int vtpm_reset_established(struct vtpm *vtpm, u32 locality);
void vtpm_cancel(struct vtpm *vtpm);
int vtpm_get_state(struct vtpm *vtpm, struct vtpm_blob *args);
int vtpm_set_state(struct vtpm *vtpm, const struct vtpm_blob *args);
void vtpm_get_info(struct vtpm *vtpm, struct vtpm_info *info);
unsigned int vtpm_get_stats(struct vtpm *vtpm, struct vtpm_stat *rows);
unsigned int vtpm_stats_max(void);

/* For operation.c: the one user of it. */
int vtpm_claim(struct vtpm *vtpm);
void vtpm_unclaim(struct vtpm *vtpm);

/* From usage.c. */
void vtpm_update_usage(struct vtpm *vtpm);
void vtpm_account(struct vtpm *vtpm, u32 cc, const u8 *rsp, u64 chip, u64 ns);

/* For blob.c: one that is not gone, or -ENODEV, -EINTR. */
int vtpm_lock(struct vtpm *vtpm);
void vtpm_unlock(struct vtpm *vtpm);
int vtpm_replace_engine(struct vtpm *vtpm, const struct vtpm_plain *plain);

static inline bool vtpm_is_gone(const struct vtpm *vtpm)
{
	return READ_ONCE(vtpm->life) == VTPM_LIFE_GONE;
}

#endif
