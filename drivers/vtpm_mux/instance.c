// SPDX-License-Identifier: GPL-2.0
/*
 * One virtual TPM and the table of all of them.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/err.h>
#include <linux/jiffies.h>
#include <linux/kernel.h>
#include <linux/ktime.h>
#include <linux/memcontrol.h>
#include <linux/printk.h>
#include <linux/sched/mm.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/unaligned.h>
#include <linux/xarray.h>

#include "instance.h"
#include "make.h"
#include "persist.h"
#include "rest.h"
#include "tpm2/types.h"
#include "trace.h"

static DEFINE_MUTEX(vtpm_table_lock);
/* By number; protected by vtpm_table_lock, as is the count. */
static DEFINE_XARRAY_ALLOC(vtpm_table);
static unsigned int vtpm_table_count;

static struct vtpm *vtpm_alloc(const struct vtpm_create *args)
{
	struct vtpm *vtpm;

	vtpm = kzalloc(sizeof(*vtpm), GFP_KERNEL_ACCOUNT);
	if (!vtpm)
		return NULL;
	vtpm->per_command = kvcalloc(vtpm_stats_max(),
				     sizeof(*vtpm->per_command),
				     GFP_KERNEL_ACCOUNT);
	if (!vtpm->per_command) {
		kfree(vtpm);
		return NULL;
	}
	kref_init(&vtpm->kref);
	vtpm->flags = args->flags & ~(VTPM_CREATE_NUMBER | VTPM_OPEN_ACCEPT);
	vtpm->assurance = args->assurance;
	vtpm->pcr_banks = args->pcr_banks;
	import_uuid(&vtpm->uuid, args->uuid);
	if (uuid_is_null(&vtpm->uuid))
		uuid_gen(&vtpm->uuid);
	vtpm->memcg = get_mem_cgroup_from_mm(current->mm);
	vtpm_snapshots_init(&vtpm->snapshots, &vtpm->uuid);
	init_waitqueue_head(&vtpm->wait);
	mutex_init(&vtpm->lock);
	mutex_init(&vtpm->hw_lock);
	spin_lock_init(&vtpm->stats_lock);
	vtpm_rest_setup(vtpm);
	return vtpm;
}

/* The last reference is gone; so are, since long, the keys. */
static void vtpm_free(struct kref *kref)
{
	struct vtpm *vtpm = container_of(kref, struct vtpm, kref);

	mem_cgroup_put(vtpm->memcg);
	kvfree(vtpm->per_command);
	kfree_sensitive(vtpm);
}

struct vtpm *vtpm_get(struct vtpm *vtpm)
{
	kref_get(&vtpm->kref);
	return vtpm;
}

void vtpm_put(struct vtpm *vtpm)
{
	kref_put(&vtpm->kref, vtpm_free);
}

static int vtpm_table_insert(struct vtpm *vtpm, const struct vtpm_create *args)
{
	const struct xa_limit limit = XA_LIMIT(0, VTPM_MAX_INSTANCES - 1);
	unsigned long index;
	struct vtpm *other;
	u32 number;
	int rc;

	xa_for_each(&vtpm_table, index, other)
		if (uuid_equal(&other->uuid, &vtpm->uuid))
			return -EEXIST;

	if (args->flags & VTPM_CREATE_NUMBER) {
		number = args->number;
		rc = xa_insert(&vtpm_table, number, vtpm, GFP_KERNEL);
		if (rc == -EBUSY)
			rc = -EEXIST;
	} else {
		rc = xa_alloc(&vtpm_table, &number, vtpm, limit, GFP_KERNEL);
		if (rc == -EBUSY)
			rc = -ENOSPC;
	}
	if (rc)
		return rc;
	vtpm->number = number;
	vtpm_table_count++;
	return 0;
}

/* Reserves the number and the UUID, before the chip spends time on keys. */
static int vtpm_table_add(struct vtpm *vtpm, const struct vtpm_create *args)
{
	int rc;

	mutex_lock(&vtpm_table_lock);
	rc = vtpm_table_insert(vtpm, args);
	mutex_unlock(&vtpm_table_lock);
	return rc;
}

