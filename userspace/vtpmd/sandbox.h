/* SPDX-License-Identifier: GPL-2.0 */
#ifndef VTPMD_SANDBOX_H
#define VTPMD_SANDBOX_H

#include <sys/types.h>

/* These end the process with a message if they fail. */
void sandbox_drop_root(const char *user, gid_t group);
void sandbox_main(void);
void sandbox_worker(void);

#endif
