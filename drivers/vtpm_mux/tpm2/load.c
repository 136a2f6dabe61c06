// SPDX-License-Identifier: GPL-2.0
/*
 * TPM2_Load, TPM2_LoadExternal, TPM2_ReadPublic and TPM2_ObjectChangeAuth
 * (Part 3, 12.2 to 12.4 and 12.8). None of them needs the chip: a shadow is
 * loaded there when its key is first used.
 */
#include <linux/string.h>

#include "commands.h"
#include "create.h"
#include "wrap.h"

static u32 load(struct vtpm2 *t, struct vtpm2_cmd *c,
		struct vtpm2_object *obj)
{
	const struct vtpm2_object *parent = c->obj[0];
	struct vtpm2_bytes priv;
	u32 rc;

	priv = vtpm2_rd_2b(vtpm2_param(c), VTPM2_MAX_PRIVATE);
	vtpm2_rd_2b_public(vtpm2_param(c), &obj->pub);
	rc = vtpm2_done(c);
	if (rc)
		return rc;
	rc = vtpm2_object_room(t);
	if (rc)
		return rc;
	if (!priv.len)
		return vtpm2_rc_p(TPM2_RC_SIZE, 1);
	if (!vtpm2_public_is_parent(&parent->pub))
		return vtpm2_rc_h(TPM2_RC_TYPE, 1);

	vtpm2_object_set_parent(obj, parent);
	vtpm2_object_set_names(obj, parent);
	rc = vtpm2_private_unwrap(t, obj, parent, priv);
	if (rc)
		return rc & TPM2_RC_FMT1 ? vtpm2_rc_p(rc, 1) : rc;
	if (obj->sens.seed.len > vtpm2_digest_size(obj->pub.name_alg))
		return vtpm2_rc_p(TPM2_RC_KEY_SIZE, 1);
	rc = vtpm2_public_check(&obj->pub, parent, true);
	if (rc)
		return vtpm2_rc_p(rc, 2);
	/* what is below a parent with fixedTPM was checked when it came there */
	if (!(parent->pub.attrs & TPM2_OA_FIXED_TPM))
		rc = vtpm2_public_check_pair(&obj->pub, &obj->sens, 1);
	vtpm2_trim_auth(&obj->sens.auth);
	if (!rc)
		vtpm2_wr_name(&c->out, &obj->name);
	return rc;
}

u32 vtpm2_cc_load(struct vtpm2 *t, struct vtpm2_cmd *c)
{
	struct vtpm2_object *obj = vtpm2_object_alloc();
	u32 rc;

	if (!obj)
		return TPM2_RC_MEMORY;
	rc = load(t, c, obj);
	if (!rc)
		rc = vtpm2_object_insert(t, obj);
	if (rc)
		vtpm2_object_free(obj);
	else
		c->rsp_handle = obj->handle;
	return rc;
}

/* TPM2B_SENSITIVE; returns its type, 0 for an empty one. */
static u16 rd_2b_sensitive(struct vtpm2_rd *rd, struct vtpm2_sensitive *sens)
{
	size_t size = vtpm2_rd_u16(rd), left = rd->left;
	u16 type;

	if (!size)
		return 0;
	type = vtpm2_rd_sensitive(rd, sens);
	if (left - rd->left != size)
		vtpm2_rd_fail(rd, TPM2_RC_SIZE);
	return type;
}

static u32 check_external(struct vtpm2_object *obj, u16 type)
{
	const struct vtpm2_public *pub = &obj->pub;
	u16 size = vtpm2_digest_size(pub->name_alg);
	u32 rc;

	/* what it says of where the private part lives would not be true */
	if (pub->attrs & (TPM2_OA_FIXED_TPM | TPM2_OA_FIXED_PARENT |
			  TPM2_OA_RESTRICTED | TPM2_OA_VTPM_HARDWARE))
		return vtpm2_rc_p(TPM2_RC_ATTRIBUTES, 2);
	if (size && obj->sens.seed.len > size)
		return vtpm2_rc_p(TPM2_RC_KEY_SIZE, 1);
	rc = size ? vtpm2_public_check(pub, NULL, true) :
		    vtpm2_public_check_scheme(pub, NULL);
	if (rc)
		return vtpm2_rc_p(rc, 2);
	if (type != pub->type)
		return vtpm2_rc_p(TPM2_RC_TYPE, 1);
	rc = vtpm2_public_check_pair(pub, &obj->sens, 1);
	vtpm2_trim_auth(&obj->sens.auth);
	return rc;
}

