// SPDX-License-Identifier: GPL-2.0
/*
 * Authorization area of a command (Part 1, 19; Part 3, 5.5 and 5.6).
 *
 * Parsing looks at each session by itself; the check that follows goes through
 * the authorizations in order, and only when all of them hold is the first
 * parameter decrypted. What the response says is in auth_rsp.c.
 */
#include <crypto/utils.h>
#include <linux/array_size.h>
#include <linux/bits.h>
#include <linux/string.h>
#include <linux/unaligned.h>

#include "tpm2.h"

/* Handles that need an authorization come before those that do not. */
u32 vtpm2_auth_handle(const struct vtpm2_cmd *c, unsigned int i)
{
	if (c->def->role[i] == VTPM2_AUTH_NONE)
		return TPM2_RH_UNASSIGNED;
	return c->handle[i];
}

int vtpm2_auth_index(const struct vtpm2_cmd *c, u8 attr)
{
	unsigned int i;

	for (i = 0; i < c->nauth; i++)
		if (c->auth[i].attrs & attr)
			return i;
	return -1;
}

static bool is_policy(const struct vtpm2_auth *a)
{
	return a->session && a->session->type != TPM2_SE_HMAC;
}

/* Number a format-one code that speaks of session @i and has no number yet. */
static u32 auth_rc(u32 rc, unsigned int i)
{
	if ((rc & TPM2_RC_FMT1) && !(rc & ~0xbfu))
		return vtpm2_rc_s(rc, i + 1);
	return rc;
}

/* --- parsing --- */

/* Part 2, 9.8 TPMI_SH_AUTH_SESSION+ */
static u32 rd_session_handle(struct vtpm2_rd *rd)
{
	u32 handle = vtpm2_rd_u32(rd);

	if (handle - TPM2_HMAC_SESSION_FIRST >= VTPM2_MAX_ACTIVE &&
	    handle - TPM2_POLICY_SESSION_FIRST >= VTPM2_MAX_ACTIVE &&
	    handle != TPM2_RS_PW)
		vtpm2_rd_fail(rd, TPM2_RC_VALUE);
	return handle;
}

static u8 rd_session_attrs(struct vtpm2_rd *rd)
{
	u8 attrs = vtpm2_rd_u8(rd);

	if (attrs & TPM2_SA_RESERVED)
		vtpm2_rd_fail(rd, TPM2_RC_RESERVED_BITS);
	return attrs;
}

/* Part 2, 10.13.2 TPMS_AUTH_COMMAND */
static u32 rd_auth(struct vtpm2_rd *rd, struct vtpm2_auth *a)
{
	a->handle = rd_session_handle(rd);
	a->nonce = vtpm2_rd_2b(rd, VTPM2_MAX_DIGEST);
	a->attrs = rd_session_attrs(rd);
	a->hmac = vtpm2_rd_2b(rd, VTPM2_MAX_DIGEST);
	return rd->err;
}

/* A password has no state that more than continueSession could be about. */
static u32 check_password_session(const struct vtpm2_auth *a)
{
	if (a->attrs & ~TPM2_SA_CONTINUE_SESSION)
		return TPM2_RC_ATTRIBUTES;
	if (a->nonce.len)
		return TPM2_RC_NONCE;
	return 0;
}

/* @attr is decrypt or encrypt, @layout that of the parameters it is about. */
static u32 check_encryption(const struct vtpm2_cmd *c,
			    const struct vtpm2_auth *a, u8 attr,
			    const char *layout)
{
	if (!(a->attrs & attr))
		return 0;
	if (!vtpm2_layout_sized(layout) || vtpm2_auth_index(c, attr) >= 0)
		return TPM2_RC_ATTRIBUTES;
	if (a->session->sym.alg == TPM2_ALG_NULL)
		return TPM2_RC_SYMMETRIC;
	return 0;
}

static u32 check_audit(struct vtpm2 *t, const struct vtpm2_cmd *c,
		       const struct vtpm2_auth *a)
{
	if (!(a->attrs & TPM2_SA_AUDIT))
		return 0;
	if (vtpm2_auth_index(c, TPM2_SA_AUDIT) >= 0 || is_policy(a))
		return TPM2_RC_ATTRIBUTES;
	/* the first use, and a reset, make it exclusive themselves */
	if (!(a->attrs & TPM2_SA_AUDIT_RESET) && a->session->audit &&
	    (a->attrs & TPM2_SA_AUDIT_EXCLUSIVE) &&
	    t->exclusive_audit != a->handle)
		return TPM2_RC_EXCLUSIVE;
	return 0;
}

