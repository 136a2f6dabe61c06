// SPDX-License-Identifier: GPL-2.0
/*
 * What a handle names: is it there, its Name, its authorization (Part 1, 13,
 * 16 and 19; Part 3, 5.4).
 */
#include <linux/string.h>

#include "tpm2.h"

static const struct vtpm2_digest no_auth;

static bool is_object(u32 h)
{
	return vtpm2_handle_type(h) == TPM2_HT_PERSISTENT ||
	       h - TPM2_TRANSIENT_FIRST < VTPM2_MAX_OBJECTS;
}

static bool is_session(u32 h)
{
	return h - TPM2_HMAC_SESSION_FIRST < VTPM2_MAX_ACTIVE ||
	       h - TPM2_POLICY_SESSION_FIRST < VTPM2_MAX_ACTIVE;
}

static bool is_nv(u32 h)
{
	return vtpm2_handle_type(h) == TPM2_HT_NV_INDEX;
}

static bool is_hierarchy(u32 h)
{
	return h == TPM2_RH_OWNER || h == TPM2_RH_ENDORSEMENT ||
	       h == TPM2_RH_PLATFORM;
}

static bool is_entity(u32 h)
{
	return is_object(h) || is_nv(h) || is_hierarchy(h) ||
	       h == TPM2_RH_LOCKOUT || h < VTPM2_PCRS;
}

bool vtpm2_entity_type_ok(enum vtpm2_handle_type type, u32 h)
{
	bool null = h == TPM2_RH_NULL;

	switch (type) {
	case VTPM2_H_OBJECT:
	case VTPM2_H_SEQUENCE:
		return is_object(h);
	case VTPM2_H_OBJECT_NULL:
		return is_object(h) || null;
	case VTPM2_H_ENTITY:
		return is_entity(h);
	case VTPM2_H_ENTITY_NULL:
		return is_entity(h) || null;
	case VTPM2_H_PARENT:
		return is_object(h) || is_hierarchy(h) || null;
	case VTPM2_H_CONTEXT:
		return is_session(h) ||
		       h - TPM2_TRANSIENT_FIRST < VTPM2_MAX_OBJECTS;
	case VTPM2_H_PCR:
		return h < VTPM2_PCRS;
	case VTPM2_H_PCR_NULL:
		return h < VTPM2_PCRS || null;
	case VTPM2_H_HMAC_SESSION:
		return h - TPM2_HMAC_SESSION_FIRST < VTPM2_MAX_ACTIVE;
	case VTPM2_H_POLICY:
		return h - TPM2_POLICY_SESSION_FIRST < VTPM2_MAX_ACTIVE;
	case VTPM2_H_HIERARCHY:
		return is_hierarchy(h) || null;
	case VTPM2_H_BASE_HIERARCHY:
		return is_hierarchy(h);
	case VTPM2_H_HIERARCHY_AUTH:
		return is_hierarchy(h) || h == TPM2_RH_LOCKOUT;
	case VTPM2_H_PLATFORM:
		return h == TPM2_RH_PLATFORM;
	case VTPM2_H_ENDORSEMENT:
		return h == TPM2_RH_ENDORSEMENT;
	case VTPM2_H_PROVISION:
		return h == TPM2_RH_OWNER || h == TPM2_RH_PLATFORM;
	case VTPM2_H_CLEAR:
		return h == TPM2_RH_LOCKOUT || h == TPM2_RH_PLATFORM;
	case VTPM2_H_LOCKOUT:
		return h == TPM2_RH_LOCKOUT;
	case VTPM2_H_NV_AUTH:
		return h == TPM2_RH_OWNER || h == TPM2_RH_PLATFORM || is_nv(h);
	case VTPM2_H_NV_INDEX:
		return is_nv(h);
	case VTPM2_H_NONE:
		break;
	}
	return false;
}

static bool enabled(struct vtpm2 *t, u32 hierarchy)
{
	return vtpm2_hierarchy(t, hierarchy)->enabled;
}

/*
 * A persistent object of a disabled hierarchy is as good as missing, except
 * that the owner may still remove endorsement objects (Part 1, 13.3).
 */
static bool persistent_visible(struct vtpm2 *t, const struct vtpm2_cmd *c,
			       const struct vtpm2_object *obj)
{
	if (!enabled(t, obj->handle >= TPM2_PLATFORM_PERSISTENT ?
		     TPM2_RH_PLATFORM : TPM2_RH_OWNER))
		return false;
	return obj->hierarchy != TPM2_RH_ENDORSEMENT ||
	       enabled(t, TPM2_RH_ENDORSEMENT) ||
	       c->def->code == TPM2_CC_EVICT_CONTROL;
}

