/* SPDX-License-Identifier: GPL-2.0 */
/*
 * vtpmctl: the host's ledger, without which no state file is used.
 */
#ifndef VTPMCTL_LEDGER_H
#define VTPMCTL_LEDGER_H

#include <stdbool.h>

#include <linux/types.h>

#include "host.h"

/* A number of seconds. Ends the program if it is not. */
void ledger_parse_interval(struct host_args *args, const char *text);

/*
 * A state file is to be used: attach the ledger at its usual place, if there is one
 * and none is attached. @make: make it, if this host has none. Ends if that fails;
 * where there is nothing that could be done, the kernel will say what is missing.
 */
void ledger_need(int mux, bool make);

/* No state file of this vTPM is to be opened any more. Ends if that fails. */
void ledger_forget(int mux, const __u8 uuid[16]);

/* host anchor, unanchor, ledger */
void ledger_anchor(int mux, const struct host_args *args);
void ledger_unanchor(int mux, const struct host_args *args);
void ledger_list(int mux, const struct host_args *args);

#endif
