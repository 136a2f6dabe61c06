// SPDX-License-Identifier: GPL-2.0
/*
 * State files in use, and what the ledger says of them.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/errno.h>
#include <linux/minmax.h>
#include <linux/printk.h>
#include <linux/string.h>

#include "anchor_held.h"

static struct vtpm_anchor_held *const held = &vtpm_anchor_held;

void vtpm_anchor_move(struct vtpm_anchored *a, const struct vtpm_store *store)
{
	struct vtpm_store_status status;

	if (!a->listed || a->entry < 0)
		return;
	vtpm_store_get_status(store, &status);
	spin_lock(&held->fast);
	a->reached = status.position;
	spin_unlock(&held->fast);
	vtpm_anchor_settle_later(VTPM_ANCHOR_WRITE_AFTER, false);
}

void vtpm_anchor_hurry(const struct vtpm_anchored *a)
{
	if (!a->listed || a->entry < 0)
		return;
	vtpm_anchor_settle_later(0, true);
}

/* @a is in use, and known as @entry. */
static void anchor_list(struct vtpm_anchored *a, int entry, const struct vtpm_store *store)
{
	struct vtpm_store_status status;

	vtpm_store_get_status(store, &status);
	a->entry = entry;
	a->reached = status.position;
	a->listed = true;
	list_add(&a->node, &held->files);
	held->count++;
}

/* What the ledger calls a file, and how far that has come. */
struct anchor_file {
	u8 id[VTPM_STATE_ID_SIZE];
	u8 uuid[UUID_SIZE];
	struct vtpm_position at;
};

static struct anchor_file anchor_file(const uuid_t *uuid, const struct vtpm_store *store)
{
	struct vtpm_store_status status;
	struct anchor_file file;

	vtpm_store_get_id(store, file.id);
	export_uuid(file.uuid, uuid);
	vtpm_store_get_status(store, &status);
	file.at = status.position;
	return file;
}

/* -ENOBUFS: it is full. -ENOSPC would say so of a disk. */
static int anchor_add(const struct anchor_file *file, const struct vtpm_position *floor)
{
	int entry = vtpm_ledger_add(held->ledger, file->id, file->uuid, floor);

	return entry == -ENOSPC ? -ENOBUFS : entry;
}

static int anchor_ready(void)
{
	return held->ledger ? 0 : -VTPM_STORE_ENOLEDGER;
}

static int anchor_ready_for(const uuid_t *uuid)
{
	u8 bytes[UUID_SIZE];
	int rc = anchor_ready();

	export_uuid(bytes, uuid);
	if (!rc && vtpm_ledger_find_vtpm(held->ledger, bytes) >= 0)
		rc = -VTPM_STORE_EKNOWN;
	return rc;
}

int vtpm_anchor_ready(const uuid_t *uuid)
{
	int rc;

	mutex_lock(&held->lock);
	rc = anchor_ready_for(uuid);
	mutex_unlock(&held->lock);
	return rc;
}

static int enter_file(struct vtpm_anchored *a, const uuid_t *uuid, struct vtpm_store *store)
{
	struct anchor_file file = anchor_file(uuid, store);
	int entry = anchor_add(&file, &file.at), rc;

	if (entry < 0)
		return entry;
	rc = vtpm_anchor_settle(false);
	if (rc) {
		vtpm_ledger_remove(held->ledger, entry);
		vtpm_anchor_publish();
	} else {
		anchor_list(a, entry, store);
	}
	return rc;
}

int vtpm_anchor_enter(struct vtpm_anchored *a, const uuid_t *uuid, struct vtpm_store *store)
{
	int rc;

	mutex_lock(&held->lock);
	rc = anchor_ready_for(uuid);
	if (!rc)
		rc = enter_file(a, uuid, store);
	mutex_unlock(&held->lock);
	return rc;
}

/* What the ledger knows of the vTPM of @file: of that, or of another one. */
static bool anchor_known(const struct anchor_file *file, struct anchor_file *known)
{
	int entry = vtpm_ledger_find_vtpm(held->ledger, file->uuid);

	if (entry < 0)
		return false;
	*known = *file;
	vtpm_ledger_get_id(held->ledger, entry, known->id);
	known->at = vtpm_ledger_floor(held->ledger, entry);
	return true;
}

/* The ledger says that the file has come to @floor, and counts it. The entry, or -errno. */
static int accept_in_ledger(int entry, const struct anchor_file *file,
			    const struct vtpm_position *floor)
{
	struct anchor_file before;
	const bool known = anchor_known(file, &before);
	int rc;

	if (entry >= 0)
		vtpm_ledger_raise(held->ledger, entry, floor);
	else
		entry = anchor_add(file, floor);
	if (entry < 0)
		return entry;
	vtpm_ledger_count_accepted(held->ledger);
	rc = vtpm_anchor_settle(true);
	if (!rc)
		return entry;
	/* What is the newest is so still, and nothing was accepted. */
	vtpm_ledger_uncount_accepted(held->ledger);
	vtpm_ledger_remove(held->ledger, entry);
	if (known)
		/* In a place that has just become free: this does not fail. */
		anchor_add(&before, &before.at);
	vtpm_anchor_publish();
	return rc;
}

