// SPDX-License-Identifier: GPL-2.0
/*
 * Policies that another entity asserts: by a signature, by its auth value, by
 * a ticket for one of these, or by having approved the policy itself (Part 3,
 * 23.2 to 23.5 and 23.16).
 *
 * An assertion may expire. With a negative expiration it also yields a ticket,
 * which stands for it in later sessions until then. Times are milliseconds of
 * TPM time, which begins anew with each power cycle: the epoch tells them.
 */
#include <linux/array_size.h>
#include <linux/bits.h>
#include <linux/math64.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/time64.h>
#include <linux/unaligned.h>

#include "commands.h"

/*
 * Part of TPM2B_TIMEOUT, whose form each TPM chooses: the assertion was tied
 * to no session, so its ticket ends at the next TPM Reset.
 */
#define EXPIRES_ON_RESET	BIT_ULL(63)
#define TIMEOUT_SIZE		8

/* Parameters that TPM2_PolicySigned and TPM2_PolicySecret begin with. */
struct assertion {
	struct vtpm2_bytes nonce;
	struct vtpm2_bytes cp_hash;
	struct vtpm2_bytes ref;
	s32 expiration;			/* s */
	u64 timeout;			/* ms of TPM time, 0 = none */
};

static void read_assertion(struct vtpm2_cmd *c, struct assertion *a)
{
	a->nonce = vtpm2_rd_2b(vtpm2_param(c), VTPM2_MAX_DIGEST);
	a->cp_hash = vtpm2_rd_2b(vtpm2_param(c), VTPM2_MAX_DIGEST);
	a->ref = vtpm2_rd_2b(vtpm2_param(c), VTPM2_MAX_DIGEST);
	a->expiration = (s32)vtpm2_rd_u32(vtpm2_param(c));
	a->timeout = 0;
}

/*
 * Part 3, 23.2.4: counted from the session's start if the assertion is tied
 * to the session by its nonce; else an absolute time, in whole seconds, that
 * must not end early for the fraction of one.
 */
static u64 compute_timeout(struct vtpm2 *t, const struct vtpm2_session *s,
			   const struct assertion *a)
{
	s64 seconds = a->expiration;
	u32 fraction;
	u64 ms;

	if (!seconds)
		return 0;
	ms = (u64)(seconds < 0 ? -seconds : seconds) * MSEC_PER_SEC;
	if (a->nonce.len)
		return s->start_time + ms;
	div_u64_rem(vtpm2_clock_time(t), MSEC_PER_SEC, &fraction);
	return ms + fraction;
}

static bool expired(struct vtpm2 *t, const struct vtpm2_session *s, u64 timeout)
{
	return timeout && (timeout < vtpm2_clock_time(t) ||
			   s->epoch != t->time_epoch);
}

/* @param is cpHashA's number. */
static u32 check_cp_hash(const struct vtpm2_session *s,
			 struct vtpm2_bytes cp_hash, unsigned int param)
{
	if (!cp_hash.len)
		return 0;
	if (cp_hash.len != s->policy.len)
		return vtpm2_rc_p(TPM2_RC_SIZE, param);
	if (s->cp_hash.len && (cp_hash.len != s->cp_hash.len ||
			       memcmp(cp_hash.p, s->cp_hash.buf, cp_hash.len)))
		return TPM2_RC_CPHASH;
	return 0;
}

/* Part 3, 23.2.2; computes the timeout on the way. */
static u32 check_assertion(struct vtpm2 *t, const struct vtpm2_session *s,
			   struct assertion *a)
{
	a->timeout = compute_timeout(t, s, a);
	if (a->nonce.len && (a->nonce.len != s->nonce_tpm.len ||
			     memcmp(a->nonce.p, s->nonce_tpm.buf,
				    a->nonce.len)))
		return vtpm2_rc_p(TPM2_RC_NONCE, 1);
	if (expired(t, s, a->timeout))
		return vtpm2_rc_p(TPM2_RC_EXPIRED, 4);
	return check_cp_hash(s, a->cp_hash, 2);
}

