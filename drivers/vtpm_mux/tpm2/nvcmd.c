// SPDX-License-Identifier: GPL-2.0
/*
 * Commands on NV indices (Part 3, 31).
 */
#include <linux/overflow.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "commands.h"

/* Part 2, 13.1 and 9.29: handles of NV indices are 0x01000000 to 0x01ffffff */
static u32 rd_nv_index(struct vtpm2_rd *rd)
{
	u32 index = vtpm2_rd_u32(rd);

	if (vtpm2_handle_type(index) != TPM2_HT_NV_INDEX)
		vtpm2_rd_fail(rd, TPM2_RC_VALUE);
	return index;
}

/*
 * Part 2, 13.6 TPM2B_NV_PUBLIC: its size is compared after the structure has
 * been read, so that a structure that goes beyond it gets TPM_RC_SIZE.
 */
static void rd_2b_nv_public(struct vtpm2_rd *rd, struct vtpm2_nv *nv)
{
	size_t size = vtpm2_rd_u16(rd);
	size_t left = rd->left;

	if (!size)
		vtpm2_rd_fail(rd, TPM2_RC_SIZE);
	nv->index = rd_nv_index(rd);
	nv->name_alg = vtpm2_rd_hash_alg(rd, false);
	nv->attrs = vtpm2_rd_u32(rd);
	if (nv->attrs & TPM2_NVA_RESERVED)
		vtpm2_rd_fail(rd, TPM2_RC_RESERVED_BITS);
	vtpm2_rd_digest(rd, &nv->policy);
	nv->size = vtpm2_rd_u16(rd);
	if (nv->size > VTPM2_MAX_NV_SIZE)
		vtpm2_rd_fail(rd, TPM2_RC_SIZE);
	if (left - rd->left != size)
		vtpm2_rd_fail(rd, TPM2_RC_SIZE);
}

/* --- TPM2_NV_DefineSpace --- */

/* Number of the parameter publicInfo */
#define PUBLIC_INFO	2

static bool type_allows(const struct vtpm2_nv *nv)
{
	switch (vtpm2_nv_type(nv)) {
	case TPM2_NT_COUNTER:
		return !(nv->attrs & TPM2_NVA_CLEAR_STCLEAR);
	case TPM2_NT_PIN_FAIL:
		/* its own count takes the place of the dictionary attack's */
		if (!(nv->attrs & TPM2_NVA_NO_DA))
			return false;
		fallthrough;
	case TPM2_NT_PIN_PASS:
		/* must be writable later, and not by those who know the PIN */
		return !(nv->attrs & (TPM2_NVA_AUTHWRITE |
				      TPM2_NVA_GLOBALLOCK |
				      TPM2_NVA_WRITEDEFINE));
	default:
		return true;
	}
}

static bool attributes_consistent(const struct vtpm2_nv *nv)
{
	u32 attrs = nv->attrs;

	if (attrs & (TPM2_NVA_WRITTEN | TPM2_NVA_WRITELOCKED |
		     TPM2_NVA_READLOCKED))
		return false;
	if (!(attrs & (TPM2_NVA_OWNERREAD | TPM2_NVA_PPREAD |
		       TPM2_NVA_AUTHREAD | TPM2_NVA_POLICYREAD)))
		return false;
	if (!(attrs & (TPM2_NVA_OWNERWRITE | TPM2_NVA_PPWRITE |
		       TPM2_NVA_AUTHWRITE | TPM2_NVA_POLICYWRITE)))
		return false;
	return !(attrs & TPM2_NVA_CLEAR_STCLEAR) ||
	       !(attrs & TPM2_NVA_WRITEDEFINE);
}

/* Whoever creates an index must be able to delete it. */
static u32 check_creator(const struct vtpm2_nv *nv, u32 auth)
{
	bool platform = nv->attrs & TPM2_NVA_PLATFORMCREATE;
	bool by_platform = auth == TPM2_RH_PLATFORM;

	if (platform != by_platform)
		return vtpm2_rc_h(TPM2_RC_ATTRIBUTES, 1);
	if ((nv->attrs & TPM2_NVA_POLICY_DELETE) && !platform)
		return vtpm2_rc_p(TPM2_RC_ATTRIBUTES, PUBLIC_INFO);
	return 0;
}

