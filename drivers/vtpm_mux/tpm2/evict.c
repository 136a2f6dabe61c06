// SPDX-License-Identifier: GPL-2.0
/* TPM2_EvictControl (Part 3, 28.5) */
#include "commands.h"

/* May this authorization keep or remove this object? */
static u32 check(const struct vtpm2_cmd *c, const struct vtpm2_object *obj,
		 bool persistent, u32 handle)
{
	bool platform = obj->hierarchy == TPM2_RH_PLATFORM;
	bool platform_range = handle >= TPM2_PLATFORM_PERSISTENT;

	if (c->handle[0] == TPM2_RH_PLATFORM) {
		/* which removes any object, but keeps only its own */
		if (persistent)
			return 0;
		if (!platform)
			return vtpm2_rc_h(TPM2_RC_HIERARCHY, 2);
		return platform_range ? 0 : vtpm2_rc_p(TPM2_RC_RANGE, 1);
	}
	if (platform)
		return vtpm2_rc_h(TPM2_RC_HIERARCHY, 2);
	if (!persistent && platform_range)
		return vtpm2_rc_p(TPM2_RC_RANGE, 1);
	return 0;
}

/* 9.6 TPMI_DH_PERSISTENT */
static u32 rd_persistent(struct vtpm2_rd *rd)
{
	u32 handle = vtpm2_rd_u32(rd);

	if (vtpm2_handle_type(handle) != TPM2_HT_PERSISTENT)
		vtpm2_rd_fail(rd, TPM2_RC_VALUE);
	return handle;
}

u32 vtpm2_cc_evict_control(struct vtpm2 *t, struct vtpm2_cmd *c)
{
	struct vtpm2_object *obj = c->obj[1];
	u32 handle = rd_persistent(vtpm2_param(c));
	bool persistent;
	u32 rc;

	rc = vtpm2_done(c);
	if (rc)
		return rc;
	if (obj->seq || obj->hierarchy == TPM2_RH_NULL || obj->stclear ||
	    obj->public_only)
		return vtpm2_rc_h(TPM2_RC_ATTRIBUTES, 2);
	persistent = vtpm2_handle_type(obj->handle) == TPM2_HT_PERSISTENT;
	if (persistent && obj->handle != handle)
		return vtpm2_rc_h(TPM2_RC_HANDLE, 2);
	rc = check(c, obj, persistent, handle);
	if (rc)
		return rc;
	if (!persistent)
		return vtpm2_object_persist(t, obj, handle);
	vtpm2_object_evict(t, obj);
	return 0;
}
