// SPDX-License-Identifier: GPL-2.0
/*
 * Requests to the chip: who is next, who waits how long, who gave up.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/errno.h>
#include <linux/jiffies.h>
#include <linux/printk.h>
#include <linux/slab.h>

#include "chip.h"
#include "vmk.h"

static struct vtpm_chip *to_chip(struct vtpm_queue *queue)
{
	return container_of(queue, struct vtpm_chip, queue);
}

void *vtpm_req_alloc(size_t size, struct vtpm_hw *hw, unsigned long limit,
		     int (*run)(struct vtpm_chip *chip, struct vtpm_req *req))
{
	struct vtpm_req *req = kzalloc(size, GFP_KERNEL_ACCOUNT);

	if (!req)
		return NULL;
	refcount_set(&req->ref, 1);
	INIT_LIST_HEAD(&req->node);
	init_waitqueue_head(&req->wait);
	req->limit = limit;
	req->run = run;
	if (hw)
		req->hw = vtpm_hw_get(hw);
	return req;
}

void vtpm_req_put(struct vtpm_req *req)
{
	if (!refcount_dec_and_test(&req->ref))
		return;
	if (req->hw)
		vtpm_hw_put(req->hw);
	kfree_sensitive(req);
}

/* Under the queue's lock. */
static bool queue_overdue(const struct vtpm_queue *queue)
{
	return queue->busy && time_after_eq(jiffies, queue->since + queue->limit);
}

bool vtpm_queue_stuck(struct vtpm_queue *queue)
{
	bool stuck;

	spin_lock(&queue->lock);
	stuck = queue_overdue(queue);
	spin_unlock(&queue->lock);
	return stuck;
}

/*
 * The queueing discipline: these two functions alone know that requests are
 * served in the order in which they came.
 */
static void queue_insert(struct vtpm_queue *queue, struct vtpm_req *req)
{
	list_add_tail(&req->node, &queue->head);
}

static struct vtpm_req *queue_first(struct vtpm_queue *queue)
{
	return list_first_entry_or_null(&queue->head, struct vtpm_req, node);
}

/* Takes a reference of its own. */
static int queue_push(struct vtpm_queue *queue, struct vtpm_req *req)
{
	int ret = 0;

	spin_lock(&queue->lock);
	if (!queue->open) {
		ret = -ENODEV;
	} else if (!req->background && queue_overdue(queue)) {
		ret = -ETIMEDOUT;
	} else if (!req->background && queue->held) {
		ret = -EAGAIN;
	} else {
		refcount_inc(&req->ref);
		queue_insert(queue, req);
		if (req->hw)
			req->hw->pending = req;
		queue_work(queue->wq, &queue->work);
	}
	spin_unlock(&queue->lock);
	return ret;
}

/* Under the queue's lock: @req's result is there. */
static void req_done(struct vtpm_req *req, int ret)
{
	req->ret = ret;
	WRITE_ONCE(req->state, VTPM_REQ_DONE);
	if (req->hw && req->hw->pending == req)
		req->hw->pending = NULL;
	wake_up(&req->wait);
}

/* Fail what is queued; background requests only if there is no chip any more. */
static void queue_fail_all(struct vtpm_queue *queue, int err)
{
	struct vtpm_req *req, *next;
	LIST_HEAD(failed);

	spin_lock(&queue->lock);
	list_for_each_entry_safe(req, next, &queue->head, node) {
		if (req->background && queue->open)
			continue;
		req_done(req, err);
		list_move_tail(&req->node, &failed);
	}
	spin_unlock(&queue->lock);

	list_for_each_entry_safe(req, next, &failed, node) {
		list_del_init(&req->node);
		vtpm_req_put(req);
	}
}

/* Nothing will come of waiting for the operation under way. */
static void queue_stuck(struct vtpm_queue *queue)
{
	struct vtpm_chip *chip = to_chip(queue);
	bool report;

	spin_lock(&queue->lock);
	report = queue_overdue(queue) && !queue->reported;
	queue->reported |= report;
	spin_unlock(&queue->lock);
	if (!report)
		return;
	pr_err("%s: no response to command 0x%x for %u s; requests fail until it comes\n",
	       chip->name, READ_ONCE(chip->cc), jiffies_to_msecs(queue->limit) / 1000);
	queue_fail_all(queue, -ETIMEDOUT);
}