static void vtpm_table_del(struct vtpm *vtpm)
{
	mutex_lock(&vtpm_table_lock);
	xa_erase(&vtpm_table, vtpm->number);
	vtpm_table_count--;
	mutex_unlock(&vtpm_table_lock);
}

/* Room that the instance layer itself takes. */
static u32 vtpm_own_bytes(void)
{
	return sizeof(struct vtpm) +
	       vtpm_stats_max() * sizeof(struct vtpm_counters);
}

/* What the engine and the state file take. Called under @vtpm->lock, with both. */
static void vtpm_get_usage(struct vtpm *vtpm, struct vtpm2_usage *usage,
			   struct vtpm_store_status *store)
{
	vtpm2_get_usage(vtpm->tpm, usage);
	*store = (struct vtpm_store_status){};
	if (vtpm->persist) {
		vtpm_persist_get_status(vtpm->persist, store);
		usage->bytes += vtpm_persist_bytes(vtpm->persist);
	}
}

/* Called under @vtpm->lock, with an engine. */
static void vtpm_update_usage(struct vtpm *vtpm)
{
	struct vtpm_store_status store;
	struct vtpm2_usage usage;

	vtpm_get_usage(vtpm, &usage, &store);
	spin_lock(&vtpm->stats_lock);
	vtpm->usage = usage;
	vtpm->store = store;
	spin_unlock(&vtpm->stats_lock);
}

/* With a place in the table; then what it consists of is made. */
static struct vtpm *vtpm_add(const struct vtpm_create *args, struct vtpm_persist *persist)
{
	struct vtpm *vtpm;
	int rc;

	vtpm = vtpm_alloc(args);
	if (!vtpm)
		return ERR_PTR(-ENOMEM);
	vtpm->persist = persist;
	rc = vtpm_table_add(vtpm, args);
	if (rc) {
		vtpm_put(vtpm);
		return ERR_PTR(rc);
	}
	return vtpm;
}

/* It has all that it consists of, or (@rc) nothing. */
static struct vtpm *vtpm_made(struct vtpm *vtpm, int rc)
{
	if (!rc) {
		if (vtpm->persist)
			vtpm_persist_blob_key(vtpm->persist,
					      vtpm->snapshots.key);
		vtpm_update_usage(vtpm);
		return vtpm;
	}
	vtpm_table_del(vtpm);
	vtpm_put(vtpm);
	return ERR_PTR(rc);
}

/**
 * vtpm_create() - make a vTPM
 * @args: what it shall be; the caller has checked the ranges
 *
 * It is NEW, powered off, and cannot be found by its number until
 * vtpm_publish(). May take seconds.
 *
 * Return: the vTPM with one reference, which vtpm_destroy() drops; or an
 * ERR_PTR of the errors of VTPM_MUX_IOC_CREATE.
 */
struct vtpm *vtpm_create(const struct vtpm_create *args)
{
	struct vtpm_persist *persist = NULL;
	struct vtpm *vtpm;

	if (args->flags & VTPM_CREATE_STATE) {
		persist = vtpm_persist_get(args->state_fd);
		if (IS_ERR(persist))
			return ERR_CAST(persist);
	}
	vtpm = vtpm_add(args, persist);
	if (!IS_ERR(vtpm))
		vtpm = vtpm_made(vtpm, vtpm_make_new(vtpm));
	if (IS_ERR(vtpm)) {
		vtpm_persist_put(persist);
		return vtpm;
	}
	trace_vtpm_create(vtpm->number, &vtpm->uuid, vtpm->assurance, persist);
	pr_info("vtpm%u: created, UUID %pUb%s\n", vtpm->number, &vtpm->uuid,
		persist ? ", with a state file" : "");
	return vtpm;
}

/* @args as for vtpm_create(), with what the file says filled in. */
static struct vtpm *vtpm_open_persist(struct vtpm_create *args, struct vtpm_persist *persist)
{
	bool accept = args->flags & VTPM_OPEN_ACCEPT;
	struct vtpm_store_identity *id;
	struct vtpm *vtpm;
	int rc;

