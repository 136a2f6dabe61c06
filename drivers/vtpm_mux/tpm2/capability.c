// SPDX-License-Identifier: GPL-2.0
/*
 * TPM2_GetCapability (Part 3, 30.2): lists of what the vTPM has.
 *
 * Every list is ascending, begins at the first element that is not below the
 * property asked for, and ends after propertyCount elements, or as many as fit
 * into MAX_CAP_BUFFER; moreData says whether there would have been another.
 *
 * TPM_CAP_VENDOR_PROPERTY is a list of TPMS_TAGGED_PROPERTY (UINT32 count, then
 * pairs of UINT32 tag and value), which a management tool in the guest may ask
 * how its keys are protected:
 *
 *   0  assurance of objects whose template asks for none: 0 auto, 1 hardware,
 *      2 software
 *   1  keys that the physical chip can generate and use, one bit each: 0 to 3
 *      RSA of 1024, 2048, 3072 and 4096 bits, 4 to 6 NIST P-256, P-384, P-521,
 *      7 and 8 P-192, P-224, 9 and 10 BN-P256, BN-P638, 11 SM2
 *   handle of a transient or persistent object: where its private part is, 0
 *      with the vTPM in software, 1 in the chip as a key, 2 sealed by the chip,
 *      3 nowhere, it has none
 */
#include <linux/array_size.h>
#include <linux/bits.h>
#include <linux/minmax.h>

#include "commands.h"

/* Bytes for elements: the buffer less the capability and the count */
#define CAP_DATA	(VTPM2_MAX_CAP_BUFFER - 2 * sizeof(u32))
#define FIRST_ACT	0x40000110
#define LAST_ACT	0x4000011f

/**
 * struct cap_list - a list being written
 * @wr: where to
 * @count_at: where the element count belongs
 * @max: elements wanted, and that fit
 * @n: elements so far
 * @more: there was no room for another
 */
struct cap_list {
	struct vtpm2_wr *wr;
	size_t count_at;
	u32 max;
	u32 n;
	bool more;
};

/* Begin a list of elements of @size bytes in memory at their largest. */
static void list_begin(struct cap_list *l, u32 size)
{
	l->count_at = vtpm2_wr_hole32(l->wr);
	l->max = min_t(u32, l->max, CAP_DATA / size);
}

/* May another element be written? */
static bool list_next(struct cap_list *l)
{
	if (l->n == l->max) {
		l->more = true;
		return false;
	}
	l->n++;
	return true;
}

static void list_u32(struct cap_list *l, u32 value)
{
	if (list_next(l))
		vtpm2_wr_u32(l->wr, value);
}

static void list_tagged(struct cap_list *l, u32 tag, u32 value)
{
	if (!list_next(l))
		return;
	vtpm2_wr_u32(l->wr, tag);
	vtpm2_wr_u32(l->wr, value);
}

/* --- algorithms and curves --- */

/* TPMA_ALGORITHM (Part 2, 8.2) */
#define ALG_ASYMMETRIC	0x001
#define ALG_SYMMETRIC	0x002
#define ALG_HASH	0x004
#define ALG_OBJECT	0x008
#define ALG_SIGNING	0x100
#define ALG_ENCRYPTING	0x200
#define ALG_METHOD	0x400

struct alg_property {
	u16 alg;
	u32 attrs;
};

