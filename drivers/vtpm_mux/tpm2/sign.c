// SPDX-License-Identifier: GPL-2.0
/* Signatures (Part 3, 20.2 and 20.1; Part 2, 11.3; Part 1, 27.4) */
#include <crypto/utils.h>
#include <linux/array_size.h>
#include <linux/errno.h>
#include <linux/minmax.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "commands.h"

/* 11.3.4 TPMT_SIGNATURE */
void vtpm2_rd_signature(struct vtpm2_rd *rd, struct vtpm2_signature *sig)
{
	struct vtpm2_bytes r = { 0 }, s = { 0 };

	sig->scheme = (struct vtpm2_scheme){
		.hash = TPM2_ALG_NULL,
		.kdf = TPM2_ALG_NULL,
	};
	sig->scheme.alg = vtpm2_rd_u16(rd);
	/* as TPMT_SIG_SCHEME, but for ECDAA's count */
	if (vtpm2_sig_scheme_valid(sig->scheme.alg))
		sig->scheme.hash = vtpm2_rd_hash_alg(rd, false);
	else
		vtpm2_rd_fail(rd, TPM2_RC_SCHEME);
	switch (sig->scheme.alg) {
	case TPM2_ALG_RSASSA:
	case TPM2_ALG_RSAPSS:
		r = vtpm2_rd_2b(rd, sizeof(sig->r));
		break;
	case TPM2_ALG_ECDSA:
	case TPM2_ALG_ECDAA:
	case TPM2_ALG_SM2:
	case TPM2_ALG_ECSCHNORR:
		r = vtpm2_rd_2b(rd, sizeof(sig->s));
		s = vtpm2_rd_2b(rd, sizeof(sig->s));
		break;
	case TPM2_ALG_HMAC:
		r.len = vtpm2_digest_size(sig->scheme.hash);
		r.p = vtpm2_rd_bytes(rd, r.len);
		break;
	}
	sig->r_len = r.p ? r.len : 0;
	sig->s_len = s.p ? s.len : 0;
	/* each was read with its array's size, or a digest's, as the limit */
	if (sig->r_len)
		memcpy(sig->r, r.p, sig->r_len);
	if (sig->s_len)
		memcpy(sig->s, s.p, sig->s_len);
}

void vtpm2_wr_signature(struct vtpm2_wr *wr, const struct vtpm2_signature *sig)
{
	vtpm2_wr_u16(wr, sig->scheme.alg);
	if (sig->scheme.alg == TPM2_ALG_NULL)
		return;
	vtpm2_wr_u16(wr, sig->scheme.hash);
	switch (sig->scheme.alg) {
	case TPM2_ALG_HMAC:
		vtpm2_wr_bytes(wr, sig->r, sig->r_len);
		break;
	case TPM2_ALG_ECDSA:
	case TPM2_ALG_ECDAA:
	case TPM2_ALG_SM2:
	case TPM2_ALG_ECSCHNORR:
		vtpm2_wr_2b(wr, sig->r, sig->r_len);
		vtpm2_wr_2b(wr, sig->s, sig->s_len);
		break;
	default:
		vtpm2_wr_2b(wr, sig->r, sig->r_len);
	}
}

static bool scheme_fits(u16 type, u16 scheme)
{
	switch (type) {
	case TPM2_ALG_RSA:
		return scheme == TPM2_ALG_RSASSA || scheme == TPM2_ALG_RSAPSS;
	case TPM2_ALG_ECC:
		return scheme == TPM2_ALG_ECDSA || scheme == TPM2_ALG_ECDAA ||
		       scheme == TPM2_ALG_SM2 || scheme == TPM2_ALG_ECSCHNORR;
	case TPM2_ALG_KEYEDHASH:
		return scheme == TPM2_ALG_HMAC;
	default:
		return false;
	}
}

/*
 * The scheme to sign with, in @scheme. Without a key (TPM_RH_NULL) it is
 * TPM_ALG_NULL, whatever was asked for.
 */
