/* SPDX-License-Identifier: GPL-2.0 */
/*
 * vtpmctl host: the physical TPM.
 */
#ifndef VTPMCTL_HOST_H
#define VTPMCTL_HOST_H

#include <stdbool.h>
#include <stddef.h>

#include <linux/vtpm_mux.h>

/* Besides EXIT_SUCCESS and EXIT_FAILURE. */
enum {
	EXIT_USAGE = 2,
	EXIT_NO_MUX = 3,	/* /dev/vtpm-mux cannot be opened */
	EXIT_NO_VTPM = 4,
	EXIT_BUSY = 5,
};

/* What the command line said; NULL or 0 for what it did not. */
struct host_args {
	const char *owner_auth_file;
	const char *authority;
	const char *policy;
	const char *signature;
	unsigned int bank;		/* VTPM_BANK_* */
	unsigned int pcrs;
	bool replace;
	bool keep;
	const char *ledger;
	unsigned int interval;		/* seconds */
	bool new;
};

/* "sha256:0,2,7". Ends the program if it is not. */
void host_parse_pcrs(struct host_args *args, const char *text);
/* The chip's owner authorization that was given. Returns its size. */
size_t host_owner_auth(const struct host_args *args, __u8 auth[VTPM_AUTH_MAX]);

void host_status(int mux, const struct host_args *args);
void host_init(int mux, const struct host_args *args);

/* vtpmctl.c: why the chip could not do it, and what to do about it. */
const char *chip_advice(int err);

#endif