	id = kzalloc(sizeof(*id), GFP_KERNEL_ACCOUNT);
	if (!id)
		return ERR_PTR(-ENOMEM);
	rc = vtpm_persist_identify(persist, id, args->uuid);
	if (rc) {
		vtpm = ERR_PTR(rc);
		goto out;
	}
	memcpy(args->uuid, id->uuid, sizeof(args->uuid));
	args->assurance = id->assurance;
	args->pcr_banks = id->pcr_banks;
	vtpm = vtpm_add(args, persist);
	if (!IS_ERR(vtpm))
		vtpm = vtpm_made(vtpm, vtpm_make_again(vtpm, id, accept));
out:
	kfree_sensitive(id);
	return vtpm;
}

/**
 * vtpm_create_again() - make a vTPM from its state file
 * @args: @flags, @number and @state_fd of what it shall be, and the UUID that it
 *	must have, or zero; the rest is filled in
 *
 * Return: as vtpm_create(), with the errors of VTPM_MUX_IOC_OPEN.
 */
struct vtpm *vtpm_create_again(struct vtpm_create *args)
{
	struct vtpm_persist *persist;
	struct vtpm *vtpm;

	persist = vtpm_persist_get(args->state_fd);
	if (IS_ERR(persist))
		return ERR_CAST(persist);
	vtpm = vtpm_open_persist(args, persist);
	if (IS_ERR(vtpm)) {
		vtpm_persist_put(persist);
		return vtpm;
	}
	trace_vtpm_open(vtpm->number, &vtpm->uuid, vtpm->assurance, persist);
	pr_info("vtpm%u: opened, UUID %pUb\n", vtpm->number, &vtpm->uuid);
	return vtpm;
}

/**
 * vtpm_publish() - let a NEW vTPM be found by its number
 * @vtpm: the vTPM
 */
void vtpm_publish(struct vtpm *vtpm)
{
	mutex_lock(&vtpm_table_lock);
	WRITE_ONCE(vtpm->life, VTPM_LIFE_LIVE);
	mutex_unlock(&vtpm_table_lock);
}

/**
 * vtpm_retire() - begin to destroy a vTPM
 * @number: which
 * @force: also where it is open
 *
 * From here on it cannot be found or opened, and everything that is done with
 * an open one fails with -ENODEV. Pollers are woken.
 *
 * Return: the vTPM with a reference more, -ENOENT, or -EBUSY if it is open.
 */
struct vtpm *vtpm_retire(u32 number, bool force)
{
	struct vtpm *vtpm;

	mutex_lock(&vtpm_table_lock);
	vtpm = xa_load(&vtpm_table, number);
	if (!vtpm || vtpm->life != VTPM_LIFE_LIVE) {
		vtpm = ERR_PTR(-ENOENT);
	} else if (vtpm->opened && !force) {
		vtpm = ERR_PTR(-EBUSY);
	} else {
		WRITE_ONCE(vtpm->life, VTPM_LIFE_GONE);
		vtpm_get(vtpm);
		wake_up_all(&vtpm->wait);
	}
	mutex_unlock(&vtpm_table_lock);
	return vtpm;
}

static void vtpm_tell_end(const struct vtpm *vtpm, bool kept, int rc)
{
	if (kept)
		trace_vtpm_close(vtpm->number, rc);
	else
		trace_vtpm_destroy(vtpm->number, rc);
	pr_info("vtpm%u: %s\n", vtpm->number, kept ? "closed" : "destroyed");
}

/**
 * vtpm_destroy() - wipe a vTPM that is retired, or was never published
 * @vtpm: the vTPM; no front end starts anything new on it
 * @erase: the state file too, if it has one: it could be opened again otherwise
 *
 * Waits for the command under way, after asking the chip to give it up. Then
 * the keys and the state are gone and the number is free. Drops the reference
 * of vtpm_create().
 *
 * Return: 0, or why the state file could not be erased.
 */