u32 vtpm2_sign_select(const struct vtpm2_object *key,
		      struct vtpm2_scheme *scheme)
{
	const struct vtpm2_scheme *own;

	if (!key) {
		*scheme = (struct vtpm2_scheme){
			.alg = TPM2_ALG_NULL,
			.hash = TPM2_ALG_NULL,
			.kdf = TPM2_ALG_NULL,
		};
		return 0;
	}
	own = &key->pub.scheme;
	if (own->alg != TPM2_ALG_NULL) {
		/* of a split signature the command has to say which part */
		if (scheme->alg == TPM2_ALG_NULL &&
		    own->alg != TPM2_ALG_ECDAA)
			*scheme = *own;
		else if (scheme->alg != own->alg || scheme->hash != own->hash)
			return TPM2_RC_SCHEME;
	}
	return scheme_fits(key->pub.type, scheme->alg) ? 0 : TPM2_RC_SCHEME;
}

/* --- signing --- */

static u32 sign_rsa(struct vtpm2 *t, struct vtpm2_object *key,
		    const u8 *digest, size_t len, struct vtpm2_signature *sig)
{
	size_t k = key->pub.x_len;
	u32 rc;

	if (k > sizeof(sig->r))
		return TPM2_RC_KEY;
	rc = vtpm2_rsa_encode(&sig->scheme, digest, len, sig->r, k);
	if (rc)
		return rc;
	sig->r_len = k;
	return vtpm2_key_rsa(t, key, sig->r, sig->r);
}

static u32 sign_ecdsa(struct vtpm2 *t, struct vtpm2_object *key,
		      const u8 *digest, size_t len,
		      struct vtpm2_signature *sig)
{
	size_t size = vtpm2_ecc_size(key->pub.curve);

	sig->r_len = size;
	sig->s_len = size;
	/* leftmost bits; only P-521's order is not of whole bytes */
	return vtpm2_key_ecdsa(t, key, digest, min(len, size), sig->r, sig->s);
}

static u32 sign_ec(struct vtpm2 *t, struct vtpm2_object *key,
		   const u8 *digest, size_t len, struct vtpm2_signature *sig)
{
	const struct vtpm2_bytes data = { digest, len };

	sig->r_len = vtpm2_ecc_size(key->pub.curve);
	sig->s_len = sig->r_len;
	if (sig->scheme.alg == TPM2_ALG_ECDAA)
		return vtpm2_commit_sign(t, key, &sig->scheme, data, sig->r,
					 &sig->r_len, sig->s);
	return vtpm2_key_ecsign(t, key, &sig->scheme, data, sig->r, sig->s);
}

u32 vtpm2_sign(struct vtpm2 *t, struct vtpm2_object *key,
	       const struct vtpm2_scheme *scheme, const u8 *digest, size_t len,
	       struct vtpm2_signature *sig)
{
	sig->scheme = *scheme;
	sig->r_len = 0;
	sig->s_len = 0;
	if (scheme->alg == TPM2_ALG_NULL)
		return 0;
	if (!scheme_fits(key->pub.type, scheme->alg))
		return TPM2_RC_SCHEME;
	switch (scheme->alg) {
	case TPM2_ALG_ECDSA:
		return sign_ecdsa(t, key, digest, len, sig);
	case TPM2_ALG_ECDAA:
	case TPM2_ALG_SM2:
	case TPM2_ALG_ECSCHNORR:
		return sign_ec(t, key, digest, len, sig);
	case TPM2_ALG_HMAC:
		sig->r_len = vtpm2_digest_size(scheme->hash);
		return vtpm2_hmac_key(t, key, scheme->hash, digest, len,
				      sig->r);
	default:
		return sign_rsa(t, key, digest, len, sig);
	}
}

