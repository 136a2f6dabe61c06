// SPDX-License-Identifier: GPL-2.0
/*
 * TPM2_Create and TPM2_CreateLoaded (Part 3, 12.1 and 12.9), and what they
 * share with TPM2_CreatePrimary: making the object that a template asks for.
 */
#include <linux/string.h>

#include "commands.h"
#include "create.h"

#define FIXED_DATA_SEED	16

/* 11.1.16 TPM2B_SENSITIVE_CREATE: a wrong size is TPM_RC_SIZE either way */
void vtpm2_rd_sensitive_create(struct vtpm2_rd *rd,
			       struct vtpm2_sensitive *sens)
{
	size_t size = vtpm2_rd_u16(rd), left = rd->left;
	struct vtpm2_bytes data;

	if (!size)
		vtpm2_rd_fail(rd, TPM2_RC_SIZE);
	vtpm2_rd_auth(rd, &sens->auth);
	data = vtpm2_rd_2b(rd, VTPM2_MAX_SYM_DATA);
	sens->data_len = data.len;
	if (data.len)
		memcpy(sens->data, data.p, data.len);
	if (left - rd->left != size)
		vtpm2_rd_fail(rd, TPM2_RC_SIZE);
}

void vtpm2_rd_create(struct vtpm2_cmd *c, struct vtpm2_object *obj,
		     struct vtpm2_creation *creation)
{
	vtpm2_rd_sensitive_create(vtpm2_param(c), &obj->sens);
	vtpm2_rd_2b_public(vtpm2_param(c), &obj->pub);
	creation->outside = vtpm2_rd_2b(vtpm2_param(c), VTPM2_MAX_NAME);
	vtpm2_rd_pcr_selection(vtpm2_param(c), &creation->pcr);
}

/* What the template, or else the instance, asks for. */
static enum vtpm2_assurance wanted(const struct vtpm2 *t,
				   const struct vtpm2_public *pub,
				   u32 hierarchy)
{
	if (pub->attrs & TPM2_OA_VTPM_HARDWARE)
		return VTPM2_ASSURANCE_HARDWARE;
	if (pub->attrs & TPM2_OA_VTPM_SOFTWARE)
		return VTPM2_ASSURANCE_SOFTWARE;
	/* its keys end with the next reset: not worth the chip's time */
	if (hierarchy == TPM2_RH_NULL)
		return VTPM2_ASSURANCE_SOFTWARE;
	return t->config.assurance;
}

u32 vtpm2_create_software(const struct vtpm2 *t,
			  const struct vtpm2_public *pub, u32 hierarchy)
{
	return wanted(t, pub, hierarchy) == VTPM2_ASSURANCE_HARDWARE ?
		TPM2_RC_ATTRIBUTES : 0;
}

/* The class that attributes, hierarchy and config ask for; unnumbered. */
static u32 choose_class(struct vtpm2 *t, const struct vtpm2_public *pub,
			u32 hierarchy, enum vtpm2_class *class)
{
	enum vtpm2_assurance want = wanted(t, pub, hierarchy);
	const struct vtpm2_hw_ops *ops = t->config.ops;
	struct vtpm2_hw_key key;

	*class = VTPM2_CLASS_SOFTWARE;
	/*
	 * What may leave this TPM, itself or below an ancestor, cannot be the
	 * chip's own: the private area has to be good for any TPM (private.c).
	 */
	if (hierarchy == TPM2_RH_NULL || !(pub->attrs & TPM2_OA_FIXED_TPM))
		return vtpm2_create_software(t, pub, hierarchy);
	if (want == VTPM2_ASSURANCE_SOFTWARE)
		return 0;
	if (!vtpm2_public_asymmetric(pub)) {
		if (ops)
			*class = VTPM2_CLASS_SEALED;
		else if (want == VTPM2_ASSURANCE_HARDWARE)
			return TPM2_RC_ATTRIBUTES;
		return 0;
	}
	vtpm2_key_describe(pub, &key);
	if (ops && ops->supports(t->config.hw, &key)) {
		*class = VTPM2_CLASS_HARDWARE;
		return 0;
	}
	if (want == VTPM2_ASSURANCE_AUTO)
		return 0;
	key.scheme = 0;
	if (ops && ops->supports(t->config.hw, &key))
		return TPM2_RC_SCHEME;
	return pub->type == TPM2_ALG_RSA ? TPM2_RC_KEY_SIZE : TPM2_RC_CURVE;
}

