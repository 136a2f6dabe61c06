// SPDX-License-Identifier: GPL-2.0
/*
 * AES-256-GCM of the store, over OpenSSL. It remembers every key and nonce that
 * something was encrypted with: a store that uses one twice is stopped.
 */
#include <stdio.h>
#include <stdlib.h>

#include <openssl/evp.h>

#include <linux/err.h>
#include <linux/slab.h>
#include <linux/unaligned.h>

#include "../../drivers/vtpm_mux/store_aead.h"
#include "../../drivers/vtpm_mux/store_format.h"
#include "../../drivers/vtpm_mux/tpm2/crypto.h"
#include "../../drivers/vtpm_mux/tpm2/types.h"

struct vtpm_aead {
	u8 key[VTPM_STATE_KEY_SIZE];
};

/* Digests of what was used: a set, open addressing. */
static u64 *used;
static size_t used_count, used_cap;

static void used_insert(u64 *set, size_t cap, u64 id)
{
	size_t i;

	for (i = id % cap; set[i]; i = (i + 1) % cap)
		if (set[i] == id) {
			fprintf(stderr, "a nonce is used twice under one key\n");
			abort();
		}
	set[i] = id;
}

static void used_add(const u8 *key, u32 nonce)
{
	u8 digest[VTPM2_MAX_DIGEST];
	struct vtpm2_hash h;
	size_t i;

	if (used_count * 2 >= used_cap) {
		size_t cap = used_cap ? used_cap * 2 : 1 << 16;
		u64 *set = calloc(cap, sizeof(*set));

		for (i = 0; i < used_cap; i++)
			if (used[i])
				used_insert(set, cap, used[i]);
		free(used);
		used = set;
		used_cap = cap;
	}
	vtpm2_hash_init(&h, TPM2_ALG_SHA256);
	vtpm2_hash_update(&h, key, VTPM_STATE_KEY_SIZE);
	vtpm2_hash_update(&h, &nonce, sizeof(nonce));
	vtpm2_hash_final(&h, digest);
	used_insert(used, used_cap, get_unaligned_be64(digest) | 1);
	used_count++;
}

__attribute__((destructor)) static void used_free(void)
{
	free(used);
}

struct vtpm_aead *vtpm_aead_alloc(const u8 *key)
{
	struct vtpm_aead *aead = kmalloc(sizeof(*aead), GFP_KERNEL);

	if (!aead)
		return ERR_PTR(-ENOMEM);
	memcpy(aead->key, key, sizeof(aead->key));
	return aead;
}

void vtpm_aead_free(struct vtpm_aead *aead)
{
	kfree_sensitive(aead);
}

static bool crypt_all(EVP_CIPHER_CTX *ctx, const struct vtpm_aead *aead,
		      u32 nonce, u8 *data, size_t aad_len, size_t len, bool seal)
{
	u8 *tag = data + aad_len, *text = tag + VTPM_STATE_TAG_SIZE;
	u8 iv[12] = {};
	int n;

	put_unaligned_le32(nonce, iv);
	return EVP_CipherInit_ex(ctx, EVP_aes_256_gcm(), NULL, aead->key, iv, seal) > 0 &&
	       EVP_CipherUpdate(ctx, NULL, &n, data, aad_len) > 0 &&
	       (!len || EVP_CipherUpdate(ctx, text, &n, text, len) > 0) &&
	       (seal || EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_SET_TAG,
					    VTPM_STATE_TAG_SIZE, tag) > 0) &&
	       EVP_CipherFinal_ex(ctx, text + len, &n) > 0 &&
	       (!seal || EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_GET_TAG,
					     VTPM_STATE_TAG_SIZE, tag) > 0);
}

static int aead_crypt(struct vtpm_aead *aead, u32 nonce, u8 *data,
		      size_t aad_len, size_t len, bool seal)
{
	EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
	bool ok = crypt_all(ctx, aead, nonce, data, aad_len, len, seal);

	EVP_CIPHER_CTX_free(ctx);
	return ok ? 0 : -EBADMSG;
}

int vtpm_aead_seal(struct vtpm_aead *aead, u32 nonce, u8 *data, size_t aad_len,
		   size_t len)
{
	used_add(aead->key, nonce);
	return aead_crypt(aead, nonce, data, aad_len, len, true);
}

int vtpm_aead_open(struct vtpm_aead *aead, u32 nonce, u8 *data, size_t aad_len,
		   size_t len)
{
	return aead_crypt(aead, nonce, data, aad_len, len, false);
}
