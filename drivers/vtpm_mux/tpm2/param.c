// SPDX-License-Identifier: GPL-2.0
/*
 * Encryption of the first parameter of a command or response (Part 1, 21).
 *
 * The size of a TPM2B stays in the clear, its bytes are encrypted under
 * sessionKey || authValue, the latter where the session authorizes a handle.
 */
#include <linux/errno.h>
#include <linux/string.h>
#include <linux/unaligned.h>

#include "txn.h"

/* @newer and @older: the nonces, of whoever spoke last and before. */
static int crypt(const struct vtpm2_session *s, const u8 *key, size_t key_len,
		 struct vtpm2_bytes newer, struct vtpm2_bytes older,
		 u8 *data, size_t len, bool decrypt)
{
	u8 stream[256 / 8 + VTPM2_AES_BLOCK];	/* key, then IV */
	size_t key_size = s->sym.bits / 8;
	int ret;

	if (s->sym.alg == TPM2_ALG_XOR) {
		vtpm2_xor(s->hash, key, key_len, newer.p, newer.len, older.p,
			  older.len, data, len);
		return 0;
	}
	if (key_size + VTPM2_AES_BLOCK > sizeof(stream))
		return -EINVAL;
	vtpm2_kdfa(s->hash, key, key_len, "CFB", newer.p, newer.len, older.p,
		   older.len, s->sym.bits + VTPM2_AES_BLOCK * 8, stream);
	if (decrypt)
		ret = vtpm2_cfb_decrypt(stream, s->sym.bits, stream + key_size,
					data, len);
	else
		ret = vtpm2_cfb_encrypt(stream, s->sym.bits, stream + key_size,
					data, len);
	memzero_explicit(stream, sizeof(stream));
	return ret;
}

/* Bytes of the TPM2B at @p, of which @len bytes are there. */
static u32 sized_data(const u8 *p, size_t len, size_t *size)
{
	if (len < 2)
		return TPM2_RC_INSUFFICIENT;
	*size = get_unaligned_be16(p);
	return *size > len - 2 ? TPM2_RC_SIZE : 0;
}

static u32 param_crypt(struct vtpm2 *t, const struct vtpm2_cmd *c,
		       unsigned int i, u8 *p, size_t len, bool decrypt)
{
	bool with_auth = vtpm2_auth_handle(c, i) != TPM2_RH_UNASSIGNED;
	const struct vtpm2_session *s = c->auth[i].session;
	struct vtpm2_bytes tpm = { s->nonce_tpm.buf, s->nonce_tpm.len };
	struct vtpm2_bytes caller = c->auth[i].nonce;
	u8 key[VTPM2_AUTH_KEY_SIZE];
	size_t key_len, size;
	int ret;
	u32 rc;

	rc = sized_data(p, len, &size);
	if (rc)
		return rc;
	key_len = vtpm2_auth_key(t, c, i, with_auth, key);
	ret = crypt(s, key, key_len, decrypt ? caller : tpm,
		    decrypt ? tpm : caller, p + 2, size, decrypt);
	memzero_explicit(key, sizeof(key));
	return ret ? TPM2_RC_FAILURE : 0;
}

/* Decrypt in place what a session with decrypt encrypted. Unnumbered code. */
u32 vtpm2_param_decrypt(struct vtpm2 *t, struct vtpm2_cmd *c)
{
	int i = vtpm2_auth_index(c, TPM2_SA_DECRYPT);
	u8 *cmd = t->txn->cmd;

	if (i < 0)
		return 0;
	/* the parameters are the end of the TPM's own copy of the command */
	return param_crypt(t, c, i, cmd + (c->cp.p - cmd), c->cp.len, true);
}

u32 vtpm2_param_encrypt(struct vtpm2 *t, const struct vtpm2_cmd *c, u8 *p,
			size_t len)
{
	int i = vtpm2_auth_index(c, TPM2_SA_ENCRYPT);

	return i < 0 ? 0 : param_crypt(t, c, i, p, len, false);
}
