// SPDX-License-Identifier: GPL-2.0
/*
 * The host's ledger in use: which state files are too old to be opened.
 *
 * The ledger is written when something is done to a vTPM, and within a minute of
 * any other change. The chip's counter, whose memory wears out, is incremented at
 * a bounded rate: it has so many increments in hand, and gets one more each
 * interval.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/err.h>
#include <linux/ktime.h>
#include <linux/mutex.h>
#include <linux/printk.h>
#include <linux/random.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/string.h>
#include <linux/workqueue.h>

#include "anchor_held.h"
#include "hw/hw.h"
#include "ledger.h"
#include "sealed.h"
#include "store_file.h"

static_assert(VTPM_LEDGER_AUTH_SIZE == VTPM_HW_COUNTER_AUTH);

static void anchor_work_fn(struct work_struct *work);
static DECLARE_DELAYED_WORK(anchor_work, anchor_work_fn);

struct vtpm_anchor_held vtpm_anchor_held = {
	.lock = __MUTEX_INITIALIZER(vtpm_anchor_held.lock),
	.fast = __SPIN_LOCK_UNLOCKED(vtpm_anchor_held.fast),
	.files = LIST_HEAD_INIT(vtpm_anchor_held.files),
};

static struct vtpm_anchor_held *const held = &vtpm_anchor_held;

static int counter_read(void *arg, u64 *value)
{
	return vtpm_hw_counter_read(vtpm_ledger_auth(arg), value);
}

static int counter_increment(void *arg)
{
	int rc = vtpm_hw_counter_increment(vtpm_ledger_auth(arg));

	held->increments += !rc;
	return rc;
}

static struct vtpm_ledger_counter anchor_counter(struct vtpm_ledger *ledger)
{
	return (struct vtpm_ledger_counter){
		.read = counter_read,
		.increment = counter_increment,
		.arg = ledger,
	};
}

void vtpm_anchor_publish(void)
{
	struct vtpm_ledger_status ledger = {};
	struct vtpm_anchor_status status = {};

	if (held->ledger) {
		vtpm_ledger_get_status(held->ledger, &ledger);
		status = (struct vtpm_anchor_status){
			.state = VTPM_LEDGER_HELD,
			.entries = ledger.entries,
			.accepted = ledger.accepted,
			.counter = ledger.counter,
			.increments = held->increments,
			.unanchored = ledger.unanchored,
		};
	}
	spin_lock(&held->fast);
	held->status = status;
	spin_unlock(&held->fast);
}

void vtpm_anchor_get_status(struct vtpm_anchor_status *status)
{
	spin_lock(&held->fast);
	*status = held->status;
	spin_unlock(&held->fast);
	if (status->state == VTPM_LEDGER_NONE && vtpm_hw_counter_found())
		status->state = VTPM_LEDGER_WAITING;
}

void vtpm_anchor_settle_later(unsigned long delay, bool hurry)
{
	/* Not while the host sleeps: the disk does, too. */
	if (hurry) {
		WRITE_ONCE(held->hurry, true);
		mod_delayed_work(system_freezable_wq, &anchor_work, delay);
	} else {
		queue_delayed_work(system_freezable_wq, &anchor_work, delay);
	}
}

/* May the counter be incremented now? */
static bool anchor_may(bool hurry)
{
	u64 now = ktime_get_boottime_seconds();
	u64 more = div_u64(now - held->given, held->interval);

	held->hand = min_t(u64, held->hand + more, VTPM_ANCHOR_BURST);
	held->given += more * held->interval;
	return held->hand && (hurry || now - held->last >= held->interval);
}

/* Where the chip fails, another time will do; the ledger's disk is a must. */
static int anchor_increment(void)
{
	struct vtpm_ledger_counter counter = anchor_counter(held->ledger);

	held->hand--;
	held->last = ktime_get_boottime_seconds();
	return vtpm_ledger_anchor(held->ledger, &counter);
}