/*
 * An older file is to go on: from a generation that no file of the vTPM has had.
 * The ledger is the first to know, so that it has counted whatever is used.
 */
static int accept_file(struct vtpm_anchored *a, int entry, const uuid_t *uuid,
		       const struct anchor_file *file, struct vtpm_store *store)
{
	struct vtpm_position floor = file->at;
	struct vtpm_ledger_status status;
	int rc;

	if (entry >= 0)
		floor = vtpm_ledger_floor(held->ledger, entry);
	floor.generation = max(floor.generation, file->at.generation);
	floor.generation = ((floor.generation >> VTPM_STORE_LIFE) + 1) << VTPM_STORE_LIFE;
	floor.seq = 0;
	entry = accept_in_ledger(entry, file, &floor);
	if (entry < 0)
		return entry;
	rc = vtpm_store_renew(store, floor.generation);
	if (rc)
		return rc;
	vtpm_ledger_get_status(held->ledger, &status);
	pr_warn("state file of %pU: one that is older than the ledger says, or not in it, was accepted (%llu of this vTPM, %u of the host)\n",
		uuid, floor.generation >> VTPM_STORE_LIFE, status.accepted);
	anchor_list(a, entry, store);
	return 0;
}

static int admit_file(struct vtpm_anchored *a, const uuid_t *uuid, struct vtpm_store *store,
		      bool accept)
{
	struct anchor_file file = anchor_file(uuid, store);
	int entry = vtpm_ledger_find(held->ledger, file.id);
	struct vtpm_position floor;

	if (entry >= 0) {
		floor = vtpm_ledger_floor(held->ledger, entry);
		if (!vtpm_position_before(&file.at, &floor)) {
			anchor_list(a, entry, store);
			/* It may have come further than the ledger knows. */
			vtpm_anchor_settle_later(VTPM_ANCHOR_WRITE_AFTER, false);
			return 0;
		}
	}
	if (accept)
		return accept_file(a, entry, uuid, &file, store);
	return entry < 0 ? -VTPM_STORE_EUNKNOWN : -VTPM_STORE_EOLDER;
}

int vtpm_anchor_admit(struct vtpm_anchored *a, const uuid_t *uuid, struct vtpm_store *store,
		      bool accept)
{
	int rc;

	mutex_lock(&held->lock);
	rc = anchor_ready();
	if (!rc)
		rc = admit_file(a, uuid, store, accept);
	mutex_unlock(&held->lock);
	return rc;
}

int vtpm_anchor_forget(struct vtpm_anchored *a)
{
	int rc = 0;

	mutex_lock(&held->lock);
	if (a->listed && a->entry >= 0) {
		vtpm_ledger_remove(held->ledger, a->entry);
		a->entry = -1;
		rc = vtpm_anchor_settle(true);
	}
	mutex_unlock(&held->lock);
	return rc;
}

void vtpm_anchor_leave(struct vtpm_anchored *a)
{
	if (!a->listed)
		return;
	mutex_lock(&held->lock);
	if (a->entry >= 0)
		vtpm_anchor_settle(true);
	list_del(&a->node);
	a->listed = false;
	held->count--;
	mutex_unlock(&held->lock);
}

static bool anchor_in_use(int entry)
{
	struct vtpm_anchored *a;

	list_for_each_entry(a, &held->files, node)
		if (a->entry == entry)
			return true;
	return false;
}

int vtpm_anchor_next(unsigned int *number, struct vtpm_anchor_entry *entry)
{
	int i;

	mutex_lock(&held->lock);
	i = anchor_ready();
	if (!i)
		i = vtpm_ledger_next(held->ledger, *number, entry->uuid);
	if (i >= 0) {
		*number = i;
		entry->reached = vtpm_ledger_floor(held->ledger, i);
		entry->in_use = anchor_in_use(i);
	}
	mutex_unlock(&held->lock);
	return min(i, 0);
}

static int revoke(const u8 *uuid)
{
	int entry = vtpm_ledger_find_vtpm(held->ledger, uuid);

	if (entry < 0)
		return -VTPM_STORE_EUNKNOWN;
	if (anchor_in_use(entry))
		return -EBUSY;
	vtpm_ledger_remove(held->ledger, entry);
	pr_info("ledger: vTPM %pU is forgotten\n", uuid);
	return vtpm_anchor_settle(true);
}

int vtpm_anchor_revoke(const u8 *uuid)
{
	int rc;

	mutex_lock(&held->lock);
	rc = anchor_ready();
	if (!rc)
		rc = revoke(uuid);
	mutex_unlock(&held->lock);
	return rc;
}
