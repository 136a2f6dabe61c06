/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The VM key: the parent, in the chip, of all objects of one vTPM.
 */
#ifndef VTPM_HW_VMK_H
#define VTPM_HW_VMK_H

#include <linux/atomic.h>
#include <linux/refcount.h>
#include <linux/types.h>

#include "../tpm2/hw.h"
#include "cache.h"

struct vtpm_chip;
struct vtpm_req;

#define VTPM_AUTH_LEN	32	/* of a SHA-256 object's, the most */

/**
 * struct vtpm_hw - the chip's side of one vTPM
 * @ref: the owner's reference, and one for each request
 * @chip: the chip
 * @commands: chip commands spent for it
 * @pending: its request, if somebody waits for one; by the queue's lock
 * @contexts: of its objects; by the cache's lock
 *
 * Constant once the VMK is created:
 * @mrk_name: the MRK above the VMK
 * @vmk_name: the VMK
 * @vmk_auth: needed to create and load the VMK's children
 * @shadow_auth: needed to use them
 * @vmk: the VMK's wrapped blob
 *
 * Both secrets are random, exist in kernel memory only, and keep the host's
 * root, who can send the chip commands about our handles, from using them.
 */
struct vtpm_hw {
	refcount_t ref;
	struct vtpm_chip *chip;
	atomic64_t commands;
	struct vtpm_req *pending;
	struct vtpm_ctx_set contexts;

	u8 mrk_name[VTPM_NAME_LEN];
	u8 vmk_name[VTPM_NAME_LEN];
	u8 vmk_auth[VTPM_AUTH_LEN];
	u8 shadow_auth[VTPM_AUTH_LEN];
	struct vtpm2_shadow vmk;
};

struct vtpm_hw *vtpm_hw_get(struct vtpm_hw *hw);
void vtpm_hw_put(struct vtpm_hw *hw);

/* The VMK as an object of the cache. */
void vtpm_vmk_object(struct vtpm_object *obj, struct vtpm_hw *hw);

#endif
