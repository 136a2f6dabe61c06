/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A vTPM and its state file: the key from the chip, the records for the engine.
 */
#ifndef VTPM_PERSIST_H
#define VTPM_PERSIST_H

#include <linux/types.h>
#include <linux/uuid.h>

#include "store.h"
#include "tpm2/engine.h"

struct vtpm_hw;
struct vtpm_persist;

/* The file behind a descriptor; an ERR_PTR with the errnos of store_file.h. */
struct vtpm_persist *vtpm_persist_get(int fd);
/* Let go of it. The caller serializes all that follows. */
void vtpm_persist_put(struct vtpm_persist *p);

/* Whose file it is: that of @uuid, or of anyone if that is zero. */
int vtpm_persist_identify(struct vtpm_persist *p, struct vtpm_store_identity *id,
			  const u8 *uuid);

/*
 * Make it the file of a new vTPM, with a key that @hw seals. -ENOTEMPTY: there
 * is something in it.
 */
int vtpm_persist_make(struct vtpm_persist *p, struct vtpm_hw *hw, const uuid_t *uuid,
		      u32 assurance, u32 pcr_banks);
/* All that the new vTPM has so far. */
int vtpm_persist_begin(struct vtpm_persist *p, struct vtpm2 *tpm);

/* And the ledger knows it from now on. */
int vtpm_persist_enter(struct vtpm_persist *p);

/*
 * The chip's side of the vTPM that it is the file of, or an ERR_PTR. @accept: also
 * where it is older than the ledger says, or not in it.
 */
struct vtpm_hw *vtpm_persist_open(struct vtpm_persist *p,
				  const struct vtpm_store_identity *id, bool accept);
/* And its engine, or an ERR_PTR. */
struct vtpm2 *vtpm_persist_restore(struct vtpm_persist *p,
				   const struct vtpm2_config *config);
/* The engine's commits go there. */
void vtpm_persist_config(struct vtpm_persist *p, struct vtpm2_config *config);

/* The last write: all is well; or the keys to it are gone. */
void vtpm_persist_close(struct vtpm_persist *p);
int vtpm_persist_erase(struct vtpm_persist *p);

/* The vTPM is off: it may be long until it changes again. Waits for nothing. */
void vtpm_persist_power_off(struct vtpm_persist *p);

/* See vtpm_store_blob_key(). */
void vtpm_persist_blob_key(const struct vtpm_persist *p, u8 *key);

void vtpm_persist_get_status(const struct vtpm_persist *p,
			     struct vtpm_store_status *status);
size_t vtpm_persist_bytes(const struct vtpm_persist *p);

#endif
