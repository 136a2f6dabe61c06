// SPDX-License-Identifier: GPL-2.0
/*
 * Policies that compare: the contents of an NV index, the TPM's clocks and
 * counters (Part 3, 23.9, 23.10 and 23.22).
 */
#include <linux/array_size.h>
#include <linux/string.h>
#include <linux/unaligned.h>

#include "commands.h"

struct operand {
	struct vtpm2_bytes b;
	u16 offset;
	u16 op;
};

static u32 read_operand(struct vtpm2_cmd *c, struct operand *o)
{
	struct vtpm2_rd *rd;

	o->b = vtpm2_rd_2b(vtpm2_param(c), VTPM2_MAX_DIGEST);
	o->offset = vtpm2_rd_u16(vtpm2_param(c));
	rd = vtpm2_param(c);
	o->op = vtpm2_rd_u16(rd);
	if (!vtpm2_compare_valid(o->op))
		vtpm2_rd_fail(rd, TPM2_RC_VALUE);
	return vtpm2_done(c);
}

/* args = H(operandB || offset || operation) */
static void hash_operand(const struct vtpm2_session *s, const struct operand *o,
			 struct vtpm2_digest *args)
{
	u8 tail[4];
	const struct vtpm2_bytes parts[] = { o->b, { tail, sizeof(tail) } };

	put_unaligned_be16(o->offset, tail);
	put_unaligned_be16(o->op, tail + 2);
	vtpm2_hash_parts(s->hash, parts, ARRAY_SIZE(parts), args);
}

static u32 check_nv(const struct vtpm2_cmd *c, const struct operand *o)
{
	const struct vtpm2_nv *nv = c->nv[1];
	size_t left;
	u32 rc;

	rc = vtpm2_nv_read_check(nv, c->handle[0]);
	if (rc)
		return rc;
	if (o->offset > nv->size)
		return vtpm2_rc_p(TPM2_RC_VALUE, 2);
	left = nv->size - o->offset;
	if (o->b.len > left)
		return vtpm2_rc_p(TPM2_RC_SIZE, 1);
	return vtpm2_compare(o->op, nv->data + o->offset, o->b.p, o->b.len) ?
	       0 : TPM2_RC_POLICY;
}

/* Part 3, 23.9 */
VTPM2_CC(policy_nv)
{
	struct vtpm2_session *s = c->ses[2];
	struct vtpm2_bytes parts[2];
	struct vtpm2_digest args;
	struct vtpm2_name name;
	struct operand o;
	u32 rc;

	rc = read_operand(c, &o);
	if (rc)
		return rc;
	if (s->type != TPM2_SE_TRIAL) {
		rc = check_nv(c, &o);
		if (rc)
			return rc;
	}
	hash_operand(s, &o, &args);
	vtpm2_nv_name(c->nv[1], &name);
	parts[0] = (struct vtpm2_bytes){ args.buf, args.len };
	parts[1] = (struct vtpm2_bytes){ name.buf, name.len };
	vtpm2_policy_extend(s, TPM2_CC_POLICY_NV, parts, ARRAY_SIZE(parts));
	return 0;
}

/* Does @nv hold, as a TPMT_HA, the policy that the session has satisfied? */
static u32 check_policy(const struct vtpm2_session *s,
			const struct vtpm2_nv *nv)
{
	const u8 *digest;
	struct vtpm2_rd rd;
	u16 alg;

	vtpm2_rd_init(&rd, nv->data, nv->size);
	alg = vtpm2_rd_hash_alg(&rd, false);
	digest = vtpm2_rd_bytes(&rd, vtpm2_digest_size(alg));
	if (rd.err)
		return rd.err;
	if (alg != s->hash)
		return TPM2_RC_HASH;
	/* both are of that algorithm's size */
	return memcmp(digest, s->policy.buf, s->policy.len) ? TPM2_RC_VALUE : 0;
}

/*
 * Part 3, 23.22: the owner of the index may change the policy of what was
 * created long ago.
 */
VTPM2_CC(policy_authorize_nv)
{
	struct vtpm2_session *s = c->ses[2];
	struct vtpm2_bytes part;
	struct vtpm2_name name;
	u32 rc;

	rc = vtpm2_done(c);
	if (rc)
		return rc;
	if (s->type != TPM2_SE_TRIAL) {
		rc = vtpm2_nv_read_check(c->nv[1], c->handle[0]);
		if (!rc)
			rc = check_policy(s, c->nv[1]);
		if (rc)
			return rc;
	}
	memset(s->policy.buf, 0, s->policy.len);
	vtpm2_nv_name(c->nv[1], &name);
	part = (struct vtpm2_bytes){ name.buf, name.len };
	vtpm2_policy_extend(s, TPM2_CC_POLICY_AUTHORIZE_NV, &part, 1);
	return 0;
}

/* Part 2, 10.11.6 TPMS_TIME_INFO */
#define TIME_INFO_SIZE	25

/* In a trial session too, the operand has to be within TPMS_TIME_INFO. */
static u32 check_time(struct vtpm2 *t, const struct operand *o, bool trial)
{
	u8 info[TIME_INFO_SIZE];
	struct vtpm2_wr wr;

	vtpm2_wr_init(&wr, info, sizeof(info));
	vtpm2_wr_u64(&wr, vtpm2_clock_time(t));
	vtpm2_wr_clock_info(&wr, t);
	if (wr.overflow)
		return TPM2_RC_FAILURE;
	if (o->offset > wr.len)
		return vtpm2_rc_p(TPM2_RC_VALUE, 2);
	/* the reference implementation gives this one no number */
	if (o->b.len > wr.len - o->offset)
		return TPM2_RC_RANGE;
	if (trial)
		return 0;
	return vtpm2_compare(o->op, info + o->offset, o->b.p, o->b.len) ?
	       0 : TPM2_RC_POLICY;
}

/* Part 3, 23.10 */
VTPM2_CC(policy_counter_timer)
{
	struct vtpm2_session *s = c->ses[0];
	struct vtpm2_digest args;
	const struct vtpm2_bytes part = { args.buf,
					  vtpm2_digest_size(s->hash) };
	struct operand o;
	u32 rc;

	rc = read_operand(c, &o);
	if (rc)
		return rc;
	rc = check_time(t, &o, s->type == TPM2_SE_TRIAL);
	if (rc)
		return rc;
	hash_operand(s, &o, &args);
	vtpm2_policy_extend(s, TPM2_CC_POLICY_COUNTER_TIMER, &part, 1);
	return 0;
}
