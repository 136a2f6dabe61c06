// SPDX-License-Identifier: GPL-2.0
/*
 * TPM2_MAC (Part 3, 15.6), which has one command code with TPM2_HMAC (15.5):
 * HMAC with a KEYEDHASH key, CMAC with a SYMCIPHER key.
 */
#include <linux/string.h>

#include "commands.h"

static bool is_cmac(u16 alg)
{
	return alg == TPM2_ALG_CMAC;
}

/*
 * The command's parameter is a TPMI_ALG_MAC_SCHEME (Part 2, 9.35) in both
 * commands, so what is no MAC is TPM_RC_SYMMETRIC.
 */
u16 vtpm2_rd_mac_alg(struct vtpm2_rd *rd)
{
	u16 alg = vtpm2_rd_u16(rd);

	if (!vtpm2_digest_size(alg) && !is_cmac(alg) && alg != TPM2_ALG_NULL)
		vtpm2_rd_fail(rd, TPM2_RC_SYMMETRIC);
	return alg;
}

/*
 * The key's own algorithm unless it has none: TPM_ALG_NULL asks for it, any
 * other must be the same. Then it has to be one for this type of key.
 */
static u32 select_alg(const struct vtpm2_public *pub, u16 *alg)
{
	bool sym = pub->type == TPM2_ALG_SYMCIPHER;
	u16 own = sym ? pub->sym.mode : pub->scheme.hash;

	if (*alg == TPM2_ALG_NULL)
		*alg = own;
	else if (own != TPM2_ALG_NULL && *alg != own)
		return TPM2_RC_VALUE;
	if (*alg == TPM2_ALG_NULL)
		return TPM2_RC_VALUE;
	return (sym ? is_cmac(*alg) : !!vtpm2_digest_size(*alg)) ?
		0 : TPM2_RC_SCHEME;
}

u32 vtpm2_mac_select(const struct vtpm2_object *key, u16 *alg)
{
	u32 rc;

	if (key->pub.type != TPM2_ALG_KEYEDHASH &&
	    key->pub.type != TPM2_ALG_SYMCIPHER)
		return vtpm2_rc_h(TPM2_RC_TYPE, 1);
	rc = select_alg(&key->pub, alg);
	if (rc)
		return vtpm2_rc_p(rc, 2);
	if (key->pub.attrs & TPM2_OA_RESTRICTED)
		return vtpm2_rc_h(TPM2_RC_ATTRIBUTES, 1);
	if (!(key->pub.attrs & TPM2_OA_SIGN_ENCRYPT))
		return vtpm2_rc_h(TPM2_RC_KEY, 1);
	return 0;
}

u32 vtpm2_mac_init(struct vtpm2 *t, struct vtpm2_object *key, u16 alg,
		   struct vtpm2_mac *m)
{
	u8 data[sizeof(key->sens.data)];
	size_t len = sizeof(data);
	u32 rc;

	m->alg = alg;
	if (!is_cmac(alg))
		return vtpm2_hmac_init_key(t, key, alg, &m->hmac);
	rc = vtpm2_key_data(t, key, data, &len);
	if (!rc && (len != key->pub.sym.bits / 8 ||
		    vtpm2_cmac_init(&m->cmac, key->pub.sym.bits, data)))
		rc = TPM2_RC_FAILURE;
	memzero_explicit(data, sizeof(data));
	return rc;
}

void vtpm2_mac_update(struct vtpm2_mac *m, struct vtpm2_bytes data)
{
	if (is_cmac(m->alg))
		vtpm2_cmac_update(&m->cmac, data.p, data.len);
	else
		vtpm2_hmac_update(&m->hmac, data.p, data.len);
}

void vtpm2_mac_final(struct vtpm2_mac *m, struct vtpm2_digest *mac)
{
	if (is_cmac(m->alg)) {
		mac->len = VTPM2_AES_BLOCK;
		vtpm2_cmac_final(&m->cmac, mac->buf);
	} else {
		mac->len = vtpm2_digest_size(m->alg);
		vtpm2_hmac_final(&m->hmac, mac->buf);
	}
}

u32 vtpm2_cc_hmac(struct vtpm2 *t, struct vtpm2_cmd *c)
{
	struct vtpm2_bytes data = vtpm2_rd_2b(vtpm2_param(c), VTPM2_MAX_BUFFER);
	u16 alg = vtpm2_rd_mac_alg(vtpm2_param(c));
	struct vtpm2_digest digest;
	struct vtpm2_mac mac;
	u32 rc;

	rc = vtpm2_done(c);
	if (rc)
		return rc;
	rc = vtpm2_mac_select(c->obj[0], &alg);
	if (rc)
		return rc;
	rc = vtpm2_mac_init(t, c->obj[0], alg, &mac);
	if (rc)
		return rc;
	vtpm2_mac_update(&mac, data);
	vtpm2_mac_final(&mac, &digest);
	vtpm2_wr_digest(&c->out, &digest);
	return 0;
}
