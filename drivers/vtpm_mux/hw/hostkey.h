/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The host's keys: SRK and, below it, the mux root key (MRK).
 */
#ifndef VTPM_HW_HOSTKEY_H
#define VTPM_HW_HOSTKEY_H

#include <linux/types.h>

struct vtpm_chip;

#define VTPM_SRK_HANDLE		0x81000001	/* TCG's */
#define VTPM_MRK_HANDLE		0x81005654	/* "VT" in the owner's range */

/**
 * vtpm_hostkey_provision() - find SRK and MRK, or create them
 * @chip: held; probed first if that has not been done
 * @auth: the owner's authorization; needed only to make a key persistent
 * @len: its length
 *
 * Says in the log what it did, and tells the chip (vtpm_chip_set_ready()).
 *
 * Return: 0 or an errno of vtpm_hw_provision().
 */
int vtpm_hostkey_provision(struct vtpm_chip *chip, const u8 *auth, size_t len);

/* Is the MRK still there? If not, the chip has to be provisioned again. */
bool vtpm_hostkey_check(struct vtpm_chip *chip);

#endif
