/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a vTPM consists of: the chip's side, the state file, the engine.
 */
#ifndef VTPM_MAKE_H
#define VTPM_MAKE_H

struct vtpm;
struct vtpm_store_identity;

/*
 * New ones, for @vtpm, or those that its state file describes. 0 or an errno of
 * VTPM_MUX_IOC_CREATE or VTPM_MUX_IOC_OPEN; there are none then.
 */
int vtpm_make_new(struct vtpm *vtpm);
int vtpm_make_again(struct vtpm *vtpm, const struct vtpm_store_identity *id);

#endif
