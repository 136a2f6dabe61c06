// SPDX-License-Identifier: GPL-2.0
/*
 * Where the state of a vTPM goes: to a client and back. What it is, is the
 * kernel's business: it encrypts it, knows its own again, and refuses what is
 * older than what it has, unless the vTPM was made with snapshots allowed.
 *
 * Live migration on one host, from a VMM (A) to another (B):
 *
 *	A is the owner                       B connects, is told yes to STOP
 *	GET_STATEBLOB x 3          ->        SET_STATEBLOB x 3, INIT
 *	                                     B is the owner, if A's guest has
 *	A's commands are answered            not gone on since; then it is as
 *	TPM_RC_FAILURE                       if nothing had happened to the vTPM
 *
 * so that one copy of the state lives at any time: that in the kernel.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "log.h"
#include "protocol.h"
#include "state.h"
#include "worker.h"

static const struct {
	__u32 blob;
	__u32 type;
} types[] = {
	{ CTL_BLOB_PERMANENT, VTPM_BLOB_PERMANENT },
	{ CTL_BLOB_VOLATILE, VTPM_BLOB_VOLATILE },
};

static __u32 state_result(int rc)
{
	switch (-rc) {
	case 0:
		return CTL_OK;
	case EBADMSG:
	case ESTALE:
		return CTL_BAD_KEY;
	case EHOSTDOWN:
	case EBUSY:
		return CTL_BAD_ORDINAL;
	case ENOMEM:
		return CTL_RESOURCES;
	}
	return CTL_IO_ERROR;
}

/* The kernel's name of a kind of blob, 0 if there is none. */
static __u32 state_type(__u32 blob)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(types); i++)
		if (types[i].blob == blob)
			return types[i].type;
	return 0;
}

static int state_read(struct worker *w, __u32 type, struct blob *blob)
{
	void *bytes;
	ssize_t n;

	blob_free(blob);
	n = vtpm_dev_get_state(w->dev, type, &bytes);
	if (n < 0)
		return n;
	blob->bytes = bytes;
	blob->len = n;
	return 0;
}

/* One that is off has no volatile state. */
__u32 state_get(struct session *s, __u32 type)
{
	int rc = 0;

	if (state_type(type)) {
		rc = state_read(s->w, state_type(type), &s->outgoing);
		if (rc == -EHOSTDOWN)
			rc = 0;
	} else if (type == CTL_BLOB_SAVESTATE) {
		/* What TPM2_Shutdown(STATE) saves is permanent here. */
		blob_free(&s->outgoing);
	} else {
		return CTL_BAD_PARAMETER;
	}
	s->outgoing_type = rc ? 0 : type;
	return state_result(rc);
}

/* Does it make sense to receive one? */
__u32 state_check_set(struct session *s, __u32 type)
{
	struct vtpm_info info;

	if (!state_type(type) && type != CTL_BLOB_SAVESTATE)
		return CTL_BAD_PARAMETER;
	/* Who waits for the owner's state sets it while that runs. */
	if (s->w->owner && s->w->owner != s)
		return CTL_OK;
	if (vtpm_dev_info(s->w->dev, &info))
		return CTL_IO_ERROR;
	return info.state & VTPM_STATE_POWERED ? CTL_BAD_ORDINAL : CTL_OK;
}

static void blob_move(struct blob *to, struct blob *from)
{
	blob_free(to);
	*to = *from;
	from->bytes = NULL;
	from->len = 0;
}

/*
 * @s->incoming is complete: is it one of ours, and of this kind? It counts at
 * CTL_INIT. A tool may be gone by then, and come again to say so; a VMM, which has a
 * data socket, takes along what it has set: it is nothing that the next one's guest
 * should begin with.
 */
__u32 state_set(struct session *s, __u32 type)
{
	struct blob *blob = &s->incoming;
	int rc;

	if (type == CTL_BLOB_SAVESTATE)
		return blob->len ? CTL_BAD_PARAMETER : CTL_OK;
	rc = vtpm_dev_set_state(s->w->dev, state_type(type),
				VTPM_BLOB_CHECK, blob->bytes, blob->len);
	if (rc)
		return state_result(rc);
	if (s->data >= 0 || (s->w->owner && s->w->owner != s))
		blob_move(type == CTL_BLOB_PERMANENT ? &s->permanent :
						       &s->volatile_, blob);
	else
		blob_move(type == CTL_BLOB_PERMANENT ? &s->w->permanent :
						       &s->w->stored, blob);
	return CTL_OK;
}

__u32 state_store(struct worker *w)
{
	return state_result(state_read(w, VTPM_BLOB_VOLATILE, &w->stored));
}

static bool state_is_present(struct worker *w, __u32 type,
			     const struct blob *blob)
{
	return blob->bytes &&
	       !vtpm_dev_set_state(w->dev, type,
				   VTPM_BLOB_CHECK | VTPM_BLOB_PRESENT,
				   blob->bytes, blob->len);
}

/* May @s, who is not the owner, become it? With all of the owner's state. */
bool state_take_over(struct session *s)
{
	struct worker *w = s->w;

	if (!state_is_present(w, VTPM_BLOB_PERMANENT, &s->permanent) ||
	    !state_is_present(w, VTPM_BLOB_VOLATILE, &s->volatile_))
		return false;
	log_info("vtpm%u: migrated to another VMM", w->number);
	w->owner = NULL;
	return true;
}

/* CTL_INIT: a power cycle, or what has no need of one: volatile state. */
__u32 state_begin(struct session *s)
{
	struct worker *w = s->w;
	int rc;

	if (s->permanent.bytes)
		blob_move(&w->permanent, &s->permanent);
	if (s->volatile_.bytes)
		blob_move(&w->stored, &s->volatile_);
	rc = vtpm_dev_power(w->dev, VTPM_POWER_OFF);
	if (!rc && w->permanent.bytes)
		rc = vtpm_dev_set_state(w->dev, VTPM_BLOB_PERMANENT, 0,
					w->permanent.bytes, w->permanent.len);
	if (!rc && w->stored.bytes)
		rc = vtpm_dev_set_state(w->dev, VTPM_BLOB_VOLATILE, 0,
					w->stored.bytes, w->stored.len);
	else if (!rc)
		rc = vtpm_dev_power(w->dev, VTPM_POWER_ON);
	if (rc == -ESTALE)
		log_warn("vtpm%u: state that is not the latest: see 'snapshots' in vtpmd(8)",
			 w->number);
	/* Used or refused, they will not do a second time. */
	blob_free(&w->permanent);
	blob_free(&w->stored);
	return state_result(rc);
}
