// SPDX-License-Identifier: GPL-2.0
/* Modes of operation over the AES block cipher (Part 1, 11.4.7). */
#include <linux/minmax.h>
#include <linux/string.h>

#include "tpm2.h"

/*
 * CFB with full-block feedback (ISO/IEC 10116): the key stream of a block is
 * the encrypted ciphertext before it; a short last block uses its beginning.
 */
static int cfb(const u8 *key, u16 bits, const u8 *iv, u8 *data, size_t len,
	       bool decrypt)
{
	u8 feedback[VTPM2_AES_BLOCK] = { 0 };
	u8 stream[VTPM2_AES_BLOCK];
	struct vtpm2_aes aes;
	size_t i, n;
	int ret;

	ret = vtpm2_aes_setkey(&aes, key, bits);
	if (ret)
		return ret;
	if (iv)
		memcpy(feedback, iv, sizeof(feedback));
	for (; len; data += n, len -= n) {
		n = min_t(size_t, len, VTPM2_AES_BLOCK);
		vtpm2_aes_encrypt(&aes, stream, feedback);
		if (decrypt)
			memcpy(feedback, data, n);
		for (i = 0; i < n; i++)
			data[i] ^= stream[i];
		if (!decrypt)
			memcpy(feedback, data, n);
	}
	memzero_explicit(&aes, sizeof(aes));
	memzero_explicit(stream, sizeof(stream));
	return 0;
}

int vtpm2_cfb_encrypt(const u8 *key, u16 bits, const u8 *iv, u8 *data,
		      size_t len)
{
	return cfb(key, bits, iv, data, len, false);
}

int vtpm2_cfb_decrypt(const u8 *key, u16 bits, const u8 *iv, u8 *data,
		      size_t len)
{
	return cfb(key, bits, iv, data, len, true);
}
