/* SPDX-License-Identifier: GPL-2.0 */
#ifndef HW_SOFT_H
#define HW_SOFT_H

#include "../../drivers/vtpm_mux/tpm2/hw.h"

/**
 * struct hw_soft - a chip in software
 * @commands: operations so far
 * @forgotten: calls of forget
 * @fail: response code that the next operation returns
 * @fail_forever: ... and all after it
 * @small: a chip that has RSA-2048 and P-256 only
 */
struct hw_soft {
	unsigned long commands;
	unsigned long forgotten;
	u32 fail;
	bool fail_forever;
	bool small;
};

extern const struct vtpm2_hw_ops hw_soft_ops;

#endif
