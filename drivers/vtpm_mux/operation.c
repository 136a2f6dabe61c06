// SPDX-License-Identifier: GPL-2.0
/*
 * What is done with a vTPM while it lives: power, commands, measurements, localities.
 */
#include <linux/err.h>
#include <linux/jiffies.h>
#include <linux/ktime.h>
#include <linux/memcontrol.h>
#include <linux/sched/mm.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/uaccess.h>
#include <linux/unaligned.h>

#include "instance.h"
#include "make.h"
#include "persist.h"
#include "rest.h"
#include "tpm2/types.h"
#include "trace.h"

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
		/* Of as many threads as there are, that wait for a command to end. */
		data = kvmalloc(args->len, GFP_KERNEL_ACCOUNT);
		if (!data)
			return -ENOMEM;
		rc = -EFAULT;
		if (copy_from_user(data, u64_to_user_ptr(args->data), args->len))
			goto out;
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
