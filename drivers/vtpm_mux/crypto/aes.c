// SPDX-License-Identifier: GPL-2.0
/*
 * AES over the kernel's library, whose tables are small and read as a whole
 * before a block: there is little for a neighbour in the cache to see.
 */
#include <crypto/aes.h>
#include <linux/build_bug.h>
#include <linux/errno.h>

#include "../tpm2/crypto.h"

int vtpm2_aes_setkey(struct vtpm2_aes *aes, const u8 *key, u16 bits)
{
	struct crypto_aes_ctx *ctx = (struct crypto_aes_ctx *)aes->state;

	BUILD_BUG_ON(sizeof(*ctx) > sizeof(aes->state));
	BUILD_BUG_ON(__alignof__(*ctx) > __alignof__(*aes));
	if (bits % 8)
		return -EINVAL;
	return aes_expandkey(ctx, key, bits / 8);
}

void vtpm2_aes_encrypt(const struct vtpm2_aes *aes, u8 *out, const u8 *in)
{
	aes_encrypt((const struct crypto_aes_ctx *)aes->state, out, in);
}

void vtpm2_aes_decrypt(const struct vtpm2_aes *aes, u8 *out, const u8 *in)
{
	aes_decrypt((const struct crypto_aes_ctx *)aes->state, out, in);
}
