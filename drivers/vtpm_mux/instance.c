// SPDX-License-Identifier: GPL-2.0
/*
 * One virtual TPM and the table of all of them.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/err.h>
#include <linux/kernel.h>
#include <linux/memcontrol.h>
#include <linux/printk.h>
#include <linux/sched/mm.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/xarray.h>

#include "instance.h"
#include "make.h"
#include "persist.h"
#include "rest.h"
#include "tell.h"
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
	vtpm_tell_init(&vtpm->rollbacks_told);
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
	/* A wrong guess counts, also if its time was well chosen. */
	vtpm2_txn_flush(vtpm->tpm);
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

/* There is one user at a time: -EBUSY someone else is, -ENODEV it is gone. */
int vtpm_claim(struct vtpm *vtpm)
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

void vtpm_unclaim(struct vtpm *vtpm)
{
	mutex_lock(&vtpm_table_lock);
	WRITE_ONCE(vtpm->opened, false);
	mutex_unlock(&vtpm_table_lock);
}

/* The table is empty by now. */
void vtpm_instance_exit(void)
{
	WARN_ON(!xa_empty(&vtpm_table));
	xa_destroy(&vtpm_table);
}