/* The requester goes: with the result, or without. */
static int req_leave(struct vtpm_queue *queue, struct vtpm_req *req, long left)
{
	bool queued;
	int ret;

	spin_lock(&queue->lock);
	if (req->state == VTPM_REQ_DONE) {
		ret = req->ret;
		spin_unlock(&queue->lock);
		return ret;
	}
	queued = req->state == VTPM_REQ_QUEUED;
	if (left < 0)
		ret = -EINTR;
	else if (req->abandoned)
		ret = -ECANCELED;
	else
		ret = queued && !queue_overdue(queue) ? -EBUSY : -ETIMEDOUT;
	WRITE_ONCE(req->abandoned, true);
	if (req->hw && req->hw->pending == req)
		req->hw->pending = NULL;
	if (queued)
		list_del_init(&req->node);
	spin_unlock(&queue->lock);

	if (queued)
		vtpm_req_put(req);
	if (ret == -ETIMEDOUT)
		queue_stuck(queue);
	return ret;
}

static bool req_passed(const struct vtpm_req *req, enum vtpm_req_state state)
{
	return READ_ONCE(req->state) > state || vtpm_req_abandoned(req);
}

int vtpm_req_wait(struct vtpm_chip *chip, struct vtpm_req *req)
{
	struct vtpm_queue *queue = &chip->queue;
	long left;
	int ret;

	ret = queue_push(queue, req);
	if (ret)
		return ret;

	left = wait_event_killable_timeout(req->wait,
					   req_passed(req, VTPM_REQ_QUEUED),
					   req->limit);
	if (left > 0)
		left = wait_event_killable_timeout(req->wait,
						   req_passed(req, VTPM_REQ_RUNNING),
						   req->limit);
	return req_leave(queue, req, left);
}

void vtpm_req_start(struct vtpm_chip *chip, struct vtpm_req *req)
{
	req->background = true;
	queue_push(&chip->queue, req);
	vtpm_req_put(req);
}

void vtpm_req_cancel(struct vtpm_chip *chip, struct vtpm_hw *hw)
{
	struct vtpm_queue *queue = &chip->queue;

	spin_lock(&queue->lock);
	if (hw->pending) {
		WRITE_ONCE(hw->pending->abandoned, true);
		wake_up(&hw->pending->wait);
	}
	spin_unlock(&queue->lock);
}

/* Under the queue's lock: the worker turns to the chip. */
static void queue_begin(struct vtpm_queue *queue, unsigned long limit)
{
	queue->busy = true;
	queue->since = jiffies;
	queue->limit = limit;
	queue->reported = false;
}

/* The worker has done with the chip. */
static void queue_end(struct vtpm_queue *queue)
{
	struct vtpm_chip *chip = to_chip(queue);
	unsigned long since;
	bool late;

	spin_lock(&queue->lock);
	late = queue->reported;
	since = queue->since;
	queue->busy = false;
	wake_up_all(&queue->changed);
	spin_unlock(&queue->lock);
	if (late)
		pr_info("%s: command 0x%x ended after %u s\n", chip->name, chip->cc,
			jiffies_to_msecs(jiffies - since) / 1000);
}

static struct vtpm_req *queue_next(struct vtpm_queue *queue)
{
	struct vtpm_req *req = NULL;

	spin_lock(&queue->lock);
	if (queue->open && !queue->held)
		req = queue_first(queue);
	if (req) {
		list_del_init(&req->node);
		queue_begin(queue, req->limit);
		WRITE_ONCE(req->state, VTPM_REQ_RUNNING);
		wake_up(&req->wait);
	}
	spin_unlock(&queue->lock);
	return req;
}

static void queue_finish(struct vtpm_queue *queue, struct vtpm_req *req, int ret)
{
	queue_end(queue);
	spin_lock(&queue->lock);
	req_done(req, ret);
	spin_unlock(&queue->lock);
	vtpm_req_put(req);
}

/* Shall our objects leave the chip? */
static bool queue_stopping(struct vtpm_queue *queue)
{
	bool stopping;

	spin_lock(&queue->lock);
	stopping = (!queue->open || queue->held) && !queue->quiet;
	spin_unlock(&queue->lock);
	return stopping;
}

static void queue_set_quiet(struct vtpm_queue *queue)
{
	spin_lock(&queue->lock);
	queue->quiet = true;
	wake_up_all(&queue->changed);
	spin_unlock(&queue->lock);
}

/* With nothing else to do: flush all that we have in the chip. */
static void queue_flush(struct vtpm_queue *queue)
{
	struct vtpm_chip *chip = to_chip(queue);

	if (!vtpm_cache_used(&chip->cache))
		return;
	spin_lock(&queue->lock);
	queue_begin(queue, VTPM_LIMIT_USE);
	spin_unlock(&queue->lock);
	if (!vtpm_chip_open(chip)) {
		vtpm_cache_settle(chip);
		vtpm_cache_release(chip);
		vtpm_chip_close(chip);
	}
	queue_end(queue);
}