/* What a ticket vouches for. */
struct ticket_data {
	u64 timeout;
	bool until_reset;
	struct vtpm2_bytes cp_hash;
	struct vtpm2_bytes ref;
	struct vtpm2_bytes name;
};

#define TICKET_HEAD_SIZE	21
#define TICKET_PARTS		4

/*
 * Part 2, 10.7.5: timeout, time epoch, reset count, cpHashA, policyRef and
 * authName. @head begins with the lengths of the variable ones, so that no
 * byte can pass from one to its neighbour.
 */
static void ticket_parts(const struct vtpm2 *t, const struct ticket_data *d,
			 u8 *head, struct vtpm2_bytes *parts)
{
	struct vtpm2_wr wr;

	vtpm2_wr_init(&wr, head, TICKET_HEAD_SIZE);
	vtpm2_wr_u16(&wr, d->cp_hash.len);
	vtpm2_wr_u16(&wr, d->ref.len);
	vtpm2_wr_u64(&wr, d->timeout);
	vtpm2_wr_u8(&wr, d->until_reset);
	vtpm2_wr_u32(&wr, t->time_epoch);
	vtpm2_wr_u32(&wr, d->until_reset ? t->reset_count : 0);
	parts[0] = (struct vtpm2_bytes){ head, wr.len };
	parts[1] = d->cp_hash;
	parts[2] = d->ref;
	parts[3] = d->name;
}

/* timeout and policyTicket: empty ones unless the caller asked for them. */
static void write_ticket(struct vtpm2 *t, struct vtpm2_cmd *c,
			 const struct assertion *a, struct vtpm2_bytes name,
			 u16 tag, u32 hierarchy)
{
	struct vtpm2_ticket ticket = { .tag = tag, .hierarchy = TPM2_RH_NULL };
	struct ticket_data d = {
		.timeout = a->timeout,
		.until_reset = !a->nonce.len,
		.cp_hash = a->cp_hash,
		.ref = a->ref,
		.name = name,
	};
	struct vtpm2_bytes parts[TICKET_PARTS];
	u8 head[TICKET_HEAD_SIZE];
	u64 timeout = a->timeout;

	if (a->expiration >= 0 || c->ses[1]->type == TPM2_SE_TRIAL) {
		vtpm2_wr_u16(&c->out, 0);
		vtpm2_wr_ticket(&c->out, &ticket);
		return;
	}
	ticket.hierarchy = hierarchy;
	ticket_parts(t, &d, head, parts);
	vtpm2_ticket_make(t, &ticket, parts, TICKET_PARTS);
	if (d.until_reset)
		timeout |= EXPIRES_ON_RESET;
	vtpm2_wr_u16(&c->out, TIMEOUT_SIZE);
	vtpm2_wr_u64(&c->out, timeout);
	vtpm2_wr_ticket(&c->out, &ticket);
}

/* aHash = H(nonceTPM || expiration || cpHashA || policyRef), signed */
static u32 check_signature(struct vtpm2 *t, struct vtpm2_object *key,
			   const struct assertion *a,
			   const struct vtpm2_signature *sig)
{
	u8 expiration[4];
	const struct vtpm2_bytes parts[] = {
		a->nonce, { expiration, sizeof(expiration) }, a->cp_hash,
		a->ref,
	};
	struct vtpm2_digest digest;
	u32 rc;

	if (!vtpm2_digest_size(sig->scheme.hash))
		return vtpm2_rc_p(TPM2_RC_SCHEME, 5);
	put_unaligned_be32(a->expiration, expiration);
	vtpm2_hash_parts(sig->scheme.hash, parts, ARRAY_SIZE(parts), &digest);
	rc = vtpm2_verify(t, key, sig, digest.buf, digest.len);
	return rc ? vtpm2_rc_safe_p(rc, 5) : 0;
}

