/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Requests to the chip: who is next, who waits how long, who gave up.
 *
 * A requester sleeps until its request is done, but not longer than the request's
 * limit until it begins and the same again until it ends, and leaves at once when
 * it is cancelled or killed. The request lives on: it has a copy of all that it
 * needs and a place of its own for the result, the worker finishes or skips it,
 * and the last reference frees and wipes it.
 *
 * A chip that exceeds a limit is stuck. Until the command under way ends, which
 * only the TPM core can bring about (its own time limits are minutes), every
 * request fails at once.
 */
#ifndef VTPM_HW_QUEUE_H
#define VTPM_HW_QUEUE_H

#include <linux/compiler.h>
#include <linux/list.h>
#include <linux/refcount.h>
#include <linux/spinlock.h>
#include <linux/types.h>
#include <linux/wait.h>
#include <linux/workqueue.h>

struct vtpm_chip;
struct vtpm_hw;

enum vtpm_req_state {
	VTPM_REQ_QUEUED,
	VTPM_REQ_RUNNING,
	VTPM_REQ_DONE,
};

/**
 * struct vtpm_req - one operation of a vTPM, or of ours
 * @ref: the requester's reference and the queue's
 * @hw: the vTPM, with a reference; NULL for one of ours
 * @run: does it, in the worker, with the chip held; returns 0, a response code
 *	or an errno
 * @limit: jiffies that it may take
 * @background: nobody waits for it; it stays queued as long as there is a chip
 * @node: in struct vtpm_queue.head while queued; by the queue's lock
 * @state: written under the queue's lock
 * @abandoned: the requester left or shall leave; written under the queue's lock
 * @ret: what @run returned; valid once done
 * @cc: the last command of it that failed
 * @wait: the requester
 *
 * The first member of what an operation needs beyond it. @run may read and
 * write that; the requester may only before the start and when it is done.
 */
struct vtpm_req {
	refcount_t ref;
	struct vtpm_hw *hw;
	int (*run)(struct vtpm_chip *chip, struct vtpm_req *req);
	unsigned long limit;
	bool background;

	struct list_head node;
	enum vtpm_req_state state;
	bool abandoned;
	int ret;
	u32 cc;
	wait_queue_head_t wait;
};

/**
 * struct vtpm_queue - requests that wait for the chip
 * @lock: protects what follows down to @quiet, what struct vtpm_req says, and
 *	struct vtpm_hw.pending
 * @head: in the order they came
 * @busy: the worker has the chip, or wants it
 * @since: jiffies: it has been for so long
 * @limit: and may be for so many jiffies
 * @reported: that it was longer, has been said
 * @open: there is a chip
 * @held: the system is being suspended
 * @quiet: since @open or @held changed, the worker has flushed our objects
 * @changed: woken when @busy or @quiet changes
 * @wq: ordered: everything that touches the chip runs here
 * @work: runs the requests
 * @release: flushes unused objects
 */
struct vtpm_queue {
	spinlock_t lock;	/* what it protects: above */
	struct list_head head;
	bool busy;
	unsigned long since;
	unsigned long limit;
	bool reported;
	bool open;
	bool held;
	bool quiet;
	wait_queue_head_t changed;
	struct workqueue_struct *wq;
	struct work_struct work;
	struct delayed_work release;
};

int vtpm_queue_init(struct vtpm_queue *queue);
/* Waits for the request under way, as long as the TPM core does. */
void vtpm_queue_exit(struct vtpm_queue *queue);

/* A zeroed request of @size bytes, of which struct vtpm_req is the first part. */
void *vtpm_req_alloc(size_t size, struct vtpm_hw *hw, unsigned long limit,
		     int (*run)(struct vtpm_chip *chip, struct vtpm_req *req));
void vtpm_req_put(struct vtpm_req *req);

/**
 * vtpm_req_wait() - queue a request and wait for it
 * @chip: the chip
 * @req: the request
 *
 * Return: what the request's run() returned; -ENODEV no chip; -ETIMEDOUT the
 * chip is stuck; -EBUSY others used the chip all the time; -EAGAIN the system is
 * being suspended; -ECANCELED, -EINTR.
 */
int vtpm_req_wait(struct vtpm_chip *chip, struct vtpm_req *req);
/* Queue a background request; takes over the reference. */
void vtpm_req_start(struct vtpm_chip *chip, struct vtpm_req *req);
/* Make the requester of @hw's request, if there is one, leave. */
void vtpm_req_cancel(struct vtpm_chip *chip, struct vtpm_hw *hw);

/* Has the requester left? */
static inline bool vtpm_req_abandoned(const struct vtpm_req *req)
{
	return READ_ONCE(req->abandoned);
}

/* Accept requests. */
void vtpm_queue_open(struct vtpm_queue *queue);
/*
 * Fail what is queued and what will come, flush our objects. Waits at most
 * VTPM_LIMIT_STOP for that; a request under way does it later when it ends.
 */
void vtpm_queue_close(struct vtpm_queue *queue);
/*
 * The same for a suspend; requests fail with -EAGAIN. Their threads are about to
 * be frozen, and would not be if they were waiting here, under a vTPM's lock.
 */
void vtpm_queue_hold(struct vtpm_queue *queue);
void vtpm_queue_resume(struct vtpm_queue *queue);
/* Wait for the latter: -ETIMEDOUT, -ERESTARTNOINTR for a signal or the freezer. */
int vtpm_queue_wait_resumed(struct vtpm_queue *queue, unsigned long timeout);

/* Is the operation under way overdue? */
bool vtpm_queue_stuck(struct vtpm_queue *queue);
/* Wait until nothing is queued or running, or for @timeout jiffies. */
void vtpm_queue_settle(struct vtpm_queue *queue, unsigned long timeout);

#endif
