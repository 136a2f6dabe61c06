/* SPDX-License-Identifier: GPL-2.0 */
/*
 * State files, as vtpmctl makes and opens them.
 */
#ifndef VTPMCTL_STATE_H
#define VTPMCTL_STATE_H

#include <stdbool.h>

/* A descriptor of a new, empty file, or of one that there is. Ends if it fails. */
int state_create(const char *path);
int state_open(const char *path);
/* The name of a new file shall survive a power cut as its contents do. */
void state_keep(const char *path);
/* What the error of making (@make) or opening a vTPM says about the file; or NULL. */
const char *state_advice(int err, bool make);

#endif