static const struct alg_property algs[] = {
	{ TPM2_ALG_RSA, ALG_ASYMMETRIC | ALG_OBJECT },
	{ TPM2_ALG_SHA1, ALG_HASH },
	{ TPM2_ALG_HMAC, ALG_HASH | ALG_SIGNING },
	{ TPM2_ALG_AES, ALG_SYMMETRIC },
	{ TPM2_ALG_MGF1, ALG_HASH | ALG_METHOD },
	{ TPM2_ALG_KEYEDHASH, ALG_HASH | ALG_OBJECT | ALG_SIGNING |
			      ALG_ENCRYPTING },
	{ TPM2_ALG_XOR, ALG_HASH | ALG_SYMMETRIC },
	{ TPM2_ALG_SHA256, ALG_HASH },
	{ TPM2_ALG_SHA384, ALG_HASH },
	{ TPM2_ALG_SHA512, ALG_HASH },
	{ TPM2_ALG_RSASSA, ALG_ASYMMETRIC | ALG_SIGNING },
	{ TPM2_ALG_RSAES, ALG_ASYMMETRIC | ALG_ENCRYPTING },
	{ TPM2_ALG_RSAPSS, ALG_ASYMMETRIC | ALG_SIGNING },
	{ TPM2_ALG_OAEP, ALG_ASYMMETRIC | ALG_ENCRYPTING },
	{ TPM2_ALG_ECDSA, ALG_ASYMMETRIC | ALG_SIGNING },
	{ TPM2_ALG_ECDH, ALG_ASYMMETRIC | ALG_METHOD },
	{ TPM2_ALG_ECDAA, ALG_ASYMMETRIC | ALG_SIGNING },
	{ TPM2_ALG_SM2, ALG_ASYMMETRIC | ALG_SIGNING | ALG_METHOD },
	{ TPM2_ALG_ECSCHNORR, ALG_ASYMMETRIC | ALG_SIGNING },
	{ TPM2_ALG_ECMQV, ALG_ASYMMETRIC | ALG_METHOD },
	{ TPM2_ALG_KDF1_SP800_56A, ALG_HASH | ALG_METHOD },
	{ TPM2_ALG_KDF2, ALG_HASH | ALG_METHOD },
	{ TPM2_ALG_KDF1_SP800_108, ALG_HASH | ALG_METHOD },
	{ TPM2_ALG_ECC, ALG_ASYMMETRIC | ALG_OBJECT },
	{ TPM2_ALG_SYMCIPHER, ALG_OBJECT },
	{ TPM2_ALG_CMAC, ALG_SYMMETRIC | ALG_SIGNING },
	{ TPM2_ALG_CTR, ALG_SYMMETRIC | ALG_ENCRYPTING },
	{ TPM2_ALG_OFB, ALG_SYMMETRIC | ALG_ENCRYPTING },
	{ TPM2_ALG_CBC, ALG_SYMMETRIC | ALG_ENCRYPTING },
	{ TPM2_ALG_CFB, ALG_SYMMETRIC | ALG_ENCRYPTING },
	{ TPM2_ALG_ECB, ALG_SYMMETRIC | ALG_ENCRYPTING },
};

bool vtpm2_alg_implemented(u16 alg)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(algs); i++)
		if (algs[i].alg == alg)
			return true;
	return false;
}

unsigned int vtpm2_curve_count(void)
{
	unsigned int n = 0;

	while (vtpm2_curve_at(n))
		n++;
	return n;
}

/* As in the reference implementation, only the low half of property counts. */
static u32 list_algs(struct vtpm2 *t, u32 property, struct cap_list *l)
{
	unsigned int i;

	list_begin(l, 8);
	for (i = 0; i < ARRAY_SIZE(algs); i++) {
		if (algs[i].alg < (u16)property || !list_next(l))
			continue;
		vtpm2_wr_u16(l->wr, algs[i].alg);
		vtpm2_wr_u32(l->wr, algs[i].attrs);
	}
	return 0;
}

static u32 list_curves(struct vtpm2 *t, u32 property, struct cap_list *l)
{
	const struct vtpm2_curve *curve;
	unsigned int i;

	list_begin(l, sizeof(u16));
	for (i = 0; (curve = vtpm2_curve_at(i)); i++)
		if (curve->id >= (u16)property && list_next(l))
			vtpm2_wr_u16(l->wr, curve->id);
	return 0;
}

/* --- handles --- */

static const u32 permanent_handles[] = {
	TPM2_RH_OWNER, TPM2_RH_NULL, TPM2_RS_PW, TPM2_RH_LOCKOUT,
	TPM2_RH_ENDORSEMENT, TPM2_RH_PLATFORM, TPM2_RH_PLATFORM_NV,
};

static void list_permanent(u32 from, struct cap_list *l)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(permanent_handles); i++)
		if (permanent_handles[i] >= from)
			list_u32(l, permanent_handles[i]);
}