int vtpm_destroy(struct vtpm *vtpm, bool erase)
{
	struct vtpm_persist *persist;
	struct vtpm_hw *hw;
	int rc = 0;

	vtpm_cancel(vtpm);

	mutex_lock(&vtpm->lock);
	vtpm2_destroy(vtpm->tpm);
	vtpm->tpm = NULL;
	WRITE_ONCE(vtpm->powered, false);
	mutex_lock(&vtpm->hw_lock);
	hw = vtpm->hw;
	vtpm->hw = NULL;
	mutex_unlock(&vtpm->hw_lock);
	persist = vtpm->persist;
	vtpm->persist = NULL;
	mutex_unlock(&vtpm->lock);

	vtpm_rest_end(vtpm);
	if (persist && erase)
		rc = vtpm_persist_erase(persist);
	else if (persist)
		vtpm_persist_close(persist);
	vtpm_tell_end(vtpm, persist && !erase, rc);
	vtpm_persist_put(persist);
	if (hw)
		vtpm_hw_destroy(hw);
	vtpm_table_del(vtpm);
	vtpm_put(vtpm);
	return rc;
}

/**
 * vtpm_get_next() - find a vTPM
 * @number: where to begin to look
 *
 * Return: the LIVE vTPM with the lowest number not below @number, with a
 * reference; or NULL.
 */
struct vtpm *vtpm_get_next(u32 number)
{
	struct vtpm *vtpm, *found = NULL;
	unsigned long index;

	mutex_lock(&vtpm_table_lock);
	xa_for_each_start(&vtpm_table, index, vtpm, number) {
		if (vtpm->life == VTPM_LIFE_LIVE) {
			found = vtpm_get(vtpm);
			break;
		}
	}
	mutex_unlock(&vtpm_table_lock);
	return found;
}

/**
 * vtpm_get_number() - find a vTPM
 * @number: its number
 *
 * Return: the LIVE vTPM with a reference, or NULL.
 */
struct vtpm *vtpm_get_number(u32 number)
{
	struct vtpm *vtpm;

	mutex_lock(&vtpm_table_lock);
	vtpm = xa_load(&vtpm_table, number);
	if (vtpm && vtpm->life == VTPM_LIFE_LIVE)
		vtpm_get(vtpm);
	else
		vtpm = NULL;
	mutex_unlock(&vtpm_table_lock);
	return vtpm;
}

/* How many there are, being made and being destroyed included. */
unsigned int vtpm_count(void)
{
	unsigned int count;

	mutex_lock(&vtpm_table_lock);
	count = vtpm_table_count;
	mutex_unlock(&vtpm_table_lock);
	return count;
}

/* Called under @vtpm->lock, with an engine. */
static void vtpm_power_down(struct vtpm *vtpm)
{
	if (!vtpm->powered)
		return;
	vtpm2_power_off(vtpm->tpm);
	if (vtpm->persist)
		vtpm_persist_power_off(vtpm->persist);
	WRITE_ONCE(vtpm->powered, false);
	WRITE_ONCE(vtpm->presence, false);
	WRITE_ONCE(vtpm->locality, 0);
	trace_vtpm_power(vtpm->number, false);
}

static void vtpm_power_up(struct vtpm *vtpm)
{
	if (vtpm->powered)
		return;
	vtpm2_power_on(vtpm->tpm);
	WRITE_ONCE(vtpm->powered, true);
	WRITE_ONCE(vtpm->locality, 0);
	trace_vtpm_power(vtpm->number, true);
}

/* Takes @vtpm->lock unless killed or gone. */
int vtpm_lock(struct vtpm *vtpm)
{
	if (mutex_lock_killable(&vtpm->lock))
		return -EINTR;
	if (vtpm->tpm && !vtpm_is_gone(vtpm))
		return 0;
	mutex_unlock(&vtpm->lock);
	return -ENODEV;
}

void vtpm_unlock(struct vtpm *vtpm)
{
	mutex_unlock(&vtpm->lock);
}

/**
 * vtpm_replace_engine() - let a vTPM have another state
 * @vtpm: the vTPM, locked and powered off; with a volatile state it is on then
 * @plain: the state
 *
 * Return: 0; those of vtpm_make_other().
 */
