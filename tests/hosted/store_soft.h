/* SPDX-License-Identifier: GPL-2.0 */
#ifndef STORE_SOFT_H
#define STORE_SOFT_H

#include "../../drivers/vtpm_mux/tpm2/engine.h"

struct store_soft_record {
	struct vtpm2_record rec;
	u8 *data;
};

/**
 * struct store_soft - a store in memory
 * @n: records
 * @rec: the records, in no order
 * @commits: calls of commit so far that have succeeded
 * @fail_in: n > 0 makes the n-th commit from now on fail, once
 * @fail: all of them fail
 * @failed: those that have
 */
struct store_soft {
	unsigned int n;
	struct store_soft_record rec[VTPM2_MAX_RECORDS];
	unsigned long commits;
	unsigned long fail_in;
	bool fail;
	unsigned long failed;
};

extern const struct vtpm2_store_ops store_soft_ops;

/* What a vTPM that was made and not restored begins with. */
void store_soft_fill(struct store_soft *store, struct vtpm2 *t);
/* A vTPM from what is stored, with @volatile if that is not NULL. */
struct vtpm2 *store_soft_restore(const struct store_soft *store,
				 const struct vtpm2_config *config,
				 const void *rest, size_t len);
/* NULL, or what is not the same in @t as in the store. */
const char *store_soft_differs(const struct store_soft *store, struct vtpm2 *t);
void store_soft_copy(struct store_soft *to, const struct store_soft *from);
bool store_soft_same(const struct store_soft *a, const struct store_soft *b);
void store_soft_free(struct store_soft *store);

#endif
