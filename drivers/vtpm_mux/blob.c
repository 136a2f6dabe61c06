// SPDX-License-Identifier: GPL-2.0
/*
 * VTPM_IOC_GET_STATE and VTPM_IOC_SET_STATE: what a vTPM gives of its state, and
 * what it takes back.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/err.h>
#include <linux/printk.h>
#include <linux/vtpm_mux.h>

#include "instance.h"
#include "snapshot.h"
#include "tell.h"
#include "trace.h"

/**
 * vtpm_get_state() - half of a vTPM's state as a blob
 * @vtpm: the vTPM
 * @args: from user space; its @len becomes the blob's
 *
 * Return: 0; the errors of VTPM_IOC_GET_STATE.
 */
int vtpm_get_state(struct vtpm *vtpm, struct vtpm_blob *args)
{
	struct vtpm_plain plain = { .type = args->type };
	int rc;

	if (args->flags || (args->type != VTPM_BLOB_PERMANENT &&
			    args->type != VTPM_BLOB_VOLATILE))
		return -EINVAL;
	rc = vtpm_lock(vtpm);
	if (rc)
		return rc;
	if (args->type == VTPM_BLOB_VOLATILE && !vtpm->powered)
		rc = -EHOSTDOWN;
	else
		rc = vtpm_plain_take(&plain, vtpm->tpm);
	plain.moment = vtpm->snapshots.now;
	vtpm_unlock(vtpm);
	if (!rc) {
		rc = vtpm_plain_seal(&plain, &vtpm->snapshots, args);
		vtpm_plain_free(&plain);
	}
	trace_vtpm_get_state(vtpm->number, args->type, args->len, rc);
	return rc;
}

/* Is @plain to be admitted? Under @vtpm->lock. */
static int vtpm_state_check(struct vtpm *vtpm, const struct vtpm_plain *plain,
			    u32 flags)
{
	if (vtpm_snapshots_present(&vtpm->snapshots, &plain->moment))
		return 0;
	if (flags & VTPM_BLOB_PRESENT)
		return -ESTALE;
	/* Whether it is admitted later, the caller will see then. */
	return flags & VTPM_BLOB_CHECK ||
	       vtpm->flags & VTPM_CREATE_SNAPSHOTS ? 0 : -ESTALE;
}

/* Under @vtpm->lock, powered off. */
static int vtpm_state_load(struct vtpm *vtpm, const struct vtpm_plain *plain)
{
	struct vtpm_snapshots *s = &vtpm->snapshots;
	int rc;

	rc = vtpm_replace_engine(vtpm, plain);
	if (rc)
		return rc;
	if (vtpm_snapshots_present(s, &plain->moment))
		return 0;
	s->now = plain->moment;
	WRITE_ONCE(vtpm->rollbacks, vtpm->rollbacks + 1);
	if (__ratelimit(&vtpm->rollbacks_told))
		pr_notice("vtpm%u: a state of the past was loaded (%u so far)\n",
			  vtpm->number, vtpm->rollbacks);
	return 0;
}

/**
 * vtpm_set_state() - make half of a vTPM's state what it was
 * @vtpm: the vTPM
 * @args: from user space
 *
 * Return: 0; the errors of VTPM_IOC_SET_STATE.
 */
int vtpm_set_state(struct vtpm *vtpm, const struct vtpm_blob *args)
{
	struct vtpm_plain plain;
	bool past;
	int rc;

	if (args->flags & ~(VTPM_BLOB_CHECK | VTPM_BLOB_PRESENT) ||
	    (args->type != VTPM_BLOB_PERMANENT &&
	     args->type != VTPM_BLOB_VOLATILE))
		return -EINVAL;
	rc = vtpm_plain_open(&plain, &vtpm->snapshots, args);
	if (rc)
		return rc;
	rc = vtpm_lock(vtpm);
	if (rc)
		goto out;
	past = !vtpm_snapshots_present(&vtpm->snapshots, &plain.moment);
	rc = vtpm_state_check(vtpm, &plain, args->flags);
	if (!rc && !(args->flags & VTPM_BLOB_CHECK))
		rc = vtpm->powered ? -EBUSY : vtpm_state_load(vtpm, &plain);
	trace_vtpm_set_state(vtpm->number, args->type, args->flags, past, rc);
	vtpm_unlock(vtpm);
out:
	vtpm_plain_free(&plain);
	return rc;
}
