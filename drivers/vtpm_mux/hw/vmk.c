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
#include "statekey.h"
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

static struct vtpm_hw *hw_alloc(void)
{
	struct vtpm_hw *hw = kzalloc(sizeof(*hw), GFP_KERNEL_ACCOUNT);

	if (!hw)
		return NULL;
	refcount_set(&hw->ref, 1);
	hw->chip = &vtpm_chip;
	vtpm_ctx_init(&hw->contexts);
	return hw;
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

	hw = hw_alloc();
	if (!hw)
		return ERR_PTR(-ENOMEM);
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

/* Is the public area in @keys' blob a VMK's, and of the name in them? */
static bool vmk_as_named(const struct vtpm_hw_keys *keys)
{
	u8 name[VTPM_NAME_LEN];
	struct vtpm_public pub;
	struct vtpm_rd rd;
	struct vmk_req v = {};
	size_t len;

	if (keys->vmk.len > sizeof(keys->vmk.blob))
		return false;
	sha256(no_policy, sizeof(no_policy) - 1, v.policy);
	vtpm_rd_init(&rd, keys->vmk.blob, keys->vmk.len);
	vtpm_rd_2b(&rd, &len);		/* TPM2B_PRIVATE */
	vtpm_public_read(&rd, &pub);
	if (!vtpm_rd_done(&rd) || !vmk_as_ordered(&v, &pub))
		return false;
	vtpm_public_name(name, pub.area, pub.area_len);
	return !memcmp(name, keys->vmk_name, VTPM_NAME_LEN);
}

/**
 * vtpm_hw_open() - the chip's side of a vTPM that has been made before
 * @keys: from its state file
 * @state_key: receives the VTPM_STATE_KEY_LEN bytes that are sealed in them
 *
 * Three or four chip commands. A key that is no VMK as we make them is refused:
 * the chip would give it away, or the keys below it.
 *
 * Return: the chip's side of the vTPM; or an ERR_PTR with the errnos of
 * vtpm_hw_provision(), or -EXDEV another chip or another mux root key made them,
 * -EBADMSG they were changed.
 */
struct vtpm_hw *vtpm_hw_open(const struct vtpm_hw_keys *keys, u8 *state_key)
{
	struct vtpm_hw *hw;
	int ret;

	if (!vmk_as_named(keys))
		return ERR_PTR(-EBADMSG);
	hw = hw_alloc();
	if (!hw)
		return ERR_PTR(-ENOMEM);
	memcpy(hw->mrk_name, keys->mrk_name, VTPM_NAME_LEN);
	memcpy(hw->vmk_name, keys->vmk_name, VTPM_NAME_LEN);
	memcpy(hw->vmk_auth, keys->vmk_auth, VTPM_AUTH_LEN);
	memcpy(&hw->vmk, &keys->vmk, sizeof(hw->vmk));
	chip_count_users(hw->chip, 1);
	ret = vtpm_statekey_unseal(hw, &keys->state_key, state_key);
	if (!ret)
		return hw;
	vtpm_hw_destroy(hw);
	return ERR_PTR(ret);
}

/**
 * vtpm_hw_seal() - what vtpm_hw_open() needs
 * @hw: of a new vTPM
 * @state_key: VTPM_STATE_KEY_LEN bytes
 * @keys: filled in; none of it is a secret
 *
 * Return: 0 or the errnos of vtpm_hw_provision().
 */
int vtpm_hw_seal(struct vtpm_hw *hw, const u8 *state_key, struct vtpm_hw_keys *keys)
{
	memcpy(keys->mrk_name, hw->mrk_name, VTPM_NAME_LEN);
	memcpy(keys->vmk_name, hw->vmk_name, VTPM_NAME_LEN);
	memcpy(keys->vmk_auth, hw->vmk_auth, VTPM_AUTH_LEN);
	memcpy(&keys->vmk, &hw->vmk, sizeof(keys->vmk));
	return vtpm_statekey_seal(hw, state_key, &keys->state_key);
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