static u32 load_external(struct vtpm2 *t, struct vtpm2_cmd *c,
			 struct vtpm2_object *obj)
{
	u16 type;
	u32 rc;

	type = rd_2b_sensitive(vtpm2_param(c), &obj->sens);
	vtpm2_rd_2b_public_external(vtpm2_param(c), &obj->pub);
	obj->hierarchy = vtpm2_rd_hierarchy(vtpm2_param(c));
	rc = vtpm2_done(c);
	if (rc)
		return rc;
	rc = vtpm2_object_room(t);
	if (rc)
		return rc;
	if (obj->hierarchy != TPM2_RH_NULL &&
	    !vtpm2_hierarchy(t, obj->hierarchy)->enabled)
		return vtpm2_rc_p(TPM2_RC_HIERARCHY, 3);
	if (type && obj->hierarchy != TPM2_RH_NULL)
		return vtpm2_rc_p(TPM2_RC_HIERARCHY, 3);

	obj->external = true;
	obj->public_only = !type;
	obj->class = VTPM2_CLASS_SOFTWARE;
	obj->stclear = obj->pub.attrs & TPM2_OA_ST_CLEAR;
	if (type) {
		rc = check_external(obj, type);
	} else {
		rc = vtpm2_public_check_scheme(&obj->pub, NULL);
		if (!rc)
			rc = vtpm2_public_check_unique(&obj->pub);
		rc = rc ? vtpm2_rc_p(rc, 2) : 0;
	}
	if (rc)
		return rc;
	vtpm2_object_set_names(obj, NULL);
	vtpm2_wr_name(&c->out, &obj->name);
	return 0;
}

u32 vtpm2_cc_load_external(struct vtpm2 *t, struct vtpm2_cmd *c)
{
	struct vtpm2_object *obj = vtpm2_object_alloc();
	u32 rc;

	if (!obj)
		return TPM2_RC_MEMORY;
	rc = load_external(t, c, obj);
	if (!rc)
		rc = vtpm2_object_insert(t, obj);
	if (rc)
		vtpm2_object_free(obj);
	else
		c->rsp_handle = obj->handle;
	return rc;
}

u32 vtpm2_cc_read_public(struct vtpm2 *t, struct vtpm2_cmd *c)
{
	const struct vtpm2_object *obj = c->obj[0];
	u32 rc;

	rc = vtpm2_done(c);
	if (rc)
		return rc;
	if (obj->seq)
		return TPM2_RC_SEQUENCE;
	vtpm2_wr_2b_public(&c->out, &obj->pub);
	vtpm2_wr_name(&c->out, &obj->name);
	vtpm2_wr_name(&c->out, &obj->qname);
	return 0;
}

/* Is @parent what @obj was loaded under? Its qualified name tells. */
static bool is_parent_of(const struct vtpm2_object *parent,
			 const struct vtpm2_object *obj)
{
	const struct vtpm2_bytes parts[] = {
		{ parent->qname.buf, parent->qname.len },
		{ obj->name.buf, obj->name.len },
	};
	struct vtpm2_digest digest;

	if (parent->public_only || !vtpm2_public_is_parent(&parent->pub) ||
	    !obj->name.len)
		return false;
	vtpm2_hash_parts(obj->pub.name_alg, parts, 2, &digest);
	return obj->qname.len == 2 + digest.len &&
	       !memcmp(obj->qname.buf + 2, digest.buf, digest.len);
}

u32 vtpm2_cc_object_change_auth(struct vtpm2 *t, struct vtpm2_cmd *c)
{
	struct vtpm2_object *obj = c->obj[0];
	struct vtpm2_digest new, old;
	u32 rc;

	vtpm2_rd_auth(vtpm2_param(c), &new);
	rc = vtpm2_done(c);
	if (rc)
		return rc;
	if (obj->seq)
		return vtpm2_rc_h(TPM2_RC_TYPE, 1);
	rc = vtpm2_check_auth_size(&new, obj->pub.name_alg);
	if (rc)
		goto out;
	rc = vtpm2_rc_h(TPM2_RC_TYPE, 2);
	if (!is_parent_of(c->obj[1], obj))
		goto out;
	/* the loaded object keeps its authValue: only the blob has the new */
	old = obj->sens.auth;
	obj->sens.auth = new;
	rc = vtpm2_private_wrap(t, obj, c->obj[1], &c->out);
	obj->sens.auth = old;
	memzero_explicit(&old, sizeof(old));
out:
	memzero_explicit(&new, sizeof(new));
	return rc;
}