/* Part 3, 31.3.1, in the order that its response codes take precedence */
static u32 check_definition(struct vtpm2 *t, const struct vtpm2_nv *nv,
			    u32 auth)
{
	u16 digest_size = vtpm2_digest_size(nv->name_alg);
	u32 rc;

	if (nv->policy.len && nv->policy.len != digest_size)
		return vtpm2_rc_p(TPM2_RC_SIZE, PUBLIC_INFO);
	if (nv->auth.len > digest_size)
		return vtpm2_rc_p(TPM2_RC_SIZE, 1);
	if (auth == TPM2_RH_PLATFORM && !t->ph_enable_nv)
		return vtpm2_rc_h(TPM2_RC_HIERARCHY, 1);
	rc = vtpm2_nv_check_size(nv);
	if (rc)
		return vtpm2_rc_p(rc, PUBLIC_INFO);
	if (!type_allows(nv) || !attributes_consistent(nv))
		return vtpm2_rc_p(TPM2_RC_ATTRIBUTES, PUBLIC_INFO);
	rc = check_creator(nv, auth);
	if (rc)
		return rc;
	if (nv->size > VTPM2_MAX_NV_BUFFER && (nv->attrs & TPM2_NVA_WRITEALL))
		return vtpm2_rc_p(TPM2_RC_SIZE, PUBLIC_INFO);
	if (vtpm2_nv_find(t, nv->index))
		return TPM2_RC_NV_DEFINED;
	if (t->nv_count >= VTPM2_MAX_NV ||
	    nv->size > VTPM2_MAX_NV_TOTAL - t->nv_bytes)
		return TPM2_RC_NV_SPACE;
	return 0;
}

/* Part 3, 31.3 */
u32 vtpm2_cc_nv_define_space(struct vtpm2 *t, struct vtpm2_cmd *c)
{
	struct vtpm2_nv pub = { }, *nv;
	u32 rc;

	vtpm2_rd_auth(vtpm2_param(c), &pub.auth);
	rd_2b_nv_public(vtpm2_param(c), &pub);
	rc = vtpm2_done(c);
	if (!rc)
		rc = check_definition(t, &pub, c->handle[0]);
	if (rc)
		goto out;

	nv = kzalloc(struct_size(nv, data, pub.size), GFP_KERNEL_ACCOUNT);
	if (!nv) {
		rc = TPM2_RC_MEMORY;
		goto out;
	}
	*nv = pub;
	nv->mark.change = VTPM2_CHANGED;
	vtpm2_nv_insert(t, nv);
out:
	memzero_explicit(&pub.auth, sizeof(pub.auth));
	return rc;
}

/* --- deletion --- */

/* Part 3, 31.4 */
u32 vtpm2_cc_nv_undefine_space(struct vtpm2 *t, struct vtpm2_cmd *c)
{
	const struct vtpm2_nv *nv = c->nv[1];
	u32 rc;

	rc = vtpm2_done(c);
	if (rc)
		return rc;
	if (nv->attrs & TPM2_NVA_POLICY_DELETE)
		return vtpm2_rc_h(TPM2_RC_ATTRIBUTES, 2);
	if (c->handle[0] == TPM2_RH_OWNER &&
	    (nv->attrs & TPM2_NVA_PLATFORMCREATE))
		return TPM2_RC_NV_AUTHORIZATION;

	vtpm2_nv_delete(t, nv);
	c->nv[1] = NULL;
	return 0;
}

/* Part 3, 31.5: the response is authorized without the deleted index's auth */
u32 vtpm2_cc_nv_undefine_space_special(struct vtpm2 *t, struct vtpm2_cmd *c)
{
	const struct vtpm2_nv *nv = c->nv[0];
	u32 rc;

	rc = vtpm2_done(c);
	if (rc)
		return rc;
	if (!(nv->attrs & TPM2_NVA_POLICY_DELETE))
		return vtpm2_rc_h(TPM2_RC_ATTRIBUTES, 1);

	vtpm2_nv_delete(t, nv);
	c->nv[0] = NULL;
	return 0;
}

/* --- public area and authorization value --- */

/* Part 3, 31.6 */
u32 vtpm2_cc_nv_read_public(struct vtpm2 *t, struct vtpm2_cmd *c)
{
	struct vtpm2_name name;
	size_t at;
	u32 rc;

	rc = vtpm2_done(c);
	if (rc)
		return rc;

	vtpm2_nv_name(c->nv[0], &name);
	at = vtpm2_wr_begin(&c->out);
	vtpm2_wr_nv_public(&c->out, c->nv[0]);
	vtpm2_wr_end(&c->out, at);
	vtpm2_wr_name(&c->out, &name);
	return 0;
}