static void list_nv(struct vtpm2 *t, u32 from, struct cap_list *l)
{
	unsigned int i;

	for (i = 0; i < t->nv_count; i++)
		if (t->nv[i]->index >= from)
			list_u32(l, t->nv[i]->index);
}

static void list_objects(struct vtpm2_object * const *objects, unsigned int n,
			 u32 from, struct cap_list *l)
{
	unsigned int i;

	for (i = 0; i < n; i++)
		if (objects[i] && objects[i]->handle >= from)
			list_u32(l, objects[i]->handle);
}

/*
 * Part 2, 7.2: the handle type is TPM_HT_LOADED_SESSION or _SAVED_SESSION
 * here, and the type of the session is in the handle that is returned. A saved
 * session's type is not known: it counts as an HMAC session.
 */
static void list_sessions(struct vtpm2 *t, u32 from, struct cap_list *l)
{
	bool saved = vtpm2_handle_type(from) == TPM2_HT_POLICY_SESSION;
	u32 i;

	for (i = from & 0xffffff; i < VTPM2_MAX_ACTIVE; i++) {
		u32 handle = TPM2_HMAC_SESSION_FIRST + i;
		const struct vtpm2_session *s;

		s = vtpm2_session_find_index(t, handle);
		if (saved ? vtpm2_session_saved(t, handle) : !!s)
			list_u32(l, saved ? handle : s->handle);
	}
}

static u32 list_handles(struct vtpm2 *t, u32 property, struct cap_list *l)
{
	u32 i;

	list_begin(l, sizeof(u32));
	switch (vtpm2_handle_type(property)) {
	case TPM2_HT_PCR:
		for (i = property; i < VTPM2_PCRS; i++)
			list_u32(l, i);
		return 0;
	case TPM2_HT_NV_INDEX:
		list_nv(t, property, l);
		return 0;
	case TPM2_HT_HMAC_SESSION:
	case TPM2_HT_POLICY_SESSION:
		list_sessions(t, property, l);
		return 0;
	case TPM2_HT_PERMANENT:
		list_permanent(property, l);
		return 0;
	case TPM2_HT_TRANSIENT:
		list_objects(t->objects, VTPM2_MAX_OBJECTS, property, l);
		return 0;
	case TPM2_HT_PERSISTENT:
		list_objects(t->persistent, VTPM2_MAX_PERSISTENT, property, l);
		return 0;
	default:
		return vtpm2_rc_p(TPM2_RC_HANDLE, 2);
	}
}

/* --- commands --- */

static u32 list_commands(struct vtpm2 *t, u32 property, struct cap_list *l)
{
	unsigned int i;

	list_begin(l, sizeof(u32));
	for (i = 0; i < vtpm2_command_count(); i++)
		if (vtpm2_commands[i].code >= property)
			list_u32(l, vtpm2_command_attributes(&vtpm2_commands[i]));
	return 0;
}

static u32 list_cc_set(const struct vtpm2_cc_set *set, u32 property,
		       struct cap_list *l)
{
	u32 cc;

	list_begin(l, sizeof(u32));
	for (cc = max_t(u32, property, VTPM2_CC_SET_FIRST);
	     cc <= VTPM2_CC_SET_LAST; cc++)
		if (vtpm2_cc_set_has(set, cc))
			list_u32(l, cc);
	return 0;
}

static u32 list_pp_commands(struct vtpm2 *t, u32 property, struct cap_list *l)
{
	return list_cc_set(&t->pp_commands, property, l);
}

static u32 list_audit_commands(struct vtpm2 *t, u32 property,
			       struct cap_list *l)
{
	return list_cc_set(&t->audit_commands, property, l);
}

/* --- PCRs --- */

static void wr_pcr_mask(struct vtpm2_wr *wr, u32 mask)
{
	unsigned int i;

	vtpm2_wr_u8(wr, VTPM2_PCRS / 8);
	for (i = 0; i < VTPM2_PCRS / 8; i++)
		vtpm2_wr_u8(wr, mask >> (8 * i));
}