/* The hash whose sizes are those of a KEYEDHASH object's data. */
static u16 data_hash(const struct vtpm2_public *pub)
{
	return pub->scheme.alg == TPM2_ALG_NULL ? pub->name_alg :
						  pub->scheme.hash;
}

size_t vtpm2_create_data_size(const struct vtpm2_public *pub)
{
	return pub->type == TPM2_ALG_SYMCIPHER ?
		pub->sym.bits / 8 : vtpm2_digest_size(data_hash(pub));
}

/* The key or data of a KEYEDHASH or SYMCIPHER object into sens.data. */
static u32 fill_data(struct vtpm2_object *obj)
{
	struct vtpm2_sensitive *sens = &obj->sens;
	const struct vtpm2_public *pub = &obj->pub;
	bool key = pub->attrs & (TPM2_OA_SIGN_ENCRYPT | TPM2_OA_DECRYPT);

	if (pub->attrs & TPM2_OA_SENSITIVE_DATA_ORIGIN) {
		sens->data_len = vtpm2_create_data_size(pub);
		vtpm2_random(sens->data, sens->data_len);
		return 0;
	}
	if (pub->type == TPM2_ALG_SYMCIPHER)
		return sens->data_len == pub->sym.bits / 8 ?
			0 : TPM2_RC_KEY_SIZE;
	return key && sens->data_len > vtpm2_hash_block_size(data_hash(pub)) ?
		TPM2_RC_SIZE : 0;
}

static u32 fill_symmetric(struct vtpm2 *t, struct vtpm2_object *obj)
{
	const struct vtpm2_sensitive *sens = &obj->sens;
	struct vtpm2_digest unique;
	u32 rc;

	rc = fill_data(obj);
	if (rc)
		return rc;
	vtpm2_public_unique(&obj->pub, &sens->seed,
			    (struct vtpm2_bytes){ sens->data, sens->data_len },
			    &unique);
	obj->pub.x_len = unique.len;
	memcpy(obj->pub.x, unique.buf, unique.len);
	return vtpm2_key_seal(t, obj);
}

/*
 * Part 1, 27.5.3: as long as a digest of nameAlg. But a seedValue that only
 * hides the data in unique, and never leaves this TPM, does that with 128 bits,
 * and with no more the largest trusted key of Linux fits (sealing.c).
 */
static u16 seed_size(const struct vtpm2_public *pub)
{
	if (vtpm2_public_is_parent(pub))
		return vtpm2_digest_size(pub->name_alg);
	if (vtpm2_public_asymmetric(pub))
		return 0;
	return pub->attrs & TPM2_OA_FIXED_TPM ? FIXED_DATA_SEED :
		vtpm2_digest_size(pub->name_alg);
}

u32 vtpm2_create_fill(struct vtpm2 *t, struct vtpm2_object *obj)
{
	struct vtpm2_public *pub = &obj->pub;
	u32 rc;

	if (pub->type == TPM2_ALG_RSA && pub->exponent &&
	    pub->exponent != 65537)
		return TPM2_RC_RANGE;
	rc = choose_class(t, pub, obj->hierarchy, &obj->class);
	if (rc)
		return vtpm2_rc_p(rc, 2);
	obj->sens.seed.len = seed_size(pub);
	vtpm2_random(obj->sens.seed.buf, obj->sens.seed.len);
	return vtpm2_public_asymmetric(pub) ? vtpm2_key_generate(t, obj) :
					      fill_symmetric(t, obj);
}