/* Part 3, 31.15 */
u32 vtpm2_cc_nv_change_auth(struct vtpm2 *t, struct vtpm2_cmd *c)
{
	struct vtpm2_digest auth;
	struct vtpm2_nv *nv;
	u32 rc;

	vtpm2_rd_auth(vtpm2_param(c), &auth);
	rc = vtpm2_done(c);
	if (!rc && auth.len > vtpm2_digest_size(c->nv[0]->name_alg))
		rc = vtpm2_rc_p(TPM2_RC_SIZE, 1);
	if (rc)
		goto out;
	nv = vtpm2_nv_change(t, c->nv[0], VTPM2_CHANGED);
	if (nv)
		nv->auth = auth;
	else
		rc = TPM2_RC_MEMORY;
out:
	memzero_explicit(&auth, sizeof(auth));
	return rc;
}

/* --- contents --- */

static bool is_written(const struct vtpm2_nv *nv)
{
	return nv->attrs & TPM2_NVA_WRITTEN;
}

/* Access for a write, then the type that the command is for. */
static u32 check_typed_write(const struct vtpm2_cmd *c, unsigned int type)
{
	u32 rc = vtpm2_nv_write_check(c->nv[1], c->handle[0]);

	if (!rc && vtpm2_nv_type(c->nv[1]) != type)
		rc = vtpm2_rc_h(TPM2_RC_ATTRIBUTES, 2);
	return rc;
}

static u32 check_write(const struct vtpm2_cmd *c, size_t len, u16 offset)
{
	const struct vtpm2_nv *nv = c->nv[1];
	u32 rc = vtpm2_nv_write_check(nv, c->handle[0]);

	if (rc)
		return rc;
	switch (vtpm2_nv_type(nv)) {
	case TPM2_NT_COUNTER:
	case TPM2_NT_BITS:
	case TPM2_NT_EXTEND:
		return TPM2_RC_ATTRIBUTES;
	}
	if (offset > nv->size)
		return vtpm2_rc_p(TPM2_RC_VALUE, 2);
	if (len > nv->size - offset)
		return TPM2_RC_NV_RANGE;
	if ((nv->attrs & TPM2_NVA_WRITEALL) && len < nv->size)
		return TPM2_RC_NV_RANGE;
	return 0;
}

/* Part 3, 31.7 */
u32 vtpm2_cc_nv_write(struct vtpm2 *t, struct vtpm2_cmd *c)
{
	struct vtpm2_bytes data;
	u16 offset;
	u32 rc;

	data = vtpm2_rd_2b(vtpm2_param(c), VTPM2_MAX_NV_BUFFER);
	offset = vtpm2_rd_u16(vtpm2_param(c));
	rc = vtpm2_done(c);
	if (!rc)
		rc = check_write(c, data.len, offset);
	if (rc)
		return rc;

	return vtpm2_nv_store(t, c->nv[1], offset, data.p, data.len);
}

/* Part 3, 31.8: a counter begins above any counter that was deleted. */
u32 vtpm2_cc_nv_increment(struct vtpm2 *t, struct vtpm2_cmd *c)
{
	const struct vtpm2_nv *nv = c->nv[1];
	u64 count;
	u32 rc;

	rc = vtpm2_done(c);
	if (!rc)
		rc = check_typed_write(c, TPM2_NT_COUNTER);
	if (rc)
		return rc;

	count = is_written(nv) ? vtpm2_nv_u64(nv) : t->nv_counter_max;
	return vtpm2_nv_store_u64(t, nv, count + 1);
}

/* Part 3, 31.9 */
u32 vtpm2_cc_nv_extend(struct vtpm2 *t, struct vtpm2_cmd *c)
{
	const struct vtpm2_nv *nv = c->nv[1];
	u8 digest[VTPM2_MAX_DIGEST] = { };
	struct vtpm2_bytes data;
	struct vtpm2_hash h;
	u32 rc;

	data = vtpm2_rd_2b(vtpm2_param(c), VTPM2_MAX_NV_BUFFER);
	rc = vtpm2_done(c);
	if (!rc)
		rc = check_typed_write(c, TPM2_NT_EXTEND);
	if (rc)
		return rc;

	/* the index is of its nameAlg's digest size: TPM2_NV_DefineSpace */
	vtpm2_hash_init(&h, nv->name_alg);
	vtpm2_hash_update(&h, is_written(nv) ? nv->data : digest, nv->size);
	vtpm2_hash_update(&h, data.p, data.len);
	vtpm2_hash_final(&h, digest);
	return vtpm2_nv_store(t, nv, 0, digest, nv->size);
}

