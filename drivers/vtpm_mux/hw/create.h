/* SPDX-License-Identifier: GPL-2.0 */
/*
 * TPM2_Create (Part 3, 12.1): its parameters, and belief in its response.
 */
#ifndef VTPM_HW_CREATE_H
#define VTPM_HW_CREATE_H

#include <linux/types.h>

#include "public.h"
#include "wire.h"

/**
 * struct vtpm_created - a new object, in place in the response
 * @blob: TPM2B_PRIVATE and TPM2B_PUBLIC
 * @len: their length
 * @public: the latter, read
 */
struct vtpm_created {
	const u8 *blob;
	size_t len;
	struct vtpm_public public;
};

/* inSensitive; the caller writes the template next. Returns a mark. */
size_t vtpm_create_begin(struct vtpm_wr *wr, const u8 *auth, size_t auth_len,
			 const u8 *data, size_t data_len);
/* After the template. */
void vtpm_create_end(struct vtpm_wr *wr, size_t mark);

/**
 * vtpm_create_read() - read and check what TPM2_Create returned
 * @rsp: its response parameters
 * @parent_name: the name that the parent must have had
 * @created: filled in
 *
 * The creation data names the parent that the chip used. Whoever can send the
 * chip commands of his own could have put another object at the handle that we
 * gave as the parent's.
 *
 * Return: 0 or -EBADMSG.
 */
int vtpm_create_read(struct vtpm_rd *rsp, const u8 *parent_name,
		     struct vtpm_created *created);

#endif
