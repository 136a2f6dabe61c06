// SPDX-License-Identifier: GPL-2.0
/* TPM2_EncryptDecrypt and TPM2_EncryptDecrypt2 (Part 3, 15.2 and 15.3) */
#include <linux/slab.h>
#include <linux/string.h>

#include "commands.h"

/**
 * struct cipher - both commands' parameters
 * @data: inData
 * @iv: ivIn
 * @decrypt: which way
 * @mode: of the key or of the command
 * @n_data: number of the parameter inData
 * @n_mode: of mode
 * @n_iv: of ivIn
 */
struct cipher {
	struct vtpm2_bytes data;
	struct vtpm2_bytes iv;
	bool decrypt;
	u16 mode;
	u8 n_data, n_mode, n_iv;
};

/* 9.37 TPMI_ALG_CIPHER_MODE+ */
static u16 rd_cipher_mode(struct vtpm2_rd *rd)
{
	u16 mode = vtpm2_rd_u16(rd);

	if (!vtpm2_sym_mode_valid(mode) && mode != TPM2_ALG_NULL)
		vtpm2_rd_fail(rd, TPM2_RC_MODE);
	return mode;
}

static void rd_data(struct vtpm2_cmd *c, struct cipher *p)
{
	p->data = vtpm2_rd_2b(vtpm2_param(c), VTPM2_MAX_BUFFER);
}

static void rd_how(struct vtpm2_cmd *c, struct cipher *p)
{
	p->decrypt = vtpm2_rd_bool(vtpm2_param(c));
	p->mode = rd_cipher_mode(vtpm2_param(c));
	p->iv = vtpm2_rd_2b(vtpm2_param(c), VTPM2_AES_BLOCK);
}

static u32 check_key(const struct vtpm2_public *pub, bool decrypt)
{
	u32 way = decrypt ? TPM2_OA_DECRYPT : TPM2_OA_SIGN_ENCRYPT;

	if (pub->type != TPM2_ALG_SYMCIPHER)
		return TPM2_RC_KEY;
	if ((pub->attrs & TPM2_OA_RESTRICTED) || !(pub->attrs & way))
		return TPM2_RC_ATTRIBUTES;
	/* a key for CMAC is none for a cipher */
	if (!vtpm2_sym_mode_valid(pub->sym.mode) &&
	    pub->sym.mode != TPM2_ALG_NULL)
		return TPM2_RC_MODE;
	return 0;
}

/* The key's mode if it has one, which the command may only repeat. */
static u32 check_params(const struct vtpm2_public *pub, struct cipher *p)
{
	u16 own = pub->sym.mode;

	if (own == TPM2_ALG_NULL ? p->mode == TPM2_ALG_NULL :
	    p->mode != TPM2_ALG_NULL && p->mode != own)
		return vtpm2_rc_p(TPM2_RC_MODE, p->n_mode);
	if (own != TPM2_ALG_NULL)
		p->mode = own;
	if (p->iv.len != (p->mode == TPM2_ALG_ECB ? 0 : VTPM2_AES_BLOCK))
		return vtpm2_rc_p(TPM2_RC_SIZE, p->n_iv);
	if (vtpm2_sym_mode_whole(p->mode) && p->data.len % VTPM2_AES_BLOCK)
		return vtpm2_rc_p(TPM2_RC_SIZE, p->n_data);
	return 0;
}

/* Writes outData and ivOut, which would be the ivIn of what follows. */
static u32 run(struct vtpm2 *t, struct vtpm2_cmd *c, const struct cipher *p)
{
	struct vtpm2_object *key = c->obj[0];
	struct vtpm2_sym sym = key->pub.sym;
	u8 secret[sizeof(key->sens.data)];
	size_t len = sizeof(secret);
	u8 iv[VTPM2_AES_BLOCK];
	u8 *data;
	u32 rc;

	data = kmemdup(p->data.p, p->data.len, GFP_KERNEL_ACCOUNT);
	if (!data)
		return TPM2_RC_MEMORY;
	if (p->iv.len)
		memcpy(iv, p->iv.p, sizeof(iv));	/* of this size or none */
	sym.mode = p->mode;
	rc = vtpm2_key_data(t, key, secret, &len);
	if (!rc && (len != sym.bits / 8 ||
		    vtpm2_sym_crypt(&sym, secret, iv, data, p->data.len,
				    p->decrypt)))
		rc = TPM2_RC_FAILURE;
	if (!rc) {
		vtpm2_wr_2b(&c->out, data, p->data.len);
		vtpm2_wr_2b(&c->out, iv, p->iv.len);
	}
	memzero_explicit(secret, sizeof(secret));
	kfree_sensitive(data);
	return rc;
}

static u32 encrypt_decrypt(struct vtpm2 *t, struct vtpm2_cmd *c,
			   struct cipher *p)
{
	u32 rc = vtpm2_done(c);

	if (rc)
		return rc;
	rc = check_key(&c->obj[0]->pub, p->decrypt);
	if (rc)
		return vtpm2_rc_h(rc, 1);
	rc = check_params(&c->obj[0]->pub, p);
	return rc ?: run(t, c, p);
}

u32 vtpm2_cc_encrypt_decrypt(struct vtpm2 *t, struct vtpm2_cmd *c)
{
	struct cipher p = { .n_mode = 2, .n_iv = 3, .n_data = 4 };

	rd_how(c, &p);
	rd_data(c, &p);
	return encrypt_decrypt(t, c, &p);
}

/* The data first, so that a session can encrypt it. */
u32 vtpm2_cc_encrypt_decrypt2(struct vtpm2 *t, struct vtpm2_cmd *c)
{
	struct cipher p = { .n_data = 1, .n_mode = 3, .n_iv = 4 };

	rd_data(c, &p);
	rd_how(c, &p);
	return encrypt_decrypt(t, c, &p);
}
