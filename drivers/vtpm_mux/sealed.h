/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A store whose key the chip has sealed.
 */
#ifndef VTPM_SEALED_H
#define VTPM_SEALED_H

#include "store.h"

struct vtpm_hw;

/*
 * A new one, with a key that @hw seals. @id says whose it is; names and keys are
 * filled in. Errnos of vtpm_hw_seal() and the medium's.
 */
int vtpm_sealed_make(const struct vtpm_medium *medium, struct vtpm_hw *hw,
		     struct vtpm_store_identity *id, struct vtpm_store **store);

/*
 * One that there is, of which @id was read: the chip's side of it, or an ERR_PTR
 * of vtpm_hw_open() and vtpm_store_open().
 */
struct vtpm_hw *vtpm_sealed_open(const struct vtpm_medium *medium,
				 const struct vtpm_store_identity *id,
				 struct vtpm_store **store);

/* What is wrong with a file, in words; NULL: nothing, but with something else. */
const char *vtpm_sealed_why(int rc);

#endif