/* Part 3, 23.3 */
VTPM2_CC(policy_signed)
{
	struct vtpm2_object *key = c->obj[0];
	struct vtpm2_bytes name = { key->name.buf, key->name.len };
	struct vtpm2_session *s = c->ses[1];
	struct vtpm2_signature *sig;
	struct assertion a;
	u32 rc;

	sig = kmalloc(sizeof(*sig), GFP_KERNEL_ACCOUNT);
	if (!sig)
		return TPM2_RC_MEMORY;
	read_assertion(c, &a);
	vtpm2_rd_signature(vtpm2_param(c), sig);
	rc = vtpm2_done(c);
	if (rc)
		goto out;
	if (s->type != TPM2_SE_TRIAL) {
		rc = check_assertion(t, s, &a);
		if (!rc)
			rc = check_signature(t, key, &a, sig);
		if (rc)
			goto out;
	}
	vtpm2_policy_update(s, TPM2_CC_POLICY_SIGNED, name, a.ref, a.cp_hash,
			    a.timeout);
	write_ticket(t, c, &a, name, TPM2_ST_AUTH_SIGNED, key->hierarchy);
out:
	kfree(sig);
	return rc;
}

/* Whose proof a ticket for the entity of handle 1 is made with. */
static u32 entity_hierarchy(const struct vtpm2_cmd *c)
{
	if (c->obj[0])
		return c->obj[0]->hierarchy;
	if (c->nv[0])
		return c->nv[0]->attrs & TPM2_NVA_PLATFORMCREATE ?
		       TPM2_RH_PLATFORM : TPM2_RH_OWNER;
	switch (c->handle[0]) {
	case TPM2_RH_PLATFORM:
	case TPM2_RH_ENDORSEMENT:
	case TPM2_RH_NULL:
		return c->handle[0];
	default:
		return TPM2_RH_OWNER;
	}
}

/* Part 3, 23.4: the entity's authorization was checked like any other. */
VTPM2_CC(policy_secret)
{
	struct vtpm2_session *s = c->ses[1];
	struct vtpm2_bytes name;
	struct vtpm2_name entity;
	struct assertion a;
	u32 rc;

	read_assertion(c, &a);
	rc = vtpm2_done(c);
	if (rc)
		return rc;
	if (s->type != TPM2_SE_TRIAL) {
		rc = check_assertion(t, s, &a);
		if (rc)
			return rc;
	}
	vtpm2_entity_name(t, c->handle[0], &entity);
	name = (struct vtpm2_bytes){ entity.buf, entity.len };
	vtpm2_policy_update(s, TPM2_CC_POLICY_SECRET, name, a.ref, a.cp_hash,
			    a.timeout);
	write_ticket(t, c, &a, name, TPM2_ST_AUTH_SECRET, entity_hierarchy(c));
	return 0;
}

static u32 check_ticket(struct vtpm2 *t, const struct vtpm2_session *s,
			const struct ticket_data *d,
			const struct vtpm2_ticket *ticket)
{
	struct vtpm2_bytes parts[TICKET_PARTS];
	u8 head[TICKET_HEAD_SIZE];
	u32 rc;

	if (expired(t, s, d->timeout))
		return vtpm2_rc_p(TPM2_RC_EXPIRED, 1);
	rc = check_cp_hash(s, d->cp_hash, 2);
	if (rc)
		return rc;
	ticket_parts(t, d, head, parts);
	if (!vtpm2_ticket_check(t, ticket, parts, TICKET_PARTS))
		return vtpm2_rc_p(TPM2_RC_TICKET, 5);
	return 0;
}