/* Flush later what is not used until then. */
static void queue_arm_release(struct vtpm_queue *queue)
{
	struct vtpm_chip *chip = to_chip(queue);

	/* A chip that gives no response is left alone until it is needed. */
	if (vtpm_cache_used(&chip->cache) && !vtpm_chip_silent(chip))
		mod_delayed_work(queue->wq, &queue->release, VTPM_IDLE_RELEASE);
}

static void queue_execute(struct vtpm_chip *chip, struct vtpm_req *req)
{
	int ret = vtpm_chip_open(chip);

	if (!ret) {
		chip->req = req;
		ret = vtpm_cache_settle(chip);
		chip->account = req->hw;
		if (!ret)
			ret = req->run(chip, req);
		/* What is left to do is done even if the requester has left. */
		chip->req = NULL;
		vtpm_cache_trim(chip);
		chip->account = NULL;
		/* Now, as there may be no later for a chip that goes. */
		if (queue_stopping(&chip->queue)) {
			vtpm_cache_release(chip);
			queue_set_quiet(&chip->queue);
		}
		vtpm_chip_close(chip);
	}
	queue_finish(&chip->queue, req, ret);
}

static void queue_run(struct work_struct *work)
{
	struct vtpm_queue *queue = container_of(work, struct vtpm_queue, work);
	struct vtpm_chip *chip = to_chip(queue);
	struct vtpm_req *req;

	while ((req = queue_next(queue)))
		queue_execute(chip, req);

	if (queue_stopping(queue)) {
		queue_flush(queue);
		queue_set_quiet(queue);
	}
	queue_arm_release(queue);
}

static void queue_release(struct work_struct *work)
{
	struct vtpm_queue *queue = container_of(work, struct vtpm_queue, release.work);

	/* Who has queued something meanwhile has queue_run() arm this again. */
	if (work_pending(&queue->work))
		return;
	queue_flush(queue);
	queue_arm_release(queue);
}

void vtpm_queue_open(struct vtpm_queue *queue)
{
	spin_lock(&queue->lock);
	queue->open = true;
	spin_unlock(&queue->lock);
}

/* Have the worker flush our objects, and wait for that. */
static void queue_wait_quiet(struct vtpm_queue *queue)
{
	queue_work(queue->wq, &queue->work);
	if (!wait_event_timeout(queue->changed, READ_ONCE(queue->quiet),
				VTPM_LIMIT_STOP))
		pr_warn("%s: still busy; our objects stay in the chip until it answers\n",
			to_chip(queue)->name);
}

void vtpm_queue_close(struct vtpm_queue *queue)
{
	spin_lock(&queue->lock);
	queue->open = false;
	queue->quiet = false;
	spin_unlock(&queue->lock);

	queue_fail_all(queue, -ENODEV);
	queue_wait_quiet(queue);
}

void vtpm_queue_hold(struct vtpm_queue *queue)
{
	spin_lock(&queue->lock);
	queue->held = true;
	queue->quiet = false;
	spin_unlock(&queue->lock);

	queue_fail_all(queue, -EAGAIN);
	queue_wait_quiet(queue);
}

void vtpm_queue_resume(struct vtpm_queue *queue)
{
	spin_lock(&queue->lock);
	queue->held = false;
	queue_work(queue->wq, &queue->work);
	wake_up_all(&queue->changed);
	spin_unlock(&queue->lock);
}

int vtpm_queue_wait_resumed(struct vtpm_queue *queue, unsigned long timeout)
{
	long left;

	left = wait_event_interruptible_timeout(queue->changed,
						!READ_ONCE(queue->held), timeout);
	if (left < 0)
		return -ERESTARTNOINTR;
	return left ? 0 : -ETIMEDOUT;
}

static bool queue_settled(struct vtpm_queue *queue)
{
	bool settled;

	spin_lock(&queue->lock);
	settled = !queue->busy && list_empty(&queue->head);
	spin_unlock(&queue->lock);
	return settled;
}

void vtpm_queue_settle(struct vtpm_queue *queue, unsigned long timeout)
{
	wait_event_timeout(queue->changed, queue_settled(queue), timeout);
}

int vtpm_queue_init(struct vtpm_queue *queue)
{
	spin_lock_init(&queue->lock);
	INIT_LIST_HEAD(&queue->head);
	init_waitqueue_head(&queue->changed);
	INIT_WORK(&queue->work, queue_run);
	INIT_DELAYED_WORK(&queue->release, queue_release);
	queue->wq = alloc_ordered_workqueue("vtpm_hw", 0);
	return queue->wq ? 0 : -ENOMEM;
}

void vtpm_queue_exit(struct vtpm_queue *queue)
{
	cancel_work_sync(&queue->work);
	cancel_delayed_work_sync(&queue->release);
	destroy_workqueue(queue->wq);
}