/* Session @i of @c; those before it are in c->auth, c->nauth of them. */
static u32 parse_one(struct vtpm2 *t, struct vtpm2_cmd *c, struct vtpm2_rd *rd,
		     unsigned int i)
{
	struct vtpm2_auth *a = &c->auth[i];
	unsigned int k;
	u32 rc;

	rc = rd_auth(rd, a);
	if (rc)
		return rc;
	if (a->handle == TPM2_RS_PW)
		return check_password_session(a);
	a->session = vtpm2_session_find_index(t, a->handle);
	if (!a->session)
		return TPM2_RC_REFERENCE_S0 + i;
	if (a->session->handle != a->handle)
		return TPM2_RC_HANDLE;
	for (k = 0; k < i; k++)
		if (c->auth[k].handle == a->handle)
			return TPM2_RC_HANDLE;
	rc = check_encryption(c, a, TPM2_SA_DECRYPT, c->def->in);
	if (!rc)
		rc = check_encryption(c, a, TPM2_SA_ENCRYPT, c->def->out);
	if (!rc)
		rc = check_audit(t, c, a);
	return rc;
}

u32 vtpm2_auth_parse(struct vtpm2 *t, struct vtpm2_cmd *c, struct vtpm2_rd *rd)
{
	u32 rc;

	for (c->nauth = 0; rd->left; c->nauth++) {
		if (c->nauth == ARRAY_SIZE(c->auth))
			return auth_rc(TPM2_RC_SIZE, c->nauth);
		rc = parse_one(t, c, rd, c->nauth);
		if (rc)
			return auth_rc(rc, c->nauth);
	}
	return 0;
}

/* --- checking --- */

void vtpm2_cp_hash(struct vtpm2 *t, const struct vtpm2_cmd *c, u16 alg,
		   struct vtpm2_digest *out)
{
	unsigned int i, n = vtpm2_command_handles(c->def);
	struct vtpm2_name name;
	struct vtpm2_hash h;
	u8 cc[4];

	vtpm2_hash_init(&h, alg);
	put_unaligned_be32(c->def->code, cc);
	vtpm2_hash_update(&h, cc, sizeof(cc));
	for (i = 0; i < n; i++) {
		vtpm2_entity_name(t, c->handle[i], &name);
		vtpm2_hash_update(&h, name.buf, name.len);
	}
	vtpm2_hash_update(&h, c->cp.p, c->cp.len);
	vtpm2_hash_final(&h, out->buf);
	out->len = vtpm2_digest_size(alg);
}

size_t vtpm2_auth_key(struct vtpm2 *t, const struct vtpm2_cmd *c,
		      unsigned int i, bool with_auth, u8 *key)
{
	const struct vtpm2_digest *session = &c->auth[i].session->key;
	const struct vtpm2_digest *auth;
	size_t len = session->len;

	memcpy(key, session->buf, len);		/* VTPM2_MAX_DIGEST at most */
	if (with_auth) {
		auth = vtpm2_entity_auth(t, vtpm2_auth_handle(c, i));
		memcpy(key + len, auth->buf, auth->len);	/* and again */
		len += auth->len;
	}
	return len;
}

/*
 * Part 1, 19.8.4: a wrong guess is counted when it was one at a protected
 * auth value, of the entity itself or of the one that the session is bound to.
 */
static u32 auth_failed(struct vtpm2 *t, const struct vtpm2_cmd *c,
		       unsigned int i)
{
	const struct vtpm2_session *s = c->auth[i].session;
	u32 handle = vtpm2_auth_handle(c, i);
	bool da = vtpm2_entity_da(t, handle);

	if (s && s->lockout_bound)
		handle = TPM2_RH_LOCKOUT;
	if (s)
		da = s->da_bound || (da && c->auth[i].use_auth);
	if (!da)
		return TPM2_RC_BAD_AUTH;
	vtpm2_da_failed(t, handle);
	return TPM2_RC_AUTH_FAIL;
}

static u32 check_password(struct vtpm2 *t, const struct vtpm2_cmd *c,
			  unsigned int i)
{
	const struct vtpm2_digest *auth;
	struct vtpm2_bytes pw = c->auth[i].hmac;

	while (pw.len && !pw.p[pw.len - 1])
		pw.len--;
	auth = vtpm2_entity_auth(t, vtpm2_auth_handle(c, i));
	if (pw.len == auth->len && !crypto_memneq(pw.p, auth->buf, pw.len))
		return 0;
	return auth_failed(t, c, i);
}