/* Part 3, 31.10 */
u32 vtpm2_cc_nv_set_bits(struct vtpm2 *t, struct vtpm2_cmd *c)
{
	const struct vtpm2_nv *nv = c->nv[1];
	u64 bits;
	u32 rc;

	bits = vtpm2_rd_u64(vtpm2_param(c));
	rc = vtpm2_done(c);
	if (!rc)
		rc = check_typed_write(c, TPM2_NT_BITS);
	if (rc)
		return rc;

	if (is_written(nv))
		bits |= vtpm2_nv_u64(nv);
	return vtpm2_nv_store_u64(t, nv, bits);
}

static u32 check_read(const struct vtpm2_cmd *c, u16 len, u16 offset)
{
	const struct vtpm2_nv *nv = c->nv[1];
	u32 rc = vtpm2_nv_read_check(nv, c->handle[0]);

	if (rc)
		return rc;
	if (len > VTPM2_MAX_NV_BUFFER)
		return vtpm2_rc_p(TPM2_RC_VALUE, 1);
	if (offset > nv->size)
		return vtpm2_rc_p(TPM2_RC_VALUE, 2);
	return len > nv->size - offset ? TPM2_RC_NV_RANGE : 0;
}

/* Part 3, 31.13 */
u32 vtpm2_cc_nv_read(struct vtpm2 *t, struct vtpm2_cmd *c)
{
	u16 len, offset;
	u32 rc;

	len = vtpm2_rd_u16(vtpm2_param(c));
	offset = vtpm2_rd_u16(vtpm2_param(c));
	rc = vtpm2_done(c);
	if (!rc)
		rc = check_read(c, len, offset);
	if (rc)
		return rc;

	vtpm2_wr_2b(&c->out, c->nv[1]->data + offset, len);
	return 0;
}

/* --- locks --- */

/*
 * A lock that ends with the next TPM Reset or Restart need not be durable: only
 * TPM2_Shutdown keeps it, for a Resume.
 */
static u32 lock(struct vtpm2 *t, const struct vtpm2_nv *old, u32 attr)
{
	bool lasts = attr == TPM2_NVA_WRITELOCKED &&
		     (old->attrs & TPM2_NVA_WRITEDEFINE);
	struct vtpm2_nv *nv;

	if (old->attrs & attr)
		return 0;
	nv = vtpm2_nv_change(t, old, lasts ? VTPM2_CHANGED :
					     VTPM2_CHANGED_ORDERLY);
	if (!nv)
		return TPM2_RC_MEMORY;
	nv->attrs |= attr;
	return 0;
}

/* Part 3, 31.11: locking what is locked is no error. */
u32 vtpm2_cc_nv_write_lock(struct vtpm2 *t, struct vtpm2_cmd *c)
{
	const struct vtpm2_nv *nv = c->nv[1];
	u32 rc;

	rc = vtpm2_done(c);
	if (rc)
		return rc;
	rc = vtpm2_nv_write_check(nv, c->handle[0]);
	if (rc)
		return rc == TPM2_RC_NV_LOCKED ? 0 : rc;
	if (!(nv->attrs & (TPM2_NVA_WRITEDEFINE | TPM2_NVA_WRITE_STCLEAR)))
		return vtpm2_rc_h(TPM2_RC_ATTRIBUTES, 2);

	return lock(t, nv, TPM2_NVA_WRITELOCKED);
}

/* Part 3, 31.12 */
u32 vtpm2_cc_nv_global_write_lock(struct vtpm2 *t, struct vtpm2_cmd *c)
{
	unsigned int i;
	u32 rc;

	rc = vtpm2_done(c);
	for (i = 0; !rc && i < t->nv_count; i++)
		if (t->nv[i]->attrs & TPM2_NVA_GLOBALLOCK)
			rc = lock(t, t->nv[i], TPM2_NVA_WRITELOCKED);
	return rc;
}

/* Part 3, 31.14: an index that is not written yet may be locked as well. */
u32 vtpm2_cc_nv_read_lock(struct vtpm2 *t, struct vtpm2_cmd *c)
{
	const struct vtpm2_nv *nv = c->nv[1];
	u32 rc;

	rc = vtpm2_done(c);
	if (rc)
		return rc;
	rc = vtpm2_nv_read_check(nv, c->handle[0]);
	if (rc == TPM2_RC_NV_LOCKED)
		return 0;
	if (rc && rc != TPM2_RC_NV_UNINITIALIZED)
		return rc;
	if (!(nv->attrs & TPM2_NVA_READ_STCLEAR))
		return vtpm2_rc_h(TPM2_RC_ATTRIBUTES, 2);

	return lock(t, nv, TPM2_NVA_READLOCKED);
}
