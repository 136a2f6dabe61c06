// SPDX-License-Identifier: GPL-2.0
/*
 * Policy assertions (Part 1, 19.7; Part 3, 23): those about the command that
 * the policy will authorize and about the state of the TPM. The ones that
 * another entity makes are in policy_auth.c, comparisons in policy_nv.c.
 *
 *   policyDigest = H(policyDigest || command code || what was asserted)
 *
 * A trial session computes the digest only and checks nothing.
 */
#include <linux/array_size.h>
#include <linux/minmax.h>
#include <linux/string.h>
#include <linux/unaligned.h>

#include "commands.h"

void vtpm2_policy_extend(struct vtpm2_session *s, u32 cc,
			 const struct vtpm2_bytes *parts, unsigned int n)
{
	struct vtpm2_bytes all[5] = { { s->policy.buf, s->policy.len } };
	unsigned int i;
	u8 be[4];

	put_unaligned_be32(cc, be);
	all[1] = (struct vtpm2_bytes){ be, sizeof(be) };
	for (i = 0; i < n && i + 2 < ARRAY_SIZE(all); i++)
		all[i + 2] = parts[i];
	vtpm2_hash_parts(s->hash, all, i + 2, &s->policy);
}

static bool same_digest(const struct vtpm2_digest *d, struct vtpm2_bytes b)
{
	return d->len == b.len && !memcmp(d->buf, b.p, b.len);
}

/* @b is of digest size: the caller has checked, or it was read as one. */
static void set_digest(struct vtpm2_digest *d, struct vtpm2_bytes b)
{
	d->len = min_t(size_t, b.len, sizeof(d->buf));
	memcpy(d->buf, b.p, d->len);
}

void vtpm2_policy_update(struct vtpm2_session *s, u32 cc,
			 struct vtpm2_bytes name, struct vtpm2_bytes ref,
			 struct vtpm2_bytes cp_hash, u64 timeout)
{
	struct vtpm2_bytes second[2];

	vtpm2_policy_extend(s, cc, &name, 1);
	second[0] = (struct vtpm2_bytes){ s->policy.buf, s->policy.len };
	second[1] = ref;
	vtpm2_hash_parts(s->hash, second, ARRAY_SIZE(second), &s->policy);
	if (cp_hash.len) {
		set_digest(&s->cp_hash, cp_hash);
		s->cp_hash_set = true;
	}
	/* of several the earliest counts */
	if (timeout && (!s->timeout || timeout < s->timeout))
		s->timeout = timeout;
}

/* Part 3, 23.19 */
VTPM2_CC(policy_get_digest)
{
	u32 rc = vtpm2_done(c);

	if (rc)
		return rc;
	vtpm2_wr_digest(&c->out, &c->ses[0]->policy);
	return 0;
}

/* The digest of the PCRs in @sel, as the session may see it. */
static u32 pcr_value(struct vtpm2 *t, const struct vtpm2_session *s,
		     struct vtpm2_bytes expected,
		     struct vtpm2_pcr_selection *sel, struct vtpm2_digest *out)
{
	vtpm2_pcr_digest(t, s->hash, sel, out);
	if (s->type == TPM2_SE_TRIAL) {
		if (expected.len)
			set_digest(out, expected);
		return 0;
	}
	if (s->pcr_checked && s->pcr_counter != t->pcr_counter)
		return TPM2_RC_PCR_CHANGED;
	if (expected.len && !same_digest(out, expected))
		return vtpm2_rc_p(TPM2_RC_VALUE, 1);
	return 0;
}

/* Part 3, 23.7 */
VTPM2_CC(policy_pcr)
{
	u8 marshaled[4 + VTPM2_HASH_ALGS *
		     sizeof(struct vtpm2_pcr_bank_select)];
	struct vtpm2_session *s = c->ses[0];
	struct vtpm2_pcr_selection sel;
	struct vtpm2_bytes expected;
	struct vtpm2_bytes parts[2];
	struct vtpm2_digest pcrs;
	struct vtpm2_wr wr;
	u32 rc;

	expected = vtpm2_rd_2b(vtpm2_param(c), VTPM2_MAX_DIGEST);
	vtpm2_rd_pcr_selection(vtpm2_param(c), &sel);
	rc = vtpm2_done(c);
	if (rc)
		return rc;
	rc = pcr_value(t, s, expected, &sel, &pcrs);
	if (rc)
		return rc;

	/* what is not implemented has been cleared from the selection */
	vtpm2_wr_init(&wr, marshaled, sizeof(marshaled));
	vtpm2_wr_pcr_selection(&wr, &sel);
	if (wr.overflow)
		return TPM2_RC_FAILURE;
	parts[0] = (struct vtpm2_bytes){ marshaled, wr.len };
	parts[1] = (struct vtpm2_bytes){ pcrs.buf, pcrs.len };
	vtpm2_policy_extend(s, TPM2_CC_POLICY_PCR, parts, ARRAY_SIZE(parts));
	if (s->type != TPM2_SE_TRIAL) {
		s->pcr_checked = true;
		s->pcr_counter = t->pcr_counter;
	}
	return 0;
}