/* Part 3, 23.5 */
VTPM2_CC(policy_ticket)
{
	struct vtpm2_session *s = c->ses[0];
	struct vtpm2_ticket ticket;
	struct vtpm2_bytes timeout;
	struct ticket_data d;
	u64 value;
	u32 rc;

	timeout = vtpm2_rd_2b(vtpm2_param(c), TIMEOUT_SIZE);
	d.cp_hash = vtpm2_rd_2b(vtpm2_param(c), VTPM2_MAX_DIGEST);
	d.ref = vtpm2_rd_2b(vtpm2_param(c), VTPM2_MAX_DIGEST);
	d.name = vtpm2_rd_2b(vtpm2_param(c), VTPM2_MAX_NAME);
	/* one of TPM_ST_AUTH_SECRET is read as well */
	vtpm2_rd_ticket(vtpm2_param(c), TPM2_ST_AUTH_SIGNED, &ticket);
	rc = vtpm2_done(c);
	if (rc)
		return rc;
	if (s->type == TPM2_SE_TRIAL)
		return vtpm2_rc_h(TPM2_RC_ATTRIBUTES, 1);
	if (timeout.len != TIMEOUT_SIZE)
		return vtpm2_rc_p(TPM2_RC_SIZE, 1);
	value = get_unaligned_be64(timeout.p);
	d.timeout = value & ~EXPIRES_ON_RESET;
	d.until_reset = value & EXPIRES_ON_RESET;
	rc = check_ticket(t, s, &d, &ticket);
	if (rc)
		return rc;
	vtpm2_policy_update(s, ticket.tag == TPM2_ST_AUTH_SIGNED ?
			       TPM2_CC_POLICY_SIGNED : TPM2_CC_POLICY_SECRET,
			    d.name, d.ref, d.cp_hash, d.timeout);
	return 0;
}

struct approval {
	struct vtpm2_bytes policy;
	struct vtpm2_bytes ref;
	struct vtpm2_bytes key;		/* Name of the approving key */
	struct vtpm2_ticket ticket;	/* of the verified signature */
};

/* Part 3, 23.16: aHash = H(approvedPolicy || policyRef), signed by the key. */
static u32 check_approval(struct vtpm2 *t, const struct vtpm2_session *s,
			  const struct approval *a, u16 alg)
{
	const struct vtpm2_bytes signed_parts[] = { a->policy, a->ref };
	struct vtpm2_digest digest;
	struct vtpm2_bytes parts[2];

	if (a->policy.len != s->policy.len ||
	    memcmp(a->policy.p, s->policy.buf, a->policy.len))
		return vtpm2_rc_p(TPM2_RC_VALUE, 1);
	vtpm2_hash_parts(alg, signed_parts, ARRAY_SIZE(signed_parts), &digest);
	parts[0] = (struct vtpm2_bytes){ digest.buf, digest.len };
	parts[1] = a->key;
	if (!vtpm2_ticket_check(t, &a->ticket, parts, ARRAY_SIZE(parts)))
		return vtpm2_rc_p(TPM2_RC_VALUE, 4);
	return 0;
}

VTPM2_CC(policy_authorize)
{
	const struct vtpm2_bytes none = { 0 };
	struct vtpm2_session *s = c->ses[0];
	struct approval a;
	size_t size;
	u16 alg;
	u32 rc;

	a.policy = vtpm2_rd_2b(vtpm2_param(c), VTPM2_MAX_DIGEST);
	a.ref = vtpm2_rd_2b(vtpm2_param(c), VTPM2_MAX_DIGEST);
	a.key = vtpm2_rd_2b(vtpm2_param(c), VTPM2_MAX_NAME);
	vtpm2_rd_ticket(vtpm2_param(c), TPM2_ST_VERIFIED, &a.ticket);
	rc = vtpm2_done(c);
	if (rc)
		return rc;
	/* a Name begins with its hash algorithm */
	alg = a.key.len < 2 ? TPM2_ALG_NULL : get_unaligned_be16(a.key.p);
	size = vtpm2_digest_size(alg);
	if (!size)
		return vtpm2_rc_p(TPM2_RC_HASH, 3);
	if (a.key.len != 2 + size)
		return vtpm2_rc_p(TPM2_RC_SIZE, 3);
	if (s->type != TPM2_SE_TRIAL) {
		rc = check_approval(t, s, &a, alg);
		if (rc)
			return rc;
	}
	memset(s->policy.buf, 0, s->policy.len);
	vtpm2_policy_update(s, TPM2_CC_POLICY_AUTHORIZE, a.key, a.ref, none, 0);
	return 0;
}
