/* SPDX-License-Identifier: GPL-2.0 */
/* The outer wrapper of what a storage key protects: wrap.c. */
#ifndef VTPM2_WRAP_H
#define VTPM2_WRAP_H

#include "tpm2.h"

/**
 * struct vtpm2_wrapper - how something is wrapped
 * @pub: the protector: its nameAlg and symmetric algorithm are used
 * @seed: what the keys come from: a parent's seedValue, or a shared seed
 * @name: Name of the object that is wrapped, or that a credential is for
 * @iv: a random IV goes with it (TPM2B_PRIVATE); else the IV is zero
 */
struct vtpm2_wrapper {
	const struct vtpm2_public *pub;
	const struct vtpm2_digest *seed;
	const struct vtpm2_name *name;
	bool iv;
};

/*
 * What is written between begin and end is wrapped. Begin returns the place
 * that end needs; end fails with an unnumbered code, or TPM_RC_FAILURE if @wr
 * has overflowed. The caller wipes what it does not send.
 */
size_t vtpm2_wrap_begin(const struct vtpm2_wrapper *w, struct vtpm2_wr *wr);
u32 vtpm2_wrap_end(const struct vtpm2_wrapper *w, struct vtpm2_wr *wr,
		   size_t at);
/*
 * @out has room for @blob.len bytes, which is more than comes out: *@len.
 * TPM_RC_INTEGRITY, or what is wrong with the blob's form; unnumbered.
 */
u32 vtpm2_unwrap(const struct vtpm2_wrapper *w, struct vtpm2_bytes blob,
		 u8 *out, size_t *len);

/* TPMT_SENSITIVE, authValue padded to the size of nameAlg's digest. */
void vtpm2_wr_sensitive(struct vtpm2_wr *wr, const struct vtpm2_object *obj);
/* As a TPM2B: Part 2, 12.3.2.5 */
void vtpm2_wr_2b_sensitive(struct vtpm2_wr *wr,
			   const struct vtpm2_object *obj);
/* Returns sensitiveType; authValue is left as long as it was sent. */
u16 vtpm2_rd_sensitive(struct vtpm2_rd *rd, struct vtpm2_sensitive *sens);

#endif
