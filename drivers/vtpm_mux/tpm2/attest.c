// SPDX-License-Identifier: GPL-2.0
/*
 * Attestation (Part 3, 18, 21.3 and 31.16): the engine states, the key signs.
 *
 *   TPMS_ATTEST = magic, type, qualified signer, caller's nonce, clock,
 *                 firmware version, then what is attested
 *
 * It begins with TPM_GENERATED_VALUE, which nothing else that a restricted key
 * signs can begin with (Part 1, 31.2).
 */
#include <linux/array_size.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/unaligned.h>

#include "commands.h"

/**
 * struct attest - an attestation being made
 * @t: the TPM
 * @wr: response parameters
 * @key: signing key, NULL for TPM_RH_NULL: no signature
 * @scheme: to sign with
 * @extra: the caller's qualifyingData
 * @at: place of the TPM2B_ATTEST in @wr
 */
struct attest {
	struct vtpm2 *t;
	struct vtpm2_wr *wr;
	struct vtpm2_object *key;
	struct vtpm2_scheme scheme;
	struct vtpm2_bytes extra;
	size_t at;
};

/* Set scheme; @handle and @param number the key and the scheme. */
static u32 select_signer(struct attest *a, unsigned int handle,
			 unsigned int param)
{
	u32 rc;

	if (a->key && (!(a->key->pub.attrs & TPM2_OA_SIGN_ENCRYPT) ||
		       a->key->pub.type == TPM2_ALG_SYMCIPHER))
		return vtpm2_rc_h(TPM2_RC_KEY, handle);
	rc = vtpm2_sign_select(a->key, &a->scheme);
	return rc ? vtpm2_rc_p(rc, param) : 0;
}

/*
 * Part 1, 36.7: resetCount, restartCount and firmwareVersion would link the
 * keys of one TPM. Unless the hierarchy of the signer is that of the platform
 * or privacy administrator, a constant of signer and owner hides them; they
 * can still be compared between attestations of the same key.
 */
static void obfuscation(struct attest *a, const u8 *signer, size_t len,
			u8 mask[16])
{
	const struct vtpm2_hierarchy *owner;

	memset(mask, 0, 16);
	if (a->key && (a->key->hierarchy == TPM2_RH_PLATFORM ||
		       a->key->hierarchy == TPM2_RH_ENDORSEMENT))
		return;
	owner = vtpm2_hierarchy(a->t, TPM2_RH_OWNER);
	vtpm2_kdfa(VTPM2_CONTEXT_HASH, owner->proof, sizeof(owner->proof),
		   "OBFUSCATE", signer, len, NULL, 0, 128, mask);
}

static u64 firmware_version(void)
{
	return (u64)VTPM2_FIRMWARE_1 << 32 | VTPM2_FIRMWARE_2;
}

/* Everything up to what is attested. */
static void attest_begin(struct attest *a, u16 type)
{
	u8 mask[16], null_signer[4];
	const u8 *signer = null_signer;
	size_t len = sizeof(null_signer);
	struct vtpm2 *t = a->t;

	put_unaligned_be32(TPM2_RH_NULL, null_signer);
	if (a->key) {
		signer = a->key->qname.buf;
		len = a->key->qname.len;
	}
	obfuscation(a, signer, len, mask);

	a->at = vtpm2_wr_begin(a->wr);
	vtpm2_wr_u32(a->wr, TPM2_GENERATED_VALUE);
	vtpm2_wr_u16(a->wr, type);
	vtpm2_wr_2b(a->wr, signer, len);
	vtpm2_wr_2b(a->wr, a->extra.p, a->extra.len);
	vtpm2_wr_u64(a->wr, vtpm2_clock_now(t));
	vtpm2_wr_u32(a->wr, t->reset_count + get_unaligned_be32(mask + 8));
	vtpm2_wr_u32(a->wr, t->restart_count + get_unaligned_be32(mask + 12));
	vtpm2_wr_u8(a->wr, t->clock_safe);
	vtpm2_wr_u64(a->wr, firmware_version() + get_unaligned_be64(mask));
}

/* Sign what was written since attest_begin(), write the signature. */
static u32 attest_sign(struct attest *a)
{
	const size_t start = a->at + sizeof(u16);
	struct vtpm2_digest digest = { 0 };
	struct vtpm2_signature *sig;
	struct vtpm2_bytes attested;
	u32 rc;

	vtpm2_wr_end(a->wr, a->at);
	if (a->wr->overflow)
		return TPM2_RC_FAILURE;
	if (a->key) {
		attested = (struct vtpm2_bytes){
			a->wr->p + start, a->wr->len - start,
		};
		vtpm2_hash_parts(a->scheme.hash, &attested, 1, &digest);
	}
	sig = kmalloc(sizeof(*sig), GFP_KERNEL_ACCOUNT);
	if (!sig)
		return TPM2_RC_MEMORY;
	rc = vtpm2_sign(a->t, a->key, &a->scheme, digest.buf, digest.len, sig);
	if (!rc)
		vtpm2_wr_signature(a->wr, sig);
	kfree(sig);
	return rc;
}

