// SPDX-License-Identifier: GPL-2.0
/*
 * Modes of operation over the AES block cipher (Part 1, 11.4.7; ISO/IEC 10116,
 * NIST SP 800-38A).
 */
#include <linux/errno.h>
#include <linux/minmax.h>
#include <linux/string.h>

#include "tpm2.h"

#define BLOCK	VTPM2_AES_BLOCK

/**
 * struct blocks - a cipher in some mode, between two blocks
 * @aes: the keyed cipher
 * @iv: feedback or counter
 * @stream: key stream, or the block before
 * @decrypt: which way
 */
struct blocks {
	struct vtpm2_aes aes;
	u8 *iv;
	u8 stream[BLOCK];
	bool decrypt;
};

static void xor_into(u8 *to, const u8 *from, size_t n)
{
	while (n--)
		*to++ ^= *from++;
}

/* The key stream of a block is the encrypted counter, a big-endian number. */
static void ctr_block(struct blocks *b, u8 *data, size_t n)
{
	int i;

	vtpm2_aes_encrypt(&b->aes, b->stream, b->iv);
	xor_into(data, b->stream, n);
	for (i = BLOCK - 1; i >= 0 && !++b->iv[i]; i--)
		;
}

/* The key stream is what the block before had, encrypted. */
static void ofb_block(struct blocks *b, u8 *data, size_t n)
{
	vtpm2_aes_encrypt(&b->aes, b->iv, b->iv);
	xor_into(data, b->iv, n);
}

/*
 * The key stream is the ciphertext before, encrypted; a short last block uses
 * its beginning, and leaves the rest of it as the feedback. No mode of
 * operation says what that should be, but other TPMs do the same.
 */
static void cfb_block(struct blocks *b, u8 *data, size_t n)
{
	vtpm2_aes_encrypt(&b->aes, b->iv, b->iv);
	memcpy(b->stream, data, n);
	xor_into(data, b->iv, n);
	memcpy(b->iv, b->decrypt ? b->stream : data, n);
}

static void cbc_block(struct blocks *b, u8 *data, size_t n)
{
	if (!b->decrypt) {
		xor_into(data, b->iv, BLOCK);
		vtpm2_aes_encrypt(&b->aes, data, data);
		memcpy(b->iv, data, BLOCK);
		return;
	}
	memcpy(b->stream, data, BLOCK);
	vtpm2_aes_decrypt(&b->aes, data, data);
	xor_into(data, b->iv, BLOCK);
	memcpy(b->iv, b->stream, BLOCK);
}

static void ecb_block(struct blocks *b, u8 *data, size_t n)
{
	if (b->decrypt)
		vtpm2_aes_decrypt(&b->aes, data, data);
	else
		vtpm2_aes_encrypt(&b->aes, data, data);
}

typedef void (*block_fn)(struct blocks *b, u8 *data, size_t n);

static block_fn find_mode(u16 mode)
{
	switch (mode) {
	case TPM2_ALG_CTR:
		return ctr_block;
	case TPM2_ALG_OFB:
		return ofb_block;
	case TPM2_ALG_CBC:
		return cbc_block;
	case TPM2_ALG_CFB:
		return cfb_block;
	case TPM2_ALG_ECB:
		return ecb_block;
	default:
		return NULL;
	}
}

bool vtpm2_sym_mode_valid(u16 mode)
{
	return find_mode(mode);
}

bool vtpm2_sym_mode_whole(u16 mode)
{
	return mode == TPM2_ALG_CBC || mode == TPM2_ALG_ECB;
}

int vtpm2_sym_crypt(const struct vtpm2_sym *sym, const u8 *key, u8 *iv,
		    u8 *data, size_t len, bool decrypt)
{
	struct blocks b = { .iv = iv, .decrypt = decrypt };
	block_fn fn = find_mode(sym->mode);
	size_t n;
	int ret;

	if (!fn || (vtpm2_sym_mode_whole(sym->mode) && len % BLOCK))
		return -EINVAL;
	ret = vtpm2_aes_setkey(&b.aes, key, sym->bits);
	if (ret)
		return ret;
	for (; len; data += n, len -= n) {
		n = min_t(size_t, len, BLOCK);
		fn(&b, data, n);
	}
	memzero_explicit(&b, sizeof(b));
	return 0;
}

static int cfb(const u8 *key, u16 bits, const u8 *iv, u8 *data, size_t len,
	       bool decrypt)
{
	const struct vtpm2_sym sym = { TPM2_ALG_AES, bits, TPM2_ALG_CFB };
	u8 feedback[BLOCK] = { 0 };

	if (iv)
		memcpy(feedback, iv, sizeof(feedback));
	return vtpm2_sym_crypt(&sym, key, feedback, data, len, decrypt);
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
