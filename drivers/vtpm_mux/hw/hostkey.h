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
 * @chip: held; its capabilities are known
 * @auth: the owner's authorization; needed only to make a key persistent
 * @len: its length
 *
 * Says in the log what it did, and tells the chip (vtpm_chip_set_ready()).
 *
 * Return: 0 or an errno of vtpm_hw_provision().
 */
int vtpm_hostkey_provision(struct vtpm_chip *chip, const u8 *auth, size_t len);

/* The chip does not have the MRK any more. */
void vtpm_hostkey_lost(struct vtpm_chip *chip);

#endif