/* Part 3, 18.4 */
u32 vtpm2_cc_quote(struct vtpm2 *t, struct vtpm2_cmd *c)
{
	struct attest a = { .t = t, .wr = &c->out, .key = c->obj[0] };
	struct vtpm2_pcr_selection sel;
	struct vtpm2_digest digest;
	u32 rc;

	a.extra = vtpm2_rd_2b(vtpm2_param(c), VTPM2_MAX_DATA);
	vtpm2_rd_sig_scheme(vtpm2_param(c), &a.scheme, true);
	vtpm2_rd_pcr_selection(vtpm2_param(c), &sel);
	rc = vtpm2_done(c);
	if (rc)
		return rc;
	rc = select_signer(&a, 1, 2);
	if (rc)
		return rc;
	/* the scheme's hash is that of the PCR digest as well */
	if (a.scheme.hash == TPM2_ALG_NULL)
		return vtpm2_rc_p(TPM2_RC_SCHEME, 2);

	vtpm2_pcr_digest(t, a.scheme.hash, &sel, &digest);
	attest_begin(&a, TPM2_ST_ATTEST_QUOTE);
	vtpm2_wr_pcr_selection(&c->out, &sel);
	vtpm2_wr_digest(&c->out, &digest);
	return attest_sign(&a);
}

/* qualifyingData and inScheme, all that most attestations take; handle 2 signs. */
static u32 attest_read(struct attest *a, struct vtpm2_cmd *c)
{
	u32 rc;

	a->extra = vtpm2_rd_2b(vtpm2_param(c), VTPM2_MAX_DATA);
	vtpm2_rd_sig_scheme(vtpm2_param(c), &a->scheme, true);
	rc = vtpm2_done(c);
	return rc ? rc : select_signer(a, 2, 2);
}

/* Part 3, 18.2 */
u32 vtpm2_cc_certify(struct vtpm2 *t, struct vtpm2_cmd *c)
{
	struct attest a = { .t = t, .wr = &c->out, .key = c->obj[1] };
	u32 rc;

	rc = attest_read(&a, c);
	if (rc)
		return rc;

	attest_begin(&a, TPM2_ST_ATTEST_CERTIFY);
	vtpm2_wr_name(&c->out, &c->obj[0]->name);
	vtpm2_wr_name(&c->out, &c->obj[0]->qname);
	return attest_sign(&a);
}

/* Part 3, 18.3 */
u32 vtpm2_cc_certify_creation(struct vtpm2 *t, struct vtpm2_cmd *c)
{
	struct attest a = { .t = t, .wr = &c->out, .key = c->obj[0] };
	const struct vtpm2_name *name = &c->obj[1]->name;
	struct vtpm2_bytes parts[2];
	struct vtpm2_digest hash;
	struct vtpm2_ticket ticket;
	u32 rc;

	a.extra = vtpm2_rd_2b(vtpm2_param(c), VTPM2_MAX_DATA);
	vtpm2_rd_digest(vtpm2_param(c), &hash);
	vtpm2_rd_sig_scheme(vtpm2_param(c), &a.scheme, true);
	vtpm2_rd_ticket(vtpm2_param(c), TPM2_ST_CREATION, &ticket);
	rc = vtpm2_done(c);
	if (rc)
		return rc;
	rc = select_signer(&a, 1, 3);
	if (rc)
		return rc;
	parts[0] = (struct vtpm2_bytes){ name->buf, name->len };
	parts[1] = (struct vtpm2_bytes){ hash.buf, hash.len };
	if (!vtpm2_ticket_check(t, &ticket, parts, ARRAY_SIZE(parts)))
		return vtpm2_rc_p(TPM2_RC_TICKET, 4);

	attest_begin(&a, TPM2_ST_ATTEST_CREATION);
	vtpm2_wr_name(&c->out, name);
	vtpm2_wr_digest(&c->out, &hash);
	return attest_sign(&a);
}

/*
 * Part 3, 18.7. The attested time is in the clear: that is what the privacy
 * administrator's authorization is for.
 */
