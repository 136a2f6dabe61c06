// SPDX-License-Identifier: GPL-2.0
/*
 * The VM key: the parent, in the chip, of all objects of one vTPM.
 */
#include <crypto/sha2.h>
#include <linux/err.h>
#include <linux/random.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "../tpm2/types.h"
#include "chip.h"
#include "create.h"
#include "hostkey.h"
#include "hw.h"
#include "public.h"
#include "rc.h"
#include "vmk.h"

/*
 * Neither fixedTPM nor fixedParent, so that TPM2_Duplicate can move it, with
 * all that is below, to another chip. encryptedDuplication, so that it never
 * leaves this one in the clear, whatever its policy admits.
 */
#define VMK_ATTRIBUTES							\
	(TPM2_OA_SENSITIVE_DATA_ORIGIN | TPM2_OA_USER_WITH_AUTH |	\
	 TPM2_OA_NO_DA | TPM2_OA_ENCRYPTED_DUPLICATION |		\
	 TPM2_OA_RESTRICTED | TPM2_OA_DECRYPT)

/*
 * TPM2_Duplicate wants the policy (role DUP, Part 1, 19.2.4). This one nobody
 * can satisfy: its digest is that of a sentence, and every policy digest is
 * that of a policy command.
 */
static const char no_policy[] = "vtpm_mux: this key does not move";

struct vmk_req {
	struct vtpm_req req;
	u8 policy[SHA256_DIGEST_SIZE];
};

struct vtpm_hw *vtpm_hw_get(struct vtpm_hw *hw)
{
	refcount_inc(&hw->ref);
	return hw;
}

void vtpm_hw_put(struct vtpm_hw *hw)
{
	struct vtpm_chip *chip = hw->chip;

	if (!refcount_dec_and_test(&hw->ref))
		return;
	/* What a request that outlived vtpm_hw_destroy() has left. */
	vtpm_cache_forget(chip, hw, NULL);
	kfree_sensitive(hw);
}

void vtpm_vmk_object(struct vtpm_object *obj, struct vtpm_hw *hw)
{
	vtpm_object_init(obj, VTPM_OBJECT_VMK, hw, hw->vmk.blob, hw->vmk.len);
}

static void build_vmk(struct vtpm_wr *wr, const void *arg)
{
	const struct vmk_req *v = arg;
	size_t mark;

	mark = vtpm_create_begin(wr, v->req.hw->vmk_auth, VTPM_AUTH_LEN, NULL, 0);
	vtpm_public_storage(wr, vtpm_chip.caps.storage_rsa, VMK_ATTRIBUTES, v->policy,
			    sizeof(v->policy), false);
	vtpm_create_end(wr, mark);
}

static bool vmk_as_ordered(const struct vmk_req *v, const struct vtpm_public *pub)
{
	return vtpm_public_is_storage(pub, VMK_ATTRIBUTES) &&
	       pub->attributes == VMK_ATTRIBUTES &&
	       pub->policy_len == sizeof(v->policy) &&
	       !memcmp(pub->policy, v->policy, sizeof(v->policy));
}

static int vmk_create(struct vtpm_chip *chip, struct vmk_req *v)
{
	const struct vtpm_object mrk = { .kind = VTPM_OBJECT_MRK };
	const struct vtpm_use create = {
		.cc = TPM2_CC_CREATE,
		.build = build_vmk,
		.arg = v,
	};
	struct vtpm_hw *hw = v->req.hw;
	struct vtpm_created created;
	struct vtpm_rd rd;
	int ret;

	ret = vtpm_cache_use(chip, &mrk, &create, &rd);
	if (ret)
		return ret;
	ret = vtpm_create_read(&rd, chip->mrk_name, &created);
	if (ret) {
		vtpm_hostkey_check(chip);
		return ret;
	}
	if (!vmk_as_ordered(v, &created.public) || created.len > sizeof(hw->vmk.blob))
		return -EBADMSG;

	memcpy(hw->mrk_name, chip->mrk_name, VTPM_NAME_LEN);
	vtpm_public_name(hw->vmk_name, created.public.area, created.public.area_len);
	memcpy(hw->vmk.blob, created.blob, created.len);
	hw->vmk.len = created.len;
	return 0;
}

static int vmk_run(struct vtpm_chip *chip, struct vtpm_req *req)
{
	struct vmk_req *v = container_of(req, struct vmk_req, req);
	int ret, i;

	/* The MRK may turn out to be gone, once. */
	for (i = 0; i < 2; i++) {
		ret = vtpm_hostkey_provision(chip, NULL, 0);
		if (ret)
			return ret;
		ret = vmk_create(chip, v);
		if (!ret || READ_ONCE(chip->ready))
			break;
	}
	return vtpm_rc_errno(ret);
}

static void chip_count_users(struct vtpm_chip *chip, int n)
{
	spin_lock(&chip->lock);
	chip->users += n;
	spin_unlock(&chip->lock);
}

/**
 * vtpm_hw_create() - a VMK for a new vTPM
 *
 * One chip command, a key generation. Provisions the host's keys first where
 * that has not succeeded yet.
 *
 * Return: the chip's side of the vTPM, or an ERR_PTR with the errnos of
 * vtpm_hw_provision().
 */
struct vtpm_hw *vtpm_hw_create(void)
{
	struct vtpm_chip *chip = &vtpm_chip;
	struct vtpm_hw *hw;
	struct vmk_req *v;
	int ret;

	hw = kzalloc(sizeof(*hw), GFP_KERNEL_ACCOUNT);
	if (!hw)
		return ERR_PTR(-ENOMEM);
	refcount_set(&hw->ref, 1);
	hw->chip = chip;
	vtpm_ctx_init(&hw->contexts);
	ret = get_random_bytes_wait(hw->vmk_auth, sizeof(hw->vmk_auth));
	get_random_bytes(hw->shadow_auth, sizeof(hw->shadow_auth));
	if (ret)
		goto err_free;

	ret = -ENOMEM;
	v = vtpm_req_alloc(sizeof(*v), hw, VTPM_LIMIT_KEYGEN, vmk_run);
	if (!v)
		goto err_free;
	sha256(no_policy, sizeof(no_policy) - 1, v->policy);
	chip_count_users(chip, 1);
	ret = vtpm_req_wait(chip, &v->req);
	vtpm_req_put(&v->req);
	if (!ret)
		return hw;

	chip_count_users(chip, -1);
err_free:
	vtpm_hw_put(hw);
	return ERR_PTR(ret);
}

/**
 * vtpm_hw_destroy() - forget a vTPM's keys
 * @hw: not used by anybody any more
 *
 * Sends no command: what the chip has loaded of them is flushed when the slots
 * are needed, or soon.
 */
void vtpm_hw_destroy(struct vtpm_hw *hw)
{
	struct vtpm_chip *chip = hw->chip;

	vtpm_req_cancel(chip, hw);
	vtpm_cache_forget(chip, hw, NULL);
	chip_count_users(chip, -1);
	vtpm_hw_put(hw);
}

size_t vtpm_hw_bytes(struct vtpm_hw *hw)
{
	struct vtpm_cache *cache = &hw->chip->cache;
	size_t bytes;

	spin_lock(&cache->lock);
	bytes = sizeof(*hw) + hw->contexts.bytes;
	spin_unlock(&cache->lock);
	return bytes;
}

void vtpm_hw_cancel(struct vtpm_hw *hw)
{
	vtpm_req_cancel(hw->chip, hw);
}