int vtpm_replace_engine(struct vtpm *vtpm, const struct vtpm_plain *plain)
{
	struct mem_cgroup *memcg;
	struct vtpm2 *t;

	memcg = set_active_memcg(vtpm->memcg);
	t = vtpm_make_other(vtpm, plain);
	set_active_memcg(memcg);
	if (IS_ERR(t))
		return PTR_ERR(t);
	vtpm2_destroy(vtpm->tpm);
	vtpm->tpm = t;
	vtpm2_set_presence(t, false);
	WRITE_ONCE(vtpm->powered, plain->type == VTPM_BLOB_VOLATILE);
	WRITE_ONCE(vtpm->locality, 0);
	vtpm_update_usage(vtpm);
	return 0;
}

static int vtpm_claim(struct vtpm *vtpm)
{
	int rc = 0;

	mutex_lock(&vtpm_table_lock);
	if (vtpm->life == VTPM_LIFE_GONE)
		rc = -ENODEV;
	else if (vtpm->opened)
		rc = -EBUSY;
	else
		WRITE_ONCE(vtpm->opened, true);
	mutex_unlock(&vtpm_table_lock);
	return rc;
}

static void vtpm_unclaim(struct vtpm *vtpm)
{
	mutex_lock(&vtpm_table_lock);
	WRITE_ONCE(vtpm->opened, false);
	mutex_unlock(&vtpm_table_lock);
}

/**
 * vtpm_open() - become the one user of a vTPM
 * @vtpm: the vTPM
 * @power: this is what VTPM_CREATE_POWER_FOLLOWS_OPEN means
 *
 * Return: 0; -EBUSY someone else is, -ENODEV it is gone, -EINTR killed.
 */
int vtpm_open(struct vtpm *vtpm, bool power)
{
	int rc;

	rc = vtpm_claim(vtpm);
	if (rc)
		return rc;
	rc = vtpm_lock(vtpm);
	if (rc) {
		vtpm_unclaim(vtpm);
		return rc;
	}
	WRITE_ONCE(vtpm->locality, 0);
	if (power && vtpm->flags & VTPM_CREATE_POWER_FOLLOWS_OPEN) {
		vtpm_power_down(vtpm);
		vtpm_power_up(vtpm);
		vtpm_update_usage(vtpm);
	}
	mutex_unlock(&vtpm->lock);
	return 0;
}

/**
 * vtpm_close() - undo vtpm_open()
 * @vtpm: the vTPM
 * @power: as it was opened
 */
void vtpm_close(struct vtpm *vtpm, bool power)
{
	if (power && vtpm->flags & VTPM_CREATE_POWER_FOLLOWS_OPEN) {
		mutex_lock(&vtpm->lock);
		if (vtpm->tpm) {
			vtpm_power_down(vtpm);
			vtpm_update_usage(vtpm);
		}
		mutex_unlock(&vtpm->lock);
	}
	vtpm_unclaim(vtpm);
}

static void vtpm_counters_add(struct vtpm_counters *c, bool error, u64 chip,
			      u64 ns)
{
	c->count++;
	c->errors += error;
	c->chip_commands += chip;
	c->ns += ns;
	c->ns_max = max(c->ns_max, ns);
}

/* Called under @vtpm->lock. @len is what the engine returned: at least 10. */
static void vtpm_account(struct vtpm *vtpm, u32 cc, const u8 *rsp, u64 chip,
			 u64 ns)
{
	bool error = get_unaligned_be32(rsp + 6) != TPM2_RC_SUCCESS;
	int index = vtpm2_command_index(cc);
	struct vtpm_store_status store;
	struct vtpm2_usage usage;

	if (index < 0)
		index = vtpm2_command_count();
	vtpm_get_usage(vtpm, &usage, &store);

	spin_lock(&vtpm->stats_lock);
	vtpm->usage = usage;
	vtpm->store = store;
	vtpm_counters_add(&vtpm->total, error, chip, ns);
	vtpm_counters_add(&vtpm->per_command[index], error, chip, ns);
	spin_unlock(&vtpm->stats_lock);
}

