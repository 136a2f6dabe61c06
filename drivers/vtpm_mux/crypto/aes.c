// SPDX-License-Identifier: GPL-2.0
/*
 * AES over the kernel's library, whose tables are small and read as a whole
 * before a block: there is little for a neighbour in the cache to see.
 */
#include <crypto/aes.h>
#include <linux/build_bug.h>
#include <linux/errno.h>

#include "../compat.h"
#include "../tpm2/crypto.h"

int vtpm2_aes_setkey(struct vtpm2_aes *aes, const u8 *key, u16 bits)
{
	struct vtpm_aes_key *k = (struct vtpm_aes_key *)aes->state;

	BUILD_BUG_ON(sizeof(*k) > sizeof(aes->state));
	BUILD_BUG_ON(__alignof__(*k) > __alignof__(*aes));
	if (bits % 8)
		return -EINVAL;
	return vtpm_aes_setkey(k, key, bits / 8);
}

void vtpm2_aes_encrypt(const struct vtpm2_aes *aes, u8 *out, const u8 *in)
{
	aes_encrypt((const struct vtpm_aes_key *)aes->state, out, in);
}

void vtpm2_aes_decrypt(const struct vtpm2_aes *aes, u8 *out, const u8 *in)
{
	aes_decrypt((const struct vtpm_aes_key *)aes->state, out, in);
}
