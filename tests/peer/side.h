/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Tests with two TPMs of different makes: objects that go from one to the
 * other. ESYS_TEST_TCTI is one side, ESYS_TEST_PEER the other.
 */
#ifndef SIDE_H
#define SIDE_H

#include "esys_test.h"

enum side {
	OURS,
	PEER,
	OURS_HARDWARE,	/* ours with hardware as its default */
	SIDES
};

/* E and tcti, and with them all helpers, are that TPM's from now on. */
void use(enum side side);

#endif
