/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The state of a vTPM on its way to and from a client: blobs that only the
 * kernel can read.
 */
#ifndef VTPMD_STATE_H
#define VTPMD_STATE_H

#include <stdbool.h>
#include <linux/types.h>

struct session;
struct worker;

/* These return enum ctl_result. */
__u32 state_get(struct session *s, __u32 type);
__u32 state_check_set(struct session *s, __u32 type);
__u32 state_set(struct session *s, __u32 type);
__u32 state_store(struct worker *w);
__u32 state_begin(struct session *s);

bool state_take_over(struct session *s);

#endif