/* 15.1 TPMS_CREATION_DATA */
static void wr_creation_data(struct vtpm2 *t, struct vtpm2_cmd *c,
			     const struct vtpm2_object *obj,
			     const struct vtpm2_object *parent,
			     struct vtpm2_creation *creation)
{
	struct vtpm2_digest pcrs;
	struct vtpm2_name name;

	vtpm2_pcr_digest(t, obj->pub.name_alg, &creation->pcr, &pcrs);
	vtpm2_wr_pcr_selection(&c->out, &creation->pcr);
	vtpm2_wr_digest(&c->out, &pcrs);
	vtpm2_wr_u8(&c->out, 1 << c->locality);
	vtpm2_wr_u16(&c->out, parent ? parent->pub.name_alg : TPM2_ALG_NULL);
	vtpm2_entity_name(t, c->handle[0], &name);
	vtpm2_wr_name(&c->out, &name);
	vtpm2_wr_name(&c->out, parent ? &parent->qname : &name);
	vtpm2_wr_2b(&c->out, creation->outside.p, creation->outside.len);
}

void vtpm2_wr_creation(struct vtpm2 *t, struct vtpm2_cmd *c,
		       const struct vtpm2_object *obj,
		       const struct vtpm2_object *parent,
		       struct vtpm2_creation *creation)
{
	struct vtpm2_ticket ticket = {
		.tag = TPM2_ST_CREATION,
		.hierarchy = obj->hierarchy,
	};
	size_t at = vtpm2_wr_begin(&c->out);
	struct vtpm2_bytes parts[2];
	struct vtpm2_digest hash;

	wr_creation_data(t, c, obj, parent, creation);
	vtpm2_wr_end(&c->out, at);
	if (c->out.overflow)
		return;
	parts[0].p = c->out.p + at + 2;
	parts[0].len = c->out.len - at - 2;
	vtpm2_hash_parts(obj->pub.name_alg, parts, 1, &hash);
	vtpm2_wr_digest(&c->out, &hash);
	parts[0] = (struct vtpm2_bytes){ obj->name.buf, obj->name.len };
	parts[1] = (struct vtpm2_bytes){ hash.buf, hash.len };
	vtpm2_ticket_make(t, &ticket, parts, 2);
	vtpm2_wr_ticket(&c->out, &ticket);
}

u32 vtpm2_check_auth_size(const struct vtpm2_digest *auth, u16 name_alg)
{
	/* an external object without a nameAlg has no digest to be longer than */
	if (name_alg == TPM2_ALG_NULL)
		return 0;
	return auth->len > vtpm2_digest_size(name_alg) ?
		vtpm2_rc_p(TPM2_RC_SIZE, 1) : 0;
}

/* An object under @parent from a checked template. */
static u32 make_child(struct vtpm2 *t, struct vtpm2_object *obj,
		      const struct vtpm2_object *parent)
{
	u32 rc;

	vtpm2_object_set_parent(obj, parent);
	rc = vtpm2_create_fill(t, obj);
	if (!rc)
		vtpm2_object_set_names(obj, parent);
	return rc;
}

static u32 create(struct vtpm2 *t, struct vtpm2_cmd *c,
		  struct vtpm2_object *obj)
{
	const struct vtpm2_object *parent = c->obj[0];
	struct vtpm2_creation creation;
	u32 rc;

	vtpm2_rd_create(c, obj, &creation);
	rc = vtpm2_done(c);
	if (rc)
		return rc;
	if (!vtpm2_public_is_parent(&parent->pub))
		return vtpm2_rc_h(TPM2_RC_TYPE, 1);
	rc = vtpm2_object_room(t);
	if (rc)
		return rc;
	rc = vtpm2_public_check_create(&obj->pub, parent, obj->sens.data_len);
	if (rc)
		return vtpm2_rc_p(rc, 2);
	rc = vtpm2_check_auth_size(&obj->sens.auth, obj->pub.name_alg);
	if (rc)
		return rc;

	rc = make_child(t, obj, parent);
	if (rc)
		return rc;
	rc = vtpm2_private_wrap(t, obj, parent, &c->out);
	vtpm2_wr_2b_public(&c->out, &obj->pub);
	vtpm2_wr_creation(t, c, obj, parent, &creation);
	if (rc)
		vtpm2_key_forget(t, obj);
	return rc;
}

