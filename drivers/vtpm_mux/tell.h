/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a VMM can bring about as often as it likes, and the log says.
 */
#ifndef VTPM_TELL_H
#define VTPM_TELL_H

#include <linux/jiffies.h>
#include <linux/ratelimit.h>

#define VTPM_TELL_INTERVAL	(60 * HZ)
#define VTPM_TELL_BURST		10

/* For one vTPM by itself: what is said of it hides nothing that is said of others. */
static inline void vtpm_tell_init(struct ratelimit_state *told)
{
	ratelimit_state_init(told, VTPM_TELL_INTERVAL, VTPM_TELL_BURST);
	/* no lines about lines that there are not */
	ratelimit_set_flags(told, RATELIMIT_MSG_ON_RELEASE);
}

#endif