u32 vtpm2_cc_get_time(struct vtpm2 *t, struct vtpm2_cmd *c)
{
	struct attest a = { .t = t, .wr = &c->out, .key = c->obj[1] };
	u32 rc;

	rc = attest_read(&a, c);
	if (rc)
		return rc;

	attest_begin(&a, TPM2_ST_ATTEST_TIME);
	vtpm2_wr_u64(&c->out, vtpm2_clock_time(t));
	vtpm2_wr_clock_info(&c->out, t);
	vtpm2_wr_u64(&c->out, firmware_version());
	return attest_sign(&a);
}

/* Part 3, 21.3: a signature ends the digest, the next one begins anew. */
u32 vtpm2_cc_get_command_audit_digest(struct vtpm2 *t, struct vtpm2_cmd *c)
{
	struct attest a = { .t = t, .wr = &c->out, .key = c->obj[1] };
	struct vtpm2_digest commands;
	u32 rc;

	rc = attest_read(&a, c);
	if (rc)
		return rc;

	vtpm2_audit_command_digest(t, &commands);
	attest_begin(&a, TPM2_ST_ATTEST_COMMAND_AUDIT);
	vtpm2_wr_u64(&c->out, t->audit_counter);
	vtpm2_wr_u16(&c->out, t->audit_alg);
	vtpm2_wr_digest(&c->out, &t->audit_digest);
	vtpm2_wr_digest(&c->out, &commands);
	rc = attest_sign(&a);
	if (!rc && a.key) {
		t->audit_digest.len = 0;
		t->shutdown_valid = false;
	}
	return rc;
}

/* Part 3, 18.5 */
u32 vtpm2_cc_get_session_audit_digest(struct vtpm2 *t, struct vtpm2_cmd *c)
{
	struct attest a = { .t = t, .wr = &c->out, .key = c->obj[1] };
	const struct vtpm2_session *s = c->ses[2];
	u32 rc;

	rc = attest_read(&a, c);
	if (rc)
		return rc;
	if (!s->audit)
		return vtpm2_rc_h(TPM2_RC_TYPE, 3);

	attest_begin(&a, TPM2_ST_ATTEST_SESSION_AUDIT);
	vtpm2_wr_u8(&c->out, t->exclusive_audit == s->handle);
	vtpm2_wr_digest(&c->out, &s->audit_digest);
	return attest_sign(&a);
}

/* size and offset both zero: a digest of all of it (Part 3, 31.16.1) */
static void attest_nv(struct attest *a, const struct vtpm2_nv *nv, u16 size,
		      u16 offset)
{
	struct vtpm2_bytes data = { nv->data, nv->size };
	struct vtpm2_digest digest = { 0 };
	struct vtpm2_name name;

	vtpm2_nv_name(nv, &name);
	if (size || offset) {
		attest_begin(a, TPM2_ST_ATTEST_NV);
		vtpm2_wr_name(a->wr, &name);
		vtpm2_wr_u16(a->wr, offset);
		vtpm2_wr_2b(a->wr, nv->data + offset, size);
		return;
	}
	/* not signed: no algorithm, so the digest is empty */
	if (a->scheme.hash != TPM2_ALG_NULL)
		vtpm2_hash_parts(a->scheme.hash, &data, 1, &digest);
	attest_begin(a, TPM2_ST_ATTEST_NV_DIGEST);
	vtpm2_wr_name(a->wr, &name);
	vtpm2_wr_digest(a->wr, &digest);
}

u32 vtpm2_cc_nv_certify(struct vtpm2 *t, struct vtpm2_cmd *c)
{
	struct attest a = { .t = t, .wr = &c->out, .key = c->obj[0] };
	const struct vtpm2_nv *nv = c->nv[2];
	u16 size, offset;
	u32 rc;

	a.extra = vtpm2_rd_2b(vtpm2_param(c), VTPM2_MAX_DATA);
	vtpm2_rd_sig_scheme(vtpm2_param(c), &a.scheme, true);
	size = vtpm2_rd_u16(vtpm2_param(c));
	offset = vtpm2_rd_u16(vtpm2_param(c));
	rc = vtpm2_done(c);
	if (rc)
		return rc;
	rc = select_signer(&a, 1, 2);
	if (rc)
		return rc;
	rc = vtpm2_nv_read_check(nv, c->handle[1]);
	if (rc)
		return rc;
	if ((u32)size + offset > nv->size)
		return TPM2_RC_NV_RANGE;
	if (size > VTPM2_MAX_NV_BUFFER)
		return vtpm2_rc_p(TPM2_RC_VALUE, 3);

	attest_nv(&a, nv, size, offset);
	return attest_sign(&a);
}
