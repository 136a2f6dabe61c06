/* SPDX-License-Identifier: GPL-2.0 */
/*
 * AES-256-GCM with a 96-bit nonce: 4 bytes of @nonce and 8 of zero.
 */
#ifndef VTPM_STORE_AEAD_H
#define VTPM_STORE_AEAD_H

#include <linux/types.h>

struct vtpm_aead;

/* Of VTPM_STATE_KEY_SIZE bytes; or an ERR_PTR. */
struct vtpm_aead *vtpm_aead_alloc(const u8 *key);
void vtpm_aead_free(struct vtpm_aead *aead);

/*
 * @data is what kmalloc() gave: @aad_len bytes that are authenticated, then
 * VTPM_STATE_TAG_SIZE bytes of tag, then @len bytes that are encrypted in place.
 * vtpm_aead_open() returns -EBADMSG where the tag does not fit.
 */
int vtpm_aead_seal(struct vtpm_aead *aead, u32 nonce, u8 *data, size_t aad_len,
		   size_t len);
int vtpm_aead_open(struct vtpm_aead *aead, u32 nonce, u8 *data, size_t aad_len,
		   size_t len);

#endif