/* All banks at once, those that are not allocated without PCRs. */
static u32 list_pcrs(struct vtpm2 *t, u32 property, struct cap_list *l)
{
	unsigned int bank;

	if (property)
		return vtpm2_rc_p(TPM2_RC_VALUE, 2);
	list_begin(l, sizeof(struct vtpm2_pcr_bank_select));
	if (!l->max) {
		l->more = true;
		return 0;
	}
	l->n = VTPM2_BANKS;
	for (bank = 0; bank < VTPM2_BANKS; bank++) {
		vtpm2_wr_u16(l->wr, vtpm2_pcr_bank_alg(bank));
		wr_pcr_mask(l->wr, t->pcr_alloc[bank]);
	}
	return 0;
}

static u32 list_pcr_properties(struct vtpm2 *t, u32 property,
			       struct cap_list *l)
{
	u32 tag;

	list_begin(l, 8);
	for (tag = property; tag <= TPM2_PT_PCR_AUTH; tag++) {
		/* tags that the specification leaves free */
		if (tag > TPM2_PT_PCR_RESET_L4 && tag < TPM2_PT_PCR_NO_INCREMENT)
			continue;
		if (!list_next(l))
			break;
		vtpm2_wr_u32(l->wr, tag);
		wr_pcr_mask(l->wr, vtpm2_pcr_property(tag));
	}
	return 0;
}

/* --- properties --- */

/* Only of the group that the property belongs to. */
static u32 list_properties(struct vtpm2 *t, u32 property, struct cap_list *l)
{
	u32 from = max_t(u32, property, TPM2_PT_FIXED);
	u32 values[VTPM2_GROUP_PROPERTIES];
	u32 i, n, group = from & ~0xffu;

	list_begin(l, 8);
	n = vtpm2_property_group(t, group, values);
	for (i = from - group; i < n; i++)
		/* the one tag that the specification skips */
		if (group + i != TPM2_PT_CONTEXT_GAP_MAX + 1)
			list_tagged(l, group + i, values[i]);
	return 0;
}

static void list_policy(struct vtpm2 *t, u32 handle, u16 alg,
			const struct vtpm2_digest *policy, struct cap_list *l)
{
	if (!list_next(l))
		return;
	vtpm2_wr_u32(l->wr, handle);
	vtpm2_wr_u16(l->wr, alg);
	vtpm2_wr_bytes(l->wr, policy->buf, policy->len);
}

static u32 list_auth_policies(struct vtpm2 *t, u32 property,
			      struct cap_list *l)
{
	unsigned int i;

	if (vtpm2_handle_type(property) != TPM2_HT_PERMANENT)
		return vtpm2_rc_p(TPM2_RC_VALUE, 2);
	list_begin(l, 6 + VTPM2_MAX_DIGEST);
	for (i = 0; i < ARRAY_SIZE(permanent_handles); i++) {
		u32 handle = permanent_handles[i];
		const struct vtpm2_hierarchy *h = vtpm2_hierarchy(t, handle);

		if (handle < property || handle == TPM2_RH_NULL)
			continue;
		if (handle == TPM2_RH_LOCKOUT)
			list_policy(t, handle, t->lockout_policy_alg,
				    &t->lockout_policy, l);
		else if (h)
			list_policy(t, handle, h->policy_alg, &h->policy, l);
	}
	return 0;
}

/* There are no authenticated countdown timers. */
static u32 list_acts(struct vtpm2 *t, u32 property, struct cap_list *l)
{
	if (property < FIRST_ACT || property > LAST_ACT)
		return vtpm2_rc_p(TPM2_RC_VALUE, 2);
	list_begin(l, 12);
	return 0;
}