/*
 * Part 1, 19.6.5: the first session, when it authorizes, also covers the
 * nonces of the sessions that decrypt and encrypt, so that none of them can
 * be taken away.
 */
static void hmac_extra_nonces(const struct vtpm2_cmd *c, unsigned int i,
			      struct vtpm2_hmac *h)
{
	int decrypt = vtpm2_auth_index(c, TPM2_SA_DECRYPT);
	int encrypt = vtpm2_auth_index(c, TPM2_SA_ENCRYPT);
	const struct vtpm2_digest *nonce;

	if (i || vtpm2_auth_handle(c, 0) == TPM2_RH_UNASSIGNED)
		return;
	if (decrypt > 0) {
		nonce = &c->auth[decrypt].session->nonce_tpm;
		vtpm2_hmac_update(h, nonce->buf, nonce->len);
	}
	if (encrypt > 0 && encrypt != decrypt) {
		nonce = &c->auth[encrypt].session->nonce_tpm;
		vtpm2_hmac_update(h, nonce->buf, nonce->len);
	}
}

static u32 check_hmac(struct vtpm2 *t, const struct vtpm2_cmd *c,
		      unsigned int i)
{
	const struct vtpm2_auth *a = &c->auth[i];
	const struct vtpm2_session *s = a->session;
	u8 key[VTPM2_AUTH_KEY_SIZE];
	struct vtpm2_digest mac;
	struct vtpm2_hmac h;
	size_t key_len;
	bool good;

	key_len = vtpm2_auth_key(t, c, i, a->use_auth, key);
	/* nothing to prove, and nothing claimed */
	if (!key_len && !a->hmac.len)
		return 0;
	vtpm2_cp_hash(t, c, s->hash, &mac);
	vtpm2_hmac_init(&h, s->hash, key, key_len);
	memzero_explicit(key, sizeof(key));
	vtpm2_hmac_update(&h, mac.buf, mac.len);
	vtpm2_hmac_update(&h, a->nonce.p, a->nonce.len);
	vtpm2_hmac_update(&h, s->nonce_tpm.buf, s->nonce_tpm.len);
	hmac_extra_nonces(c, i, &h);
	vtpm2_hmac_update(&h, &a->attrs, sizeof(a->attrs));
	vtpm2_hmac_final(&h, mac.buf);
	good = a->hmac.len == mac.len &&
	       !crypto_memneq(a->hmac.p, mac.buf, mac.len);
	/* the right MAC of a wrong one must not be found lying about */
	memzero_explicit(&mac, sizeof(mac));
	return good ? 0 : auth_failed(t, c, i);
}

#define PIN_COUNT_ONE	BIT_ULL(32)	/* in pinCount || pinLimit */

/*
 * Part 1, 37.2.8: the use of a PIN index's auth value counts, in a PIN Fail
 * index when it failed, in a PIN Pass index when it did not.
 */
static void count_pin(struct vtpm2 *t, const struct vtpm2_nv *nv, bool good)
{
	u64 pin = vtpm2_nv_u64(nv);	/* pinCount, pinLimit */

	if (vtpm2_nv_type(nv) == TPM2_NT_PIN_FAIL)
		pin = good ? (u32)pin : pin + PIN_COUNT_ONE;
	else if (good)
		pin += PIN_COUNT_ONE;
	/* without an error: prepare_pin() has got the memory */
	if (pin != vtpm2_nv_u64(nv))
		vtpm2_nv_store_u64(t, nv, pin);
}

/*
 * Before the auth value is looked at: no guess shall be free for want of memory
 * to count it. @counted: will it be?
 */
static u32 prepare_pin(struct vtpm2 *t, struct vtpm2_cmd *c, unsigned int i,
		       bool *counted)
{
	const struct vtpm2_nv *nv = c->nv[i];
	u32 index;

	*counted = c->auth[i].use_auth && nv &&
		   (nv->attrs & TPM2_NVA_WRITTEN) &&
		   (vtpm2_nv_type(nv) == TPM2_NT_PIN_FAIL ||
		    vtpm2_nv_type(nv) == TPM2_NT_PIN_PASS);
	if (!*counted)
		return 0;
	index = nv->index;
	if (!vtpm2_nv_change(t, nv, VTPM2_UNCHANGED))
		return TPM2_RC_MEMORY;
	for (i = 0; i < ARRAY_SIZE(c->nv); i++)
		if (c->nv[i] && c->nv[i]->index == index)
			c->nv[i] = vtpm2_nv_find(t, index);
	return 0;
}

