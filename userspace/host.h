/* SPDX-License-Identifier: GPL-2.0 */
/*
 * vtpmctl host: the physical TPM.
 */
#ifndef VTPMCTL_HOST_H
#define VTPMCTL_HOST_H

#include <stdbool.h>

/* What the command line said; NULL or 0 for what it did not. */
struct host_args {
	const char *owner_auth_file;
	const char *authority;
	const char *policy;
	const char *signature;
	unsigned int bank;		/* VTPM_BANK_* */
	unsigned int pcrs;
	bool replace;
};

void host_status(int mux, const struct host_args *args);
void host_init(int mux, const struct host_args *args);
void host_policy(int mux, const struct host_args *args);
void host_admit(int mux, const struct host_args *args);

/* vtpmctl.c: why the chip could not do it, and what to do about it. */
const char *chip_advice(int err);

#endif