static u32 chip_keys(const struct vtpm2 *t)
{
	static const struct vtpm2_hw_key keys[] = {
		{ .alg = TPM2_ALG_RSA, .bits = 1024 },
		{ .alg = TPM2_ALG_RSA, .bits = 2048 },
		{ .alg = TPM2_ALG_RSA, .bits = 3072 },
		{ .alg = TPM2_ALG_RSA, .bits = 4096 },
		{ .alg = TPM2_ALG_ECC, .curve = TPM2_ECC_NIST_P256 },
		{ .alg = TPM2_ALG_ECC, .curve = TPM2_ECC_NIST_P384 },
		{ .alg = TPM2_ALG_ECC, .curve = TPM2_ECC_NIST_P521 },
		{ .alg = TPM2_ALG_ECC, .curve = TPM2_ECC_NIST_P192 },
		{ .alg = TPM2_ALG_ECC, .curve = TPM2_ECC_NIST_P224 },
		{ .alg = TPM2_ALG_ECC, .curve = TPM2_ECC_BN_P256 },
		{ .alg = TPM2_ALG_ECC, .curve = TPM2_ECC_BN_P638 },
		{ .alg = TPM2_ALG_ECC, .curve = TPM2_ECC_SM2_P256 },
	};
	unsigned int i;
	u32 mask = 0;

	for (i = 0; t->config.ops && i < ARRAY_SIZE(keys); i++)
		if (t->config.ops->supports(t->config.hw, &keys[i]))
			mask |= BIT(i);
	return mask;
}

#define NO_PRIVATE_PART	3

static void list_classes(struct vtpm2_object * const *objects, unsigned int n,
			 u32 from, struct cap_list *l)
{
	unsigned int i;

	for (i = 0; i < n; i++) {
		const struct vtpm2_object *obj = objects[i];

		if (obj && obj->handle >= from)
			list_tagged(l, obj->handle,
				    obj->public_only || obj->seq ?
				    NO_PRIVATE_PART : obj->class);
	}
}

static u32 list_vendor(struct vtpm2 *t, u32 property, struct cap_list *l)
{
	list_begin(l, 8);
	if (property <= 0)
		list_tagged(l, 0, t->config.assurance);
	if (property <= 1)
		list_tagged(l, 1, chip_keys(t));
	list_classes(t->objects, VTPM2_MAX_OBJECTS, property, l);
	list_classes(t->persistent, t->persistent_count, property, l);
	return 0;
}

/* --- command --- */

struct capability {
	u32 cap;
	u32 (*list)(struct vtpm2 *t, u32 property, struct cap_list *l);
};

static const struct capability capabilities[] = {
	{ TPM2_CAP_ALGS, list_algs },
	{ TPM2_CAP_HANDLES, list_handles },
	{ TPM2_CAP_COMMANDS, list_commands },
	{ TPM2_CAP_PP_COMMANDS, list_pp_commands },
	{ TPM2_CAP_AUDIT_COMMANDS, list_audit_commands },
	{ TPM2_CAP_PCRS, list_pcrs },
	{ TPM2_CAP_TPM_PROPERTIES, list_properties },
	{ TPM2_CAP_PCR_PROPERTIES, list_pcr_properties },
	{ TPM2_CAP_ECC_CURVES, list_curves },
	{ TPM2_CAP_AUTH_POLICIES, list_auth_policies },
	{ TPM2_CAP_ACT, list_acts },
	{ TPM2_CAP_VENDOR_PROPERTY, list_vendor },
};

static const struct capability *rd_capability(struct vtpm2_rd *rd)
{
	u32 cap = vtpm2_rd_u32(rd);
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(capabilities); i++)
		if (capabilities[i].cap == cap)
			return &capabilities[i];
	vtpm2_rd_fail(rd, TPM2_RC_VALUE);
	return NULL;
}

/* Part 3, 30.2 */
u32 vtpm2_cc_get_capability(struct vtpm2 *t, struct vtpm2_cmd *c)
{
	struct cap_list l = { .wr = &c->out };
	const struct capability *cap;
	size_t more_at = c->out.len;
	u32 property, rc;

	cap = rd_capability(vtpm2_param(c));
	property = vtpm2_rd_u32(vtpm2_param(c));
	l.max = vtpm2_rd_u32(vtpm2_param(c));
	rc = vtpm2_done(c);
	if (rc)
		return rc;

	if (t->failed_alg != TPM2_ALG_ERROR &&
	    cap->cap != TPM2_CAP_TPM_PROPERTIES)
		return TPM2_RC_FAILURE;

	vtpm2_wr_u8(&c->out, false);
	vtpm2_wr_u32(&c->out, cap->cap);
	rc = cap->list(t, property, &l);
	if (rc)
		return rc;
	vtpm2_wr_patch32(&c->out, l.count_at, l.n);
	if (!c->out.overflow)
		c->out.p[more_at] = l.more;
	return 0;
}
