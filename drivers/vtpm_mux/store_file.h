/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A file that somebody has opened, as a medium for the store.
 */
#ifndef VTPM_STORE_FILE_H
#define VTPM_STORE_FILE_H

#include "store.h"

struct vtpm_store_file;

/*
 * Take the file behind a descriptor of the caller's: a regular one, open for
 * reading and writing. ERR_PTR: -EBADF it is not, -EINVAL it is open in a way
 * that does not serve (O_APPEND, O_DIRECT), -VTPM_STORE_EINUSE another vTPM has
 * it, -ENOMEM; or why it cannot be opened once more.
 */
struct vtpm_store_file *vtpm_store_file_get(int fd);
void vtpm_store_file_put(struct vtpm_store_file *file);
struct vtpm_medium vtpm_store_file_medium(struct vtpm_store_file *file);

#endif
