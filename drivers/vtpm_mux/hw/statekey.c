// SPDX-License-Identifier: GPL-2.0
/*
 * The key to a vTPM's state file, sealed by the chip under the VMK, and with it
 * the authorization value of the vTPM's shadows.
 *
 * The VMK's own authorization value, which is needed to load what is below it,
 * is in the clear in the file's header, and so is this object's, which is the
 * same. They are no secrets of a vTPM that has a file: who has both the file and
 * the chip can open it, and needs both.
 */
#include <linux/errno.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "../tpm2/types.h"
#include "chip.h"
#include "create.h"
#include "hostkey.h"
#include "public.h"
#include "rc.h"
#include "statekey.h"
#include "vmk.h"

/* As those of the shadows that are sealed data (shadow.c). */
#define STATEKEY_ATTRIBUTES						\
	(TPM2_OA_USER_WITH_AUTH | TPM2_OA_NO_DA |			\
	 TPM2_OA_ENCRYPTED_DUPLICATION | TPM2_OA_FIXED_PARENT)

#define STATEKEY_SIZE	(VTPM_STATE_KEY_LEN + VTPM_AUTH_LEN)

/**
 * struct statekey_req - seal or unseal
 * @req: the request
 * @shadow: the sealed object
 * @data: the state key, the shadows' authorization value
 */
struct statekey_req {
	struct vtpm_req req;
	struct vtpm2_shadow shadow;
	u8 data[STATEKEY_SIZE];
};

static void build_seal(struct vtpm_wr *wr, const void *arg)
{
	const struct statekey_req *s = arg;
	size_t mark = vtpm_create_begin(wr, s->req.hw->vmk_auth, VTPM_AUTH_LEN,
					s->data, sizeof(s->data));

	vtpm_public_data(wr, STATEKEY_ATTRIBUTES);
	vtpm_create_end(wr, mark);
}

static int seal_run(struct vtpm_chip *chip, struct vtpm_req *req)
{
	struct statekey_req *s = container_of(req, struct statekey_req, req);
	const struct vtpm_use use = {
		.cc = TPM2_CC_CREATE,
		.build = build_seal,
		.arg = s,
	};
	struct vtpm_created created;
	struct vtpm_object vmk;
	struct vtpm_rd rd;
	int ret;

	vtpm_vmk_object(&vmk, req->hw);
	ret = vtpm_cache_use(chip, &vmk, &use, &rd);
	if (!ret)
		ret = vtpm_create_read(&rd, req->hw->vmk_name, &created);
	if (ret)
		return vtpm_rc_errno(ret);
	if (created.public.type != TPM2_ALG_KEYEDHASH ||
	    created.public.attributes != STATEKEY_ATTRIBUTES ||
	    created.public.policy_len || created.len > sizeof(s->shadow.blob))
		return -EIO;
	memcpy(s->shadow.blob, created.blob, created.len);
	s->shadow.len = created.len;
	return 0;
}

static void build_unseal(struct vtpm_wr *wr, const void *arg)
{
}

static int unseal_run(struct vtpm_chip *chip, struct vtpm_req *req)
{
	struct statekey_req *s = container_of(req, struct statekey_req, req);
	const struct vtpm_use use = {
		.cc = TPM2_CC_UNSEAL,
		.build = build_unseal,
	};
	struct vtpm_object obj;
	struct vtpm_rd rd;
	const u8 *data;
	size_t len;
	int ret;

	ret = vtpm_hostkey_provision(chip, NULL, 0);
	if (ret)
		return vtpm_rc_errno(ret);
	if (memcmp(req->hw->mrk_name, chip->mrk_name, VTPM_NAME_LEN))
		return -EXDEV;
	vtpm_object_init(&obj, VTPM_OBJECT_STATEKEY, req->hw, s->shadow.blob, s->shadow.len);
	ret = vtpm_cache_use(chip, &obj, &use, &rd);
	vtpm_cache_forget(chip, req->hw, &obj);
	/* It is wrapped by this key, says the header; the chip says otherwise. */
	if (vtpm_rc_refused(ret) || vtpm_rc_auth_failed(ret))
		return -EBADMSG;
	if (ret)
		return vtpm_rc_errno(ret);
	data = vtpm_rd_2b(&rd, &len);
	if (!vtpm_rd_done(&rd) || len != sizeof(s->data))
		return -EBADMSG;
	memcpy(s->data, data, sizeof(s->data));
	return 0;
}

int vtpm_statekey_seal(struct vtpm_hw *hw, const u8 *key, struct vtpm2_shadow *sealed)
{
	struct statekey_req *s;
	int ret;

	s = vtpm_req_alloc(sizeof(*s), hw, VTPM_LIMIT_USE, seal_run);
	if (!s)
		return -ENOMEM;
	memcpy(s->data, key, VTPM_STATE_KEY_LEN);
	memcpy(s->data + VTPM_STATE_KEY_LEN, hw->shadow_auth, VTPM_AUTH_LEN);
	ret = vtpm_req_wait(hw->chip, &s->req);
	if (!ret)
		memcpy(sealed, &s->shadow, sizeof(*sealed));
	vtpm_req_put(&s->req);
	return ret == -EAGAIN ? -EBUSY : ret;
}

int vtpm_statekey_unseal(struct vtpm_hw *hw, const struct vtpm2_shadow *sealed, u8 *key)
{
	struct statekey_req *s;
	int ret;

	s = vtpm_req_alloc(sizeof(*s), hw, VTPM_LIMIT_PROVISION, unseal_run);
	if (!s)
		return -ENOMEM;
	memcpy(&s->shadow, sealed, sizeof(s->shadow));
	ret = vtpm_req_wait(hw->chip, &s->req);
	if (!ret) {
		memcpy(key, s->data, VTPM_STATE_KEY_LEN);
		memcpy(hw->shadow_auth, s->data + VTPM_STATE_KEY_LEN, VTPM_AUTH_LEN);
	}
	vtpm_req_put(&s->req);
	return ret == -EAGAIN ? -EBUSY : ret;
}