static void anchor_collect(void)
{
	struct vtpm_position reached;
	struct vtpm_anchored *a;

	list_for_each_entry(a, &held->files, node) {
		if (a->entry < 0)
			continue;
		spin_lock(&held->fast);
		reached = a->reached;
		spin_unlock(&held->fast);
		vtpm_ledger_raise(held->ledger, a->entry, &reached);
	}
}

/* Where it fails, that is said once, and once that it is over. */
int vtpm_anchor_settle(bool hurry)
{
	struct vtpm_ledger_status status;
	int failed = 0, rc;

	if (!held->ledger)
		return 0;
	anchor_collect();
	vtpm_ledger_get_status(held->ledger, &status);
	if (status.unanchored && anchor_may(hurry))
		failed = anchor_increment();
	rc = vtpm_ledger_write(held->ledger);
	failed = rc ?: failed;
	if (failed && !held->failed)
		pr_err("ledger: error %d: it cannot be %s\n", failed,
		       rc ? "written" : "anchored in the chip");
	if (!failed && held->failed)
		pr_info("ledger: it is up to date again\n");
	held->failed = failed;
	vtpm_ledger_get_status(held->ledger, &status);
	if (status.unanchored)
		vtpm_anchor_settle_later(VTPM_ANCHOR_WRITE_AFTER, false);
	vtpm_anchor_publish();
	return rc;
}

static void anchor_work_fn(struct work_struct *work)
{
	mutex_lock(&held->lock);
	vtpm_anchor_settle(xchg(&held->hurry, false));
	mutex_unlock(&held->lock);
}

static void anchor_hold(struct vtpm_ledger *ledger, u32 interval)
{
	held->ledger = ledger;
	held->interval = interval ?: VTPM_ANCHOR_INTERVAL;
	held->hand = VTPM_ANCHOR_BURST;
	held->given = ktime_get_boottime_seconds();
	held->last = held->given;
	held->increments = 0;
	held->failed = false;
	vtpm_anchor_publish();
}

static void anchor_let_go(void)
{
	vtpm_ledger_free(held->ledger);
	held->ledger = NULL;
	vtpm_store_free(held->store);
	held->store = NULL;
	if (held->file)
		vtpm_store_file_put(held->file);
	held->file = NULL;
	vtpm_anchor_publish();
}

/* The same vTPMs must not be known to two ledgers, nor some to none. */
static int anchor_take_file(int fd)
{
	struct vtpm_store_file *file;

	if (held->ledger || held->count)
		return -EBUSY;
	file = vtpm_store_file_get(fd);
	if (IS_ERR(file))
		return PTR_ERR(file);
	held->file = file;
	held->medium = vtpm_store_file_medium(file);
	return 0;
}

/* The store that the ledger is to be in. */
static int anchor_make_store(void)
{
	struct vtpm_store_identity *id;
	struct vtpm_hw *hw;
	uuid_t uuid;
	int rc;

	if (held->medium.ops->size(held->medium.arg))
		return -ENOTEMPTY;
	id = kzalloc(sizeof(*id), GFP_KERNEL_ACCOUNT);
	if (!id)
		return -ENOMEM;
	hw = vtpm_hw_create();
	rc = PTR_ERR_OR_ZERO(hw);
	if (rc)
		goto out;
	uuid_gen(&uuid);
	export_uuid(id->uuid, &uuid);
	id->ledger = true;
	rc = vtpm_sealed_make(&held->medium, hw, id, &held->store);
	vtpm_hw_destroy(hw);
out:
	kfree_sensitive(id);
	return rc;
}

static int anchor_make(const struct vtpm_hw_order *order, u32 interval)
{
	struct vtpm_ledger_counter counter;
	u8 auth[VTPM_LEDGER_AUTH_SIZE];
	struct vtpm_ledger *ledger;
	int rc;

	rc = anchor_make_store();
	if (rc)
		return rc;
	get_random_bytes(auth, sizeof(auth));
	rc = vtpm_ledger_make(held->store, auth, &ledger);
	if (rc)
		goto out;
	rc = vtpm_hw_counter_define(order, auth);
	if (!rc) {
		counter = anchor_counter(ledger);
		rc = vtpm_ledger_anchor(ledger, &counter);
		/* Nothing has relied on it. */
		if (rc)
			vtpm_hw_counter_remove(order);
	}
	if (rc)
		vtpm_ledger_free(ledger);
	else
		anchor_hold(ledger, interval);
out:
	memzero_explicit(auth, sizeof(auth));
	return rc;
}

