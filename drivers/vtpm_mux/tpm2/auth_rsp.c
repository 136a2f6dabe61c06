// SPDX-License-Identifier: GPL-2.0
/*
 * Authorization area of a response (Part 1, 19.6.6 and 20; Part 3, 5.9), and
 * what becomes of the sessions after it.
 */
#include <linux/array_size.h>
#include <linux/string.h>
#include <linux/unaligned.h>

#include "tpm2.h"

static void rp_hash(const struct vtpm2_cmd *c, u16 alg,
		    struct vtpm2_bytes params, struct vtpm2_digest *out)
{
	u8 head[8];
	const struct vtpm2_bytes parts[] = { { head, sizeof(head) }, params };

	put_unaligned_be32(TPM2_RC_SUCCESS, head);
	put_unaligned_be32(c->def->code, head + 4);
	vtpm2_hash_parts(alg, parts, ARRAY_SIZE(parts), out);
}

static void renew_nonces(struct vtpm2_cmd *c)
{
	struct vtpm2_session *s;
	unsigned int i;

	for (i = 0; i < c->nauth; i++) {
		s = c->auth[i].session;
		if (s)
			vtpm2_random(s->nonce_tpm.buf, s->nonce_tpm.len);
	}
}

static void audit_begin(struct vtpm2 *t, struct vtpm2_session *s)
{
	s->audit = true;
	/* Part 1, 20.3: an audit session is bound to nothing */
	s->bound = false;
	s->audit_digest.len = vtpm2_digest_size(s->hash);
	memset(s->audit_digest.buf, 0, sizeof(s->audit_digest.buf));
	t->exclusive_audit = s->handle;
}

/*
 * Any command outside of it ends a session's exclusivity (Part 1, 20.4),
 * those excepted that manage contexts and take no sessions at all.
 */
static void audit_session(struct vtpm2 *t, struct vtpm2_cmd *c,
			  struct vtpm2_bytes params)
{
	int i = vtpm2_auth_index(c, TPM2_SA_AUDIT);
	struct vtpm2_session *s;
	struct vtpm2_digest rp;
	struct vtpm2_auth *a;

	if (i < 0) {
		if (!(c->def->flags & VTPM2_CMD_NO_SESSIONS))
			t->exclusive_audit = 0;
		return;
	}
	a = &c->auth[i];
	s = a->session;
	if (!s->audit || (a->attrs & TPM2_SA_AUDIT_RESET))
		audit_begin(t, s);
	else if (t->exclusive_audit != s->handle)
		t->exclusive_audit = 0;
	if (t->exclusive_audit == s->handle)
		a->attrs |= TPM2_SA_AUDIT_EXCLUSIVE;
	else
		a->attrs &= ~TPM2_SA_AUDIT_EXCLUSIVE;
	rp_hash(c, s->hash, params, &rp);
	vtpm2_audit_extend(s->hash, &s->audit_digest, &c->audit_cp, &rp);
}

/* By the algorithm of now: the command may have begun another digest. */
static void audit_command(struct vtpm2 *t, const struct vtpm2_cmd *c,
			  struct vtpm2_bytes params)
{
	struct vtpm2_digest rp;

	if (!c->audited)
		return;
	rp_hash(c, t->audit_alg, params, &rp);
	vtpm2_audit_command(t, c, &rp);
}

/* Empty where the command's was, having nothing to prove; @mac is a digest. */
static void response_hmac(struct vtpm2 *t, const struct vtpm2_cmd *c,
			  unsigned int i, struct vtpm2_bytes params,
			  struct vtpm2_digest *mac)
{
	const struct vtpm2_auth *a = &c->auth[i];
	const struct vtpm2_session *s = a->session;
	u8 key[VTPM2_AUTH_KEY_SIZE];
	struct vtpm2_hmac h;
	size_t key_len;

	mac->len = 0;
	if (s->type == TPM2_SE_POLICY && s->need_password)
		return;
	key_len = vtpm2_auth_key(t, c, i, a->use_auth, key);
	if (!key_len && !a->hmac.len)
		return;
	rp_hash(c, s->hash, params, mac);
	vtpm2_hmac_init(&h, s->hash, key, key_len);
	memzero_explicit(key, sizeof(key));
	vtpm2_hmac_update(&h, mac->buf, mac->len);
	vtpm2_hmac_update(&h, s->nonce_tpm.buf, s->nonce_tpm.len);
	vtpm2_hmac_update(&h, a->nonce.p, a->nonce.len);
	vtpm2_hmac_update(&h, &a->attrs, sizeof(a->attrs));
	vtpm2_hmac_final(&h, mac->buf);
}

/* Part 2, 10.13.3 TPMS_AUTH_RESPONSE */
static void write_one(struct vtpm2 *t, const struct vtpm2_cmd *c,
		      unsigned int i, struct vtpm2_bytes params,
		      struct vtpm2_wr *wr)
{
	const struct vtpm2_session *s = c->auth[i].session;
	struct vtpm2_digest mac;

	if (!s) {
		vtpm2_wr_u16(wr, 0);
		vtpm2_wr_u8(wr, TPM2_SA_CONTINUE_SESSION);
		vtpm2_wr_u16(wr, 0);
		return;
	}
	response_hmac(t, c, i, params, &mac);
	vtpm2_wr_digest(wr, &s->nonce_tpm);
	vtpm2_wr_u8(wr, c->auth[i].attrs);
	vtpm2_wr_digest(wr, &mac);
}

/* A rolled nonce begins a new round of a policy session (Part 1, 19.7.6). */
static void end_use(struct vtpm2 *t, const struct vtpm2_auth *a)
{
	struct vtpm2_session *s = a->session;

	if (!s)
		return;
	if (!(a->attrs & TPM2_SA_CONTINUE_SESSION)) {
		vtpm2_session_flush(t, s);
	} else if (s->type != TPM2_SE_HMAC) {
		vtpm2_session_policy_reset(s);
		vtpm2_session_start_time(t, s);
	}
}

/*
 * Every successful command comes here, with sessions or without. The auth
 * values are looked up again: a response answers with those that the command
 * has set (Part 3, 24.8 and others), and with none for an entity that it has
 * removed.
 */
void vtpm2_auth_response(struct vtpm2 *t, struct vtpm2_cmd *c,
			 struct vtpm2_wr *wr, size_t params, size_t params_len)
{
	struct vtpm2_bytes p = { wr->p + params, params_len };
	unsigned int i;

	renew_nonces(c);
	/* nothing may leave in the clear that was to be encrypted */
	if (vtpm2_param_encrypt(t, c, wr->p + params, params_len))
		wr->overflow = true;
	audit_session(t, c, p);
	audit_command(t, c, p);
	for (i = 0; i < c->nauth; i++)
		write_one(t, c, i, p, wr);
	for (i = 0; i < c->nauth; i++)
		end_use(t, &c->auth[i]);
}