/**
 * vtpm_execute() - run one command
 * @vtpm: the vTPM
 * @cmd: the command as it came from the guest
 * @len: its length, any
 * @rsp: VTPM2_MAX_RESPONSE bytes, not overlapping @cmd
 * @instead: 0, or what to answer instead of -EAGAIN
 *
 * Waits for whatever is under way. TPM_RC_RETRY is never an answer: few clients
 * know what to do then.
 *
 * Return: the response's length; -ENODEV the vTPM is gone, -EINTR killed
 * while waiting; -EAGAIN the host is about to sleep, and nothing has changed:
 * call vtpm_wait_awake(), then this again.
 */
ssize_t vtpm_execute(struct vtpm *vtpm, const u8 *cmd, size_t len, u8 *rsp,
		     u32 instead)
{
	struct mem_cgroup *memcg;
	u64 start, chip;
	size_t n;
	u32 cc;
	int rc;

	rc = vtpm_lock(vtpm);
	if (rc)
		return rc;
	cc = len >= 10 ? get_unaligned_be32(cmd + 6) : 0;
	chip = vtpm->hw ? vtpm_hw_commands(vtpm->hw) : 0;
	start = ktime_get_ns();

	if (vtpm->powered)
		vtpm_snapshots_move(&vtpm->snapshots);
	/* A worker runs commands too: charge the creator, not the worker. */
	memcg = set_active_memcg(vtpm->memcg);
	n = vtpm2_execute(vtpm->tpm, vtpm->locality, cmd, len, rsp);
	set_active_memcg(memcg);
	if (vtpm2_needs_rest(vtpm->tpm))
		vtpm_rest_later(vtpm);

	if (get_unaligned_be32(rsp + 6) == TPM2_RC_RETRY) {
		if (!instead) {
			mutex_unlock(&vtpm->lock);
			return -EAGAIN;
		}
		put_unaligned_be32(instead, rsp + 6);
	}
	if (vtpm->hw)
		chip = vtpm_hw_commands(vtpm->hw) - chip;
	vtpm_account(vtpm, cc, rsp, chip, ktime_get_ns() - start);
	mutex_unlock(&vtpm->lock);
	return n;
}

/* How long a command waits for the host to sleep, or not to; and in turns. */
#define VTPM_AWAKE_TIMEOUT	(30 * HZ)
#define VTPM_AWAKE_TURN		(HZ / 4)

/**
 * vtpm_wait_awake() - wait until the host is no longer about to sleep
 * @vtpm: the vTPM
 * @instead: for vtpm_execute(): TPM_RC_CANCELED if vtpm_cancel() was called,
 *	TPM_RC_FAILURE if the host takes too long about it
 *
 * To be called without locks: a thread that is to be frozen leaves.
 *
 * Return: 0: call vtpm_execute() again; -ERESTARTNOINTR: as a system call's
 * result it lets the thread freeze, or handle a signal, and begin anew.
 */
int vtpm_wait_awake(struct vtpm *vtpm, u32 *instead)
{
	unsigned int cancels = READ_ONCE(vtpm->cancels);
	unsigned long end = jiffies + VTPM_AWAKE_TIMEOUT;
	int rc;

	do {
		rc = vtpm_hw_wait_awake(VTPM_AWAKE_TURN);
		if (rc != -ETIMEDOUT || vtpm_is_gone(vtpm))
			return rc == -ETIMEDOUT ? 0 : rc;
		if (READ_ONCE(vtpm->cancels) != cancels) {
			*instead = TPM2_RC_CANCELED;
			return 0;
		}
	} while (time_before(jiffies, end));
	*instead = TPM2_RC_FAILURE;
	return 0;
}

/**
 * vtpm_set_power() - power on, power off or reset
 * @vtpm: the vTPM
 * @op: enum vtpm_power_op
 * @flags: VTPM_POWER_*
 *
 * Return: 0; -EINVAL, -ENODEV gone, -EINTR killed while waiting.
 */
