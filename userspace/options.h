/* SPDX-License-Identifier: GPL-2.0 */
/*
 * vtpmctl: what the command line can say, and what it said.
 */
#ifndef VTPMCTL_OPTIONS_H
#define VTPMCTL_OPTIONS_H

#include <stdbool.h>

#include <linux/vtpm_mux.h>

#include "host.h"

/* Options by bit, so that a command can say which it takes. */
enum {
	OPT_JSON = 1 << 0,
	OPT_HELP = 1 << 1,
	OPT_NUMBER = 1 << 2,
	OPT_UUID = 1 << 3,
	OPT_ASSURANCE = 1 << 4,
	OPT_PCR_BANKS = 1 << 5,
	OPT_POWER_FOLLOWS_OPEN = 1 << 6,
	OPT_STATS = 1 << 7,
	OPT_FORCE = 1 << 8,
	OPT_OWNER_AUTH_FILE = 1 << 9,
	OPT_PRESENCE = 1 << 10,
	OPT_VDPA = 1 << 11,
	OPT_HOST = 1 << 12,
	OPT_STATE = 1 << 13,
	OPT_SNAPSHOTS = 1 << 14,
	OPT_AUTHORITY = 1 << 15,
	OPT_REPLACE = 1 << 16,
	OPT_PCRS = 1 << 17,
	OPT_POLICY = 1 << 18,
	OPT_SIGNATURE = 1 << 19,
	OPT_ACCEPT = 1 << 20,
	OPT_LEDGER = 1 << 21,
	OPT_NEW = 1 << 22,
	OPT_INTERVAL = 1 << 23,
	OPT_KEEP = 1 << 24,
};

/* What was given. */
struct options {
	unsigned int options;		/* OPT_* */
	struct vtpm_create create;
	const char *state;
	struct host_args host;
};

extern struct options given;

/*
 * Reads the options of the command line, wherever in it they are. Returns where the
 * command is; ends the program, with the usage, where there is none.
 */
int options_parse(int argc, char **argv);
/* The name of one of them, or NULL for none. */
const char *options_first(unsigned int options);

bool options_parse_number(const char *text, unsigned int *number);
bool options_parse_uuid(const char *text, __u8 uuid[16]);

#endif