/* Part 3, 23.17 */
VTPM2_CC(policy_auth_value)
{
	struct vtpm2_session *s = c->ses[0];
	u32 rc = vtpm2_done(c);

	if (rc)
		return rc;
	vtpm2_policy_extend(s, TPM2_CC_POLICY_AUTH_VALUE, NULL, 0);
	s->need_auth = true;
	s->need_password = false;
	return 0;
}

/* Part 3, 23.18: the same digest, so that the user may choose. */
VTPM2_CC(policy_password)
{
	struct vtpm2_session *s = c->ses[0];
	u32 rc = vtpm2_done(c);

	if (rc)
		return rc;
	vtpm2_policy_extend(s, TPM2_CC_POLICY_AUTH_VALUE, NULL, 0);
	s->need_password = true;
	s->need_auth = false;
	return 0;
}

#define MIN_OR	2
#define MAX_OR	8

/* Part 2, 10.9.4 TPML_DIGEST */
static u32 rd_digests(struct vtpm2_rd *rd, struct vtpm2_bytes *digest)
{
	u32 i, n = vtpm2_rd_u32(rd);

	if (n < MIN_OR || n > MAX_OR) {
		vtpm2_rd_fail(rd, TPM2_RC_SIZE);
		return 0;
	}
	for (i = 0; i < n; i++)
		digest[i] = vtpm2_rd_2b(rd, VTPM2_MAX_DIGEST);
	return n;
}

/* Part 3, 23.6: the digest so far is replaced by one of all the branches. */
VTPM2_CC(policy_or)
{
	static const u8 zeroes[VTPM2_MAX_DIGEST];
	/* zeroes, command code, branches */
	struct vtpm2_bytes parts[2 + MAX_OR];
	struct vtpm2_session *s = c->ses[0];
	bool found = s->type == TPM2_SE_TRIAL;
	u8 cc[4];
	u32 i, n, rc;

	n = rd_digests(vtpm2_param(c), parts + 2);
	rc = vtpm2_done(c);
	if (rc)
		return rc;
	for (i = 0; i < n && !found; i++)
		found = same_digest(&s->policy, parts[2 + i]);
	if (!found)
		return vtpm2_rc_p(TPM2_RC_VALUE, 1);

	put_unaligned_be32(TPM2_CC_POLICY_OR, cc);
	parts[0] = (struct vtpm2_bytes){ zeroes, s->policy.len };
	parts[1] = (struct vtpm2_bytes){ cc, sizeof(cc) };
	vtpm2_hash_parts(s->hash, parts, 2 + n, &s->policy);
	return 0;
}

/* Part 3, 23.11 */
VTPM2_CC(policy_command_code)
{
	struct vtpm2_session *s = c->ses[0];
	u8 be[4];
	const struct vtpm2_bytes part = { be, sizeof(be) };
	u32 code = vtpm2_rd_u32(vtpm2_param(c));
	u32 rc = vtpm2_done(c);

	if (rc)
		return rc;
	if (s->policy_cc && s->policy_cc != code)
		return vtpm2_rc_p(TPM2_RC_VALUE, 1);
	if (!vtpm2_command_find(code))
		return vtpm2_rc_p(TPM2_RC_POLICY_CC, 1);

	put_unaligned_be32(code, be);
	vtpm2_policy_extend(s, TPM2_CC_POLICY_COMMAND_CODE, &part, 1);
	s->policy_cc = code;
	return 0;
}

/*
 * Localities 0 to 4 are bits, and a further assertion narrows the choice; 32
 * and above are values, and a further one must be the same.
 */
static bool combine_localities(u8 *set, u8 locality)
{
	u8 result = locality;

	if (*set && *set < 32)
		result = locality < 32 ? *set & locality : 0;
	else if (*set && *set != locality)
		result = 0;
	if (!result)
		return false;
	*set = result;
	return true;
}

/* Part 3, 23.8 */
VTPM2_CC(policy_locality)
{
	struct vtpm2_session *s = c->ses[0];
	u8 locality;
	const struct vtpm2_bytes part = { &locality, sizeof(locality) };
	u32 rc;

	locality = vtpm2_rd_u8(vtpm2_param(c));
	rc = vtpm2_done(c);
	if (rc)
		return rc;
	if (!combine_localities(&s->policy_locality, locality))
		return vtpm2_rc_p(TPM2_RC_RANGE, 1);
	vtpm2_policy_extend(s, TPM2_CC_POLICY_LOCALITY, &part, 1);
	return 0;
}