static bool nv_visible(struct vtpm2 *t, const struct vtpm2_nv *nv)
{
	if (nv->attrs & TPM2_NVA_PLATFORMCREATE)
		return t->ph_enable_nv;
	return enabled(t, TPM2_RH_OWNER);
}

/* The same slot, whichever of the two handle types names it. */
static bool session_other_type(struct vtpm2 *t, u32 handle)
{
	u32 other = handle ^ TPM2_HMAC_SESSION_FIRST ^
		    TPM2_POLICY_SESSION_FIRST;

	return vtpm2_session_find(t, other);
}

/* Unnumbered, or TPM_RC_REFERENCE_H0. */
static u32 find(struct vtpm2 *t, struct vtpm2_cmd *c, unsigned int i)
{
	u32 h = c->handle[i];

	switch (vtpm2_handle_type(h)) {
	case TPM2_HT_TRANSIENT:
		c->obj[i] = vtpm2_object_find(t, h);
		return c->obj[i] ? 0 : TPM2_RC_REFERENCE_H0;
	case TPM2_HT_PERSISTENT:
		c->obj[i] = vtpm2_object_find(t, h);
		if (c->obj[i] && !persistent_visible(t, c, c->obj[i]))
			c->obj[i] = NULL;
		return c->obj[i] ? 0 : TPM2_RC_HANDLE;
	case TPM2_HT_HMAC_SESSION:
	case TPM2_HT_POLICY_SESSION:
		c->ses[i] = vtpm2_session_find(t, h);
		if (c->ses[i])
			return 0;
		return session_other_type(t, h) ? TPM2_RC_HANDLE :
						  TPM2_RC_REFERENCE_H0;
	case TPM2_HT_NV_INDEX:
		c->nv[i] = vtpm2_nv_find(t, h);
		if (c->nv[i] && !nv_visible(t, c->nv[i]))
			c->nv[i] = NULL;
		return c->nv[i] ? 0 : TPM2_RC_HANDLE;
	case TPM2_HT_PERMANENT:
		return is_hierarchy(h) && !enabled(t, h) ? TPM2_RC_HIERARCHY : 0;
	default:
		return 0;	/* a PCR */
	}
}

u32 vtpm2_entity_resolve(struct vtpm2 *t, struct vtpm2_cmd *c, unsigned int i)
{
	u32 rc = find(t, c, i);

	if (rc == TPM2_RC_REFERENCE_H0)
		return rc + i;
	return rc ? vtpm2_rc_h(rc, i + 1) : 0;
}

/* Part 1, 16: the handle itself where there is nothing to hash */
void vtpm2_entity_name(struct vtpm2 *t, u32 handle, struct vtpm2_name *name)
{
	const struct vtpm2_object *obj;
	const struct vtpm2_nv *nv;
	struct vtpm2_wr wr;

	name->len = 0;
	switch (vtpm2_handle_type(handle)) {
	case TPM2_HT_TRANSIENT:
	case TPM2_HT_PERSISTENT:
		obj = vtpm2_object_find(t, handle);
		if (obj)
			*name = obj->name;
		return;
	case TPM2_HT_NV_INDEX:
		nv = vtpm2_nv_find(t, handle);
		if (nv)
			vtpm2_nv_name(nv, name);
		return;
	}
	vtpm2_wr_init(&wr, name->buf, sizeof(name->buf));
	vtpm2_wr_u32(&wr, handle);
	name->len = wr.len;
}

const struct vtpm2_digest *vtpm2_entity_auth(struct vtpm2 *t, u32 handle)
{
	const struct vtpm2_object *obj;
	const struct vtpm2_nv *nv;

	switch (vtpm2_handle_type(handle)) {
	case TPM2_HT_TRANSIENT:
	case TPM2_HT_PERSISTENT:
		obj = vtpm2_object_find(t, handle);
		return obj ? &obj->sens.auth : &no_auth;
	case TPM2_HT_NV_INDEX:
		nv = vtpm2_nv_find(t, handle);
		return nv ? &nv->auth : &no_auth;
	case TPM2_HT_PCR:
		return vtpm2_pcr_in_group(handle) ? &t->pcr_auth : &no_auth;
	}
	if (is_hierarchy(handle))
		return &vtpm2_hierarchy(t, handle)->auth;
	return handle == TPM2_RH_LOCKOUT ? &t->lockout_auth : &no_auth;
}

