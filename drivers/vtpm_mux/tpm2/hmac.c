// SPDX-License-Identifier: GPL-2.0
/* HMAC (FIPS 198-1; Part 1, 11.4.3). */
#include <linux/string.h>

#include "tpm2.h"

void vtpm2_hmac_init(struct vtpm2_hmac *h, u16 alg, const void *key,
		     size_t len)
{
	u16 block = vtpm2_hash_block_size(alg);
	u8 ipad[VTPM2_MAX_HASH_BLOCK];
	u16 i;

	memset(h->opad, 0, sizeof(h->opad));
	if (len > block) {
		vtpm2_hash_init(&h->inner, alg);
		vtpm2_hash_update(&h->inner, key, len);
		vtpm2_hash_final(&h->inner, h->opad);
	} else if (len) {
		memcpy(h->opad, key, len);	/* a block at most */
	}
	for (i = 0; i < block; i++) {
		ipad[i] = h->opad[i] ^ 0x36;
		h->opad[i] ^= 0x5c;
	}
	vtpm2_hash_init(&h->inner, alg);
	vtpm2_hash_update(&h->inner, ipad, block);
	memzero_explicit(ipad, sizeof(ipad));
}

void vtpm2_hmac_update(struct vtpm2_hmac *h, const void *data, size_t len)
{
	vtpm2_hash_update(&h->inner, data, len);
}

/* Writes the digest size of the algorithm to @mac and wipes @h. */
void vtpm2_hmac_final(struct vtpm2_hmac *h, u8 *mac)
{
	u16 alg = h->inner.alg;

	vtpm2_hash_final(&h->inner, mac);
	vtpm2_hash_init(&h->inner, alg);
	vtpm2_hash_update(&h->inner, h->opad, vtpm2_hash_block_size(alg));
	vtpm2_hash_update(&h->inner, mac, vtpm2_digest_size(alg));
	vtpm2_hash_final(&h->inner, mac);
	memzero_explicit(h->opad, sizeof(h->opad));
}
