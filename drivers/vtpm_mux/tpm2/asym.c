// SPDX-License-Identifier: GPL-2.0
/* Asymmetric primitives (Part 3, 14; TPM2_TestParms: 30.3) */
#include <linux/errno.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "commands.h"

/* Parameters 1 to 3 of both RSA commands. */
struct rsa_params {
	struct vtpm2_bytes data;
	struct vtpm2_scheme scheme;
	struct vtpm2_bytes label;
};

static u32 rd_rsa_params(struct vtpm2_cmd *c, struct rsa_params *p)
{
	p->data = vtpm2_rd_2b(vtpm2_param(c), VTPM2_MAX_RSA);
	vtpm2_rd_rsa_decrypt(vtpm2_param(c), &p->scheme, true);
	p->label = vtpm2_rd_2b(vtpm2_param(c), VTPM2_MAX_DATA);
	return vtpm2_done(c);
}

/*
 * The label must end in a zero, whether the scheme uses it or not. Then the
 * key's scheme, or the given one if the key has none (Part 3, 14.2.1).
 */
static u32 check_rsa_params(const struct vtpm2_object *key,
			    struct rsa_params *p)
{
	const struct vtpm2_scheme *own = &key->pub.scheme;

	if (p->label.len && p->label.p[p->label.len - 1])
		return vtpm2_rc_p(TPM2_RC_VALUE, 3);
	if (own->alg == TPM2_ALG_NULL)
		return 0;
	if (p->scheme.alg == TPM2_ALG_NULL)
		p->scheme = *own;
	else if (p->scheme.alg != own->alg || p->scheme.hash != own->hash)
		return vtpm2_rc_p(TPM2_RC_SCHEME, 2);
	return 0;
}

u32 vtpm2_cc_rsa_encrypt(struct vtpm2 *t, struct vtpm2_cmd *c)
{
	const struct vtpm2_object *key = c->obj[0];
	u8 out[VTPM2_MAX_RSA];
	struct rsa_params p;
	u32 rc;

	rc = rd_rsa_params(c, &p);
	if (rc)
		return rc;
	if (key->pub.type != TPM2_ALG_RSA)
		return vtpm2_rc_h(TPM2_RC_KEY, 1);
	if (!(key->pub.attrs & TPM2_OA_DECRYPT))
		return vtpm2_rc_h(TPM2_RC_ATTRIBUTES, 1);
	rc = check_rsa_params(key, &p);
	if (rc)
		return rc;
	rc = vtpm2_rsa_pad_encrypt(&key->pub, &p.scheme, p.data, p.label, out);
	if (!rc)
		vtpm2_wr_2b(&c->out, out, key->pub.x_len);
	return rc;
}

u32 vtpm2_cc_rsa_decrypt(struct vtpm2 *t, struct vtpm2_cmd *c)
{
	struct vtpm2_object *key = c->obj[0];
	u8 out[VTPM2_MAX_RSA];
	size_t len = sizeof(out);
	struct rsa_params p;
	u32 rc;

	rc = rd_rsa_params(c, &p);
	if (rc)
		return rc;
	if (key->pub.type != TPM2_ALG_RSA)
		return vtpm2_rc_h(TPM2_RC_KEY, 1);
	if ((key->pub.attrs & TPM2_OA_RESTRICTED) ||
	    !(key->pub.attrs & TPM2_OA_DECRYPT))
		return vtpm2_rc_h(TPM2_RC_ATTRIBUTES, 1);
	rc = check_rsa_params(key, &p);
	if (rc)
		return rc;
	rc = vtpm2_rsa_pad_decrypt(t, key, &p.scheme, p.data, p.label, out,
				   &len);
	if (!rc)
		vtpm2_wr_2b(&c->out, out, len);
	memzero_explicit(out, sizeof(out));
	return rc;
}

/* An ephemeral key pair (d, x, y) and the point (zx, zy) shared with a key. */
struct ephemeral {
	u8 d[VTPM2_MAX_ECC];
	u8 x[VTPM2_MAX_ECC], y[VTPM2_MAX_ECC];
	u8 zx[VTPM2_MAX_ECC], zy[VTPM2_MAX_ECC];
};