/* Part 3, 20.2.1 */
static u32 sign_check(struct vtpm2 *t, const struct vtpm2_object *key,
		      struct vtpm2_scheme *scheme,
		      const struct vtpm2_digest *digest,
		      const struct vtpm2_ticket *ticket)
{
	u32 rc;

	if (!(key->pub.attrs & TPM2_OA_SIGN_ENCRYPT) ||
	    key->pub.type == TPM2_ALG_SYMCIPHER)
		return vtpm2_rc_h(TPM2_RC_KEY, 1);
	if (key->pub.attrs & TPM2_OA_X509_SIGN)
		return vtpm2_rc_h(TPM2_RC_ATTRIBUTES, 1);
	rc = vtpm2_sign_select(key, scheme);
	if (rc)
		return vtpm2_rc_p(rc, 2);
	/* a restricted key signs only what this TPM has hashed */
	if (ticket->digest.len || (key->pub.attrs & TPM2_OA_RESTRICTED)) {
		if (!vtpm2_ticket_check_hash(t, scheme->hash, digest, ticket))
			return vtpm2_rc_p(TPM2_RC_TICKET, 3);
	} else if (digest->len != vtpm2_digest_size(scheme->hash)) {
		return vtpm2_rc_p(TPM2_RC_SIZE, 1);
	}
	return 0;
}

u32 vtpm2_cc_sign(struct vtpm2 *t, struct vtpm2_cmd *c)
{
	struct vtpm2_signature *sig;
	struct vtpm2_ticket ticket;
	struct vtpm2_scheme scheme;
	struct vtpm2_digest digest;
	u32 rc;

	vtpm2_rd_digest(vtpm2_param(c), &digest);
	vtpm2_rd_sig_scheme(vtpm2_param(c), &scheme, true);
	vtpm2_rd_ticket(vtpm2_param(c), TPM2_ST_HASHCHECK, &ticket);
	rc = vtpm2_done(c);
	if (rc)
		return rc;
	rc = sign_check(t, c->obj[0], &scheme, &digest, &ticket);
	if (rc)
		return rc;

	sig = kmalloc(sizeof(*sig), GFP_KERNEL_ACCOUNT);
	if (!sig)
		return TPM2_RC_MEMORY;
	rc = vtpm2_sign(t, c->obj[0], &scheme, digest.buf, digest.len, sig);
	if (!rc)
		vtpm2_wr_signature(&c->out, sig);
	kfree(sig);
	return rc;
}

/* --- verifying --- */

static u32 verify_rsa(const struct vtpm2_object *key,
		      const struct vtpm2_signature *sig, const u8 *digest,
		      size_t len)
{
	if (sig->r_len != key->pub.x_len)
		return TPM2_RC_SIGNATURE;
	return vtpm2_rsa_verify(&key->pub, &sig->scheme, sig->r, digest, len);
}

static u32 verify_ec(const struct vtpm2_object *key,
		     const struct vtpm2_signature *sig, const u8 *digest,
		     size_t len)
{
	size_t size = vtpm2_ecc_size(key->pub.curve);
	struct vtpm2_bytes x = { key->pub.x, key->pub.x_len };
	struct vtpm2_bytes y = { key->pub.y, key->pub.y_len };
	struct vtpm2_bytes r = { sig->r, sig->r_len };
	struct vtpm2_bytes s = { sig->s, sig->s_len };
	struct vtpm2_bytes data = { digest, len };
	u8 n[4][VTPM2_MAX_ECC];
	int err;

	if (!vtpm2_fixed(x, n[0], size) || !vtpm2_fixed(y, n[1], size) ||
	    !vtpm2_fixed(r, n[2], size) || !vtpm2_fixed(s, n[3], size))
		return TPM2_RC_SIGNATURE;
	if (sig->scheme.alg == TPM2_ALG_ECDSA)
		err = vtpm2_ecdsa_verify(key->pub.curve, n[0], n[1], digest,
					 min(len, size), n[2], n[3]);
	else
		err = vtpm2_ecverify(key->pub.curve, &sig->scheme, n[0], n[1],
				     data, n[2], n[3]);
	switch (err) {
	case 0:
		return 0;
	case -ENOMEM:
		return TPM2_RC_MEMORY;
	default:
		return TPM2_RC_SIGNATURE;
	}
}

