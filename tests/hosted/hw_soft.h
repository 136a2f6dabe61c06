/* SPDX-License-Identifier: GPL-2.0 */
#ifndef HW_SOFT_H
#define HW_SOFT_H

#include "../../drivers/vtpm_mux/tpm2/crypto.h"
#include "../../drivers/vtpm_mux/tpm2/hw.h"

#define HW_SOFT_COMMITS	16	/* remembered; fewer than the engine */

/**
 * struct hw_soft - a chip in software
 * @commands: operations so far
 * @forgotten: calls of forget
 * @fail: response code that the next operation returns
 * @fail_forever: ... and all after it
 * @scalar: of commitments, by the chip's count; zero: used
 * @commits: how many there were
 * @small: a chip that has RSA-2048 and P-256 only
 */
struct hw_soft {
	unsigned long commands;
	unsigned long forgotten;
	u32 fail;
	bool fail_forever;
	u8 scalar[HW_SOFT_COMMITS][VTPM2_MAX_ECC];
	u16 commits;
	bool small;
};

extern const struct vtpm2_hw_ops hw_soft_ops;

#endif