static u32 make_ephemeral(const struct vtpm2_public *pub, struct ephemeral *e)
{
	struct vtpm2_bytes px = { pub->x, pub->x_len };
	struct vtpm2_bytes py = { pub->y, pub->y_len };
	size_t size = vtpm2_ecc_size(pub->curve);
	u8 x[VTPM2_MAX_ECC], y[VTPM2_MAX_ECC];
	int err;

	if (!vtpm2_fixed(px, x, size) || !vtpm2_fixed(py, y, size))
		return vtpm2_rc_h(TPM2_RC_KEY, 1);
	err = vtpm2_ecc_generate(pub->curve, e->d, e->x, e->y);
	if (err)
		return err == -ENOMEM ? TPM2_RC_MEMORY : TPM2_RC_FAILURE;
	err = vtpm2_ecc_mul(pub->curve, e->d, x, y, e->zx, e->zy);
	switch (err) {
	case 0:
		return 0;
	case -EINVAL:
		return vtpm2_rc_h(TPM2_RC_KEY, 1);
	case -ENOMEM:
		return TPM2_RC_MEMORY;
	default:
		return TPM2_RC_FAILURE;
	}
}

/* Part 3, 14.4: any ECC key will do, it is used as a public key */
u32 vtpm2_cc_ecdh_keygen(struct vtpm2 *t, struct vtpm2_cmd *c)
{
	const struct vtpm2_public *pub = &c->obj[0]->pub;
	struct ephemeral e;
	size_t size;
	u32 rc;

	rc = vtpm2_done(c);
	if (rc)
		return rc;
	if (pub->type != TPM2_ALG_ECC)
		return vtpm2_rc_h(TPM2_RC_KEY, 1);
	rc = make_ephemeral(pub, &e);
	if (!rc) {
		size = vtpm2_ecc_size(pub->curve);
		vtpm2_wr_point(&c->out, e.zx, e.zy, size);
		vtpm2_wr_point(&c->out, e.x, e.y, size);
	}
	memzero_explicit(&e, sizeof(e));
	return rc;
}

/* Part 3, 14.5 */
u32 vtpm2_cc_ecdh_zgen(struct vtpm2 *t, struct vtpm2_cmd *c)
{
	struct vtpm2_object *key = c->obj[0];
	u16 scheme = key->pub.scheme.alg;
	u8 fx[VTPM2_MAX_ECC], fy[VTPM2_MAX_ECC];
	u8 zx[VTPM2_MAX_ECC], zy[VTPM2_MAX_ECC];
	struct vtpm2_bytes x, y;
	size_t size;
	u32 rc;

	vtpm2_rd_2b_point(vtpm2_param(c), &x, &y);
	rc = vtpm2_done(c);
	if (rc)
		return rc;
	if (key->pub.type != TPM2_ALG_ECC)
		return vtpm2_rc_h(TPM2_RC_KEY, 1);
	if ((key->pub.attrs & TPM2_OA_RESTRICTED) ||
	    !(key->pub.attrs & TPM2_OA_DECRYPT))
		return vtpm2_rc_h(TPM2_RC_ATTRIBUTES, 1);
	if (scheme != TPM2_ALG_ECDH && scheme != TPM2_ALG_NULL)
		return vtpm2_rc_h(TPM2_RC_SCHEME, 1);

	size = vtpm2_ecc_size(key->pub.curve);
	if (!vtpm2_fixed(x, fx, size) || !vtpm2_fixed(y, fy, size))
		return vtpm2_rc_p(TPM2_RC_ECC_POINT, 1);
	rc = vtpm2_key_ecdh(t, key, fx, fy, zx, zy);
	if (rc)
		rc = vtpm2_rc_safe_p(rc, 1);
	else
		vtpm2_wr_point(&c->out, zx, zy, size);
	memzero_explicit(zx, sizeof(zx));
	memzero_explicit(zy, sizeof(zy));
	return rc;
}

/* Part 3, 30.3: reading the parameters is the test */
u32 vtpm2_cc_test_parms(struct vtpm2 *t, struct vtpm2_cmd *c)
{
	struct vtpm2_public *pub;
	u32 rc;

	pub = kzalloc(sizeof(*pub), GFP_KERNEL_ACCOUNT);
	if (!pub)
		return TPM2_RC_MEMORY;
	vtpm2_rd_public_parms(vtpm2_param(c), pub);
	rc = vtpm2_done(c);
	kfree(pub);
	return rc;
}
