/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the chip's response codes mean to us, and what others may learn.
 *
 * Inside hw/ a result is an int: 0, a chip's response code (positive), or a
 * negative errno for what happened on this side of the wire.
 */
#ifndef VTPM_HW_RC_H
#define VTPM_HW_RC_H

#include <linux/types.h>

/* The chip asks for the same command again, a little later. */
bool vtpm_rc_again(int ret);
/* The chip has no room for one more object. */
bool vtpm_rc_full(int ret);
/* The chip does not know the command's first handle. */
bool vtpm_rc_handle_lost(int ret);
/* TPM2_FlushContext, of which the handle is a parameter: there is no such object. */
bool vtpm_rc_flushed(int ret);
/* TPM2_ContextLoad: the chip does not accept the context. */
bool vtpm_rc_refused(int ret);
/* The first handle names an object that is not the one we put there. */
/* The chip does not accept a value of ours, whichever. */
bool vtpm_rc_value(int ret);
bool vtpm_rc_auth_failed(int ret);

/**
 * vtpm_rc_guest() - the response code that a guest gets to see
 * @ret: result of a chip operation
 * @explained: false if @ret says only that the chip failed unexpectedly
 *
 * Return: a code without a handle, parameter or session number: those count
 * what the host sent.
 */
u32 vtpm_rc_guest(int ret, bool *explained);

/* The errno for @ret, as hw.h documents them for vtpm_hw_provision(). */
int vtpm_rc_errno(int ret);

#endif