int vtpm_set_power(struct vtpm *vtpm, u32 op, u32 flags)
{
	bool presence = flags & VTPM_POWER_PRESENCE;
	int rc;

	if (op > VTPM_POWER_RESET || flags & ~VTPM_POWER_PRESENCE ||
	    (op == VTPM_POWER_OFF && presence))
		return -EINVAL;
	rc = vtpm_lock(vtpm);
	if (rc)
		return rc;
	if (op != VTPM_POWER_ON)
		vtpm_power_down(vtpm);
	if (op != VTPM_POWER_OFF) {
		vtpm_power_up(vtpm);
		vtpm2_set_presence(vtpm->tpm, presence);
		WRITE_ONCE(vtpm->presence, presence);
	}
	vtpm_update_usage(vtpm);
	mutex_unlock(&vtpm->lock);
	return 0;
}

/* The parts of an event sequence that @flags ask for, in their order. */
static int vtpm_measure_part(struct vtpm *vtpm, u32 flags, const void *data,
			     size_t len)
{
	if (flags & VTPM_MEASURE_START && !vtpm2_hash_start(vtpm->tpm))
		return -EINVAL;
	if (!vtpm2_hash_data(vtpm->tpm, data, len))
		return -EINVAL;
	return flags & VTPM_MEASURE_END ? vtpm2_hash_end(vtpm->tpm) : 0;
}

/**
 * vtpm_measure() - measure into PCR[0] or PCR[17]
 * @vtpm: the vTPM
 * @args: from user space
 *
 * Return: 0; -EINVAL, -EFAULT, -ENOMEM, -EHOSTDOWN powered off, -EIO the state
 * cannot be made durable, -ENODEV gone, -EINTR killed while waiting.
 */
int vtpm_measure(struct vtpm *vtpm, const struct vtpm_measure *args)
{
	void *data = NULL;
	int rc;

	if (args->flags & ~(VTPM_MEASURE_START | VTPM_MEASURE_END) ||
	    args->len > VTPM_MEASURE_MAX)
		return -EINVAL;
	if (args->len) {
		data = vmemdup_user(u64_to_user_ptr(args->data), args->len);
		if (IS_ERR(data))
			return PTR_ERR(data);
	}
	rc = vtpm_lock(vtpm);
	if (rc)
		goto out;
	vtpm_snapshots_move(&vtpm->snapshots);
	if (!vtpm->powered)
		rc = -EHOSTDOWN;
	else
		rc = vtpm_measure_part(vtpm, args->flags, data, args->len);
	vtpm_update_usage(vtpm);
	mutex_unlock(&vtpm->lock);
out:
	kvfree(data);
	return rc;
}

/**
 * vtpm_set_locality() - choose the locality of the commands to come
 * @vtpm: the vTPM
 * @locality: 0..4
 *
 * Return: 0; -EINVAL, -ENODEV gone, -EINTR killed while waiting.
 */
int vtpm_set_locality(struct vtpm *vtpm, u32 locality)
{
	int rc;

	if (locality > 4)
		return -EINVAL;
	rc = vtpm_lock(vtpm);
	if (rc)
		return rc;
	WRITE_ONCE(vtpm->locality, locality);
	mutex_unlock(&vtpm->lock);
	return 0;
}

/**
 * vtpm_reset_established() - forget that something was measured by the host
 * @vtpm: the vTPM
 * @locality: of who wants it
 *
 * Return: 0; -EACCES not from there, -EHOSTDOWN powered off, -EIO the state
 * cannot be made durable, -ENODEV gone, -EINTR killed while waiting.
 */
int vtpm_reset_established(struct vtpm *vtpm, u32 locality)
{
	int rc;

	if (locality != 3 && locality != 4)
		return -EACCES;
	rc = vtpm_lock(vtpm);
	if (rc)
		return rc;
	vtpm_snapshots_move(&vtpm->snapshots);
	if (!vtpm->powered)
		rc = -EHOSTDOWN;
	else if (!vtpm2_reset_established(vtpm->tpm))
		rc = -EIO;
	vtpm_update_usage(vtpm);
	mutex_unlock(&vtpm->lock);
	return rc;
}

/**
 * vtpm_cancel() - make the chip give up what it does for a vTPM
 * @vtpm: the vTPM
 *
 * Does not wait for the command under way.
 */
