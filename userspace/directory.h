/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The directory of what the host keeps, and those in it.
 */
#ifndef VTPMCTL_DIRECTORY_H
#define VTPMCTL_DIRECTORY_H

#include <stdbool.h>

#define DIRECTORY	"/var/lib/vtpm-mux"
#define LEDGER		DIRECTORY "/ledger"
#define ADMISSIONS	DIRECTORY "/admitted"

/*
 * A descriptor of DIRECTORY, or of one in it, locked until the program ends. Without
 * @make, -1 if there is none; else it is made, durably. Whatever else fails ends the
 * program.
 */
int directory_lock(const char *path, bool make);

#endif
