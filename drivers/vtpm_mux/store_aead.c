// SPDX-License-Identifier: GPL-2.0
/*
 * AES-256-GCM over the kernel's crypto API.
 */
#include <crypto/aead.h>
#include <linux/crypto.h>
#include <linux/err.h>
#include <linux/module.h>
#include <linux/scatterlist.h>
#include <linux/slab.h>
#include <linux/unaligned.h>

#include "store_aead.h"
#include "store_format.h"

/**
 * struct vtpm_aead - a key
 * @tfm: the key in the kernel's crypto
 * @iv: the nonce: drivers may not be given the stack; the caller serializes
 */
struct vtpm_aead {
	struct crypto_aead *tfm;
	u8 iv[12];
};

struct vtpm_aead *vtpm_aead_alloc(const u8 *key)
{
	struct vtpm_aead *aead;
	int rc;

	aead = kzalloc(sizeof(*aead), GFP_KERNEL_ACCOUNT);
	if (!aead)
		return ERR_PTR(-ENOMEM);
	aead->tfm = crypto_alloc_aead("gcm(aes)", 0, 0);
	if (IS_ERR(aead->tfm)) {
		rc = PTR_ERR(aead->tfm);
		goto err_free;
	}
	rc = crypto_aead_setkey(aead->tfm, key, VTPM_STATE_KEY_SIZE);
	if (!rc)
		rc = crypto_aead_setauthsize(aead->tfm, VTPM_STATE_TAG_SIZE);
	if (!rc)
		return aead;
	crypto_free_aead(aead->tfm);
err_free:
	kfree(aead);
	return ERR_PTR(rc);
}

void vtpm_aead_free(struct vtpm_aead *aead)
{
	if (!aead)
		return;
	crypto_free_aead(aead->tfm);
	kfree(aead);
}

/* The API wants the tag behind the text; the file has it before. */
static int vtpm_aead_crypt(struct vtpm_aead *aead, u32 nonce, u8 *data,
			   size_t aad_len, size_t len, bool seal)
{
	struct aead_request *req;
	struct scatterlist sg[3];
	DECLARE_CRYPTO_WAIT(wait);
	int rc;

	req = aead_request_alloc(aead->tfm, GFP_KERNEL_ACCOUNT);
	if (!req)
		return -ENOMEM;
	put_unaligned_le32(nonce, aead->iv);
	sg_init_table(sg, len ? 3 : 2);
	sg_set_buf(&sg[0], data, aad_len);
	if (len)
		sg_set_buf(&sg[1], data + aad_len + VTPM_STATE_TAG_SIZE, len);
	sg_set_buf(&sg[len ? 2 : 1], data + aad_len, VTPM_STATE_TAG_SIZE);

	aead_request_set_callback(req, CRYPTO_TFM_REQ_MAY_BACKLOG |
				  CRYPTO_TFM_REQ_MAY_SLEEP, crypto_req_done, &wait);
	aead_request_set_ad(req, aad_len);
	if (seal) {
		aead_request_set_crypt(req, sg, sg, len, aead->iv);
		rc = crypto_wait_req(crypto_aead_encrypt(req), &wait);
	} else {
		aead_request_set_crypt(req, sg, sg, len + VTPM_STATE_TAG_SIZE,
				       aead->iv);
		rc = crypto_wait_req(crypto_aead_decrypt(req), &wait);
	}
	aead_request_free(req);
	return rc;
}

int vtpm_aead_seal(struct vtpm_aead *aead, u32 nonce, u8 *data, size_t aad_len,
		   size_t len)
{
	return vtpm_aead_crypt(aead, nonce, data, aad_len, len, true);
}

int vtpm_aead_open(struct vtpm_aead *aead, u32 nonce, u8 *data, size_t aad_len,
		   size_t len)
{
	return vtpm_aead_crypt(aead, nonce, data, aad_len, len, false);
}

MODULE_SOFTDEP("pre: gcm");