/* Part 3, 23.16 */
VTPM2_CC(policy_physical_presence)
{
	struct vtpm2_session *s = c->ses[0];
	u32 rc = vtpm2_done(c);

	if (rc)
		return rc;
	vtpm2_policy_extend(s, TPM2_CC_POLICY_PHYSICAL_PRESENCE, NULL, 0);
	s->need_pp = true;
	return 0;
}

/* Part 3, 23.13: any other restriction of the parameters excludes it. */
VTPM2_CC(policy_cp_hash)
{
	struct vtpm2_session *s = c->ses[0];
	struct vtpm2_bytes hash;
	u32 rc;

	hash = vtpm2_rd_2b(vtpm2_param(c), VTPM2_MAX_DIGEST);
	rc = vtpm2_done(c);
	if (rc)
		return rc;
	if (hash.len != s->policy.len)
		return vtpm2_rc_p(TPM2_RC_SIZE, 1);
	if (s->cp_hash.len &&
	    (!s->cp_hash_set || !same_digest(&s->cp_hash, hash)))
		return TPM2_RC_CPHASH;

	vtpm2_policy_extend(s, TPM2_CC_POLICY_CP_HASH, &hash, 1);
	set_digest(&s->cp_hash, hash);
	s->cp_hash_set = true;
	return 0;
}

/* Part 3, 23.14 */
VTPM2_CC(policy_name_hash)
{
	struct vtpm2_session *s = c->ses[0];
	struct vtpm2_bytes hash;
	u32 rc;

	hash = vtpm2_rd_2b(vtpm2_param(c), VTPM2_MAX_DIGEST);
	rc = vtpm2_done(c);
	if (rc)
		return rc;
	if (hash.len != s->policy.len)
		return vtpm2_rc_p(TPM2_RC_SIZE, 1);
	if (s->cp_hash.len)
		return TPM2_RC_CPHASH;

	vtpm2_policy_extend(s, TPM2_CC_POLICY_NAME_HASH, &hash, 1);
	set_digest(&s->cp_hash, hash);
	s->name_hash_set = true;
	return 0;
}

/* Part 3, 23.21 */
VTPM2_CC(policy_template)
{
	struct vtpm2_session *s = c->ses[0];
	struct vtpm2_bytes hash;
	u32 rc;

	hash = vtpm2_rd_2b(vtpm2_param(c), VTPM2_MAX_DIGEST);
	rc = vtpm2_done(c);
	if (rc)
		return rc;
	if (s->template_set && !same_digest(&s->cp_hash, hash))
		return vtpm2_rc_p(TPM2_RC_VALUE, 1);
	if (!s->template_set && s->cp_hash.len)
		return TPM2_RC_CPHASH;
	if (hash.len != s->policy.len)
		return vtpm2_rc_p(TPM2_RC_SIZE, 1);

	vtpm2_policy_extend(s, TPM2_CC_POLICY_TEMPLATE, &hash, 1);
	set_digest(&s->cp_hash, hash);
	s->template_set = true;
	return 0;
}

/* Part 3, 23.20 */
VTPM2_CC(policy_nv_written)
{
	struct vtpm2_session *s = c->ses[0];
	u8 written;
	const struct vtpm2_bytes part = { &written, sizeof(written) };
	u32 rc;

	written = vtpm2_rd_bool(vtpm2_param(c));
	rc = vtpm2_done(c);
	if (rc)
		return rc;
	if (s->check_written && s->written != written)
		return vtpm2_rc_p(TPM2_RC_VALUE, 1);

	vtpm2_policy_extend(s, TPM2_CC_POLICY_NV_WRITTEN, &part, 1);
	s->check_written = true;
	s->written = written;
	return 0;
}

/* Part 3, 23.15 */
VTPM2_CC(policy_duplication_select)
{
	struct vtpm2_session *s = c->ses[0];
	struct vtpm2_bytes names[2];	/* object, new parent */
	u8 include;
	struct vtpm2_bytes parts[3];
	unsigned int n = 0;
	u32 rc;

	names[0] = vtpm2_rd_2b(vtpm2_param(c), VTPM2_MAX_NAME);
	names[1] = vtpm2_rd_2b(vtpm2_param(c), VTPM2_MAX_NAME);
	include = vtpm2_rd_bool(vtpm2_param(c));
	rc = vtpm2_done(c);
	if (rc)
		return rc;
	if (s->cp_hash.len)
		return TPM2_RC_CPHASH;
	if (s->policy_cc)
		return TPM2_RC_COMMAND_CODE;

	if (include)
		parts[n++] = names[0];
	parts[n++] = names[1];
	parts[n++] = (struct vtpm2_bytes){ &include, sizeof(include) };
	vtpm2_policy_extend(s, TPM2_CC_POLICY_DUPLICATION_SELECT, parts, n);
	vtpm2_hash_parts(s->hash, names, ARRAY_SIZE(names), &s->cp_hash);
	s->name_hash_set = true;
	s->policy_cc = TPM2_CC_DUPLICATE;
	return 0;
}