void vtpm_cancel(struct vtpm *vtpm)
{
	mutex_lock(&vtpm->hw_lock);
	WRITE_ONCE(vtpm->cancels, vtpm->cancels + 1);
	if (vtpm->hw)
		vtpm_hw_cancel(vtpm->hw);
	mutex_unlock(&vtpm->hw_lock);
}

/**
 * vtpm_get_info() - describe a vTPM
 * @vtpm: the vTPM
 * @info: filled in, but for its size
 */
void vtpm_get_info(struct vtpm *vtpm, struct vtpm_info *info)
{
	struct vtpm_store_status store;
	struct vtpm_counters total;
	struct vtpm2_usage usage;

	spin_lock(&vtpm->stats_lock);
	usage = vtpm->usage;
	store = vtpm->store;
	total = vtpm->total;
	spin_unlock(&vtpm->stats_lock);

	info->number = vtpm->number;
	export_uuid(info->uuid, &vtpm->uuid);
	info->flags = vtpm->flags;
	info->assurance = vtpm->assurance;
	info->pcr_banks = vtpm->pcr_banks;
	info->state = 0;
	if (READ_ONCE(vtpm->powered))
		info->state |= VTPM_STATE_POWERED;
	if (usage.started)
		info->state |= VTPM_STATE_STARTED;
	if (usage.established)
		info->state |= VTPM_STATE_ESTABLISHED;
	if (READ_ONCE(vtpm->opened))
		info->state |= VTPM_STATE_OPEN;
	if (READ_ONCE(vtpm->presence))
		info->state |= VTPM_STATE_PRESENCE;
	if (READ_ONCE(vtpm->vdpa))
		info->state |= VTPM_STATE_VDPA;
	info->locality = READ_ONCE(vtpm->locality);
	info->objects = usage.objects;
	info->persistent = usage.persistent;
	info->sessions = usage.sessions;
	info->nv_indices = usage.nv_indices;
	info->hardware = usage.hardware;
	info->sealed = usage.sealed;
	info->software = usage.software;
	info->rollbacks = READ_ONCE(vtpm->rollbacks);
	info->memory = usage.bytes + vtpm_own_bytes();
	info->commands = total.count;
	info->errors = total.errors;
	info->chip_commands = total.chip_commands;
	info->ns = total.ns;
	info->state_generation = (u32)store.position.generation;
	info->state_accepted = store.position.generation >> VTPM_STORE_LIFE;
	info->state_commits = store.commits;
	info->state_journal = store.journal;
	info->state_room = store.room;
}

/* Rows that vtpm_get_stats() can write. */
unsigned int vtpm_stats_max(void)
{
	return vtpm2_command_count() + 1;
}

static bool vtpm_stat_fill(struct vtpm_stat *row, u32 cc,
			   const struct vtpm_counters *c)
{
	if (!c->count)
		return false;
	*row = (struct vtpm_stat){
		.cc = cc,
		.count = c->count,
		.errors = c->errors,
		.chip_commands = c->chip_commands,
		.ns = c->ns,
		.ns_max = c->ns_max,
	};
	return true;
}

/**
 * vtpm_get_stats() - what each command did so far
 * @vtpm: the vTPM
 * @rows: room for vtpm_stats_max() rows
 *
 * Return: the number of rows written. Commands not seen have none; unknown
 * codes share the first row, with the code 0.
 */
unsigned int vtpm_get_stats(struct vtpm *vtpm, struct vtpm_stat *rows)
{
	unsigned int i, n = 0, known = vtpm2_command_count();

	spin_lock(&vtpm->stats_lock);
	n += vtpm_stat_fill(&rows[n], 0, &vtpm->per_command[known]);
	for (i = 0; i < known; i++)
		n += vtpm_stat_fill(&rows[n], vtpm2_command_code(i),
				    &vtpm->per_command[i]);
	spin_unlock(&vtpm->stats_lock);
	return n;
}

/* The table is empty by now. */
void vtpm_instance_exit(void)
{
	WARN_ON(!xa_empty(&vtpm_table));
	xa_destroy(&vtpm_table);
}
