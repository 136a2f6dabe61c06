/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The chip's counter that says which ledger is the last.
 */
#ifndef VTPM_HW_COUNTER_H
#define VTPM_HW_COUNTER_H

struct vtpm_chip;

#define VTPM_COUNTER_INDEX	0x01805654	/* "VT" in the owner's range */

/**
 * vtpm_counter_look() - is there a counter of ours?
 * @chip: held; is told
 *
 * Return: 0 whether or not, a response code or an errno.
 */
int vtpm_counter_look(struct vtpm_chip *chip);

#endif
