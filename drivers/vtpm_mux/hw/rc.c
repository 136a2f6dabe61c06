// SPDX-License-Identifier: GPL-2.0
/*
 * What the chip's response codes mean to us, and what others may learn.
 */
#include <linux/errno.h>
#include <linux/kernel.h>

#include "../tpm2/types.h"
#include "rc.h"

/* Format-one codes carry P and a number, or S and a number, or a number. */
#define RC_FMT1_MASK	0x0bf

/* A format-one code without its numbers, another code as it is. */
static u32 rc_base(int ret)
{
	if (ret < 0 || ret & ~0xfff)
		return TPM2_RC_FAILURE;
	return ret & TPM2_RC_FMT1 ? ret & RC_FMT1_MASK : ret;
}

bool vtpm_rc_again(int ret)
{
	switch (ret) {
	case TPM2_RC_RETRY:
	case TPM2_RC_YIELDED:
	case TPM2_RC_TESTING:
	case TPM2_RC_NV_RATE:
		return true;
	default:
		return false;
	}
}

bool vtpm_rc_full(int ret)
{
	switch (ret) {
	case TPM2_RC_OBJECT_MEMORY:
	case TPM2_RC_OBJECT_HANDLES:
	case TPM2_RC_MEMORY:
		return true;
	default:
		return false;
	}
}

/* Others have all its sessions. */
static bool rc_no_session(int ret)
{
	return ret == TPM2_RC_SESSION_MEMORY || ret == TPM2_RC_SESSION_HANDLES ||
	       ret == TPM2_RC_CONTEXT_GAP;
}

bool vtpm_rc_handle_lost(int ret)
{
	return ret == TPM2_RC_REFERENCE_H0 ||
	       ret == (TPM2_RC_HANDLE | TPM2_RC_H | TPM2_RC_N(1));
}

bool vtpm_rc_flushed(int ret)
{
	return ret == (TPM2_RC_HANDLE | TPM2_RC_P | TPM2_RC_N(1)) ||
	       vtpm_rc_handle_lost(ret);
}

bool vtpm_rc_refused(int ret)
{
	/* Any complaint about its only parameter. */
	return (ret & ~0x3f) == (TPM2_RC_FMT1 | TPM2_RC_P | TPM2_RC_N(1));
}

bool vtpm_rc_value(int ret)
{
	return ret > 0 && rc_base(ret) == TPM2_RC_VALUE;
}

bool vtpm_rc_auth_failed(int ret)
{
	u32 base = rc_base(ret);

	return ret > 0 && (base == TPM2_RC_AUTH_FAIL || base == TPM2_RC_BAD_AUTH);
}

static u32 rc_guest_errno(int err, bool *explained)
{
	switch (err) {
	case -ECANCELED:
	case -EINTR:
	case -ERESTARTSYS:
		return TPM2_RC_CANCELED;
	case -ENOMEM:
		return TPM2_RC_MEMORY;
	case -EAGAIN:
		return TPM2_RC_RETRY;
	case -EOPNOTSUPP:
		return TPM2_RC_SCHEME;
	case -ESTALE:		/* said by shadow.c of a commitment */
		return TPM2_RC_VALUE;
	case -ENODEV:
	case -EIO:		/* said by vtpm_chip_transmit() */
	case -ETIMEDOUT:	/* said by the requester that waited in vain */
	case -EBUSY:		/* others had the chip all the time */
	case -EKEYREVOKED:	/* said by vtpm_policy_begin() */
		return TPM2_RC_FAILURE;
	default:
		*explained = false;
		return TPM2_RC_FAILURE;
	}
}

u32 vtpm_rc_guest(int ret, bool *explained)
{
	u32 base = rc_base(ret);

	*explained = true;
	if (ret <= 0)
		return ret ? rc_guest_errno(ret, explained) : TPM2_RC_SUCCESS;

	switch (base) {
	/* About an operand that the guest chose. */
	case TPM2_RC_SCHEME:
	case TPM2_RC_KEY_SIZE:
	case TPM2_RC_CURVE:
	case TPM2_RC_ECC_POINT:
	case TPM2_RC_NO_RESULT:
	/* About the wrapped object: not of this chip, or damaged. */
	case TPM2_RC_INTEGRITY:
	case TPM2_RC_CANCELED:
		return base;
	}
	/* The objects that fill the chip are not the guest's. */
	if (vtpm_rc_full(ret))
		return TPM2_RC_MEMORY;
	/* So are the sessions that fill it. */
	if (rc_no_session(base))
		return TPM2_RC_FAILURE;
	/* Repeated for as long as there is patience for. */
	if (vtpm_rc_again(ret) || ret == TPM2_RC_NV_UNAVAILABLE)
		return TPM2_RC_FAILURE;
	*explained = false;
	return TPM2_RC_FAILURE;
}

int vtpm_rc_errno(int ret)
{
	if (ret == -EBADMSG || ret == -EMSGSIZE)
		return -EIO;
	if (ret == -EAGAIN)
		return -EBUSY;
	if (ret <= 0)
		return ret;
	if (vtpm_rc_again(ret) || vtpm_rc_full(ret) || rc_no_session(ret))
		return -EBUSY;

	switch (rc_base(ret)) {
	case TPM2_RC_AUTH_FAIL:
	case TPM2_RC_BAD_AUTH:
	case TPM2_RC_AUTH_MISSING:
	case TPM2_RC_AUTH_UNAVAILABLE:
	case TPM2_RC_LOCKOUT:
		return -EACCES;
	case TPM2_RC_ASYMMETRIC:
	case TPM2_RC_CURVE:
	case TPM2_RC_HASH:
	case TPM2_RC_HIERARCHY:
	case TPM2_RC_KEY_SIZE:
	case TPM2_RC_SCHEME:
	case TPM2_RC_SYMMETRIC:
	case TPM2_RC_TYPE:
	case TPM2_RC_VALUE:
	case TPM2_RC_COMMAND_CODE:
		return -EOPNOTSUPP;
	case TPM2_RC_NV_SPACE:
		return -ENOSPC;
	default:
		return -EIO;
	}
}
