/* SPDX-License-Identifier: GPL-2.0 */
#ifndef ESYS_STARVE_H
#define ESYS_STARVE_H

#include <tss2/tss2_tcti.h>

/*
 * A TCTI for @device that tries each command first with each of its allocations
 * failing. Lives until the program ends.
 */
TSS2_TCTI_CONTEXT *starve_open(const char *device);
/* Allocations that were made to fail so far; @wrong: that were not reported so. */
unsigned long starve_count(unsigned long *wrong);

#endif