static u32 verify_hmac(struct vtpm2 *t, struct vtpm2_object *key,
		       const struct vtpm2_signature *sig, const u8 *digest,
		       size_t len)
{
	const struct vtpm2_scheme *own = &key->pub.scheme;
	u8 mac[VTPM2_MAX_DIGEST];
	u32 rc;

	if (key->public_only)
		return TPM2_RC_HANDLE;
	if (sig->scheme.alg != TPM2_ALG_HMAC)
		return TPM2_RC_SCHEME;
	if (own->alg != TPM2_ALG_NULL && (own->alg != sig->scheme.alg ||
					  own->hash != sig->scheme.hash))
		return TPM2_RC_SIGNATURE;
	rc = vtpm2_hmac_key(t, key, sig->scheme.hash, digest, len, mac);
	if (rc)
		return rc;
	if (sig->r_len != vtpm2_digest_size(sig->scheme.hash) ||
	    crypto_memneq(mac, sig->r, sig->r_len))
		rc = TPM2_RC_SIGNATURE;
	memzero_explicit(mac, sizeof(mac));
	return rc;
}

/* Unlike signing, verifying does not care for the key's own RSA scheme. */
u32 vtpm2_verify(struct vtpm2 *t, struct vtpm2_object *key,
		 const struct vtpm2_signature *sig, const u8 *digest,
		 size_t len)
{
	if (key->pub.type == TPM2_ALG_KEYEDHASH)
		return verify_hmac(t, key, sig, digest, len);
	/* that a TPM cannot verify ECDAA is its point */
	if (!scheme_fits(key->pub.type, sig->scheme.alg) ||
	    sig->scheme.alg == TPM2_ALG_ECDAA)
		return TPM2_RC_SCHEME;
	if (key->pub.type == TPM2_ALG_ECC)
		return verify_ec(key, sig, digest, len);
	return verify_rsa(key, sig, digest, len);
}

/* Part 3, 20.1.1 */
u32 vtpm2_cc_verify_signature(struct vtpm2 *t, struct vtpm2_cmd *c)
{
	struct vtpm2_ticket ticket = {
		.tag = TPM2_ST_VERIFIED,
		.hierarchy = TPM2_RH_NULL,
	};
	struct vtpm2_object *key = c->obj[0];
	struct vtpm2_signature *sig;
	struct vtpm2_digest digest;
	u32 rc;

	sig = kmalloc(sizeof(*sig), GFP_KERNEL_ACCOUNT);
	if (!sig)
		return TPM2_RC_MEMORY;
	vtpm2_rd_digest(vtpm2_param(c), &digest);
	vtpm2_rd_signature(vtpm2_param(c), sig);
	rc = vtpm2_done(c);
	if (rc)
		goto out;
	if (!(key->pub.attrs & TPM2_OA_SIGN_ENCRYPT)) {
		rc = vtpm2_rc_h(TPM2_RC_ATTRIBUTES, 1);
		goto out;
	}
	rc = vtpm2_verify(t, key, sig, digest.buf, digest.len);
	if (rc) {
		rc = vtpm2_rc_safe_p(rc, 2);
		goto out;
	}
	if (key->hierarchy != TPM2_RH_NULL &&
	    key->pub.name_alg != TPM2_ALG_NULL) {
		const struct vtpm2_bytes parts[] = {
			{ digest.buf, digest.len },
			{ key->name.buf, key->name.len },
		};

		ticket.hierarchy = key->hierarchy;
		vtpm2_ticket_make(t, &ticket, parts, ARRAY_SIZE(parts));
	}
	vtpm2_wr_ticket(&c->out, &ticket);
out:
	kfree(sig);
	return rc;
}
