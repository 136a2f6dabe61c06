/* SPDX-License-Identifier: GPL-2.0 */
#ifndef VTPM2_HASH_H
#define VTPM2_HASH_H

int vtpm2_hash_setup(void);
void vtpm2_hash_teardown(void);

#endif