int vtpm_anchor_make(int fd, const struct vtpm_hw_order *order, u32 interval)
{
	int rc;

	mutex_lock(&held->lock);
	rc = anchor_take_file(fd);
	if (!rc) {
		rc = anchor_make(order, interval);
		if (rc)
			anchor_let_go();
		else
			pr_info("ledger: made\n");
	}
	mutex_unlock(&held->lock);
	return rc;
}

static int anchor_open_store(void)
{
	struct vtpm_store_identity *id;
	struct vtpm_hw *hw;
	int rc;

	id = kzalloc(sizeof(*id), GFP_KERNEL_ACCOUNT);
	if (!id)
		return -ENOMEM;
	rc = vtpm_store_identify(&held->medium, id);
	if (!rc && !id->ledger)
		rc = -VTPM_STORE_ENOTSTATE;
	if (!rc) {
		hw = vtpm_sealed_open(&held->medium, id, &held->store);
		rc = PTR_ERR_OR_ZERO(hw);
		/* The keys were for this. */
		if (!rc)
			vtpm_hw_destroy(hw);
	}
	kfree_sensitive(id);
	return rc;
}

static int anchor_attach(u32 interval)
{
	struct vtpm_ledger_counter counter;
	struct vtpm_ledger *ledger;
	int rc;

	rc = anchor_open_store();
	if (!rc)
		rc = vtpm_ledger_load(held->store, &ledger);
	if (rc)
		return rc;
	counter = anchor_counter(ledger);
	rc = vtpm_ledger_check(ledger, &counter);
	if (rc) {
		vtpm_ledger_free(ledger);
		return rc;
	}
	anchor_hold(ledger, interval);
	/* What was written since the last increment is not to be exchanged now. */
	return vtpm_anchor_settle(true);
}

/* One line for each thing that can be wrong with it. */
static void anchor_refuse(int rc)
{
	const char *why = vtpm_sealed_why(rc);

	if (rc == -VTPM_STORE_ENOTSTATE)
		why = "it is no ledger";
	else if (rc == -VTPM_STORE_EOTHERCHIP)
		why = "its counter is not in this chip, or not any more";
	if (why)
		pr_err("ledger refused: %s\n", why);
	else
		pr_err("ledger: error %d\n", rc);
}

int vtpm_anchor_attach(int fd, u32 interval)
{
	int rc;

	mutex_lock(&held->lock);
	rc = anchor_take_file(fd);
	if (!rc) {
		rc = anchor_attach(interval);
		if (rc) {
			anchor_refuse(rc);
			anchor_let_go();
		}
	}
	mutex_unlock(&held->lock);
	return rc;
}

int vtpm_anchor_remove(const struct vtpm_hw_order *order)
{
	int rc;

	mutex_lock(&held->lock);
	rc = held->count ? -EBUSY : vtpm_hw_counter_remove(order);
	if (rc == -ENOENT && held->ledger)
		rc = 0;
	if (!rc)
		pr_warn("ledger: given up: no state file can be used without another one\n");
	if (!rc && held->store)
		vtpm_store_erase(held->store);
	if (!rc)
		anchor_let_go();
	mutex_unlock(&held->lock);
	return rc;
}

void vtpm_anchor_exit(void)
{
	cancel_delayed_work_sync(&anchor_work);
	mutex_lock(&held->lock);
	vtpm_anchor_settle(true);
	if (held->store)
		vtpm_store_close(held->store);
	anchor_let_go();
	mutex_unlock(&held->lock);
	/* That has found something to do later. */
	cancel_delayed_work_sync(&anchor_work);
}
