// SPDX-License-Identifier: GPL-2.0
/* CMAC over AES (NIST SP 800-38B; Part 1, 11.4.8) */
#include <linux/minmax.h>
#include <linux/string.h>

#include "tpm2.h"

/* Multiply by x in the field of 2^128 elements. */
static void twice(u8 *block)
{
	u8 carry = -(block[0] >> 7);
	int i;

	for (i = 0; i < VTPM2_AES_BLOCK - 1; i++)
		block[i] = (block[i] << 1) | (block[i + 1] >> 7);
	block[i] = (block[i] << 1) ^ (carry & 0x87);
}

static void xor_block(u8 *to, const u8 *from, size_t n)
{
	while (n--)
		*to++ ^= *from++;
}

int vtpm2_cmac_init(struct vtpm2_cmac *c, u16 bits, const u8 *key)
{
	struct vtpm2_aes aes;
	int ret = vtpm2_aes_setkey(&aes, key, bits);

	memzero_explicit(&aes, sizeof(aes));
	if (ret)
		return ret;
	memset(c, 0, sizeof(*c));
	c->bits = bits;
	memcpy(c->key, key, bits / 8);	/* 256 at most: the cipher took it */
	return 0;
}

/* The last block stays as it is: only the end tells which subkey it gets. */
void vtpm2_cmac_update(struct vtpm2_cmac *c, const u8 *data, size_t len)
{
	struct vtpm2_aes aes;
	size_t n;

	vtpm2_aes_setkey(&aes, c->key, c->bits);
	for (; len; data += n, len -= n) {
		if (c->used == VTPM2_AES_BLOCK) {
			vtpm2_aes_encrypt(&aes, c->block, c->block);
			c->used = 0;
		}
		n = min_t(size_t, len, VTPM2_AES_BLOCK - c->used);
		xor_block(c->block + c->used, data, n);
		c->used += n;
	}
	memzero_explicit(&aes, sizeof(aes));
}

void vtpm2_cmac_final(struct vtpm2_cmac *c, u8 *mac)
{
	u8 subkey[VTPM2_AES_BLOCK] = { 0 };
	struct vtpm2_aes aes;

	vtpm2_aes_setkey(&aes, c->key, c->bits);
	vtpm2_aes_encrypt(&aes, subkey, subkey);
	twice(subkey);
	if (c->used < VTPM2_AES_BLOCK) {
		c->block[c->used] ^= 0x80;
		twice(subkey);
	}
	xor_block(c->block, subkey, sizeof(subkey));
	vtpm2_aes_encrypt(&aes, mac, c->block);
	memzero_explicit(&aes, sizeof(aes));
	memzero_explicit(subkey, sizeof(subkey));
	memzero_explicit(c, sizeof(*c));
}
