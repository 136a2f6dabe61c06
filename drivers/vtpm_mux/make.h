/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a vTPM consists of: the chip's side, the state file, the engine.
 */
#ifndef VTPM_MAKE_H
#define VTPM_MAKE_H

struct vtpm;
struct vtpm2;
struct vtpm_plain;
struct vtpm_store_identity;

/*
 * New ones, for @vtpm, or those that its state file describes, which may be older
 * than the ledger says with @accept. 0 or an errno of VTPM_MUX_IOC_CREATE or
 * VTPM_MUX_IOC_OPEN; there are none then.
 */
int vtpm_make_new(struct vtpm *vtpm);
int vtpm_make_again(struct vtpm *vtpm, const struct vtpm_store_identity *id, bool accept);

/*
 * Another engine for a vTPM that has one, of this state, which its state file
 * then has too. Errors are those of VTPM_IOC_SET_STATE, and the file's.
 */
struct vtpm2 *vtpm_make_other(struct vtpm *vtpm, const struct vtpm_plain *plain);

#endif