u16 vtpm2_entity_policy(struct vtpm2 *t, u32 handle,
			const struct vtpm2_digest **policy)
{
	const struct vtpm2_hierarchy *hier;
	const struct vtpm2_object *obj;
	const struct vtpm2_nv *nv;
	u16 alg = TPM2_ALG_NULL;

	*policy = &no_auth;
	switch (vtpm2_handle_type(handle)) {
	case TPM2_HT_TRANSIENT:
	case TPM2_HT_PERSISTENT:
		obj = vtpm2_object_find(t, handle);
		if (obj && !obj->seq) {
			*policy = &obj->pub.policy;
			alg = obj->pub.name_alg;
		}
		break;
	case TPM2_HT_NV_INDEX:
		nv = vtpm2_nv_find(t, handle);
		if (nv) {
			*policy = &nv->policy;
			alg = nv->name_alg;
		}
		break;
	case TPM2_HT_PCR:
		if (vtpm2_pcr_in_group(handle)) {
			*policy = &t->pcr_policy;
			alg = t->pcr_policy_alg;
		}
		break;
	case TPM2_HT_PERMANENT:
		if (is_hierarchy(handle)) {
			hier = vtpm2_hierarchy(t, handle);
			*policy = &hier->policy;
			alg = hier->policy_alg;
		} else if (handle == TPM2_RH_LOCKOUT) {
			*policy = &t->lockout_policy;
			alg = t->lockout_policy_alg;
		}
		break;
	}
	return (*policy)->len ? alg : TPM2_ALG_NULL;
}

static bool nv_write_command(u32 cc)
{
	switch (cc) {
	case TPM2_CC_NV_WRITE:
	case TPM2_CC_NV_INCREMENT:
	case TPM2_CC_NV_SET_BITS:
	case TPM2_CC_NV_EXTEND:
	case TPM2_CC_NV_WRITE_LOCK:
		return true;
	}
	return false;
}

/* A PIN index is an authorization while pinCount < pinLimit (Part 1, 37.2.8) */
static bool pin_usable(const struct vtpm2_nv *nv)
{
	struct vtpm2_rd rd;
	u32 count, limit;

	if (!(nv->attrs & TPM2_NVA_WRITTEN))
		return false;
	vtpm2_rd_init(&rd, nv->data, nv->size);
	count = vtpm2_rd_u32(&rd);
	limit = vtpm2_rd_u32(&rd);
	return !rd.err && count < limit;
}

static bool nv_auth_usable(const struct vtpm2_nv *nv, u32 cc)
{
	u32 nt = (nv->attrs & TPM2_NVA_NT_MASK) >> TPM2_NVA_NT_SHIFT;

	if (nv_write_command(cc))
		return nv->attrs & TPM2_NVA_AUTHWRITE;
	if (nt == TPM2_NT_PIN_FAIL || nt == TPM2_NT_PIN_PASS)
		return pin_usable(nv);
	return nv->attrs & TPM2_NVA_AUTHREAD;
}

bool vtpm2_entity_auth_usable(struct vtpm2 *t, struct vtpm2_cmd *c,
			      unsigned int i)
{
	const struct vtpm2_object *obj = c->obj[i];
	u32 attrs;

	if (c->nv[i])
		return nv_auth_usable(c->nv[i], c->def->code);
	if (!obj)
		return true;	/* PCRs and permanent entities */
	if (obj->seq)
		return true;
	attrs = obj->pub.attrs;
	if (obj->public_only)
		return false;
	if (attrs & TPM2_OA_USER_WITH_AUTH)
		return true;
	return c->def->role[i] == VTPM2_AUTH_ADMIN &&
	       !(attrs & TPM2_OA_ADMIN_WITH_POLICY);
}

bool vtpm2_entity_da(struct vtpm2 *t, u32 handle)
{
	const struct vtpm2_object *obj;
	const struct vtpm2_nv *nv;

	switch (vtpm2_handle_type(handle)) {
	case TPM2_HT_TRANSIENT:
	case TPM2_HT_PERSISTENT:
		obj = vtpm2_object_find(t, handle);
		return obj && !obj->seq && !(obj->pub.attrs & TPM2_OA_NO_DA);
	case TPM2_HT_NV_INDEX:
		nv = vtpm2_nv_find(t, handle);
		return nv && !(nv->attrs & TPM2_NVA_NO_DA);
	default:
		return handle == TPM2_RH_LOCKOUT;
	}
}
