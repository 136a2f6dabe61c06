/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A vTPM's state in a file of the operator's, and back. All end the program if
 * they fail, and have then changed nothing.
 */
#ifndef VTPMCTL_SNAPSHOT_H
#define VTPMCTL_SNAPSHOT_H

#include "libvtpm.h"

/* All of it into a new file. */
void snapshot_take(const struct vtpm_info *info, const char *path);
/* The vTPM is off: it becomes what it was. */
void snapshot_restore(const struct vtpm_info *info, const char *path);
/* What the power takes away into a new file; then it is switched off. */
void snapshot_suspend(const struct vtpm_info *info, const char *path);
/* The vTPM is off: it goes on where it was. The file is used up, and removed. */
void snapshot_resume(const struct vtpm_info *info, const char *path);

#endif