/* Does authorization @a of @handle depend on the entity's auth value? */
static bool uses_auth(struct vtpm2 *t, const struct vtpm2_auth *a, u32 handle)
{
	if (!a->session)
		return true;
	if (is_policy(a))
		return a->session->need_auth || a->session->need_password;
	return !vtpm2_session_is_bound(t, a->session, handle);
}

static u32 check_usable(struct vtpm2 *t, struct vtpm2_cmd *c, unsigned int i)
{
	if (is_policy(&c->auth[i])) {
		if (!vtpm2_auth_policy_usable(t, c, i))
			return TPM2_RC_AUTH_UNAVAILABLE;
		return vtpm2_auth_policy_check(t, c, i);
	}
	if (vtpm2_auth_policy_required(t, c, i))
		return TPM2_RC_AUTH_TYPE;
	if (!vtpm2_entity_auth_usable(t, c, i))
		return TPM2_RC_AUTH_UNAVAILABLE;
	return 0;
}

/* Authorization @i, of a handle. */
static u32 check_authorization(struct vtpm2 *t, struct vtpm2_cmd *c,
			       unsigned int i)
{
	struct vtpm2_auth *a = &c->auth[i];
	u32 handle = vtpm2_auth_handle(c, i);
	bool pin;
	u32 rc;

	/* Part 3, 26.2: nothing about the platform's authorization is told */
	if (handle == TPM2_RH_PLATFORM && !t->presence &&
	    vtpm2_cc_set_has(&t->pp_commands, c->def->code))
		return TPM2_RC_PP;
	a->use_auth = uses_auth(t, a, handle);
	if (a->use_auth && vtpm2_entity_da(t, handle)) {
		rc = vtpm2_da_check(t, handle);
		if (rc)
			return rc;
	}
	rc = check_usable(t, c, i);
	if (rc)
		return rc;
	rc = prepare_pin(t, c, i, &pin);
	if (rc)
		return rc;
	if (!a->session || (is_policy(a) && a->session->need_password))
		rc = check_password(t, c, i);
	else
		rc = check_hmac(t, c, i);
	if (pin)
		count_pin(t, c->nv[i], !rc);
	return rc;
}

/* A session that authorizes nothing must be good for something else. */
static u32 check_extra(struct vtpm2 *t, struct vtpm2_cmd *c, unsigned int i)
{
	struct vtpm2_auth *a = &c->auth[i];

	if (!(a->attrs & (TPM2_SA_AUDIT | TPM2_SA_ENCRYPT | TPM2_SA_DECRYPT)))
		return TPM2_RC_ATTRIBUTES;
	a->use_auth = false;
	return check_hmac(t, c, i);
}

static u32 check_one(struct vtpm2 *t, struct vtpm2_cmd *c, unsigned int i)
{
	struct vtpm2_session *s = c->auth[i].session;
	bool authorizes = vtpm2_auth_handle(c, i) != TPM2_RH_UNASSIGNED;
	u32 rc;

	if (!s)
		return authorizes ? check_authorization(t, c, i) :
				    TPM2_RC_HANDLE;
	if (s->type == TPM2_SE_TRIAL)
		return TPM2_RC_ATTRIBUTES;
	/* whatever it is used for, it was started with a protected secret */
	if (s->da_bound) {
		rc = vtpm2_da_check(t, s->lockout_bound ? TPM2_RH_LOCKOUT :
							  TPM2_RH_UNASSIGNED);
		if (rc)
			return rc;
	}
	if (c->auth[i].attrs & TPM2_SA_AUDIT)
		vtpm2_cp_hash(t, c, s->hash, &c->audit_cp);
	return authorizes ? check_authorization(t, c, i) :
			    check_extra(t, c, i);
}

u32 vtpm2_auth_check(struct vtpm2 *t, struct vtpm2_cmd *c)
{
	unsigned int i;
	u32 rc;

	for (i = c->nauth; i < ARRAY_SIZE(c->handle); i++)
		if (vtpm2_auth_handle(c, i) != TPM2_RH_UNASSIGNED)
			return TPM2_RC_AUTH_MISSING;
	/* now: decryption changes the parameters that it covers */
	c->audited = vtpm2_cc_set_has(&t->audit_commands, c->def->code);
	if (c->audited)
		vtpm2_cp_hash(t, c, t->audit_alg, &c->command_cp);
	for (i = 0; i < c->nauth; i++) {
		rc = check_one(t, c, i);
		if (rc)
			return auth_rc(rc, i);
	}
	rc = vtpm2_param_decrypt(t, c);
	return rc ? auth_rc(rc, vtpm2_auth_index(c, TPM2_SA_DECRYPT)) : 0;
}
