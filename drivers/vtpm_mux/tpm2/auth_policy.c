// SPDX-License-Identifier: GPL-2.0
/*
 * Authorization by policy: may it be used, must it be used, and does the
 * session satisfy it (Part 1, 19.7; Part 3, 5.6)?
 */
#include <linux/string.h>
#include <linux/unaligned.h>

#include "tpm2.h"

static bool is_pcr(const struct vtpm2_cmd *c, unsigned int i)
{
	return vtpm2_handle_type(c->handle[i]) == TPM2_HT_PCR;
}

/*
 * DUP always, ADMIN unless an object leaves it to the auth value (Part 1,
 * 19.2), and PCRs that have one.
 */
bool vtpm2_auth_policy_required(struct vtpm2 *t, const struct vtpm2_cmd *c,
				unsigned int i)
{
	const struct vtpm2_object *obj = c->obj[i];

	if (is_pcr(c, i))
		return vtpm2_pcr_in_group(c->handle[i]) && t->pcr_policy.len;
	if (c->def->role[i] == VTPM2_AUTH_ADMIN)
		return !obj || (obj->pub.attrs & TPM2_OA_ADMIN_WITH_POLICY);
	return c->def->role[i] == VTPM2_AUTH_DUP;
}

static bool is_nv_write(u32 code)
{
	switch (code) {
	case TPM2_CC_NV_WRITE:
	case TPM2_CC_NV_INCREMENT:
	case TPM2_CC_NV_SET_BITS:
	case TPM2_CC_NV_EXTEND:
	case TPM2_CC_NV_WRITE_LOCK:
		return true;
	default:
		return false;
	}
}

bool vtpm2_auth_policy_usable(struct vtpm2 *t, const struct vtpm2_cmd *c,
			      unsigned int i)
{
	const struct vtpm2_object *obj = c->obj[i];
	const struct vtpm2_digest *policy;

	/* an object without a policy has one that nothing satisfies */
	if (obj)
		return !obj->public_only && !obj->seq;
	if (is_pcr(c, i))
		return vtpm2_pcr_in_group(c->handle[i]);
	vtpm2_entity_policy(t, c->handle[i], &policy);
	if (!policy->len)
		return false;
	if (!c->nv[i] || vtpm2_auth_policy_required(t, c, i))
		return true;
	return c->nv[i]->attrs & (is_nv_write(c->def->code) ?
				  TPM2_NVA_POLICYWRITE : TPM2_NVA_POLICYREAD);
}

/* H(names of all handles) (Part 3, 23.14) */
static void name_hash(struct vtpm2 *t, const struct vtpm2_cmd *c, u16 alg,
		      struct vtpm2_digest *out)
{
	unsigned int i, n = vtpm2_command_handles(c->def);
	struct vtpm2_name name;
	struct vtpm2_hash h;

	vtpm2_hash_init(&h, alg);
	for (i = 0; i < n; i++) {
		vtpm2_entity_name(t, c->handle[i], &name);
		vtpm2_hash_update(&h, name.buf, name.len);
	}
	vtpm2_hash_final(&h, out->buf);
	out->len = vtpm2_digest_size(alg);
}

/* H(the second parameter), the template of an object to be (Part 3, 23.21) */
static bool template_hash(const struct vtpm2_cmd *c, u16 alg,
			  struct vtpm2_digest *out)
{
	struct vtpm2_bytes template;
	struct vtpm2_rd rd;

	switch (c->def->code) {
	case TPM2_CC_CREATE:
	case TPM2_CC_CREATE_PRIMARY:
	case TPM2_CC_CREATE_LOADED:
		break;
	default:
		return false;
	}
	vtpm2_rd_init(&rd, c->cp.p, c->cp.len);
	vtpm2_rd_2b(&rd, c->cp.len);
	template = vtpm2_rd_2b(&rd, c->cp.len);
	if (rd.err)
		return false;
	vtpm2_hash_parts(alg, &template, 1, out);
	return true;
}

/* The command that TPM2_PolicyCpHash, _NameHash or _Template asks for? */
static bool command_matches(struct vtpm2 *t, const struct vtpm2_cmd *c,
			    const struct vtpm2_session *s)
{
	struct vtpm2_digest d;

	if (!s->cp_hash.len)
		return true;
	if (s->cp_hash_set)
		vtpm2_cp_hash(t, c, s->hash, &d);
	else if (!s->template_set)
		name_hash(t, c, s->hash, &d);
	else if (!template_hash(c, s->hash, &d))
		return false;
	return d.len == s->cp_hash.len &&
	       !memcmp(d.buf, s->cp_hash.buf, d.len);
}

/* Part 2, 8.5 TPMA_LOCALITY: bits of 0 to 4, or one of 32 and above */
static bool locality_ok(const struct vtpm2_session *s, u8 locality)
{
	if (!s->policy_locality)
		return true;
	if (locality < 5)
		return s->policy_locality < 32 &&
		       (s->policy_locality & (1 << locality));
	return locality > 31 && s->policy_locality == locality;
}

static bool digest_ok(struct vtpm2 *t, const struct vtpm2_session *s,
		      u32 handle)
{
	const struct vtpm2_digest *policy;
	u16 alg = vtpm2_entity_policy(t, handle, &policy);

	return alg == s->hash && policy->len == s->policy.len &&
	       !memcmp(policy->buf, s->policy.buf, policy->len);
}

static bool written_ok(const struct vtpm2_session *s,
		       const struct vtpm2_nv *nv)
{
	if (!s->check_written)
		return true;
	return nv && !!(nv->attrs & TPM2_NVA_WRITTEN) == s->written;
}

static u32 check_code(const struct vtpm2_session *s, const struct vtpm2_cmd *c,
		      unsigned int i)
{
	if (s->policy_cc)
		return s->policy_cc == c->def->code ? 0 : TPM2_RC_POLICY_CC;
	/* Part 1, 19.2: these roles are granted command by command */
	if (c->def->role[i] == VTPM2_AUTH_ADMIN ||
	    c->def->role[i] == VTPM2_AUTH_DUP)
		return TPM2_RC_POLICY_FAIL;
	return 0;
}

u32 vtpm2_auth_policy_check(struct vtpm2 *t, const struct vtpm2_cmd *c,
			    unsigned int i)
{
	const struct vtpm2_session *s = c->auth[i].session;
	u32 rc;

	/* Part 3, 23.4: the secret must have been shown */
	if (c->def->code == TPM2_CC_POLICY_SECRET && !s->need_password &&
	    !s->need_auth)
		return TPM2_RC_MODE;
	if (s->pcr_checked && s->pcr_counter != t->pcr_counter)
		return TPM2_RC_PCR_CHANGED;
	if (!digest_ok(t, s, c->handle[i]))
		return TPM2_RC_POLICY_FAIL;
	if (s->timeout && (s->epoch != t->time_epoch ||
			   s->timeout < vtpm2_clock_time(t)))
		return TPM2_RC_EXPIRED;
	rc = check_code(s, c, i);
	if (rc)
		return rc;
	if (!locality_ok(s, c->locality))
		return TPM2_RC_LOCALITY;
	if (s->need_pp && !t->presence)
		return TPM2_RC_PP;
	if (!command_matches(t, c, s) || !written_ok(s, c->nv[i]))
		return TPM2_RC_POLICY_FAIL;
	return 0;
}
