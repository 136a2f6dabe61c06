/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The key to a vTPM's state file, sealed by the chip under the VMK.
 */
#ifndef VTPM_HW_STATEKEY_H
#define VTPM_HW_STATEKEY_H

#include <linux/types.h>

#include "../tpm2/hw.h"

struct vtpm_hw;

#define VTPM_STATE_KEY_LEN	32

/* Seal @key, and @hw's shadow_auth with it. 0 or an errno. */
int vtpm_statekey_seal(struct vtpm_hw *hw, const u8 *key, struct vtpm2_shadow *sealed);
/*
 * The reverse, into @key and @hw. -EXDEV: the MRK is not the chip's. -EBADMSG:
 * the chip did not make this.
 */
int vtpm_statekey_unseal(struct vtpm_hw *hw, const struct vtpm2_shadow *sealed, u8 *key);

#endif