u32 vtpm2_cc_create(struct vtpm2 *t, struct vtpm2_cmd *c)
{
	struct vtpm2_object *obj = vtpm2_object_alloc();
	u32 rc;

	if (!obj)
		return TPM2_RC_MEMORY;
	rc = create(t, c, obj);
	vtpm2_object_free(obj);
	return rc;
}

/*
 * TPM2B_TEMPLATE: read only after the checks of the parent, for below a
 * derivation parent it has a TPMS_DERIVE in the place of unique.
 */
static u32 rd_template(struct vtpm2_bytes b, struct vtpm2_public *pub,
		       struct vtpm2_derive *derive)
{
	struct vtpm2_rd rd;

	vtpm2_rd_init(&rd, b.p, b.len);
	rd.param = 2;
	if (derive) {
		vtpm2_rd_public_head(&rd, pub);
		vtpm2_rd_derive(&rd, derive);
	} else {
		vtpm2_rd_public(&rd, pub);
	}
	if (!rd.err && rd.left)
		vtpm2_rd_fail(&rd, TPM2_RC_SIZE);
	return rd.err;
}

/* A primary, or an object below a storage key. */
static u32 create_ordinary(struct vtpm2 *t, struct vtpm2_cmd *c,
			   struct vtpm2_object *obj,
			   const struct vtpm2_object *parent)
{
	u32 rc;

	rc = vtpm2_public_check_create(&obj->pub, parent, obj->sens.data_len);
	if (rc)
		return vtpm2_rc_p(rc, 2);
	if (parent)
		return make_child(t, obj, parent);
	obj->hierarchy = c->handle[0];
	return vtpm2_primary_make(t, obj);
}

static u32 create_loaded(struct vtpm2 *t, struct vtpm2_cmd *c,
			 struct vtpm2_object *obj)
{
	struct vtpm2_object *parent = c->obj[0];
	struct vtpm2_bytes template;
	struct vtpm2_derive derive;
	bool derived;
	u32 rc;

	vtpm2_rd_sensitive_create(vtpm2_param(c), &obj->sens);
	template = vtpm2_rd_2b(vtpm2_param(c), VTPM2_MAX_PUBLIC);
	rc = vtpm2_done(c);
	if (rc)
		return rc;
	rc = vtpm2_object_room(t);
	if (rc)
		return rc;
	derived = parent && vtpm2_public_is_derivation(&parent->pub);
	if (parent && !derived && !vtpm2_public_is_parent(&parent->pub))
		return vtpm2_rc_h(TPM2_RC_TYPE, 1);
	rc = rd_template(template, &obj->pub, derived ? &derive : NULL);
	if (rc)
		return rc;
	rc = vtpm2_check_auth_size(&obj->sens.auth, obj->pub.name_alg);
	if (rc)
		return rc;

	rc = derived ? vtpm2_derive(t, obj, parent, &derive) :
		       create_ordinary(t, c, obj, parent);
	if (rc)
		return rc;
	/* what can be made again needs no private area */
	if (parent && !derived)
		rc = vtpm2_private_wrap(t, obj, parent, &c->out);
	else
		vtpm2_wr_u16(&c->out, 0);
	vtpm2_wr_2b_public(&c->out, &obj->pub);
	vtpm2_wr_name(&c->out, &obj->name);
	if (rc)
		vtpm2_key_forget(t, obj);
	return rc;
}

u32 vtpm2_cc_create_loaded(struct vtpm2 *t, struct vtpm2_cmd *c)
{
	struct vtpm2_object *obj = vtpm2_object_alloc();
	u32 rc;

	if (!obj)
		return TPM2_RC_MEMORY;
	rc = create_loaded(t, c, obj);
	if (!rc)
		rc = vtpm2_object_insert(t, obj);
	if (rc)
		vtpm2_object_free(obj);
	else
		c->rsp_handle = obj->handle;
	return rc;
}
